"""Shaded body parts, painted once and then turned into place for every frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from coach.ports import ImageBGR

Colour = tuple[float, float, float]
"""Blue, green, red, 0–255."""

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
PointPx = tuple[float, float]

OVERSAMPLE: Final = 1.5
"""Sprites are painted a little finer than they are shown."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """A part with two anchors (x, y in its own pixels) that are laid onto two points of the picture."""

    bgra: Bytes
    """(h, w, 4), colours multiplied by alpha."""
    start: PointPx
    end: PointPx

    def darker(self, factor: float, towards: Colour = (70, 60, 62)) -> Sprite:
        """The same part in the shade, as on the far side of the body."""
        alpha = self.bgra[..., 3:].astype(np.float32) / 255
        colour = self.bgra[..., :3].astype(np.float32)
        shaded = colour * factor + alpha * np.array(towards, np.float32) * (1 - factor)
        return Sprite(np.dstack([shaded, self.bgra[..., 3]]).round().astype(np.uint8), self.start, self.end)


def premultiplied(bgr: NDArray[np.floating], alpha: NDArray[np.floating]) -> Bytes:
    """(h, w, 4) from colours 0–255 and alpha 0–1."""
    alpha = np.clip(alpha, 0, 1)
    return as_bytes(np.dstack([np.clip(bgr, 0, 255) * alpha[..., None], alpha * 255]))


def as_bytes(values: NDArray[np.floating]) -> Bytes:
    """Rounded and held within 0–255."""
    out: Bytes = np.clip(values, 0, 255).round().astype(np.uint8)
    return out


def paste(canvas: ImageBGR, sprite: Sprite, start: PointPx, end: PointPx) -> None:
    """Lay a sprite onto the picture so that its anchors meet `start` and `end`."""
    source = complex(sprite.end[0] - sprite.start[0], sprite.end[1] - sprite.start[1])
    turn = complex(end[0] - start[0], end[1] - start[1]) / source
    shift = complex(*start) - turn * complex(*sprite.start)
    h, w = sprite.bgra.shape[:2]
    corners = [turn * c + shift for c in (0, w, w + 1j * h, 1j * h)]
    x0, x1 = int(min(c.real for c in corners)) - 1, int(max(c.real for c in corners)) + 2
    y0, y1 = int(min(c.imag for c in corners)) - 1, int(max(c.imag for c in corners)) + 2
    x0, y0 = max(x0, 0), max(y0, 0)
    x1, y1 = min(x1, canvas.shape[1]), min(y1, canvas.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    matrix = np.array([[turn.real, -turn.imag, shift.real - x0], [turn.imag, turn.real, shift.imag - y0]])
    placed = cv2.warpAffine(sprite.bgra, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    blend(canvas[y0:y1, x0:x1], cast("Bytes", placed))


def blend(region: ImageBGR, bgra: Bytes) -> None:
    """Lay a premultiplied picture over a region of the same size, in place."""
    see_through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(bgra, 3)), cv2.COLOR_GRAY2BGR)
    under = cv2.multiply(region, see_through, scale=1 / 255)
    cv2.add(under, cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR), dst=region)


Paint = Callable[[Floats, Floats], Floats]
"""(along, across) → colours: along 0 at the start joint, 1 at the end; across −1 back to +1 front."""


def banded(stops: Sequence[tuple[float, Colour]], soft: float = 0.012) -> Paint:
    """Colours by place along the part; each holds from its stop on, with a soft edge."""

    def paint(along: Floats, across: Floats) -> Floats:
        colour: Floats = np.broadcast_to(np.array(stops[0][1], np.float32), (*along.shape, 3)).copy()
        for at, bgr in stops[1:]:
            hem = at + 0.012 * across**2
            share = np.clip((along - hem) / soft + 0.5, 0, 1)[..., None]
            colour = (colour * (1 - share) + np.array(bgr, np.float32) * share).astype(np.float32)
        return colour

    return paint


def limb(
    length_px: float,
    widths: Sequence[tuple[float, float, float]],
    paint: Paint,
    fade: tuple[float, float] = (0.0, 0.0),
    gloss: float = 0.10,
) -> Sprite:
    """A rounded part that hangs down, its front to the right.

    widths: (along, back px, front px) half-widths either side of the line between its joints.
    fade: share of the cap beyond each joint over which it becomes transparent, so that it
    grows into the part under it.
    """
    length = length_px * OVERSAMPLE
    stops, backs, fronts = np.array(widths, np.float64).T
    backs, fronts = backs * OVERSAMPLE, fronts * OVERSAMPLE
    margin = int(max(backs.max(), fronts.max())) + 4
    w, h = 2 * margin, int(length) + 2 * margin
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    along, side = (y - margin) / length, x - margin
    held = np.clip(along, 0, 1)
    back, front = (PchipInterpolator(stops, half)(held).astype(np.float32) for half in (backs, fronts))
    past = (along - held) * length
    centre, radius = (front - back) / 2, np.maximum((front + back) / 2, 0.01)
    half = radius * np.sqrt(np.clip(1 - (past / radius) ** 2, 0, None))
    across = np.clip((side - centre) / radius, -1, 1).astype(np.float32)
    alpha = np.clip((half - np.abs(side - centre)) / 1.4 + 0.5, 0, 1) * (half > 0.6)
    for end, share in ((-past, fade[0]), (past, fade[1])):
        if share:
            beyond = np.clip(end / (share * radius), 0, 1)
            alpha = alpha * (1 - beyond * beyond * (3 - 2 * beyond))
    return Sprite(
        premultiplied(paint(along, across) * _light(across, gloss), alpha), (margin, margin), (margin, margin + length)
    )


def _light(across: Floats, gloss: float) -> Floats:
    """Soft room light on a round part: brightest a little to the front, a cool rim from the window behind."""
    facing = np.sqrt(np.clip(1 - across**2, 0, 1))
    diffuse = np.clip(0.82 * facing + 0.28 * across, 0, None)
    shine = np.clip(1 - ((across - 0.32) / 0.34) ** 2, 0, 1) ** 2
    rim = np.exp(-(((across + 0.93) / 0.10) ** 2))
    grey = 0.52 + 0.50 * diffuse + gloss * shine
    light: Floats = (grey[..., None] + rim[..., None] * np.array([0.20, 0.15, 0.10])).astype(np.float32)
    return light
