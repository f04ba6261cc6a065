"""Calm running, gathered until it says what this runner's own heel lift is."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import (
    Baseline,
    BaselineRefusal,
    BaselineTaker,
    cadence_spm,
    extrapolated,
    high_lift_deg,
    peak_flexion_deg,
    personal_residual_deg,
)
from coach.core.gait import Stride
from coach.core.gait.quality import RejectReason
from coach.errors import ConfigError
from tests.virtual_runner import stride_at

STRIDE_S = 120 / 170


def taken(taker: BaselineTaker, strides: Iterable[Stride], speed_mps: float = 3.0) -> Baseline | None:
    """The first baseline that comes while these strides are run."""
    for stride in strides:
        taker.add(stride, speed_mps)
        baseline = taker.result(stride.end_s, "right", day=20_000, camera="", held_deg=0.0)
        if baseline is not None:
            return baseline
    return None


def calm(seconds: float, deg: float = 95.0, sd_deg: float = 2.0, seed: int = 0) -> list[Stride]:
    rng = np.random.default_rng(seed)
    return [
        stride_at((index + 1) * STRIDE_S, deg + sd_deg * float(rng.standard_normal()))
        for index in range(int(seconds / STRIDE_S))
    ]


def rejected(stride: Stride) -> Stride:
    return replace(stride, reject_reason=RejectReason.LEG_COLLAPSED)


def test_a_minute_of_calm_running_makes_a_baseline() -> None:
    baseline = taken(BaselineTaker(60.0), calm(70))

    assert baseline is not None
    assert baseline.right_deg == pytest.approx(95.0, abs=0.7)
    assert math.isnan(baseline.left_deg)
    assert baseline.speed_mps == 3.0
    assert baseline.cadence_spm == pytest.approx(170)
    assert 80 <= baseline.strides <= 90
    assert baseline.se_deg < 0.4


def test_its_speed_is_the_one_that_was_run_most() -> None:
    """A belt that is read wrongly for some strides, as over a link that stutters, does not shift it."""
    taker = BaselineTaker(60.0)
    for index, stride in enumerate(calm(70)):
        taker.add(stride, 3.1 if index % 4 == 0 else 3.0)
        baseline = taker.result(stride.end_s, "right", day=20_000, camera="", held_deg=0.0)

    assert baseline is not None
    assert baseline.speed_mps == 3.0


def test_not_before_the_time_is_over() -> None:
    taker = BaselineTaker(60.0)

    assert taken(taker, calm(59)) is None
    assert taker.refusal is None
    assert 0 < taker.remaining_s(59.0) < 2


def test_single_wild_strides_do_not_move_it() -> None:
    strides = calm(70)
    for index in (10, 30, 50):
        strides[index] = replace(strides[index], peak_knee_flexion_deg=60.0)

    baseline = taken(BaselineTaker(60.0), strides)

    assert baseline is not None
    assert baseline.right_deg == pytest.approx(95.0, abs=0.7)


def test_refused_while_too_few_strides_are_trusted() -> None:
    strides = [rejected(s) if index % 2 else s for index, s in enumerate(calm(70))]
    taker = BaselineTaker(60.0)

    assert taken(taker, strides) is None
    assert taker.refusal is BaselineRefusal.LOW_TRUST


def test_refused_while_the_lift_still_drifts() -> None:
    strides = [replace(s, peak_knee_flexion_deg=s.peak_knee_flexion_deg + 0.2 * s.end_s) for s in calm(70)]
    taker = BaselineTaker(60.0)

    assert taken(taker, strides) is None
    assert taker.refusal is BaselineRefusal.UNSTEADY


def test_refused_while_strides_scatter_beyond_what_runners_do() -> None:
    taker = BaselineTaker(60.0)

    assert taken(taker, calm(70, sd_deg=9.0)) is None
    assert taker.refusal is BaselineRefusal.UNSTEADY


def test_it_waits_for_calm_and_takes_it_then() -> None:
    """Drifting for a minute, then calm: the last minute counts."""
    drifting = [replace(s, peak_knee_flexion_deg=70 + 0.4 * s.end_s) for s in calm(60)]
    later = [stride_at(s.end_s + 60.0, s.peak_knee_flexion_deg) for s in calm(80, seed=1)]

    baseline = taken(BaselineTaker(60.0), [*drifting, *later])

    assert baseline is not None
    assert baseline.right_deg == pytest.approx(95.0, abs=1.5)


def test_started_anew_it_takes_its_time_again() -> None:
    taker = BaselineTaker(60.0)
    taken(taker, calm(50))

    taker.restart(BaselineRefusal.SPEED_CHANGED)

    assert taker.refusal is BaselineRefusal.SPEED_CHANGED
    assert taker.remaining_s(50.0) == 60.0
    assert taken(taker, [stride_at(s.end_s + 50, 95.0) for s in calm(55)]) is None


def test_a_short_baseline_for_clips_needs_few_strides() -> None:
    baseline = taken(BaselineTaker(8.0), calm(10))

    assert baseline is not None
    assert baseline.strides >= 5


def test_the_far_leg_is_in_it_only_where_enough_of_it_was_trusted() -> None:
    near = calm(70)
    far = [stride_at(s.end_s - 0.3, 99.0, side="left", near=False) for s in near]
    both = sorted([*near, *far], key=lambda s: s.end_s)
    few = sorted([*near, *(rejected(s) if i % 3 else s for i, s in enumerate(far))], key=lambda s: s.end_s)

    with_far, without = taken(BaselineTaker(60.0), both), taken(BaselineTaker(60.0), few)

    assert with_far is not None
    assert with_far.left_deg == pytest.approx(99.0)
    assert without is not None
    assert math.isnan(without.left_deg)


def test_hours_of_strides_do_not_grow_it() -> None:
    taker = BaselineTaker(5.0)
    for stride in calm(3600):
        taker.add(stride, 3.0)

    assert len(taker._strides) < 20


NORMS = NormSettings()


@pytest.mark.parametrize("speed_mps", [2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0])
def test_the_mean_is_the_published_parabola(speed_mps: float) -> None:
    published_deg = -2.547 * speed_mps**2 + 29.409 * speed_mps + 33.354

    assert float(peak_flexion_deg(speed_mps, NORMS)) == pytest.approx(published_deg, abs=0.03)


def test_beyond_2_and_5_mps_the_mean_is_held() -> None:
    assert float(peak_flexion_deg(1.0, NORMS)) == float(peak_flexion_deg(2.0, NORMS))
    assert float(peak_flexion_deg(7.0, NORMS)) == float(peak_flexion_deg(5.0, NORMS))


def test_what_nobody_measured_is_called_extrapolated() -> None:
    assert [extrapolated(v) for v in (2.4, 2.5, 4.5, 4.6)] == [True, False, False, True]


def test_one_runner_in_ten_lifts_higher_than_the_high_lift() -> None:
    """The 90th percentiles of the 26 runners are 103.3, 115.3 and 127.2 degrees."""
    for speed_mps, p90_deg in ((2.5, 103.3), (3.5, 115.3), (4.5, 127.2)):
        assert float(high_lift_deg(speed_mps, NORMS)) == pytest.approx(p90_deg, abs=2)


def test_a_runner_is_foretold_worse_the_farther_the_baseline() -> None:
    assert [personal_residual_deg(d) for d in (0.0, 1.0, 2.0, 9.0)] == [0.0, 5.2, 8.0, 9.4]


def test_cadence_rises_with_speed() -> None:
    assert cadence_spm(2.5) < cadence_spm(3.5) < cadence_spm(4.5)


peaks = st.floats(60, 150)


@given(peaks, peaks, peaks, st.floats(1.5, 6), st.floats(1.5, 6))
def test_any_norms_that_are_accepted_rise_with_speed(a: float, b: float, c: float, v: float, w: float) -> None:
    try:
        norms = NormSettings(a, b, c)
    except ConfigError as refused:
        assert "norms.peak_2_5_mps_deg" in str(refused)  # noqa: PT017
        return
    slow, fast = sorted((v, w))

    assert float(peak_flexion_deg(slow, norms)) <= float(peak_flexion_deg(fast, norms)) + 1e-9
