"""Single stances scatter by some per cent; together they know the speed, and when it is another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.speed.stance import StanceSpeed
from coach.core.speed.stance_pool import MIN_STANCES, StancePool

STEP_S = 0.36
SCATTER = 0.06


def stance(i: int, speed_ll_s: float, sd_share: float = SCATTER) -> StanceSpeed:
    return StanceSpeed(
        t_s=i * STEP_S,
        side="left" if i % 2 else "right",
        speed_ll_s=speed_ll_s,
        ankle_ll_s=speed_ll_s,
        descent_rad=0.0,
        sd_share=sd_share,
    )


def pool() -> StancePool:
    made = StancePool()
    made.near = "right"
    return made


def run(speeds_ll_s: list[float], made: StancePool | None = None) -> tuple[StancePool, list[int]]:
    """The pool after some stances, and after which of them it said that the belt had changed."""
    made = made or pool()
    return made, [i for i, speed in enumerate(speeds_ll_s) if made.add(stance(i, speed))]


def scattered(level_ll_s: float, count: int, seed: int, share: float = SCATTER) -> list[float]:
    return list(level_ll_s * np.exp(np.random.default_rng(seed).normal(0, share, count)))


def test_two_stances_tell_nothing_three_tell_a_speed() -> None:
    two, _ = run([4.0, 4.0])
    three, _ = run([4.0] * MIN_STANCES)

    assert math.isnan(two.level.ll_s)
    assert three.level.ll_s == pytest.approx(4.0)


@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 4))])
def test_half_an_hour_at_one_speed_has_hardly_a_change(seed: int) -> None:
    made, changes = run(scattered(4.0, 5000, seed))

    assert len(changes) <= 2  # one, and back again; none in most
    assert abs(made.level.ll_s - 4.0) < 3 * made.level.sd_ll_s < 0.4


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("before", "after"), [(2.9, 4.05), (4.05, 5.2), (5.2, 4.05), (4.05, 2.9)])
def test_a_change_by_one_metre_a_second_takes_three_to_five_stances(before: float, after: float, seed: int) -> None:
    made, changes = run(scattered(before, 20, seed) + scattered(after, 5, seed + 100))

    assert len(changes) >= 1
    assert changes[0] in (22, 23, 24)
    assert made.level.ll_s == pytest.approx(after, rel=0.10)


def test_a_clear_picture_shows_smaller_changes() -> None:
    made = pool()
    speeds = scattered(4.0, 30, 1, 0.015) + scattered(4.4, 6, 2, 0.015)
    changes = [i for i, speed in enumerate(speeds) if made.add(stance(i, speed, 0.03))]

    assert len(changes) == 1
    assert made.level.ll_s == pytest.approx(4.4, rel=0.02)


@pytest.mark.parametrize("wrong", [[8.0, 8.0], [1.0, 1.0], [8.0, 4.0, 8.0, 4.0, 8.0], [8.0, 2.0, 8.0, 2.0, 8.0]])
def test_mistakes_are_no_change(wrong: list[float]) -> None:
    made, changes = run(scattered(4.0, 20, 3) + wrong)

    assert changes == []
    assert made.level.ll_s == pytest.approx(4.0, rel=0.06)


def test_stances_that_say_they_are_unsure_count_for_less() -> None:
    made = pool()
    for i in range(30):
        made.add(stance(i, 4.0, 0.03) if i % 4 < 2 else stance(i, 4.6, 0.3))

    assert made.level.ll_s == pytest.approx(4.0, rel=0.02)


def test_after_clearing_the_next_speed_starts_from_nothing() -> None:
    made, _ = run([4.0] * 20)
    made.clear()

    assert math.isnan(made.level.ll_s)
    assert run([3.0] * MIN_STANCES, made)[0].level.ll_s == pytest.approx(3.0)
