"""What two seconds of poses say about where the camera stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from coach.core.pose import Keypoint, Pose, Side
from coach.core.units import FloatArray

SHOULDERS_PER_TORSO: Final = 0.80
HIPS_PER_TORSO: Final = 0.35
"""Distance of the shoulder joints and of the hip joints, seen from the front, against the length of the torso.

From segment lengths as shares of height after Winter (2009): torso 0.288, shoulder joints about 0.23,
hip joints about 0.10.
"""
HEAD_PER_BODY: Final = 0.07
"""The crown lies this far above the nose, against the height from nose to feet."""
_SOLES: Final = (Keypoint.LEFT_HEEL, Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_HEEL, Keypoint.RIGHT_FOOT_INDEX)
_LEAST_PATH_LL: Final = 0.4
"""A foot that travels less than this along the belt stands; a path that short has no direction."""
_LEAST_POINTS: Final = 16
_STANCE_BAND_LL: Final = 0.12
"""Points this close to the lowest are tried first: the belt rises by 0.06 over a stance at 4° of roll."""
_EDGE_LL: Final = 0.02


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
    torso_px = _median(np.linalg.norm(shoulders.mean(axis=1) - hips.mean(axis=1), axis=1))
    across_px = sum(abs(_median(pair[:, 0, 0] - pair[:, 1, 0])) for pair in (shoulders, hips))
    if not torso_px > 0 or not math.isfinite(across_px):
        return math.nan
    return math.degrees(math.asin(min(across_px / (torso_px * (SHOULDERS_PER_TORSO + HIPS_PER_TORSO)), 1.0)))


def smallest_margin_pct(xy_px: FloatArray, width_px: int, height_px: int) -> float:
    """Least distance of crown and feet from the picture's edge, in per cent of its height; negative outside.

    A keypoint not seen in more than a tenth of the frames counts as outside. xy_px: (N, 13, 2).
    """
    feet, nose = xy_px[:, list(_SOLES)], xy_px[:, Keypoint.NOSE]
    unseen = np.isnan(feet[..., 0]).mean(axis=0).max(initial=0.0)
    if unseen > 0.1:
        return -1.0
    body_px = _median(feet[..., 1].max(axis=1) - nose[:, 1])
    crown_px = _low(nose[:, 1]) - HEAD_PER_BODY * body_px
    margins = [
        _low(feet[..., 0].min(axis=1)),
        width_px - 1 - _high(feet[..., 0].max(axis=1)),
        height_px - 1 - _high(feet[..., 1].max(axis=1)),
        *([crown_px] if math.isfinite(crown_px) else []),
    ]
    return 100.0 * min(margins) / height_px


def leg_length_px(xy_px: FloatArray) -> float:
    """Thigh and shank of the longer-looking leg, median, in pixels. xy_px: (N, 13, 2)."""
    lengths = []
    for side in ("LEFT", "RIGHT"):
        hip, knee, ankle = (xy_px[:, Keypoint[f"{side}_{joint}"]] for joint in ("HIP", "KNEE", "ANKLE"))
        lengths.append(_median(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)))
    known = [length for length in lengths if math.isfinite(length)]
    return max(known, default=math.nan)


def facing_side(xy_px: FloatArray) -> Side | None:
    """Side of the image that feet and nose point to; None where they do not agree clearly. xy_px: (N, 13, 2)."""
    leg_px = leg_length_px(xy_px)
    feet = [
        _median(xy_px[:, Keypoint[f"{side}_FOOT_INDEX"], 0] - xy_px[:, Keypoint[f"{side}_HEEL"], 0])
        for side in ("LEFT", "RIGHT")
    ]
    forward_px = float(np.nansum(feet))
    if not abs(forward_px) > 0.1 * leg_px:
        return None
    return "right" if forward_px > 0 else "left"


def roll_deg(xy_px: FloatArray) -> float:
    """How far the belt climbs to the right in the picture, in degrees: the camera's roll and the incline together.

    On the belt a foot's lowest point, heel or toe, slides along one straight line: the lower edge of its path.
    NaN while the feet do not travel. xy_px: (N, 13, 2).
    """
    leg_px = leg_length_px(xy_px)
    slopes = [_climb(_lowest_points(xy_px, side), leg_px) for side in ("LEFT", "RIGHT")]
    known = [slope for slope in slopes if math.isfinite(slope)]
    return math.degrees(math.atan(sum(known) / len(known))) if known else math.nan


def _lowest_points(xy_px: FloatArray, side: str) -> FloatArray:
    """(M, 2) the lower of heel and toe in each frame that shows both."""
    foot = xy_px[:, [Keypoint[f"{side}_HEEL"], Keypoint[f"{side}_FOOT_INDEX"]]]
    foot = foot[np.isfinite(foot).all(axis=(1, 2))]
    return foot[np.arange(len(foot)), foot[..., 1].argmax(axis=1)] if len(foot) else np.empty((0, 2))


def _climb(path: FloatArray, leg_px: float) -> float:
    """Rise over run of the lower edge of a path (y is down in the image); NaN for a foot that stands."""
    if len(path) < _LEAST_POINTS or not np.ptp(path[:, 0]) > _LEAST_PATH_LL * leg_px:
        return math.nan
    x, y = path.T
    near = y > y.max() - _STANCE_BAND_LL * leg_px
    for _ in range(6):
        if near.sum() < _LEAST_POINTS // 2:
            return math.nan
        slope, level = np.polyfit(x[near], y[near], 1)
        # Points above the line belong to the swing: the line sinks to the lower edge, step by step.
        near = y > slope * x + level - _EDGE_LL * leg_px
    return -float(slope)


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def _low(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.percentile(known, 3)) if len(known) else math.nan


def _high(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.percentile(known, 97)) if len(known) else math.nan
