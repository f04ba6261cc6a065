"""What the demo's runner truly did: exact keypoints, angles, phases and strides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.pose import LEG_JOINTS, SIDES, Keypoint, Side, empty_keypoints, other
from coach.core.units import FloatArray
from coach.edges.demo.drawn_parts import HEAD_LL, NOSE
from coach.edges.demo.motion import LegPose, Point, turned
from coach.edges.demo.runner import BodyPose, DemoRunner
from coach.edges.demo.treadmill_scene import FAR_RISE_LL, Stage

_COARSE: Final = 6
"""Such steps from one moment to the next of the first search for a stride's peak."""
_FINE_S: Final = 0.005
"""A stride is looked at in such steps; a parabola through the highest three finds its peak within 0.001°."""


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """One moment. xy_px: (13, 2) in the order of `Keypoint`. Phases run from 0 at initial contact to 1."""

    t_s: float
    xy_px: FloatArray
    knee_flexion_deg: dict[Side, float]
    phase: dict[Side, float]


@dataclass(frozen=True, slots=True)
class StrideTruth:
    """One whole stride of one foot, from initial contact to the next."""

    side: Side
    near: bool
    start_s: float
    toe_off_s: float
    end_s: float
    peak_knee_flexion_deg: float
    peak_knee_flexion_s: float

    @property
    def cadence_spm(self) -> float:
        """Steps a minute of both feet, if every stride were like this one."""
        return 120 / (self.end_s - self.start_s)

    @property
    def contact_time_s(self) -> float:
        """Time on the ground."""
        return self.toe_off_s - self.start_s


@dataclass(slots=True)
class DemoTruth:
    """The truth of a runner on a stage. Ask about what was already shown: asking settles a swing."""

    runner: DemoRunner
    stage: Stage
    shown_until_s: float = 0.0
    """Time of the newest frame that was drawn."""

    def frame(self, t_s: float) -> FrameTruth:
        """What is true at a time."""
        runner = self.runner
        phases = {side: runner.legs.phase(side, t_s) for side in SIDES}
        body = runner.at(t_s)
        legs = {runner.near_side: body.near, other(runner.near_side): body.far}
        return FrameTruth(
            t_s,
            keypoints_px(body, self.stage, runner.facing),
            {side: legs[side].knee_flexion_deg for side in SIDES},
            phases,
        )

    def strides(self, from_s: float = 0.0, until_s: float | None = None) -> tuple[StrideTruth, ...]:
        """Strides wholly within a time span (by default all that was shown), by their start."""
        until_s = self.shown_until_s if until_s is None else until_s
        falls = self.runner.footfalls
        touched = range(max(falls.number_at(from_s) - 1, 0), falls.number_at(until_s) + 1)
        within = (n for n in touched if falls.contact_s(n) >= from_s and falls.contact_s(n + 2) <= until_s)
        return tuple(self._stride(n) for n in within)

    def cadence_spm(self, from_s: float, until_s: float) -> float:
        """Mean cadence of both feet over a time span; NaN where it holds fewer than two contacts."""
        first = self.runner.footfalls.number_at(from_s) + 1
        last = self.runner.footfalls.number_at(until_s)
        if last <= first:
            return math.nan
        contact_s = self.runner.footfalls.contact_s
        return 60 * (last - first) / (contact_s(last) - contact_s(first))

    def _stride(self, number: int) -> StrideTruth:
        legs = self.runner.legs
        plan = legs.plan(number)
        shape = plan.shape
        times = np.arange(shape.start_s, shape.end_s, _FINE_S)
        times = times[times >= shape.toe_off_s]

        def flexion_deg(at_s: FloatArray) -> FloatArray:
            return np.array([legs.at(plan.side, float(t)).knee_flexion_deg for t in at_s])

        # There is one peak: only beside the highest of every few moments it is looked for in all of them.
        near = _COARSE * int(np.argmax(flexion_deg(times[::_COARSE])))
        times = times[max(near - _COARSE, 0) : near + _COARSE + 1]
        flexion = flexion_deg(times)
        peak_deg, peak_s = _parabolic_peak(flexion, times)
        return StrideTruth(
            plan.side,
            plan.side == self.runner.near_side,
            shape.start_s,
            shape.toe_off_s,
            shape.end_s,
            peak_deg,
            peak_s,
        )


def keypoints_px(body: BodyPose, stage: Stage, facing: Side) -> FloatArray:
    """(13, 2) pixels of every keypoint, as drawn."""
    xy_px, _ = empty_keypoints()
    near, far = facing, other(facing)
    nose = turned((NOSE[0] * HEAD_LL, NOSE[1] * HEAD_LL), -body.head_deg)
    _put(xy_px, Keypoint.NOSE, stage.place((body.head[0] + nose[0], body.head[1] + nose[1]), body.drift_ll))
    sides: tuple[tuple[Side, LegPose, Point, float], ...] = (
        (near, body.near, body.near_arm.shoulder, 0.0),
        (far, body.far, body.far_arm.shoulder, FAR_RISE_LL),
    )
    for side, leg, shoulder, rise in sides:
        points = {"shoulder": shoulder} | dict(
            zip(LEG_JOINTS, (leg.hip, leg.knee, leg.ankle, leg.heel, leg.toe), strict=True)
        )
        for joint, point in points.items():
            _put(xy_px, Keypoint[f"{side}_{joint}".upper()], stage.place(point, body.drift_ll, rise))
    if facing == "left":
        xy_px[:, 0] = stage.width - 1 - xy_px[:, 0]
    return xy_px


def _put(xy_px: FloatArray, row: Keypoint, place: tuple[float, float]) -> None:
    xy_px[row] = place


def _parabolic_peak(values: FloatArray, times: FloatArray) -> tuple[float, float]:
    top = int(np.argmax(values))
    a, b, c = (float(values[i]) for i in (top - 1, top, top + 1))
    shift = 0.5 * (a - c) / (a - 2 * b + c)
    return b - 0.25 * (a - c) * shift, float(times[top]) + shift * _FINE_S
