"""Which belt speed is believed: the first source in the order of trust whose value is fresh and possible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Literal

from coach.core.coach_settings import SpeedSettings, SpeedTrust
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.speed_check import Correction, Lasting, SpeedCheck
from coach.core.units import kmh, mph

Units = Literal["metric", "imperial"]

_KIND: Final[dict[SpeedOrigin, SpeedTrust]] = {
    SpeedOrigin.TREADMILL: "treadmill",
    SpeedOrigin.TYPED: "typed",
    SpeedOrigin.PLAN: "typed",
    SpeedOrigin.RECORDING: "typed",
    SpeedOrigin.VIDEO: "video",
}
_RANK: Final = (SpeedOrigin.TREADMILL, SpeedOrigin.TYPED, SpeedOrigin.PLAN, SpeedOrigin.RECORDING, SpeedOrigin.VIDEO)
_AGEING: Final = (SpeedOrigin.TREADMILL, SpeedOrigin.VIDEO)
"""Measured values grow old; what was typed, planned or recorded holds until it is changed."""

_SAID: Final = (SpeedOrigin.TREADMILL, SpeedOrigin.TYPED, SpeedOrigin.PLAN)
"""What comes off a console and may need correction; a recording holds what was believed, corrected already."""

_STANDING_MPS: Final = 0.3
_RUNNING_MPS: Final = 1.5
_STANDING_LIE_S: Final = 3.0
"""A console that says 0 for so long while the runner runs has lost count."""
_UNKNOWN_AFTER_S: Final = 10.0
_REMIND_S: Final = 600.0


class SpeedChoice:
    """Believes one source at a time, says so when that changes, and lets the picture check the others."""

    def __init__(
        self,
        settings: SpeedSettings | None = None,
        units: Units = "metric",
        line: Callable[[str], str] = str,
    ) -> None:
        """`line` knows the words of the notices by their keys, `belt.…`; without it the keys are shown."""
        self._line = line
        self._settings = settings or SpeedSettings()
        self._units: Units = units
        self._believed: SpeedOrigin | None = None
        self._check = SpeedCheck()
        self._checked: SpeedOrigin | None = None
        self._lies = Lasting(_STANDING_LIE_S)
        self._lying = False
        self._unknown = Lasting(_UNKNOWN_AFTER_S)
        self._told: dict[str, float] = {}

    @property
    def correction(self) -> Correction | None:
        """What the given speed should be multiplied by, as far as the picture has taught; None before."""
        return self._check.correction

    def step(
        self,
        t_s: float,
        given: BeltSpeed | Sequence[BeltSpeed] | None,
        seen: BeltSpeed | None,
        *,
        running: bool = False,
    ) -> tuple[BeltSpeed | None, tuple[str, ...]]:
        """The speed to believe at `t_s`, and notices for the screen where something changed.

        given: what treadmill, keys, plan or recording say, each with its age. seen: what the picture says.
        running: whether the runner is known to run.
        """
        offered = [speed for speed in _as_sequence(given) if self._usable(speed)]
        best = min(offered, key=self._rank, default=None)
        notices = self._compare(t_s, best, seen, running=running)
        usable = [speed for speed in (*offered, *_as_sequence(seen)) if self._usable(speed) and self._possible(speed)]
        chosen = min(usable, key=self._rank, default=None)
        corrected = None if chosen is None else self._corrected(chosen)
        return corrected, notices + self._switched(corrected) + self._missing(t_s, corrected)

    def _usable(self, speed: BeltSpeed) -> bool:
        if _KIND[speed.origin] not in self._settings.trust or not math.isfinite(speed.speed_mps):
            return False
        return speed.origin not in _AGEING or speed.age_s <= self._settings.stale_after_s

    def _rank(self, speed: BeltSpeed) -> tuple[int, int]:
        return self._settings.trust.index(_KIND[speed.origin]), _RANK.index(speed.origin)

    def _possible(self, speed: BeltSpeed) -> bool:
        """What the picture has not found to be impossible. Only a console is doubted; a person is told."""
        if speed.origin is not SpeedOrigin.TREADMILL:
            return True
        return not self._lying and not (self._checked is SpeedOrigin.TREADMILL and self._check.wrong_unit)

    def _compare(
        self, t_s: float, given: BeltSpeed | None, seen: BeltSpeed | None, *, running: bool
    ) -> tuple[str, ...]:
        runs = running or (seen is not None and seen.speed_mps > _RUNNING_MPS)
        lies = given is not None and given.origin is SpeedOrigin.TREADMILL and given.speed_mps < _STANDING_MPS and runs
        self._lying = self._lies.step(t_s, lies)
        if given is None or seen is None:
            return ()
        if given.origin is not self._checked:
            self._check, self._checked = SpeedCheck(), given.origin
        self._check.step(t_s, self._configured(given), seen)
        if not self._check.disagrees:
            return ()
        says = self._line("belt.disagrees").format(
            given=self._line(f"belt.given.{given.origin}"),
            speed=self._text(given.speed_mps),
            seen=self._text(seen.speed_mps),
        )
        if self._check.wrong_unit and given.origin is SpeedOrigin.TREADMILL:
            says += f": {self._line('belt.wrong_unit')}"
        how_far = round(10 * math.log(seen.speed_mps / given.speed_mps))
        return self._once(t_s, f"disagrees {given.origin} {how_far}", says)

    def _configured(self, speed: BeltSpeed) -> BeltSpeed:
        factor = self._settings.correction_factor
        return (
            speed if factor == 1.0 or speed.origin not in _SAID else replace(speed, speed_mps=speed.speed_mps * factor)
        )

    def _corrected(self, speed: BeltSpeed) -> BeltSpeed:
        if speed.origin not in _SAID:
            return speed
        speed = self._configured(speed)
        learned = self.correction if self._settings.learn_correction and speed.origin is self._checked else None
        if learned is None:
            return speed
        speed_mps = speed.speed_mps * learned.factor
        return replace(speed, speed_mps=speed_mps, sd_mps=learned.sd_share * speed_mps)

    def _switched(self, chosen: BeltSpeed | None) -> tuple[str, ...]:
        before, self._believed = self._believed, chosen.origin if chosen else self._believed
        if chosen is None or before is None or before is self._believed:
            return ()
        origin = self._line(f"belt.origin.{chosen.origin}")
        return (self._line("belt.now").format(origin=origin, speed=self._text(chosen.speed_mps)),)

    def _missing(self, t_s: float, chosen: BeltSpeed | None) -> tuple[str, ...]:
        if not self._unknown.step(t_s, chosen is None):
            return ()
        return self._once(t_s, "unknown", self._line("belt.unknown"))

    def _once(self, t_s: float, what: str, message: str) -> tuple[str, ...]:
        """The message, unless it was shown a short while ago."""
        if t_s - self._told.get(what, -math.inf) < _REMIND_S:
            return ()
        self._told[what] = t_s
        return (message,)

    def _text(self, speed_mps: float) -> str:
        return f"{kmh(speed_mps):.1f} km/h" if self._units == "metric" else f"{mph(speed_mps):.1f} mph"


def _as_sequence(speeds: BeltSpeed | Sequence[BeltSpeed] | None) -> Sequence[BeltSpeed]:
    if speeds is None:
        return ()
    return (speeds,) if isinstance(speeds, BeltSpeed) else speeds
