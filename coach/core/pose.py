"""A 2D pose in pixels, and the names of its keypoints.

Every pose carries the same thirteen keypoints in the same order, whatever found
it; a keypoint that was not seen is NaN. A pose recording of the legs alone is
therefore an ordinary pose with a NaN trunk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

import numpy as np

from coach.core.units import FloatArray

Side = Literal["left", "right"]
"""The runner's own side. As `facing` it is the side of the image that the runner looks at."""

SIDES: Final[tuple[Side, Side]] = ("left", "right")


class Keypoint(IntEnum):
    """Row of a keypoint in `Pose.xy_px`."""

    NOSE = 0
    LEFT_SHOULDER = 1
    RIGHT_SHOULDER = 2
    LEFT_HIP = 3
    RIGHT_HIP = 4
    LEFT_KNEE = 5
    RIGHT_KNEE = 6
    LEFT_ANKLE = 7
    RIGHT_ANKLE = 8
    LEFT_HEEL = 9
    RIGHT_HEEL = 10
    LEFT_FOOT_INDEX = 11
    RIGHT_FOOT_INDEX = 12


KEYPOINT_NAMES: Final = tuple(k.name.lower() for k in Keypoint)
LEG_JOINTS: Final = ("hip", "knee", "ankle", "heel", "foot_index")
LEG_ROWS: Final[dict[Side, tuple[int, ...]]] = {
    side: tuple(Keypoint[f"{side}_{joint}".upper()] for joint in LEG_JOINTS) for side in SIDES
}


def require_time(t_s: float) -> None:
    """Raises ValueError where a frame's time is no number."""
    if not math.isfinite(t_s):
        raise ValueError(f"a frame's time is {t_s}: give seconds, rising from frame to frame")


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the runner's keypoints are in one frame.

    xy_px: (13, 2), x right and y down as in the image; NaN for a keypoint not seen.
    confidence: (13,), 0 to 1 as the network says it; networks are often sure of their mistakes.
    Both are copied: a buffer may be filled anew for every frame. Raises ValueError for another shape, or no time.
    """

    t_s: float
    xy_px: FloatArray
    confidence: FloatArray

    def __post_init__(self) -> None:
        require_time(self.t_s)
        self._own("xy_px", (len(Keypoint), 2))
        self._own("confidence", (len(Keypoint),))

    def _own(self, name: str, shape: tuple[int, ...]) -> None:
        values = np.array(getattr(self, name), np.float64, order="C")
        if values.shape != shape:
            raise ValueError(f"{name} of a pose is {values.shape}, not {shape}: {', '.join(KEYPOINT_NAMES)}")
        object.__setattr__(self, name, values)

    def leg_px(self, side: Side) -> FloatArray:
        """(5, 2): hip, knee, ankle, heel, foot index of one leg."""
        return self.xy_px[list(LEG_ROWS[side])]


def other(side: Side) -> Side:
    """The opposite side."""
    return "left" if side == "right" else "right"


def empty_keypoints() -> tuple[FloatArray, FloatArray]:
    """(xy_px, confidence) with nothing seen, to be filled in."""
    return np.full((len(Keypoint), 2), np.nan), np.zeros(len(Keypoint))
