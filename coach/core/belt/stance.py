"""How fast the stance foot travels: on a treadmill it rides on the belt.

A stance becomes known a little after it ended, when the gait tracker is sure of its toe-off; the frames are
therefore kept for some seconds and looked at again then.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait import EventKind, GaitEvent, GaitUpdate
from coach.core.gait.quality import Trust
from coach.core.pose import SIDES, Keypoint, Pose, Side
from coach.core.units import FloatArray

FOOT_ROWS: Final = np.array(
    [[Keypoint[f"{side}_{joint}".upper()] for joint in ("ankle", "heel", "foot_index")] for side in SIDES]
)
MEMORY_S: Final = 3.0
"""How long frames are kept: longer than the slowest stride, bounded whatever the tracker does."""

_WINDOW: Final = (0.15, 0.65)
"""Share of the stance that is looked at: after the landing, before the heel lifts. Of seven windows tried on the 39
trials of measured runners (Fukuchi 2017) it has the least scatter together with samples enough at 30 fps."""
_WIDE_WINDOW: Final = (0.05, 0.80)
_FOOT_LEAD: Final = 1.010
_ANKLE_LEAD: Final = 0.982
"""Slope over that window against the belt, the same 39 trials without noise: mean of ankle, heel and toe
+1.0 ± 1.7 %, ankle alone -1.8 ± 1.5 %, which rides on the rolling foot."""
_SHORTEST_S: Final = 0.09
_LONGEST_S: Final = 1.1
_FASTEST_LL_S: Final = 16.0
"""12.5 m/s with a leg of 0.78 m; a foot that seems faster was exchanged with the other or not seen."""
_BACKWARD_LL_S: Final = 1.5
"""A stance foot that moves forward is noise; more than this is a mistake in a frame."""
_SLOWEST_LL_S: Final = 0.2
"""0.6 km/h: a foot that moves backward more slowly, or forward, is not the stance foot on a running belt."""
_INLIER_LL: Final = 0.05
_MIN_SPAN_S: Final = 0.045
_MIN_FRAMES: Final = 2
_ANKLE: Final = 0
_ANKLE_RISE_DEG: Final = 2.0
"""On a level belt the ankle rises by 1.8 ± 0.8° over that window, as the heel comes up (the same trials)."""


@dataclass(frozen=True, slots=True)
class StanceSpeed:
    """One stance, measured.

    speed_ll_s: backward speed of the foot in the image, leg lengths per second, from ankle, heel and toe.
    ankle_ll_s: the same from the ankle alone. descent_rad: how far the belt's line falls towards the back in the
    image, which camera roll and incline make. NaN where the ankle was not seen.
    """

    t_s: float
    """Middle of the window looked at."""
    side: Side
    speed_ll_s: float
    ankle_ll_s: float
    descent_rad: float


@dataclass(frozen=True, slots=True)
class FootFrame:
    """Both feet in one frame: feet_px (2, 3, 2), left then right; ankle, heel, toe; NaN where not seen."""

    t_s: float
    feet_px: FloatArray
    leg_px: float


class StanceReader:
    """Keeps the last frames and turns gait events into stance speeds."""

    def __init__(self) -> None:
        self.frames: deque[FootFrame] = deque()
        self._contacts: dict[Side, deque[float]] = {side: deque(maxlen=8) for side in SIDES}
        self._read_s: dict[Side, float] = dict.fromkeys(SIDES, -math.inf)

    def step(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> tuple[StanceSpeed, ...]:
        """Take one frame; the stances that its events complete, in time order.

        Events that the tracker itself does not trust are no stances: a wrong rhythm reads any speed.
        """
        if pose is not None and gait.leg_length_px > 0:
            self.frames.append(FootFrame(t_s, np.asarray(pose.xy_px[FOOT_ROWS]), gait.leg_length_px))
        while self.frames and t_s - self.frames[0].t_s > MEMORY_S:
            self.frames.popleft()
        facing = gait.view.facing
        found = (
            []
            if facing is None or gait.trust is not Trust.MEASURING
            else [self._event(event, facing) for event in sorted(gait.events, key=_when)]
        )
        return tuple(stance for stance in found if stance is not None)

    def _event(self, event: GaitEvent, facing: Side) -> StanceSpeed | None:
        if event.kind is EventKind.INITIAL_CONTACT:
            self._contacts[event.side].append(event.t_s)
            return None
        if event.kind is not EventKind.TOE_OFF:
            return None
        before = [t for t in self._contacts[event.side] if t < event.t_s]
        if not before or before[-1] <= self._read_s[event.side]:
            return None
        contact_s = before[-1]
        if not _SHORTEST_S <= event.t_s - contact_s <= _LONGEST_S:
            return None
        self._read_s[event.side] = contact_s
        return self._stance(event.side, contact_s, event.t_s, facing)

    def _stance(self, side: Side, contact_s: float, off_s: float, facing: Side) -> StanceSpeed | None:
        for low, high in (_WINDOW, _WIDE_WINDOW):
            start_s = contact_s + low * (off_s - contact_s)
            end_s = contact_s + high * (off_s - contact_s)
            rows = [frame for frame in self.frames if start_s <= frame.t_s <= end_s]
            if len(rows) >= 2 and rows[-1].t_s - rows[0].t_s >= _MIN_SPAN_S:
                return _measure(rows, side, facing)
        return None


def _when(event: GaitEvent) -> tuple[float, bool]:
    return event.t_s, event.kind is EventKind.TOE_OFF


def _measure(rows: list[FootFrame], side: Side, facing: Side) -> StanceSpeed | None:
    t_s = np.array([row.t_s for row in rows])
    leg_px = float(np.median([row.leg_px for row in rows]))
    points = np.array([row.feet_px[SIDES.index(side)] for row in rows]) / leg_px
    back_ll = points[..., 0] * (-1.0 if facing == "right" else 1.0)
    slope = common_slope(t_s, back_ll)
    if not slope >= _SLOWEST_LL_S:
        return None
    ankle = common_slope(t_s, back_ll[:, _ANKLE : _ANKLE + 1])
    sinking = common_slope(t_s, points[:, _ANKLE : _ANKLE + 1, 1])
    descent_rad = math.atan2(sinking, ankle) + math.radians(_ANKLE_RISE_DEG)
    return StanceSpeed(float(t_s.mean()), side, slope / _FOOT_LEAD, ankle / _ANKLE_LEAD, descent_rad)


def common_slope(t_s: FloatArray, values: FloatArray) -> float:
    """One slope for several tracks, each with an offset of its own; robust against single bad frames.

    t_s: (frames,); values: (frames, tracks) with NaN where not seen. Start: the median of the slopes between all
    pairs of a track that a foot can do, weighted by their time apart (Theil 1950, Sen 1968). Then least squares over
    the points close to it. NaN where too little is left.
    """
    values = values[:, np.isfinite(values).sum(axis=0) >= _MIN_FRAMES]
    start = _pairwise_slope(t_s, values)
    if math.isnan(start):
        return math.nan
    offset = values - start * t_s[:, None]
    near = np.abs(offset - _medians(offset)) <= _INLIER_LL
    count = near.sum(axis=0)
    near &= count >= _MIN_FRAMES
    if not near.any():
        return math.nan
    t = np.where(near, t_s[:, None], 0.0)
    y = np.where(near, values, 0.0)
    dt = np.where(near, t - t.sum(axis=0) / np.maximum(count, 1), 0.0)
    spread = float((dt**2).sum())
    return float((dt * y).sum() / spread) if spread > 0 else math.nan


def _medians(tracks: FloatArray) -> FloatArray:
    """Median of each column without its NaN; every column has some. Ten times as fast as numpy's nanmedian."""
    return np.array([np.median(track[np.isfinite(track)]) for track in tracks.T])


def _pairwise_slope(t_s: FloatArray, values: FloatArray) -> float:
    i, j = np.triu_indices(len(t_s), 1)
    apart_s = t_s[j] - t_s[i]
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = (values[j] - values[i]) / apart_s[:, None]
    weights = np.repeat(apart_s[:, None], values.shape[1], axis=1)
    possible = np.isfinite(slopes) & (slopes > -_BACKWARD_LL_S) & (slopes < _FASTEST_LL_S)
    return weighted_median(slopes[possible], weights[possible])


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """The value with half of the weight on either side; NaN for nothing."""
    if not len(values):
        return math.nan
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, 0.5 * total[-1])])
