"""How the camera is turned against a body, read off its own joints: in degrees, whatever its size and place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.gait import camera_view
from coach.core.units import FloatArray
from tests.core.before_the_camera import FPS, Figure, runner


def test_side_on_is_measured_in_degrees() -> None:
    for turned_deg in (0.0, 15.0, 30.0, 60.0):
        xy_px = camera_view.stacked([runner(i / FPS, Figure(turned_deg=turned_deg)) for i in range(60)])
        assert camera_view.off_side_deg(xy_px) == pytest.approx(turned_deg, abs=1)


def test_roll_is_read_from_the_feet_on_the_belt() -> None:
    for roll_deg in (-6.0, -2.0, 0.0, 3.0, 8.0):
        xy_px = camera_view.stacked([runner(i / FPS, Figure(roll_deg=roll_deg)) for i in range(60)])
        assert camera_view.roll_deg(xy_px) == pytest.approx(roll_deg, abs=1.2)


def test_a_runner_who_stands_has_no_roll_to_read() -> None:
    still = runner(0.0)
    assert math.isnan(camera_view.roll_deg(camera_view.stacked([still] * 60)))


@given(st.floats(0.5, 2.0), st.floats(0, 300), st.floats(-20, 60), st.floats(-8, 8))
def test_scale_place_and_mirror_change_nothing_but_pixels(scale: float, x: float, turned: float, roll: float) -> None:
    xy_px = camera_view.stacked([runner(i / FPS, Figure(turned_deg=turned, roll_deg=roll)) for i in range(60)])
    moved = xy_px * scale + (x, 10.0)
    mirror = mirrored(xy_px)
    assert camera_view.off_side_deg(moved) == pytest.approx(camera_view.off_side_deg(xy_px), abs=1e-6)
    assert camera_view.off_side_deg(mirror) == pytest.approx(camera_view.off_side_deg(xy_px), abs=1e-6)
    assert camera_view.roll_deg(moved) == pytest.approx(camera_view.roll_deg(xy_px), abs=1e-6)
    assert camera_view.roll_deg(mirror) == pytest.approx(-camera_view.roll_deg(xy_px), abs=1e-6)
    assert camera_view.leg_length_px(moved) == pytest.approx(scale * camera_view.leg_length_px(xy_px))
    assert camera_view.facing_side(mirror) == "left"


def mirrored(xy_px: FloatArray) -> FloatArray:
    """The same runner in a mirror: x turned round."""
    flipped = xy_px.copy()
    flipped[..., 0] = 1279 - flipped[..., 0]
    return flipped


def test_no_keypoints_at_all_are_no_error() -> None:
    nothing = np.full((40, 13, 2), np.nan)
    assert math.isnan(camera_view.off_side_deg(nothing))
    assert math.isnan(camera_view.leg_length_px(nothing))
    assert math.isnan(camera_view.roll_deg(nothing))
    assert camera_view.facing_side(nothing) is None
    assert camera_view.smallest_margin_pct(nothing, 640, 480) < 0
