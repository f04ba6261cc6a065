"""Who of the people in the picture is the runner.

A runner on a treadmill stays in place while the legs open and close. A bystander and a poster do not
move their legs; a passer-by does not stay; a mirror image does both, but is smaller. Once somebody was
seen running, place and size on the belt decide, so that nobody else takes over after a loss.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach.edges.pose.people_finder import Person

WATCH_S: Final = 0.5
"""A step of a runner lasts about 0.35 s, of a walker 0.55 s: in this time the legs open and close."""

LOST_S: Final = 0.3
"""Without a believable pose for so long, the runner is looked for anew."""

_LEAST_OPENING: Final = 0.12
"""Change of the distance between the ankles, in body extents: standing 0.03, walking 0.2, running 0.3 and more."""

_RUN_OPENING: Final = 0.25
"""Between walking and running, in body extents: whoever opens less may be a bystander who steps about."""
_CLEARLY_MORE: Final = 1.4
"""Of two who move in place, the one whose legs open so much more is the runner; else the larger one."""

_MOST_DRIFT: Final = 0.15
"""How far the hips of somebody on the belt move in `WATCH_S`, in body extents; a slow passer-by makes 0.2."""

_LEFT_ANKLE, _RIGHT_ANKLE = 27, 28
_LEFT_HIP, _RIGHT_HIP = 23, 24

SAME_PLACE: Final = 0.35
"""Two sightings closer than this, in body extents, are of one person."""
_BELT_PLACE: Final = 0.5
"""The belt is about 1.4 m long, 0.8 of a body extent: a returning runner may step on anywhere."""
_SIZE_RATIO: Final = 1.4
_MEMORY_S: Final = 20.0
"""So long after a loss the place on the belt still stands for the runner."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One person in one frame, as far as the choice needs it."""

    t_s: float
    hip_px: tuple[float, float]
    ankledistance_px: float
    extent_px: float


def sighting(person: Person, t_s: float) -> Sighting:
    """What the choice needs to know of a person."""
    x_px, y_px = person.xy_px[[_LEFT_HIP, _RIGHT_HIP]].mean(axis=0)
    apart_px = np.linalg.norm(person.xy_px[_LEFT_ANKLE] - person.xy_px[_RIGHT_ANKLE])
    return Sighting(t_s, (float(x_px), float(y_px)), float(apart_px), float(np.ptp(person.xy_px[:, 1])))


def opening(sightings: Sequence[Sighting]) -> float:
    """How far the legs open and close while the hips stay, in body extents; 0 for somebody who does not stay.

    Judged over the last `WATCH_S`; 0 with less to judge by.
    """
    recent = [seen for seen in sightings if sightings[-1].t_s - seen.t_s <= WATCH_S]
    if len(recent) < 4 or recent[-1].t_s - recent[0].t_s < 0.7 * WATCH_S:
        return 0.0
    extent_px = float(np.median([seen.extent_px for seen in recent]))
    low_px, high_px = np.percentile([seen.ankledistance_px for seen in recent], (10, 90))
    half = len(recent) // 2
    hips_px = np.array([seen.hip_px for seen in recent])
    drift_px = 2 * abs(np.median(hips_px[half:, 0]) - np.median(hips_px[:half, 0]))
    stays = extent_px > 0 and drift_px < _MOST_DRIFT * extent_px
    return float(high_px - low_px) / extent_px if stays else 0.0


def moves_in_place(sightings: Sequence[Sighting]) -> bool:
    """Whether the legs open and close while the hips stay: running or walking on a belt."""
    return opening(sightings) > _LEAST_OPENING


@dataclass(slots=True)
class _Candidate:
    person: Person
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    @property
    def extent_px(self) -> float:
        return float(np.median([seen.extent_px for seen in self.sightings]))


class RunnerSearch:
    """Looks at the people of successive frames until it is clear who runs, and remembers the runner."""

    def __init__(self) -> None:
        self._candidates: list[_Candidate] = []
        self._since_s: float | None = None
        self._followed: deque[Sighting] = deque()
        self._belt: Sighting | None = None
        self.locked = False
        """Whether the followed person was seen running in place; from then on nobody else is looked for."""
        self.chosen_since_s = np.inf
        """Since when whoever was chosen last had been watched."""

    @property
    def watching(self) -> bool:
        """Whether somebody is being watched, so that the next frames are needed."""
        return bool(self._candidates)

    def follow(self, seen: Sighting) -> None:
        """The person who is followed, in one more frame."""
        self._followed.append(seen)
        while seen.t_s - self._followed[0].t_s > 2 * WATCH_S:
            self._followed.popleft()
        self.locked = self.locked or opening(self._followed) > _RUN_OPENING
        if self.locked:
            self._belt = seen

    def lose(self) -> None:
        """The followed person is gone; where a runner ran is remembered for a while.

        Whoever is followed next has to be seen running first: it may be a bystander left alone.
        """
        self.locked = False
        self._followed.clear()
        self.restart()

    def restart(self) -> None:
        """Begin a new watch."""
        self._candidates, self._since_s = [], None

    def choose(self, people: Sequence[Person], t_s: float) -> Person | None:
        """The runner among the people of this frame, or None while that is not clear.

        At the start somebody alone is taken at once; of several, whoever moves in place, and else the largest.
        After a runner was lost, at once whoever comes back to the belt alone, and nobody elsewhere who does not run.
        """
        self._forget_belt(t_s)
        since_s = self._take_in(people, t_s)
        here = [candidate for candidate in self._candidates if candidate.last.t_s == t_s]
        fitting = here if self._belt is None else [candidate for candidate in here if self._on_belt(candidate.last)]
        if len(fitting) == 1 == len(self._candidates):
            return self._decided(fitting)
        if not here or t_s - since_s < WATCH_S:
            return None
        moving = [candidate for candidate in here if moves_in_place(candidate.sightings)]
        both = [candidate for candidate in moving if any(candidate is other for other in fitting)]
        return self._decided(both or moving or fitting)

    def mover(self, people: Sequence[Person], t_s: float) -> Person | None:
        """Whoever of the people moves in place, once that was seen; None while and where nobody does."""
        self._take_in(people, t_s)
        moving = [candidate for candidate in self._candidates if moves_in_place(candidate.sightings)]
        here = [candidate for candidate in moving if candidate.last.t_s == t_s]
        return self._decided(here)

    def _decided(self, candidates: list[_Candidate]) -> Person | None:
        """Whoever's legs open clearly most; of those alike the largest: a mirror image is smaller than the runner."""
        if not candidates:
            return None
        self.restart()
        widest = max(opening(candidate.sightings) for candidate in candidates)
        alike_open = [one for one in candidates if opening(one.sightings) * _CLEARLY_MORE >= widest]
        chosen = max(alike_open, key=lambda candidate: candidate.extent_px)
        self.chosen_since_s = chosen.sightings[0].t_s
        return chosen.person

    def _forget_belt(self, t_s: float) -> None:
        if self._belt is not None and t_s - self._belt.t_s > _MEMORY_S:
            self._belt = None

    def _on_belt(self, seen: Sighting) -> bool:
        return self._belt is not None and alike(seen, self._belt, _BELT_PLACE)

    def _take_in(self, people: Sequence[Person], t_s: float) -> float:
        """Add each person to the candidate they are, or make them a new one; when the watch began."""
        for person in people:
            seen = sighting(person, t_s)
            free = [candidate for candidate in self._candidates if candidate.last.t_s < t_s]
            known = [candidate for candidate in free if alike(seen, candidate.last, SAME_PLACE)]
            if known:
                nearest = min(known, key=lambda candidate: distance_px(seen, candidate.last))
                nearest.person = person
                nearest.sightings.append(seen)
            else:
                self._candidates.append(_Candidate(person, [seen]))
        self._candidates = [candidate for candidate in self._candidates if t_s - candidate.last.t_s < WATCH_S]
        if self._since_s is None or not self._candidates:
            self._since_s = t_s
        return self._since_s


def distance_px(one: Sighting, other: Sighting) -> float:
    """Between the mid-hips of two sightings."""
    return float(np.hypot(one.hip_px[0] - other.hip_px[0], one.hip_px[1] - other.hip_px[1]))


def alike(one: Sighting, other: Sighting, reach: float) -> bool:
    """Whether two sightings agree in size and, within `reach` body extents, in place."""
    small_px, large_px = sorted((one.extent_px, other.extent_px))
    return large_px <= _SIZE_RATIO * small_px and distance_px(one, other) <= reach * large_px
