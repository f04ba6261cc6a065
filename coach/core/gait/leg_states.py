"""What is said of each leg now: read off the rhythm that is followed, or by a plain filter where there is none."""

from __future__ import annotations

import math
from typing import Final

from coach.core.gait import LegState
from coach.core.gait.cycle_tracker import CycleFrame
from coach.core.gait.kinematics import HEEL, HIP, Legs
from coach.core.gait.stride_segmentation import StrideSegmenter
from coach.core.pose import SIDES, Side

UNKNOWN: Final = LegState(math.nan, math.nan, math.nan)
_SHOWN_PHASE_VARIANCE: Final = 0.06
"""rad²; beyond it the curve is a guess and is hidden."""
_SHOWN_GAP_S: Final = 0.4
_BENDS_BACK_DEG: Final = -15.0
"""No knee does, nor is a straight one read so: the runner faces the other way, and it has not shown yet."""

_MIN_CUTOFF_HZ: Final = 3.0
_DERIVATIVE_CUTOFF_HZ: Final = 3.0
_BETA: Final = 0.05
"""Opens the filter with speed (Casiez et al. 2012). All three suit knee flexion in degrees at webcam rates: −0.6 to
−1.2° at the peak of a running swing and 6–7 ms late, against −4 to −9° of the method's usual defaults."""
_HOLD_S: Final = 0.15
"""A gap longer than this starts the filter anew."""


class OneEuroFilter:
    """A low-pass whose cut-off rises with the speed of the signal; NaN in, NaN out."""

    def __init__(self) -> None:
        self._last_s = math.nan
        self._raw = self._value = self._slope = math.nan

    def step(self, t_s: float, raw: float) -> float:
        """The filtered value at `t_s`; NaN where `raw` is NaN."""
        if math.isnan(raw):
            return math.nan
        if not t_s - self._last_s <= _HOLD_S:
            self._slope, self._value = 0.0, raw
        else:
            dt_s = max(t_s - self._last_s, 1e-4)
            self._slope += _share(_DERIVATIVE_CUTOFF_HZ, dt_s) * ((raw - self._raw) / dt_s - self._slope)
            cutoff_hz = _MIN_CUTOFF_HZ + _BETA * abs(self._slope)
            self._value += _share(cutoff_hz, dt_s) * (raw - self._value)
        self._last_s, self._raw = t_s, raw
        return self._value


def _share(cutoff_hz: float, dt_s: float) -> float:
    """How much of a new value a first-order low-pass takes in."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * dt_s))


class PlainLegs:
    """The near leg where there is no rhythm to follow: one frame's own angle and lever, filtered a little."""

    def __init__(self) -> None:
        self._filters = (OneEuroFilter(), OneEuroFilter())

    def states(self, legs: Legs | None, near: Side | None) -> tuple[LegState, LegState]:
        """Left and right at one more frame; the far leg is never told without a rhythm."""
        if legs is None:
            return UNKNOWN, UNKNOWN
        left, right = (self._state(legs, i, told=side == near) for i, side in enumerate(SIDES))
        return left, right

    def _state(self, legs: Legs, i: int, *, told: bool) -> LegState:
        flexion = self._filters[i].step(legs.t_s, legs.flexion_deg[i])
        lever = abs(legs.points_ll[i][HEEL] - legs.points_ll[i][HIP])
        return LegState(flexion, lever, math.nan) if told and not flexion < _BENDS_BACK_DEG else UNKNOWN


def followed_legs(
    frame: CycleFrame, strides: StrideSegmenter, gap_s: float, told: tuple[bool, bool]
) -> tuple[LegState, LegState]:
    """Left and right as the rhythm has them.

    gap_s: since a leg was last read; told: which legs may be shown. Unknown while the clock runs blind.
    """
    if frame.phase_variance > _SHOWN_PHASE_VARIANCE or gap_s > _SHOWN_GAP_S:
        return UNKNOWN, UNKNOWN
    left, right = [_followed(frame, strides, i) if told[i] else UNKNOWN for i in range(2)]
    return left, right


def _followed(frame: CycleFrame, strides: StrideSegmenter, i: int) -> LegState:
    leg = frame.legs[i]
    if leg.flexion_deg < _BENDS_BACK_DEG:
        return UNKNOWN
    return LegState(leg.flexion_deg, leg.hip_heel_ll, strides.share(i, frame.phase_rad))
