"""Places at which nobody can look: below a folder that may not be entered, and with a name that no disk takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def in_a_shut_folder(folder: Path) -> Path:
    """Skips for whoever may enter every folder."""
    shut = folder / "shut"
    shut.mkdir()
    shut.chmod(0)
    if os.access(shut, os.X_OK):
        pytest.skip("whoever runs this may enter every folder")
    return shut / "file"


def too_long(folder: Path) -> Path:
    """No disk takes more than 255 letters."""
    return folder / ("a" * 300)
