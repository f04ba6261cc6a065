"""The coach's judgement: gait and belt speed in; stage, target and cues out.

The session goes warm-up → baseline → coaching; a long run, or one whose practice is through, is
observed. Every cue passes three doors: no hold (trust, steady speed, calm cadence), a verdict of two
windows of strides (`judgement`), and spacing (`voice`, `cues`).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.advice import ONLY_UPWARD, Advice, HeelLift, Hold, Stage, Zone
from coach.core.coaching.bands import Bands
from coach.core.coaching.baseline import BaselineRefusal, BaselineTaker
from coach.core.coaching.cue_rules import Balance, LegJudge, bounce_rose, cadence_fell
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.monitors import SETTLE_S, DriftMonitor, SpeedDoubtMonitor, SpeedMonitor
from coach.core.coaching.phrases import Phrases
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import ENOUGH_SHARE, PracticeLog, plan_session
from coach.core.coaching.stride_record import StrideRecord, stride_record
from coach.core.coaching.target import HeelLiftTarget
from coach.core.coaching.voice import Voice, Wish
from coach.core.gait import Activity, GaitUpdate, Stride
from coach.core.gait.quality import Trust
from coach.core.pose import SIDES, Side, other
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin

__all__ = ["Advice", "Coaching", "HeelLift", "Hold", "Stage", "StrideRecord", "Zone"]

NEW_TO_TREADMILL_S: Final = 360.0
"""Sagittal angles of somebody new to treadmills settle after about 6 minutes."""
LONGEST_STEP_S: Final = 1.0
"""A longer silence of the source is a loss, not running time."""
BASELINE_PATIENCE: Final = 3.0
"""After so many times its duration coaching begins without an own baseline, with wide bands; it is still sought."""
FEWEST_SHOWN: Final = 3
"""Strides behind the one big number."""
SHOWN_FOR_S: Final = 4.0
VIDEO_STEP_MPS: Final = 0.05
"""A speed read from the picture flickers; the band follows it in steps of about half a degree."""

_OFF_THE_RUN: Final = frozenset({Activity.AWAY, Activity.STANDING, Activity.WALKING})
_UPWARD: Final = frozenset({CueKind.HEEL_LIFT_LOW, CueKind.PROGRAMME, CueKind.RECOVERED})
_ABOUT_LIFT: Final = _UPWARD | {CueKind.HEEL_LIFT_HIGH, CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT}
_ALL: Final = frozenset(CueKind)


class Coaching:
    """One session's coach. Time, belt and gait come in as data; the same input gives the same advice."""

    def __init__(
        self, settings: CoachSettings, phrases: Phrases, profile: RunnerProfile, now_day: float, camera: str = ""
    ) -> None:
        """`now_day`: days since 1970-01-01. `camera` names the set-up; baselines of another one are not used."""
        self._settings, self._phrases = settings, phrases
        self._now_day, self._camera = now_day, camera
        self._bands = Bands(settings, profile, now_day, camera)
        self._plan = plan_session(profile.progress, settings.programme, settings.target.level, now_day)
        self._log = PracticeLog(self._plan) if self._plan else None
        self._legs = {side: LegJudge(side, settings.cues) for side in SIDES}
        self._balance = Balance(settings.cues)
        self._voice = Voice(settings.cues, phrases)
        self._speed, self._doubt, self._drift = SpeedMonitor(), SpeedDoubtMonitor(), DriftMonitor()
        self._doubted = False
        self._taker = BaselineTaker(settings.baseline.duration_s)
        self._stage = Stage.WARM_UP
        self._stage_s = self._running_s = self._practised_s = 0.0
        self._asked_baseline = self._paused = False
        self._wanted_side: Side | None = None
        self._near: Side | None = None
        self._belt: BeltSpeed | None = None
        self._last_s, self._last_stride_s = math.nan, -math.inf
        self._next_status_s = 60 * settings.cues.spoken_every_min

    # What the runner asks for

    def request_baseline(self, t_s: float) -> None:
        """Take a new baseline now, at this speed."""
        self._asked_baseline = True
        self._taker.restart()
        self._doubt.restart()
        self._enter(Stage.BASELINE, t_s)

    def pause(self, t_s: float, paused: bool) -> None:
        """Stop coaching, or go on; the clocks of warm-up and practice stand still meanwhile."""
        if paused != self._paused:
            self._paused = paused
            self._taker.restart()
            self._begin(t_s)

    def coach_side(self, side: Side | None) -> None:
        """Coach this leg; None: the near one, and the far one where it is trusted."""
        self._wanted_side = side

    def profile_after(self) -> RunnerProfile:
        """The profile as this session leaves it, to be stored."""
        profile = self._bands.profile
        if self._plan is None or self._log is None or self._practised_s < ENOUGH_SHARE * 60 * self._plan.minutes:
            return profile
        return replace(profile, progress=profile.progress.after(self._log.result(self._now_day), self._plan.session))

    # One frame

    def step(self, gait: GaitUpdate, belt: BeltSpeed | None, seen_ll_s: float = math.nan) -> Advice:
        """Take one frame's gait and the belt speed; at most one cue comes out.

        seen_ll_s: the belt's speed as the stance feet show it, in leg lengths a second; NaN where it is not known.
        """
        self._belt = belt
        self._near = gait.view.near_side or self._near
        self._bands.look(self._near)
        self._watch(gait, belt, seen_ll_s)
        for stride in gait.strides:
            self._take(stride)
        self._count_time(gait)
        wishes = self._advance(gait)
        hold = self._hold(gait)
        wishes += self._wishes(gait)
        cue = self._voice.choose(gait.t_s, wishes, self._allowed(hold))
        if cue is not None:
            self._note(cue)
        side = self._primary_leg(gait)
        return Advice(
            stage=self._stage,
            stage_remaining_s=self._remaining_s(gait.t_s),
            target=self.target(side) if side else None,
            lift=self._lift(gait, side) if side else None,
            cues=(cue,) if cue else (),
            hold_reason=self._reason(hold),
            hold=hold,
            plan=self._plan,
        )

    def coached(self, strides: tuple[Stride, ...]) -> tuple[StrideRecord, ...]:
        """These strides with the belt speed, the target and the stage that hold now."""
        return tuple(stride_record(one, self._belt, self.target(one.side), self._stage) for one in strides)

    def target(self, side: Side) -> HeelLiftTarget | None:
        """The band of one leg now; None without a speed to believe, or for a far leg without an own baseline."""
        speed_mps = math.nan if self._doubted else self._speed_mps()
        if self._belt is not None and self._belt.origin is SpeedOrigin.VIDEO:
            speed_mps = round(speed_mps / VIDEO_STEP_MPS) * VIDEO_STEP_MPS if math.isfinite(speed_mps) else math.nan
        return self._bands.target(side, speed_mps)

    def _speed_mps(self) -> float:
        return self._belt.speed_mps if self._belt is not None else math.nan

    # Strides

    def _watch(self, gait: GaitUpdate, belt: BeltSpeed | None, seen_ll_s: float) -> None:
        changed = self._speed.changed(gait.t_s, belt)
        doubted = self._doubt.doubted(gait.t_s, belt, seen_ll_s, new_stride=bool(gait.strides))
        if changed or doubted or self._doubted:
            self._wait(gait.t_s + SETTLE_S, BaselineRefusal.SPEED_CHANGED, afresh=changed or doubted != self._doubted)
        if gait.activity in _OFF_THE_RUN:
            self._wait(gait.t_s, BaselineRefusal.NOT_RUNNING, afresh=True)
        self._doubted = doubted

    def _wait(self, until_s: float, why: BaselineRefusal, *, afresh: bool) -> None:
        """What was run before `until_s` is no evidence; afresh: nor is it shown any longer."""
        self._taker.restart(why)
        for leg in self._legs.values():
            leg.wait(until_s)
            if afresh:
                leg.window.clear()

    def _take(self, stride: Stride) -> None:
        if self._paused:
            return
        settled = self._speed.settled(stride.start_s)
        if settled and self._speed_mps() > 0:
            self._taker.add(stride, self._speed_mps())
        if not stride.valid or math.isnan(stride.peak_knee_flexion_deg):
            return
        self._legs[stride.side].add(stride)
        self._last_stride_s = stride.end_s
        if settled and stride.side == self._near and self._stage is Stage.COACHING:
            self._practise(stride)

    def _practise(self, stride: Stride) -> None:
        """Note how the programme's practice goes."""
        target = self.target(stride.side)
        if self._log and self._plan and target:
            self._log.add(
                fed=self._plan.fed(self._practised_s),
                lift_deg=stride.peak_knee_flexion_deg - target.reference_deg,
                margin_deg=stride.peak_knee_flexion_deg - target.ask_deg,
                room_deg=target.target_deg - target.reference_deg,
            )

    # Stages

    def _count_time(self, gait: GaitUpdate) -> None:
        elapsed_s = min(max(gait.t_s - self._last_s, 0.0), LONGEST_STEP_S) if not math.isnan(self._last_s) else 0.0
        self._last_s = gait.t_s
        if self._paused or gait.activity in _OFF_THE_RUN:
            return
        self._stage_s += elapsed_s
        self._running_s += elapsed_s
        if self._stage is Stage.COACHING:
            self._practised_s += elapsed_s

    def _advance(self, gait: GaitUpdate) -> list[Wish]:
        """Go on to the next stage where it is time; what there is to say about it."""
        if self._paused:
            return []
        if self._stage is Stage.WARM_UP and self._stage_s >= self._warm_up_s():
            self._taker.restart()
            self._enter(Stage.BASELINE, gait.t_s)
        taken = self._take_baseline(gait.t_s)
        if self._stage is Stage.BASELINE and (taken or self._known_or_hopeless()):
            self._asked_baseline = False
            self._enter(Stage.OBSERVING if self._only_observed() else Stage.COACHING, gait.t_s)
            return [Wish(CueKind.BASELINE_READY)] if taken else []
        if self._stage is Stage.COACHING and self._plan and self._plan.over(self._practised_s):
            self._enter(Stage.OBSERVING, gait.t_s)
        return []

    def _known_or_hopeless(self) -> bool:
        if self._bands.own_alike(self._speed_mps()) and not self._asked_baseline:
            return True
        return self._stage_s >= BASELINE_PATIENCE * self._settings.baseline.duration_s

    def _warm_up_s(self) -> float:
        session = self._settings.session
        return max(session.warm_up_s, NEW_TO_TREADMILL_S) if session.new_to_treadmill else session.warm_up_s

    def _only_observed(self) -> bool:
        """A long run is not coached until the programme is far enough."""
        if not self._settings.session.long:
            return False
        return self._plan is None or self._plan.session < self._settings.programme.long_from_session

    def _take_baseline(self, t_s: float) -> bool:
        """Take the baseline that the stage waits for, or quietly one at a speed that has none yet."""
        wanted = self._stage is Stage.BASELINE
        if self._stage is Stage.WARM_UP or self._near is None:
            return False
        if not wanted and (self._bands.own_alike(self._speed_mps()) or self._bands.asks):
            return False  # What is lifted because it is practised is not calm running either.
        held_deg = self._bands.profile.progress.held_deg
        baseline = self._taker.result(t_s, self._near, day=self._now_day, camera=self._camera, held_deg=held_deg)
        if baseline is None:
            return False
        target = self.target(self._near)
        if not wanted and target and not target.low_deg <= baseline.peak_deg(self._near) <= target.high_deg:
            return False  # A runner who drags, or overdoes it, is not what calm running looks like.
        self._bands.add(baseline)
        self._taker.restart()
        return True

    def _enter(self, stage: Stage, t_s: float) -> None:
        self._stage, self._stage_s = stage, 0.0
        self._bands.ask(self._plan.step_deg if self._plan and stage is not Stage.OBSERVING else 0.0)
        self._begin(t_s)

    def _begin(self, t_s: float) -> None:
        for leg in self._legs.values():
            leg.begin(t_s)

    def _remaining_s(self, t_s: float) -> float:
        if self._stage is Stage.WARM_UP:
            return max(0.0, self._warm_up_s() - self._stage_s)
        return self._taker.remaining_s(t_s) if self._stage is Stage.BASELINE else math.nan

    # Holds

    def _hold(self, gait: GaitUpdate) -> Hold | None:
        """Why nothing about heel lift may be said now, the first of the reasons; None where it may."""
        reasons = (
            (Hold.PAUSED, self._paused),
            (Hold.SPEED_UNKNOWN, not self._speed_mps() > 0),
            (Hold.NOT_RUNNING, gait.activity in _OFF_THE_RUN),
            (Hold.UNSURE, gait.trust is not Trust.MEASURING or gait.activity is not Activity.RUNNING),
            (Hold.SPEED_DOUBTED, self._doubted),
            (Hold.SPEED_CHANGED, not self._speed.settled(gait.t_s)),
            (Hold.UNFED, not self._fed()),
        )
        return next((hold for hold, true in reasons if true), None) or self._hold_upward(gait)

    def _fed(self) -> bool:
        """Whether this block of the programme carries feedback; a free run always does."""
        return self._stage is not Stage.COACHING or self._plan is None or self._plan.fed(self._practised_s)

    def _hold_upward(self, gait: GaitUpdate) -> Hold | None:
        """Why no more lift may be asked for now."""
        side = self._primary_leg(gait)
        recent = self._legs[side].window.steps() if side else None
        if side is None or recent is None:
            return None
        if cadence_fell(recent, self._bands.usual_cadence_spm(self._speed_mps())):
            return Hold.CADENCE_FELL
        if bounce_rose(recent, self._bands.usual_bounce_ll(self._speed_mps())):
            return Hold.BOUNCE_ROSE
        return Hold.QUIET if self._legs[side].quiet(CueKind.HEEL_LIFT_LOW) else None

    def _allowed(self, hold: Hold | None) -> frozenset[CueKind]:
        if self._paused:
            return frozenset()
        if self._stage is not Stage.COACHING or (hold is not None and hold not in ONLY_UPWARD):
            return _ALL - _ABOUT_LIFT
        return _ALL if hold in {None, Hold.QUIET} else _ALL - _UPWARD

    def _reason(self, hold: Hold | None) -> str | None:
        if self._stage is Stage.BASELINE and self._taker.refusal is not None:
            return self._phrases.line(self._taker.refusal.value)
        if hold is None or (self._stage is not Stage.COACHING and hold is not Hold.PAUSED):
            return None
        return self._phrases.line(hold.value)

    # Wishes

    def _wishes(self, gait: GaitUpdate) -> list[Wish]:
        """What ought to be said at this frame, were there no holds and no spacing."""
        wishes = [Wish(CueKind.STEPPED_BACK)] if self._drift.step(gait) and self._on_treadmill() else []
        wishes += self._status()
        if self._stage is not Stage.COACHING or self._paused or not gait.strides:
            return wishes
        sides = self._coached_sides(gait)
        for side in sides:
            wishes += self._leg_wishes(side)
        if len(sides) == len(SIDES):
            usual_deg = self._bands.usual_difference_deg(self._speed_mps())
            lower = self._balance.lower(self._legs["left"], self._legs["right"], usual_deg)
            if lower is not None:
                wishes.append(Wish(CueKind.SIDE_LEFT if lower == "left" else CueKind.SIDE_RIGHT, lower))
        return wishes

    def _leg_wishes(self, side: Side) -> list[Wish]:
        leg, target = self._legs[side], self.target(side)
        if target is None:
            return []
        wishes = [Wish(CueKind.RECOVERED, side)] if leg.settle(target) else []
        kind = leg.wish(target)
        return [*wishes, Wish(kind, side)] if kind else wishes

    def _status(self) -> list[Wish]:
        """The line spoken every few minutes, if wished."""
        every_s = 60 * self._settings.cues.spoken_every_min
        if every_s <= 0 or self._running_s < self._next_status_s:
            return []
        self._next_status_s = every_s * (self._running_s // every_s + 1)
        minutes = round(self._running_s / 60)
        return [Wish(CueKind.STATUS, None, (("minutes", str(minutes)),))] if minutes > 0 else []

    def _on_treadmill(self) -> bool:
        return self._settings.session.mode == "treadmill"

    def _coached_sides(self, gait: GaitUpdate) -> tuple[Side, ...]:
        """Near leg first; the far one only where it is trusted and has a baseline of its own."""
        near = self._near
        if near is None:
            return ()
        far = other(near)
        far_fit = gait.far_leg_trusted and self.target(far) is not None
        if self._wanted_side is not None:
            return (self._wanted_side if self._wanted_side == near or far_fit else near,)
        return (near, far) if far_fit else (near,)

    def _primary_leg(self, gait: GaitUpdate) -> Side | None:
        """The leg behind the one big number."""
        sides = self._coached_sides(gait)
        return sides[0] if sides else None

    def _note(self, cue: Cue) -> None:
        if cue.kind in {CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT}:
            self._balance.said()
        elif cue.side is not None and cue.kind is not CueKind.RECOVERED:
            self._legs[cue.side].said(cue.kind, cue.t_s)

    def _lift(self, gait: GaitUpdate, side: Side) -> HeelLift | None:
        if gait.trust is not Trust.MEASURING or self._paused or gait.t_s - self._last_stride_s > SHOWN_FOR_S:
            return None
        recent = self._legs[side].window.latest(at_least=FEWEST_SHOWN)
        if recent is None:
            return None
        return HeelLift(side, recent.mean_deg, recent.strides, _zone(recent.mean_deg, self.target(side)))


def _zone(mean_deg: float, target: HeelLiftTarget | None) -> Zone | None:
    if target is None:
        return None
    if mean_deg < target.low_deg:
        return Zone.BELOW
    return Zone.ABOVE if mean_deg > target.high_deg else Zone.IN_BAND
