"""The pose front end that measures best: a steady region of our own around the runner.

A detector finds people at the start and after a loss. In between the landmark network runs on a region
that stands still and leans toward where the runner faces, and its heat maps are read joint by joint.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from coach.core.pose import Keypoint, Pose
from coach.edges.pose.landmark_network import LEAST_PRESENCE, Network
from coach.edges.pose.people_finder import PeopleFinder, Person
from coach.edges.pose.pose_reading import PoseReader
from coach.edges.pose.region import BodyPlace, RegionTracker, body_place
from coach.edges.pose.runner_search import LOST_S, WATCH_S, RunnerSearch, sighting
from coach.edges.pose.turned_picture import TurnedPicture
from coach.ports import Frame

_JUMP: Final = 0.2
"""Hips that jump further than this, in body extents, are somebody else's: bounce makes 0.05, a step aside 0.1."""

_SIZES: Final = (0.6, 1.35)
"""So much smaller or larger than the runner's usual extent is another body, or two taken for one."""

_LOOK_AROUND_S: Final = 2.0
"""Until the followed person was seen running, others are watched this often."""

_LOOK_EVERY_S: Final = 0.1
"""With nobody in the picture it is searched this often."""

_FACING_S: Final = 1.0

_HEELS: Final = [Keypoint.LEFT_HEEL, Keypoint.RIGHT_HEEL]
_TOES: Final = [Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_FOOT_INDEX]


class _Watched(NamedTuple):
    """A runner who was in sight for a while before it was clear that this one runs."""

    since_s: float
    until_s: float
    person: Person


class RegionFollower:
    """Finds the runner once, then follows with a steady region."""

    def __init__(self, finder: PeopleFinder, network: Network) -> None:
        self._finder = finder
        self._network = network
        self.readings = network.readings
        self.reset()

    def reset(self) -> None:
        """Forget the runner."""
        self._search = RunnerSearch()
        self._turned = TurnedPicture(self._finder.find)
        self._looked_s = -np.inf
        self._watched: list[_Watched] = []
        self._begin(None)

    def close(self) -> None:
        """Nothing is held that Python does not release by itself."""

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose, or None where no runner is; in a turned picture, whoever would run there, as he lies."""
        if (lying := self._turned.follow(frame)) is not None:
            return lying
        if self._tracker is None and not self._find(frame):
            return None
        pose = self._follow(frame)
        if self._tracker is not None and not self._search.locked and self._look_around(frame):
            return self._follow(frame)
        return pose

    def look_back(self, again: Callable[[], Iterable[Frame]]) -> Iterator[Pose]:
        """The runner in frames that passed while several people were watched; `again` gives all frames once more."""
        watched, self._watched = self._watched, []
        if not watched:
            return
        frames = iter(again())
        for since_s, until_s, runner in watched:
            self._begin(None)
            for frame in frames:
                if frame.t_s >= until_s:
                    break
                if frame.t_s < since_s:
                    continue
                if self._tracker is None:
                    self._follow_anew(runner, frame.t_s)
                if (pose := self._follow(frame)) is not None:
                    yield pose

    def _begin(self, tracker: RegionTracker | None) -> None:
        """Follow anew, or nobody."""
        self._tracker = tracker
        self._reader = PoseReader()
        self._believed_s = -np.inf
        self._toes: deque[tuple[float, float]] = deque()

    def _find(self, frame: Frame) -> bool:
        """Search the whole picture; whether somebody is now followed."""
        if not self._search.watching and frame.t_s - self._looked_s < _LOOK_EVERY_S:
            return False
        self._looked_s = frame.t_s
        people = self._finder.find(frame.image_bgr)
        runner = None if self._turned.look(frame, people) else self._search.choose(people, frame.t_s)
        if runner is None:
            return False
        self._go_over_to(runner, frame.t_s)
        return True

    def _go_over_to(self, runner: Person, t_s: float) -> None:
        if self._search.chosen_since_s < t_s:
            self._watched.append(_Watched(self._search.chosen_since_s, t_s, runner))
        self._follow_anew(runner, t_s)

    def _follow_anew(self, runner: Person, t_s: float) -> None:
        self._begin(_tracker(runner, t_s))
        self._believed_s = t_s

    def _follow(self, frame: Frame) -> Pose | None:
        tracker = self._tracker
        if tracker is None:
            return None
        region = tracker.region
        reading = self._network.read(region.cut(frame.image_bgr))
        person = Person(region.to_picture(reading.xy), reading.visibility)
        place = body_place(frame.t_s, person.xy_px)
        if reading.presence < LEAST_PRESENCE or not _is_same_body(place, tracker):
            self._miss(frame.t_s)
            return None
        self._believed_s = frame.t_s
        tracker.follow(place)
        self._search.follow(sighting(person, frame.t_s))
        pose = self._reader.read(reading, region, frame.t_s)
        tracker.facing_sign = self._facing(pose)
        return pose

    def _miss(self, t_s: float) -> None:
        if t_s - self._believed_s > LOST_S:
            self._lose()

    def _lose(self) -> None:
        """Follow nobody, and look for the runner anew."""
        self._search.lose()
        self._begin(None)

    def _facing(self, pose: Pose) -> int:
        """+1 where the runner looks to image-right, by where the toes pointed in the last second."""
        forward_px = float(np.sum(pose.xy_px[_TOES, 0] - pose.xy_px[_HEELS, 0]))
        self._toes.append((pose.t_s, forward_px))
        while pose.t_s - self._toes[0][0] > _FACING_S:
            self._toes.popleft()
        return 1 if np.median([toes for _, toes in self._toes]) >= 0 else -1

    def _look_around(self, frame: Frame) -> bool:
        """Until somebody was seen running: watch everybody now and then; whether another one runs, and is followed."""
        if not self._search.watching and frame.t_s - self._looked_s < _LOOK_AROUND_S:
            return False
        people = self._finder.find(frame.image_bgr)
        if self._turned.look(frame, people):
            self._lose()
            return False
        runner = self._search.mover(people, frame.t_s)
        another = runner is not None and not self._is_followed(runner, frame.t_s)
        if runner is not None and another:
            self._go_over_to(runner, frame.t_s)
        if runner is not None or len(people) < 2 or frame.t_s - self._looked_s > _LOOK_AROUND_S + 2 * WATCH_S:
            self._search.restart()
            self._looked_s = frame.t_s
        return another

    def _is_followed(self, person: Person, t_s: float) -> bool:
        return self._tracker is not None and _is_same_body(body_place(t_s, person.xy_px), self._tracker)


def _tracker(runner: Person, t_s: float) -> RegionTracker:
    toes_px = runner.xy_px[[31, 32], 0] - runner.xy_px[[29, 30], 0]
    place = body_place(t_s, runner.xy_px)
    return RegionTracker(place, 1 if toes_px.sum() >= 0 else -1)


def _is_same_body(place: BodyPlace, tracker: RegionTracker) -> bool:
    """Whether a body goes on where the runner was last, about as large as usual."""
    extent_px = tracker.extent_px
    jump_px = np.hypot(place.hip_x_px - tracker.last.hip_x_px, place.hip_y_px - tracker.last.hip_y_px)
    smallest, largest = _SIZES
    return bool(jump_px < _JUMP * extent_px and smallest * extent_px < _height_px(place) < largest * extent_px)


def _height_px(place: BodyPlace) -> float:
    return place.lowest_y_px - place.highest_y_px
