"""Trust: which strides may be believed, and why the others may not.

Judged by physics, never by what the pose network says of itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Trust(StrEnum):
    """What the border of the screen says."""

    MEASURING = "measuring"
    UNSURE = "unsure"
    PAUSED = "paused"


class RejectReason(StrEnum):
    """Why a stride was left out. The value is what is stored and shown."""

    TOO_FEW_FRAMES = "too few usable frames at peak swing"
    IRREGULAR = "stride length out of rhythm"
    LEG_COLLAPSED = "swing leg hidden by the stance leg"
    LEGS_SWAPPED = "left and right exchanged"
    IMPLAUSIBLE = "outside what a knee can do"
    FAR_LEG = "far leg not seen well enough"
    NOT_RUNNING = "not running"
    OUT_OF_VIEW = "runner not wholly in view"


@dataclass(frozen=True, slots=True)
class StrideEvidence:
    """What a stride is judged by."""

    usable_share: float
    """Of the frames within 0.12 s of the peak."""
    collapsed_share: float
    swapped_share: float
    peak_deg: float
    peak_sd_deg: float
    lever_ll: float
    period_s: float
    expected_s: float
    contact_s: float
    running: bool
    in_view: bool
    young: bool
    """The template is younger than two or three strides."""
    earned: bool
    """True for the near leg, and for a far leg that is trusted."""


_MIN_USABLE: Final = 0.34
_HIDDEN: Final = 0.3
"""Share of collapsed frames from which on the collapse is the reason why a stride could not be read."""
_MAX_SWAPPED: Final = 0.6
_MAX_PEAK_SD_DEG: Final = 4.0
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


def judge(evidence: StrideEvidence) -> RejectReason | None:
    """Why this stride may not be believed; None where it may."""
    collapsed = evidence.collapsed_share > _HIDDEN
    swapped = evidence.swapped_share > (_YOUNG_SWAPPED if evidence.young else _MAX_SWAPPED)
    unread = RejectReason.LEG_COLLAPSED if collapsed else RejectReason.TOO_FEW_FRAMES
    faults = (
        (not evidence.running, RejectReason.NOT_RUNNING),
        (not evidence.in_view, RejectReason.OUT_OF_VIEW),
        (swapped, RejectReason.LEGS_SWAPPED),
        (not _readable(evidence), unread),
        (not _in_rhythm(evidence), RejectReason.IRREGULAR),
        (not _plausible(evidence), RejectReason.IMPLAUSIBLE),
        (not evidence.earned, RejectReason.FAR_LEG),
    )
    return next((reason for wrong, reason in faults if wrong), None)


def _readable(evidence: StrideEvidence) -> bool:
    if evidence.young and evidence.collapsed_share > _YOUNG_COLLAPSED:
        return False
    least = _YOUNG_USABLE if evidence.young else _MIN_USABLE
    return evidence.usable_share >= least and evidence.peak_sd_deg <= _MAX_PEAK_SD_DEG


def _in_rhythm(evidence: StrideEvidence) -> bool:
    within = _PERIOD_S[0] <= evidence.period_s <= _PERIOD_S[1]
    return within and abs(evidence.period_s / evidence.expected_s - 1) <= _PERIOD_SHARE


def _plausible(evidence: StrideEvidence) -> bool:
    lever = math.cos(math.radians(evidence.peak_deg) / 2)
    return (
        _PEAK_DEG[0] <= evidence.peak_deg <= _PEAK_DEG[1]
        and abs(evidence.lever_ll - lever) <= _LEVER_LL
        and 0 < evidence.contact_s < _MAX_DUTY * evidence.period_s
    )
