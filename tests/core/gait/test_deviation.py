"""A stride's own deviation, and the noise it must be told from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.gait.deviation import (
    SLOW_S,
    SLOW_SHARE,
    DeviationFilter,
    NoiseGauge,
    Readings,
    rigid_turns,
    smoothed,
)
from coach.core.units import FloatArray
from tests.core.gait.test_repair import TRUE

ALL = np.ones((2, 4))
ComplexArray = np.ndarray
"""(2, 4): knee, ankle, heel and toe of both legs."""


def read(gap_ll: ComplexArray, weights: FloatArray = ALL) -> list[float]:
    """What either leg of TRUE is read as, seen so far from where it is expected."""
    return [rigid_turns(*leg).flexion_deg for leg in zip(TRUE.tolist(), gap_ll.tolist(), weights.tolist(), strict=True)]


def bent(flexion_deg: float) -> ComplexArray:
    """Both legs with shank and foot turned about the knee, so that the knee folds more."""
    angle = -math.radians(flexion_deg)
    points = TRUE.copy()
    points[:, 1:] = (points[:, 1:] - points[:, :1]) * np.exp(1j * angle) + points[:, :1]
    return points


@pytest.mark.parametrize("more_deg", [-15.0, -6.0, 2.0, 5.0, 15.0])
def test_a_folded_knee_is_read_as_such_and_a_straighter_one_as_far_off(more_deg: float) -> None:
    reading = read(bent(more_deg) - TRUE)
    np.testing.assert_allclose(reading, more_deg, atol=0.05 + 0.01 * abs(more_deg))


@pytest.mark.parametrize("forward_deg", [-8.0, -2.0, 5.0])
def test_a_leg_that_swings_farther_turns_the_thigh_and_not_the_knee(forward_deg: float) -> None:
    for leg, gap in zip(TRUE, TRUE * np.exp(1j * math.radians(forward_deg)) - TRUE, strict=True):
        turns = rigid_turns(leg.tolist(), gap.tolist(), [1.0] * 4)
        # A little of it is taken for an error of the hip, which moves all points alike.
        assert turns.thigh_deg == pytest.approx(forward_deg, rel=0.12, abs=0.1)
        assert turns.flexion_deg == pytest.approx(0.0, abs=0.1 * abs(forward_deg))


def test_noise_bends_it_less_than_it_bends_the_plain_angle() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 0.012, (400, *TRUE.shape, 2)) @ [1, 1j]

    def plain(points: ComplexArray) -> FloatArray:
        thigh, shank = points[:, 0], points[:, 1] - points[:, 0]
        return np.asarray(np.degrees(-np.angle(thigh.conj() * shank)))

    rigid = np.array([read(n) for n in noise])
    raw = np.array([plain(TRUE + n) - plain(TRUE) for n in noise])
    assert rigid[:, 1].std() < 0.93 * raw[:, 1].std()


def test_without_knee_or_ankle_there_is_no_reading() -> None:
    weights = ALL.copy()
    weights[0, 1] = 0
    gap = np.full(TRUE.shape, complex(np.nan, np.nan))
    gap[1] = 0.0
    reading = read(gap, weights)
    assert math.isnan(reading[0])
    assert reading[1] == pytest.approx(0.0, abs=1e-9)


def test_it_is_the_least_squares_fit_of_the_leg_s_turns() -> None:
    """Against the same fit written out: three turns and the hip's error, each held by a little information."""
    rng = np.random.default_rng(9)
    for _ in range(20):
        points, gap = rng.normal(0, 0.5, (4, 2)), rng.normal(0, 0.05, (4, 2))
        weights = np.concatenate([rng.uniform(0.1, 1, 2), rng.choice([0.0, 0.7], 2)])
        between = points + gap / 2
        knee, ankle = between[:2]
        arms = np.array([[knee, knee, knee, knee], [knee - knee, *between[1:] - knee], [knee - knee] * 4])
        arms[1, 2:] = ankle - knee
        arms[2, 2:] = between[2:] - ankle
        design = np.concatenate([np.stack([-arms[..., 1], arms[..., 0]], -1).reshape(3, 8), -np.tile(np.eye(2), 4)])
        information = np.repeat(weights / np.array([0.8, 1.0, 1.2, 1.2]) ** 2, 2)
        normal = (design * information) @ design.T + np.diag([1e-4, 1e-4, 1e-3, 1.0, 1.0])
        turns = np.linalg.solve(normal, (design * information) @ gap.ravel())
        found = rigid_turns((points @ [1, 1j]).tolist(), (gap @ [1, 1j]).tolist(), weights.tolist()).flexion_deg
        assert found == pytest.approx(math.degrees(turns[0] - turns[1]))


def noise_like_a_network(times: FloatArray, sd: float, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    slow = np.empty(len(times))
    slow[0] = rng.normal()
    for i in range(1, len(times)):
        keep = math.exp(-(times[i] - times[i - 1]) / SLOW_S)
        slow[i] = keep * slow[i - 1] + math.sqrt(1 - keep**2) * rng.normal()
    return np.asarray(sd * (math.sqrt(SLOW_SHARE) * slow + math.sqrt(1 - SLOW_SHARE) * rng.normal(size=len(times))))


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
@pytest.mark.parametrize("sd_deg", [1.0, 4.0])
def test_the_gauge_finds_the_noise_at_any_frame_rate(fps: int, sd_deg: float) -> None:
    times = np.arange(60 * fps) / fps
    gauge, found = NoiseGauge(4.0), []
    for t, x in zip(times.tolist(), noise_like_a_network(times, sd_deg).tolist(), strict=True):
        gauge.take(t, (x,), swing=True, neighbours_s=0.06)
        found.append(math.sqrt(*gauge.variances(True)))
    assert np.median(found[20 * fps :]) == pytest.approx(sd_deg, rel=0.2)
    assert gauge.variances(False) == [4.0]


def test_the_smoother_keeps_a_real_change_and_shrinks_noise() -> None:
    times = np.arange(-0.35, 0.36, 1 / 30)
    real = 6.0 * np.exp(-((times / 0.2) ** 2))
    usual = np.full(len(times), 5.0)
    at, sd_at = np.array([0.0]), np.array([5.0])
    clean, sure = smoothed(at, sd_at, Readings(times, real, usual, 0.1), 0.25)
    assert clean[0] == pytest.approx(6.0, abs=0.2)
    noisy = [
        smoothed(at, sd_at, Readings(times, noise_like_a_network(times, 2.0, s), usual, 4.0), 0.25)[0][0]
        for s in range(60)
    ]
    assert np.std(noisy) < 1.7
    _, unsure = smoothed(at, sd_at, Readings(times, real, usual, 4.0), 0.25)
    assert sure[0] < unsure[0] < 2.5


def test_readings_that_contradict_each_other_are_not_as_sure_as_their_noise() -> None:
    """A leg lay on the other one for two pictures, and its points were not so far off as to be left out."""
    times = np.arange(-0.35, 0.36, 1 / 30)
    at, usual = np.array([0.0]), np.full(len(times), 8.0)
    read = noise_like_a_network(times, 2.0, 1)
    _, sure = smoothed(at, usual[:1], Readings(times, read, usual, 4.0), 0.25)
    collapsed = np.where(np.abs(times - 0.05) < 0.034, read - 35.0, read)
    low, unsure = smoothed(at, usual[:1], Readings(times, collapsed, usual, 4.0), 0.25)
    assert sure[0] < 2.0
    assert low[0] < -8.0
    assert unsure[0] > 5.0
    # The same pictures long before the moment that is asked for are no doubt of it.
    earlier = np.where(np.abs(times + 0.3) < 0.034, read - 35.0, read)
    _, still = smoothed(at, usual[:1], Readings(times, earlier, usual, 4.0), 0.25)
    assert still[0] < 2.0


def test_a_stride_unlike_the_mean_one_is_as_unsure_as_what_the_estimate_holds_back() -> None:
    """Where little is allowed for, as of the far leg, half of a large deviation is taken for noise."""
    times = np.arange(-0.35, 0.36, 1 / 30)
    at, usual = np.array([0.0]), np.full(len(times), 3.2)
    short, unsure = smoothed(at, usual[:1], Readings(times, np.full(len(times), 14.0), usual, 16.0, 0.375), 0.25)
    _, sure = smoothed(at, usual[:1], Readings(times, np.zeros(len(times)), usual, 16.0, 0.375), 0.25)
    assert short[0] < 11.0
    assert 14.0 - short[0] < 2.5 * unsure[0]
    assert sure[0] < 0.4 * unsure[0]


def test_the_live_filter_follows_and_lets_go() -> None:
    live = DeviationFilter()
    for _ in range(10):
        live.predict(1 / 60)
        live.legs[0].correct(8.0, 1.0, 5.0)
    assert 5.0 * live.legs[0].deviation == pytest.approx(8.0, abs=1.0)
    assert live.legs[1].deviation == 0.0
    for _ in range(90):
        live.predict(1 / 60)
    assert abs(5.0 * live.legs[0].deviation) < 0.3
    assert live.legs[0].variance == pytest.approx(1.0, abs=0.04)
