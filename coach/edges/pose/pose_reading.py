"""From what the network says of one region to the thirteen keypoints.

Knees and ankles are chosen among all places that the heat maps show; the other landmarks are refined where the
network put them, heel and toe together with their ankle.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray
from coach.edges.pose.heat_map import Spots, refine, spots
from coach.edges.pose.landmark_network import NetworkReading
from coach.edges.pose.leg_choice import LegChoice, Places
from coach.edges.pose.people_finder import BLAZEPOSE_ROWS
from coach.edges.pose.region import Region

_TO_MID_HIP: Final = 0.7
"""At peak swing the network drags the near hip forward with the thigh, which makes the knee look straighter.
Seen from the side the hips lie one behind the other but for the pelvis' turn of a few degrees, so each is moved
this share of the way to mid-hip: 2° more of near-leg peak flexion on a real runner, none on drawn ones."""

_TRUNK: Final = (Keypoint.NOSE, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP)
_TRUNK_ROWS: Final = tuple(BLAZEPOSE_ROWS[keypoint] for keypoint in _TRUNK)
_HIPS: Final = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]


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
