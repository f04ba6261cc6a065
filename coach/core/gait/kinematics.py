"""From keypoints to angles and lengths: one frame, no memory, except for scale and facing.

Everything behind this module sees the runner facing +x with y up, in leg lengths. A point of the image plane is a
complex number, x + iy: so few points cost a fraction of what arrays do, |a − b| is a distance, and a* b holds dot and
cross product of two segments as its real and imaginary part. A point that was not seen is NaN.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from coach.core.pose import Pose, Side
from coach.core.units import FloatArray

HIP, KNEE, ANKLE, HEEL, TOE = range(5)
"""Places of a leg's points."""

Points = Sequence[complex]
BothLegs = tuple[Points, Points]
"""Left, then right."""

_MIN_LEG_PX: Final = 8.0
"""A leg shorter than this is noise: no pose network resolves it."""


class Legs(NamedTuple):
    """Both legs of one frame, normalised.

    points_ll: hip, knee, ankle, heel, toe of either leg; forward + i up; NaN where not seen.
    flexion_deg: knee flexion, negative where the knee is overstretched; NaN where a joint is missing.
    picture_px: the same points as the camera saw them; None where nothing was seen.
    """

    t_s: float
    points_ll: BothLegs
    flexion_deg: tuple[float, float]
    picture_px: BothLegs | None = None
    trunk_deg: float = math.nan
    """Hips to shoulders ahead of vertical; NaN where the trunk was not seen."""

    @property
    def relative_ll(self) -> list[complex]:
        """Knee, ankle, heel and toe of the left leg, then of the right one, seen from the own hip."""
        (left_hip, *left), (right_hip, *right) = self.points_ll
        return [point - left_hip for point in left] + [point - right_hip for point in right]


_NO_POINT: Final = complex(math.nan, math.nan)


def unseen(t_s: float) -> Legs:
    """A frame in which no leg was seen."""
    return Legs(t_s, ([_NO_POINT] * 5, [_NO_POINT] * 5), (math.nan, math.nan))


def knee_flexion_deg(hip: FloatArray, knee: FloatArray, ankle: FloatArray) -> FloatArray:
    """180° minus the angle hip-knee-ankle, (..., 2) → (...); NaN where a point is missing or two coincide.

    Examples
    --------
    A leg that hangs straight down, and one with the shank held level behind:

    >>> hip, knee = np.array([0.0, 0.0]), np.array([0.0, 40.0])
    >>> ankles = np.array([[0.0, 80.0], [-40.0, 40.0], [np.nan, 40.0]])
    >>> knee_flexion_deg(hip, knee, ankles).round(1).tolist()
    [0.0, 90.0, nan]
    """
    thigh, shank = knee - hip, ankle - knee
    cross = thigh[..., 0] * shank[..., 1] - thigh[..., 1] * shank[..., 0]
    dot = (thigh * shank).sum(-1)
    bent = np.degrees(np.arctan2(np.abs(cross), dot))
    return np.asarray(np.where((cross == 0) & (dot == 0), np.nan, bent))


def ahead_deg(bone: complex) -> float:
    """How far a bone's lower end is ahead of its upper one: 0 hangs straight down, + swings forward.

    bone: lower end seen from the upper one, forward + i up.

    Examples
    --------
    >>> [round(ahead_deg(bone)) for bone in (-1j, 1 - 1j, -1 - 1j)]
    [0, 45, -45]
    """
    return math.degrees(math.atan2(bone.real, -bone.imag))


class Body(NamedTuple):
    """What is followed of a pose, in image pixels, x to the right, y down; NaN where not seen."""

    legs: BothLegs
    hips: complex
    """Their middle; NaN where one of both was not seen, as for the shoulders."""
    shoulders: complex


def body_px(pose: Pose) -> Body:
    """Legs and trunk of a pose."""
    _, left_shoulder, right_shoulder, *legs = pose.xy_px.view(np.complex128).ravel().tolist()
    # From the hips down left and right take turns, as `Keypoint` has them.
    left, right = legs[::2], legs[1::2]
    return Body((left, right), (left[HIP] + right[HIP]) / 2, (left_shoulder + right_shoulder) / 2)


class PictureSize(NamedTuple):
    """Where the picture ends, in pixels: right and lower edge. NaN: not known, and everything is taken as seen."""

    width_px: float = math.nan
    height_px: float = math.nan

    def cuts(self, leg: Points, within_px: float) -> bool:
        """Whether knee, ankle or heel come so near to a side edge, or lie beyond it."""
        right_px = self.width_px - within_px
        if math.isnan(right_px):
            return False
        return any(point.real <= within_px or point.real >= right_px for point in leg[KNEE : HEEL + 1])


UNBOUNDED: Final = PictureSize()
"""Everything is taken as seen."""


def seen_above(legs: BothLegs, height_px: float) -> BothLegs:
    """Legs without what lies below the picture's lower edge: a network guesses there. NaN: everything is seen."""
    left, right = legs
    if not [point for point in (*left, *right) if point.imag >= height_px]:
        return legs
    left, right = [[_NO_POINT if point.imag >= height_px else point for point in leg] for leg in legs]
    return left, right


def any_seen(legs: BothLegs) -> bool:
    """Whether there is a point that is not NaN."""
    return any(not cmath.isnan(point) for leg in legs for point in leg)


def leg_lengths_px(legs: BothLegs) -> tuple[float, float]:
    """Thigh + shank of each leg."""
    (hip, knee, ankle, *_), (other_hip, other_knee, other_ankle, *_) = legs
    return abs(knee - hip) + abs(ankle - knee), abs(other_knee - other_hip) + abs(other_ankle - other_knee)


def normalised(
    t_s: float,
    legs: BothLegs,
    origin_px: complex,
    facing: Side,
    leg_length_px: float,
    picture_px: BothLegs | None = None,
    trunk_deg: float = math.nan,
) -> Legs:
    """Legs in pixels turned to forward + i up, in leg lengths, seen from `origin_px`.

    picture_px, trunk_deg: what else `Legs` tells of the frame.
    """
    size = 1 / leg_length_px
    if facing == "right":
        left, right = [[(point - origin_px).conjugate() * size for point in leg] for leg in legs]
    else:
        left, right = [[(origin_px - point) * size for point in leg] for leg in legs]
    flexion_deg = _signed_flexion_deg(left), _signed_flexion_deg(right)
    return Legs(t_s, (left, right), flexion_deg, picture_px, trunk_deg)


def flexion_deg(knee_ll: complex, ankle_ll: complex) -> float:
    """Knee flexion of a leg whose knee and ankle are seen from the own hip, forward + i up; NaN where one is missing.

    Below 0 for an overstretched knee: noise about a straight leg must not read as flexion.
    """
    turn = knee_ll.conjugate() * (ankle_ll - knee_ll)
    return math.degrees(math.atan2(-turn.imag, turn.real))


def _signed_flexion_deg(leg: Points) -> float:
    return flexion_deg(leg[KNEE] - leg[HIP], leg[ANKLE] - leg[HIP])


def _turn(leg: Points) -> complex:
    """Dot product of thigh and shank, and their cross product as the imaginary part."""
    hip, knee, ankle = leg[HIP], leg[KNEE], leg[ANKLE]
    return (knee - hip).conjugate() * (ankle - knee)


class LegScale:
    """Leg length in pixels: a running robust mean of thigh + shank over both legs.

    The first values are their median; later ones pull with a time constant of 2 s and
    count for 6 % at most, so that collapsed and swapped legs hardly move it. Where all are off by more for a second
    the camera was moved, or zooms: it begins anew.
    """

    _SETTLE: Final = 12
    _MEMORY_S: Final = 2.0
    _CLIP: Final = 0.06
    _ANOTHER_SIZE_S: Final = 1.0
    _DOUBTED_S: Final = 0.1
    """Three pictures: two stray ones are no other size."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._last_s = -math.inf
        self._off_s = 0.0
        self.length_px = math.nan
        self.begun_anew = 0
        """How many times."""

    @property
    def doubted(self) -> bool:
        """Whether legs are seen at another size just now, and the old one does not hold any more."""
        return self._off_s >= self._DOUBTED_S

    def update(self, t_s: float, lengths_px: Sequence[float]) -> float:
        """Take one frame's leg lengths, NaN where unknown; the present estimate, NaN before the first."""
        seen = [x for x in lengths_px if x > _MIN_LEG_PX]
        dt_s, self._last_s = min(t_s - self._last_s, 0.1), t_s
        if not seen:
            return self.length_px
        if len(self._first) < self._SETTLE:
            self._first += seen
            self.length_px = median(self._first)
            return self.length_px
        limit = self._CLIP * self.length_px
        pull = sum([min(max(x - self.length_px, -limit), limit) for x in seen]) / len(seen)
        self.length_px += pull * dt_s / self._MEMORY_S
        self._off_s = max(self._off_s + (dt_s if abs(pull) > 0.99 * limit else -dt_s), 0.0)
        if self._off_s >= self._ANOTHER_SIZE_S:
            self._first, self._off_s = seen, 0.0
            self.length_px = median(seen)
            self.begun_anew += 1
        return self.length_px


class FacingFinder:
    """Which side of the image the runner looks at; found once and held.

    A knee bends one way only, and toes lie in front of heels: both are summed over
    time with a memory of 5 s. Only overwhelming evidence turns a decision round, unless the
    runner was out of sight meanwhile: who comes back may face the other way.
    """

    _MEMORY_S: Final = 5.0
    _DECIDE: Final = 0.4
    """Seconds × leg lengths of evidence: about a third of a second of running."""
    _TURN: Final = 3.0
    _TURN_AFTER_ABSENCE: Final = 0.8
    """Twice what a first decision takes: one that held before is worth as much as that."""
    _ABSENT_S: Final = 2.0
    """Who turns on a belt needs as long."""
    _LATELY_S: Final = 0.35
    """Half a stride: the hints of a whole one are clear, of one picture they may be none."""

    def __init__(self) -> None:
        self._evidence = self._lately = 0.0
        self._last_s = self._hinted_s = math.nan
        self._came_back = False
        """Whether the runner is in sight again, and it has not shown since which way."""
        self.facing: Side | None = None
        self.turned_s = math.nan
        """Since when the runner looks another way than before; NaN without a turn."""

    def know(self, facing: Side | None) -> None:
        """Which way the runner looks from now on, as somebody knows who saw more; None where nobody does."""
        if facing is not None and facing != self.facing:
            self._evidence, self.facing = 0.0, facing

    def update(self, t_s: float, legs: BothLegs, leg_length_px: float) -> Side | None:
        """Take one frame's legs in pixels; the facing, None while unknown."""
        since_s = 0.0 if math.isnan(self._last_s) else max(t_s - self._last_s, 0.0)
        dt_s, self._last_s = min(since_s, 0.1), t_s
        if since_s > self._ABSENT_S:
            self._evidence, self._came_back = 0.0, self.facing is not None
        if not leg_length_px > 0:
            return self.facing
        hint = self._hint(legs, leg_length_px)
        self._evidence += dt_s * (hint - self._evidence / self._MEMORY_S)
        lately = self._lately + dt_s / self._LATELY_S * (hint - self._lately)
        if lately * self._lately <= 0:
            self._hinted_s = t_s
        self._lately = lately
        if abs(self._evidence) >= self._needed:
            self._decide("right" if self._evidence > 0 else "left")
        return self.facing

    def _decide(self, facing: Side) -> None:
        if self.facing not in {None, facing}:
            self.turned_s = self._hinted_s
        self.facing, self._came_back = facing, False

    @property
    def _needed(self) -> float:
        """Evidence that decides."""
        if self.facing is None:
            return self._DECIDE
        return self._TURN_AFTER_ABSENCE if self._came_back else self._TURN

    @staticmethod
    def _hint(legs: BothLegs, leg_length_px: float) -> float:
        """Evidence for facing image-right: toe ahead of heel, and knee ahead of the line from hip to ankle."""
        evidence = 0.0
        for leg in legs:
            for hint in ((leg[TOE] - leg[HEEL]).real, 4.0 * _turn(leg).imag / leg_length_px):
                if not math.isnan(hint):
                    evidence += hint
        return evidence / leg_length_px


def lean_deg(hips_px: complex, shoulders_px: complex, facing: Side) -> float:
    """How far the shoulders are ahead of the hips against the vertical; NaN where either was not seen.

    Examples
    --------
    >>> round(lean_deg(100 + 200j, 120 + 100j, "right")), round(lean_deg(100 + 200j, 120 + 100j, "left"))
    (11, -11)
    """
    trunk = shoulders_px - hips_px
    return math.degrees(math.atan2(trunk.real if facing == "right" else -trunk.real, -trunk.imag))
