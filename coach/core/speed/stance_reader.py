"""From frames to the speeds of single stances: by the gait events, and without a rhythm by feet on the ground.

A stance becomes known a little after it ended, when the gait tracker is sure of its toe-off; the frames are
therefore kept for some seconds and looked at again then. The tracker needs two to three seconds to find a rhythm that
it has lost, as when the belt jumps to another speed: meanwhile the ground that earlier stances have shown tells which
foot is on it. One that is down and travels backward rides on the belt, two that stay stand.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from coach.core.gait import Activity, EventKind, GaitEvent, GaitUpdate
from coach.core.gait.kinematics import ANKLE, body_px
from coach.core.gait.quality import Trust
from coach.core.pose import SIDES, Pose, Side, other
from coach.core.speed.stance import FOOT_POINTS, MIN_FRAMES, FootFrame, StanceSpeed, measure

_KNOWN_STANCES: Final = 8
_DOWN_LL: Final = 0.045
"""Ankle, heel and toe lie within this of their places at mid-stance, on average; a swinging foot passes 0.1 above."""
_SHORTEST_DOWN_S: Final = 0.06
_LONGEST_DOWN_S: Final = 0.40
_FEWEST: Final = 3
_DOWN_LEAD: Final = 0.955
"""Slope while the foot is down so, against that of the tracker's stances: -4 to -5 % at all noises and 2.5–4.5 m/s
(39 measured trials), since the window reaches to where the heel comes up."""
_HOLDS_S: Final = 8.0
"""So long after the tracker's last stance the ground is taken to be where it was."""
_ROUGH_SD_SHARE: Final = 0.05
"""Where a stance begins and ends is known from the foot's height alone."""


class Footing:
    """Where the ground is under each foot, and which foot stood on it lately."""

    def __init__(self) -> None:
        self._ground_px: dict[Side, deque[list[float]]] = {side: deque(maxlen=_KNOWN_STANCES) for side in SIDES}
        self._known_s = -math.inf
        self._told_s: dict[Side, float] = dict.fromkeys(SIDES, -math.inf)

    def told(self, stance: StanceSpeed) -> bool:
        """Whether that stance was told already."""
        return stance.t_s <= self._told_s[stance.side]

    def learn(self, side: Side, rows: Sequence[FootFrame]) -> None:
        """Take the frames of a stance that the tracker knew."""
        if not rows:
            return
        feet_px = [row.foot_px(side) for row in rows]
        self._ground_px[side].append([_middle([foot[i].imag for foot in feet_px]) for i in range(FOOT_POINTS)])
        self._told_s[side] = max(self._told_s[side], rows[-1].t_s)
        self._known_s = rows[-1].t_s

    def find(self, t_s: float, frames: Iterable[FootFrame], facing: Side) -> list[StanceSpeed]:
        """Stances that have ended since the last one told of each foot, in time order."""
        if t_s - self._known_s > _HOLDS_S:
            return []
        found: list[StanceSpeed] = []
        for side in SIDES:
            for rows in self._stood(side, frames):
                stance = measure(rows, side, side, facing)
                if stance is not None:
                    sd_share = math.hypot(stance.sd_share, _ROUGH_SD_SHARE)
                    found.append(replace(stance, speed_ll_s=stance.speed_ll_s / _DOWN_LEAD, sd_share=sd_share))
                    self._told_s[side] = rows[-1].t_s
        return sorted(found, key=lambda stance: stance.t_s)

    def _stood(self, side: Side, frames: Iterable[FootFrame]) -> list[list[FootFrame]]:
        """Runs of frames in which the foot was down, each followed by one in which it was up."""
        known = self._ground_px[side]
        if len(known) < _FEWEST:
            return []
        ground_px = [_middle([place[i] for place in known]) for i in range(FOOT_POINTS)]
        runs: list[list[FootFrame]] = []
        run: list[FootFrame] = []
        for frame in frames:
            if frame.t_s <= self._told_s[side]:
                continue
            up_ll = _up_ll(frame, side, ground_px)
            if abs(up_ll) <= _DOWN_LL:
                run.append(frame)
            elif not math.isnan(up_ll):
                if len(run) >= _FEWEST and _SHORTEST_DOWN_S <= run[-1].t_s - run[0].t_s <= _LONGEST_DOWN_S:
                    runs.append(run)
                run = []
        return runs


def _middle(values: list[float]) -> float:
    seen = [value for value in values if not math.isnan(value)]
    return median(seen) if seen else math.nan


def _up_ll(frame: FootFrame, side: Side, ground_px: list[float]) -> float:
    """How far the foot is above the ground on average, leg lengths; NaN where it is not seen."""
    up = [
        up
        for point, ground in zip(frame.foot_px(side), ground_px, strict=True)
        if not math.isnan(up := ground - point.imag)
    ]
    return sum(up) / len(up) / frame.leg_px if up else math.nan


_STILL_S: Final = 0.8
_STILL_X_LL: Final = 0.10
_STILL_Y_LL: Final = 0.08
"""Feet that stay within this (p10–p90) do not walk; a running foot travels ten times as far."""
_SEEN_SHARE: Final = 0.6
_LOOK_EVERY_S: Final = 0.1
STILL_EVERY_S: Final = 0.25
"""Feet that stand have done so for most of a second: a little later is soon enough."""


def feet_still(t_s: float, newest_first: Iterable[FootFrame]) -> bool:
    """Whether every point of a foot that is seen has stayed where it is; False where none is seen well enough."""
    recent: list[FootFrame] = []
    for frame in newest_first:
        if t_s - frame.t_s > _STILL_S:
            break
        recent.append(frame)
    if not recent or t_s - recent[0].t_s >= 2 * _LOOK_EVERY_S or recent[0].t_s - recent[-1].t_s < 0.8 * _STILL_S:
        return False
    seen = False
    for i in range(2 * FOOT_POINTS):
        # The first point that moves settles it, so a runner costs one point's look.
        across_ll = _spread_ll([frame.feet_px[i].real / frame.leg_px for frame in recent])
        if across_ll is None:
            continue
        if across_ll > _STILL_X_LL:
            return False
        up_ll = _spread_ll([frame.feet_px[i].imag / frame.leg_px for frame in recent])
        if up_ll is not None and up_ll > _STILL_Y_LL:
            return False
        seen = True
    return seen


def _spread_ll(places_ll: list[float]) -> float | None:
    """How far apart one coordinate's 10th and 90th percentiles lie; None where it is seen too rarely."""
    places = [place for place in places_ll if not math.isnan(place)]
    if len(places) < _SEEN_SHARE * len(places_ll):
        return None
    places.sort()
    return places[int(0.9 * (len(places) - 1))] - places[int(0.1 * (len(places) - 1))]


MEMORY_S: Final = 3.0
"""How long frames are kept: longer than the slowest stride, bounded whatever the tracker does."""

_WINDOW: Final = (0.15, 0.65)
"""Share of the stance that is looked at: after the landing, before the heel lifts. Of seven windows tried on the 39
trials of measured runners (Fukuchi 2017) it has the least scatter together with samples enough at 30 fps."""
_WIDE_WINDOW: Final = (0.05, 0.80)
"""Where the first one's pictures span too little: at 10 to 15 a second, and in short stances at 24 to 30."""
_WIDE_LEAD: Final = 0.98
"""Slope over the wide window against that over the first one: a foot is still landing at its beginning and comes up at
its end, the ankle at 66 and 73 % of the belt's speed (39 trials without noise, 10 to 15 pictures a second)."""
_SHORTEST_S: Final = 0.09
_LONGEST_S: Final = 1.1
_MIN_SPAN_S: Final = 0.045
_ANOTHER_SIZE: Final = 0.03
"""Share by which a leg's length does not change from one frame to the next, unless the camera was moved, or zoomed."""


class StanceReader:
    """Keeps the last frames and turns gait events into stance speeds."""

    def __init__(self) -> None:
        self.frames: deque[FootFrame] = deque()
        self._contacts: dict[Side, deque[float]] = {side: deque(maxlen=8) for side in SIDES}
        self._read_s: dict[Side, float] = dict.fromkeys(SIDES, -math.inf)
        self._footing = Footing()
        self._leg_px = math.nan
        """In the last frame with legs, however long ago."""
        self._looked_s = -math.inf

    def step(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> Sequence[StanceSpeed]:
        """Take one frame; the stances that its events complete, in time order.

        Events that the tracker itself does not trust are no stances: a wrong rhythm reads any speed. While it has
        lost the rhythm, feet on the ground are looked for without it.
        """
        frames = self.frames
        if pose is not None and gait.leg_length_px > 0:
            if abs(gait.leg_length_px / self._leg_px - 1) > _ANOTHER_SIZE:
                self._look_anew()
            self._leg_px = gait.leg_length_px
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

    def _look_anew(self) -> None:
        """The runner is seen at another size: what was on the ground before lies elsewhere in the picture now."""
        self.frames.clear()
        self._footing = Footing()

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
            for (low, high), lead in ((_WINDOW, 1.0), (_WIDE_WINDOW, _WIDE_LEAD)):
                start_s = contact_s + low * (off_s - contact_s)
                end_s = contact_s + high * (off_s - contact_s)
                rows = [frame for frame in self.frames if start_s <= frame.t_s <= end_s]
                if len(rows) >= MIN_FRAMES and rows[-1].t_s - rows[0].t_s >= _MIN_SPAN_S:
                    found = measure(rows, side, seen_as, facing)
                    if found is not None and not self._footing.told(found):
                        self._footing.learn(side, rows if seen_as == side else ())
                        return replace(found, speed_ll_s=found.speed_ll_s / lead, ankle_ll_s=found.ankle_ll_s / lead)
        return None


def _feet_px(pose: Pose, gait: GaitUpdate) -> list[complex]:
    """Both feet as `FootFrame` has them, seen exactly from the side where it is known how."""
    left, right = gait.sagittal_px or body_px(pose).legs
    return [*left[ANKLE:], *right[ANKLE:]]


def _when(event: GaitEvent) -> tuple[float, bool]:
    return event.t_s, event.kind is EventKind.TOE_OFF
