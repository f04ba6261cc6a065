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


def with_trunk(xy_px: FloatArray, across_ll: float = 0.06) -> FloatArray:
    """The same with shoulders and nose over the hips; `across_ll`: how far left and right shoulder are apart."""
    whole = xy_px.copy()
    hips = whole[[Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]].mean(0)
    for row, sign in ((Keypoint.LEFT_SHOULDER, 0.5), (Keypoint.RIGHT_SHOULDER, -0.5)):
        whole[row] = hips + LEG_PX * np.array([sign * across_ll, -0.62])
    whole[Keypoint.NOSE] = hips + LEG_PX * np.array([0.0, -0.9])
    return whole


def end_on(t_s: float, toward: bool = True, hz: float = 1.4) -> FloatArray:
    """Somebody who runs toward the camera, or away from it: (13, 2), trunk and all."""
    sign = 1.0 if toward else -1.0
    points = np.full((len(Keypoint), 2), np.nan)
    hip_up = -0.035 * np.cos(4 * np.pi * (t_s * hz - 0.16))
    for i, side in enumerate(SIDES):
        share = (t_s * hz + 0.5 * i) % 1.0
        leg = _leg(float(_RUN_HIP_DEG(share)), run_knee_deg(share), hip_up)
        # What lies ahead is seen as a little lower; across the picture the legs are a hip's width apart.
        x = sign * (0.12 if side == "left" else -0.12)
        points[list(LEG_ROWS[side])] = np.column_stack([np.full(5, x), leg[:, 1] - 0.05 * leg[:, 0]])
    return with_trunk(_filmed(points, "right"), across_ll=sign * 0.48)


def squatting(t_s: float, hz: float = 0.4) -> FloatArray:
    """Both knees bend and stretch; the feet stay: (13, 2) from the side."""
    deep = 0.5 - 0.5 * np.cos(2 * np.pi * hz * t_s)
    leg = _leg(10 + 60 * deep, 15 + 85 * deep, 0.0)
    return with_trunk(_filmed(_both(leg - leg[2] + np.array([0.0, 0.1])), "right"))


def jumping(t_s: float, hz: float = 2.0) -> FloatArray:
    """Both feet leave the ground at once, as with a rope: (13, 2) from the side."""
    up = max(float(np.sin(2 * np.pi * hz * t_s)), 0.0) * 0.15
    bent = 20 + 25 * max(-float(np.sin(2 * np.pi * hz * t_s)), 0.0)
    leg = _leg(bent / 2, bent, 0.0)
    return with_trunk(_filmed(_both(leg - leg[2] + np.array([0.0, 0.1 + up])), "right"))


def _both(leg: FloatArray) -> FloatArray:
    """Left and right in one place, but for the width of a shoe."""
    points = np.full((len(Keypoint), 2), np.nan)
    for side, shift in (("left", 0.0), ("right", 0.03)):
        points[list(LEG_ROWS[side])] = leg + np.array([shift, 0.0])  # type: ignore[index]
    return points


def runner(t_s: float) -> FloatArray:
    """The runner of `running` with a trunk: (13, 2)."""
    return with_trunk(running(t_s))


def upside_down(t_s: float) -> FloatArray:
    """The runner in a picture of 640 × 480 that stands on its head: (13, 2)."""
    return np.asarray(np.array([640.0, 480.0]) - runner(t_s))


def on_its_side(t_s: float) -> FloatArray:
    """The runner in a picture that lies on its side: (13, 2)."""
    return np.asarray(runner(t_s)[:, ::-1])


def with_short_legs(t_s: float) -> FloatArray:
    """A drawing that runs: its trunk is longer than its legs by half. (13, 2)."""
    whole = runner(t_s)
    hips = whole[[Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]].mean(0)
    whole[[Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.NOSE], 1] = hips[1] - 1.5 * LEG_PX
    return whole
