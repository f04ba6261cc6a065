"""The room behind the treadmill: painted once, in soft window light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.edges.demo.sprites import Bytes, Colour, Floats, as_bytes
from coach.ports import ImageBGR

_FRAME: Final[Colour] = (230, 233, 235)
_CLOUD: Final[Colour] = (250, 250, 248)

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Easel:
    """A picture being painted, with the runner's place as origin: x forward, y up from the ground, in leg lengths."""

    image: ImageBGR
    origin_px: tuple[float, float]
    unit_px: float

    def pixels(self, points: Points) -> Bytes:
        """Points as OpenCV wants them, with four bits of fraction."""
        x0, y0 = self.origin_px
        return np.round([((x0 + x * self.unit_px) * 16, (y0 - y * self.unit_px) * 16) for x, y in points]).astype(
            np.int32
        )

    def shape(self, colour: Colour, *points: tuple[float, float]) -> None:
        """A filled polygon."""
        cv2.fillPoly(self.image, [self.pixels(points)], colour, cv2.LINE_AA, 4)

    def box(self, colour: Colour, low: tuple[float, float], high: tuple[float, float]) -> None:
        """A filled upright rectangle."""
        self.shape(colour, low, (high[0], low[1]), high, (low[0], high[1]))

    def glaze(
        self,
        colour: Colour | Floats,
        points: Points,
        strength: float,
        blur_ll: float = 0.0,
        within: Points | None = None,
    ) -> None:
        """Lay a colour thinly over a polygon with soft edges, `within` another one.

        A colour may change from row to row: (rows of the picture, 1, 3).
        """
        blur_px = max(2 * int(blur_ll * self.unit_px) + 1, 3)
        corners = self.pixels(points) / 16
        h, w = self.image.shape[:2]
        x0, y0 = np.clip(np.floor(corners.min(axis=0)) - blur_px, 0, (w, h)).astype(int)
        x1, y1 = np.clip(np.ceil(corners.max(axis=0)) + blur_px, 0, (w, h)).astype(int)
        if x1 <= x0 or y1 <= y0:
            return
        share = _softened(self._mask(points, (x0, y0, x1, y1)), blur_px).astype(np.float32)
        if within is not None:
            share = (share * self._mask(within, (x0, y0, x1, y1)) / 255).astype(np.float32)
        thin = (strength / 255 * share)[..., None]
        wash = np.asarray(colour, np.float32)
        wash = wash[y0:y1] if wash.ndim > 1 else wash
        region = self.image[y0:y1, x0:x1]
        region[:] = as_bytes(region * (1 - thin) + wash * thin)

    def _mask(self, points: Points, box: tuple[int, int, int, int]) -> Bytes:
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [self.pixels(points) - np.array([x0 * 16, y0 * 16], np.int32)], 255, cv2.LINE_AA, 4)
        return mask


_COARSE: Final = 4
_WIDE_PX: Final = 40


def _softened(mask: Bytes, blur_px: int) -> Bytes:
    """The mask with soft edges; what is blurred widely is blurred coarsely, which takes a tenth and looks the same."""
    if blur_px < _WIDE_PX:
        return np.asarray(cv2.GaussianBlur(mask, (blur_px, blur_px), 0), np.uint8)
    size = mask.shape[1], mask.shape[0]
    coarse = cv2.resize(mask, (max(size[0] // _COARSE, 1), max(size[1] // _COARSE, 1)), interpolation=cv2.INTER_AREA)
    odd_px = blur_px // _COARSE | 1
    return np.asarray(cv2.resize(cv2.GaussianBlur(coarse, (odd_px, odd_px), 0), size), np.uint8)


def rectangle(low: tuple[float, float], high: tuple[float, float]) -> Points:
    """Corners of an upright rectangle."""
    return low, (high[0], low[1]), high, (low[0], high[1])


def ellipse(centre: tuple[float, float], radii: tuple[float, float]) -> Points:
    """Points round an ellipse."""
    turns = np.linspace(0, 2 * np.pi, 48)
    return tuple((centre[0] + radii[0] * np.cos(a), centre[1] + radii[1] * np.sin(a)) for a in turns)


def paint_room(easel: Easel, skirting: float) -> None:
    """Wall, floor, window, a picture and a plant. skirting: height where wall meets floor."""
    _wall_and_floor(easel, skirting)
    easel.box((204, 208, 210), (-9, skirting), (9, skirting + 0.055))
    easel.box((176, 180, 184), (-9, skirting), (9, skirting + 0.008))
    _light_patch(easel, skirting)
    _window(easel, (-1.42, 0.98), (0.86, 1.06))
    _picture(easel, (0.62, 1.42), (0.42, 0.50))
    _plant(easel, (-1.68, 0.0))


def _wall_and_floor(easel: Easel, skirting: float) -> None:
    h, w = easel.image.shape[:2]
    x = (np.arange(w, dtype=np.float32)[None, :] - easel.origin_px[0]) / easel.unit_px
    y = (easel.origin_px[1] - np.arange(h, dtype=np.float32)[:, None]) / easel.unit_px
    glow = np.exp(-(((x + 0.75) / 1.9) ** 2)) * np.exp(-(((y - 1.5) / 1.5) ** 2))
    dusk = np.clip((x - 0.6) / 2.2, 0, 1) ** 1.4 + 0 * y
    wall = np.dstack([164 + 56 * glow - 26 * dusk, 172 + 56 * glow - 30 * dusk, 174 + 62 * glow - 32 * dusk])
    depth = 1 - np.exp(-np.clip(skirting - y, 0, None) / 0.7)
    boards = 11 * depth**0.8
    tone = 1 + 0.05 * np.sin(37.7 * np.floor(boards) + 2.1 * np.floor(x * 0.9 + 0.37 * np.floor(boards)))
    seam = 1 - 0.16 * np.exp(-(((boards % 1.0) / 0.035) ** 2))
    bright = (0.92 + 0.36 * depth + 0.10 * glow) * tone * seam
    floor = np.dstack([88 * bright, 116 * bright, 146 * bright])
    # A little grain hides the steps of slow gradients.
    grain = np.random.default_rng(11).standard_normal((h, w, 1), np.float32)
    easel.image[:] = as_bytes(np.where((y > skirting)[..., None], wall, floor) + grain)


def _light_patch(easel: Easel, skirting: float) -> None:
    """Sunlight from the window on the floor and a faint beam on the wall."""
    patch = ((-0.72, skirting - 0.03), (0.34, skirting - 0.03), (0.98, -0.42), (-0.34, -0.42))
    easel.glaze((196, 222, 246), patch, 0.30, blur_ll=0.10)
    beam = ((-0.56, 2.04), (-0.56, 0.98), (0.55, skirting), (1.35, skirting))
    easel.glaze((236, 244, 250), beam, 0.16, blur_ll=0.34)


def _window(easel: Easel, corner: tuple[float, float], size: tuple[float, float]) -> None:
    (x, y), (w, h) = corner, size
    easel.glaze((120, 128, 134), rectangle((x - 0.07, y - 0.10), (x + w + 0.09, y + h)), 0.30, blur_ll=0.10)
    easel.box(_FRAME, (x - 0.045, y - 0.04), (x + w + 0.045, y + h + 0.045))
    pane = rectangle(corner, (x + w, y + h))
    rows = np.arange(easel.image.shape[0], dtype=np.float32)
    up = np.clip(((easel.origin_px[1] - rows) / easel.unit_px - y) / h, 0, 1)[:, None, None]
    sky: Floats = np.array([236, 236, 228], np.float32) * (1 - up) + np.array([246, 214, 168], np.float32) * up
    easel.glaze(sky, pane, 1.0)
    for centre, radii, colour in (
        ((0.10, -0.30), (0.62, 0.52), (170, 188, 160)),
        ((0.85, -0.34), (0.70, 0.48), (138, 172, 134)),
        ((0.45, -0.42), (0.95, 0.46), (112, 156, 112)),
        ((0.22, 0.74), (0.15, 0.030), _CLOUD),
        ((0.36, 0.78), (0.11, 0.030), _CLOUD),
        ((0.72, 0.60), (0.13, 0.030), _CLOUD),
    ):
        outline = ellipse((x + centre[0] * w, y + centre[1] * h), (radii[0] * w, radii[1] * h))
        easel.glaze(colour, outline, 0.9, blur_ll=0.004, within=pane)
    easel.box(_FRAME, (x + w / 2 - 0.012, y), (x + w / 2 + 0.012, y + h))
    easel.box(_FRAME, (x, y + 0.52 * h), (x + w, y + 0.52 * h + 0.022))
    easel.box((212, 216, 219), (x - 0.08, y - 0.085), (x + w + 0.08, y - 0.035))
    easel.box((188, 192, 196), (x - 0.08, y - 0.095), (x + w + 0.08, y - 0.085))


def _picture(easel: Easel, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """A framed poster: hills, a sun and a path."""
    (x, y), (w, h) = corner, size
    easel.glaze((110, 116, 120), rectangle((x + 0.01, y - 0.03), (x + w + 0.04, y + h - 0.02)), 0.35, blur_ll=0.05)
    easel.box((96, 108, 122), (x, y), (x + w, y + h))
    easel.box((226, 232, 234), (x + 0.018, y + 0.018), (x + w - 0.018, y + h - 0.018))
    low, high = (x + 0.055, y + 0.06), (x + w - 0.055, y + h - 0.055)
    easel.box((206, 214, 196), low, high)
    for centre, radii, colour in (
        ((0.62, 0.66), (0.12, 0.10), (120, 188, 244)),
        ((0.25, 0.10), (0.46, 0.40), (150, 168, 116)),
        ((0.80, 0.04), (0.50, 0.36), (128, 138, 84)),
    ):
        outline = ellipse((x + centre[0] * w, y + centre[1] * h), (radii[0] * w, radii[1] * h))
        easel.glaze(colour, outline, 0.9, within=rectangle(low, high))
    bend = y + 0.30 * h
    easel.shape(
        (206, 222, 232), (x + 0.42 * w, low[1]), (x + 0.62 * w, low[1]), (x + 0.55 * w, bend), (x + 0.535 * w, bend)
    )


def _plant(easel: Easel, foot: tuple[float, float]) -> None:
    x, y = foot
    easel.glaze((52, 62, 74), rectangle((x - 0.18, y - 0.05), (x + 0.28, y + 0.03)), 0.5, blur_ll=0.06)
    rng = np.random.default_rng(5)
    for lean_deg in sorted(rng.uniform(-64, 64, 24), key=abs, reverse=True):
        length, wide = rng.uniform(0.40, 0.74) * (1 - abs(lean_deg) / 220), rng.uniform(0.028, 0.044)
        a, bend, shade = np.radians(lean_deg), np.radians(lean_deg * 0.55), rng.uniform(0.78, 1.16)
        root = x + rng.uniform(-0.05, 0.05), y + 0.30
        middle = root[0] + 0.55 * length * np.sin(bend), root[1] + 0.55 * length * np.cos(bend)
        tip = middle[0] + 0.50 * length * np.sin(a), middle[1] + 0.50 * length * np.cos(a)
        left = middle[0] - wide * np.cos(bend), middle[1] + wide * np.sin(bend)
        right = middle[0] + wide * np.cos(bend), middle[1] - wide * np.sin(bend)
        easel.shape((60 * shade, 128 * shade, 82 * shade), root, left, tip, right)
        easel.shape((71 * shade, 151 * shade, 97 * shade), root, left, tip)
    easel.shape((164, 176, 190), (x - 0.17, y + 0.33), (x + 0.17, y + 0.33), (x + 0.125, y), (x - 0.125, y))
    easel.shape((182, 194, 208), (x - 0.17, y + 0.33), (x - 0.04, y + 0.33), (x - 0.05, y), (x - 0.125, y))
    easel.box((146, 158, 172), (x - 0.178, y + 0.295), (x + 0.178, y + 0.335))
