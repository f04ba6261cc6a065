"""What runners do at a speed, as published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.coach_settings import NormSettings
from coach.core.coaching.norms import (
    cadence_spm,
    extrapolated,
    high_lift_deg,
    peak_flexion_deg,
    personal_residual_deg,
    thigh_at_peak_deg,
    thigh_residual_deg,
    thigh_spread_deg,
)
from coach.errors import ConfigError

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


def test_the_thigh_is_farther_ahead_at_a_faster_pace_and_foretold_better_than_by_the_norm() -> None:
    assert thigh_at_peak_deg(2.5) < thigh_at_peak_deg(3.5) < thigh_at_peak_deg(4.5)
    assert thigh_at_peak_deg(1.0) == thigh_at_peak_deg(2.5)
    assert thigh_residual_deg(0.0) < thigh_residual_deg(1.0) < thigh_residual_deg(2.0) < thigh_spread_deg(3.5)


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
