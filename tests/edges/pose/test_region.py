"""The region is cut true to scale and stands still; MediaPipe's own cut lies on a grid of 1/32 pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.units import FloatArray
from coach.edges.demo import DemoSource
from coach.edges.pose.landmark_network import CROP_PX
from coach.edges.pose.region import (
    SIDE_BODIES,
    TILT_DEG,
    BodyPlace,
    Region,
    RegionTracker,
    in_crop_pixels,
    sample_on_grid,
)

PLACES = st.floats(-200, 900)


@given(x=PLACES, y=PLACES, side=st.floats(40, 1500), tilt=st.floats(-40, 40), px=PLACES, py=PLACES)
def test_there_and_back_again(x: float, y: float, side: float, tilt: float, px: float, py: float) -> None:
    region = Region(x, y, side, tilt)
    points: FloatArray = np.array([(px, py), (x, y)])
    assert region.to_picture(region.to_crop(points)) == pytest.approx(points, abs=1e-6)
    assert region.to_crop(points)[1] == pytest.approx((CROP_PX / 2, CROP_PX / 2))


def test_the_tilt_leans_the_up_axis_to_image_right() -> None:
    region = Region(100, 100, 200, 17)
    top = region.to_picture(np.array([(CROP_PX / 2, 0.0)]))[0]
    assert top == pytest.approx((100 + 100 * np.sin(np.radians(17)), 100 - 100 * np.cos(np.radians(17))))


@pytest.mark.parametrize("side_px", [120.0, 256.0, 370.0, 800.0])
@pytest.mark.parametrize("tilt_deg", [-17.0, 0.0, 17.0])
def test_a_spot_of_the_picture_lies_in_the_crop_where_the_map_says(side_px: float, tilt_deg: float) -> None:
    picture = np.zeros((900, 1000, 3), np.uint8)
    lines, columns = np.mgrid[:900, :1000]
    spot_px = (470.0, 420.0)
    picture[np.hypot(columns - spot_px[0], lines - spot_px[1]) < side_px / 20] = 255
    region = Region(450, 440, side_px, tilt_deg)
    crop = region.cut(picture)
    assert crop.shape == (CROP_PX, CROP_PX, 3)
    weight = crop[:, :, 0].astype(float)
    lines, columns = np.mgrid[:CROP_PX, :CROP_PX]
    middle = (weight * columns).sum() / weight.sum(), (weight * lines).sum() / weight.sum()
    assert middle == pytest.approx(tuple(region.to_crop(np.array([spot_px]))[0]), abs=0.6)


@pytest.mark.parametrize("x_px", [-500.0, 0.0, 640.0, 3000.0])
def test_beyond_the_picture_it_is_black(x_px: float) -> None:
    crop = Region(x_px, 240, 500, 17).cut(np.full((480, 640, 3), 200, np.uint8))
    assert crop.shape == (CROP_PX, CROP_PX, 3)
    inside = crop.max(initial=0) > 0
    assert inside == (-200 < x_px < 900)


def at(t_s: float, x_px: float = 320.0, height_px: float = 400.0) -> BodyPlace:
    """A runner who bounces."""
    y_px = 240 + 10 * np.sin(2 * np.pi * 2.8 * t_s)
    return BodyPlace(t_s, x_px, y_px, y_px + height_px / 2, y_px - height_px / 2)


@pytest.fixture
def settled() -> RegionTracker:
    tracker = RegionTracker(at(0), 1)
    for k in range(1, 90):
        tracker.follow(at(k / 30))
    return tracker


def test_it_holds_the_whole_runner_and_leans_forward(settled: RegionTracker) -> None:
    region = settled.region
    assert (region.x_px, region.y_px) == pytest.approx((320, 240), abs=5)
    assert region.side_px == pytest.approx(SIDE_BODIES * 400, rel=0.06)
    assert region.tilt_deg == TILT_DEG
    assert RegionTracker(at(0), -1).region.tilt_deg == -TILT_DEG


def test_one_wild_frame_does_not_move_it(settled: RegionTracker) -> None:
    before = settled.region
    settled.follow(at(3.0, x_px=480, height_px=520))
    for k in range(1, 4):
        settled.follow(at(3.0 + k / 30))
    after = settled.region
    assert (after.x_px, after.side_px) == pytest.approx((before.x_px, before.side_px), rel=0.01)


@given(PLACES, PLACES, st.floats(1, 2000))
def test_it_stands_within_a_pixel_of_the_crop_of_where_it_was_asked_for(
    x_px: float, y_px: float, side_px: float
) -> None:
    asked, region = Region(x_px, y_px, side_px, TILT_DEG), in_crop_pixels(Region(x_px, y_px, side_px, TILT_DEG))
    assert region.side_px == pytest.approx(asked.side_px, rel=0.51 / CROP_PX)
    assert (region.x_px, region.y_px) == pytest.approx((x_px, y_px), abs=0.51 * region.side_px / CROP_PX)
    assert in_crop_pixels(region) == region


def test_a_hundredth_of_a_pixel_at_the_start_is_forgotten() -> None:
    noise = np.random.default_rng(3)
    others = [RegionTracker(at(0), 1) for _ in range(2)]
    same = []
    for k in range(1, 300):
        for tracker in others:
            off_px = noise.normal(0, 0.01)
            tracker.follow(at(k / 30, 320 + off_px, height_px=400 + off_px))
        same.append(others[0].region == others[1].region)
    assert np.mean(same) > 0.9


def test_bounce_does_not_move_it(settled: RegionTracker) -> None:
    centres = []
    for k in range(60):
        settled.follow(at(3 + k / 30))
        centres.append(settled.region.y_px)
    assert np.ptp(centres) < 5


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
def test_a_runner_who_steps_off_is_followed_at_once(settled: RegionTracker, fps: int) -> None:
    for k in range(fps // 2):
        x_px = 320 + 600 * k / fps
        settled.follow(at(3 + k / fps, x_px))
        assert abs(settled.region.x_px - x_px) < 0.25 * 400


@pytest.mark.parametrize("tilt_deg", [-17.0, 0.0, 40.0])
def test_it_is_the_usual_cut_but_for_the_grid(tilt_deg: float) -> None:
    picture = cv2.GaussianBlur(DemoSource().picture(0.3), (0, 0), 2)
    affine = Region(310, 240, 300, tilt_deg).affine()
    usual = cv2.warpAffine(np.asarray(picture), affine, (256, 256), flags=cv2.INTER_LINEAR)
    ours = sample_on_grid(np.asarray(picture, np.uint8), affine, 256, repeat_edge=False)
    # A 64th of a pixel, the most that the grid is off, changes a blurred picture by a level or two.
    assert np.abs(ours.astype(int) - usual.astype(int)).max() <= 3


def test_whole_pixels_are_copied() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert np.array_equal(sample_on_grid(picture, np.array([[1.0, 0, -5], [0, 1, -7]]), 30, repeat_edge=False),
                          picture[7:37, 5:35])  # fmt: skip


@pytest.mark.parametrize("x_px", [-600.0, 3000.0, 1e7])
def test_beyond_the_picture_its_edge_goes_on_or_it_is_black(x_px: float) -> None:
    picture = np.full((48, 64, 3), 200, np.uint8)
    affine = Region(x_px, 24, 100, 10).affine()
    assert (sample_on_grid(picture, affine, 256, repeat_edge=True) == 200).all()
    assert (sample_on_grid(picture, affine, 256, repeat_edge=False) == 0).all()
