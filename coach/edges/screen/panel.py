"""Everything beside the picture: frame, card, lift number with gauge, the three values. Drawn only when it changes.

The gauge of the heel lift is a tube with the band, the target line and a marker for the last strides. The view that has
room for it also gets the measures of how the runner steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from coach.edges.screen.layout import Arrangement, Layout
from coach.edges.screen.page import LEFT, RIGHT, Page, wrapped
from coach.edges.screen.readout import Band, Measures, Readout, Value
from coach.edges.screen.theme import DIGIT_EM, Colour
from coach.edges.screen.verdict import draw_border, draw_card, zone_colour

SPAN_DEG: Final = 44.0
"""Degrees from one end of the tube to the other."""
MIDDLE_DEG: Final = 97.0
"""Middle of the tube while there is no band: the mean of runners at 2.8 m/s."""


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
        thick = max(round(page.layout.unit_px * 0.007), 2)
        page.surface.fill(page.theme.in_band, scale.between(readout.band.low_deg, readout.band.high_deg))
        page.surface.fill(page.theme.text, scale.across(readout.band.target_deg, thick, beyond=round(short * 0.12)))
        _labels(page, scale, readout.band)
    if readout.marker_deg is not None:
        _marker(page, scale, readout.marker_deg, zone_colour(page.theme, readout.zone))


def _marker(page: Page, scale: Scale, deg: float, colour: Colour) -> None:
    h = page.layout.unit_px
    bar = scale.across(deg, max(round(0.013 * h), 4))
    rim = max(h // 180, 2)
    page.surface.fill(page.theme.background, bar.inflate(0, rim) if scale.upright else bar.inflate(rim, 0))
    page.surface.fill(colour if colour != page.theme.in_band else page.theme.text, bar)
    size = 0.055 * h
    if scale.upright:
        page.mark("right", (bar.left - 0.66 * size, bar.centery), size, colour)
    else:
        page.mark("down", (bar.centerx, bar.top - 0.42 * size), size * 0.7, colour)


def _labels(page: Page, scale: Scale, band: Band) -> None:
    """Floor, target and ceiling beside their angles, and the word for the target above it, or before it."""
    room, em, theme = page.layout.gauge_labels, page.em, page.theme
    figure, word = f"{band.target_deg}°", page.words.line("screen.target")
    low, target, high = (float(scale.px(deg)) for deg in (band.low_deg, band.target_deg, band.high_deg))
    if scale.upright:
        step = 1.18 * em
        for text, at in (
            (f"{band.low_deg}°", max(low, target + step)),
            (f"{band.high_deg}°", min(high, target - 2 * step)),
        ):
            page.write(text, (room.left, at + DIGIT_EM * em / 2), colour=theme.muted)
        page.write(figure, (room.left, target + DIGIT_EM * em / 2), weight="bold")
        page.write(word, (room.left, target - step + DIGIT_EM * em / 2), colour=theme.text)
        return
    both = page.fit((f"{word} {figure}", figure), 0.5 * room.width, "bold")
    apart = 0.5 * page.face.width(both, "bold", em) + 1.6 * em
    baseline = room.top + DIGIT_EM * em
    page.write(both, (target, baseline), weight="bold", align="centre")
    for text, at in ((f"{band.low_deg}°", min(low, target - apart)), (f"{band.high_deg}°", max(high, target + apart))):
        page.write(text, (at, baseline), colour=theme.muted, align="centre")


def draw_panel(page: Page, readout: Readout) -> None:
    """Fill the window but for the picture."""
    page.surface.fill(page.theme.background)
    draw_border(page, readout.border, readout.zone)
    draw_card(page, readout.card)
    _lift_number(page, readout)
    draw_gauge(page, readout)
    for place, value in zip(page.layout.values, readout.values, strict=True):
        _value(page, place, value)


def _lift_number(page: Page, readout: Readout) -> None:
    layout = page.layout
    tall = layout.arrangement is Arrangement.TALL
    edge, align = (layout.lift_number.left, LEFT) if tall else (layout.lift_number.right, RIGHT)
    label = page.fit((*readout.lift_labels, ""), layout.lift_label.width)
    page.write(label, (edge, layout.lift_label.top + 0.86 * page.em), colour=page.theme.muted, align=align)
    page.write(
        readout.lift_number, (edge, layout.lift_number.bottom), em=layout.lift_number_em_px, weight="bold", align=align
    )


def _value(page: Page, place: pygame.Rect, value: Value) -> None:
    most = page.layout.value_em_px
    em = page.face.largest(value.text, "bold", place.width * 0.94, most)
    page.write(value.text, (place.left, place.top + DIGIT_EM * most), em=em, weight="bold")
    label = page.fit(value.labels, place.width * 0.98)
    page.write(label, (place.left, place.top + DIGIT_EM * most + 1.28 * page.em), colour=page.theme.muted)


def draw_measures(page: Page, measures: Measures) -> None:
    """Each figure with its name below, in the room that is left for them."""
    place, em = page.layout.aside, page.em
    if place.width < 4 * em:
        return
    top = float(place.top + 0.4 * em)
    for name, figure in measures.rows(page.words):
        names = wrapped(name, page.face, em, place.width)
        bottom = top + (1.6 + 1.2 * len(names)) * em
        if bottom > place.bottom or any(page.face.width(line, "medium", em) > place.width for line in names):
            return
        page.write(figure, (place.left, top + 1.1 * em), em=round(1.3 * em), weight="bold")
        for i, line in enumerate(names):
            page.write(line, (place.left, top + (2.3 + 1.2 * i) * em), colour=page.theme.muted)
        top = bottom + 0.3 * em
