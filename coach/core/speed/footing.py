"""Feet on the ground, without a rhythm: one that is down and travels backward rides on the belt, two that stay stand.

The gait tracker needs two to three seconds to find a rhythm that it has lost, as when the belt jumps to another speed.
Meanwhile the ground that earlier stances have shown tells which foot is on it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from coach.core.pose import SIDES, Side
from coach.core.speed.stance import FOOT_CELLS, FootFrame, StanceSpeed, measure

_KNOWN_STANCES: Final = 8
_DOWN_LL: Final = 0.045
"""Ankle, heel and toe lie within this of their places at mid-stance, on average; a swinging foot passes 0.1 above."""
_SHORTEST_S: Final = 0.06
_LONGEST_S: Final = 0.40
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
        cells = _heights(side)
        self._ground_px[side].append([_middle([row.feet_px[cell] for row in rows]) for cell in cells])
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
        ground_px = [_middle([place[i] for place in known]) for i in range(len(FOOT_CELLS) // 4)]
        runs: list[list[FootFrame]] = []
        run: list[FootFrame] = []
        for frame in frames:
            if frame.t_s <= self._told_s[side]:
                continue
            up_ll = _up_ll(frame, side, ground_px)
            if abs(up_ll) <= _DOWN_LL:
                run.append(frame)
            elif not math.isnan(up_ll):
                if len(run) >= _FEWEST and _SHORTEST_S <= run[-1].t_s - run[0].t_s <= _LONGEST_S:
                    runs.append(run)
                run = []
        return runs


def _heights(side: Side) -> range:
    half = len(FOOT_CELLS) // 2
    first = half * SIDES.index(side)
    return range(first + 1, first + half, 2)


def _middle(values: list[float]) -> float:
    seen = [value for value in values if not math.isnan(value)]
    return median(seen) if seen else math.nan


def _up_ll(frame: FootFrame, side: Side, ground_px: list[float]) -> float:
    """How far the foot is above the ground on average, leg lengths; NaN where it is not seen."""
    up = [
        up
        for cell, ground in zip(_heights(side), ground_px, strict=True)
        if not math.isnan(up := ground - frame.feet_px[cell])
    ]
    return sum(up) / len(up) / frame.leg_px if up else math.nan


_STILL_S: Final = 0.8
_STILL_X_LL: Final = 0.10
_STILL_Y_LL: Final = 0.08
"""Feet that stay within this (p10–p90) do not walk; a running foot travels ten times as far."""
_SEEN_SHARE: Final = 0.6
LOOK_EVERY_S: Final = 0.1


def feet_still(t_s: float, newest_first: Iterable[FootFrame]) -> bool:
    """Whether every point of a foot that is seen has stayed where it is; False where none is seen well enough."""
    recent: list[FootFrame] = []
    for frame in newest_first:
        if t_s - frame.t_s > _STILL_S:
            break
        recent.append(frame)
    if not recent or t_s - recent[0].t_s >= 2 * LOOK_EVERY_S or recent[0].t_s - recent[-1].t_s < 0.8 * _STILL_S:
        return False
    seen = False
    for cell in range(len(FOOT_CELLS)):
        # The first point that moves settles it, so a runner costs one point's look.
        moved_ll = _spread_ll(recent, cell)
        if moved_ll is not None and moved_ll > (_STILL_Y_LL if cell % 2 else _STILL_X_LL):
            return False
        seen = seen or moved_ll is not None
    return seen


def _spread_ll(frames: list[FootFrame], cell: int) -> float | None:
    """How far apart one coordinate's 10th and 90th percentiles lie; None where it is seen too rarely."""
    places = [place for frame in frames if (place := frame.feet_px[cell] / frame.leg_px) == place]  # NaN is not itself
    if len(places) < _SEEN_SHARE * len(frames):
        return None
    places.sort()
    return places[int(0.9 * (len(places) - 1))] - places[int(0.1 * (len(places) - 1))]
