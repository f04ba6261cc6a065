"""Poses that other programs found: OpenPose folders, marker files and tables, through one door."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach.core.bounds import CONFIDENCE, PIXEL, TIME_S, Bounds, Clock
from coach.core.pose import KEYPOINT_NAMES, SIDES, Keypoint, Pose
from coach.core.units import BoolArray, FloatArray
from coach.edges.files.poses_file import PosesHeader, RecordedFrame, read_poses
from coach.edges.files.runner_choice import runner_of
from coach.errors import FormatError, SourceError
from coach.paths import is_folder
from coach.plain_records import json_value, text_file

_JOINTS: Final[Mapping[str, str]] = {
    "shoulder": "shoulder",
    "hip": "hip",
    "knee": "knee",
    "ankle": "ankle",
    "heel": "heel",
    "bigtoe": "foot_index",
    "toe": "foot_index",
    "footindex": "foot_index",
}
_NEEDED: Final = tuple(
    Keypoint[f"{side}_{joint}".upper()] for side in SIDES for joint in ("hip", "knee", "ankle")
)  # fmt: skip


def keypoint_named(name: str) -> Keypoint | None:
    """The keypoint that a program calls so: `left_hip`, `LHip`, `L_HIP`, `RBigToe` …; None for others."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    if letters == "nose":
        return Keypoint.NOSE
    for side in SIDES:
        for prefix in (side, side[0]):
            joint = _JOINTS.get(letters.removeprefix(prefix)) if letters.startswith(prefix) else None
            if joint is not None:
                return Keypoint[f"{side}_{joint}".upper()]
    return None


@dataclass(frozen=True, slots=True)
class Clip:
    """Keypoints over time. xy_px: (N, 13, 2), y down, NaN where not seen; confidence: (N, 13)."""

    times_s: FloatArray
    xy_px: FloatArray
    confidence: FloatArray

    def recording(self, path: Path, fps: float | None = None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
        """As a recording; the picture's size is what the keypoints span, since such files do not tell it.

        Raises FormatError where a leg is missing or time does not rise.
        """
        seen: BoolArray = np.asarray(np.isfinite(self.xy_px).all(axis=2))
        lacking = [KEYPOINT_NAMES[row] for row in _NEEDED if not seen[:, row].any()]
        if lacking:
            raise FormatError(f"{path} lacks {', '.join(lacking)}; both legs are needed, hip, knee and ankle")
        clock = Clock()
        try:
            for t_s in self.times_s.tolist():
                clock.tick(t_s, rising=True)
            width, height = (math.ceil(PIXEL.given(float(most))) + 1 for most in np.nanmax(self.xy_px, axis=(0, 1)))
        except ValueError as error:
            raise FormatError(f"{path}: {error}") from None
        rate = fps or (1 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else math.nan)
        return PosesHeader(
            max(width, 1), max(height, 1), rate, KEYPOINT_NAMES, path.name, whole_picture=False
        ), self._frames(seen)

    def _frames(self, seen: BoolArray) -> Iterator[RecordedFrame]:
        for t_s, xy_px, confidence, known in zip(self.times_s.tolist(), self.xy_px, self.confidence, seen, strict=True):
            if not known.any():
                yield t_s, None, None
                continue
            points, sure = xy_px.copy(), np.where(known, confidence, 0.0).clip(0.0, 1.0)
            points[~known] = np.nan
            yield t_s, Pose(t_s, points, sure), None


def read_text(path: Path) -> str:
    """A whole text file. Raises SourceError where it cannot be read, FormatError where it is no text."""
    try:
        return text_file(path)
    except UnicodeError:
        raise FormatError(f"{path} is not text") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}; check the path") from None


def number(cell: str, bounds: Bounds = PIXEL) -> float:
    """A number, NaN for an empty cell and for `nan`, as tables write it. Raises ValueError for other words."""
    return math.nan if cell.strip().lower() in {"", "nan"} else bounds.read(cell)


_TIMES: Final = ("t_s", "time_s", "time", "t", "timestamp")
_FRAMES: Final = ("frame", "frame_number", "frame_index")
_SURE: Final = 2
_PARTS: Final = {"x": 0, "y": 1, "confidence": _SURE, "score": _SURE, "likelihood": _SURE, "visibility": _SURE}


def read_table(path: Path, fps: float | None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """One row a frame; empty cells are points not seen; y points down. Raises SourceError or FormatError."""
    lines = read_text(path).splitlines()
    head = lines[0] if lines else ""
    rows = _cells(path, lines, max(",;\t", key=head.count))
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
            times.append(TIME_S.read(cells[time]))
            frames.append(_points(cells, columns))
        except (ValueError, IndexError) as error:
            said = f": {error}" if isinstance(error, ValueError) else ""
            raise FormatError(f"{path} line {index} is not a row of {len(names)} numbers{said}") from None
    if not frames:
        raise FormatError(f"{path} has no rows")
    points = np.stack(frames)
    times_s = np.array(times) if fps is None else (np.array(times) - times[0]) / fps
    return Clip(times_s, points[..., :2], points[..., 2]).recording(path, fps)


def _cells(path: Path, lines: list[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each line. Raises FormatError for one that no table has, such as a cell of a megabyte."""
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as error:
        raise FormatError(f"{path} is no table: {error}") from None


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
        points[keypoint, part] = number(cells[column], CONFIDENCE if part == _SURE else PIXEL)
    points[:, 2] = np.nan_to_num(points[:, 2])
    return points


POINTS: Final = 25
BODY_25: Final = {
    Keypoint.NOSE: 0,
    Keypoint.RIGHT_SHOULDER: 2,
    Keypoint.LEFT_SHOULDER: 5,
    Keypoint.RIGHT_HIP: 9,
    Keypoint.RIGHT_KNEE: 10,
    Keypoint.RIGHT_ANKLE: 11,
    Keypoint.LEFT_HIP: 12,
    Keypoint.LEFT_KNEE: 13,
    Keypoint.LEFT_ANKLE: 14,
    Keypoint.LEFT_FOOT_INDEX: 19,
    Keypoint.LEFT_HEEL: 21,
    Keypoint.RIGHT_FOOT_INDEX: 22,
    Keypoint.RIGHT_HEEL: 24,
}
_NUMBERED: Final = re.compile(r"([0-9]{1,12})(?:_keypoints)?\.json$")


def read_openpose(folder: Path, fps: float | None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """The runner of every frame; a number that is missing is a frame that is missing.

    Raises SourceError for a folder without frames, FormatError without `fps` or for other content.
    """
    files = _files(folder)
    if fps is None:
        raise FormatError(f"{folder} says nothing of time; add --fps with the frames a second of the video")
    first = min(files)
    points = np.full((len(files), len(Keypoint), 3), np.nan)
    people = [_people(files[index]) for index in sorted(files)]
    for row, person in enumerate(runner_of(people)):
        if person is not None:
            points[row] = person
    points[~(points[..., 2] > 0)] = np.nan
    times_s = np.array([(index - first) / fps for index in sorted(files)])
    return Clip(times_s, points[..., :2], np.nan_to_num(points[..., 2])).recording(folder, fps)


def _files(folder: Path) -> dict[int, Path]:
    """The frames by their number."""
    try:
        found = {int(m[1]): path for path in folder.iterdir() if (m := _NUMBERED.search(path.name))}
    except OSError as error:
        raise SourceError(f"cannot read {folder}: {error.strerror or error}; check the path") from None
    if not found:
        raise SourceError(f"{folder} holds no OpenPose frames (…_keypoints.json); give the folder that does")
    return found


def _people(path: Path) -> list[FloatArray]:
    """(13, 3) x, y, confidence of everybody in a frame."""
    try:
        people: list[Any] = json_value(read_text(path))["people"]
        persons = [
            np.array([PIXEL.given(value) for value in person["pose_keypoints_2d"]]).reshape(-1, 3) for person in people
        ]
    except (KeyError, TypeError, ValueError):
        raise FormatError(f"{path} is no OpenPose frame: it has no people with pose_keypoints_2d") from None
    if any(len(person) != POINTS for person in persons):
        raise FormatError(f"{path} has {len(persons[0])} keypoints a person; only BODY_25 with its feet is understood")
    return [person[[BODY_25[keypoint] for keypoint in Keypoint]] for person in persons]


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
            times.append(TIME_S.read(cells[1]))
            points = np.full((len(Keypoint), 2), np.nan)
            for keypoint, column in columns.items():
                # A line may end early where its last markers are missing.
                points[keypoint] = [number(cell) for cell in (*cells[column : column + 2], "", "")[:2]]
        except (ValueError, IndexError):
            raise FormatError(f"{path} line {index} is no row of frame, time and numbers") from None
        frames.append(points)
    if not frames:
        raise FormatError(f"{path} has no rows")
    xy = np.stack(frames)
    # A place of which one coordinate is missing is no place.
    xy[~np.isfinite(xy).all(axis=2)] = np.nan
    return np.array(times), xy


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


__all__ = ["read_any_poses"]


def read_any_poses(path: Path, fps: float | None = None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """Poses of any known format: `coach.poses/1`, an OpenPose folder, a `.trc`, or a `.csv` with named columns.

    `fps` is the frame rate of files that say nothing of time. Raises SourceError for a path that cannot be read,
    FormatError for content that cannot be understood; for `coach.poses/1` also while the frames are read.
    """
    if fps is not None and not 1 <= fps <= 1000:
        raise FormatError(f"--fps {fps:g} is no frame rate; give the frames a second of the video, such as 30")
    if is_folder(path):
        return read_openpose(path, fps)
    kind = path.suffix.lower()
    if kind in {".csv", ".tsv"}:
        return read_table(path, fps)
    if kind == ".json":
        raise FormatError(f"{path} is one frame at most; give the folder that holds all of them")
    if fps is not None:
        raise FormatError(f"{path} says its own times; leave --fps away")
    return read_trc(path) if kind == ".trc" else read_poses(path)
