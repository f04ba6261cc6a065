"""Cycles are resampled without cutting the peak, and merge as if averaged at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.session.cycles import CYCLE_POINTS, FEMALE, MALE, leg_inertia, merged, relief_pct, resampled, swing_of
from coach.core.session.records import Cycle
from tests.kept import flexion_deg

WAVE_S = 0.7


def sampled(fps: float, until_s: float = 1.6) -> tuple[np.ndarray, np.ndarray]:
    t_s = np.arange(0, until_s, 1 / fps)
    return t_s, np.array([flexion_deg((t / WAVE_S) % 1.0, 100.0) for t in t_s])


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
def test_the_peak_survives_resampling_at_every_frame_rate(fps: float) -> None:
    curve = resampled(*sampled(fps), 0.7, 1.4)

    assert curve is not None
    assert curve.shape == (CYCLE_POINTS,)
    assert curve.max() == pytest.approx(100.0, abs=0.8)


@pytest.mark.parametrize("beyond_s", [0.09, 0.0])
def test_the_curve_is_scipy_s_natural_spline(beyond_s: float) -> None:
    """Of samples that go on beyond the stride, and of those that end with it."""
    from scipy.interpolate import CubicSpline

    t_s, flexion = sampled(30)
    inside = (t_s >= 0.7 - beyond_s) & (t_s <= 1.4 + beyond_s)
    theirs = CubicSpline(t_s[inside], flexion[inside], bc_type="natural")(np.linspace(0.7, 1.4, CYCLE_POINTS))

    ours = resampled(t_s[inside], flexion[inside], 0.7, 1.4)
    assert ours is not None
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_a_gap_or_a_stride_cut_short_gives_no_curve() -> None:
    t_s, flexion = sampled(30)
    holed = flexion.copy()
    holed[30:35] = np.nan

    assert resampled(t_s, holed, 0.7, 1.4) is None
    assert resampled(t_s, flexion, 1.2, 1.9) is None
    assert resampled(t_s[:2], flexion[:2], 0.0, 0.7) is None


@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_merging_blocks_equals_averaging_every_curve(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = [rng.normal(60, 20, (n, CYCLE_POINTS)) for n in sizes]
    every = np.concatenate(blocks)
    sd = [b.std(axis=0, ddof=1) if len(b) > 1 else np.zeros(CYCLE_POINTS) for b in blocks]

    whole = merged(Cycle(b.mean(axis=0), s, len(b)) for b, s in zip(blocks, sd, strict=True))

    assert whole is not None
    assert whole.n == len(every)
    np.testing.assert_allclose(whole.mean_deg, every.mean(axis=0), atol=1e-9)
    if whole.n > 1:
        np.testing.assert_allclose(whole.sd_deg, every.std(axis=0, ddof=1), atol=1e-6)


def test_nothing_merges_to_nothing() -> None:
    assert merged([]) is None


def test_a_straight_male_leg_worked_out_by_hand() -> None:
    # Thigh: centre 0.4095 × 0.4222 = 0.17289 m, radius 0.329 × 0.4222 = 0.13890 m
    #   0.1416 × (0.029891 + 0.019294) = 0.0069646
    # Shank: centre 0.4395 × 0.4403 = 0.19351 m below the knee, 0.61571 m from the hip, radius 0.10831 m
    #   0.0433 × (0.379101 + 0.011732) = 0.016923
    # Foot: 0.8625 m from the hip, radius 0.245 × 0.2581 = 0.063235 m
    #   0.0137 × (0.743906 + 0.003999) = 0.010246
    assert float(leg_inertia(0.0)) == pytest.approx(0.0069646 + 0.016923 + 0.010246, abs=2e-6)


def test_a_leg_folded_to_a_right_angle_worked_out_by_hand() -> None:
    # Pythagoras: shank 0.4222² + 0.19351² = 0.215700 m², foot 0.4222² + 0.4403² = 0.372117 m²
    shank, foot = 0.0433 * (0.215700 + 0.011732), 0.0137 * (0.372117 + 0.003999)

    assert float(leg_inertia(90.0)) == pytest.approx(0.0069646 + shank + foot, abs=2e-6)


def test_ten_degrees_more_lift_relieve_the_leg_by_a_tenth() -> None:
    by_hand = {
        leg: 100 * (1 - float(leg_inertia(100.0, leg)) / float(leg_inertia(90.0, leg))) for leg in (MALE, FEMALE)
    }

    assert relief_pct(100.0, 90.0) == pytest.approx(np.mean(list(by_hand.values())))
    assert 9.0 < min(by_hand.values()) <= max(by_hand.values()) < 11.0


def test_the_lever_s_geometry_is_that_of_the_triangle() -> None:
    """A mass at the ankle alone: the law of cosines must give the hip-ankle distance."""
    a, b, flexion = MALE.thigh.length_m, MALE.shank.length_m, 70.0
    hip_ankle_m = math.hypot(a + b * math.cos(math.radians(flexion)), b * math.sin(math.radians(flexion)))

    assert a**2 + b**2 + 2 * a * b * math.cos(math.radians(flexion)) == pytest.approx(hip_ankle_m**2)


@given(st.floats(0, 150), st.floats(0, 150))
def test_more_flexion_is_always_easier_to_swing(one: float, two: float) -> None:
    relief = relief_pct(one, two)

    assert (relief > 0) == (one > two) or abs(one - two) < 1e-5


def test_the_swing_of_a_cycle_begins_at_toe_off() -> None:
    cycle = np.arange(101.0)

    assert swing_of(cycle, 0.36)[0] == 36.0
    assert swing_of(cycle, 0.36)[-1] == 100.0
    assert swing_of(cycle, math.nan).size == 0
    assert relief_pct(swing_of(cycle + 5, 0.36), swing_of(cycle, 0.36)) > 0
