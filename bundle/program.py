"""The program inside the bundle: `coach`, and Python where Coach starts itself as that.

Speech and the trial of the sound card run in processes of their own, started as `python -P … script.py` and
`python -P -c code`. In a bundle `sys.executable` is this program, so it understands those words, and no others.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence

_ALONE = frozenset({"-P"})
_WITH_VALUE = frozenset({"-X"})


def python_part(arguments: Sequence[str]) -> tuple[str, ...] | None:
    """What a Python of its own was asked to run, without the options before it; None where Coach itself is meant."""
    rest = list(arguments)
    if not rest or rest[0] not in _ALONE | _WITH_VALUE:
        return None
    while rest and rest[0] in _ALONE | _WITH_VALUE:
        del rest[: 1 + (rest[0] in _WITH_VALUE)]
    return tuple(rest)


def run_python(part: Sequence[str]) -> None:
    """Run a script or `-c code` as the main module."""
    if part[0] == "-c":
        exec(part[1], {"__name__": "__main__"})  # noqa: S102 - Coach's own code, from its own command line
        return
    sys.argv = list(part)
    runpy.run_path(part[0], run_name="__main__")


def main() -> None:
    """Whoever double-clicks gives no arguments and wants to run."""
    part = python_part(sys.argv[1:])
    if part is not None:
        run_python(part)
        return
    from coach.cli import main as coach  # noqa: PLC0415 - the processes above need none of it

    coach(sys.argv[1:] or ["run"])


if __name__ == "__main__":
    main()
