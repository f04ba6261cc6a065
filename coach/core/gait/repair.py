"""Repair of one frame by physics: swapped legs are put back, collapsed and stray points lose their weight."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from coach.core.gait.kinematics import Points

_LEG: Final = 4
"""Points of a leg: knee, ankle, heel and toe."""
_GATE: Final = 4.0**2
"""Beyond four sigma a point is a fault, not noise: Tukey's weight is zero."""
COINCIDE_LL: Final = 0.20
"""Legs of true runners never come closer than 0.204 leg lengths with knee, ankle, heel and toe all at once."""
_SWAP_CAP: Final = 30.0
_SWAP_GAIN: Final = 0.4
"""Exchanging must leave less than this share of the misfit."""
_SWAP_FLOOR: Final = 2.5
"""Mean squared misfit in sigma² below which nothing is wrong that a swap could mend."""


_ALL_SEEN: Final = [True] * (2 * _LEG)


class Repaired(NamedTuple):
    """One frame after repair; lists hold knee, ankle, heel and toe of the left leg, then those of the right one.

    relative_ll: from the own hip, legs put back; a point that was not seen lies where it is expected.
    weights: 0 to 1. swapped: the legs were exchanged. collapsed: which leg was left out because it lay on the other.
    """

    relative_ll: Points
    seen: Sequence[bool]
    weights: list[float]
    swapped: bool
    collapsed: tuple[bool, bool]


class Expected(NamedTuple):
    """What the template expects of a frame.

    relative_ll: knee, ankle, heel, toe from the own hip, left then right. variance: of each, squared deviation per
    coordinate. flexion: of either leg, in any unit.
    """

    relative_ll: Points
    variance: Sequence[float]
    flexion: tuple[float, float]


def repair(relative_ll: Points, separation_ll: Iterable[float], expected: Expected, swapped_before: bool) -> Repaired:
    """Judge one frame against what is expected; separation_ll: the legs' distance joint by joint."""
    misfits = _misfits(relative_ll, expected)
    if sum(misfits) < _SWAP_FLOOR * len(misfits):
        # As in most frames, every point is seen and lies about where it should.
        seen, points, swapped = _ALL_SEEN, relative_ll, False
    else:
        swapped = _is_swapped(misfits, relative_ll, expected, swapped_before)
        if swapped:
            relative_ll = _exchanged(relative_ll)
            misfits = _misfits(relative_ll, expected)
        seen = [not math.isnan(misfit) for misfit in misfits]
        points = _filled(relative_ll, expected.relative_ll)
    # Tukey's; a missing point, whose misfit is NaN, has none.
    weights = [(1 - misfit / _GATE) ** 2 if misfit < _GATE else 0.0 for misfit in misfits]
    collapsed = (False, False)
    if _coincide(separation_ll):
        bent = int(expected.flexion[1] > expected.flexion[0])
        weights[_LEG * bent : _LEG * (bent + 1)] = [0.0] * _LEG
        collapsed = (bent == 0, bent == 1)
    return Repaired(points, seen, weights, swapped, collapsed)


def _exchanged(relative_ll: Points) -> Points:
    return [*relative_ll[_LEG:], *relative_ll[:_LEG]]


def _filled(points: Points, usual: Points) -> Points:
    """A point that was not seen lies where it is expected."""
    return [expected if cmath.isnan(point) else point for point, expected in zip(points, usual, strict=True)]


def _misfits(relative_ll: Points, expected: Expected) -> list[float]:
    """Point by point: squared distance in sigma², 1 on average where all is well."""
    usual, variance = expected.relative_ll, expected.variance
    return [0.5 * abs(p - u) ** 2 / v for p, u, v in zip(relative_ll, usual, variance, strict=True)]


def _is_swapped(misfits: list[float], relative_ll: Points, expected: Expected, before: bool) -> bool:
    """Whether the legs fit much better exchanged, judged by the joints that were seen on both."""
    both = [joint for joint in range(_LEG) if math.isfinite(misfits[joint] + misfits[joint + _LEG])]
    if len(both) < 2:
        return before
    as_is = _capped(misfits, both)
    if as_is < _SWAP_FLOOR * 2 * len(both):
        return False
    exchanged = _misfits(_exchanged(relative_ll), expected)
    return _capped(exchanged, both) < (1.0 if before else _SWAP_GAIN) * as_is


def _capped(misfits: list[float], joints: list[int]) -> float:
    """Sum over these joints of both legs; no single one may decide."""
    return sum([min(misfits[joint], _SWAP_CAP) + min(misfits[joint + _LEG], _SWAP_CAP) for joint in joints])


def _coincide(separation_ll: Iterable[float]) -> bool:
    """Whether three joints at least were seen on both legs, and all of them lie on one another."""
    seen = 0
    for apart in separation_ll:
        if apart >= COINCIDE_LL:
            return False
        seen += not math.isnan(apart)
    return seen >= 3
