"""A session with the coach, as the runner lives through it: stages, silence with a reason, and cues."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.coaching import Advice, Coaching, Hold, Stage, Zone
from coach.core.cues import CueKind
from coach.core.gait import Activity
from coach.core.phrases import Phrases
from coach.core.pose import Side
from coach.core.profile import RunnerProfile
from coach.core.programme import Progress
from coach.core.quality import RejectReason, Trust
from coach.core.settings import (
    BaselineSettings,
    CoachSettings,
    CueSettings,
    ProgrammeSettings,
    SessionSettings,
    TargetSettings,
)
from coach.core.speed import BeltSpeed, SpeedOrigin
from tests.virtual_runner import gait_at, stride_at

DAY = 20_000.0
FREE = CoachSettings(programme=ProgrammeSettings(enabled=False))
BEGUN = replace(FREE, session=SessionSettings(warm_up_s=0), baseline=BaselineSettings(duration_s=20))
LOW = CueKind.HEEL_LIFT_LOW


class Session:
    """A runner with a coach beside the belt. Everything is what the test says it is."""

    def __init__(self, settings: CoachSettings = BEGUN, profile: RunnerProfile | None = None, camera: str = "") -> None:
        self.coaching = Coaching(settings, Phrases(), profile or RunnerProfile(), DAY, camera)
        self.t_s = self.until_s = 0.0
        self.strides = 0
        self.speed_mps: float | None = 3.0
        self.origin = SpeedOrigin.TYPED
        self.seen_ll_s = math.nan
        self.activity, self.trust = Activity.RUNNING, Trust.MEASURING
        self.cadence, self.bounce_ll, self.position_ll = 170.0, 0.09, 0.0
        self.near: Side | None = "right"
        self.far_deg: float | None = None
        self.far_trusted = False
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
        strides = [stride_at(self.t_s, deg + (1.5 if self.strides % 2 else -1.5), cadence=self.cadence)]
        if self.far_deg is not None:
            strides.append(stride_at(self.t_s, self.far_deg, side="left", near=False, cadence=self.cadence))
        reason = RejectReason.LEG_COLLAPSED if self.rejected else None
        gait = gait_at(
            self.t_s,
            tuple(replace(s, bounce_ll=self.bounce_ll, reject_reason=reason) for s in strides),
            near=self.near,
            activity=self.activity,
            trust=self.trust,
            far_leg_trusted=self.far_trusted,
            position_ll=self.position_ll,
        )
        belt = None if self.speed_mps is None else BeltSpeed(self.speed_mps, self.origin)
        self.advice = self.coaching.step(gait, belt, self.seen_ll_s)
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


# Stages


def test_warm_up_then_baseline_then_coaching() -> None:
    session = Session(FREE)
    stages = []
    for _ in range(300):
        session.run(1.0)
        stages.append(session.now.stage)

    assert list(dict.fromkeys(stages)) == [Stage.WARM_UP, Stage.BASELINE, Stage.COACHING]
    assert stages.count(Stage.WARM_UP) == pytest.approx(120, abs=2)
    assert stages.count(Stage.BASELINE) == pytest.approx(60, abs=2)


def test_the_warm_up_is_silent_however_low_the_heels() -> None:
    session = Session(FREE)

    assert session.run(119, deg=60.0) == []
    assert session.now.stage is Stage.WARM_UP
    assert session.now.stage_remaining_s == pytest.approx(1.0, abs=1.5)


def test_new_to_treadmills_the_warm_up_takes_six_minutes() -> None:
    session = Session(replace(FREE, session=SessionSettings(new_to_treadmill=True)))

    session.run(355)

    assert session.now.stage is Stage.WARM_UP


def test_standing_beside_the_belt_is_no_warm_up() -> None:
    session = Session(FREE)
    session.activity = Activity.STANDING
    session.run(300)

    assert session.now.stage_remaining_s == 120


def test_time_zero_is_an_ordinary_time() -> None:
    session = Session()
    session.t_s = -120 / 170
    session.run(0.0)

    assert session.t_s == 0.0
    assert session.run(30) == [CueKind.BASELINE_READY]


def test_the_runner_hears_that_the_baseline_is_ready() -> None:
    assert Session().run(30) == [CueKind.BASELINE_READY]


def test_during_the_baseline_nothing_is_cued() -> None:
    session = Session()

    assert session.run(18, deg=60.0) == []
    assert session.now.stage is Stage.BASELINE


def test_a_long_run_is_observed_and_not_coached() -> None:
    session = Session(replace(BEGUN, session=SessionSettings(warm_up_s=0, long=True)))
    session.run(40)

    assert session.run(300, deg=70.0) == []
    assert session.now.stage is Stage.OBSERVING


def test_a_long_run_is_coached_once_the_programme_is_far_enough() -> None:
    settings = replace(BEGUN, session=SessionSettings(warm_up_s=0, long=True), programme=ProgrammeSettings())
    late = RunnerProfile(progress=Progress(sessions_done=5, last_day=DAY - 2))
    early = RunnerProfile(progress=Progress(sessions_done=4, last_day=DAY - 2))

    for profile, stage in ((late, Stage.COACHING), (early, Stage.OBSERVING)):
        session = Session(settings, profile)
        session.run(30)
        assert session.now.stage is stage


# The baseline


def test_a_baseline_of_the_last_session_is_used_again() -> None:
    first = coached()
    second = Session(BEGUN, first.coaching.profile_after())

    second.run(3)

    assert second.now.stage is Stage.COACHING
    assert second.now.target is not None
    assert second.now.target.reference_deg == pytest.approx(95, abs=0.6)


def test_it_is_taken_anew_where_the_runner_wishes_so() -> None:
    profile = coached().coaching.profile_after()
    session = Session(replace(BEGUN, baseline=BaselineSettings(duration_s=20, reuse=False)), profile)

    session.run(10)

    assert session.now.stage is Stage.BASELINE
    assert math.isnan(session.now.target.ask_deg if session.now.target else 0.0)


def test_it_is_taken_anew_when_stale_at_another_speed_or_with_another_camera() -> None:
    profile = coached().coaching.profile_after()
    stale = replace(profile, baselines=tuple(replace(b, day=DAY - 40) for b in profile.baselines))
    faster, elsewhere = Session(BEGUN, profile), Session(BEGUN, profile, camera="phone")
    faster.speed_mps = 4.0

    for session in (Session(BEGUN, stale), faster, elsewhere):
        session.run(10)
        assert session.now.stage is Stage.BASELINE


def test_the_runner_may_ask_for_a_new_baseline() -> None:
    session = coached()
    session.coaching.request_baseline(session.t_s)

    assert session.run(25, deg=101.0) == [CueKind.BASELINE_READY]
    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(101, abs=0.6)


def test_a_change_of_speed_starts_the_baseline_anew_and_says_so() -> None:
    session = Session()
    session.run(12)
    session.speed_mps = 3.5
    session.run(2)

    assert session.now.stage is Stage.BASELINE
    assert session.now.hold_reason == "baseline_speed_changed"


def test_too_few_trusted_strides_make_no_baseline_and_say_so() -> None:
    session = Session()
    session.run(3)
    session.rejected = True
    session.run(25)

    assert session.now.stage is Stage.BASELINE
    assert session.now.hold_reason == "baseline_low_trust"


def test_without_a_baseline_coaching_begins_with_a_wide_band() -> None:
    session = Session()
    session.rejected = True
    session.run(62)
    session.rejected = False

    session.run(5)

    assert session.now.stage is Stage.COACHING
    assert session.now.target is not None
    assert session.now.target.target_deg - session.now.target.low_deg > 12


def test_a_baseline_at_a_new_speed_is_taken_quietly() -> None:
    session = coached()
    session.speed_mps = 4.0

    assert session.run(40, deg=107.0) == []

    assert len(session.coaching.profile_after().baselines) == 2
    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(107, abs=0.6)


def test_what_is_lifted_because_it_is_practised_is_no_baseline() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))
    session.speed_mps = 4.0
    session.run(60, deg=112.0)

    assert len(session.coaching.profile_after().baselines) == 1


def test_dragging_at_a_new_speed_is_not_taken_for_calm_running() -> None:
    session = coached()
    session.speed_mps = 4.0
    session.run(60, deg=85.0)

    assert len(session.coaching.profile_after().baselines) == 1


# Cues


def test_low_heels_are_cued_within_25_s_and_the_answer_is_praised() -> None:
    session = coached()
    before_s = session.t_s

    assert session.run(25, deg=87.0) == [LOW]
    assert session.t_s - before_s < 26
    assert session.run(12, deg=96.0) == [CueKind.RECOVERED]
    assert session.run(200, deg=96.0) == []


def test_in_the_own_baseline_there_is_silence() -> None:
    assert coached().run(1800) == []


def test_the_number_shown_and_its_zone() -> None:
    session = coached()
    for deg, zone in ((95.0, Zone.IN_BAND), (80.0, Zone.BELOW), (125.0, Zone.ABOVE)):
        session.run(8, deg)
        lift = session.now.lift
        assert lift is not None
        assert lift.mean_deg == pytest.approx(deg, abs=1.0)
        assert lift.zone is zone
        assert lift.side == "right"


def test_after_three_cues_without_an_answer_the_coach_only_shows() -> None:
    session = coached()

    assert session.run(900, deg=85.0) == [LOW] * 3
    assert session.now.hold is Hold.QUIET
    assert session.now.lift is not None


def test_the_demo_cues_a_drop_of_14_degrees_and_praises_within_45_s() -> None:
    session = Session(
        replace(
            FREE,
            session=SessionSettings(warm_up_s=5),
            baseline=BaselineSettings(duration_s=10, reuse=False),
            cues=CueSettings(refractory_s=12),
        )
    )

    assert session.run(17) == [CueKind.BASELINE_READY]
    assert session.run(14, deg=81.0) == [LOW]
    assert session.run(10, deg=95.0) == [CueKind.RECOVERED]
    assert session.t_s < 45


# Silence with a reason: each of these forbids a cue that would come otherwise


def silent(session: Session, hold: Hold, deg: float = 80.0) -> None:
    """Low heels for two minutes, and no word about them."""
    assert LOW not in session.run(120, deg)
    assert session.now.hold is hold


def test_no_cue_without_trust() -> None:
    session = coached()
    session.trust = Trust.UNSURE
    silent(session, Hold.UNSURE)
    assert session.now.lift is None


def test_no_cue_on_rejected_strides() -> None:
    session = coached()
    session.rejected = True

    assert session.run(120, deg=80.0) == []
    assert session.now.lift is None


def test_no_cue_and_no_target_without_a_speed() -> None:
    session = coached()
    session.speed_mps = None
    silent(session, Hold.SPEED_UNKNOWN)
    assert session.now.target is None
    assert session.now.lift is not None
    assert session.now.lift.zone is None


def test_no_cue_on_a_belt_that_stands() -> None:
    session = coached()
    session.speed_mps = 0.0
    silent(session, Hold.SPEED_UNKNOWN)


@pytest.mark.parametrize("activity", [Activity.WALKING, Activity.STANDING, Activity.AWAY])
def test_no_cue_unless_running(activity: Activity) -> None:
    session = coached()
    session.activity = activity
    silent(session, Hold.NOT_RUNNING)


def test_no_cue_during_a_change_of_speed_and_fresh_windows_after_it() -> None:
    session = coached()
    assert session.run(6, deg=85.0) == []
    session.speed_mps = 3.3

    assert session.run(5, deg=85.0) == []
    assert session.now.hold is Hold.SPEED_CHANGED
    assert session.run(11, deg=85.0) == []
    assert LOW in session.run(15, deg=85.0)


def test_after_a_change_of_speed_the_number_is_back_within_seconds() -> None:
    session = coached()
    session.speed_mps = 3.3
    session.run(3.5, deg=99.0)

    assert session.now.hold is Hold.SPEED_CHANGED
    assert session.now.lift is not None
    assert session.now.lift.mean_deg == pytest.approx(99.0, abs=1)


def test_small_corrections_of_the_speed_do_not_interrupt() -> None:
    session = coached()
    session.run(6, deg=85.0)
    session.speed_mps = 3.05

    assert session.run(7, deg=85.0) == [LOW]


def test_the_band_does_not_flicker_with_a_speed_that_was_read_from_the_picture() -> None:
    session = coached()
    session.origin = SpeedOrigin.VIDEO
    bands = set()
    for speed_mps in (3.0, 2.98, 3.02, 2.99):
        session.speed_mps = speed_mps
        session.run(1.0)
        bands.add(session.now.target)

    assert len(bands) == 1


def test_a_typed_speed_that_the_feet_contradict_is_doubted() -> None:
    """Nobody pressed + when the belt was sped up: the band would be that of another pace."""
    session = Session()
    session.seen_ll_s = 3.0 / 0.85
    session.run(60)
    session.seen_ll_s = 4.0 / 0.85

    assert session.run(60, deg=125.0) == []
    assert session.now.hold is Hold.SPEED_DOUBTED
    assert session.now.target is None
    assert session.now.lift is not None
    assert session.now.lift.zone is None

    session.speed_mps = 4.0
    session.run(10, deg=107.0)
    assert session.now.hold is None


def test_a_new_typed_speed_that_the_feet_confirm_is_not_doubted() -> None:
    session = Session()
    session.seen_ll_s = 3.0 / 0.85
    session.run(60)
    session.speed_mps, session.seen_ll_s = 3.5, 3.5 / 0.85

    session.run(10)

    assert session.now.hold is None


def test_no_more_lift_is_asked_when_cadence_has_fallen() -> None:
    session = coached()
    session.cadence = 160.0
    silent(session, Hold.CADENCE_FELL)


def test_a_runner_who_keeps_the_cadence_at_a_faster_speed_is_not_held_back_for_it() -> None:
    session = coached()
    session.speed_mps = 4.0
    session.run(10, deg=107.0)

    assert session.now.hold is None


def test_no_more_lift_is_asked_when_bounce_has_risen() -> None:
    session = coached()
    session.bounce_ll = 0.101
    silent(session, Hold.BOUNCE_ROSE)


def test_relaxing_is_advised_even_then() -> None:
    session = coached()
    session.bounce_ll = 0.12

    assert CueKind.HEEL_LIFT_HIGH in session.run(30, deg=120.0)


def test_paused_nothing_is_said_and_the_clocks_stand_still() -> None:
    session = Session(FREE)
    session.run(60)
    session.coaching.pause(session.t_s, paused=True)
    session.position_ll = -0.8

    assert session.run(300, deg=70.0) == []
    assert session.now.hold is Hold.PAUSED
    assert session.now.stage_remaining_s == pytest.approx(60, abs=2)

    session.position_ll = 0.0
    session.coaching.pause(session.t_s, paused=False)
    session.run(50)
    assert session.now.stage is Stage.WARM_UP


def test_after_a_pause_both_windows_are_fresh() -> None:
    session = coached()
    assert session.run(6, deg=85.0) == []
    session.coaching.pause(session.t_s, paused=True)
    session.coaching.pause(session.t_s, paused=False)

    assert session.run(10, deg=85.0) == []
    assert session.run(4, deg=85.0) == [LOW]


# Two legs


def test_a_far_leg_that_is_not_trusted_is_not_coached() -> None:
    session = coached()
    session.far_deg = 70.0

    assert session.run(120) == []


def test_the_far_leg_needs_a_baseline_of_its_own() -> None:
    session = coached()
    session.far_deg, session.far_trusted = 70.0, True

    assert session.run(120) == []


def two_legged() -> Session:
    session = Session()
    session.far_deg, session.far_trusted = 95.0, True
    session.run(40)
    return session


def test_a_trusted_far_leg_is_coached_too() -> None:
    session = two_legged()
    session.far_deg = 88.0

    assert session.run(20) == [LOW]


def test_the_runner_chooses_the_leg() -> None:
    session = two_legged()
    session.coaching.coach_side("right")
    session.far_deg = 88.0
    assert session.run(60) == []

    session.coaching.coach_side("left")
    assert LOW in session.run(30)
    assert session.now.lift is not None
    assert session.now.lift.side == "left"


def test_a_new_difference_between_the_legs_is_named() -> None:
    session = two_legged()
    session.far_deg = 108.0

    assert session.run(30) == [CueKind.SIDE_RIGHT]


def test_up_to_9_degrees_a_difference_is_not_named() -> None:
    session = two_legged()
    session.far_deg = 103.0

    assert session.run(300) == []


# Safety


def test_who_drifts_to_the_rear_of_the_belt_is_called_forward_in_every_stage() -> None:
    session = Session(FREE)
    session.run(30)
    session.position_ll = -0.6

    assert session.run(60) == [CueKind.STEPPED_BACK]
    session.position_ll = 0.0
    session.run(5)
    session.position_ll = -0.6
    assert session.run(10) == [CueKind.STEPPED_BACK]


def test_stepping_off_is_not_drifting() -> None:
    session = Session(FREE)
    session.run(30)
    cues = []
    for position_ll in (-0.4, -0.8, -1.2, -1.6, -2.0):
        session.position_ll = position_ll
        cues += session.run(0.6)

    assert cues == []


def test_outside_there_is_no_belt_to_fall_off() -> None:
    session = Session(replace(FREE, session=SessionSettings(mode="overground")))
    session.run(30)
    session.position_ll = -0.6

    assert session.run(60) == []


# The programme


def test_a_step_is_asked_for_gently_and_counts_when_it_held() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))

    assert session.run(30) == [CueKind.PROGRAMME]
    assert session.run(20, deg=102.0) == [CueKind.RECOVERED]
    session.run(900, deg=102.0)

    progress = session.coaching.profile_after().progress
    assert session.now.stage is Stage.OBSERVING
    assert progress.sessions_done == 1
    assert progress.practices[-1].held


def test_on_a_free_run_the_own_baseline_is_good_enough_unless_strong_was_chosen() -> None:
    strong = replace(BEGUN, target=TargetSettings("strong"))

    assert CueKind.PROGRAMME not in coached().run(300)
    assert CueKind.PROGRAMME in coached(strong).run(300)


def test_in_a_block_without_feedback_there_is_silence() -> None:
    settings = replace(BEGUN, programme=ProgrammeSettings(feedback_pct=(0.0, 0.0)))
    session = coached(settings)
    silent(session, Hold.UNFED)


def test_practice_ends_after_its_minutes() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings(first_minutes=5.0)))
    session.run(301)

    assert session.now.stage is Stage.OBSERVING
    assert session.run(300, deg=80.0) == []


def test_half_a_session_does_not_count() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))
    session.run(300)

    assert session.coaching.profile_after().progress == Progress()


def test_a_line_every_five_minutes_if_wished() -> None:
    session = Session(replace(FREE, cues=CueSettings(spoken_every_min=5)))

    assert session.run(1000).count(CueKind.STATUS) == 3


# Bookkeeping


def test_strides_are_kept_with_the_speed_and_the_target_that_held() -> None:
    session = coached()
    strides = (stride_at(session.t_s, 95.0), stride_at(session.t_s, 95.0, side="left", near=False))

    near, far = session.coaching.coached(strides)

    assert near.belt is not None
    assert near.belt.speed_mps == 3.0
    assert near.target == session.now.target
    assert far.target is None


def test_before_the_runner_is_seen_there_is_nothing_to_say() -> None:
    session = Session()
    session.near = None

    assert session.run(60, deg=60.0) == []
    assert session.now.target is None
    assert session.now.lift is None
