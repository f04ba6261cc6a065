"""The heel-lift gauge: a tube with the band, the target line and a marker for the last strides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from coach.core.coaching.coaching import Zone
from coach.edges.screen import shapes
from coach.edges.screen.layout import Layout
from coach.edges.screen.page import Page
from coach.edges.screen.readout import Band, Readout
from coach.edges.screen.theme import Colour, Theme
from coach.edges.screen.typeface import DIGIT_EM

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
