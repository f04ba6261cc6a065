"""The window: opens without a display, draws every state, hears keys, outlives its own loss."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest

from bench.scenes import running_scenes, status, update
from coach.core.setup.setup_check import SetupState
from coach.core.words import Words
from coach.edges.screen import Window, finds_display, open_screen
from coach.ports import Finish, Frame, UserCommand
from coach.settings import ScreenSettings


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    opened = open_screen(ScreenSettings(), "metric", Words())
    yield opened
    opened.close()


def frame(t_s: float = 0.0, width: int = 640, height: int = 480) -> Frame:
    return Frame(0, t_s, np.full((height, width, 3), 90, np.uint8))


def press(key: int, unicode: str = "") -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=unicode, mod=0))


@pytest.mark.parametrize("scene", running_scenes(update(None, 1.0)), ids=lambda scene: scene.name)
def test_every_state_of_a_run_is_drawn(window: Window, scene: object, tmp_path: Path) -> None:
    from bench.scenes import Scene

    assert isinstance(scene, Scene)
    window.show(frame(1.0), scene.update, scene.status)
    assert window.is_open
    assert window.save(tmp_path / "shown.png")
    shown = pygame.image.load(tmp_path / "shown.png")
    assert len({tuple(shown.get_at((x, 360))) for x in range(0, 1280, 8)}) > 3


def test_keys_become_commands_in_order(window: Window) -> None:
    for key, sign in ((pygame.K_PLUS, "+"), (pygame.K_MINUS, "-"), (pygame.K_SPACE, " "), (pygame.K_q, "q")):
        press(key, sign)
    asked = window.commands()
    assert asked == (UserCommand.FASTER, UserCommand.SLOWER, UserCommand.PAUSE, UserCommand.FINISH)
    assert window.commands() == ()


@pytest.mark.parametrize("shown", ["setup", "finish"])
def test_space_and_enter_alone_skip_what_stands_before_and_after_the_run(window: Window, shown: str) -> None:
    setup = SetupState((), math.nan, done=False) if shown == "setup" else None
    finish = Finish("74°", "heel lift", "good", "Next", "as today") if shown == "finish" else None
    window.show(frame(), None, replace(status(), setup=setup, finish=finish))

    for key in (pygame.K_LSHIFT, pygame.K_LALT, pygame.K_LSUPER, pygame.K_PRINTSCREEN, pygame.K_TAB, pygame.K_CAPSLOCK):
        press(key)
    press(pygame.K_x, "x")
    assert window.commands() == ()

    press(pygame.K_EQUALS, "+")
    assert window.commands() == (UserCommand.FASTER,)
    for key in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER):
        press(key, " ")
        assert window.commands() == (UserCommand.SKIP,)


def test_a_lost_window_never_raises_and_comes_back(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    window.show(frame(0.1), None, status())
    pygame.display.quit()
    window.show(frame(0.2), None, status())
    assert not window.is_open
    assert window.commands() == ()
    monkeypatch.setattr("coach.edges.screen.window.REOPEN_S", 0.0)
    window._next_try_s = 0.0
    window.show(frame(0.3), None, status())
    assert window.is_open


def test_a_window_that_is_closed_while_it_draws_is_drawn_to_the_end_first(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ends a run may do so from another thread; SDL that is shut meanwhile ends the process."""
    closing, draw = threading.Thread(target=window.close), window._painter.draw
    open_at_the_end: list[bool] = []

    def draw_while_it_closes(*given: object) -> object:
        closing.start()
        closing.join(0.2)
        open_at_the_end.append(window.is_open)
        return draw(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(window._painter, "draw", draw_while_it_closes)
    window.show(frame(0.1), None, status())
    closing.join(60.0)
    assert open_at_the_end == [True]
    assert not window.is_open


@pytest.mark.parametrize("mirror", [False, True])
def test_the_picture_is_shown_as_a_mirror_does_if_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mirror: bool
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = open_screen(ScreenSettings(mirror=mirror), "metric", Words())
    half_lit = np.zeros((480, 640, 3), np.uint8)
    half_lit[:, :320] = 200
    window.show(Frame(0, 1.0, half_lit), None, status())
    place = window._painter.layout.picture
    window.save(tmp_path / "shown.png")
    window.close()
    shown = pygame.image.load(tmp_path / "shown.png")
    left, right = (shown.get_at((x, place.centery)).g for x in (place.centerx - 100, place.centerx + 100))
    assert (left > right) is not mirror
    assert abs(left - right) > 50


def test_closing_twice_is_harmless(window: Window) -> None:
    window.close()
    window.close()
    window.show(frame(), None, status())
    assert not window.is_open


def test_no_display_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "a driver that does not exist")
    pygame.display.quit()
    screen = open_screen(ScreenSettings(), "metric", Words())
    screen.show(frame(), None, status())
    assert not screen.is_open
    assert screen.commands() == ()
    screen.close()


def test_a_display_that_is_gone_opens_no_window_that_nobody_sees(
    display_that_is_gone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not finds_display()
    assert not pygame.display.get_init(), "who looks leaves nothing behind"
    assert not open_screen(ScreenSettings(), "metric", Words()).is_open
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    assert finds_display(), "memory that is asked for is meant"


def test_the_window_opens_on_the_display_that_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An X server that begins anew when its last client leaves, as Xvfb's does, might refuse the second look."""
    looks: list[bool] = []
    init = pygame.display.init

    def look() -> None:
        looks.append(pygame.display.get_init())
        init()

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.quit()
    monkeypatch.setattr(pygame.display, "init", look)
    assert finds_display()
    window = open_screen(ScreenSettings(), "metric", Words())
    assert window.is_open
    window.close()
    assert looks.count(False) == 1, "reached once, and found open from then on"


def test_who_looks_for_a_display_leaves_the_window_that_is_there(window: Window) -> None:
    assert finds_display()
    window.show(frame(), None, status())
    assert window.is_open
    assert pygame.display.get_init()
