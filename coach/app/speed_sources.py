"""All that says how fast the belt runs, typed, beside a clip or in its name, opened and joined.

`SpeedSources.current` is what the loop asks.

What kind of source each is stands in `coach.core.speed.belt_speed.TRAITS`. The picture is a source like the others; it
needs the frame's own pose, so it joins them inside `Coach.step`, by the same table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any, Final, Literal

from coach.core.bounds import INCLINE_PCT, SPEED_MPS, Bounds
from coach.core.coach_settings import CoachSettings, SpeedSettings, TreadmillSettings
from coach.core.notices import Notice, NoticeKind
from coach.core.speed.belt_speed import BeltSpeed, by_trust, told_incline_pct
from coach.core.speed.speed_plan import parse_plan
from coach.core.units import parse_speed_mps
from coach.edges.speed.typed_speed import TypedSpeed
from coach.errors import ConfigError, FormatError
from coach.paths import is_file
from coach.plain_records import json_value, text_file
from coach.ports import HeartSource, SpeedSource

SpeedFrom = Literal["sidecar", "name"]

SIDECAR_ENDINGS: Final = (".json", ".txt")
_UNITS: Final = {"kmh": "km/h", "kph": "km/h", "mph": "mph", "mps": "m/s"}
_IN_NAME: Final = re.compile(
    r"(?:(?<=_)|(?<![\w.,]))([0-9]+(?:[.,][0-9]+)?)[ _]?(kmh|kph|mph|mps)(?![^\W_])", re.IGNORECASE
)
"""A number with its unit, apart from what stands around it by `_`, `-`, a blank or the name's ends."""


@dataclass(frozen=True, slots=True)
class BeltInput:
    """What the runner says of the belt. Raises ConfigError for a speed or an incline that no belt has."""

    speed_mps: float | None = None
    incline_pct: float = math.nan
    """NaN where it was not given."""
    plan: str | None = None

    def __post_init__(self) -> None:
        """Whoever says it, a command, a sidecar or a program: it is held against the same bounds."""
        if self.speed_mps is not None:
            object.__setattr__(self, "speed_mps", _given(self.speed_mps, SPEED_MPS))
        if self.speed_mps == 0:
            raise ConfigError(
                "at 0 the belt stands still; give a running speed, or leave it out where you do not know it"
            )
        object.__setattr__(self, "incline_pct", _given(self.incline_pct, INCLINE_PCT, or_nan=True))


def _given(value: object, bounds: Bounds, *, or_nan: bool = False) -> float:
    """A number of Python's or NumPy's. Raises ConfigError for anything else, and beyond the bounds."""
    if isinstance(value, Real) and not isinstance(value, int | float):
        value = float(value)
    if or_nan and isinstance(value, float) and math.isnan(value):
        return value
    try:
        return bounds.given(value)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def belt_input(speed: str | None, incline_pct: float | None, plan: str | None = None) -> BeltInput:
    """The belt as typed on the command line. Raises ConfigError for a speed or an incline that cannot be."""
    try:
        incline_pct = math.nan if incline_pct is None else INCLINE_PCT.given(incline_pct)
    except ValueError as error:
        raise ConfigError(f"--incline: {error}") from None
    try:
        return BeltInput(None if speed is None else parse_speed_mps(speed), incline_pct, plan)
    except (ValueError, ConfigError) as error:
        raise ConfigError(f"--speed: {error}") from None


def belt_beside(clip: Path, otherwise: BeltInput) -> BeltInput:
    """The speed in `clip.json` (`speed_mps`, or `speed` as typed; `incline_pct`) or `clip.txt` (one speed as typed).

    `otherwise` where there is no such file. Raises FormatError for one that cannot be understood.
    """
    stem = clip.name.removesuffix(".gz").rpartition(".")[0]
    for ending in SIDECAR_ENDINGS:
        for name in (stem + ending, clip.name + ending):
            beside = clip.with_name(name)
            if is_file(beside):
                return _read_beside(beside, otherwise)
    return otherwise


def belt_in_name(clip: Path, otherwise: BeltInput) -> BeltInput:
    """The speed in a name such as `anna_10.5kmh.mp4`, `6.5mph`, `3.5mps`; `otherwise` where there is none.

    Raises FormatError for a name with two different speeds, or with one that no belt runs at.
    """
    found = {_mps_of(number, unit, clip) for number, unit in _speeds_in(clip.name)}
    if len(found) > 1:
        raise FormatError(f"{clip.name} names more than one speed; leave one, or use --speed-from sidecar")
    try:
        return replace(otherwise, speed_mps=found.pop()) if found else otherwise
    except ConfigError as error:
        raise FormatError(f"{clip.name}: {error}") from None


def _speeds_in(name: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _IN_NAME.finditer(name)]


def _mps_of(number: str, unit: str, clip: Path) -> float:
    try:
        return parse_speed_mps(f"{number}{_UNITS[unit.casefold()]}")
    except ValueError as error:
        raise FormatError(f"{clip.name}: {error}") from None


def _read_beside(beside: Path, otherwise: BeltInput) -> BeltInput:
    try:
        text = text_file(beside)
        if beside.suffix == ".json":
            return _from_json(json_value(text), otherwise)
        return replace(otherwise, speed_mps=parse_speed_mps(text.strip()))
    except (OSError, ValueError, TypeError, ConfigError) as error:
        raise FormatError(f"{beside} gives no speed: {error}") from None


def _from_json(content: Any, otherwise: BeltInput) -> BeltInput:
    if not isinstance(content, dict) or not {"speed", "speed_mps", "incline_pct"} & content.keys():
        raise ValueError('write {"speed_mps": 3.0} or {"speed": "10.5km/h"}')
    belt = otherwise
    if "speed_mps" in content:
        belt = replace(belt, speed_mps=SPEED_MPS.given(content["speed_mps"]))
    elif "speed" in content:
        belt = replace(belt, speed_mps=parse_speed_mps(str(content["speed"])))
    if "incline_pct" in content:
        belt = replace(belt, incline_pct=INCLINE_PCT.given(content["incline_pct"]))
    return belt


def open_speed_sources(
    belt: BeltInput | None, settings: CoachSettings, *others: SpeedSource, treadmill_memory: Path | None = None
) -> SpeedSources:
    """Every source that is wanted. Raises ConfigError for a plan that cannot be read, or a speed that is not trusted.

    others: what is there besides, such as the speeds of a recording. treadmill_memory: a file that remembers the
    treadmill used last; without one no treadmill is looked for, as for a file.
    """
    belt = belt or BeltInput()
    if (belt.speed_mps is not None or belt.plan) and "typed" not in settings.speed.trust:
        raise ConfigError(
            'a belt speed is given, but speed.trust leaves "typed" out, so it would never be used; '
            'add "typed" to speed.trust in the configuration, or do not give a speed'
        )
    typed = _typed(belt, settings.speed.step_kmh)  # a slip in the plan is told before anything is opened
    sources: list[SpeedSource] = [*others]
    if treadmill_memory is not None and settings.treadmill.bluetooth:
        sources.append(_treadmill(settings.treadmill, treadmill_memory))
    return SpeedSources([*sources, typed], settings.speed, typed)


def with_typed_speed(settings: CoachSettings) -> CoachSettings:
    """The settings with a typed speed trusted, most of all where it was not."""
    if "typed" in settings.speed.trust:
        return settings
    return replace(settings, speed=replace(settings.speed, trust=("typed", *settings.speed.trust)))


def _typed(belt: BeltInput, step_kmh: float) -> TypedSpeed:
    plan = parse_plan(belt.plan) if belt.plan else None
    incline_pct = None if math.isnan(belt.incline_pct) else belt.incline_pct
    return TypedSpeed(belt.speed_mps, incline_pct, plan, step_kmh=step_kmh)


def _treadmill(settings: TreadmillSettings, memory: Path) -> SpeedSource:
    """The Bluetooth link. It never raises: without a radio it says so in a notice."""
    from coach.edges.bluetooth.treadmill_link import TreadmillSpeed  # noqa: PLC0415 - asyncio, for this alone

    return TreadmillSpeed(settings, memory)


class SpeedSources:
    """Several sources as one."""

    def __init__(
        self, sources: Sequence[SpeedSource], settings: SpeedSettings | None = None, typed: TypedSpeed | None = None
    ) -> None:
        """`typed`: the one of them that the keys change."""
        self._sources = tuple(sources)
        self._settings = settings or SpeedSettings()
        self._typed = typed
        self._untold: list[Notice] = []

    def current(self, t_s: float) -> tuple[BeltSpeed, ...]:
        """What the sources say at `t_s` and may be used, the most trusted first. Never blocks.

        An incline that one tells is that of all: the belt of a treadmill without one climbs as it is planned.
        """
        told = [speed for source in self._sources if (speed := source.current(t_s)) is not None]
        usable = by_trust(told, self._settings)
        return tuple(one.on_incline(told_incline_pct(usable)) for one in usable)

    @property
    def hearts(self) -> tuple[HeartSource, ...]:
        """Those that tell a heart rate besides."""
        return tuple(source for source in self._sources if isinstance(source, HeartSource))

    def notices(self) -> tuple[Notice, ...]:
        """What they have to tell since the last call."""
        told, self._untold = self._untold, []
        return (*told, *(notice for source in self._sources for notice in source.notices()))

    def remedy(self, *, keys: bool) -> str:
        """Key of the words that say how the speed becomes known; `keys`: whether a window hears them.

        Only what is trusted can help.
        """
        trust = self._settings.trust
        if "typed" in trust:
            return "remedy.speed" if keys else "remedy.speed_option"
        return "remedy.height" if "video" in trust else "remedy.treadmill"

    def faster(self, now_mps: float | None) -> None:
        """One step up; `now_mps` is where to begin while nothing was typed."""
        if (typed := self._keyed()) is not None:
            typed.faster(now_mps)

    def slower(self, now_mps: float | None) -> None:
        """One step down."""
        if (typed := self._keyed()) is not None:
            typed.slower(now_mps)

    def _keyed(self) -> TypedSpeed | None:
        """What the keys change; where that would never be used, they say so and change nothing."""
        if "typed" in self._settings.trust:
            return self._typed
        self._untold.append(Notice(NoticeKind.KEY, "belt.untrusted"))
        return None

    def pause(self, t_s: float, paused: bool) -> None:
        """A plan's clock stands still from `t_s` on, or goes on; what a belt tells is told on."""
        if self._typed is not None:
            self._typed.pause(t_s, paused)

    def close(self) -> None:
        """Let go of all of them. May be called twice."""
        for source in self._sources:
            source.close()
