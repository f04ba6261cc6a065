"""Advice, what the coach makes of one frame, and the stages of a session on which it hangs.

Warm-up, baseline, coaching, observing: their clocks, and the practice that is counted in them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.guards import Price
from coach.core.coaching.practice_log import PracticeLog
from coach.core.coaching.programme import (
    Extent,
    Progress,
    SessionPlan,
    coaches_long_runs,
    plan_session,
)
from coach.core.coaching.stride_record import Stage
from coach.core.coaching.target import HeelLiftTarget
from coach.core.pose import Side

__all__ = ["ONLY_UPWARD", "Advice", "HeelLift", "Hold", "Stage", "Zone"]


class Zone(StrEnum):
    """Where the mean heel lift lies in the band."""

    BELOW = "below"
    IN_BAND = "in_band"
    ABOVE = "above"


class Hold(StrEnum):
    """Why the coach is silent although coaching is on. The value names its line of words."""

    PAUSED = "hold_paused"
    SPEED_UNKNOWN = "hold_speed_unknown"
    UNSURE = "hold_unsure"
    NOT_RUNNING = "hold_not_running"
    SPEED_CHANGED = "hold_speed_changed"
    SPEED_DOUBTED = "hold_speed_doubted"
    UNFED = "hold_unfed"
    FLICKED = "hold_flicked"
    CADENCE_FELL = "hold_cadence_fell"
    BOUNCE_ROSE = "hold_bounce_rose"
    OVERSTRIDE = "hold_overstride"
    LEAN = "hold_lean"
    QUIET = "hold_quiet"


class NotYet(StrEnum):
    """Why the leg that the runner chose is not coached yet. The value names its line of words."""

    UNSEEN = "unseen"
    """It is the far one, and not trusted."""
    NO_BASELINE = "no_baseline"
    """The far one has no baseline of its own to be held against."""


FOR_A_PRICE: Final = {
    Price.FLICK: Hold.FLICKED,
    Price.CADENCE: Hold.CADENCE_FELL,
    Price.BOUNCE: Hold.BOUNCE_ROSE,
    Price.OVERSTRIDE: Hold.OVERSTRIDE,
    Price.LEAN: Hold.LEAN,
}
"""Why no more lift is asked while the lift is bought with something else."""
ONLY_UPWARD: Final = frozenset({*FOR_A_PRICE.values(), Hold.QUIET})
"""These forbid to ask for more, and nothing else."""
_ALL: Final = frozenset(CueKind)
_NOT_ABOUT_LIFT: Final = frozenset(kind for kind in CueKind if not kind.traits.about_lift)
_NOT_UPWARD: Final = frozenset(kind for kind in CueKind if not kind.traits.upward)


def allowed_kinds(stage: Stage, hold: Hold | None) -> frozenset[CueKind]:
    """Which kinds may be said now. Quiet is each leg's own matter: it withholds nothing else."""
    if hold is Hold.PAUSED:
        return frozenset()
    if stage is not Stage.COACHING or (hold is not None and hold not in ONLY_UPWARD):
        return _NOT_ABOUT_LIFT
    return _ALL if hold in {None, Hold.QUIET} else _NOT_UPWARD


@dataclass(frozen=True, slots=True)
class HeelLift:
    """The one big number: mean peak flexion of the last valid strides of the coached leg."""

    side: Side
    mean_deg: float
    strides: int
    zone: Zone | None
    """None without a target, as while the belt speed is unknown."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the coach makes of one frame. `target` and `lift` are None while they cannot be trusted."""

    stage: Stage
    stage_remaining_s: float
    """Seconds left of warm-up or baseline; NaN where the stage has no end."""
    target: HeelLiftTarget | None
    lift: HeelLift | None
    cues: tuple[Cue, ...]
    hold_reason: str | None
    """Key of the line that tells why the coach is silent while it coaches, or why no baseline can be taken."""
    hold: Hold | None = None
    """Why nothing of heel lift may be said, or no more of it asked, whatever the stage."""
    plan: SessionPlan | None = None
    """Today's session of the programme; None on a free run."""


NEW_TO_TREADMILL_S: Final = 360.0
"""Sagittal angles of somebody new to treadmills settle after about 6 minutes (published, of familiarisation)."""
LONGEST_STEP_S: Final = 1.0
"""A longer silence of the source is a loss, not running time: a stride and a little (an engineering choice)."""
BASELINE_PATIENCE: Final = 3.0
"""After so many times its duration coaching begins without an own baseline, with wide bands; it is still sought (an
engineering choice: three minutes are what a runner waits)."""


class Stages:
    """Where the session stands. Only running time counts; what is asked of it comes as data."""

    def __init__(self, settings: CoachSettings, progress: Progress, now_day: float) -> None:
        self._settings = settings
        self._now_day = now_day
        self.plan = plan_session(progress, settings.programme, settings.target.level, now_day)
        """Today's session of the programme; None on a free run."""
        self._log = PracticeLog(self.plan) if self.plan else None
        self.stage = Stage.WARM_UP
        self.hurts = False
        """The runner said that something hurts: nothing is asked any more."""
        self._far_enough = coaches_long_runs(progress, settings.programme, now_day)
        self._only_observes = bool(progress.trouble) or progress.rests(now_day)
        self.baseline_asked = False
        """The runner asked for a new baseline; a known one does not end the stage."""
        self._last_s = math.nan
        self._stage_s = self._running_s = self._practised_s = self._judged_s = 0.0
        self._next_status_s = 60 * settings.cues.spoken_every_min
        self._told_minutes = 0

    def answered(self, *, trouble: bool) -> None:
        """What the runner said of trouble: with it there is no programme, and nothing is asked."""
        self._only_observes = self._only_observes or trouble
        if trouble:
            self.plan = self._log = None

    def count(self, t_s: float, *, running: bool) -> None:
        """Time has gone on to `t_s`; the clocks stand still unless the runner runs."""
        elapsed_s = min(max(t_s - self._last_s, 0.0), LONGEST_STEP_S) if not math.isnan(self._last_s) else 0.0
        self._last_s = t_s
        if not running:
            return
        self._stage_s += elapsed_s
        self._running_s += elapsed_s
        if self.coaching:
            self._practised_s += elapsed_s

    def enter(self, stage: Stage) -> None:
        """Go on to a stage."""
        self.stage, self._stage_s = stage, 0.0

    @property
    def coaching(self) -> bool:
        """Whether heels are spoken of now."""
        return self.stage is Stage.COACHING

    @property
    def step_deg(self) -> float:
        """The programme's step that is asked in this stage; 0 asks nothing."""
        if self.plan is None or self.stage is Stage.OBSERVING or self._through:
            return 0.0
        return self.plan.step_deg

    @property
    def asked(self) -> bool:
        """Whether a step was asked in this session, now or before."""
        return self._log is not None and self._log.asked

    def in_baseline_deg(self, progress: Progress) -> float:
        """Steps that calm running may show now: those of the sessions before, and today's while it holds."""
        today = self._log.result(self._now_day) if self._log else None
        if today and today.held:
            progress = progress.after(today, today.session)
        return progress.in_baseline_deg

    @property
    def warmed_up(self) -> bool:
        """Whether the warm-up is over and nothing has followed yet."""
        return self.stage is Stage.WARM_UP and self._stage_s >= self._warm_up_s()

    @property
    def out_of_patience(self) -> bool:
        """Whether the baseline has been waited for long enough."""
        return self._stage_s >= BASELINE_PATIENCE * self._settings.baseline.duration_s

    @property
    def practice_over(self) -> bool:
        """Whether today's minutes of the programme are through."""
        return self.coaching and self._through

    @property
    def _through(self) -> bool:
        return self.plan is not None and self.plan.over(self._practised_s)

    @property
    def fed(self) -> bool:
        """Whether this block of the programme carries feedback; a free run always does."""
        return not self.coaching or self.plan is None or self.plan.fed(self._practised_s)

    def after_baseline(self) -> Stage:
        """Coaching; only observing with trouble, on a day that hurt, after today's minutes, on a long run too soon."""
        if self._only_observes or self._through or (self._settings.session.long and not self._far_enough):
            return Stage.OBSERVING
        return Stage.COACHING

    def warm_up_left_s(self) -> float:
        """Seconds of running until the warm-up is over."""
        return max(0.0, self._warm_up_s() - self._stage_s)

    def status_minutes(self) -> int:
        """Whole minutes run, where the line that is spoken every few of them is due; else 0. None is told twice."""
        every_s = 60 * self._settings.cues.spoken_every_min
        if every_s <= 0 or self._running_s < self._next_status_s:
            return 0
        self._next_status_s = every_s * (self._running_s // every_s + 1)
        before, self._told_minutes = self._told_minutes, int(self._running_s // 60)
        return self._told_minutes if self._told_minutes > before else 0

    def practise(
        self,
        lift_deg: float,
        target: HeelLiftTarget | None,
        thigh_deg: float = math.nan,
        *,
        lasts_s: float,
        price: Price | None = None,
    ) -> None:
        """Note a settled stride of the near leg, which the programme counts while coaching.

        lasts_s: from contact to contact.
        thigh_deg: the thigh at peak flexion against the own baseline; NaN where it is not known.
        price: what the lift is bought with; what lies above the reference was then not gained.
        """
        if target and price:
            lift_deg = min(lift_deg, target.reference_deg)
        if self._log and self.plan and target and self.coaching:
            self._judged_s += lasts_s
            self._log.add(
                fed=self.plan.fed(self._practised_s),
                lift_deg=lift_deg - target.reference_deg,
                margin_deg=lift_deg - target.enough_deg,
                room_deg=target.target_deg - target.reference_deg,
                thigh_deg=thigh_deg,
                price=price,
            )

    def progress_after(self, progress: Progress) -> Progress:
        """The programme's progress as this session leaves it.

        Half a session does not count, nor one of which half was not measured, nor one that hurt. Of one that was
        begun and does not it is remembered how much there was, so that the runner hears why it comes again.
        """
        if self.hurts:
            return progress.hurt(self._now_day)
        if self.plan is None or self._log is None or not self._practised_s:
            return progress
        extent = Extent(self._now_day, self.plan.minutes, self._practised_s / 60, self._judged_s / 60)
        if not extent.counts:
            return replace(progress, uncounted=extent)
        return progress.after(self._log.result(self._now_day), self.plan.session)

    def _warm_up_s(self) -> float:
        session = self._settings.session
        return max(session.warm_up_s, NEW_TO_TREADMILL_S) if session.new_to_treadmill else session.warm_up_s
