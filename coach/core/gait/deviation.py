"""A stride's own deviation from the mean one: how much more, or less, the knee is bent than the template says.

True deviations are smooth (their correlation falls to 0.8 over 0.1 s and 0.5 over 0.17 s, measured on
39 treadmill trials); a network's errors are part white and part slow. Both are modelled, so that the slow part is
not taken for the runner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait.kinematics import ANKLE, HEEL, KNEE, TOE
from coach.core.units import FloatArray

SLOW_SHARE: Final = 0.64
"""Of the variance of keypoint noise; the rest is white."""
SLOW_S: Final = 0.12
"""Time constant of the slow part."""

_FOOT_DOUBT: Final = np.array([[1.0 / 0.8**2, 1.0, 1.0 / 1.2**2, 1.0 / 1.2**2]])
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


def rigid_flexion_deg(expected_ll: FloatArray, residual_ll: FloatArray, weights: FloatArray) -> FloatArray:
    """Deviation of flexion, degrees, (2,), that turns thigh, shank and foot so that they meet the points seen.

    expected_ll, residual_ll: (2, 4, 2) of knee, ankle, heel, toe from the hip; weights: (2, 4).
    Segment lengths stay those of the template, so that noise along a segment does not bend the knee. NaN
    where knee or ankle was not usable.
    """
    jacobian = _turning(expected_ll)
    information = weights * _FOOT_DOUBT
    safe = np.where(information[..., None] > 0, residual_ll, 0.0)
    # The hip's own error shifts the four residuals alike: two more unknowns with a prior.
    weighted = jacobian * information[..., None, None]
    normal = np.einsum("ljcp,ljcq->lpq", weighted, jacobian) + _PRIOR
    right = np.einsum("ljcp,ljc->lp", weighted, safe)
    turns = np.linalg.solve(normal, right[..., None])[..., 0]
    bend = np.degrees(turns[:, 0] - turns[:, 1])
    usable = (weights[:, KNEE - 1] > 0) & (weights[:, ANKLE - 1] > 0)
    return np.asarray(np.where(usable, bend, np.nan))


_PRIOR: Final = np.diag([1e-4, 1e-4, 1e-3, 1 / _HIP_SHARE, 1 / _HIP_SHARE])


def _turning(expected: FloatArray) -> FloatArray:
    """(2, 4, 2, 5): how the points move as thigh, shank and foot turn, and as the hip is misread."""
    knee, ankle = expected[:, KNEE - 1], expected[:, ANKLE - 1]
    turn = np.zeros((2, 4, 2, 5))
    _put(turn, slice(0, 4), 0, knee)
    _put(turn, slice(1, 4), 1, ankle - knee)
    _put(turn, HEEL - 1, 2, expected[:, HEEL - 1] - ankle)
    _put(turn, TOE - 1, 2, expected[:, TOE - 1] - ankle)
    turn[:, :, 0, 3] = turn[:, :, 1, 4] = -1.0
    return turn


def _put(turn: FloatArray, joints: slice | int, which: int, arm: FloatArray) -> None:
    """Anticlockwise turn of `arm` (2, 2) as the motion of `joints`."""
    rows = turn[:, joints] if isinstance(joints, slice) else turn[:, joints : joints + 1]
    rows[..., 0, which] = -arm[:, None, 1]
    rows[..., 1, which] = arm[:, None, 0]


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
        near, far, whole = (math.exp(-s / SLOW_S) for s in (before_s, after_s, before_s + after_s))
        squares = 1 + share**2 + (1 - share) ** 2
        slow = squares - 2 * share * near - 2 * (1 - share) * far + 2 * share * (1 - share) * whole
        return (1 - SLOW_SHARE) * squares + SLOW_SHARE * slow


class DeviationFilter:
    """Live estimate of both legs' deviations: a Kalman filter over deviation, its slope and the slow noise.

    States are in units of their usual size, so that a leg may deviate more in swing than in stance.
    """

    def __init__(self, settings: DeviationSettings | None = None) -> None:
        self._rate = math.sqrt(3) / (settings or DeviationSettings()).scale_s
        self._stationary = np.diag([1.0, self._rate**2, 1.0])
        self._mean = np.zeros((2, 3))
        self._cov = np.broadcast_to(self._stationary, (2, 3, 3)).copy()

    def predict(self, dt_s: float) -> None:
        """Run on by `dt_s`."""
        a, fade = self._rate, math.exp(-self._rate * dt_s)
        move = np.array(
            [
                [(1 + a * dt_s) * fade, dt_s * fade, 0.0],
                [-a * a * dt_s * fade, (1 - a * dt_s) * fade, 0.0],
                [0.0, 0.0, math.exp(-dt_s / SLOW_S)],
            ]
        )
        self._mean = self._mean @ move.T
        self._cov = move @ (self._cov - self._stationary) @ move.T + self._stationary

    def correct(self, leg: int, reading_deg: float, noise_variance: float, usual_deg: float) -> None:
        """Take a reading of one leg; `usual_deg` is how far strides differ at this phase."""
        look = np.array([usual_deg, 0.0, math.sqrt(SLOW_SHARE * noise_variance)])
        seen = self._cov[leg] @ look
        spread = float(look @ seen) + (1 - SLOW_SHARE) * noise_variance + 1e-4
        self._mean[leg] += seen / spread * (reading_deg - float(look @ self._mean[leg]))
        self._cov[leg] -= seen[:, None] * seen / spread

    def now(self, leg: int) -> tuple[float, float]:
        """Deviation of one leg and its standard deviation, in units of what is usual."""
        return float(self._mean[leg, 0]), math.sqrt(max(float(self._cov[leg, 0, 0]), 0.0))


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
    prior = _matern(seen_s[:, None] - seen_s, scale_s) * seen_sd_deg[:, None] * seen_sd_deg
    slow = SLOW_SHARE * noise_variance * np.exp(-np.abs(seen_s[:, None] - seen_s) / SLOW_S)
    white = ((1 - SLOW_SHARE) * noise_variance + 1e-4) * np.eye(len(seen_s))
    cross = _matern(at_s[:, None] - seen_s, scale_s) * at_sd_deg[:, None] * seen_sd_deg
    solved = np.linalg.solve(prior + slow + white, np.column_stack([readings.deviation_deg, cross.T]))
    variance = at_sd_deg**2 - (cross * solved[:, 1:].T).sum(1)
    return cross @ solved[:, 0], np.sqrt(np.maximum(variance, 0.0))


def _matern(gap_s: FloatArray, scale_s: float) -> FloatArray:
    scaled = math.sqrt(3) / scale_s * np.abs(gap_s)
    return np.asarray((1 + scaled) * np.exp(-scaled))
