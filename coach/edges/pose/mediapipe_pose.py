"""Plain MediaPipe Tasks behind the port, for comparison alone.

Whoever creates a MediaPipe task also starts its sender of usage data (docs/people-finder.md). So this module, the only
one that imports MediaPipe, is imported only where `pose.backend = "mediapipe"` asks for it and
`pose.mediapipe_may_report` allows it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from mediapipe.tasks.python.core.base_options import BaseOptions
from mediapipe.tasks.python.vision import pose_landmarker as tasks
from mediapipe.tasks.python.vision.core.image import Image, ImageFormat

from coach.core.pose import Pose
from coach.edges.pose.mediapipe_metadata import bundle_with_metadata
from coach.edges.pose.people_finder import Person, pose_of
from coach.edges.pose.runner_search import SAME_PLACE, RunnerSearch, Sighting, alike, distance_px, sighting
from coach.errors import PoseModelError
from coach.ports import Frame, ImageBGR

_MOST_PEOPLE: Final = 3
_LOST_S: Final = 0.3
"""Not seen for so long, the runner is looked for anew."""


class MediaPipeFinder:
    """MediaPipe's pose landmarker in IMAGE mode: a fresh detection for every picture, no smoothing."""

    def __init__(self, bundle: Path, at_most: int) -> None:
        """Load the bundle. Raises PoseModelError where MediaPipe does not take it."""
        # Bytes rather than the path: paths with other than ASCII letters fail on Windows.
        content = bundle_with_metadata(bundle)
        try:
            options = tasks.PoseLandmarkerOptions(BaseOptions(model_asset_buffer=content), num_poses=at_most)
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


def _person(landmarks: list[Any], width: int, height: int) -> Person:
    xy_px = np.array([(point.x * width, point.y * height) for point in landmarks], dtype=float)
    visibility = np.array([point.visibility or 0.0 for point in landmarks], dtype=float)
    return Person(xy_px, visibility)


class MediaPipePose:
    """A fresh detection of everybody in every frame, no smoothing; the runner is told from the others."""

    def __init__(self, bundle: Path) -> None:
        """Load the bundle; PoseModelError where it cannot be loaded."""
        self._finder = MediaPipeFinder(bundle, at_most=_MOST_PEOPLE)
        self.reset()

    def reset(self) -> None:
        """Forget the runner."""
        self._search = RunnerSearch()
        self._last: Sighting | None = None

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose, or None where no runner is."""
        runner = self._runner(self._finder.find(frame.image_bgr), frame.t_s)
        if runner is None:
            return None
        self._last = sighting(runner, frame.t_s)
        self._search.follow(self._last)
        return pose_of(runner, frame.t_s)

    def _runner(self, people: list[Person], t_s: float) -> Person | None:
        if self._last is None:
            return self._search.choose(people, t_s)
        last = self._last
        same = [person for person in people if alike(sighting(person, t_s), last, SAME_PLACE)]
        if not same:
            if t_s - last.t_s > _LOST_S:
                self._last = None
                self._search.lose()
            return None
        runner = min(same, key=lambda person: distance_px(sighting(person, t_s), last))
        if len(people) > 1 and not self._search.locked:
            return self._search.mover(people, t_s) or runner
        return runner

    def close(self) -> None:
        """Release the network. May be called twice."""
        self._finder.close()
