"""The doctor's stopwatch: a camera's pictures counted, and the way from the screen through the camera back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import count

import cv2
import numpy as np
import pygame
import pytest

from coach.app import doctor_measures
from coach.app.doctor_measures import counted_fps, flashed, glass_to_glass, measured
from coach.app.machine_bench import Reading
from coach.cli import run
from coach.edges.frames.new_pictures import NewPictures
from coach.edges.screen import open_screen
from coach.edges.screen.window import Window
from coach.errors import SourceError
from coach.languages import load_words
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo
from coach.settings import ScreenSettings, Settings
from tests.edges.faulty_camera import CameraBench, plug_in

PERIOD_S = 0.04
DELAY_S = 0.12


class Clock:
    """The time of the bench: it goes on when somebody waits, for a picture or for nothing, and not with the machine."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(doctor_measures, "time", clock)
    return clock


class ClockedCamera:
    """A camera that gives a picture at every tick."""

    def __init__(self, clock: Clock, period_s: float) -> None:
        self.info = SourceInfo("camera", "Bench Cam", 320, 240, 1 / period_s, live=True)
        self.noise = np.random.default_rng(1)
        self._clock = clock
        self._period_s = period_s

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for index in count():
            tick = math.floor(self._clock.now_s / self._period_s + 1e-9) + 1
            self._clock.now_s = tick * self._period_s
            yield Frame(index, self._clock.now_s, self.look())

    def look(self) -> ImageBGR:
        return self.noise.integers(30, 40, (240, 320, 3)).astype(np.uint8)

    def close(self) -> None: ...


class FilmingCamera(ClockedCamera):
    """A camera that looks at the window, askew and in a dim room, and gives everything so much later."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, PERIOD_S)
        self.film: deque[tuple[float, ImageBGR]] = deque(maxlen=64)
        """What the window showed, and from when on."""

    def look(self) -> ImageBGR:
        until_s = self._clock.now_s - DELAY_S
        shown = next((picture for shown_s, picture in reversed(self.film) if shown_s <= until_s), None)
        seen = super().look()
        if shown is not None:
            askew = np.array([[0.2, 0.03, 20.0], [-0.02, 0.2, 40.0]])
            cv2.add(seen, cv2.warpAffine(shown // 3, askew, (320, 240)), dst=seen)
        return seen


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = open_screen(ScreenSettings(), "metric", load_words("en"))
    yield window
    window.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that are long for the sake of real cameras' exposure."""
    monkeypatch.setattr(doctor_measures, "_LEARNED_S", 0.3)
    monkeypatch.setattr(doctor_measures, "_BETWEEN_S", (0.15, 0.25))
    monkeypatch.setattr(doctor_measures, "_MISSED_S", 0.3)
    monkeypatch.setattr(doctor_measures, "_FIRST_S", 0.2)


def test_the_delay_of_a_camera_that_films_the_window_is_found_within_a_picture(
    window: Window, hurried: None, clock: Clock
) -> None:
    camera = FilmingCamera(clock)

    def flash(lit: bool) -> None:
        assert window.flash(lit=lit)
        assert window._window is not None
        surface = window._window.get_surface()
        rgb = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
        picture = np.ascontiguousarray(rgb.reshape(surface.get_height(), -1, 3)[:, :, ::-1])
        camera.film.append((clock.now_s, picture))

    delays = flashed(NewPictures(camera), flash, flashes=6)

    assert len(delays.ms) == 6
    # A change waits for the next picture: half a period in the middle.
    assert DELAY_S <= delays.ms.min() / 1000 <= delays.ms.max() / 1000 <= DELAY_S + PERIOD_S
    assert delays.period_ms == pytest.approx(1000 * PERIOD_S)


def test_a_camera_that_looks_elsewhere_is_told_from_a_slow_one(hurried: None, clock: Clock) -> None:
    with pytest.raises(SourceError, match="does not see the square"):
        flashed(ClockedCamera(clock, PERIOD_S), lambda _lit: None, flashes=2)


class RepeatingCamera(ClockedCamera):
    """Half of what it delivers is the picture before."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, 0.02)
        self._pictures = count()
        self._picture = super().look()

    def look(self) -> ImageBGR:
        if next(self._pictures) % 2:
            self._picture = super().look()
        return self._picture


def test_pictures_that_only_repeat_the_last_one_are_not_counted_as_new(hurried: None, clock: Clock) -> None:
    came_fps, new_fps = counted_fps(NewPictures(RepeatingCamera(clock)), seconds=1.0)

    assert came_fps == pytest.approx(50)
    assert new_fps == pytest.approx(25, abs=1)


def test_a_slow_camera_has_its_remedy(hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, CameraBench(size=(320, 240), period_s=0.1))
    monkeypatch.setattr(doctor_measures, "_COUNTED_S", 0.6)
    monkeypatch.setattr(doctor_measures, "measure", lambda *_: iter(()))
    (found,) = measured(Settings(), "")
    assert found.verdict == "note"
    assert "new pictures a second of 320×240; contact times need 24" in found.says
    assert "more light" in found.remedy


@pytest.mark.parametrize(
    ("effort", "ms", "verdict", "says"),
    [
        ("fast", 10.0, "ok", "100 pictures a second: all of the 60"),
        ("accurate", 30.0, "ok", "33 pictures a second: enough for everything"),
        ("accurate", 60.0, "note", "17 pictures a second: heel lift, but no contact times"),
        ("fast", 60.0, "note", "17 pictures a second: heel lift, but no contact times"),
        ("fast", 200.0, "bad", "5 pictures a second: too few for a stride"),
    ],
)
def test_this_machine_s_speed_is_held_against_what_each_setting_needs(
    effort: str, ms: float, verdict: str, says: str
) -> None:
    found = doctor_measures._judged(Reading(effort, "picture", ms, ms), camera_fps=60.0)  # type: ignore[arg-type]
    assert (found.verdict, says in found.says) == (verdict, True)
    assert bool(found.remedy) == (verdict != "ok")


def test_without_camera_or_display_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plug_in(monkeypatch)
    monkeypatch.setattr(doctor_measures, "has_display", lambda: False)
    assert run(["doctor", "--latency"]) == 1
    assert "run it on the desktop" in capsys.readouterr().out

    monkeypatch.setattr(doctor_measures, "has_display", lambda: True)
    for blank in ("", " "):
        (found,) = glass_to_glass(Settings(), blank)
        assert found.verdict == "bad"
        assert "there is no camera;" in found.says
        assert found.remedy
