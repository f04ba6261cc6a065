"""The gait-cycle filter: phase, template and deviation in one step a frame. No delay, no look ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

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
from coach.core.gait.template import FLEXION, FLEXION_UNIT_DEG, GROUPS, HIP_UP, Template, basis
from coach.core.units import FloatArray

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


@dataclass(frozen=True, slots=True)
class CycleFrame:
    """One frame as the filter sees it; arrays are (2,), left then right.

    phase_rad: unwrapped. flexion_deg: template + deviation, what is shown. mean_deg: the template's.
    reading_deg: deviation read from this frame, NaN where the leg was not usable. usual_deg: how far strides
    usually differ here. noise_deg2: variance of a reading. lever_ll: hip to heel. heel_up_ll: above the picture's
    origin.
    """

    t_s: float
    phase_rad: float
    rate_rad_s: float
    phase_variance: float
    flexion_deg: FloatArray
    mean_deg: FloatArray
    reading_deg: FloatArray
    usual_deg: FloatArray
    noise_deg2: FloatArray
    lever_ll: FloatArray
    heel_up_ll: FloatArray
    weight: FloatArray
    """How far the leg's points were believed, 0 to 1."""
    swapped: bool
    collapsed: tuple[bool, bool]
    misfit_ll2: tuple[float, float]
    """Mean squared distance per coordinate of either leg from what was expected, outliers capped; NaN: not seen."""


class CycleFilter:
    """Follows one runner's gait cycle from a lock on; `near` is the index of the leg nearer to the camera."""

    def __init__(self, lock: Lock, near: int, deviation: DeviationSettings | None = None) -> None:
        self._deviation_set = deviation or DeviationSettings()
        self.template = Template(lock.coefficients)
        self.clock = PhaseClock(lock.phase_rad, lock.rate_rad_s)
        self._deviation = DeviationFilter(self._deviation_set)
        self._usual_deg = np.full(2, self._deviation_set.sd_deg * self._deviation_set.far_share)
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
        before_rad = self.clock.phase_rad
        row, slope_row = basis(before_rad)
        expected, slope = self.template.at(row), self.template.at(slope_row)
        found = self._repair(legs, expected, slope)
        gap = found.relative_ll - expected[:, :4]
        self._pull(gap, slope[:, :4], found.weights, dt_s)
        row, _ = basis(self.clock.phase_rad)
        expected = self.template.at(row)
        gap = found.relative_ll - expected[:, :4]
        self._widen(gap, dt_s)
        reading = rigid_flexion_deg(expected[:, :4], gap, found.weights)
        frame = self._frame(legs.t_s, dt_s, expected, reading, found)
        if self.clock.variance < _LOST_PHASE_VARIANCE:
            self._learn(legs, row, found, dt_s)
        return frame

    @property
    def deviation_scale_s(self) -> float:
        """Over which time a stride's deviation changes."""
        return self._deviation_set.scale_s

    def _repair(self, legs: Legs, expected: FloatArray, slope: FloatArray) -> Repaired:
        apart = legs.points_ll[0, KNEE:] - legs.points_ll[1, KNEE:]
        variance = self.spread + 0.5 * (slope[:, :4] ** 2).sum(-1) * self.clock.variance
        separation = np.sqrt((apart**2).sum(-1))
        usual = Expected(expected[:, :4], variance, expected[:, FLEXION, 0])
        found = repair(legs.relative_ll, separation, usual, self._swapped)
        self._swapped = found.swapped
        return found

    def _pull(self, gap: FloatArray, slope: FloatArray, weights: FloatArray, dt_s: float) -> None:
        """Correct the clock by all points; neighbouring frames err together and count for less."""
        alike = math.exp(-max(dt_s, 1e-3) / SLOW_S)
        repeats = (1 - SLOW_SHARE) + SLOW_SHARE * (1 + alike) / (1 - alike)
        trust = weights / (self.spread * _SAME_LEG * repeats)
        usable = np.where(weights[..., None] > 0, gap, 0.0)
        pull = float((trust * (slope * usable).sum(-1)).sum())
        self.clock.correct(pull, float((trust * (slope**2).sum(-1)).sum()))

    def _widen(self, gap: FloatArray, dt_s: float) -> None:
        """Follow how far points lie from what is expected; outliers count for three sigma."""
        squared = 0.5 * (gap**2).sum(-1)
        seen = np.isfinite(squared)
        capped = np.minimum(np.where(seen, squared, 0.0), _SPREAD_CLIP * self.spread)
        memory_s = min(_SPREAD_MEMORY_S, 0.3 + 0.03 * self._steps)
        share = min(dt_s / memory_s, 0.2)
        self.spread = np.where(seen, self.spread + share * (capped - self.spread), self.spread)
        self.spread = np.maximum(self.spread, _SPREAD_FLOOR_LL**2)

    def _frame(self, t_s: float, dt_s: float, expected: FloatArray, reading: FloatArray, found: Repaired) -> CycleFrame:
        mean = expected[:, FLEXION, 0] * FLEXION_UNIT_DEG
        share, live = self._deviation_set.stance_share, self._deviation_set.live_share
        usual = self._usual_deg * (share + (1 - share) * np.clip(mean / 90.0, 0.0, 1.0))
        noise = np.empty(2)
        shown = mean.copy()
        self._deviation.predict(dt_s)
        for leg, gauge in enumerate(self._gauges):
            value = float(reading[leg])
            swing = bool(mean[leg] > _SWING_DEG)
            gauge.take(t_s, value, swing)
            noise[leg] = gauge.variance(swing)
            if not math.isnan(value):
                self._deviation.correct(leg, value, float(noise[leg]), live * float(usual[leg]))
            shown[leg] += live * usual[leg] * self._deviation.now(leg)[0]
        heel = expected[:, 2]
        lever = np.hypot(heel[:, 0], heel[:, 1])
        lever = lever - np.sin(np.radians(mean) / 2) / 2 * np.radians(shown - mean)
        return CycleFrame(
            t_s=t_s,
            phase_rad=self.clock.phase_rad,
            rate_rad_s=self.clock.rate_rad_s,
            phase_variance=self.clock.variance,
            flexion_deg=shown,
            mean_deg=mean,
            reading_deg=reading,
            usual_deg=usual,
            noise_deg2=noise,
            lever_ll=lever,
            heel_up_ll=expected[:, HIP_UP, 0] + heel[:, 1],
            weight=found.weights.mean(1),
            swapped=found.swapped,
            collapsed=found.collapsed,
            misfit_ll2=(
                _misfit(found.relative_ll[0] - expected[0, :4]),
                _misfit(found.relative_ll[1] - expected[1, :4]),
            ),
        )

    def _learn(self, legs: Legs, row: FloatArray, found: Repaired, dt_s: float) -> None:
        turn = slice(None, None, -1) if found.swapped else slice(None)
        values = np.zeros((2, GROUPS, 2))
        values[:, :4] = found.relative_ll
        values[:, FLEXION, 0] = np.radians(legs.flexion_deg[turn])
        values[:, HIP_UP, 0] = hips = legs.points_ll[turn, HIP, 1]
        weights = np.empty((2, GROUPS))
        weights[:, :4] = found.weights
        weights[:, FLEXION] = np.minimum(found.weights[:, 0], found.weights[:, 1])
        weights[:, HIP_UP] = np.isfinite(hips) * found.weights.max(1)
        self.template.learn(row, values, weights, min(dt_s, 0.06))


def _misfit(gap: FloatArray) -> float:
    squared = (gap**2).sum(-1)
    seen = squared[np.isfinite(squared)]
    return 0.5 * float(np.minimum(seen, MISFIT_CAP_LL**2).mean()) if seen.size else math.nan
