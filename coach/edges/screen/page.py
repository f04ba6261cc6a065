"""What every drawing function needs: where to draw, in what look and letters.

Text is drawn in the packaged typeface; strings are rendered once and the newest of them kept.
"""

from __future__ import annotations

import io
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

import pygame

from coach.core.words import Words
from coach.edges.screen import shapes
from coach.edges.screen.layout import Layout
from coach.edges.screen.theme import DIGIT_EM, Colour, Theme
from coach.environment import asset

Weight = Literal["medium", "bold"]
Align = Literal["left", "centre", "right"]

LEFT: Final[Align] = "left"
RIGHT: Final[Align] = "right"

_KEPT_PX: Final = 8_000_000
"""Of rendered strings, 32 MB: as much as a picture of 3840 × 2160, which letters never fill."""

_KEPT_SIZES: Final = 64
"""Sizes of letters that are kept; a window that is dragged larger goes through hundreds."""


@cache
def _letters(weight: Weight) -> bytes:
    """The font file: in memory once, so that no size of it holds a file open."""
    return asset("fonts", f"coach-sans-{weight}.otf").read_bytes()


@dataclass(slots=True)
class Typeface:
    """Renders and measures; digits are tabular, so equal digits stand in equal places."""

    _fonts: OrderedDict[tuple[Weight, int], pygame.font.Font] = field(default_factory=OrderedDict)
    _rendered: OrderedDict[tuple[str, Weight, int, Colour], pygame.Surface] = field(default_factory=OrderedDict)
    _kept_px: int = 0

    def width(self, text: str, weight: Weight, em_px: int) -> int:
        """Width of a string in pixels."""
        return self._font(weight, em_px).size(text)[0]

    def render(self, text: str, weight: Weight, em_px: int, colour: Colour) -> pygame.Surface:
        """The string on a transparent surface of the font's line height."""
        key = (text, weight, em_px, colour)
        surface = self._rendered.get(key)
        if surface is None:
            surface = self._font(weight, em_px).render(text, True, colour)
            self._rendered[key] = surface
            self._kept_px += _px(surface)
            while self._kept_px > _KEPT_PX and len(self._rendered) > 1:
                self._kept_px -= _px(self._rendered.popitem(last=False)[1])
        else:
            self._rendered.move_to_end(key)
        return surface

    def draw(
        self,
        onto: pygame.Surface,
        text: str,
        at: tuple[float, float],
        *,
        em_px: int,
        colour: Colour,
        weight: Weight = "medium",
        align: Align = "left",
    ) -> pygame.Rect:
        """Write with the baseline at `at`; the rectangle of its capitals comes back."""
        x, baseline = round(at[0]), round(at[1])
        surface = self.render(text, weight, em_px, colour)
        width = surface.get_width()
        left = x - {"left": 0, "centre": width // 2, "right": width}[align]
        onto.blit(surface, (left, baseline - self._font(weight, em_px).get_ascent()))
        height = round(em_px * DIGIT_EM)
        return pygame.Rect(left, baseline - height, width, height)

    def fit(self, candidates: tuple[str, ...], weight: Weight, em_px: int, width_px: float) -> str:
        """The first wording that fits; the last one where none does."""
        for text in candidates:
            if self.width(text, weight, em_px) <= width_px:
                return text
        return candidates[-1]

    def largest(self, text: str, weight: Weight, width_px: float, most_px: int) -> int:
        """The largest em size up to `most_px` at which the string is no wider than `width_px`."""
        at_most = self.width(text, weight, most_px)
        return most_px if at_most <= width_px else int(most_px * width_px / max(at_most, 1))

    def _font(self, weight: Weight, em_px: int) -> pygame.font.Font:
        font = self._fonts.get((weight, em_px))
        if font is None:
            font = pygame.font.Font(io.BytesIO(_letters(weight)), em_px)
            self._fonts[weight, em_px] = font
            if len(self._fonts) > _KEPT_SIZES:
                self._fonts.popitem(last=False)
        else:
            self._fonts.move_to_end((weight, em_px))
        return font


def _px(surface: pygame.Surface) -> int:
    return surface.get_width() * surface.get_height()


def wrapped(
    text: str, face: Typeface, em: int, width_px: float, weight: Weight = "medium", most_px: float = math.inf
) -> list[str]:
    """The text in lines no wider than `width_px`, where its words allow.

    A word wider than `most_px`, such as an address, goes on in the next line.
    """
    lines: list[str] = []
    for word in text.replace(" %", "\u00a0%").split(" "):
        if lines and face.width(f"{lines[-1]} {word}", weight, em) <= width_px:
            lines[-1] += f" {word}"
            continue
        rest = word
        while face.width(rest, weight, em) > most_px and len(rest) > 1:
            fits = max((n for n in range(1, len(rest)) if face.width(rest[:n], weight, em) <= most_px), default=1)
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines or [""]


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
