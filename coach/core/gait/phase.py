"""The stride clock: where in the stride the runner is, and how fast the strides come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SLOWEST_HZ: Final = 0.7
FASTEST_HZ: Final = 2.05
"""Strides a second of anybody on a treadmill: 84 to 246 steps a minute."""

_TURN: Final = 2 * math.pi


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """How freely the clock may run."""

    acceleration: float = 0.15
    """White acceleration of the phase, rad²/s³: a runner's strides differ by about 1 %."""
    step_limit_rad: float = 0.25


class PhaseClock:
    """Phase and rate with their covariance: a constant-rate Kalman filter, fed with pulls on the phase.

    The phase counts on and on (unwrapped), so that no stride is ever doubled.
    """

    def __init__(self, phase_rad: float, rate_rad_s: float, settings: ClockSettings | None = None) -> None:
        self._set = settings or ClockSettings()
        self.phase_rad, self.rate_rad_s = phase_rad, rate_rad_s
        self._pp, self._pr, self._rr = 0.15**2, 0.0, 0.4**2

    @property
    def variance(self) -> float:
        """Of the phase, rad²."""
        return self._pp

    def predict(self, dt_s: float) -> None:
        """Run on by `dt_s`."""
        q = self._set.acceleration
        self.phase_rad += self.rate_rad_s * dt_s
        self._pp += 2 * dt_s * self._pr + dt_s**2 * self._rr + q * dt_s**3 / 3
        self._pr += dt_s * self._rr + q * dt_s**2 / 2
        self._rr += q * dt_s

    def correct(self, pull: float, information: float) -> None:
        """Take what all points say: `pull` = Σ slope · residual / variance, `information` = Σ slope² / variance."""
        if information <= 0:
            return
        spread = self._pp + 1 / information
        gain_phase, gain_rate = self._pp / spread, self._pr / spread
        limit = self._set.step_limit_rad
        innovation = max(-limit / gain_phase, min(pull / information, limit / gain_phase))
        self.phase_rad += gain_phase * innovation
        self.rate_rad_s += gain_rate * innovation
        self.rate_rad_s = min(max(self.rate_rad_s, SLOWEST_HZ * _TURN), FASTEST_HZ * _TURN)
        self._rr -= gain_rate * self._pr
        self._pr -= gain_phase * self._pr
        self._pp -= gain_phase * self._pp
