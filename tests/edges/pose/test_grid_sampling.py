"""A square cut out of a picture on a grid of 1/32 pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from coach.edges.demo import DemoSource
from coach.edges.pose.grid_sampling import sample_on_grid
from coach.edges.pose.region import Region


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
