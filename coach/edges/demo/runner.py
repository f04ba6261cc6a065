"""The demo's runner at any time, in leg lengths: legs stride after stride, each stride's plan, and the upper body."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach.core.pose import Side, other
from coach.edges.demo import gait_curves, motion
from coach.edges.demo.effort import Footfalls, HeelLift, Ramp, Scripted, Tiring, ramp
from coach.edges.demo.motion import LegPose, Point, StrideShape

_BLEND: Final = 0.17
"""Share of the cycle over which a swing takes over from the stance before it and hands over to the next."""

_DT_S: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Hook:
    """How far the curves are from the stance at one end of a swing: (value, slope per cycle) of each."""

    flexion: tuple[float, float]
    thigh: tuple[float, float]
    pitch: tuple[float, float]


@dataclass(frozen=True, slots=True)
class StridePlan:
    """One stride of one leg with its swing: everything that is needed to draw it."""

    number: int
    side: Side
    shape: StrideShape
    extra_peak_deg: float
    """Added to the curves' swing peak."""
    after_toe_off: Hook
    before_landing: Hook


@dataclass(slots=True)
class Legs:
    """The two legs of a runner. Ask in any order; a swing's heel lift is settled once, at its toe-off."""

    footfalls: Footfalls
    speed_mps: Ramp
    lift: HeelLift
    leg_m: float
    peak_offset_deg: dict[Side, float]
    """The runner's own fresh peak against the published mean, per side."""
    peak_sd_deg: float
    drift: Callable[[float], float]
    """Where the hips are on the belt at a time, in leg lengths forward of the usual place."""
    seed: int
    _plans: dict[int, StridePlan] = field(default_factory=dict, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def at(self, side: Side, t_s: float) -> LegPose:
        """One leg at a time."""
        number = self.number_at(side, t_s)
        shape = self.shape(number)
        if t_s < shape.toe_off_s:
            return self._stance(shape, t_s)
        return self._swing(self.plan(number), t_s)

    def phase(self, side: Side, t_s: float) -> float:
        """0 at initial contact, up to 1 at the next of this foot."""
        shape = self.shape(self.number_at(side, t_s))
        return (t_s - shape.start_s) / (shape.end_s - shape.start_s)

    def hip_height_ll(self, t_s: float) -> float:
        """Height of the hips above the belt."""
        return motion.hip_height_ll(self.speed_mps(t_s), self.leg_m, self.footfalls.step_phase(t_s))

    def plan(self, number: int) -> StridePlan:
        """The stride that begins with a contact. Asking settles its heel lift."""
        with self._lock:
            if number not in self._plans:
                self._plans[number] = self._make_plan(number)
            return self._plans[number]

    def number_at(self, side: Side, t_s: float) -> int:
        """Number of the stride that a leg is in."""
        number = self.footfalls.number_at(t_s)
        return number if self.footfalls.side(number) == side else number - 1

    def shape(self, number: int) -> StrideShape:
        """When a stride begins, leaves the ground and ends; its heel lift may still be open."""
        start, end = self.footfalls.contact_s(number), self.footfalls.contact_s(number + 2)
        speed = self.speed_mps(start)
        duty = gait_curves.duty_factor(speed)
        return StrideShape(start, start + duty * (end - start), end, speed, motion.landing_ll(speed))

    def _make_plan(self, number: int) -> StridePlan:
        shape, following = self.shape(number), self.shape(number + 2)
        side = self.footfalls.side(number)
        cycle = gait_curves.curves(shape.speed_mps)
        noise = np.random.default_rng([self.seed, 2, number]).standard_normal()
        wanted = (
            gait_curves.norm_peak_deg(shape.speed_mps)
            + self.peak_offset_deg[side]
            + self.lift(shape.toe_off_s)
            + self.peak_sd_deg * float(np.clip(noise, -2.5, 2.5))
        )
        return StridePlan(
            number,
            side,
            shape,
            wanted - cycle.peak_deg,
            self._hook(shape, shape, shape.toe_off_s, -_DT_S),
            self._hook(shape, following, shape.end_s, _DT_S),
        )

    def _hook(self, swing: StrideShape, ground: StrideShape, t_s: float, dt_s: float) -> Hook:
        """Stance minus curve at one end of the swing, with its slope, seen from the side of the stance."""
        here, there = self._stance(ground, t_s), self._stance(ground, t_s + dt_s)
        cycle = gait_curves.curves(swing.speed_mps)
        stride_s = swing.end_s - swing.start_s

        def off(curve: Callable[[float], float], a: float, b: float) -> tuple[float, float]:
            phases = [(t - swing.start_s) / stride_s for t in (t_s, t_s + dt_s)]
            first, second = a - curve(phases[0]), b - curve(phases[1])
            return first, (second - first) / dt_s * stride_s

        return Hook(
            off(cycle.knee_flexion, here.knee_flexion_deg, there.knee_flexion_deg),
            off(cycle.thigh, here.thigh_deg, there.thigh_deg),
            off(cycle.foot_pitch, here.foot_pitch_deg, there.foot_pitch_deg),
        )

    def _stance(self, shape: StrideShape, t_s: float) -> LegPose:
        belt = (self.speed_mps.integral(t_s) - self.speed_mps.integral(shape.start_s)) / self.leg_m
        way = belt + self.drift(t_s) - self.drift(shape.start_s)
        return motion.stance(shape, t_s, self.hip_height_ll(t_s), way)

    def _swing(self, plan: StridePlan, t_s: float) -> LegPose:
        shape = plan.shape
        cycle = gait_curves.curves(shape.speed_mps)
        stride_s = shape.end_s - shape.start_s
        phase, toe_off = (t_s - shape.start_s) / stride_s, (shape.toe_off_s - shape.start_s) / stride_s
        late, slope_late = motion.fading((phase - toe_off) / _BLEND)
        early, slope_early = motion.fading((1 - phase) / _BLEND)

        def joined(
            curve: Callable[[float], float], leaving: tuple[float, float], landing: tuple[float, float]
        ) -> float:
            ends = leaving[0] * late + leaving[1] * slope_late * _BLEND
            return curve(phase) + ends + landing[0] * early - landing[1] * slope_early * _BLEND

        hooks = plan.after_toe_off, plan.before_landing
        flexion = joined(cycle.knee_flexion, hooks[0].flexion, hooks[1].flexion)
        flexion += plan.extra_peak_deg * motion.bump(phase, toe_off, cycle.peak_phase)
        thigh = joined(cycle.thigh, hooks[0].thigh, hooks[1].thigh)
        pitch = joined(cycle.foot_pitch, hooks[0].pitch, hooks[1].pitch)
        return motion.posed_leg((0.0, self.hip_height_ll(t_s)), thigh, flexion, pitch)


TRUNK_LL: Final = 0.60
UPPER_ARM_LL: Final = 0.345
FOREARM_LL: Final = 0.300
NECK_LL: Final = 0.20
"""Hip to shoulder, shoulder to elbow, elbow to wrist, shoulder line to the middle of the head.

Shares of body height after Winter (2009), with a leg of 0.478 of the height.
"""


@dataclass(frozen=True, slots=True)
class ArmPose:
    """One arm at one moment."""

    shoulder: Point
    elbow: Point
    wrist: Point


@dataclass(frozen=True, slots=True)
class BodyPose:
    """The whole runner at one moment: x forward of the hips, y above the belt, in leg lengths."""

    t_s: float
    near: LegPose
    far: LegPose
    near_arm: ArmPose
    far_arm: ArmPose
    hip: Point
    shoulder: Point
    """Middle of the shoulders."""
    head: Point
    lean_deg: float
    head_deg: float
    """Turn of the head's axis forward of upright."""
    tail_deg: float
    """Swing of the pony tail, backward of straight down."""
    drift_ll: float
    """Where the runner is on the belt, to be added to every x."""


@dataclass(slots=True)
class DemoRunner:
    """A runner with known truth.

    facing: side of the image looked at, and so the near side. speed_mps: a number or (t_s, m/s)
    points with straight lines between. heel_lift: degrees over what the runner does when
    fresh, as a number, as (t_s, degrees) points, or as a `HeelLift` that may listen; by
    default the runner tires, and recovers when cued. peak_offset_deg: the fresh runner
    against the published mean, per leg (near, far). seed fixes the stride-to-stride variability.
    """

    facing: Side = "right"
    speed_mps: float | Sequence[tuple[float, float]] = 3.0
    heel_lift: float | Sequence[tuple[float, float]] | HeelLift = field(default_factory=Tiring)
    peak_offset_deg: tuple[float, float] = (4.0, 3.0)
    cadence_scale: float = 1.0
    peak_sd_deg: float = 1.2
    step_sd: float = 0.008
    drift_ll: float = 0.02
    """How far the runner wanders on the belt, leg lengths."""
    leg_m: float = 0.90
    seed: int = 7
    belt: Ramp = field(init=False)
    footfalls: Footfalls = field(init=False)
    legs: Legs = field(init=False)
    _lift: HeelLift = field(init=False)

    def __post_init__(self) -> None:
        self.belt = ramp(self.speed_mps)
        lift = self.heel_lift
        self._lift = Scripted(ramp(lift)) if isinstance(lift, int | float | Sequence) else lift
        self.footfalls = Footfalls(self.belt, self.near_side, self.cadence_scale, self.step_sd, self.seed)
        offsets = {self.near_side: self.peak_offset_deg[0], other(self.near_side): self.peak_offset_deg[1]}
        self.legs = Legs(
            self.footfalls, self.belt, self._lift, self.leg_m, offsets, self.peak_sd_deg, self.drift, self.seed
        )

    @property
    def near_side(self) -> Side:
        """The leg nearer to the camera."""
        return self.facing

    def hear(self, cue_kind: str, t_s: float) -> None:
        """The coach said something; the next swings may show it."""
        self._lift.hear(cue_kind, t_s)

    def belt_travel_ll(self, t_s: float) -> float:
        """Way of the belt since time 0, in leg lengths."""
        return self.belt.integral(t_s) / self.leg_m

    def at(self, t_s: float) -> BodyPose:
        """The whole runner at a time."""
        near, far = (self.legs.at(side, t_s) for side in (self.near_side, other(self.near_side)))
        phase = self.legs.phase(self.near_side, t_s)
        beat = self.footfalls.step_phase(t_s)
        lean = 7.5 + 0.8 * (self.belt(t_s) - 3.0) + 1.2 * math.cos(2 * math.pi * (beat - 0.55))
        hip = near.hip
        shoulder = _above(hip, TRUNK_LL, lean)
        swing = 24 + 4 * (self.belt(t_s) - 3.0)
        head_deg = lean * 0.45 + 1.5 * math.sin(2 * math.pi * beat)
        return BodyPose(
            t_s,
            near,
            far,
            _arm(shoulder, phase + 0.5, swing),
            _arm(shoulder, phase, swing),
            hip,
            shoulder,
            _above(shoulder, NECK_LL, lean * 0.6 + 8),
            lean,
            head_deg,
            38 + 15 * math.sin(2 * math.pi * (beat - 0.18)),
            self.drift(t_s),
        )

    def drift(self, t_s: float) -> float:
        """Where the runner is on the belt at a time, in leg lengths forward of the usual place."""
        return self.drift_ll * (math.sin(0.51 * t_s + self.seed) + 0.5 * math.sin(0.23 * t_s)) / 1.5


def _above(point: Point, length: float, deg_forward: float) -> Point:
    a = math.radians(deg_forward)
    return point[0] + length * math.sin(a), point[1] + length * math.cos(a)


def _arm(shoulder: Point, leg_phase: float, swing_deg: float) -> ArmPose:
    """An arm that swings with the other side's leg (`leg_phase`: that leg's)."""
    drive = math.cos(2 * math.pi * (leg_phase - 0.86))
    upper = -14 + swing_deg * drive
    forearm = upper + 88 + 17 * drive
    at = shoulder[0] + 0.035 * drive, shoulder[1] - 0.015
    elbow = _above(at, -UPPER_ARM_LL, -upper)
    return ArmPose(at, elbow, _above(elbow, -FOREARM_LL, -forearm))
