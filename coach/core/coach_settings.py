"""What the core can be told. `config.toml` documents each key; `coach.config` checks it.

Ranges stand beside the defaults, so that there is one place for both. What one
range cannot say (numbers that must rise, a list) is checked where the section is built.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from coach.errors import ConfigError

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

    name: str = ""
    """Whose runs these are; empty for the runner whom a data folder begins with."""
    height_cm: float | None = optional(100, 230)


@dataclass(frozen=True, slots=True)
class NormSettings:
    """[norms] Peak swing knee flexion of runners, mean at three speeds and spread between runners.

    The mean in between is the parabola through the three: with the defaults
    −2.547 v² + 29.409 v + 33.354 (26 runners of Fukuchi 2017, PeerJ 5:e3298).
    """

    peak_2_5_mps_deg: float = bounded(90.96, 60, 150)
    peak_3_5_mps_deg: float = bounded(105.08, 60, 150)
    peak_4_5_mps_deg: float = bounded(114.12, 60, 150)
    sd_deg: float = bounded(9.4, 2, 20)

    def __post_init__(self) -> None:
        first = self.peak_3_5_mps_deg - self.peak_2_5_mps_deg
        second = self.peak_4_5_mps_deg - self.peak_3_5_mps_deg
        # The parabola must still rise at 2.0 and 5.0 m/s, the ends of its use: the ask rises with the pace.
        if not (2 * first > second > 0 and 2 * second > first > 0):
            raise ConfigError(
                "norms.peak_2_5_mps_deg, norms.peak_3_5_mps_deg and norms.peak_4_5_mps_deg must rise with speed, "
                f"neither step more than twice the other (they rise by {first:.1f} and {second:.1f})"
            )


@dataclass(frozen=True, slots=True)
class BaselineSettings:
    """[baseline]"""

    duration_s: float = bounded(60.0, 5, 600)
    reuse: bool = True
    stale_after_days: float = bounded(28.0, 1, 365)
    like_speed_mps: float = bounded(0.4, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """[target]"""

    level: Level = "steady"
    floor_below_deg: float = bounded(3.0, 1, 10)
    ceiling_above_deg: float = bounded(8.0, 3, 20)


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

    def __post_init__(self) -> None:
        if not self.trust:
            raise ConfigError(
                'speed.trust = [] leaves no source of the belt speed; name what you have, as in ["typed", "video"]'
            )


@dataclass(frozen=True, slots=True)
class ProgrammeSettings:
    """[programme]"""

    enabled: bool = True
    feedback_pct: tuple[float, ...] = (100, 100, 100, 100, 75, 50, 25, 10)
    first_minutes: float = bounded(15.0, 5, 120)
    last_minutes: float = bounded(30.0, 5, 120)
    goal_deg: float = bounded(8.0, 0, 20)
    block_s: float = bounded(150.0, 60, 900)
    long_from_session: int = bounded(6, 1, 50)
    seed: int = bounded(1, 0, 1_000_000)

    def __post_init__(self) -> None:
        if not 1 <= len(self.feedback_pct) <= 50:
            raise ConfigError(
                f"programme.feedback_pct holds {len(self.feedback_pct)} sessions; give 1–50 numbers, one a session"
            )
        for number in self.feedback_pct:
            if not 0 <= number <= 100:
                raise ConfigError(f"programme.feedback_pct = {number:g} is not possible; each number is in 0–100 %")
        if self.last_minutes < self.first_minutes:
            raise ConfigError(
                f"programme.last_minutes = {self.last_minutes:g} is less than programme.first_minutes = "
                f"{self.first_minutes:g}; sessions grow longer, so give first_minutes–120"
            )


@dataclass(frozen=True, slots=True)
class CueSettings:
    """[cues]"""

    refractory_s: float = bounded(25.0, 5, 600)
    wording: Wording = "external"
    window_strides: int = bounded(8, 6, 12)
    unanswered: int = bounded(3, 1, 10)
    per_2_min: int = bounded(3, 1, 10)
    spoken_every_min: float = bounded(0.0, 0, 60)


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """Everything the core needs to know before the first frame."""

    session: SessionSettings = field(default_factory=SessionSettings)
    runner: RunnerSettings = field(default_factory=RunnerSettings)
    norms: NormSettings = field(default_factory=NormSettings)
    baseline: BaselineSettings = field(default_factory=BaselineSettings)
    target: TargetSettings = field(default_factory=TargetSettings)
    treadmill: TreadmillSettings = field(default_factory=TreadmillSettings)
    speed: SpeedSettings = field(default_factory=SpeedSettings)
    programme: ProgrammeSettings = field(default_factory=ProgrammeSettings)
    cues: CueSettings = field(default_factory=CueSettings)
