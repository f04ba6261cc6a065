"""What every import ends as: keypoints over time under Coach's own names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from coach.core.pose import KEYPOINT_NAMES, SIDES, Keypoint, Pose
from coach.core.units import BoolArray, FloatArray
from coach.edges.files.poses_file import PosesHeader, RecordedFrame
from coach.errors import FormatError, SourceError

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
        late = np.flatnonzero(~(np.diff(self.times_s) > 0))
        if late.size:
            before, after = self.times_s[late[0]], self.times_s[late[0] + 1]
            raise FormatError(f"{path}: time does not rise from {before:g} s to {after:g} s")
        width, height = (max(math.ceil(float(most)) + 1, 1) for most in np.nanmax(self.xy_px, axis=(0, 1)))
        rate = fps or (1 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else math.nan)
        return PosesHeader(width, height, rate, KEYPOINT_NAMES, path.name, whole_picture=False), self._frames(seen)

    def _frames(self, seen: BoolArray) -> Iterator[RecordedFrame]:
        for t_s, xy_px, confidence, known in zip(self.times_s.tolist(), self.xy_px, self.confidence, seen, strict=True):
            if not known.any():
                yield t_s, None, None
                continue
            points, sure = xy_px.copy(), np.where(known, confidence, 0.0)
            points[~known] = np.nan
            yield t_s, Pose(t_s, points, sure), None


def read_text(path: Path) -> str:
    """A whole text file. Raises SourceError where it cannot be read, FormatError where it is no text."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{path} is not text") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}; check the path") from None


def number(cell: str) -> float:
    """A number, NaN for an empty cell. Raises ValueError for other words."""
    return float(cell) if cell.strip() else math.nan
