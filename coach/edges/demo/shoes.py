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
_LINING: Final[Colour] = (58, 54, 60)

_HINGE_TOP: Final = -0.048
"""Top of the shoe above the ball of the foot. Corners at the hinge stand twice, so that rounding leaves them sharp."""

_HIND: Final = (
    Patch(
        (
            (-0.066, -0.098),
            (-0.096, -0.076),
            (-0.086, -0.040),
            (-0.070, 0.004),
            (-0.074, 0.030),
            (-0.050, 0.034),
            (-0.020, 0.020),
            (0.030, 0.022),
            (0.046, 0.030),
            (0.064, 0.004),
            (0.100, -0.022),
            (0.155, _HINGE_TOP),
            (0.155, _HINGE_TOP),
            (0.155, -0.104),
            (0.155, -0.104),
        ),
        _UPPER,
    ),
    Patch(
        ((-0.094, -0.10), (-0.096, -0.05), (-0.062, -0.02), (-0.044, -0.05), (-0.036, -0.10)), _UPPER_DARK, covers=False
    ),
    Patch(((-0.066, 0.02), (-0.02, 0.014), (0.03, 0.016), (0.03, 0.04), (-0.064, 0.045)), _LINING, covers=False),
    Patch(((0.026, -0.086), (0.054, -0.086), (0.100, -0.026), (0.074, -0.010)), _WHITE, covers=False),
    Patch(((0.068, -0.086), (0.086, -0.086), (0.122, -0.036), (0.106, -0.026)), _WHITE, covers=False),
    Patch(
        (
            (-0.102, -0.070),
            (-0.045, -0.082),
            (0.040, -0.086),
            (0.157, -0.084),
            (0.157, -0.084),
            (0.157, -0.108),
            (0.157, -0.108),
            (0.060, -0.108),
            (-0.060, -0.109),
            (-0.098, -0.100),
            (-0.110, -0.085),
        ),
        _FOAM,
    ),
    Patch(((-0.080, -0.104), (0.160, -0.102), (0.160, -0.112), (-0.070, -0.112)), _RUBBER, covers=False),
)
"""From the ankle in leg lengths, foot flat, to a little in front of the ball."""

_TOE_BOX: Final = (
    Patch(
        (
            (-0.006, 0.004),
            (-0.006, 0.004),
            (-0.006, 0.108 + _HINGE_TOP),
            (-0.006, 0.108 + _HINGE_TOP),
            (0.030, 0.049),
            (0.064, 0.036),
            (0.084, 0.024),
            (0.090, 0.012),
            (0.060, 0.006),
        ),
        _UPPER,
    ),
    Patch(((0.046, 0.052), (0.040, 0.018), (0.09, 0.012), (0.09, 0.036)), _UPPER_DARK, covers=False),
    Patch(
        (
            (-0.006, 0.0),
            (-0.006, 0.0),
            (-0.006, 0.024),
            (-0.006, 0.024),
            (0.040, 0.022),
            (0.094, 0.028),
            (0.102, 0.017),
            (0.080, 0.003),
            (0.03, 0.0),
        ),
        _FOAM,
    ),
    Patch(((-0.010, 0.006), (0.064, 0.006), (0.096, 0.018), (0.080, -0.004), (-0.010, -0.004)), _RUBBER, covers=False),
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
