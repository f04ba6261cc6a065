"""One frame's geometry, and what is learnt of the camera: scale and facing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.gait.kinematics import FacingFinder, LegScale, body_px, knee_flexion_deg, leg_lengths_px, normalised
from coach.core.pose import Keypoint, Side
from tests.core.movers import LEG_PX, as_pose, running, standing, swap_legs

ORIGIN = np.zeros(2)


def ankle_at(flexion_deg: float, length: float = 1.0) -> np.ndarray:
    """Ankle of a leg whose hip is at (0, 0) and knee at (0, 1), bent by so much."""
    return np.array([0.0, 1.0]) + length * np.array([np.sin(np.radians(flexion_deg)), np.cos(np.radians(flexion_deg))])


@pytest.mark.parametrize("flexion_deg", [0.0, 15.0, 90.0, 140.0])
@pytest.mark.parametrize("shank", [0.4, 1.0, 30.0])
def test_knee_flexion_is_zero_when_straight_and_does_not_care_for_lengths(flexion_deg: float, shank: float) -> None:
    measured = knee_flexion_deg(ORIGIN, np.array([0.0, 1.0]), ankle_at(flexion_deg, shank))
    assert float(measured) == pytest.approx(flexion_deg, abs=1e-9)


def test_flexion_of_a_missing_or_coinciding_joint_is_unknown() -> None:
    knee = np.array([0.0, 1.0])
    assert np.isnan(knee_flexion_deg(np.array([np.nan, 0.0]), knee, ankle_at(30)))
    assert np.isnan(knee_flexion_deg(ORIGIN, knee, knee))


@given(angle=st.floats(-3, 3), scale=st.floats(1.0, 500), dx=st.floats(-900, 900), dy=st.floats(-900, 900))
def test_flexion_survives_turning_scaling_and_moving_the_picture(
    angle: float, scale: float, dx: float, dy: float
) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    joints = [scale * turn @ p + np.array([dx, dy]) for p in (ORIGIN, np.array([0.0, 1.0]), ankle_at(77.0))]
    assert float(knee_flexion_deg(*joints)) == pytest.approx(77.0, abs=1e-6)


@pytest.mark.parametrize("facing", ["left", "right"])
def test_normalised_legs_look_alike_whichever_way_the_runner_faces(facing: Side) -> None:
    legs = body_px(as_pose(0.3, running(0.3, facing=facing))).legs
    seen = normalised(0.3, legs, 0j, facing, LEG_PX)
    reference = normalised(0.3, body_px(as_pose(0.3, running(0.3))).legs, 0j, "right", LEG_PX)
    shift = seen.points_ll[0][0] - reference.points_ll[0][0]
    np.testing.assert_allclose(np.array(seen.points_ll) - shift, reference.points_ll, atol=1e-12)
    np.testing.assert_allclose(seen.flexion_deg, reference.flexion_deg, atol=1e-9)
    assert min(seen.flexion_deg) > 0


def test_an_overstretched_knee_reads_below_zero() -> None:
    pose = standing()
    pose[Keypoint.LEFT_KNEE, 0] -= 12.0
    assert normalised(0.0, body_px(as_pose(0.0, pose)).legs, 0j, "right", LEG_PX).flexion_deg[0] < 0


def test_the_scale_is_thigh_plus_shank_and_shrugs_off_wild_legs() -> None:
    scale, rng = LegScale(), np.random.default_rng(3)
    for i in range(300):
        lengths = np.array(leg_lengths_px(body_px(as_pose(i / 30, running(i / 30))).legs))
        if rng.random() < 0.15:
            lengths = lengths * rng.uniform(0.3, 2.0)
        scale.update(i / 30, lengths.tolist())
    assert scale.length_px == pytest.approx(LEG_PX, rel=0.01)


def test_the_scale_follows_a_runner_who_comes_nearer_and_waits_when_nothing_is_seen() -> None:
    scale = LegScale()
    for i in range(300):
        scale.update(i / 30, [200.0 * (1 + 0.1 * (i > 100))] * 2)
    assert scale.length_px == pytest.approx(220.0, rel=0.01)
    before = scale.length_px
    assert scale.update(10.1, [np.nan, np.nan]) == before


@pytest.mark.parametrize("nearer", [0.55, 0.8, 1.25, 1.8])
def test_the_scale_begins_anew_with_a_camera_that_is_moved(nearer: float) -> None:
    """Or that frames people by zooming: pulled along, the scale would take half a minute, and every length be wrong."""
    scale, rng = LegScale(), np.random.default_rng(2)
    for i in range(300):
        size = nearer if i >= 240 else 1.0
        scale.update(i / 30, (size * LEG_PX * rng.normal(1, 0.02, 2)).tolist())
        if i == 239:
            assert scale.begun_anew == 0
    assert scale.begun_anew == 1
    assert scale.length_px == pytest.approx(nearer * LEG_PX, rel=0.02)


def test_one_leg_that_reads_short_for_long_is_no_other_scale() -> None:
    scale = LegScale()
    for i in range(300):
        scale.update(i / 30, [LEG_PX, (0.6 if i > 60 else 1.0) * LEG_PX])
    assert scale.begun_anew == 0


def test_the_scale_is_unknown_before_anything_was_seen() -> None:
    assert np.isnan(LegScale().update(0.0, [np.nan, np.nan]))


@pytest.mark.parametrize("facing", ["left", "right"])
def test_facing_is_found_within_a_second_even_with_swapped_legs(facing: Side) -> None:
    finder, rng = FacingFinder(), np.random.default_rng(1)
    for i in range(30):
        xy = running(i / 30, facing=facing)
        finder.update(i / 30, body_px(as_pose(0.0, swap_legs(xy) if rng.random() < 0.4 else xy)).legs, LEG_PX)
    assert finder.facing == facing


@pytest.mark.parametrize("facing", ["left", "right"])
def test_facing_is_found_of_somebody_who_stands(facing: Side) -> None:
    finder = FacingFinder()
    for i in range(60):
        finder.update(i / 30, body_px(as_pose(0.0, standing(facing))).legs, LEG_PX)
    assert finder.facing == facing


def test_facing_is_held_through_a_short_look_round_and_given_up_for_good_reason() -> None:
    finder = FacingFinder()

    def watch(facing: Side, seconds: float, start_s: float) -> Side | None:
        for i in range(round(30 * seconds)):
            t = start_s + i / 30
            finder.update(t, body_px(as_pose(t, running(t, facing=facing))).legs, LEG_PX)
        return finder.facing

    assert watch("right", 5.0, 0.0) == "right"
    assert watch("left", 1.0, 5.0) == "right"
    assert watch("left", 15.0, 6.0) == "left"


@pytest.mark.parametrize("away_s", [2.5, 600.0])
def test_who_comes_back_facing_the_other_way_is_seen_so_within_a_second(away_s: float) -> None:
    finder = FacingFinder()

    def watch(facing: Side, start_s: float, seconds: float) -> list[Side | None]:
        times_s = (start_s + np.arange(round(30 * seconds)) / 30).tolist()
        return [finder.update(t, body_px(as_pose(t, running(t, facing=facing))).legs, LEG_PX) for t in times_s]

    watch("right", 0.0, 5.0)
    assert watch("left", 5.0 + away_s, 1.0)[-1] == "left"
    assert set(watch("right", 6.0 + away_s, 1.0)) == {"left"}, "in sight all the while, it takes more"


def test_since_when_a_runner_who_turned_round_looks_that_way_is_known() -> None:
    finder = FacingFinder()
    for i in range(900):
        facing: Side = "right" if i < 300 else "left"
        finder.update(i / 30, body_px(as_pose(i / 30, running(i / 30, facing=facing))).legs, LEG_PX)
    assert finder.facing == "left"
    assert finder.turned_s == pytest.approx(10.0, abs=0.5)


def test_who_was_told_which_way_to_look_does_not_turn_back_for_what_was_seen_before() -> None:
    finder = FacingFinder()
    for i in range(300):
        finder.update(i / 30, body_px(as_pose(i / 30, running(i / 30))).legs, LEG_PX)
    finder.know("left")
    assert finder.update(10.0, body_px(as_pose(10.0, running(10.0, facing="left"))).legs, LEG_PX) == "left"


def test_who_comes_back_as_before_faces_that_way_from_the_first_picture_on() -> None:
    finder = FacingFinder()
    for i in range(60):
        finder.update(i / 30, body_px(as_pose(0.0, running(i / 30))).legs, LEG_PX)
    assert finder.update(60.0, body_px(as_pose(0.0, running(60.0))).legs, LEG_PX) == "right"


def test_legs_at_another_size_are_doubted_before_the_scale_begins_anew() -> None:
    scale = LegScale()
    for i in range(120):
        scale.update(i / 30, [LEG_PX * (1.2 if i == 60 else 1.0)] * 2)
        assert not scale.doubted
    sizes = [(scale.update((120 + i) / 30, [0.8 * LEG_PX] * 2), scale.doubted) for i in range(60)]
    told_px = [length_px for length_px, doubted in sizes[4:] if not doubted]
    assert told_px
    assert told_px == pytest.approx([0.8 * LEG_PX] * len(told_px))
