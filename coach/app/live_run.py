"""A live run from opening the source to the finished session."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from coach.app.analysis import Analysis
from coach.app.last_time import LastTime
from coach.app.live_stages import LiveStages
from coach.app.memory import load_profile, save_profile
from coach.app.opening import Line, Opening
from coach.app.outputs import Outputs
from coach.app.own_folder import SNAPSHOTS, TREADMILL_FILE
from coach.app.parts import BeltInput, load_words, open_coach, open_pose_estimator, open_typed_speed
from coach.app.run_screen import NoScreen, RunScreen
from coach.app.session_writer import Keeper
from coach.app.setup_stage import SetupStage
from coach.config import cache_dir, data_dir
from coach.core.coaching.cues import Cue, CueKind
from coach.core.pipeline import Update
from coach.core.session.session import Session
from coach.edges.audio.sound import open_speaker
from coach.edges.pose.usage_data import USAGE_DATA_EVENT, usage_data_line
from coach.edges.speed.treadmill_link import TreadmillSpeed
from coach.errors import CoachError
from coach.ports import FrameSource, PoseEstimator, Speaker, SpeedSource
from coach.settings import Settings


class Narration(Protocol):
    """What a run says on the terminal while it goes on."""

    def say(self, text: str) -> None:
        """One line."""
        ...

    def update(self, update: Update) -> None:
        """Look at one more update."""
        ...

    def cue(self, cue: Cue) -> None:
        """Say a cue."""
        ...

    def model(self, what: str, share: float) -> None:
        """How far the fetching of the pose model is."""
        ...


@runtime_checkable
class HearingSource(Protocol):
    """A source whose runner listens, as the demo's does."""

    def hear(self, kind: CueKind, t_s: float) -> None:
        """A cue was given at `t_s`."""
        ...


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the command line says of a live run."""

    source: str
    headless: bool = False
    duration_s: float | None = None
    belt: BeltInput = field(default_factory=BeltInput)
    outputs: Outputs = field(default_factory=Outputs)


def run_live(
    settings: Settings, options: LiveOptions, narration: Narration, source: FrameSource | None = None
) -> Session | None:
    """Coach until the source ends, the runner finishes or the time is over.

    `source` stands in for `options.source` where it is already open, as the demo is.
    None where the runner finished before the session began, or chose no camera.
    Raises SourceError, PoseModelError, NoRunnerError, StoreError, or ConfigError where MediaPipe may not report.
    """
    typed = open_typed_speed(options.belt, settings.coach.speed.step_kmh)  # a slip in the plan is told before all else
    reports = usage_data_line(settings.pose)
    with ExitStack() as stack:
        last = LastTime(options.outputs.data_dir or data_dir(), keeps=options.outputs.data_dir is not None)
        opening = Opening(settings, load_words(settings).line, narration.say, last, headless=options.headless)
        stack.callback(opening.close)
        remembered = source is None
        if source is None:
            source = opening.source(options.source)
        if source is None:
            narration.say("no camera was chosen; nothing was kept")
            return None
        stack.callback(source.close)
        if reports is not None:
            narration.say(reports)
        narration.say("loading the pose network …")
        estimator = open_pose_estimator(settings, source.info, narration.model)
        remembers = options.outputs.data_dir if source.info.kind != "demo" else None
        coach = open_coach(settings, source.info, load_profile(remembers))
        keeper = stack.enter_context(Keeper(options.outputs, source.info, settings))
        treadmill = _open_treadmill(settings, options)
        speeds: list[SpeedSource] = [typed] if treadmill is None else [treadmill, typed]
        analysis = Analysis(coach, keeper, speeds, estimator)
        if reports is not None:
            analysis.remark(USAGE_DATA_EVENT, reports)
        stack.callback(analysis.close)
        speaker = open_speaker(settings.sound, cache_dir(), coach.phrases.spoken())
        stack.callback(speaker.close)
        screen = opening.screen()
        stages = LiveStages(
            source,
            analysis,
            speaker,
            on_update=narration.update,
            on_cue=lambda cue: _tell(cue, source, narration),
            shows=not isinstance(screen, NoScreen),
            duration_s=options.duration_s,
            setup_stage=_setup_stage(settings, source, estimator, speeds, speaker, coach.phrases.line),
            on_begin=lambda check: coach.phrases.line("screen.camera_moved") if last.stood(check) else None,
        )
        run_screen = RunScreen(stages, screen, speaker, typed, coach.coaching, settings, _snapshots(options), treadmill)
        failure = _watched(run_screen)
        if remembered:
            opening.keep()
        if failure is not None and not keeper.runner_seen:
            keeper.discard()
            raise failure
        if stages.in_setup:
            keeper.discard()
            narration.say("finished before the run began; nothing was kept")
            return None
        session = analysis.finish(stages.dropped, stages.meter.latencies())
        save_profile(remembers, coach.profile_after())
        if failure is not None:
            raise failure
        run_screen.show_summary(session)
        return session


def _watched(run_screen: RunScreen) -> CoachError | None:
    """Run to the end; what stopped it early, so that the session can be kept before that is told."""
    try:
        with _finishing_on_signals(run_screen):
            run_screen.watch()
    except CoachError as error:
        return error
    return None


def _setup_stage(
    settings: Settings,
    source: FrameSource,
    estimator: PoseEstimator,
    speeds: Sequence[SpeedSource],
    speaker: Speaker,
    line: Line,
) -> SetupStage | None:
    """The set-up check, where a runner is still to step in front of the camera."""
    if settings.screen.setup_check and source.info.kind in {"camera", "stream"}:
        return SetupStage(estimator, speeds, speaker, line)
    return None


def _open_treadmill(settings: Settings, options: LiveOptions) -> TreadmillSpeed | None:
    """The Bluetooth link, where it is wanted. It never raises: without a radio it says so on the screen."""
    if not settings.coach.treadmill.bluetooth:
        return None
    return TreadmillSpeed(settings.coach.treadmill, (options.outputs.data_dir or data_dir()) / TREADMILL_FILE)


def _tell(cue: Cue, source: FrameSource, narration: Narration) -> None:
    narration.cue(cue)
    if isinstance(source, HearingSource):
        source.hear(cue.kind, cue.t_s)


@contextmanager
def _finishing_on_signals(run_screen: RunScreen) -> Iterator[None]:
    """Let Ctrl-C and a polite kill finish the session instead of losing it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: run_screen.finish()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _snapshots(options: LiveOptions) -> Path:
    """Where the key for a snapshot puts its pictures."""
    return (options.outputs.data_dir or data_dir()) / SNAPSHOTS
