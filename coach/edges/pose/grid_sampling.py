"""Cutting a square out of a picture by sampling it on a grid of 1/32 pixel, as MediaPipe's own OpenCV does.

Newer OpenCV samples more finely. The networks answer up to 50 pixels apart for it where legs overlap, so what was tuned
and measured with MediaPipe's finder needs the same grid.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.ports import ImageBGR

_STEPS: Final = 32
"""Steps to a pixel: the five bits of OpenCV's fixed-point interpolation."""


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
