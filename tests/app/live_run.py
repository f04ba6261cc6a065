"""A whole live session on a bench camera, and hands that may break and mend what it stands on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from coach.app.analysis_stage import LiveParts
from coach.app.live_screen import LiveScreen
from coach.app.live_stages import LiveStages
from coach.app.loop import NoticeBoard
from coach.app.parts import Outputs, SpeakingCoach
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources
from coach.core.coach_settings import BaselineSettings, CoachSettings, ProgrammeSettings, SessionSettings
from coach.core.coaching.profile import RunnerProfile
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.speed.speed_plan import parse_plan
from coach.edges.frames.camera import CameraSource
from coach.edges.frames.live_reader import Patience
from coach.edges.speed.typed_speed import TypedSpeed
from coach.edges.store import Store
from coach.languages import load_words
from coach.ports import Frame, Screen, SourceEvent
from coach.settings import CameraSettings, RecordSettings, Settings
from tests.app.live_bench import Diary, KnownRunner, WatchedScreen, WatchedSpeaker
from tests.edges.faulty_camera import CameraBench

SPEED_UP = 5.0
ENOUGH = 4
"""Valid strides that make a stretch of running."""
LONGEST_S = 120.0
CALM = Patience(lost_after_s=20.0, frozen_after_s=0.1, stuck_after_s=40.0, retry_s=(0.02, 0.05), gone_after_s=120.0)
"""Where the camera is not what fails: a busy test machine may stall for a moment."""
HASTY = replace(CALM, lost_after_s=0.4, stuck_after_s=1.0)
"""While it fails: see `LiveRun.hasty`."""
LOOK_S = 0.25
"""So long the camera waits for whoever looks at its pictures: a slow machine sees as many as a fast one."""
CORE = CoachSettings(
    session=SessionSettings(warm_up_s=0),
    baseline=BaselineSettings(duration_s=6, reuse=False),
    programme=ProgrammeSettings(enabled=False),
)
DAY = 20_000.0
"""On which the run is."""
LIT = np.random.default_rng(1).integers(60, 180, (48, 64, 3)).astype(np.uint8)
WORDS = load_words("en")


class QuickCamera(CameraSource):
    """The camera, its frames stamped on the session's faster clock.

    They are as far apart as the camera took them, however long a busy machine was about it; a loss lasts as it lasted.
    """

    bench: CameraBench

    def frames(self) -> Iterator[Frame | SourceEvent]:
        last, t_s = Frame(0, 0.0, LIT), 0.0
        for item in super().frames():
            if not isinstance(item, Frame):
                last = replace(last, index=-1)
                yield item
                continue
            lost = last.index < 0
            t_s += SPEED_UP * (item.t_s - last.t_s if lost else self.bench.period_s * (item.index - last.index))
            last = item
            yield replace(item, t_s=t_s)


class LookingRunner(KnownRunner):
    """Tells the camera that its picture was looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.looked = threading.Event()

    def estimate(self, frame: Frame) -> Pose | None:
        self.looked.set()
        return super().estimate(frame)

    def wait(self) -> None:
        """Until a picture was looked at since the last call."""
        self.looked.wait(LOOK_S)
        self.looked.clear()


@dataclass
class LiveRun:
    """One session, and hands that may break and mend what it stands on."""

    folder: Path
    bench: CameraBench = field(default_factory=lambda: CameraBench(period_s=0.006, picture=LIT))
    patience: Patience = CALM
    diary: Diary = field(default_factory=Diary)
    screen: Screen | None = None
    language: str = "en"
    outputs: Outputs = field(default_factory=Outputs)
    printed: list[str] = field(default_factory=list)
    core: CoachSettings = CORE
    profile: RunnerProfile | None = None
    """What is known of the runner; None: nothing yet."""
    plan: str | None = None
    """Of the belt; None: it keeps its speed."""
    duration_s: float | None = None

    def __post_init__(self) -> None:
        self.source = source = QuickCamera(
            "4",
            CameraSettings(),
            patience=self.patience,
            opening=self.bench.opening,
            listing=self.bench.listing,
        )
        source.bench = self.bench
        estimator = LookingRunner()
        self.bench.before_grab = estimator.wait
        settings = Settings(coach=self.core, record=RecordSettings(stills=False))
        self.typed, self.speaker = typed, speaker = self.belt(), WatchedSpeaker(self.diary)
        self.screen = self.screen or WatchedScreen(self.diary)
        words = load_words(self.language)
        self.board = NoticeBoard(words, "metric", say=speaker.say_line, print=lambda _, text: self.printed.append(text))
        self.writer = SessionWriter(replace(self.outputs, data_dir=self.folder), source.info, settings, self.board.tell)
        self.coach = SpeakingCoach(words, self.core, self.profile, now_day=DAY)
        speed = SpeedSources([typed], typed=typed)
        parts = LiveParts(source, estimator, speed, self.coach, self.writer, speaker, self.board)
        self.stages = LiveStages(parts, shows=True, duration_s=self.duration_s)
        self.live_screen = LiveScreen(self.stages, self.screen, parts, settings, self.folder)

    def belt(self) -> TypedSpeed:
        return TypedSpeed(3.0, plan=None if self.plan is None else parse_plan(self.plan))

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Hold on until it is so."""
        ends_s = time.monotonic() + LONGEST_S
        while not holds():
            assert time.monotonic() < ends_s, f"never: {what}; {self.diary.lines}"
            assert self.stages.running, f"the run ended before: {what}; {self.diary.lines}"
            time.sleep(0.01)  # a look unpacks strides: more often would cost more than the run

    @contextmanager
    def hasty(self, **patience: float) -> Iterator[None]:
        """While the camera fails it is soon given up; before and after, a machine that stalls has lost none."""
        reader = self.source._reader
        calm, reader._patience = reader._patience, replace(HASTY, **patience)  # type: ignore[arg-type]
        came = reader._count
        self.until(lambda: reader._count > came, "a picture, after which the next one is waited for in haste")
        yield
        reader._patience = calm

    def until_over(self) -> None:
        """Hold on until the run has ended by itself."""
        ends_s = time.monotonic() + LONGEST_S
        while any(thread.is_alive() for thread in self.stages._threads):
            assert time.monotonic() < ends_s, "it never ended"
            time.sleep(0.002)

    def until_line(self, line: str) -> None:
        self.until(lambda: line in self.diary.lines, line)

    def run_on(self) -> None:
        """Let the runner run some trusted strides from now on."""
        kept = self.writer._builder
        begun_s = kept.frames.last_s
        self.until(
            lambda: sum(one.valid and not one.start_s <= begun_s for one in kept.strides[-40:]) > ENOUGH,
            "strides",
        )

    def session(self, script: Callable[[], None]) -> Session:
        """The whole run; `script` happens beside it and the runner finishes when it is over."""
        troubles: list[BaseException] = []

        def play() -> None:
            try:
                script()
            except BaseException as error:  # noqa: BLE001 - told in the test's own thread
                troubles.append(error)
            self.live_screen.finish()

        hands = threading.Thread(target=play, daemon=True)
        hands.start()
        try:
            self.live_screen.watch()
        finally:
            hands.join(LONGEST_S)
            session = self.writer.finish(self.coach.finish(), self.stages.dropped, self.stages.meter.latencies())
        assert not troubles, troubles
        return session

    def assert_kept(self, session: Session) -> None:
        """What lies in the store is the session, to its last stride."""
        kept = Store(self.folder).load("last")
        assert kept.complete
        assert len(kept.strides) == len(session.strides)
        assert kept.events == session.events


def events(session: Session) -> list[str]:
    """What happened to the camera. What is seen in its pictures, and how many come, hangs on the machine, too."""
    return [event.kind for event in session.events if event.kind.startswith("source_")]


def strides_between(session: Session, since_s: float, until_s: float) -> int:
    """Valid strides that were run wholly in this time."""
    return sum(kept.valid and kept.start_s >= since_s and kept.end_s <= until_s for kept in session.strides)


def assert_ran_before_and_after(session: Session, kind_before: str, kind_after: str) -> None:
    first = next(event.t_s for event in session.events if event.kind == kind_before)
    last = next(event.t_s for event in reversed(session.events) if event.kind == kind_after)
    assert strides_between(session, 0.0, first) >= ENOUGH
    assert strides_between(session, last, np.inf) >= ENOUGH
