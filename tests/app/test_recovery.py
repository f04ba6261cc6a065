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

The camera is a bench model behind OpenCV's own door, and its runner's poses are known; threads, screen, coach and
store are the real ones. A session's clock runs five times as fast as the wall's. Asserted is the order of events.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from coach.core.pipeline import Update
from coach.edges.screen import open_screen
from coach.edges.store import Store
from coach.errors import SourceError
from coach.ports import Frame, LiveStatus, UserCommand
from coach.settings import ScreenSettings
from tests.app.live_bench import Diary, WatchedScreen
from tests.app.live_run import (
    CALM,
    ENOUGH,
    LIT,
    SPEED_UP,
    WORDS,
    LiveRun,
    assert_ran_before_and_after,
    events,
    strides_between,
)
from tests.edges.faulty_camera import CameraBench

SMALL = (640, 480)
"""A window that is quickly drawn."""


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
    run = LiveRun(tmp_path)

    def script() -> None:
        run.run_on()
        with run.hasty():
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


def test_a_loose_plug_is_said_once_and_shown_each_time(tmp_path: Path) -> None:
    run = LiveRun(tmp_path)

    def script() -> None:
        run.run_on()
        for times in (1, 2, 3):
            with run.hasty():
                pull_the_plug(run.bench)
                run.until(lambda seen=times: run.diary.lines.count("shown: lost") >= seen, "lost again")  # type: ignore[misc]
                mend(run.bench)
                run.until(lambda seen=times: run.diary.lines.count("shown: picture again") >= seen, "back again")  # type: ignore[misc]
        run.run_on()

    session = run.session(script)
    assert events(session).count("source_lost") >= 3
    assert run.diary.lines.count("said: camera lost") == run.diary.lines.count("said: camera is back") == 1
    run.assert_kept(session)


def test_a_camera_that_stays_away_ends_the_run_and_keeps_it(tmp_path: Path) -> None:
    run = LiveRun(tmp_path)

    def script() -> None:
        run.run_on()
        with run.hasty(gone_after_s=0.6):
            pull_the_plug(run.bench)
            run.until_over()

    with pytest.raises(SourceError, match="Bench Cam did not come back; check its cable"):
        run.session(script)
    kept = Store(tmp_path).load("last")
    assert kept.complete
    assert strides_between(kept, 0.0, np.inf) >= ENOUGH - 1, "the last may have been under way"
    assert events(kept)[-1:] == ["source_lost"], "kept, although no frame came after it"


def test_the_duration_ends_a_run_whose_camera_is_lost_as_any_other(tmp_path: Path) -> None:
    run = LiveRun(tmp_path, patience=replace(CALM, lost_after_s=0.1), duration_s=0.5)
    pull_the_plug(run.bench)

    def script() -> None:
        run.until_line("said: camera lost")
        run.until_over()

    session = run.session(script)
    assert events(session) == ["source_lost"]
    run.assert_kept(session)


class LastShown(WatchedScreen):
    """Remembers what stands on the screen of clock and belt."""

    elapsed_s = belt_mps = np.nan

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        super().show(frame, update, status)
        self.elapsed_s = status.elapsed_s
        self.belt_mps = update.belt.speed_mps if update and update.belt else np.nan


def test_while_the_camera_is_lost_clock_and_keys_for_the_speed_go_on(tmp_path: Path) -> None:
    diary = Diary()
    screen = LastShown(diary)
    run = LiveRun(tmp_path, patience=replace(CALM, lost_after_s=0.2), diary=diary, screen=screen)

    def script() -> None:
        run.until(lambda: screen.belt_mps > 0, "a speed")
        pull_the_plug(run.bench)
        run.until_line("shown: lost")
        lost_s = screen.elapsed_s
        screen.asked.append(UserCommand.FASTER)
        run.until(lambda: screen.belt_mps > 3.1, "the new speed")
        run.until(lambda: screen.elapsed_s > lost_s + 0.2, "a clock that goes on")

    run.session(script)


def test_in_a_pause_the_plan_stands_still_although_the_camera_is_lost(tmp_path: Path) -> None:
    diary = Diary()
    screen = LastShown(diary)
    run = LiveRun(
        tmp_path, patience=replace(CALM, lost_after_s=0.2), diary=diary, screen=screen, plan="1h@10.8, 1h@14.4"
    )

    def script() -> None:
        run.until(lambda: screen.belt_mps > 0, "a speed")
        pull_the_plug(run.bench)
        run.until_line("shown: lost")
        screen.asked.append(UserCommand.PAUSE)
        run.until(lambda: run.live_screen._wishes.paused, "a pause")
        ran_s, looks_s = run.typed._planned_s, screen.elapsed_s
        run.until(lambda: screen.elapsed_s > looks_s + 1, "looks at the clock")
        mend(run.bench)
        run.until_line("shown: picture again")
        run.until(lambda: run.coach._coaching.paused, "the pause in the coach")
        assert run.typed._planned_s == pytest.approx(ran_s, abs=0.5)

    run.session(script)


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
    asked, thanks = WORDS.line(f"screen.{remedy}"), WORDS.line("screen.picture_good")

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
    window = open_screen(ScreenSettings(), "metric", WORDS, SMALL)
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
    window = open_screen(ScreenSettings(), "metric", WORDS, SMALL)
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
    told = [event.detail for event in session.events if event.kind == "window"]
    assert told == ["window gone, on we go", "window is back"]
    assert_ran_before_and_after(session, "window", "window")
    run.assert_kept(session)


@pytest.mark.parametrize("first", ["camera", "screen", "speaker", "speed"])
def test_whichever_part_goes_first_the_run_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = open_screen(ScreenSettings(), "metric", WORDS, SMALL)
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
    """The machine's clocks, which a sleep may move: all of them, or the one alone that never stops."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steady_s = self.whole_s = 0.0
        clocks = SimpleNamespace(monotonic=lambda: time.monotonic() + self.steady_s)
        monkeypatch.setattr("coach.timing.never_stops_s", lambda: time.monotonic() + self.whole_s)
        for module in ("coach.edges.frames.live_reader", "coach.timing"):
            monkeypatch.setattr(f"{module}.time", clocks)


@pytest.mark.parametrize("clock_goes_on", [True, False], ids=["clock goes on", "clock stands still"])
def test_a_laptop_that_slept_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock_goes_on: bool) -> None:
    clocks = Clocks(monkeypatch)
    run = LiveRun(tmp_path)

    def script() -> None:
        run.run_on()
        with run.hasty():
            # The lid closes: the camera's driver stops in the middle of a call, and wakes last.
            run.bench.unblocked.clear()
            clocks.whole_s += 3600.0
            clocks.steady_s += 3600.0 if clock_goes_on else 0.0
            run.until_line("said: computer slept, on we go")
            run.until_line("shown: lost")
            mend(run.bench)
            run.until_line("shown: picture again")
        run.run_on()

    session = run.session(script)
    slept = [event for event in session.events if event.kind == "slept"]
    (told,) = slept
    # And what a busy machine stood still meanwhile.
    assert re.fullmatch(r"computer slept, on we go: 36[0-5]\d s", told.detail)
    assert run.diary.has("said: computer slept, on we go")
    assert "shown: computer slept, on we go" in run.diary.lines
    assert_ran_before_and_after(session, "slept", "slept")
    run.assert_kept(session)
    hour_s = SPEED_UP * 3600
    assert (session.frames.duration_s > hour_s) is clock_goes_on
    assert 1 < session.frames.measured_fps < 100, "the sleep does not count for the rate"
