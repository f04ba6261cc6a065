"""Everybody in a picture: BlazePose's person detector on the whole of it, then one landmark run a person.

Also what MediaPipe's 33 landmarks are to us.

The detector's figures are those of MediaPipe's published description of BlazePose (the graphs `pose_detection_cpu` and
`pose_detection_to_roi`, and the options of its tasks' detector). The network looks at a square picture, the whole frame
fitted in with bars. At every anchor it says how sure it is of a person there, and where, seen from the anchor, the box
of the face, two points of the whole body and two of the upper body lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import prod
from typing import Final

import cv2
import numpy as np

from coach.core.pose import Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray
from coach.edges.pose.heat_map import refine
from coach.edges.pose.landmark_network import LEAST_PRESENCE, LandmarkNetwork, load_network
from coach.edges.pose.region import Region, sample_on_grid
from coach.errors import PoseModelError
from coach.ports import ImageBGR

DETECTOR_PX: Final = 224
"""Width and height of the detector's input picture."""

_ANCHORS_PER_CELL: Final = ((8, 2), (16, 2), (32, 6))
"""Stride in pixels, and how many anchors share a cell's centre: two of each layer, and three layers have stride 32."""

ANCHORS: Final = sum(each * (DETECTOR_PX // stride) ** 2 for stride, each in _ANCHORS_PER_CELL)
"""2254."""

VALUES: Final = 12
"""Of each anchor: box centre and size, then the four points; x before y, in input pixels from the anchor."""

_LEAST_SCORE: Final = 0.5
_MOST_LOGIT: Final = 100.0
_SAME_BOX: Final = 0.3
"""Boxes that overlap by more of their union than this are of one person."""

_MARGIN: Final = 1.25
"""The region reaches so much further from mid-hip than the point that tells the body's size."""

_MID_HIP, _SCALE_POINT = 2, 3


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes with their points, the surest first.

    score: (n,), 0.5 to 1. points: (n, 6, 2): the box's upper left and lower right corner, mid-hip, the point above it
    that tells size and tilt of the body, and the same two for the upper body.
    """

    score: FloatArray
    points: FloatArray


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture was fitted into the detector's input: scaled, then moved by bars of equal width."""

    scale: float
    x: float
    y: float

    def affine(self) -> FloatArray:
        """(2, 3) map from picture pixels to input pixels."""
        return np.array([[self.scale, 0, self.x], [0, self.scale, self.y]])

    def to_picture(self, points: FloatArray) -> FloatArray:
        """Picture pixels of (…, 2) points given in input pixels."""
        return np.asarray((points - (self.x, self.y)) / self.scale)


def letterbox(width_px: int, height_px: int) -> Letterbox:
    """The whole picture in the middle of the input, its longer side filling it."""
    scale = DETECTOR_PX / max(width_px, height_px)
    return Letterbox(scale, (DETECTOR_PX - scale * width_px) / 2, (DETECTOR_PX - scale * height_px) / 2)


def anchors() -> FloatArray:
    """(2254, 2): the centres in input pixels, x and y, in the order of the network's output."""
    layers = []
    for stride, each in _ANCHORS_PER_CELL:
        middle = stride * (np.arange(DETECTOR_PX // stride) + 0.5)
        x, y = np.meshgrid(middle, middle)
        layers.append(np.repeat(np.column_stack([x.ravel(), y.ravel()]), each, axis=0))
    return np.concatenate(layers)


def decode(values: FloatArray, logits: FloatArray, centres: FloatArray) -> Detections:
    """Everything that may be a person, not yet merged, in input pixels.

    values: (n, 12) as in `VALUES`. logits: (n,). centres: (n, 2), the anchors. Boxes that are inside out or NaN are
    left out.
    """
    score = 1 / (1 + np.exp(-np.clip(logits, -_MOST_LOGIT, _MOST_LOGIT).astype(float)))
    likely = np.flatnonzero((score >= _LEAST_SCORE) & (values[:, 2] >= 0) & (values[:, 3] >= 0))
    likely = likely[np.argsort(-score[likely], kind="stable")]
    seen = values[likely].astype(float).reshape(-1, VALUES // 2, 2)
    half = seen[:, 1] / 2
    offsets = np.concatenate([(seen[:, 0] - half)[:, np.newaxis], (seen[:, 0] + half)[:, np.newaxis], seen[:, 2:]], 1)
    return Detections(score[likely], offsets + centres[likely, np.newaxis])


def merge(found: Detections) -> Detections:
    """One detection a person: the surest, with everything that overlaps it averaged in by its score.

    Weighted non-maximum suppression: the score stays that of the surest.
    """
    scores: list[float] = []
    merged: list[FloatArray] = []
    left = np.arange(len(found.score))
    while left.size:
        same = _overlap(found.points[left[0]], found.points[left]) > _SAME_BOX
        same[0] = True
        group = left[same]
        scores.append(float(found.score[group[0]]))
        merged.append(np.average(found.points[group], axis=0, weights=found.score[group]))
        left = left[~same]
    return Detections(np.array(scores), np.array(merged).reshape(-1, VALUES // 2, 2))


def _overlap(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """(n,): intersection over union of one box with each; 0 where neither has an area."""
    upper_left = np.maximum(box[0], boxes[:, 0])
    lower_right = np.minimum(box[1], boxes[:, 1])
    common = (lower_right - upper_left).clip(0).prod(axis=1)
    union = (box[1] - box[0]).prod() + (boxes[:, 1] - boxes[:, 0]).prod(axis=1) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0))


def region_of(points: FloatArray) -> Region:
    """The square that holds a whole person, from the (6, 2) points of a detection in picture pixels."""
    x_px, y_px = points[_MID_HIP].tolist()
    ahead_px, down_px = (points[_SCALE_POINT] - points[_MID_HIP]).tolist()
    side_px = 2 * _MARGIN * math.hypot(ahead_px, down_px)
    return Region(x_px, y_px, side_px, tilt_deg=math.degrees(math.atan2(ahead_px, -down_px)))


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
