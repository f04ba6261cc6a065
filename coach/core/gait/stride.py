"""A stride as it was measured: from one initial contact to the next of the same foot."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from coach.core.columns import FitField, Shown, note
from coach.core.pose import Side


class RejectReason(StrEnum):
    """Why a stride was left out. The value is what is stored and shown."""

    TOO_FEW_FRAMES = "too few usable frames at peak swing"
    IRREGULAR = "stride length out of rhythm"
    LEG_COLLAPSED = "swing leg hidden by the stance leg"
    LEGS_SWAPPED = "left and right exchanged"
    IMPLAUSIBLE = "outside what a knee can do"
    FAR_LEG = "far leg not seen well enough"
    NOT_RUNNING = "not running"
    ODD_TIME = "slower or faster than life"
    OUT_OF_VIEW = "runner not wholly in view"


@dataclass(frozen=True, slots=True)
class Stride:
    """One finished stride as it was measured; NaN where a value is unknown.

    `reject_reason` is None for a valid stride. Rejected strides are kept and never coached.
    """

    side: Side = field(metadata=note("the foot whose contacts begin and end it", "leg"))
    near: bool = field(metadata=note("the leg nearer to the camera", "leg"))
    start_s: float = field(metadata=note("initial contact on the run's clock", "measured", unit="s", certain=True))
    end_s: float = field(metadata=note("next initial contact of this foot", "measured", unit="s", certain=True))
    initial_contact_s: float = field(metadata=note("initial contact", "measured", unit="s"))
    toe_off_s: float = field(metadata=note("toe-off", "measured", unit="s"))
    peak_knee_flexion_deg: float = field(
        metadata=note(
            "highest knee flexion in swing; 0 is a straight leg",
            "measured",
            unit="deg",
            digits=2,
            near_only=True,
            fit=FitField(0, "peak_knee_flexion", "deg"),
            sd="peak_knee_flexion_sd_deg",
        )
    )
    peak_knee_flexion_s: float = field(metadata=note("when the knee was bent most", "measured", unit="s"))
    peak_knee_flexion_sd_deg: float = field(
        metadata=note(
            "one-sigma uncertainty of the peak, pose noise and frame rate included; the network's bias is not in it",
            "measured",
            unit="deg",
            digits=2,
            least=0,
        )
    )
    min_hip_heel_ll: float = field(
        metadata=note(
            "shortest hip-to-heel lever in swing",
            "measured",
            unit="ll",
            least=0,
            near_only=True,
            summed=True,
            shown=Shown("Shortest lever", "page.of_leg", 100),
        )
    )
    heel_rise_ll: float = field(
        metadata=note("highest heel above its stance height", "measured", unit="ll", near_only=True, summed=True)
    )
    cadence_spm: float = field(
        metadata=note("both feet counted, from this stride", "measured", unit="spm", digits=3, least=0)
    )
    contact_time_s: float = field(
        metadata=note(
            "from initial contact to toe-off",
            "measured",
            unit="s",
            least=0,
            summed=True,
            shown=Shown("Ground contact", " ms", 1000, where=frozenset({"page", "compare", "screen"})),
            fit=FitField(2, "contact_time", "ms", 1000),
            sd="contact_time_sd_s",
        )
    )
    contact_time_sd_s: float = field(
        metadata=note("one-sigma uncertainty of the contact time", "measured", unit="s", least=0)
    )
    flight_time_s: float = field(
        metadata=note(
            "from toe-off to the other foot's contact",
            "measured",
            unit="s",
            summed=True,
            shown=Shown("Flight", " ms", 1000),
        )
    )
    vertical_oscillation_ll: float = field(
        metadata=note(
            "vertical travel of the mid-hip over the stride, peak to peak",
            "measured",
            unit="ll",
            least=0,
            key="bounce_ll",
            formerly=("bounce_ll",),
            summed=True,
            shown=Shown("Bounce", "page.of_leg", 100, 1, where=frozenset({"page", "compare"})),
        )
    )
    thigh_at_peak_deg: float = field(
        default=math.nan,
        metadata=note(
            "the thigh ahead of vertical while the knee is bent most: folded under reads high, flicked up behind low",
            "measured",
            unit="deg",
            digits=2,
            near_only=True,
            summed=True,
            shown=Shown("Thigh ahead at the fold", "°", digits=0, where=frozenset({"page", "compare", "screen"})),
            fit=FitField(3, "thigh_at_peak_flexion", "deg"),
            sd="thigh_at_peak_sd_deg",
        ),
    )
    thigh_at_peak_sd_deg: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of that angle", "measured", unit="deg", digits=2, least=0),
    )
    thigh_forward_deg: float = field(
        default=math.nan,
        metadata=note(
            "the thigh's greatest angle ahead of vertical, of the mean stride at that time",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Thigh farthest ahead", "°"),
            fit=FitField(4, "thigh_forward", "deg"),
        ),
    )
    thigh_back_deg: float = field(
        default=math.nan,
        metadata=note(
            "the thigh's greatest angle behind vertical, about toe-off, of the mean stride at that time",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Thigh farthest behind", "°"),
            fit=FitField(5, "thigh_back", "deg"),
        ),
    )
    shank_at_contact_deg: float = field(
        default=math.nan,
        metadata=note(
            "the shank at initial contact, + the ankle ahead of the knee, of the mean stride at that time",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Shank at contact", "°"),
            fit=FitField(6, "shank_at_contact", "deg"),
        ),
    )
    foot_ahead_ll: float = field(
        default=math.nan,
        metadata=note(
            "the ankle ahead of the own hip at initial contact, of the mean stride at that time",
            "measured",
            unit="ll",
            near_only=True,
            summed=True,
            shown=Shown("Foot ahead of the hip", "page.of_leg", 100),
            fit=FitField(7, "foot_ahead_of_hip", "leg lengths"),
        ),
    )
    reject_reason: RejectReason | None = field(
        default=None, metadata=note("why it was left out; null for a valid one", "trust")
    )

    @property
    def valid(self) -> bool:
        """Whether the stride may be shown, counted and coached."""
        return self.reject_reason is None
