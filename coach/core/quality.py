"""Trust: which strides may be believed, and why the others may not.

Judged by physics, never by what the pose network says of itself.
"""

from __future__ import annotations

from enum import StrEnum


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
