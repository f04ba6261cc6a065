"""Eight sessions in two weeks: minutes grow, feedback fades, one step at a time."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.practice_log import PracticeLog
from coach.core.coaching.programme import BREAK_DAYS, Practice, Progress, SessionPlan, plan_session
from coach.errors import ConfigError

PROGRAMME = ProgrammeSettings()
DAY = 20_000.0


def plan(done: int = 0, **progress: object) -> SessionPlan:
    session = plan_session(Progress(sessions_done=done, **progress), PROGRAMME, "steady", DAY)  # type: ignore[arg-type]
    assert session is not None
    return session


def practice(step_deg: float = 4.0, *, held: bool, lost: bool = False, day: float = DAY) -> Practice:
    return Practice(day, 1, step_deg, 5.0, math.nan, held, lost)


# The schedule


def test_minutes_grow_from_15_to_30() -> None:
    minutes = [plan(done).minutes for done in range(8)]

    assert minutes[0] == 15
    assert minutes[-1] == 30
    assert minutes == sorted(minutes)


def test_feedback_fades_100_75_50_25_10() -> None:
    assert [plan(done).feedback_pct for done in range(8)] == [100, 100, 100, 100, 75, 50, 25, 10]
    shares = [sum(plan(done).fed_blocks) / len(plan(done).fed_blocks) for done in range(8)]
    assert shares == pytest.approx([1, 1, 1, 1, 0.75, 0.5, 0.25, 0.1], abs=0.1)


def test_the_same_seed_draws_the_same_blocks_and_another_one_others() -> None:
    def blocks(seed: int) -> tuple[bool, ...]:
        session = plan_session(Progress(sessions_done=5), replace(PROGRAMME, seed=seed), "steady", DAY)
        assert session is not None
        return session.fed_blocks

    draws = [blocks(seed) for seed in (1, 1, 2, 3, 4)]

    assert draws[0] == draws[1]
    assert len(set(draws)) > 1


def test_the_block_that_holds_now_says_whether_to_speak() -> None:
    session = SessionPlan(5, 8, 5.0, 50, 4.0, (True, False), 150.0)

    assert [session.fed(s) for s in (0.0, 149.9, 150.0, 299.0, 1e6)] == [True, True, False, False, False]
    assert not session.over(299.9)
    assert session.over(300.0)


def test_after_eight_sessions_the_programme_is_through() -> None:
    assert plan_session(Progress(sessions_done=8), PROGRAMME, "steady", DAY) is None


def test_it_can_be_switched_off_for_free_running() -> None:
    assert plan_session(Progress(), ProgrammeSettings(enabled=False), "steady", DAY) is None


def test_a_second_run_on_the_same_day_is_free() -> None:
    today = Progress(sessions_done=2, last_day=DAY - 0.2)

    assert plan_session(today, PROGRAMME, "steady", DAY) is None
    assert plan_session(today, PROGRAMME, "steady", DAY + 1) is not None


@pytest.mark.parametrize(
    ("began_h", "now_h", "free"),
    [(7, 18.5, True), (6, 23.9, True), (20, 24 + 6, False), (22, 24 + 7, False), (23.5, 24 + 1, True)],
    ids=["morning and evening", "early and late", "evening and morning", "late and morning", "past midnight"],
)
def test_a_day_ends_with_the_night(began_h: float, now_h: float, free: bool) -> None:
    began = Progress(sessions_done=2, last_day=DAY + began_h / 24)

    assert (plan_session(began, PROGRAMME, "steady", DAY + now_h / 24) is None) is free


def test_after_a_long_break_feedback_is_full_again() -> None:
    session = plan(7, last_day=DAY - BREAK_DAYS - 1)

    assert (session.session, session.feedback_pct) == (4, 100), "the last of those with full feedback"
    assert plan(7, last_day=DAY - BREAK_DAYS + 1).feedback_pct == 10


def test_its_second_week_begins_half_way() -> None:
    assert [Progress(sessions_done=done).week(8) for done in (0, 3, 4, 7)] == [1, 1, 2, 2]


# Pause and restart


def test_paused_it_asks_nothing_and_goes_on_where_it_was() -> None:
    progress = Progress(sessions_done=3, held_deg=4.0)

    assert plan_session(progress.pause(), PROGRAMME, "steady", DAY) is None
    assert progress.pause().resume() == progress


def test_restarted_it_begins_with_session_1_and_keeps_what_holds() -> None:
    progress = Progress(sessions_done=6, held_deg=4.0, failed=2, last_day=DAY, practices=(practice(held=True),))

    again = progress.restart()

    assert plan_session(again, PROGRAMME, "steady", DAY) == plan(0)
    assert again.held_deg == 4.0
    assert again.practices == progress.practices


# Steps


def test_a_step_is_3_to_5_degrees_by_level() -> None:
    steps = [
        session.step_deg
        for level in ("easy", "steady", "strong")
        if (session := plan_session(Progress(), PROGRAMME, level, DAY))
    ]

    assert steps == [3.0, 4.0, 5.0]


def test_the_next_step_comes_only_once_this_one_held_in_two_sessions_in_a_row() -> None:
    once = Progress().after(practice(held=True), 1)
    twice = once.after(practice(held=True), 2)
    interrupted = once.after(practice(held=False), 2).after(practice(held=True), 3)

    assert (once.held_deg, twice.held_deg, interrupted.held_deg) == (0.0, 4.0, 0.0)


def test_without_an_answer_the_step_gets_smaller_and_then_rests() -> None:
    asked = [plan(failed=failed).step_deg for failed in range(4)]
    rested = Progress(failed=3).after(practice(0.0, held=False), 4)

    assert asked == [4.0, 4.0, 3.0, 0.0]
    assert rested.failed == 2
    assert Progress(failed=2).after(practice(held=True), 4).failed == 0, "an answer makes up for all of them"
    assert plan(failed=rested.failed).step_deg == 3.0


def test_all_steps_together_stop_at_the_goal() -> None:
    assert plan(held_deg=6.0).step_deg == 2.0
    assert plan(held_deg=8.0).step_deg == 0.0


def test_a_step_that_has_held_once_is_in_calm_running_before_it_counts() -> None:
    once = Progress(held_deg=3.0).after(practice(held=True), 1)
    shown = [each.in_baseline_deg for each in (once, once.after(practice(held=True), 2), once.restart())]

    assert shown == [7.0, 7.0, 3.0]
    assert once.after(practice(held=False), 2).in_baseline_deg == 3.0
    assert Progress(held_deg=3.0, holding=1).in_baseline_deg == 3.0, "past sessions may be unknown"


def held_twice(progress: Progress, step_deg: float) -> Progress:
    return progress.after(practice(step_deg, held=True), 1).after(practice(step_deg, held=True), 2)


@pytest.mark.parametrize("sizes_deg", [(3.0, 3.0), (4.0, 4.0), (5.0, 3.0)])
def test_steps_are_taken_back_in_the_size_in_which_they_were_counted(sizes_deg: tuple[float, float]) -> None:
    first_deg, second_deg = sizes_deg
    both = held_twice(held_twice(Progress(), first_deg), second_deg)
    lost = both.after(practice(held=False, lost=True), 6)

    assert both.held_deg == first_deg + second_deg
    assert lost.held_deg == both.hurt(DAY).held_deg == first_deg
    assert lost.hurt(DAY).held_deg == 0.0


def test_of_a_step_whose_size_is_not_known_the_smallest_is_taken_back() -> None:
    progress = Progress(held_deg=8.0)

    assert progress.after(practice(held=False, lost=True), 6).held_deg == 5.0
    assert held_twice(progress, 4.0).hurt(DAY).held_deg == 8.0


def test_steps_are_never_less_than_none() -> None:
    assert Progress().after(practice(held=False, lost=True), 1).held_deg == 0.0


# What a session came to


def log_of(fed: list[float], unfed: list[float], *, room_deg: float = 8.0, ask_deg: float = 4.8) -> Practice:
    log = PracticeLog(plan(4))
    for was_fed, lifts in ((True, fed), (False, unfed)):
        for lift_deg in lifts:
            log.add(fed=was_fed, lift_deg=lift_deg, margin_deg=lift_deg - ask_deg, room_deg=room_deg)
    return log.result(DAY)


def test_retention_decides_where_it_was_measured() -> None:
    """High while the coach speaks, low without: it was not learned."""
    result = log_of(fed=[6.0] * 200, unfed=[2.0] * 200)

    assert not result.held
    assert result.fed_deg == pytest.approx(6.0)
    assert result.unfed_deg == pytest.approx(2.0)


@pytest.mark.parametrize(("thigh_deg", "held"), [(0.0, True), (-1.0, True), (-4.0, False)])
def test_a_lift_that_is_flicked_up_behind_holds_no_step(thigh_deg: float, held: bool) -> None:
    log = PracticeLog(plan(4))
    for fed in (True, False):
        for _ in range(100):
            log.add(fed=fed, lift_deg=6.0, margin_deg=1.0, room_deg=8.0, thigh_deg=thigh_deg)

    assert log.result(DAY).held is held


def test_the_silent_strides_thighs_decide_too() -> None:
    log = PracticeLog(plan(4))
    for fed, thigh_deg in ((True, -6.0), (False, 0.0)):
        for _ in range(100):
            log.add(fed=fed, lift_deg=6.0, margin_deg=1.0, room_deg=8.0, thigh_deg=thigh_deg)

    assert log.result(DAY).held


def test_with_hardly_any_silent_strides_the_fed_ones_decide() -> None:
    assert log_of(fed=[6.0] * 200, unfed=[2.0] * 10).held


def test_nothing_measured_nothing_held() -> None:
    result = log_of([], [])

    assert not result.held
    assert not result.lost
    assert math.isnan(result.fed_deg)


def test_near_the_ceiling_only_the_room_that_was_left_is_counted() -> None:
    assert log_of(fed=[3.0] * 100, unfed=[], room_deg=2.5, ask_deg=1.5).step_deg == pytest.approx(2.5)
    assert log_of(fed=[3.0] * 100, unfed=[], room_deg=0.5, ask_deg=0.3).step_deg == 0.0


def test_where_nothing_was_asked_no_step_holds() -> None:
    assert not log_of(fed=[9.0] * 100, unfed=[], ask_deg=math.nan).held


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_whatever_happens_steps_stay_between_nothing_and_the_goal(results: list[tuple[bool, bool]]) -> None:
    progress, day = Progress(), DAY
    for held, lost in results:
        day += 2
        session = plan_session(progress, PROGRAMME, "strong", day)
        if session is None:
            break
        progress = progress.after(
            practice(session.step_deg, held=held and session.step_deg > 0, lost=lost and not held, day=day),
            session.session,
        )

        assert 0.0 <= progress.held_deg <= PROGRAMME.goal_deg
        assert progress.held_deg == pytest.approx(sum(progress.counted_deg))


# Impossible schedules


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"feedback_pct": ()}, r"programme\.feedback_pct.*1–50"),
        ({"feedback_pct": (100, 120)}, r"programme\.feedback_pct = 120.*0–100"),
        ({"first_minutes": 40.0}, r"programme\.last_minutes = 30.*programme\.first_minutes = 40"),
    ],
)
def test_an_impossible_schedule_names_its_key_and_range(changed: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        ProgrammeSettings(**changed)  # type: ignore[arg-type]
