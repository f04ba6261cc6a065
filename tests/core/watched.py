"""A tracker that watched a recording: what it said, frame by frame and in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coach.core.gait import GaitUpdate, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import Pose, Side

Film = Iterable[tuple[float, Pose | None]]


@dataclass(frozen=True, slots=True)
class Watched:
    """Updates and strides of one recording."""

    tracker: GaitTracker
    updates: list[GaitUpdate]
    strides: list[Stride]

    def valid(self, side: Side) -> list[Stride]:
        """Valid strides of one leg."""
        return [s for s in self.strides if s.valid and s.side == side]

    @property
    def last(self) -> GaitUpdate:
        """The newest update."""
        return self.updates[-1]


def watch(film: Film, tracker: GaitTracker | None = None) -> Watched:
    """Show a recording to a tracker."""
    tracker = tracker or GaitTracker()
    updates = [tracker.step(t_s, pose) for t_s, pose in film]
    strides = [s for u in updates for s in u.strides]
    return Watched(tracker, updates, strides + list(tracker.finish()))
