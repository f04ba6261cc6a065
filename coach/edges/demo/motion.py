"""Legs in motion: feet planted on the belt in stance, Fourier curves in swing.

Coordinates: x forward and y up in leg lengths (thigh + shank), the hip at x = 0, the
belt at y = 0. In stance the ball of the foot travels with the belt, exactly, and the
knee follows from hip and ankle. In swing knee and thigh follow the curves of
`gait_curves`, drawn to the stance at both ends so that place and velocity go on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from coach.core.units import FloatArray
from coach.edges.demo import gait_curves
from coach.edges.demo.gait_curves import Fourier

THIGH_LL: Final = 0.512
SHANK_LL: Final = 1.0 - THIGH_LL
"""Thigh and shank as shares of the leg: hip, knee and ankle centres of treadmill runners (Fukuchi 2017)."""

ANKLE_HEIGHT_LL: Final = 0.108
"""Ankle centre above the belt, foot flat in a shoe."""

BALL: Final = (0.150, -ANKLE_HEIGHT_LL)
HEEL_TIP: Final = (-0.080, -ANKLE_HEIGHT_LL)
HEEL: Final = (-0.088, -0.074)
TOE: Final = (0.222, -0.088)
"""Points of the foot from the ankle while it stands flat: ball and heel on the belt, heel bone, toe tip."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LegPose:
    """One leg at one moment: angles in degrees, points (x, y) in leg lengths."""

    knee_flexion_deg: float
    thigh_deg: float
    foot_pitch_deg: float
    hip: Point
    knee: Point
    ankle: Point
    heel: Point
    ball: Point
    toe: Point


def turned(point: Point, deg: float) -> Point:
    """The point turned about the origin, counter-clockwise."""
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    return c * point[0] - s * point[1], s * point[0] + c * point[1]


def lever_ll(flexion_deg: float) -> float:
    """Hip-ankle distance of a leg bent by a knee flexion."""
    return math.sqrt(THIGH_LL**2 + SHANK_LL**2 + 2 * THIGH_LL * SHANK_LL * math.cos(math.radians(flexion_deg)))


def flexion_deg(distance_ll: float) -> float:
    """Knee flexion of a leg whose hip and ankle are so far apart."""
    cosine = (distance_ll**2 - THIGH_LL**2 - SHANK_LL**2) / (2 * THIGH_LL * SHANK_LL)
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))


def hip_height_ll(speed_mps: float, leg_m: float, step_phase: float) -> float:
    """Height of the hip above the belt over a step (phase 0 at initial contact of either foot).

    It is the path that lets the stance knee follow its curve; between speeds on a grid of 0.25 m/s.
    """
    v = 4 * min(max(speed_mps, gait_curves.SLOWEST_MPS), gait_curves.FASTEST_MPS)
    low = min(int(v), int(4 * gait_curves.FASTEST_MPS) - 1)
    share = v - low
    return (1 - share) * _bounce(low, leg_m)(step_phase) + share * _bounce(low + 1, leg_m)(step_phase)


def _harmonics(step_phase: FloatArray) -> FloatArray:
    """(n, 7): 1, then cosine and sine of three harmonics."""
    angles = 2 * np.pi * np.outer(step_phase, [1, 2, 3])
    waves = np.stack([np.cos(angles), np.sin(angles)], axis=2).reshape(len(step_phase), 6)
    return np.hstack([np.ones((len(step_phase), 1)), waves])


@cache
def _bounce(speed_quarters: int, leg_m: float) -> Fourier:
    """Least squares over what stance and late swing want of the hip."""
    speed_mps = speed_quarters / 4
    duty = gait_curves.duty_factor(speed_mps)
    standing = np.linspace(0, duty, 60)
    landing = np.repeat(gait_curves.LATE_SWING_PHASES, 3)
    height = np.array(
        [_stance_hip_ll(speed_mps, float(u), leg_m) for u in standing]
        + [_swing_hip_ll(speed_mps, float(u)) for u in landing]
    )
    # The landing knee is nearly straight, so it feels the height most; late stance gives way by lifting the heel.
    late = 0.1 + 0.15 * max(speed_mps - 3.5, 0.0)
    share = standing / duty
    weight = np.concatenate([np.select([share < 0.12, share < 0.55], [6.0, 1.0], late), np.full(len(landing), 0.3)])
    rows = _harmonics(2 * np.concatenate([standing, landing])) * weight[:, None]
    calm = np.diag([0.0, 0.0, 0.0, 0.3, 0.3, 0.3, 0.3])  # as plain a hop as will do
    terms, *_ = np.linalg.lstsq(np.vstack([rows, calm]), np.concatenate([height * weight, np.zeros(7)]), rcond=None)
    mean, *waves = (float(term) for term in terms)
    return Fourier(mean, tuple(zip(waves[::2], waves[1::2], strict=True)))


def _stance_hip_ll(speed_mps: float, phase: float, leg_m: float) -> float:
    """Hip height at which a foot on the belt gives the knee curve's flexion."""
    cycle = gait_curves.curves(speed_mps)
    ball_x = landing_ll(speed_mps) - speed_mps * phase * 120 / gait_curves.cadence_spm(speed_mps) / leg_m
    ankle = stance_ankle(ball_x, cycle.foot_pitch(phase))
    reach = lever_ll(cycle.knee_flexion(phase))
    return ankle[1] + math.sqrt(max(reach**2 - ankle[0] ** 2, 0.25))


def _swing_hip_ll(speed_mps: float, phase: float) -> float:
    """Hip height at which the foot swings forward as far above the belt as it should."""
    cycle = gait_curves.curves(speed_mps)
    _, down = _below(
        _below((0.0, 0.0), THIGH_LL, thigh := cycle.thigh(phase)), SHANK_LL, thigh - cycle.knee_flexion(phase)
    )
    return gait_curves.late_swing_ankle_ll(speed_mps, phase) - down


def landing_ll(speed_mps: float) -> float:
    """Ball of the foot ahead of the hip at initial contact."""
    return gait_curves.ankle_ahead_ll(speed_mps) + BALL[0]


def stance_ankle(ball_x: float, pitch_deg: float) -> Point:
    """Ankle of a foot on the belt: rolling over the heel with the toes up, over the ball with the heel up."""
    pivot = HEEL_TIP if pitch_deg > 0 else BALL
    x, y = turned((-pivot[0], -pivot[1]), pitch_deg)
    return ball_x - BALL[0] + pivot[0] + x, y


def pitch_for_reach(ball_x: float, hip_y: float, reach: float) -> float | None:
    """Pitch (≤ 0) at which hip and ankle are `reach` apart; None where the foot need not leave the belt."""
    flat = stance_ankle(ball_x, 0.0)
    if math.hypot(flat[0], flat[1] - hip_y) <= reach:
        return None
    radius = math.hypot(*BALL)
    dx, dy = ball_x, -hip_y
    far = math.hypot(dx, dy)
    cosine = (radius**2 + far**2 - reach**2) / (2 * radius * far)
    if abs(cosine) > 1:
        return None
    towards_hip = math.atan2(-dy, -dx)
    # The ankle lies behind the ball, so it turns from the hip's direction counter-clockwise.
    ankle_angle = towards_hip + math.acos(cosine)
    flat_angle = math.atan2(-BALL[1], -BALL[0])
    return math.degrees((ankle_angle - flat_angle + math.pi) % (2 * math.pi) - math.pi)


def leg_pose(hip: Point, ankle: Point, pitch_deg: float) -> LegPose:
    """The leg between a hip and an ankle, its knee forward."""
    dx, dy = ankle[0] - hip[0], ankle[1] - hip[1]
    reach = min(math.hypot(dx, dy), 0.99995)
    flexion = flexion_deg(reach)
    inside = math.acos(min(max((THIGH_LL**2 + reach**2 - SHANK_LL**2) / (2 * THIGH_LL * reach), -1.0), 1.0))
    thigh = math.degrees(math.atan2(dx, -dy) + inside)
    return posed_leg(hip, thigh, flexion, pitch_deg)


def posed_leg(hip: Point, thigh_deg: float, flexion: float, pitch_deg: float) -> LegPose:
    """The leg of given angles hanging from a hip. Toes that would go into the belt are bent up by it."""
    knee = _below(hip, THIGH_LL, thigh_deg)
    ankle = _below(knee, SHANK_LL, thigh_deg - flexion)
    heel, ball = ((ankle[0] + x, ankle[1] + y) for x, y in (turned(p, pitch_deg) for p in (HEEL, BALL)))
    tip = turned(_TOE_BOX, pitch_deg + _toe_bend_deg(ball[1], pitch_deg))
    toe = ball[0] + tip[0], ball[1] + tip[1]
    return LegPose(flexion, thigh_deg, pitch_deg, hip, knee, ankle, heel, ball, toe)


_TOE_BOX: Final = (TOE[0] - BALL[0], TOE[1] - BALL[1])


def _toe_bend_deg(ball_y: float, pitch_deg: float) -> float:
    """How far the belt bends the toes up: to where the tip is as high as in a foot standing flat."""
    length, rest_deg = math.hypot(*_TOE_BOX), math.degrees(math.atan2(_TOE_BOX[1], _TOE_BOX[0]))
    lowest_deg = math.degrees(math.asin(min(max((_TOE_BOX[1] - ball_y) / length, -1.0), 1.0))) - rest_deg
    return max(lowest_deg - pitch_deg, 0.0)


def _below(point: Point, length: float, deg_forward: float) -> Point:
    angle = math.radians(deg_forward)
    return point[0] + length * math.sin(angle), point[1] - length * math.cos(angle)


@dataclass(frozen=True, slots=True)
class StrideShape:
    """What one stride of one leg is made of, fixed when it is planned.

    Times in seconds; `start_s` and `end_s` are initial contacts of the same foot.
    """

    start_s: float
    toe_off_s: float
    end_s: float
    speed_mps: float
    landing_ll: float
    """Ball of the foot ahead of the hip at initial contact."""


def stance(shape: StrideShape, t_s: float, hip_y: float, travel_ll: float) -> LegPose:
    """The leg on the ground. `travel_ll`: way of the belt since `start_s`."""
    cycle = gait_curves.curves(shape.speed_mps)
    phase = (t_s - shape.start_s) / (shape.end_s - shape.start_s)
    ball_x = shape.landing_ll - travel_ll
    pitch = max(cycle.foot_pitch(phase), 0.0) if phase < 0.12 else 0.0
    lifted = pitch_for_reach(ball_x, hip_y, lever_ll(cycle.knee_flexion(phase))) if phase > 0.1 else None
    if lifted is not None:
        pitch = min(lifted, 0.0)
    ankle = stance_ankle(ball_x, pitch)
    return leg_pose((0.0, hip_y), ankle, pitch)


def fading(x: float) -> tuple[float, float]:
    """Weights of a difference in value and in slope, from (1, 0) at x = 0 to nothing at x = 1."""
    if x >= 1:
        return 0.0, 0.0
    return (1 - x) ** 3 * (1 + 3 * x), x * (1 - x) ** 3


def bump(phase: float, toe_off: float, peak: float) -> float:
    """1 at the swing peak, 0 at both ends of the swing, smooth."""
    half = peak - toe_off if phase < peak else 1.0 - peak
    x = (phase - peak) / half
    return (1 - x * x) ** 3 if abs(x) < 1 else 0.0
