"""Gait: what the tracker says about the runner at every frame.

A stride runs from one initial contact to the next of the same foot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from coach.core.gait.camera_view import UNKNOWN_CAMERA, CameraView
from coach.core.gait.kinematics import BothLegs
from coach.core.gait.mean_cycle import LegCycle
from coach.core.gait.quality import Trust
from coach.core.gait.scene import Finding
from coach.core.gait.stride import Stride
from coach.core.pose import Side

__all__ = ["OFF_THE_RUN", "Activity", "EventKind", "GaitEvent", "GaitUpdate", "LegCycle", "LegState", "Stride", "View"]


class Activity(StrEnum):
    """What the person in front of the camera is doing."""

    AWAY = "away"
    STANDING = "standing"
    WALKING = "walking"
    RUNNING = "running"
    UNKNOWN = "unknown"


OFF_THE_RUN: Final = (Activity.STANDING, Activity.WALKING, Activity.AWAY)
"""What is surely no running."""


class EventKind(StrEnum):
    """The moments of a stride that are reported."""

    INITIAL_CONTACT = "initial_contact"
    TOE_OFF = "toe_off"
    MID_SWING = "mid_swing"


@dataclass(frozen=True, slots=True)
class GaitEvent:
    """One moment of one leg; `t_s` lies a little before the frame that revealed it."""

    t_s: float
    side: Side
    kind: EventKind


@dataclass(frozen=True, slots=True)
class View:
    """How the camera sees the runner. None until it is known; then held."""

    facing: Side | None = None
    """Side of the image the runner looks at."""
    camera: CameraView = UNKNOWN_CAMERA
    """How the camera is turned."""

    @property
    def near_side(self) -> Side | None:
        """The leg nearer to the camera: who faces image-right is filmed from the right."""
        return self.facing


class LegState(NamedTuple):
    """One leg now, filtered; NaN where unknown or not trusted."""

    knee_flexion_deg: float
    hip_heel_ll: float
    """The lever: hip to heel."""
    phase: float
    """0 at initial contact, up to 1 at the next."""


class GaitUpdate(NamedTuple):
    """What one more frame told about the runner.

    strides: those that ended with this frame, valid or not. events: those revealed by it.
    """

    t_s: float
    view: View
    left: LegState
    right: LegState
    activity: Activity
    trust: Trust
    events: tuple[GaitEvent, ...]
    strides: tuple[Stride, ...]
    cadence_spm: float
    leg_length_px: float
    """Thigh + shank in the picture; NaN while unknown, and while legs are seen at another size than until now."""
    position_ll: float
    """Mid-hip along the belt against its usual place, + forward; NaN when unknown."""
    far_leg_trusted: bool
    sagittal_px: BothLegs | None = None
    """Legs in pixels as a camera exactly at the side would see them, left and right; None: as in the picture."""
    near_cycle: LegCycle | None = None
    """The near leg's; None while unknown."""
    finding: Finding | None = None
    """What is seen in place of a runner who can be measured; None while one is, and until that is clear."""
    time_scale: float = math.nan
    """How many times slower than life the pictures seem to run; NaN where there is no sign of it."""

    def leg(self, side: Side) -> LegState:
        """The state of one leg."""
        return self.left if side == "left" else self.right
