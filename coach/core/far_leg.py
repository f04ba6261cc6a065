"""Whether the leg behind has earned to be shown."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from coach.core.measure import Measured


class FarLegTrust:
    """Compares the last strides of the far leg with those of the near one.

    A network that cannot see the far leg draws it onto the near one: it reads low, is often not
    usable, or both. Runners' own asymmetry is 4° on average and 15° at most (13 runners at 3 speeds).
    """

    _STRIDES: Final = 6
    _MIN_STRIDES: Final = 2
    _MIN_USABLE: Final = 0.5
    _MAX_BELOW_DEG: Final = 15.0
    _MAX_SD_DEG: Final = 3.5

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

    def _judge(self) -> bool:
        if len(self._far) < self._MIN_STRIDES or not self._near:
            return False
        usable = float(np.mean([m.usable_share for m in self._far]))
        sd = float(np.median([m.peak_sd_deg for m in self._far]))
        below = float(np.median(self._near)) - float(np.median([m.peak_deg for m in self._far]))
        return usable >= self._MIN_USABLE and sd <= self._MAX_SD_DEG and below <= self._MAX_BELOW_DEG
