"""Theme and layout by their own numbers: contrast, sizes, nothing on top of anything."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygame import Rect

from bench.live_rig import memory_mb
from coach.edges.screen.controls import bar_area
from coach.edges.screen.layout import Arrangement, Layout, View, arrangement, lay_out
from coach.edges.screen.page import Typeface
from coach.edges.screen.theme import (
    DIGIT_EM,
    MIN_CONTRAST,
    MIN_LIFT_DIGIT_SHARE,
    MIN_SHAPE_CONTRAST,
    MIN_TEXT_SHARE,
    THEMES,
    Theme,
    contrast,
)

SIZES = [
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1280, 800),
    *(pytest.param(size, marks=pytest.mark.slow) for size in ((1920, 1080), (3840, 2160))),
    (720, 1280),
    (1080, 1920),
]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_word_stands_out_from_its_ground(theme: Theme) -> None:
    assert {
        where: round(contrast(*pair), 2) for where, pair in theme.words().items() if contrast(*pair) < MIN_CONTRAST
    } == {}


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_shape_stands_out_from_its_ground(theme: Theme) -> None:
    weak = {
        where: round(contrast(*pair), 2)
        for where, pair in theme.shapes().items()
        if contrast(*pair) < MIN_SHAPE_CONTRAST
    }
    assert weak == {}


def test_contrast_is_that_of_the_web_guidelines() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", View)
def test_digits_and_text_are_large_enough_to_read_while_running(size: tuple[int, int], view: View) -> None:
    layout = lay_out(*size, view)
    assert layout.lift_number.height >= MIN_LIFT_DIGIT_SHARE * size[1]
    assert layout.em_px >= MIN_TEXT_SHARE * size[1]
    assert layout.value_em_px >= layout.em_px


def areas(layout: Layout) -> dict[str, Rect]:
    """What must not lie on each other."""
    found = {
        "picture": layout.picture,
        "card": layout.card,
        "trend": layout.trend,
        "aside": layout.aside,
        "lift_number": layout.lift_number,
        "gauge": layout.gauge,
        "gauge labels": layout.gauge_labels,
        **{f"value {i}": value for i, value in enumerate(layout.values)},
    }
    if layout.view is not View.NUMBERS:
        found |= {"lift_number label": layout.lift_label}
    return {name: area for name, area in found.items() if area.width > 0 and area.height > 0}


@given(st.integers(320, 4000), st.floats(0.5, 2.4), st.sampled_from(View), st.booleans())
def test_at_any_size_all_is_inside_and_nothing_overlaps(height: int, aspect: float, view: View, curve: bool) -> None:
    layout = lay_out(max(round(aspect * height), 160), height, view, curve=curve)
    inside = layout.window.inflate(-2 * layout.border_px, -2 * layout.border_px)
    found = areas(layout)
    for name, area in found.items():
        assert inside.contains(area), name
    for name, area in found.items():
        for other, place in found.items():
            assert name == other or not area.colliderect(place), (name, other)


@given(st.integers(320, 2400), st.floats(0.5, 2.4), st.sampled_from(View))
def test_buttons_never_lie_on_digits(height: int, aspect: float, view: View) -> None:
    layout = lay_out(max(round(aspect * height), 160), height, view)
    bar = bar_area(layout)
    assert min(bar.size) > 0
    for area in (layout.lift_number, layout.card, *layout.values):
        assert not bar.colliderect(area)


def test_the_arrangement_follows_the_shape_of_the_window() -> None:
    assert [arrangement(*size) for size in ((1920, 1080), (640, 480), (1500, 1000), (1000, 1000), (720, 1280))] == [
        Arrangement.WIDE,
        Arrangement.CLASSIC,
        Arrangement.CLASSIC,
        Arrangement.TALL,
        Arrangement.TALL,
    ]


def test_digits_are_tabular_so_that_numbers_do_not_jitter() -> None:
    pygame.font.init()
    face = Typeface()
    assert len({face.width(digit, weight, 100) for digit in "0123456789" for weight in ("bold",)}) == 1
    assert len({face.width(digit, "medium", 100) for digit in "0123456789"}) == 1


def test_a_digit_is_as_tall_as_the_layout_believes() -> None:
    pygame.font.init()
    surface = Typeface().render("8", "bold", 200, (255, 255, 255))
    rows = np.flatnonzero(pygame.surfarray.array_alpha(surface).max(axis=0) > 128)
    assert rows[-1] - rows[0] + 1 == pytest.approx(200 * DIGIT_EM, rel=0.04)


def test_a_long_run_in_every_size_keeps_little_and_no_file_open() -> None:
    face, sizes = Typeface(), range(200, 700, 16)

    def write(*texts: str) -> None:
        for em_px in sizes:
            for text in texts:
                face.render(text, "bold", em_px, (255, 255, 255))

    write("0123456789")  # the library keeps what each digit looks like in each size
    before_mb = memory_mb()
    write(*map(str, range(103, 109)))  # 165 MB, if they all were kept
    assert memory_mb() - before_mb < 50
    assert not [handle for handle in handles() if handle.endswith(".otf")]


def test_what_was_drawn_a_moment_ago_is_not_drawn_again() -> None:
    face = Typeface()
    first = face.render("94", "bold", 400, (255, 255, 255))
    assert face.render("94", "bold", 400, (255, 255, 255)) is first


def handles() -> list[str]:
    """What the process has open, where the system tells."""
    found: list[str] = []
    with suppress(OSError):
        for handle in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                found.append(str(handle.readlink()))
    return found
