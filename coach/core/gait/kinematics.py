"""From keypoints to angles and lengths: one frame, no memory, except for scale and facing.

Everything behind this module sees the runner facing +x with y up, in leg lengths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose, Side
from coach.core.units import FloatArray

HIP, KNEE, ANKLE, HEEL, TOE = range(5)
"""Rows of a leg."""

_ROWS: Final = np.array([LEG_ROWS[side] for side in SIDES])
_MIN_LEG_PX: Final = 8.0
"""A leg shorter than this is noise: no pose network resolves it."""


@dataclass(frozen=True, slots=True)
class Legs:
    """Both legs of one frame, normalised.

    points_ll: (2, 5, 2), left then right; hip, knee, ankle, heel, toe; forward and up; NaN where not seen.
    flexion_deg: (2,), knee flexion, negative where the knee is overstretched; NaN where a joint is missing.
    """

    t_s: float
    points_ll: FloatArray
    flexion_deg: FloatArray

    @property
    def relative_ll(self) -> FloatArray:
        """(2, 4, 2): knee, ankle, heel and toe seen from the own hip."""
        return self.points_ll[:, KNEE:] - self.points_ll[:, :KNEE]


def knee_flexion_deg(hip: FloatArray, knee: FloatArray, ankle: FloatArray) -> FloatArray:
    """180° minus the angle hip-knee-ankle, (..., 2) → (...); NaN where a point is missing or two coincide."""
    thigh, shank = knee - hip, ankle - knee
    cross = thigh[..., 0] * shank[..., 1] - thigh[..., 1] * shank[..., 0]
    dot = (thigh * shank).sum(-1)
    bent = np.degrees(np.arctan2(np.abs(cross), dot))
    return np.asarray(np.where((cross == 0) & (dot == 0), np.nan, bent))


def legs_px(pose: Pose) -> FloatArray:
    """(2, 5, 2): left and right leg in image pixels."""
    return np.asarray(pose.xy_px.take(_ROWS, axis=0))


def leg_lengths_px(legs: FloatArray) -> FloatArray:
    """Thigh + shank of each leg, (2, 5, 2) → (2,)."""
    return np.array([math.dist(hip, knee) + math.dist(knee, ankle) for hip, knee, ankle, *_ in legs.tolist()])


_FORWARD_UP: Final[dict[Side, FloatArray]] = {"right": np.array([1.0, -1.0]), "left": np.array([-1.0, -1.0])}


def normalised(t_s: float, legs: FloatArray, facing: Side, leg_length_px: float) -> Legs:
    """Legs (2, 5, 2) in pixels turned to forward +x, y up, in leg lengths."""
    points = legs * (_FORWARD_UP[facing] / leg_length_px)
    flexion = [_signed_flexion_deg(*leg) for leg in points.tolist()]
    return Legs(t_s, points, np.array(flexion))


# A leg is five points: for so few, plain floats cost a fraction of what arrays do.


def _signed_flexion_deg(hip: Sequence[float], knee: Sequence[float], ankle: Sequence[float], *_: object) -> float:
    """Below 0 for an overstretched knee: noise about a straight leg must not read as flexion."""
    cross, dot = _turn(hip, knee, ankle)
    return math.degrees(math.atan2(-cross, dot))


def _turn(hip: Sequence[float], knee: Sequence[float], ankle: Sequence[float]) -> tuple[float, float]:
    """Cross and dot product of thigh and shank."""
    thigh_x, thigh_y = knee[0] - hip[0], knee[1] - hip[1]
    shank_x, shank_y = ankle[0] - knee[0], ankle[1] - knee[1]
    return thigh_x * shank_y - thigh_y * shank_x, thigh_x * shank_x + thigh_y * shank_y


class LegScale:
    """Leg length in pixels: a running robust mean of thigh + shank over both legs.

    The first values are their median; later ones pull with a time constant of 2 s and
    count for 6 % at most, so that collapsed and swapped legs hardly move it.
    """

    _SETTLE: Final = 12
    _MEMORY_S: Final = 2.0
    _CLIP: Final = 0.06

    def __init__(self) -> None:
        self._first: list[float] = []
        self._last_s = -math.inf
        self.length_px = math.nan

    def update(self, t_s: float, lengths_px: FloatArray) -> float:
        """Take one frame's (2,) leg lengths, NaN where unknown; the present estimate, NaN before the first."""
        seen = [x for x in lengths_px.tolist() if x > _MIN_LEG_PX]
        dt_s, self._last_s = min(t_s - self._last_s, 0.1), t_s
        if not seen:
            return self.length_px
        if len(self._first) < self._SETTLE:
            self._first += seen
            self.length_px = float(np.median(self._first))
            return self.length_px
        limit = self._CLIP * self.length_px
        pull = sum(min(max(x - self.length_px, -limit), limit) for x in seen) / len(seen)
        self.length_px += pull * dt_s / self._MEMORY_S
        return self.length_px


class FacingFinder:
    """Which side of the image the runner looks at; found once and held.

    A knee bends one way only, and toes lie in front of heels: both are summed over
    time with a memory of 5 s. Only overwhelming evidence turns a decision round.
    """

    _MEMORY_S: Final = 5.0
    _DECIDE: Final = 0.4
    """Seconds × leg lengths of evidence: about a third of a second of running."""
    _TURN: Final = 3.0

    def __init__(self) -> None:
        self._evidence = 0.0
        self._last_s = math.nan
        self.facing: Side | None = None

    def update(self, t_s: float, legs: FloatArray, leg_length_px: float) -> Side | None:
        """Take one frame's legs (2, 5, 2) in pixels; the facing, None while unknown."""
        dt_s = 0.0 if math.isnan(self._last_s) else min(max(t_s - self._last_s, 0.0), 0.1)
        self._last_s = t_s
        if not leg_length_px > 0:
            return self.facing
        self._evidence += dt_s * (self._hint(legs, leg_length_px) - self._evidence / self._MEMORY_S)
        needed = self._DECIDE if self.facing is None else self._TURN
        if abs(self._evidence) >= needed:
            self.facing = "right" if self._evidence > 0 else "left"
        return self.facing

    @staticmethod
    def _hint(legs: FloatArray, leg_length_px: float) -> float:
        """Evidence for facing image-right: toe ahead of heel, and knee ahead of the line from hip to ankle."""
        hints: list[float] = []
        for hip, knee, ankle, heel, toe in legs.tolist():
            bend_px2, _ = _turn(hip, knee, ankle)
            hints += ((toe[0] - heel[0]) / leg_length_px, 4.0 * bend_px2 / leg_length_px**2)
        return sum([hint for hint in hints if not math.isnan(hint)])


def trunk_length_px(pose: Pose) -> float:
    """Mid-shoulder to mid-hip; NaN where the trunk was not seen."""
    shoulders = pose.xy_px[[Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]].mean(0)
    hips = pose.xy_px[[Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]].mean(0)
    return math.hypot(float(shoulders[0] - hips[0]), float(shoulders[1] - hips[1]))
