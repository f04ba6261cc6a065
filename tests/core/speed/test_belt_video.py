"""The belt's speed, read from the feet that ride on it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.pose import Keypoint, Side, other
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.belt_video import VideoSpeed
from tests.core.belt_runner import HEIGHT_CM, LEG_M, Camera, Run


def last(readings: list[BeltSpeed | None]) -> BeltSpeed:
    assert readings[-1] is not None
    return readings[-1]


def read(run: Run, height_cm: float | None = HEIGHT_CM) -> list[BeltSpeed | None]:
    return run.read(VideoSpeed(height_cm).step)


@pytest.mark.parametrize("speed_mps", [1.5, 2.5, 3.5, 4.5, 6.0])
@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_a_runner_of_known_height_needs_no_other_source(speed_mps: float, fps: float) -> None:
    speed = last(read(Run(lambda _: speed_mps, camera=Camera(fps=fps))))

    assert speed.origin is SpeedOrigin.VIDEO
    assert speed.speed_mps == pytest.approx(speed_mps, rel=0.03)
    assert abs(speed.speed_mps - speed_mps) < 2 * speed.sd_mps < 0.1 * speed_mps
    assert speed.age_s < 1.5


@pytest.mark.parametrize(
    "camera",
    [
        Camera(facing="left"),
        Camera(focal_px=300),
        Camera(focal_px=1500),
        Camera(distance_m=4.0),
        Camera(roll_deg=12),
        Camera(roll_deg=-12, facing="left"),
        Camera(yaw_deg=8),
        Camera(yaw_deg=-8),
    ],
    ids=str,
)
def test_where_the_camera_stands_hardly_matters(camera: Camera) -> None:
    speed = last(read(Run(lambda _: 3.5, camera=camera)))

    assert speed.speed_mps == pytest.approx(3.5, rel=0.035)


@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("roll_deg", [-10.0, 0.0, 6.0])
def test_the_belts_line_shows_the_cameras_roll(facing: str, roll_deg: float) -> None:
    camera = Camera(roll_deg=roll_deg, facing="left" if facing == "left" else "right")
    video = VideoSpeed(HEIGHT_CM)

    Run(lambda _: 3.0, camera=camera).read(video.step)

    front_up = -roll_deg if facing == "right" else roll_deg  # y points down: a positive turn lowers image-right
    assert video.belt_angle_deg == pytest.approx(front_up, abs=1.0)


@pytest.mark.parametrize(("before", "after"), [(2.5, 3.5), (3.5, 2.5), (4.5, 3.5), (3.0, 4.0), (1.5, 2.5)])
def test_a_change_of_one_metre_per_second_is_seen_within_three_seconds(before: float, after: float) -> None:
    run = Run(lambda t_s: before if t_s < 9 else after, duration_s=12.1, camera=Camera(noise_px=2.3))

    readings = read(run)

    assert last(readings[:269]).speed_mps == pytest.approx(before, rel=0.06)
    assert last(readings[: 12 * 30]).speed_mps == pytest.approx(after, rel=0.06)


def test_a_belt_that_ramps_is_followed() -> None:
    readings = read(Run(lambda t_s: 2.5 + min(max(t_s - 6, 0) * 0.3, 1.5), duration_s=16.0))

    assert last(readings).speed_mps == pytest.approx(4.0, rel=0.03)
    assert max(s.speed_mps for s in readings if s) < 4.2


def test_standing_on_the_rails_reads_zero_and_running_on_reads_the_belt_again() -> None:
    readings = read(Run(lambda _: 3.5, duration_s=18.0, stands=((6.0, 11.0),), camera=Camera(noise_px=2.3)))

    assert last(readings[: 5 * 30]).speed_mps == pytest.approx(3.5, rel=0.05)
    on_rails = readings[int(7.5 * 30) : 11 * 30]
    assert {s.speed_mps for s in on_rails if s} == {0.0}
    assert None not in on_rails
    assert last(readings[: 14 * 30]).speed_mps == pytest.approx(3.5, rel=0.05)


def test_a_stopped_belt_is_seen_within_three_seconds() -> None:
    readings = read(Run(lambda t_s: 3.5 if t_s < 6 else 0.0, duration_s=9.0, stands=((6.4, 99.0),)))

    assert last(readings).speed_mps == 0.0


def test_a_runner_who_has_left_has_no_speed() -> None:
    readings = read(Run(lambda _: 3.5, duration_s=20.0, hides=((6.0, 15.0),)))

    assert last(readings[: 8 * 30]).age_s > 1.5
    assert readings[14 * 30] is None
    assert last(readings).speed_mps == pytest.approx(3.5, rel=0.03)


def test_one_foot_is_enough() -> None:
    speed = last(read(Run(lambda _: 3.5, only_near=True)))

    assert speed.speed_mps == pytest.approx(3.5, rel=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_the_uncertainty_covers_noise(seed: int) -> None:
    speed = last(read(Run(lambda _: 3.5, camera=Camera(noise_px=3.5, seed=seed))))

    assert abs(speed.speed_mps - 3.5) < 2 * speed.sd_mps


class TestWithoutHeight:
    """Pixels alone know no metres, but they know of change."""

    def test_there_is_no_absolute_speed(self) -> None:
        video = VideoSpeed()

        readings = Run(lambda t_s: 2.5 if t_s < 6 else 3.5).read(video.step)

        assert set(readings) == {None}
        assert video.scale is None
        assert video.level.ll_s * LEG_M == pytest.approx(3.5, rel=0.03)

    def test_one_known_speed_gives_all_others(self) -> None:
        video = VideoSpeed()
        for t_s, pose, gait in Run(lambda t_s: 2.5 if t_s < 12 else 4.0, duration_s=18).frames():
            speed = video.step(t_s, pose, gait)
            if t_s < 12:
                video.calibrate(BeltSpeed(2.5, SpeedOrigin.TYPED, 0.01))

        assert speed is not None
        assert speed.speed_mps == pytest.approx(4.0, rel=0.015)
        assert video.scale is not None
        assert video.scale.origin == "calibrated"

    def test_a_remembered_scale_is_used_at_once(self) -> None:
        first = VideoSpeed()
        for t_s, pose, gait in Run(lambda _: 2.5).frames():
            first.step(t_s, pose, gait)
            first.calibrate(BeltSpeed(2.5, SpeedOrigin.TREADMILL, 0.02))

        second = last(Run(lambda _: 3.5, duration_s=4).read(VideoSpeed(scale=first.scale).step))

        assert second.speed_mps == pytest.approx(3.5, rel=0.03)

    def test_a_speed_that_no_leg_explains_is_refused(self) -> None:
        video = VideoSpeed()
        for t_s, pose, gait in Run(lambda _: 3.5).frames():
            video.step(t_s, pose, gait)
            video.calibrate(BeltSpeed(3.5 / 1.609344 / 1.2, SpeedOrigin.TREADMILL))

        assert video.calibration_refused
        assert video.scale is None


def test_a_known_speed_narrows_what_the_height_tells() -> None:
    video = VideoSpeed(1.06 * HEIGHT_CM)
    for t_s, pose, gait in Run(lambda _: 3.0, duration_s=18).frames():
        if t_s < 8:
            before = video.step(t_s, pose, gait)
        else:
            after = video.step(t_s, pose, gait)
            video.calibrate(BeltSpeed(3.0, SpeedOrigin.TREADMILL, 0.03))

    assert before is not None
    assert before.speed_mps == pytest.approx(3.0 * 1.06, rel=0.03)
    assert after is not None
    assert after.speed_mps == pytest.approx(3.0, rel=0.015)
    assert after.sd_mps < 0.6 * before.sd_mps


def test_miles_taken_for_kilometres_are_refused_where_the_height_is_known() -> None:
    video = VideoSpeed(HEIGHT_CM)
    for t_s, pose, gait in Run(lambda _: 3.5).frames():
        video.step(t_s, pose, gait)
        video.calibrate(BeltSpeed(3.5 / 1.609344, SpeedOrigin.TREADMILL))

    assert video.calibration_refused
    assert video.scale is not None
    assert video.scale.origin == "height"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.9), st.floats(0.0, 300.0))
def test_whatever_the_pose_says_the_speed_is_a_number_or_unknown(seed: int, missing: float, noise_px: float) -> None:
    rng = np.random.default_rng(seed)
    video = VideoSpeed(175)
    for t_s, pose, gait in Run(lambda _: 3.5, duration_s=5.0).frames():
        if pose is not None:
            pose.xy_px[rng.random(13) < missing] = np.nan
            pose.xy_px[:] += rng.normal(0, noise_px, pose.xy_px.shape)
        speed = video.step(t_s, pose, gait)
        if speed is not None:
            assert 0.0 <= speed.speed_mps < 15.0
            assert speed.sd_mps > 0
            assert math.isfinite(speed.sd_mps)
            assert speed.age_s >= 0


@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_network_that_bends_the_near_foot_and_shortens_the_far_legs_stride_is_seen_through(facing: Side) -> None:
    """The near ankle is right; near heel and toe read 10 % fast, the far foot 12 % slow."""
    video = VideoSpeed(HEIGHT_CM)
    far = other(facing)
    speed = None
    for t_s, pose, gait in Run(lambda t_s: 3.0 if t_s < 14 else 4.0, 20, camera=Camera(facing=facing)).frames():
        assert pose is not None
        for rows, factor in (
            ([Keypoint[f"{facing}_heel".upper()], Keypoint[f"{facing}_foot_index".upper()]], 1.10),
            ([row for row in Keypoint if row.name.startswith(far.upper())], 0.88),
        ):
            pose.xy_px[rows, 0] = 640 + factor * (pose.xy_px[rows, 0] - 640)
        speed = video.step(t_s, pose, gait)

    assert speed is not None
    assert speed.speed_mps == pytest.approx(4.0, rel=0.04)
