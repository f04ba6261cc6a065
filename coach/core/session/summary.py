"""The run in a few numbers, as terminal, page and history say them. Derived from the records alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Final, Literal

import numpy as np

from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import SUMMED, Stage, StrideRecord
from coach.core.gait.quality import RejectReason
from coach.core.heart import HeartChange, HeartFacts, heart_facts
from coach.core.pose import SIDES, Side
from coach.core.session.intervals import FEWEST
from coach.core.session.like_speed import above_usual_deg, main_incline_pct, on_main_incline, with_speed
from coach.core.session.near_leg import of_near_leg
from coach.core.session.records import FrameFacts, KeptCue, Latency, SessionEvent, SpeedChange
from coach.core.session.running_time import RunningTime, SpeedFacts
from coach.core.session.seen import Seen

FEWEST_STRIDES: Final = 3
"""Below this the near leg alone says too little, and both are counted."""
_BEFORE_PRACTICE: Final = frozenset({Stage.WARM_UP, Stage.BASELINE})


@dataclass(frozen=True, slots=True)
class PeakFlexion:
    """Mean peak swing knee flexion over valid strides, degrees; NaN for a leg without one."""

    near: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and SD over valid strides, and how many there were; NaN for none."""

    mean: float
    sd: float
    n: int


class Standing(StrEnum):
    """Whether a run's heel lift was enough."""

    INSIDE = "inside"
    BELOW = "below"
    ABOVE = "above"
    SCATTERED = "scattered"
    """Inside on average, and most strides outside: dragged for a while, and overdone after it."""
    NO_BAND = "no_band"
    TOO_FEW = "too_few"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class LiftInBand:
    """Mean heel lift of the near leg's judged strides beside the mean of their bands, degrees; NaN where unknown.

    Where no stride has a band, the lift is that of all.
    """

    lift_deg: float
    low_deg: float
    high_deg: float
    strides: int
    practised: bool = False
    """Whether warm-up and baseline were left out."""
    unbanded: int = 0
    """Strides of the near leg that have no band, whatever there was to hold the others against."""
    doubted: int = 0
    """Those of them whose speed was told and contradicted by the feet."""
    below: int = 0
    above: int = 0
    """Judged strides below their own floor and above their own ceiling, in whole degrees as well."""

    @property
    def standing(self) -> Standing:
        """In whole degrees, as they are shown: what reads the same is no difference."""
        if not self.strides:
            return Standing.UNSEEN
        if self.strides < FEWEST:
            return Standing.TOO_FEW
        if math.isnan(self.low_deg):
            return Standing.NO_BAND
        if round(self.lift_deg) < round(self.low_deg):
            return Standing.BELOW
        if round(self.lift_deg) > round(self.high_deg):
            return Standing.ABOVE
        return Standing.SCATTERED if 2 * (self.below + self.above) > self.strides else Standing.INSIDE

    @property
    def leans(self) -> Standing:
        """The standing; of scattered strides the side on which more of them lie."""
        if self.standing is not Standing.SCATTERED:
            return self.standing
        return Standing.BELOW if self.below >= self.above else Standing.ABOVE

    @property
    def near(self) -> int:
        """All valid strides of the near leg, of a run with too few to judge or none."""
        return self.unbanded if math.isnan(self.low_deg) else self.strides + self.unbanded

    @property
    def lacks_speed(self) -> bool:
        """Whether there is no verdict for want of bands, not of strides: a longer run would bring none."""
        return self.standing in {Standing.NO_BAND, Standing.TOO_FEW} and self.near >= FEWEST

    @property
    def lacks_by_doubt(self) -> bool:
        """Whether it is the contradicted speed that most of the missing bands are for."""
        return self.lacks_speed and 2 * self.doubted >= self.unbanded


def judged(near: Sequence[StrideRecord]) -> Sequence[StrideRecord]:
    """Those of a leg's valid strides that are held against a band: what was practised, or all where that is too little.

    Until the baseline is taken the band is what runners do in general, a wide one. With it in, the mean of all would be
    a band that never was, and a run could lie inside that lay below its own.
    """
    banded = [kept for kept in near if kept.in_band is not None]
    practised = [kept for kept in banded if kept.stage not in _BEFORE_PRACTICE]
    return practised if len(practised) >= FEWEST else banded


def lift_in_band(near: Sequence[StrideRecord], counted: Sequence[StrideRecord]) -> LiftInBand:
    """Of the valid strides of the near leg, and those of them that are `judged`."""
    shown = counted or near
    lift, low, high = (
        spread([getattr(kept, name) for kept in shown]).mean
        for name in ("peak_knee_flexion_deg", "target_low_deg", "target_high_deg")
    )
    unbanded = [kept for kept in near if kept.in_band is None]
    each = np.rint([[k.target_low_deg, k.peak_knee_flexion_deg, k.target_high_deg] for k in counted]).reshape(-1, 3)
    floors, peaks, ceilings = each.T
    return LiftInBand(
        lift,
        low,
        high,
        len(shown),
        practised=len(counted) < len(near) - len(unbanded),
        unbanded=len(unbanded),
        doubted=sum(kept.speed_doubted for kept in unbanded),
        below=int((peaks < floors).sum()),
        above=int((peaks > ceilings).sum()),
    )


@dataclass(frozen=True, slots=True)
class Reminder:
    """The one cue to remember. `text` is what was said in the run; None if it was never said."""

    kind: CueKind
    text: str | None
    at_end: bool = False
    """Whether the run as a whole lay in its band, and its last cue, which reached the runner, went unanswered."""


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
    """First frame to last."""
    running_s: float
    """Without pauses, standing, walking and being away."""
    cadence_spm: float
    peak_knee_flexion_deg: PeakFlexion
    peak_knee_flexion_near: Spread
    lift: LiftInBand
    target_deg: float
    """Mean target over the near leg's judged strides."""
    in_band_pct: float
    """Share of the near leg's judged strides whose peak lies in their band."""
    strides_valid: int
    strides_valid_near: int
    strides_rejected: tuple[tuple[RejectReason, int], ...]
    """Most frequent reason first."""
    above_usual_deg: float
    """Mean peak of the near leg above what runners in general do, each stride at its own speed, on that incline:"""
    incline_pct: float
    """At which most of the near leg's strides were run, level where nobody told; NaN without a stride."""
    main_speed_mps: float
    """Mean speed there; NaN where that of most strides is not known."""
    near_shared_sd_deg: float
    """One sigma of what those peaks err by together."""
    speed: SpeedFacts
    doubted_s: float
    """Seconds of running at a belt speed that was told and that the runner's feet contradicted."""
    heart: HeartFacts
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
    events: Sequence[SessionEvent] = (),
    heart: Sequence[HeartChange] = (),
    *,
    frames_dropped: int | None = None,
    latencies: tuple[Latency, ...] = (),
) -> SessionSummary:
    """The summary of a run from what was kept of it."""
    time = RunningTime(frames, speeds, events)
    valid = [kept for kept in strides if kept.valid]
    near = of_near_leg(strides)
    near_peak = spread([kept.peak_knee_flexion_deg for kept in near])
    either = near if len(near) >= FEWEST_STRIDES else valid
    counted = judged(near)
    lift, main = lift_in_band(near, counted), on_main_incline(near)
    return SessionSummary(
        duration_s=time.duration_s,
        running_s=time.running_s(),
        cadence_spm=time.cadence_spm(strides),
        peak_knee_flexion_deg=PeakFlexion(near_peak.mean, *(_leg_mean(valid, side) for side in SIDES)),
        peak_knee_flexion_near=near_peak,
        lift=lift,
        target_deg=spread([kept.target_deg for kept in counted]).mean,
        in_band_pct=in_band_pct(counted),
        strides_valid=len(valid),
        strides_valid_near=len(near),
        strides_rejected=_rejected(strides),
        above_usual_deg=above_usual_deg(main),
        incline_pct=main_incline_pct(main),
        main_speed_mps=spread([kept.speed_mps for kept in with_speed(main)]).mean,
        near_shared_sd_deg=spread([kept.peak_knee_flexion_shared_sd_deg for kept in near]).mean,
        speed=time.belt(),
        doubted_s=time.doubted_s(),
        heart=heart_facts(heart, time.seconds_run()),
        spreads={c.name: spread([getattr(k, c.name) for k in (near if c.note.near_only else either)]) for c in SUMMED},
        cues=tuple(Counter(cue.kind for cue in cues).most_common()),
        remember=_reminder(lift.leans, cues) or _left_open(counted, cues),
        quality=DataQuality(frames.measured_fps, frames.total, frames.with_pose, frames_dropped, latencies),
    )


def spread(values: Sequence[float]) -> Spread:
    """Mean and SD of the values that are known; the SD of a single one is NaN."""
    known = np.array([value for value in values if not math.isnan(value)])
    if not known.size:
        return Spread(math.nan, math.nan, 0)
    sd = float(known.std(ddof=1)) if known.size > 1 else math.nan
    return Spread(float(known.mean()), sd, int(known.size))


def in_band_pct(strides: Sequence[StrideRecord]) -> float:
    """Share of strides with a known band that lie in it, per cent; NaN where no band is known."""
    known = [kept.in_band for kept in strides if kept.in_band is not None]
    return 100.0 * sum(known) / len(known) if known else math.nan


def _leg_mean(valid: Sequence[StrideRecord], side: Side) -> float:
    return spread([kept.peak_knee_flexion_deg for kept in valid if kept.side == side]).mean


def _rejected(strides: Sequence[StrideRecord]) -> tuple[tuple[RejectReason, int], ...]:
    reasons = (kept.reject_reason for kept in strides)
    return tuple(Counter(reason for reason in reasons if reason is not None).most_common())


def _reminder(leans: Standing, cues: Sequence[KeptCue]) -> Reminder | None:
    """The heel-lift cue given most often; without one, what the band says of the whole run; None without a verdict.

    After a run that lay in its band nothing is asked of the lift, and after one beyond it never what led farther out.
    """
    settled = _SETTLED.get(leans, ())
    given = Counter(cue.kind for cue in cues if cue.kind.traits.wants and cue.kind.traits.wants not in settled)
    if given:
        kind = given.most_common(1)[0][0]
        return Reminder(kind, next(cue.text for cue in reversed(cues) if cue.kind is kind))
    asks = {Standing.BELOW: CueKind.HEEL_LIFT_LOW, Standing.ABOVE: CueKind.HEEL_LIFT_HIGH}
    return Reminder(asks[leans], None) if leans in asks else None


def _left_open(counted: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> Reminder | None:
    """The last cue about the lift where the judged strides after it still lie on its side of the band; else None."""
    last = next((cue for cue in reversed(cues) if cue.kind.traits.wants in _ASKED_BEYOND), None)
    if last is None:
        return None
    after, beyond = [kept for kept in counted if kept.start_s >= last.t_s], _ASKED_BEYOND[last.kind.traits.wants]
    unanswered = bool(last.channels) and not any(c.kind is CueKind.RECOVERED and c.t_s >= last.t_s for c in cues)
    return Reminder(last.kind, last.text, at_end=unanswered) if lift_in_band((), after).standing is beyond else None


_ASKED_BEYOND: Final[dict[str | None, Standing]] = {"more": Standing.BELOW, "less": Standing.ABOVE}
"""On which side of its band a leg lies that is asked for more lift, or for less."""
_SETTLED: Final = {Standing.INSIDE: ("more", "less"), Standing.BELOW: ("less",), Standing.ABOVE: ("more",)}
"""What is not asked of the lift after a run."""


State = Literal["running", "finished", "recovered", "cut short"]
"""`cut short`: its process died; `coach recover` finishes it, and then it is `recovered`."""


_UNSEEN: Final = Seen(None, "", "")


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session as history lists it; NaN where a figure is not known."""

    session_id: int
    started_at: str | None
    started_unix_s: float
    """The same in seconds since 1970; 0 where it is not known."""
    state: State
    source_kind: str
    source_name: str
    duration_s: float = math.nan
    """First frame to last."""
    running_s: float = math.nan
    """NaN for sessions that were stored when it was not told apart from the duration."""
    speed_mps: float = math.nan
    distance_m: float = math.nan
    near_peak_deg: float = math.nan
    near_peak_sd_deg: float = math.nan
    target_deg: float = math.nan
    in_band_pct: float = math.nan
    cadence_spm: float = math.nan
    strides_valid: int = 0
    strides_valid_near: int = 0
    strides_total: int = 0
    cues_total: int = 0
    above_usual_deg: float = math.nan
    """As in the summary; NaN for sessions that were stored when it was not told."""
    incline_pct: float = math.nan
    main_speed_mps: float = math.nan
    """Both as in the summary; that of a run on several inclines that was stored before is not known."""
    near_shared_sd_deg: float = math.nan
    seen: Seen = _UNSEEN
    shared: bool = False
    """Somebody else's run, which was imported."""

    @property
    def is_own(self) -> bool:
        """Whether the runner ran, and nobody else: not the demo, and not whoever shared a run."""
        return self.source_kind != "demo" and not self.shared

    @property
    def place(self) -> tuple[float, int]:
        """Where it stands among all: by the time at which it began, clips by that of their filming; then by number."""
        return self.started_unix_s, self.session_id

    @property
    def ran_s(self) -> float:
        """Running time, or what was taken for it."""
        return self.duration_s if math.isnan(self.running_s) else self.running_s


def own_runs(lines: Iterable[SessionLine]) -> tuple[SessionLine, ...]:
    """The runner's own runs, oldest first: what trend, totals and streak are of."""
    return tuple(sorted((line for line in lines if line.is_own), key=lambda line: line.place))


FIGURES: Final = {
    f.name: str(f.type) for f in fields(SessionLine) if f.type in {"float", "int"} and f.default is not MISSING
}
"""Name and type (`float` or `int`) of every figure of a line."""


def figures_of(summary: SessionSummary, strides: int, cues: int) -> dict[str, float]:
    """What a line of history says of a run, by the names of `SessionLine`."""
    near = summary.peak_knee_flexion_near
    alike = {name: getattr(summary, name) for name in FIGURES if hasattr(summary, name)}
    return alike | {
        "speed_mps": summary.speed.mean_mps,
        "distance_m": summary.speed.distance_m,
        "near_peak_deg": near.mean,
        "near_peak_sd_deg": near.sd,
        "strides_total": strides,
        "cues_total": cues,
    }
