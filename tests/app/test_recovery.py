"""What breaks in the middle of a run: each thing alone, said on the screen and by voice, back again, the session whole.

| breaks | here, or where |
|---|---|
| camera unplugged, frozen, stuck, busy | `test_a_camera_that_fails_comes_back` |
| camera gone for good | `test_a_camera_that_stays_away_ends_the_run_and_keeps_it` |
| camera slow, dark | `test_bad_light_is_told_until_it_is_good_again` |
| window closed by the runner | `test_a_closed_window_finishes_the_run` |
| window taken away, desktop gone | `test_a_window_that_breaks_…`; on a real desktop `tests/app/test_window_lost.py` |
| laptop sleeps and wakes | `test_a_laptop_that_slept_goes_on` |
| sound card vanishes, speech engine hangs | `tests/app/test_sound_lost.py` |
| treadmill link dies | `tests/app/test_treadmill_lost.py` |
| a part is closed before the others | `test_whichever_part_goes_first_the_run_ends_well` |

The camera is a bench model behind OpenCV's own door, and its runner's poses are known; threads, cockpit, coach and
store are the real ones. A session's clock runs five times as fast as the wall's. Asserted is the order of events.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from coach.app.analysis import Analysis
from coach.app.cockpit import Cockpit
from coach.app.keeping import Keeper
from coach.app.live import LiveStages
from coach.app.outputs import Outputs
from coach.core.keeping.session import Session
from coach.core.pipeline import Coach
from coach.core.settings import BaselineSettings, CoachSettings, ProgrammeSettings, SessionSettings
from coach.edges.belt.typed_speed import TypedSpeed
from coach.edges.frames.camera import CameraSource
from coach.edges.frames.live_reader import Patience
from coach.edges.screen import open_screen
from coach.edges.store import Store
from coach.errors import SourceError
from coach.ports import Frame, Screen, SourceEvent
from coach.settings import CameraSettings, ScreenSettings, Settings
from coach.words import load_phrases
from tests.app.live_bench import Diary, KnownRunner, WatchedScreen, WatchedSpeaker
from tests.edges.faulty_camera import CameraBench

SPEED_UP = 5.0
ENOUGH = 4
"""Valid strides that make a stretch of running."""
LONGEST_S = 60.0
HASTY = Patience(lost_after_s=0.6, frozen_after_s=0.1, stuck_after_s=1.5, retry_s=(0.02, 0.05), gone_after_s=30.0)
CALM = replace(HASTY, lost_after_s=10.0, stuck_after_s=20.0)
"""Where the camera is not what fails: a busy test machine may stall for a moment."""
CORE = CoachSettings(
    session=SessionSettings(warm_up_s=0),
    baseline=BaselineSettings(duration_s=6, reuse=False),
    programme=ProgrammeSettings(enabled=False),
)
LIT = np.random.default_rng(1).integers(60, 180, (48, 64, 3)).astype(np.uint8)
WORDS = load_phrases("en").line


class QuickCamera(CameraSource):
    """The camera, its frames stamped on the session's faster clock."""

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for item in super().frames():
            yield replace(item, t_s=SPEED_UP * item.t_s) if isinstance(item, Frame) else item


@dataclass
class LiveRun:
    """One session, and hands that may break and mend what it stands on."""

    folder: Path
    bench: CameraBench = field(default_factory=lambda: CameraBench(period_s=0.004, picture=LIT))
    patience: Patience = CALM
    diary: Diary = field(default_factory=Diary)
    screen: Screen | None = None

    def __post_init__(self) -> None:
        self.source = source = QuickCamera(
            "4",
            CameraSettings(),
            patience=self.patience,
            opening=self.bench.opening,
            listing=self.bench.listing,
        )
        settings = Settings(coach=CORE)
        self.typed, self.speaker = typed, speaker = TypedSpeed(3.0), WatchedSpeaker(self.diary)
        self.screen = self.screen or WatchedScreen(self.diary)
        self._keeper = Keeper(Outputs(data_dir=self.folder), source.info, settings)
        self._analysis = Analysis(Coach(CORE, load_phrases("en")), self._keeper, [typed], KnownRunner())
        self.stages = LiveStages(source, self._analysis, speaker, shows=True)
        self.cockpit = Cockpit(
            self.stages, self.screen, speaker, typed, self._analysis.coach.coaching, settings, self.folder
        )

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Hold on until it is so."""
        ends_s = time.monotonic() + LONGEST_S
        while not holds():
            assert time.monotonic() < ends_s, f"never: {what}; {self.diary.lines}"
            assert self.stages.running, f"the run ended before: {what}; {self.diary.lines}"
            time.sleep(0.002)

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
        kept = self._keeper._builder
        begun_s = kept.frames.last_s
        self.until(
            lambda: sum(one.stride.valid and not one.stride.start_s <= begun_s for one in kept.strides[-40:]) > ENOUGH,
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
            self.cockpit.finish()

        hands = threading.Thread(target=play, daemon=True)
        hands.start()
        try:
            self.cockpit.watch()
        finally:
            hands.join(LONGEST_S)
            session = self._analysis.finish(self.stages.dropped, self.stages.meter.latencies())
            self._analysis.close()
        assert not troubles, troubles
        return session

    def assert_kept(self, session: Session) -> None:
        """What lies in the store is the session, to its last stride."""
        kept = Store(self.folder).load("last")
        assert kept.complete
        assert len(kept.strides) == len(session.strides)
        assert [event.kind for event in kept.events] == [event.kind for event in session.events]


def events(session: Session) -> list[str]:
    return [event.kind for event in session.events]


def strides_between(session: Session, since_s: float, until_s: float) -> int:
    """Valid strides that were run wholly in this time."""
    return sum(
        kept.stride.valid and kept.stride.start_s >= since_s and kept.stride.end_s <= until_s
        for kept in session.strides
    )


def assert_ran_before_and_after(session: Session, kind_before: str, kind_after: str) -> None:
    first = next(event.t_s for event in session.events if event.kind == kind_before)
    last = next(event.t_s for event in reversed(session.events) if event.kind == kind_after)
    assert strides_between(session, 0.0, first) >= ENOUGH
    assert strides_between(session, last, np.inf) >= ENOUGH


def pull_the_plug(bench: CameraBench) -> None:
    bench.plugged = False


def freeze(bench: CameraBench) -> None:
    bench.frozen = True


def block(bench: CameraBench) -> None:
    bench.unblocked.clear()


def occupy(bench: CameraBench) -> None:
    """Its cable is touched, and another program is quicker."""
    bench.busy, bench.plugged = True, False
    while bench.open_now:
        time.sleep(0.002)
    bench.plugged = True


def mend(bench: CameraBench) -> None:
    bench.plugged, bench.frozen, bench.busy = True, False, False
    bench.unblocked.set()


@pytest.mark.parametrize("fault", [pull_the_plug, freeze, block, occupy], ids=["unplugged", "frozen", "stuck", "busy"])
def test_a_camera_that_fails_comes_back(tmp_path: Path, fault: Callable[[CameraBench], None]) -> None:
    run = LiveRun(tmp_path, patience=HASTY)

    def script() -> None:
        run.run_on()
        fault(run.bench)
        run.until_line("shown: lost")
        run.until_line("said: camera lost")
        mend(run.bench)
        run.until_line("shown: picture again")
        run.run_on()

    session = run.session(script)
    assert set(events(session)[::2]) == {"source_lost"}
    assert set(events(session)[1::2]) == {"source_returned"}
    assert run.diary.has("said: camera lost", "said: camera is back")
    assert run.diary.has("shown: lost", "shown: picture again")
    assert_ran_before_and_after(session, "source_lost", "source_returned")
    run.assert_kept(session)


def test_a_camera_that_stays_away_ends_the_run_and_keeps_it(tmp_path: Path) -> None:
    run = LiveRun(tmp_path, patience=replace(HASTY, gone_after_s=0.6))

    def script() -> None:
        run.run_on()
        pull_the_plug(run.bench)
        run.until_over()

    with pytest.raises(SourceError, match="Bench Cam did not come back; check its cable"):
        run.session(script)
    kept = Store(tmp_path).load("last")
    assert kept.complete
    assert strides_between(kept, 0.0, np.inf) >= ENOUGH
    assert events(kept) == ["source_lost"], "kept, although no frame came after it"


def slow_down(bench: CameraBench) -> None:
    """A dark room: each picture takes its time. On the session's clock 30 a second become fewer than 10."""
    bench.period_s = 0.03


def darken(bench: CameraBench) -> None:
    bench.picture = (LIT // 8).astype(np.uint8)


def light_up(bench: CameraBench) -> None:
    bench.period_s, bench.picture = 0.004, LIT


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [(slow_down, "remedy.faster_camera"), (darken, "remedy.brighter")],
    ids=["slow", "dark"],
)
def test_bad_light_is_told_until_it_is_good_again(
    tmp_path: Path, fault: Callable[[CameraBench], None], remedy: str
) -> None:
    run = LiveRun(tmp_path)
    asked, thanks = WORDS(f"screen.{remedy}"), WORDS("screen.picture_good")

    def script() -> None:
        run.run_on()
        fault(run.bench)
        run.until_line(f"said: {asked}")
        light_up(run.bench)
        run.until_line(f"said: {thanks}")
        run.run_on()

    session = run.session(script)
    assert [event.detail for event in session.events if event.kind == "light"] == [asked, thanks]
    assert run.diary.has(f"shown: {asked}", f"shown: {thanks}")
    assert "source_lost" not in events(session), "it never stopped seeing"
    assert_ran_before_and_after(session, "light", "light")
    run.assert_kept(session)


def test_a_closed_window_finishes_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = open_screen(ScreenSettings(), "metric", WORDS)
    run = LiveRun(tmp_path, screen=window)

    def script() -> None:
        run.run_on()
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        run.until_over()

    session = run.session(script)
    window.close()
    assert strides_between(session, 0.0, np.inf) >= ENOUGH
    run.assert_kept(session)


def test_a_window_that_breaks_comes_back_in_the_middle_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("coach.edges.screen.window.REOPEN_S", 0.3)
    window = open_screen(ScreenSettings(), "metric", WORDS)
    run = LiveRun(tmp_path, screen=window)
    broken = threading.Event()
    present = window._draw

    def draw(*given: object) -> None:
        if broken.is_set():
            broken.clear()
            raise pygame.error("the display is gone")
        present(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(window, "_draw", draw)

    def script() -> None:
        run.run_on()
        broken.set()
        run.until_line("said: window gone, on we go")
        run.until_line("said: window is back")
        run.run_on()

    session = run.session(script)
    window.close()
    assert [event.detail for event in session.events] == ["window gone, on we go", "window is back"]
    assert_ran_before_and_after(session, "window", "window")
    run.assert_kept(session)


@pytest.mark.parametrize("first", ["camera", "screen", "speaker", "speed"])
def test_whichever_part_goes_first_the_run_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = open_screen(ScreenSettings(), "metric", WORDS)
    run = LiveRun(tmp_path, screen=window)
    closing: dict[str, Callable[[], None]] = {
        "camera": run.source.close,
        "screen": window.close,
        "speaker": run.speaker.close,
        "speed": run.typed.close,
    }

    def script() -> None:
        run.run_on()
        closing.pop(first)()
        if first == "camera":
            run.until_over()
        else:
            run.run_on()

    session = run.session(script)
    for close in closing.values():
        close()
    assert strides_between(session, 0.0, np.inf) >= ENOUGH
    run.assert_kept(session)
    assert run.bench.open_now == 0


class Clocks:
    """The machine's clocks, which a sleep may move: all of them, or the wall clock alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steady_s = self.wall_s = 0.0
        clocks = SimpleNamespace(
            monotonic=lambda: time.monotonic() + self.steady_s, time=lambda: time.time() + self.wall_s
        )
        for module in ("coach.edges.frames.live_reader", "coach.app.slumber"):
            monkeypatch.setattr(f"{module}.time", clocks)


@pytest.mark.parametrize("clock_goes_on", [True, False], ids=["clock goes on", "clock stands still"])
def test_a_laptop_that_slept_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock_goes_on: bool) -> None:
    clocks = Clocks(monkeypatch)
    run = LiveRun(tmp_path, patience=HASTY)

    def script() -> None:
        run.run_on()
        # The lid closes: the camera's driver stops in the middle of a call, and wakes last.
        run.bench.unblocked.clear()
        clocks.wall_s += 3600.0
        clocks.steady_s += 3600.0 if clock_goes_on else 0.0
        run.until_line("said: computer slept, on we go")
        run.until_line("shown: lost")
        mend(run.bench)
        run.until_line("shown: picture again")
        run.run_on()

    session = run.session(script)
    slept = [event for event in session.events if event.kind == "slept"]
    assert [event.detail for event in slept] == ["computer slept, on we go: 3600 s"]
    assert run.diary.has("said: computer slept, on we go")
    assert "shown: computer slept, on we go" in run.diary.lines
    assert_ran_before_and_after(session, "slept", "slept")
    run.assert_kept(session)
    hour_s = SPEED_UP * 3600
    assert (session.frames.duration_s > hour_s) is clock_goes_on
    assert 10 < session.frames.measured_fps < 100, "the sleep does not count for the rate"
