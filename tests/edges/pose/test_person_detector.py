"""What the person detector's numbers mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coach.core.units import FloatArray
from coach.edges.pose.people_finder import (
    ANCHORS,
    DETECTOR_PX,
    VALUES,
    Detections,
    anchors,
    decode,
    letterbox,
    merge,
    region_of,
)

BUSY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
"""On a busy machine a single draw may take a second."""

SCORES = st.floats(0.5, 1.0)
PLACE = st.floats(-300, 900)


def person(x: float, y: float, side: float = 20.0) -> FloatArray:
    """Box of a face, mid-hip 60 below it and the point of the whole body 50 above mid-hip, and the upper body's."""
    half = side / 2
    return np.array([(x - half, y - half), (x + half, y + half), (x, y + 60), (x, y + 10), (x, y + 20), (x, y)])


def test_the_anchors_are_the_cells_of_three_grids() -> None:
    centres = anchors()
    assert centres.shape == (ANCHORS, 2) == (2254, 2)
    assert centres[:4].tolist() == [[4, 4], [4, 4], [12, 4], [12, 4]], "two a cell, along a line of the picture first"
    assert centres[28 * 28 * 2 :][:3].tolist() == [[8, 8], [8, 8], [24, 8]]
    assert centres[-6:].tolist() == 6 * [[208, 208]]
    assert centres.mean(axis=0) == pytest.approx((DETECTOR_PX / 2, DETECTOR_PX / 2))


def test_boxes_and_points_are_seen_from_their_anchor() -> None:
    values = np.zeros((1, VALUES))
    values[0] = [10, -20, 8, 6, 1, 2, 3, 4, 5, 6, 7, 8]
    found = decode(values, np.array([100.0]), np.array([(100.0, 50.0)]))
    assert found.score[0] == pytest.approx(1.0)
    assert found.points[0].tolist() == [[106, 27], [114, 33], [101, 52], [103, 54], [105, 56], [107, 58]]


def test_only_what_is_likely_and_a_box_is_taken_the_surest_first() -> None:
    values = np.tile([0.0, 0, 4, 4, *np.zeros(8)], (6, 1))
    values[3, 2], values[4, 3] = -1, np.nan
    logits = np.array([0.5, -0.1, 2.0, 5.0, 5.0, -1e9])
    found = decode(values, logits, np.arange(12.0).reshape(6, 2))
    assert found.score == pytest.approx(1 / (1 + np.exp([-2.0, -0.5])))
    assert found.points[:, 2].tolist() == [[4, 5], [0, 1]]


def test_a_logit_beyond_all_bounds_is_a_score_of_one() -> None:
    found = decode(np.zeros((1, VALUES)), np.array([1e30]), np.zeros((1, 2)))
    assert found.score.tolist() == [1.0]


def test_where_nobody_is_there_is_nothing_to_merge() -> None:
    nobody = merge(decode(np.zeros((3, VALUES)), np.full(3, -5.0), np.zeros((3, 2))))
    assert nobody.score.shape == (0,)
    assert nobody.points.shape == (0, 6, 2)


def test_two_people_stay_two_and_each_is_the_mean_by_score_of_its_boxes() -> None:
    found = Detections(
        np.array([0.9, 0.8, 0.6, 0.5]), np.array([person(50, 50), person(150, 60), person(53, 50), person(153, 62)])
    )
    one, other = merge(found).points
    assert merge(found).score.tolist() == [0.9, 0.8]
    assert one == pytest.approx(person(50 + 3 * 0.6 / 1.5, 50))
    assert other == pytest.approx(person(150 + 3 * 0.5 / 1.3, 60 + 2 * 0.5 / 1.3))


def test_boxes_that_hardly_touch_are_two_people() -> None:
    # 20 × 20 boxes that overlap by 9 have 9 / 31 = 0.29 of their union in common, by 10 a third.
    apart = Detections(np.array([0.9, 0.8]), np.array([person(50, 50), person(61, 50)]))
    near = Detections(np.array([0.9, 0.8]), np.array([person(50, 50), person(60, 50)]))
    assert len(merge(apart).score) == 2
    assert len(merge(near).score) == 1


def test_boxes_without_an_area_stay_apart() -> None:
    dots = Detections(np.array([0.9, 0.8, 0.7]), np.array([person(50, 50, 0), person(50, 50, 0), person(90, 90)]))
    assert merge(dots).score.tolist() == [0.9, 0.8, 0.7]


@BUSY
@given(st.lists(st.tuples(SCORES, st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=8))
def test_a_merged_person_lies_among_its_boxes_nearest_the_sure_ones(boxes: list[tuple[float, float, float]]) -> None:
    boxes.sort(reverse=True)
    points = np.array([person(100 + dx, 80 + dy) for _, dx, dy in boxes])
    score = np.array([score for score, _, _ in boxes])
    merged = merge(Detections(score, points))
    assert len(merged.score) == 1, "boxes of 20 that lie within 6 of each other are one person"
    assert merged.score[0] == score.max()
    assert (merged.points[0] >= points.min(axis=0) - 1e-9).all()
    assert (merged.points[0] <= points.max(axis=0) + 1e-9).all()
    assert merged.points[0] == pytest.approx((points * score[:, np.newaxis, np.newaxis]).sum(axis=0) / score.sum())


@BUSY
@given(
    st.lists(st.tuples(SCORES, st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=8),
    st.floats(0.2, 5), PLACE, PLACE,
)  # fmt: skip
def test_merging_does_not_depend_on_where_and_how_large_the_picture_is(
    boxes: list[tuple[float, float, float]], scale: float, dx: float, dy: float
) -> None:
    boxes.sort(reverse=True)
    points = np.array([person(x, y) for _, x, y in boxes])
    score = np.array([score for score, _, _ in boxes])
    assume(_far_from_the_limit(points))
    plain, moved = merge(Detections(score, points)), merge(Detections(score, points * scale + (dx, dy)))
    assert moved.score == pytest.approx(plain.score)
    assert moved.points == pytest.approx(plain.points * scale + (dx, dy), abs=1e-6)


def _far_from_the_limit(points: FloatArray) -> bool:
    """Whether no two boxes overlap by so nearly 0.3 that rounding decides."""
    for k, box in enumerate(points):
        common = (np.minimum(box[1], points[:k, 1]) - np.maximum(box[0], points[:k, 0])).clip(0).prod(axis=1)
        if (np.abs(common / (800 - common) - 0.3) < 1e-6).any():
            return False
    return True


@pytest.mark.parametrize(("width", "height"), [(640, 480), (720, 1280), (224, 224), (3840, 2160)])
def test_the_whole_picture_lies_in_the_middle_of_the_input(width: int, height: int) -> None:
    fitted = letterbox(width, height)
    corners = np.array([(0, 0), (width, height)]) @ fitted.affine()[:, :2].T + fitted.affine()[:, 2]
    assert corners.sum(axis=0) == pytest.approx((DETECTOR_PX, DETECTOR_PX)), "bars of equal width"
    assert np.ptp(corners, axis=0).max() == pytest.approx(DETECTOR_PX)
    assert fitted.to_picture(corners) == pytest.approx(np.array([(0, 0), (width, height)]), abs=1e-9)


def test_a_person_upright_has_an_upright_region_a_quarter_larger() -> None:
    region = region_of(person(100, 80))
    assert (region.x_px, region.y_px) == (100, 140)
    assert region.side_px == pytest.approx(1.25 * 2 * 50)
    assert region.tilt_deg == pytest.approx(0)


@BUSY
@given(st.floats(-170, 170), st.floats(0.1, 10), PLACE, PLACE)
def test_the_region_turns_grows_and_moves_with_the_person(lean_deg: float, scale: float, dx: float, dy: float) -> None:
    lean = np.radians(lean_deg)
    to_right = np.array([(np.cos(lean), np.sin(lean)), (-np.sin(lean), np.cos(lean))])
    points = scale * person(0, -60) @ to_right + (dx, dy)
    region = region_of(points)
    assert (region.x_px, region.y_px) == pytest.approx((dx, dy), abs=1e-6)
    assert region.side_px == pytest.approx(125 * scale)
    assert region.tilt_deg == pytest.approx(lean_deg, abs=1e-6)
