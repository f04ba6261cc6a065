"""How long, how far, how fast, at what cadence: the one place where that is decided, for everything that says it.

- *Duration*: first frame to last.
- *Pause*: from the runner's `paused` to `resumed`, or to the end.
- *Running time*: the duration without pauses and without the stretches in which the runner stood, walked or was away,
  in which something else was seen in place of a run from the side (`coach.core.gait.scene`), or the camera was lost:
  what was not seen is not called running. A stretch that a stride ends begins the running with that stride, though the
  rhythm is found only two seconds later.
- *Distance*: the length of belt that passed in the running time while its speed was known; NaN where it never was.
- *Mean speed*: that distance over the running time with a known speed; NaN where it was doubted for more than a tenth
  of it, as the rest does not speak for the whole.
- *Cadence*: mean over the strides of both feet, begun in the running time, whose rhythm is known.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import OFF_THE_RUN, Activity
from coach.core.gait.scene import ODD_TIME, Finding
from coach.core.gait.stride import RejectReason
from coach.core.gait.time_scale import SCALE_OPTION, scale_option
from coach.core.session.records import FrameFacts, SessionEvent, SpeedChange
from coach.core.units import FloatArray

SHORTEST_REST_S: Final = 2.0
"""A shorter stretch of standing or walking is a doubt of the measurement, or a stumble."""
_FOUND_S: Final = 4.0
"""So long after its first stride a rhythm is found at the latest, and what waited is caught up with."""
OTHER_THAN_RUNNING: Final = tuple(dict.fromkeys([*map(str, OFF_THE_RUN), *map(str, Finding)]))
"""Kinds of events that begin a stretch in which no running was seen."""
_BEGINS: Final = frozenset({"paused", "source_lost", *OTHER_THAN_RUNNING})
_ENDS: Final = {
    "paused": "resumed",
    "source_lost": "source_returned",
    **dict.fromkeys(OTHER_THAN_RUNNING, str(Activity.RUNNING)),
}
_IN_RHYTHM: Final = (
    RejectReason.FAR_LEG,
    RejectReason.TOO_FEW_FRAMES,
    RejectReason.TOO_FAST,
    RejectReason.LEG_COLLAPSED,
)
"""What hid the peak of such a stride did not hide when the foot came down."""

_DOUBTED_SHARE: Final = 0.1
"""A mean that leaves out more does not tell at which speed the strides were run (an engineering choice)."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpeedFacts:
    """Belt speed over the running time, each value weighted by how long it held; NaN while unknown or doubted."""

    mean_mps: float
    lowest_mps: float
    highest_mps: float
    distance_m: float
    """Belt length that passed while the runner ran and the speed was known."""
    sources: tuple[str, ...]


class RunningTime:
    """One run's time, split where anything changes: the speed, or whether the runner ran."""

    def __init__(self, frames: FrameFacts, speeds: Sequence[SpeedChange], events: Iterable[SessionEvent]) -> None:
        self.first_s, self.last_s = frames.first_s, frames.last_s
        self.duration_s = frames.duration_s
        if math.isnan(self.duration_s):
            self.first_s = self.last_s = 0.0
        self._changes = speeds
        self._change_times_s = np.array([change.t_s for change in speeds])
        self._told_mps = np.array([math.nan, *(change.speed_mps for change in speeds)])
        self._inclines_pct = np.array([math.nan, *(change.incline_pct for change in speeds)])
        self._first_known_s = next((change.t_s for change in speeds if not math.isnan(change.speed_mps)), math.inf)
        self.stops = _stops(events, (self.first_s, self.last_s))
        """When the runner did not run, or was not seen, in time order and apart from each other."""
        inner = [*(change.t_s for change in speeds), *(edge for stop in self.stops for edge in stop)]
        inside = sorted({t_s for t_s in inner if self.first_s < t_s < self.last_s})
        self._edges_s = np.array([self.first_s, *inside, self.last_s])
        starts_s, lengths_s = self._edges_s[:-1], np.diff(self._edges_s)
        holding = self._holding(starts_s)
        self._speeds_mps = self._told_mps[holding]
        doubted = np.array([False, *(change.doubted for change in speeds)])[holding]
        runs = np.array([not any(start <= t_s < end for start, end in self.stops) for t_s in starts_s])
        self._known = runs & ~np.isnan(self._speeds_mps)
        self._ran_s = _summed(np.where(runs, lengths_s, 0.0))
        self._known_s = _summed(np.where(self._known, lengths_s, 0.0))
        self._doubted_s = _summed(np.where(runs & doubted, lengths_s, 0.0))
        self._metres = _summed(np.where(self._known, np.nan_to_num(self._speeds_mps) * lengths_s, 0.0))

    def running_s(self, start_s: float = -math.inf, end_s: float = math.inf) -> float:
        """Running time within a stretch; NaN for a run without frames."""
        return math.nan if math.isnan(self.duration_s) else self._within(self._ran_s, start_s, end_s)

    def doubted_s(self, start_s: float = -math.inf, end_s: float = math.inf) -> float:
        """Running time within a stretch at a speed that was told and doubted."""
        return self._within(self._doubted_s, start_s, end_s)

    def seconds_run(self, start_s: float = -math.inf, end_s: float = math.inf) -> tuple[float, ...]:
        """Every whole second from the first frame on at which the runner ran, within a stretch."""
        whole = (self.first_s + second for second in range(math.floor(self.last_s - self.first_s) + 1))
        return tuple(
            t_s
            for t_s in whole
            if start_s <= t_s < end_s and not any(stop <= t_s < again for stop, again in self.stops)
        )

    def distance_m(self, until_s: float) -> float:
        """How far the runner had come by then; NaN before the speed was first known."""
        return self._within(self._metres, -math.inf, until_s) if until_s >= self._first_known_s else math.nan

    def speed_mps(self, at_s: float) -> float:
        """The speed that held at a moment; NaN before the first, and while it is doubted."""
        return float(self._told_mps[self._holding(np.array([min(at_s, self.last_s)]))][0])

    def incline_pct(self, at_s: float) -> float:
        """The belt's incline at a moment; NaN where nobody told."""
        return float(self._inclines_pct[self._holding(np.array([min(at_s, self.last_s)]))][0])

    def belt(self, start_s: float = -math.inf, end_s: float = math.inf) -> SpeedFacts:
        """Belt speed and distance within a stretch."""
        sources = tuple(dict.fromkeys(str(change.source) for change in self._changes if change.source is not None))
        known_s = self._within(self._known_s, start_s, end_s)
        inside = (self._edges_s[:-1] < end_s) & (self._edges_s[1:] > start_s)
        if known_s > 0:
            speeds, metres = self._speeds_mps[inside & self._known], self._within(self._metres, start_s, end_s)
            doubted_s = self.doubted_s(start_s, end_s)
            mean_mps = metres / known_s if doubted_s <= _DOUBTED_SHARE * (known_s + doubted_s) else math.nan
            return SpeedFacts(mean_mps, float(speeds.min()), float(speeds.max()), metres, sources)
        # Known, but at no moment of running: at most its last value can be told.
        set_then = [change.speed_mps for change in self._changes if start_s <= change.t_s <= end_s]
        known = [float(speed) for speed in (*self._speeds_mps[inside], *set_then) if not math.isnan(speed)]
        if not known:
            return SpeedFacts(math.nan, math.nan, math.nan, math.nan, sources)
        return SpeedFacts(known[-1], known[-1], known[-1], 0.0, sources)

    def cadence_spm(
        self, strides: Iterable[StrideRecord], start_s: float = -math.inf, end_s: float = math.inf
    ) -> float:
        """Mean cadence of the strides that began within a stretch; NaN for none."""
        known = [
            stride.cadence_spm
            for stride in strides
            if start_s <= stride.start_s < end_s
            and (stride.valid or stride.reject_reason in _IN_RHYTHM)
            and not any(stop_s <= stride.start_s < again_s for stop_s, again_s in self.stops)
            and not math.isnan(stride.cadence_spm)
        ]
        return float(np.mean(known)) if known else math.nan

    def _holding(self, at_s: FloatArray) -> NDArray[np.intp]:
        """Which change held at each of these times: 0 before any, then each by its number from 1."""
        return np.searchsorted(self._change_times_s, at_s, side="right")

    def _within(self, summed: FloatArray, start_s: float, end_s: float) -> float:
        before, after = np.interp([max(start_s, self.first_s), min(end_s, self.last_s)], self._edges_s, summed)
        return max(float(after - before), 0.0)


class ActivityLog:
    """Notes when the runner stops running and runs again, once it has lasted, and what is seen instead."""

    def __init__(self, *, live: bool = False) -> None:
        """`live`: a single frame is a run that ended at once, not a still picture, and the source tells its losses."""
        self._live = live
        self._first_s: float | None = None
        self._since_s: float | None = None
        self._kind = ""
        self._noted = ""
        self.running_s = 0.0
        """Seconds in which somebody was seen running."""
        self._last_s = self._ran_s = math.nan
        self._scales: Counter[float] = Counter()

    def step(
        self, t_s: float, activity: Activity, finding: Finding | None = None, time_scale: float = math.nan
    ) -> tuple[SessionEvent, ...]:
        """Take one frame; what is worth noting now, with the time when it began."""
        unseen = () if self._live else self._unseen(t_s)
        return (*unseen, *self._changes(t_s, activity, finding, time_scale))

    def _unseen(self, t_s: float) -> tuple[SessionEvent, ...]:
        """A recording tells of no camera that was lost; it only has no frames of that time."""
        if not t_s - self._last_s > SHORTEST_REST_S:
            return ()
        return SessionEvent(self._last_s, "source_lost"), SessionEvent(t_s, "source_returned")

    def _changes(
        self, t_s: float, activity: Activity, finding: Finding | None, time_scale: float
    ) -> tuple[SessionEvent, ...]:
        if self._first_s is None:
            self._first_s = t_s
        runs = activity is Activity.RUNNING
        if runs and t_s > self._last_s:
            self.running_s += min(t_s - self._last_s, 0.5)
        if t_s - self._last_s > SHORTEST_REST_S:
            # What is seen from now on was not seen while the camera was lost.
            self._ran_s = t_s
        self._last_s = t_s
        if not math.isnan(time_scale):
            self._scales[time_scale] += 1
        kind = _instead(activity, finding)
        if kind != self._kind:
            self._kind, self._since_s = kind, t_s
        if runs:
            self._ran_s = t_s
            noted, self._noted = self._noted, ""
            return (SessionEvent(t_s, str(Activity.RUNNING)),) if noted else ()
        if not kind or kind == self._noted or self._since_s is None or t_s - self._since_s < SHORTEST_REST_S:
            return ()
        begun_s = self._begun_s(kind, self._since_s, self._first_s)
        self._noted = kind
        return (SessionEvent(begun_s, kind),)

    def _begun_s(self, kind: str, since_s: float, first_s: float) -> float:
        """Since when this is seen: what has been clear `since_s` takes a while to be found."""
        if self._noted:
            return since_s
        # Of the time in which nobody was seen running nothing else is known than what it turned out to be.
        if not self.running_s:
            return first_s
        return since_s if kind in OFF_THE_RUN or math.isnan(self._ran_s) else self._ran_s

    def named(self, events: Iterable[SessionEvent]) -> list[SessionEvent]:
        """The same events; slow or fast motion with the time scale that was told of it most often."""
        if not self._scales:
            return list(events)
        detail = scale_option(self._scales.most_common(1)[0][0])
        return [replace(event, detail=detail) if event.kind in ODD_TIME else event for event in events]

    def finish(self) -> tuple[SessionEvent, ...]:
        """What is to be noted of a run that ended before anything was clear."""
        if self.running_s or self._noted or self._first_s is None:
            return ()
        single = self._first_s == self._last_s and not self._live
        return (SessionEvent(self._first_s, str(Finding.STILL_PICTURE if single else self._kind or Finding.NO_RHYTHM)),)


def run_since_strides(events: Iterable[SessionEvent], strides: Sequence[StrideRecord]) -> list[SessionEvent]:
    """The same events in time order; where running was seen again, since its first stride that was measured."""
    told: list[SessionEvent] = []
    rests_s = math.nan
    for noted in sorted(events, key=lambda event: event.t_s):
        event = noted
        if event.kind in OTHER_THAN_RUNNING:
            rests_s = event.t_s
        elif event.kind == Activity.RUNNING:
            from_s = max(rests_s, event.t_s - _FOUND_S)
            within_s = (stride.start_s for stride in strides if stride.valid and from_s <= stride.start_s < event.t_s)
            event, rests_s = replace(event, t_s=min(within_s, default=event.t_s)), math.nan
        told.append(event)
    return sorted(told, key=lambda event: event.t_s)


def _instead(activity: Activity, finding: Finding | None) -> str:
    """What is seen in place of somebody who runs; empty while somebody does, and while nothing is clear."""
    if activity is Activity.RUNNING:
        return ""
    if activity in OFF_THE_RUN and finding in {None, Finding.NOBODY, Finding.NO_RHYTHM}:
        return str(activity)
    return str(finding or "")


def seen_instead(events: Iterable[SessionEvent], first_s: float, last_s: float) -> tuple[tuple[str, float], ...]:
    """What was seen in place of running, and for how many seconds; the longest first."""
    seconds: dict[str, float] = {}
    kind, since_s = "", first_s
    for event in [*sorted(events, key=lambda event: event.t_s), SessionEvent(last_s, str(Activity.RUNNING))]:
        if event.kind in OTHER_THAN_RUNNING or event.kind == Activity.RUNNING:
            if kind:
                seconds[kind] = seconds.get(kind, 0.0) + max(event.t_s - since_s, 0.0)
            kind, since_s = ("" if event.kind == Activity.RUNNING else event.kind), event.t_s
    return tuple(sorted(seconds.items(), key=lambda item: -item[1]))


def offered_scale(events: Iterable[SessionEvent]) -> float:
    """The time scale that the events offer; NaN where they offer none."""
    told = [event.detail for event in events if event.kind in ODD_TIME and event.detail.startswith(f"{SCALE_OPTION} ")]
    return float(told[-1].removeprefix(SCALE_OPTION)) if told else math.nan


def _stops(events: Iterable[SessionEvent], run: Span) -> tuple[Span, ...]:
    """Pauses, rests and losses of the camera in a run, joined where they overlap; what never ended lasts to its end."""
    open_since: dict[str, float] = {}
    spans: list[Span] = []
    for event in sorted(events, key=lambda event: event.t_s):
        ended = [kind for kind in open_since if _ENDS[kind] == event.kind]
        spans += [(open_since.pop(kind), event.t_s) for kind in ended]
        if event.kind in _BEGINS:
            open_since.setdefault(event.kind, event.t_s)
    spans += [(since_s, run[1]) for since_s in open_since.values()]
    joined: list[Span] = []
    for start_s, end_s in sorted((max(a, run[0]), min(b, run[1])) for a, b in spans):
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        elif end_s > start_s:
            joined.append((start_s, end_s))
    return tuple(joined)


def _summed(parts: FloatArray) -> FloatArray:
    """What had come together at each edge."""
    return np.concatenate([[0.0], np.cumsum(parts)])
