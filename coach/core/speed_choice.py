"""Which belt speed is believed: the first source in the order of trust whose value is fresh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from coach.core.settings import SpeedSettings, SpeedTrust
from coach.core.speed import BeltSpeed, SpeedOrigin
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
_WORDS: Final[dict[SpeedOrigin, str]] = {
    SpeedOrigin.TREADMILL: "from the treadmill",
    SpeedOrigin.TYPED: "as typed",
    SpeedOrigin.PLAN: "from the plan",
    SpeedOrigin.RECORDING: "as recorded",
    SpeedOrigin.VIDEO: "read from the picture",
}
_AGEING: Final = (SpeedOrigin.TREADMILL, SpeedOrigin.VIDEO)
"""Measured values grow old; what was typed, planned or recorded holds until it is changed."""


class SpeedChoice:
    """Believes one source at a time and says so when that changes."""

    def __init__(self, settings: SpeedSettings | None = None, units: Units = "metric") -> None:
        self._settings = settings or SpeedSettings()
        self._units: Units = units
        self._believed: SpeedOrigin | None = None

    def step(
        self, t_s: float, given: BeltSpeed | Sequence[BeltSpeed] | None, seen: BeltSpeed | None
    ) -> tuple[BeltSpeed | None, tuple[str, ...]]:
        """The speed to believe at `t_s`, and notices for the screen where something changed.

        given: what treadmill, keys, plan or recording say, each with its age. seen: what the picture says.
        """
        offered = [*_as_sequence(given), *_as_sequence(seen)]
        usable = sorted((s for s in offered if self._usable(s)), key=self._rank)
        chosen = self._corrected(usable[0]) if usable else None
        return chosen, self._switched(chosen)

    def _usable(self, speed: BeltSpeed) -> bool:
        if _KIND[speed.origin] not in self._settings.trust or not math.isfinite(speed.speed_mps):
            return False
        return speed.origin not in _AGEING or speed.age_s <= self._settings.stale_after_s

    def _rank(self, speed: BeltSpeed) -> tuple[int, int]:
        return self._settings.trust.index(_KIND[speed.origin]), _RANK.index(speed.origin)

    def _corrected(self, speed: BeltSpeed) -> BeltSpeed:
        if speed.origin is SpeedOrigin.VIDEO or self._settings.correction_factor == 1.0:
            return speed
        return replace(speed, speed_mps=speed.speed_mps * self._settings.correction_factor)

    def _switched(self, chosen: BeltSpeed | None) -> tuple[str, ...]:
        before, self._believed = self._believed, chosen.origin if chosen else None
        if before == self._believed or before is None:
            return ()
        if chosen is None:
            return ("belt speed unknown: type it with + and -",)
        return (f"belt speed now {_WORDS[chosen.origin]}: {self._text(chosen.speed_mps)}",)

    def _text(self, speed_mps: float) -> str:
        return f"{kmh(speed_mps):.1f} km/h" if self._units == "metric" else f"{mph(speed_mps):.1f} mph"


def _as_sequence(speeds: BeltSpeed | Sequence[BeltSpeed] | None) -> Sequence[BeltSpeed]:
    if speeds is None:
        return ()
    return (speeds,) if isinstance(speeds, BeltSpeed) else speeds
