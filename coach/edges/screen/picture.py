"""The camera picture, cut around the runner, calm, at the size of its place."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

from coach.core.pose import Pose
from coach.core.units import FloatArray
from coach.edges.screen.theme import Colour
from coach.ports import ImageBGR

Canvas = NDArray[np.uint8]
"""(height, width, 3) blue, green, red: the picture's place in the window."""
SHIFT: Final = 4
"""Fractional bits of OpenCV's coordinates: a sixteenth of a pixel."""

_CROWN_SHARE: Final = 0.10
"""The highest keypoint is the nose; head and hair reach higher by this share of the height from nose to feet."""
BODY_SHARE: Final = 0.82
"""Height of the runner's box that the cut aims at, against the height of the place."""
ENLARGE_AT_MOST: Final = 1.6
"""How much farther than filling the place the cut may go in: beyond, the picture turns to mush."""
_FOLLOW_S: Final = 2.0
"""Time constant of the runner's box; longer than a stride, so that the picture does not sway with the steps."""
_EASE_S: Final = 0.5
_DRIFT: Final = 0.07
"""The cut stays put until the runner's box has left its middle by this share of the place."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is shown: the point of the frame at the place's centre, and window pixels per frame pixel."""

    x_px: float
    y_px: float
    scale: float


@dataclass(frozen=True, slots=True)
class Placing:
    """How frame pixels become canvas pixels."""

    scale: float
    left_px: float
    top_px: float
    width_px: int
    mirrored: bool

    def points(self, xy_px: FloatArray) -> FloatArray:
        """(N, 2) frame pixels to (N, 2) canvas pixels; NaN stays NaN."""
        moved = np.asarray(xy_px * self.scale + (self.left_px, self.top_px))
        if self.mirrored:
            moved[:, 0] = self.width_px - 1 - moved[:, 0]
        return moved


@dataclass(slots=True)
class Framing:
    """Keeps the runner whole and large in the picture without following every step."""

    _box: FloatArray | None = None
    """Left, top, right, bottom of the runner, slowly averaged, in frame pixels."""
    _cut: Cut | None = None
    _goal: Cut | None = None
    _t_s: float = math.nan
    _setting: tuple[int, int, int, int, bool] | None = None

    def step(
        self, t_s: float, frame: tuple[int, int], place: tuple[int, int], pose: Pose | None, *, whole: bool
    ) -> Cut:
        """The cut for a frame of `frame` = (width, height); `whole` shows all of the frame."""
        dt_s = t_s - self._t_s if math.isfinite(self._t_s) else 0.0
        self._t_s = t_s
        if (setting := (*frame, *place, whole)) != self._setting:
            self._setting, self._cut, self._goal = setting, None, None
        self._follow(pose, dt_s)
        wanted = _whole(frame, place) if whole or self._box is None else _around(self._box, frame, place)
        if self._goal is None or _apart(wanted, self._goal, place):
            self._goal = wanted
        self._cut = self._goal if self._cut is None else _ease(self._cut, self._goal, dt_s)
        return self._cut

    def _follow(self, pose: Pose | None, dt_s: float) -> None:
        if pose is None or np.isfinite(pose.xy_px[:, 0]).sum() < 4:
            return
        box = np.concatenate([np.nanmin(pose.xy_px, axis=0), np.nanmax(pose.xy_px, axis=0)])
        box[1] -= _CROWN_SHARE * (box[3] - box[1])
        if self._box is None:
            self._box = box
            return
        share = 1 - math.exp(-min(max(dt_s, 0.0), 1.0) / _FOLLOW_S)
        self._box = self._box + share * (box - self._box)


def paint(frame_bgr: ImageBGR | None, canvas: Canvas, cut: Cut, ground: Colour, *, mirrored: bool) -> Placing:
    """Scale the cut into the canvas, `ground` where the frame ends, and say how points get there.

    Without a frame the canvas is all ground.
    """
    height, width = canvas.shape[:2]
    placing = Placing(cut.scale, width / 2 - cut.x_px * cut.scale, height / 2 - cut.y_px * cut.scale, width, mirrored)
    if frame_bgr is None:
        _cover(canvas, ground)
        return placing
    x0, x1 = _span(placing.left_px, placing.scale, width, frame_bgr.shape[1])
    y0, y1 = _span(placing.top_px, placing.scale, height, frame_bgr.shape[0])
    left, right = (_pixel(placing.left_px + x * placing.scale, width) for x in (x0, x1))
    top, bottom = (_pixel(placing.top_px + y * placing.scale, height) for y in (y0, y1))
    if (left, top, right, bottom) != (0, 0, width, height):
        _cover(canvas, ground)
    if right > left and bottom > top:
        how = cv2.INTER_AREA if placing.scale < 0.5 else cv2.INTER_LINEAR
        if mirrored:
            left, right = width - right, width - left
        onto = canvas[top:bottom, left:right]
        cv2.resize(frame_bgr[y0:y1, x0:x1], (right - left, bottom - top), onto, interpolation=how)
        if mirrored:
            cv2.flip(onto, 1, onto)
    return placing


def _cover(canvas: Canvas, ground: Colour) -> None:
    """One colour everywhere, row after row: pixel by pixel takes a hundred times as long."""
    canvas[:1] = ground[::-1]
    canvas[1:] = canvas[:1]


def surface_of(canvas: Canvas) -> pygame.Surface:
    """The canvas as a surface that shares its memory."""
    return pygame.image.frombuffer(canvas.data, (canvas.shape[1], canvas.shape[0]), "BGR")


def dim(canvas: Canvas, share: float, ground: Colour) -> None:
    """Fade in place toward the ground; `share` of the picture stays."""
    level = (1 - share) * sum(ground) / 3
    cv2.convertScaleAbs(canvas, dst=canvas, alpha=share, beta=level)


def _span(offset_px: float, scale: float, place: int, frame: int) -> tuple[int, int]:
    """First and past-the-last frame pixel that lie inside the place."""
    return max(math.floor(-offset_px / scale), 0), min(math.ceil((place - offset_px) / scale), frame)


def _pixel(value: float, most: int) -> int:
    return min(max(round(value), 0), most)


def _whole(frame: tuple[int, int], place: tuple[int, int]) -> Cut:
    return Cut(frame[0] / 2, frame[1] / 2, min(place[0] / frame[0], place[1] / frame[1]))


def _around(box: FloatArray, frame: tuple[int, int], place: tuple[int, int]) -> Cut:
    """Fill the place, go in on a small runner, out for one who would not fit."""
    left, top, right, bottom = (float(v) for v in box)
    fill = max(place[0] / frame[0], place[1] / frame[1])
    # A foot swings outside the averaged box by about half its width.
    tall, wide = max(bottom - top, 1.0), max(right - left, 1.0) * 1.5
    scale = min(max(BODY_SHARE * place[1] / tall, fill), fill * ENLARGE_AT_MOST)
    scale = min(scale, 0.94 * place[1] / tall, 0.98 * place[0] / wide)
    centre = (
        _kept((left + right) / 2, place[0] / scale, frame[0]),
        _kept((top + bottom) / 2, place[1] / scale, frame[1]),
    )
    return Cut(*centre, scale)


def _kept(centre_px: float, shown_px: float, frame_px: int) -> float:
    """The centre moved so that the frame fills what is shown, if it can."""
    if shown_px >= frame_px:
        return frame_px / 2
    return min(max(centre_px, shown_px / 2), frame_px - shown_px / 2)


def _apart(a: Cut, b: Cut, place: tuple[int, int]) -> bool:
    moved_px = math.hypot(a.x_px - b.x_px, a.y_px - b.y_px) * b.scale
    return moved_px > _DRIFT * min(place) or abs(math.log(a.scale / b.scale)) > 0.12


def _ease(cut: Cut, goal: Cut, dt_s: float) -> Cut:
    share = 1 - math.exp(-max(dt_s, 0.0) / _EASE_S)
    if abs(goal.x_px - cut.x_px) + abs(goal.y_px - cut.y_px) < 0.5 and abs(goal.scale / cut.scale - 1) < 1e-3:
        return goal
    return replace(
        cut,
        x_px=cut.x_px + share * (goal.x_px - cut.x_px),
        y_px=cut.y_px + share * (goal.y_px - cut.y_px),
        scale=cut.scale * (goal.scale / cut.scale) ** share,
    )
