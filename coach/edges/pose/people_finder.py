"""MediaPipe Tasks as a finder of people: every pose in one picture, no memory between pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import cv2
import numpy as np
from mediapipe.tasks.python.core.base_options import BaseOptions
from mediapipe.tasks.python.vision import pose_landmarker as tasks
from mediapipe.tasks.python.vision.core.image import Image, ImageFormat

from coach.core.pose import Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray
from coach.errors import PoseModelError
from coach.ports import ImageBGR

BLAZEPOSE_ROWS: Final[dict[Keypoint, int]] = {
    Keypoint.NOSE: 0,
    Keypoint.LEFT_SHOULDER: 11,
    Keypoint.RIGHT_SHOULDER: 12,
    Keypoint.LEFT_HIP: 23,
    Keypoint.RIGHT_HIP: 24,
    Keypoint.LEFT_KNEE: 25,
    Keypoint.RIGHT_KNEE: 26,
    Keypoint.LEFT_ANKLE: 27,
    Keypoint.RIGHT_ANKLE: 28,
    Keypoint.LEFT_HEEL: 29,
    Keypoint.RIGHT_HEEL: 30,
    Keypoint.LEFT_FOOT_INDEX: 31,
    Keypoint.RIGHT_FOOT_INDEX: 32,
}
"""Where our keypoints stand among MediaPipe's 33 landmarks."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person in one picture.

    xy_px: (33, 2), MediaPipe's landmarks; a landmark may lie outside the picture.
    visibility: (33,), 0 to 1 as the network says it.
    """

    xy_px: FloatArray
    visibility: FloatArray


def pose_of(person: Person, t_s: float) -> Pose:
    """The thirteen keypoints of a person."""
    xy_px, confidence = empty_keypoints()
    for keypoint, row in BLAZEPOSE_ROWS.items():
        xy_px[keypoint] = person.xy_px[row]
        confidence[keypoint] = person.visibility[row]
    return Pose(t_s=t_s, xy_px=xy_px, confidence=confidence)


class PeopleFinder:
    """MediaPipe's pose landmarker in IMAGE mode: a fresh detection for every picture, no smoothing."""

    def __init__(self, bundle: Path, at_most: int) -> None:
        """Load the bundle. Raises PoseModelError where MediaPipe does not take it."""
        # Bytes rather than the path: paths with other than ASCII letters fail on Windows.
        try:
            options = tasks.PoseLandmarkerOptions(
                BaseOptions(model_asset_buffer=bundle.read_bytes()), num_poses=at_most
            )
            self._landmarker: Any = tasks.PoseLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise PoseModelError(
                f"the pose model {bundle} cannot be loaded ({error}); give full, lite, heavy or another bundle"
            ) from error

    def find(self, image_bgr: ImageBGR) -> list[Person]:
        """Everybody in the picture, in no particular order."""
        height, width = image_bgr.shape[:2]
        rgb = np.ascontiguousarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        found = self._landmarker.detect(Image(image_format=ImageFormat.SRGB, data=rgb))
        return [_person(landmarks, width, height) for landmarks in found.pose_landmarks]

    def close(self) -> None:
        """Let go of the network; left open it raises when Python ends. May be called twice."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _person(landmarks: list[Any], width: int, height: int) -> Person:
    xy_px = np.array([(point.x * width, point.y * height) for point in landmarks], dtype=float)
    visibility = np.array([point.visibility or 0.0 for point in landmarks], dtype=float)
    return Person(xy_px, visibility)
