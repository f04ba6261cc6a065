"""Where the lines of the cue rules lie, to the tenth of a degree; and what is said of two legs."""

import math
from dataclasses import replace

import pytest

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cue_rules import (
    LEG_RULES,
    Balance,
    CoachedLegs,
    LegJudge,
    Yardstick,
    _apart,
    surely_flicked,
)
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.evidence import WindowMean
from coach.core.coaching.fold import FoldMean, UsualThigh, uncounted, unfolded
from coach.core.coaching.guards import Means
from coach.core.pose import SIDES, Side
from tests.core.coaching.test_cue_rules import ASKING, BAND, HIGH, LOW, STEP, STRIDE_S, N, both
from tests.virtual_runner import stride_at

STEPS: Means = {}
FOLDED = FoldMean(19.0, 19.0, 0.6, 0.3)
NEARLY = CueKind.NEARLY
RULES = {rule.kind: rule for rule in LEG_RULES}


def window(mean_deg: float, se_deg: float = 0.5, shared_deg: float = 0.0, fold: FoldMean = FOLDED) -> WindowMean:
    return WindowMean(mean_deg, se_deg, shared_deg, N, 0.0, STEPS, fold)


@pytest.mark.parametrize(
    ("kind", "due_deg", "not_yet_deg"), [(LOW, 90.9, 91.0), (STEP, 96.9, 97.0), (HIGH, 108.1, 108.0)]
)
def test_a_window_must_lie_two_of_its_errors_beyond_the_line(kind: CueKind, due_deg: float, not_yet_deg: float) -> None:
    """An error of 0.5°: 1° below 92° and 98°, 1° above 107°."""
    assert RULES[kind].due(window(due_deg), Yardstick(ASKING))
    assert not RULES[kind].due(window(not_yet_deg), Yardstick(ASKING))


@pytest.mark.parametrize(
    ("kind", "answered_deg", "not_yet_deg"),
    [(LOW, 93.0, 92.9), (STEP, 98.0, 97.9), (NEARLY, 98.0, 97.9), (HIGH, 106.0, 106.1)],
)
def test_an_answer_is_there_at_its_line(kind: CueKind, answered_deg: float, not_yet_deg: float) -> None:
    assert RULES[kind].answered(window(answered_deg), Yardstick(ASKING))
    assert not RULES[kind].answered(window(not_yet_deg), Yardstick(ASKING))


@pytest.mark.parametrize(("mean_deg", "due"), [(96.9, False), (97.0, True), (97.9, True), (98.0, False)])
def test_two_thirds_of_what_holds_are_nearly_there(mean_deg: float, due: bool) -> None:
    """From 95° to 98°; where nothing is asked nobody is near it."""
    assert RULES[NEARLY].due(window(mean_deg), Yardstick(ASKING)) is due
    assert not RULES[NEARLY].due(window(mean_deg), Yardstick(BAND))


@pytest.mark.parametrize(
    ("baseline_se_deg", "doubt_deg"),
    [(0.0, math.hypot(0.3, 0.4)), (0.5, math.hypot(0.3, 0.4, 0.5, 0.4)), (1.2, math.hypot(0.3, 0.4, 1.2, 0.4))],
)
def test_what_is_shared_counts_once_for_a_stranger_and_twice_with_a_baseline(
    baseline_se_deg: float, doubt_deg: float
) -> None:
    by = Yardstick(replace(BAND, baseline_se_deg=baseline_se_deg))

    assert RULES[LOW].due(window(92.0 - 2 * doubt_deg - 0.01, 0.3, 0.4), by)
    assert not RULES[LOW].due(window(92.0 - 2 * doubt_deg + 0.01, 0.3, 0.4), by)


@pytest.mark.parametrize(("last_s", "praised"), [(100.0, True), (100.25, False)])
def test_praise_is_due_for_a_minute(last_s: float, praised: bool) -> None:
    judge = LegJudge("right", CueSettings())
    judge.said(LOW, 40.0)
    for index in range(N):
        judge.add(stride_at(last_s - STRIDE_S * (N - 1 - index), 96.0, cadence=120 / STRIDE_S))

    assert judge.settle(Yardstick(BAND)) is praised
    assert not judge.settle(Yardstick(BAND)), "once"


def test_one_unanswered_cue_is_enough_where_that_is_set() -> None:
    judge = LegJudge("right", CueSettings(unanswered=1))
    assert not judge.quiet(LOW)

    judge.said(LOW, 0.0)
    assert judge.quiet(LOW)


def test_a_kind_that_is_not_the_last_one_said_is_forgotten_too_once_the_leg_has_answered() -> None:
    judge = LegJudge("right", CueSettings(unanswered=1))
    judge.said(LOW, 0.0)
    judge.said(HIGH, 0.0)

    for index in range(2 * N):
        judge.add(stride_at(STRIDE_S * (index + 2), 85.0, cadence=120 / STRIDE_S))
    assert judge.settle(Yardstick(BAND)), "no longer too high"
    assert judge.quiet(LOW)

    for index in range(2 * N, 4 * N):
        judge.add(stride_at(STRIDE_S * (index + 2), 97.0, cadence=120 / STRIDE_S))
    assert not judge.settle(Yardstick(BAND)), "no cue is open"
    assert not judge.quiet(LOW)


def test_a_limit_itself_is_not_beyond_it() -> None:
    assert not _apart(1.0, window(104.0, 0.0), window(95.0, 0.0), 0.0)
    assert not _apart(1.0, window(108.0, 0.0), window(95.0, 0.0), 8.0)


@pytest.mark.parametrize(("usual_deg", "least_deg"), [(0.0, 9.0), (4.5, 9.5), (8.0, 13.0)])
def test_how_far_the_legs_must_be_apart(usual_deg: float, least_deg: float) -> None:
    """9°, and 5° more than usual, each beyond two errors of the difference, whichever leg is the higher."""
    apart_deg = least_deg + 2 * math.hypot(0.5, 0.5)
    for sign in (-1.0, 1.0):
        lower, much = window(95.0), window(95.0 + apart_deg + 0.01)
        little = window(95.0 + apart_deg - 0.01)
        legs = (much, lower) if sign > 0 else (lower, much)
        too_near = (little, lower) if sign > 0 else (lower, little)

        assert _apart(sign, *legs, sign * usual_deg)
        assert not _apart(sign, *too_near, sign * usual_deg)
        assert not _apart(-sign, *legs, sign * usual_deg)


def test_a_difference_of_8_degrees_is_none_on_either_side_and_one_leg_alone_has_none() -> None:
    assert Balance(CueSettings()).lower(*both(103.0, 95.0), usual_deg=0.0) is None
    empty = LegJudge("left", CueSettings()), LegJudge("right", CueSettings())
    left, right = both(95.0, 115.0)

    assert Balance(CueSettings()).lower(empty[0], right, 0.0) is None
    assert Balance(CueSettings()).lower(left, empty[1], 0.0) is None


def test_the_last_of_three_remarks_is_still_made() -> None:
    balance = Balance(CueSettings())
    for _ in range(2):
        balance.said()

    assert balance.lower(*both(95.0, 115.0), usual_deg=0.0) == "left"


# Both legs


def told(kind: CueKind, side: Side | None) -> Cue:
    return Cue(0.0, kind, side, "", "", 4.0)


@pytest.mark.parametrize(
    ("wanted", "far_fit", "coached"),
    [
        (None, False, ("left",)),
        (None, True, ("left", "right")),
        ("left", False, ("left",)),
        ("left", True, ("left",)),
        ("right", False, ("left",)),
        ("right", True, ("right",)),
    ],
)
def test_which_legs_are_coached(wanted: Side | None, far_fit: bool, coached: tuple[Side, ...]) -> None:
    legs = CoachedLegs(CueSettings())
    assert legs.coached(far_fit=far_fit) == (), "nobody is seen yet"
    legs.look("left")
    legs.look(None)
    legs.wanted = wanted

    assert legs.coached(far_fit=far_fit) == coached


def test_a_new_speed_takes_the_number_away_and_a_doubt_does_not() -> None:
    legs = CoachedLegs(CueSettings())
    assert legs.last_stride_s == -math.inf
    for index in range(N):
        legs.add(stride_at(STRIDE_S * (index + 1), 95.0))
    assert legs.last_stride_s == pytest.approx(N * STRIDE_S)

    legs.wait(100.0, afresh=False)
    assert legs["right"].window.latest() is not None
    legs.wait(100.0, afresh=True)
    assert legs["right"].window.latest() is None


def test_a_cue_counts_for_its_leg_a_remark_for_both_and_praise_for_none() -> None:
    legs = CoachedLegs(CueSettings(unanswered=1))
    for cue in (told(CueKind.RECOVERED, "right"), told(CueKind.STATUS, None), told(LOW, None)):
        legs.note(cue)
    assert not any(legs[side].quiet(kind) for side in SIDES for kind in CueKind)

    legs.note(told(LOW, "right"))
    assert legs["right"].quiet(LOW)
    assert not legs["left"].quiet(LOW)

    legs.begin(0.0)
    assert not legs["right"].quiet(LOW)
    for side in SIDES:
        for index in range(2 * N):
            deg = 95.0 if side == "left" else 115.0
            legs.add(stride_at(STRIDE_S * (index + 1), deg, side=side))
    against = {side: Yardstick(replace(BAND, low_deg=60.0, high_deg=150.0)) for side in SIDES}
    assert [wish.kind for wish in legs.wishes(against, 0.0)] == [CueKind.SIDE_LEFT]
    legs.note(told(CueKind.SIDE_LEFT, "left"))
    assert legs.wishes(against, 0.0) == []


def test_each_leg_is_spoken_of_by_itself_and_praised_once_it_has_answered() -> None:
    legs = CoachedLegs(CueSettings())
    for index in range(2 * N):
        legs.add(stride_at(STRIDE_S * (index + 1), 85.0))
    against: dict[Side, Yardstick] = {"right": Yardstick(BAND)}
    assert [(wish.kind, wish.side) for wish in legs.wishes(against, math.nan)] == [(LOW, "right")]

    legs.note(replace(told(LOW, "right"), t_s=2 * N * STRIDE_S - 0.1))
    for index in range(2 * N, 3 * N):
        legs.add(stride_at(STRIDE_S * (index + 1), 97.0))
    assert [(wish.kind, wish.side) for wish in legs.wishes(against, math.nan)] == [(CueKind.RECOVERED, "right")]
    assert legs.wishes(against, math.nan) == []


def test_what_a_leg_is_held_against_and_its_rules_stay_what_they_are() -> None:
    with pytest.raises(AttributeError):
        Yardstick(BAND).target = BAND  # type: ignore[misc]
    with pytest.raises(AttributeError):
        LEG_RULES[0].kind = HIGH  # type: ignore[misc]


USUAL = UsualThigh(19.0, 0.3)
DOUBT_DEG = math.hypot(0.6, 0.3, 0.3, 0.3)
"""Of the window, of the baseline, and of what either shares."""


def flicked(mean_deg: float, newest_deg: float | None = None) -> FoldMean:
    return replace(FOLDED, mean_deg=mean_deg, newest_deg=mean_deg if newest_deg is None else newest_deg)


def test_a_thigh_has_fallen_back_for_sure_four_degrees_and_two_errors_behind_the_own_baseline() -> None:
    line_deg = 19.0 - 4.0 - 2 * DOUBT_DEG
    by = Yardstick(ASKING, usual_thigh=USUAL)

    assert surely_flicked(flicked(line_deg - 0.01), USUAL)
    assert not surely_flicked(flicked(line_deg + 0.01), USUAL)
    assert not surely_flicked(flicked(math.nan), USUAL)
    assert not surely_flicked(flicked(0.0), UsualThigh(math.nan, math.nan))
    assert RULES[CueKind.UNDER_YOU].due(window(95.0, fold=flicked(line_deg - 0.01)), by)


def test_it_has_come_back_once_it_is_within_two_degrees_in_the_newest_strides_as_well() -> None:
    by = Yardstick(ASKING, usual_thigh=USUAL)

    assert unfolded(flicked(16.99), USUAL)
    assert unfolded(flicked(19.0, newest_deg=16.99), USUAL)
    assert not unfolded(flicked(17.0), USUAL)
    assert RULES[CueKind.UNDER_YOU].answered(window(95.0, fold=flicked(17.0)), by)
    assert not RULES[CueKind.UNDER_YOU].answered(window(95.0, fold=flicked(16.99)), by)


def test_lift_is_not_counted_from_three_degrees_behind_on() -> None:
    assert uncounted(flicked(15.99), USUAL)
    assert not uncounted(flicked(16.0), USUAL)
