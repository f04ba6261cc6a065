"""Initial contact, toe-off and peak flexion read off the template.

Offsets: means over seven of 13 runners at 2.5–4.5 m/s against force plates (Fukuchi 2017); the other six agree. What
differs between runners is left as error: about 5 ms for contact and 6 ms for toe-off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    FLEXION,
    HEEL_FROM_HIP,
    HIP_UP,
    MeanCycle,
    basis_rows,
    slope_of,
)
from coach.core.units import FloatArray

_N: Final = 128
_TURN: Final = 2 * math.pi
_STEP: Final = _TURN / _N
PHASES: Final = np.linspace(0.0, _TURN, _N, endpoint=False)
ROWS: Final = basis_rows(PHASES)
"""The basis at 128 phases of the cycle."""

_FORWARD_S: Final = 0.0295
"""Contact comes so long after ankle and heel are farthest ahead of the hip."""
_DESCENT: Final = 2 / math.pi**3
"""The hips fall fastest where the belt carries just the body's weight. On a leg like a spring, its force half a sine, a
stance of s radians comes to that so many times s² after contact: 41, 30 and 24 ms at 2.5, 3.5 and 4.5 m/s. Runners do
after 39, 31 and 24 ms."""
_ANKLE_UP_LL: Final = 0.1
_TOE_OFF_S: Final = -0.0133
"""Toe-off comes so long before the middle of two: the knee straightest at the end of stance, which comes later the
faster the run (1, 14 and 14 ms after toe-off at 2.5, 3.5 and 4.5 m/s), and the ankle so far up, which comes sooner (26,
19 and 12 ms). The toe leaves the belt more plainly where it has a marker; a network bends the foot along with the
shank and draws it up 25 ms early."""
_LATEST_UP_S: Final = 0.036
"""No measured runner's ankle is so far up later than this after the knee is straightest (the same 13)."""

CONTACT_SD_S: Final = 0.0050
TOE_OFF_SD_S: Final = 0.0060
"""What differs between runners; sampling comes on top."""


@dataclass(frozen=True, slots=True)
class EventPhases:
    """Phases of one leg's events, radians; toe-off and peak are counted from contact, 0 to 2π."""

    contact_rad: float
    toe_off_after_rad: float
    peak_after_rad: float
    late_rad: float = 0.0
    """How much later than in any measured runner the ankle comes up: so far toe-off is not known."""


def read_cycle(template: MeanCycle, leg: int, rate_rad_s: float) -> EventPhases:
    """Where in the cycle one leg touches down, leaves and folds most."""
    own, hips = template.coefficients[leg], template.coefficients[:, HIP_UP, 0].sum(0)
    curves = (
        own[FLEXION, 0],
        own[ANKLE_FROM_HIP, 0],
        own[HEEL_FROM_HIP, 0],
        own[ANKLE_FROM_HIP, 1] + own[HIP_UP, 0],
        slope_of(hips),
    )
    cycle = np.array(curves) @ ROWS.T
    # Two cycles in a row: a stretch that begins anywhere in the first one lies in one piece.
    flexion, ankle, heel, ankle_up, hip_rise = np.concatenate([cycle, cycle], axis=1)
    farthest = _top(ankle, 0, _N)
    # Where no heel was ever seen the ankle tells the stride's beginning by itself.
    heel_farthest = _near(_top(heel, 0, _N), farthest) if heel.any() else farthest
    forward = 0.5 * (farthest + heel_farthest) + _FORWARD_S * rate_rad_s
    first = _index(forward)
    descent = _top(-hip_rise, first - _N // 10, _N // 5 + 14)
    straight = _top(-flexion, first + _N // 6, _N // 3)
    up_after = _risen(ankle_up, _index(straight)) - straight
    late = max(up_after - _LATEST_UP_S * rate_rad_s, 0.0)
    toe_off = straight + 0.5 * (up_after - late) + _TOE_OFF_S * rate_rad_s
    # Contact is the mean of what feet and hips say, and these say it by the stance that it begins: solved for it,
    # stance = toe_off - (forward + descent - _DESCENT stance²) / 2.
    shortest = toe_off - 0.5 * (forward + descent)
    stance = (1 - math.sqrt(1 - 2 * _DESCENT * shortest)) / _DESCENT
    contact = toe_off - stance
    first = _index(contact)
    peak = _top(flexion, first + _N // 3, _N // 2)
    return EventPhases(contact % _TURN, stance % _TURN, (peak - contact) % _TURN, late)


def _index(phase: float) -> int:
    return round(phase / _STEP)


def _risen(ankle_up: FloatArray, straight: int) -> float:
    """Phase at which the ankle has risen from where it was a tenth of a cycle before the knee is `straight`.

    At the latest a twelfth of a cycle after that. Takes the height as `_top` takes values.
    """
    at = (straight - _N // 7) % _N + _N // 7
    looked, last = at - _N // 18, at + _N // 12
    level = float(ankle_up[at - _N // 7 : looked].mean()) + _ANKLE_UP_LL
    above = np.flatnonzero(ankle_up[looked:last] >= level)
    if not above.size:
        return (straight - at + last) * _STEP
    i = looked + above.item(0)
    before, here = ankle_up.item(i - 1), ankle_up.item(i)
    back = (here - level) / (here - before) if before < level else 0.0
    return (straight - at + i - back) * _STEP


def _near(phase: float, reference: float) -> float:
    """The same phase, unwrapped to lie within half a turn of `reference`."""
    return phase + _TURN * round((reference - phase) / _TURN)


def _top(values: FloatArray, first: int, count: int) -> float:
    """Phase of the largest of `count` values from `first` on, parabola on top; values: (256,), the cycle twice."""
    start = first % _N
    i = start + int(values[start : start + count].argmax())
    before, at, after = values.item((i - 1) % _N), values.item(i), values.item((i + 1) % _N)
    bend = before - 2 * at + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return (first - start + i + min(max(shift, -0.5), 0.5)) * _STEP
