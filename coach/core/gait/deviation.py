"""A stride's own deviation from the mean one: how much more, or less, the knee is bent than the template says.

True deviations are smooth (their correlation falls to 0.8 over 0.1 s and 0.5 over 0.17 s, measured on
39 treadmill trials); a network's errors are part white and part slow. Both are modelled, so that the slow part is
not taken for the runner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.kinematics import ANKLE, HEEL, KNEE, TOE
from coach.core.units import FloatArray

SLOW_SHARE: Final = 0.64
"""Of the variance of keypoint noise; the rest is white."""
SLOW_S: Final = 0.12
"""Time constant of the slow part."""

_FOOT_DOUBT: Final = np.array([1.0 / 0.8**2, 1.0, 1.0 / 1.2**2, 1.0 / 1.2**2])
"""Relative information of knee, ankle, heel and toe."""
_HIP_SHARE: Final = 1.0
"""Variance of the hip against the ankle's: it moves all residuals of a leg together."""


@dataclass(frozen=True, slots=True)
class DeviationSettings:
    """How far and how fast a stride may differ from the mean one."""

    sd_deg: float = 8.0
    """At peak swing, for a finished stride; a small value scores well on steady running and ignores change."""
    live_share: float = 0.65
    """Of `sd_deg` for the live curve, which cannot see what follows and so must lean more on the mean stride."""
    stance_share: float = 0.5
    """Of `sd_deg` where the leg is straight."""
    scale_s: float = 0.25
    far_share: float = 0.4
    """Of `sd_deg` for the far leg: it is read worse, and not coached, so steadiness is worth more there."""


def rigid_flexion_deg(expected_ll: FloatArray, residual_ll: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Deviation of flexion of either leg, degrees, that turns thigh, shank and foot so that they meet the points seen.

    expected_ll, residual_ll: (2, 4, 2) of knee, ankle, heel, toe from the hip; weights: (2, 4).
    Segment lengths stay those of the template, so that noise along a segment does not bend the knee. NaN
    where knee or ankle was not usable; any other residual of weight 0 must be a number.
    """
    motion = (expected_ll.reshape(2, 8) @ _ARMS + _HIP_MOTION).reshape(2, 4, 2, _TURNS + 1)
    motion[..., _TURNS] = residual_ll
    weighted = motion * (weights * _FOOT_DOUBT)[..., None, None]
    # One product gives the normal equations and, in its last column, their right-hand side.
    normal = motion.reshape(2, 8, -1).swapaxes(1, 2) @ weighted.reshape(2, 8, -1)
    turns = np.linalg.solve(normal[:, :_TURNS, :_TURNS] + _PRIOR, normal[:, :_TURNS, _TURNS:])[..., 0].tolist()
    usable = [leg[KNEE - 1] > 0 and leg[ANKLE - 1] > 0 for leg in weights.tolist()]
    left, right = (math.degrees(turn[0] - turn[1]) if ok else math.nan for turn, ok in zip(turns, usable, strict=True))
    return left, right


_TURNS: Final = 5
"""Unknowns: the turns of thigh, shank and foot, and the hip's own error, which shifts the four residuals alike."""
_PRIOR: Final = np.diag([1e-4, 1e-4, 1e-3, 1 / _HIP_SHARE, 1 / _HIP_SHARE])


def _arms() -> FloatArray:
    """(8, 48): from knee, ankle, heel and toe, x and y each, to how these points move with each turn."""
    knee, ankle, heel, toe = (joint - 1 for joint in (KNEE, ANKLE, HEEL, TOE))
    thigh, shank, foot = range(3)
    # (the point that moves, what turns, the arm's tip, its root); the thigh's root is the hip
    arms: list[tuple[int, int, int, int | None]] = [(point, thigh, knee, None) for point in range(4)]
    arms += [(point, shank, ankle, knee) for point in (ankle, heel, toe)]
    arms += [(point, foot, point, ankle) for point in (heel, toe)]
    motion = np.zeros((4, 2, 4, 2, _TURNS + 1))
    for point, what, tip, root in arms:
        for joint, sign in ((tip, 1.0), (root, -1.0)):
            if joint is not None:
                # Anticlockwise, (x, y) moves by (-y, x).
                motion[joint, 1, point, 0, what] -= sign
                motion[joint, 0, point, 1, what] += sign
    return motion.reshape(8, -1)


def _hip_motion() -> FloatArray:
    """(48,): how the points move with the hip's error; all alike, and against it."""
    motion = np.zeros((4, 2, _TURNS + 1))
    motion[:, 0, 3] = motion[:, 1, 4] = -1.0
    return motion.ravel()


_ARMS: Final = _arms()
_HIP_MOTION: Final = _hip_motion()


class NoiseGauge:
    """Variance of one leg's flexion reading, degrees², from how it jumps between neighbouring frames.

    A runner's deviation is smooth, so second differences show noise alone; how much of it is slow is assumed.
    Swing and stance are gauged apart: a network reads a blurred or crossing foot worse than a planted one.
    """

    _MEMORY: Final = 60.0
    _CLIP: Final = 5.0
    _CLIPPED_AWAY: Final = 0.93
    """What clipping leaves of the mean of a squared Gaussian."""

    def __init__(self, variance: float) -> None:
        self._variance = [variance, variance]
        self._recent: list[tuple[float, float]] = []
        self._seen = [8.0, 8.0]

    def variance(self, swing: bool) -> float:
        """Of a reading in swing, or in stance."""
        return self._variance[swing]

    def take(self, t_s: float, residual_deg: float, swing: bool) -> None:
        """One more reading; NaN breaks the chain."""
        if math.isnan(residual_deg):
            self._recent.clear()
            return
        self._recent.append((t_s, residual_deg))
        if len(self._recent) < 3:
            return
        (t0, y0), (t1, y1), (t2, y2) = self._recent
        del self._recent[0]
        before_s, after_s = t1 - t0, t2 - t1
        if not (0 < before_s < 0.06 and 0 < after_s < 0.06):
            return
        share = after_s / (before_s + after_s)
        bend = (y1 - share * y0 - (1 - share) * y2) ** 2
        measured = bend / self._expected(share, before_s, after_s)
        known = self._variance[swing]
        self._seen[swing] = min(self._seen[swing] + 1, self._MEMORY)
        capped = min(measured, self._CLIP * (known + 0.02)) / self._CLIPPED_AWAY
        self._variance[swing] = known + (capped - known) / self._seen[swing]

    @staticmethod
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

    def __init__(self, settings: DeviationSettings | None = None) -> None:
        self._rate = math.sqrt(3) / (settings or DeviationSettings()).scale_s
        self._legs = (_LegDeviation(self._rate), _LegDeviation(self._rate))

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
        for leg in self._legs:
            leg.predict(motion)

    def correct(self, leg: int, reading_deg: float, noise_variance: float, usual_deg: float) -> None:
        """Take a reading of one leg; `usual_deg` is how far strides differ at this phase."""
        slow_deg = math.sqrt(SLOW_SHARE * noise_variance)
        self._legs[leg].correct(reading_deg, usual_deg, slow_deg, (1 - SLOW_SHARE) * noise_variance + 1e-4)

    def now(self, leg: int) -> tuple[float, float]:
        """Deviation of one leg and its standard deviation, in units of what is usual."""
        state = self._legs[leg]
        return state.deviation, math.sqrt(max(state.variance, 0.0))


class _Motion(NamedTuple):
    """How a frame's time moves the state: what is kept of deviation, slope and slow noise, and what crosses over."""

    keep: float
    drift: float
    back: float
    slope_keep: float
    slow_keep: float


class _LegDeviation:
    """One leg's state with its covariance, in plain floats: three by three is too small for arrays."""

    def __init__(self, rate: float) -> None:
        self._usual_slope2 = rate**2
        self.deviation = self._slope = self._slow = 0.0
        self.variance, self._slope2, self._slow2 = 1.0, rate**2, 1.0
        self._with_slope = self._with_slow = self._slope_with_slow = 0.0
        """Covariances: deviation with slope, deviation with slow noise, slope with slow noise."""

    def predict(self, m: _Motion) -> None:
        self.deviation, self._slope = (
            m.keep * self.deviation + m.drift * self._slope,
            m.back * self.deviation + m.slope_keep * self._slope,
        )
        self._slow *= m.slow_keep
        # The covariance returns to the usual one as the state returns to 0.
        vv, vs, ss = self.variance - 1.0, self._with_slope, self._slope2 - self._usual_slope2
        kept_v, kept_s = m.keep * vv + m.drift * vs, m.keep * vs + m.drift * ss
        self.variance = m.keep * kept_v + m.drift * kept_s + 1.0
        self._with_slope = m.back * kept_v + m.slope_keep * kept_s
        self._slope2 = m.back * (m.back * vv + 2 * m.slope_keep * vs) + m.slope_keep**2 * ss + self._usual_slope2
        self._with_slow, self._slope_with_slow = (
            m.slow_keep * (m.keep * self._with_slow + m.drift * self._slope_with_slow),
            m.slow_keep * (m.back * self._with_slow + m.slope_keep * self._slope_with_slow),
        )
        self._slow2 = m.slow_keep**2 * (self._slow2 - 1.0) + 1.0

    def correct(self, reading_deg: float, usual_deg: float, slow_deg: float, white_variance: float) -> None:
        """A reading is deviation and slow noise, each times its size, and white noise."""
        deviation = usual_deg * self.variance + slow_deg * self._with_slow
        slope = usual_deg * self._with_slope + slow_deg * self._slope_with_slow
        slow = usual_deg * self._with_slow + slow_deg * self._slow2
        spread = usual_deg * deviation + slow_deg * slow + white_variance
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
    """Deviations read from frames, (n,) each: when, how much, and how far strides usually differ there."""

    t_s: FloatArray
    deviation_deg: FloatArray
    usual_deg: FloatArray
    noise_variance: float


def smoothed(
    at_s: FloatArray, at_sd_deg: FloatArray, readings: Readings, scale_s: float
) -> tuple[FloatArray, FloatArray]:
    """Deviation and its standard deviation at `at_s` from readings on both sides: a Gaussian process, (m,) each."""
    seen_s, seen_sd_deg, noise_variance = readings.t_s, readings.usual_deg, readings.noise_variance
    n = len(seen_s)
    # Kernel rows: first those of the readings, then those of the moments asked for.
    gap_s = np.abs(np.concatenate([seen_s, at_s])[:, None] - seen_s)
    alike = _matern(gap_s, scale_s) * np.concatenate([seen_sd_deg, at_sd_deg])[:, None] * seen_sd_deg
    prior, cross = alike[:n], alike[n:]
    noise = SLOW_SHARE * noise_variance * np.exp(gap_s[:n] / -SLOW_S)
    noise.flat[:: n + 1] += (1 - SLOW_SHARE) * noise_variance + 1e-4
    solved = np.linalg.solve(prior + noise, np.column_stack([readings.deviation_deg, cross.T]))
    variance = at_sd_deg**2 - np.vecdot(cross, solved[:, 1:].T)
    return cross @ solved[:, 0], np.sqrt(np.maximum(variance, 0.0))


def _matern(gap_s: FloatArray, scale_s: float) -> FloatArray:
    """Correlation of a true deviation over so much time (not negative)."""
    scaled = gap_s * (math.sqrt(3) / scale_s)
    return np.asarray((1 + scaled) * np.exp(-scaled))
