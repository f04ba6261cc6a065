"""Whether the leg behind has earned to be shown."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from coach.core.gait.quality import StrideEvidence
from coach.core.gait.stride import Stride


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
        self._far: deque[tuple[float, StrideEvidence]] = deque(maxlen=self._STRIDES)
        self.trusted = False

    def see(self, stride: Stride, seen: StrideEvidence, near: bool) -> None:
        """Take one stride of either leg."""
        if near:
            self._near.append(stride.peak_knee_flexion_deg)
        else:
            self._far.append((stride.peak_knee_flexion_deg, seen))
        self.trusted = self._judge()

    def believes(self, seen: StrideEvidence) -> bool:
        """Whether this one stride of the far leg may be shown."""
        return self.trusted and seen.usable_share >= self._MIN_USABLE_ONCE

    def _judge(self) -> bool:
        if len(self._far) < self._MIN_STRIDES or not self._near:
            return False
        below = median(self._near) - median(peak_deg for peak_deg, _ in self._far)
        far = [seen for _, seen in self._far]
        return (
            median(seen.usable_share for seen in far) >= self._MIN_USABLE
            and median(seen.reading_sd_deg for seen in far) <= self._MAX_READING_SD_DEG
            and median(seen.spread_ll for seen in far) <= self._MAX_SPREAD_LL
            and median(seen.length_ll for seen in far) >= self._MIN_LENGTH_LL
            and below <= self._MAX_BELOW_DEG
        )
