"""A runner of rods on a belt, with exact truth: the stance foot rides on the belt, nothing else is claimed.

Metres along the belt (+ forward), up, and to the camera's left of its axis; filmed by a pinhole camera.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from coach.core.gait import Activity, EventKind, GaitEvent, GaitUpdate, LegState, View
from coach.core.gait.quality import Trust
from coach.core.pose import SIDES, Keypoint, Pose, Side, empty_keypoints
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.units import FloatArray

STRIDE_S = 0.72
CONTACT_S = 0.25
LEG_M = 0.86
HEIGHT_CM = 100 * LEG_M / 0.478
_STEP_S = 1 / 600
_ANKLE_LAG = 0.018
_ANKLE_RISE = math.tan(math.radians(2.0))
"""The ankle rides on a foot that rolls over its ball: measured on treadmill runners (see coach.core.speed.stance)."""
_FOOT_M = {"ankle": (0.0, 0.08), "heel": (-0.05, 0.03), "foot_index": (0.15, 0.01)}


@dataclass(frozen=True)
class Camera:
    """Where the camera stands; angles in degrees."""

    fps: float = 30.0
    distance_m: float = 2.6
    focal_px: float = 700.0
    roll_deg: float = 0.0
    yaw_deg: float = 0.0
    facing: Side = "right"
    noise_px: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Run:
    """What the runner does: belt speed over time, and spans in which both feet stand on the rails."""

    speed_mps: Callable[[float], float]
    duration_s: float = 12.0
    stands: tuple[tuple[float, float], ...] = ()
    hides: tuple[tuple[float, float], ...] = ()
    camera: Camera = field(default_factory=Camera)
    event_lag_s: float = 0.4
    """How late the gait tracker knows an event."""
    only_near: bool = False

    def frames(self) -> Iterator[tuple[float, Pose | None, GaitUpdate]]:
        """Pose and gait update of every frame."""
        rng = np.random.default_rng(self.camera.seed)
        pending: list[GaitEvent] = []
        state = {side: _Foot(side) for side in SIDES}
        t_s, frame = 0.0, 0
        while t_s < self.duration_s:
            standing = any(a <= t_s < b for a, b in self.stands)
            for foot in state.values():
                pending += foot.step(t_s, self.speed_mps(t_s), standing)
            if t_s >= frame / self.camera.fps:
                frame += 1
                ready = tuple(e for e in pending if e.t_s + self.event_lag_s <= t_s)
                pending = [e for e in pending if e not in ready]
                hidden = any(a <= t_s < b for a, b in self.hides)
                pose = None if hidden else self._pose(t_s, state, rng)
                yield t_s, pose, self._gait(t_s, ready)
            t_s += _STEP_S

    def read(self, step: Callable[[float, Pose | None, GaitUpdate], BeltSpeed | None]) -> list[BeltSpeed | None]:
        """What an estimator says at every frame."""
        return [step(t_s, pose, gait) for t_s, pose, gait in self.frames()]

    def _pose(self, t_s: float, feet: dict[Side, _Foot], rng: np.random.Generator) -> Pose:
        xy, confidence = empty_keypoints()
        near = self.camera.facing
        for side, foot in feet.items():
            if self.only_near and side != near:
                continue
            aside_m = 0.04 if side == near else -0.04
            for joint, (x_m, y_m) in _FOOT_M.items():
                row = Keypoint[f"{side}_{joint}".upper()]
                rolls = joint == "ankle"
                ahead_m = x_m - (_ANKLE_LAG * foot.x_m if rolls else 0.0)
                up_m = y_m - (_ANKLE_RISE * foot.x_m if rolls else 0.0)
                xy[row] = self._project(foot.x_m + ahead_m, foot.y_m + up_m, aside_m)
                confidence[row] = 0.9
        xy += rng.normal(0, self.camera.noise_px, xy.shape) if self.camera.noise_px else 0.0
        return Pose(t_s, xy, confidence)

    def _project(self, x_m: float, y_m: float, aside_m: float) -> FloatArray:
        c = self.camera
        yaw, roll = math.radians(c.yaw_deg), math.radians(c.roll_deg)
        forward = 1.0 if c.facing == "right" else -1.0
        across_m = forward * x_m * math.cos(yaw)
        depth_m = c.distance_m - aside_m + forward * x_m * math.sin(yaw)
        px = c.focal_px * np.array([across_m, 0.9 - y_m]) / depth_m
        turn = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
        return np.array([640.0, 360.0]) + turn @ px

    def _gait(self, t_s: float, events: tuple[GaitEvent, ...]) -> GaitUpdate:
        unknown = LegState(math.nan, math.nan, math.nan)
        return GaitUpdate(
            t_s=t_s,
            view=View(self.camera.facing),
            left=unknown,
            right=unknown,
            activity=Activity.RUNNING,
            trust=Trust.MEASURING,
            events=events,
            strides=(),
            cadence_spm=math.nan,
            leg_length_px=self.camera.focal_px * LEG_M / self.camera.distance_m,
            position_ll=0.0,
            far_leg_trusted=True,
        )


class _Foot:
    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.x_m = 0.0
        self.y_m = 0.0
        self._phase = 0.0 if side == "left" else 0.5
        self._stance = False
        self._from_m = 0.0

    def step(self, t_s: float, speed_mps: float, standing: bool) -> list[GaitEvent]:
        if standing:
            self.y_m, self._stance = 0.0, False
            return []
        self._phase = (self._phase + _STEP_S / STRIDE_S) % 1.0
        duty = CONTACT_S / STRIDE_S
        stance, before = self._phase < duty, self._stance
        self._stance = stance
        if stance:
            self.y_m = 0.0
            self.x_m -= speed_mps * _STEP_S
        else:
            share = (self._phase - duty) / (1 - duty)
            self.y_m = 0.3 * math.sin(math.pi * share) ** 2
            reach_m = speed_mps * CONTACT_S / 2
            self.x_m = self._from_m + (reach_m - self._from_m) * (1 - math.cos(math.pi * share)) / 2
        if stance and not before:
            return [GaitEvent(t_s, self.side, EventKind.INITIAL_CONTACT)]
        if before and not stance:
            self._from_m = self.x_m
            return [GaitEvent(t_s, self.side, EventKind.TOE_OFF)]
        return []
