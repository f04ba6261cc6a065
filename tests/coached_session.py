"""A runner with a coach beside the belt, stride by stride: everything is what the test says it is."""

from __future__ import annotations

import math
from dataclasses import replace

from coach.core.coach_settings import (
    BaselineSettings,
    CoachSettings,
    ProgrammeSettings,
    SessionSettings,
)
from coach.core.coaching.coaching import Advice, Coaching, Stage
from coach.core.coaching.cues import CueKind
from coach.core.coaching.profile import RunnerProfile
from coach.core.gait import Activity
from coach.core.gait.quality import RejectReason, Trust
from coach.core.pose import Side
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.stance_pool import Level
from tests.virtual_runner import gait_at, stride_at

DAY = 20_000.0
FREE = CoachSettings(programme=ProgrammeSettings(enabled=False))
BEGUN = replace(FREE, session=SessionSettings(warm_up_s=0), baseline=BaselineSettings(duration_s=20))
LOW = CueKind.HEEL_LIFT_LOW


class Session:
    """A runner with a coach beside the belt. Everything is what the test says it is."""

    def __init__(self, settings: CoachSettings = BEGUN, profile: RunnerProfile | None = None, camera: str = "") -> None:
        self.settings = settings
        self.coaching = Coaching(settings, profile or RunnerProfile(), DAY, camera)
        self.t_s = self.until_s = 0.0
        self.strides = 0
        self.speed_mps: float | None = 3.0
        self.origin = SpeedOrigin.TYPED
        self.incline_pct = math.nan
        self.seen_ll_s = math.nan
        self.activity, self.trust = Activity.RUNNING, Trust.MEASURING
        self.cadence, self.bounce_ll, self.position_ll = 170.0, 0.09, 0.0
        self.near: Side | None = "right"
        self.far_deg: float | None = None
        self.far_trusted = False
        self.thigh_deg = 19.0
        self.form = {"foot_ahead_ll": 0.24, "foot_ahead_sd_ll": 0.01, "trunk_lean_deg": 7.0, "trunk_lean_sd_deg": 0.5}
        """How the runner lands and leans, by the field of a stride."""
        self.rejected = False
        self.advice: Advice | None = None

    def run(self, seconds: float, deg: float = 95.0) -> list[CueKind]:
        """Run on at this heel lift; the kinds of cues that came."""
        cues = []
        self.until_s += seconds
        while self.t_s + 120.0 / self.cadence <= self.until_s:
            self.t_s += 120.0 / self.cadence
            self.strides += 1
            cues += [cue.kind for cue in self.step(deg).cues]
        return cues

    def step(self, deg: float) -> Advice:
        """One stride."""
        strides = [
            stride_at(
                self.t_s, deg + (1.5 if self.strides % 2 else -1.5), cadence=self.cadence, thigh_deg=self.thigh_deg
            )
        ]
        if self.far_deg is not None:
            strides.append(stride_at(self.t_s, self.far_deg, side="left", near=False, cadence=self.cadence))
        reason = RejectReason.LEG_COLLAPSED if self.rejected else None
        gait = gait_at(
            self.t_s,
            tuple(
                replace(s, vertical_oscillation_ll=self.bounce_ll, reject_reason=reason, **self.form)  # type: ignore[arg-type]
                for s in strides
            ),
            near=self.near,
            activity=self.activity,
            trust=self.trust,
            far_leg_trusted=self.far_trusted,
            position_ll=self.position_ll,
        )
        belt = None if self.speed_mps is None else BeltSpeed(self.speed_mps, self.origin, incline_pct=self.incline_pct)
        self.advice = self.coaching.step(gait, belt, Level(self.seen_ll_s, 0.03 * self.seen_ll_s))
        return self.advice

    @property
    def now(self) -> Advice:
        assert self.advice is not None
        return self.advice


def coached(settings: CoachSettings = BEGUN, profile: RunnerProfile | None = None) -> Session:
    """A session whose baseline (95°) is taken; coaching has just begun."""
    session = Session(settings, profile)
    while session.advice is None or session.now.stage is not Stage.COACHING:
        session.run(1.0)
        assert session.t_s < 600
    session.run(6.0)
    return session
