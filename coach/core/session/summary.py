"""The run in a few numbers, as terminal, page and history say them. Derived from the records alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import SUMMED, StrideRecord
from coach.core.gait.quality import RejectReason
from coach.core.pose import SIDES, Side
from coach.core.session.records import FrameFacts, KeptCue, Latency, SpeedChange

FEWEST_STRIDES: Final = 3
"""Below this the near leg alone says too little, and cadence is taken from both."""

_STILL_IN_RHYTHM: Final = (RejectReason.FAR_LEG, RejectReason.TOO_FEW_FRAMES, RejectReason.LEG_COLLAPSED)

_LIFT_CUES: Final = (CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH)


@dataclass(frozen=True, slots=True)
class PeakFlexion:
    """Mean peak swing knee flexion over valid strides, degrees; NaN for a leg without one."""

    near: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class SpeedFacts:
    """Belt speed over the run, each value weighted by how long it held; NaN while unknown."""

    mean_mps: float
    lowest_mps: float
    highest_mps: float
    distance_m: float
    """Belt length that passed while the speed was known."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and SD over valid strides, and how many there were; NaN for none."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """The one cue to remember. `text` is what was said in the run; None if it was never said."""

    kind: CueKind
    text: str | None


@dataclass(frozen=True, slots=True)
class DataQuality:
    """What stands behind the numbers."""

    measured_fps: float
    frames_total: int
    frames_with_pose: int
    frames_dropped: int | None
    latencies: tuple[Latency, ...]


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The run in a few numbers. Valid strides only; NaN or None where nothing can be said."""

    duration_s: float
    cadence_spm: float
    peak_knee_flexion_deg: PeakFlexion
    peak_knee_flexion_near: Spread
    target_deg: float
    """Mean target over the near leg's valid strides."""
    in_band_pct: float
    """Share of the near leg's valid strides with a known band whose peak lies in it."""
    strides_valid: int
    strides_valid_near: int
    strides_rejected: tuple[tuple[RejectReason, int], ...]
    """Most frequent reason first."""
    speed: SpeedFacts
    spreads: Mapping[str, Spread]
    """Of every field of a stride whose note says `summed`, by the field's name."""
    cues: tuple[tuple[CueKind, int], ...]
    remember: Reminder | None
    quality: DataQuality


def summarise(
    frames: FrameFacts,
    strides: Sequence[StrideRecord],
    cues: Sequence[KeptCue],
    speeds: Sequence[SpeedChange],
    *,
    frames_dropped: int | None = None,
    latencies: tuple[Latency, ...] = (),
) -> SessionSummary:
    """The summary of a run from what was kept of it."""
    valid = [kept for kept in strides if kept.valid]
    near = [kept for kept in valid if kept.near]
    near_peak = spread([kept.peak_knee_flexion_deg for kept in near])
    either = near if len(near) >= FEWEST_STRIDES else valid
    return SessionSummary(
        duration_s=frames.duration_s,
        cadence_spm=cadence_spm(strides),
        peak_knee_flexion_deg=PeakFlexion(near_peak.mean, *(_leg_mean(valid, side) for side in SIDES)),
        peak_knee_flexion_near=near_peak,
        target_deg=spread([kept.target_deg for kept in near]).mean,
        in_band_pct=in_band_pct(near),
        strides_valid=len(valid),
        strides_valid_near=len(near),
        strides_rejected=_rejected(strides),
        speed=speed_facts(speeds, frames.last_s),
        spreads={c.name: spread([getattr(k, c.name) for k in (near if c.note.near_only else either)]) for c in SUMMED},
        cues=tuple(Counter(cue.kind for cue in cues).most_common()),
        remember=_reminder(near, cues),
        quality=DataQuality(frames.measured_fps, frames.total, frames.with_pose, frames_dropped, latencies),
    )


def cadence_spm(strides: Sequence[StrideRecord]) -> float:
    """Mean cadence over the strides of both feet whose rhythm is known; NaN for none.

    A stride that was left out for what hid its peak still tells when the foot came down, and cadence counts both feet.
    """
    known = [kept for kept in strides if kept.valid or kept.reject_reason in _STILL_IN_RHYTHM]
    return spread([stride.cadence_spm for stride in known]).mean


def spread(values: Sequence[float]) -> Spread:
    """Mean and SD of the values that are known; the SD of a single one is NaN."""
    known = np.array([value for value in values if not math.isnan(value)])
    if not known.size:
        return Spread(math.nan, math.nan, 0)
    sd = float(known.std(ddof=1)) if known.size > 1 else math.nan
    return Spread(float(known.mean()), sd, int(known.size))


def in_band_pct(strides: Sequence[StrideRecord]) -> float:
    """Share of strides with a known band that lie in it, per cent; NaN where no band is known."""
    judged = [kept.in_band for kept in strides if kept.in_band is not None]
    return 100.0 * sum(judged) / len(judged) if judged else math.nan


def speed_facts(speeds: Sequence[SpeedChange], last_s: float) -> SpeedFacts:
    """Belt speed over the run: each change holds until the next, the last one until `last_s`."""
    ends = [change.t_s for change in speeds[1:]] + [last_s]
    held = [
        (change.speed_mps, max(end_s - change.t_s, 0.0))
        for change, end_s in zip(speeds, ends, strict=False)
        if not math.isnan(change.speed_mps)
    ]
    time_s = sum(seconds for _, seconds in held)
    distance_m = sum(speed * seconds for speed, seconds in held)
    sources = tuple(dict.fromkeys(str(change.source) for change in speeds if change.source is not None))
    if not held:
        return SpeedFacts(math.nan, math.nan, math.nan, math.nan, sources)
    values = [speed for speed, seconds in held if seconds > 0] or [held[-1][0]]
    mean = distance_m / time_s if time_s > 0 else values[-1]
    return SpeedFacts(mean, min(values), max(values), distance_m, sources)


def _leg_mean(valid: Sequence[StrideRecord], side: Side) -> float:
    return spread([kept.peak_knee_flexion_deg for kept in valid if kept.side == side]).mean


def _rejected(strides: Sequence[StrideRecord]) -> tuple[tuple[RejectReason, int], ...]:
    reasons = (kept.reject_reason for kept in strides)
    return tuple(Counter(reason for reason in reasons if reason is not None).most_common())


def _reminder(near: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> Reminder | None:
    """The heel-lift cue given most often; without one, what the band says of the whole run; None without a band."""
    given = Counter(cue.kind for cue in cues if cue.kind in _LIFT_CUES)
    if given:
        kind = given.most_common(1)[0][0]
        return Reminder(kind, next(cue.text for cue in reversed(cues) if cue.kind is kind))
    lift = spread([kept.peak_knee_flexion_deg for kept in near if kept.in_band is not None]).mean
    high = spread([kept.target_high_deg for kept in near if kept.in_band is not None]).mean
    if math.isnan(lift):
        return None
    return Reminder(CueKind.HEEL_LIFT_HIGH if lift > high else CueKind.HEEL_LIFT_LOW, None)
