"""Keeping time: how often pictures come and what so many of them can carry, and where in the stride the runner is."""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import Final

_LAST: Final = 31
_EVERY: Final = 8
USUAL_GAP_S: Final = 1 / 20
"""A rate of 20 pictures a second and more needs no allowance: what counts per picture was tuned there."""

STRIDES_FPS: Final = 10.0
"""From here on angle and cadence are measured: the cycle filter gathers many strides, and seven pictures of each fill
one another's gaps. Measured (`bench.few_pictures`): at 10 bias 0.3°, SD 1.8°, all strides; at 8 none."""
TIMING_FPS: Final = 24.0
"""From here on contact and flight are told. On a real treadmill clip, thinned, contact scatters by 6 ms at 30 and by
24 ms at 20 and 15, 10 ms to one side: a trend in it would be the camera's, not the runner's."""
_SLACK: Final = 0.92
"""A lost picture, or a clock that is a little off, changes nothing."""

SLOWEST_HZ: Final = 0.7
FASTEST_HZ: Final = 2.05
"""Strides a second of anybody on a treadmill: 84 to 246 steps a minute."""

_TURN: Final = 2 * math.pi

_ACCELERATION: Final = 0.15
"""White acceleration of the phase, rad²/s³: a runner's strides differ by about 1 %."""
_STEP_LIMIT_RAD: Final = 0.25


def carries_timing(pictures: int, seconds: float) -> bool:
    """Whether so many pictures of a stride carry its contact and flight."""
    return pictures >= _SLACK * TIMING_FPS * seconds


class PictureRate:
    """The usual time between pictures: the median over the last 31, so that lost ones do not count."""

    def __init__(self) -> None:
        self._gaps_s: deque[float] = deque(maxlen=_LAST)
        self._last_s = math.nan
        self._seen = 0
        self.gap_s = math.nan
        """NaN until eight pictures came."""

    def see(self, t_s: float) -> None:
        """One more picture."""
        if t_s > self._last_s:
            self._gaps_s.append(t_s - self._last_s)
            self._seen += 1
            if self._seen % _EVERY == 0:
                self.gap_s = median(self._gaps_s)
        self._last_s = t_s

    def longest_s(self, usual_s: float) -> float:
        """Up to which gap two pictures are neighbours: `usual_s`, and as much more as pictures come more rarely."""
        return usual_s * max(self.gap_s / USUAL_GAP_S, 1.0) if self.gap_s > USUAL_GAP_S else usual_s

    @property
    def fps(self) -> float:
        """Pictures a second; NaN while it is not known."""
        return 1 / self.gap_s

    @property
    def too_few(self) -> bool:
        """Whether pictures come so rarely that no stride can be measured; False while that is not known."""
        return self.fps < _SLACK * STRIDES_FPS


class PhaseClock:
    """Phase and rate with their covariance: a constant-rate Kalman filter, fed with pulls on the phase.

    The phase counts on and on (unwrapped), so that no stride is ever doubled.
    """

    def __init__(self, phase_rad: float, rate_rad_s: float) -> None:
        self.phase_rad, self.rate_rad_s = phase_rad, rate_rad_s
        self._pp, self._pr, self._rr = 0.15**2, 0.0, 0.4**2

    @property
    def variance(self) -> float:
        """Of the phase, rad²."""
        return self._pp

    def predict(self, dt_s: float) -> None:
        """Run on by `dt_s`."""
        q = _ACCELERATION
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
        limit = _STEP_LIMIT_RAD
        innovation = max(-limit / gain_phase, min(pull / information, limit / gain_phase))
        self.phase_rad += gain_phase * innovation
        self.rate_rad_s += gain_rate * innovation
        self.rate_rad_s = min(max(self.rate_rad_s, SLOWEST_HZ * _TURN), FASTEST_HZ * _TURN)
        self._rr -= gain_rate * self._pr
        self._pr -= gain_phase * self._pr
        self._pp -= gain_phase * self._pp
