"""The speed that the runner types: at once, by key, or planned."""

import pytest

from coach.core.bounds import FASTEST_MPS
from coach.core.speed.belt_speed import SpeedOrigin
from coach.core.speed.speed_plan import parse_plan
from coach.core.units import kmh
from coach.edges.speed.typed_speed import TypedSpeed
from coach.ports import SpeedSource


def typed_kmh(source: SpeedSource, t_s: float) -> float:
    speed = source.current(t_s)
    assert speed is not None
    return kmh(speed.speed_mps)


def test_without_a_word_from_the_runner_nothing_is_known() -> None:
    assert TypedSpeed().current(0.0) is None


def test_a_typed_speed_holds_for_good_and_knows_its_age() -> None:
    source = TypedSpeed(3.0, incline_pct=1.0)

    first, later = source.current(0.0), source.current(3600.0)

    assert first is not None
    assert later is not None
    assert (first.speed_mps, first.origin, first.incline_pct, first.age_s) == (3.0, SpeedOrigin.TYPED, 1.0, 0.0)
    assert later.speed_mps == 3.0
    assert later.age_s == 3600.0
    assert later.sd_mps == pytest.approx(0.09)


def test_keys_change_it_by_a_step_within_what_a_belt_can_do() -> None:
    source = TypedSpeed(10 / 3.6, step_kmh=0.5)

    source.faster()
    assert typed_kmh(source, 1.0) == pytest.approx(10.5)
    source.slower()
    source.slower()
    assert typed_kmh(source, 2.0) == pytest.approx(9.5)
    for _ in range(200):
        source.faster()
    assert typed_kmh(source, 3.0) == pytest.approx(kmh(FASTEST_MPS))
    for _ in range(200):
        source.slower()
    assert typed_kmh(source, 4.0) == 0.0


@pytest.mark.parametrize(
    ("seen_kmh", "faster_kmh", "slower_kmh"),
    [(11.3, 11.5, 11.0), (10.2, 10.5, 10.0), (10.0, 10.5, 9.5), (9.97, 10.5, 9.5), (10.04, 10.5, 9.5), (0.0, 0.5, 0.0)],
)
def test_a_key_goes_its_own_way_from_the_speed_that_was_seen(
    seen_kmh: float, faster_kmh: float, slower_kmh: float
) -> None:
    up, down = TypedSpeed(), TypedSpeed()

    up.faster(now_mps=seen_kmh / 3.6)
    down.slower(now_mps=seen_kmh / 3.6)

    assert typed_kmh(up, 0.0) == pytest.approx(faster_kmh)
    assert typed_kmh(down, 0.0) == pytest.approx(slower_kmh)


@pytest.mark.parametrize("step_kmh", [0.1, 0.3, 0.5, 2.0])
@pytest.mark.parametrize("seen_kmh", [0.0, 7.95, 8.0, 10.25, 12.34, 17.99])
def test_no_key_ever_goes_the_other_way_or_nowhere(step_kmh: float, seen_kmh: float) -> None:
    up, down = TypedSpeed(step_kmh=step_kmh), TypedSpeed(step_kmh=step_kmh)
    assert kmh(up.faster(seen_kmh / 3.6)) > seen_kmh
    assert kmh(down.slower(seen_kmh / 3.6)) < seen_kmh or seen_kmh == 0.0


def test_a_key_starts_at_an_easy_jog_when_nothing_is_known() -> None:
    source = TypedSpeed()

    source.slower()

    assert typed_kmh(source, 0.0) == pytest.approx(8)


def test_a_plan_stands_still_in_a_pause_and_goes_on_where_it_was() -> None:
    source = TypedSpeed(plan=parse_plan("5min@9, 1min@14, 5min@8"))

    assert typed_kmh(source, 0.0) == pytest.approx(9)
    source.pause(240.0, paused=True)
    assert typed_kmh(source, 420.0) == pytest.approx(9), "five minutes on the clock, four of the plan"
    source.pause(420.0, paused=False)
    assert typed_kmh(source, 479.0) == pytest.approx(9)
    assert typed_kmh(source, 481.0) == pytest.approx(14)
    assert typed_kmh(source, 541.0) == pytest.approx(8)


def test_a_plan_runs_on_while_nobody_looks() -> None:
    source = TypedSpeed(plan=parse_plan("1min@9, 1min@14, 1min@8"))

    assert typed_kmh(source, 0.0) == pytest.approx(9)
    assert typed_kmh(source, 130.0) == pytest.approx(8), "a camera that was lost for two minutes stops no belt"


def test_a_plan_runs_from_the_first_look_and_takes_the_lead_again_at_its_next_step() -> None:
    source = TypedSpeed(plan=parse_plan("1min@9, 1min@12, 1min@8"))

    assert typed_kmh(source, 100.0) == pytest.approx(9)
    source.faster()
    assert typed_kmh(source, 130.0) == pytest.approx(9.5)
    key = source.current(130.0)
    assert key is not None
    assert key.origin is SpeedOrigin.TYPED
    planned = source.current(160.0)
    assert planned is not None
    assert planned.origin is SpeedOrigin.PLAN
    assert kmh(planned.speed_mps) == pytest.approx(12)
    assert typed_kmh(source, 1e5) == pytest.approx(8)


@pytest.mark.parametrize(("typed_pct", "between_pct"), [(None, 0.0), (1.0, 1.0)])
def test_between_hills_a_plan_is_level_or_on_the_incline_that_was_typed(
    typed_pct: float | None, between_pct: float
) -> None:
    source = TypedSpeed(incline_pct=typed_pct, plan=parse_plan("1min@9, 1min@9 6%, 1min@9"))

    inclines = [belt.incline_pct for t_s in (0.0, 61.0, 121.0) if (belt := source.current(t_s)) is not None]
    assert inclines == [between_pct, 6.0, between_pct]


def test_a_key_changes_the_speed_of_a_hill_and_not_the_hill() -> None:
    source = TypedSpeed(plan=parse_plan("1min@9 6%"))
    source.current(0.0)
    source.faster()

    belt = source.current(1.0)
    assert belt is not None
    assert kmh(belt.speed_mps) == pytest.approx(9.5)
    assert belt.incline_pct == 6.0
