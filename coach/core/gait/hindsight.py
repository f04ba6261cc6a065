"""Both ways: what a file shows later is known from its first frame on.

Live, the mean cycle, the camera's place and the noise of a reading are learnt as the run goes on, and the first strides
lean on little. A file is all there: a first look learns, and a second one measures with what was learnt a few strides
ahead. What a stride did itself still comes from its own frames alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from coach.core.gait.cycle_tracker import CycleTracker
from coach.core.gait.sagittal_view import SagittalView
from coach.core.gait.swing_top import OwnTops
from coach.core.pose import Pose, Side

_NOTED_EVERY_S: Final = 0.5
_FACING_AHEAD_S: Final = 1.0
"""Evidence for a decision takes a third of a second of running."""
_TURNED_AHEAD_S: Final = 10.0
"""Evidence that turns a decision round takes 5 to 7 s; once it is there, it is known since when it came."""
_CYCLE_AHEAD_S: Final = 3.0
"""By then the mean cycle, whose memory is 2 s, has been learnt from the strides that it is to measure."""
_SAME_RHYTHM_S: Final = 0.5
"""A rhythm is found from nearly the same frame on by either look; the first one needs a moment more for the facing."""
ASKED_S: Final = 2 * _CYCLE_AHEAD_S + _SAME_RHYTHM_S
"""So long after it began, what is known of a rhythm may be asked for: kept for an hour it would be 400 MB."""
_CAMERA_AHEAD_S: Final = 10.0
"""Half of what the camera's place is averaged over."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a tracker knows at a moment: copies, which nobody changes."""

    t_s: float
    facing: Side | None
    camera: SagittalView | None
    """None where nothing is known of the lens."""
    turned_s: float = math.nan
    """Since when the runner looks this way and looked another way before; NaN where he always did."""
    rhythm_s: float = math.nan
    """Since when the rhythm is held; NaN while none is."""
    cycle: CycleTracker | None = None
    """Of that rhythm, while it is young enough for `Hindsight.rhythm` to ask."""
    tops: Sequence[OwnTops | None] = ()
    """What the swings of either leg told against its curve, as long."""

    def paused_before(self, later: Learnt) -> bool:
        """Whether this rhythm had ended when the later one began; one that is doubted is replaced while it is held."""
        return not math.isnan(self.rhythm_s) and later.rhythm_s > self.t_s


class Hindsight:
    """What a first look at a whole file learnt."""

    def __init__(self, learnt: Sequence[Learnt]) -> None:
        """`learnt`: in time order, at least one."""
        self._learnt = learnt
        self._times_s = [known.t_s for known in learnt]

    def facing(self, t_s: float) -> Side | None:
        """Which way the runner looks; None where that never became clear."""
        first, end = (bisect_left(self._times_s, at_s) for at_s in (t_s, t_s + _TURNED_AHEAD_S))
        turned = (known.facing for known in reversed(self._learnt[first:end]) if known.turned_s <= t_s)
        return next(turned, self._at(t_s + _FACING_AHEAD_S).facing)

    def camera(self, t_s: float) -> SagittalView | None:
        """Where the camera stands; not to be changed."""
        first, end = (bisect_left(self._times_s, at_s) for at_s in (t_s, t_s + _CAMERA_AHEAD_S))
        first, faces = max(first - 1, 0), self.facing(t_s)
        first = next((i for i in range(first, end) if self._learnt[i].facing == faces), first)
        now, *later = self._learnt[first : end + 1]
        camera, held = now.camera, now
        for known in later:
            if known.facing != held.facing is not None or held.paused_before(known):
                # Who turned round has it on the other side, and in a pause somebody may have moved it.
                break
            camera, held = known.camera, held if math.isnan(known.rhythm_s) else known
        return camera

    def rhythm(self, from_s: float) -> Learnt | None:
        """The rhythm that was held from about `from_s` on, as it was known a few strides later; None without one."""
        first, end = (bisect_left(self._times_s, t_s) for t_s in (from_s, from_s + 2 * _CYCLE_AHEAD_S))
        held = [
            known
            for known in self._learnt[first:end]
            if known.cycle is not None
            and abs(known.cycle.start_s - from_s) < _SAME_RHYTHM_S
            # Until a turn was clear, the legs were taken for those of a runner who looks the other way.
            and known.facing == self.facing(known.t_s)
        ]
        ripe = [known for known in held if known.t_s >= from_s + _CYCLE_AHEAD_S]
        return ripe[0] if ripe else held[-1] if held else None

    def _at(self, t_s: float) -> Learnt:
        return self._learnt[min(bisect_left(self._times_s, t_s), len(self._learnt) - 1)]


class _Learner(Protocol):
    """A gait tracker, as far as a first look needs one."""

    def step(self, t_s: float, pose: Pose | None) -> object:
        """Take a frame."""
        ...

    def learnt(self) -> Learnt:
        """What is known now."""
        ...


class FirstLook:
    """Lets a tracker run through a whole file, and notes what it learns on the way."""

    def __init__(self, tracker: _Learner) -> None:
        self._tracker = tracker
        self._learnt: list[Learnt] = []
        self._noted_s = -math.inf

    def see(self, t_s: float, pose: Pose | None) -> None:
        """One frame more, in time order."""
        self._tracker.step(t_s, pose)
        if t_s - self._noted_s >= _NOTED_EVERY_S:
            self._learnt.append(self._tracker.learnt())
            self._noted_s = t_s

    def hindsight(self) -> Hindsight:
        """All that was learnt. At least one frame must have been seen."""
        return Hindsight([*self._learnt, self._tracker.learnt()])
