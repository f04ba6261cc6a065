"""Contact, toe-off and peak flexion, read off a template whose curves are chosen by hand."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from coach.core.gait.events import CONTACT_SD_S, TOE_OFF_SD_S, EventPhases, read_cycle
from coach.core.gait.mean_cycle import FLEXION, GROUPS, HARMONICS, HIP_UP, TERMS, MeanCycle

ANKLE, HEEL = 1, 2
RATE_RAD_S = 2 * math.pi * 1.4
"""168 steps a minute."""
TURN = 2 * math.pi


def wave(peak_rad: float, height: float = 1.0, harmonic: int = 1) -> np.ndarray:
    """(13,): a cosine that is highest at `peak_rad`."""
    row = np.zeros(TERMS)
    row[harmonic] = height * math.cos(harmonic * peak_rad)
    row[HARMONICS + harmonic] = height * math.sin(harmonic * peak_rad)
    return row


def template(
    *, ankle_rad: float = 1.0, heel_rad: float = 1.0, hips_fall_rad: float = 1.1, knee: np.ndarray | None = None
) -> MeanCycle:
    """A left leg whose ankle and heel are farthest ahead, and whose hips fall fastest, at the given phases."""
    coefficients = np.zeros((2, GROUPS, 2, TERMS))
    coefficients[0, ANKLE, 0] = wave(ankle_rad)
    coefficients[0, HEEL, 0] = wave(heel_rad)
    coefficients[0, HEEL, 1] = wave(0.0, 0.2)
    # The hips bounce twice a cycle; they fall fastest an eighth of a cycle after their top.
    coefficients[:, HIP_UP, 0] = wave(hips_fall_rad - TURN / 8, 0.05, harmonic=2)
    coefficients[0, FLEXION, 0] = running_knee(ankle_rad) if knee is None else knee
    return MeanCycle(coefficients)


def running_knee(contact_rad: float) -> np.ndarray:
    """Highest at 68 % of the cycle from contact on, with a second, lower bend in stance."""
    return np.asarray(wave(contact_rad + 0.68 * TURN, 0.8) + wave(contact_rad + 0.68 * TURN, 0.35, harmonic=2))


def read(rate_rad_s: float = RATE_RAD_S, **how: object) -> EventPhases:
    return read_cycle(template(**how), 0, rate_rad_s)[0]  # type: ignore[arg-type]


def test_contact_comes_29_ms_after_the_foot_is_farthest_ahead_and_31_ms_before_the_hips_fall_fastest() -> None:
    """Half of either, as measured against force plates (Fukuchi 2017, 13 runners)."""
    found = read(ankle_rad=1.0, heel_rad=1.0, hips_fall_rad=1.6)

    forward = 1.0 + 0.0295 * RATE_RAD_S
    falling = 1.6 - 0.0313 * RATE_RAD_S
    assert found.contact_rad == pytest.approx((forward + falling) / 2, abs=1e-3)


@pytest.mark.parametrize("apart_rad", [-0.4, 0.4])
def test_ankle_and_heel_count_alike(apart_rad: float) -> None:
    together, apart = read(), read(heel_rad=1.0 + apart_rad)

    assert apart.contact_rad - together.contact_rad == pytest.approx(apart_rad / 4, abs=1e-3)


@pytest.mark.parametrize("shift_rad", [0.3, 2.0, 3.5, 5.2, 6.1, TURN])
def test_the_cycle_may_begin_anywhere(shift_rad: float) -> None:
    """Contact near the end of the turn, peak and toe-off beyond it: the phases from contact on stay what they were."""
    here = read()
    there = read(ankle_rad=1.0 + shift_rad, heel_rad=1.0 + shift_rad, hips_fall_rad=1.1 + shift_rad)

    assert there.contact_rad == pytest.approx((here.contact_rad + shift_rad) % TURN, abs=2e-3)
    assert there.toe_off_after_rad == pytest.approx(here.toe_off_after_rad, abs=1e-2)
    assert there.peak_after_rad == pytest.approx(here.peak_after_rad, abs=2e-3)


def test_the_peak_is_the_highest_flexion_of_the_swing() -> None:
    found = read()

    assert (found.contact_rad + found.peak_after_rad) % TURN == pytest.approx(1.0 + 0.68 * TURN, abs=2e-3)


def test_a_higher_bend_in_stance_is_not_the_peak() -> None:
    """Only from a third of the cycle after contact on is it a swing."""
    stance = wave(1.0 + 0.15 * TURN, 0.5, harmonic=3) + wave(1.0 + 0.15 * TURN, 0.9)
    found = read(knee=stance)

    assert 1 / 3 < found.peak_after_rad / TURN < 5 / 6


def test_toe_off_lies_between_the_straightest_knee_and_its_most_sudden_bend() -> None:
    """10 ms before the one, 23 ms before the other, half of either (the same force plates)."""
    found = read()
    phases = np.linspace(0, TURN, 20_001)
    after = 0.68 * TURN
    knee = 0.8 * np.cos(phases - after) + 0.35 * np.cos(2 * (phases - after))
    folding = -0.8 * np.cos(phases - after) - 1.4 * np.cos(2 * (phases - after))
    late_stance = (phases > TURN / 6) & (phases < TURN / 2)
    straight = phases[late_stance][knee[late_stance].argmin()]
    close = np.abs(phases - straight) < TURN / 10
    sudden = phases[close][folding[close].argmax()]
    contact = found.contact_rad - 1.0

    by_hand = 0.5 * (straight - 0.0097 * RATE_RAD_S + sudden - 0.0231 * RATE_RAD_S) - contact
    assert found.toe_off_after_rad == pytest.approx(by_hand, abs=3e-3)


def test_offsets_are_times_and_grow_with_the_rate_as_phases() -> None:
    slow, fast = read(rate_rad_s=RATE_RAD_S), read(rate_rad_s=2 * RATE_RAD_S)

    assert fast.contact_rad - slow.contact_rad == pytest.approx(0.5 * (0.0295 - 0.0313) * RATE_RAD_S, abs=1e-3)
    assert (fast.toe_off_after_rad + fast.contact_rad) - (slow.toe_off_after_rad + slow.contact_rad) == pytest.approx(
        -0.5 * (0.0097 + 0.0231) * RATE_RAD_S, abs=1e-3
    )


def test_the_lowest_heel_is_that_of_hip_and_heel_together() -> None:
    _, lowest_ll = read_cycle(template(), 0, RATE_RAD_S)
    phases = np.linspace(0, TURN, 20_001)
    by_hand = 0.2 * np.cos(phases) + 0.05 * np.cos(2 * (phases - (1.1 - TURN / 8)))

    assert lowest_ll == pytest.approx(by_hand.min(), abs=2e-3)


def test_what_differs_between_runners_is_as_little_as_force_plates_showed() -> None:
    """Half of what a stride's contact is off in docs/accuracy.md; the rest is noise and frame rate."""
    assert 0.004 < CONTACT_SD_S < TOE_OFF_SD_S < 0.010


def test_phases_that_were_read_do_not_change() -> None:
    phases, _ = read_cycle(template(), 0, RATE_RAD_S)
    with pytest.raises(FrozenInstanceError):
        phases.contact_rad = 0.0  # type: ignore[misc]
