"""What is known to be wrong with the network's hips on a runner, taken back.

At peak swing the network drags the near hip forward with the thigh, which makes the knee look straighter.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from coach.core.pose import SIDES, Keypoint, Pose
from coach.core.units import FloatArray

_TO_MID_HIP: Final = 0.5
"""Each hip moves this share of the way to mid-hip: seen from the side they are one behind the other."""

_BACK_LL: Final = 0.015
"""Then this many leg lengths backward, measured on treadmill runners annotated by hand."""

_LEG_S: Final = 2.0


class HipCorrection:
    """Corrects poses one after the other; remembers the leg's length."""

    def __init__(self) -> None:
        self._legs_px: deque[tuple[float, float]] = deque()

    def correct(self, pose: Pose, facing_sign: int) -> Pose:
        """The pose with corrected hips. facing_sign: +1 where the runner looks to image-right, −1 to the left."""
        self._legs_px.append((pose.t_s, _leg_length_px(pose)))
        while pose.t_s - self._legs_px[0][0] > _LEG_S:
            self._legs_px.popleft()
        leg_px = float(np.nanmedian([length for _, length in self._legs_px]))
        rows = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
        xy_px = pose.xy_px.copy()
        hips: FloatArray = xy_px[rows]
        hips += _TO_MID_HIP * (hips.mean(axis=0) - hips)
        hips[:, 0] -= facing_sign * _BACK_LL * leg_px
        xy_px[rows] = hips
        return Pose(t_s=pose.t_s, xy_px=xy_px, confidence=pose.confidence)


def _leg_length_px(pose: Pose) -> float:
    """Thigh + shank, mean of both legs."""
    lengths = []
    for side in SIDES:
        hip, knee, ankle = pose.leg_px(side)[:3]
        lengths.append(np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle))
    return float(np.mean(lengths))
