"""The band for a pace: what is asked, and why."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coach_settings import CoachSettings, Level, SessionSettings, TargetSettings, TreadmillSettings
from coach.core.coaching.baseline import Baseline, high_lift_deg, peak_flexion_deg
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.languages import load_words

TREADMILL = CoachSettings()
OVERGROUND = CoachSettings(session=SessionSettings(mode="overground"))
KMH_12 = 12 / 3.6


def own(
    speed_mps: float = 3.0,
    deg: float = 95.0,
    *,
    held_deg: float = 0.0,
    far_deg: float = math.nan,
    corrected: bool = True,
) -> Baseline:
    return Baseline(
        day=20_000,
        speed_mps=speed_mps,
        near_side="right",
        left_deg=far_deg,
        right_deg=deg,
        sd_deg=2.0,
        strides=80,
        cadence_spm=168,
        bounce_ll=0.09,
        held_deg=held_deg,
        corrected=corrected,
    )


def part(target: HeelLiftTarget, name: str) -> float:
    return next(p.deg for p in target.parts if p.name == name)


# Every target explains itself


def test_the_parts_add_up_to_the_target() -> None:
    target = heel_lift_target(KMH_12, TREADMILL, (own(),), held_deg=4, step_deg=4)

    assert sum(p.deg for p in target.parts) == pytest.approx(target.target_deg)
    assert [p.name for p in target.parts] == [
        "norm", "baseline", "held steps", "level", "programme step", "treadmill correction", "ceiling",
    ]  # fmt: skip
    assert all(p.why for p in target.parts)


def why(target: HeelLiftTarget) -> dict[str, str]:
    """Where each part comes from, in English."""
    english = load_words("en")
    return {
        part.name: english.line(
            f"target.why.{part.why}", **{name: english.speed(mps, "metric") for name, mps in part.values}
        )
        for part in target.parts
    }


def test_every_part_says_where_it_comes_from() -> None:
    at_home = why(heel_lift_target(3.0, TREADMILL, (own(),), step_deg=4))
    away = why(heel_lift_target(3.5, TREADMILL, (own(),)))
    stranger = why(heel_lift_target(3.0, TREADMILL))

    assert at_home["baseline"] == "own baseline at 10.8 km/h"
    assert away["baseline"] == "own baseline at 10.8 km/h, 1.8 km/h away"
    assert stranger["baseline"] == "no own baseline yet: wide band"
    assert why(heel_lift_target(3.0, TREADMILL, (own(corrected=False),)))["baseline"] == (
        "own baseline at 10.8 km/h, taken before the camera's place was corrected"
    )
    assert at_home["programme step"] == "the step practised now"
    assert away["programme step"] == "no step is asked"
    assert at_home["level"] == "level steady"


def test_each_part_is_what_it_is_called() -> None:
    norm = float(peak_flexion_deg(3.0, TREADMILL.norms))
    target = heel_lift_target(3.0, TREADMILL, (own(),), held_deg=4)

    assert part(target, "baseline") == pytest.approx(95.0 - norm, abs=0.05)
    assert part(target, "held steps") == pytest.approx(4.0)
    assert part(target, "programme step") == 0.0
    assert part(heel_lift_target(3.0, TREADMILL, step_deg=4), "programme step") == 0.0, "a stranger practises no step"


def test_a_target_is_a_fact_and_stays_what_it_is() -> None:
    target = heel_lift_target(3.0)

    with pytest.raises(AttributeError):
        target.low_deg = 0.0  # type: ignore[misc]
    with pytest.raises(AttributeError):
        target.parts[0].deg = 0.0  # type: ignore[misc]


def test_the_doubt_of_a_baseline_is_that_of_its_mean_and_none_without_one() -> None:
    assert heel_lift_target(3.0, TREADMILL, (own(),)).baseline_se_deg == pytest.approx(2.0 / math.sqrt(80))
    assert heel_lift_target(3.0, TREADMILL).baseline_se_deg == 0.0
    assert HeelLiftTarget(3.0, 90.0, 95.0, 100.0, ()).baseline_se_deg == 0.0
    assert HeelLiftTarget(3.0, 90.0, 95.0, 100.0, ()).treadmill_deg == 0.0


def test_without_a_baseline_the_target_stands_on_the_norm_and_the_band_is_wide() -> None:
    target = heel_lift_target(KMH_12, TREADMILL)

    assert target.reference_deg == pytest.approx(float(peak_flexion_deg(KMH_12, TREADMILL.norms)), abs=0.01)
    assert target.low_deg < target.reference_deg - TREADMILL.norms.sd_deg
    assert math.isnan(target.ask_deg)


def test_outside_the_measured_speeds_the_target_says_so() -> None:
    assert "extrapolated" in heel_lift_target(1.9).parts[0].why
    assert "extrapolated" in heel_lift_target(4.8).parts[0].why
    assert "extrapolated" not in heel_lift_target(3.0).parts[0].why


@pytest.mark.parametrize("speed_mps", [0.0, -1.0, math.nan, math.inf])
def test_no_speed_no_target(speed_mps: float) -> None:
    with pytest.raises(ValueError, match="belt speed above 0"):
        heel_lift_target(speed_mps)


# Treadmill mode


def test_treadmill_mode_raises_the_target_by_the_correction_and_nothing_else() -> None:
    on_belt, outside = heel_lift_target(3.0, TREADMILL, (own(),)), heel_lift_target(3.0, OVERGROUND, (own(),))

    assert on_belt.target_deg - outside.target_deg == pytest.approx(3.0)
    assert on_belt.high_deg - outside.high_deg == pytest.approx(3.0)
    assert on_belt.low_deg == outside.low_deg
    assert part(outside, "treadmill correction") == 0.0


def test_the_correction_is_called_a_preference() -> None:
    why = next(p.why for p in heel_lift_target(3.0).parts if p.name == "treadmill correction")

    assert "preference" in why


@pytest.mark.parametrize("correction_deg", [0.0, 1.5, 6.0])
def test_the_correction_can_be_set(correction_deg: float) -> None:
    settings = CoachSettings(treadmill=TreadmillSettings(correction_deg))

    assert part(heel_lift_target(3.0, settings), "treadmill correction") == correction_deg


# Personal before population


def test_at_the_speed_of_the_baseline_the_runner_is_the_reference() -> None:
    target = heel_lift_target(3.0, TREADMILL, (own(3.0, 88.0),))

    assert target.reference_deg == pytest.approx(88.0, abs=0.05)
    assert target.low_deg == pytest.approx(85.0, abs=0.05)


@pytest.mark.parametrize("speed_mps", [1.4, 1.6, 2.0, 2.02, 4.98, 5.0, 6.0, 6.5])
@pytest.mark.parametrize("above_norm_deg", [-15.0, 10.0, 30.0])
def test_a_walker_and_a_sprinter_are_the_reference_at_their_own_speed_too(
    speed_mps: float, above_norm_deg: float
) -> None:
    deg = float(peak_flexion_deg(speed_mps, TREADMILL.norms)) + above_norm_deg
    target = heel_lift_target(speed_mps, TREADMILL, (own(speed_mps, deg),))

    assert target.reference_deg == pytest.approx(deg)
    assert target.low_deg == pytest.approx(deg - 3.0)


def test_two_baselines_below_the_measured_speeds_each_count_at_their_own() -> None:
    strolling, jogging = own(1.3, 70.0), own(1.8, 76.0)

    told = [heel_lift_target(v, TREADMILL, (strolling, jogging)).reference_deg for v in (1.3, 1.8)]
    assert told == pytest.approx([70.0, 76.0])


def test_of_two_baselines_at_one_speed_the_lower_one_counts() -> None:
    target = heel_lift_target(3.0, TREADMILL, (own(3.0, 97.0), own(3.0, 93.0)))

    assert target.reference_deg == pytest.approx(93.0)


def test_one_mps_away_three_quarters_of_the_difference_remain() -> None:
    norm = {v: float(peak_flexion_deg(v, TREADMILL.norms)) for v in (3.0, 4.0)}
    target = heel_lift_target(4.0, TREADMILL, (own(3.0, norm[3.0] - 8.0),))

    assert target.reference_deg == pytest.approx(norm[4.0] - 6.0, abs=0.05)


def test_from_two_mps_away_on_half_of_the_difference_remains() -> None:
    norm = {v: float(peak_flexion_deg(v, TREADMILL.norms)) for v in (2.0, 4.0, 5.0)}

    for away_mps in (4.0, 5.0):
        target = heel_lift_target(away_mps, TREADMILL, (own(2.0, norm[2.0] - 8.0),))
        assert target.reference_deg == pytest.approx(norm[away_mps] - 4.0, abs=0.05)


def test_without_a_leg_named_the_near_one_is_meant() -> None:
    left = replace(own(), near_side="left", left_deg=88.0, right_deg=math.nan)

    assert heel_lift_target(3.0, TREADMILL, (left,)).reference_deg == pytest.approx(88.0, abs=0.05)


def test_the_farther_from_the_baseline_the_wider_the_band() -> None:
    widths = [heel_lift_target(v, TREADMILL, (own(2.5),)) for v in (2.5, 3.0, 3.5, 4.5)]

    assert [t.target_deg - t.low_deg for t in widths] == sorted(t.target_deg - t.low_deg for t in widths)


def test_between_two_baselines_both_speak() -> None:
    middle = heel_lift_target(3.5, TREADMILL, (own(3.0, 90.0), own(4.0, 108.0)))
    norm = float(peak_flexion_deg(3.5, TREADMILL.norms))

    assert norm - 9 < middle.reference_deg < norm
    assert 90.0 < middle.reference_deg < 108.0


def test_where_baselines_contradict_each_other_less_is_asked() -> None:
    """Slower, yet higher: a tired or badly seen one among them."""
    target = heel_lift_target(3.0, TREADMILL, (own(3.0, 104.0), own(3.6, 98.0)))

    assert target.reference_deg <= 98.0 + 0.05


def test_each_leg_has_its_own_band() -> None:
    baseline = own(3.0, 95.0, far_deg=101.0)

    assert heel_lift_target(3.0, TREADMILL, (baseline,), side="right").reference_deg == pytest.approx(95, abs=0.05)
    assert heel_lift_target(3.0, TREADMILL, (baseline,), side="left").reference_deg == pytest.approx(101, abs=0.05)


# Level, steps, ceiling


def test_a_new_runner_is_asked_for_less() -> None:
    levels: tuple[Level, ...] = ("easy", "steady", "strong")
    targets = [
        heel_lift_target(3.0, replace(TREADMILL, target=TargetSettings(level)), (own(),)).target_deg for level in levels
    ]

    assert [target - targets[0] for target in targets] == pytest.approx([0.0, 1.0, 2.0])


def test_a_runner_in_the_own_baseline_is_inside_the_band_whatever_is_asked() -> None:
    for level in ("easy", "steady", "strong"):
        settings = CoachSettings(target=TargetSettings(level), treadmill=TreadmillSettings(6))
        target = heel_lift_target(3.0, settings, (own(),), step_deg=5)

        assert target.low_deg < target.reference_deg < target.target_deg < target.high_deg


def test_a_free_run_asks_for_nothing_but_the_strong_level_does() -> None:
    strong = replace(TREADMILL, target=TargetSettings("strong"))

    assert math.isnan(heel_lift_target(3.0, TREADMILL, (own(),)).ask_deg)
    assert not math.isnan(heel_lift_target(3.0, TREADMILL, (own(),), step_deg=4).ask_deg)
    assert not math.isnan(heel_lift_target(3.0, strong, (own(),)).ask_deg)


def test_a_step_is_asked_on_the_way_to_the_target() -> None:
    target = heel_lift_target(3.0, TREADMILL, (own(),), step_deg=4)

    assert not math.isnan(heel_lift_target(3.0, TREADMILL, (own(),), step_deg=1).ask_deg), "the smallest one, too"
    assert target.reference_deg + 4 <= target.ask_deg <= target.target_deg - 2


def test_steps_that_held_raise_the_floor() -> None:
    before, after = (heel_lift_target(3.0, TREADMILL, (own(),), held_deg=held) for held in (0.0, 4.0))

    assert after.low_deg - before.low_deg == pytest.approx(4.0)


def test_steps_that_held_before_the_baseline_are_in_it_already() -> None:
    target = heel_lift_target(3.0, TREADMILL, (own(held_deg=4.0),), held_deg=4.0)

    assert part(target, "held steps") == pytest.approx(0.0)


def test_a_step_that_is_in_the_baseline_and_holds_no_longer_comes_off() -> None:
    holds, lost = (heel_lift_target(3.0, TREADMILL, (own(held_deg=8.0),), held_deg=held) for held in (8.0, 4.0))

    assert part(lost, "held steps") == pytest.approx(-4.0)
    assert (lost.low_deg - holds.low_deg, lost.target_deg - holds.target_deg) == pytest.approx((-4.0, -4.0))
    assert why(holds)["held steps"] == "programme steps that hold already"
    assert why(lost)["held steps"] == "programme steps in the baseline that do not hold yet or no longer"


def test_nobody_is_asked_for_more_than_nine_runners_in_ten_do() -> None:
    top = float(high_lift_deg(3.0, TREADMILL.norms))
    high_runner = own(3.0, top - 1.0)

    target = heel_lift_target(3.0, TREADMILL, (high_runner,), step_deg=5)

    assert target.target_deg == pytest.approx(top)
    assert part(target, "ceiling") < 0


def test_less_than_a_degree_below_that_is_not_worth_words() -> None:
    top = float(high_lift_deg(3.0, TREADMILL.norms))
    hardly, worth = (heel_lift_target(3.0, TREADMILL, (own(3.0, top - room),), step_deg=4) for room in (0.9, 1.1))

    assert math.isnan(hardly.ask_deg)
    assert worth.reference_deg < worth.ask_deg < top


def test_who_lifts_higher_than_that_by_habit_keeps_the_habit() -> None:
    habit = own(3.0, float(high_lift_deg(3.0, TREADMILL.norms)) + 6.0)

    target = heel_lift_target(3.0, TREADMILL, (habit,), step_deg=5)

    assert target.target_deg == pytest.approx(habit.right_deg, abs=0.05)
    assert math.isnan(target.ask_deg)
    assert target.high_deg > habit.right_deg


# Whatever the runner

baselines = st.lists(
    st.builds(own, st.floats(1.0, 6.5), st.floats(65.0, 135.0), held_deg=st.floats(0, 8)), max_size=4
).map(tuple)
levels = st.sampled_from(["easy", "steady", "strong"])
modes = st.sampled_from(["treadmill", "overground"])


@given(baselines, levels, modes, st.floats(0, 8), st.floats(0, 5), st.floats(1.0, 6.5), st.floats(1.0, 6.5))
def test_the_target_never_falls_with_speed(
    given_baselines: tuple[Baseline, ...], level: Level, mode: str, held: float, step: float, v: float, w: float
) -> None:
    settings = CoachSettings(session=SessionSettings(mode=mode), target=TargetSettings(level))  # type: ignore[arg-type]
    slow, fast = (
        heel_lift_target(speed, settings, given_baselines, held_deg=held, step_deg=step) for speed in sorted((v, w))
    )

    assert slow.target_deg <= fast.target_deg + 1e-6


@given(baselines, levels, modes, st.floats(0, 8), st.floats(0, 5), st.floats(0.5, 8.0))
def test_floor_target_and_ceiling_stand_in_order_and_the_ask_between_them(
    given_baselines: tuple[Baseline, ...], level: Level, mode: str, held: float, step: float, speed: float
) -> None:
    settings = CoachSettings(session=SessionSettings(mode=mode), target=TargetSettings(level))  # type: ignore[arg-type]
    target = heel_lift_target(speed, settings, given_baselines, held_deg=held, step_deg=step)

    assert target.low_deg < target.reference_deg <= target.target_deg < target.high_deg
    assert math.isnan(target.ask_deg) or target.low_deg < target.ask_deg <= target.target_deg
    assert target.target_deg <= max(target.reference_deg, float(high_lift_deg(speed, settings.norms))) + 1e-6
    assert sum(p.deg for p in target.parts) == pytest.approx(target.target_deg)


@given(baselines, st.floats(0, 8))
def test_an_own_baseline_holds_at_its_own_speed_whatever_the_speed(
    given_baselines: tuple[Baseline, ...], held: float
) -> None:
    """Unless a faster one contradicts it by being lower."""
    for baseline in given_baselines:
        counts = [b.right_deg + held - b.held_deg for b in given_baselines if b.speed_mps >= baseline.speed_mps]
        target = heel_lift_target(baseline.speed_mps, TREADMILL, given_baselines, held_deg=held)

        assert target.reference_deg == pytest.approx(min(counts))
        assert target.low_deg == pytest.approx(min(counts) - 3.0)


@given(baselines, st.floats(0, 8), st.floats(1.0, 6.5))
def test_a_touch_faster_is_a_touch_more(given_baselines: tuple[Baseline, ...], held: float, speed: float) -> None:
    """No steps in the curve: between two baselines it climbs as steeply as they lie apart."""
    own_speeds = [0.0, *(b.speed_mps for b in given_baselines), 9.0]
    closest = min(abs(a - b) for i, a in enumerate(own_speeds) for b in own_speeds[:i] if a != b)
    steepest = 200.0 / closest
    touch = 1e-4
    slow, fast = (
        heel_lift_target(v, TREADMILL, given_baselines, held_deg=held).reference_deg for v in (speed, speed + touch)
    )

    assert fast - slow <= steepest * touch + 1e-6


@given(baselines, st.floats(0, 8), st.floats(0, 8), st.floats(1.0, 6.5))
def test_whoever_has_more_steps_is_never_asked_for_less(
    given_baselines: tuple[Baseline, ...], held: float, other: float, speed: float
) -> None:
    fewer, more = (
        heel_lift_target(speed, TREADMILL, given_baselines, held_deg=steps) for steps in sorted((held, other))
    )

    assert fewer.low_deg <= more.low_deg + 1e-6
    assert fewer.target_deg <= more.target_deg + 1e-6
