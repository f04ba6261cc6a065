"""The runner's looks: body parts painted for one size, laid onto a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.edges.demo.drawn_parts import HEAD_LL, TAIL_LL, TAIL_ROOT, Shoe, paint_head, paint_shoe, paint_tail
from coach.edges.demo.motion import SHANK_LL, THIGH_LL, LegPose, Point
from coach.edges.demo.runner import FOREARM_LL, NECK_LL, TRUNK_LL, UPPER_ARM_LL, ArmPose, BodyPose
from coach.edges.demo.sprites import ACCENT, Colour, Floats, Sprite, banded, limb, paste
from coach.ports import ImageBGR

SKIN: Final[Colour] = (136, 170, 218)
SHIRT: Final[Colour] = (158, 118, 30)
SHORTS: Final[Colour] = (78, 56, 46)
SOCK: Final[Colour] = (238, 238, 236)
_SHADE: Final = 0.66
"""Brightness of the far limbs."""

_HAND_LL: Final = 0.125

Place = Callable[[Point], tuple[float, float]]
"""Body coordinates in leg lengths → pixels."""


@dataclass(frozen=True, slots=True)
class LegLooks:
    """Sprites of one leg."""

    thigh: Sprite
    shank: Sprite
    shoe: Shoe


@dataclass(frozen=True, slots=True)
class ArmLooks:
    """Sprites of one arm."""

    upper: Sprite
    fore: Sprite


@dataclass(frozen=True, slots=True)
class Figure:
    """All parts of the runner for one scale."""

    near_leg: LegLooks
    far_leg: LegLooks
    near_arm: ArmLooks
    far_arm: ArmLooks
    trunk: Sprite
    neck: Sprite
    head: Sprite
    tail: Sprite

    def draw(self, canvas: ImageBGR, body: BodyPose, near: Place, far: Place) -> None:
        """Paint the runner from back to front."""
        _draw_arm(canvas, body.far_arm, self.far_arm, far)
        _draw_leg(canvas, body.far, self.far_leg, far)
        paste(canvas, self.neck, near(body.shoulder), near(body.head))
        paste(canvas, self.trunk, near(body.shoulder), near(body.hip))
        paste(canvas, self.head, near(body.head), near(_along(body.head, HEAD_LL, body.head_deg)))
        root = _along(
            _along(body.head, TAIL_ROOT[1] * HEAD_LL, body.head_deg), TAIL_ROOT[0] * HEAD_LL, body.head_deg + 90
        )
        paste(canvas, self.tail, near(root), near(_along(root, -TAIL_LL, body.tail_deg)))
        _draw_leg(canvas, body.near, self.near_leg, near)
        _draw_arm(canvas, body.near_arm, self.near_arm, near)


def _draw_leg(canvas: ImageBGR, leg: LegPose, looks: LegLooks, place: Place) -> None:
    paste(canvas, looks.shank, place(leg.knee), place(leg.ankle))
    paste(canvas, looks.shoe.toe, place(leg.ball), place(leg.toe))
    paste(canvas, looks.shoe.hind, place(leg.ankle), place(leg.ball))
    paste(canvas, looks.thigh, place(leg.hip), place(leg.knee))


def _draw_arm(canvas: ImageBGR, arm: ArmPose, looks: ArmLooks, place: Place) -> None:
    paste(canvas, looks.fore, place(arm.elbow), place(arm.wrist))
    paste(canvas, looks.upper, place(arm.shoulder), place(arm.elbow))


def figure(ll_px: float) -> Figure:
    """Paint every part for a leg length in pixels."""
    near_leg = LegLooks(_thigh(ll_px), _shank(ll_px), paint_shoe(ll_px))
    near_arm = ArmLooks(_upper_arm(ll_px), _forearm(ll_px))
    return Figure(
        near_leg,
        LegLooks(near_leg.thigh.darker(_SHADE), near_leg.shank.darker(_SHADE), near_leg.shoe.darker(_SHADE)),
        near_arm,
        ArmLooks(near_arm.upper.darker(_SHADE), near_arm.fore.darker(_SHADE)),
        _trunk(ll_px),
        limb(NECK_LL * ll_px, _widths(ll_px, (0, 0.080, 0.070), (1, 0.066, 0.060)), banded([(0, SKIN)])).darker(0.9),
        paint_head(ll_px),
        paint_tail(ll_px),
    )


def _widths(ll_px: float, *stops: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    return [(at, back * ll_px, front * ll_px) for at, back, front in stops]


def _thigh(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px,
        (0, 0.132, 0.104),
        (0.2, 0.126, 0.112),
        (0.55, 0.096, 0.100),
        (0.59, 0.088, 0.094),
        (0.85, 0.070, 0.078),
        (1, 0.066, 0.070),
    )
    hem = [(-1.0, SHORTS), (0.555, _mix(SHORTS, ACCENT, 0.85)), (0.58, SKIN)]
    return limb(THIGH_LL * ll_px, shape, banded(hem), fade=(0.9, 0.9))


def _shank(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px,
        (0, 0.066, 0.070),
        (0.10, 0.066, 0.064),
        (0.32, 0.084, 0.050),
        (0.6, 0.060, 0.043),
        (0.86, 0.039, 0.036),
        (1, 0.042, 0.044),
    )
    return limb(SHANK_LL * ll_px, shape, banded([(-1, SKIN), (0.84, SOCK)]))


def _upper_arm(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px,
        (0, 0.082, 0.080),
        (0.3, 0.068, 0.070),
        (0.50, 0.060, 0.063),
        (0.54, 0.048, 0.052),
        (0.8, 0.043, 0.046),
        (1, 0.041, 0.042),
    )
    return limb(UPPER_ARM_LL * ll_px, shape, banded([(-1, SHIRT), (0.475, ACCENT), (0.515, SKIN)]), fade=(0.8, 0.9))


def _forearm(ll_px: float) -> Sprite:
    """Forearm with a watch, and the hand as a loose fist beyond the wrist."""
    length = FOREARM_LL + _HAND_LL
    wrist = FOREARM_LL / length
    shape = _widths(
        ll_px,
        (0, 0.041, 0.042),
        (0.2, 0.046, 0.044),
        (wrist - 0.06, 0.029, 0.029),
        (wrist, 0.029, 0.031),
        (0.86, 0.046, 0.052),
        (1, 0.034, 0.044),
    )
    band = banded([(-1, SKIN), (wrist - 0.10, (58, 56, 60)), (wrist - 0.04, SKIN)])
    arm = limb(length * ll_px, shape, band)
    x, y = arm.start
    return Sprite(arm.bgra, arm.start, (x, y + (arm.end[1] - y) * wrist))


def _trunk(ll_px: float) -> Sprite:
    """Shirt over shorts, from the shoulders down to the hips."""
    shape = _widths(
        ll_px,
        (0, 0.098, 0.080),
        (0.10, 0.124, 0.106),
        (0.28, 0.132, 0.126),
        (0.60, 0.102, 0.110),
        (0.84, 0.114, 0.110),
        (0.90, 0.126, 0.112),
        (1, 0.134, 0.104),
    )
    plain = banded([(-1, ACCENT), (-0.115, SHIRT), (0.885, _mix(SHIRT, (0, 0, 0), 0.35)), (0.90, SHORTS)])

    def paint(along: Floats, across: Floats) -> Floats:
        colour = plain(along, across)
        stripe = np.clip(1 - np.abs(across + 0.50 - 0.22 * along) / 0.05, 0, 1) * (along > 0.02) * (along < 0.88)
        folds = 0.05 * np.sin(19 * along + 6 * across) ** 2 + 0.06 * np.sin(9 * along - 4 * across + 1) ** 2
        cloth = 1 - folds * np.clip(along * 1.4, 0, 1) * (along < 0.89)
        mixed = colour * (1 - stripe[..., None]) + np.array(ACCENT, np.float32) * stripe[..., None]
        shaded: Floats = (mixed * cloth[..., None]).astype(np.float32)
        return shaded

    return limb(TRUNK_LL * ll_px, shape, paint, gloss=0.05)


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _along(point: Point, length: float, deg: float) -> Point:
    a = math.radians(deg)
    return point[0] + length * math.sin(a), point[1] + length * math.cos(a)
