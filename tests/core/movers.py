"""People who do not run: somebody who walks, and somebody who stands, as poses.

The walker's joint angles are those of textbook level walking (Winter 2009): 60° of knee flexion in swing, 18° in
loading, hips lowest in double support.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from coach.core.pose import LEG_ROWS, Keypoint, Pose, Side
from coach.core.units import FloatArray

_PERCENT = np.array([0, 15, 40, 50, 62, 72, 85, 100]) / 100
_KNEE_DEG = CubicSpline(_PERCENT, [5, 18, 5, 10, 37, 60, 32, 5], bc_type="periodic")
_HIP_DEG = CubicSpline(np.array([0, 25, 50, 62, 85, 100]) / 100, [28, 12, -10, -4, 30, 28], bc_type="periodic")
LEG_PX = 200.0


def walking(t_s: float, hz: float = 0.95, facing: Side = "right") -> FloatArray:
    """Keypoints (13, 2) of a treadmill walker at `t_s`; `hz` strides a second."""
    points = np.full((len(Keypoint), 2), np.nan)
    hip_up = 0.02 * np.cos(4 * np.pi * (t_s * hz - 0.30))
    for i, side in enumerate(("left", "right")):
        share = (t_s * hz + 0.5 * i) % 1.0
        points[list(LEG_ROWS[side])] = _leg(float(_HIP_DEG(share)), float(_KNEE_DEG(share)), hip_up)
    return _filmed(points, facing)


def standing(facing: Side = "right") -> FloatArray:
    """Keypoints (13, 2) of somebody who stands."""
    points = np.full((len(Keypoint), 2), np.nan)
    for i, side in enumerate(("left", "right")):
        points[list(LEG_ROWS[side])] = _leg(4.0 + 2 * i, 6.0, 0.0)
    return _filmed(points, facing)


def as_pose(t_s: float, xy_px: FloatArray) -> Pose:
    """A pose that is sure of itself."""
    return Pose(t_s, xy_px, np.full(len(Keypoint), 0.99))


def _leg(hip_deg: float, knee_deg: float, hip_up: float) -> FloatArray:
    """(5, 2) hip, knee, ankle, heel, toe; forward and up, in leg lengths."""
    thigh, shank = np.radians(hip_deg), np.radians(hip_deg - knee_deg)
    hip = np.array([0.0, 1.1 + hip_up])
    knee = hip + 0.5 * np.array([np.sin(thigh), -np.cos(thigh)])
    ankle = knee + 0.5 * np.array([np.sin(shank), -np.cos(shank)])
    along, across = np.array([np.cos(shank), np.sin(shank)]), np.array([np.sin(shank), -np.cos(shank)])
    return np.array([hip, knee, ankle, ankle - 0.05 * along + 0.07 * across, ankle + 0.15 * along + 0.08 * across])


def _filmed(points: FloatArray, facing: Side) -> FloatArray:
    forward = 1.0 if facing == "right" else -1.0
    return np.array([320.0, 440.0]) + LEG_PX * points * np.array([forward, -1.0])
