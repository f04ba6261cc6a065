"""What the core can be told. `config.toml` documents each key; `coach.config` checks it.

Ranges stand beside the defaults, so that there is one place for both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["treadmill", "overground"]
Level = Literal["easy", "steady", "strong"]
Wording = Literal["external", "internal"]
SpeedTrust = Literal["treadmill", "typed", "video"]
TreadmillUnit = Literal["km/h", "mph"]


def bounded(default: float, low: float, high: float) -> Any:
    """A number with its range, both ends included."""
    return field(default=default, metadata={"ge": low, "le": high})


def optional(low: float, high: float) -> Any:
    """A number that may be left out, with its range."""
    return field(default=None, metadata={"ge": low, "le": high})


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """[session]"""

    mode: Mode = "treadmill"
    warm_up_s: float = bounded(120.0, 0, 3600)
    new_to_treadmill: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """[runner]"""

    height_cm: float | None = optional(100, 230)


@dataclass(frozen=True, slots=True)
class BaselineSettings:
    """[baseline]"""

    duration_s: float = bounded(60.0, 5, 600)
    reuse: bool = True
    stale_after_days: float = bounded(28.0, 1, 365)


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """[target]"""

    level: Level = "steady"


@dataclass(frozen=True, slots=True)
class TreadmillSettings:
    """[treadmill]"""

    correction_deg: float = bounded(3.0, 0, 6)
    bluetooth: bool = False
    address: str = ""
    unit: TreadmillUnit = "km/h"


@dataclass(frozen=True, slots=True)
class SpeedSettings:
    """[speed]"""

    trust: tuple[SpeedTrust, ...] = ("treadmill", "typed", "video")
    stale_after_s: float = bounded(5.0, 1, 9)
    correction_factor: float = bounded(1.0, 0.8, 1.25)
    learn_correction: bool = False
    step_kmh: float = bounded(0.5, 0.1, 2)


@dataclass(frozen=True, slots=True)
class ProgrammeSettings:
    """[programme]"""

    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CueSettings:
    """[cues]"""

    refractory_s: float = bounded(25.0, 5, 600)
    wording: Wording = "external"


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """Everything the core needs to know before the first frame."""

    session: SessionSettings = field(default_factory=SessionSettings)
    runner: RunnerSettings = field(default_factory=RunnerSettings)
    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    target: TargetSettings = field(default_factory=TargetSettings)
    treadmill: TreadmillSettings = field(default_factory=TreadmillSettings)
    speed: SpeedSettings = field(default_factory=SpeedSettings)
    programme: ProgrammeSettings = field(default_factory=ProgrammeSettings)
    cues: CueSettings = field(default_factory=CueSettings)
