"""What a picture says of the light: brightness and sharpness, measured small so that it costs little."""

from __future__ import annotations

import cv2
import numpy as np

from coach.core.setup.setup_check import PictureStats
from coach.ports import ImageBGR

_WIDTH_PX = 320


def picture_stats(image_bgr: ImageBGR, measured_fps: float, repeated_pct: float = 0.0) -> PictureStats:
    """Size, mean brightness and sharpness of a picture, with the rates that were measured elsewhere."""
    height, width = image_bgr.shape[:2]
    small = cv2.resize(image_bgr, (_WIDTH_PX, max(round(height * _WIDTH_PX / width), 1)), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    spread = float(np.var(grey))
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    sharpness = edges / spread if spread > 1 else 0.0
    return PictureStats(width, height, measured_fps, float(grey.mean()), sharpness, repeated_pct)
