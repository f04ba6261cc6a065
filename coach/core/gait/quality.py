"""Trust: which strides may be believed and why the others may not, and whether the leg behind may be shown.

Judged by physics, never by what the pose network says of itself.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from coach.core.gait.stride import RejectReason, Stride

__all__ = ["Circumstances", "FarLegTrust", "RejectReason", "StrideEvidence", "Trust", "judge"]


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
    unread_s: float
    """How long about the peak nothing was read: from the last reading before it to the first one after it."""
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
    misfit_ll: float
    """How far the stride's own points lay from there, outliers capped, of the leg that fits better."""
    length_ll: float
    """Thigh + shank at the peak, in leg lengths: 1 for a leg that is seen as it is."""
    travel_ll: float
    """How far the ankle travels at the peak while the shutter may be open."""
    stretch: float
    """The longest that the shank reads about the peak, against the rest of the cycle."""
    stretch_sd: float
    """One-sigma uncertainty of that."""
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
    at_edge: bool
    """The foot came to a side edge of the picture."""
    young: bool
    """The template is younger than two or three strides."""
    earned: bool
    """True for the near leg, and for a far leg that is trusted."""


# Where no other source is named, a limit was set by eye and is held against measured runners, `python -m bench.limits
# --every 2`: of 545 right strides with hard faults all limits together refuse 5.1 %, of 550 with typical ones none; and
# they refuse all three wrong ones. "Right" below is the 99th percentile (or 1st) with hard faults.
_MIN_USABLE: Final = 0.34
"""Three of the eight frames that lie around a peak at 30 pictures a second: a parabola goes through any three."""
_MAX_UNREAD_S: Final = 0.24
"""The same window. Right: 0.03 typical, 0.32 hard, where mostly too few frames were read as well. Pictures that never
came are in no share of frames: where a camera hung over a fold for 0.4 s and more, the peak read up to 28° low (`python
-m bench.hangs`)."""
_HIDDEN: Final = 0.3
"""Share of collapsed frames from which on the collapse is the reason why a stride could not be read. It names, and
refuses nothing: three of ten are more than a glance, and two thirds would have to be gone."""
_MAX_SWAPPED: Final = 0.6
"""Right: 0.30. Where more frames were exchanged than not, the names of the legs are what is wrong."""
_MAX_PEAK_SD_DEG: Final = 5.0
"""Right: 3.3°. With it the mean of eight strides is known to 1.8°. On the real clip thinned to 12 pictures a second
strides are known to 4.0° (`bench.few_pictures`); false strides with hard faults stay at 0.2 % (`bench.kinematics`)."""
_MAX_TRAVEL_LL: Final = 0.193
"""Right: 0.12 to 0.18, of 13 runners at 4.5 m/s and 30 pictures a second. The near leg of the demo's runner at 5.5 m/s
travels 0.185 to 0.191, and seems to travel 0.196 to 0.200 with the shutter open all the time, when it reads 3.4° low.
At 60 pictures a second it is half as far (`python -m bench.blur`)."""
_MAX_STRETCH: Final = 1.10
"""Right: 1.04, drawn clips 1.07 and the real one 1.09 at most. Where a near knee that is read on the stance knee puts
the peak more than 8° off: 1.23 (median, typical faults; 1.09 with hard ones). A slow jog with low lift that reads 84°
for 74° so: 1.08 to 1.19 (docs/accuracy-front-end.md, "Knees in one dark mass")."""
_STRETCH_BY_CHANCE: Final = 2.5
"""Deviations by which a shank may read longer than it is: a young mean stride of few or noisy pictures says little of
its length, and the longest of several readings lies above their mean. At 30 pictures a second it rarely counts."""
_YOUNG_USABLE: Final = 0.7
_YOUNG_COLLAPSED: Final = 0.15
_YOUNG_SWAPPED: Final = 0.2
"""While the template is young a stride must speak for itself: twice the usable frames, half the collapsed ones and a
third of the exchanged ones."""
_PEAK_DEG: Final = (40.0, 150.0)
"""Right: 80 to 134°. Below, it is a step; beyond, calf and thigh touch."""
_EDGE_SPREAD_LL: Final = 0.04
"""Right: 0.038, on clips 0.01 to 0.04 at one speed. A foot that the picture's edge cuts off is read now at the edge,
now at the other leg: 0.05 to 0.13, up to 25° low (docs/accuracy-front-end.md, "A foot beyond the edge"). Whoever knows
where it is, as markers do, is believed."""
_MAX_SPREAD_LL: Final = 0.09
"""Right: 0.038, and 0.053 on a clip whose speed changes. A knee that the front edge cuts off is read anywhere:
0.1 to 0.16, up to 24° low (the same table)."""
_MAX_MISFIT_LL: Final = 0.07
"""Right: 0.025 typical, 0.048 hard; 0.076 at most while a belt changes by 2 m/s within 1 to 3 s. Where a film's time
changes its speed, or it is cut, the clock goes on and half a stride is that of another time: 0.071 to 0.087, and the
peak 14 to 53° low (slow motion of 4 and 8, in 10 of 64 films)."""
_PERIOD_S: Final = (0.47, 1.1)
"""Right: 0.53 to 0.85 s. 255 and 109 steps a minute, a sprinter's and a stroller's."""
_PERIOD_SHARE: Final = 0.15
"""Right: 0.023. Runners' strides differ by 1 to 2 %; one event taken for another's moves a contact by a quarter."""
_LEVER_LL: Final = 0.22
"""Right: 0.072. How far the lever may lie from cos(flexion / 2): heel instead of ankle, and a network's bias, are in
it."""
_MAX_DUTY: Final = 0.5
"""Right: 0.39. A runner's feet are never both on the ground; from one half on it is a walk, by definition."""


def judge(stride: Stride, seen: StrideEvidence, how: Circumstances) -> RejectReason | None:
    """Why this stride may not be believed; None where it may."""
    collapsed = seen.collapsed_share > _HIDDEN
    swapped = seen.swapped_share > (_YOUNG_SWAPPED if how.young else _MAX_SWAPPED)
    unread = RejectReason.LEG_COLLAPSED if collapsed else RejectReason.TOO_FEW_FRAMES
    faults = (
        (not how.running, RejectReason.NOT_RUNNING),
        (not how.real_time, RejectReason.ODD_TIME),
        (not how.in_view or (how.at_edge and seen.spread_ll > _EDGE_SPREAD_LL), RejectReason.OUT_OF_VIEW),
        (swapped, RejectReason.LEGS_SWAPPED),
        (_too_long(seen), RejectReason.LEG_COLLAPSED),
        (not _readable(stride, seen, young=how.young), unread),
        (seen.travel_ll > _MAX_TRAVEL_LL, RejectReason.TOO_FAST),
        (not _in_rhythm(stride, seen), RejectReason.IRREGULAR),
        (not _plausible(stride, seen), RejectReason.IMPLAUSIBLE),
        (not how.earned, RejectReason.FAR_LEG),
    )
    return next((reason for wrong, reason in faults if wrong), None)


def _too_long(seen: StrideEvidence) -> bool:
    return seen.stretch > max(_MAX_STRETCH, 1 + _STRETCH_BY_CHANCE * seen.stretch_sd)


def _readable(stride: Stride, seen: StrideEvidence, *, young: bool) -> bool:
    """Whether the leg could be read about its peak; a shutter that smears it is a fault of its own."""
    if young and seen.collapsed_share > _YOUNG_COLLAPSED:
        return False
    least = _YOUNG_USABLE if young else _MIN_USABLE
    sure = stride.own_peak_sd_deg <= _MAX_PEAK_SD_DEG and not math.isnan(seen.travel_ll)
    steady = seen.spread_ll <= _MAX_SPREAD_LL
    return sure and steady and seen.usable_share >= least and seen.unread_s <= _MAX_UNREAD_S


def _in_rhythm(stride: Stride, seen: StrideEvidence) -> bool:
    period_s = stride.end_s - stride.start_s
    within = _PERIOD_S[0] <= period_s <= _PERIOD_S[1]
    alike = not seen.misfit_ll > _MAX_MISFIT_LL
    return within and alike and abs(period_s / seen.expected_s - 1) <= _PERIOD_SHARE


def _plausible(stride: Stride, seen: StrideEvidence) -> bool:
    lever = math.cos(math.radians(stride.peak_knee_flexion_deg) / 2)
    return (
        _PEAK_DEG[0] <= stride.peak_knee_flexion_deg <= _PEAK_DEG[1]
        and (abs(stride.min_hip_heel_ll - lever) <= _LEVER_LL or not seen.footed)
        and 0 < stride.contact_time_s < _MAX_DUTY * (stride.end_s - stride.start_s)
    )


class FarLegTrust:
    """Whether the leg behind has earned to be shown: compares its last strides with those of the near one.

    A network that cannot see the far leg draws it onto the near one: it reads low, is often not
    usable, or both. Runners' own asymmetry is 4° on average and 15° at most (13 runners at 3 speeds).
    """

    _STRIDES: Final = 6
    """Four seconds of one leg; a median of six outlives two bad ones."""
    _MIN_STRIDES: Final = 2
    """One stride may be a chance; a runner should not wait longer than need be."""

    # Beside each, from `python -m bench.limits --every 2`: what 99 of 100 windows keep to with a far leg that is seen
    # (typical and hard faults), and the median of one that is read halfway on the near leg. All five together show
    # the first in all of 1059 windows and hide the second in all of 830.
    _MIN_USABLE: Final = 0.5
    """Seen: 1 and 0.54; halfway: 1 and 0.87, so it is the others that tell."""
    _MIN_USABLE_ONCE: Final = 0.4
    """Three of the eight frames around a peak, and a little more than the near leg's 0.34."""
    _MAX_BELOW_DEG: Final = 17.0
    """Seen: 14.2° and 9.6°; halfway: 30° and 29°."""
    _MAX_READING_SD_DEG: Final = 8.5
    """A reading that jumps more from frame to frame is a guess. Seen: 3.0° and 4.9°; halfway: 8.3° and 10.3°."""
    _MAX_SPREAD_LL: Final = 0.055
    """Seen: 0.027 and 0.050; halfway: 0.056 and 0.073."""
    _MIN_LENGTH_LL: Final = 0.88
    """A leg drawn onto the other one shrinks; bones do not. Seen: 0.98 and 0.95; halfway 0.97 and 0.95 (the 1st
    percentile 0.90 and 0.87), so it refuses only what is plainly no leg."""

    def __init__(self) -> None:
        self._near: deque[float] = deque(maxlen=self._STRIDES)
        self._far: deque[tuple[float, StrideEvidence]] = deque(maxlen=self._STRIDES)
        self.trusted = False

    def see(self, stride: Stride, seen: StrideEvidence, near: bool) -> None:
        """Take one stride of either leg."""
        if near:
            self._near.append(stride.peak_knee_flexion_deg)
        else:
            self._far.append((stride.peak_knee_flexion_deg, seen))
        self.trusted = self._judge()

    def believes(self, seen: StrideEvidence) -> bool:
        """Whether this one stride of the far leg may be shown."""
        return self.trusted and seen.usable_share >= self._MIN_USABLE_ONCE

    def _judge(self) -> bool:
        if len(self._far) < self._MIN_STRIDES or not self._near:
            return False
        below = median(self._near) - median(peak_deg for peak_deg, _ in self._far)
        far = [seen for _, seen in self._far]
        return (
            median(seen.usable_share for seen in far) >= self._MIN_USABLE
            and median(seen.reading_sd_deg for seen in far) <= self._MAX_READING_SD_DEG
            and median(seen.spread_ll for seen in far) <= self._MAX_SPREAD_LL
            and median(seen.length_ll for seen in far) >= self._MIN_LENGTH_LL
            and below <= self._MAX_BELOW_DEG
        )
