"""The choice of a speed at the moments and speeds where it turns."""

from __future__ import annotations

import math

import pytest

from coach.core.coach_settings import SpeedSettings
from coach.core.speed.belt_speed import TRAITS, BeltSpeed, SpeedOrigin, by_trust
from coach.core.speed.speed_choice import SpeedCheck, SpeedChoice

TREADMILL, TYPED, PLAN, RECORDING, VIDEO = SpeedOrigin


def speed(mps: float, origin: SpeedOrigin, age_s: float = 0.0) -> BeltSpeed:
    return BeltSpeed(mps, origin, 0.03 * mps, age_s)


def believed(
    console_mps: float, seconds: float, *, seen_mps: float | None = None, running: bool = False
) -> SpeedOrigin | None:
    """Whom the choice believes after a console has said this for so long, beside a typed speed."""
    choice, t_s, chosen = SpeedChoice(), 0.0, None
    while t_s <= seconds:
        told = (speed(console_mps, TREADMILL), speed(3.0, TYPED))
        seen = None if seen_mps is None else speed(seen_mps, VIDEO)
        chosen, _ = choice.step(t_s, told, seen, running=running)
        t_s += 0.25
    return chosen.origin if chosen else None


# A console that has lost count


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, TREADMILL), (2.75, TREADMILL), (3.0, TYPED)])
def test_a_standing_console_is_believed_for_three_seconds(seconds: float, expected: SpeedOrigin) -> None:
    assert believed(0.0, seconds, running=True) is expected


@pytest.mark.parametrize(("console_mps", "expected"), [(0.29, TYPED), (0.3, TREADMILL), (0.31, TREADMILL)])
def test_a_belt_that_creeps_is_a_belt_that_runs(console_mps: float, expected: SpeedOrigin) -> None:
    assert believed(console_mps, 5.0, running=True) is expected


@pytest.mark.parametrize(("seen_mps", "expected"), [(1.6, TYPED), (1.5, TREADMILL), (1.4, TREADMILL)])
def test_the_picture_knows_that_the_runner_runs_from_one_and_a_half_metres_a_second_on(
    seen_mps: float, expected: SpeedOrigin
) -> None:
    assert believed(0.0, 5.0, seen_mps=seen_mps) is expected


def test_nobody_is_taken_to_run_unless_it_is_said() -> None:
    choice = SpeedChoice()
    for t_s in range(6):
        chosen, _ = choice.step(float(t_s), (speed(0.0, TREADMILL), speed(3.0, TYPED)), None)

    assert chosen is not None
    assert chosen.origin is TREADMILL


# What is told, and how often


def keys(choice: SpeedChoice, from_s: int, to_s: int, console_mps: float, seen_mps: float) -> list[str]:
    told = []
    for t_s in range(from_s, to_s):
        _, notices = choice.step(float(t_s), speed(console_mps, TYPED), speed(seen_mps, VIDEO))
        told += [notice.key for notice in notices]
    return told


def test_an_unknown_speed_is_told_after_ten_seconds_and_again_after_ten_minutes() -> None:
    choice, told = SpeedChoice(), []
    for t_s in range(1300):
        told += [notice.t_s for notice in choice.step(float(t_s), None, None)[1]]

    assert told == [10.0, 610.0, 1210.0]


def test_a_disagreement_is_told_once_for_each_tenth_that_it_grows() -> None:
    """Quotients of 1.22 and 1.35 are two and three tenths; one that only wavers is not told again."""
    choice = SpeedChoice()

    first = keys(choice, 0, 30, 3.0, 3.66)
    wavers = keys(choice, 30, 60, 3.0, 3.7)
    grows = keys(choice, 60, 90, 3.0, 4.05)

    assert first == ["belt.disagrees"]
    assert wavers == []
    assert grows == ["belt.disagrees"]


def test_the_same_disagreement_at_another_speed_is_the_same() -> None:
    choice = SpeedChoice()
    keys(choice, 0, 30, 2.0, 2.44)

    assert keys(choice, 30, 60, 3.0, 3.66) == []


@pytest.mark.parametrize(("seen_mps", "again"), [(3.93, True), (3.83, False)])
def test_a_tenth_of_the_logarithm_is_a_step(seen_mps: float, again: bool) -> None:
    """10·ln of 1.22, 1.31 and 1.277 are 1.99, 2.70 and 2.44."""
    choice = SpeedChoice()
    keys(choice, 0, 30, 3.0, 3.66)

    assert bool(keys(choice, 30, 60, 3.0, seen_mps)) is again


# Corrections


def test_what_was_learned_carries_its_own_error() -> None:
    choice = SpeedChoice(SpeedSettings(learn_correction=True))
    for t_s in range(60):
        chosen, _ = choice.step(float(t_s), speed(4.0, TREADMILL), speed(3.8, VIDEO))

    learned = choice.correction
    assert chosen is not None
    assert learned is not None
    assert chosen.speed_mps == pytest.approx(4.0 * learned.factor)
    assert chosen.sd_mps == pytest.approx(learned.sd_share * chosen.speed_mps)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.1, 2.0])
@pytest.mark.parametrize("origin", list(SpeedOrigin))
def test_a_factor_corrects_what_came_off_a_console_and_nothing_else(origin: SpeedOrigin, factor: float) -> None:
    choice = SpeedChoice(SpeedSettings(correction_factor=factor))
    given, seen = (None, speed(3.0, origin)) if origin is VIDEO else (speed(3.0, origin), None)
    chosen, _ = choice.step(0.0, given, seen)

    assert chosen is not None
    corrected = origin in {TREADMILL, TYPED, PLAN}
    assert chosen.speed_mps == pytest.approx(3.0 * factor if corrected else 3.0)


def test_a_recording_is_held_against_the_picture_as_it_is() -> None:
    choice = SpeedChoice(SpeedSettings(correction_factor=0.8))
    told = [choice.step(float(t_s), speed(3.0, RECORDING), speed(3.0, VIDEO))[1] for t_s in range(30)]

    assert not any(told)


# The table of sources


def test_what_kind_of_source_each_is() -> None:
    assert [origin for origin in SpeedOrigin if TRAITS[origin].grows_old] == [TREADMILL, VIDEO]
    assert [origin for origin in SpeedOrigin if TRAITS[origin].off_console] == [TREADMILL, TYPED, PLAN]
    assert [origin for origin in SpeedOrigin if TRAITS[origin].overruled] == [TREADMILL]
    assert [origin for origin in SpeedOrigin if TRAITS[origin].from_picture] == [VIDEO]
    with pytest.raises(AttributeError):
        TRAITS[VIDEO].grows_old = False  # type: ignore[misc]
    with pytest.raises(AttributeError):
        speed(3.0, TYPED).speed_mps = 4.0  # type: ignore[misc]


def test_a_measured_value_is_used_until_it_is_stale_and_a_told_one_for_ever() -> None:
    settings = SpeedSettings()
    stale_s = settings.stale_after_s
    for origin in SpeedOrigin:
        ages = [speed(3.0, origin, stale_s), speed(3.0, origin, stale_s + 0.1)]
        assert by_trust(ages[0], settings) == (ages[0],)
        assert by_trust(ages[1], settings) == (() if TRAITS[origin].grows_old else (ages[1],))


def test_what_is_not_known_or_not_trusted_is_not_used() -> None:
    unknown, typed = speed(math.nan, TYPED), speed(3.0, TYPED)

    assert by_trust(unknown, SpeedSettings()) == ()
    assert by_trust(typed, SpeedSettings(trust=("video",))) == ()
    assert by_trust([unknown, typed], SpeedSettings()) == (typed,)
    assert by_trust(None, SpeedSettings()) == ()


def test_of_several_the_most_trusted_comes_first_and_of_one_trust_the_tables_order_decides() -> None:
    told = [speed(3.0, origin) for origin in (VIDEO, RECORDING, PLAN, TYPED, TREADMILL)]

    assert [one.origin for one in by_trust(told, SpeedSettings())] == [TREADMILL, TYPED, PLAN, RECORDING, VIDEO]
    assert [one.origin for one in by_trust(told[1:3], SpeedSettings())] == [PLAN, RECORDING]
    assert BeltSpeed(3.0, TYPED).age_s == 0.0


# One given speed against the picture


def checked(given: BeltSpeed, seen: BeltSpeed, seconds: float, every_s: float = 1.0) -> SpeedCheck:
    """A check that has seen both for so long."""
    check = SpeedCheck()
    for step in range(round(seconds / every_s) + 1):
        check.step(step * every_s, given, seen)
    return check


def known_to(mps: float, share: float, origin: SpeedOrigin = VIDEO, age_s: float = 0.0) -> BeltSpeed:
    return BeltSpeed(mps, origin, share * mps, age_s)


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, False), (5.5, False), (6.0, True)])
def test_a_disagreement_counts_once_it_has_lasted_six_seconds(seconds: float, expected: bool) -> None:
    assert checked(speed(3.0, TYPED), speed(3.6, VIDEO), seconds, 0.5).disagrees is expected


def test_nothing_is_compared_with_what_is_missing_or_old() -> None:
    given, seen = speed(3.0, TYPED), speed(3.6, VIDEO)
    check = SpeedCheck()
    assert not check.disagrees
    check.step(0.0, None, seen)
    check.step(1.0, given, None)
    assert not check.disagrees
    assert checked(given, speed(3.6, VIDEO, 3.0), 10.0).disagrees
    assert not checked(given, speed(3.6, VIDEO, 3.1), 10.0).disagrees


def test_speeds_are_compared_from_1_2_metres_a_second_on() -> None:
    assert checked(speed(1.2, TYPED), speed(1.5, VIDEO), 10.0).disagrees
    assert checked(speed(1.5, TYPED), speed(1.2, VIDEO), 10.0).disagrees
    assert not checked(speed(1.19, TYPED), speed(1.5, VIDEO), 10.0).disagrees


@pytest.mark.parametrize(
    ("share", "off", "expected"),
    [(0.001, 0.059, False), (0.001, 0.061, True), (0.05, 0.11, False), (0.05, 0.12, True)],
)
def test_they_differ_by_six_per_cent_at_least_and_by_1_65_sigma_of_both(
    share: float, off: float, expected: bool
) -> None:
    seen = known_to(3.0 * math.exp(off), share)
    assert checked(known_to(3.0, share, TYPED), seen, 10.0).disagrees is expected


@pytest.mark.parametrize(("off", "expected"), [(0.069, False), (0.071, True)])
@pytest.mark.parametrize("sd_mps", [math.nan, 0.0])
def test_what_says_nothing_of_its_error_is_right_within_three_per_cent(
    sd_mps: float, off: float, expected: bool
) -> None:
    given, seen = BeltSpeed(3.0, TYPED, sd_mps), BeltSpeed(3.0 * math.exp(off), VIDEO, sd_mps)
    assert checked(given, seen, 10.0).disagrees is expected


def test_a_correction_is_known_after_twenty_seconds_and_weighs_the_consoles_credit() -> None:
    """Consoles are known to 3 %, this picture to 6 %: a fifth of what was measured is believed."""
    given, seen = speed(3.0, TREADMILL), known_to(3.0 * 0.9, 0.06)
    assert checked(given, seen, 18.0).correction is None
    assert checked(given, seen, 18.5, 0.5).correction is None
    found = checked(given, seen, 19.0).correction
    assert found is not None
    assert found.factor == pytest.approx(0.9**0.2)
    assert found.sd_share == pytest.approx(math.sqrt(0.2) * 0.06)


def test_the_last_two_minutes_count() -> None:
    check = SpeedCheck()
    for t_s in range(121):
        check.step(float(t_s), speed(3.0, TREADMILL), speed(3.0 * (0.9 if t_s < 61 else 1.1), VIDEO))
    assert check.correction is not None
    # The picture is known as well as a console here: half of what was measured is believed.
    assert check.correction.factor == pytest.approx((0.9 * 1.1) ** (0.5 / 2))
