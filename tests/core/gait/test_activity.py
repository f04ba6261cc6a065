"""Present, still, and where on the belt."""

from __future__ import annotations

from collections.abc import Iterable

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


def walked(place: BeltPlace, from_s: float, ahead_ll: Iterable[float]) -> list[float]:
    """Where on the belt somebody is told to be who is so far ahead of where he stood, 30 pictures a second."""
    moved = ((from_s + i / 30, standing() + np.array([ll * LEG_PX, 0.0])) for i, ll in enumerate(ahead_ll))
    return [place.step(legs(t_s, xy_px)) for t_s, xy_px in moved]


@pytest.mark.parametrize("by_ll", [-2.0, 1.2])
def test_with_a_camera_that_is_turned_the_usual_place_is_another(by_ll: float) -> None:
    place = BeltPlace()
    walked(place, 0.0, [0.0] * 600)
    seen = walked(place, 25.0, [by_ll] * 90)
    assert abs(seen[10]) > BeltPlace.FAR_LL
    assert max(map(abs, seen[60:])) < 0.1


def test_who_drifts_back_is_not_taken_for_a_camera_that_is_turned() -> None:
    place = BeltPlace()
    walked(place, 0.0, [0.0] * 600)
    seen = walked(place, 20.0, np.linspace(0.0, -1.2, 90).tolist() + [-1.2] * 60)
    assert seen[-1] < -BeltPlace.FAR_LL
