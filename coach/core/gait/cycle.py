"""The gait-cycle filter: phase, template and deviation in one step a frame. No delay, no look ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.deviation import (
    SLOW_S,
    SLOW_SHARE,
    DeviationFilter,
    DeviationSettings,
    NoiseGauge,
    rigid_flexion_deg,
)
from coach.core.gait.kinematics import HIP, KNEE, Legs
from coach.core.gait.lock import MISFIT_CAP_LL, Lock
from coach.core.gait.phase import PhaseClock
from coach.core.gait.repair import Expected, Repaired, repair
from coach.core.gait.template import FLEXION, FLEXION_UNIT_DEG, GROUPS, HIP_UP, Template, basis, terms_of, waves
from coach.core.units import BoolArray, FloatArray

_HEEL: Final = 2
"""Group of the template."""
_SPREAD_FLOOR_LL: Final = 0.006
_SPREAD_MEMORY_S: Final = 2.0
_SPREAD_CLIP: Final = 9.0
_SAME_LEG: Final = 2.0
"""Points of one leg err together (the hip is common): they count for so much less."""
_FLEXION_PER_LL: Final = 115.0
"""Degrees of flexion that a point misread by one leg length turns the knee, thigh and shank being half of it."""
_SWING_DEG: Final = 60.0
_LOST_PHASE_VARIANCE: Final = 0.1
"""rad²; beyond it a frame teaches the template nothing."""


Pair = tuple[float, float]
"""One value for either leg, left then right."""


@dataclass(frozen=True, slots=True)
class CycleFrame:
    """One frame as the filter sees it; pairs are left, then right.

    phase_rad: unwrapped. flexion_deg: template + deviation, what is shown. mean_deg: the template's.
    reading_deg: deviation read from this frame, NaN where the leg was not usable. usual_deg: how far strides
    usually differ here. noise_deg2: variance of a reading. lever_ll: hip to heel. heel_up_ll: above the picture's
    origin.
    """

    t_s: float
    phase_rad: float
    rate_rad_s: float
    phase_variance: float
    flexion_deg: Pair
    mean_deg: Pair
    reading_deg: Pair
    usual_deg: Pair
    noise_deg2: Pair
    lever_ll: Pair
    heel_up_ll: Pair
    weight: Pair
    """How far the leg's points were believed, 0 to 1."""
    swapped: bool
    collapsed: tuple[bool, bool]
    misfit_ll2: Pair
    """Mean squared distance per coordinate of either leg from what was expected, outliers capped; NaN: not seen."""


class CycleFilter:
    """Follows one runner's gait cycle from a lock on; `near` is the index of the leg nearer to the camera."""

    def __init__(self, lock: Lock, near: int, deviation: DeviationSettings | None = None) -> None:
        self._deviation_set = deviation or DeviationSettings()
        self.template = Template(lock.coefficients)
        self.clock = PhaseClock(lock.phase_rad, lock.rate_rad_s)
        self._deviation = DeviationFilter(self._deviation_set)
        self._usual_deg = [self._deviation_set.sd_deg * self._deviation_set.far_share] * 2
        self._usual_deg[near] = self._deviation_set.sd_deg
        self.start_s = lock.start_s
        first_guess = min(max((_FLEXION_PER_LL * lock.spread_ll) ** 2, 2.0), 25.0)
        self._gauges = (NoiseGauge(first_guess), NoiseGauge(first_guess))
        self.spread = np.full((2, 4), max(lock.spread_ll, 0.01) ** 2)
        """(2, 4) variance per coordinate of knee, ankle, heel and toe about what is expected, leg lengths²."""
        self._last_s = lock.start_s
        self._swapped = False
        self._steps = 0

    def step(self, legs: Legs) -> CycleFrame:
        """Take one frame; NaN points are bridged."""
        dt_s = max(legs.t_s - self._last_s, 0.0)
        self._last_s = legs.t_s
        self._steps += 1
        self.clock.predict(dt_s)
        expected, slope = self.template.at(basis(self.clock.phase_rad))
        slope = slope[:, :4]
        slope2 = np.vecdot(slope, slope)
        found = self._repair(legs, expected, slope2)
        self._pull(found, np.vecdot(slope, found.relative_ll - expected[:, :4]), slope2, dt_s)
        now = waves(self.clock.phase_rad)
        expected = self.template.at(terms_of(now))
        gap = found.relative_ll - expected[:, :4]
        squared = np.vecdot(gap, gap)
        self._widen(0.5 * squared, found.seen, dt_s)
        frame = self._frame(legs.t_s, dt_s, expected, gap, squared, found)
        if self.clock.variance < _LOST_PHASE_VARIANCE:
            self._learn(legs, now, found, dt_s)
        return frame

    @property
    def deviation_scale_s(self) -> float:
        """Over which time a stride's deviation changes."""
        return self._deviation_set.scale_s

    def _repair(self, legs: Legs, expected: FloatArray, slope2: FloatArray) -> Repaired:
        separation_ll = [math.dist(*joint) for joint in zip(*legs.points_ll[:, KNEE:].tolist(), strict=True)]
        variance = self.spread + 0.5 * self.clock.variance * slope2
        usual = Expected(expected[:, :4], variance, expected[:, FLEXION, 0])
        found = repair(legs.relative_ll, separation_ll, usual, self._swapped)
        self._swapped = found.swapped
        return found

    def _pull(self, found: Repaired, pull: FloatArray, slope2: FloatArray, dt_s: float) -> None:
        """Correct the clock by all points; neighbouring frames err together and count for less."""
        alike = math.exp(-max(dt_s, 1e-3) / SLOW_S)
        repeats = (1 - SLOW_SHARE) + SLOW_SHARE * (1 + alike) / (1 - alike)
        trust = found.weights / (self.spread * (_SAME_LEG * repeats))
        self.clock.correct(float(np.vdot(trust, pull)), float(np.vdot(trust, slope2)))

    def _widen(self, squared: FloatArray, seen: BoolArray, dt_s: float) -> None:
        """Follow how far points lie from what is expected; outliers count for three sigma."""
        memory_s = min(_SPREAD_MEMORY_S, 0.3 + 0.03 * self._steps)
        share = min(dt_s / memory_s, 0.2)
        capped = np.minimum(squared, _SPREAD_CLIP * self.spread)
        self.spread = np.maximum(self.spread + share * seen * (capped - self.spread), _SPREAD_FLOOR_LL**2)

    def _frame(
        self, t_s: float, dt_s: float, expected: FloatArray, gap: FloatArray, squared: FloatArray, found: Repaired
    ) -> CycleFrame:
        self._deviation.predict(dt_s)
        seen = zip(*(values.tolist() for values in (expected, gap, squared, found.weights, found.seen)), strict=True)
        left, right = (self._leg(leg, t_s, *values) for leg, values in enumerate(seen))
        return CycleFrame(
            t_s=t_s,
            phase_rad=self.clock.phase_rad,
            rate_rad_s=self.clock.rate_rad_s,
            phase_variance=self.clock.variance,
            flexion_deg=(left.flexion_deg, right.flexion_deg),
            mean_deg=(left.mean_deg, right.mean_deg),
            reading_deg=(left.reading_deg, right.reading_deg),
            usual_deg=(left.usual_deg, right.usual_deg),
            noise_deg2=(left.noise_deg2, right.noise_deg2),
            lever_ll=(left.lever_ll, right.lever_ll),
            heel_up_ll=(left.heel_up_ll, right.heel_up_ll),
            weight=(left.weight, right.weight),
            swapped=found.swapped,
            collapsed=found.collapsed,
            misfit_ll2=(left.misfit_ll2, right.misfit_ll2),
        )

    def _leg(
        self,
        leg: int,
        t_s: float,
        expected: list[list[float]],
        gap: list[list[float]],
        squared: list[float],
        weights: list[float],
        seen: list[bool],
    ) -> _LegNow:
        """What the leg shows: the template, and as much of its own deviation as is known so far."""
        mean_deg = expected[FLEXION][0] * FLEXION_UNIT_DEG
        reading_deg = rigid_flexion_deg(expected[:4], gap, weights)
        stance, live = self._deviation_set.stance_share, self._deviation_set.live_share
        usual_deg = self._usual_deg[leg] * (stance + (1 - stance) * min(max(mean_deg / 90.0, 0.0), 1.0))
        gauge, swing = self._gauges[leg], mean_deg > _SWING_DEG
        gauge.take(t_s, reading_deg, swing)
        noise_deg2 = gauge.variance(swing)
        if not math.isnan(reading_deg):
            self._deviation.correct(leg, reading_deg, noise_deg2, live * usual_deg)
        own_deg = live * usual_deg * self._deviation.now(leg)[0]
        heel_x, heel_y = expected[_HEEL]
        return _LegNow(
            flexion_deg=mean_deg + own_deg,
            mean_deg=mean_deg,
            reading_deg=reading_deg,
            usual_deg=usual_deg,
            noise_deg2=noise_deg2,
            lever_ll=math.hypot(heel_x, heel_y) - math.sin(math.radians(mean_deg) / 2) / 2 * math.radians(own_deg),
            heel_up_ll=expected[HIP_UP][0] + heel_y,
            weight=sum(weights) / 4,
            misfit_ll2=_misfit(squared, seen),
        )

    def _learn(self, legs: Legs, now: FloatArray, found: Repaired, dt_s: float) -> None:
        turn = -1 if found.swapped else 1
        flexion_deg, hips_ll = legs.flexion_deg.tolist()[::turn], legs.points_ll[:, HIP, 1].tolist()[::turn]
        values = np.empty((2, GROUPS, 2))
        values[:, :4] = found.relative_ll
        values[:, 4:] = [[(f / FLEXION_UNIT_DEG, 0.0), (hip, 0.0)] for f, hip in zip(flexion_deg, hips_ll, strict=True)]
        weights = [
            [*points, min(points[0], points[1]), 0.0 if math.isnan(hip) else max(points)]
            for points, hip in zip(found.weights.tolist(), hips_ll, strict=True)
        ]
        self.template.learn(now, values, np.array(weights), min(dt_s, 0.06))


class _LegNow(NamedTuple):
    """One leg's part of a `CycleFrame`."""

    flexion_deg: float
    mean_deg: float
    reading_deg: float
    usual_deg: float
    noise_deg2: float
    lever_ll: float
    heel_up_ll: float
    weight: float
    misfit_ll2: float


def _misfit(squared: list[float], seen: list[bool]) -> float:
    known = [min(ll2, MISFIT_CAP_LL**2) for ll2, there in zip(squared, seen, strict=True) if there]
    return 0.5 * sum(known) / len(known) if known else math.nan
