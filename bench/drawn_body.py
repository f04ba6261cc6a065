"""A measured runner's body in three dimensions, drawn as a camera anywhere beside the belt would see it.

Markers say where the legs are; trunk, arms and head are hung onto them, balls along every bone make flesh, shorts and
shoes, and a room with a belt stands around it. No photograph, but a picture that a pose network reads, with hips,
knees and ankles at known places under the skin: what keypoints filmed from the side (`bench.camera_places`) and flat
drawings (the clips beside the data) cannot show.

Millimetres in the runner's axes: forward, up, right; the belt lies at height 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from coach.core.units import FloatArray
from coach.ports import ImageBGR

Colour = tuple[int, int, int]
"""Blue, green, red."""

SKIN: Final = (150, 175, 215)
SHORTS: Final = (60, 45, 40)
SHIRT: Final = (190, 120, 60)
SHOE: Final = (60, 60, 210)
HAIR: Final = (40, 50, 70)

_TRUNK_MM: Final = 480.0
_LEAN_DEG: Final = 6.0
_SHOULDER_MM: Final = 175.0
"""From the middle to a shoulder's joint."""
_COUNTER_TURN: Final = 1.3
"""Shoulders turn against the pelvis, and by so much more."""
_ARM_SWING: Final = -0.9
"""Of the thigh's angle on the same side."""
_ELBOW_RAD: Final = 1.6
_SHADES: Final = ((1.0, 0.6), (0.88, 0.72), (0.74, 0.84), (0.58, 0.95), (0.38, 1.06))
"""A ball is discs of these shares of its radius, from its rim to where the light falls, each so bright."""
_LIGHT: Final = np.array([0.35, 0.8, 0.5])
_SUBPIXEL: Final = 8
_NOISE: Final = 3.0
"""Of a camera, grey levels."""


class Part(NamedTuple):
    """Balls of one piece of the body; pieces are drawn whole, the farthest first."""

    at_mm: FloatArray
    """(n, 3)."""
    radius_mm: FloatArray
    """(n,)."""
    colours: list[Colour]


def _up(millimetres: float) -> FloatArray:
    return np.array([0.0, millimetres, 0.0])


def tube(
    start: FloatArray, end: FloatArray, radii_mm: tuple[float, float], colours: tuple[Colour, Colour], turn: float = 1.0
) -> Part:
    """A limb from one point to another; from `turn` of its way on it has the second colour."""
    share = np.linspace(0, 1, 22)
    where = start + (end - start) * share[:, None]
    thick = radii_mm[0] + (radii_mm[1] - radii_mm[0]) * share
    return Part(where, thick, [colours[bool(s > turn)] for s in share])


def body(joints: Mapping[str, FloatArray]) -> list[Part]:
    """The whole runner. joints: (3,) each, `left_hip`, `left_knee` … `right_foot_index`; in a mirror, too."""
    hips = (joints["left_hip"] + joints["right_hip"]) / 2
    across = joints["right_hip"] - joints["left_hip"]
    # In a mirror the left side is where the right one was.
    mirror = math.copysign(1.0, across[2])
    across *= mirror
    pelvis_turn = math.atan2(across[0], across[2])
    turn = -_COUNTER_TURN * pelvis_turn
    lean = math.radians(_LEAN_DEG)
    chest = hips + _TRUNK_MM * np.array([math.sin(lean), math.cos(lean), 0])
    shoulder_axis = np.array([math.sin(turn), 0, math.cos(turn)])
    parts = [_trunk(hips, chest, across / np.linalg.norm(across), shoulder_axis), *_head(chest)]
    for side, outward in (("left", -mirror), ("right", mirror)):
        own = {name.removeprefix(f"{side}_"): place for name, place in joints.items() if name.startswith(side)}
        parts += _leg(own)
        parts += _arm(chest + outward * _SHOULDER_MM * shoulder_axis, own, outward * shoulder_axis)
    return parts


def _leg(joint: Mapping[str, FloatArray]) -> list[Part]:
    hip, knee, ankle, heel, toe = (joint[name] for name in ("hip", "knee", "ankle", "heel", "foot_index"))
    return [
        tube(hip, knee, (88, 58), (SHORTS, SKIN), 0.62),
        tube(knee, ankle, (56, 36), (SKIN, SKIN)),
        tube(ankle, heel + _up(20), (38, 36), (SHOE, SHOE)),
        tube(heel + _up(12), toe + _up(8), (36, 30), (SHOE, SHOE)),
    ]


def _arm(shoulder: FloatArray, joint: Mapping[str, FloatArray], outward: FloatArray) -> list[Part]:
    """It swings against the leg of its side, the elbow bent."""
    thigh = joint["knee"] - joint["hip"]
    upper = _ARM_SWING * math.atan2(thigh[0], -thigh[1]) - 0.15
    lower = upper + _ELBOW_RAD
    elbow = shoulder + 270 * np.array([math.sin(upper), -math.cos(upper), 0]) + 30 * outward
    hand = elbow + 250 * np.array([math.sin(lower), -math.cos(lower), 0]) - 40 * outward
    return [
        tube(shoulder, elbow, (55, 42), (SHIRT, SKIN), 0.45),
        tube(elbow, hand, (40, 30), (SKIN, SKIN)),
        Part(hand[None], np.array([42.0]), [SKIN]),
    ]


def _trunk(hips: FloatArray, chest: FloatArray, pelvis_axis: FloatArray, shoulder_axis: FloatArray) -> Part:
    """Wide at hips and shoulders, with a waist."""
    where, thick, colours = list[FloatArray](), list[float](), list[Colour]()
    for up in np.linspace(0, 1, 20):
        axis = pelvis_axis * (1 - up) + shoulder_axis * up
        half = 95 + 30 * up - 18 * math.sin(math.pi * up)
        for beside in np.linspace(-1, 1, 7):
            where.append(hips + (chest - hips) * up + axis * half * beside)
            thick.append(92 - 12 * abs(beside) + 8 * up)
            colours.append(SHIRT if up > 0.12 else SHORTS)
    return Part(np.array(where), np.array(thick), colours)


def _head(chest: FloatArray) -> list[Part]:
    middle = chest + np.array([25, 210, 0])
    face = middle + np.array([[0, up, 0] for up in np.linspace(-30, 30, 6)])
    hair = middle + np.array([[-25, 55, beside] for beside in np.linspace(-25, 25, 7)])
    return [
        tube(chest, chest + _up(110), (62, 55), (SKIN, SKIN)),
        Part(face, np.full(6, 92.0), [SKIN] * 6),
        Part(hair, np.full(7, 85.0), [HAIR] * 7),
        Part(middle[None] + np.array([95, -5, 0]), np.array([18.0]), [SKIN]),
    ]


@dataclass(frozen=True)
class Studio:
    """A room with a belt, and a camera in it. place: one of `score_views`."""

    place: Any
    width: int
    height: int

    def room(self) -> ImageBGR:
        """Wall, floor and belt, without a runner."""
        image = np.empty((self.height, self.width, 3), np.uint8)
        image[:] = np.linspace(200, 165, self.height)[:, None, None]
        self._slab(image, (-6000, 6000), (-2500, 900), -150, (120, 128, 135))
        self._slab(image, (-900, 900), (-300, 300), 0, (55, 55, 58))
        front = [[-900, 0, 300], [900, 0, 300], [900, -150, 300], [-900, -150, 300]]
        cv2.fillPoly(image, [self._pixels(front)], (40, 40, 42))
        return image

    def picture(self, parts: list[Part], room: ImageBGR, noise: np.random.Generator) -> ImageBGR:
        """One picture, a little soft and noisy as a camera's."""
        image = room.copy()
        for _, part in sorted(((self._away_mm(part.at_mm).mean(), part) for part in parts), key=lambda p: -p[0]):
            self._draw(image, part)
        soft = cv2.GaussianBlur(image, (3, 3), 0.7).astype(np.float32)
        grain = noise.normal(0, _NOISE, soft.shape[:2])[..., None]
        return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)

    def _draw(self, image: ImageBGR, part: Part) -> None:
        """Disc upon disc, all rims first, so that balls in a row melt into a limb."""
        away_mm = self._away_mm(part.at_mm)
        radius_px = self._focal_px * part.radius_mm / away_mm
        middle_px = self.place.picture(part.at_mm, self.width, self.height)
        lit = (self.place.rotation() @ _LIGHT)[:2] / np.linalg.norm(_LIGHT)
        for share, bright in _SHADES:
            for i in np.argsort(-away_mm):
                at = middle_px[i] + lit * radius_px[i] * (1 - share) * 0.8
                colour = [min(value * bright, 255.0) for value in part.colours[i]]
                centre = (int(at[0] * 2**_SUBPIXEL), int(at[1] * 2**_SUBPIXEL))
                radius = int(max(radius_px[i] * share, 0.5) * 2**_SUBPIXEL)
                cv2.circle(image, centre, radius, colour, -1, cv2.LINE_AA, _SUBPIXEL)

    @property
    def _focal_px(self) -> float:
        return float(max(self.width, self.height) / 2 / math.tan(math.radians(self.place.fov_deg / 2)))

    def _away_mm(self, points_mm: FloatArray) -> FloatArray:
        """Depth before the camera."""
        return np.asarray((points_mm - self.place.position()) @ self.place.rotation()[2])

    def _slab(
        self, image: ImageBGR, along: tuple[float, float], across: tuple[float, float], up: float, colour: Colour
    ) -> None:
        corners = [[along[a], up, across[b]] for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
        cv2.fillPoly(image, [self._pixels(corners)], colour)

    def _pixels(self, corners_mm: Sequence[Sequence[float]]) -> np.ndarray[Any, np.dtype[np.int32]]:
        """What lies behind the camera is drawn at its feet."""
        seen = (np.array(corners_mm, float) - self.place.position()) @ self.place.rotation().T
        seen[:, 2] = np.maximum(seen[:, 2], 50.0)
        return np.asarray(self._focal_px * seen[:, :2] / seen[:, 2:] + [self.width / 2, self.height / 2], np.int32)
