"""Everything beside the picture: border, mode, lift number with gauge, the three values. Drawn only when it changes.

The gauge of the heel lift is a tube with the band, the target line and a marker for the last strides. The view that has
room for it also gets the measures of how the runner steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import pygame

from coach.core.coaching.coaching import Zone
from coach.edges.screen import shapes
from coach.edges.screen.layout import Arrangement, Layout
from coach.edges.screen.page import LEFT, RIGHT, Page
from coach.edges.screen.readout import Band, Border, Measures, Readout, Value
from coach.edges.screen.theme import DIGIT_EM, Colour, Theme

SPAN_DEG: Final = 44.0
"""Degrees from one end of the tube to the other."""
MIDDLE_DEG: Final = 97.0
"""Middle of the tube while there is no band: the mean of runners at 2.8 m/s."""
ZONE_SHAPES: Final[dict[Zone, shapes.Shape]] = {Zone.BELOW: "down", Zone.IN_BAND: "disc", Zone.ABOVE: "up"}


def zone_colour(theme: Theme, zone: Zone | None) -> Colour:
    """Colour of a zone's shape; plain where nothing is judged."""
    if zone is None:
        return theme.text
    return {Zone.BELOW: theme.below, Zone.IN_BAND: theme.in_band, Zone.ABOVE: theme.above}[zone]


@dataclass(frozen=True, slots=True)
class Scale:
    """Degrees to pixels along the tube, upward or to the right; the band sits in its middle."""

    tube: pygame.Rect
    upright: bool
    middle_deg: float
    span_deg: float

    def px(self, deg: float) -> int:
        """Window coordinate along the tube, kept inside it."""
        share = min(max((deg - self.middle_deg) / self.span_deg + 0.5, 0.03), 0.97)
        if self.upright:
            return round(self.tube.bottom - share * self.tube.height)
        return round(self.tube.left + share * self.tube.width)

    def across(self, deg: float, thickness: int, beyond: int = 0) -> pygame.Rect:
        """A bar across the tube at an angle."""
        at = self.px(deg)
        if self.upright:
            return pygame.Rect(self.tube.left - beyond, at - thickness // 2, self.tube.width + 2 * beyond, thickness)
        return pygame.Rect(at - thickness // 2, self.tube.top - beyond, thickness, self.tube.height + 2 * beyond)

    def between(self, low_deg: float, high_deg: float) -> pygame.Rect:
        """The stretch of tube between two angles."""
        low, high = self.px(low_deg), self.px(high_deg)
        if self.upright:
            return pygame.Rect(self.tube.left, high, self.tube.width, low - high)
        return pygame.Rect(low, self.tube.top, high - low, self.tube.height)


def scale_for(layout: Layout, band: Band | None) -> Scale:
    """The tube's scale: the band in the middle and room on both sides."""
    middle = MIDDLE_DEG if band is None else (band.low_deg + band.high_deg) / 2
    span = SPAN_DEG if band is None else max(SPAN_DEG, 2.2 * (band.high_deg - band.low_deg))
    return Scale(layout.gauge, layout.upright, middle, span)


def draw_gauge(page: Page, readout: Readout) -> None:
    """Tube, band, labels and marker."""
    scale = scale_for(page.layout, readout.band)
    short = min(scale.tube.size)
    page.card(scale.tube, short // 2, page.theme.rail)
    if readout.band:
        thick = max(round(page.layout.window.height * 0.007), 2)
        page.surface.fill(page.theme.in_band, scale.between(readout.band.low_deg, readout.band.high_deg))
        page.surface.fill(page.theme.text, scale.across(readout.band.target_deg, thick, beyond=round(short * 0.12)))
        _labels(page, scale, readout.band)
    if readout.marker_deg is not None:
        _marker(page, scale, readout.marker_deg, zone_colour(page.theme, readout.zone))


def _marker(page: Page, scale: Scale, deg: float, colour: Colour) -> None:
    h = page.layout.window.height
    bar = scale.across(deg, max(round(0.013 * h), 4))
    rim = max(h // 180, 2)
    page.surface.fill(page.theme.background, bar.inflate(0, rim) if scale.upright else bar.inflate(rim, 0))
    page.surface.fill(colour if colour != page.theme.in_band else page.theme.text, bar)
    size = 0.055 * h
    if scale.upright:
        page.mark("right", (bar.left - 0.66 * size, bar.centery), size, colour)
    else:
        page.mark("down", (bar.centerx, bar.top - 0.5 * size), size * 0.8, colour)


def _labels(page: Page, scale: Scale, band: Band) -> None:
    room = page.layout.gauge_labels
    named = (f"{band.target_deg}° {page.words.line('screen.target')}", f"{band.target_deg}°")
    target = page.fit(named if room.width >= 12 * page.em or scale.upright else named[1:], room.width, "bold")
    texts = (f"{band.low_deg}°", target, f"{band.high_deg}°")
    apart = 1.18 * page.em if scale.upright else 0.5 * page.face.width(target, "bold", page.em) + 1.6 * page.em
    for text, place in zip(texts, _label_places(scale, band, apart), strict=True):
        at = (room.left, place + DIGIT_EM * page.em / 2) if scale.upright else (place, room.top + DIGIT_EM * page.em)
        bold = text is target
        page.write(
            text,
            at,
            colour=page.theme.text if bold else page.theme.muted,
            weight="bold" if bold else "medium",
            align="left" if scale.upright else "centre",
        )


def _label_places(scale: Scale, band: Band, apart_px: float) -> tuple[float, float, float]:
    """Where floor, target and ceiling are written: beside their angle, but never on the target's label."""
    low, target, high = (float(scale.px(deg)) for deg in (band.low_deg, band.target_deg, band.high_deg))
    sign = -1 if scale.upright else 1
    return target - sign * max(abs(low - target), apart_px), target, target + sign * max(abs(high - target), apart_px)


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


def draw_measures(page: Page, measures: Measures) -> None:
    """One line each, at the upper right, below the frame budget."""
    right = page.layout.window.right - page.layout.border_px - page.layout.gap_px
    baseline = page.layout.mode.top + 0.86 * page.em
    for name, figure in measures.rows(page.words):
        baseline += 1.4 * page.em
        text = page.fit((f"{name} {figure}", ""), right - page.layout.gauge_labels.left)
        page.write(text, (right, baseline), colour=page.theme.muted, align="right")
