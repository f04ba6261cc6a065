"""Pictures of one stride: the runner cut out, leg, lever and knee angle drawn in, and a whole stride on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from coach.core.units import FloatArray
from coach.ports import ImageBGR

Size = tuple[int, int]
"""Width and height in pixels."""
PICTURE_SIZE_PX: Final[Size] = (480, 640)
"""Of a picture that is kept alone."""
CELL_SIZE_PX: Final[Size] = (360, 480)
"""Of one picture on a sheet."""
COLUMNS: Final = 6
HIP, KNEE, ANKLE, HEEL, TOE = range(5)
"""Rows of a leg's points."""
_HIP_AT: Final = (0.5, 0.48)
"""Where the hip stands, as shares of width and height."""
_BODY_LL: Final = 2.5
"""Height of a picture: from head to feet a body measures about 2.1 leg lengths."""
_MOST_COPIED: Final = 2
"""Times the pixels of a picture: a runner who is larger in a frame is cut to a picture at once, to spare memory."""
_YELLOW: Final = (66, 228, 240)
_WHITE: Final = (250, 250, 250)
_DARK: Final = (20, 20, 20)
_FONT: Final = cv2.FONT_HERSHEY_DUPLEX


@dataclass(frozen=True)
class Cutting:
    """The runner out of one frame, copied: which costs a tenth of a picture, and most are never wanted."""

    part_bgr: ImageBGR
    leg_px: FloatArray
    """(5, 2) in the part, as is `middle_px`, (2,): what stands at the hip's place."""
    leg_length_px: float
    middle_px: FloatArray

    @cached_property
    def picture(self) -> tuple[ImageBGR, FloatArray]:
        """The runner alone, and the leg (5, 2) in it."""
        return cut_out(self.part_bgr, self.leg_px, self.leg_length_px, PICTURE_SIZE_PX, self.middle_px)

    @cached_property
    def cell(self) -> tuple[ImageBGR, FloatArray]:
        """The same as it stands on a sheet."""
        return cut_out(self.part_bgr, self.leg_px, self.leg_length_px, CELL_SIZE_PX, self.middle_px)


def cutting(image_bgr: ImageBGR, leg_px: FloatArray, leg_length_px: float, middle_px: FloatArray) -> Cutting:
    """What of a frame its pictures need; arguments as in `cut_out`. The frame itself is not held."""
    end_px = np.array(image_bgr.shape[1::-1])
    size_px = _BODY_LL * leg_length_px * np.array([PICTURE_SIZE_PX[0] / PICTURE_SIZE_PX[1], 1.0])
    corner_px = middle_px - np.array(_HIP_AT) * size_px
    # A pixel more on each side: between two pixels a picture takes from both.
    first = np.clip(np.floor(corner_px).astype(int) - 1, 0, end_px - 1)
    last = np.clip(np.ceil(corner_px + size_px).astype(int) + 2, first + 1, end_px)
    if np.prod(last - first) > _MOST_COPIED * np.prod(PICTURE_SIZE_PX):
        picture, leg = cut_out(image_bgr, leg_px, leg_length_px, PICTURE_SIZE_PX, middle_px)
        return Cutting(picture, leg, PICTURE_SIZE_PX[1] / _BODY_LL, np.array(_HIP_AT) * PICTURE_SIZE_PX)
    part = image_bgr[first[1] : last[1], first[0] : last[0]].copy()
    return Cutting(part, leg_px - first, leg_length_px, middle_px - first)


def cut_out(
    image_bgr: ImageBGR,
    leg_px: FloatArray,
    leg_length_px: float,
    size: Size = PICTURE_SIZE_PX,
    middle_px: FloatArray | None = None,
) -> tuple[ImageBGR, FloatArray]:
    """(height, width, 3): the runner, at the same size and place whatever the camera; and the leg (5, 2) in it.

    leg_px: (5, 2) hip, knee, ankle, heel, toe. middle_px: (2,) what stands at the hip's place; without it the hip. Two
    pictures of one run can be laid side by side.
    """
    width, height = size
    scale = height / (_BODY_LL * leg_length_px)
    middle = leg_px[HIP] if middle_px is None else middle_px
    shift = np.array(_HIP_AT) * size - scale * middle
    place = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    picture = cv2.warpAffine(image_bgr, place, (width, height), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(picture, np.uint8), scale * leg_px + shift


def with_leg(picture: ImageBGR, points: FloatArray, bend_deg: float) -> ImageBGR:
    """The picture with the leg in white, the lever, hip to heel, in yellow, and the knee's angle in figures.

    points: (5, 2) in the picture.
    """
    drawn = picture.copy()
    unit = picture.shape[0] / PICTURE_SIZE_PX[1]
    at = [(round(float(x)), round(float(y))) for x, y in points]
    _angle(drawn, points, bend_deg, unit)
    for start, end in ((HIP, KNEE), (KNEE, ANKLE), (HEEL, TOE)):
        _line(drawn, at[start], at[end], _WHITE, 3, unit)
    _line(drawn, at[HIP], at[HEEL], _YELLOW, 6, unit)
    for joint in (HIP, HEEL):
        cv2.circle(drawn, at[joint], round(8 * unit), _DARK, -1, cv2.LINE_AA)
        cv2.circle(drawn, at[joint], round(6 * unit), _YELLOW, -1, cv2.LINE_AA)
    return drawn


def sharpness(picture: ImageBGR) -> float:
    """Variance of the Laplacian in grey levels squared: the larger, the sharper (Pech-Pacheco et al. 2000)."""
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())


def sheet(cells: Sequence[ImageBGR]) -> ImageBGR:
    """Pictures of `CELL_SIZE_PX` in rows of `COLUMNS`, the last row filled with black."""
    width, height = CELL_SIZE_PX
    rows = math.ceil(len(cells) / COLUMNS)
    whole = np.zeros((rows * height, COLUMNS * width, 3), np.uint8)
    for number, cell in enumerate(cells):
        top, left = height * (number // COLUMNS), width * (number % COLUMNS)
        whole[top : top + height, left : left + width] = cell
    return whole


def encoded(picture: ImageBGR, quality: int) -> bytes:
    """As JPEG. Raises OSError where it cannot be encoded."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise OSError(0, "the picture cannot be encoded")
    return data.tobytes()


def _angle(picture: ImageBGR, points: FloatArray, bend_deg: float, unit: float) -> None:
    """The knee's bend: an arc from the thigh's line on to the shank, and its figure in front of the knee."""
    thigh, shank = points[KNEE] - points[HIP], points[ANKLE] - points[KNEE]
    lengths = np.linalg.norm(thigh), np.linalg.norm(shank)
    if not min(lengths) > 0:
        return
    thigh, shank = thigh / lengths[0], shank / lengths[1]
    knee, radius = points[KNEE], round(42 * unit)
    on = knee + 1.5 * radius * thigh
    _line(picture, _pixel(knee), _pixel(on), _WHITE, 1, unit)
    start, end = (math.degrees(math.atan2(way[1], way[0])) for way in (thigh, shank))
    turn = (end - start + 180) % 360 - 180
    for colour, px in ((_DARK, 4), (_WHITE, 2)):
        cv2.ellipse(
            picture,
            _pixel(knee),
            (radius, radius),
            0,
            start,
            start + turn,
            colour,
            max(round(px * unit), 1),
            cv2.LINE_AA,
        )
    ahead = thigh - shank
    size = float(np.linalg.norm(ahead))
    # A straight knee has no front: then it is square to the thigh, on the side to which the foot points.
    square = np.array([thigh[1], -thigh[0]])
    ahead = ahead / size if size > 0.3 else square * (1 if square @ (points[TOE] - points[HEEL]) >= 0 else -1)
    _figure(picture, f"{bend_deg:.0f}", knee + 66 * unit * ahead, unit)


def _figure(picture: ImageBGR, text: str, middle: FloatArray, unit: float) -> None:
    """Degrees around a point, white with a dark edge; the font has no sign for them, so it is drawn."""
    scale, thick, ring = 0.95 * unit, max(round(2 * unit), 1), max(round(4 * unit), 3)
    (width, height), _ = cv2.getTextSize(text, _FONT, scale, thick)
    edge = 2 * ring
    size = np.array([width + 3 * ring + 2 * edge, height + ring + 2 * edge])
    room = np.array([picture.shape[1], picture.shape[0]]) - size
    left, top = np.clip(np.round(middle - size / 2), 0, np.maximum(room, 0)).astype(int)
    ink = np.zeros((size[1], size[0]), np.uint8)
    cv2.putText(ink, text, (edge, edge + ring + height), _FONT, scale, 255, thick, cv2.LINE_AA)
    cv2.circle(ink, (edge + width + 2 * ring, edge + ring), ring, 255, max(thick, 2), cv2.LINE_AA)
    around = cv2.GaussianBlur(cv2.dilate(ink, np.ones((5, 5), np.uint8)), (3, 3), 0)
    part = picture[top : top + size[1], left : left + size[0]]
    for mask, colour in ((around, _DARK), (ink, _WHITE)):
        share = mask[: part.shape[0], : part.shape[1], None] / 255.0
        part[:] = np.round(part * (1 - share) + np.array(colour) * share)


def _pixel(point: Sequence[float] | FloatArray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _line(
    picture: ImageBGR, start: tuple[int, int], end: tuple[int, int], colour: tuple[int, ...], px: int, unit: float
) -> None:
    cv2.line(picture, start, end, _DARK, max(round((px + 3) * unit), 2), cv2.LINE_AA)
    cv2.line(picture, start, end, colour, max(round(px * unit), 1), cv2.LINE_AA)
