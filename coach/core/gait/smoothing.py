"""The plain live filter: what is shown where there is no rhythm to follow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_NO_VALUE: Final = math.nan


@dataclass(frozen=True, slots=True)
class OneEuroSettings:
    """Cut-offs in Hz; `beta` opens the filter with speed (Casiez et al. 2012).

    The defaults suit knee flexion in degrees at webcam rates: −0.6 to −1.2° at the peak of a
    running swing and 6–7 ms late, against −4 to −9° of the method's usual defaults.
    """

    min_cutoff_hz: float = 3.0
    beta: float = 0.05
    derivative_cutoff_hz: float = 3.0
    hold_s: float = 0.15
    """A gap longer than this starts the filter anew."""


class OneEuroFilter:
    """A low-pass whose cut-off rises with the speed of the signal; NaN in, NaN out."""

    def __init__(self, settings: OneEuroSettings | None = None) -> None:
        self._set = settings or OneEuroSettings()
        self._last_s = math.nan
        self._raw = self._value = self._slope = _NO_VALUE

    def step(self, t_s: float, raw: float) -> float:
        """The filtered value at `t_s`; NaN where `raw` is NaN."""
        if math.isnan(raw):
            return math.nan
        if not t_s - self._last_s <= self._set.hold_s:
            self._slope, self._value = 0.0, raw
        else:
            dt_s = max(t_s - self._last_s, 1e-4)
            self._slope += _share(self._set.derivative_cutoff_hz, dt_s) * ((raw - self._raw) / dt_s - self._slope)
            cutoff_hz = self._set.min_cutoff_hz + self._set.beta * abs(self._slope)
            self._value += _share(cutoff_hz, dt_s) * (raw - self._value)
        self._last_s, self._raw = t_s, raw
        return self._value


def _share(cutoff_hz: float, dt_s: float) -> float:
    """How much of a new value a first-order low-pass takes in."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * dt_s))
