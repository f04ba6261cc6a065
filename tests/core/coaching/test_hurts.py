"""Something hurts: coaching ends for the day, and the next run starts one step lower."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from coach.core.coach_settings import CoachSettings, ProgrammeSettings
from coach.core.coaching.advice import Stage
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress, plan_session, programme_state
from tests.coached_session import BEGUN, DAY, coached

UNDER_WAY = Progress(sessions_done=3, held_deg=4.0, holding=1, last_day=DAY - 2)


def test_after_that_nothing_is_asked_however_low_the_heels_are() -> None:
    session = coached()
    session.coaching.hurts(session.t_s)

    assert session.run(120.0, 80.0) == []
    assert session.now.stage is Stage.OBSERVING


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_also_before_coaching_began_and_no_baseline_is_taken_of_who_hurts(seconds: float) -> None:
    session = coached()
    fresh = type(session)(BEGUN)
    fresh.run(seconds)
    fresh.coaching.hurts(fresh.t_s)
    fresh.coaching.request_baseline(fresh.t_s)
    fresh.run(90.0)

    assert fresh.now.stage is Stage.OBSERVING
    assert fresh.coaching.profile_after().baselines == ()


def test_the_next_run_starts_one_step_lower_and_asks_for_none() -> None:
    coaching = Coaching(CoachSettings(), RunnerProfile(progress=UNDER_WAY), DAY)
    coaching.hurts(10.0)

    after = coaching.profile_after().progress

    assert after.held_deg == UNDER_WAY.held_deg - 3.0
    assert after.sessions_done == UNDER_WAY.sessions_done
    plan = plan_session(after, ProgrammeSettings(), "steady", DAY + 1)
    assert plan is not None
    assert plan.step_deg == 0.0


def test_a_second_run_on_that_day_is_only_observed_and_one_on_the_next_is_coached() -> None:
    hurt = RunnerProfile(progress=UNDER_WAY.hurt(DAY - 0.1))
    rested = RunnerProfile(progress=UNDER_WAY.hurt(DAY - 1.0))
    settings = replace(BEGUN, programme=ProgrammeSettings())

    for profile, stage in ((hurt, Stage.OBSERVING), (rested, Stage.COACHING)):
        session = type(coached())(settings, profile)
        session.run(40.0)
        assert session.now.stage is stage


def test_whoever_says_it_again_on_that_day_loses_one_step_and_not_two() -> None:
    held = replace(UNDER_WAY, held_deg=8.0, counted_deg=(4.0, 4.0))

    assert held.hurt(DAY + 0.3).hurt(DAY + 0.8).held_deg == 4.0
    assert held.hurt(DAY + 0.3).hurt(DAY + 1.3).held_deg == 0.0


def test_the_day_that_hurt_has_no_session_of_the_programme_until_the_next_morning() -> None:
    hurt = replace(UNDER_WAY, last_day=DAY - 2).hurt(DAY + 0.3)
    state = programme_state(hurt, ProgrammeSettings(), "steady", DAY + 0.8)

    assert state.rests
    assert state.plan is None
    assert state.after_a_night is not None
    assert not programme_state(hurt, ProgrammeSettings(), "steady", DAY + 1.3).rests


def test_with_trouble_runs_are_only_observed_until_the_runner_turns_coaching_on() -> None:
    settings = replace(BEGUN, programme=ProgrammeSettings())

    for answer, stage in ((True, Stage.OBSERVING), (False, Stage.COACHING), (None, Stage.COACHING)):
        progress = UNDER_WAY if answer is None else UNDER_WAY.answered(trouble=answer)
        session = type(coached())(settings, RunnerProfile(progress=progress))
        session.run(40.0)
        assert session.now.stage is stage
        assert session.coaching.unasked is (answer is None)
        if answer:
            assert session.run(60.0, 80.0) == []


@pytest.mark.parametrize("answer", [True, False, None])
def test_the_answer_is_remembered(answer: bool | None) -> None:
    profile = RunnerProfile(progress=replace(UNDER_WAY, trouble=answer))
    written = json.loads(json.dumps(profile.as_json(), allow_nan=False))

    assert RunnerProfile.from_json(written).progress.trouble is answer


def test_it_is_remembered_and_a_profile_from_before_is_read() -> None:
    profile = RunnerProfile(progress=UNDER_WAY.hurt(DAY))
    written = json.loads(json.dumps(profile.as_json(), allow_nan=False))
    assert RunnerProfile.from_json(written).progress.hurt_day == DAY
    del written["progress"]["hurt_day"]

    assert RunnerProfile.from_json(written).progress.hurt_day != DAY
