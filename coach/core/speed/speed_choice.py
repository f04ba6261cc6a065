"""Which belt speed is believed: the first source in the order of trust whose value is fresh and possible.

What kind of source each is stands in one table, `belt_speed.TRAITS`. The picture checks what the others say, and learns
how far a console is off.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach.core.coach_settings import SpeedSettings
from coach.core.notices import Notice, NoticeKind, Word
from coach.core.speed.belt_speed import CONSOLE_SD_SHARE, BeltSpeed, SpeedOrigin, Told, by_trust, unknown_line
from coach.core.units import METRES_PER_KM, METRES_PER_MILE

_LEAST_DISAGREEMENT: Final = 0.06
_SIGMA: Final = 1.65
"""Nine of ten honest pairs lie closer together."""
_LASTING_S: Final = 6.0
"""A belt ramps, a runner types late: a disagreement counts once it has lasted."""
_SLOWEST_MPS: Final = 1.2
_MILE: Final = math.log(METRES_PER_MILE / METRES_PER_KM)
_MILE_WITHIN: Final = 0.10
_SEEN_AGE_S: Final = 3.0
_UNTOLD_S: Final = 3.0
"""Nothing compared for so long breaks off what has to last: half of it."""

_SAMPLE_EVERY_S: Final = 1.0
_SAMPLES: Final = 120
_LEAST_SAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Correction:
    """What a given speed should be multiplied by: picture over console, the console's own credit weighed in."""

    factor: float
    sd_share: float


class Lasting:
    """Whether something has held without a break for long enough."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since_s = math.inf
        self._last_s = -math.inf

    def step(self, t_s: float, holds: bool) -> bool:
        """Take the moment `t_s`; of what lies between two moments far apart nobody knows, and it counts anew."""
        if not holds:
            self._since_s = math.inf
        elif math.isinf(self._since_s) or t_s - self._last_s > _UNTOLD_S:
            self._since_s = t_s
        self._last_s = t_s
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
        weight = CONSOLE_SD_SHARE**2 / (CONSOLE_SD_SHARE**2 + self._seen_sd_share**2)
        return Correction(math.exp(weight * measured), math.sqrt(weight) * self._seen_sd_share)


def _share(speed: BeltSpeed) -> float:
    """Uncertainty as a share; what says nothing of its own is taken for a console."""
    return speed.sd_mps / speed.speed_mps if speed.sd_mps > 0 else CONSOLE_SD_SHARE


class Doubts:
    """Tells, once each time, that the runner's feet contradict the speed that a person told."""

    def __init__(self) -> None:
        self._doubted = False

    def step(self, t_s: float, belt: BeltSpeed | None) -> tuple[Notice, ...]:
        """Take the belt as it is believed or doubted at `t_s`; a notice where a doubt begins."""
        before, self._doubted = self._doubted, belt is not None and belt.doubted
        if belt is None or not belt.doubted or before:
            return ()
        values = (("given", Word(f"belt.given.{belt.origin}")), ("speed", belt.speed_mps))
        return (Notice(NoticeKind.BELT_SPEED, "belt.doubted", values=values, t_s=t_s),)


_STANDING_MPS: Final = 0.3
_RUNNING_MPS: Final = 1.5
_STANDING_LIE_S: Final = 3.0
"""A console that says 0 for so long while the runner runs has lost count."""
_UNKNOWN_AFTER_S: Final = 10.0
_REMIND_S: Final = 600.0


class SpeedChoice:
    """Believes one source at a time, says so when that changes, and lets the picture check the others."""

    def __init__(self, settings: SpeedSettings | None = None) -> None:
        self._settings = settings or SpeedSettings()
        self._believed: SpeedOrigin | None = None
        self._check = SpeedCheck()
        self._checked: SpeedOrigin | None = None
        self._lies = Lasting(_STANDING_LIE_S)
        self._lying = False
        self._unknown = Lasting(_UNKNOWN_AFTER_S)
        self._told: dict[object, float] = {}

    @property
    def correction(self) -> Correction | None:
        """What the given speed should be multiplied by, as far as the picture has taught; None before."""
        return self._check.correction

    def step(
        self, t_s: float, given: Told, seen: BeltSpeed | None, *, running: bool = False
    ) -> tuple[BeltSpeed | None, tuple[Notice, ...]]:
        """The speed to believe at `t_s`, and notices where something changed.

        given: what treadmill, keys, plan or recording say, each with its age. seen: what the picture says.
        running: whether the runner is known to run.
        """
        offered = by_trust(given, self._settings)
        notices = self._compare(t_s, offered[0] if offered else None, seen, running=running)
        usable = by_trust(offered if seen is None else (*offered, seen), self._settings)
        chosen = next((speed for speed in usable if self._possible(speed)), None)
        corrected = None if chosen is None else self._corrected(chosen)
        return corrected, notices + self._switched(t_s, corrected) + self._missing(t_s, corrected)

    def _possible(self, speed: BeltSpeed) -> bool:
        """What the picture has not found to be impossible."""
        if not speed.traits.overruled:
            return True
        return not self._lying and not (self._checked is speed.origin and self._check.wrong_unit)

    def _compare(
        self, t_s: float, given: BeltSpeed | None, seen: BeltSpeed | None, *, running: bool
    ) -> tuple[Notice, ...]:
        runs = running or (seen is not None and seen.speed_mps > _RUNNING_MPS)
        lies = given is not None and given.traits.overruled and given.speed_mps < _STANDING_MPS and runs
        self._lying = self._lies.step(t_s, lies)
        if given is None or seen is None:
            return ()
        if given.origin is not self._checked:
            self._check, self._checked = SpeedCheck(), given.origin
        self._check.step(t_s, self._configured(given), seen)
        if not self._check.disagrees:
            return ()
        how_far = round(10 * math.log(seen.speed_mps / given.speed_mps))
        notice = Notice(
            NoticeKind.BELT_SPEED,
            "belt.disagrees",
            Word("belt.wrong_unit") if self._check.wrong_unit and given.traits.overruled else "",
            (("given", Word(f"belt.given.{given.origin}")), ("speed", given.speed_mps), ("seen", seen.speed_mps)),
            t_s,
        )
        return self._once(t_s, (given.origin, how_far), notice)

    def _configured(self, speed: BeltSpeed) -> BeltSpeed:
        factor = self._settings.correction_factor
        if factor == 1.0 or not speed.traits.off_console:
            return speed
        return replace(speed, speed_mps=speed.speed_mps * factor)

    def _corrected(self, speed: BeltSpeed) -> BeltSpeed:
        if not speed.traits.off_console:
            return speed
        speed = self._configured(speed)
        learned = self.correction if self._settings.learn_correction and speed.origin is self._checked else None
        if learned is None:
            return speed
        speed_mps = speed.speed_mps * learned.factor
        return replace(speed, speed_mps=speed_mps, sd_mps=learned.sd_share * speed_mps)

    def _switched(self, t_s: float, chosen: BeltSpeed | None) -> tuple[Notice, ...]:
        before, self._believed = self._believed, chosen.origin if chosen else self._believed
        if chosen is None or before is None or before is self._believed:
            return ()
        values = (("origin", Word(f"belt.origin.{chosen.origin}")), ("speed", chosen.speed_mps))
        return (Notice(NoticeKind.BELT_SPEED, "belt.now", values=values, t_s=t_s),)

    def _missing(self, t_s: float, chosen: BeltSpeed | None) -> tuple[Notice, ...]:
        if not self._unknown.step(t_s, chosen is None):
            return ()
        key = unknown_line(self._settings.trust)
        return self._once(t_s, "unknown", Notice(NoticeKind.BELT_SPEED, key, t_s=t_s))

    def _once(self, t_s: float, what: object, notice: Notice) -> tuple[Notice, ...]:
        """The notice, unless it was told a short while ago."""
        if t_s - self._told.get(what, -math.inf) < _REMIND_S:
            return ()
        self._told[what] = t_s
        return (notice,)
