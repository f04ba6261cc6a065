"""A folder of OpenPose frames: `…_000000000012_keypoints.json`, model BODY_25.

Keypoints by their number (OpenPose, "Output"): 0 nose, 2 and 5 shoulders, 9 to 14 hips, knees and ankles,
19 to 24 feet. A point not found is written as 0, 0 with confidence 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach.core.pose import Keypoint
from coach.core.units import FloatArray
from coach.edges.files.pose_imports.clip import Clip, read_text
from coach.edges.files.pose_imports.runner_choice import runner_of
from coach.edges.files.poses_file import PosesHeader, RecordedFrame
from coach.errors import FormatError, SourceError

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
_NUMBERED: Final = re.compile(r"(\d+)(?:_keypoints)?\.json$")


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
        people: list[Any] = json.loads(read_text(path))["people"]
        persons = [np.array(person["pose_keypoints_2d"], dtype=np.float64).reshape(-1, 3) for person in people]
    except (KeyError, TypeError, ValueError):
        raise FormatError(f"{path} is no OpenPose frame: it has no people with pose_keypoints_2d") from None
    if any(len(person) != POINTS for person in persons):
        raise FormatError(f"{path} has {len(persons[0])} keypoints a person; only BODY_25 with its feet is understood")
    return [person[[BODY_25[keypoint] for keypoint in Keypoint]] for person in persons]
