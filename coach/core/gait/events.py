"""Initial contact, toe-off and peak flexion read off the template.

Offsets: means over 78 legs of 13 runners at 2.5–4.5 m/s against force plates (Fukuchi 2017). What differs between
runners is left as error: about 6 ms for contact and 7 ms for toe-off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    FLEXION,
    HARMONICS,
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

_BEND: Final = np.concatenate([[0.0], *[-(np.arange(1.0, HARMONICS + 1) ** 2)] * 2])
"""From the coefficients of a curve to those of its second derivative."""

_FORWARD_S: Final = 0.0295
"""Contact comes so long after ankle and heel are farthest ahead of the hip."""
_DESCENT_S: Final = -0.0313
"""Contact comes so long before the hips fall fastest."""
_STRAIGHT_S: Final = -0.0097
"""Toe-off comes so long before the knee is straightest at the end of stance."""
_UNFOLD_S: Final = -0.0231
"""Toe-off comes so long before the knee folds most suddenly."""

CONTACT_SD_S: Final = 0.0065
TOE_OFF_SD_S: Final = 0.0070
"""What differs between runners; sampling comes on top."""


@dataclass(frozen=True, slots=True)
class EventPhases:
    """Phases of one leg's events, radians; toe-off and peak are counted from contact, 0 to 2π."""

    contact_rad: float
    toe_off_after_rad: float
    peak_after_rad: float


def read_cycle(template: MeanCycle, leg: int, rate_rad_s: float) -> EventPhases:
    """Where in the cycle one leg touches down, leaves and folds most."""
    own, hips = template.coefficients[leg], template.coefficients[:, HIP_UP, 0].sum(0)
    bent = own[FLEXION, 0]
    curves = (
        bent,
        bent * _BEND,
        own[ANKLE_FROM_HIP, 0],
        own[HEEL_FROM_HIP, 0],
        slope_of(hips),
    )
    cycle = np.array(curves) @ ROWS.T
    # Two cycles in a row: a stretch that begins anywhere in the first one lies in one piece.
    flexion, folding, ankle, heel, hip_rise = np.concatenate([cycle, cycle], axis=1)
    farthest = _top(ankle, 0, _N)
    # Where no heel was ever seen the ankle tells the stride's beginning by itself.
    heel_farthest = _near(_top(heel, 0, _N), farthest) if heel.any() else farthest
    forward = 0.5 * (farthest + heel_farthest) + _FORWARD_S * rate_rad_s
    first = _index(forward)
    descent = _top(-hip_rise, first - _N // 10, _N // 5 + 14) + _DESCENT_S * rate_rad_s
    contact = 0.5 * (forward + descent)
    first = _index(contact)
    straight = _top(-flexion, first + _N // 6, _N // 3)
    unfold = _top(folding, _index(straight) - _N // 50, _N // 10)
    toe_off = 0.5 * (straight + _STRAIGHT_S * rate_rad_s + unfold + _UNFOLD_S * rate_rad_s)
    peak = _top(flexion, first + _N // 3, _N // 2)
    return EventPhases(contact % _TURN, (toe_off - contact) % _TURN, (peak - contact) % _TURN)


def _index(phase: float) -> int:
    return round(phase / _STEP)


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
