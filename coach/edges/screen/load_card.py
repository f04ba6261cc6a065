"""The frame budget: what each stage costs, for whoever sets up a machine."""

from __future__ import annotations

import math

import pygame

from coach.core.words import UNKNOWN, Words
from coach.edges.screen.page import Page
from coach.ports import Load


def draw_load(page: Page, load: Load | None, drawing_ms: float) -> None:
    """A small table over the picture, below the banner."""
    em = page.em
    rows = _rows(page.words, load, drawing_ms)
    names = [page.words.line(f"screen.load.{key}") for key, _ in rows]
    name_width = max(page.face.width(name, "medium", em) for name in names)
    width = name_width + round(7.6 * em)
    step = round(1.3 * em)
    height = step * len(rows) + round(0.6 * em)
    layout = page.layout
    left = min(layout.banner.left, layout.window.right - layout.border_px - width)
    floor = (layout.picture.bottom or layout.window.bottom) - layout.gap_px
    top = max(min(layout.banner.bottom + layout.gap_px, floor - height), layout.border_px)
    card = pygame.Rect(left, top, width, height)
    page.card(card, 0.35 * em, page.theme.card)
    for i, (name, (_, value)) in enumerate(zip(names, rows, strict=True)):
        baseline = card.top + (i + 1) * step
        page.write(name, (card.left + 0.6 * em, baseline), colour=page.theme.muted)
        page.write(value, (card.right - 0.6 * em, baseline), align="right")


def draw_budget(page: Page, load: Load | None, drawing_ms: float, *, muted: bool) -> None:
    """The same in one line, for the view that has room for it: poses a second and what a frame costs."""
    if load is None or not math.isfinite(load.pose_fps):
        return
    place = page.layout.mode
    number = page.words.number
    full = f"{number(load.pose_fps)}/s, {number(load.pose_ms)} + {number(drawing_ms)} ms"
    right = page.layout.window.right - page.layout.border_px - page.layout.gap_px
    room = right - place.right - 3 * page.em
    if muted:
        # The word for it reaches beyond its place.
        room -= page.face.width(page.words.line("screen.muted"), "medium", page.em)
    text = page.fit((full, f"{number(load.pose_fps)}/s", ""), room)
    page.write(text, (right, place.top + 0.86 * page.em), colour=page.theme.muted, align="right")


def _rows(words: Words, load: Load | None, drawing_ms: float) -> tuple[tuple[str, str], ...]:
    drawing = ("drawing", _number(words, drawing_ms, "ms", digits=1))
    if load is None:
        return (drawing,)
    return (
        ("source", _number(words, load.source_fps, "/s", digits=1)),
        ("pose", f"{_number(words, load.pose_fps, '/s', digits=1)}, {_number(words, load.pose_ms, 'ms')}"),
        ("screen", _number(words, load.screen_fps, "/s", digits=1)),
        drawing,
        ("decision", _number(words, load.grab_to_decision_ms, "ms")),
        ("picture", _number(words, load.grab_to_picture_ms, "ms")),
        ("dropped", _number(words, load.dropped_pct, "%", digits=1)),
    )


def _number(words: Words, value: float, unit: str, digits: int = 0) -> str:
    return words.number(value, f" {unit}", digits) if math.isfinite(value) else UNKNOWN
