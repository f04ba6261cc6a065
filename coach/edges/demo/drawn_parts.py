"""The runner's parts that are drawn by their outline, facing right: the head in profile, and the shoes.

A shoe has a hind part that turns with the ankle and a toe box that bends at the ball of the foot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.edges.demo.motion import BALL, TOE
from coach.edges.demo.sprites import ACCENT, Colour, Floats, Patch, Sprite, banded, limb, painted

HEAD_LL: Final = 0.150
"""Half the head's height in leg lengths."""

NOSE: Final = (0.88, -0.10)
"""Tip of the nose from the middle of the head, in half heights, y up."""

TAIL_ROOT: Final = (-0.74, 0.34)
"""Where the pony tail is tied, in half heights."""

TAIL_LL: Final = 0.30

_SKIN: Final[Colour] = (142, 176, 224)
_SKIN_DARK: Final[Colour] = (112, 146, 200)
_HAIR: Final[Colour] = (38, 58, 92)
_HAIR_LIGHT: Final[Colour] = (58, 86, 130)

_FACE: Final = Patch(
    (
        (-0.30, -0.86),
        (-0.46, -0.55),
        (-0.70, -0.20),
        (-0.80, 0.25),
        (-0.66, 0.72),
        (-0.20, 0.98),
        (0.34, 0.92),
        (0.60, 0.66),
        (0.68, 0.36),
        (0.66, 0.18),
        (0.72, 0.06),
        (0.84, -0.08),
        (0.92, -0.15),
        (0.84, -0.22),
        (0.70, -0.26),
        (0.72, -0.34),
        (0.76, -0.40),
        (0.69, -0.45),
        (0.72, -0.52),
        (0.66, -0.60),
        (0.66, -0.76),
        (0.54, -0.90),
        (0.34, -0.90),
        (0.10, -0.76),
        (-0.04, -0.74),
        (-0.10, -0.92),
    ),
    _SKIN,
)
_JAW: Final = Patch(
    ((0.50, -0.92), (0.30, -0.84), (0.06, -0.66), (-0.10, -0.40), (-0.22, -0.60), (-0.10, -0.95), (0.2, -1.0)),
    _SKIN_DARK,
    covers=False,
)
_CHEEK: Final = Patch(
    ((0.20, -0.14), (0.44, -0.10), (0.50, -0.26), (0.34, -0.36), (0.18, -0.30)), (136, 160, 224), covers=False
)
_CAP: Final = Patch(
    (
        (0.64, 0.56),
        (0.60, 0.80),
        (0.36, 1.02),
        (-0.06, 1.12),
        (-0.56, 0.98),
        (-0.90, 0.54),
        (-0.92, 0.10),
        (-0.74, -0.28),
        (-0.46, -0.46),
        (-0.36, -0.18),
        (-0.20, 0.02),
        (-0.10, 0.26),
        (0.10, 0.30),
        (0.22, 0.52),
        (0.46, 0.60),
    ),
    _HAIR,
)
_STRANDS: Final = tuple(
    Patch(outline, _HAIR_LIGHT, covers=False)
    for outline in (
        ((0.48, 0.76), (0.10, 0.98), (-0.40, 0.90), (-0.78, 0.50), (-0.42, 0.82), (0.08, 0.90)),
        ((0.40, 0.64), (0.00, 0.80), (-0.40, 0.70), (-0.74, 0.34), (-0.38, 0.62), (0.00, 0.73)),
        ((-0.12, 0.20), (-0.46, 0.24), (-0.78, 0.16), (-0.46, 0.17)),
        ((-0.30, -0.10), (-0.50, 0.02), (-0.76, 0.06), (-0.52, -0.05)),
    )
)
_EAR: Final = Patch(((-0.18, 0.12), (-0.04, 0.18), (0.02, 0.04), (-0.03, -0.16), (-0.13, -0.24), (-0.20, -0.06)), _SKIN)
_EAR_INNER: Final = Patch(
    ((-0.12, 0.08), (-0.05, 0.10), (-0.03, -0.02), (-0.10, -0.14), (-0.14, -0.02)), _SKIN_DARK, covers=False
)
_EYE: Final = Patch(
    ((0.44, 0.10), (0.50, 0.17), (0.61, 0.15), (0.60, 0.07), (0.50, 0.05)), (240, 242, 242), covers=False
)
_IRIS: Final = Patch(((0.53, 0.16), (0.60, 0.16), (0.60, 0.05), (0.53, 0.05)), (52, 56, 64), covers=False)
_BROW: Final = Patch(
    ((0.38, 0.29), (0.50, 0.35), (0.66, 0.29), (0.64, 0.26), (0.50, 0.30), (0.40, 0.25)), (44, 62, 92), covers=False
)
_MOUTH: Final = Patch(
    ((0.75, -0.42), (0.58, -0.45), (0.46, -0.41), (0.58, -0.49), (0.70, -0.47)), (96, 104, 176), covers=False
)
_NOSTRIL: Final = Patch(((0.70, -0.20), (0.78, -0.19), (0.76, -0.23), (0.70, -0.23)), _SKIN_DARK, covers=False)
_HEADBAND: Final = Patch(
    ((0.71, 0.44), (0.69, 0.62), (-0.28, 0.76), (-0.90, 0.50), (-0.94, 0.30), (-0.30, 0.54)), ACCENT
)


def paint_head(ll_px: float) -> Sprite:
    """The head for a leg length in pixels; its anchors are its middle and a point one half height above."""
    face = (_FACE, _JAW, _CHEEK, _MOUTH, _NOSTRIL, _EYE, _IRIS, _BROW)
    return painted(
        (*face, _CAP, *_STRANDS, _HEADBAND, _EAR, _EAR_INNER), HEAD_LL * ll_px, _light_on_head, ((0, 0), (0, 1))
    )


def paint_tail(ll_px: float) -> Sprite:
    """The pony tail, hanging from where it is tied."""
    shape = [(0, 0.022, 0.022), (0.12, 0.034, 0.034), (0.45, 0.048, 0.046), (0.8, 0.034, 0.030), (1, 0.012, 0.010)]
    widths = [(at, back * ll_px, front * ll_px) for at, back, front in shape]
    return limb(TAIL_LL * ll_px, widths, banded([(-1, ACCENT), (0.07, _HAIR)]), gloss=0.35)


def _light_on_head(x: Floats, y: Floats) -> Floats:
    bright = 1.08 - 0.20 * (x - 0.25) ** 2 - 0.22 * np.clip(-y - 0.1, 0, 2) ** 1.3 + 0.05 * y
    light: Floats = np.clip(bright, 0.55, 1.14).astype(np.float32)
    return light


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
    hind = painted(_HIND, ll_px, lambda _, y: _light_on_shoe(y + 0.108), ((0, 0), BALL))
    return Shoe(hind, painted(_TOE_BOX, ll_px, lambda _, y: _light_on_shoe(y), ((0, 0), tip)))


def _light_on_shoe(height: Floats) -> Floats:
    bright = 0.80 + 2.6 * np.clip(height, 0, 0.09)
    light: Floats = np.clip(bright, 0.7, 1.05).astype(np.float32)
    return light
