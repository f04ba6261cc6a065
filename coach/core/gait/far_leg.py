"""Whether the leg behind has earned to be shown."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from coach.core.gait.stride_measures import Measured


class FarLegTrust:
    """Compares the last strides of the far leg with those of the near one.

    A network that cannot see the far leg draws it onto the near one: it reads low, is often not
    usable, or both. Runners' own asymmetry is 4° on average and 15° at most (13 runners at 3 speeds).
    """

    _STRIDES: Final = 6
    _MIN_STRIDES: Final = 2
    _MIN_USABLE: Final = 0.5
    _MIN_USABLE_ONCE: Final = 0.4
    _MAX_BELOW_DEG: Final = 17.0
    _MAX_READING_SD_DEG: Final = 8.5
    """A reading that jumps more than this from frame to frame is a guess; measured near legs have 3–6°."""
    _MAX_SPREAD_LL: Final = 0.055
    _MIN_LENGTH_LL: Final = 0.88
    """A leg drawn onto the other one shrinks; bones do not."""

    def __init__(self) -> None:
        self._near: deque[float] = deque(maxlen=self._STRIDES)
        self._far: deque[Measured] = deque(maxlen=self._STRIDES)
        self.trusted = False

    def see(self, measured: Measured, near: bool) -> None:
        """Take one stride of either leg."""
        if near:
            self._near.append(measured.peak_deg)
        else:
            self._far.append(measured)
        self.trusted = self._judge()

    def believes(self, measured: Measured) -> bool:
        """Whether this one stride of the far leg may be shown."""
        return self.trusted and measured.usable_share >= self._MIN_USABLE_ONCE

    def _judge(self) -> bool:
        if len(self._far) < self._MIN_STRIDES or not self._near:
            return False
        below = median(self._near) - median(m.peak_deg for m in self._far)
        return (
            median(m.usable_share for m in self._far) >= self._MIN_USABLE
            and median(m.reading_sd_deg for m in self._far) <= self._MAX_READING_SD_DEG
            and median(m.spread_ll for m in self._far) <= self._MAX_SPREAD_LL
            and median(m.length_ll for m in self._far) >= self._MIN_LENGTH_LL
            and below <= self._MAX_BELOW_DEG
        )
