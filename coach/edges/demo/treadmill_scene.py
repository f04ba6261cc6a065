"""Where the runner is in the picture, and what is around: room, treadmill, moving belt, shadows.

Deck, console and rail are painted once, the belt for every frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.room import Easel, paint_room
from coach.edges.demo.sprites import ACCENT, Bytes, Colour, as_bytes, blend
from coach.ports import ImageBGR

BACK_LL: Final = -1.22
FRONT_LL: Final = 1.16
"""Ends of the belt, from the runner's usual place."""

_FAR: Final[Colour] = (104, 100, 98)
_DARK: Final[Colour] = (58, 54, 52)
_BODY: Final[Colour] = (88, 82, 78)
_LIGHT: Final[Colour] = (138, 130, 124)


def paint_treadmill(easel: Easel) -> None:
    """Everything of the treadmill but the belt's top."""
    easel.glaze((28, 32, 38), ((-1.5, -0.13), (1.6, -0.13), (1.66, -0.25), (-1.56, -0.25)), 0.55, blur_ll=0.10)
    _far_side(easel)
    _deck(easel)
    _console(easel)


def _far_side(easel: Easel) -> None:
    easel.shape(_FAR, (0.98, 0.06), (1.07, 0.06), (1.29, 1.12), (1.22, 1.14))
    easel.shape(_FAR, (0.66, 1.010), (1.24, 1.10), (1.24, 1.05), (0.66, 0.965))
    easel.shape((84, 80, 78), (0.60, 1.012), (0.72, 1.024), (0.72, 0.962), (0.60, 0.950))


def _deck(easel: Easel) -> None:
    easel.shape(_BODY, (-1.32, 0.095), (1.30, 0.095), (1.30, -0.14), (-1.32, -0.14))
    easel.shape(_LIGHT, (-1.32, -0.034), (1.30, -0.034), (1.30, -0.062), (-1.32, -0.062))
    easel.shape((160, 152, 146), (-1.32, -0.034), (1.30, -0.034), (1.30, -0.040), (-1.32, -0.040))
    easel.shape(_DARK, (-1.32, -0.062), (1.30, -0.062), (1.26, -0.17), (-1.28, -0.17))
    easel.shape((74, 70, 67), (-1.32, -0.062), (1.30, -0.062), (1.29, -0.088), (-1.31, -0.088))
    easel.shape(ACCENT, (-1.05, -0.112), (0.95, -0.112), (0.95, -0.122), (-1.05, -0.122))
    easel.shape(_DARK, (-1.36, 0.080), (-1.22, 0.100), (-1.22, -0.16), (-1.35, -0.15))
    easel.shape((80, 76, 74), (-1.36, 0.080), (-1.22, 0.100), (-1.22, 0.072), (-1.36, 0.054))
    for x in (-1.18, 1.12):
        easel.shape((40, 38, 38), (x, -0.17), (x + 0.12, -0.17), (x + 0.10, -0.215), (x + 0.02, -0.215))
    easel.shape(_BODY, (1.00, 0.10), (1.08, 0.20), (1.40, 0.18), (1.46, -0.14), (1.00, -0.14))
    easel.shape((116, 110, 104), (1.02, 0.128), (1.08, 0.20), (1.40, 0.18), (1.413, 0.128))
    easel.shape((70, 66, 63), (1.00, -0.06), (1.445, -0.06), (1.46, -0.14), (1.00, -0.14))


def _console(easel: Easel) -> None:
    easel.shape(_DARK, (1.06, 0.16), (1.20, 0.16), (1.40, 1.16), (1.28, 1.185))
    easel.shape((86, 82, 79), (1.10, 0.16), (1.135, 0.16), (1.342, 1.173), (1.31, 1.18))
    easel.shape(_BODY, (1.14, 1.22), (1.34, 1.46), (1.43, 1.41), (1.31, 1.10))
    easel.shape((62, 58, 56), (1.155, 1.228), (1.338, 1.445), (1.362, 1.425), (1.185, 1.205))
    glow = ((1.165, 1.238), (1.332, 1.436), (1.347, 1.422), (1.184, 1.220))
    easel.shape((222, 200, 148), *glow)
    easel.glaze((250, 226, 170), glow, 0.5, blur_ll=0.09)


def paint_belt(unit_px: float, rows: int) -> Bytes:
    """One period of the belt's top, (rows, columns, 3); it wraps round."""
    columns = max(round(0.75 * unit_px), 8)
    noise = np.random.default_rng(3).normal(0, 1, (rows, columns)).astype(np.float32)
    grain = cv2.GaussianBlur(np.hstack([noise] * 3), (5, 1), 0)[:, columns : 2 * columns]
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    tone = 52 + 30 * depth + 10 * np.exp(-(((depth - 0.35) / 0.3) ** 2)) + 4 * grain
    belt = np.dstack([tone * 1.04, tone, tone * 0.98])
    for k in range(2):  # a chevron shows that the belt moves
        middle = (0.10 + 0.06 * k) * columns + np.abs(np.linspace(-1, 1, rows)) * 0.05 * columns
        off = np.abs(np.arange(columns)[None, :] - middle[:, None])
        mark = 0.55 * np.clip(1.4 - off / (0.012 * columns), 0, 1)[..., None]
        belt = belt * (1 - mark) + np.array([214.0, 194.0, 152.0]) * mark
    return as_bytes(belt)


BELT_DEPTH_LL: Final = 0.13
"""How much of the belt's top is seen, in leg lengths of picture height."""

FAR_RISE_LL: Final = 0.035
"""How much higher the far foot stands in the picture than the near one."""

_SMALL_PX: Final = 500_000
"""A picture of fewer pixels is painted at twice its size and made small once, for finer edges."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the runner is in the picture. Facing right; a left-facing picture is its mirror image."""

    width: int
    height: int
    ll_px: float
    """One leg length (thigh + shank)."""
    hip_x_px: float
    ground_y_px: float
    """Where the near foot stands."""

    def place(self, point: tuple[float, float], drift_ll: float, rise_ll: float = 0.0) -> tuple[float, float]:
        """Pixels of a point of the body; `rise_ll`: how much higher its side of the body is in the picture."""
        x_px = self.hip_x_px + (point[0] + drift_ll) * self.ll_px
        return x_px, self.ground_y_px - (point[1] + rise_ll) * self.ll_px


def stage(width: int, height: int) -> Stage:
    """The runner as large as the picture allows, whole body and full stride in sight."""
    ll_px = min(0.365 * height, 0.36 * width)
    body_px = 2.15 * ll_px
    ground_px = height - max(0.105 * height, (height - body_px) * 0.42)
    return Stage(width, height, ll_px, 0.47 * width, ground_px)


class Scene:
    """Background, belt and shadows for one stage."""

    def __init__(self, at: Stage) -> None:
        self.stage = at
        self._room = _paint_background(at)
        self._belt = paint_belt(at.ll_px, max(round(BELT_DEPTH_LL * at.ll_px), 4))
        self._belt_y = round(at.ground_y_px - (BELT_DEPTH_LL - 0.035) * at.ll_px)
        self._start_px = int(at.hip_x_px + BACK_LL * at.ll_px)
        self._end_px = int(at.hip_x_px + FRONT_LL * at.ll_px)
        self._shadow = _paint_shadow(at)

    def draw(self, canvas: ImageBGR, belt_travel_ll: float) -> None:
        """Room, treadmill and the belt after it has travelled so far backwards."""
        np.copyto(canvas, self._room)
        x0, x1 = max(self._start_px, 0), min(self._end_px, self.stage.width)
        rows, period = self._belt.shape[:2]
        offset = (belt_travel_ll * self.stage.ll_px + (x0 - self._start_px)) % period
        # The belt's picture moves back with it: what is at column c now is at c + offset in the painted period.
        matrix = np.array([[1.0, 0.0, -offset], [0.0, 1.0, 0.0]])
        strip = cv2.warpAffine(self._belt, matrix, (x1 - x0, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        canvas[self._belt_y : self._belt_y + rows, x0:x1] = strip[: canvas.shape[0] - self._belt_y]

    def shade(self, canvas: ImageBGR, at_px: tuple[float, float], strength: float) -> None:
        """A soft shadow on the belt under a foot."""
        h, w = self._shadow.shape
        x0, y0 = int(at_px[0] - w / 2), int(at_px[1] - h / 2)
        left, top = max(-x0, 0), max(-y0, 0)
        right, bottom = min(w, canvas.shape[1] - x0), min(h, canvas.shape[0] - y0)
        if strength <= 0.02 or right <= left or bottom <= top:
            return
        layer = np.zeros((bottom - top, right - left, 4), np.uint8)
        layer[..., 3] = self._shadow[top:bottom, left:right] * strength
        blend(canvas[y0 + top : y0 + bottom, x0 + left : x0 + right], layer)


def _paint_background(at: Stage) -> ImageBGR:
    fine = 2 if at.width * at.height < _SMALL_PX else 1
    image = np.zeros((at.height * fine, at.width * fine, 3), np.uint8)
    easel = Easel(image, (at.hip_x_px * fine, at.ground_y_px * fine), at.ll_px * fine)
    paint_room(easel, skirting=0.30)
    paint_treadmill(easel)
    return np.asarray(cv2.resize(image, (at.width, at.height), interpolation=cv2.INTER_AREA), np.uint8)


def _paint_shadow(at: Stage) -> Bytes:
    w, h = int(0.5 * at.ll_px), max(int(0.09 * at.ll_px), 4)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    r = ((x - w / 2) / (w / 2)) ** 2 + ((y - h / 2) / (h / 2)) ** 2
    return as_bytes(np.clip(1 - r, 0, 1) ** 1.5 * 200)
