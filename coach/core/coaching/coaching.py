"""The coach's judgement: gait and belt speed in; stage, target and cues out.

The session goes warm-up → baseline → coaching (`Stages`); a long run, or one whose practice is through, is
observed. Every cue passes three doors: no hold (trust, steady speed, calm cadence), a verdict of two
windows of strides (`cue_rules`), and spacing (`Voice`).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.advice import FOR_A_PRICE, Advice, HeelLift, Hold, NotYet, Stage, Stages, Zone, allowed_kinds
from coach.core.coaching.baseline import Baseline, BaselineRefusal, BaselineTaker
from coach.core.coaching.cue_rules import CoachedLegs, Yardstick, surely_flicked
from coach.core.coaching.cues import CueKind, Voice, Wish
from coach.core.coaching.evidence import SETTLE_S, BeltWatch, DriftMonitor
from coach.core.coaching.fold import uncounted
from coach.core.coaching.guards import Price, price
from coach.core.coaching.profile import Bands, RunnerProfile
from coach.core.coaching.stride_record import StrideRecord, stride_record
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait import OFF_THE_RUN, Activity, GaitUpdate, Stride
from coach.core.gait.quality import RejectReason, Trust
from coach.core.pose import SIDES, Side, other
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.belt_video import LEG_PER_HEIGHT
from coach.core.speed.stance_pool import UNSEEN, Level

__all__ = ["Advice", "Coaching", "HeelLift", "Hold", "Stage", "StrideRecord", "Zone"]

FEWEST_SHOWN: Final = 3
"""Strides behind the one big number: their mean is known to 1.3° (natural scatter and the pose's error)."""
SHOWN_FOR_S: Final = 4.0
"""A number older than six strides is about another runner."""


class Coaching:
    """One session's coach. Time, belt and gait come in as data; the same input gives the same advice."""

    def __init__(self, settings: CoachSettings, profile: RunnerProfile, now_day: float, camera: str = "") -> None:
        """`now_day`: days since 1970-01-01, by the runner's clock.

        `camera` names the set-up; another one's baselines count if corrected.
        """
        self._settings = settings
        self._now_day, self._camera = now_day, camera
        height_cm = settings.runner.height_cm
        self._leg_m = math.nan if height_cm is None else LEG_PER_HEIGHT * height_cm / 100
        self._belt, self._drift = BeltWatch(self._leg_m), DriftMonitor()
        self._legs = CoachedLegs(settings.cues)
        self._bands = Bands(settings, profile, now_day, camera)
        self._taker = BaselineTaker(settings.baseline.duration_s)
        self._stages = Stages(settings, profile.progress, now_day)
        self._voice = Voice(settings.cues)
        self._corrected = self._far_trusted = False
        self._pauses: list[tuple[float, float]] = []
        """When the runner paused and when it went on; infinity while it has not."""

    @property
    def baselines_corrected(self) -> bool:
        """Whether the camera's place was corrected in every baseline of the profile, so that they hold anywhere."""
        return all(baseline.corrected for baseline in self._bands.profile.baselines)

    @property
    def belt(self) -> BeltSpeed | None:
        """The belt at the last frame, marked where it is doubted."""
        return self._belt.belt

    @property
    def paused(self) -> bool:
        """Whether the runner paused."""
        return bool(self._pauses) and math.isinf(self._pauses[-1][1])

    # What the runner asks for

    def request_baseline(self, t_s: float) -> bool:
        """Take a new baseline at this speed; not of a runner who hurts. Whether it waits for the end of the warm-up."""
        if self._stages.hurts:
            return False
        self._stages.baseline_asked = True
        self._belt.believe()
        if self._stages.stage is Stage.WARM_UP:
            return True
        self._taker.restart()
        self._enter(Stage.BASELINE, t_s)
        return False

    @property
    def unasked(self) -> bool:
        """Whether a programme would begin without the runner having been asked for trouble."""
        return self._stages.plan is not None and self._bands.profile.progress.trouble is None

    def answer(self, t_s: float, *, trouble: bool) -> None:
        """The question before the first programme is answered; with trouble only observe from now on."""
        profile = self._bands.profile
        self._bands.profile = replace(profile, progress=profile.progress.answered(trouble=trouble))
        self._stages.answered(trouble=trouble)
        if trouble and self._stages.coaching:
            self._enter(Stage.OBSERVING, t_s)

    def hurts(self, t_s: float) -> None:
        """Something hurts: from now on only observe, take no baseline, and let the next run start one step lower."""
        self._stages.hurts = True
        self._taker.restart()
        self._enter(Stage.OBSERVING, t_s)

    def pause(self, t_s: float, paused: bool) -> None:
        """Stop coaching, or go on; the clocks of warm-up and practice stand still meanwhile."""
        if paused != self.paused:
            self._pauses.append((t_s, math.inf) if paused else (self._pauses.pop()[0], t_s))
            self._taker.restart()
            self._legs.wait(t_s, afresh=True)

    def coach_side(self, side: Side | None) -> NotYet | None:
        """Coach this leg; None: the near one, and the far one where it is trusted.

        Why the near one is coached until this one can be; None where nothing stands in the way.
        """
        self._legs.wanted = side
        if side is None or self._legs.near in {None, side}:
            return None
        if not self._far_trusted:
            return NotYet.UNSEEN
        return NotYet.NO_BASELINE if self._belt.speed_mps > 0 and self.target(side) is None else None

    def profile_after(self) -> RunnerProfile:
        """The profile as this session leaves it, to be stored."""
        profile = self._bands.profile
        return replace(profile, progress=self._stages.progress_after(profile.progress))

    # One frame

    def step(self, gait: GaitUpdate, belt: BeltSpeed | None, seen: Level = UNSEEN) -> Advice:
        """Take one frame's gait and the belt speed; at most one cue comes out.

        seen: the belt's speed as the stance feet show it, in leg lengths a second; NaN where it is not known.
        """
        self._legs.look(gait.view.near_side)
        self._bands.look(self._legs.near)
        self._corrected, self._far_trusted = gait.view.camera.known, gait.far_leg_trusted
        self._watch(gait, belt, seen)
        for stride in gait.strides:
            self._take(stride)
        self._stages.count(gait.t_s, running=not self.paused and gait.activity not in OFF_THE_RUN)
        wishes = self._advance(gait.t_s)
        sides = self._coached_sides(gait)
        side = sides[0] if sides else None
        hold = self._hold(gait, side)
        wishes += self._wishes(gait, sides)
        cue = self._voice.choose(gait.t_s, wishes, allowed_kinds(self._stages.stage, hold))
        if cue is not None:
            self._legs.note(cue)
        return Advice(
            stage=self._stages.stage,
            stage_remaining_s=self._remaining_s(gait.t_s),
            target=self.target(side) if side else None,
            lift=self._lift(gait, side) if side else None,
            cues=(cue,) if cue else (),
            hold_reason=self._reason(hold),
            hold=hold,
            plan=self._stages.plan,
        )

    def coached(self, strides: tuple[Stride, ...]) -> tuple[StrideRecord, ...]:
        """These strides with the belt speed, the target and the stage that hold now; no target without the speed.

        Those of a pause are left out.
        """
        if not strides:
            return ()
        belt, stage = self._belt.belt_of_stride, self._stages.stage
        unknown = belt is None or belt.doubted
        strides = tuple(self._wanted(one) for one in strides)
        targets = [None if unknown else self.target(one.side) for one in strides]
        return tuple(
            stride_record(one, belt, target, stage, self._leg_m) for one, target in zip(strides, targets, strict=True)
        )

    def _wanted(self, stride: Stride) -> Stride:
        # It is decided later than it was run: one that ends before the pause is known in it.
        if stride.valid and any(stride.start_s < end_s and stride.end_s > begun_s for begun_s, end_s in self._pauses):
            return replace(stride, reject_reason=RejectReason.PAUSED)
        return stride

    def target(self, side: Side) -> HeelLiftTarget | None:
        """The band of one leg now; None without a speed to believe, or for a far leg without an own baseline."""
        return self._bands.target(side, self._belt.band_mps)

    # Evidence

    def _watch(self, gait: GaitUpdate, belt: BeltSpeed | None, seen: Level) -> None:
        """Forget what was run at another speed, or not run at all."""
        unsteady, another = self._belt.step(gait.t_s, belt, seen, new_stride=bool(gait.strides))
        climbs = self._bands.climb(self._incline_pct)
        if unsteady or climbs:
            another = another or climbs
            self._taker.restart(BaselineRefusal.INCLINE_CHANGED if climbs else BaselineRefusal.SPEED_CHANGED)
            self._legs.wait(gait.t_s + SETTLE_S, afresh=another)
            if another:
                self._legs.close()  # Another band, wider perhaps: what lies inside it has not answered the cue.
        if gait.activity in OFF_THE_RUN:
            self._taker.restart(BaselineRefusal.NOT_RUNNING)
            self._legs.wait(gait.t_s, afresh=True)

    def _take(self, stride: Stride) -> None:
        """One stride, for the baseline, the verdicts and the programme; in that a stranger's count for nothing.

        None of before the end of a pause is taken.
        """
        if self._pauses and stride.start_s < self._pauses[-1][1]:
            return
        settled = self._belt.settled(stride.start_s)
        if settled and self._belt.speed_mps > 0:
            self._taker.add(stride, self._belt.speed_mps)
        if not stride.valid or math.isnan(stride.peak_knee_flexion_deg):
            return
        self._legs.add(stride)
        if settled and stride.side == self._legs.near and self._bands.own(self._belt.speed_mps):
            usual = self._bands.usual_thigh(stride.side, self._belt.speed_mps)
            self._stages.practise(
                stride.peak_knee_flexion_deg,
                self.target(stride.side),
                stride.thigh_at_peak_deg - usual.deg,
                lasts_s=stride.end_s - stride.start_s,
                price=self._price(stride.side),
            )

    def _price(self, side: Side) -> Price | None:
        """What the lift of the leg's newest window is bought with: it does not count; None where with nothing."""
        recent = self._legs[side].window.latest()
        if recent is None:
            return None
        if uncounted(recent.fold, self._bands.usual_thigh(side, self._belt.speed_mps)):
            return Price.FLICK
        return price(recent.stand, self._bands.usual_stand(self._belt.speed_mps))

    @property
    def _incline_pct(self) -> float:
        belt = self._belt.belt
        return math.nan if belt is None else belt.incline_pct

    # Stages

    def _advance(self, t_s: float) -> list[Wish]:
        """Go on to the next stage where it is time; what there is to say about it."""
        if self.paused or self._stages.hurts:
            return []
        if self._stages.warmed_up:
            self._taker.restart()
            self._enter(Stage.BASELINE, t_s)
        taken = self._take_baseline(t_s)
        if self._stages.stage is Stage.BASELINE and (taken or self._known() or self._stages.out_of_patience):
            self._stages.baseline_asked = False
            self._enter(self._stages.after_baseline(), t_s)
            return [Wish(CueKind.BASELINE_READY)] if taken else []
        if self._stages.practice_over:
            self._enter(Stage.OBSERVING, t_s)
        return []

    def _known(self) -> bool:
        """Whether there is a baseline for this speed, and no new one is asked for."""
        return not self._stages.baseline_asked and self._bands.own_alike(self._belt.speed_mps) is not None

    def _take_baseline(self, t_s: float) -> bool:
        """Take the baseline that the stage waits for, or quietly one at a speed that has none yet."""
        wanted, near = self._stages.stage is Stage.BASELINE, self._legs.near
        if self._stages.stage is Stage.WARM_UP or near is None:
            return False
        if not wanted and (self._bands.own_alike(self._belt.speed_mps) or self._prompted(near)):
            return False
        held_deg = self._stages.in_baseline_deg(self._bands.profile.progress)
        baseline = self._taker.result(
            t_s,
            near,
            day=self._now_day,
            camera=self._camera,
            held_deg=held_deg,
            corrected=self._corrected,
            incline_pct=self._incline_pct,
        )
        if baseline is None:
            return False
        if not wanted and not self._calm(baseline):
            return False
        self._bands.add(baseline)
        self._taker.restart()
        return True

    def _prompted(self, near: Side) -> bool:
        """Whether what is lifted now may be practised, the step even after its minutes, or be a cue's doing."""
        return self._bands.asks or self._stages.asked or self._legs[near].told

    def _calm(self, baseline: Baseline) -> bool:
        """Whether neither leg drags or overdoes it, so that it may count although nobody asked for it.

        The band of another speed is wide for being unsure, as runners differ in what they do there. Who came with a
        cue unanswered is held to the band as it would be if that were sure.
        """
        for side in SIDES:
            target, peak_deg = self.target(side), baseline.peak_deg(side)
            if target is None or math.isnan(peak_deg):
                continue
            band = target.as_at_home() if self._legs.left_open else target
            if not band.low_deg <= peak_deg <= band.high_deg:
                return False
        return True

    def _enter(self, stage: Stage, t_s: float) -> None:
        self._stages.enter(stage)
        self._bands.ask(self._stages.step_deg)
        self._legs.begin(t_s, left_open=stage is Stage.OBSERVING and (self._legs.left_open or self._legs.told))

    def _remaining_s(self, t_s: float) -> float:
        if self._stages.stage is Stage.WARM_UP:
            return self._stages.warm_up_left_s()
        return self._taker.remaining_s(t_s) if self._stages.stage is Stage.BASELINE else math.nan

    # Holds

    def _hold(self, gait: GaitUpdate, side: Side | None) -> Hold | None:
        """Why nothing about heel lift may be said now, the first of the reasons; None where it may."""
        reasons = (
            (Hold.PAUSED, self.paused),
            (Hold.SPEED_UNKNOWN, not self._belt.speed_mps > 0),
            (Hold.NOT_RUNNING, gait.activity in OFF_THE_RUN),
            (Hold.UNSURE, gait.trust is not Trust.MEASURING or gait.activity is not Activity.RUNNING),
            (Hold.SPEED_DOUBTED, self._belt.doubted),
            (Hold.SPEED_CHANGED, not self._belt.settled(gait.t_s)),
            (Hold.UNFED, not self._stages.fed),
        )
        hold = next((hold for hold, true in reasons if true), None)
        return hold if hold or side is None else self._hold_upward(side)

    def _hold_upward(self, side: Side) -> Hold | None:
        """Why no more lift may be asked of this leg for now."""
        recent = self._legs[side].window.latest()
        if recent is None:
            return None
        speed_mps = self._belt.speed_mps
        flicked = surely_flicked(recent.fold, self._bands.usual_thigh(side, speed_mps))
        if flicked or self._legs[side].quiet(CueKind.UNDER_YOU):
            return Hold.FLICKED
        if (paid := price(recent.stand, self._bands.usual_stand(speed_mps))) is not None:
            return FOR_A_PRICE[paid]
        return Hold.QUIET if self._legs[side].quiet(CueKind.HEEL_LIFT_LOW) else None

    def _reason(self, hold: Hold | None) -> str | None:
        if self._stages.stage is Stage.BASELINE and self._taker.refusal is not None:
            return self._taker.refusal.value
        if hold is None or (not self._stages.coaching and hold is not Hold.PAUSED):
            return None
        return hold.value

    # Wishes

    def _wishes(self, gait: GaitUpdate, sides: tuple[Side, ...]) -> list[Wish]:
        """What ought to be said at this frame, were there no holds and no spacing."""
        on_treadmill = self._settings.session.mode == "treadmill"
        wishes = [Wish(CueKind.STEPPED_BACK)] if self._drift.step(gait) and on_treadmill else []
        if minutes := self._stages.status_minutes():
            words = CueKind.STATUS.traits.for_one if minutes == 1 else ""
            wishes.append(Wish(CueKind.STATUS, None, (("minutes", str(minutes)),), words))
        if not self._stages.coaching or self.paused or not gait.strides:
            return wishes
        held_against = {side: by for side in sides if (by := self._yardstick(side)) is not None}
        return wishes + self._legs.wishes(held_against, self._bands.usual_difference_deg(self._belt.speed_mps))

    def _yardstick(self, side: Side) -> Yardstick | None:
        """What this leg is held against; None without a band."""
        target, speed_mps = self.target(side), self._belt.speed_mps
        if target is None:
            return None
        return Yardstick(target, self._bands.usual_thigh(side, speed_mps))

    def _coached_sides(self, gait: GaitUpdate) -> tuple[Side, ...]:
        """The leg behind the one big number first."""
        near = self._legs.near
        far_fit = near is not None and gait.far_leg_trusted and self.target(other(near)) is not None
        return self._legs.coached(far_fit=far_fit)

    def _lift(self, gait: GaitUpdate, side: Side) -> HeelLift | None:
        """The one big number; None without trust, and where it would be an old one."""
        if gait.trust is not Trust.MEASURING or self.paused or gait.t_s - self._legs.last_stride_s > SHOWN_FOR_S:
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
