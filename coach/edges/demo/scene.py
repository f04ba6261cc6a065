"""Where the runner is in the picture, and what is around: room, treadmill, moving belt, shadows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.drawn_treadmill import BACK_LL, FRONT_LL, paint_belt, paint_treadmill
from coach.edges.demo.room import Easel, paint_room
from coach.edges.demo.sprites import Bytes, as_bytes, blend
from coach.ports import ImageBGR

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
