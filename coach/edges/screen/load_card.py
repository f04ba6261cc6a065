"""The frame budget: what each stage costs, for whoever sets up a machine."""

from __future__ import annotations

import math

import pygame

from coach.edges.screen.page import Page
from coach.ports import Load


def draw_load(page: Page, load: Load | None, drawing_ms: float) -> None:
    """A small table over the picture, below the banner."""
    em = page.em
    rows = _rows(load, drawing_ms)
    names = [page.words(f"load.{key}") for key, _ in rows]
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


def draw_budget(page: Page, load: Load | None, drawing_ms: float) -> None:
    """The same in one line, for the view that has room for it: poses a second and what a frame costs."""
    if load is None or not math.isfinite(load.pose_fps):
        return
    place = page.layout.mode
    full = f"{load.pose_fps:.0f}/s, {load.pose_ms:.0f} + {drawing_ms:.0f} ms"
    right = page.layout.window.right - page.layout.border_px - page.layout.gap_px
    text = page.fit((full, f"{load.pose_fps:.0f}/s", ""), right - place.right - 3 * page.em)
    page.write(text, (right, place.top + 0.86 * page.em), colour=page.theme.muted, align="right")


def _rows(load: Load | None, drawing_ms: float) -> tuple[tuple[str, str], ...]:
    drawing = ("drawing", _number(drawing_ms, "ms", digits=1))
    if load is None:
        return (drawing,)
    return (
        ("source", _number(load.source_fps, "/s", digits=1)),
        ("pose", f"{_number(load.pose_fps, '/s', digits=1)}, {_number(load.pose_ms, 'ms')}"),
        ("screen", _number(load.screen_fps, "/s", digits=1)),
        drawing,
        ("decision", _number(load.grab_to_decision_ms, "ms")),
        ("picture", _number(load.grab_to_picture_ms, "ms")),
        ("dropped", _number(load.dropped_pct, "%", digits=1)),
    )


def _number(value: float, unit: str, digits: int = 0) -> str:
    return f"{value:.{digits}f} {unit}" if math.isfinite(value) else "–"
