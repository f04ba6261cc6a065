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
    *,
    ankle_rad: float = 1.0,
    heel_rad: float = 1.0,
    hips_fall_rad: float = 1.1,
    knee: np.ndarray | None = None,
    ankle_up: np.ndarray | None = None,
) -> MeanCycle:
    """A left leg whose ankle and heel are farthest ahead, and whose hips fall fastest, at the given phases.

    Its ankle keeps its height unless it is told to rise.
    """
    coefficients = np.zeros((2, GROUPS, 2, TERMS))
    coefficients[0, ANKLE, 0] = wave(ankle_rad)
    coefficients[0, HEEL, 0] = wave(heel_rad)
    # The hips bounce twice a cycle; they fall fastest an eighth of a cycle after their top.
    coefficients[:, HIP_UP, 0] = wave(hips_fall_rad - TURN / 8, 0.05, harmonic=2)
    coefficients[0, ANKLE, 1] = (0.0 if ankle_up is None else ankle_up) - coefficients[0, HIP_UP, 0]
    coefficients[0, FLEXION, 0] = running_knee(ankle_rad) if knee is None else knee
    return MeanCycle(coefficients)


def running_knee(contact_rad: float) -> np.ndarray:
    """Highest at 68 % of the cycle from contact on, with a second, lower bend in stance."""
    return np.asarray(wave(contact_rad + 0.68 * TURN, 0.8) + wave(contact_rad + 0.68 * TURN, 0.35, harmonic=2))


def read(rate_rad_s: float = RATE_RAD_S, **how: object) -> EventPhases:
    return read_cycle(template(**how), 0, rate_rad_s)  # type: ignore[arg-type]


def contact_by_hand(feet_rad: float, falling_rad: float, toe_off_rad: float) -> float:
    """The mean of what feet and hips say, where the hips fall fastest 2/π³ of the stance's square after contact."""
    contact = feet_rad
    for _ in range(100):
        contact = 0.5 * (feet_rad + falling_rad - 2 / math.pi**3 * (toe_off_rad - contact) ** 2)
    return contact


def test_contact_is_the_mean_of_feet_and_hips() -> None:
    """29 ms after the foot is farthest ahead, and as long before the hips fall fastest as the stance's length says.

    Hips that fall while the belt carries less than the body's weight, on a leg that gives way like a spring.
    """
    found = read(ankle_rad=1.0, heel_rad=1.0, hips_fall_rad=1.6)

    toe_off = found.contact_rad + found.toe_off_after_rad
    by_hand = contact_by_hand(1.0 + 0.0295 * RATE_RAD_S, 1.6, toe_off)
    assert found.contact_rad == pytest.approx(by_hand, abs=1e-3)


def test_the_longer_the_stance_the_longer_it_takes_until_the_belt_carries_the_body() -> None:
    """A slow runner's hips fall fastest later after contact: with one offset for all, contact was told 5 ms late."""
    hips_after = {}
    for straight in (30, 60):
        found = read(hips_fall_rad=1.6, knee=-wave(1.0 + straight * PLACE))
        hips_after[straight] = found
    earlier = hips_after[30].contact_rad - hips_after[60].contact_rad
    longer2 = hips_after[60].toe_off_after_rad ** 2 - hips_after[30].toe_off_after_rad ** 2

    assert earlier == pytest.approx(longer2 / math.pi**3, abs=1e-3)
    assert earlier > 0.1


@pytest.mark.parametrize("apart_rad", [-0.4, 0.4])
def test_ankle_and_heel_count_alike(apart_rad: float) -> None:
    together, apart = read(), read(heel_rad=1.0 + apart_rad)

    # A quarter, and somewhat more: what makes the stance shorter lets the hips fall sooner.
    toe_off = together.contact_rad + together.toe_off_after_rad
    by_hand = contact_by_hand(1.0 + apart_rad / 2 + 0.0295 * RATE_RAD_S, 1.1, toe_off)
    assert apart.contact_rad == pytest.approx(by_hand, abs=1e-3)


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
    """Only from a third of the cycle after contact on, to the nearest place, is it a swing."""
    stance = wave(1.0 + 0.15 * TURN, 0.5, harmonic=3) + wave(1.0 + 0.15 * TURN, 0.9)
    found = read(knee=stance)

    assert 1 / 3 - PLACE / TURN < found.peak_after_rad / TURN < 5 / 6


@pytest.mark.parametrize("height", [0.25, 0.4])
def test_toe_off_comes_13_ms_before_the_middle_of_a_straight_knee_and_an_ankle_that_is_up_by_a_tenth_of_the_leg(
    height: float,
) -> None:
    reach, straight = REACH * PLACE, (REACH + 40) * PLACE
    rising = wave(straight + 30 * PLACE, height)
    found = read(ankle_rad=reach, heel_rad=reach, hips_fall_rad=reach, knee=-wave(straight), ankle_up=rising)
    toe_off = found.contact_rad + found.toe_off_after_rad

    phases = straight + PLACE * np.linspace(-18, 25, 4301)
    up = basis_rows(phases) @ rising
    stood = up[(phases >= straight - 18 * PLACE) & (phases <= straight - 8 * PLACE)].mean()
    risen = phases[up >= stood + 0.1][0]
    assert toe_off == pytest.approx(0.5 * (straight + risen) - 0.0133 * RATE_RAD_S, abs=2e-3)


def test_an_ankle_that_drags_is_heard_as_the_latest_of_measured_runners_and_makes_toe_off_unsure() -> None:
    """A shuffling runner's ankle is up late in swing: his feet stood for half of the stride, which is no running."""
    reach, straight = REACH * PLACE, (REACH + 40) * PLACE
    found = read(ankle_rad=reach, heel_rad=reach, hips_fall_rad=reach, knee=-wave(straight))

    toe_off = straight + (0.036 / 2 - 0.0133) * RATE_RAD_S
    assert found.contact_rad + found.toe_off_after_rad == pytest.approx(toe_off, abs=2e-3)
    assert found.late_rad == pytest.approx(10 * PLACE - 0.036 * RATE_RAD_S, abs=2e-3)


def test_offsets_are_times_and_grow_with_the_rate_as_phases() -> None:
    slow, fast = read(rate_rad_s=RATE_RAD_S), read(rate_rad_s=1.5 * RATE_RAD_S)

    off_slow, off_fast = (found.contact_rad + found.toe_off_after_rad for found in (slow, fast))
    assert off_fast - off_slow == pytest.approx(0.5 * (0.036 / 2 - 0.0133) * RATE_RAD_S, abs=1e-3)
    for rate, found in ((RATE_RAD_S, slow), (1.5 * RATE_RAD_S, fast)):
        toe_off = found.contact_rad + found.toe_off_after_rad
        assert found.contact_rad == pytest.approx(contact_by_hand(1.0 + 0.0295 * rate, 1.1, toe_off), abs=1e-3)


def test_where_no_heel_was_ever_seen_the_ankle_tells_contact_alone() -> None:
    """As in a picture that ends above the belt."""
    unseen = template()
    unseen.coefficients[0, HEEL] = 0.0
    found = read_cycle(unseen, 0, RATE_RAD_S)

    assert found.contact_rad == pytest.approx(read().contact_rad, abs=1e-9)


def test_heel_and_ankle_on_either_side_of_the_turns_end_are_neighbours() -> None:
    apart = read(rate_rad_s=0.0, ankle_rad=TURN - 0.1, heel_rad=0.3, hips_fall_rad=0.1)
    together = read(rate_rad_s=0.0, ankle_rad=0.1, heel_rad=0.1, hips_fall_rad=0.1, knee=running_knee(TURN - 0.1))

    assert apart.contact_rad == pytest.approx(together.contact_rad, abs=2e-3)


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

    toe_off = found.contact_rad + found.toe_off_after_rad
    assert found.contact_rad == pytest.approx(contact_by_hand(reach, reach + found_at * PLACE, toe_off), abs=2e-3)


def from_reach(knee: np.ndarray) -> tuple[float, float, float]:
    """Contact, toe-off and peak in places after `REACH`, where feet and hips have all their signs, with this knee."""
    reach = REACH * PLACE
    found = read(rate_rad_s=0.0, ankle_rad=reach, heel_rad=reach, hips_fall_rad=reach, knee=knee)
    after = np.array([0.0, found.toe_off_after_rad, found.peak_after_rad]) / PLACE
    contact, toe_off, peak = (found.contact_rad - reach) / PLACE + after
    return contact, toe_off, peak


@pytest.mark.parametrize(
    ("straight", "found_at"), [(19, 20.5), (21, 21.0), (22, 22.0), (40, 40.0), (61, 61.0), (62, 62.0), (64, 62.5)]
)
def test_the_knee_is_straightest_between_a_sixth_and_a_half_of_the_cycle(straight: float, found_at: float) -> None:
    """Before, it gives way under the landing; after, it swings. An ankle that stays down moves nothing."""
    _, toe_off, _ = from_reach(-wave((REACH + straight) * PLACE))

    assert toe_off == pytest.approx(found_at, abs=0.02)


@pytest.mark.parametrize("peak", [40, 42, 43, 80, 104, 105, 107])
def test_the_peak_of_the_swing_lies_between_a_third_and_five_sixths_of_the_cycle(peak: float) -> None:
    contact, _, found = from_reach(wave((REACH + peak) * PLACE))

    first, last = round(contact) + 42, round(contact) + 105
    assert found == pytest.approx(
        min(max(peak, first - 0.5), last + 0.5) if not first <= peak <= last else peak, abs=0.05
    )


def test_what_differs_between_runners_is_as_little_as_force_plates_showed() -> None:
    """Half of what a stride's contact is off in docs/accuracy.md; the rest is noise and frame rate."""
    assert 0.004 < CONTACT_SD_S < TOE_OFF_SD_S < 0.010


def test_phases_that_were_read_do_not_change() -> None:
    phases = read_cycle(template(), 0, RATE_RAD_S)
    with pytest.raises(FrozenInstanceError):
        phases.contact_rad = 0.0  # type: ignore[misc]
