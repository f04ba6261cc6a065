"""How the camera sees a body: how it is turned, how large the body is, and which way it looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.pose import Keypoint, Pose, Side
from coach.core.units import FloatArray

SHOULDERS_PER_TORSO: Final = 0.80
HIPS_PER_TORSO: Final = 0.35
"""Distance of the shoulder joints and of the hip joints, seen from the front, against the length of the torso.

From segment lengths as shares of height after Winter (2009): torso 0.288, shoulder joints about 0.23,
hip joints about 0.10.
"""


class CameraAngles(NamedTuple):
    """Degrees; all 0 exactly from the side.

    yaw +: it stands ahead of the runner. pitch +: it looks down. roll +: its picture's right side hangs down.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraView:
    """The camera's angles as the runner's bones and feet told them, each with its standard deviation, degrees.

    NaN while they are not known: what is measured is then the picture's own angle, right for a camera at the side.
    """

    yaw_deg: float = math.nan
    pitch_deg: float = math.nan
    roll_deg: float = math.nan
    yaw_sd_deg: float = math.nan
    pitch_sd_deg: float = math.nan
    roll_sd_deg: float = math.nan

    @property
    def known(self) -> bool:
        """Whether angles are measured in the sagittal plane."""
        return not math.isnan(self.yaw_deg)

    @property
    def angles(self) -> CameraAngles:
        """The angles alone; side-on while they are not known."""
        return CameraAngles(self.yaw_deg, self.pitch_deg, self.roll_deg) if self.known else CameraAngles()


UNKNOWN_CAMERA: Final = CameraView()


def camera_view(angles: CameraAngles, sd_deg: CameraAngles) -> CameraView:
    """Angles and their standard deviations in one."""
    return CameraView(*angles, *sd_deg)


def stacked(poses: Sequence[Pose]) -> FloatArray:
    """(N, 13, 2) of poses."""
    return np.stack([pose.xy_px for pose in poses])


def off_side_deg(xy_px: FloatArray) -> float:
    """How far the camera is turned from exactly side-on, in degrees, 0 to 90; NaN without a trunk.

    Trunk rotation swings about the belt's direction, so its signed median over some strides is the camera's.
    xy_px: (N, 13, 2).
    """
    shoulders = xy_px[:, [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]]
    hips = xy_px[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]]
    torso_px = median_known(np.linalg.norm(shoulders.mean(axis=1) - hips.mean(axis=1), axis=1))
    across_px = sum(abs(median_known(pair[:, 0, 0] - pair[:, 1, 0])) for pair in (shoulders, hips))
    if not torso_px > 0 or not math.isfinite(across_px):
        return math.nan
    return math.degrees(math.asin(min(across_px / (torso_px * (SHOULDERS_PER_TORSO + HIPS_PER_TORSO)), 1.0)))


def leg_length_px(xy_px: FloatArray) -> float:
    """Thigh and shank of the longer-looking leg, median, in pixels. xy_px: (N, 13, 2)."""
    lengths = []
    for side in ("LEFT", "RIGHT"):
        hip, knee, ankle = (xy_px[:, Keypoint[f"{side}_{joint}"]] for joint in ("HIP", "KNEE", "ANKLE"))
        lengths.append(median_known(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)))
    known = [length for length in lengths if math.isfinite(length)]
    return max(known, default=math.nan)


def facing_side(xy_px: FloatArray) -> Side | None:
    """Side of the image that feet and nose point to; None where they do not agree clearly. xy_px: (N, 13, 2)."""
    leg_px = leg_length_px(xy_px)
    feet = [
        median_known(xy_px[:, Keypoint[f"{side}_FOOT_INDEX"], 0] - xy_px[:, Keypoint[f"{side}_HEEL"], 0])
        for side in ("LEFT", "RIGHT")
    ]
    forward_px = float(np.nansum(feet))
    if not abs(forward_px) > 0.1 * leg_px:
        return None
    return "right" if forward_px > 0 else "left"


def median_known(values: FloatArray) -> float:
    """Median of what is not NaN; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan
