"""Who of the people of a file's frames is the runner: whoever's legs open and close in place, not the largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach.core.pose import Keypoint
from coach.core.units import FloatArray

_SAME: Final = 0.35
"""Mid-hips closer than this from one frame to a later one, in body heights, are of one person."""
_SIZE_RATIO: Final = 1.5
_OPENING: Final = 0.2
"""Change of the distance between the ankles, in body heights: standing 0.03, walking 0.2, running 0.3 and more."""
_STAYS: Final = 0.8
"""The belt's length: who passes by goes farther."""
_HIPS: Final = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]


@dataclass(slots=True, eq=False)
class _Track:
    """One person over the frames; rows: (frame, (13, 3) x, y, confidence)."""

    rows: list[tuple[int, FloatArray]] = field(default_factory=list)

    @property
    def height_px(self) -> float:
        return float(np.median([_height_px(person) for _, person in self.rows]))

    @property
    def runs(self) -> bool:
        """Whether the legs open and close while the hips stay on the belt."""
        people = np.stack([person for _, person in self.rows])
        seen = np.where(people[..., 2:] > 0, people[..., :2], np.nan)
        apart = np.abs(seen[:, Keypoint.LEFT_ANKLE, 0] - seen[:, Keypoint.RIGHT_ANKLE, 0])
        hips, height_px = seen[:, _HIPS, 0].mean(1), self.height_px
        apart, hips = apart[np.isfinite(apart)], hips[np.isfinite(hips)]
        if len(apart) < 2 or not len(hips):
            return False
        low, high = np.percentile(apart, (10, 90))
        return bool(high - low > _OPENING * height_px and np.ptp(np.percentile(hips, (5, 95))) < _STAYS * height_px)


def runner_of(frames: Sequence[Sequence[FloatArray]]) -> list[FloatArray | None]:
    """The runner of every frame out of its people, (13, 3) each; None where the runner is not in it.

    Whoever runs is taken, the largest of several (a mirror image is smaller); where nobody does, whoever is largest.
    """
    tracks: list[_Track] = []
    for index, people in enumerate(frames):
        free = list(tracks)
        for person in sorted(people, key=_height_px, reverse=True):
            track = next((one for one in sorted(free, key=lambda t: _apart(t, person)) if _fits(one, person)), None)
            if track is None:
                tracks.append(track := _Track())
            else:
                free.remove(track)
            track.rows.append((index, person))
    running = [track for track in tracks if track.runs] or tracks
    chosen: list[FloatArray | None] = [None] * len(frames)
    for track in sorted(running, key=lambda track: track.height_px):
        for index, person in track.rows:
            chosen[index] = person
    return chosen


def _height_px(person: FloatArray) -> float:
    seen = person[person[:, 2] > 0, 1]
    return float(np.ptp(seen)) if seen.size else 0.0


def _hips_px(person: FloatArray) -> FloatArray:
    return np.asarray(person[_HIPS, :2].mean(0))


def _apart(track: _Track, person: FloatArray) -> float:
    """In body heights."""
    last = track.rows[-1][1]
    return float(np.hypot(*(_hips_px(last) - _hips_px(person)))) / max(_height_px(last), 1.0)


def _fits(track: _Track, person: FloatArray) -> bool:
    small, large = sorted((_height_px(track.rows[-1][1]), _height_px(person)))
    return _apart(track, person) < _SAME and large <= _SIZE_RATIO * small
