"""Contact, toe-off and peak flexion, read off a template whose curves are chosen by hand."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from coach.core.gait.events import CONTACT_SD_S, TOE_OFF_SD_S, EventPhases, read_cycle
from coach.core.gait.mean_cycle import FLEXION, GROUPS, HARMONICS, HIP_UP, TERMS, MeanCycle, basis_rows

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
    # The hips bounce twice a cycle; they fall fastest an eighth of a cycle after their top.
    coefficients[:, HIP_UP, 0] = wave(hips_fall_rad - TURN / 8, 0.05, harmonic=2)
    coefficients[0, FLEXION, 0] = running_knee(ankle_rad) if knee is None else knee
    return MeanCycle(coefficients)


def running_knee(contact_rad: float) -> np.ndarray:
    """Highest at 68 % of the cycle from contact on, with a second, lower bend in stance."""
    return np.asarray(wave(contact_rad + 0.68 * TURN, 0.8) + wave(contact_rad + 0.68 * TURN, 0.35, harmonic=2))


def read(rate_rad_s: float = RATE_RAD_S, **how: object) -> EventPhases:
    return read_cycle(template(**how), 0, rate_rad_s)  # type: ignore[arg-type]


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


def test_where_no_heel_was_ever_seen_the_ankle_tells_contact_alone() -> None:
    """As in a picture that ends above the belt."""
    unseen = template()
    unseen.coefficients[0, HEEL] = 0.0
    found = read_cycle(unseen, 0, RATE_RAD_S)

    assert found.contact_rad == pytest.approx(read().contact_rad, abs=1e-9)


def test_heel_and_ankle_on_either_side_of_the_turns_end_are_neighbours() -> None:
    found = read(rate_rad_s=0.0, ankle_rad=TURN - 0.1, heel_rad=0.3, hips_fall_rad=0.1)

    assert found.contact_rad == pytest.approx(0.1, abs=2e-3)


def test_a_leg_that_never_moved_has_events_too() -> None:
    """Flat curves have no top: the first place is as good as any, and nothing is divided by nothing."""
    found = read_cycle(MeanCycle(np.zeros((2, GROUPS, 2, TERMS))), 0, RATE_RAD_S)

    assert all(0 <= phase < TURN for phase in (found.contact_rad, found.toe_off_after_rad, found.peak_after_rad))


# Where each event is looked for. The cycle is read at 128 places, 2.8° apart. A curve that rises beyond the stretch
# that is searched holds the event at its end, half a place further on at the most. At rate 0 no offset counts.

PLACE = TURN / 128
REACH = 40
"""Where the foot is farthest ahead, in places."""


@pytest.mark.parametrize(
    ("fall", "found_at"), [(-14, -12.5), (-12, -12.0), (-11, -11.0), (0, 0.0), (25, 25.0), (26, 26.0), (28, 26.5)]
)
def test_the_hips_fall_from_a_tenth_of_the_cycle_before_the_reach_to_a_fifth_after_it(
    fall: float, found_at: float
) -> None:
    """Hips bounce twice a cycle; the other foot's fall, half a cycle away, must never be taken for this one's."""
    reach = REACH * PLACE
    found = read(rate_rad_s=0.0, ankle_rad=reach, heel_rad=reach, hips_fall_rad=reach + fall * PLACE)

    assert found.contact_rad == pytest.approx(reach + found_at / 2 * PLACE, abs=2e-3)


def at_contact(knee: np.ndarray) -> EventPhases:
    """Contact at `REACH`, all its signs agreeing, and this knee."""
    reach = REACH * PLACE
    return read(rate_rad_s=0.0, ankle_rad=reach, heel_rad=reach, hips_fall_rad=reach, knee=knee)


@pytest.mark.parametrize(
    ("straight", "found_at"), [(19, 20.5), (21, 21.0), (22, 22.0), (40, 40.0), (61, 61.0), (62, 62.0), (64, 62.5)]
)
def test_the_knee_is_straightest_between_a_sixth_and_a_half_of_the_cycle(straight: float, found_at: float) -> None:
    """Before, it gives way under the landing; after, it swings.

    A plain wave bends most suddenly where it is straightest, and that is looked for a little way on both sides.
    """
    found = at_contact(-wave((REACH + straight) * PLACE))

    assert found.toe_off_after_rad == pytest.approx((found_at + straight) / 2 * PLACE, abs=2e-3)


@pytest.mark.parametrize("sudden", [-5, -3, -2, -1, 0, 5, 8, 9, 10, 12])
def test_the_sudden_bend_is_looked_for_from_just_before_the_straightest_knee_to_a_fourteenth_of_the_cycle_after(
    sudden: float,
) -> None:
    """A ripple of a hundredth of the bend moves the sudden bend, and hardly the straightest knee."""
    straight, ripple = (REACH + 40) * PLACE, (REACH + 40 + sudden) * PLACE + math.pi / 6
    knee = -wave(straight) + wave(ripple, 0.012, harmonic=6)
    found = at_contact(knee)

    bend = knee * np.array([0.0, *[-(k**2) for k in range(1, HARMONICS + 1)] * 2])
    straightest = top_between(-knee, REACH + 30, REACH + 50)
    place = round(straightest)
    suddenly = top_between(bend, place - 2.5, place + 9.5)
    by_hand = 0.5 * (straightest + suddenly) - REACH
    assert found.toe_off_after_rad == pytest.approx(by_hand * PLACE, abs=4e-3)


def top_between(row: np.ndarray, first: float, last: float) -> float:
    """Where between two places a curve is highest, looked at closely."""
    places = np.linspace(first, last, 4001)
    return float(places[(basis_rows(places * PLACE) @ row).argmax()])


@pytest.mark.parametrize(
    ("peak", "found_at"), [(40, 41.5), (42, 42.0), (43, 43.0), (80, 80.0), (104, 104.0), (105, 105.0), (107, 105.5)]
)
def test_the_peak_of_the_swing_lies_between_a_third_and_five_sixths_of_the_cycle(peak: float, found_at: float) -> None:
    found = at_contact(wave((REACH + peak) * PLACE))

    assert found.peak_after_rad == pytest.approx(found_at * PLACE, abs=2e-3)


def test_what_differs_between_runners_is_as_little_as_force_plates_showed() -> None:
    """Half of what a stride's contact is off in docs/accuracy.md; the rest is noise and frame rate."""
    assert 0.004 < CONTACT_SD_S < TOE_OFF_SD_S < 0.010


def test_phases_that_were_read_do_not_change() -> None:
    phases = read_cycle(template(), 0, RATE_RAD_S)
    with pytest.raises(FrozenInstanceError):
        phases.contact_rad = 0.0  # type: ignore[misc]
