"""A dim crop is brightened before it is read; a lit one, and the black beyond a picture's edge, stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.light import lit
from coach.edges.pose.region import Region
from coach.ports import ImageBGR


@pytest.fixture(scope="module")
def crop() -> ImageBGR:
    """The demo's runner, cut out."""
    return Region(300, 260, 460, 17).cut(DemoSource(DemoRunner()).picture(0.3))


def dimmed(crop: ImageBGR, share: float) -> ImageBGR:
    return np.asarray(crop * share, np.uint8)


def light(crop: ImageBGR) -> float:
    return float(np.percentile(crop, 95))


def test_a_lit_picture_is_left_alone(crop: ImageBGR) -> None:
    assert lit(crop) is crop


@given(share=st.floats(0.3, 0.9))
def test_whatever_the_light_it_is_as_in_a_lit_room(crop: ImageBGR, share: float) -> None:
    assert light(lit(dimmed(crop, share))) > 150
    assert light(dimmed(crop, share)) <= light(lit(dimmed(crop, share)))


def test_what_is_hardly_there_is_brightened_no_more_than_fourfold(crop: ImageBGR) -> None:
    dark = dimmed(crop, 0.05)
    assert lit(dark).max() == 4 * dark.max()


def test_black_beyond_the_edge_tells_nothing_of_the_light(crop: ImageBGR) -> None:
    half_out = crop.copy()
    half_out[:, :200] = 0
    assert lit(half_out) is half_out


def test_nothing_but_black_stays_black() -> None:
    assert not lit(np.zeros((256, 256, 3), np.uint8)).any()
