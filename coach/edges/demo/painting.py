"""Body parts with a drawn outline (head, shoes), painted large, shaded, made small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.sprites import OVERSAMPLE, Bytes, Colour, Floats, PointPx, Sprite, premultiplied

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
