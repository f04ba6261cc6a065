"""The set-up check: the list that ticks itself, and the first thing to mend in large letters."""

from __future__ import annotations

import math
from dataclasses import replace

import pygame

from coach.core.setup.setup_check import SetupItem, SetupResult, SetupState, Unit, Verdict
from coach.core.units import kmh, mph
from coach.edges.screen import shapes
from coach.edges.screen.layout import Arrangement
from coach.edges.screen.overlays import draw_banner
from coach.edges.screen.page import Page
from coach.edges.screen.panel import draw_border
from coach.edges.screen.readout import Banner, Border
from coach.edges.screen.theme import Colour
from coach.edges.screen.typeface import DIGIT_EM, Weight
from coach.settings import Units


def draw_setup(page: Page, state: SetupState, units: Units, *, mirrored: bool = False) -> None:
    """Fill the window but for the picture with the check; `mirrored` as the picture is, so that facing agrees."""
    page.surface.fill(page.theme.background)
    draw_border(page, Border.SETUP)
    layout = page.layout
    area = pygame.Rect(layout.panel.left, layout.panel.top, layout.panel.width, layout.panel.height)
    pad = 2 * layout.gap_px
    tall = layout.arrangement is Arrangement.TALL
    top = layout.badge.bottom if tall else area.top + round(2.6 * page.em)
    if not tall:
        page.write(
            page.words.line("screen.setup.title"), (area.left + pad, area.top + round(1.9 * page.em)), weight="bold"
        )
    foot = layout.gap_px if layout.arrangement is Arrangement.CLASSIC else round((1.9 if tall else 2.6) * page.em)
    step = (area.bottom - foot - top) / max(len(state.items), 1)
    for i, result in enumerate(state.items):
        row = pygame.Rect(area.left + pad, round(top + i * step), area.width - 2 * pad, round(step))
        _row(page, row, _as_in_a_mirror(result) if mirrored else result, units)
    _foot(page, state)


def draw_setup_banner(page: Page, state: SetupState) -> None:
    """What to mend first, or that all is good, on the picture."""
    if math.isfinite(state.starts_in_s) or state.done:
        draw_banner(page, Banner("tick", page.words.line("screen.setup.all_good")))
    elif (first := state.first_to_mend) is not None and first.remedy:
        draw_banner(page, Banner("right", page.words.line(f"screen.{first.remedy}")))


def _row(page: Page, row: pygame.Rect, result: SetupResult, units: Units) -> None:
    em, theme = page.em, page.theme
    baseline = row.centery + DIGIT_EM * em / 2
    name, colour = _mark(page, result.verdict)
    page.mark(name, (row.left + 0.5 * em, row.centery), 0.95 * em, colour)
    left = row.left + 1.6 * em
    weight: Weight = "bold" if result.verdict is Verdict.MEND else "medium"
    candidates = page.words.either(f"screen.setup.{result.told or result.item.value}")
    if result.remedy:
        candidates = (page.words.line(f"screen.{result.remedy}"), *candidates)
    text = page.fit(candidates, row.right - left, weight)
    value = _value(page, result, units)
    room = row.right - left - page.face.width(value, "medium", em) - 0.5 * em
    shorter = page.fit(candidates, room, weight)
    if page.face.width(shorter, weight, em) <= room:
        # The measured value stays: where it leaves no room for the remedy, the banner has the first one to follow.
        text = shorter
    ink = theme.muted if result.verdict is Verdict.WAITING else theme.text
    drawn = page.write(text, (left, baseline), colour=ink, weight=weight)
    if drawn.right + 0.5 * em <= row.right - page.face.width(value, "medium", em):
        page.write(value, (row.right, baseline), colour=theme.muted, align="right")


def _as_in_a_mirror(result: SetupResult) -> SetupResult:
    return replace(result, word={"left": "right", "right": "left"}.get(result.word, result.word))


def _mark(page: Page, verdict: Verdict) -> tuple[shapes.Shape, Colour]:
    if verdict is Verdict.OK:
        return "tick", page.theme.in_band
    return ("up", page.theme.below) if verdict is Verdict.MEND else ("ring", page.theme.muted)


def _value(page: Page, result: SetupResult, units: Units) -> str:
    """The measured number with its unit, or the word that stands for it."""
    if result.word:
        return page.words.line(f"screen.{result.word}")
    if not math.isfinite(result.value):
        return ""
    if result.unit is Unit.SPEED:
        value = kmh(result.value) if units == "metric" else mph(result.value)
        return page.words.number(value, f" {'km/h' if units == 'metric' else 'mph'}", 1)
    if result.unit is Unit.DEGREES:
        sign = "+" if result.item is SetupItem.LEVEL and round(result.value) > 0 else ""
        return f"{sign}{result.value:.0f}°".replace("-0°", "0°")
    return f"{result.value:.0f} {result.unit.value}"


def _foot(page: Page, state: SetupState) -> None:
    """When it starts by itself, or how not to wait."""
    layout = page.layout
    baseline = layout.window.bottom - layout.border_px - 0.75 * page.em
    left = layout.panel.left + 2 * layout.gap_px
    if layout.arrangement is Arrangement.CLASSIC:
        left = layout.border_px + 2 * layout.gap_px
        baseline -= 0.6 * page.em
    if math.isfinite(state.starts_in_s):
        text = f"{page.words.line('screen.setup.starts_in')} {math.ceil(state.starts_in_s)}"
        page.write(text, (left, baseline), weight="bold")
    else:
        page.write(page.words.line("screen.setup.skip"), (left, baseline), colour=page.theme.muted)
