"""The gait-cycle filter: phase, template and deviation in one step a frame. No delay, no look ahead."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from coach.core.gait.cadence_search import MISFIT_CAP_LL, CadenceFit
from coach.core.gait.deviation import (
    DEVIATION_SD_DEG,
    FAR_SHARE,
    LIVE_SHARE,
    SLOW_S,
    SLOW_SHARE,
    STANCE_SHARE,
    DeviationFilter,
    NoiseGauge,
    rigid_turns,
)
from coach.core.gait.kinematics import HIP, KNEE, Legs, ahead_deg, flexion_deg
from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    FLEXION,
    FLEXION_UNIT_DEG,
    HEEL_FROM_HIP,
    KNEE_FROM_HIP,
    POINTS,
    Channels,
    MeanCycle,
    Now,
)
from coach.core.gait.repair import Expected, Repaired, repair
from coach.core.gait.timekeeping import PhaseClock, PictureRate

_UNKNOWN: Final = complex(math.nan, math.nan)
"""A heel that was never seen lies at 0 in the template: at the hip."""
_SPREAD_FLOOR_LL2: Final = 0.006**2
_SPREAD_MEMORY_S: Final = 2.0
_SPREAD_CLIP: Final = 9.0
_SAME_LEG: Final = 2.0
"""Points of one leg err together (the hip is common): they count for so much less."""
_FLEXION_PER_LL: Final = 115.0
"""Degrees of flexion that a point misread by one leg length turns the knee, thigh and shank being half of it."""
_SWING_DEG: Final = 60.0
_NEIGHBOURS_S: Final = 0.06
"""Frames up to so far apart, at 20 a second and more, are neighbours; a longer gap teaches no more than that."""
_MISFIT_CAP_LL2: Final = MISFIT_CAP_LL**2
_LOST_PHASE_VARIANCE: Final = 0.1
"""rad²; beyond it a frame teaches the template nothing."""


class LegFrame(NamedTuple):
    """One leg in one frame as the filter sees it."""

    flexion_deg: float
    """What is shown: template + deviation."""
    mean_deg: float
    """The template's."""
    reading_deg: float
    """Deviation read from this frame; NaN where the leg was not usable."""
    seen_deg: float
    """The angle of the frame's own three joints; NaN where the leg was not usable."""
    usual_deg: float
    """How far strides usually differ here."""
    noise_deg2: float
    """Variance of a reading."""
    thigh_deg: float
    """The thigh ahead of vertical, read from this frame; NaN where the leg was not usable."""
    thigh_noise_deg2: float
    """Variance of that."""
    hip_heel_ll: float
    """Hip to heel."""
    weight: float
    """How far the leg's points were believed, 0 to 1."""
    footed: bool
    """Whether ankle and heel were seen."""
    collapsed: bool
    """Left out because it lay on the other leg."""
    misfit_ll2: float
    """Mean squared distance per coordinate from what was expected, outliers capped; NaN: not seen."""


class CycleFrame(NamedTuple):
    """One frame as the filter sees it."""

    t_s: float
    phase_rad: float
    """Unwrapped."""
    rate_rad_s: float
    phase_variance: float
    legs: tuple[LegFrame, LegFrame]
    """Left, then right."""
    swapped: bool
    trunk_deg: float = math.nan
    """Lean of the trunk; NaN where it was not seen."""


class CycleTracker:
    """Follows one runner's gait cycle from a lock on; `near` is the index of the leg nearer to the camera."""

    def __init__(self, lock: CadenceFit, near: int, pictures: PictureRate | None = None) -> None:
        self._pictures = pictures or PictureRate()
        self.near = near
        self.template = MeanCycle(lock.coefficients)
        self.clock = PhaseClock(lock.phase_rad, lock.rate_rad_s)
        self._deviation = DeviationFilter()
        self._usual_deg = [DEVIATION_SD_DEG * FAR_SHARE] * 2
        self._usual_deg[near] = DEVIATION_SD_DEG
        self.start_s = lock.start_s
        first_guess = min(max((_FLEXION_PER_LL * lock.spread_ll) ** 2, 2.0), 25.0)
        self._gauges = tuple(NoiseGauge(first_guess, first_guess / 2) for _ in range(2))
        """Of flexion and thigh, left then right."""
        self._spread_ll2 = [max(lock.spread_ll, 0.01) ** 2] * (2 * POINTS)
        """Variance per coordinate of knee, ankle, heel and toe about what is expected, left then right."""
        self._last_s = lock.start_s
        self._swapped = False
        self._steps = 0
        self._neighbours_s = _NEIGHBOURS_S

    def begun_anew(self, start_s: float, rate_rad_s: float) -> CycleTracker:
        """A copy that knows what this one has learnt, ready for the frames from `start_s` on, a few strides back."""
        again = copy.deepcopy(self)
        again.clock = PhaseClock(self.clock.phase_rad - rate_rad_s * (self._last_s - start_s), rate_rad_s)
        again._deviation = DeviationFilter()  # noqa: SLF001 - its own copy
        again._last_s = start_s  # noqa: SLF001
        again.start_s = -math.inf
        return again

    def step(self, legs: Legs) -> CycleFrame:
        """Take one frame; NaN points are bridged."""
        dt_s = max(legs.t_s - self._last_s, 0.0)
        self._last_s = legs.t_s
        self._steps += 1
        self._neighbours_s = self._pictures.longest_s(_NEIGHBOURS_S)
        self.clock.predict(dt_s)
        predicted, slopes = self.template.moving(self.clock.phase_rad)
        speeds2 = [abs(slope) ** 2 for slope in slopes]
        found = self._repair(legs, predicted, speeds2)
        self._pull(found, predicted.points, slopes, speeds2, dt_s)
        now = self.template.now(self.clock.phase_rad)
        gaps = [point - usual for point, usual in zip(found.relative_ll, now.points, strict=True)]
        gaps2 = [abs(gap) ** 2 for gap in gaps]
        self._widen(gaps2, found, dt_s)
        self._deviation.predict(dt_s)
        left, right = [self._leg(leg, legs, now.groups[leg], found, gaps, gaps2) for leg in range(2)]
        clock, both = self.clock, (left, right)
        if clock.variance < _LOST_PHASE_VARIANCE:
            self._learn(legs, found, dt_s)
        return CycleFrame(
            legs.t_s, clock.phase_rad, clock.rate_rad_s, clock.variance, both, found.swapped, legs.trunk_deg
        )

    def spreads_ll2(self, leg: int) -> Sequence[float]:
        """Variance per coordinate of one leg's knee, ankle, heel and toe about what is expected."""
        return self._spread_ll2[POINTS * leg : POINTS * (leg + 1)]

    def _repair(self, legs: Legs, predicted: Now, speeds2: list[float]) -> Repaired:
        doubt = 0.5 * self.clock.variance
        variance = [spread + doubt * speed2 for spread, speed2 in zip(self._spread_ll2, speeds2, strict=True)]
        left, right = predicted.groups
        usual = Expected(predicted.points, variance, (left[FLEXION].real, right[FLEXION].real))
        apart_ll = (abs(a - b) for a, b in zip(legs.points_ll[0][KNEE:], legs.points_ll[1][KNEE:], strict=True))
        found = repair(legs.relative_ll, apart_ll, usual, self._swapped)
        self._swapped = found.swapped
        return found

    def _pull(self, found: Repaired, predicted: Channels, slopes: Channels, speeds2: list[float], dt_s: float) -> None:
        """Correct the clock by all points; neighbouring frames err together and count for less."""
        alike = math.exp(-max(dt_s, 1e-3) / SLOW_S)
        repeats = _SAME_LEG * ((1 - SLOW_SHARE) + SLOW_SHARE * (1 + alike) / (1 - alike))
        pull = information = 0.0
        points = found.relative_ll, predicted, slopes, speeds2, found.weights, self._spread_ll2
        for point, usual, slope, speed2, weight, spread in zip(*points, strict=True):
            trust = weight / (spread * repeats)
            pull += trust * (slope.conjugate() * (point - usual)).real
            information += trust * speed2
        self.clock.correct(pull, information)

    def _widen(self, gaps2: list[float], found: Repaired, dt_s: float) -> None:
        """Follow how far points lie from what is expected; outliers count for three sigma."""
        memory_s = min(_SPREAD_MEMORY_S, 0.3 + 0.03 * self._steps)
        share, spreads = min(dt_s / memory_s, 0.2), self._spread_ll2
        for i, (gap2, seen) in enumerate(zip(gaps2, found.seen, strict=True)):
            if seen:
                spread = spreads[i]
                spread += share * (min(0.5 * gap2, _SPREAD_CLIP * spread) - spread)
                spreads[i] = max(spread, _SPREAD_FLOOR_LL2)

    def _leg(
        self, leg: int, legs: Legs, expected: Channels, found: Repaired, gaps: list[complex], gaps2: list[float]
    ) -> LegFrame:
        """What the leg shows: the template, and as much of its own deviation as is known so far."""
        own = slice(POINTS * leg, POINTS * (leg + 1))
        mean_deg, weights, seen = expected[FLEXION].real * FLEXION_UNIT_DEG, found.weights[own], found.seen[own]
        reading_deg, turned_deg = rigid_turns(expected[:POINTS], gaps[own], weights)
        # Where strides differ, the angle between mean places is not the mean angle: it was read against the former.
        reading_deg += flexion_deg(expected[KNEE_FROM_HIP], expected[ANKLE_FROM_HIP]) - mean_deg
        usual_deg = self._usual_deg[leg] * (STANCE_SHARE + (1 - STANCE_SHARE) * min(max(mean_deg / 90.0, 0.0), 1.0))
        gauge, swing = self._gauges[leg], mean_deg > _SWING_DEG
        gauge.take(legs.t_s, (reading_deg, turned_deg), swing, self._neighbours_s)
        noise_deg2, thigh_noise_deg2 = gauge.variances(swing)
        read, deviation, live_deg = not math.isnan(reading_deg), self._deviation.legs[leg], LIVE_SHARE * usual_deg
        if read:
            deviation.correct(reading_deg, noise_deg2, live_deg)
        own_deg = live_deg * deviation.deviation
        heel = expected[HEEL_FROM_HIP] or _UNKNOWN
        return LegFrame(
            flexion_deg=mean_deg + own_deg,
            mean_deg=mean_deg,
            reading_deg=reading_deg,
            seen_deg=legs.flexion_deg[leg ^ found.swapped] if read else math.nan,
            usual_deg=usual_deg,
            noise_deg2=noise_deg2,
            thigh_deg=ahead_deg(expected[KNEE_FROM_HIP]) + turned_deg,
            thigh_noise_deg2=thigh_noise_deg2,
            hip_heel_ll=abs(heel) - math.sin(math.radians(mean_deg) / 2) / 2 * math.radians(own_deg),
            weight=sum(weights) / 4,
            footed=seen[ANKLE_FROM_HIP] and seen[HEEL_FROM_HIP],
            collapsed=found.collapsed[leg],
            misfit_ll2=_misfit_ll2(gaps2[own], seen),
        )

    def _learn(self, legs: Legs, found: Repaired, dt_s: float) -> None:
        channels: list[complex] = []
        weights: list[float] = []
        for leg in range(2):
            own, named = slice(POINTS * leg, POINTS * (leg + 1)), leg ^ found.swapped
            seen_deg, hip_up, believed = legs.flexion_deg[named], legs.points_ll[named][HIP].imag, found.weights[own]
            channels += (*found.relative_ll[own], complex(seen_deg / FLEXION_UNIT_DEG), complex(hip_up))
            weights += (*believed, min(believed[0], believed[1]), 0.0 if math.isnan(hip_up) else max(believed))
        self.template.learn(self.clock.phase_rad, channels, weights, min(dt_s, self._neighbours_s))


def _misfit_ll2(gaps2: list[float], seen: Sequence[bool]) -> float:
    # As in most frames, all are seen and none lies far off.
    known = gaps2 if all(seen) else [gap2 for gap2, there in zip(gaps2, seen, strict=True) if there]
    if not known:
        return math.nan
    if max(known) > _MISFIT_CAP_LL2:
        known = [min(gap2, _MISFIT_CAP_LL2) for gap2 in known]
    return 0.5 * sum(known) / len(known)
