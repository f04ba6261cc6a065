"""What two seconds of poses say about where the camera stands."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from coach.core.gait.camera_view import facing_side, leg_length_px, median_known
from coach.core.pose import Keypoint
from coach.core.units import FloatArray

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
