"""Everybody in a picture, and what MediaPipe's 33 landmarks are to us; where nobody is found, whether it is turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from coach.core.gait.camera_view import leg_length_px
from coach.core.gait.scene import Finding, placed
from coach.core.pose import Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray
from coach.edges.pose.heat_map import refine
from coach.edges.pose.landmark_network import LEAST_PRESENCE, LandmarkNetwork
from coach.edges.pose.person_detector import PersonDetector
from coach.edges.pose.region import Region
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

_TURNS: Final = (
    (cv2.ROTATE_180, Finding.UPSIDE_DOWN),
    (cv2.ROTATE_90_CLOCKWISE, Finding.ON_ITS_SIDE),
    (cv2.ROTATE_90_COUNTERCLOCKWISE, Finding.ON_ITS_SIDE),
)


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
    """A fresh look at every picture, no memory between pictures: a detector, then one landmark run a person.

    The regions are cut and the landmarks refined as MediaPipe's pose landmarker does, so that both find the same.
    """

    def __init__(self, detector: PersonDetector, network: LandmarkNetwork, at_most: int) -> None:
        self._detector = detector
        self._network = network
        self._at_most = at_most

    def find(self, image_bgr: ImageBGR) -> list[Person]:
        """Everybody in the picture, the surest first, `at_most` so many."""
        regions = self._detector.regions(image_bgr)[: self._at_most]
        people = (self._look(image_bgr, region) for region in regions)
        return [person for person in people if person is not None]

    def _look(self, image_bgr: ImageBGR, region: Region) -> Person | None:
        """The person in a region, or None where the landmark network sees none."""
        reading = self._network.read(region.sample(image_bgr))
        if reading.presence < LEAST_PRESENCE:
            return None
        return Person(region.to_picture(refine(reading, range(len(reading.xy)))), reading.visibility)


def turned(find: Callable[[ImageBGR], list[Person]], pictures: Sequence[ImageBGR]) -> Finding | None:
    """How most of the pictures are turned; None where somebody stands upright in them, or nobody is in them."""
    upright = sum(_somebody_upright(find(picture)) for picture in pictures)
    for turn, finding in _TURNS:
        found = sum(_somebody_upright(find(np.asarray(cv2.rotate(picture, turn), np.uint8))) for picture in pictures)
        if 2 * found > len(pictures) and found > upright:
            return finding
    return None


def _somebody_upright(people: list[Person]) -> bool:
    return any(_is_upright(pose_of(person, 0.0).xy_px[None]) for person in people)


def _is_upright(xy_px: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    return placed(xy_px, leg_length_px(xy_px)) not in {Finding.UPSIDE_DOWN, Finding.ON_ITS_SIDE}
