"""Where the packaged files are: assets and the default configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent
_ROOT: Final = _PACKAGE if (_PACKAGE / "config.toml").exists() else _PACKAGE.parent
"""Inside the wheel the files lie in the package; in a checkout beside it."""


def asset(*parts: str) -> Path:
    """Path of a file or folder below `assets/`."""
    return _ROOT.joinpath("assets", *parts)


def default_config() -> Path:
    """Path of the documented default configuration."""
    return _ROOT / "config.toml"
