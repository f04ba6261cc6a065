"""Everybody in a picture, and what MediaPipe's 33 landmarks are to us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
