"""What is seen where no runner is measured: each kind by its name, so that every refusal can say why.

Judged from what two and a half seconds of poses have in common; lengths are in leg lengths, so no size matters.
"""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from coach.core.gait.camera_view import facing_side, leg_length_px, median_known, off_side_deg, stacked
from coach.core.pose import LEG_ROWS, Keypoint, Pose
from coach.core.units import BoolArray, FloatArray

_WINDOW_S: Final = 2.5
_PLACED_S: Final = 1.0
"""How a body stands in the picture is clear so soon: before the first rhythm can be found."""
_EVERY_S: Final = 0.5
_CALM_S: Final = 1.0
"""While strides are measured there is little to look for: no oftener than this."""
_FEWEST: Final = 8
_MOST: Final = 0.6
"""Share of the poses that must agree."""
_MISSING: Final = 0.9
_FROZEN_LL: Final = 0.004
"""A network reads even a still person with 0.01 of noise; a still picture it reads as the same every time."""
_FROZEN_TRUNK_LL: Final = 0.0025
"""Of nose and shoulders: a still picture in a film has 0.0011 to 0.0019, for its codec moves the legs of a guess. Who
stands sways by 0.005 and more."""
_END_ON_DEG: Final = 55.0
"""Drawn and real clips from the side have 5–20°; beyond this a leg's swing is seen with less than 0.6 of its length."""
_TRUNK_LL: Final = (0.35, 1.1)
"""Shoulders to hips. As networks see people 0.61–0.69; a drawing with a large head and short legs lies outside."""
_SQUAT_DROP_LL: Final = 0.2
_SQUAT_FEET_LL: Final = 0.12
_JUMP_FEET_LL: Final = 0.06
_JUMP_HIPS_LL: Final = 0.08
_TOGETHER: Final = 0.6
"""Correlation of left and right: runners' legs move against each other."""
_NO_RHYTHM_S: Final = 4.0
"""So long a runner who comes into the picture may take until the first stride is measured."""
_EDGE: Final = 0.985
"""Of the picture's height: feet that lie below are guessed, not seen."""
_TORN: Final = 3
"""Times that a body is lost within the window. Who is wholly in the picture is lost once, by walking out of it; a body
that the edge cuts off is found and lost several times a second, and how it seems to move is a network's guess."""
_LOW: Final = 0.8
"""Of the picture's height: such a body that reaches down to here ends at the edge, as far as the network can say."""


_LEFT_OF_TRUNK_AND_LEGS: Final = Keypoint.LEFT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.LEFT_ANKLE


class Finding(StrEnum):
    """What is there in place of a runner who can be measured. The value is kept, and names its words."""

    NOBODY = "nobody"
    STILL_PICTURE = "still_picture"
    UPSIDE_DOWN = "upside_down"
    ON_ITS_SIDE = "on_its_side"
    FRONT_VIEW = "front_view"
    REAR_VIEW = "rear_view"
    NO_HUMAN_BODY = "no_human_body"
    STANDING = "standing"
    WALKING = "walking"
    SQUATTING = "squatting"
    JUMPING = "jumping"
    FEW_PICTURES = "few_pictures"
    SLOW_MOTION = "slow_motion"
    FAST_MOTION = "fast_motion"
    FEET_OUT_OF_PICTURE = "feet_out_of_picture"
    NO_RHYTHM = "no_rhythm"


ODD_TIME: Final = frozenset({Finding.SLOW_MOTION, Finding.FAST_MOTION})
"""Time does not run as in life."""
TURNED: Final = frozenset({Finding.UPSIDE_DOWN, Finding.ON_ITS_SIDE})
NOT_A_RUN: Final = TURNED | frozenset(
    {
        Finding.STILL_PICTURE,
        Finding.FRONT_VIEW,
        Finding.REAR_VIEW,
        Finding.NO_HUMAN_BODY,
        Finding.SQUATTING,
        Finding.JUMPING,
    }
)
"""While one of these is seen, no rhythm is a run from the side."""


class SceneWatch:
    """Names what is seen while nothing is measured; a kind counts once it was found twice in a row."""

    def __init__(self, height_px: float = math.nan) -> None:
        """`height_px`: of the picture, NaN where it is not known."""
        self._height_px = height_px
        self._seen: deque[tuple[float, Pose | None]] = deque()
        self._looked_s = self._first_s = self._came_s = math.nan
        self._measured_s = self._posed_s = -math.inf
        self._before: Finding | None = None
        self.finding: Finding | None = None

    def see(self, t_s: float, pose: Pose | None) -> None:
        """One more frame."""
        if math.isnan(self._first_s):
            self._first_s = t_s
        if pose is not None:
            if t_s - self._posed_s > _WINDOW_S:
                self._came_s = t_s
            self._posed_s = t_s
        self._seen.append((t_s, pose))
        while t_s - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    def measured(self, t_s: float) -> None:
        """A stride was measured."""
        self._measured_s = t_s

    def due(self, t_s: float) -> bool:
        """Whether it is time to look again."""
        calm = self.finding is None and t_s - self._measured_s < _CALM_S
        return t_s - self._first_s >= _PLACED_S and not t_s - self._looked_s < (_CALM_S if calm else _EVERY_S)

    def look(self, t_s: float, doing: Finding | None, *, few: bool = False, held: bool = False) -> None:
        """Judge the last seconds.

        doing: what the gait says of them; few: too few pictures a second for a stride; held: a rhythm is followed.
        """
        self._looked_s = t_s
        found = self._judge(t_s, doing, few=few, held=held)
        if found is self._before or found is None or found in NOT_A_RUN:
            self.finding = found
        self._before = found

    def _judge(self, t_s: float, doing: Finding | None, *, few: bool, held: bool) -> Finding | None:
        whole = t_s - self._first_s >= _WINDOW_S - _EVERY_S
        poses = [pose for _, pose in self._seen if pose is not None]
        if len(poses) < (1 - _MISSING) * len(self._seen) or not poses:
            return Finding.NOBODY if whole else None
        if few:
            return doing if doing in ODD_TIME else Finding.FEW_PICTURES
        if len(poses) < _FEWEST:
            return doing
        xy_px = stacked(poses)
        leg_px = leg_length_px(xy_px)
        if (place := placed(xy_px, leg_px)) is not None or t_s - self._measured_s < _WINDOW_S or not whole:
            return place
        if self._torn() and cut_off(xy_px, self._height_px):
            return Finding.FEET_OUT_OF_PICTURE
        return (
            (Finding.STILL_PICTURE if frozen(xy_px, leg_px) else None)
            or (None if self._torn() else moved(xy_px, leg_px))
            or doing
            or (Finding.FEET_OUT_OF_PICTURE if feet_hidden(xy_px, self._height_px) else None)
            or (Finding.NO_RHYTHM if not held and t_s - max(self._measured_s, self._came_s) > _NO_RHYTHM_S else None)
        )

    def _torn(self) -> bool:
        """Whether the body was lost again and again."""
        seen = [pose is not None for _, pose in self._seen]
        return sum(before and not now for before, now in pairwise(seen)) >= _TORN


def placed(xy_px: FloatArray, leg_px: float) -> Finding | None:
    """How the body stands in the picture, where it is not upright and from the side. xy_px: (N, 13, 2)."""
    if not leg_px > 0:
        return None
    shoulders, hips, ankles = (_middle(xy_px, left) for left in _LEFT_OF_TRUNK_AND_LEGS)
    trunk, legs = hips - shoulders, ankles - hips
    if _share((np.abs(trunk[:, 0]) > 1.3 * np.abs(trunk[:, 1])) & (np.abs(legs[:, 0]) > np.abs(legs[:, 1]))) > _MOST:
        return Finding.ON_ITS_SIDE
    if _share(~(trunk[:, 1] > 0) & (legs[:, 1] < 0)) > _MOST:
        return Finding.UPSIDE_DOWN
    if off_side_deg(xy_px) > _END_ON_DEG and facing_side(xy_px) is None:
        across = median_known(xy_px[:, Keypoint.LEFT_SHOULDER, 0] - xy_px[:, Keypoint.RIGHT_SHOULDER, 0])
        return Finding.FRONT_VIEW if across > 0 else Finding.REAR_VIEW
    trunk_ll = median_known(np.hypot(*trunk.T)) / leg_px
    return Finding.NO_HUMAN_BODY if trunk_ll < _TRUNK_LL[0] or trunk_ll > _TRUNK_LL[1] else None


def frozen(xy_px: FloatArray, leg_px: float) -> bool:
    """Whether nothing moves at all. xy_px: (N, 13, 2)."""
    sway = xy_px.std(axis=0).max(axis=1)
    seen = sway[np.isfinite(sway)]
    if bool(seen.size) and float(seen.max()) < _FROZEN_LL * leg_px:
        return True
    return float(sway[[Keypoint.NOSE, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]].mean()) < (
        _FROZEN_TRUNK_LL * leg_px
    )


def moved(xy_px: FloatArray, leg_px: float) -> Finding | None:
    """Squats and jumps, in which both legs do the same. xy_px: (N, 13, 2)."""
    if not leg_px > 0:
        return None
    hips = _middle(xy_px, Keypoint.LEFT_HIP)[:, 1]
    feet = [xy_px[:, LEG_ROWS[side][2], 1] for side in ("left", "right")]
    # How far each hip is above its ankle: a leg that folds is short.
    left, right = (xy_px[:, LEG_ROWS[side][2], 1] - xy_px[:, LEG_ROWS[side][0], 1] for side in ("left", "right"))
    hips_ll, feet_ll = _reach(hips) / leg_px, min(map(_reach, feet)) / leg_px
    if feet_ll > _JUMP_FEET_LL and hips_ll > _JUMP_HIPS_LL and _alike(*feet) > _TOGETHER:
        return Finding.JUMPING
    if (
        hips_ll > _SQUAT_DROP_LL
        and max(map(_reach, feet)) < _SQUAT_FEET_LL * leg_px
        and _alike(left, right) > _TOGETHER
    ):
        return Finding.SQUATTING
    return None


def feet_hidden(xy_px: FloatArray, height_px: float) -> bool:
    """Whether heels and toes are mostly not seen, or lie at the picture's lower edge. xy_px: (N, 13, 2)."""
    feet = xy_px[:, [row for side in ("left", "right") for row in LEG_ROWS[side][2:]], 1]
    lowest = np.where(np.isnan(feet), -np.inf, feet).max(1)
    return _share(~np.isfinite(lowest) | (lowest > _EDGE * height_px)) > 0.25


def cut_off(xy_px: FloatArray, height_px: float) -> bool:
    """Whether the body seems to go on below the picture's lower edge. xy_px: (N, 13, 2)."""
    lowest = np.where(np.isnan(xy_px[..., 1]), -np.inf, xy_px[..., 1]).max(1)
    return float(np.median(lowest)) > _LOW * height_px


def _middle(xy_px: FloatArray, left: Keypoint) -> FloatArray:
    """(N, 2) between this point and that of the right side, which follows it."""
    return np.asarray((xy_px[:, left] + xy_px[:, left + 1]) / 2)


def _share(which: BoolArray) -> float:
    return int(np.count_nonzero(which)) / len(which)


def _reach(values: FloatArray) -> float:
    """From the lowest to the highest, strays left out; 0 where nothing is known."""
    known = values[np.isfinite(values)]
    return float(np.subtract(*np.percentile(known, (95, 5)))) if len(known) else 0.0


def _alike(one: FloatArray, other: FloatArray) -> float:
    """Correlation; 0 where there is none."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < _FEWEST or not one[both].std() * other[both].std() > 0:
        return 0.0
    return float(np.corrcoef(one[both], other[both])[0, 1])
