"""The picture checks what treadmill and runner say of the belt, and learns how far a console is off."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.speed.belt_speed import BeltSpeed

_CONSOLE_SD_SHARE: Final = 0.03
"""What is known of a console before it was ever checked: it is right within 3 %."""
_LEAST_DISAGREEMENT: Final = 0.06
_SIGMA: Final = 1.65
"""Nine of ten honest pairs lie closer together."""
_LASTING_S: Final = 6.0
"""A belt ramps, a runner types late: a disagreement counts once it has lasted."""
_SLOWEST_MPS: Final = 1.2
_MILE: Final = math.log(1.609344)
_MILE_WITHIN: Final = 0.10
_SEEN_AGE_S: Final = 3.0

_SAMPLE_EVERY_S: Final = 1.0
_SAMPLES: Final = 120
_LEAST_SAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Correction:
    """What a given speed should be multiplied by.

    factor: best estimate, the console's own credit weighed in. seen_factor: picture over console, as measured.
    """

    factor: float
    sd_share: float
    seen_factor: float


class Lasting:
    """Whether something has held without a break for long enough."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since_s = math.inf

    def step(self, t_s: float, holds: bool) -> bool:
        """Take the moment `t_s`."""
        if not holds:
            self._since_s = math.inf
        elif math.isinf(self._since_s):
            self._since_s = t_s
        return t_s - self._since_s >= self._seconds


class SpeedCheck:
    """Compares one given speed with the picture, moment by moment."""

    def __init__(self) -> None:
        self._off = Lasting(_LASTING_S)
        self._miles = Lasting(_LASTING_S)
        self._ratios: deque[float] = deque(maxlen=_SAMPLES)
        self._sampled_s = -math.inf
        self._seen_sd_share = math.nan
        self.disagrees = False
        """They have differed for long by more than both may err."""
        self.wrong_unit = False
        """They have differed for long by just a mile over a kilometre."""

    def step(self, t_s: float, given: BeltSpeed | None, seen: BeltSpeed | None) -> None:
        """Take what is given and what is seen at `t_s`; nothing is learned where one is missing, slow or old."""
        if given is None or seen is None or seen.age_s > _SEEN_AGE_S:
            self.disagrees = False
            return
        if not (given.speed_mps >= _SLOWEST_MPS and seen.speed_mps >= _SLOWEST_MPS):
            self.disagrees = self._off.step(t_s, holds=False)
            return
        off = math.log(seen.speed_mps / given.speed_mps)
        may_err = math.hypot(_share(given), _share(seen))
        self.disagrees = self._off.step(t_s, abs(off) > max(_LEAST_DISAGREEMENT, _SIGMA * may_err))
        self.wrong_unit = self._miles.step(t_s, abs(abs(off) - _MILE) < _MILE_WITHIN)
        if t_s - self._sampled_s >= _SAMPLE_EVERY_S and not self.wrong_unit:
            self._sampled_s = t_s
            self._ratios.append(off)
            self._seen_sd_share = _share(seen)

    @property
    def correction(self) -> Correction | None:
        """What has been learned so far; None before enough was compared."""
        if len(self._ratios) < _LEAST_SAMPLES:
            return None
        measured = float(np.median(self._ratios))
        weight = _CONSOLE_SD_SHARE**2 / (_CONSOLE_SD_SHARE**2 + self._seen_sd_share**2)
        return Correction(math.exp(weight * measured), math.sqrt(weight) * self._seen_sd_share, math.exp(measured))


def _share(speed: BeltSpeed) -> float:
    """Uncertainty as a share; what says nothing of its own is taken for a console."""
    return speed.sd_mps / speed.speed_mps if speed.sd_mps > 0 else _CONSOLE_SD_SHARE
