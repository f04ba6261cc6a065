"""How the camera sees a body: how it is turned, how large the body is, which way it looks, how it fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose, Side
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

    yaw: by how much it stands ahead of the runner, wherever in its picture the runner is; pitch and roll are its own.
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


UNKNOWN_CAMERA: Final = CameraView()


def camera_view(angles: CameraAngles, sd_deg: CameraAngles) -> CameraView:
    """Angles and their standard deviations in one."""
    return CameraView(*angles, *sd_deg)


def stacked(poses: Sequence[Pose]) -> FloatArray:
    """(N, 13, 2) of poses."""
    return np.array([pose.xy_px for pose in poses])


def off_side_deg(xy_px: FloatArray) -> float:
    """How far the camera is turned from exactly side-on, in degrees, 0 to 90; NaN without a trunk.

    Trunk rotation swings about the belt's direction, so its signed median over some strides is the camera's.
    xy_px: (N, 13, 2).
    """
    shoulders = xy_px[:, [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]]
    hips = xy_px[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]]
    torso_px = median_known(_lengths(shoulders.sum(axis=1) / 2 - hips.sum(axis=1) / 2))
    across_px = sum(abs(median_known(pair[:, 0, 0] - pair[:, 1, 0])) for pair in (shoulders, hips))
    if not torso_px > 0 or not math.isfinite(across_px):
        return math.nan
    return math.degrees(math.asin(min(across_px / (torso_px * (SHOULDERS_PER_TORSO + HIPS_PER_TORSO)), 1.0)))


def leg_length_px(xy_px: FloatArray) -> float:
    """Thigh and shank of the longer-looking leg, median, in pixels. xy_px: (N, 13, 2)."""
    lengths = []
    for side in SIDES:
        hip, knee, ankle = (xy_px[:, row] for row in LEG_ROWS[side][:3])
        lengths.append(median_known(_lengths(hip - knee) + _lengths(knee - ankle)))
    known = [length for length in lengths if math.isfinite(length)]
    return max(known, default=math.nan)


def _lengths(vectors: FloatArray) -> FloatArray:
    """(N, 2) → (N,)."""
    return np.asarray(np.sqrt(np.square(vectors).sum(axis=1)))


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
    if not len(known):
        return math.nan
    # The library's own costs four times as much for so few.
    known.sort()
    return 0.5 * (known.item((len(known) - 1) // 2) + known.item(len(known) // 2))


HEAD_PER_BODY: Final = 0.07
"""The crown lies this far above the nose, against the height from nose to feet."""
_SOLES: Final = (Keypoint.LEFT_HEEL, Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_HEEL, Keypoint.RIGHT_FOOT_INDEX)
_LEAST_PATH_LL: Final = 0.4
"""A foot that travels less than this along the belt stands; a path that short has no direction."""
_LEAST_POINTS: Final = 16
_LEAST_STANDING: Final = 6
_LOW_PERCENTILE: Final = 55.0
"""A foot is on the belt for about a third of the stride; the lower half of its way holds all of that."""
_LEVEL_LL: Final = 0.01
_STANDS_LL: Final = (-0.25, 0.30)
"""Where a foot stands flat, against the hips: before, it lands; behind, the heel is up."""


def smallest_margin_pct(xy_px: FloatArray, width_px: int, height_px: int) -> float:
    """Least distance of crown and feet from the picture's edge, in per cent of its height; negative outside.

    A keypoint not seen in more than a tenth of the frames counts as outside. xy_px: (N, 13, 2).
    """
    feet, nose = xy_px[:, list(_SOLES)], xy_px[:, Keypoint.NOSE]
    unseen = np.isnan(feet[..., 0]).mean(axis=0).max(initial=0.0)
    if unseen > 0.1:
        return -1.0
    body_px = median_known(feet[..., 1].max(axis=1) - nose[:, 1])
    crown_px = _low(nose[:, 1]) - HEAD_PER_BODY * body_px
    margins = [
        _low(feet[..., 0].min(axis=1)),
        width_px - 1 - _high(feet[..., 0].max(axis=1)),
        height_px - 1 - _high(feet[..., 1].max(axis=1)),
        *([crown_px] if math.isfinite(crown_px) else []),
    ]
    return 100.0 * min(margins) / height_px


def roll_deg(xy_px: FloatArray) -> float:
    """How far the belt climbs to the right in the picture, in degrees: the camera's roll and the incline together.

    While the near foot stands under the body, it is carried along the belt: the median direction of that motion.
    (A line through the lowest points of the foot's path was tried first: twice the scatter on networks' feet.)
    NaN while the foot does not travel. xy_px: (N, 13, 2), evenly spaced.
    """
    side = facing_side(xy_px)
    if side is None:
        return math.nan
    rows = [Keypoint[f"{side.upper()}_{joint}"] for joint in ("ANKLE", "HEEL", "FOOT_INDEX")]
    hips = xy_px[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]].mean(axis=1)
    seen = np.isfinite(xy_px[:, rows]).all(axis=(1, 2)) & np.isfinite(hips).all(axis=1)
    foot, hips = xy_px[seen][:, rows].mean(axis=1), hips[seen]
    return _carried_deg(foot, hips, 1.0 if side == "right" else -1.0, leg_length_px(xy_px))


def _carried_deg(foot: FloatArray, hips: FloatArray, facing: float, leg_px: float) -> float:
    """Direction in which the standing foot moves. foot, hips: (M, 2); facing: 1 to the right, -1 to the left."""
    if len(foot) < _LEAST_POINTS or not np.ptp(foot[:, 0]) > _LEAST_PATH_LL * leg_px:
        return math.nan
    motion, middle = foot[2:] - foot[:-2], foot[1:-1]
    ahead_ll = (middle[:, 0] - hips[1:-1, 0]) * facing / leg_px
    low = middle[:, 1] > np.percentile(middle[:, 1], _LOW_PERCENTILE) - _LEVEL_LL * leg_px
    stands = low & (motion[:, 0] * facing < 0) & (ahead_ll > _STANDS_LL[0]) & (ahead_ll < _STANDS_LL[1])
    if stands.sum() < _LEAST_STANDING:
        return math.nan
    speed = np.abs(motion[:, 0])
    stands &= speed > 0.6 * np.percentile(speed[stands], 80)
    along = motion[stands]
    return -math.degrees(math.atan(median_known(along[:, 1]) / median_known(along[:, 0])))


def _low(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.percentile(known, 3)) if len(known) else math.nan


def _high(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.percentile(known, 97)) if len(known) else math.nan
