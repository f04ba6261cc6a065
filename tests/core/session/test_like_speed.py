"""Runs are compared where their speeds are alike, wherever that lies, and a faster day is no better lift."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.change import Verdict, against, between
from coach.core.session.like_speed import above_usual_deg, at_like_speed, at_speed, by_speed, peaks_at
from tests.kept import kept_stride


def on_the_norm(
    speed_mps: float | np.ndarray, more_deg: float = 0.0, strides: int = 200, seed: int = 0
) -> list[StrideRecord]:
    """A runner who bends the knee as runners in general do at each speed, and by so much more."""
    speeds = np.broadcast_to(speed_mps, strides)
    peaks = peak_flexion_deg(speeds, NormSettings()) + more_deg + np.random.default_rng(seed).normal(0, 1.65, strides)
    return [
        replace(kept_stride(0.7 * n, float(peak)), speed_mps=float(speed))
        for n, (peak, speed) in enumerate(zip(peaks, speeds, strict=True))
    ]


@pytest.mark.parametrize("slower_kmh", [7.6, 8.5, 9.4, 10.3, 11.2])
def test_a_tenth_of_a_kilometre_an_hour_is_a_like_speed_everywhere(slower_kmh: float) -> None:
    before, after = on_the_norm(slower_kmh / 3.6), on_the_norm((slower_kmh + 0.1) / 3.6, 5.0, seed=1)
    change = between(before, after)

    assert change.verdict is Verdict.RISEN
    assert change.difference is not None
    assert change.difference.estimate == pytest.approx(5.0, abs=0.5)
    assert change.strides == (200, 200)
    assert change.speed_mps == pytest.approx((slower_kmh + 0.05) / 3.6)


@pytest.mark.parametrize("slower_kmh", [8.6, 9.5, 10.4, 12.2])
def test_the_same_running_a_little_faster_is_no_better(slower_kmh: float) -> None:
    change = between(on_the_norm(slower_kmh / 3.6), on_the_norm((slower_kmh + 0.8) / 3.6, seed=1))

    assert change.verdict is Verdict.STEADY


def test_what_a_runner_s_own_slope_may_be_widens_the_interval() -> None:
    near, far = (between(on_the_norm(2.8), on_the_norm(2.8 + apart_mps, seed=1)) for apart_mps in (0.0, 0.2))
    assert near.difference is not None
    assert far.difference is not None

    assert far.difference.high - far.difference.low > 2 * 1.9 * 5.2 * 0.2
    assert near.difference.high - near.difference.low < 1.0


def test_farther_apart_than_a_quarter_of_a_metre_a_second_is_not_compared() -> None:
    assert between(on_the_norm(2.5), on_the_norm(2.75)).difference is not None
    assert between(on_the_norm(2.5), on_the_norm(2.77)).verdict is Verdict.SPEED_CHANGED


def test_the_very_same_speed_is_taken_before_more_strides_beside_it() -> None:
    before = on_the_norm(np.repeat([2.8, 3.0], 100), strides=200)
    like = at_like_speed(before, on_the_norm(2.8, strides=100))

    assert like is not None
    assert like.speed_mps == pytest.approx(2.8)
    assert (len(like.before), len(like.after)) == (100, 100)


@pytest.mark.parametrize("about_mps", [2.8, 2.875, 3.125])
def test_a_speed_that_wavers_loses_no_stride_wherever_it_lies(about_mps: float) -> None:
    rng = np.random.default_rng(3)
    before, after = (on_the_norm(about_mps + rng.uniform(-0.06, 0.06, 200)) for _ in range(2))
    like = at_like_speed(before, after)

    assert like is not None
    assert (len(like.before), len(like.after)) == (200, 200)
    assert [len(group) for group in by_speed(before, 5)] == [200]


def test_speeds_of_intervals_stand_apart_slowest_first_and_a_few_strides_are_no_speed() -> None:
    strides = on_the_norm(np.repeat([3.5, 2.5, 3.0], [90, 90, 4]), strides=184)

    assert [(len(group), group[0].speed_mps) for group in by_speed(strides, 5)] == [(90, 2.5), (90, 3.5)]
    assert by_speed(on_the_norm(math.nan), 5) == []


def test_where_no_speed_is_known_those_strides_are_compared_as_they_are() -> None:
    strides = [kept_stride(0.7 * n, 98.0) for n in range(60)]
    like = at_like_speed(strides, strides)

    assert like is not None
    assert math.isnan(like.speed_mps)
    assert like.slope_sd_deg == 0.0
    assert peaks_at(strides, like.speed_mps) == [98.0] * 60
    assert at_like_speed(strides, on_the_norm(2.8)) is None


def test_a_peak_is_moved_along_the_norm() -> None:
    moved = peaks_at([replace(kept_stride(0.0, 91.0), speed_mps=2.5)], 3.5)

    assert moved == pytest.approx([91.0 + 105.08 - 90.96])
    assert [kept.speed_mps for kept in at_speed(on_the_norm(2.9, strides=2), 2.8)] == [2.9, 2.9]


def test_a_baseline_is_held_against_strides_moved_to_its_speed() -> None:
    usual = float(peak_flexion_deg(2.8, NormSettings()))
    change = against(usual, 0.3, 2.8, math.nan, on_the_norm(2.92))

    assert change.verdict is Verdict.STEADY
    assert change.after_deg == pytest.approx(usual, abs=0.4)


def test_a_speed_that_was_told_late_says_how_a_run_stands_only_where_most_of_it_followed() -> None:
    """Slow strides of unknown speed are not held against the norm of the fast ones."""
    unknown = [replace(stride, speed_mps=math.nan) for stride in on_the_norm(2.0, strides=40)]

    assert above_usual_deg([*unknown, *on_the_norm(4.2, 6.0, strides=41)]) == pytest.approx(6.0, abs=0.6)
    assert math.isnan(above_usual_deg([*unknown, *on_the_norm(4.2, 6.0, strides=39)]))
