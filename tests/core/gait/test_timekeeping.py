"""The stride clock."""

from __future__ import annotations

import math

import pytest

from coach.core.gait.timekeeping import FASTEST_HZ, SLOWEST_HZ, PhaseClock

TURN = 2 * math.pi


def pulled(clock: PhaseClock, true_rad: float, sd_rad: float = 0.05) -> None:
    """Tell the clock where the runner is."""
    clock.correct((true_rad - clock.phase_rad) / sd_rad**2, 1 / sd_rad**2)


@pytest.mark.parametrize("fps", [24, 60, 120])
def test_it_learns_phase_and_rate(fps: int) -> None:
    clock = PhaseClock(0.1, 1.3 * TURN)
    for i in range(4 * fps):
        clock.predict(1 / fps)
        pulled(clock, 1.4 * TURN * (i + 1) / fps)
    assert clock.rate_rad_s / TURN == pytest.approx(1.4, abs=0.01)
    assert clock.phase_rad == pytest.approx(1.4 * TURN * 4, abs=0.02)


def test_one_wild_frame_moves_it_a_little_only() -> None:
    clock = PhaseClock(0.0, 1.4 * TURN)
    pulled(clock, 3.0)
    assert abs(clock.phase_rad) <= 0.25 + 1e-9


def test_running_blind_it_knows_less_and_less() -> None:
    clock = PhaseClock(0.0, 1.4 * TURN)
    for _ in range(60):
        clock.predict(1 / 30)
        pulled(clock, clock.phase_rad)
    sure = clock.variance
    for _ in range(30):
        clock.predict(1 / 30)
    assert clock.variance > 4 * sure
    assert clock.phase_rad > 0


def test_it_never_runs_faster_or_slower_than_people_do() -> None:
    for pull in (1e6, -1e6):
        clock = PhaseClock(0.0, 1.4 * TURN)
        for _ in range(200):
            clock.predict(1 / 30)
            clock.correct(pull, 1.0)
        assert SLOWEST_HZ * TURN <= clock.rate_rad_s <= FASTEST_HZ * TURN


def test_no_information_changes_nothing() -> None:
    clock = PhaseClock(1.0, 9.0)
    clock.correct(0.0, 0.0)
    assert (clock.phase_rad, clock.rate_rad_s) == (1.0, 9.0)
