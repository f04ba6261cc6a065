"""All settings, frozen: the core's sections and those of the edges.

Names, units and defaults are those of `config.toml`, which documents each key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from coach.core.coach_settings import CoachSettings, bounded
from coach.core.units import Units as Units  # noqa: PLC0414 - a setting like the others, to be had from here
from coach.errors import ConfigError

Backend = Literal["follower", "mediapipe"]
Effort = Literal["auto", "fast", "accurate"]
Theme = Literal["dark", "light"]
PodCadence = Literal["strides", "steps"]
"""What a foot pod's cadence counts: those of one foot, as pods on a shoe do, or the steps of both."""

_REPORTS: Final = "MediaPipe sends usage data to Google"


@dataclass(frozen=True, slots=True)
class PoseSettings:
    """[pose]"""

    backend: Backend = "follower"
    effort: Effort = "auto"
    model: str = "full"
    """`full`, `lite`, `heavy`, or the path of a pose landmarker bundle."""
    threads: int = bounded(0, 0, 16)
    """Of each network; 0 fits them: 1 live, 2 for a file, 1 in each worker of a batch."""
    mediapipe_may_report: bool = False
    """MediaPipe sends usage data to Google; without this it is not used."""

    def usage_data_line(self) -> str | None:
        """What the runner has to be told before these settings are used; None where nothing is sent.

        Since some version after 0.10.21 every MediaPipe task starts a sender of usage data to Google's servers. Coach's
        own finder and networks run without MediaPipe and send nothing. Raises ConfigError where MediaPipe is asked for
        and the runner has not allowed it to report.
        """
        if self.backend != "mediapipe":
            return None
        if not self.mediapipe_may_report:
            raise ConfigError(
                f"{_REPORTS}; to use it all the same set pose.mediapipe_may_report = true, "
                'or set pose.backend = "follower", which sends nothing'
            )
        return f"{_REPORTS}: pose.backend is mediapipe"


@dataclass(frozen=True, slots=True)
class AnalyzeSettings:
    """[analyze]"""

    both_ways: bool = True
    """Measure a file with what it shows later, too. Kept with a session: how it was measured."""


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
    tick: bool = False
    """A soft tick at the runner's own cadence."""


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """[record]"""

    poses: bool = True
    stills: bool = True
    """Two strides of a run in pictures: the lowest and the best."""


@dataclass(frozen=True, slots=True)
class HeartSettings:
    """[heart]"""

    bluetooth: bool = False
    address: str = ""
    """Empty: the monitor used last, else the nearest."""


@dataclass(frozen=True, slots=True)
class FootPodSettings:
    """[foot_pod]"""

    advertise: bool = False
    name: str = "Coach"
    cadence: PodCadence = "strides"


@dataclass(frozen=True, slots=True)
class LiveOutSettings:
    """[live_out]"""

    to: tuple[str, ...] = ()
    """Outputs as `coach.edges.live_out.outputs` names them."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """[page]"""

    header: str = ""
    """What stands at the top of every page, such as the name of a practice."""
    logo: str = ""
    """A PNG, JPEG or SVG file; by its whole path, or from the folder in which a command is called."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved configuration of one command."""

    units: Units = "metric"
    language: str = "en"
    """Name of a words file; `coach.languages` knows which there are."""
    coach: CoachSettings = field(default_factory=CoachSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    analyze: AnalyzeSettings = field(default_factory=AnalyzeSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    record: RecordSettings = field(default_factory=RecordSettings)
    page: PageSettings = field(default_factory=PageSettings)
    heart: HeartSettings = field(default_factory=HeartSettings)
    foot_pod: FootPodSettings = field(default_factory=FootPodSettings)
    live_out: LiveOutSettings = field(default_factory=LiveOutSettings)
