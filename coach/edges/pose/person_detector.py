"""BlazePose's person detector, run through LiteRT on the whole picture."""

from __future__ import annotations

from math import prod
from typing import Final

import cv2
import numpy as np

from coach.edges.pose.detector_decoding import (
    ANCHORS,
    DETECTOR_PX,
    VALUES,
    anchors,
    decode,
    letterbox,
    merge,
    region_of,
)
from coach.edges.pose.grid_sampling import sample_on_grid
from coach.edges.pose.network_loading import load_network
from coach.edges.pose.region import Region
from coach.errors import PoseModelError
from coach.ports import ImageBGR

_CENTRES: Final = anchors()


class PersonDetector:
    """The network, loaded and ready."""

    def __init__(self, model: bytes, threads: int) -> None:
        """Load a bundle's detector. Raises PoseModelError where it is not one."""
        self._interpreter = load_network(model, threads, "the person detector")
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {prod(d["shape"]): d["index"] for d in self._interpreter.get_output_details()}
        if not {ANCHORS, ANCHORS * VALUES} <= self._outputs.keys():
            raise PoseModelError(
                "the pose model's person detector is not BlazePose's; give full, lite, heavy or another bundle"
            )

    def regions(self, image_bgr: ImageBGR) -> list[Region]:
        """Where the people are, the surest first: a square around each, in picture pixels."""
        height, width = image_bgr.shape[:2]
        fitted = letterbox(width, height)
        shrunk = sample_on_grid(image_bgr, fitted.affine(), DETECTOR_PX, repeat_edge=False)
        rgb = cv2.cvtColor(shrunk, cv2.COLOR_BGR2RGB)
        self._interpreter.set_tensor(self._input, (rgb * np.float32(1 / 127.5) - np.float32(1))[np.newaxis])
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._outputs[ANCHORS * VALUES]).reshape(ANCHORS, VALUES)
        logits = self._interpreter.get_tensor(self._outputs[ANCHORS]).reshape(ANCHORS)
        found = merge(decode(values, logits, _CENTRES))
        return [region_of(points) for points in fitted.to_picture(found.points)]
