"""Repair of one frame by physics: swapped legs are put back, collapsed and stray points lose their weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.units import FloatArray

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

    relative_ll: (2, 4, 2), legs put back. weights: (2, 4), 0 to 1. swapped: the legs were exchanged.
    collapsed: (2,), which leg was left out because it lay on the other.
    """

    relative_ll: FloatArray
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


def repair(relative_ll: FloatArray, separation_ll: FloatArray, expected: Expected, swapped_before: bool) -> Repaired:
    """Judge one frame (2, 4, 2) against what is expected; separation_ll: (4,), distance of the legs joint by joint."""
    expected_ll, variance = expected.relative_ll, expected.variance
    kept = _misfit(relative_ll - expected_ll, variance)
    crossed = _misfit(relative_ll[::-1] - expected_ll, variance)
    swapped = _is_swapped(kept, crossed, swapped_before)
    misfit = crossed if swapped else kept
    points = relative_ll[::-1] if swapped else relative_ll
    closeness = 1 - misfit / GATE_SIGMA**2
    weights = np.where(closeness > 0, closeness, 0.0) ** 2  # NaN compares false: a missing point has no weight
    collapsed = (False, False)
    if _coincide(separation_ll):
        bent = int(expected.flexion.argmax())
        weights[bent] = 0.0
        collapsed = (bent == 0, bent == 1)
    return Repaired(points, weights, swapped, collapsed)


def _misfit(residual: FloatArray, variance: FloatArray) -> FloatArray:
    """(2, 4): squared distance in sigma², 1 on average where all is well."""
    return np.asarray((residual**2).sum(-1) / (2 * variance))


def _is_swapped(kept: FloatArray, crossed: FloatArray, before: bool) -> bool:
    seen = np.isfinite(kept) & np.isfinite(crossed)
    n = int(seen.sum())
    if n < 3:
        return before
    as_is = float(np.minimum(kept[seen], _SWAP_CAP).sum()) / n
    other_way = float(np.minimum(crossed[seen], _SWAP_CAP).sum()) / n
    if as_is < _SWAP_FLOOR:
        return False
    return other_way < (1.0 if before else _SWAP_GAIN) * as_is


def _coincide(separation_ll: FloatArray) -> bool:
    seen = separation_ll[np.isfinite(separation_ll)]
    return len(seen) >= 3 and bool(seen.max() < COINCIDE_LL)
