"""What becomes the own baseline unasked: calm running alone, not what is practised today nor what a cue waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coach.core.coach_settings import BaselineSettings, Level, ProgrammeSettings, TargetSettings, TreadmillSettings
from coach.core.coaching.advice import Stage
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress
from tests.coached_session import BEGUN, DAY, Session, coached

PRACTICE = replace(BEGUN, programme=ProgrammeSettings(first_minutes=5, last_minutes=5))
"""Five minutes of practice; a step of 4°, asked from 99.8° on."""


def steady_at(session: Session) -> list[tuple[float, int, float]]:
    """Speed, lift and held steps of each own baseline."""
    return [(b.speed_mps, round(b.right_deg), b.held_deg) for b in session.coaching.profile_after().baselines]


@pytest.mark.parametrize("level", ["steady", "strong"])
def test_who_told_the_speed_late_has_the_baseline_taken_in_practice_all_the_same(level: Level) -> None:
    session = Session(replace(PRACTICE, target=TargetSettings(level=level)))
    session.speed_mps = None
    session.run(62)
    assert session.now.stage is Stage.COACHING
    session.speed_mps = 3.0

    session.run(40, deg=90.0)

    assert steady_at(session) == [(3.0, 90, 0.0)]
    assert session.now.target is not None
    assert session.now.target.ask_deg > 92.0, "and then the step is asked"


def test_what_was_run_before_there_was_a_baseline_counts_in_no_practice_and_loses_no_step() -> None:
    held = Progress(sessions_done=2, held_deg=4.0, counted_deg=(4.0,), last_day=DAY - 2)
    session = Session(replace(PRACTICE, baseline=BaselineSettings(duration_s=60)), RunnerProfile(progress=held))
    session.speed_mps = None
    session.run(182)
    session.speed_mps = 3.0

    session.run(195, deg=90.0)

    progress = session.coaching.profile_after().progress
    assert steady_at(session) == [(3.0, 90, 4.0)]
    assert progress.practices[-1].fed_deg == pytest.approx(0.0, abs=0.5), "8° below other runners says nothing"
    assert progress.practices[-1].step_deg == 4.0
    assert progress.held_deg == 4.0


@pytest.mark.parametrize("correction_deg", [0.0, 3.0, 6.0])
@pytest.mark.parametrize(("short_deg", "held"), [(-0.2, True), (1.2, False)])
def test_who_lifts_the_step_that_was_told_has_held_it_whatever_is_added_to_the_target(
    correction_deg: float, short_deg: float, held: bool
) -> None:
    session = coached(replace(PRACTICE, treadmill=TreadmillSettings(correction_deg)))
    assert session.now.target is not None
    session.run(310, deg=session.now.target.reference_deg + 4.0 - short_deg)

    practice = session.coaching.profile_after().progress.practices[-1]
    assert (practice.step_deg, practice.held) == (4.0, held)


@pytest.mark.parametrize(("seen_s", "done"), [(0, 0), (60, 0), (600, 1)])
def test_a_session_counts_only_where_most_of_it_was_measured(seen_s: float, done: int) -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))
    session.run(seen_s, deg=102.0)
    session.rejected = True
    session.run(900 - seen_s)

    assert session.now.stage is Stage.OBSERVING, "the minutes of running are through all the same"
    assert session.coaching.profile_after().progress.sessions_done == done


def test_what_was_practised_is_no_baseline_of_another_speed_in_the_minutes_after_it() -> None:
    session = coached(PRACTICE)
    session.run(310, deg=101.0)
    assert session.now.stage is Stage.OBSERVING
    session.speed_mps = 3.6

    session.run(60, deg=108.0)

    assert steady_at(session) == [(3.0, 95, 0.0)]


def test_a_step_that_rests_leaves_the_minutes_after_it_calm() -> None:
    session = coached(replace(PRACTICE, programme=replace(PRACTICE.programme, goal_deg=0)))
    session.run(310)
    session.speed_mps = 3.6

    session.run(60, deg=102.0)

    assert steady_at(session) == [(3.0, 95, 0.0), (3.6, 102, 0.0)]


@pytest.mark.parametrize("seconds", [60.0, 310.0], ids=["amid practice", "after it"])
@pytest.mark.parametrize(("deg", "held_deg"), [(101.0, 4.0), (97.0, 0.0)])
def test_a_baseline_that_is_asked_for_has_todays_step_in_it_where_it_holds(
    seconds: float, deg: float, held_deg: float
) -> None:
    session = coached(PRACTICE)
    session.run(seconds, deg)
    session.coaching.request_baseline(session.t_s)

    session.run(30, deg)

    assert steady_at(session) == [(3.0, round(deg), held_deg)]
    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(deg - held_deg, abs=0.5)


def test_a_baseline_after_todays_minutes_begins_no_practice_again() -> None:
    session = coached(PRACTICE)
    session.run(310, deg=101.0)
    target = session.now.target
    session.coaching.request_baseline(session.t_s)

    session.run(1, deg=101.0)
    assert session.now.target == target
    stages = []
    for _ in range(40):
        session.run(0.75, deg=101.0)
        stages.append(session.now.stage)

    assert list(dict.fromkeys(stages)) == [Stage.BASELINE, Stage.OBSERVING]
