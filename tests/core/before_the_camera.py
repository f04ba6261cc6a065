"""A stick figure that runs before a camera, as it stands in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from coach.core.pose import Keypoint, Pose, empty_keypoints
from coach.core.units import FloatArray

FPS = 30.0


@dataclass(frozen=True)
class Figure:
    """How somebody stands before the camera."""

    leg_px: float = 240.0
    turned_deg: float = 0.0
    roll_deg: float = 0.0
    facing: float = 1.0


GOOD = Figure()


def at(x: float, y: float) -> FloatArray:
    return np.array([x, y])


def runner(t_s: float, figure: Figure = GOOD) -> Pose:
    """A stick figure that runs in the middle of the picture: feet on an ellipse with a flat lower edge, the belt."""
    xy_px, confidence = empty_keypoints()
    leg_px, facing = figure.leg_px, figure.facing
    hip = np.array([640.0, 330.0])
    torso_px = 0.6 * leg_px
    across = math.sin(math.radians(figure.turned_deg)) * torso_px
    for side, sign, phase in (("LEFT", -1, 0.0), ("RIGHT", 1, math.pi)):
        angle = 2 * math.pi * 1.4 * t_s + phase
        foot = hip + at(-0.5 * leg_px * math.cos(angle) * facing, leg_px - max(0.5 * leg_px * math.sin(angle), 0.0))
        aside = np.array([sign * across, 0.0])
        joints = {
            "SHOULDER": hip - (0, torso_px) + 0.40 * aside,
            "HIP": hip + 0.175 * aside,
            "KNEE": hip + at(0.12 * leg_px * facing, 0.5 * leg_px),
            "ANKLE": foot - (0.0, 0.05 * leg_px),
            "HEEL": foot - (0.07 * leg_px * facing, 0.0),
            "FOOT_INDEX": foot + at(0.2 * leg_px * facing, 0.0),
        }
        for name, point in joints.items():
            xy_px[Keypoint[f"{side}_{name}"]] = point
    xy_px[Keypoint.NOSE] = hip - (-0.1 * leg_px * facing, 0.9 * leg_px)
    c, s = math.cos(math.radians(figure.roll_deg)), math.sin(math.radians(figure.roll_deg))
    return Pose(t_s, (xy_px - hip) @ np.array([[c, -s], [s, c]]) + hip, confidence + 1)
