"""Repair of one frame by physics: swapped legs are put back, collapsed and stray points lose their weight."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.units import BoolArray, FloatArray

GATE_SIGMA: Final = 4.0
"""Beyond this a point is a fault, not noise: Tukey's weight is zero."""
COINCIDE_LL: Final = 0.20
"""Legs of true runners never come closer than 0.204 leg lengths with knee, ankle, heel and toe all at once."""
_SWAP_CAP: Final = 30.0
_SWAP_GAIN: Final = 0.4
"""Exchanging must leave less than this share of the misfit."""
_SWAP_FLOOR: Final = 2.5
"""Mean squared misfit in sigma² below which nothing is wrong that a swap could mend."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One frame after repair.

    relative_ll: (2, 4, 2), legs put back; a point that was not seen lies where it is expected. seen: (2, 4).
    weights: (2, 4), 0 to 1. swapped: the legs were exchanged. collapsed: (2,), which leg was left out because it lay
    on the other.
    """

    relative_ll: FloatArray
    seen: BoolArray
    weights: FloatArray
    swapped: bool
    collapsed: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the template expects of a frame.

    relative_ll: (2, 4, 2), knee, ankle, heel, toe from the own hip. variance: (2, 4), squared deviation per
    coordinate. flexion: (2,), of either leg, in any unit.
    """

    relative_ll: FloatArray
    variance: FloatArray
    flexion: FloatArray


def repair(
    relative_ll: FloatArray, separation_ll: Iterable[float], expected: Expected, swapped_before: bool
) -> Repaired:
    """Judge one frame (2, 4, 2) against what is expected; separation_ll: the legs' distance joint by joint."""
    misfit = _misfit(relative_ll, expected)
    swapped = _is_swapped(misfit, relative_ll, expected, swapped_before)
    if swapped:
        relative_ll = relative_ll[::-1]
        misfit = _misfit(relative_ll, expected)
    seen = np.isfinite(misfit)
    points = np.where(seen[..., None], relative_ll, expected.relative_ll)
    weights = np.fmax(1 - misfit / GATE_SIGMA**2, 0.0) ** 2  # of NaN and 0 it takes 0: a missing point has no weight
    collapsed = (False, False)
    if _coincide(separation_ll):
        bent = int(expected.flexion.argmax())
        weights[bent] = 0.0
        collapsed = (bent == 0, bent == 1)
    return Repaired(points, seen, weights, swapped, collapsed)


def _misfit(relative_ll: FloatArray, expected: Expected) -> FloatArray:
    """(2, 4): squared distance in sigma², 1 on average where all is well."""
    residual = relative_ll - expected.relative_ll
    return np.asarray(np.vecdot(residual, residual) / (2 * expected.variance))


def _is_swapped(misfit: FloatArray, relative_ll: FloatArray, expected: Expected, before: bool) -> bool:
    """Whether the legs fit much better exchanged, judged by the joints that were seen on both."""
    left, right = misfit.tolist()
    both = [joint for joint in range(4) if math.isfinite(left[joint] + right[joint])]
    if len(both) < 2:
        return before
    as_is = _capped(left, right, both)
    if as_is < _SWAP_FLOOR * 2 * len(both):
        return False
    left, right = _misfit(relative_ll[::-1], expected).tolist()
    return _capped(left, right, both) < (1.0 if before else _SWAP_GAIN) * as_is


def _capped(left: list[float], right: list[float], joints: list[int]) -> float:
    """Sum over these joints of both legs; no single one may decide."""
    return sum([min(left[joint], _SWAP_CAP) + min(right[joint], _SWAP_CAP) for joint in joints])


def _coincide(separation_ll: Iterable[float]) -> bool:
    seen = [apart for apart in separation_ll if math.isfinite(apart)]
    return len(seen) >= 3 and max(seen) < COINCIDE_LL
