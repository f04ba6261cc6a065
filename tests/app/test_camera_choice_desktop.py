"""The question for a camera as the runner has it: xdotool on the window of a whole run under Xvfb."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.screen.test_screen_input import Desktop

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool (Debian packages of that name)",
)

RUN = """
    import time
    from pathlib import Path

    import pytest

    from coach.edges.screen import Window
    from tests.app.test_camera_choice import Home, name_of
    from tests.edges.faulty_camera import CameraBench

    home = Home(pytest.MonkeyPatch(), Path(__file__).parent)
    home.watch_windows()
    present, drawn = Window.present, []

    def counted(window, draw):
        drawn.append(draw)
        return present(window, draw)

    def second_preview():
        # The window is there for the hands once it was drawn some times.
        while len(drawn) < 10:
            time.sleep(0.01)
        print("shows picture False dark (1280, 720)", flush=True)

    Window.present = counted
    home.webcam.when_opened = second_preview
    print("chose", name_of(home.run(home.laptop, home.webcam, window=True)), flush=True)
"""


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    opened = Desktop(tmp_path, RUN)
    try:
        opened.start()
        yield opened
    finally:
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "does",
    [["key", "2"], ["mousemove", "--window", "WINDOW", "900", "400", "click", "1"]],
    ids=["key", "mouse"],
)
def test_a_camera_is_chosen_and_the_run_goes_on_with_it(desktop: Desktop, does: list[str]) -> None:
    desktop.hands(*(desktop.window if word == "WINDOW" else word for word in does))
    desktop.wait_for("chose USB webcam")
    assert desktop.ended() == 0
