"""The gait-cycle filter: phase, template and deviation in one step a frame. No delay, no look ahead."""

from __future__ import annotations

import copy
import math
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
_SPREAD_FLOOR_LL: Final = 0.006
_SPREAD_MEMORY_S: Final = 2.0
_SPREAD_CLIP: Final = 9.0
_SAME_LEG: Final = 2.0
"""Points of one leg err together (the hip is common): they count for so much less."""
_FLEXION_PER_LL: Final = 115.0
"""Degrees of flexion that a point misread by one leg length turns the knee, thigh and shank being half of it."""
_SWING_DEG: Final = 60.0
_NEIGHBOURS_S: Final = 0.06
"""Frames up to so far apart, at 20 a second and more, are neighbours; a longer gap teaches no more than that."""
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
        self.spread_ll2 = [[max(lock.spread_ll, 0.01) ** 2] * 4 for _ in range(2)]
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
        predicted = self.template.now(self.clock.phase_rad)
        found = self._repair(legs, predicted)
        self._pull(found, predicted, dt_s)
        now = self.template.now(self.clock.phase_rad)
        gaps = [
            [point - usual for point, usual in zip(*leg, strict=True)]
            for leg in zip(found.relative_ll, now.points, strict=True)
        ]
        self._widen(gaps, found, dt_s)
        frame = self._frame(legs, dt_s, now, gaps, found)
        if self.clock.variance < _LOST_PHASE_VARIANCE:
            self._learn(legs, found, dt_s)
        return frame

    def _repair(self, legs: Legs, predicted: Now) -> Repaired:
        doubt = 0.5 * self.clock.variance
        left, right = (
            [spread + doubt * abs(slope) ** 2 for spread, slope in zip(*leg, strict=True)]
            for leg in zip(self.spread_ll2, predicted.slopes, strict=True)
        )
        flexion = predicted.groups[0][FLEXION].real, predicted.groups[1][FLEXION].real
        usual = Expected(predicted.points, (left, right), flexion)
        apart_ll = (abs(a - b) for a, b in zip(legs.points_ll[0][KNEE:], legs.points_ll[1][KNEE:], strict=True))
        found = repair(legs.relative_ll, apart_ll, usual, self._swapped)
        self._swapped = found.swapped
        return found

    def _pull(self, found: Repaired, predicted: Now, dt_s: float) -> None:
        """Correct the clock by all points; neighbouring frames err together and count for less."""
        alike = math.exp(-max(dt_s, 1e-3) / SLOW_S)
        repeats = (1 - SLOW_SHARE) + SLOW_SHARE * (1 + alike) / (1 - alike)
        pull = information = 0.0
        for leg in zip(
            found.relative_ll, predicted.points, predicted.slopes, found.weights, self.spread_ll2, strict=True
        ):
            for point, usual, slope, weight, spread in zip(*leg, strict=True):
                trust = weight / (spread * (_SAME_LEG * repeats))
                pull += trust * (slope.conjugate() * (point - usual)).real
                information += trust * abs(slope) ** 2
        self.clock.correct(pull, information)

    def _widen(self, gaps: list[list[complex]], found: Repaired, dt_s: float) -> None:
        """Follow how far points lie from what is expected; outliers count for three sigma."""
        memory_s = min(_SPREAD_MEMORY_S, 0.3 + 0.03 * self._steps)
        share = min(dt_s / memory_s, 0.2)
        for spreads, *leg in zip(self.spread_ll2, gaps, found.seen, strict=True):
            for i, (gap, seen) in enumerate(zip(*leg, strict=True)):
                if seen:
                    spread = spreads[i]
                    spread += share * (min(0.5 * abs(gap) ** 2, _SPREAD_CLIP * spread) - spread)
                    spreads[i] = max(spread, _SPREAD_FLOOR_LL**2)

    def _frame(self, legs: Legs, dt_s: float, now: Now, gaps: list[list[complex]], found: Repaired) -> CycleFrame:
        self._deviation.predict(dt_s)
        left, right = (self._leg(leg, legs, now.groups[leg], gaps[leg], found) for leg in range(2))
        clock = self.clock
        both = (left, right)
        return CycleFrame(
            legs.t_s, clock.phase_rad, clock.rate_rad_s, clock.variance, both, found.swapped, legs.trunk_deg
        )

    def _leg(self, leg: int, legs: Legs, expected: Channels, gap: list[complex], found: Repaired) -> LegFrame:
        """What the leg shows: the template, and as much of its own deviation as is known so far."""
        mean_deg, weights = expected[FLEXION].real * FLEXION_UNIT_DEG, found.weights[leg]
        reading_deg, turned_deg = rigid_turns(expected[:POINTS], gap, weights)
        # Where strides differ, the angle between mean places is not the mean angle: it was read against the former.
        reading_deg += flexion_deg(expected[KNEE_FROM_HIP], expected[ANKLE_FROM_HIP]) - mean_deg
        usual_deg = self._usual_deg[leg] * (STANCE_SHARE + (1 - STANCE_SHARE) * min(max(mean_deg / 90.0, 0.0), 1.0))
        gauge, swing = self._gauges[leg], mean_deg > _SWING_DEG
        gauge.take(legs.t_s, (reading_deg, turned_deg), swing, self._neighbours_s)
        noise_deg2, thigh_noise_deg2 = gauge.variances(swing)
        if not math.isnan(reading_deg):
            self._deviation.correct(leg, reading_deg, noise_deg2, LIVE_SHARE * usual_deg)
        own_deg = LIVE_SHARE * usual_deg * self._deviation.now(leg)[0]
        heel = expected[HEEL_FROM_HIP] or _UNKNOWN
        return LegFrame(
            flexion_deg=mean_deg + own_deg,
            mean_deg=mean_deg,
            reading_deg=reading_deg,
            seen_deg=math.nan if math.isnan(reading_deg) else legs.flexion_deg[leg ^ found.swapped],
            usual_deg=usual_deg,
            noise_deg2=noise_deg2,
            thigh_deg=ahead_deg(expected[KNEE_FROM_HIP]) + turned_deg,
            thigh_noise_deg2=thigh_noise_deg2,
            hip_heel_ll=abs(heel) - math.sin(math.radians(mean_deg) / 2) / 2 * math.radians(own_deg),
            weight=sum(weights) / 4,
            footed=found.seen[leg][ANKLE_FROM_HIP] and found.seen[leg][HEEL_FROM_HIP],
            collapsed=found.collapsed[leg],
            misfit_ll2=_misfit_ll2(gap, found.seen[leg]),
        )

    def _learn(self, legs: Legs, found: Repaired, dt_s: float) -> None:
        turn = -1 if found.swapped else 1
        channels: list[complex] = []
        weights: list[float] = []
        own = zip(found.relative_ll, found.weights, legs.flexion_deg[::turn], legs.points_ll[::turn], strict=True)
        for points, believed, seen_deg, leg in own:
            hip_up = leg[HIP].imag
            channels += (*points, complex(seen_deg / FLEXION_UNIT_DEG), complex(hip_up))
            weights += (*believed, min(believed[0], believed[1]), 0.0 if math.isnan(hip_up) else max(believed))
        self.template.learn(self.clock.phase_rad, channels, weights, min(dt_s, self._neighbours_s))


def _misfit_ll2(gap: list[complex], seen: list[bool]) -> float:
    known = [min(abs(apart) ** 2, MISFIT_CAP_LL**2) for apart, there in zip(gap, seen, strict=True) if there]
    return 0.5 * sum(known) / len(known) if known else math.nan
