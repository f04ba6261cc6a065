"""The room and the treadmill: painted once; only the belt moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.edges.demo.sprites import blend, premultiplied
from coach.ports import ImageBGR

BELT_DEPTH_LL: Final = 0.13
"""How much of the belt's top is seen, in leg lengths of picture height."""

FAR_RISE_LL: Final = 0.035
"""How much higher the far foot stands in the picture than the near one."""

_FINE: Final = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the runner is in the picture. Facing right; a left-facing picture is its mirror image."""

    width: int
    height: int
    ll_px: float
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
    body = 2.15 * ll_px
    ground = height - max(0.105 * height, (height - body) * 0.42)
    return Stage(width, height, ll_px, 0.47 * width, ground)


class Scene:
    """Background, belt and shadows for one stage."""

    def __init__(self, at: Stage) -> None:
        self.stage = at
        self._room = _paint_room(at)
        self._belt, self._belt_y = _paint_belt(at)
        self._period_px = self._belt.shape[1]
        self._x0 = int(at.hip_x_px - 1.22 * at.ll_px)
        self._x1 = int(at.hip_x_px + 1.16 * at.ll_px)
        self._shadow = _paint_shadow(at)

    def draw(self, canvas: ImageBGR, belt_travel_ll: float) -> None:
        """Room, treadmill and the belt after it has travelled so far backwards."""
        np.copyto(canvas, self._room)
        x0, x1 = max(self._x0, 0), min(self._x1, self.stage.width)
        offset = (belt_travel_ll * self.stage.ll_px + (x0 - self._x0)) % self._period_px
        matrix = np.array([[1.0, 0.0, -offset], [0.0, 1.0, 0.0]])
        size = (x1 - x0, self._belt.shape[0])
        strip = cv2.warpAffine(self._belt, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        canvas[self._belt_y : self._belt_y + size[1], x0:x1] = strip

    def shade(self, canvas: ImageBGR, x_px: float, y_px: float, strength: float) -> None:
        """A soft shadow on the belt under a foot."""
        h, w = self._shadow.shape
        x0, y0 = int(x_px - w / 2), int(y_px - h / 2)
        left, top = max(-x0, 0), max(-y0, 0)
        right, bottom = min(w, canvas.shape[1] - x0), min(h, canvas.shape[0] - y0)
        if strength <= 0.02 or right <= left or bottom <= top:
            return
        dark = cv2.multiply(self._shadow[top:bottom, left:right], strength)
        layer = np.zeros((*dark.shape, 4), np.uint8)
        layer[..., 3] = dark
        blend(canvas[y0 + top : y0 + bottom, x0 + left : x0 + right], layer)


def _paint_shadow(at: Stage) -> NDArray[np.uint8]:
    w, h = int(0.5 * at.ll_px), max(int(0.09 * at.ll_px), 4)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    r = ((x - w / 2) / (w / 2)) ** 2 + ((y - h / 2) / (h / 2)) ** 2
    out: NDArray[np.uint8] = (np.clip(1 - r, 0, 1) ** 1.5 * 200).astype(np.uint8)
    return out


def _paint_belt(at: Stage) -> tuple[NDArray[np.uint8], int]:
    """One period of the belt's top (it wraps round) and the picture row of its far edge."""
    top = round(at.ground_y_px - (BELT_DEPTH_LL - 0.035) * at.ll_px)
    rows = max(round(BELT_DEPTH_LL * at.ll_px), 4)
    period = max(round(0.75 * at.ll_px), 8)
    grain = np.random.default_rng(3).normal(0, 1, (rows, period)).astype(np.float32)
    grain = cv2.GaussianBlur(np.hstack([grain, grain, grain]), (5, 1), 0)[:, period : 2 * period]
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    tone = 54 + 30 * depth + 3.5 * grain
    belt = np.dstack([tone * 1.04, tone, tone * 0.98])
    # A chevron printed on the belt shows that it moves.
    for k in range(2):
        x = (0.10 + 0.06 * k) * period + np.abs(np.linspace(-1, 1, rows)) * -0.05 * period
        columns = np.arange(period)[None, :]
        mark = np.clip(1.4 - np.abs(columns - x[:, None]) / (0.012 * period), 0, 1)[..., None]
        belt = belt * (1 - 0.55 * mark) + np.array([210.0, 190.0, 150.0]) * 0.55 * mark
    return np.clip(belt, 0, 255).astype(np.uint8), top


def _paint_room(at: Stage) -> ImageBGR:
    w, h = at.width * _FINE, at.height * _FINE
    unit, ground, middle = at.ll_px * _FINE, at.ground_y_px * _FINE, at.hip_x_px * _FINE
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    horizon = ground - 0.30 * unit
    glow = np.exp(-(((x - 0.30 * w) / (0.62 * w)) ** 2) - ((y - 0.22 * h) / (0.72 * h)) ** 2)
    wall = np.dstack([150 + 62 * glow, 158 + 64 * glow, 160 + 70 * glow])
    depth = np.clip((y - horizon) / (h - horizon + 1), 0, 1)
    planks = 1 - 0.05 * (np.sin(x * 0.012 + 2.3 * np.floor(depth * 6)) > 0.1)
    floor = np.dstack([(82 + 34 * depth) * planks, (104 + 42 * depth) * planks, (128 + 48 * depth) * planks])
    picture = np.where((y > horizon)[..., None], floor, wall).astype(np.float32)
    image = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
    _window(image, middle - 1.35 * unit, horizon - 1.62 * unit, unit)
    _rect(image, 0, horizon - 0.055 * unit, w, horizon, (196, 200, 202))
    _plant(image, middle - 1.62 * unit, ground - 0.02 * unit, unit)
    _treadmill(image, middle, ground, unit)
    return cv2.resize(image, (at.width, at.height), interpolation=cv2.INTER_AREA)


def _rect(image: ImageBGR, x0: float, y0: float, x1: float, y1: float, colour: tuple[float, float, float]) -> None:
    cv2.rectangle(image, (round(x0), round(y0)), (round(x1), round(y1)), colour, -1, cv2.LINE_AA)


def _window(image: ImageBGR, x: float, y: float, unit: float) -> None:
    w, h = 0.85 * unit, 1.05 * unit
    _rect(image, x - 0.03 * unit, y - 0.03 * unit, x + w + 0.03 * unit, y + h + 0.03 * unit, (226, 230, 232))
    x0, x1, y0, y1 = (round(v) for v in (x, x + w, y, y + h))
    x0c, x1c, y0c = max(x0, 0), max(min(x1, image.shape[1]), 0), max(y0, 0)
    if x1c > x0c and y1 > y0c:
        t = np.linspace(0, 1, y1 - y0, dtype=np.float32)[y0c - y0 :, None, None]
        sky = np.array([244, 222, 186], np.float32) * (1 - t) + np.array([240, 240, 232], np.float32) * t
        image[y0c:y1, x0c:x1c] = sky.astype(np.uint8)
    for hill, colour in (((0.15, 0.86, 0.5), (150, 178, 150)), ((0.75, 0.92, 0.6), (128, 164, 126))):
        cx, cy, r = hill
        centre = (round(x + cx * w), round(y + (cy + r * 0.5) * h))
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.ellipse(mask, centre, (round(r * w), round(r * 0.5 * h)), 0, 0, 360, 255, -1, cv2.LINE_AA)
        mask[: max(y0, 0)] = 0
        mask[max(y1, 0) :] = 0
        mask[:, : max(x0, 0)] = 0
        mask[:, max(x1, 0) :] = 0
        share = mask[..., None].astype(np.float32) / 255
        image[:] = (image * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)
    _rect(image, x + w / 2 - 0.012 * unit, y, x + w / 2 + 0.012 * unit, y + h, (226, 230, 232))
    _rect(image, x, y + 0.48 * h, x + w, y + 0.48 * h + 0.022 * unit, (226, 230, 232))
    _rect(image, x - 0.06 * unit, y + h + 0.02 * unit, x + w + 0.06 * unit, y + h + 0.07 * unit, (206, 210, 212))


def _plant(image: ImageBGR, x: float, ground: float, unit: float) -> None:
    rng = np.random.default_rng(5)
    for i in range(26):
        lean = rng.uniform(-60, 60)
        length = rng.uniform(0.35, 0.75) * unit
        green = (58 + rng.uniform(-14, 18), 122 + rng.uniform(-24, 34), 70 + rng.uniform(-20, 26))
        root = np.array([x + rng.uniform(-0.05, 0.05) * unit, ground - 0.30 * unit])
        a = np.radians(lean)
        tip = root + length * np.array([np.sin(a), -np.cos(a)])
        across = 0.045 * unit * np.array([np.cos(a), np.sin(a)])
        middle = (root + tip) / 2 + np.array([0, -0.06 * unit])
        leaf = np.array([root, middle - across, tip, middle + across])
        cv2.fillPoly(image, [np.round(leaf).astype(np.int32)], green, cv2.LINE_AA)
        del i
    pot = [(-0.16, -0.32), (0.16, -0.32), (0.12, 0.0), (-0.12, 0.0)]
    points = np.round([(x + px * unit, ground + py * unit) for px, py in pot]).astype(np.int32)
    cv2.fillPoly(image, [points], (148, 160, 176), cv2.LINE_AA)


def _treadmill(image: ImageBGR, middle: float, ground: float, unit: float) -> None:
    def shape(colour: tuple[float, float, float], *points: tuple[float, float]) -> None:
        outline = [(middle + x * unit, ground - y * unit) for x, y in points]
        cv2.fillPoly(image, [np.round(outline).astype(np.int32)], colour, cv2.LINE_AA)

    _floor_shadow(image, middle, ground + 0.20 * unit, unit)
    far, dark, body, light = (96, 92, 90), (58, 54, 52), (84, 78, 74), (128, 120, 114)
    shape(far, (0.98, 0.06), (1.08, 0.06), (1.30, 1.12), (1.22, 1.14))
    shape(far, (0.62, 1.00), (1.24, 1.10), (1.24, 1.05), (0.62, 0.955))
    shape(body, (-1.32, 0.095), (1.30, 0.095), (1.30, -0.14), (-1.32, -0.14))
    shape(light, (-1.32, -0.038), (1.30, -0.038), (1.30, -0.066), (-1.32, -0.066))
    shape(dark, (-1.32, -0.066), (1.30, -0.066), (1.26, -0.17), (-1.28, -0.17))
    shape((92, 178, 245), (-1.05, -0.105), (0.95, -0.105), (0.95, -0.116), (-1.05, -0.116))
    shape(dark, (-1.36, 0.08), (-1.22, 0.10), (-1.22, -0.16), (-1.36, -0.14))
    shape(body, (1.00, 0.10), (1.08, 0.20), (1.40, 0.18), (1.46, -0.14), (1.00, -0.14))
    shape(light, (1.02, 0.13), (1.08, 0.20), (1.40, 0.18), (1.41, 0.13))
    shape(dark, (1.10, 0.16), (1.20, 0.16), (1.40, 1.16), (1.31, 1.18))
    shape(body, (1.14, 1.22), (1.34, 1.46), (1.44, 1.42), (1.30, 1.10))
    shape((214, 196, 150), (1.17, 1.24), (1.33, 1.43), (1.345, 1.41), (1.19, 1.22))


def _floor_shadow(image: ImageBGR, middle: float, y: float, unit: float) -> None:
    h, w = image.shape[:2]
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    r = ((columns - middle) / (1.75 * unit)) ** 2 + ((rows - y) / (0.16 * unit)) ** 2
    shade = premultiplied(np.zeros((h, w, 3), np.float32), (0.45 * np.clip(1 - r, 0, 1)).astype(np.float32))
    blend(image, shade)
