"""Settings become parts: the words, the coach, the pose estimator, a source at another speed of time.

Where results go stands here too, and whether there is a display.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from coach.app.speed_sources import BeltInput
from coach.config import cache_dir, own_words_root
from coach.core.coach_settings import CoachSettings
from coach.core.coaching.cues import Cue
from coach.core.coaching.profile import RunnerProfile
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.hindsight import FirstLook, Hindsight
from coach.core.gait.kinematics import UNBOUNDED, PictureSize
from coach.core.gait.sagittal_view import Lens
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.session.records import SourceFacts
from coach.core.speed.belt_speed import Told
from coach.core.words import Words
from coach.edges.files.poses_file import RecordedFrame
from coach.errors import ConfigError
from coach.languages import load_words, own_words
from coach.ports import TIME_DIGITS, Frame, FrameSource, PoseEstimator, SourceEvent, SourceInfo
from coach.settings import AnalyzeSettings, CameraSettings, Effort, Settings

STANDARD_OUTPUT: Final = Path("-")
SECONDS_PER_DAY: Final = 86_400.0


def today() -> float:
    """Days since 1970-01-01 by the clock on the wall, so that a new one begins at midnight."""
    now_s = time.time()
    return (now_s + time.localtime(now_s).tm_gmtoff) / SECONDS_PER_DAY


ModelProgress = Callable[[str, float], None]
"""Told what is being done and how far it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a session's results go: files asked for; None where one was not."""

    json: Path | None = None
    """`-` is standard output."""
    frames: Path | None = None
    record: Path | None = None
    video: Path | None = None
    """An annotated video; `plan_video` says in what form it can be written."""
    data_dir: Path | None = None
    """Root of the session store; None keeps nothing."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the command line says of a live run."""

    source: str
    headless: bool = False
    duration_s: float | None = None
    belt: BeltInput = field(default_factory=BeltInput)
    outputs: Outputs = field(default_factory=Outputs)
    time_scale: float = 1.0
    """How many times slower than life a file runs."""
    ask_runner: bool = False
    """Nobody was named: where several runners are kept, the window asks who runs."""
    height_cm: float | None = None
    """As it was typed."""


def open_coach(
    settings: Settings,
    info: SourceInfo,
    profile: RunnerProfile | None = None,
    words: Words | None = None,
    hindsight: Hindsight | None = None,
    incline_pct: float = math.nan,
) -> Coach:
    """The coach with its words, what is remembered of the runner, and what a first look at a file learnt.

    `incline_pct` was typed: it holds until whatever tells the belt's speed tells that, too. Own baselines hold
    for one camera set-up only, which is named after the source and its picture size.
    """
    words = words or words_of(settings)
    return SpeakingCoach(
        words,
        settings.coach,
        profile,
        now_day=today(),
        camera=camera_name(info),
        lens=lens_of(info, settings.camera),
        picture=picture_of(info),
        hindsight=hindsight,
        incline_pct=incline_pct,
    )


def looking_ahead(settings: Settings, both_ways: bool) -> Settings:
    """The settings of a run that is, or is not, measured with what comes later; a session keeps which."""
    return replace(settings, analyze=AnalyzeSettings(both_ways))


def first_look(
    seen: Iterable[RecordedFrame],
    info: SourceInfo,
    camera: CameraSettings,
    *,
    incline_pct: float = math.nan,
    corrects: bool = True,
) -> Hindsight:
    """What a whole file shows, learnt ahead of measuring it.

    incline_pct: of the belt where its frames do not say, NaN where it is not known. corrects: whether the camera's
    place is undone.
    """
    tracker = GaitTracker(lens=lens_of(info, camera) if corrects else None, picture=picture_of(info))
    tracker.belt_climbs(incline_pct)
    look = FirstLook(tracker)
    for t_s, pose, belt in seen:
        if belt is not None:
            tracker.belt_climbs(belt.incline_pct)
        look.see(t_s, pose)
    return look.hindsight()


def lens_of(info: SourceInfo, settings: CameraSettings) -> Lens | None:
    """What is known of the camera; None where the picture's size is not."""
    if not (info.whole_picture and info.width > 0 and info.height > 0):
        return None
    return Lens(info.width, info.height, settings.field_of_view_deg)


def picture_of(info: SourceInfo) -> PictureSize:
    """Where the picture ends; at the sides only where it is a whole one, and its size is known."""
    return PictureSize(info.width if info.whole_picture and info.width > 0 else math.nan, info.height)


class SpeakingCoach(Coach):
    """The pure coach, whose cues come out in a runner's words."""

    def __init__(
        self,
        words: Words,
        settings: CoachSettings | None = None,
        profile: RunnerProfile | None = None,
        *,
        now_day: float = 0.0,
        camera: str = "",
        lens: Lens | None = None,
        picture: PictureSize = UNBOUNDED,
        hindsight: Hindsight | None = None,
        incline_pct: float = math.nan,
    ) -> None:
        super().__init__(
            settings,
            profile,
            now_day=now_day,
            camera=camera,
            lens=lens,
            picture=picture,
            hindsight=hindsight,
            incline_pct=incline_pct,
        )
        self._words = words

    def step(self, t_s: float, pose: Pose | None, given: Told = None) -> Update:
        """Take one frame."""
        update = super().step(t_s, pose, given)
        if not update.cues:
            return update
        cues = tuple(worded(cue, self._words) for cue in update.cues)
        return replace(update, advice=replace(update.advice, cues=cues))


def worded(cue: Cue, words: Words) -> Cue:
    """The cue with what is spoken and shown of it."""
    phrase, values = words.cue(cue.words or cue.kind, cue.way), dict(cue.values)
    return replace(cue, text=phrase.say.format_map(values), banner=phrase.banner.format_map(values))


def words_of(settings: Settings) -> Words:
    """The words of the runner's language, their own ones over it. Raises ConfigError."""
    own = own_words(settings.language, own_words_root())
    return load_words(settings.language, settings.coach.cues.wording, own)


def camera_name(info: SourceInfo | SourceFacts) -> str:
    """The camera set-up by its name and picture size."""
    return SourceFacts(info.kind, info.name, info.width, info.height).set_up


def open_pose_estimator(
    settings: Settings, info: SourceInfo, progress: ModelProgress | None = None, read_before: int = 0
) -> PoseEstimator:
    """The pose network, after its model was found or made.

    read_before: how many times each picture was read last time, where the machine decided it; 0: not known.
    Raises PoseModelError, or ConfigError where MediaPipe is asked for and may not report or is not installed.
    """
    # Imported late: `coach replay` and `coach history` need no network, and its libraries take seconds to load.
    from coach.edges.pose.pose_estimators import open_estimator  # noqa: PLC0415

    return open_estimator(settings.pose, fetch_model(settings, progress), info, read_before)


def as_read(settings: Settings, estimator: PoseEstimator) -> Settings:
    """The settings with the effort that was decided for: a session keeps how its pictures were read."""
    effort: Effort = "accurate" if estimator.readings > 1 else "fast"
    return replace(settings, pose=replace(settings.pose, effort=effort))


def load_pose_library() -> None:
    """Import what the pose network needs, ahead of time, in any thread; a failure is told when it is opened."""
    with suppress(ImportError, OSError):
        import coach.edges.pose.pose_estimators  # noqa: PLC0415 - loaded beside the window
        import coach.edges.pose.pose_model  # noqa: F401, PLC0415


def fetch_model(settings: Settings, progress: ModelProgress | None = None) -> Path:
    """Path of the pose model, fetched if it is not there yet. Raises PoseModelError."""
    from coach.edges.pose.pose_model import ensure_model  # noqa: PLC0415

    return ensure_model(settings.pose.model, cache_dir(), progress)


def has_display() -> bool:
    """Whether a window can open here, and be seen."""
    if os.environ.get("SDL_VIDEODRIVER") == "dummy":
        return False
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    from coach.edges.screen import finds_display  # noqa: PLC0415 - pygame loads only where a window is wanted

    return finds_display()


_TIME_SCALES: Final = (0.1, 20.0)


def checked_time_scale(scale: float | None) -> float:
    """A time scale as it was typed, 1 where none was. Raises ConfigError for one that cannot be."""
    if scale is None:
        return 1.0
    if not _TIME_SCALES[0] <= scale <= _TIME_SCALES[1]:
        raise ConfigError(f"--time-scale {scale:g} is not possible; 4 is for slow motion four times slower than life")
    return scale


class ScaledSource:
    """A source whose pictures run `scale` times slower than life, stamped as they were in life."""

    def __init__(self, source: FrameSource, scale: float) -> None:
        """Takes the source over: closing this closes it. Raises ConfigError for a camera, which runs as life does."""
        given = source.info
        if given.kind not in {"video", "stream"}:
            source.close()
            raise ConfigError("--time-scale is for files and streams; leave it away")
        self._source = source
        self._scale = scale
        self.info = in_life(given, scale)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """In time order."""
        for item in self._source.frames():
            yield replace(item, t_s=item.t_s / self._scale) if isinstance(item, Frame) else item

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()


def scaled(source: FrameSource, scale: float) -> FrameSource:
    """The source at its own time, or at another."""
    return source if scale == 1.0 else ScaledSource(source, scale)


def in_life(info: SourceInfo, scale: float) -> SourceInfo:
    """Rate and length as they were in life."""
    return replace(info, nominal_fps=info.nominal_fps * scale, duration_s=info.duration_s / scale)


def scaled_poses(frames: Iterable[RecordedFrame], scale: float) -> Iterator[RecordedFrame]:
    """Recorded poses stamped as they were in life."""
    for t_s, pose, belt in frames:
        in_life_s = round(t_s / scale, TIME_DIGITS)
        yield in_life_s, None if pose is None else replace(pose, t_s=in_life_s), belt
