"""Where the network's heat maps see a joint.

The regressed point is the network's summary of the whole picture; the heat map says where it sees the
landmark. Near the regressed point the heat map is the better of the two (raw regression has clearly worse
curves), and where it shows two places the regressed point lies between them and is neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.pose.landmark_network import CROP_PX, HEAT_MAP_PX, NetworkReading

_CELL_PX: Final = CROP_PX / HEAT_MAP_PX

_REFINE_WINDOW: Final = np.arange(-3, 4)
"""Cells to each side of the regressed point: a 7 × 7 window, as MediaPipe's own refinement has it."""

_PEAK_REACH: Final = 2
"""Cells to each side of a peak: 5 × 5. A wider window draws a blurred ankle toward the other leg:
7 × 7 reads the near leg's peak 2° lower on a real runner, 9 × 9 3.5°."""

_LEAST_HEAT: Final = 0.5
"""Where the heat map is not sure itself, the regressed point stays."""

_LEAST_PEAK_LOGIT: Final = math.log(0.1 / 0.9)
"""A heat of 0.1."""
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


def refine(reading: NetworkReading, rows: Sequence[int], near: FloatArray | None = None) -> FloatArray:
    """(n, 2) in crop pixels: the centroid of each landmark's heat around `near`, or around its regressed point.

    near: (n, 2) in crop pixels. All at once: landmark by landmark it takes four times as long.
    """
    points = reading.xy[list(rows)] if near is None else near
    cells = (points / _CELL_PX).astype(int)
    columns, lines = (cells[:, axis, np.newaxis] + _REFINE_WINDOW for axis in (0, 1))
    there = _inside(lines)[:, :, np.newaxis] & _inside(columns)[:, np.newaxis]
    last = HEAT_MAP_PX - 1
    at = (lines.clip(0, last)[:, :, np.newaxis], columns.clip(0, last)[:, np.newaxis])
    heat = np.where(there, _heat(reading.heat_logits[(*at, np.reshape(rows, (-1, 1, 1)))]), 0.0)
    moments = np.stack([(heat.sum(axis=1) * columns).sum(axis=1), (heat.sum(axis=2) * lines).sum(axis=1)], axis=1)
    total = heat.sum(axis=(1, 2))
    sure = _inside(cells).all(axis=1) & (heat.max(axis=(1, 2)) >= _LEAST_HEAT)
    refined = moments * _CELL_PX / np.where(sure, total, 1.0)[:, np.newaxis]
    return np.where(sure[:, np.newaxis], refined, points)


def _inside(cells: NDArray[np.int_]) -> NDArray[np.bool_]:
    return (cells >= 0) & (cells < HEAT_MAP_PX)


def spots(reading: NetworkReading, rows: tuple[int, int], refined: FloatArray) -> Spots:
    """Every place where the heat map of a joint's left or right landmark sees it, and where each was refined to.

    refined: (2, 2), what `refine` says of the two. Either side may take any of the places: at mid-swing each map often
    shows both legs.
    """
    logits = reading.heat_logits[:, :, list(rows)]
    found: list[FloatArray] = []
    for side, point in enumerate(refined):
        own_map = np.ascontiguousarray(logits[:, :, side])
        own = [_centroid(own_map, *cell) for cell in _peaks(own_map)]
        if all(math.dist(point, peak) >= _SAME_SPOT_PX for peak in own):
            own.append(point)
        found += own
    xy = np.array(found)
    return Spots(xy, _heat_at(logits, xy))


def _peaks(logits: NDArray[np.float32]) -> list[tuple[int, int]]:
    """(column, line) of the strongest local maxima of one map."""
    highest = np.asarray(cv2.dilate(logits, _PEAK_KERNEL))
    lines, columns = np.nonzero((logits >= highest) & (logits > _LEAST_PEAK_LOGIT))
    strongest = np.argsort(-logits[lines, columns], kind="stable")[:_MOST_PEAKS]
    return [(int(columns[k]), int(lines[k])) for k in strongest]


_PEAK_KERNEL: Final = np.ones((5, 5), np.uint8)


def _heat_at(logits: NDArray[np.float32], xy: FloatArray) -> FloatArray:
    """(n, 2): the largest heat of either side within one cell of each point."""
    cells = (xy / _CELL_PX).round().astype(int).clip(1, HEAT_MAP_PX - 2)
    most = [logits[line - 1 : line + 2, column - 1 : column + 2].max(axis=(0, 1)) for column, line in cells.tolist()]
    return np.asarray(_heat(np.array(most)), dtype=float)


def _heat(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def _centroid(logits: NDArray[np.float32], column: int, line: int) -> FloatArray:
    """(2,) in crop pixels: where the heat around a peak lies, the window cut at the map's edge."""
    left, top = max(0, column - _PEAK_REACH), max(0, line - _PEAK_REACH)
    heat = _heat(logits[top : line + _PEAK_REACH + 1, left : column + _PEAK_REACH + 1])
    total = heat.sum()
    x = left + heat.sum(axis=0) @ _STEPS[: heat.shape[1]] / total
    y = top + heat.sum(axis=1) @ _STEPS[: heat.shape[0]] / total
    return np.array([x, y], dtype=float) * _CELL_PX


_STEPS: Final = np.arange(2 * _PEAK_REACH + 1, dtype=np.float32)
