"""Swapped legs are put back, faults lose their weight."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.gait.repair import Expected, Repaired, repair

STANCE = np.array([0.1 - 0.48j, 0.0 - 0.98j, -0.06 - 1.05j, 0.15 - 1.06j])
SWING = np.array([0.25 - 0.43j, -0.2 - 0.55j, -0.3 - 0.52j, -0.15 - 0.7j])
TRUE = np.array([STANCE, SWING])
"""Knee, ankle, heel and toe of a left leg in stance and a right one in swing."""

Legs = np.ndarray
"""(2, 4), complex."""


USUAL = Expected(TRUE.ravel().tolist(), [0.02**2] * 8, (0.3, 1.7))


def repaired(seen: Legs, usual: Expected = USUAL, *, swapped_before: bool = False) -> Repaired:
    return repair(seen.ravel().tolist(), np.abs(seen[0] - seen[1]).tolist(), usual, swapped_before)


def test_what_is_as_expected_is_believed() -> None:
    noisy = TRUE + np.random.default_rng(0).normal(0, 0.02, (*TRUE.shape, 2)) @ [1, 1j]
    found = repaired(noisy)
    assert not found.swapped
    assert np.min(found.weights) > 0.3
    np.testing.assert_array_equal(found.relative_ll, noisy.ravel())


def test_exchanged_legs_are_put_back() -> None:
    found = repaired(TRUE[::-1])
    assert found.swapped
    np.testing.assert_array_equal(found.relative_ll, TRUE.ravel())
    assert np.min(found.weights) > 0.9


def test_a_stray_point_has_no_weight_and_harms_no_other() -> None:
    stray = TRUE.copy()
    stray[1, 1] += 0.3
    found = repaired(stray)
    assert found.weights[5] == 0
    assert np.delete(found.weights, 5).min() > 0.9


@pytest.mark.parametrize("pull", [0.8, 1.0])
def test_a_swing_leg_that_lies_on_the_stance_leg_is_left_out_whole(pull: float) -> None:
    lying = TRUE.copy()
    lying[1] = pull * STANCE + (1 - pull) * SWING
    found = repaired(lying)
    assert found.collapsed == (False, True)
    assert not any(found.weights[4:])
    assert min(found.weights[:4]) > 0.9


def test_missing_points_weigh_nothing_and_raise_nothing() -> None:
    found = repaired(np.full((2, 4), complex(np.nan, np.nan)))
    assert not np.any(found.weights)
    assert not np.any(found.seen)
    np.testing.assert_array_equal(found.relative_ll, TRUE.ravel())
    assert found.collapsed == (False, False)


def test_a_swap_lasts_through_frames_that_could_be_either() -> None:
    alike = Expected([*STANCE, *(STANCE + 0.01 + 0.01j)], USUAL.variance, USUAL.flexion)
    between = [*(STANCE + 0.05 + 0.05j), *(STANCE - 0.05 - 0.05j)]
    assert repair(between, [0.5] * 4, alike, swapped_before=True).swapped
    assert not repair(between, [0.5] * 4, alike, swapped_before=False).swapped
