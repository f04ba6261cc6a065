"""Present, still, and where on the belt."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.gait import Activity
from coach.core.gait.activity import ActivityWatch, BeltPlace
from coach.core.gait.kinematics import Legs, body_px, normalised
from coach.core.units import FloatArray
from tests.core.movers import LEG_PX, as_pose, running, standing, swap_legs


def legs(t_s: float, xy_px: FloatArray) -> Legs:
    return normalised(t_s, body_px(as_pose(t_s, xy_px)).legs, 0j, "right", LEG_PX)


def test_nobody_is_away_after_half_a_second() -> None:
    watch = ActivityWatch()
    watch.see(0.0, present=True, legs=None)
    assert not watch.away(0.4)
    assert watch.without_rhythm(0.6) is Activity.AWAY
    assert ActivityWatch().away(0.0)


def test_standing_is_standing_though_the_legs_are_exchanged_now_and_then() -> None:
    watch, rng = ActivityWatch(), np.random.default_rng(0)
    for i in range(45):
        xy = standing() + rng.normal(0, 2, (13, 2))
        watch.see(i / 30, present=True, legs=legs(i / 30, swap_legs(xy) if i % 4 == 0 else xy))
    assert watch.without_rhythm(1.5) is Activity.STANDING


@pytest.mark.parametrize("fps", [24, 60])
def test_a_runner_is_never_still(fps: int) -> None:
    watch = ActivityWatch()
    for i in range(4 * fps):
        watch.see(i / fps, present=True, legs=legs(i / fps, running(i / fps)))
        assert not watch.still


def test_the_place_on_the_belt_is_told_against_the_usual_one() -> None:
    place = BeltPlace()
    for i in range(150):
        place.step(legs(i / 30, standing()))
    assert place.position_ll == pytest.approx(0.0, abs=1e-9)
    ahead = standing() + np.array([0.3 * LEG_PX, 0.0])
    assert place.step(legs(5.0, ahead)) == pytest.approx(0.3, abs=0.01)
    assert np.isnan(place.step(legs(5.1, np.full((13, 2), np.nan))))
