"""Swing-leg relief against numbers worked out by hand from de Leva's table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.session.swing_relief import FEMALE, MALE, leg_inertia, relief_pct, swing_of


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
