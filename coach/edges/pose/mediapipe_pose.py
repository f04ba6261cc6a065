"""Plain MediaPipe Tasks behind the port: for comparison, and as a way out where LiteRT does not run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from coach.core.pose import Pose
from coach.edges.pose.people_finder import PeopleFinder, Person, pose_of
from coach.edges.pose.runner_search import SAME_PLACE, RunnerSearch, Sighting, alike, distance_px, sighting
from coach.ports import Frame

_MOST_PEOPLE: Final = 3
_LOST_S: Final = 0.3
"""Not seen for so long, the runner is looked for anew."""


class MediaPipePose:
    """A fresh detection of everybody in every frame, no smoothing; the runner is told from the others."""

    def __init__(self, bundle: Path) -> None:
        """Load the bundle; PoseModelError where it cannot be loaded."""
        self._finder = PeopleFinder(bundle, at_most=_MOST_PEOPLE)
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
