"""The gait tracker: poses in; knee angles, events and strides out. Only what was seen up to the frame is used."""

from __future__ import annotations

import cmath
import copy
import math
from collections import deque
from dataclasses import replace
from typing import Final

from coach.core.gait import Activity, EventKind, GaitEvent, GaitUpdate, LegState, Stride, View
from coach.core.gait.activity import ActivityWatch, BeltPlace, PictureEdge, is_running
from coach.core.gait.cadence_search import CadenceFit
from coach.core.gait.camera_place import CameraPlace
from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker
from coach.core.gait.hindsight import ASKED_S, Hindsight, Learnt
from coach.core.gait.kinematics import (
    HIP,
    UNBOUNDED,
    BothLegs,
    FacingFinder,
    Legs,
    LegScale,
    PictureSize,
    any_seen,
    body_px,
    leg_lengths_px,
    normalised,
    seen_above,
    unseen,
)
from coach.core.gait.leg_states import UNKNOWN, PlainLegs, followed_legs
from coach.core.gait.quality import Circumstances, FarLegTrust, RejectReason, Trust, judge
from coach.core.gait.rhythm import CadenceSeeker, HeldRhythm
from coach.core.gait.sagittal_view import Lens
from coach.core.gait.scene import NOT_A_RUN, Finding, SceneWatch
from coach.core.gait.stride_measures import Measured, carried
from coach.core.gait.time_scale import TimeScaleWatch
from coach.core.gait.timekeeping import PictureRate
from coach.core.pose import SIDES, Pose, Side

_LONGEST_JUMP_S: Final = 2.0
"""Frames that lie farther apart, or a clock that was set back, end the rhythm."""
_OUT_OF_STEP: Final = 4
"""So many near strides in a row that cannot be end a rhythm."""
_OVERLAP_S: Final = 0.1
_SAME_EVENT_S: Final = 0.3
_OUT_OF_SIGHT_S: Final = 1.0
"""A rhythm that is lost so long after the legs were last read was right; one that is lost before was wrong."""
_YOUNG_S: Final = 2.5
_CATCH_UP_PER_S: Final = 300.0
_CURVE_EVERY_S: Final = 0.48


class GaitTracker:
    """Follows one runner, frame by frame."""

    def __init__(
        self,
        lens: Lens | None = None,
        picture: PictureSize = UNBOUNDED,
        hindsight: Hindsight | None = None,
    ) -> None:
        """`lens`: what is known of the camera; without it the picture is taken as seen exactly from the side.

        `picture` tells feet that are seen from feet beyond the picture's edges.
        `hindsight`: what a first look at these very frames learnt; without it only what was seen so far is used.
        """
        self._lens = lens
        self._picture = picture
        self._hindsight = hindsight
        self.reset()

    def reset(self) -> None:
        """Forget everything; the tracker is as new."""
        self._scale = LegScale()
        self._facing = FacingFinder()
        self._camera = CameraPlace(self._lens, self._hindsight)
        self._sagittal_px: BothLegs | None = None
        self._origin_px: complex | None = None
        self._plain = PlainLegs()
        self._activity = ActivityWatch()
        self._place = BeltPlace()
        self._edge = PictureEdge(self._picture)
        self._pictures = PictureRate()
        self._seeker = CadenceSeeker(self._pictures)
        self._scene = SceneWatch(self._picture.height_px)
        self._time = TimeScaleWatch()
        self._far = FarLegTrust()
        self._following: HeldRhythm | None = None
        self._periods: deque[float] = deque(maxlen=8)
        self._stepped_spm = math.nan
        self._verdicts: deque[RejectReason | None] = deque(maxlen=_OUT_OF_STEP)
        self._view = View()
        self._last_s = math.nan
        self._told_until_s = [-math.inf, -math.inf]
        self._told_s: dict[tuple[Side, EventKind], float] = {}

    def step(self, t_s: float, pose: Pose | None) -> GaitUpdate:
        """Take the frame at `t_s`; None where no runner was found."""
        dt_s = 0.0 if math.isnan(self._last_s) else max(t_s - self._last_s, 0.0)
        if t_s < self._last_s:
            self.reset()
        elif dt_s > _LONGEST_JUMP_S:
            self._let_go()
        self._last_s = t_s
        self._pictures.see(t_s)
        self._scene.see(t_s, pose)
        legs = None if pose is None else self._normalise(t_s, pose)
        self._activity.see(t_s, pose is not None, legs)
        if legs is not None:
            self._place.step(legs)
            self._seeker.see(legs)
            self._time.see(legs)
        if self._activity.still or self._pictures.too_few:
            self._let_go()
        events: list[GaitEvent] = []
        strides: list[Stride] = []
        if self._following is None:
            self._seek(t_s, dt_s)
        else:
            self._following.backlog.append(legs or unseen(t_s))
            self._doubt(self._following, t_s, dt_s)
        self._follow(dt_s, events, strides)
        self._look_about(t_s, dt_s, strides)
        return self._update(t_s, legs, tuple(events), tuple(strides))

    def belt_climbs(self, incline_pct: float) -> None:
        """The belt's incline from now on, per cent; NaN: nobody tells, and it is as it was, level at first."""
        if not math.isnan(incline_pct):
            self._camera.belt_climbs(incline_pct / 100)

    def learnt(self) -> Learnt:
        """What is known now; a copy."""
        follow = self._following
        known = Learnt(self._last_s, self._facing.facing, self._camera.learnt(), self._facing.turned_s)
        if follow is None or follow.frame is None or follow.backlog:
            return known
        known = replace(known, rhythm_s=follow.cycle.start_s)
        if self._last_s - follow.cycle.start_s > ASKED_S:
            return known
        cycle, tops = copy.deepcopy((follow.cycle, follow.book.tops))
        return replace(known, cycle=cycle, tops=tops)

    def finish(self) -> tuple[Stride, ...]:
        """Strides still pending that can be decided honestly."""
        events: list[GaitEvent] = []
        strides: list[Stride] = []
        self._follow(math.inf, events, strides)
        if self._following is not None and self._following.frame is not None:
            strides += [self._judged(m) for m in self._following.book.finish() if self._is_later(m[0])]
        return tuple(strides)

    def _normalise(self, t_s: float, pose: Pose) -> Legs | None:
        body = body_px(pose)
        raw = seen_above(body.legs, self._picture.height_px)
        if not any_seen(raw):
            return None
        before = self._facing.facing
        if self._hindsight is not None:
            self._facing.know(self._hindsight.facing(t_s))
        self._camera.recall(t_s)
        flat = self._camera.from_the_side(raw, self._facing.facing)
        sizes = self._scale.begun_anew
        unit_px = self._scale.update(t_s, leg_lengths_px(flat))
        if self._scale.begun_anew > sizes:
            self._place = BeltPlace()
            self._let_go()
        self._edge.see(t_s, body.legs, unit_px)
        facing = self._facing.update(t_s, raw, unit_px)
        if before is not None and facing != before:
            self._camera.turned_round()
            self._let_go()
        if facing is None or not unit_px > 0:
            return None
        if self._origin_px is None:
            hips = [leg[HIP] for leg in flat if not cmath.isnan(leg[HIP])]
            if not hips:
                return None
            self._origin_px = sum(hips) / len(hips)
        self._sagittal_px = flat if self._camera.corrects else None
        # Seen from about the hips, a change of scale moves nothing else.
        trunk_deg = self._camera.lean_deg(body, facing)
        return normalised(t_s, flat, self._origin_px, facing, unit_px, raw, trunk_deg)

    def _seek(self, t_s: float, dt_s: float) -> None:
        if self._pictures.too_few:
            return
        lock = self._seeker.seek(t_s, dt_s)
        if lock is not None:
            self._follow_lock(lock)

    def _look_about(self, t_s: float, dt_s: float, strides: list[Stride]) -> None:
        """Name what is seen while nothing is measured."""
        if strides and any(stride.valid for stride in strides):
            self._scene.measured(t_s)
            self._time.rest(self._stepped_spm)
        if self._scene.finding is None and self._trusted:
            # Measured well: nothing to look for.
            if self._scene.due(t_s):
                self._scene.look(t_s, None)
            return
        # Slow motion has few pictures a second where it was converted, and enough of them in its own time.
        self._time.look(t_s, dt_s, few=self._pictures.too_few)
        if self._scene.due(t_s):
            held = self._following is not None and self._following.running
            self._scene.look(t_s, self._doing(t_s), few=self._pictures.too_few, held=held)

    @property
    def _trusted(self) -> bool:
        """Whether one of the last near strides was measured."""
        return None in list(self._verdicts)[-2:]

    def _doing(self, t_s: float) -> Finding | None:
        """What the legs do, where it is no run at the speed of life."""
        if self._time.finding is not None:
            return self._time.finding
        if self._activity.still:
            return Finding.STANDING
        follow = self._following
        if follow is not None and follow.frame is not None and not follow.running and not self._activity.away(t_s):
            return Finding.WALKING
        return None

    def _doubt(self, follow: HeldRhythm, t_s: float, dt_s: float) -> None:
        """Where the template fits badly, look whether another rhythm fits better, and take that one."""
        if not follow.watch.doubtful or len(follow.backlog) > 1:
            return
        lock = self._seeker.doubt(t_s, dt_s)
        if lock is not None and follow.watch.worse_than(lock):
            self._camera.wrong_rhythm()
            self._follow_lock(lock)

    def _follow_lock(self, lock: CadenceFit) -> None:
        near = self._facing.facing
        if near is not None:
            self._camera.new_rhythm()
            following = HeldRhythm(CycleTracker(lock, SIDES.index(near), self._pictures), self._seeker.since(lock))
            known = self._hindsight.rhythm(lock.start_s) if self._hindsight else None
            self._following = following.knowing(known, lock) if known else following

    def _let_go(self) -> None:
        self._following = None
        self._seeker.forget()
        self._verdicts.clear()
        # The next rhythm may be another one.
        self._periods.clear()
        self._far = FarLegTrust()

    def _follow(self, dt_s: float, events: list[GaitEvent], strides: list[Stride]) -> None:
        """Run the filter over the frames that wait: one, or a few more while it catches up."""
        follow = self._following
        if follow is None:
            return
        allowed = len(follow.backlog) if math.isinf(dt_s) else 1 + math.ceil(min(dt_s, 0.1) * _CATCH_UP_PER_S)
        for _ in range(min(allowed, len(follow.backlog))):
            legs = follow.backlog.popleft()
            frame = follow.cycle.step(legs)
            follow.frame = frame
            self._learn_camera(follow, frame, legs)
            told, measured = follow.book.step(frame)
            events += [event for event in told if self._is_new(event)]
            strides += [self._judged(one) for one in measured if self._is_later(one[0])]
            if follow.watch.lost(frame, legs.picture_px is not None) or (measured and self._out_of_step()):
                if follow.watch.gap_s(frame.t_s) < _OUT_OF_SIGHT_S:
                    self._camera.wrong_rhythm()
                self._let_go()
                return
            if frame.t_s - follow.curve_s >= _CURVE_EVERY_S:
                self._refresh(follow, frame.t_s)

    def _learn_camera(self, follow: HeldRhythm, frame: CycleFrame, legs: Legs) -> None:
        facing, stances = self._facing.facing, follow.book.stances()
        # What is expected of bones and feet holds for a run.
        if facing is not None and stances is not None and follow.running:
            self._camera.learn(frame, legs, stances, SIDES.index(facing))

    def _out_of_step(self) -> bool:
        """Whether stride after stride came out as no runner's: the rhythm is a wrong one."""
        wrong = (RejectReason.IRREGULAR, RejectReason.IMPLAUSIBLE)
        return len(self._verdicts) == _OUT_OF_STEP and all(v in wrong for v in self._verdicts)

    def _is_later(self, stride: Stride) -> bool:
        """Whether the stride begins after the last one told of this leg."""
        return stride.start_s > self._told_until_s[SIDES.index(stride.side)] - _OVERLAP_S

    def _is_new(self, event: GaitEvent) -> bool:
        """Whether the event was not told already, before another rhythm was taken up."""
        key = (event.side, event.kind)
        new = event.t_s > self._told_s.get(key, -math.inf) + _SAME_EVENT_S
        if new:
            self._told_s[key] = event.t_s
        return new

    def _refresh(self, follow: HeldRhythm, t_s: float) -> None:
        follow.curve_s = t_s
        rate = follow.cycle.clock.rate_rad_s
        follow.running = is_running(follow.cycle.template, rate)
        follow.odd_time = follow.running and self._time.odd(
            follow.cycle.template.coefficients, rate, already=follow.odd_time
        )
        near = self._facing.facing
        follow.cycle_now = follow.book.leg_cycle(SIDES.index(near)) if near else None

    def _judged(self, measured: Measured) -> Stride:
        stride, seen = measured
        near = stride.side == self._facing.facing
        follow = self._following
        young = follow is not None and stride.peak_knee_flexion_s - follow.cycle.start_s < _YOUNG_S
        self._far.see(stride, seen, near)
        self._told_until_s[SIDES.index(stride.side)] = stride.end_s
        how = Circumstances(
            running=(follow is None or follow.running) and self._scene.finding not in NOT_A_RUN,
            real_time=follow is None or not follow.odd_time,
            in_view=not abs(self._place.position_ll) > BeltPlace.FAR_LL,
            at_edge=self._edge.reached(stride),
            young=young,
            earned=near or (not young and self._far.believes(seen)),
        )
        told = carried(stride, seen)
        judged = replace(told, **self._camera.placed(told), near=near, reject_reason=judge(stride, seen, how))
        self._note(judged)
        return judged

    def _note(self, stride: Stride) -> None:
        if stride.near:
            self._verdicts.append(stride.reject_reason)
        if stride.valid:
            self._periods.append(stride.end_s - stride.start_s)
            self._stepped_spm = sum([120 / period for period in self._periods]) / len(self._periods)

    def _update(
        self, t_s: float, legs: Legs | None, events: tuple[GaitEvent, ...], strides: tuple[Stride, ...]
    ) -> GaitUpdate:
        follow = self._following
        if follow is not None and (follow.frame is None or follow.backlog):
            # Still catching up: what it has is not of now.
            follow = None
        left, right = self._leg_states(legs, follow)
        activity = self._activity_now(t_s, follow)
        if activity is Activity.AWAY:
            left = right = UNKNOWN
        return GaitUpdate(
            t_s=t_s,
            view=self._view_now(),
            left=left,
            right=right,
            activity=activity,
            trust=self._trust(activity),
            events=events,
            strides=strides,
            cadence_spm=self._cadence_spm(activity),
            leg_length_px=math.nan if self._scale.doubted else self._scale.length_px,
            position_ll=math.nan if legs is None else self._place.position_ll,
            far_leg_trusted=self._far.trusted,
            sagittal_px=None if legs is None else self._sagittal_px,
            near_cycle=follow.cycle_now if follow else None,
            finding=self._scene.finding,
            time_scale=self._time.scale,
        )

    def _view_now(self) -> View:
        """As in the last frame, while the camera is believed to stand there."""
        facing, camera = self._facing.facing, self._camera.view
        if facing is not self._view.facing or camera is not self._view.camera:
            self._view = View(facing, camera)
        return self._view

    def _activity_now(self, t_s: float, follow: HeldRhythm | None) -> Activity:
        if follow is None or self._activity.away(t_s):
            return self._activity.without_rhythm(t_s)
        if follow.odd_time or self._scene.finding in NOT_A_RUN:
            return Activity.UNKNOWN
        return Activity.RUNNING if follow.running else Activity.WALKING

    def _trust(self, activity: Activity) -> Trust:
        if activity is Activity.AWAY:
            return Trust.PAUSED
        good = activity is Activity.RUNNING and self._trusted
        return Trust.MEASURING if good else Trust.UNSURE

    def _cadence_spm(self, activity: Activity) -> float:
        if activity is not Activity.RUNNING or self._following is None:
            return math.nan
        if self._periods:
            return self._stepped_spm
        return self._following.cycle.clock.rate_rad_s * 60 / math.pi

    def _leg_states(self, legs: Legs | None, follow: HeldRhythm | None) -> tuple[LegState, LegState]:
        near = self._facing.facing
        if follow is None or follow.frame is None:
            return self._plain.states(legs, near)
        told = near == "left" or self._far.trusted, near == "right" or self._far.trusted
        return followed_legs(follow.frame, follow.book, follow.watch.gap_s(follow.frame.t_s), told)
