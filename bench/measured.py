"""The measured runners and the scoring rules that lie beside them; nothing of either is part of this project."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coach.core.pose import Keypoint

_SIDES = ("right", "left")
_JOINTS = ("hip", "knee", "ankle", "heel", "foot_index")
POSE_ROWS = np.array([Keypoint[f"{s}_{j}".upper()] for s in _SIDES for j in _JOINTS])
"""Where the recordings' keypoints go in a pose."""


def data_folder() -> Path:
    """COACH_TEST_DATA; ends the program with a word where it is not set."""
    folder = os.environ.get("COACH_TEST_DATA")
    if not folder:
        raise SystemExit("set COACH_TEST_DATA to the folder with the measured data")
    return Path(folder)


@cache
def scoring() -> Any:
    """The module `score_replay`, with the filming functions it imports."""
    folder = str(data_folder().parent / "eval")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("score_replay")


def filming() -> Any:
    """The module `make_poses`."""
    scoring()
    return importlib.import_module("make_poses")


def trials_of() -> dict[str, Callable[[], Any]]:
    """{name: function that builds the trial}."""
    folder = data_folder() / "rbds"
    found: dict[str, Callable[[], Any]] = filming().load_trials(folder / "keypoints_60hz.npz", folder / "events.json")
    return found
