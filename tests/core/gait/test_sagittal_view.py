"""The same run reads the same from wherever it is filmed, and the camera's place is told with its uncertainty."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.gait.camera_view import CameraAngles
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import BothLegs, PictureSize
from coach.core.gait.place_share import UNKNOWN_PLACE_SD_DEG
from coach.core.gait.sagittal_fit import rotation, to_plane
from coach.core.gait.sagittal_view import Lens, SagittalView
from coach.core.pose import Keypoint, Pose, Side
from tests.core.solid_runner import Place, filmed, later
from tests.core.watched import Watched, watch
from tests.synth import SynthRun, synthetic_run

LENS = Lens(1280, 720)
ANGLES = st.builds(CameraAngles, st.floats(-40, 40), st.floats(-20, 20), st.floats(-5, 5))
RAYS = st.builds(complex, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))


@cache
def sixteen_seconds() -> SynthRun:
    return synthetic_run(speed_mps=3.0, duration_s=16, fps=30, noise_ll=0.005, seed=3)


@pytest.fixture
def run() -> SynthRun:
    return sixteen_seconds()


def seen_from(run: SynthRun, place: Place, lens: Lens | None = LENS) -> Watched:
    if run is sixteen_seconds():
        return _sixteen_seconds_seen_from(place, lens)
    return watch(filmed(run, place, LENS), GaitTracker(lens=lens))


@cache
def _sixteen_seconds_seen_from(place: Place, lens: Lens | None) -> Watched:
    """Several tests look at the same."""
    return watch(filmed(sixteen_seconds(), place, LENS), GaitTracker(lens=lens))


def with_hips_drawn_together(film: Iterable[tuple[float, Pose | None]]) -> Iterator[tuple[float, Pose | None]]:
    """Hips as a network reads them that sees one hide the other: a third as far apart as they are."""
    hips = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
    for t_s, pose in film:
        assert pose is not None
        xy_px = pose.xy_px.copy()
        middle_px = xy_px[hips].mean(axis=0)
        xy_px[hips] = middle_px + (xy_px[hips] - middle_px) / 3
        yield t_s, replace(pose, xy_px=xy_px)


def error_deg(seen: Watched, run: SynthRun) -> float:
    """Mean of reported minus true near peaks, once the camera's place is known."""
    errors = [
        stride.peak_knee_flexion_deg - truth.peak_knee_flexion_deg
        for stride in seen.valid(run.near_side)
        for truth in run.of(run.near_side)
        if stride.start_s > 6 and abs(stride.peak_knee_flexion_s - truth.peak_knee_flexion_s) < 0.15
    ]
    assert len(errors) > 10
    return float(np.mean(errors))


def mean(seen: Watched, name: str) -> float:
    """Of a figure of the near leg's strides, once the camera's place is known."""
    strides = [stride for stride in seen.strides if stride.near and stride.valid and stride.start_s > 6]
    return float(np.mean([getattr(stride, name) for stride in strides]))


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(Place(yaw_deg=28, height_ll=0.5), id="ahead, on a chair"),
        pytest.param(Place(yaw_deg=-28, height_ll=1.3), id="behind, on a shelf"),
        pytest.param(Place(yaw_deg=20, height_ll=1.2, distance_ll=2.4, roll_deg=1.5), id="near and tilted"),
        # Far from where people put laptops: what is expected of them must not outweigh what the bones say.
        pytest.param(Place(yaw_deg=-28, height_ll=2.4, distance_ll=2.6), id="behind, over the runner's head"),
        pytest.param(Place(yaw_deg=-28, height_ll=0.05, distance_ll=2.4), id="behind, on the floor"),
    ],
)
def test_an_oblique_camera_is_found_and_corrected(run: SynthRun, place: Place) -> None:
    plain, corrected = seen_from(run, place, lens=None), seen_from(run, place)

    view = corrected.last.view
    # The demo's pelvis does not turn, as people's do: what is expected of bones is a little off for it.
    assert abs(error_deg(corrected, run)) < 3.0
    # Some places read right by chance: within a degree there is nothing to correct.
    assert abs(error_deg(corrected, run)) < max(abs(error_deg(plain, run)), 1.0)
    assert view.camera.yaw_deg == pytest.approx(place.yaw_deg, abs=5)
    assert len(corrected.valid(run.near_side)) >= len(plain.valid(run.near_side)) - 1


@pytest.mark.parametrize("yaw_deg", [0, 20])
@pytest.mark.parametrize("aims_ahead_ll", [-0.7, 0.7])
def test_where_it_stands_is_told_of_the_runner_not_of_the_picture(
    run: SynthRun, yaw_deg: float, aims_ahead_ll: float
) -> None:
    """A runner at the picture's edge is seen askew by a camera that stands at the side, and stands no less so."""
    seen = seen_from(run, Place(yaw_deg=yaw_deg, aims_ahead_ll=aims_ahead_ll))

    assert abs(error_deg(seen, run)) < 2.0
    assert seen.last.view.camera.yaw_deg == pytest.approx(yaw_deg, abs=5)


def test_a_camera_at_the_side_is_left_as_it_is(run: SynthRun) -> None:
    seen = seen_from(run, Place())

    assert abs(error_deg(seen, run)) < 1.0
    assert abs(seen.last.view.camera.yaw_deg) < 3


@pytest.mark.parametrize("yaw_deg", [-28, 28])
def test_hips_that_are_drawn_together_are_put_half_way_back(run: SynthRun, yaw_deg: float) -> None:
    """A near hip read 3 % of the leg beside its place turns the thigh by 3.6°; half is left, and all is stated."""
    place = Place(yaw_deg=yaw_deg, height_ll=0.9)
    apart = seen_from(run, place)
    together = watch(with_hips_drawn_together(filmed(run, place, LENS)), GaitTracker(lens=LENS))

    off_deg = abs(error_deg(together, run) - error_deg(apart, run))
    foot_off_ll = abs(mean(together, "foot_ahead_ll") - mean(apart, "foot_ahead_ll"))
    assert 1.0 < off_deg < 2.4
    assert foot_off_ll < 0.022
    doubt_deg = [mean(seen, "peak_knee_flexion_sd_deg") for seen in (apart, together)]
    assert math.sqrt(doubt_deg[1] ** 2 - doubt_deg[0] ** 2) == pytest.approx(2 * off_deg, rel=0.35)


def test_from_the_side_hips_that_are_drawn_together_change_nothing(run: SynthRun) -> None:
    apart = seen_from(run, Place())
    together = watch(with_hips_drawn_together(filmed(run, Place(), LENS)), GaitTracker(lens=LENS))

    assert error_deg(together, run) == pytest.approx(error_deg(apart, run), abs=0.5)
    assert mean(together, "peak_knee_flexion_sd_deg") == pytest.approx(
        mean(apart, "peak_knee_flexion_sd_deg"), rel=0.05
    )


def test_feet_on_the_belt_below_the_picture_do_not_hide_where_the_camera_stands() -> None:
    """Behind a laptop that stands near, one foot or the other is below the edge at any time."""
    run, place = synthetic_run(speed_mps=3.0, duration_s=8, noise_ll=0.005, seed=3), Place(yaw_deg=20)
    film = list(filmed(run, place, LENS))
    feet_px = [pose.xy_px[Keypoint.LEFT_HEEL : Keypoint.RIGHT_FOOT_INDEX + 1, 1].max() for _, pose in film if pose]
    edge_px = min(feet_px) - 1.0

    seen = watch(film, GaitTracker(lens=LENS, picture=PictureSize(height_px=edge_px)))

    assert seen.last.view.camera.yaw_deg == pytest.approx(place.yaw_deg, abs=6)


def test_who_faces_left_is_a_mirror_image() -> None:
    right, left = (synthetic_run(speed_mps=3.0, duration_s=9, facing=facing, seed=4) for facing in ("right", "left"))
    place = Place(yaw_deg=20, height_ll=0.8)

    ours, mirrored = (seen_from(run, place).last.view.camera for run in (right, left))

    assert mirrored.yaw_deg == pytest.approx(ours.yaw_deg, abs=2.5)


def test_the_place_grows_surer_while_the_run_goes_on(run: SynthRun) -> None:
    seen = seen_from(run, Place(yaw_deg=20))
    sds = [update.view.camera.yaw_sd_deg for update in seen.updates if update.view.camera.known]

    assert sds[-1] < sds[0]
    assert sds[-1] < 5


def test_a_camera_that_is_moved_is_followed() -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=55, fps=30, seed=5)
    first, then = (list(filmed(run, Place(yaw_deg=yaw), LENS)) for yaw in (0.0, 22.0))

    seen = watch([*first[:360], *then[360:]], GaitTracker(lens=LENS))

    assert seen.last.view.camera.yaw_deg == pytest.approx(22, abs=6)


@pytest.mark.parametrize("break_s", [3.2, 3.5])
def test_a_pause_does_not_mix_up_where_the_camera_stands(break_s: float) -> None:
    """The rhythm that is found after it counts its phase from elsewhere."""
    place = Place(yaw_deg=28, height_ll=1.1)
    before, after = (synthetic_run(speed_mps=3.0, duration_s=seconds, noise_ll=0.005, seed=6) for seconds in (12, 9))
    again_s = before.times_s[-1] + break_s
    film = [*filmed(before, place, LENS), *later(filmed(after, place, LENS), again_s)]

    seen = watch(film, GaitTracker(lens=LENS))

    cameras = [u.view.camera for u in seen.updates if u.t_s > again_s and u.view.camera.known]
    assert max(abs(camera.yaw_deg - place.yaw_deg) for camera in cameras) < 6
    assert max(camera.yaw_sd_deg for camera in cameras) < 5


def test_a_camera_that_is_moved_to_an_unusual_place_is_found_as_soon() -> None:
    """What is unusual is doubted however much is seen; whether it was moved is told by what was seen."""
    run = synthetic_run(speed_mps=3.0, duration_s=9, fps=30, noise_ll=0.02, seed=3)
    film = [*filmed(run, Place(yaw_deg=5), LENS), *later(filmed(run, Place(yaw_deg=-34), LENS), 14)]

    seen = watch(film, GaitTracker(lens=LENS))

    camera = next(u.view.camera for u in seen.updates if u.t_s > 14 + 4.2)
    assert camera.yaw_deg == pytest.approx(-34, abs=5)


def test_a_camera_that_is_moved_in_a_pause_is_found_within_seconds() -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=12, noise_ll=0.005, seed=6)
    film = [*filmed(run, Place(yaw_deg=25), LENS), *later(filmed(run, Place(yaw_deg=-10), LENS), 16)]

    seen = watch(film, GaitTracker(lens=LENS))

    camera = next(u.view.camera for u in seen.updates if u.t_s > 16 + 6)
    assert camera.yaw_deg == pytest.approx(-10, abs=5)


@pytest.mark.parametrize("facing", ["right", "left"])
def test_a_roll_is_told_as_the_picture_has_it(facing: Side) -> None:
    """Who faces left is filmed in a mirror here, so that camera hangs down on its left."""
    run = synthetic_run(speed_mps=3.0, duration_s=10, facing=facing, noise_ll=0.005, seed=3)

    told_deg = seen_from(run, Place(roll_deg=4)).last.view.camera.roll_deg

    assert 1.5 < told_deg * (1 if facing == "right" else -1) < 4.5


@pytest.mark.parametrize("facing", ["right", "left"])
def test_on_a_belt_that_climbs_a_leg_is_held_against_the_plumb_line(facing: Side) -> None:
    """Feet tell the belt's line; what it climbs by is known, and is neither the camera's roll nor lost on the leg.

    Here runner and belt are tilted together: with the trunk back, the legs are ahead of the plumb line.
    """
    climb_deg = 4.0
    run = synthetic_run(speed_mps=3.0, duration_s=12, facing=facing, noise_ll=0.005, seed=3)
    tracker = GaitTracker(lens=LENS)
    tracker.belt_climbs(100 * math.tan(math.radians(climb_deg)))

    level = seen_from(run, Place(yaw_deg=15))
    tilted = watch(filmed(run, Place(yaw_deg=15, roll_deg=climb_deg), LENS), tracker)

    assert tilted.last.view.camera.roll_deg == pytest.approx(level.last.view.camera.roll_deg, abs=0.5)
    for plain, climbing in zip(level.valid(run.near_side)[-5:], tilted.valid(run.near_side)[-5:], strict=True):
        assert climbing.peak_knee_flexion_deg == pytest.approx(plain.peak_knee_flexion_deg, abs=0.5)
        assert climbing.thigh_at_peak_deg - plain.thigh_at_peak_deg == pytest.approx(climb_deg, abs=0.5)
        # The hip stands about a leg above the foot that lands.
        assert climbing.foot_ahead_ll - plain.foot_ahead_ll == pytest.approx(math.radians(climb_deg), abs=0.01)


@pytest.mark.parametrize("roll_deg", [-12, 0, 6])
def test_a_camera_that_hangs_is_not_told_more_surely_than_it_is_known(run: SynthRun, roll_deg: float) -> None:
    """Feet that do not travel level may be a belt's that climbs: of what is unusual little is known."""
    camera = seen_from(run, Place(roll_deg=roll_deg)).last.view.camera

    assert abs(camera.roll_deg - roll_deg) < 1.5 * camera.roll_sd_deg
    assert camera.roll_sd_deg < (2.0 if roll_deg == 0 else 8.0)


@pytest.mark.parametrize("yaw_deg", [0, 15, 28])
def test_a_camera_over_the_runners_head_is_not_told_more_surely_than_it_is_known(run: SynthRun, yaw_deg: float) -> None:
    """What is usual draws it down by a quarter of its height: peaks were off by more than was stated of them."""
    place = Place(yaw_deg=yaw_deg, height_ll=2.2)
    camera = seen_from(run, place).last.view.camera
    looks_down_deg = math.degrees(math.asin(-place.axes()[2][1]))

    assert abs(camera.pitch_deg - looks_down_deg) < 1.5 * camera.pitch_sd_deg
    assert seen_from(run, Place()).last.view.camera.pitch_sd_deg < 2.5, "what is usual is known as it was"


def test_the_belt_climbs_no_less_for_who_turns_round() -> None:
    climb_deg = 4.0
    there, back = (synthetic_run(speed_mps=3.0, duration_s=11, facing=side, seed=7) for side in ("left", "right"))
    film = [*filmed(there, Place(), LENS), *later(filmed(back, Place(roll_deg=climb_deg), LENS), 12)]
    tracker = GaitTracker(lens=LENS)
    tracker.belt_climbs(100 * math.tan(math.radians(climb_deg)))

    seen = watch(film, tracker)

    assert seen.last.view.facing == "right"
    assert abs(seen.last.view.camera.roll_deg) < 0.7


def test_a_belt_that_is_raised_on_the_way_turns_neither_camera_nor_runner() -> None:
    climb_deg = 3.0
    run = synthetic_run(speed_mps=3.0, duration_s=40, noise_ll=0.005, seed=3)
    level, raised = (list(filmed(run, Place(yaw_deg=15, roll_deg=roll_deg), LENS)) for roll_deg in (0.0, climb_deg))
    tracker = GaitTracker(lens=LENS)
    rolls_deg = []
    for i in range(len(level)):
        climbs = i > 600
        # A treadmill that falls silent has not come down.
        tracker.belt_climbs(100 * math.tan(math.radians(climb_deg)) if climbs and i % 100 else math.nan)
        camera = tracker.step(*(raised if climbs else level)[i]).view.camera
        if camera.known:
            rolls_deg.append(camera.roll_deg)

    assert float(np.ptp(rolls_deg)) < 1.0


def test_who_turns_round_has_the_camera_on_the_other_side() -> None:
    """What stood ahead stands behind."""
    there, back = (synthetic_run(speed_mps=3.0, duration_s=11, facing=side, seed=7) for side in ("right", "left"))
    film = [*filmed(there, Place(yaw_deg=22), LENS), *later(filmed(back, Place(yaw_deg=-22), LENS), 12)]

    seen = watch(film, GaitTracker(lens=LENS))

    assert seen.last.view.facing == "left"
    assert seen.last.view.camera.yaw_deg == pytest.approx(-22, abs=6)


def test_a_peak_is_as_sure_as_the_place_of_the_camera(run: SynthRun) -> None:
    first, *_, last = seen_from(run, Place(yaw_deg=25)).valid(run.near_side)
    declared = seen_from(run, Place(), lens=None).valid(run.near_side)[0]

    assert first.peak_knee_flexion_shared_sd_deg > UNKNOWN_PLACE_SD_DEG, "nothing was known of it yet"
    assert last.peak_knee_flexion_shared_sd_deg < UNKNOWN_PLACE_SD_DEG / 2
    assert declared.peak_knee_flexion_shared_sd_deg < UNKNOWN_PLACE_SD_DEG / 2, "without a lens it stands at the side"
    # Strides of one run have their camera in common: against each other they are as sure as ever.
    assert first.own_peak_sd_deg < UNKNOWN_PLACE_SD_DEG / 2


def test_without_a_lens_nothing_is_claimed_of_the_camera(run: SynthRun) -> None:
    assert not seen_from(run, Place(), lens=None).last.view.camera.known


@given(ANGLES, st.lists(RAYS, min_size=1, max_size=5))
def test_turning_into_the_plane_undoes_the_projection(angles: CameraAngles, rays: list[complex]) -> None:
    """A point of the plane, seen by the turned camera, comes back where it was."""
    turn = rotation(angles)
    (places,) = to_plane(np.array([rays]), turn)
    solid = np.column_stack([places.real, -places.imag, -np.ones(len(rays))])
    back = solid @ turn.T

    assert np.allclose(back[:, 0] / back[:, 2] + 1j * back[:, 1] / back[:, 2], rays)


def test_axes_are_right_angled_and_side_on_is_no_turn() -> None:
    assert np.allclose(rotation(CameraAngles()), np.diag([1.0, -1.0, -1.0]))
    turn = rotation(CameraAngles(23, -7, 2))
    assert np.allclose(turn @ turn.T, np.eye(3))


@pytest.mark.parametrize("facing", ["left", "right"])
def test_before_anything_is_known_the_picture_stays_as_it_is(facing: Side) -> None:
    legs: BothLegs = ([complex(400 + 10 * i, 300 + 20 * i) for i in range(5)], [complex(1, 2)] * 5)

    left, right = SagittalView(LENS).seen_from_the_side(legs, facing)

    assert np.allclose(left, legs[0])
    assert np.allclose(right, legs[1])


def test_a_point_that_was_not_seen_stays_unseen() -> None:
    nowhere = complex(math.nan, math.nan)
    left, _ = SagittalView(LENS).seen_from_the_side(([nowhere] * 5, [1j] * 5), "right")

    assert all(cmath.isnan(point) for point in left)
