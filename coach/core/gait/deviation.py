"""A stride's own deviation from the mean one: how much more, or less, the knee is bent than the template says.

True deviations are smooth (their correlation falls to 0.8 over 0.1 s and 0.5 over 0.17 s, measured on
39 treadmill trials); a network's errors are part white and part slow. Both are modelled, so that the slow part is
not taken for the runner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.kinematics import Points
from coach.core.units import FloatArray

SLOW_SHARE: Final = 0.64
"""Of the variance of keypoint noise; the rest is white."""
TRUE_SHARE: Final = 0.15
"""Of the deviation that is allowed for the near leg, what a stride's own comes to: 1.2°. Runners' strides differ by
1.5–1.7° (39 treadmill trials), and the template has learnt about a third of each by the time it is measured."""
SLOW_S: Final = 0.12
"""Time constant of the slow part."""
_ABOUT_S: Final = 0.12
"""So far from the moments asked for, readings are held against what they may scatter by: where the knee is bent most it
is 0.1 s that a leg can lie on the other one."""
_LEAST_HEARD: Final = 0.2
"""Share of a deviation that an estimate has: what less is heard of is not unfolded by more."""

DEVIATION_SD_DEG: Final = 8.0
"""How far a stride may differ from the mean one, at peak swing and once it is finished; a small value scores well on
steady running and ignores change."""
DEVIATION_SCALE_S: Final = 0.25
"""Over which time that changes."""
LIVE_SHARE: Final = 0.65
"""Of it for the live curve, which cannot see what follows and so must lean more on the mean stride."""
STANCE_SHARE: Final = 0.5
"""Of it where the leg is straight."""
FAR_SHARE: Final = 0.4
"""Of it for the far leg: it is read worse, and not coached, so steadiness is worth more there. Its strides differ as
much as the near leg's all the same."""

_KNEE_KNOWN: Final = 1.0 / 0.8**2
_ANKLE_KNOWN: Final = 1.0
_FOOT_KNOWN: Final = 1.0 / 1.2**2
"""Information of knee, ankle, heel and toe, against the ankle's."""
_HIP_SHARE: Final = 1.0
"""Variance of the hip against the ankle's: it moves all residuals of a leg together."""
_STIFF: Final = 1e-4
_STIFF_FOOT: Final = 1e-3
"""Information that holds a segment where the template has it: keeps the fit tame where a point is missing."""


class Turns(NamedTuple):
    """How far one leg's bones are turned from where the template has them, degrees; NaN where it was not usable."""

    flexion_deg: float
    """Of the knee, + bent further."""
    thigh_deg: float
    """Of the thigh, + forward."""


_NO_TURNS: Final = Turns(math.nan, math.nan)


def rigid_turns(expected_ll: Points, residual_ll: Points, weights: Sequence[float]) -> Turns:
    """Deviation of one leg's flexion and thigh that turns thigh, shank and foot so that they meet the points seen.

    expected_ll, residual_ll: of knee, ankle, heel and toe from the hip; weights: one each, 0 to 1.
    Segment lengths stay those of the template, so that noise along a segment does not bend the knee. NaN
    where knee or ankle was not usable; any other residual of weight 0 must be a number.

    Least squares in the three turns and the hip's own error, which moves all residuals alike. A turn by θ moves the
    tip of an arm by iθa, a being the arm half-way between where it was expected and where it is seen: the chord of
    a turn stands square on its middle, so a knee that folds 15° less is read as far off as one that folds 15° more.
    So of two arms Re(a* b) is the product of their motions, and Im(a* r) is what a residual r says of a's turn.
    """
    if not (weights[0] > 0 and weights[1] > 0):
        return _NO_TURNS
    at_knee, at_ankle, at_heel, at_toe = residual_ll
    knee, ankle, heel, toe = expected_ll
    knee, ankle, heel, toe = knee + at_knee / 2, ankle + at_ankle / 2, heel + at_heel / 2, toe + at_toe / 2
    of_knee, of_ankle, of_heel, of_toe = weights
    of_knee, of_ankle = of_knee * _KNEE_KNOWN, of_ankle * _ANKLE_KNOWN
    of_heel, of_toe = of_heel * _FOOT_KNOWN, of_toe * _FOOT_KNOWN
    thigh, shank = knee.conjugate(), (ankle - knee).conjugate()
    to_heel, to_toe = heel - ankle, toe - ankle
    foot = of_heel * to_heel + of_toe * to_toe
    # The hip's error is solved for first: what is left is the information of each turn, and what it is pulled by.
    below = of_ankle + of_heel + of_toe
    whole = of_knee + below + 1 / _HIP_SHARE
    beyond = 1 - below / whole
    pull_below = of_ankle * at_ankle + of_heel * at_heel + of_toe * at_toe
    pull = (of_knee * at_knee + pull_below) / whole
    thigh_thigh = abs(thigh) ** 2 * (1 - 1 / (_HIP_SHARE * whole)) + _STIFF
    thigh_shank = (thigh * shank.conjugate()).real * below / whole
    shank_shank = abs(shank) ** 2 * below * beyond + _STIFF
    thigh_foot, shank_foot = (thigh * foot).real / whole, (shank * foot).real * beyond
    foot_foot = of_heel * abs(to_heel) ** 2 + of_toe * abs(to_toe) ** 2 - abs(foot) ** 2 / whole + _STIFF_FOOT
    of_foot = (of_heel * to_heel.conjugate() * at_heel + of_toe * to_toe.conjugate() * at_toe).imag
    of_foot = (of_foot - (foot.conjugate() * pull).imag) / foot_foot
    of_thigh = (thigh * pull).imag / _HIP_SHARE - thigh_foot * of_foot
    of_shank = (shank * (pull_below - below * pull)).imag - shank_foot * of_foot
    # Then the foot's turn; two are left.
    thigh_thigh -= thigh_foot**2 / foot_foot
    thigh_shank -= thigh_foot * shank_foot / foot_foot
    shank_shank -= shank_foot**2 / foot_foot
    whole = thigh_thigh * shank_shank - thigh_shank**2
    turned = of_thigh * shank_shank - of_shank * thigh_shank
    apart = turned + of_thigh * thigh_shank - of_shank * thigh_thigh
    return Turns(math.degrees(apart / whole), math.degrees(turned / whole))


class NoiseGauge:
    """Variance of each of one leg's readings, degrees², from how it jumps between neighbouring frames.

    A runner's deviation is smooth, so second differences show noise alone; how much of it is slow is assumed.
    Swing and stance are gauged apart: a network reads a blurred or crossing foot worse than a planted one.
    """

    _MEMORY: Final = 60.0
    _CLIP: Final = 5.0
    _CLIPPED_AWAY: Final = 0.93
    """What clipping leaves of the mean of a squared Gaussian."""

    def __init__(self, *variances: float) -> None:
        """`variances`: of each reading, before anything was seen."""
        self._variances = [*variances], [*variances]
        self._recent: list[tuple[float, Sequence[float]]] = []
        self._seen = [8.0, 8.0]

    def variances(self, swing: bool) -> Sequence[float]:
        """Of each reading in swing, or in stance."""
        return self._variances[swing]

    def take(self, t_s: float, readings_deg: Sequence[float], swing: bool, neighbours_s: float) -> None:
        """A frame's readings, all NaN or none; NaN breaks the chain, and so does a gap of `neighbours_s` or more."""
        if math.isnan(readings_deg[0]):
            self._recent.clear()
            return
        self._recent.append((t_s, readings_deg))
        if len(self._recent) < 3:
            return
        (t0, before), (t1, at), (t2, after) = self._recent
        del self._recent[0]
        before_s, after_s = t1 - t0, t2 - t1
        if not (0 < before_s < neighbours_s and 0 < after_s < neighbours_s):
            return
        share = after_s / (before_s + after_s)
        expected = _expected(share, before_s, after_s)
        self._seen[swing] = min(self._seen[swing] + 1, self._MEMORY)
        variances = self._variances[swing]
        for i, (y0, y1, y2) in enumerate(zip(before, at, after, strict=True)):
            measured, known = (y1 - share * y0 - (1 - share) * y2) ** 2 / expected, variances[i]
            capped = min(measured, self._CLIP * (known + 0.02)) / self._CLIPPED_AWAY
            variances[i] = known + (capped - known) / self._seen[swing]


@lru_cache(maxsize=1)  # Both legs ask for the same.
def _expected(share: float, before_s: float, after_s: float) -> float:
    """Mean squared bend for noise of variance 1."""
    near, far = math.exp(-before_s / SLOW_S), math.exp(-after_s / SLOW_S)
    squares = 1 + share**2 + (1 - share) ** 2
    slow = squares - 2 * share * near - 2 * (1 - share) * far + 2 * share * (1 - share) * near * far
    return (1 - SLOW_SHARE) * squares + SLOW_SHARE * slow


class DeviationFilter:
    """Live estimate of both legs' deviations: a Kalman filter over deviation, its slope and the slow noise.

    States are in units of their usual size, so that a leg may deviate more in swing than in stance.
    """

    def __init__(self) -> None:
        self._rate = math.sqrt(3) / DEVIATION_SCALE_S
        self.legs = (LegDeviation(self._rate), LegDeviation(self._rate))
        """Left, then right."""

    def predict(self, dt_s: float) -> None:
        """Run on by `dt_s`."""
        rate, fade = self._rate, math.exp(-self._rate * dt_s)
        motion = _Motion(
            keep=(1 + rate * dt_s) * fade,
            drift=dt_s * fade,
            back=-rate * rate * dt_s * fade,
            slope_keep=(1 - rate * dt_s) * fade,
            slow_keep=math.exp(-dt_s / SLOW_S),
        )
        for leg in self.legs:
            leg.predict(motion)


class _Motion(NamedTuple):
    """How a frame's time moves the state: what is kept of deviation, slope and slow noise, and what crosses over."""

    keep: float
    drift: float
    back: float
    slope_keep: float
    slow_keep: float


class LegDeviation:
    """One leg's state with its covariance, in plain floats: three by three is too small for arrays."""

    def __init__(self, rate: float) -> None:
        self._usual_slope2 = rate**2
        self.deviation = self._slope = self._slow = 0.0
        """In units of what is usual, as is its `variance`."""
        self.variance, self._slope2, self._slow2 = 1.0, rate**2, 1.0
        self._with_slope = self._with_slow = self._slope_with_slow = 0.0
        """Covariances: deviation with slope, deviation with slow noise, slope with slow noise."""

    def predict(self, motion: _Motion) -> None:
        """Run on."""
        keep, drift, back, slope_keep, slow_keep = motion
        deviation, slope = self.deviation, self._slope
        self.deviation, self._slope = keep * deviation + drift * slope, back * deviation + slope_keep * slope
        self._slow *= slow_keep
        # The covariance returns to the usual one as the state returns to 0.
        vv, vs, ss = self.variance - 1.0, self._with_slope, self._slope2 - self._usual_slope2
        kept_v, kept_s = keep * vv + drift * vs, keep * vs + drift * ss
        self.variance = keep * kept_v + drift * kept_s + 1.0
        self._with_slope = back * kept_v + slope_keep * kept_s
        self._slope2 = back * (back * vv + 2 * slope_keep * vs) + slope_keep**2 * ss + self._usual_slope2
        v_slow, s_slow = self._with_slow, self._slope_with_slow
        self._with_slow = slow_keep * (keep * v_slow + drift * s_slow)
        self._slope_with_slow = slow_keep * (back * v_slow + slope_keep * s_slow)
        self._slow2 = slow_keep**2 * (self._slow2 - 1.0) + 1.0

    def correct(self, reading_deg: float, noise_deg2: float, usual_deg: float) -> None:
        """A reading is deviation and slow noise, each times its size, and white noise.

        noise_deg2: variance of both noises; usual_deg: how far strides differ at this phase.
        """
        slow_deg, white_deg2 = math.sqrt(SLOW_SHARE * noise_deg2), (1 - SLOW_SHARE) * noise_deg2 + 1e-4
        deviation = usual_deg * self.variance + slow_deg * self._with_slow
        slope = usual_deg * self._with_slope + slow_deg * self._slope_with_slow
        slow = usual_deg * self._with_slow + slow_deg * self._slow2
        spread = usual_deg * deviation + slow_deg * slow + white_deg2
        news = (reading_deg - usual_deg * self.deviation - slow_deg * self._slow) / spread
        self.deviation += deviation * news
        self._slope += slope * news
        self._slow += slow * news
        self.variance -= deviation * deviation / spread
        self._with_slope -= deviation * slope / spread
        self._slope2 -= slope * slope / spread
        self._with_slow -= deviation * slow / spread
        self._slope_with_slow -= slope * slow / spread
        self._slow2 -= slow * slow / spread


@dataclass(frozen=True, slots=True)
class Readings:
    """Deviations read from frames, (n,) each: when (rising), how much, and how far strides may differ there."""

    t_s: FloatArray
    deviation_deg: FloatArray
    usual_deg: FloatArray
    noise_variance: float
    true_share: float = TRUE_SHARE
    """How much of that a stride's own deviation comes to."""


def smoothed(
    at_s: FloatArray, at_sd_deg: FloatArray, readings: Readings, scale_s: float
) -> tuple[FloatArray, FloatArray]:
    """Deviation and its standard deviation at `at_s` from readings on both sides: a Gaussian process, (m,) each.

    The process allows for deviations as large as `at_sd_deg`, so that it follows a sudden change; the standard
    deviation is the error of that very estimate where strides differ as much as runners' do, or as much as this one
    does. Readings that contradict each other, as of a leg that lies on the other one for two pictures, are told by
    that they lie on no smooth curve: their noise is what they show, not what is known of the leg (Birge's ratio).
    """
    seen_s, seen_sd_deg, noise_variance = readings.t_s, readings.usual_deg, readings.noise_variance
    n = len(seen_s)
    # Kernel rows: first those of the readings, then those of the moments asked for.
    gap_s = np.abs(np.concatenate([seen_s, at_s])[:, None] - seen_s)
    alike = _matern(gap_s, scale_s) * np.concatenate([seen_sd_deg, at_sd_deg])[:, None] * seen_sd_deg
    prior, cross = alike[:n], alike[n:]
    noise = SLOW_SHARE * noise_variance * np.exp(gap_s[:n] / -SLOW_S)
    noise.ravel()[:: n + 1] += (1 - SLOW_SHARE) * noise_variance + 1e-4
    total = prior + noise
    solved = np.linalg.solve(total, np.column_stack([readings.deviation_deg, cross.T]))
    shares = solved[:, 1:].T
    deviation_deg = cross @ solved[:, 0]
    # What the readings leave unsaid of a true deviation, and what of their noise gets into the estimate.
    unsaid = at_sd_deg**2 - 2 * np.vecdot(cross, shares) + np.vecdot(shares, shares @ prior)
    found = np.abs(deviation_deg) / np.maximum(shares.sum(1), _LEAST_HEARD) / at_sd_deg
    first, end = seen_s.searchsorted((at_s[0] - _ABOUT_S, at_s[-1] + _ABOUT_S)).tolist()
    excess = _excess(readings.deviation_deg[first:end], total[first:end, first:end])
    variance = np.maximum(readings.true_share, found) ** 2 * unsaid + excess * np.vecdot(shares, shares @ noise)
    return deviation_deg, np.sqrt(np.maximum(variance, 0.0))


def _excess(values: FloatArray, covariance: FloatArray) -> float:
    """How much more than they may values scatter, as a factor of the variance; 1 where they keep to it."""
    return max(1.0, float(values @ np.linalg.solve(covariance, values)) / max(len(values), 1))


def _matern(gap_s: FloatArray, scale_s: float) -> FloatArray:
    """Correlation of a true deviation over so much time (not negative)."""
    scaled = gap_s * (math.sqrt(3) / scale_s)
    return np.asarray((1 + scaled) * np.exp(-scaled))
