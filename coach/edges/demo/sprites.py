"""Body parts, painted once and then turned into place for every frame: rounded limbs, and patches with an outline."""

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

ACCENT: Final[Colour] = (92, 178, 245)
"""The orange of head band, shirt and treadmill."""

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
PointPx = tuple[float, float]

OVERSAMPLE: Final = 1.5
"""Sprites are painted a little finer than they are shown."""
_SHADE: Final[Colour] = (70, 60, 62)
"""Towards which a part is darkened."""
_SOFT: Final = 0.012
"""Width of a band's edge, of the part's length."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """A part with two anchors (x, y in its own pixels) that are laid onto two points of the picture."""

    bgra: Bytes
    """(h, w, 4), colours multiplied by alpha."""
    start: PointPx
    end: PointPx

    def darker(self, factor: float) -> Sprite:
        """The same part in the shade, as on the far side of the body."""
        alpha = self.bgra[..., 3:].astype(np.float32) / 255
        colour = self.bgra[..., :3].astype(np.float32)
        shaded = colour * factor + alpha * np.array(_SHADE, np.float32) * (1 - factor)
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


def banded(stops: Sequence[tuple[float, Colour]]) -> Paint:
    """Colours by place along the part; each holds from its stop on, with a soft edge."""

    def paint(along: Floats, across: Floats) -> Floats:
        colour: Floats = np.broadcast_to(np.array(stops[0][1], np.float32), (*along.shape, 3)).copy()
        for at, bgr in stops[1:]:
            hem = at + 0.012 * across**2
            share = np.clip((along - hem) / _SOFT + 0.5, 0, 1)[..., None]
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


Outline = tuple[tuple[float, float], ...]
"""Corners in the part's own unit, y up; they are rounded off."""

_FINE: Final = 4


@dataclass(frozen=True, slots=True)
class Patch:
    """One filled shape. `covers`: it is part of the silhouette; the others are painted within it."""

    outline: Outline
    colour: Colour
    covers: bool = True


def painted(
    patches: Sequence[Patch],
    unit_px: float,
    light: Callable[[Floats, Floats], Floats],
    anchors: tuple[PointPx, PointPx],
) -> Sprite:
    """A sprite of patches.

    unit_px: pixels of one unit of the outlines. light: (x, y) in units → brightness, 1 as painted.
    anchors: the two points, in units, that are laid onto the picture.
    """
    unit = unit_px * OVERSAMPLE
    corners = np.array([point for patch in patches if patch.covers for point in patch.outline])
    low, high = corners.min(axis=0) - 3 / unit, corners.max(axis=0) + 3 / unit
    width, height = (int(np.ceil(extent)) for extent in (high - low) * unit)
    colours = np.zeros((height * _FINE, width * _FINE, 3), np.uint8)
    mask = np.zeros((height * _FINE, width * _FINE), np.uint8)
    for patch in patches:
        _fill(patch, colours, mask, (low[0], high[1]), unit * _FINE)
    bgr = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    alpha = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = light(low[0] + (columns + 0.5) / unit, high[1] - (rows + 0.5) / unit)
    # Colours fade to black towards the edge together with the mask: undo it before alpha is applied again.
    full = bgr / np.maximum(alpha, 0.2)[..., None]
    places = [((x - low[0]) * unit, (high[1] - y) * unit) for x, y in anchors]
    return Sprite(premultiplied(full * shade[..., None], alpha), places[0], places[1])


def _fill(patch: Patch, colours: Bytes, mask: Bytes, corner: tuple[float, float], scale: float) -> None:
    points = [((x - corner[0]) * scale * 16, (corner[1] - y) * scale * 16) for x, y in rounded(patch.outline)]
    shape = np.round(points).astype(np.int32)
    if patch.covers:
        cv2.fillPoly(colours, [shape], patch.colour, cv2.LINE_AA, 4)
        cv2.fillPoly(mask, [shape], 255, cv2.LINE_AA, 4)
        return
    layer = np.zeros_like(mask)
    cv2.fillPoly(layer, [shape], 255, cv2.LINE_AA, 4)
    inside = (cv2.min(layer, mask).astype(np.float32) / 255)[..., None]
    colours[:] = (colours * (1 - inside) + np.array(patch.colour, np.float32) * inside).astype(np.uint8)


def rounded(outline: Outline, times: int = 2) -> list[tuple[float, float]]:
    """The outline with its corners cut (Chaikin)."""
    points = list(outline)
    for _ in range(times):
        points = [
            (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            for a, b in zip(points, points[1:] + points[:1], strict=True)
            for share in (0.25, 0.75)
        ]
    return points
