"""Which camera a run takes, and what is remembered of it: `run_live` whole, on cameras behind OpenCV's own door."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from coach.app.data_folder import save_profile
from coach.app.live_run import run_live
from coach.app.opening import BegunSource, LastTime, Opening
from coach.app.parts import LiveOptions, Outputs
from coach.app.speed_sources import BeltInput
from coach.config import load_settings
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.pipeline import Update
from coach.core.session.session import Session
from coach.edges.demo import DemoSource
from coach.edges.files.last_setup import LastSetup, load_last_setup, save_last_setup
from coach.edges.screen import Window
from coach.errors import SourceError
from coach.languages import load_words
from coach.ports import Frame, LiveStatus
from tests.app.live_bench import KnownRunner, Narration
from tests.app.live_run import LookingRunner
from tests.edges.faulty_camera import CameraBench, plug_in

SHORT = {"session.warm_up_s": 0, "sound.enabled": False, "programme.enabled": False, "screen.setup_check": False}
SEEN_S = 0.2


class Home:
    """A desk with cameras on it, and a data folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self.folder = folder
        self.laptop = CameraBench("Laptop camera", number=0)
        self.webcam = CameraBench("USB webcam", number=2)
        self.said: list[str] = []
        self.windows: list[Window] = []
        self.drawn_to: tuple[int, int] | None = None
        """A hand at the window's corner: the size it is given as soon as it is open."""
        self.read_before: list[int] = []
        """How often pictures were said to have been read last time, run by run."""
        cameras = (self.laptop, self.webcam)
        # Runs are short: their time is that of the pictures, however long a busy machine takes for them.
        clock = SimpleNamespace(monotonic=lambda: sum(camera.elapsed_s for camera in cameras))
        monkeypatch.setattr("coach.edges.frames.live_reader.time", clock)

        def opened(_settings: object, _info: object, _progress: object, read_before: int) -> KnownRunner:
            self.read_before.append(read_before)
            return self.looking()

        monkeypatch.setattr("coach.app.live_run.open_pose_estimator", opened)

    def looking(self) -> KnownRunner:
        """A runner whose camera waits until each of its pictures was looked at."""
        runner = LookingRunner()
        self.laptop.before_grab = self.webcam.before_grab = runner.wait
        return runner

    def run(
        self,
        *cameras: CameraBench,
        source: str = "",
        window: bool = False,
        keeps: bool = True,
        duration_s: float = SEEN_S,
        **settings: object,
    ) -> Session | None:
        """One run, so short that nothing is coached."""
        self.laptop.before_grab = self.webcam.before_grab = lambda: None
        plug_in(self._monkeypatch, *cameras)
        self._monkeypatch.setattr("coach.app.opening.has_display", lambda: window)
        chosen = load_settings(None, {**SHORT, **{key.replace("__", "."): value for key, value in settings.items()}})
        options = LiveOptions(
            source,
            headless=not window,
            duration_s=duration_s,
            belt=BeltInput(speed_mps=3.0),
            outputs=Outputs(data_dir=self.folder if keeps else None),
        )
        narration = Narration()
        try:
            return run_live(chosen, options, narration)
        finally:
            self.said = narration.lines

    def watch_windows(self) -> None:
        """Remember every window that is opened, and shorten the look at the summary."""
        init = Window.__init__

        def opened(window: Window, *given: object) -> None:
            init(window, *given)  # type: ignore[arg-type]
            self.windows.append(window)
            if self.drawn_to is not None:
                window.resize(*self.drawn_to)

        self._monkeypatch.setattr(Window, "__init__", opened)
        self._monkeypatch.setattr("coach.app.live_screen._SUMMARY_S", 0.0)

    @property
    def remembered(self) -> LastSetup | None:
        return load_last_setup(self.folder)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    at = Home(monkeypatch, tmp_path)
    at.watch_windows()
    return at


def name_of(session: Session | None) -> str:
    assert session is not None
    return session.source.name


def pressing(*keys: int) -> Callable[[], None]:
    def press() -> None:
        if pygame.display.get_init():
            for key in keys:
                pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0))

    return press


def clicking(at: tuple[int, int]) -> Callable[[], None]:
    def click() -> None:
        if pygame.display.get_init():
            pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=at))

    return click


def test_one_camera_is_taken_without_a_question(home: Home) -> None:
    assert name_of(home.run(home.webcam, window=True)) == "USB webcam"
    assert home.said[0] == "opening USB webcam …"
    assert len(home.windows) == 1
    assert home.remembered is not None
    assert home.remembered.source == "USB webcam"


def test_while_the_network_loads_the_picture_is_there_and_nothing_of_it_belongs_to_the_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[float, Update | None]] = []
    show = Window.show

    def showing(window: Window, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        show(window, frame, update, status)
        shown.append((frame.t_s, update))

    run_s = 5 * SEEN_S

    def open_slowly(*_: object) -> KnownRunner:
        """Loading takes as long as the run."""
        began_s, ends_s = home.webcam.elapsed_s, time.monotonic() + 60.0
        while len(shown) < 3 or home.webcam.elapsed_s < began_s + run_s:
            assert time.monotonic() < ends_s
            time.sleep(0.01)
        return home.looking()

    monkeypatch.setattr(Window, "show", showing)
    monkeypatch.setattr("coach.app.live_run.open_pose_estimator", open_slowly)
    session = home.run(home.webcam, window=True, duration_s=run_s)
    assert session is not None
    assert [update for _, update in shown[:3]] == [None] * 3
    assert shown[0][0] < shown[2][0] <= session.frames.first_s, "it moves, and the run begins where it then stands"
    assert session.frames.last_s - session.frames.first_s > SEEN_S / 2, "its time counts from there"


def test_the_demo_stands_still_until_it_is_looked_at_and_a_film_begins_with_its_run() -> None:
    begun = BegunSource(DemoSource(duration_s=0.1))
    assert [begun.glance().t_s for _ in range(3)] == [0.0] * 3  # type: ignore[union-attr]
    assert [item.t_s for item in begun.frames() if isinstance(item, Frame)] == [0.0, 0.033333, 0.066667]
    film = DemoSource(duration_s=0.1)
    film.info = replace(film.info, kind="video")
    begun = BegunSource(film)
    assert begun.glance() is None
    assert len(list(begun.frames())) == 3


@pytest.mark.parametrize(
    ("choose", "name"),
    [
        (pressing(pygame.K_1), "Laptop camera"),
        (pressing(pygame.K_RIGHT, pygame.K_RETURN), "USB webcam"),
        (clicking((900, 400)), "USB webcam"),
    ],
    ids=["number", "arrows", "mouse"],
)
def test_several_cameras_are_a_question_with_pictures(home: Home, choose: Callable[[], None], name: str) -> None:
    # The second preview is under way: both cameras are on the screen.
    home.webcam.when_opened = choose
    assert name_of(home.run(home.laptop, home.webcam, window=True)) == name
    assert home.said[0] == "choose one of 2 cameras in the window"
    assert home.laptop.opened >= 1, "its preview was taken"
    assert len(home.windows) == 1, "the run goes on in the window of the question"
    assert home.laptop.open_now == home.webcam.open_now == 0


def test_who_wants_no_camera_has_no_run(home: Home) -> None:
    home.laptop.when_opened = pressing(pygame.K_ESCAPE)
    assert home.run(home.laptop, home.webcam, window=True) is None
    assert home.said[-1] == "no camera was chosen; nothing was kept"
    assert home.remembered is None


def test_the_camera_of_last_time_is_taken_without_a_question(home: Home) -> None:
    home.webcam.when_opened = pressing(pygame.K_2)
    home.run(home.laptop, home.webcam, window=True)
    home.webcam.when_opened = lambda: None
    home.webcam.number = 6  # put into another socket
    assert name_of(home.run(home.laptop, home.webcam, window=True)) == "USB webcam"
    assert home.said[0] == "camera: USB webcam, as last time; `--source pick` lets you choose another"


def test_how_often_a_camera_s_pictures_are_read_is_remembered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readings may lie some degrees from one, so a machine at the edge goes on as its baseline was read."""
    monkeypatch.setattr(KnownRunner, "readings", 2)
    home.run(home.webcam)
    home.run(home.webcam)
    home.run(home.laptop)
    home.run(home.laptop, pose__effort="fast")
    assert home.read_before == [0, 2, 0, 2]
    assert home.remembered is not None
    assert home.remembered.readings == 2, "what was asked for is no decision of the machine's"


def test_pick_asks_although_one_is_remembered_and_marks_it(home: Home) -> None:
    save_last_setup(home.folder, LastSetup("USB webcam"))
    home.laptop.when_opened = pressing(pygame.K_RETURN)
    assert name_of(home.run(home.laptop, home.webcam, source="pick", window=True)) == "USB webcam"
    assert home.said[0] == "choose one of 2 cameras in the window"


def test_an_option_wins_over_what_is_remembered(home: Home) -> None:
    save_last_setup(home.folder, LastSetup("USB webcam"))
    assert name_of(home.run(home.laptop, home.webcam, source="0", window=True)) == "Laptop camera"
    assert home.said[0] == "opening 0 …"
    assert home.remembered is not None
    assert home.remembered.source == "Laptop camera", "by its name, which outlasts another socket"


def test_a_password_is_not_repeated_where_the_stream_is_opened(tmp_path: Path) -> None:
    said: list[str] = []
    opening = Opening(load_settings(), load_words("en"), said.append, LastTime(tmp_path, keeps=False), headless=True)
    with pytest.raises(SourceError):
        opening.source("rtsp://me:secret@127.0.0.1:9/live")
    assert said == ["opening rtsp://127.0.0.1:9/live …"]


@pytest.mark.parametrize("headless", [True, False], ids=["headless", "no screen"])
def test_without_a_window_nobody_is_asked(home: Home, headless: bool) -> None:
    run = home.run(home.laptop, home.webcam, window=not headless, screen__enabled=headless)
    assert name_of(run) == "Laptop camera"
    assert home.said[0] == ("taking Laptop camera; `coach cameras` lists the others, `--source` takes one")
    assert home.windows == []


def test_a_remembered_camera_that_is_gone_is_one_clear_line(home: Home) -> None:
    save_last_setup(home.folder, LastSetup("USB webcam"))
    assert name_of(home.run(home.laptop, window=True)) == "Laptop camera"
    assert home.said[0] == "USB webcam, the camera of last time, is not connected; taking Laptop camera"
    save_last_setup(home.folder, LastSetup("Phone"))
    home.laptop.when_opened = pressing(pygame.K_2)
    assert name_of(home.run(home.laptop, home.webcam, window=True)) == "USB webcam"
    assert home.said[0] == "Phone, the camera of last time, is not connected; choose one of 2 cameras in the window"


def test_two_cameras_of_one_name_are_told_by_their_numbers(home: Home) -> None:
    home.laptop.name = home.webcam.name = "USB webcam"
    home.webcam.when_opened = pressing(pygame.K_2)
    home.run(home.laptop, home.webcam, window=True)
    assert home.remembered is not None
    assert home.remembered.source == "2"


def test_no_camera_at_all_says_what_to_do(home: Home) -> None:
    with pytest.raises(SourceError, match="there is no camera 0; `coach cameras` lists"):
        home.run(source=" ")  # as a variable of a script that is not set


def test_the_window_comes_back_as_large_as_it_was(home: Home) -> None:
    home.drawn_to = (900, 1100)
    home.run(home.webcam, window=True)
    home.drawn_to = None
    home.run(home.webcam, window=True)
    assert home.windows[-1].size == (900, 1100)
    assert home.remembered is not None
    assert home.remembered.window == (900, 1100)


def test_a_run_that_keeps_nothing_leaves_nothing_to_remember(home: Home) -> None:
    home.run(home.webcam, keeps=False)
    assert home.remembered is None


UNCORRECTED = Baseline(
    day=20_000,
    speed_mps=2.8,
    near_side="left",
    left_deg=95.0,
    right_deg=math.nan,
    sd_deg=2.0,
    strides=80,
    cadence_spm=168,
    bounce_ll=0.09,
    camera="camera USB webcam 640x480",
)


def test_a_camera_that_stands_elsewhere_is_told_and_its_view_is_remembered(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("READY_AFTER_S", "LENIENT_AFTER_S"):
        monkeypatch.setattr(f"coach.core.setup.setup_check.{pause}", 0.2)
    light = np.random.default_rng(1).integers(60, 180, (480, 640, 3)).astype(np.uint8)
    home.webcam.size, home.webcam.picture = (640, 480), light
    home.webcam.period_s = 0.02
    before = LastSetup("USB webcam", "left", 40.0, 640, 480)
    save_last_setup(home.folder, before)
    save_profile(home.folder, RunnerProfile((UNCORRECTED,)))
    session = home.run(home.webcam, screen__setup_check=True, duration_s=1.2)
    assert session is not None
    moved = [event.detail for event in session.events if event.kind == "set_up"]
    assert moved == ["camera moved, b: new baseline"]
    assert home.remembered is not None
    assert home.remembered.known
    assert not home.remembered.like(before)
    again = home.run(home.webcam, screen__setup_check=True, duration_s=1.2)
    assert again is not None
    assert not [event for event in again.events if event.kind == "set_up"], "it stands where it stood"
    save_last_setup(home.folder, before)
    save_profile(home.folder, RunnerProfile((replace(UNCORRECTED, corrected=True),)))
    elsewhere = home.run(home.webcam, screen__setup_check=True, duration_s=1.2)
    assert elsewhere is not None
    assert not [event for event in elsewhere.events if event.kind == "set_up"], "what was corrected holds anywhere"
