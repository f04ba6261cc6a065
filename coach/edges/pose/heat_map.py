"""Where the network's heat maps see a joint.

The regressed point is the network's summary of the whole picture; the heat map says where it sees the
landmark. Near the regressed point the heat map is the better of the two (raw regression has clearly worse
curves), and where it shows two places the regressed point lies between them and is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.pose.landmark_network import CROP_PX, HEAT_MAP_PX, NetworkReading

_CELL_PX: Final = CROP_PX / HEAT_MAP_PX

_REFINE_REACH: Final = 3
"""Cells to each side of the regressed point: a 7 × 7 window, as MediaPipe's own refinement has it."""

_PEAK_REACH: Final = 2
"""Cells to each side of a peak: 5 × 5. A wider window draws a blurred ankle toward the other leg:
7 × 7 reads the near leg's peak 2° lower on a real runner, 9 × 9 3.5°."""

_LEAST_HEAT: Final = 0.5
"""Where the heat map is not sure itself, the regressed point stays."""

_LEAST_PEAK: Final = 0.1
_MOST_PEAKS: Final = 3
_SAME_SPOT_PX: Final = 6.0
"""A refined point closer than this to a peak is that peak."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Where a joint of either side may be.

    xy: (n, 2) in crop pixels. heat: (n, 2), 0 to 1, as the left and as the right side's joint.
    """

    xy: FloatArray
    heat: FloatArray


def refine(reading: NetworkReading, row: int, near: FloatArray | None = None) -> FloatArray:
    """(2,) in crop pixels: the centroid of a landmark's heat around `near`, or around its regressed point."""
    point = reading.xy[row] if near is None else near
    column, line = (point / _CELL_PX).astype(int)
    if not (0 <= column < HEAT_MAP_PX and 0 <= line < HEAT_MAP_PX):
        return point
    window, corner = _window(reading.heat_logits[:, :, row], column, line, _REFINE_REACH)
    heat = _heat(window)
    return point if heat.max() < _LEAST_HEAT else _centroid(heat, corner)


def spots(reading: NetworkReading, rows: tuple[int, int]) -> Spots:
    """Every place where the heat map of a joint's left or right landmark sees it, and where each was refined to.

    Either side may take any of them: at mid-swing each map often shows both legs.
    """
    heat = _heat(reading.heat_logits[:, :, list(rows)])
    found: list[FloatArray] = []
    for side, row in enumerate(rows):
        own = [_centroid(*_window(heat[:, :, side], *cell, _PEAK_REACH)) for cell in _peaks(heat[:, :, side])]
        point = refine(reading, row)
        if all(np.hypot(*(point - peak)) >= _SAME_SPOT_PX for peak in own):
            own.append(point)
        found += own
    xy = np.array(found)
    return Spots(xy, np.array([_heat_at(heat, point) for point in xy]))


def _peaks(heat: NDArray[np.float32]) -> list[tuple[int, int]]:
    """(column, line) of the strongest local maxima of one map."""
    highest = np.asarray(cv2.dilate(heat, np.ones((5, 5), np.uint8)))
    lines, columns = np.nonzero((heat >= highest) & (heat > _LEAST_PEAK))
    strongest = np.argsort(-heat[lines, columns], kind="stable")[:_MOST_PEAKS]
    return [(int(columns[k]), int(lines[k])) for k in strongest]


def _heat_at(heat: NDArray[np.float32], point: FloatArray) -> FloatArray:
    """(2,): the largest heat of either side within one cell of the point."""
    column, line = np.clip((point / _CELL_PX).round().astype(int), 1, HEAT_MAP_PX - 2)
    return np.asarray(heat[line - 1 : line + 2, column - 1 : column + 2].max(axis=(0, 1)), dtype=float)


def _heat(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def _window(
    values: NDArray[np.float32], column: int, line: int, reach: int
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The part of a map around a cell, cut at the edge, and the cell (column, line) of its corner."""
    left, top = max(0, column - reach), max(0, line - reach)
    return values[top : line + reach + 1, left : column + reach + 1], (left, top)


def _centroid(heat: NDArray[np.float32], corner: tuple[int, int]) -> FloatArray:
    total = heat.sum()
    x = corner[0] + heat.sum(axis=0) @ np.arange(heat.shape[1]) / total
    y = corner[1] + heat.sum(axis=1) @ np.arange(heat.shape[0]) / total
    return np.array([x, y], dtype=float) * _CELL_PX
