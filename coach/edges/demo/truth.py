"""What the demo's runner truly did: exact keypoints, angles, phases and strides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach.core.pose import LEG_JOINTS, SIDES, Keypoint, Side, empty_keypoints, other
from coach.core.units import FloatArray
from coach.edges.demo.drawn_parts import HEAD_LL, NOSE
from coach.edges.demo.motion import ANKLE_HEIGHT_LL, HEEL, LegPose, Point, turned
from coach.edges.demo.runner import BodyPose, DemoRunner
from coach.edges.demo.treadmill_scene import FAR_RISE_LL, Stage

_STANCE_HEEL_LL: Final = ANKLE_HEIGHT_LL + HEEL[1]
"""Height of the heel while the foot stands flat."""

_FINE_S: Final = 0.005
"""A stride is looked at in such steps; a parabola through the highest three finds its peak within 0.001°."""


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """One moment. xy_px: (13, 2) in the order of `Keypoint`. Phases run from 0 at initial contact to 1."""

    t_s: float
    xy_px: FloatArray
    knee_flexion_deg: dict[Side, float]
    phase: dict[Side, float]
    on_ground: dict[Side, bool]
    belt_speed_mps: float


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
    min_hip_heel_ll: float
    heel_rise_ll: float
    bounce_ll: float
    speed_mps: float
    heel_lift_deg: float
    """How much of the peak is tiring (negative) or lifting."""

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
            {side: self._on_ground(side, t_s) for side in SIDES},
            runner.belt(t_s),
        )

    def strides(self, from_s: float = 0.0, until_s: float | None = None) -> tuple[StrideTruth, ...]:
        """Strides wholly within a time span (by default all that was shown), by their start."""
        until_s = self.shown_until_s if until_s is None else until_s
        touched = self._touched(from_s, until_s)
        return tuple(self._stride(n) for n in touched if self._is_within(n, from_s, until_s))

    def _touched(self, from_s: float, until_s: float) -> range:
        """Numbers of the strides that have a part in a time span."""
        footfalls = self.runner.footfalls
        return range(max(footfalls.number_at(from_s) - 1, 0), footfalls.number_at(until_s) + 1)

    def _is_within(self, number: int, from_s: float, until_s: float) -> bool:
        contact_s = self.runner.footfalls.contact_s
        return contact_s(number) >= from_s and contact_s(number + 2) <= until_s

    def as_dict(self, fps: float, duration_s: float) -> dict[str, Any]:
        """The truth of a clip in the form of `coach.video-truth/1`."""
        times = np.arange(round(duration_s * fps)) / fps
        frames = [self.frame(float(t)) for t in times]
        last_s = float(times[-1])
        touched = self._touched(0.0, last_s)
        rows = [_stride_row(self._stride(n), complete=self._is_within(n, 0.0, last_s)) for n in touched]
        facing = self.runner.facing
        return {
            "schema": "coach.video-truth/1",
            "fps": fps,
            "width": self.stage.width,
            "height": self.stage.height,
            "frames": len(frames),
            "duration_s": duration_s,
            "facing": facing,
            "near_side": self.runner.near_side,
            "cadence_spm": self.cadence_spm(0.0, last_s),
            "belt_speed": [{"t_s": t, "speed_mps": v} for t, v in self.runner.belt.points],
            "leg_length_px": self.stage.ll_px,
            "heel_lift_scale": [
                {"t_s": row["toe_off_s"], "scale": row["heel_lift_scale"]} for row in rows if row["near"]
            ],
            "in_frame_intervals_s": [[0.0, round(last_s, 4)]],
            "absent_intervals_s": [],
            "strides": rows,
            "per_frame": {
                "knee_flexion_left_deg": [round(f.knee_flexion_deg["left"], 3) for f in frames],
                "knee_flexion_right_deg": [round(f.knee_flexion_deg["right"], 3) for f in frames],
                "present": [1.0] * len(frames),
                "keypoints_px": [[round(float(c), 2) for c in f.xy_px.ravel()] for f in frames],
            },
            "keypoints_px_order": [k.name.lower() for k in Keypoint],
        }

    def cadence_spm(self, from_s: float, until_s: float) -> float:
        """Mean cadence of both feet over a time span; NaN where it holds fewer than two contacts."""
        first = self.runner.footfalls.number_at(from_s) + 1
        last = self.runner.footfalls.number_at(until_s)
        if last <= first:
            return math.nan
        contact_s = self.runner.footfalls.contact_s
        return 60 * (last - first) / (contact_s(last) - contact_s(first))

    def _on_ground(self, side: Side, t_s: float) -> bool:
        legs = self.runner.legs
        return t_s < legs.shape(legs.number_at(side, t_s)).toe_off_s

    def _stride(self, number: int) -> StrideTruth:
        legs = self.runner.legs
        plan = legs.plan(number)
        shape = plan.shape
        times = np.arange(shape.start_s, shape.end_s, _FINE_S)
        poses = [legs.at(plan.side, float(t)) for t in times]
        swing = times >= shape.toe_off_s
        flexion = np.where(swing, [pose.knee_flexion_deg for pose in poses], 0.0)
        peak_deg, peak_s = _parabolic_peak(flexion, times)
        lever = [math.dist(pose.hip, pose.heel) for pose, late in zip(poses, swing, strict=True) if late]
        hips = [pose.hip[1] for pose in poses]
        return StrideTruth(
            plan.side,
            plan.side == self.runner.near_side,
            shape.start_s,
            shape.toe_off_s,
            shape.end_s,
            peak_deg,
            peak_s,
            min(lever),
            max(pose.heel[1] for pose in poses) - _STANCE_HEEL_LL,
            max(hips) - min(hips),
            shape.speed_mps,
            plan.heel_lift_deg,
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


def _stride_row(stride: StrideTruth, *, complete: bool) -> dict[str, Any]:
    return {
        "side": stride.side,
        "near": stride.near,
        "start_s": round(stride.start_s, 4),
        "end_s": round(stride.end_s, 4),
        "initial_contact_s": round(stride.start_s, 4),
        "toe_off_s": round(stride.toe_off_s, 4),
        "peak_knee_flexion_deg": round(stride.peak_knee_flexion_deg, 2),
        "peak_knee_flexion_s": round(stride.peak_knee_flexion_s, 4),
        "min_hip_heel_ll": round(stride.min_hip_heel_ll, 4),
        "heel_rise_ll": round(stride.heel_rise_ll, 4),
        "cadence_spm": round(stride.cadence_spm, 2),
        "speed_mps": stride.speed_mps,
        "heel_lift_scale": round(
            stride.peak_knee_flexion_deg / (stride.peak_knee_flexion_deg - stride.heel_lift_deg), 4
        ),
        "complete": complete,
        "in_frame": 1.0,
    }
