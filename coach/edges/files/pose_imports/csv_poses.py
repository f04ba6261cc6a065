"""A table with named columns: `t_s` or `frame`, `left_hip_x`, `left_hip_y`, perhaps `left_hip_confidence` …; pixels."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.pose import Keypoint
from coach.core.units import FloatArray
from coach.edges.files.pose_imports.clip import Clip, keypoint_named, number, read_text
from coach.edges.files.poses_file import PosesHeader, RecordedFrame
from coach.errors import FormatError

_TIMES: Final = ("t_s", "time_s", "time", "t", "timestamp")
_FRAMES: Final = ("frame", "frame_number", "frame_index")
_PARTS: Final = {"x": 0, "y": 1, "confidence": 2, "score": 2, "likelihood": 2, "visibility": 2}


def read_table(path: Path, fps: float | None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """One row a frame; empty cells are points not seen; y points down. Raises SourceError or FormatError."""
    lines = read_text(path).splitlines()
    head = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=max(",;\t", key=head.count))
    names = [name.strip().lower() for name in next(rows, [])]
    columns = {column: part for column, name in enumerate(names) if (part := _part(name)) is not None}
    if not columns:
        raise FormatError(f"{path} line 1 names no keypoint; columns are called left_hip_x, left_hip_y and so on")
    time = _time_column(path, names, fps)
    times: list[float] = []
    frames: list[FloatArray] = []
    for index, cells in enumerate(rows, 2):
        if not any(cells):
            continue
        try:
            times.append(float(cells[time]))
            frames.append(_points(cells, columns))
        except (ValueError, IndexError):
            raise FormatError(f"{path} line {index} is not a row of {len(names)} numbers") from None
    if not frames:
        raise FormatError(f"{path} has no rows")
    points = np.stack(frames)
    times_s = np.array(times) if fps is None else (np.array(times) - times[0]) / fps
    return Clip(times_s, points[..., :2], points[..., 2]).recording(path, fps)


def _part(name: str) -> tuple[Keypoint, int] | None:
    """Keypoint and which of its numbers a column holds; None for other columns."""
    joint, _, last = name.rpartition("_")
    keypoint = keypoint_named(joint)
    return None if keypoint is None or last not in _PARTS else (keypoint, _PARTS[last])


def _time_column(path: Path, names: Sequence[str], fps: float | None) -> int:
    """The column of seconds, or with a frame rate that of frame numbers."""
    wanted = _TIMES if fps is None else _FRAMES
    found = next((names.index(name) for name in wanted if name in names), None)
    if found is not None:
        return found
    if fps is None:
        raise FormatError(f"{path} line 1 names no column t_s; add one in seconds, or a column frame and --fps")
    raise FormatError(f"{path} line 1 names no column frame, which --fps needs; with a column t_s leave --fps away")


def _points(cells: Sequence[str], columns: dict[int, tuple[Keypoint, int]]) -> FloatArray:
    """(13, 3) x, y, confidence of a row; confidence is 1 where there is no column for it."""
    points = np.full((len(Keypoint), 3), np.nan)
    points[:, 2] = 1.0
    for column, (keypoint, part) in columns.items():
        points[keypoint, part] = number(cells[column])
    points[:, 2] = np.nan_to_num(points[:, 2])
    return points
