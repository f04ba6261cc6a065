"""How the leg swings, in one view: less lever, quicker thigh; and how the runner steps and stands beside it.

Lever and thigh over the cycle as means of the last strides, and figures with what runners in general do. It stands in
place of the run while its key is on; a cue goes over it.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import pygame

from coach.core.coaching.stride_record import SHOWN
from coach.core.columns import Column, Shown
from coach.core.gait import LegCycle
from coach.core.pipeline import Update
from coach.core.units import FloatArray
from coach.edges.screen.page import Page
from coach.edges.screen.picture import SHIFT, Canvas, surface_of
from coach.edges.screen.recent_strides import RecentStrides
from coach.edges.screen.theme import Colour

NO_FIGURE: Final = "–"
_ROWS: Final = tuple(
    (column, shown) for column in SHOWN if (shown := column.note.shown) is not None and "form" in shown.where
)
_THIGH_DEG: Final = (-45.0, 60.0)
_LEVER_LL: Final = (0.3, 1.15)
"""Ranges of the two curves: all that 13 measured runners showed at 2.5–4.5 m/s, with room."""
_LEAST_NAME: Final = 0.72
"""A name that would be written smaller takes the room of runners in general."""
_NARROW_PX: Final = 900
"""A window up to this wide gives names more room and curves less."""


class Form:
    """What the view shows, over the last trusted strides of the near leg."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._strides = RecentStrides()
        self.cycle: LegCycle | None = None
        """The near leg's present mean cycle."""

    def step(self, update: Update) -> None:
        """Take one frame."""
        self._strides.step(update)
        self.cycle = update.gait.near_cycle

    def rows(self, page: Page) -> list[tuple[str, str, str]]:
        """(name, figure now, what runners in general do) of each measure."""
        return [_row(page, column, shown, self._strides) for column, shown in _ROWS]


def _row(page: Page, column: Column, shown: Shown, strides: RecentStrides) -> tuple[str, str, str]:
    words = page.words
    # The names say of what: a bare per cent leaves them room.
    unit = " %" if column.note.unit == "ll" else words.name(shown.unit, shown.unit)
    name, value = words.name(f"stride.{column.name}", shown.label), strides.mean(column.name)
    if math.isnan(value):
        return name, NO_FIGURE, ""
    now = words.number(shown.scale * value, unit, shown.digits)
    norm = column.note.norm
    mean, sd = norm.at(strides.now()[-1].speed_mps) if norm else (math.nan, math.nan)
    if math.isnan(mean):
        return name, now, ""
    usual = words.number(shown.scale * mean, "", shown.digits)
    return name, now, f"{usual} ± {words.number(shown.scale * sd, '', shown.digits)}"


def draw_form(page: Page, form: Form) -> None:
    """Cover the window inside the border."""
    layout, em = page.layout, page.em
    inner = layout.window.inflate(-2 * layout.border_px, -2 * layout.border_px)
    page.surface.fill(page.theme.background, inner)
    pad = round(0.9 * em)
    title = page.fit(page.words.either("screen.form.title"), inner.width - 2 * pad, "bold")
    page.write(title, (inner.left + pad, inner.top + 1.7 * em), weight="bold")
    top = inner.top + round(2.5 * em)
    tall = inner.height > 0.9 * inner.width
    if tall:
        curves = pygame.Rect(inner.left + pad, top, inner.width - 2 * pad, round(0.34 * inner.height))
        table = pygame.Rect(curves.left, curves.bottom + pad, curves.width, inner.bottom - curves.bottom - 2 * pad)
    else:
        share = 0.36 if inner.width > _NARROW_PX else 0.3
        curves = pygame.Rect(inner.left + pad, top, round(share * inner.width), inner.bottom - top - pad)
        table = pygame.Rect(curves.right + 2 * pad, top, inner.right - curves.right - 3 * pad, curves.height)
    _draw_curves(page, form, curves)
    _draw_rows(page, form.rows(page), table)


def _draw_rows(page: Page, rows: list[tuple[str, str, str]], area: pygame.Rect) -> None:
    unseen = page.fit(page.words.either("screen.form.unseen"), area.width)
    step = area.height / (len(rows) + 2)
    em = min(page.em, round(0.7 * step))
    face, theme = page.face, page.theme
    general = page.words.line("screen.form.usual")
    third = max(face.width(text, "medium", em) for text in (general, *(usual for _, _, usual in rows)))
    second = max(face.width(now, "bold", em) for _, now, _ in rows)
    longest = max(face.width(name, "medium", em) for name, _, _ in rows)
    beside = area.width - second - third - 2 * em >= _LEAST_NAME * longest
    figures = area.right - third - em if beside else area.right
    if beside:
        page.write(general, (area.right, area.top + 0.7 * step), em=em, colour=theme.muted, align="right")
    # All names as large as the longest may be.
    size = min(face.largest(name, "medium", figures - second - em - area.left, em) for name, _, _ in rows)
    for i, (name, now, usual) in enumerate(rows, start=1):
        baseline = area.top + (i + 0.7) * step
        page.write(name, (area.left, baseline), em=size)
        page.write(now, (figures, baseline), em=em, weight="bold", align="right")
        if beside:
            page.write(usual, (area.right, baseline), em=em, colour=theme.muted, align="right")
    size = face.largest(unseen, "medium", area.width, size)
    page.write(unseen, (area.left, area.top + (len(rows) + 1.75) * step), em=size, colour=theme.muted)


def _draw_curves(page: Page, form: Form, area: pygame.Rect) -> None:
    gap = page.em
    height = (area.height - gap) // 2
    places = [pygame.Rect(area.left, area.top + i * (height + gap), area.width, height) for i in range(2)]
    lever, thigh = (form.cycle.lever_ll, form.cycle.thigh_deg) if form.cycle else (None, None)
    line = page.theme.lever if page.theme.name == "dark" else page.theme.below
    _draw_curve(page, places[0], page.words.line("screen.form.lever"), lever, _LEVER_LL, line)
    _draw_curve(page, places[1], page.words.line("screen.form.thigh"), thigh, _THIGH_DEG, page.theme.accent, zero=0.0)


def _draw_curve(
    page: Page,
    place: pygame.Rect,
    label: str,
    curve: FloatArray | None,
    span: tuple[float, float],
    colour: Colour,
    zero: float = math.nan,
) -> None:
    """One curve from contact to contact below its name; `zero`: a level to be drawn."""
    em = page.face.largest(label, "medium", place.width, page.em)
    page.write(label, (place.left, place.top + 0.8 * em), em=em, colour=page.theme.muted)
    area = pygame.Rect(place.left, place.top + round(1.2 * em), place.width, place.height - round(1.2 * em))
    if min(area.size) < 8:
        return
    canvas: Canvas = np.full((area.height, area.width, 3), page.theme.rail[::-1], np.uint8)
    thick = max(area.height // 45, 2)
    if not math.isnan(zero):
        y = round(_y(np.array([zero]), span, area.height).item())
        cv2.line(canvas, (0, y), (area.width - 1, y), page.theme.muted[::-1], max(thick // 2, 1))
    if curve is not None:
        x = np.linspace(0, area.width - 1, len(curve))
        points = np.round(np.column_stack([x, _y(curve, span, area.height)]) * 2**SHIFT).astype(np.int32)
        cv2.polylines(canvas, [points], False, colour[::-1], thick, cv2.LINE_AA, SHIFT)
    page.surface.blit(surface_of(canvas), area)


def _y(values: FloatArray, span: tuple[float, float], height: int) -> FloatArray:
    low, high = span
    return np.asarray((height - 1) * (1 - (np.clip(values, low, high) - low) / (high - low)))
