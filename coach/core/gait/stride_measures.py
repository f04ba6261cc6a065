"""One stride's figures from the cycle filter's frames: peak, lever, rise, contact, flight, oscillation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from statistics import median
from typing import Any, Final

import numpy as np

from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker, LegFrame
from coach.core.gait.deviation import DEVIATION_SCALE_S, FAR_SHARE, SLOW_SHARE, TRUE_SHARE, Readings, smoothed
from coach.core.gait.events import CONTACT_SD_S, PHASES, ROWS, TOE_OFF_SD_S, EventPhases
from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    FLEXION,
    FLEXION_UNIT_DEG,
    HEEL_FROM_HIP,
    HIP_UP,
    KNEE_FROM_HIP,
    MeanCycle,
    basis_rows,
)
from coach.core.gait.posture import STRIDES_IN_TEMPLATE, MeanStride, form, thigh_ahead, trunk_lean
from coach.core.gait.quality import StrideEvidence
from coach.core.gait.stride import Stride
from coach.core.gait.swing_top import OwnTops, fold_of, top_gap
from coach.core.gait.timekeeping import carries_timing
from coach.core.pose import SIDES
from coach.core.units import FloatArray

SMOOTHING_S: Final = 0.35
"""How far on both sides of the peak readings count."""
_PEAK_WINDOW_S: Final = 0.12
_LOOK_S: Final = 0.09
_GRID_S: Final = 0.012
"""Between the grid's points the curve is a parabola."""
_MEAN_DEG: Final = attrgetter("mean_deg")
_MIN_SEEN: Final = 0.2
"""Of a stride's frames; a leg seen less has made no stride that anyone could know of."""
_TIMING_OFF: Final = 0.6
"""Of the time that the ankle takes to go as far as the stride's points lie from the mean one's, what contact is off by
beside what is known of it. While a belt changes its speed, the mean stride that contact is read off is that of two
speeds. Least squares on seven of 13 runners while it does: 0.5 to 0.7 (`python -m bench.changes`)."""
_MIN_FOOTED: Final = 0.4
"""Of a stride's frames; with the foot seen less, its contact, lever and rise are the template's guess. On measured
runners with hard faults no stride of a foot that is in the picture shows less (`bench.kinematics`, hard30)."""

Measured = tuple[Stride, StrideEvidence]
"""A stride before it is judged, of which leg is near is not yet said, and how well it was seen."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stride's place: times of contact, toe-off, the other foot's contact, the template's peak, and the end."""

    start_s: float
    toe_off_s: float
    other_contact_s: float
    peak_s: float
    end_s: float


def measure(
    cycle: CycleTracker,
    leg: int,
    phases: EventPhases,
    span: Span,
    frames: Sequence[CycleFrame],
    tops: OwnTops | None = None,
) -> Measured | None:
    """Measure the stride of `leg` in `span`; None where it was not seen at all.

    `tops`: what is known of the leg's swings so far; None for a leg whose peaks lean on the mean stride alone.
    """
    inside = [f for f in frames if span.start_s <= f.t_s <= span.end_s]
    own = [f.legs[leg] for f in inside]
    near = [x for f, x in zip(inside, own, strict=True) if abs(f.t_s - span.peak_s) <= _PEAK_WINDOW_S]
    seen = sum([x.weight > 0 for x in own])
    if len(inside) < 6 or len(near) < 2 or seen < _MIN_SEEN * len(inside):
        return None
    peak = _peak(cycle, leg, span.peak_s, frames, tops)
    thigh = thigh_ahead(cycle, leg, peak.t_s, frames)
    picture_s = _gap_s(inside)
    lean = trunk_lean(np.array([f.trunk_deg for f in inside]), picture_s)
    usual = cycle.template.at(ROWS)
    rate_rad_s, timing_sd_s = median([f.rate_rad_s for f in inside]), _timing_sd_s(inside[-1], picture_s)
    whole_s = span.end_s - span.start_s
    top_rad = phases.contact_rad + phases.peak_after_rad
    shank_sd_ll = _shank_sd_ll(cycle, leg, whole_s, picture_s)
    ankle_ll, misfit_ll = usual[:, leg, ANKLE_FROM_HIP], _misfit_ll(inside)
    fold = fold_of(usual[:, leg, KNEE_FROM_HIP], ankle_ll, top_rad, rate_rad_s, picture_s, shank_sd_ll)
    changed_sd_s = _TIMING_OFF * misfit_ll * whole_s / _way_ll(ankle_ll)
    contact_sd_s = math.hypot(math.sqrt(2) * timing_sd_s, changed_sd_s, phases.late_rad / rate_rad_s)
    bent_ll = math.sin(math.radians(peak.deg) / 2) / 2 * math.radians(peak.offset_deg)
    min_hip_heel = _min_hip_heel_ll(usual, leg) - bent_ll
    stride = Stride(
        side=SIDES[leg],
        near=False,
        start_s=span.start_s,
        end_s=span.end_s,
        initial_contact_s=span.start_s,
        toe_off_s=span.toe_off_s,
        peak_knee_flexion_deg=peak.deg,
        peak_knee_flexion_s=peak.t_s,
        peak_knee_flexion_sd_deg=math.hypot(peak.sd_deg, fold.shared_sd_deg),
        peak_knee_flexion_shared_sd_deg=fold.shared_sd_deg,
        min_hip_heel_ll=min_hip_heel,
        heel_rise_ll=_heel_rise(usual, leg, phases),
        cadence_spm=120 / whole_s,
        contact_time_s=span.toe_off_s - span.start_s,
        contact_time_sd_s=contact_sd_s,
        flight_time_s=span.other_contact_s - span.toe_off_s,
        thigh_at_peak_deg=thigh.deg,
        thigh_at_peak_sd_deg=thigh.sd_deg,
        trunk_lean_deg=lean.deg,
        trunk_lean_sd_deg=lean.sd_deg,
        plumb_sd_deg=0.0,
        duty_factor=(span.toe_off_s - span.start_s) / whole_s,
        duty_factor_sd=contact_sd_s / whole_s,
        **form(MeanStride(usual, leg, phases, rate_rad_s, cycle.spreads_ll2(leg), timing_sd_s))._asdict(),
    )
    return stride, StrideEvidence(
        usable_share=sum([not math.isnan(x.reading_deg) for x in near]) / len(near),
        unread_s=_unread_s(inside, leg, span.peak_s),
        collapsed_share=sum([x.collapsed for x in near]) / len(near),
        swapped_share=sum([f.swapped for f in inside]) / len(inside),
        expected_s=2 * math.pi / rate_rad_s,
        reading_sd_deg=math.sqrt(_swing_noise(own)),
        spread_ll=math.sqrt(cycle.spreads_ll2(leg)[ANKLE_FROM_HIP]),
        misfit_ll=misfit_ll,
        length_ll=_length_ll(cycle.template, leg, inside, peak.t_s),
        travel_ll=fold.travel_ll,
        stretch=fold.stretch,
        stretch_sd=fold.stretch_sd,
        footed=sum([x.footed for x in own]) >= _MIN_FOOTED * len(inside),
        timed=carries_timing(len(inside), whole_s),
    )


_OF_TIMING: Final = (
    "toe_off_s",
    "contact_time_s",
    "contact_time_sd_s",
    "flight_time_s",
    "duty_factor",
    "duty_factor_sd",
)
_OF_FEET: Final = (
    "initial_contact_s",
    "min_hip_heel_ll",
    "heel_rise_ll",
    "shank_at_contact_deg",
    "shank_at_contact_sd_deg",
    "foot_ahead_ll",
    "foot_ahead_sd_ll",
    "foot_at_contact_deg",
    "foot_at_contact_sd_deg",
)


def carried(stride: Stride, seen: StrideEvidence) -> Stride:
    """What may be told of a stride: nothing that its pictures, or feet that were not seen, cannot carry."""
    if seen.footed and seen.timed:
        return stride
    unknown: dict[str, Any] = dict.fromkeys(_OF_TIMING if seen.footed else (*_OF_TIMING, *_OF_FEET), math.nan)
    return replace(stride, **unknown)


@dataclass(frozen=True, slots=True)
class _Peak:
    """A swing's highest flexion, and how far it lies above the template's."""

    t_s: float
    deg: float
    sd_deg: float
    offset_deg: float


def _peak(cycle: CycleTracker, leg: int, about_s: float, frames: Sequence[CycleFrame], tops: OwnTops | None) -> _Peak:
    close = [f for f in frames if abs(f.t_s - about_s) <= SMOOTHING_S]
    own = [f.legs[leg] for f in close]
    columns = [
        (f.t_s, f.phase_rad, x.usual_deg, x.mean_deg, x.reading_deg, x.seen_deg)
        for f, x in zip(close, own, strict=True)
    ]
    times, phases, usual, mean, reading, seen = np.array(columns).T
    first_s = about_s - _LOOK_S
    # Where the pictures end before the top there is one point: such a peak is refused, and still has a number.
    last_s = max(min(about_s + _LOOK_S, times.item(-1)), first_s)
    grid = np.arange(first_s, last_s + 1e-9, _GRID_S)
    read = np.isfinite(reading)
    # What was read, against the template as it is now: it has learnt from these very frames since.
    rows = basis_rows(np.concatenate([np.interp(grid, times, phases), phases[read]]))
    template = cycle.template.over(rows, leg, FLEXION) * FLEXION_UNIT_DEG
    at_grid, at_readings = template[: len(grid)], template[len(grid) :]
    allowed = np.interp(grid, times, usual)
    true_share = TRUE_SHARE if leg == cycle.near else TRUE_SHARE / FAR_SHARE
    sd = true_share * allowed
    offset = np.zeros(len(grid))
    noise = _swing_noise(own)
    if read.any():
        readings = Readings(times[read], (mean + reading)[read] - at_readings, usual[read], noise, true_share)
        offset, sd = smoothed(grid, allowed, readings, DEVIATION_SCALE_S)
    curve = at_grid + offset
    i = int(curve.argmax())
    template_sd = math.sqrt(noise / STRIDES_IN_TEMPLATE)
    shift, top = _parabola_top(curve, i)
    top_s = float(grid[0] + (i + shift) * _GRID_S)
    raised = 0.0
    if tops is not None:
        gap = top_gap(times, seen, np.interp(times, grid, curve, math.nan, math.nan), top_s, noise)
        raised = tops.raise_deg(gap)
    return _Peak(
        t_s=top_s,
        deg=top + raised,
        sd_deg=math.hypot(float(sd[i]), 0.3 * template_sd),
        offset_deg=float(offset[i]) + raised,
    )


def _unread_s(frames: Sequence[CycleFrame], leg: int, at_s: float) -> float:
    """From the last reading before a moment to the first one after it; infinite where one side has none."""
    read = [f.t_s for f in frames if not math.isnan(f.legs[leg].reading_deg)]
    after_s = next((t_s for t_s in read if t_s > at_s), math.inf)
    return after_s - next((t_s for t_s in reversed(read) if t_s <= at_s), -math.inf)


def _misfit_ll(frames: Sequence[CycleFrame]) -> float:
    """Root mean square, of the leg that fits better; NaN where neither was seen."""
    misfits_ll2 = [[f.legs[leg].misfit_ll2 for f in frames] for leg in range(2)]
    seen = [[misfit for misfit in leg if not math.isnan(misfit)] for leg in misfits_ll2]
    return math.sqrt(min([sum(leg) / len(leg) for leg in seen if leg], default=math.nan))


def _swing_noise(own: Sequence[LegFrame]) -> float:
    """Variance of a reading at the time when the leg was bent most."""
    return max(own, key=_MEAN_DEG).noise_deg2


def _parabola_top(values: FloatArray, i: int) -> tuple[float, float]:
    """Shift in steps, and height, of the parabola through the largest value and its neighbours."""
    if not 0 < i < len(values) - 1:
        return 0.0, float(values[i])
    before, at, after = (float(v) for v in values[i - 1 : i + 2])
    bend = before - 2 * at + after
    if bend >= 0:
        return 0.0, at
    shift = 0.5 * (before - after) / bend
    return shift, at - 0.25 * (before - after) * shift


def _min_hip_heel_ll(usual: FloatArray, leg: int) -> float:
    """Hip to heel over the mean cycle (128, 2, 6, 2)."""
    heel = usual[:, leg, HEEL_FROM_HIP]
    return float(np.hypot(heel[:, 0], heel[:, 1]).min())


def _length_ll(template: MeanCycle, leg: int, frames: Sequence[CycleFrame], at_s: float) -> float:
    phase_rad = min(frames, key=lambda f: abs(f.t_s - at_s)).phase_rad
    own = template.now(phase_rad).groups[leg]
    knee, ankle = own[KNEE_FROM_HIP], own[ANKLE_FROM_HIP]
    return abs(knee) + abs(ankle - knee)


def _shank_sd_ll(cycle: CycleTracker, leg: int, stride_s: float, picture_s: float) -> float:
    """Uncertainty of the shank's length in the mean stride: knee and ankle, each with its noise."""
    spreads_ll2 = cycle.spreads_ll2(leg)
    left = (
        spreads_ll2[joint] * cycle.template.noise_share(leg, joint, stride_s, picture_s, SLOW_SHARE)
        for joint in (KNEE_FROM_HIP, ANKLE_FROM_HIP)
    )
    return math.sqrt(sum(left))


def _heel_rise(usual: FloatArray, leg: int, phases: EventPhases) -> float:
    """Highest heel of the swing above its lowest in stance, over the mean cycle (128, 2, 6, 2)."""
    height = usual[:, leg, HIP_UP, 0] + usual[:, leg, HEEL_FROM_HIP, 1]
    after = (PHASES - phases.contact_rad) % (2 * math.pi)
    stance = after <= phases.toe_off_after_rad
    return float(height[~stance].max() - height[stance].min())


def _timing_sd_s(last: CycleFrame, picture_s: float) -> float:
    """Uncertainty of one event: what differs between runners, the clock's phase, and the frame rate."""
    clock_s = math.sqrt(max(last.phase_variance, 0.0)) / last.rate_rad_s
    sampling_s = picture_s / math.sqrt(12 * STRIDES_IN_TEMPLATE)
    return math.sqrt(0.5 * (CONTACT_SD_S**2 + TOE_OFF_SD_S**2) + clock_s**2 + sampling_s**2)


def _way_ll(cycle_ll: FloatArray) -> float:
    """How far a point (128, 2) travels in a stride."""
    steps_ll = np.diff(cycle_ll, axis=0, append=cycle_ll[:1])
    return float(np.hypot(steps_ll[:, 0], steps_ll[:, 1]).sum())


def _gap_s(frames: Sequence[CycleFrame]) -> float:
    return (frames[-1].t_s - frames[0].t_s) / (len(frames) - 1)
