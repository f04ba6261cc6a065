"""Repair of one frame by physics: swapped legs are put back, collapsed and stray points lose their weight."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from coach.core.gait.kinematics import BothLegs, Points

GATE_SIGMA: Final = 4.0
"""Beyond this a point is a fault, not noise: Tukey's weight is zero."""
COINCIDE_LL: Final = 0.20
"""Legs of true runners never come closer than 0.204 leg lengths with knee, ankle, heel and toe all at once."""
_SWAP_CAP: Final = 30.0
_SWAP_GAIN: Final = 0.4
"""Exchanging must leave less than this share of the misfit."""
_SWAP_FLOOR: Final = 2.5
"""Mean squared misfit in sigma² below which nothing is wrong that a swap could mend."""


_ALL_SEEN: Final = ([True] * 4, [True] * 4)

Weights = list[float]


class Repaired(NamedTuple):
    """One frame after repair; pairs are left, then right, each with knee, ankle, heel and toe.

    relative_ll: from the own hip, legs put back; a point that was not seen lies where it is expected.
    weights: 0 to 1. swapped: the legs were exchanged. collapsed: which leg was left out because it lay on the other.
    """

    relative_ll: BothLegs
    seen: tuple[list[bool], list[bool]]
    weights: tuple[Weights, Weights]
    swapped: bool
    collapsed: tuple[bool, bool]


class Expected(NamedTuple):
    """What the template expects of a frame; pairs are left, then right.

    relative_ll: knee, ankle, heel, toe from the own hip. variance: of each, squared deviation per coordinate.
    flexion: of either leg, in any unit.
    """

    relative_ll: BothLegs
    variance: tuple[Sequence[float], Sequence[float]]
    flexion: tuple[float, float]


def repair(relative_ll: BothLegs, separation_ll: Iterable[float], expected: Expected, swapped_before: bool) -> Repaired:
    """Judge one frame against what is expected; separation_ll: the legs' distance joint by joint."""
    misfits = _misfits(relative_ll, expected)
    if sum(misfits[0]) + sum(misfits[1]) < _SWAP_FLOOR * sum(map(len, misfits)):
        # As in most frames, every point is seen and lies about where it should.
        seen, points, swapped = _ALL_SEEN, relative_ll, False
    else:
        swapped = _is_swapped(misfits, relative_ll, expected, swapped_before)
        if swapped:
            relative_ll = relative_ll[1], relative_ll[0]
            misfits = _misfits(relative_ll, expected)
        seen = _seen(misfits[0]), _seen(misfits[1])
        points = _filled(relative_ll[0], expected.relative_ll[0]), _filled(relative_ll[1], expected.relative_ll[1])
    weights = _weights(misfits[0]), _weights(misfits[1])
    collapsed = (False, False)
    if _coincide(separation_ll):
        bent = int(expected.flexion[1] > expected.flexion[0])
        weights[bent][:] = [0.0] * len(weights[bent])
        collapsed = (bent == 0, bent == 1)
    return Repaired(points, seen, weights, swapped, collapsed)


def _seen(misfit: list[float]) -> list[bool]:
    return [not math.isnan(m) for m in misfit]


def _filled(points: Points, usual: Points) -> Points:
    """A point that was not seen lies where it is expected."""
    return [expected if cmath.isnan(point) else point for point, expected in zip(points, usual, strict=True)]


def _misfits(relative_ll: BothLegs, expected: Expected) -> tuple[list[float], list[float]]:
    """Of either leg, point by point: squared distance in sigma², 1 on average where all is well."""
    left, right = zip(relative_ll, expected.relative_ll, expected.variance, strict=True)
    return _misfit(*left), _misfit(*right)


def _misfit(points: Points, usual: Points, variance: Sequence[float]) -> list[float]:
    return [0.5 * abs(p - u) ** 2 / v for p, u, v in zip(points, usual, variance, strict=True)]


def _weights(misfit: list[float]) -> Weights:
    """Tukey's; a missing point, whose misfit is NaN, has none."""
    return [(1 - m / GATE_SIGMA**2) ** 2 if m < GATE_SIGMA**2 else 0.0 for m in misfit]


def _is_swapped(
    misfits: tuple[list[float], list[float]], relative_ll: BothLegs, expected: Expected, before: bool
) -> bool:
    """Whether the legs fit much better exchanged, judged by the joints that were seen on both."""
    both = [joint for joint, (left, right) in enumerate(zip(*misfits, strict=True)) if math.isfinite(left + right)]
    if len(both) < 2:
        return before
    as_is = _capped(misfits, both)
    if as_is < _SWAP_FLOOR * 2 * len(both):
        return False
    exchanged = _misfits((relative_ll[1], relative_ll[0]), expected)
    return _capped(exchanged, both) < (1.0 if before else _SWAP_GAIN) * as_is


def _capped(misfits: tuple[list[float], list[float]], joints: list[int]) -> float:
    """Sum over these joints of both legs; no single one may decide."""
    left, right = misfits
    return sum([min(left[joint], _SWAP_CAP) + min(right[joint], _SWAP_CAP) for joint in joints])


def _coincide(separation_ll: Iterable[float]) -> bool:
    """Whether three joints at least were seen on both legs, and all of them lie on one another."""
    seen = 0
    for apart in separation_ll:
        if apart >= COINCIDE_LL:
            return False
        seen += not math.isnan(apart)
    return seen >= 3
