"""Belt speed: a value is nothing without its source, its age and its uncertainty.

`TRAITS` is the one table of sources. A new source is a row here, its words (`belt.given`, `belt.origin`, `screen.speed`
and `page.speed_from`, each by its value) and whatever tells its speed, opened in `coach.app.speed_sources`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from coach.core.coach_settings import SpeedSettings, SpeedTrust


class SpeedOrigin(StrEnum):
    """Where a belt speed comes from. The value is stored, and names its words."""

    TREADMILL = "treadmill"
    TYPED = "manual"
    PLAN = "plan"
    RECORDING = "recording"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class SpeedTraits:
    """What kind of source it is."""

    trust: SpeedTrust
    """Under which name of `speed.trust` it ranks; among sources of one name the table's order decides."""
    grows_old: bool = False
    """A measured value is given up after `speed.stale_after_s`; what was typed or planned holds until it is changed."""
    off_console: bool = False
    """It repeats what a console says, which may be off and corrected (`speed.correction_factor`)."""
    overruled: bool = False
    """A device may be found impossible by the picture, and the next source is taken; a person is only told."""
    from_picture: bool = False
    """It checks the others, wanders by itself, and is read again on replay instead of being recorded."""


TRAITS: Final[Mapping[SpeedOrigin, SpeedTraits]] = {
    SpeedOrigin.TREADMILL: SpeedTraits("treadmill", grows_old=True, off_console=True, overruled=True),
    SpeedOrigin.TYPED: SpeedTraits("typed", off_console=True),
    SpeedOrigin.PLAN: SpeedTraits("typed", off_console=True),
    # A recording holds what was believed, corrected already.
    SpeedOrigin.RECORDING: SpeedTraits("typed"),
    SpeedOrigin.VIDEO: SpeedTraits("video", grows_old=True, from_picture=True),
}
"""Every source there is, more trusted ones first where `speed.trust` makes no difference."""

CONSOLE_SD_SHARE: Final = 0.03
"""Consoles are off by some per cent: 2–3 % on the measured treadmill trials, more on worn belts."""

_PLACE: Final = {origin: place for place, origin in enumerate(TRAITS)}


@dataclass(frozen=True, slots=True)
class BeltSpeed:
    """The belt's speed as far as it is known; NaN for what is not."""

    speed_mps: float
    origin: SpeedOrigin
    sd_mps: float = math.nan
    age_s: float = 0.0
    incline_pct: float = math.nan
    doubted: bool = False
    """Whether the runner's feet contradict what a person told: it is asked about, and counts for nothing."""

    @property
    def believed_mps(self) -> float:
        """The speed that counts; NaN where it is doubted."""
        return math.nan if self.doubted else self.speed_mps

    @property
    def traits(self) -> SpeedTraits:
        """What kind of source it comes from."""
        return TRAITS[self.origin]

    def on_incline(self, incline_pct: float) -> BeltSpeed:
        """The same on a belt of this incline, where its source does not tell one of its own."""
        if math.isnan(incline_pct) or not math.isnan(self.incline_pct):
            return self
        return replace(self, incline_pct=incline_pct)


Told = BeltSpeed | Sequence[BeltSpeed] | None
"""What sources say of the belt at one moment: nothing, one value, or one from each."""


def each_told(told: Told) -> Sequence[BeltSpeed]:
    """One by one, in the order in which they were told."""
    if told is None:
        return ()
    return (told,) if isinstance(told, BeltSpeed) else told


def by_trust(told: Told, settings: SpeedSettings) -> tuple[BeltSpeed, ...]:
    """What may be used, the most trusted first: its source stands in `speed.trust`, its value is known and fresh."""
    usable = [speed for speed in each_told(told) if _usable(speed, settings)]
    if len(usable) > 1:
        usable.sort(key=lambda speed: (settings.trust.index(speed.traits.trust), _PLACE[speed.origin]))
    return tuple(usable)


def told_incline_pct(usable: Iterable[BeltSpeed], otherwise_pct: float = math.nan) -> float:
    """The incline that the most trusted of those tells that tell one, whoever is believed of the speed."""
    return next((one.incline_pct for one in usable if not math.isnan(one.incline_pct)), otherwise_pct)


def unknown_line(trust: Collection[str]) -> str:
    """Key of the line that the speed is unknown, and what brings it: only what stands in `speed.trust` does."""
    if "typed" in trust:
        return "belt.unknown" if "video" in trust else "belt.unknown_typed"
    return "belt.unknown_video" if "video" in trust else "belt.unknown_treadmill"


def _usable(speed: BeltSpeed, settings: SpeedSettings) -> bool:
    traits = speed.traits
    if traits.trust not in settings.trust or not math.isfinite(speed.speed_mps):
        return False
    return not traits.grows_old or speed.age_s <= settings.stale_after_s
