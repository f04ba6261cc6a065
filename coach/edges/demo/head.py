"""The runner's head in profile, facing right: painted large with outlines, then shaded and made small."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from coach.edges.demo.sprites import OVERSAMPLE, Colour, Sprite, premultiplied

_SKIN: Final[Colour] = (140, 174, 222)
_HAIR: Final[Colour] = (34, 52, 78)
_BAND: Final[Colour] = (92, 178, 245)

HEAD_LL: Final = 0.145
"""Half the head's height in leg lengths."""

NOSE: Final = (0.90, -0.08)
"""Tip of the nose from the middle of the head, in half heights, y up."""

_FACE: Final = (
    (-0.30, -0.80),
    (-0.52, -0.40),
    (-0.78, 0.05),
    (-0.80, 0.45),
    (-0.55, 0.82),
    (-0.05, 1.00),
    (0.40, 0.90),
    (0.62, 0.62),
    (0.68, 0.30),
    (0.64, 0.16),
    (0.74, 0.02),
    (0.90, -0.10),
    (0.86, -0.20),
    (0.70, -0.24),
    (0.74, -0.36),
    (0.68, -0.43),
    (0.72, -0.52),
    (0.64, -0.62),
    (0.62, -0.80),
    (0.44, -0.94),
    (0.18, -0.84),
    (0.02, -0.66),
    (-0.02, -0.95),
    (-0.28, -1.00),
)
_HAIR_CAP: Final = (
    (0.66, 0.52),
    (0.60, 0.80),
    (0.34, 1.02),
    (-0.08, 1.12),
    (-0.58, 0.96),
    (-0.90, 0.52),
    (-0.90, 0.05),
    (-0.70, -0.36),
    (-0.48, -0.52),
    (-0.40, -0.20),
    (-0.22, 0.02),
    (-0.16, 0.22),
    (0.04, 0.20),
    (0.12, 0.42),
    (0.40, 0.56),
)
_EAR: Final = ((-0.16, 0.14), (-0.02, 0.18), (0.02, 0.02), (-0.04, -0.18), (-0.14, -0.24), (-0.20, -0.06))
_EYE: Final = ((0.42, 0.12), (0.50, 0.18), (0.60, 0.15), (0.58, 0.06), (0.46, 0.05))
_BROW: Final = ((0.36, 0.27), (0.50, 0.34), (0.64, 0.29), (0.62, 0.25), (0.50, 0.28), (0.38, 0.22))
_MOUTH: Final = ((0.74, -0.42), (0.56, -0.44), (0.46, -0.40), (0.56, -0.49), (0.70, -0.46))
_HEADBAND: Final = ((0.70, 0.44), (0.68, 0.62), (-0.30, 0.74), (-0.88, 0.50), (-0.92, 0.28), (-0.30, 0.50))


def paint_head(ll_px: float) -> Sprite:
    """The head for a leg length in pixels; its anchors are its middle and a point 0.1 leg lengths above."""
    unit = HEAD_LL * ll_px * OVERSAMPLE
    fine = 4
    size = int(3.2 * unit)
    centre = size / 2
    big = np.zeros((size * fine, size * fine, 3), np.uint8)
    mask = np.zeros((size * fine, size * fine), np.uint8)

    def fill(outline: tuple[tuple[float, float], ...], colour: Colour, covers: bool = False) -> None:
        points = [((centre + x * unit) * fine, (centre - y * unit) * fine) for x, y in _rounded(outline)]
        shape = np.round(np.array(points) * 16).astype(np.int32)
        cv2.fillPoly(big, [shape], colour, cv2.LINE_AA, 4)
        if covers:
            cv2.fillPoly(mask, [shape], 255, cv2.LINE_AA, 4)

    fill(_FACE, _SKIN, covers=True)
    fill(_MOUTH, (92, 104, 168))
    fill(_EYE, (238, 240, 240))
    pupil = (int((centre + 0.54 * unit) * fine), int((centre - 0.115 * unit) * fine))
    cv2.circle(big, pupil, max(int(0.055 * unit * fine), 1), (40, 36, 34), -1, cv2.LINE_AA)
    fill(_BROW, (40, 56, 80))
    fill(_HAIR_CAP, _HAIR, covers=True)
    fill(_HEADBAND, _BAND)
    fill(_EAR, (120, 152, 206))
    colour = cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    alpha = cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    y, x = (np.mgrid[0:size, 0:size].astype(np.float32) - centre) / unit
    light = np.clip(1.10 - 0.24 * (x - 0.3) ** 2 - 0.26 * np.clip(y + 0.25, 0, 2) ** 1.5, 0.55, 1.15)
    painted = colour * light[..., None] / np.maximum(alpha, 0.2)[..., None] * np.minimum(alpha * 5, 1)[..., None]
    return Sprite(premultiplied(painted, alpha), (centre, centre), (centre, centre - 0.1 * ll_px * OVERSAMPLE))


def _rounded(outline: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """The outline with its corners cut twice (Chaikin)."""
    points = list(outline)
    for _ in range(2):
        points = [
            (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            for a, b in zip(points, points[1:] + points[:1], strict=True)
            for share in (0.25, 0.75)
        ]
    return points
