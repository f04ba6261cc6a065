"""The commands: parsing and messages, nothing else."""


def main() -> None:
    """Console script `coach`."""
