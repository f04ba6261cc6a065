"""The stride's template learns the curve it is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.gait.template import (
    FLEXION,
    GROUPS,
    TERMS,
    Template,
    basis,
    basis_rows,
    slope_of,
    terms_of,
    turned,
    waves,
)
from coach.core.units import FloatArray


def curve(phase: float, height: float = 1.0) -> float:
    return 0.6 + height * (0.5 * math.cos(phase) + 0.3 * math.sin(2 * phase) - 0.1 * math.cos(5 * phase))


def teach(template: Template, frames: int, height: float = 1.0, weights: FloatArray | None = None) -> None:
    seen = np.ones((2, GROUPS)) if weights is None else weights
    for i in range(frames):
        phase = 0.29 * i
        template.learn(waves(phase), np.full((2, GROUPS, 2), curve(phase, height)), seen, 1 / 30)
    template.solve(0)
    template.solve(1)


def test_the_slope_of_the_basis_is_its_derivative() -> None:
    value, slope = basis(0.7)
    ahead, _ = basis(0.7 + 1e-6)
    np.testing.assert_allclose((ahead - value) / 1e-6, slope, atol=1e-4)
    np.testing.assert_allclose(basis_rows(np.array([0.7]))[0], value)


def test_a_curve_read_from_a_later_phase_on_is_the_same_curve() -> None:
    coefficients = np.random.default_rng(2).normal(size=TERMS)
    phases = np.linspace(0, 6, 9)
    later = basis_rows(phases) @ turned(coefficients, 1.3)
    np.testing.assert_allclose(later, basis_rows(phases + 1.3) @ coefficients)


def test_the_slope_of_a_curve_is_a_curve_too() -> None:
    coefficients = np.random.default_rng(3).normal(size=TERMS)
    value, slope = basis(0.9)
    assert value @ slope_of(coefficients) == pytest.approx(slope @ coefficients)


def test_it_learns_the_curve_and_its_slope() -> None:
    template = Template(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 400)
    for phase in np.linspace(0, 6, 20):
        assert template.at(basis(phase)[0])[1, FLEXION, 0] == pytest.approx(curve(phase), abs=0.02)
    row, slope_row = basis(1.1)
    gap = template.at(basis(1.1 + 1e-5)[0]) - template.at(row)
    np.testing.assert_allclose(gap / 1e-5, template.at(slope_row), atol=1e-3)


def test_it_follows_a_change_within_a_few_seconds() -> None:
    template = Template(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 300)
    teach(template, 180, height=0.8)
    assert template.at(basis(0.0)[0])[0, 0, 0] == pytest.approx(curve(0.0, 0.8), abs=0.04)


def test_a_leg_that_is_left_out_forgets_nothing() -> None:
    template = Template(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 300)
    before = template.coefficients.copy()
    only_right = np.array([[0.0] * GROUPS, [1.0] * GROUPS])
    teach(template, 300, height=0.5, weights=only_right)
    np.testing.assert_allclose(template.coefficients[0], before[0], atol=1e-9)
    assert np.abs(template.coefficients[1] - before[1]).max() > 0.1


def test_missing_points_teach_nothing() -> None:
    template = Template(np.zeros((2, GROUPS, 2, TERMS)))
    values = np.full((2, GROUPS, 2), np.nan)
    template.learn(waves(0.3), values, np.zeros((2, GROUPS)), 1 / 30)
    assert np.isfinite(template.coefficients).all()
