"""The pure pipeline: one pose in, one update out.

kinematics → gait cycle → strides → belt speed → target → cues
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Final

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.advice import NotYet
from coach.core.coaching.coaching import Advice, Coaching
from coach.core.coaching.cues import Cue
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Activity, GaitUpdate, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.hindsight import Hindsight
from coach.core.gait.kinematics import UNBOUNDED, PictureSize
from coach.core.gait.sagittal_view import Lens
from coach.core.gait.scene import ODD_TIME, Finding
from coach.core.gait.stride import RejectReason
from coach.core.gait.time_scale import scale_option
from coach.core.notices import Notice, NoticeKind
from coach.core.pose import Pose, Side, require_time
from coach.core.speed.belt_speed import BeltSpeed, Told, by_trust, each_told, told_incline_pct
from coach.core.speed.belt_video import SeenLeg, VideoSpeed
from coach.core.speed.speed_choice import Doubts, SpeedChoice


@dataclass(frozen=True, slots=True)
class Update:
    """Everything that one frame changed; what the screen shows and the recorder keeps."""

    t_s: float
    pose: Pose | None
    gait: GaitUpdate
    belt: BeltSpeed | None
    advice: Advice
    strides: tuple[StrideRecord, ...]
    notices: tuple[Notice, ...] = ()
    """What changed about the belt speed's source."""

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What is to be said now; at most one."""
        return self.advice.cues


class Coach:
    """Measures and advises, one frame after the other.

    It knows no clock and no words: time comes in as data, and what there is to say goes out as kinds, keys and values.
    """

    def __init__(
        self,
        settings: CoachSettings | None = None,
        profile: RunnerProfile | None = None,
        *,
        now_day: float = 0.0,
        camera: str = "",
        lens: Lens | None = None,
        picture: PictureSize = UNBOUNDED,
        hindsight: Hindsight | None = None,
        incline_pct: float = math.nan,
    ) -> None:
        """`now_day`: days since 1970-01-01 by the runner's clock, by which baselines age and nights are told.

        `camera` names the set-up that baselines belong to.

        `lens`: what is known of the camera; without it the picture is taken as seen exactly from the side.
        `picture` tells feet that are seen from feet beyond its edges.
        `hindsight`: for a file, what a first look at its frames learnt.
        `incline_pct`: of the belt, until whatever tells its speed tells that, too; NaN: not known.
        """
        self.settings = settings or CoachSettings()
        self._tracker = GaitTracker(lens=lens, picture=picture, hindsight=hindsight)
        self._incline_pct = incline_pct
        self._tracker.belt_climbs(incline_pct)
        self._corrects = lens is not None
        self._refusals = Refusals()
        self._now_day, self._camera = now_day, camera
        leg = (profile or RunnerProfile()).leg(camera, now_day, self.settings.baseline.stale_after_days)
        self._video_speed = VideoSpeed(self.settings.runner.height_cm, leg.scale if leg else None)
        self._choice = SpeedChoice(self.settings.speed)
        self._coaching = Coaching(self.settings, profile or RunnerProfile(), now_day, camera)
        self._doubts = Doubts()
        self._looked_s = -math.inf
        self._given_mps: list[float] = []
        self._latest: Update | None = None
        self._unread: list[tuple[float, Pose | None, GaitUpdate]] = []

    def step(self, t_s: float, pose: Pose | None, given: Told = None) -> Update:
        """Take one frame. `pose` is None where no runner is; `given` is what belt, keys or plan say of the speed.

        Raises ValueError where `t_s` is no number.

        Examples
        --------
        Nobody in the picture, then poses from anywhere; here the demo's runner stands in for a pose network.

        >>> import numpy as np
        >>> from coach import Coach
        >>> from coach.core.pose import Keypoint, Pose
        >>> from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
        >>> from coach.edges.demo import DemoRunner, DemoSource
        >>> coach, belt = Coach(), BeltSpeed(3.0, SpeedOrigin.TYPED)
        >>> coach.step(0.0, None, belt).gait.activity
        <Activity.AWAY: 'away'>
        >>> truth, strides = DemoSource(DemoRunner(speed_mps=3.0)).truth, []
        >>> for t_s in np.arange(1, 240) / 30:
        ...     pose = Pose(float(t_s), truth.frame(t_s).xy_px, np.ones(len(Keypoint)))
        ...     update = coach.step(pose.t_s, pose, belt)
        ...     strides += [stride for stride in update.strides if stride.near and stride.valid]
        >>> update.gait.activity
        <Activity.RUNNING: 'running'>
        >>> f"heel lift {np.mean([stride.peak_knee_flexion_deg for stride in strides]):.0f}°"
        'heel lift 103°'
        """
        require_time(t_s)
        gait = self._tracker.step(t_s, pose)
        self._unread.append((t_s, pose, gait))
        latest, before_mps = self._latest, self._given_mps
        self._given_mps = [speed.speed_mps for speed in each_told(given)]
        if latest is None or self._given_mps != before_mps or self._worth_a_look(gait, latest.gait):
            update = self._look(t_s, pose, gait, given)
        else:
            update = Update(t_s, pose, gait, latest.belt, _unsaid(latest.advice), ())
        if told := self._refusals.step(gait, paused=self._coaching.paused):
            update = replace(update, notices=(*update.notices, *told))
        self._latest = update
        return update

    def pause(self, t_s: float, paused: bool) -> None:
        """Stop coaching, or go on; the clocks of warm-up and practice stand still meanwhile."""
        self._look_next()
        self._coaching.pause(t_s, paused)

    @property
    def unasked(self) -> bool:
        """Whether a programme would begin without the runner having been asked for trouble."""
        return self._coaching.unasked

    def answer(self, t_s: float, *, trouble: bool) -> None:
        """The runner answers the question for trouble; with it only observe from now on."""
        self._look_next()
        self._coaching.answer(t_s, trouble=trouble)

    def hurts(self, t_s: float) -> None:
        """The runner says that something hurts: coaching ends for the day, the next run starts one step lower."""
        self._look_next()
        self._coaching.hurts(t_s)

    def new_baseline(self, t_s: float) -> bool:
        """Take a new baseline at this speed, now or after the warm-up. Whether it waits for that."""
        self._look_next()
        return self._coaching.request_baseline(t_s)

    def coach_side(self, side: Side | None) -> NotYet | None:
        """Coach this leg; None: the near one, and the far one where it is trusted.

        Why the near one is coached until this one can be; None where nothing stands in the way.
        """
        self._look_next()
        return self._coaching.coach_side(side)

    @property
    def reads_speed(self) -> bool:
        """Whether the picture alone can tell the belt's speed: the runner's leg is known, and it may be used."""
        return self._video_speed.scale is not None and "video" in self.settings.speed.trust

    @property
    def compares_across_places(self) -> bool:
        """Whether this run's angles and the runner's baselines hold wherever the camera stands."""
        return self._corrects and self._coaching.baselines_corrected

    def _look_next(self) -> None:
        """What the runner asks for is thought over with the next frame."""
        self._looked_s = -math.inf

    def _worth_a_look(self, gait: GaitUpdate, before: GaitUpdate) -> bool:
        """Whether speed and advice may have become others; what is no longer trusted goes at once."""
        changed = gait.trust is not before.trust or gait.activity is not before.activity
        return changed or bool(gait.strides) or not 0 <= gait.t_s - self._looked_s < _LOOK_EVERY_S

    def _look(self, t_s: float, pose: Pose | None, gait: GaitUpdate, given: Told) -> Update:
        self._looked_s = t_s
        for frame in self._unread:
            self._video_speed.see(*frame)
        self._unread.clear()
        seen = self._video_speed.now()
        belt, notices = self._choice.step(t_s, given, seen, running=gait.activity is Activity.RUNNING)
        if belt is not None:
            belt = belt.on_incline(told_incline_pct(by_trust(given, self.settings.speed), self._incline_pct))
            self._incline_pct = belt.incline_pct  # a treadmill that falls silent, or leaves the speed to the picture
            self._tracker.belt_climbs(belt.incline_pct)
        advice = self._coaching.step(gait, belt, self._video_speed.level)
        belt = self._coaching.belt
        notices += self._doubts.step(t_s, belt)
        told = belt is not None and not belt.traits.from_picture and not belt.doubted
        if self.settings.runner.height_cm is None and belt is not None and told:
            # With the height known the picture stays a witness of its own, and checks what it is told.
            self._video_speed.calibrate(belt)
        return Update(t_s, pose, gait, belt, advice, self._coaching.coached(gait.strides), notices)

    def profile_after(self) -> RunnerProfile:
        """What is to be remembered of the runner after this session."""
        profile, scale = self._coaching.profile_after(), self._video_speed.learned
        if scale is None:
            return profile
        return profile.with_leg(SeenLeg(self._now_day, self._camera, scale.leg_m, scale.sd_share))

    def finish(self) -> tuple[StrideRecord, ...]:
        """Strides that were still pending when the frames ended."""
        pending: tuple[Stride, ...] = self._tracker.finish()
        return self._coaching.coached(pending)


def _unsaid(advice: Advice) -> Advice:
    """The same advice at a later frame: a cue is given once."""
    return replace(advice, cues=()) if advice.cues else advice


_CLEAR_S: Final = 3.0
"""A finding is told once it has held for so long: whoever steps on the belt stands and walks first."""
_CALM: Final = {Finding.NOBODY: 8.0, Finding.STANDING: 8.0, Finding.WALKING: 8.0}
"""What every run begins and ends with is told later."""
_STRIDES: Final = 12
_LEFT_OUT: Final = 0.5
_NOT_TOLD: Final = frozenset({RejectReason.NOT_RUNNING, RejectReason.ODD_TIME, RejectReason.FAR_LEG})
"""These have a finding of their own, or are no trouble: the near leg counts."""


class Refusals:
    """Why nothing is measured, or much is left out: each reason is told once a run, with what to do."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._finding: Finding | None = None
        self._since_s = math.nan
        self._strides: deque[RejectReason | None] = deque(maxlen=_STRIDES)
        self._frequent: RejectReason | None = None
        self._measured = False

    def step(self, gait: GaitUpdate, *, paused: bool) -> tuple[Notice, ...]:
        """Take one frame; what is to be told now. Nothing of a pause: the runner may do there what pleases."""
        if paused:
            self._finding = None
            return ()
        if near := [stride.reject_reason for stride in gait.strides if stride.near]:
            self._strides += near
            self._frequent = most_frequent(self._strides)
            self._measured = self._measured or None in near
        if gait.finding is not self._finding:
            self._finding, self._since_s = gait.finding, gait.t_s
        if gait.activity is not Activity.RUNNING and self._finding is not None:
            if gait.t_s - self._since_s >= _CALM.get(self._finding, _CLEAR_S):
                # One scale for the whole film would take what was measured out of life's time.
                return self._once(f"seen.{self._finding}", gait.t_s, "" if self._measured else _offer(gait))
            return ()
        reason = self._frequent
        return () if reason is None else self._once(f"left_out.{reason.name.lower()}", gait.t_s)

    def _once(self, key: str, t_s: float, detail: str = "") -> tuple[Notice, ...]:
        if key in self._told:
            return ()
        self._told.add(key)
        return (Notice(NoticeKind.SEEN, key, detail, t_s=t_s),)


def most_frequent(verdicts: deque[RejectReason | None]) -> RejectReason | None:
    """Why most of the last strides were left out; None where fewer than half were."""
    reasons = Counter(reason for reason in verdicts if reason is not None and reason not in _NOT_TOLD)
    if len(verdicts) < _STRIDES or sum(reasons.values()) < _LEFT_OUT * len(verdicts):
        return None
    return reasons.most_common(1)[0][0]


def _offer(gait: GaitUpdate) -> str:
    """What to type where time does not run as in life."""
    offers = gait.finding in ODD_TIME and not math.isnan(gait.time_scale)
    return scale_option(gait.time_scale) if offers else ""


_LOOK_EVERY_S: Final = 0.5
"""How often speed and advice are thought over while no stride ends and no speed is told anew: that changes them."""
