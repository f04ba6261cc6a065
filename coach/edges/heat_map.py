"""Landmarks made finer with the network's heat maps.

The regressed point is the network's summary of the whole picture; the heat map says where it sees the
landmark. Near the regressed point the heat map is the better of the two: raw regression has clearly
worse curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from coach.core.units import FloatArray
from coach.edges.landmark_network import CROP_PX, HEAT_MAP_PX, NetworkReading

_REACH: Final = 3
"""Cells to each side of the regressed point: a 7 × 7 window, as MediaPipe's own refinement has it."""

_LEAST_HEAT: Final = 0.5
"""Where the heat map is not sure itself, the regressed point stays."""

_CELL_PX: Final = CROP_PX / HEAT_MAP_PX


def refine(reading: NetworkReading, rows: Sequence[int]) -> FloatArray:
    """(len(rows), 2) in crop pixels: for each landmark of `rows` the centroid of heat around its regressed point."""
    xy = reading.xy[list(rows)].copy()
    for point, row in zip(xy, rows, strict=True):
        column, line = (point / _CELL_PX).astype(int)
        if not (0 <= column < HEAT_MAP_PX and 0 <= line < HEAT_MAP_PX):
            continue
        left, top = max(0, column - _REACH), max(0, line - _REACH)
        logits = reading.heat_logits[top : line + _REACH + 1, left : column + _REACH + 1, row]
        heat = 1 / (1 + np.exp(-logits))
        if heat.max() < _LEAST_HEAT:
            continue
        total = heat.sum()
        point[0] = (left + heat.sum(axis=0) @ np.arange(heat.shape[1]) / total) * _CELL_PX
        point[1] = (top + heat.sum(axis=1) @ np.arange(heat.shape[0]) / total) * _CELL_PX
    return xy
