"""What is measured of a picture, small so that it costs little: its light, and how far it differs from another."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.setup.setup_check import PictureStats
from coach.ports import ImageBGR

_STATS_WIDTH_PX: Final = 320

Glance = NDArray[np.int16]
"""(rows, columns) of grey levels, each the mean of a patch: what is kept of a picture to compare it."""

_LATTICE_PX: Final = 280
"""Pixels looked at along the longer side; a leg of 100 px in a full HD picture still has 15 of them."""
_PATCH: Final = 6
"""Pixels of the lattice that are averaged along each side: the noise of codecs and sensors goes, a limb stays."""
_CHANGED_SHARE: Final = 0.02
"""A runner's legs and arms change this share of the picture at the least; the rest of it says nothing."""


def picture_stats(image_bgr: ImageBGR, measured_fps: float, repeated_pct: float = 0.0) -> PictureStats:
    """Size, mean brightness and sharpness of a picture, with the rates that were measured elsewhere."""
    height, width = image_bgr.shape[:2]
    small = cv2.resize(
        image_bgr, (_STATS_WIDTH_PX, max(round(height * _STATS_WIDTH_PX / width), 1)), interpolation=cv2.INTER_AREA
    )
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    spread = float(np.var(grey))
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    sharpness = edges / spread if spread > 1 else 0.0
    return PictureStats(width, height, measured_fps, float(grey.mean()), sharpness, repeated_pct)


def glance(image_bgr: ImageBGR) -> Glance:
    """What is kept of a picture; some 0.2 ms. Green stands for the grey levels."""
    step = max(-(-max(image_bgr.shape[:2]) // _LATTICE_PX), 1)
    lattice = np.ascontiguousarray(image_bgr[::step, ::step, 1])
    size = max(lattice.shape[1] // _PATCH, 1), max(lattice.shape[0] // _PATCH, 1)
    return np.asarray(cv2.resize(lattice, size, interpolation=cv2.INTER_AREA), np.int16)


def difference(a: Glance, b: Glance) -> float:
    """Mean change of the patches that changed most, in grey levels; inf for pictures of other shapes."""
    if a.shape != b.shape:
        return math.inf
    change = np.abs(a - b).ravel()
    most = max(round(_CHANGED_SHARE * change.size), 1)
    return float(np.partition(change, change.size - most)[-most:].mean())
