"""Swapped legs are put back, faults lose their weight."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.gait.repair import Expected, repair
from coach.core.units import FloatArray

STANCE = np.array([[0.1, -0.48], [0.0, -0.98], [-0.06, -1.05], [0.15, -1.06]])
SWING = np.array([[0.25, -0.43], [-0.2, -0.55], [-0.3, -0.52], [-0.15, -0.7]])
TRUE = np.array([STANCE, SWING])
USUAL = Expected(TRUE, np.full((2, 4), 0.02**2), np.array([0.3, 1.7]))


def separation(points: FloatArray) -> FloatArray:
    gap = points[0] - points[1]
    return np.asarray(np.hypot(gap[:, 0], gap[:, 1]))


def test_what_is_as_expected_is_believed() -> None:
    noisy = TRUE + np.random.default_rng(0).normal(0, 0.02, TRUE.shape)
    found = repair(noisy, separation(noisy), USUAL, swapped_before=False)
    assert not found.swapped
    assert found.weights.min() > 0.3
    np.testing.assert_array_equal(found.relative_ll, noisy)


def test_exchanged_legs_are_put_back() -> None:
    found = repair(TRUE[::-1], separation(TRUE), USUAL, swapped_before=False)
    assert found.swapped
    np.testing.assert_array_equal(found.relative_ll, TRUE)
    assert found.weights.min() > 0.9


def test_a_stray_point_has_no_weight_and_harms_no_other() -> None:
    stray = TRUE.copy()
    stray[1, 1] += 0.3
    found = repair(stray, separation(stray), USUAL, swapped_before=False)
    assert found.weights[1, 1] == 0
    assert np.delete(found.weights.ravel(), 5).min() > 0.9


@pytest.mark.parametrize("pull", [0.8, 1.0])
def test_a_swing_leg_that_lies_on_the_stance_leg_is_left_out_whole(pull: float) -> None:
    lying = TRUE.copy()
    lying[1] = pull * STANCE + (1 - pull) * SWING
    found = repair(lying, separation(lying), USUAL, swapped_before=False)
    assert found.collapsed == (False, True)
    assert not found.weights[1].any()
    assert found.weights[0].min() > 0.9


def test_missing_points_weigh_nothing_and_raise_nothing() -> None:
    nothing = np.full((2, 4, 2), np.nan)
    found = repair(nothing, np.full(4, np.nan), USUAL, swapped_before=False)
    assert not found.weights.any()
    assert not found.seen.any()
    np.testing.assert_array_equal(found.relative_ll, TRUE)
    assert found.collapsed == (False, False)


def test_a_swap_lasts_through_frames_that_could_be_either() -> None:
    alike = Expected(np.array([STANCE, STANCE + 0.01]), USUAL.variance, USUAL.flexion)
    apart = np.full(4, 0.5)
    between = np.array([STANCE + 0.05, STANCE - 0.05])
    assert repair(between, apart, alike, swapped_before=True).swapped
    assert not repair(between, apart, alike, swapped_before=False).swapped
