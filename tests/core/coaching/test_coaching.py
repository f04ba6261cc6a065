"""A session with the coach, as the runner lives through it: stages, the baseline, and cues."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.coach_settings import (
    BaselineSettings,
    CueSettings,
    ProgrammeSettings,
    SessionSettings,
)
from coach.core.coaching.coaching import Hold, Stage, Zone
from coach.core.coaching.cues import CueKind
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress
from coach.core.gait import Activity
from tests.coached_session import BEGUN, DAY, FREE, LOW, Session, coached

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


LAST = DAY - 2
"""Of the run before."""


@pytest.mark.parametrize(
    ("progress", "stage"),
    [
        (Progress(sessions_done=8, last_day=LAST), Stage.COACHING),
        (Progress(sessions_done=6, last_day=DAY - 0.1), Stage.COACHING),
        (Progress(sessions_done=3, last_day=DAY - 0.1), Stage.OBSERVING),
        (Progress(sessions_done=6, last_day=LAST, paused=True), Stage.COACHING),
        (Progress(sessions_done=2, last_day=LAST, paused=True), Stage.OBSERVING),
        (Progress(sessions_done=7, last_day=LAST).restart(), Stage.OBSERVING),
        (Progress(sessions_done=8, last_day=LAST, trouble=True), Stage.OBSERVING),
        (Progress(sessions_done=8, last_day=LAST).hurt(DAY - 0.1), Stage.OBSERVING),
        (Progress(sessions_done=8, last_day=LAST).hurt(LAST), Stage.COACHING),
        (Progress(sessions_done=7, last_day=DAY - 20), Stage.OBSERVING),
        (Progress(sessions_done=8, last_day=DAY - 20), Stage.COACHING),
    ],
    ids=[
        "all done",
        "second run of the day",
        "second run of an early day",
        "paused late",
        "paused early",
        "restarted",
        "with trouble",
        "hurt today",
        "hurt the other day",
        "after a long break",
        "all done long ago",
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_a_long_run_is_coached_by_the_sessions_done_whatever_todays_is(
    progress: Progress, stage: Stage, enabled: bool
) -> None:
    settings = replace(
        BEGUN, session=SessionSettings(warm_up_s=0, long=True), programme=ProgrammeSettings(enabled=enabled)
    )
    session = Session(settings, RunnerProfile(progress=progress))
    session.run(30)

    assert session.now.stage is stage


def test_a_programme_shorter_than_the_session_of_the_first_long_run_is_far_enough_once_it_is_done() -> None:
    settings = replace(
        BEGUN, session=SessionSettings(warm_up_s=0, long=True), programme=ProgrammeSettings(feedback_pct=(100.0, 50.0))
    )
    for done, stage in ((1, Stage.OBSERVING), (2, Stage.COACHING)):
        session = Session(settings, RunnerProfile(progress=Progress(sessions_done=done, last_day=LAST)))
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


def test_a_baseline_that_is_asked_for_in_the_warm_up_is_taken_once_that_is_over() -> None:
    """Gait settles only after some minutes, and `b: new baseline` stands on the screen as the warm-up begins."""
    session = Session(FREE, coached().coaching.profile_after())
    assert session.coaching.request_baseline(session.t_s), "before the first frame, as during the set-up check"
    session.run(60)
    assert session.coaching.request_baseline(session.t_s)
    stages = []
    for seconds in (55, 10):
        session.run(seconds)
        stages.append(session.now.stage)
    assert stages == [Stage.WARM_UP, Stage.BASELINE], "a known one is not enough"


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
