"""Bands: the target of each leg at the present speed, against the baselines that may be used today."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, NamedTuple

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.norms import cadence_spm, thigh_at_peak_deg, thigh_residual_deg
from coach.core.coaching.profile import RunnerProfile, nearest
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.core.pose import Side


class UsualThigh(NamedTuple):
    """The runner's own thigh angle at peak flexion at one speed, and its one-sigma uncertainty; NaN without one."""

    deg: float
    se_deg: float


UNKNOWN_THIGH: Final = UsualThigh(math.nan, math.nan)


class Bands:
    """What is asked of each leg. Remembers the last answer, since it is asked for at every frame."""

    def __init__(self, settings: CoachSettings, profile: RunnerProfile, now_day: float, camera: str) -> None:
        self._settings = settings
        self._now_day = now_day
        self._camera = camera
        self.profile = profile
        """What is to be stored: everything known, and what this session adds."""
        self._usable = profile if settings.baseline.reuse else replace(profile, baselines=())
        self._near: Side | None = None
        self._step_deg = 0.0
        self._own: tuple[Baseline, ...] = ()
        self._known: dict[Side, tuple[float, HeelLiftTarget | None]] = {}
        self._thighs: dict[Side, tuple[float, UsualThigh]] = {}

    def look(self, near: Side | None) -> None:
        """Which leg the camera sees better; held once it is known."""
        if near is not None and near != self._near:
            self._near = near
            self._refresh()

    def ask(self, step_deg: float) -> None:
        """The programme's step from now on; 0 asks nothing."""
        self._step_deg = step_deg
        self._known.clear()

    @property
    def asks(self) -> bool:
        """Whether more than the runner has shown is asked now."""
        return self._step_deg > 0 or self._settings.target.level == "strong"

    def add(self, baseline: Baseline) -> None:
        """A baseline was taken."""
        like_mps = self._settings.baseline.like_speed_mps
        self.profile = self.profile.with_baseline(baseline, like_mps)
        self._usable = self._usable.with_baseline(baseline, like_mps)
        self._refresh()

    def target(self, side: Side, speed_mps: float) -> HeelLiftTarget | None:
        """The band of one leg; None without a speed or view, or for a far leg without an own baseline."""
        if self._near is None or not speed_mps > 0:
            return None
        known_mps, target = self._known.get(side, (math.nan, None))
        if known_mps != speed_mps:
            target = self._band(side, speed_mps)
            self._known[side] = (speed_mps, target)
        return target

    def own(self, speed_mps: float) -> Baseline | None:
        """The usable baseline nearest in speed."""
        return nearest(self._own, speed_mps) if speed_mps > 0 else None

    def own_alike(self, speed_mps: float) -> Baseline | None:
        """The usable baseline at a like speed."""
        own = self.own(speed_mps)
        return own if own and abs(own.speed_mps - speed_mps) <= self._settings.baseline.like_speed_mps else None

    def usual_cadence_spm(self, speed_mps: float) -> float:
        """What the runner's own cadence is at least at this speed; NaN without a baseline.

        Slower than the baseline it falls along the norm. Faster it is not expected to rise: some runners only
        lengthen their stride.
        """
        own = self.own(speed_mps)
        return own.cadence_spm + min(0.0, cadence_spm(speed_mps) - cadence_spm(own.speed_mps)) if own else math.nan

    def usual_bounce_ll(self, speed_mps: float) -> float:
        """The runner's own bounce at a like speed; NaN where it is not known."""
        own = self.own_alike(speed_mps)
        return own.bounce_ll if own else math.nan

    def usual_thigh(self, side: Side, speed_mps: float) -> UsualThigh:
        """The runner's own thigh at peak flexion: the baseline's, moved along the norm to this speed."""
        known_mps, usual = self._thighs.get(side, (math.nan, UNKNOWN_THIGH))
        if known_mps != speed_mps:
            usual = self._thigh(side, speed_mps)
            self._thighs[side] = (speed_mps, usual)
        return usual

    def _thigh(self, side: Side, speed_mps: float) -> UsualThigh:
        own = self.own(speed_mps)
        if own is None or math.isnan(own.thigh_deg(side)):
            return UNKNOWN_THIGH
        moved_deg = thigh_at_peak_deg(speed_mps) - thigh_at_peak_deg(own.speed_mps)
        away_deg = thigh_residual_deg(abs(speed_mps - own.speed_mps))
        return UsualThigh(own.thigh_deg(side) + moved_deg, math.hypot(own.thigh_se_deg, away_deg))

    def usual_difference_deg(self, speed_mps: float) -> float:
        """The runner's own left minus right; NaN unless both legs are in the baseline."""
        own = self.own_alike(speed_mps)
        return own.left_deg - own.right_deg if own else math.nan

    def _refresh(self) -> None:
        """Which baselines count, seen from this side and not stale."""
        stale_days = self._settings.baseline.stale_after_days
        self._own = self._usable.usable(self._near, self._camera, self._now_day, stale_days) if self._near else ()
        self._known.clear()
        self._thighs.clear()

    def _band(self, side: Side, speed_mps: float) -> HeelLiftTarget | None:
        if side != self._near and not any(math.isfinite(baseline.peak_deg(side)) for baseline in self._own):
            return None
        held_deg = self.profile.progress.held_deg
        return heel_lift_target(
            speed_mps, self._settings, self._own, side=side, held_deg=held_deg, step_deg=self._step_deg
        )
