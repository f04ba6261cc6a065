"""Trust: which strides may be believed, and why the others may not.

Judged by physics, never by what the pose network says of itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach.core.gait.stride import RejectReason, Stride

__all__ = ["Circumstances", "RejectReason", "StrideEvidence", "Trust", "judge"]


class Trust(StrEnum):
    """What the border of the screen says."""

    MEASURING = "measuring"
    UNSURE = "unsure"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class StrideEvidence:
    """How well a stride was seen, beside what was measured of it."""

    usable_share: float
    """Of the frames within 0.12 s of the peak, those whose leg could be read."""
    collapsed_share: float
    """Of the same frames, those where the leg lay on the other one."""
    swapped_share: float
    """Of the stride's frames, those where the legs had to be put back."""
    expected_s: float
    """The stride time by the clock."""
    reading_sd_deg: float
    """Standard deviation of one frame's reading at the peak."""
    spread_ll: float
    """How far the ankle lies from where it is expected, root mean square."""
    length_ll: float
    """Thigh + shank at the peak, in leg lengths: 1 for a leg that is seen as it is."""
    footed: bool
    """Whether heel and ankle were seen for most of the stride."""
    timed: bool
    """Whether pictures came often enough to tell contact and flight."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else a stride is judged by."""

    running: bool
    real_time: bool
    """False where cadence and fall say that the pictures run slower, or faster, than life."""
    in_view: bool
    young: bool
    """The template is younger than two or three strides."""
    earned: bool
    """True for the near leg, and for a far leg that is trusted."""


_MIN_USABLE: Final = 0.34
_HIDDEN: Final = 0.3
"""Share of collapsed frames from which on the collapse is the reason why a stride could not be read."""
_MAX_SWAPPED: Final = 0.6
_MAX_PEAK_SD_DEG: Final = 5.0
"""With it the mean of eight strides is known to 1.8°. On the real clip thinned to 12 pictures a second strides are
known to 4.0°; on measured runners with hard faults false strides stay at 0.2 % (`bench.kinematics`, hard30)."""
_YOUNG_USABLE: Final = 0.7
_YOUNG_COLLAPSED: Final = 0.15
_YOUNG_SWAPPED: Final = 0.2
"""While the template is young a stride must speak for itself."""
_PEAK_DEG: Final = (40.0, 150.0)
_PERIOD_S: Final = (0.47, 1.1)
_PERIOD_SHARE: Final = 0.15
_LEVER_LL: Final = 0.22
"""How far the lever may lie from cos(flexion / 2): heel instead of ankle, and a network's bias, are in it."""
_MAX_DUTY: Final = 0.5
"""A runner's feet are never both on the ground."""


def judge(stride: Stride, seen: StrideEvidence, how: Circumstances) -> RejectReason | None:
    """Why this stride may not be believed; None where it may."""
    collapsed = seen.collapsed_share > _HIDDEN
    swapped = seen.swapped_share > (_YOUNG_SWAPPED if how.young else _MAX_SWAPPED)
    unread = RejectReason.LEG_COLLAPSED if collapsed else RejectReason.TOO_FEW_FRAMES
    faults = (
        (not how.running, RejectReason.NOT_RUNNING),
        (not how.real_time, RejectReason.ODD_TIME),
        (not how.in_view, RejectReason.OUT_OF_VIEW),
        (swapped, RejectReason.LEGS_SWAPPED),
        (not _readable(stride, seen, young=how.young), unread),
        (not _in_rhythm(stride, seen), RejectReason.IRREGULAR),
        (not _plausible(stride, seen), RejectReason.IMPLAUSIBLE),
        (not how.earned, RejectReason.FAR_LEG),
    )
    return next((reason for wrong, reason in faults if wrong), None)


def _readable(stride: Stride, seen: StrideEvidence, *, young: bool) -> bool:
    if young and seen.collapsed_share > _YOUNG_COLLAPSED:
        return False
    least = _YOUNG_USABLE if young else _MIN_USABLE
    return seen.usable_share >= least and stride.peak_knee_flexion_sd_deg <= _MAX_PEAK_SD_DEG


def _in_rhythm(stride: Stride, seen: StrideEvidence) -> bool:
    period_s = stride.end_s - stride.start_s
    within = _PERIOD_S[0] <= period_s <= _PERIOD_S[1]
    return within and abs(period_s / seen.expected_s - 1) <= _PERIOD_SHARE


def _plausible(stride: Stride, seen: StrideEvidence) -> bool:
    lever = math.cos(math.radians(stride.peak_knee_flexion_deg) / 2)
    return (
        _PEAK_DEG[0] <= stride.peak_knee_flexion_deg <= _PEAK_DEG[1]
        and (abs(stride.min_hip_heel_ll - lever) <= _LEVER_LL or not seen.footed)
        and 0 < stride.contact_time_s < _MAX_DUTY * (stride.end_s - stride.start_s)
    )
