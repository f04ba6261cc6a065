"""What breaks off and goes on: the runner leaves and comes back, the camera hangs, the film turns to slow motion."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.pose import Pose
from tests.core.gait.test_gait_tracker import steady
from tests.core.gait.test_hindsight import both_ways
from tests.core.movers import film
from tests.core.watched import watch


@pytest.mark.parametrize("away_s", [3.0, 40.0])
def test_who_comes_back_facing_the_other_way_is_measured_at_once_and_no_knee_bends_backward(away_s: float) -> None:
    there, back = steady(8.0), steady(8.0, facing="left", seed=1)
    nobody: list[tuple[float, Pose | None]] = [(8 + i / 30, None) for i in range(round(30 * away_s))]
    seen = watch([*there, *nobody, *((t + 8 + away_s, pose) for t, pose in back)])

    near = [s for s in seen.valid("left") if s.near]
    assert near[0].start_s < 8 + away_s + 1.5
    assert [s.peak_knee_flexion_deg for s in near] == pytest.approx([100.0] * len(near), abs=5)
    shown = [leg.knee_flexion_deg for update in seen.updates for leg in (update.left, update.right)]
    assert min(deg for deg in shown if math.isfinite(deg)) > -15.0


def test_after_a_break_the_cadence_is_that_of_the_new_rhythm_from_the_first_number_on() -> None:
    slow, quick = steady(10.0, hz=1.3), steady(10.0, hz=1.6, seed=1)
    nobody: list[tuple[float, Pose | None]] = [(10 + i / 30, None) for i in range(300)]
    seen = watch([*slow, *nobody, *((t + 20, pose) for t, pose in quick)])

    shown_spm = [u.cadence_spm for u in seen.updates if u.t_s > 20 and math.isfinite(u.cadence_spm)]
    assert shown_spm == pytest.approx([120 * 1.6] * len(shown_spm), abs=5.0)


@pytest.mark.parametrize("hang_s", [0.3, 1.0, 1.2, 1.9])
def test_of_pictures_that_never_came_no_event_is_told(hang_s: float) -> None:
    """A camera that hangs: the clock runs on, and nobody saw what the feet did."""
    frames = [(t, pose) for t, pose in steady(16.0) if not 6.0 < t < 6.0 + hang_s]
    events = [(event, update.t_s) for update in watch(frames).updates for event in update.events]

    assert not [event for event, _ in events if 6.04 < event.t_s < 5.96 + hang_s]
    assert all(told_s - event.t_s < 0.2 for event, told_s in events if event.t_s > 6)
    for side in ("left", "right"):
        times_s = [event.t_s for event, _ in events if event.side == side]
        assert times_s == sorted(times_s)


@pytest.mark.parametrize("change_s", [4.4, 4.55, 4.6])
def test_a_stride_in_which_a_film_turns_to_slow_motion_is_not_believed_where_it_is_wrong(change_s: float) -> None:
    """The clock goes on, and the leg seems to stop before its highest: read 35 to 49° low at the last two of these."""
    shown_s = np.arange(180) / 30
    true_s = np.where(shown_s < change_s, shown_s, change_s + (shown_s - change_s) / 8)
    poses = [pose for _, pose in film(true_s, noise_ll=0.01, seed=8)]
    near = both_ways(list(zip(shown_s.tolist(), poses, strict=True))).valid("right")
    assert len(near) >= 4
    assert [s.peak_knee_flexion_deg for s in near] == pytest.approx([100.0] * len(near), abs=8)
