"""Heat maps drawn by hand, read back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.units import FloatArray
from coach.edges.pose.heat_map import refine, spots
from coach.edges.pose.landmark_network import CROP_PX, HEAT_MAP_PX, NetworkReading

LEFT, RIGHT = SIDES = 27, 28


def blob(*places: tuple[float, float, float], width_cells: float = 1.2) -> FloatArray:
    """Heat logits of a map with blobs at (x, y) in crop pixels, each with its largest heat."""
    lines, columns = np.mgrid[:HEAT_MAP_PX, :HEAT_MAP_PX]
    heat = np.full((HEAT_MAP_PX, HEAT_MAP_PX), 1e-3)
    for x, y, largest in places:
        squares = (columns - x / 4) ** 2 + (lines - y / 4) ** 2
        heat = np.maximum(heat, largest * np.exp(-squares / (2 * width_cells**2)))
    return np.asarray(np.log(heat / (1 - heat)))


def reading(regressed: dict[int, tuple[float, float]], maps: dict[int, FloatArray]) -> NetworkReading:
    """A network's answer with these regressed points and heat maps, and nothing else."""
    xy = np.full((33, 2), CROP_PX / 2)
    logits = np.full((HEAT_MAP_PX, HEAT_MAP_PX, 39), -9.0, np.float32)
    for row, point in regressed.items():
        xy[row] = point
    for row, heat_map in maps.items():
        logits[:, :, row] = heat_map
    return NetworkReading(xy, np.ones(33), 1.0, logits)


@given(x=st.floats(30, 220), y=st.floats(30, 220), off=st.floats(-6, 6))
def test_a_point_near_a_clear_blob_is_drawn_to_its_middle(x: float, y: float, off: float) -> None:
    seen = reading({LEFT: (x + off, y - off)}, {LEFT: blob((x, y, 0.9))})
    assert refine(seen, [LEFT])[0] == pytest.approx((x, y), abs=2.0)


def test_where_the_map_is_not_sure_the_regressed_point_stays() -> None:
    seen = reading({LEFT: (100, 100)}, {LEFT: blob((108, 100, 0.3))})
    assert refine(seen, [LEFT])[0] == pytest.approx((100, 100))


@pytest.mark.parametrize("outside", [(-20.0, 50.0), (300.0, 50.0), (50.0, -5.0), (50.0, 256.0)])
def test_a_point_outside_the_crop_stays(outside: tuple[float, float]) -> None:
    assert refine(reading({LEFT: outside}, {}), [LEFT])[0] == pytest.approx(outside)


def test_both_feet_are_found_though_the_regressed_ankle_lies_between_them() -> None:
    swing, stance = (180.0, 150.0), (120.0, 210.0)
    seen = reading(
        {LEFT: (150, 180), RIGHT: stance}, {LEFT: blob((*swing, 0.5), (*stance, 0.4)), RIGHT: blob((*stance, 0.8))}
    )
    found = spots(seen, SIDES, refine(seen, SIDES))
    for place, as_left, as_right in ((swing, 0.5, 0.0), (stance, 0.4, 0.8)):
        nearest = int(np.argmin(np.linalg.norm(found.xy - place, axis=1)))
        assert found.xy[nearest] == pytest.approx(place, abs=2.0)
        assert found.heat[nearest] == pytest.approx((as_left, as_right), abs=0.08)
    between = int(np.argmin(np.linalg.norm(found.xy - (150, 180), axis=1)))
    assert found.heat[between].max() < 0.1


def test_with_empty_maps_the_regressed_points_are_all_there_is() -> None:
    seen = reading({LEFT: (90, 90), RIGHT: (140, 90)}, {})
    found = spots(seen, SIDES, refine(seen, SIDES))
    assert found.xy == pytest.approx(np.array([(90, 90), (140, 90)]))


def test_landmarks_are_refined_together_as_they_are_one_by_one() -> None:
    places = {LEFT: (100.0, 100.0), RIGHT: (2.0, 254.0), 25: (140.0, 30.0), 26: (280.0, 30.0)}
    maps = {row: blob((x + 3, y - 3, 0.8)) for row, (x, y) in places.items() if x < CROP_PX}
    seen = reading(places, maps)
    together = refine(seen, list(places))
    assert together == pytest.approx(np.concatenate([refine(seen, [row]) for row in places]))
    near = np.array([(108.0, 92.0)])
    assert refine(seen, [LEFT], near=near)[0] == pytest.approx((103, 97), abs=1.0)
