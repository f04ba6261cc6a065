"""From what the network says of one region to the thirteen keypoints.

Knees and ankles are chosen among all places that the heat maps show; the other landmarks are refined where the
network put them, heel and toe together with their ankle.

At mid-swing, when the legs pass each other and the foot is blurred, a network takes one leg for the other
for a few frames, or puts the swing ankle between its own place and the stance ankle. Its heat maps still
show both places. So each frame all combinations of places are weighed, by what the heat maps say, by the
lengths of thigh and shank, and by where each joint was heading; and which leg is the left one is believed
from many frames, not from one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray
from coach.edges.pose.heat_map import Spots, refine, spots
from coach.edges.pose.landmark_network import NetworkReading
from coach.edges.pose.people_finder import BLAZEPOSE_ROWS
from coach.edges.pose.region import Region

_TO_MID_HIP: Final = 0.7
"""At peak swing the network drags the near hip forward with the thigh, which makes the knee look straighter.
Seen from the side the hips lie one behind the other but for the pelvis' turn of a few degrees, so each is moved
this share of the way to mid-hip: 2° more of near-leg peak flexion on a real runner, none on drawn ones."""

_TRUNK: Final = (Keypoint.NOSE, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP)
_TRUNK_ROWS: Final = tuple(BLAZEPOSE_ROWS[keypoint] for keypoint in _TRUNK)
_HIPS: Final = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]

NOMINAL_FRAME_S: Final = 1 / 30
"""Weights per frame were tuned at 30 frames a second; other rates are brought to it."""

_HEAT_FLOOR: Final = 0.05
"""Added to heat before its logarithm: no map is surer than this that a joint is not there."""
_LENGTH_SPREAD: Final = 0.16
"""Spread of a segment's length in the picture about its usual one: rotation, perspective and the network."""
_MOST_LENGTH_COST: Final = 6.0
_STILL_SPREAD_LL: Final = 0.04
_MOVING_SPREAD_LL: Final = 0.07
"""Spread of a joint about its straight continuation, in leg lengths, at rest and per (1/30 s)²:
a runner's ankle accelerates with up to 80 m/s²."""
_MOST_MOTION_COST: Final = 4.0
"""Per joint; a track gone wrong can be overruled by what is seen."""
_SAME_PLACE_COST: Final = 3.0
_SAME_PLACE_LL: Final = 0.1
"""Two knees, or two ankles, in one place."""
_MOST_EVIDENCE: Final = 4.0
_MOST_BELIEF: Final = 16.0
"""Log odds that left is left: one frame says at most 4, so 4 clear frames on end are needed to turn it."""
_FORGET_S: Final = 0.25
"""After a gap of this the legs have moved on too far to be told by their motion."""
_LENGTHS_S: Final = 3.0
_SHORTEST_PX: Final = 1.0
"""Of a thigh or shank: a body seen end-on has none."""


def _rows(joint: str) -> tuple[int, int]:
    left, right = (BLAZEPOSE_ROWS[Keypoint[f"{side}_{joint}".upper()]] for side in SIDES)
    return left, right


_KNEES, _ANKLES, _HEELS, _TOES = _rows("knee"), _rows("ankle"), _rows("heel"), _rows("foot_index")


class PoseReader:
    """Reads one pose after the other; remembers how the legs moved."""

    def __init__(self) -> None:
        self._legs = LegChoice()

    def read(self, reading: NetworkReading, region: Region, t_s: float) -> Pose:
        """The pose in picture pixels."""
        xy_px, confidence = empty_keypoints()
        for keypoint, row in BLAZEPOSE_ROWS.items():
            confidence[keypoint] = reading.visibility[row]
        refined = refine(reading, (*_TRUNK_ROWS, *_KNEES, *_ANKLES))
        trunk, knees, ankles = np.split(refined, (len(_TRUNK), len(_TRUNK) + 2))
        xy_px[list(_TRUNK)] = region.to_picture(trunk)
        mid_hip_px = xy_px[_HIPS].mean(axis=0)
        xy_px[_HIPS] += _TO_MID_HIP * (mid_hip_px - xy_px[_HIPS])

        labelled = np.stack([knees, ankles], axis=1)
        legs = self._legs.choose(
            t_s,
            _places(spots(reading, _KNEES, knees), region, mid_hip_px),
            _places(spots(reading, _ANKLES, ankles), region, mid_hip_px),
            region.to_picture(labelled.reshape(4, 2)).reshape(2, 2, 2) - mid_hip_px,
        )
        joints_px = legs.joints_px + mid_hip_px
        feet_px = region.to_picture(_feet(reading, ankles, region.to_crop(joints_px[:, 1])))
        for side, rows in enumerate(_SIDE_ROWS):
            xy_px[list(rows)] = [*joints_px[side], *feet_px[2 * side : 2 * side + 2]]
            confidence[list(rows[:2])] = legs.heat[side]
        return Pose(t_s=t_s, xy_px=xy_px, confidence=confidence)


_SIDE_ROWS: Final = tuple(LEG_ROWS[side][1:] for side in SIDES)
"""Knee, ankle, heel and foot index of the left and of the right leg."""


def _places(seen: Spots, region: Region, mid_hip_px: FloatArray) -> Places:
    return Places(region.to_picture(seen.xy) - mid_hip_px, seen.heat)


def _feet(reading: NetworkReading, labelled_ankles: FloatArray, ankles: FloatArray) -> FloatArray:
    """(4, 2): heel and foot index, left then right, in crop pixels: of the foot drawn nearest, moved with its ankle."""
    rows: list[int] = []
    moved: list[FloatArray] = []
    for side, ankle in enumerate(ankles):
        apart = np.linalg.norm(labelled_ankles - ankle, axis=1)
        like = side if apart[side] <= apart[1 - side] else 1 - side
        rows += (_HEELS[like], _TOES[like])
        moved += 2 * [ankle - labelled_ankles[like]]
    return refine(reading, rows, near=reading.xy[rows] + np.array(moved))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a joint of either leg may be. xy_px: (n, 2) from mid-hip. heat: (n, 2), as left and as right joint."""

    xy_px: FloatArray
    heat: FloatArray


@dataclass(frozen=True, slots=True)
class Legs:
    """Both legs at one moment. joints_px: (2, 2, 2): left and right, knee and ankle, x and y from mid-hip."""

    t_s: float
    joints_px: FloatArray
    heat: FloatArray
    """(2, 2): how clearly each joint is seen, 0 to 1."""

    def exchanged(self) -> Legs:
        """Left for right."""
        return Legs(self.t_s, self.joints_px[::-1], self.heat[::-1])


class LegChoice:
    """Tells the legs apart from frame to frame."""

    def __init__(self) -> None:
        self._last: Legs | None = None
        self._before: Legs | None = None
        self._belief = 0.0
        self._lengths_px: deque[tuple[float, float, float]] = deque()

    def choose(self, t_s: float, knees: Places, ankles: Places, as_labelled_px: FloatArray) -> Legs:
        """The likeliest legs.

        as_labelled_px: (2, 2, 2) as in `Legs`, the network's own answer, from which segment lengths are learnt.
        """
        if self._last is not None and t_s - self._last.t_s > _FORGET_S:
            self._last, self._before, self._belief = None, None, 0.0
        lengths_px = self._learn_lengths(t_s, as_labelled_px)
        knee, ankle = (grid.ravel() for grid in np.indices((len(knees.xy_px), len(ankles.xy_px))))
        label = np.log(knees.heat + _HEAT_FLOOR)[knee] + np.log(ankles.heat + _HEAT_FLOOR)[ankle]
        seen = np.log(knees.heat.max(axis=1) + _HEAT_FLOOR)[knee] + np.log(ankles.heat.max(axis=1) + _HEAT_FLOOR)[ankle]
        either = seen - _length_cost(knees.xy_px[knee], ankles.xy_px[ankle], lengths_px)
        joints_px = np.stack([knees.xy_px[knee], ankles.xy_px[ankle]], axis=1)
        left, right = (
            either + label[:, side] - self._motion_cost(t_s, joints_px, side, sum(lengths_px)) for side in (0, 1)
        )
        total = left[:, np.newaxis] + right
        reach_px = _SAME_PLACE_LL * sum(lengths_px)
        total -= _together(knees.xy_px, reach_px)[np.ix_(knee, knee)]
        total -= _together(ankles.xy_px, reach_px)[np.ix_(ankle, ankle)]
        best = np.array(np.unravel_index(np.argmax(total), total.shape))
        heat = np.stack([knees.heat.max(axis=1)[knee[best]], ankles.heat.max(axis=1)[ankle[best]]], axis=1)
        evidence = float(label[best[0], 0] + label[best[1], 1] - label[best[1], 0] - label[best[0], 1])
        return self._accept(Legs(t_s, joints_px[best], heat), evidence)

    def _accept(self, legs: Legs, evidence: float) -> Legs:
        """Take the legs in; exchange them where the belief says that left is right."""
        frames = 1.0 if self._last is None else min((legs.t_s - self._last.t_s) / NOMINAL_FRAME_S, 2.0)
        belief = self._belief + frames * float(np.clip(evidence, -_MOST_EVIDENCE, _MOST_EVIDENCE))
        self._before, self._last = self._last, legs
        if belief < 0:
            self._last = legs.exchanged()
            self._before = self._before.exchanged() if self._before is not None else None
        self._belief = min(abs(belief), _MOST_BELIEF)
        return self._last

    def _learn_lengths(self, t_s: float, joints_px: FloatArray) -> tuple[float, float]:
        """Usual length of thigh and shank: of the longer-looking leg, a little above the median over 3 s."""
        thighs = np.linalg.norm(joints_px[:, 0], axis=1)
        shanks = np.linalg.norm(joints_px[:, 1] - joints_px[:, 0], axis=1)
        self._lengths_px.append((t_s, float(thighs.max()), float(shanks.max())))
        while t_s - self._lengths_px[0][0] > _LENGTHS_S:
            self._lengths_px.popleft()
        thigh, shank = np.percentile([lengths[1:] for lengths in self._lengths_px], 60, axis=0)
        return max(float(thigh), _SHORTEST_PX), max(float(shank), _SHORTEST_PX)

    def _motion_cost(self, t_s: float, joints_px: FloatArray, side: int, leg_px: float) -> FloatArray:
        """(n,): how far each knee and ankle lies from where those of one side were heading."""
        if self._last is None:
            return np.zeros(len(joints_px))
        expected_px = self._last.joints_px[side]
        step_s = t_s - self._last.t_s
        if self._before is not None and self._last.t_s > self._before.t_s:
            velocity = (expected_px - self._before.joints_px[side]) / (self._last.t_s - self._before.t_s)
            expected_px = expected_px + velocity * step_s
        spread_px = leg_px * np.hypot(_STILL_SPREAD_LL, _MOVING_SPREAD_LL * (step_s / NOMINAL_FRAME_S) ** 2)
        squares = ((joints_px - expected_px) ** 2).sum(axis=2) / (2 * spread_px**2)
        return np.asarray(np.minimum(squares, _MOST_MOTION_COST).sum(axis=1))


def _together(xy_px: FloatArray, reach_px: float) -> FloatArray:
    """(n, n): what it costs that the joint of either leg is at these two places."""
    squares = ((xy_px[:, np.newaxis] - xy_px) ** 2).sum(axis=2)
    return np.asarray(_SAME_PLACE_COST * np.exp(-squares / reach_px**2))


def _length_cost(knees_px: FloatArray, ankles_px: FloatArray, lengths_px: tuple[float, float]) -> FloatArray:
    """(n,): how unlike a thigh and a shank each pair of knee and ankle is."""
    thighs = np.linalg.norm(knees_px, axis=1) / lengths_px[0]
    shanks = np.linalg.norm(ankles_px - knees_px, axis=1) / lengths_px[1]
    costs = (np.minimum(0.5 * ((length - 1) / _LENGTH_SPREAD) ** 2, _MOST_LENGTH_COST) for length in (thighs, shanks))
    return np.asarray(sum(costs))
