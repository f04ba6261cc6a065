"""The runner's looks: body parts painted for one size, laid onto a pose."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.head import paint_head
from coach.edges.demo.motion import SHANK_LL, THIGH_LL, LegPose, Point
from coach.edges.demo.runner import FOREARM_LL, NECK_LL, TRUNK_LL, UPPER_ARM_LL, ArmPose, BodyPose
from coach.edges.demo.sprites import Colour, Floats, Sprite, banded, limb, paste
from coach.ports import ImageBGR

SKIN: Final[Colour] = (132, 166, 214)
SHIRT: Final[Colour] = (150, 110, 28)
SHIRT_ACCENT: Final[Colour] = (92, 178, 245)
SHORTS: Final[Colour] = (74, 52, 44)
SOCK: Final[Colour] = (238, 238, 236)
SHOE: Final[Colour] = (66, 116, 250)
SHOE_DARK: Final[Colour] = (60, 56, 70)
SOLE: Final[Colour] = (240, 240, 242)

Place = Callable[[Point], tuple[float, float]]
"""Body coordinates in leg lengths → pixels."""

_SHIFT: Final = 4


@dataclass(frozen=True, slots=True)
class LegLooks:
    """Sprites of one leg."""

    thigh: Sprite
    shank: Sprite
    shade: float


@dataclass(frozen=True, slots=True)
class ArmLooks:
    """Sprites of one arm."""

    upper: Sprite
    fore: Sprite


@dataclass(frozen=True, slots=True)
class Figure:
    """All parts of the runner for one scale."""

    ll_px: float
    near_leg: LegLooks
    far_leg: LegLooks
    near_arm: ArmLooks
    far_arm: ArmLooks
    trunk: Sprite
    neck: Sprite
    head: Sprite

    def draw(self, canvas: ImageBGR, body: BodyPose, near: Place, far: Place) -> None:
        """Paint the runner from back to front."""
        self._arm(canvas, body.far_arm, self.far_arm, far)
        self._leg(canvas, body.far, self.far_leg, far)
        self._leg(canvas, body.near, self.near_leg, near)
        paste(canvas, self.neck, near(body.shoulder), near(body.head))
        paste(canvas, self.trunk, near(body.shoulder), near(body.hip))
        crown = _along(body.head, 0.1, body.head_deg)
        paste(canvas, self.head, near(body.head), near(crown))
        self._arm(canvas, body.near_arm, self.near_arm, near)

    def _leg(self, canvas: ImageBGR, leg: LegPose, looks: LegLooks, place: Place) -> None:
        draw_shoe(canvas, leg, place, looks.shade)
        paste(canvas, looks.shank, place(leg.knee), place(leg.ankle))
        paste(canvas, looks.thigh, place(leg.hip), place(leg.knee))

    def _arm(self, canvas: ImageBGR, arm: ArmPose, looks: ArmLooks, place: Place) -> None:
        paste(canvas, looks.fore, place(arm.elbow), place(arm.wrist))
        paste(canvas, looks.upper, place(arm.shoulder), place(arm.elbow))


def figure(ll_px: float) -> Figure:
    """Paint every part for a leg length in pixels."""
    near_leg = LegLooks(_thigh(ll_px), _shank(ll_px), 1.0)
    far_leg = LegLooks(near_leg.thigh.darker(0.66), near_leg.shank.darker(0.66), 0.66)
    near_arm = ArmLooks(_upper_arm(ll_px), _forearm(ll_px))
    far_arm = ArmLooks(near_arm.upper.darker(0.66), near_arm.fore.darker(0.66))
    neck = limb(
        NECK_LL * ll_px, [(0, 0.075 * ll_px, 0.075 * ll_px), (1, 0.06 * ll_px, 0.06 * ll_px)], banded([(0, SKIN)])
    )
    return Figure(ll_px, near_leg, far_leg, near_arm, far_arm, _trunk(ll_px), neck.darker(0.9), paint_head(ll_px))


def _widths(ll_px: float, *stops: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    return [(at, back * ll_px, front * ll_px) for at, back, front in stops]


def _thigh(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px, (0, 0.130, 0.105), (0.25, 0.118, 0.108), (0.55, 0.092, 0.092), (0.85, 0.070, 0.074), (1, 0.066, 0.068)
    )
    return limb(
        THIGH_LL * ll_px, shape, banded([(-1, SHORTS), (0.57, _mix(SHORTS, SHIRT_ACCENT, 0.85)), (0.595, SKIN)])
    )


def _shank(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px,
        (0, 0.064, 0.064),
        (0.12, 0.068, 0.058),
        (0.32, 0.083, 0.050),
        (0.6, 0.060, 0.043),
        (0.85, 0.040, 0.037),
        (1, 0.040, 0.042),
    )
    return limb(SHANK_LL * ll_px, shape, banded([(-1, SKIN), (0.86, SOCK)]))


def _upper_arm(ll_px: float) -> Sprite:
    shape = _widths(
        ll_px, (0, 0.078, 0.078), (0.3, 0.066, 0.068), (0.52, 0.056, 0.060), (0.53, 0.047, 0.050), (1, 0.041, 0.041)
    )
    return limb(UPPER_ARM_LL * ll_px, shape, banded([(-1, SHIRT), (0.49, SHIRT_ACCENT), (0.53, SKIN)]))


def _forearm(ll_px: float) -> Sprite:
    # The hand is a loose fist beyond the wrist.
    length = (FOREARM_LL + 0.13) * ll_px
    wrist = FOREARM_LL / (FOREARM_LL + 0.13)
    shape = _widths(
        ll_px,
        (0, 0.040, 0.040),
        (0.2, 0.045, 0.043),
        (wrist - 0.05, 0.029, 0.029),
        (wrist + 0.03, 0.030, 0.034),
        (0.86, 0.044, 0.050),
        (1, 0.036, 0.040),
    )
    band = banded([(-1, SKIN), (wrist - 0.10, (60, 58, 62)), (wrist - 0.03, SKIN)])
    arm = limb(length, shape, band)
    x, y = arm.start
    return Sprite(arm.bgra, arm.start, (x, y + (arm.end[1] - y) * wrist))


def _trunk(ll_px: float) -> Sprite:
    """Shirt over shorts, from the shoulders down to the hips."""
    shape = _widths(
        ll_px,
        (0, 0.105, 0.085),
        (0.12, 0.128, 0.110),
        (0.30, 0.132, 0.128),
        (0.62, 0.098, 0.110),
        (0.85, 0.115, 0.108),
        (1, 0.135, 0.108),
    )
    plain = banded([(-1, SHIRT), (0.90, SHORTS)])

    def paint(along: Floats, across: Floats) -> Floats:
        colour = plain(along, across)
        stripe = np.clip(1 - np.abs(across + 0.42 - 0.25 * along) / 0.05, 0, 1) * (along < 0.89)
        fold = 1 - 0.07 * np.sin(21 * along + 5 * across) ** 2 * np.clip(along * 1.6, 0, 1)
        mixed = colour * (1 - stripe[..., None]) + np.array(SHIRT_ACCENT, np.float32) * stripe[..., None]
        shaded: Floats = (mixed * fold[..., None]).astype(np.float32)
        return shaded

    return limb(TRUNK_LL * ll_px, shape, paint, gloss=0.05)


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _along(point: Point, length: float, deg: float) -> Point:
    a = math.radians(deg)
    return point[0] + length * math.sin(a), point[1] + length * math.cos(a)


_HIND: Final = ((-0.070, -0.052), (-0.083, -0.085), (-0.060, -0.100), (0.000, -0.094), (0.060, -0.092), (0.150, -0.095))
_UPPER: Final = ((0.165, -0.062), (0.120, -0.046), (0.070, -0.012), (0.044, 0.022), (-0.042, 0.026), (-0.052, -0.020))
_MIDSOLE: Final = (
    (-0.086, -0.076),
    (0.000, -0.072),
    (0.150, -0.078),
    (0.150, -0.108),
    (0.050, -0.106),
    (-0.062, -0.108),
    (-0.090, -0.096),
)
_ACCENT: Final = ((0.016, -0.080), (0.060, -0.080), (0.105, -0.036), (0.078, -0.022))
_TOE_UPPER: Final = ((-0.020, 0.012), (-0.004, 0.048), (0.036, 0.042), (0.066, 0.026), (0.078, 0.008))
_TOE_SOLE: Final = ((-0.020, 0.000), (-0.004, 0.026), (0.080, 0.022), (0.086, 0.012), (0.070, 0.000))
"""Outlines of the shoe, from the ankle in leg lengths; those of the toe box from the ball of the foot."""


def draw_shoe(canvas: ImageBGR, leg: LegPose, place: Place, shade: float) -> None:
    """The shoe, bent at the ball of the foot."""
    toe_deg = leg.foot_pitch_deg + leg.toe_bend_deg
    parts = (
        (_TOE_UPPER, leg.ball, toe_deg, SHOE),
        (_HIND + _UPPER, leg.ankle, leg.foot_pitch_deg, SHOE),
        (_ACCENT, leg.ankle, leg.foot_pitch_deg, SOLE),
        (_TOE_SOLE, leg.ball, toe_deg, SOLE),
        (_MIDSOLE, leg.ankle, leg.foot_pitch_deg, SOLE),
    )
    for outline, origin, deg, colour in parts:
        _fill(canvas, [place(_moved(point, origin, deg)) for point in outline], tuple(c * shade for c in colour))


def _moved(point: Point, origin: Point, deg: float) -> Point:
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    return origin[0] + c * point[0] - s * point[1], origin[1] + s * point[0] + c * point[1]


def _fill(canvas: ImageBGR, outline: list[tuple[float, float]], colour: tuple[float, ...]) -> None:
    points = np.round(np.array(outline) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(canvas, [points], colour, cv2.LINE_AA, _SHIFT)
