"""A stride as it was measured: from one initial contact to the next of the same foot."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from coach.core.columns import FitField, Norm, Shown, note
from coach.core.pose import Side

_FUKUCHI_13: Final = "Fukuchi 2017, n = 13"
"""Computed from the keypoints of 13 runners (`python -m bench.posture --norms`); a test computes them again."""
_FUKUCHI_26: Final = "Fukuchi 2017, n = 26"
"""The same treadmill, all 26 runners: means of the published curves and events."""
_TENG: Final = "Teng & Powers 2015, n = 40"
"""Overground at 3.4 m/s, stance alone: the two halves of 40 runners, 3.6 ± 2.8° and 10.8 ± 2.2°, put together."""


def _norm(means: tuple[float, float, float], sds: tuple[float, float, float], source: str = _FUKUCHI_13) -> Norm:
    """Of the three belt speeds that were measured."""
    return Norm((2.5, 3.5, 4.5), means, sds, source)


class RejectReason(StrEnum):
    """Why a stride was left out. The value is what is stored and shown."""

    TOO_FEW_FRAMES = "too few usable frames at peak swing"
    TOO_FAST = "too fast for so few pictures a second"
    IRREGULAR = "stride length out of rhythm"
    LEG_COLLAPSED = "swing leg hidden by the stance leg"
    LEGS_SWAPPED = "left and right exchanged"
    IMPLAUSIBLE = "outside what a knee can do"
    FAR_LEG = "far leg not seen well enough"
    NOT_RUNNING = "not running"
    ODD_TIME = "slower or faster than life"
    OUT_OF_VIEW = "runner not wholly in view"
    PAUSED = "in a pause"
    """Measured as well as any, but the runner did not want it: it counts in no figure, as its time in no distance."""


@dataclass(frozen=True, slots=True)
class Stride:
    """One finished stride as it was measured; NaN where a value is unknown.

    `reject_reason` is None for a valid stride. Rejected strides are kept and never coached.
    """

    side: Side = field(metadata=note("the foot whose contacts begin and end it", "leg"))
    near: bool = field(metadata=note("the leg nearer to the camera", "leg"))
    start_s: float = field(
        metadata=note("initial contact on the run's clock", "measured", unit="s", certain=True, moment=True)
    )
    end_s: float = field(
        metadata=note("next initial contact of this foot", "measured", unit="s", certain=True, moment=True)
    )
    initial_contact_s: float = field(metadata=note("initial contact", "measured", unit="s", moment=True))
    toe_off_s: float = field(metadata=note("toe-off", "measured", unit="s", moment=True))
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
    peak_knee_flexion_s: float = field(metadata=note("when the knee was bent most", "measured", unit="s", moment=True))
    peak_knee_flexion_sd_deg: float = field(
        metadata=note(
            "one-sigma uncertainty of the peak: pose noise, frame rate, and what strides share; the network's own bias "
            "is not in it",
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
            shown=Shown("Shortest lever", "page.of_leg", 100, where=frozenset({"page", "compare", "form"})),
            norm=_norm((0.697, 0.581, 0.502), (0.076, 0.077, 0.080), _FUKUCHI_26),
        )
    )
    heel_rise_ll: float = field(
        metadata=note(
            "highest heel above its stance height, of the mean stride at that time",
            "measured",
            unit="ll",
            near_only=True,
            summed=True,
        )
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
            each_leg=True,
            norm=_norm((0.269, 0.225, 0.197), (0.023, 0.017, 0.015), _FUKUCHI_26),
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
            each_leg=True,
        )
    )
    vertical_oscillation_ll: float = field(
        metadata=note(
            "vertical travel of the mid-hip, peak to peak, of the mean stride at that time",
            "measured",
            unit="ll",
            least=0,
            key="bounce_ll",
            formerly=("bounce_ll",),
            summed=True,
            shown=Shown("Bounce", "page.of_leg", 100, 1, where=frozenset({"page", "compare", "form"})),
            fit=FitField(13, "vertical_oscillation", "leg lengths"),
            sd="vertical_oscillation_sd_ll",
            norm=_norm((0.118, 0.115, 0.101), (0.016, 0.014, 0.015)),
        )
    )
    peak_knee_flexion_shared_sd_deg: float = field(
        default=math.nan,
        metadata=note(
            "the part of it that strides of one run share, from where the camera stands, blur and a shank that reads "
            "short in the fold; more strides do not make it smaller, a change within the run does not have it, one "
            "from run to run has that of both unless the camera stayed where it was",
            "measured",
            unit="deg",
            digits=2,
            least=0,
        ),
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
            shown=Shown("Thigh ahead at the fold", "°", where=frozenset({"page", "compare", "screen", "form"})),
            fit=FitField(3, "thigh_at_peak_flexion", "deg"),
            sd="thigh_at_peak_sd_deg",
            norm=_norm((18.3, 19.8, 21.5), (2.8, 3.2, 3.2)),
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
            sd="thigh_extreme_sd_deg",
            norm=_norm((28.6, 35.2, 42.1), (3.8, 4.4, 4.6)),
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
            sd="thigh_extreme_sd_deg",
            norm=_norm((21.5, 28.4, 32.9), (2.4, 2.6, 3.1)),
        ),
    )
    thigh_extreme_sd_deg: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of the thigh farthest ahead, and behind", "measured", unit="deg", least=0),
    )
    thigh_range_deg: float = field(
        default=math.nan,
        metadata=note(
            "from the thigh farthest behind to farthest ahead, of the mean stride at that time",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Thigh's range", "°", where=frozenset({"page", "compare", "form"})),
            fit=FitField(8, "thigh_range", "deg"),
            sd="thigh_range_sd_deg",
            norm=_norm((50.1, 63.5, 75.0), (5.4, 6.0, 6.1)),
        ),
    )
    thigh_range_sd_deg: float = field(
        default=math.nan, metadata=note("one-sigma uncertainty of that range", "measured", unit="deg", least=0)
    )
    thigh_swing_dps: float = field(
        default=math.nan,
        metadata=note(
            "mean angular speed of the thigh through swing, from farthest behind to farthest ahead, of the mean stride",
            "measured",
            unit="dps",
            least=0,
            near_only=True,
            summed=True,
            shown=Shown("Thigh's speed in swing", "°/s", where=frozenset({"page", "compare", "form"})),
            fit=FitField(9, "thigh_swing_speed", "deg/s"),
            sd="thigh_swing_sd_dps",
            norm=_norm((175.0, 221.0, 264.0), (17.0, 23.0, 28.0)),
        ),
    )
    thigh_swing_sd_dps: float = field(
        default=math.nan, metadata=note("one-sigma uncertainty of that speed", "measured", unit="dps", least=0)
    )
    shank_at_contact_deg: float = field(
        default=math.nan,
        metadata=note(
            "the shank at initial contact, + the ankle ahead of the knee, of the mean stride at that time",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Shank at contact", "°", where=frozenset({"page", "form"})),
            fit=FitField(6, "shank_at_contact", "deg"),
            sd="shank_at_contact_sd_deg",
            norm=_norm((6.4, 9.4, 11.6), (1.9, 2.4, 2.4)),
        ),
    )
    shank_at_contact_sd_deg: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of that angle, the moment's included", "measured", unit="deg", least=0),
    )
    foot_ahead_ll: float = field(
        default=math.nan,
        metadata=note(
            "the ankle ahead of the own hip at initial contact, of the mean stride at that time",
            "measured",
            unit="ll",
            near_only=True,
            summed=True,
            shown=Shown("Foot ahead of the hip", "page.of_leg", 100, where=frozenset({"page", "compare", "form"})),
            fit=FitField(7, "foot_ahead_of_hip", "leg lengths"),
            sd="foot_ahead_sd_ll",
            norm=_norm((0.210, 0.264, 0.308), (0.020, 0.023, 0.023)),
        ),
    )
    foot_ahead_sd_ll: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of that distance, the moment's included", "measured", unit="ll", least=0),
    )
    foot_at_contact_deg: float = field(
        default=math.nan,
        metadata=note(
            "the foot at initial contact against the same foot in mid-stance, + toes up, of the mean stride",
            "measured",
            unit="deg",
            near_only=True,
            summed=True,
            shown=Shown("Foot at contact", "°"),
            fit=FitField(10, "foot_at_contact", "deg"),
            sd="foot_at_contact_sd_deg",
            norm=_norm((9.8, 12.2, 13.1), (7.4, 8.5, 8.7)),
        ),
    )
    foot_at_contact_sd_deg: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of that angle, the moment's included", "measured", unit="deg", least=0),
    )
    trunk_lean_deg: float = field(
        default=math.nan,
        metadata=note(
            "hips to shoulders ahead of vertical, mean over the stride",
            "measured",
            unit="deg",
            summed=True,
            shown=Shown("Trunk lean", "°", where=frozenset({"page", "compare", "form"})),
            fit=FitField(11, "trunk_lean", "deg"),
            sd="trunk_lean_sd_deg",
            norm=Norm((3.4,), (7.2,), (4.4,), _TENG),
        ),
    )
    trunk_lean_sd_deg: float = field(
        default=math.nan, metadata=note("one-sigma uncertainty of that angle", "measured", unit="deg", least=0)
    )
    duty_factor: float = field(
        default=math.nan,
        metadata=note(
            "share of the stride on the ground",
            "measured",
            least=0,
            summed=True,
            shown=Shown("Time on the ground", " %", 100, 1),
            fit=FitField(12, "duty_factor", "%", 100),
            sd="duty_factor_sd",
            each_leg=True,
            norm=_norm((0.362, 0.321, 0.301), (0.025, 0.020, 0.020), _FUKUCHI_26),
        ),
    )
    duty_factor_sd: float = field(
        default=math.nan, metadata=note("one-sigma uncertainty of that share", "measured", least=0)
    )
    vertical_oscillation_sd_ll: float = field(
        default=math.nan, metadata=note("one-sigma uncertainty of the bounce", "measured", unit="ll", least=0)
    )
    plumb_sd_deg: float = field(
        default=math.nan,
        metadata=note(
            "one-sigma uncertainty of the plumb line, from where the camera stands; it is in that of thigh, shank, "
            "foot ahead and trunk, and strides of one run share it; 0 where the camera is taken as at the side",
            "measured",
            unit="deg",
            digits=2,
            least=0,
        ),
    )
    reject_reason: RejectReason | None = field(
        default=None, metadata=note("why it was left out; null for a valid one", "trust")
    )

    @property
    def valid(self) -> bool:
        """Whether the stride may be shown, counted and coached."""
        return self.reject_reason is None

    @property
    def own_peak_sd_deg(self) -> float:
        """One-sigma uncertainty of the peak against others of the run; NaN where unknown.

        All of it where the shared part is unknown, as in sessions that were kept before it was stated.
        """
        return _without(self.peak_knee_flexion_sd_deg, self.peak_knee_flexion_shared_sd_deg)

    @property
    def own_thigh_sd_deg(self) -> float:
        """Of the thigh at peak flexion, in the same way."""
        return _without(self.thigh_at_peak_sd_deg, self.plumb_sd_deg)

    @property
    def own_foot_ahead_sd_ll(self) -> float:
        """Of the foot ahead at contact, in the same way."""
        return _without(self.foot_ahead_sd_ll, math.radians(self.plumb_sd_deg))

    @property
    def own_trunk_sd_deg(self) -> float:
        """Of the trunk's lean, in the same way."""
        return _without(self.trunk_lean_sd_deg, self.plumb_sd_deg)


def _without(sd: float, shared: float) -> float:
    """A standard deviation without the part that is shared."""
    known = 0.0 if math.isnan(shared) else shared
    return math.nan if math.isnan(sd) else math.sqrt(max(sd**2 - known**2, 0.0))
