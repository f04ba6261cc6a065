"""A runner writes intervals the way a training plan does; the belt speed of every moment follows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.bounds import DAY_S
from coach.core.speed.speed_plan import parse_plan
from coach.core.units import kmh
from coach.edges.demo.effort import ramp
from coach.errors import ConfigError


def test_the_example_of_the_manual() -> None:
    plan = parse_plan("5min@9, 8x(1min@14, 1min@9), 5min@8")

    assert len(plan.steps) == 18
    assert plan.duration_s == 26 * 60
    assert kmh(plan.at(0.0)) == pytest.approx(9)
    assert kmh(plan.at(5 * 60)) == pytest.approx(14)
    assert kmh(plan.at(6 * 60)) == pytest.approx(9)
    assert kmh(plan.at(7 * 60 + 59)) == pytest.approx(14)
    assert kmh(plan.at(21 * 60)) == pytest.approx(8)


def test_a_belt_follows_it_from_corner_to_corner() -> None:
    plan = parse_plan("1min@9, 30s@14, 1min@9")
    assert [(t_s, round(kmh(speed_mps), 3)) for t_s, speed_mps in plan.corners] == [
        (0, 9), (2, 9), (60, 9), (62, 14), (90, 14), (92, 9),
    ]  # fmt: skip
    ramp(plan.corners)


def test_the_last_speed_holds_after_the_end() -> None:
    plan = parse_plan("1min@9, 30s@12")

    assert kmh(plan.at(plan.duration_s)) == pytest.approx(12)
    assert kmh(plan.at(1e6)) == pytest.approx(12)


@pytest.mark.parametrize(
    ("text", "duration_s"),
    [
        ("90s@10", 90),
        ("1:30@10", 90),
        ("1:00:00@10", 3600),
        ("1h@10", 3600),
        ("1min30s@10", 90),
        ("1.5 min @ 10", 90),
        ("400m@3.2m/s", 125),
        ("2km@5:00/km", 600),
        ("2x400m@3.2m/s", 250),
        ("2×(3x10s@10)", 60),
        ("(60s@10)", 60),
    ],
)
def test_durations_and_distances(text: str, duration_s: float) -> None:
    assert parse_plan(text).duration_s == pytest.approx(duration_s)


@pytest.mark.parametrize(
    "text",
    ["", "5min", "5min@", "@9", "5min@9,", "5min@9)", "(5min@9", "0x(5min@9)", "5m@9", "5min@9,5", "5min@99",
     "999x(999x(5min@9))", "25h@9", "400m@0", "5 parsecs@9", "8x", "((((((((((5min@9))))))))))"],
)  # fmt: skip
def test_what_cannot_be_read_is_shown_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"plan") as caught:
        parse_plan(text)
    assert "\n" not in str(caught.value)
    assert "5min" in str(caught.value)


@given(st.text(alphabet="0123456789xminshk@(),:. /", max_size=40))
def test_any_text_is_either_a_plan_or_one_clear_error(text: str) -> None:
    try:
        plan = parse_plan(text)
    except ConfigError:
        return
    assert 0 < plan.duration_s <= DAY_S
    assert all(math.isfinite(step.speed_mps) and step.speed_mps >= 0 for step in plan.steps)


def test_a_step_may_climb_or_fall() -> None:
    plan = parse_plan("1min@9, 2x(1min@5:30/km 6%, 400m@3 m/s -1.5 %), 1min@9 −2%")

    assert [step.incline_pct for step in plan.steps[1:]] == [6.0, -1.5, 6.0, -1.5, -2.0]
    assert math.isnan(plan.steps[0].incline_pct)
    assert plan.at(61.0) == pytest.approx(1000 / 330)
    assert plan.climbs
    assert not parse_plan("1min@9").climbs


@pytest.mark.parametrize("text", ["1min@9%", "1min@9/6%", "1min@9 %", "1min@9 6%%"])
def test_an_incline_that_cannot_be_read_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(ConfigError, match="write it behind the speed, as 9 6%;"):
        parse_plan(text)


@pytest.mark.parametrize("text", ["1min@9 60%", "1min@6%", "1min@9 6 7%", "1min@9 6"])
def test_an_incline_that_cannot_be_is_shown(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the plan at '1min@"):
        parse_plan(text)
