"""Choosing a camera by number, arrows or click, with previews that may fail."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from coach.edges.screen import Choice, Window, open_screen, pick_camera
from coach.languages import load_words
from coach.ports import ImageBGR
from coach.settings import ScreenSettings

CAMERAS = (
    Choice("0", "Laptop"),
    Choice("2", "A webcam with quite a long name that nobody wants to read"),
    Choice("4", "Phone"),
)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    opened = open_screen(ScreenSettings(), "metric", load_words("en"))
    yield opened
    opened.close()


def preview(choice: Choice) -> ImageBGR | None:
    return None if choice.source == "2" else np.full((480, 640, 3), 120, np.uint8)


def press(*keys: int) -> None:
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0))


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ([pygame.K_2], "2"),
        ([pygame.K_RIGHT, pygame.K_RIGHT, pygame.K_RIGHT, pygame.K_RETURN], "4"),
        ([pygame.K_LEFT, pygame.K_SPACE], "0"),
        ([pygame.K_9, pygame.K_3], "4"),
    ],
)
def test_a_camera_is_chosen_by_keys(window: Window, keys: list[int], chosen: str) -> None:
    press(*keys)
    picked = pick_camera(window, CAMERAS, preview)
    assert picked is not None
    assert picked.source == chosen


def test_the_camera_of_last_time_is_marked(window: Window) -> None:
    press(pygame.K_RETURN)
    picked = pick_camera(window, CAMERAS, preview, last="Phone")
    assert picked == CAMERAS[2]


def test_a_click_on_a_preview_chooses_it(window: Window) -> None:
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=(640, 400)))
    assert pick_camera(window, CAMERAS, preview) == CAMERAS[1]


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_the_runner_may_choose_none(window: Window, key: int) -> None:
    press(key)
    assert pick_camera(window, CAMERAS, preview) is None


def test_no_camera_and_no_window_are_no_choice(window: Window) -> None:
    assert pick_camera(window, (), preview) is None
    window.close()
    assert pick_camera(window, CAMERAS, preview) is None


def test_previews_come_one_after_the_other_while_the_window_lives(window: Window) -> None:
    asked: list[str] = []

    def slow(choice: Choice) -> ImageBGR | None:
        asked.append(choice.source)
        if len(asked) == len(CAMERAS):
            press(pygame.K_1)
        return preview(choice)

    assert pick_camera(window, CAMERAS, slow) == CAMERAS[0]
    assert asked == ["0", "2", "4"]
