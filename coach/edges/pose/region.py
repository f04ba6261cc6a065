"""The square of the picture that is handed to the landmark network: how it is cut, and how it follows the runner.

The size and tilt of this square move the measured knee angle by 5–12°, more than anything else in the
front end. So it stands as still as it can: it follows medians over seconds and is tilted by a fixed angle.

Where MediaPipe's own finder is to be matched, the picture is sampled on a grid of 1/32 pixel, as MediaPipe's OpenCV
does. Newer OpenCV samples more finely; the networks answer up to 50 pixels apart for it where legs overlap.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.pose.landmark_network import CROP_PX
from coach.ports import ImageBGR

SIDE_BODIES: Final = 1.25
"""Side of the region in body extents, tried from 1.15 to 1.8: larger reads knee flexion lower, and smaller brings
the feet near the edge, where the network gets worse quickly."""

TILT_DEG: Final = 17.0
"""The region's up-axis leans so far toward where the runner faces. Fixed: a tilt from the measured lean runs away."""

_STEPS: Final = 32
"""Steps to a pixel: the five bits of OpenCV's fixed-point interpolation."""


@dataclass(frozen=True, slots=True)
class Region:
    """A square in the picture. tilt_deg: its up-axis leans so far toward image-right."""

    x_px: float
    y_px: float
    side_px: float
    tilt_deg: float

    def affine(self) -> FloatArray:
        """(2, 3) map from picture pixels to crop pixels."""
        angle = np.radians(self.tilt_deg)
        turn = CROP_PX / self.side_px * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return np.column_stack([turn, CROP_PX / 2 - turn @ (self.x_px, self.y_px)])

    def to_crop(self, xy_px: FloatArray) -> FloatArray:
        """Crop pixels of (n, 2) points given in picture pixels."""
        there = self.affine()
        return xy_px @ there[:, :2].T + there[:, 2]

    def to_picture(self, xy: FloatArray) -> FloatArray:
        """Picture pixels of (n, 2) points given in crop pixels."""
        back = np.asarray(cv2.invertAffineTransform(self.affine()))
        return xy @ back[:, :2].T + back[:, 2]

    def cut(self, image_bgr: ImageBGR) -> ImageBGR:
        """The (256, 256, 3) crop, black beyond the picture's edge.

        A region much larger than the crop is halved first, by area: sampling single pixels would drop thin shanks.
        """
        affine, image, shrink = self.affine(), image_bgr, self.side_px / CROP_PX
        if shrink > _LARGEST_SAMPLED:
            left, top, image = self._surroundings(image)
            scale = 1
            while shrink / scale > _LARGEST_SAMPLED and min(image.shape[:2]) > 1:
                image, scale = _halved(image), 2 * scale
            affine = affine @ _grown(scale, left, top)
        if not image.size:
            return np.zeros((CROP_PX, CROP_PX, 3), np.uint8)
        crop = cv2.warpAffine(image, affine[:2], (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR)
        return np.asarray(crop, dtype=np.uint8)

    def sample(self, image_bgr: ImageBGR) -> ImageBGR:
        """The (256, 256, 3) crop as MediaPipe cuts it: pixel by pixel however large it is, the edge repeated."""
        return sample_on_grid(image_bgr, self.affine(), CROP_PX, repeat_edge=True)

    def _surroundings(self, image: ImageBGR) -> tuple[int, int, ImageBGR]:
        """The upright part of the picture that holds the region, and its left and top; empty where they lie apart."""
        corners = self.to_picture(_CORNERS)
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        right, bottom = np.maximum(np.ceil(corners.max(axis=0)).astype(int), 0)
        return int(left), int(top), image[top:bottom, left:right]


_CORNERS: Final = np.array([(0, 0), (CROP_PX, 0), (0, CROP_PX), (CROP_PX, CROP_PX)], dtype=float)

_LARGEST_SAMPLED: Final = 1.5
"""Shrinking further than this by linear sampling would leave pixels out."""


def _halved(image: ImageBGR) -> ImageBGR:
    """Means of two by two pixels, an odd last row or column left out.

    OpenCV does this 15 times faster than means over areas of any other size, and the pose is as good
    (docs/accuracy-front-end.md).
    """
    height, width = (size // 2 for size in image.shape[:2])
    even = image[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _grown(scale: float, left: float, top: float) -> FloatArray:
    """(3, 3) map from the shrunk part's pixels to the whole picture's; pixel centres lie at whole numbers."""
    between = (scale - 1) / 2
    return np.array([[scale, 0, left + between], [0, scale, top + between], [0, 0, 1]], dtype=float)


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """Where the runner was in one frame, in picture pixels."""

    t_s: float
    hip_x_px: float
    hip_y_px: float
    lowest_y_px: float
    highest_y_px: float


def body_place(t_s: float, landmarks_px: FloatArray) -> BodyPlace:
    """From MediaPipe's (33, 2) landmarks."""
    x_px, y_px = landmarks_px[_HIP_ROWS].mean(axis=0)
    return BodyPlace(t_s, x_px, y_px, landmarks_px[:, 1].max(), landmarks_px[:, 1].min())


_HIP_ROWS: Final = [23, 24]
_CENTRE_S: Final = 1.0
_MOVING_S: Final = 0.1
_MOVED: Final = 0.1
"""Hips further than this from the region's centre, in body extents, for `_MOVING_S` have moved off: somebody steps
on or off the belt, and the region goes along at once. Bounce and sway stay below 0.06."""
_EXTENT_S: Final = 2.0
_STILL_S: Final = 1 / 6
"""The region is set anew this often and stands still in between."""
_SETTLING_FRAMES: Final = 10
"""At first it is set with every frame, since the finder's pose gave only a rough one."""


class RegionTracker:
    """Follows the runner with a steady region."""

    def __init__(self, first: BodyPlace, facing_sign: int) -> None:
        """facing_sign: +1 where the runner looks to image-right, −1 to the left."""
        self._places: deque[BodyPlace] = deque([first])
        self._seen = 0
        self._set_s = first.t_s
        self.facing_sign = facing_sign
        self.extent_px = self._extent_px()
        """The runner's height in the picture."""
        self.region = self._region()

    def follow(self, place: BodyPlace) -> None:
        """Take in where the runner was in one more frame."""
        if self._seen == 0:
            self._places.clear()  # the finder's guess has done its work
        self._seen += 1
        self._places.append(place)
        while place.t_s - self._places[0].t_s > _EXTENT_S:
            self._places.popleft()
        self.extent_px = self._extent_px()
        if self._seen <= _SETTLING_FRAMES or place.t_s - self._set_s >= _STILL_S or self._moved_off(self.region):
            self._set_s = place.t_s
            self.region = self._region()

    @property
    def last(self) -> BodyPlace:
        """Where the runner was last."""
        return self._places[-1]

    def _extent_px(self) -> float:
        """Lowest foot (90th percentile) to top of the head (median) over 2 s."""
        lowest = np.percentile([place.lowest_y_px for place in self._places], 90)
        return float(lowest - statistics.median(place.highest_y_px for place in self._places))

    def _region(self) -> Region:
        region = self._region_over(_CENTRE_S)
        return self._region_over(_MOVING_S) if self._moved_off(region) else region

    def _moved_off(self, region: Region) -> bool:
        newest = self._region_over(_MOVING_S)
        return bool(np.hypot(newest.x_px - region.x_px, newest.y_px - region.y_px) > _MOVED * self.extent_px)

    def _region_over(self, over_s: float) -> Region:
        """Centred at the median mid-hip of the last `over_s`."""
        recent = list(takewhile(lambda place: self.last.t_s - place.t_s <= over_s, reversed(self._places)))
        x_px, y_px = (statistics.median(p.hip_x_px for p in recent), statistics.median(p.hip_y_px for p in recent))
        side_px = max(SIDE_BODIES * self.extent_px, 1.0)
        return in_crop_pixels(Region(float(x_px), float(y_px), side_px, tilt_deg=self.facing_sign * TILT_DEG))


def in_crop_pixels(region: Region) -> Region:
    """The region with its size and its centre in steps of one pixel of the crop.

    A pose moves the region that the next pose is read from, so the last digits of one picture would never be
    forgotten: on a grid they are, and two runs that begin a hundredth of a pixel apart read the same.
    """
    side_px = math.exp(round(math.log(region.side_px) * CROP_PX) / CROP_PX)
    step_px = side_px / CROP_PX
    x_px, y_px = (round(at_px / step_px) * step_px for at_px in (region.x_px, region.y_px))
    return replace(region, x_px=x_px, y_px=y_px, side_px=side_px)


def sample_on_grid(image_bgr: ImageBGR, affine: FloatArray, side_px: int, *, repeat_edge: bool) -> ImageBGR:
    """The (side_px, side_px, 3) square that the (2, 3) map from picture to square gives.

    Beyond the picture its edge is repeated, or it is black. A region much larger than the square leaves pixels out.
    """
    back = np.asarray(cv2.invertAffineTransform(affine)) * _STEPS
    along = np.arange(side_px)
    x, y = (_on_grid(row[0] * along, row[1] * along + row[2]) for row in back)
    whole = np.stack([x >> 5, y >> 5], axis=-1).astype(np.int16)
    part = ((y & 31) * _STEPS + (x & 31)).astype(np.uint16)
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
    return np.asarray(cv2.remap(image_bgr, whole, part, cv2.INTER_LINEAR, borderMode=border), np.uint8)


def _on_grid(along_row: FloatArray, along_column: FloatArray) -> NDArray[np.int32]:
    return np.rint(along_row + along_column[:, np.newaxis]).clip(-_FAR, _FAR).astype(np.int32)


_FAR: Final = 32_000 * _STEPS
"""OpenCV's whole pixels have 16 bits."""
