"""The landmark network asked twice: about the crop and about its mirror image.

The network is not quite symmetric. The mean of both readings leaves the near leg as good as it is and makes the far
leg's curve better (a quarter less error on drawn runners, half the scatter of the peaks on a real one), for
twice the time.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

import cv2
import numpy as np

from coach.edges.pose.landmark_network import CROP_PX, LandmarkNetwork, NetworkReading
from coach.ports import ImageBGR

_PAIRS: Final = ((1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((row, row + 1) for row in range(11, 33, 2)))
"""Left and right landmarks of the body; the nose and the auxiliary ones stay."""

_OTHER_SIDE: Final = np.arange(39)
for _left, _right in _PAIRS:
    _OTHER_SIDE[[_left, _right]] = _right, _left

_AFFORDED: Final = 0.15
"""Two readings may take this share of the time between two frames, where the machine decides: capture, drawing, sound
and a warm laptop's slower clock want the rest, and which way it goes should not change from day to day."""

_TRIALS: Final = 5


class Network(Protocol):
    """Reads a crop."""

    def read(self, crop_bgr: ImageBGR) -> NetworkReading:
        """Landmarks of the person in a (256, 256, 3) crop."""
        ...


class MirroredNetwork:
    """Means of two readings."""

    def __init__(self, network: LandmarkNetwork) -> None:
        self._network = network

    def read(self, crop_bgr: ImageBGR) -> NetworkReading:
        """Landmarks of the person in a (256, 256, 3) crop."""
        plain = self._network.read(crop_bgr)
        mirrored = self._network.read(np.asarray(cv2.flip(crop_bgr, 1), np.uint8))
        body = _OTHER_SIDE[: len(plain.xy)]
        xy = mirrored.xy[body] * (-1, 1) + (CROP_PX, 0)
        return NetworkReading(
            xy=(plain.xy + xy) / 2,
            visibility=(plain.visibility + mirrored.visibility[body]) / 2,
            presence=min(plain.presence, mirrored.presence),
            heat_logits=np.float32(0.5) * (plain.heat_logits + mirrored.heat_logits[:, ::-1, _OTHER_SIDE]),
        )


def affords_two(network: LandmarkNetwork, fps: float) -> bool:
    """Whether this machine reads two crops well within the time of a frame.

    The best of a few trials, so that other programs do not decide it.
    """
    blank, quickest_s = np.zeros((CROP_PX, CROP_PX, 3), np.uint8), np.inf
    for _ in range(_TRIALS):
        started = time.perf_counter()
        network.read(blank)
        quickest_s = min(quickest_s, time.perf_counter() - started)
    return bool(2 * quickest_s * fps <= _AFFORDED)
