"""Everything beside the picture: border, mode, lift number with gauge, the three values. Drawn only when it changes."""

from __future__ import annotations

from itertools import product

import pygame

from coach.edges.screen import shapes
from coach.edges.screen.gauge import ZONE_SHAPES, draw_gauge, zone_colour
from coach.edges.screen.layout import Arrangement
from coach.edges.screen.page import Page
from coach.edges.screen.readout import Border, Readout, Value
from coach.edges.screen.theme import Colour, Theme
from coach.edges.screen.typeface import DIGIT_EM, LEFT, RIGHT


def draw_panel(page: Page, readout: Readout) -> None:
    """Fill the window but for the picture."""
    page.surface.fill(page.theme.background)
    draw_border(page, readout.border)
    _mode(page, readout)
    _lift_number(page, readout)
    draw_gauge(page, readout)
    for place, value in zip(page.layout.values, readout.values, strict=True):
        _value(page, place, value)


def border_colour(border: Border, theme: Theme) -> Colour:
    """What colour stands for a state; the border's pattern says it too."""
    return {
        Border.MEASURING: theme.in_band,
        Border.UNSURE: theme.banner_low,
        Border.PAUSED: theme.accent,
        Border.LOST: theme.lost,
        Border.SETUP: theme.accent,
    }[border]


def draw_border(page: Page, border: Border) -> None:
    """Solid while measuring, dashed while unsure, dotted while paused, long dashes without a camera."""
    colour, thick = border_colour(border, page.theme), page.layout.border_px
    width, height = page.layout.window.size
    dash, space = {
        Border.MEASURING: (width + height, 0),
        Border.UNSURE: (5 * thick, 2 * thick),
        Border.PAUSED: (thick, thick),
        Border.LOST: (12 * thick, 4 * thick),
        Border.SETUP: (3 * thick, 3 * thick),
    }[border]
    for left in range(0, width, dash + space):
        for top in (0, height - thick):
            page.surface.fill(colour, (left, top, dash, thick))
    for top in range(0, height, dash + space):
        for left in (0, width - thick):
            page.surface.fill(colour, (left, top, thick, dash))


def round_corners(page: Page, border: Border) -> None:
    """Soften the inner corners of a solid border; broken ones need their corners."""
    if border is not Border.MEASURING:
        return
    radius, thick = 2 * page.layout.border_px, page.layout.border_px
    width, height = page.layout.window.size
    for right, bottom in product((False, True), repeat=2):
        piece = shapes.corner(radius, border_colour(border, page.theme), right=right, bottom=bottom)
        left = width - thick - radius if right else thick
        page.surface.blit(piece, (left, height - thick - radius if bottom else thick))


def _mode(page: Page, readout: Readout) -> None:
    em, place, theme = page.em, page.layout.mode, page.theme
    baseline = place.top + 0.86 * em
    middle = baseline - DIGIT_EM * em / 2
    if page.layout.arrangement is Arrangement.TALL:
        beside = page.face.width(page.words.line(f"screen.{readout.border.value}"), "bold", em) + 1.15 * em
        text = page.fit((*readout.modes, ""), place.right - page.layout.badge.left - beside - 1.45 * em, "bold")
        if not text:
            return
        drawn = page.write(text, (place.right, baseline), weight="bold", align=RIGHT)
        mark: shapes.Shape = "muted" if readout.muted else "diamond"
        page.mark(mark, (drawn.left - 0.7 * em, middle), 0.8 * em, theme.muted if readout.muted else theme.accent)
        return
    page.mark("diamond", (place.left + 0.4 * em, middle), 0.8 * em, theme.accent)
    text = page.fit(readout.modes, place.width - 1.15 * em, "bold")
    drawn = page.write(text, (place.left + 1.15 * em, baseline), weight="bold")
    if readout.muted:
        at = drawn.right + 1.3 * em
        page.mark("muted", (at, middle), em, theme.muted)
        word = page.fit((page.words.line("screen.muted"), ""), page.layout.panel.right - at - 1.5 * em)
        page.write(word, (at + 0.75 * em, baseline), colour=theme.muted)


def _lift_number(page: Page, readout: Readout) -> None:
    layout = page.layout
    tall = layout.arrangement is Arrangement.TALL
    edge, align = (layout.lift_number.left, LEFT) if tall else (layout.lift_number.right, RIGHT)
    # In a tall window label and zone share a line: the zone goes first.
    least = page.face.width(readout.lift_labels[-1], "medium", page.em) + page.em if tall else 0
    taken = _zone(page, readout, layout.zone.width - least)
    label = page.fit((*readout.lift_labels, ""), layout.lift_label.width - (taken + 0.6 * page.em if tall else 0))
    page.write(label, (edge, layout.lift_label.top + 0.86 * page.em), colour=page.theme.muted, align=align)
    page.write(
        readout.lift_number, (edge, layout.lift_number.bottom), em=layout.lift_number_em_px, weight="bold", align=align
    )
    if readout.progress is not None:
        _progress(page, readout.progress)


def _zone(page: Page, readout: Readout, room: float) -> int:
    """The verdict, right-aligned; the width that it took."""
    em, place = page.em, page.layout.zone
    mark = 1.2 * em if readout.zone else 0.0
    text = page.fit(readout.zone_lines, room - mark, "bold")
    baseline = place.top + 0.86 * em
    drawn = page.write(text, (place.right, baseline), weight="bold", align=RIGHT)
    if readout.zone:
        at = (drawn.left - 0.72 * em, baseline - DIGIT_EM * em / 2)
        page.mark(ZONE_SHAPES[readout.zone], at, 0.86 * em, zone_colour(page.theme, readout.zone))
    return drawn.width + round(mark)


def _progress(page: Page, share: float) -> None:
    """How much of warm-up or baseline is done: below the zone's line; above it in a tall window."""
    zone = page.layout.zone
    thick = max(round(0.3 * page.em), 3)
    tall = page.layout.arrangement is Arrangement.TALL
    top = zone.top - round(0.36 * page.em) - thick if tall else zone.bottom + round(0.55 * page.em)
    bar = pygame.Rect(zone.left, top, zone.width, thick)
    page.card(bar, thick // 2, page.theme.rail)
    done = pygame.Rect(bar.left, bar.top, max(round(share * bar.width), thick), thick)
    page.card(done, thick // 2, page.theme.accent)


def _value(page: Page, place: pygame.Rect, value: Value) -> None:
    most = page.layout.value_em_px
    em = page.face.largest(value.text, "bold", place.width * 0.94, most)
    page.write(value.text, (place.left, place.top + DIGIT_EM * most), em=em, weight="bold")
    label = page.fit(value.labels, place.width * 0.98)
    page.write(label, (place.left, place.top + DIGIT_EM * most + 1.28 * page.em), colour=page.theme.muted)
