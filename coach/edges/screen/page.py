"""What every drawing function needs: where to draw, and in what look."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from coach.core.words import Words
from coach.edges.screen import shapes
from coach.edges.screen.layout import Layout
from coach.edges.screen.theme import Colour, Theme
from coach.edges.screen.typeface import Align, Typeface, Weight


@dataclass(frozen=True, slots=True)
class Page:
    """A surface with its layout, theme, typeface and words."""

    surface: pygame.Surface
    layout: Layout
    theme: Theme
    face: Typeface
    words: Words

    @property
    def em(self) -> int:
        """Em size of ordinary text in pixels."""
        return self.layout.em_px

    def write(
        self,
        text: str,
        at: tuple[float, float],
        *,
        em: int | None = None,
        colour: Colour | None = None,
        weight: Weight = "medium",
        align: Align = "left",
    ) -> pygame.Rect:
        """Write with the baseline at `at`; the rectangle of the capitals comes back."""
        size, ink = em or self.em, colour or self.theme.text
        return self.face.draw(self.surface, text, at, em_px=size, colour=ink, weight=weight, align=align)

    def mark(self, name: shapes.Shape, centre: tuple[float, float], size_px: float, colour: Colour) -> None:
        """Draw a shape around a point."""
        surface = shapes.shape(name, max(round(size_px), 4), colour)
        left, top = centre[0] - surface.get_width() / 2, centre[1] - surface.get_height() / 2
        self.surface.blit(surface, (round(left), round(top)))

    def card(self, area: pygame.Rect, radius_px: float, colour: Colour) -> None:
        """Fill a rectangle with round corners."""
        self.surface.blit(shapes.rounded(area.size, round(radius_px), colour), area)

    def fit(self, candidates: tuple[str, ...], width_px: float, weight: Weight = "medium") -> str:
        """The first wording that fits at the ordinary size."""
        return self.face.fit(candidates, weight, self.em, width_px)
