"""The stride's template learns the curve it is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.gait.deviation import SLOW_S, SLOW_SHARE
from coach.core.gait.mean_cycle import FLEXION, GROUPS, POINTS, TERMS, MeanCycle, basis_rows, slope_of, turned
from coach.core.units import FloatArray

BOTH = 2 * GROUPS


def terms(phase: float) -> FloatArray:
    return basis_rows(np.array(phase))


def curve(phase: float, height: float = 1.0) -> float:
    return 0.6 + height * (0.5 * math.cos(phase) + 0.3 * math.sin(2 * phase) - 0.1 * math.cos(5 * phase))


def teach(template: MeanCycle, frames: int, height: float = 1.0, weights: list[float] | None = None) -> None:
    for i in range(frames):
        phase = 0.29 * i
        value = curve(phase, height)
        template.learn(phase, [complex(value, value)] * BOTH, weights or [1.0] * BOTH, 1 / 30)
    template.settle()


def test_slopes_are_the_derivatives_of_the_points() -> None:
    template = MeanCycle(np.random.default_rng(1).normal(size=(2, GROUPS, 2, TERMS)))
    (here, slopes), ahead = template.moving(0.7), template.now(0.7 + 1e-6)
    moved = np.subtract(ahead.points, here.points)
    np.testing.assert_allclose(moved / 1e-6, slopes, atol=1e-3)


def test_what_it_says_at_one_phase_is_what_its_coefficients_say() -> None:
    template = MeanCycle(np.random.default_rng(1).normal(size=(2, GROUPS, 2, TERMS)))
    x_y = template.at(terms(0.7))
    for now in (template.now(0.7), template.moving(0.7)[0]):
        np.testing.assert_allclose(now.groups, x_y[..., 0] + 1j * x_y[..., 1])


def test_a_curve_read_from_a_later_phase_on_is_the_same_curve() -> None:
    coefficients = np.random.default_rng(2).normal(size=TERMS)
    phases = np.linspace(0, 6, 9)
    later = basis_rows(phases) @ turned(coefficients, 1.3)
    np.testing.assert_allclose(later, basis_rows(phases + 1.3) @ coefficients)


def test_the_slope_of_a_curve_is_a_curve_too() -> None:
    coefficients = np.random.default_rng(3).normal(size=TERMS)
    ahead = (terms(0.9 + 1e-6) - terms(0.9)) @ coefficients / 1e-6
    assert terms(0.9) @ slope_of(coefficients) == pytest.approx(ahead, abs=1e-3)


def test_it_learns_the_curve_and_its_slope() -> None:
    template = MeanCycle(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 400)
    for phase in np.linspace(0, 6, 20):
        assert template.at(terms(phase))[1, FLEXION, 0] == pytest.approx(curve(phase), abs=0.02)


def test_it_is_the_weighted_least_squares_fit_of_what_it_was_shown() -> None:
    """Against the same fit from whole rows; nothing is forgotten in so short a time as two frames."""
    rng = np.random.default_rng(6)
    first = rng.normal(size=(2, GROUPS, 2, TERMS))
    template, phases, shown = MeanCycle(first), rng.uniform(0, 6, 2), rng.normal(size=(2, BOTH))
    for phase, values in zip(phases, shown.tolist(), strict=True):
        template.learn(phase, [complex(v) for v in values], [0.5] * BOTH, 1e-6)
    template.settle()
    rows = basis_rows(phases)
    mean_gram = MeanCycle.PRIOR_S * np.diag([1.0] + [0.5] * (TERMS - 1))
    ridge = 1e-3 * np.diag([0.0] + [k**2 / 100 for k in range(1, 7)] * 2)
    for group in range(BOTH):
        leg, own = divmod(group, GROUPS)
        gram = mean_gram + 0.5e-6 * rows.T @ rows + ridge
        moment = mean_gram @ first[leg, own, 0] + 0.5e-6 * rows.T @ shown[:, group]
        np.testing.assert_allclose(template.coefficients[leg, own, 0], np.linalg.solve(gram, moment), rtol=1e-5)


def test_products_of_terms_are_taken_from_few_waves() -> None:
    """With no prior, and much shown, the fit is exact: so every product of two terms was right."""
    template = MeanCycle(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.0)
    truth = np.random.default_rng(7).normal(size=TERMS)
    for phase in np.random.default_rng(8).uniform(0, 6.3, 4000):
        template.learn(phase, [complex(terms(phase) @ truth)] * BOTH, [1.0] * BOTH, 0.001)
    template.settle()
    np.testing.assert_allclose(template.coefficients[0, 0, 0], truth, atol=2e-3)


def test_it_follows_a_change_within_a_few_seconds() -> None:
    template = MeanCycle(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 300)
    teach(template, 180, height=0.8)
    assert template.at(terms(0.0))[0, 0, 0] == pytest.approx(curve(0.0, 0.8), abs=0.04)


def test_a_leg_that_is_left_out_forgets_nothing() -> None:
    template = MeanCycle(np.zeros((2, GROUPS, 2, TERMS)), prior_s=0.05)
    teach(template, 300)
    before = template.coefficients.copy()
    teach(template, 300, height=0.5, weights=[0.0] * GROUPS + [1.0] * GROUPS)
    np.testing.assert_allclose(template.coefficients[0], before[0], atol=1e-9)
    assert np.abs(template.coefficients[1] - before[1]).max() > 0.1


def test_missing_points_teach_nothing() -> None:
    first = np.random.default_rng(4).normal(size=(2, GROUPS, 2, TERMS))
    template = MeanCycle(first)
    template.learn(0.3, [complex(math.nan, math.nan)] * BOTH, [0.0] * BOTH, 1 / 30)
    template.settle()
    np.testing.assert_allclose(template.coefficients, first, atol=5e-3)


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_it_knows_how_much_of_the_noise_it_has_learnt(fps: int) -> None:
    """Noise as it is assumed, partly white and partly slow, over more strides than it remembers."""
    stride_s, strides, rng = 0.7, 12, np.random.default_rng(0)
    alike = math.exp(-1 / (fps * SLOW_S))
    template, slow = MeanCycle(np.zeros((2, GROUPS, 2, TERMS))), np.zeros(BOTH, complex)
    young = template.noise_share(0, 0, stride_s, 1 / fps, SLOW_SHARE)
    for i in range(round(strides * stride_s * fps)):
        news, white = rng.normal(size=(2, BOTH, 2)) @ [1, 1j]
        slow = alike * slow + math.sqrt(SLOW_SHARE * (1 - alike**2)) * news
        seen = slow + math.sqrt(1 - SLOW_SHARE) * white
        template.learn(2 * math.pi * i / (fps * stride_s), list(seen), [1.0] * BOTH, 1 / fps)
    template.settle()
    left = template.at(basis_rows(np.linspace(0, 2 * math.pi, 40)))[:, :, :POINTS]
    share = template.noise_share(0, 0, stride_s, 1 / fps, SLOW_SHARE)
    assert share == pytest.approx(np.mean(left**2), rel=0.25)
    assert young > 4 * share
