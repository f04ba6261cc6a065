"""People on the belt as poses, in closed form: one who runs, one who walks, one who stands.

The walker's joint angles are those of textbook level walking (Winter 2009): 60° of knee flexion in swing, 18° in
loading, hips lowest in double support. The runner's follow the measured mean curves: some 15° at contact, 42° in
mid-stance, straightest at toe-off, hips lowest in mid-stance.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose, Side
from coach.core.units import FloatArray

_PERCENT = np.array([0, 15, 40, 50, 62, 72, 85, 100]) / 100
_KNEE_DEG = CubicSpline(_PERCENT, [5, 18, 5, 10, 37, 60, 32, 5], bc_type="periodic")
_HIP_DEG = CubicSpline(np.array([0, 25, 50, 62, 85, 100]) / 100, [28, 12, -10, -4, 30, 28], bc_type="periodic")
_RUN_PERCENT = np.array([0, 15, 34, 50, 67, 82, 94, 100]) / 100
_RUN_KNEE = np.array([15, 42, 14, 52, 100, 60, 12, 15])
_RUN_HIP_DEG = CubicSpline(np.array([0, 18, 36, 55, 82, 100]) / 100, [32, 12, -18, 2, 42, 32], bc_type="periodic")
LEG_PX = 200.0


def running(t_s: float, hz: float = 1.4, peak_deg: float = 100.0, facing: Side = "right") -> FloatArray:
    """Keypoints (13, 2) of a treadmill runner at `t_s`; `peak_deg` is the knee's at 67 % of the cycle."""
    points = np.full((len(Keypoint), 2), np.nan)
    hip_up = -0.035 * np.cos(4 * np.pi * (t_s * hz - 0.16))
    for i, side in enumerate(SIDES):
        share = (t_s * hz + 0.5 * i) % 1.0
        points[list(LEG_ROWS[side])] = _leg(float(_RUN_HIP_DEG(share)), run_knee_deg(share, peak_deg), hip_up)
    return _filmed(points, facing)


def run_knee_deg(share: float, peak_deg: float = 100.0) -> float:
    """Flexion of the runner's knee at a share of the cycle."""
    return float(_run_knee(round(peak_deg, 3))(share))


@lru_cache(maxsize=512)
def _run_knee(peak_deg: float) -> CubicSpline:
    knots = _RUN_KNEE + (peak_deg - 100.0) * np.array([0, 0, 0, 0.5, 1, 0.5, 0, 0])
    return CubicSpline(_RUN_PERCENT, knots, bc_type="periodic")


def film(
    times_s: FloatArray, noise_ll: float = 0.0, seed: int = 0, facing: Side = "right", hz: float = 1.4
) -> list[tuple[float, Pose | None]]:
    """The runner at the given times, each coordinate misread by so much."""
    rng = np.random.default_rng(seed)
    size = (len(times_s), len(Keypoint), 2)
    errors = rng.normal(0.0, 1.0, size) * noise_ll * LEG_PX
    return [
        (float(t), as_pose(float(t), running(float(t), hz=hz, facing=facing) + e))
        for t, e in zip(times_s, errors, strict=True)
    ]


def swap_legs(xy_px: FloatArray) -> FloatArray:
    """What a network does that takes left for right."""
    swapped = xy_px.copy()
    left, right = list(LEG_ROWS["left"]), list(LEG_ROWS["right"])
    swapped[left], swapped[right] = xy_px[right], xy_px[left]
    return swapped


def walking(t_s: float, hz: float = 0.95, facing: Side = "right") -> FloatArray:
    """Keypoints (13, 2) of a treadmill walker at `t_s`; `hz` strides a second."""
    points = np.full((len(Keypoint), 2), np.nan)
    hip_up = 0.02 * np.cos(4 * np.pi * (t_s * hz - 0.30))
    for i, side in enumerate(SIDES):
        share = (t_s * hz + 0.5 * i) % 1.0
        points[list(LEG_ROWS[side])] = _leg(float(_HIP_DEG(share)), float(_KNEE_DEG(share)), hip_up)
    return _filmed(points, facing)


def standing(facing: Side = "right") -> FloatArray:
    """Keypoints (13, 2) of somebody who stands."""
    points = np.full((len(Keypoint), 2), np.nan)
    for i, side in enumerate(SIDES):
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
    return np.asarray(np.array([320.0, 440.0]) + LEG_PX * points * np.array([forward, -1.0]))
