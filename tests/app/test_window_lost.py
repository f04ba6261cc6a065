"""A live session whose window is taken away on a real desktop (Xvfb): it is said, the run goes on, and is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.edges.screen.test_screen_input import Desktop

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool (Debian packages of that name)",
)

RUN = """
    from pathlib import Path

    from coach.edges.screen import open_screen
    from coach.settings import ScreenSettings
    from tests.app.live_run import WORDS, LiveRun, assert_ran_before_and_after

    window = open_screen(ScreenSettings(), "metric", WORDS)
    run = LiveRun(Path(__file__).parent, screen=window)

    def script():
        run.run_on()
        print("shows picture False dark (1280, 720)", flush=True)
        run.until_line("said: window gone, on we go")
        print("gone", flush=True)
        if RETURNS:
            run.until_line("said: window is back")
            print("back", flush=True)
        run.run_on()

    session = run.session(script)
    window.close()
    assert_ran_before_and_after(session, "window", "window")
    run.assert_kept(session)
    print("kept", *(event.detail for event in session.events if event.kind == "window"), flush=True)
"""


@pytest.fixture
def live_on_a_desktop(tmp_path: Path) -> Iterator[Callable[[bool], Desktop]]:
    opened: list[Desktop] = []

    def start(returns: bool) -> Desktop:
        opened.append(Desktop(tmp_path, RUN.replace("RETURNS", str(returns))))
        opened[-1].start()
        return opened[-1]

    yield start
    for desktop in opened:
        desktop.close()


@pytest.mark.slow
def test_a_window_that_somebody_destroys_comes_back(live_on_a_desktop: Callable[[bool], Desktop]) -> None:
    desktop = live_on_a_desktop(True)
    desktop.hands("windowclose", desktop.window)
    desktop.wait_for("kept window gone, on we go window is back")
    assert desktop.ended() == 0
    assert desktop.said()[-3:-1] == ["gone", "back"]


@pytest.mark.slow
def test_a_desktop_that_goes_away_leaves_a_run_with_sound_and_store(
    live_on_a_desktop: Callable[[bool], Desktop],
) -> None:
    desktop = live_on_a_desktop(False)
    desktop.hands("windowkill", desktop.window)
    desktop.wait_for("kept window gone, on we go")
    assert desktop.ended() == 0
