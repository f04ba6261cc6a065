"""One glance: frame and card tell the verdict, from the window's picture at full size and at a tenth of it.

Hues are read as a person sees them, and as with red or green cones missing (Viénot, Brettel, Mollon 1999: matrices for
linear RGB); without any colour the mark's shape tells.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from bench.scenes import Scene, lifted, other_scenes, running_scenes, update
from coach.core.coaching.coaching import Zone
from coach.core.units import FloatArray
from coach.edges.screen import open_screen
from coach.edges.screen.layout import Layout, View
from coach.edges.screen.page import Page
from coach.edges.screen.painter import Painter
from coach.edges.screen.theme import DIGIT_EM
from coach.edges.screen.verdict import ZONE_SHAPES
from coach.languages import languages, load_words
from coach.ports import Frame
from coach.settings import ScreenSettings, Theme
from tests.kept import pose_at

Picture = NDArray[np.uint8]
"""(height, width, 3) red, green, blue."""
SIZES = ((640, 480), (1280, 720), (720, 1280), pytest.param((3840, 2160), marks=pytest.mark.slow))
VERDICTS = {"below": Zone.BELOW, "in_band": Zone.IN_BAND, "above": Zone.ABOVE, "recovered": Zone.IN_BAND}
JUDGED = ("below", "in_band", "above")
HUES = {Zone.BELOW: (15, 50), Zone.IN_BAND: (145, 175), Zone.ABOVE: (300, 340)}
"""Degrees on the colour circle: orange, green, purple."""
PLAIN_HUES = (195, 225)
"""Grey has none; paused and set-up are blue."""
MISSING = {
    "red cones": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "green cones": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
ENOUGH = 20_000
"""Pixels, evenly taken: of more the share of a colour is no surer."""
LIVELY = 0.22
"""Chroma (max − min of the channels) from which on a pixel has a hue."""


@pytest.fixture(autouse=True)
def no_display() -> Iterator[None]:
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    yield
    pygame.display.quit()


@cache
def scenes() -> dict[str, Scene]:
    base = update(None, 1.0)
    found = {scene.name: scene for scene in running_scenes(base) + other_scenes(base)}
    return {name: scene for name, scene in found.items() if not name.startswith("finished")}


def drawn(
    name: str, size: tuple[int, int], view: View = View.PICTURE, theme: Theme = "dark", language: str = "en"
) -> tuple[pygame.Surface, Layout]:
    """The window in a state, behind it a grey room."""
    window = open_screen(ScreenSettings(theme=theme), "metric", load_words(language))
    window.resize(*size)
    window._painter.view = view
    scene = scenes()[name]
    window.show(Frame(0, 1.0, np.full((480, 640, 3), 128, np.uint8)), scene.update, scene.status)
    assert window._window is not None
    surface, layout = window._window.get_surface().copy(), window._painter.layout
    window.close()
    return surface, layout


@cache
def shown(name: str, size: tuple[int, int], view: View = View.PICTURE, theme: Theme = "dark") -> tuple[Picture, Layout]:
    """The pixels of it, to be looked at by several tests."""
    surface, layout = drawn(name, size, view, theme)
    pixels = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    return pixels.reshape(surface.get_height(), surface.get_width(), 3), layout


def shrunk(picture: Picture) -> Picture:
    small = (picture.shape[1] // 10, picture.shape[0] // 10)
    return np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)


def frame_of(picture: Picture, layout: Layout, scale: int) -> Picture:
    """(N, 3): the pixels of the frame, at least one broad."""
    thick = max(round(layout.border_px / scale), 1)
    sides = picture[:, :thick], picture[:, -thick:], picture[:thick], picture[-thick:]
    return np.asarray(np.concatenate([side.reshape(-1, 3) for side in sides]), np.uint8)


def card_of(picture: Picture, layout: Layout, scale: int) -> Picture:
    """The card's own pixels, its rounded edge left out."""
    place = layout.card.inflate(-0.1 * layout.card.height, -0.1 * layout.card.height)
    top, bottom, left, right = (round(edge / scale) for edge in (place.top, place.bottom, place.left, place.right))
    return np.asarray(picture[top:bottom, left:right], np.uint8)


def hue_deg(pixels: Picture) -> float:
    """The hue that most coloured pixels have; NaN where fewer than a fifth have any."""
    every = pixels.reshape(-1, 3)
    rgb = every[:: max(len(every) // ENOUGH, 1)].astype(float) / 255
    high, low = rgb.max(axis=1), rgb.min(axis=1)
    lively = rgb[high - low > LIVELY]
    if len(lively) < 0.2 * len(rgb):
        return float("nan")
    hsv = cv2.cvtColor((255 * lively).astype(np.uint8).reshape(1, -1, 3), cv2.COLOR_RGB2HSV_FULL)
    counts = np.bincount(hsv[0, :, 0].astype(int) * 36 // 256, minlength=36)
    near = hsv[0, :, 0].astype(float) * 360 / 256
    return float(np.median(near[np.abs((near - 10 * np.argmax(counts) - 5 + 180) % 360 - 180) < 15]))


def without(cones: str, picture: Picture) -> Picture:
    """The picture as somebody sees it who lacks these cones."""
    linear = (picture.astype(float) / 255) ** 2.2
    seen = np.clip(linear @ np.array(MISSING[cones]).T, 0, 1) ** (1 / 2.2)
    return np.asarray(np.round(255 * seen), np.uint8)


def apart(a: Picture, b: Picture) -> float:
    """How different two grounds look: distance of their median colours in CIELAB; 2.3 is just seen."""
    middle = [np.median(p.reshape(-1, 3), axis=0).astype(np.float32).reshape(1, 1, 3) / 255 for p in (a, b)]
    labs = [cv2.cvtColor(m, cv2.COLOR_RGB2LAB)[0, 0].astype(float) for m in middle]
    return float(np.linalg.norm(labs[0] - labs[1]))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", [View.PICTURE, View.NUMBERS])
@pytest.mark.parametrize("name", VERDICTS)
def test_frame_and_card_have_the_verdicts_hue_also_at_a_tenth(name: str, view: View, size: tuple[int, int]) -> None:
    picture, layout = shown(name, size, view)
    low, high = HUES[VERDICTS[name]]
    for scale, seen in ((1, picture), (10, shrunk(picture))):
        assert low < hue_deg(frame_of(seen, layout, scale)) < high, f"frame at 1/{scale}"
        assert low < hue_deg(card_of(seen, layout, scale)) < high, f"card at 1/{scale}"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", [name for name in scenes() if name not in VERDICTS])
def test_a_state_that_judges_nothing_has_no_verdicts_hue(name: str, size: tuple[int, int]) -> None:
    picture, layout = shown(name, size)
    for scale, seen in ((1, picture), (10, shrunk(picture))):
        hue = hue_deg(frame_of(seen, layout, scale))
        assert np.isnan(hue) or PLAIN_HUES[0] < hue < PLAIN_HUES[1], f"frame at 1/{scale}"
        if not name.startswith("setup"):
            assert np.isnan(hue_deg(card_of(seen, layout, scale))), f"card at 1/{scale}"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("cones", [*MISSING, "none"])
def test_verdicts_differ_for_every_kind_of_colour_vision(cones: str, theme: Theme) -> None:
    for one, other in combinations(JUDGED, 2):
        for part in (frame_of, card_of):
            a, b = (part(*shown(name, (1280, 720), theme=theme), 1) for name in (one, other))
            if cones != "none":
                a, b = without(cones, a), without(cones, b)
            assert apart(a, b) > 12, f"{part.__name__} of {one} and {other}"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", [View.PICTURE, View.NUMBERS])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_in_grey_the_mark_alone_tells_at_a_tenth(theme: Theme, view: View, size: tuple[int, int]) -> None:
    told = {}
    for name in JUDGED:
        picture, layout = shown(name, size, view, theme)
        told[VERDICTS[name]] = leaning(cv2.cvtColor(shrunk(picture), cv2.COLOR_RGB2GRAY).astype(float), layout)
    assert told[Zone.BELOW] < -0.15, "an arrow up is broad below"
    assert told[Zone.ABOVE] > 0.15, "an arrow down is broad above"
    assert abs(told[Zone.IN_BAND]) < min(-told[Zone.BELOW], told[Zone.ABOVE]) or told[Zone.IN_BAND] < 0


def leaning(grey: NDArray[np.float64], layout: Layout) -> float:
    """How much more of the mark is in its upper half than in its lower: -1 to 1."""
    card = layout.card
    stacked = card.height > 0.4 * card.width
    side = card.height if not stacked else 0.5 * card.height
    left = card.centerx - side / 2 if stacked else card.left
    top, bottom = card.top / 10, (card.top + side) / 10
    mark = 255.0 - grey[round(top) + 1 : round(bottom) - 1, round(left / 10) + 1 : round((left + side) / 10)]
    dark = np.clip(mark - np.median(mark), 0, None).sum(axis=1)
    half = len(dark) // 2
    return float((dark[:half].sum() - dark[-half:].sum()) / max(dark.sum(), 1.0))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", [View.PICTURE, View.NUMBERS])
def test_the_instruction_is_at_least_half_as_large_as_the_number(
    view: View, size: tuple[int, int], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, pygame.Rect]] = []
    write = Page.write

    def noting(self: Page, text: str, at: tuple[float, float], **how: object) -> pygame.Rect:
        area = write(self, text, at, **how)  # type: ignore[arg-type]
        written.append((text, area))
        return area

    monkeypatch.setattr(Page, "write", noting)
    words = load_words(language)
    for name in JUDGED:
        written.clear()
        _, layout = drawn(name, size, view, language=language)
        instructions = {line.upper() for line in words.either(f"screen.verdict.{VERDICTS[name].value}")}
        areas = [area for text, area in written if text in instructions]
        assert len(areas) == 1
        assert areas[0].height >= round(0.5 * DIGIT_EM * layout.lift_number_em_px) - 1
        assert layout.card.contains(areas[0])


def test_the_instruction_stays_as_long_as_the_state() -> None:
    """The banner of a cue goes after seconds; frame and card do not."""
    window = open_screen(ScreenSettings(), "metric", load_words("en"))
    scene = scenes()["below"]
    for t_s in (1.0, 4.0, 60.0):
        below = lifted(update(None, t_s), 88.3, Zone.BELOW)
        window.show(Frame(0, t_s, np.full((48, 64, 3), 128, np.uint8)), below, scene.status)
        assert window._window is not None
        picture = pygame.surfarray.array3d(window._window.get_surface()).transpose(1, 0, 2)
        assert 15 < hue_deg(card_of(picture, window._painter.layout, 1)) < 50
    window.close()


@pytest.mark.parametrize("name", ["paused", "camera_lost"])
@pytest.mark.parametrize("size", [(720, 1280), (640, 480), (1280, 720)])
def test_where_no_picture_is_shown_its_large_mark_is_not_either(size: tuple[int, int], name: str) -> None:
    picture, layout = shown(name, size, View.NUMBERS)
    between = picture[layout.border_px : layout.card.top, layout.card.left : layout.card.right].reshape(-1, 3)
    assert (between == between[0]).all(), "nothing between frame and card"


class Asked:
    """Notes for which target a lever is asked."""

    def __init__(self) -> None:
        self.deg: list[float | None] = []

    def step(self, t_s: float, leg_px: FloatArray, target_deg: float | None) -> None:
        self.deg.append(target_deg)


def test_where_nothing_is_judged_the_picture_asks_for_nothing() -> None:
    pygame.font.init()
    asked = {}
    for scene in running_scenes(update(pose_at(1.0), 1.0)):
        levers = Asked()
        painter = Painter(ScreenSettings(), "metric", load_words("en"))
        painter._target = levers
        room = Frame(0, 1.0, np.full((480, 640, 3), 128, np.uint8))
        painter.draw(pygame.Surface((640, 480)), room, scene.update, scene.status, 0.0)
        asked[scene.name] = any(levers.deg)

    assert {name for name, asks in asked.items() if asks} == set(VERDICTS)


def test_arrows_point_where_the_heel_should_go() -> None:
    assert (ZONE_SHAPES[Zone.BELOW], ZONE_SHAPES[Zone.ABOVE], ZONE_SHAPES[Zone.IN_BAND]) == ("up", "down", "tick")
