"""The runner's shoes: a hind part that turns with the ankle and a toe box that bends at the ball of the foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.edges.demo.motion import BALL, TOE
from coach.edges.demo.painting import Patch, painted
from coach.edges.demo.sprites import Colour, Floats, Sprite

_UPPER: Final[Colour] = (62, 112, 246)
_UPPER_DARK: Final[Colour] = (44, 78, 196)
_WHITE: Final[Colour] = (240, 240, 242)
_FOAM: Final[Colour] = (228, 232, 234)
_RUBBER: Final[Colour] = (74, 70, 72)

_HIND: Final = (
    Patch(
        (
            (-0.066, -0.098),
            (-0.086, -0.076),
            (-0.076, -0.040),
            (-0.064, 0.004),
            (-0.070, 0.030),
            (-0.050, 0.034),
            (-0.020, 0.020),
            (0.030, 0.022),
            (0.046, 0.030),
            (0.064, 0.004),
            (0.100, -0.024),
            (0.150, -0.044),
            (0.176, -0.058),
            (0.180, -0.100),
        ),
        _UPPER,
    ),
    Patch(
        ((-0.080, -0.10), (-0.084, -0.05), (-0.056, -0.02), (-0.038, -0.05), (-0.030, -0.10)), _UPPER_DARK, covers=False
    ),
    Patch(((-0.062, 0.02), (-0.02, 0.014), (0.03, 0.016), (0.03, 0.04), (-0.06, 0.045)), (58, 54, 60), covers=False),
    Patch(((0.030, -0.086), (0.058, -0.086), (0.104, -0.030), (0.078, -0.014)), _WHITE, covers=False),
    Patch(((0.072, -0.086), (0.090, -0.086), (0.126, -0.040), (0.110, -0.030)), _WHITE, covers=False),
    Patch(
        (
            (-0.092, -0.072),
            (-0.040, -0.082),
            (0.040, -0.086),
            (0.120, -0.084),
            (0.178, -0.082),
            (0.178, -0.106),
            (0.060, -0.107),
            (-0.050, -0.109),
            (-0.088, -0.100),
            (-0.100, -0.086),
        ),
        _FOAM,
    ),
    Patch(((-0.070, -0.104), (0.180, -0.101), (0.180, -0.112), (-0.060, -0.112)), _RUBBER, covers=False),
)
"""From the ankle in leg lengths, foot flat."""

_TOE_BOX: Final = (
    Patch(
        (
            (-0.034, 0.010),
            (-0.030, 0.052),
            (-0.004, 0.062),
            (0.030, 0.048),
            (0.064, 0.034),
            (0.084, 0.022),
            (0.090, 0.012),
            (0.060, 0.006),
        ),
        _UPPER,
    ),
    Patch(((0.046, 0.048), (0.040, 0.018), (0.09, 0.012), (0.09, 0.034)), _UPPER_DARK, covers=False),
    Patch(
        ((-0.034, 0.002), (-0.034, 0.025), (0.040, 0.022), (0.094, 0.027), (0.100, 0.016), (0.078, 0.003), (0.03, 0.0)),
        _FOAM,
    ),
    Patch(((-0.034, 0.006), (0.064, 0.007), (0.094, 0.018), (0.080, 0.0), (-0.034, -0.002)), _RUBBER, covers=False),
)
"""From the ball of the foot."""


@dataclass(frozen=True, slots=True)
class Shoe:
    """Sprites of one shoe; their anchors are ankle and ball, and ball and toe tip."""

    hind: Sprite
    toe: Sprite

    def darker(self, factor: float) -> Shoe:
        """The same shoe in the shade."""
        return Shoe(self.hind.darker(factor), self.toe.darker(factor))


def paint_shoe(ll_px: float) -> Shoe:
    """The shoe for a leg length in pixels."""
    tip = (TOE[0] - BALL[0], TOE[1] - BALL[1])
    hind = painted(_HIND, ll_px, lambda _, y: _light(y + 0.108), ((0, 0), BALL))
    return Shoe(hind, painted(_TOE_BOX, ll_px, lambda _, y: _light(y), ((0, 0), tip)))


def _light(height: Floats) -> Floats:
    bright = 0.80 + 2.6 * np.clip(height, 0, 0.09)
    light: Floats = np.clip(bright, 0.7, 1.05).astype(np.float32)
    return light
