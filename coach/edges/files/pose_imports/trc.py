"""Marker files (`.trc`) of Sports2D, Pose2Sim and other programs; the runner is seen in the plane of X and Y."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.pose import Keypoint
from coach.core.units import FloatArray
from coach.edges.files.pose_imports.clip import Clip, keypoint_named, number, read_text
from coach.edges.files.poses_file import PosesHeader, RecordedFrame
from coach.errors import FormatError

_PIXELS_PER_METRE: Final = 1000.0
"""Coach measures in leg lengths; any scale will do that leaves the legs hundreds of pixels long."""
_LONGEST_LEG_M: Final = 10.0
"""A leg longer than this is written in millimetres or pixels."""
_HEADER_LINES: Final = 5
_AXES: Final = 3


def read_trc(path: Path) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """The markers that Coach knows. Raises SourceError or FormatError.

    Which way Y points is taken from the runner: the hips are above the ankles.
    """
    lines = read_text(path).splitlines()
    if not lines or not lines[0].startswith("PathFileType") or len(lines) <= _HEADER_LINES:
        raise FormatError(f"{path} is no marker file: it does not begin with PathFileType and five lines of header")
    columns = _columns(path, lines[3])
    times_s, xy = _rows(path, lines, columns)
    clip = Clip(times_s, _in_pixels(xy), np.where(np.isfinite(xy).all(axis=2), 1.0, 0.0))
    return clip.recording(path)


def _columns(path: Path, names: str) -> dict[Keypoint, int]:
    """Column of X for each known marker: every third one from the third on, named or not."""
    cells = names.split("\t")
    found: dict[Keypoint, int] = {}
    for column, name in enumerate(cells):
        keypoint = keypoint_named(name)
        if keypoint is not None and keypoint not in found and (column - 2) % _AXES == 0:
            found[keypoint] = column
    if not found:
        raise FormatError(f"{path} line 4 names no marker that is known, such as LHip or left_hip")
    return found


def _rows(path: Path, lines: list[str], columns: dict[Keypoint, int]) -> tuple[FloatArray, FloatArray]:
    """(N,) times and (N, 13, 2) X and Y."""
    times: list[float] = []
    frames: list[FloatArray] = []
    for index, line in enumerate(lines[_HEADER_LINES:], _HEADER_LINES + 1):
        cells = line.split("\t")
        if not line.strip():
            continue
        try:
            times.append(float(cells[1]))
            points = np.full((len(Keypoint), 2), np.nan)
            for keypoint, column in columns.items():
                # A line may end early where its last markers are missing.
                points[keypoint] = [number(cell) for cell in (*cells[column : column + 2], "", "")[:2]]
        except (ValueError, IndexError):
            raise FormatError(f"{path} line {index} is no row of frame, time and numbers") from None
        frames.append(points)
    if not frames:
        raise FormatError(f"{path} has no rows")
    return np.array(times), np.stack(frames)


def _in_pixels(xy: FloatArray) -> FloatArray:
    """Y down, the least coordinate at 0, metres blown up."""
    hips = xy[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]]
    ankles = xy[:, [Keypoint.LEFT_ANKLE, Keypoint.RIGHT_ANKLE]]
    if not (np.isfinite(hips).any() and np.isfinite(ankles).any()):
        return xy
    drop = float(np.nanmedian(hips[..., 1]) - np.nanmedian(ankles[..., 1]))
    turned = xy * [1.0, -1.0] if drop > 0 else xy
    scale = _PIXELS_PER_METRE if abs(drop) < _LONGEST_LEG_M else 1.0
    return np.asarray((turned - np.nanmin(turned, axis=(0, 1))) * scale)
