"""Finding the rhythm in two seconds of frames."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.gait.cadence_search import CadenceFit, search
from coach.core.gait.kinematics import Legs, body_px, normalised
from coach.core.gait.mean_cycle import FLEXION, basis_rows
from tests.core.movers import LEG_PX, as_pose, film, run_knee_deg, running, standing, swap_legs, walking


def found(frames: list[Legs]) -> tuple[CadenceFit | None, int]:
    """What the search finds, and in how many steps."""
    work, steps = search(frames), 0
    while True:
        try:
            next(work)
            steps += 1
        except StopIteration as done:
            return done.value, steps


def seen(pictures: list[np.ndarray], fps: float) -> list[Legs]:
    return [
        normalised(i / fps, body_px(as_pose(i / fps, xy)).legs, 0j, "right", LEG_PX) for i, xy in enumerate(pictures)
    ]


def noisy(pictures: list[np.ndarray], noise_ll: float = 0.012, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [xy + rng.normal(0, noise_ll * LEG_PX, xy.shape) for xy in pictures]


def runner(hz: float, fps: float) -> list[np.ndarray]:
    return [running(i / fps, hz=hz) for i in range(round(1.8 * fps))]


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("hz", [1.15, 1.4, 1.7])
def test_it_finds_rate_and_curve(fps: float, hz: float) -> None:
    lock, steps = found(seen(noisy(runner(hz, fps)), fps))
    assert lock is not None
    assert lock.rate_rad_s / (2 * math.pi) == pytest.approx(hz, rel=0.02)
    assert lock.spread_ll < 0.03
    assert steps > 20  # cut into small steps, so that no frame waits
    row = basis_rows(np.array(lock.phase_rad + lock.rate_rad_s * 0.5))
    shown = np.degrees(lock.coefficients[0, FLEXION, 0] @ row)
    assert shown == pytest.approx(run_knee_deg(0.5 * hz % 1), abs=6.0)


@pytest.mark.parametrize("seed", range(4))
def test_a_third_of_swapped_frames_does_not_mislead_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = noisy(runner(1.4, 30.0), seed=seed)
    swapped = np.repeat(rng.random(18) < 0.3, 3)
    lock, _ = found(seen([swap_legs(xy) if s else xy for xy, s in zip(pictures, swapped, strict=True)], 30.0))
    assert lock is not None
    assert lock.rate_rad_s / (2 * math.pi) == pytest.approx(1.4, rel=0.03)


def test_a_walker_is_found_at_the_walkers_rate() -> None:
    lock, _ = found(seen(noisy([walking(i / 30, hz=0.85) for i in range(54)]), 30.0))
    assert lock is not None
    assert lock.rate_rad_s / (2 * math.pi) == pytest.approx(0.85, rel=0.03)


def test_there_is_no_rhythm_in_standing_in_noise_or_in_too_little() -> None:
    rng = np.random.default_rng(0)
    anything = [standing() + rng.normal(0, 60, (13, 2)) for _ in range(54)]
    assert found(seen(noisy([standing()] * 54), 30.0))[0] is None
    assert found(seen(anything, 30.0))[0] is None
    assert found(seen(runner(1.4, 30.0)[:10], 30.0))[0] is None
    assert found(seen([np.full((13, 2), np.nan)] * 54, 30.0))[0] is None


def test_missing_points_are_bridged() -> None:
    rng = np.random.default_rng(2)
    frames = seen(noisy([legs.xy_px for _, legs in film(np.arange(54) / 30) if legs is not None]), 30.0)
    for legs in frames:
        for leg in legs.points_ll:
            assert isinstance(leg, list)
            leg[:] = [complex(math.nan, math.nan) if rng.random() < 0.1 else point for point in leg]
    lock, _ = found(frames)
    assert lock is not None
    assert lock.rate_rad_s / (2 * math.pi) == pytest.approx(1.4, rel=0.02)
