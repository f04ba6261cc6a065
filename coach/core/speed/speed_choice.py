"""Which belt speed is believed: the first source in the order of trust whose value is fresh and possible.

What kind of source each is stands in one table, `belt_speed.TRAITS`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from coach.core.coach_settings import SpeedSettings
from coach.core.notices import Notice, NoticeKind, Word
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin, Told, by_trust
from coach.core.speed.speed_check import Correction, Lasting, SpeedCheck

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
        return self._once(t_s, "unknown", Notice(NoticeKind.BELT_SPEED, "belt.unknown", t_s=t_s))

    def _once(self, t_s: float, what: object, notice: Notice) -> tuple[Notice, ...]:
        """The notice, unless it was told a short while ago."""
        if t_s - self._told.get(what, -math.inf) < _REMIND_S:
            return ()
        self._told[what] = t_s
        return (notice,)
