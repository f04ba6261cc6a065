"""Plain MediaPipe Tasks behind the port: for comparison, and as a way out where LiteRT does not run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from coach.core.pose import Pose
from coach.core.units import FloatArray
from coach.edges.people_finder import PeopleFinder, Person, pose_of
from coach.ports import Frame


class MediaPipePose:
    """A fresh detection for every frame; of several people the one nearest to where the runner was."""

    def __init__(self, bundle: Path) -> None:
        """Load the bundle; PoseModelError where it cannot be loaded."""
        self._finder = PeopleFinder(bundle, at_most=2)
        self._last_px: FloatArray | None = None

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose, or None where no runner is."""
        people = self._finder.find(frame.image_bgr)
        if not people:
            return None
        runner = self._choose(people)
        self._last_px = runner.xy_px
        return pose_of(runner, frame.t_s)

    def _choose(self, people: list[Person]) -> Person:
        if self._last_px is None:
            return max(people, key=lambda person: float(np.ptp(person.xy_px[:, 1])))
        last_px = self._last_px
        return min(people, key=lambda person: float(np.median(np.abs(person.xy_px - last_px))))

    def reset(self) -> None:
        """Forget the runner."""
        self._last_px = None

    def close(self) -> None:
        """Release the network. May be called twice."""
        self._finder.close()
