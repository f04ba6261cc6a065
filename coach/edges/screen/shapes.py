"""Smooth shapes: drawn four times too large, scaled down once, kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

import pygame

from coach.edges.screen.theme import Colour

Shape = Literal[
    "up", "down", "right", "disc", "ring", "dashes", "diamond", "tick", "cross", "bars", "muted", "camera",
    "minus", "plus", "bullseye", "frame", "corners", "square", "question", "play",
]  # fmt: skip

_OVER: Final = 4


@lru_cache(maxsize=256)
def shape(name: Shape, size_px: int, colour: Colour) -> pygame.Surface:
    """A square surface with the shape filling it."""
    return _smooth((size_px, size_px), lambda big: _DRAW[name](big, big.get_width(), colour))


@lru_cache(maxsize=64)
def rounded(size: tuple[int, int], radius_px: int, colour: Colour) -> pygame.Surface:
    """A filled rectangle with round corners."""
    return _smooth(size, lambda big: _rounded(big, radius_px * _OVER, colour))


@lru_cache(maxsize=32)
def fade(size: tuple[int, int], colour: Colour, direction: Literal["right", "down"]) -> pygame.Surface:
    """A strip from transparent to `colour`, laid over the picture's edge."""
    width, height = size
    strip = pygame.Surface((max(width, 1), max(height, 1)), pygame.SRCALPHA)
    steps = width if direction == "right" else height
    for i in range(steps):
        alpha = round(255 * ((i + 1) / steps) ** 1.5)
        area = (i, 0, 1, height) if direction == "right" else (0, i, width, 1)
        strip.fill((*colour, alpha), area)
    return strip


@lru_cache(maxsize=32)
def corner(radius_px: int, colour: Colour, *, right: bool, bottom: bool) -> pygame.Surface:
    """What a round corner leaves over: laid on an inner corner of the border."""

    def draw(big: pygame.Surface) -> None:
        big.fill(colour)
        side = big.get_width()
        pygame.draw.circle(big, (*colour, 0), (0 if right else side, 0 if bottom else side), side)

    return _smooth((radius_px, radius_px), draw)


def _smooth(size: tuple[int, int], draw: Callable[[pygame.Surface], object]) -> pygame.Surface:
    big = pygame.Surface((max(size[0], 1) * _OVER, max(size[1], 1) * _OVER), pygame.SRCALPHA)
    draw(big)
    return pygame.transform.smoothscale(big, (max(size[0], 1), max(size[1], 1)))


def _rounded(big: pygame.Surface, radius: int, colour: Colour) -> None:
    big.fill((*colour, 0))
    pygame.draw.rect(big, colour, big.get_rect(), border_radius=radius)


def _polygon(*points: tuple[float, float]) -> Callable[[pygame.Surface, int, Colour], object]:
    return lambda big, s, colour: pygame.draw.polygon(big, colour, [(x * s, y * s) for x, y in points])


def _beam(start: complex, end: complex, width: float) -> list[tuple[float, float]]:
    """Corners of a line of that width: pygame's own thick lines are thinner the more they slant."""
    aside = 1j * (end - start) / abs(end - start) * width / 2
    return [(z.real, z.imag) for z in (start + aside, end + aside, end - aside, start - aside)]


def _stroke(*points: tuple[float, float], width: float = 0.17) -> Callable[[pygame.Surface, int, Colour], object]:
    def draw(big: pygame.Surface, s: int, colour: Colour) -> None:
        scaled = [(x * s, y * s) for x, y in points]
        for a, b in pairwise(scaled):
            pygame.draw.polygon(big, colour, _beam(complex(*a), complex(*b), width * s))
        for point in scaled:
            pygame.draw.circle(big, colour, point, width * s / 2)

    return draw


def _ring(big: pygame.Surface, s: int, colour: Colour) -> None:
    pygame.draw.circle(big, colour, (s / 2, s / 2), s * 0.46, round(s * 0.14))


def _dashes(big: pygame.Surface, s: int, colour: Colour) -> None:
    for i in range(3):
        pygame.draw.rect(big, colour, (i * 0.36 * s, 0.38 * s, 0.26 * s, 0.24 * s), border_radius=round(0.05 * s))


def _cross(big: pygame.Surface, s: int, colour: Colour) -> None:
    _stroke((0.16, 0.16), (0.84, 0.84))(big, s, colour)
    _stroke((0.84, 0.16), (0.16, 0.84))(big, s, colour)


def _bars(big: pygame.Surface, s: int, colour: Colour) -> None:
    for x in (0.16, 0.58):
        pygame.draw.rect(big, colour, (x * s, 0.08 * s, 0.26 * s, 0.84 * s), border_radius=round(0.06 * s))


def _muted(big: pygame.Surface, s: int, colour: Colour) -> None:
    _polygon((0.02, 0.34), (0.22, 0.34), (0.48, 0.1), (0.48, 0.9), (0.22, 0.66), (0.02, 0.66))(big, s, colour)
    _stroke((0.64, 0.36), (0.94, 0.66), width=0.1)(big, s, colour)
    _stroke((0.94, 0.36), (0.64, 0.66), width=0.1)(big, s, colour)


def _camera(big: pygame.Surface, s: int, colour: Colour) -> None:
    pygame.draw.rect(big, colour, (0.02 * s, 0.24 * s, 0.64 * s, 0.52 * s), border_radius=round(0.1 * s))
    _polygon((0.7, 0.44), (0.98, 0.26), (0.98, 0.74), (0.7, 0.56))(big, s, colour)


def _bullseye(big: pygame.Surface, s: int, colour: Colour) -> None:
    _ring(big, s, colour)
    pygame.draw.circle(big, colour, (s / 2, s / 2), s * 0.18)


def _frame(big: pygame.Surface, s: int, colour: Colour) -> None:
    outline = pygame.Rect(round(0.04 * s), round(0.14 * s), round(0.92 * s), round(0.72 * s))
    pygame.draw.rect(big, colour, outline, round(0.1 * s), border_radius=round(0.1 * s))
    pygame.draw.circle(big, colour, (0.5 * s, 0.5 * s), 0.14 * s)


def _corners(big: pygame.Surface, s: int, colour: Colour) -> None:
    for x, y in ((0.08, 0.08), (0.92, 0.08), (0.08, 0.92), (0.92, 0.92)):
        inward = (0.3 if x < 0.5 else -0.3, 0.3 if y < 0.5 else -0.3)
        _stroke((x + inward[0], y), (x, y), (x, y + inward[1]), width=0.13)(big, s, colour)


def _question(big: pygame.Surface, s: int, colour: Colour) -> None:
    _stroke((0.28, 0.3), (0.36, 0.14), (0.54, 0.08), (0.7, 0.18), (0.72, 0.34), (0.52, 0.5), (0.5, 0.64), width=0.13)(
        big, s, colour
    )
    pygame.draw.circle(big, colour, (0.5 * s, 0.88 * s), 0.09 * s)


_DRAW: Final[dict[Shape, Callable[[pygame.Surface, int, Colour], object]]] = {
    "up": _polygon((0.5, 0.08), (0.98, 0.92), (0.02, 0.92)),
    "down": _polygon((0.5, 0.92), (0.98, 0.08), (0.02, 0.08)),
    "right": _polygon((0.94, 0.5), (0.1, 0.02), (0.1, 0.98)),
    "disc": lambda big, s, colour: pygame.draw.circle(big, colour, (s / 2, s / 2), s * 0.46),
    "ring": _ring,
    "dashes": _dashes,
    "diamond": _polygon((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
    "tick": _stroke((0.12, 0.54), (0.4, 0.82), (0.88, 0.2)),
    "cross": _cross,
    "bars": _bars,
    "muted": _muted,
    "camera": _camera,
    "minus": _stroke((0.12, 0.5), (0.88, 0.5)),
    "plus": lambda big, s, c: [
        _stroke(a, b)(big, s, c) for a, b in (((0.12, 0.5), (0.88, 0.5)), ((0.5, 0.12), (0.5, 0.88)))
    ],
    "bullseye": _bullseye,
    "frame": _frame,
    "corners": _corners,
    "square": _polygon((0.12, 0.12), (0.88, 0.12), (0.88, 0.88), (0.12, 0.88)),
    "question": _question,
    "play": _polygon((0.94, 0.5), (0.14, 0.04), (0.14, 0.96)),
}
