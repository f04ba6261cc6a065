"""From frames and gait events to the speeds of single stances.

A stance becomes known a little after it ended, when the gait tracker is sure of its toe-off; the frames are
therefore kept for some seconds and looked at again then.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from coach.core.gait import Activity, EventKind, GaitEvent, GaitUpdate
from coach.core.gait.kinematics import ANKLE
from coach.core.gait.quality import Trust
from coach.core.pose import SIDES, Pose, Side, other
from coach.core.speed.footing import Footing
from coach.core.speed.stance import FOOT_CELLS, MIN_FRAMES, FootFrame, StanceSpeed, measure

MEMORY_S: Final = 3.0
"""How long frames are kept: longer than the slowest stride, bounded whatever the tracker does."""

_WINDOW: Final = (0.15, 0.65)
"""Share of the stance that is looked at: after the landing, before the heel lifts. Of seven windows tried on the 39
trials of measured runners (Fukuchi 2017) it has the least scatter together with samples enough at 30 fps."""
_WIDE_WINDOW: Final = (0.05, 0.80)
_SHORTEST_S: Final = 0.09
_LONGEST_S: Final = 1.1
_MIN_SPAN_S: Final = 0.045
_LOOK_EVERY_S: Final = 0.1


class StanceReader:
    """Keeps the last frames and turns gait events into stance speeds."""

    def __init__(self) -> None:
        self.frames: deque[FootFrame] = deque()
        self._contacts: dict[Side, deque[float]] = {side: deque(maxlen=8) for side in SIDES}
        self._read_s: dict[Side, float] = dict.fromkeys(SIDES, -math.inf)
        self._footing = Footing()
        self._looked_s = -math.inf

    def step(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> Sequence[StanceSpeed]:
        """Take one frame; the stances that its events complete, in time order.

        Events that the tracker itself does not trust are no stances: a wrong rhythm reads any speed. While it has
        lost the rhythm, feet on the ground are looked for without it.
        """
        frames = self.frames
        if pose is not None and gait.leg_length_px > 0:
            frames.append(FootFrame(t_s, _feet_px(pose, gait), gait.leg_length_px))
        while frames and t_s - frames[0].t_s > MEMORY_S:
            frames.popleft()
        facing = gait.view.facing
        if facing is None:
            return ()
        if gait.trust is not Trust.MEASURING:
            return self._without_rhythm(t_s, facing) if gait.activity is Activity.UNKNOWN else ()
        if not gait.events:
            return ()
        found = [self._event(event, facing) for event in sorted(gait.events, key=_when)]
        return [stance for stance in found if stance is not None]

    def _without_rhythm(self, t_s: float, facing: Side) -> Sequence[StanceSpeed]:
        if t_s - self._looked_s < _LOOK_EVERY_S:
            return ()
        self._looked_s = t_s
        return self._footing.find(t_s, self.frames, facing)

    def _event(self, event: GaitEvent, facing: Side) -> StanceSpeed | None:
        if event.kind is EventKind.INITIAL_CONTACT:
            self._contacts[event.side].append(event.t_s)
            return None
        if event.kind is not EventKind.TOE_OFF:
            return None
        contact_s = next((t for t in reversed(self._contacts[event.side]) if t < event.t_s), -math.inf)
        if contact_s <= self._read_s[event.side] or not _SHORTEST_S <= event.t_s - contact_s <= _LONGEST_S:
            return None
        self._read_s[event.side] = contact_s
        return self._stance(event.side, contact_s, event.t_s, facing)

    def _stance(self, side: Side, contact_s: float, off_s: float, facing: Side) -> StanceSpeed | None:
        # In running one foot alone is on the ground: where the one that should be there swings forward, and the other
        # rides backward, the legs were exchanged.
        for seen_as in (side, other(side)):
            for low, high in (_WINDOW, _WIDE_WINDOW):
                start_s = contact_s + low * (off_s - contact_s)
                end_s = contact_s + high * (off_s - contact_s)
                rows = [frame for frame in self.frames if start_s <= frame.t_s <= end_s]
                if len(rows) >= MIN_FRAMES and rows[-1].t_s - rows[0].t_s >= _MIN_SPAN_S:
                    found = measure(rows, side, seen_as, facing)
                    if found is not None and not self._footing.told(found):
                        self._footing.learn(side, rows if seen_as == side else ())
                        return found
        return None


def _feet_px(pose: Pose, gait: GaitUpdate) -> list[float]:
    """Both feet as `FOOT_CELLS` has them, seen exactly from the side where it is known how."""
    if gait.sagittal_px is None:
        cells: list[float] = pose.xy_px.take(FOOT_CELLS).tolist()
        return cells
    return [part for leg in gait.sagittal_px for point in leg[ANKLE:] for part in (point.real, point.imag)]


def _when(event: GaitEvent) -> tuple[float, bool]:
    return event.t_s, event.kind is EventKind.TOE_OFF
