"""The demo's runner: rhythm, legs and upper body at any time, in leg lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from coach.core.pose import Side, other
from coach.edges.demo import gait_curves
from coach.edges.demo.effort import HeelLift, Ramp, Scripted, Tiring, ramp
from coach.edges.demo.footfalls import Footfalls
from coach.edges.demo.legs import Legs
from coach.edges.demo.motion import LegPose, Point

TRUNK_LL: Final = 0.60
UPPER_ARM_LL: Final = 0.345
FOREARM_LL: Final = 0.300
NECK_LL: Final = 0.20
"""Hip to shoulder, shoulder to elbow, elbow to wrist, shoulder line to the middle of the head.

Shares of body height after Winter (2009), with a leg of 0.478 of the height.
"""


@dataclass(frozen=True, slots=True)
class ArmPose:
    """One arm at one moment."""

    shoulder: Point
    elbow: Point
    wrist: Point
    forearm_deg: float
    """Forward of straight down."""


@dataclass(frozen=True, slots=True)
class BodyPose:
    """The whole runner at one moment: x forward of the hips, y above the belt, in leg lengths."""

    t_s: float
    near: LegPose
    far: LegPose
    near_arm: ArmPose
    far_arm: ArmPose
    hip: Point
    shoulder: Point
    """Middle of the shoulders."""
    head: Point
    lean_deg: float
    head_deg: float
    """Turn of the head's axis forward of upright."""
    tail_deg: float
    """Swing of the pony tail, backward of straight down."""
    drift_ll: float
    """Where the runner is on the belt, to be added to every x."""


@dataclass(slots=True)
class DemoRunner:
    """A runner with known truth.

    facing: side of the image looked at, and so the near side. speed_mps: a number or (t_s, m/s)
    points with straight lines between. heel_lift: degrees over what the runner does when
    fresh, as a number, as (t_s, degrees) points, or as a `HeelLift` that may listen; by
    default the runner tires, and recovers when cued. peak_offset_deg: the fresh runner
    against the published mean, per leg (near, far). seed fixes the stride-to-stride variability.
    """

    facing: Side = "right"
    speed_mps: float | Sequence[tuple[float, float]] = 3.0
    heel_lift: float | Sequence[tuple[float, float]] | HeelLift = field(default_factory=Tiring)
    peak_offset_deg: tuple[float, float] = (4.0, 3.0)
    cadence_scale: float = 1.0
    peak_sd_deg: float = 1.2
    step_sd: float = 0.008
    drift_ll: float = 0.02
    """How far the runner wanders on the belt, leg lengths."""
    leg_m: float = 0.90
    seed: int = 7
    belt: Ramp = field(init=False)
    footfalls: Footfalls = field(init=False)
    legs: Legs = field(init=False)
    _lift: HeelLift = field(init=False)

    def __post_init__(self) -> None:
        self.belt = ramp(self.speed_mps)
        lift = self.heel_lift
        self._lift = Scripted(ramp(lift)) if isinstance(lift, int | float | Sequence) else lift
        self.footfalls = Footfalls(self.belt, self.near_side, self.cadence_scale, self.step_sd, self.seed)
        offsets = {self.near_side: self.peak_offset_deg[0], other(self.near_side): self.peak_offset_deg[1]}
        self.legs = Legs(
            self.footfalls, self.belt, self._lift, self.leg_m, offsets, self.peak_sd_deg, self.drift, self.seed
        )

    @property
    def near_side(self) -> Side:
        """The leg nearer to the camera."""
        return self.facing

    def hear(self, cue_kind: str, t_s: float) -> None:
        """The coach said something; the next swings may show it."""
        self._lift.hear(cue_kind, t_s)

    def belt_travel_ll(self, t_s: float) -> float:
        """Way of the belt since time 0, in leg lengths."""
        return self.belt.integral(t_s) / self.leg_m

    def at(self, t_s: float) -> BodyPose:
        """The whole runner at a time."""
        near, far = (self.legs.at(side, t_s) for side in (self.near_side, other(self.near_side)))
        phase = self.legs.phase(self.near_side, t_s)
        beat = self.footfalls.step_phase(t_s)
        lean = 7.5 + 0.8 * (self.belt(t_s) - 3.0) + 1.2 * math.cos(2 * math.pi * (beat - 0.55))
        hip = near.hip
        shoulder = _above(hip, TRUNK_LL, lean)
        swing = 24 + 4 * (self.belt(t_s) - 3.0)
        head_deg = lean * 0.45 + 1.5 * math.sin(2 * math.pi * beat)
        return BodyPose(
            t_s,
            near,
            far,
            _arm(shoulder, phase + 0.5, swing),
            _arm(shoulder, phase, swing),
            hip,
            shoulder,
            _above(shoulder, NECK_LL, lean * 0.6 + 8),
            lean,
            head_deg,
            38 + 15 * math.sin(2 * math.pi * (beat - 0.18)),
            self.drift(t_s),
        )

    def drift(self, t_s: float) -> float:
        """Where the runner is on the belt at a time, in leg lengths forward of the usual place."""
        return self.drift_ll * (math.sin(0.51 * t_s + self.seed) + 0.5 * math.sin(0.23 * t_s)) / 1.5

    def fresh_peak_deg(self, t_s: float) -> float:
        """What the near leg's mean peak would be without tiring, at the belt speed of a time."""
        return gait_curves.norm_peak_deg(self.belt(t_s)) + self.peak_offset_deg[0]


def _above(point: Point, length: float, deg_forward: float) -> Point:
    a = math.radians(deg_forward)
    return point[0] + length * math.sin(a), point[1] + length * math.cos(a)


def _arm(shoulder: Point, leg_phase: float, swing_deg: float) -> ArmPose:
    """An arm that swings with the other side's leg (`leg_phase`: that leg's)."""
    drive = math.cos(2 * math.pi * (leg_phase - 0.86))
    upper = -14 + swing_deg * drive
    forearm = upper + 88 + 17 * drive
    at = shoulder[0] + 0.035 * drive, shoulder[1] - 0.015
    elbow = _above(at, -UPPER_ARM_LL, -upper)
    return ArmPose(at, elbow, _above(elbow, -FOREARM_LL, -forearm), forearm)
