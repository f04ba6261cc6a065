"""Both legs at any time, stride after stride, and what each stride truly was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach.core.pose import Side
from coach.edges.demo import gait_curves, motion
from coach.edges.demo.effort import HeelLift, Ramp
from coach.edges.demo.footfalls import Footfalls
from coach.edges.demo.motion import LegPose, StrideShape

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
    heel_lift_deg: float
    """What tiring, or a cue, does to this swing's peak."""
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
        lift_deg = self.lift(shape.toe_off_s)
        wanted = (
            gait_curves.norm_peak_deg(shape.speed_mps)
            + self.peak_offset_deg[side]
            + lift_deg
            + self.peak_sd_deg * float(np.clip(noise, -2.5, 2.5))
        )
        return StridePlan(
            number,
            side,
            shape,
            lift_deg,
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
