"""A live run from opening the source to the finished session."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, runtime_checkable

from coach.app import leaving
from coach.app.analysis_stage import Listeners, LiveParts
from coach.app.companions import Companions, open_companions
from coach.app.data_folder import HEART_FILE, TREADMILL_FILE, load_profile, save_profile, snapshots_of
from coach.app.live_screen import LiveScreen, NoScreen
from coach.app.live_stages import LiveStages
from coach.app.loop import NoticeBoard
from coach.app.opening import BegunSource, LastTime, Opening
from coach.app.parts import (
    LiveOptions,
    as_read,
    lens_of,
    load_pose_library,
    looking_ahead,
    open_coach,
    open_pose_estimator,
    picture_of,
    scaled,
    today,
    words_of,
)
from coach.app.runners import settings_for
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources, open_speed_sources
from coach.app.surroundings import SetupPreview
from coach.config import cache_dir, data_dir
from coach.core.coaching.cues import Cue, CueKind
from coach.core.notices import Notice, NoticeKind, Word
from coach.core.pipeline import Coach, Update
from coach.core.session.session import Session
from coach.core.setup.setup_check import SetupState
from coach.edges.audio.sound import open_speaker
from coach.edges.store import Runners
from coach.errors import CoachError, NoRunnerError, StoreError
from coach.ports import Finish, FrameSource
from coach.review.answers import enough, following
from coach.review.sentences import summary_lines
from coach.settings import Settings


class Narration(Protocol):
    """What a run says on the terminal while it goes on."""

    def say(self, text: str) -> None:
        """One line."""
        ...

    def notice(self, notice: Notice, text: str) -> None:
        """A notice, in these words."""
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


@runtime_checkable
class PatientSource(Protocol):
    """A source that waits for whoever looks at it, as the demo does."""

    def followed(self, t_s: float) -> None:
        """The picture of `t_s` was looked at."""
        ...


def run_live(
    settings: Settings,
    options: LiveOptions,
    narration: Narration,
    source: FrameSource | Callable[[], FrameSource] | None = None,
) -> Session | None:
    """Coach until the source ends, the runner finishes or the time is over.

    `source` stands in for `options.source`: open already, or what opens it, as for the demo. The window comes first and
    says that it loads; the pose network loads beside all else that is opened.
    None where the runner finished before the session began, or chose no camera or nobody who runs. What cannot be kept
    is told as a notice. Raises SourceError, PoseModelError, NoRunnerError, StoreError where nothing can be kept from
    the start, or ConfigError where MediaPipe may not report.
    """
    words, reports = words_of(settings), settings.pose.usage_data_line()
    with ExitStack() as stack:
        root = options.outputs.data_dir or data_dir()
        speed = open_speed_sources(options.belt, settings.coach, treadmill_memory=root / TREADMILL_FILE)
        stack.callback(speed.close)
        companions = open_companions(settings, speed, root / HEART_FILE)
        stack.callback(companions.close)
        last = LastTime(root, keeps=options.outputs.data_dir is not None)
        opening = Opening(settings, words, narration.say, last, headless=options.headless)
        stack.callback(opening.close)
        leaving.loading()
        beside = stack.enter_context(ThreadPoolExecutor(1, "loading"))
        beside.submit(load_pose_library)
        opening.loading()
        remembered = source is None
        source = opening.source(options.source) if source is None else source() if callable(source) else source
        if source is None:
            narration.say(words.line("run.no_camera_chosen"))
            return None
        source = scaled(source, options.time_scale)
        stack.callback(source.close)
        if reports is not None:
            narration.say(reports)
        if options.ask_runner and (remembers := _remembers(options, source)) is not None:
            runner = opening.runner(Runners(remembers).all())
            if runner is None:
                narration.say(words.line("run.no_runner_chosen"))
                return None
            settings = settings_for(settings, runner, options.height_cm)
        last.runs(settings.coach.runner.name)
        narration.say(words.line("run.loading"))
        settings = looking_ahead(settings, both_ways=False)
        parts = _open_parts(stack, settings, options, narration, source, speed, companions, opening, beside, last)
        if reports is not None:
            parts.board.tell(Notice(NoticeKind.USAGE_DATA, detail=reports))
        if parts.coach.unasked:
            parts.board.tell(Notice(NoticeKind.QUESTION, "screen.trouble", Word("programme.how_to_answer")))
        screen = opening.screen()
        listeners = Listeners(
            update=lambda update: _look(update, source, narration),
            cue=lambda cue: _tell(cue, source, narration),
            begin=lambda check: _begin(check, last, parts.coach),
        )
        shows = not isinstance(screen, NoScreen)
        stages = LiveStages(parts, listeners, shows=shows, duration_s=options.duration_s)
        live_screen = LiveScreen(stages, screen, parts, settings, snapshots_of(root, settings))
        # To the very end: a signal that comes while the session is being kept must not undo that.
        stack.enter_context(leaving.finishing(live_screen.leave))
        failure = _watched(live_screen)
        if remembered:
            opening.keep()
        if failure is None and stages.preview is not None:
            _never_began(stages.preview, parts, narration, on_purpose=live_screen.finished)
            return None
        session = _finished(parts, stages, failure, _remembers(options, source), settings)
        live_screen.show_finish(_finish(session, parts, settings, kept=options.outputs.data_dir is not None))
        return session


def _open_parts(
    stack: ExitStack,
    settings: Settings,
    options: LiveOptions,
    narration: Narration,
    source: FrameSource,
    speed: SpeedSources,
    companions: Companions,
    opening: Opening,
    beside: ThreadPoolExecutor,
    last: LastTime,
) -> LiveParts:
    """Everything behind camera and window; the stack closes it."""
    words = words_of(settings)
    loading = beside.submit(open_pose_estimator, settings, source.info, narration.model, last.readings)
    # Whatever ends the run before it is taken: a network that was opened is closed.
    stack.callback(lambda: loading.result().close() if loading.exception() is None else None)
    profile = load_profile(_remembers(options, source), settings.coach.runner.name)
    incline_pct = options.belt.incline_pct
    coach = open_coach(settings, source.info, profile, words, incline_pct=incline_pct)
    speaker = open_speaker(settings.sound, cache_dir(), words)
    stack.callback(speaker.close)
    begun = BegunSource(source)
    estimator = opening.until(loading, begun)
    if settings.pose.effort == "auto":
        last.reads(estimator.readings)
    leaving.loaded()
    board = NoticeBoard(words, settings.units, say=speaker.say_line, print=narration.notice)
    read = as_read(settings, estimator)
    writer = stack.enter_context(SessionWriter(options.outputs, source.info, read, board.tell, incline_pct))
    board.keep = writer.keep
    preview = None
    if settings.screen.setup_check and source.info.kind in {"camera", "stream"}:
        # A runner is still to step in front of it.
        preview = SetupPreview(
            estimator,
            speed,
            speaker,
            board.tell,
            lens_of(source.info, settings.camera),
            picture_of(source.info),
            incline_pct,
            speed_remedy=None if coach.reads_speed else speed.remedy(keys=not opening.unseen),
            ends_after_s=options.duration_s or math.inf,
            streamed=source.info.kind == "stream",
            unseen=lambda: opening.unseen,
        )
    return LiveParts(begun, estimator, speed, coach, writer, speaker, board, preview, companions)


def _remembers(options: LiveOptions, source: FrameSource) -> Path | None:
    """Where the runner's profile is kept; None where nothing is, and for the demo, whose runner is nobody."""
    return options.outputs.data_dir if source.info.kind != "demo" else None


def _never_began(preview: SetupPreview, parts: LiveParts, narration: Narration, *, on_purpose: bool) -> None:
    """Say what kept the run back; nothing is kept of it. Raises NoRunnerError where nobody ended it on purpose."""
    words = parts.board.words
    held_back = words.line("run.held_back", remedy=words.line(preview.remedy)) if preview.remedy else None
    if on_purpose:
        parts.writer.discard()
        narration.say(words.line("run.never_began"))
        if held_back is not None:
            narration.say(held_back)
        return
    try:
        parts.writer.finish(parts.coach.finish())
    except NoRunnerError as error:
        raise NoRunnerError(held_back) if preview.runner_found and held_back is not None else error from None


def _finished(
    parts: LiveParts, stages: LiveStages, failure: CoachError | None, remembers: Path | None, settings: Settings
) -> Session:
    """The session, kept. Raises what ended the run early, once everything that was run is kept."""
    if failure is not None and not parts.writer.runner_seen:
        parts.writer.discard()
        raise failure
    session = parts.writer.finish(parts.coach.finish(), stages.dropped, stages.meter.latencies())
    try:
        save_profile(remembers, parts.coach.profile_after(), settings.coach.runner.name)
    except StoreError as error:
        parts.writer.not_kept(str(error))
    if failure is not None:
        raise failure
    return session


def _finish(session: Session, parts: LiveParts, settings: Settings, *, kept: bool) -> Finish:
    """How it was, in the page's own answers."""
    words, state = parts.board.words, parts.coach.profile_after().programme(settings.coach, today())
    was, coming = enough(session, words), following(session, state, words)
    page = words.line("screen.page", command=f"coach report {session.session_id} --open") if kept else ""
    facts = summary_lines(session, settings.units, words)[0]
    return Finish(was.big, was.says, was.mark, coming.big, coming.says, facts, page)


def _watched(live_screen: LiveScreen) -> CoachError | None:
    """Run to the end; what stopped it early, so that the session can be kept before that is told."""
    try:
        live_screen.watch()
    except CoachError as error:
        return error
    return None


def _begin(check: SetupState, last: LastTime, coach: Coach) -> Notice | None:
    """What is to be told of the check that is over: uncorrected angles of two places do not compare."""
    moved = last.stood(check)
    return Notice(NoticeKind.SET_UP, "screen.camera_moved") if moved and not coach.compares_across_places else None


def _look(update: Update, source: FrameSource, narration: Narration) -> None:
    narration.update(update)
    if isinstance(source, PatientSource):
        source.followed(update.t_s)


def _tell(cue: Cue, source: FrameSource, narration: Narration) -> None:
    narration.cue(cue)
    if isinstance(source, HearingSource):
        source.hear(cue.kind, cue.t_s)
