"""Keys, mouse and resizing as the runner has them: xdotool on a real window under Xvfb."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool (Debian packages of that name)",
)

PATIENCE_S = 120.0
"""For a machine that does much else: on an idle one each step takes a tenth of a second."""

WINDOW = """
    import os
    import sys
    import time

    import numpy as np

    from bench.scenes import status, update
    from coach.core.words import Words
    from coach.edges.screen import open_screen
    from coach.ports import Frame, UserCommand
    from coach.settings import ScreenSettings

    window = open_screen(ScreenSettings(), "metric", Words())
    picture = np.full((480, 640, 3), 90, np.uint8)
    shown, bar, parent = None, False, os.getppid()
    print("open", window.is_open, flush=True)
    was_open = window.is_open
    while os.getppid() == parent:
        window.show(Frame(0, 1.0, picture), update(None, 1.0), status())
        painter = window._painter
        now = (painter.view.value, painter.help, painter.theme.name, painter.layout.window.size)
        if now != shown:
            shown = now
            print("shows", *now, flush=True)
        if not bar and window._buttons.visible(time.monotonic()):
            bar = True
            print("buttons", flush=True)
        for command in window.commands():
            print("asked", command.value, flush=True)
            if command is UserCommand.FINISH:
                window.close()
                sys.exit(0)
        if window.is_open != was_open:
            was_open = window.is_open
            print("lost" if not was_open else "back", flush=True)
        if not was_open and window._guard.cut_off:
            print("runs on without", flush=True)
            window.close()
            sys.exit(0)
        time.sleep(0.03)
"""

CHECK = WINDOW.replace("status()", "replace(status(), setup=SetupState((), math.nan, done=False))").replace(
    "import sys\n",
    "import math\n    import sys\n    from dataclasses import replace\n"
    "    from coach.core.setup.setup_check import SetupState\n",
    1,
)
"""The same window with the set-up check in it."""


class Desktop:
    """An X server of its own with the coach's window on it, and hands to work it."""

    def __init__(self, folder: Path, program: str = WINDOW) -> None:
        """`program` opens the window and prints what happens; it says `shows picture False dark (1280, 720)` first."""
        read_end, write_end = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
            pass_fds=(write_end,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as number:
            display = f":{number.readline().strip()}"
        # Packages that bring a `tests` of their own must not hide ours from the program.
        ours = {"DISPLAY": display, "SDL_VIDEODRIVER": "x11", "PYTHONPATH": str(Path(__file__).parents[3])}
        self._environment = {**os.environ, **ours}
        script = folder / "window.py"
        script.write_text(textwrap.dedent(program), "utf-8")
        self._said = (folder / "said.txt").open("w+", encoding="utf-8")
        self._coach = subprocess.Popen(
            [sys.executable, str(script)], env=self._environment, stdout=self._said, stderr=subprocess.STDOUT
        )

    def start(self) -> None:
        """Wait until the window is there."""
        self.wait_for("shows picture False dark (1280, 720)")
        # Without a window manager the only window has the focus.
        self.window = self.hands("getwindowfocus").strip()

    def said(self) -> list[str]:
        return Path(self._said.name).read_text("utf-8").splitlines()

    def wait_for(self, line: str) -> None:
        self.until(lambda said: line in said, line)

    def until(self, holds: Callable[[list[str]], bool], what: str) -> None:
        """Wait until what was said holds it."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(self.said()):
            assert self._coach.poll() is None or holds(self.said()), f"the window ended: {self.said()}"
            assert time.monotonic() < deadline, f"never: {what}; {self.said()}"
            time.sleep(0.05)

    def hands(self, *does: str) -> str:
        return subprocess.run(
            ["xdotool", *does], env=self._environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        ).stdout

    def ended(self) -> int:
        return self._coach.wait(timeout=PATIENCE_S)

    def close(self) -> None:
        for process in (self._coach, self._server):
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=60)
        self._said.close()


def shown(said: list[str]) -> str:
    """How the window looks now."""
    return next(line for line in reversed(said) if line.startswith("shows"))


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    opened = Desktop(tmp_path_factory.mktemp("desktop"))
    try:
        opened.start()
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("plus", "faster"),
        ("minus", "slower"),
        ("Up", "faster"),
        ("space", "pause"),
        ("b", "baseline"),
        ("m", "mute"),
        ("l", "side"),
        ("s", "snapshot"),
        ("Return", "skip"),
    ],
)
def test_a_key_asks_for_what_help_says(desktop: Desktop, key: str, command: str) -> None:
    before = desktop.said().count(f"asked {command}")
    desktop.hands("key", key)
    desktop.until(lambda said: said.count(f"asked {command}") > before, command)


def test_v_steps_through_the_views_and_back(desktop: Desktop) -> None:
    for view in ("skeleton", "numbers", "picture"):
        desktop.hands("key", "v")
        desktop.wait_for(f"shows {view} False dark (1280, 720)")


def test_help_comes_and_goes_and_a_click_closes_it(desktop: Desktop) -> None:
    desktop.hands("key", "h")
    desktop.wait_for("shows picture True dark (1280, 720)")
    desktop.hands("mousemove", "--window", desktop.window, "600", "300", "click", "1")
    desktop.until(lambda said: shown(said) == "shows picture False dark (1280, 720)", "the help goes")


def test_the_theme_changes_with_t(desktop: Desktop) -> None:
    desktop.hands("key", "t")
    desktop.wait_for("shows picture False light (1280, 720)")
    desktop.hands("key", "t")


def test_moving_the_mouse_brings_buttons_that_can_be_clicked(desktop: Desktop) -> None:
    paused = desktop.said().count("asked pause")
    # The third of nine buttons along the lower edge of the picture in a 1280 × 720 window.
    desktop.hands("mousemove", "--window", desktop.window, "420", "400")
    desktop.until(lambda said: "buttons" in said, "buttons")
    desktop.hands("mousemove", "--window", desktop.window, "307", "553", "click", "1")
    desktop.until(lambda said: said.count("asked pause") > paused, "a pause")


def test_the_window_can_be_made_smaller_and_tall(desktop: Desktop) -> None:
    for width, height in ((640, 480), (500, 800), (1280, 720)):
        desktop.hands("windowsize", "--sync", desktop.window, str(width), str(height))
        desktop.wait_for(f"shows picture False dark ({width}, {height})")


def test_f_is_full_screen_and_escape_leaves_it(desktop: Desktop) -> None:
    desktop.hands("key", "f")
    desktop.wait_for("shows picture False dark (1600, 900)")
    desktop.hands("key", "Escape")
    desktop.until(lambda said: shown(said) != "shows picture False dark (1600, 900)", "the window again")


def test_q_finishes(desktop: Desktop) -> None:
    desktop.hands("key", "q")
    assert desktop.ended() == 0
    assert desktop.said()[-1] == "asked finish"


def test_the_speed_can_be_set_in_the_set_up_check_with_shift_and_all(tmp_path: Path) -> None:
    check = Desktop(tmp_path, CHECK)
    try:
        check.start()
        for key in ("plus", "shift+equal", "alt+Tab", "XF86AudioRaiseVolume", "space", "q"):
            check.hands("key", key)
        assert check.ended() == 0
        asked = [line for line in check.said() if line.startswith("asked")]
        assert asked == ["asked faster", "asked faster", "asked skip", "asked finish"]
    finally:
        check.close()


@pytest.fixture
def own_desktop(tmp_path: Path) -> Iterator[Desktop]:
    opened = Desktop(tmp_path)
    try:
        opened.start()
        yield opened
    finally:
        opened.close()


def test_a_window_that_somebody_destroyed_comes_back(own_desktop: Desktop) -> None:
    own_desktop.hands("windowclose", own_desktop.window)
    own_desktop.wait_for("lost")
    own_desktop.wait_for("back")
    own_desktop.hands("key", "q")
    assert own_desktop.ended() == 0


def test_a_desktop_that_goes_away_does_not_take_the_run_with_it(own_desktop: Desktop) -> None:
    own_desktop.hands("windowkill", own_desktop.window)
    own_desktop.wait_for("runs on without")
    assert own_desktop.ended() == 0
