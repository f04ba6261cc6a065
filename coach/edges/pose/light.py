"""A dim picture is brought to the light that the network knows, before it is read."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from coach.ports import ImageBGR

_LIT: Final = 160.0
"""Of 255: as bright is the 95th percentile of a lit picture at least; brighter ones are left as they are."""
_MOST: Final = 4.0
"""A darker picture than this mends is noise."""
_EVERY_PX: Final = 8
"""Along and down: a percentile of one pixel in 64 is as good, and quick."""


def lit(crop_bgr: ImageBGR) -> ImageBGR:
    """The crop, times what brings its light parts to those of a lit picture.

    A dim runner's knees are read low (docs/accuracy-front-end.md). What is black is most of all what lies
    beyond the picture's edge, and tells nothing of its light.
    """
    some = crop_bgr[::_EVERY_PX, ::_EVERY_PX]
    seen = some[some.any(axis=2)]
    if not seen.size:
        return crop_bgr
    times = min(_LIT / float(np.percentile(seen, 95)), _MOST)
    return np.asarray(cv2.convertScaleAbs(crop_bgr, alpha=times), np.uint8) if times > 1 else crop_bgr
