"""All settings, frozen: the core's sections and those of the edges.

Names, units and defaults are those of `config.toml`, which documents each key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from coach.core.coach_settings import CoachSettings, bounded
from coach.core.units import Units as Units  # noqa: PLC0414 - a setting like the others, to be had from here

Backend = Literal["follower", "mediapipe"]
Effort = Literal["auto", "fast", "accurate"]
Theme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class PoseSettings:
    """[pose]"""

    backend: Backend = "follower"
    effort: Effort = "auto"
    model: str = "full"
    """`full`, `lite`, `heavy`, or the path of a pose landmarker bundle."""
    mediapipe_may_report: bool = False
    """MediaPipe sends usage data to Google; without this it is not used."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """[camera]"""

    source: str = ""
    """Empty: the camera of last time, the only one, or the one that the runner picks."""
    width: int = bounded(1280, 160, 7680)
    height: int = bounded(720, 120, 4320)
    fps: float = bounded(60.0, 5, 240)
    field_of_view_deg: float = bounded(70.0, 30, 130)
    """Of the picture's longer side."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """[screen]"""

    enabled: bool = True
    theme: Theme = "dark"
    fullscreen: bool = False
    mirror: bool = False
    setup_check: bool = True


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """[sound]"""

    enabled: bool = True
    speech: bool = True
    volume: float = bounded(0.8, 0, 1)
    voice: str = ""
    rate_wpm: int = bounded(175, 80, 400)


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """[record]"""

    poses: bool = True
    stills: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved configuration of one command."""

    units: Units = "metric"
    language: str = "en"
    """Name of a words file; `coach.languages` knows which there are."""
    coach: CoachSettings = field(default_factory=CoachSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    record: RecordSettings = field(default_factory=RecordSettings)
