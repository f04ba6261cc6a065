"""How long, how far, how fast, at what cadence: the one place where that is decided, for everything that says it.

- *Duration*: first frame to last.
- *Pause*: from the runner's `paused` to `resumed`, or to the end.
- *Running time*: the duration without pauses and without the stretches in which the runner stood, walked or was away.
- *Distance*: the length of belt that passed in the running time while its speed was known; NaN where it never was.
- *Mean speed*: that distance over the running time with a known speed.
- *Cadence*: mean over the strides of both feet, begun in the running time, whose rhythm is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Activity
from coach.core.gait.stride import RejectReason
from coach.core.session.records import FrameFacts, SessionEvent, SpeedChange
from coach.core.units import FloatArray

OFF_THE_RUN: Final = (Activity.STANDING, Activity.WALKING, Activity.AWAY)
SHORTEST_REST_S: Final = 2.0
"""A shorter stretch of standing or walking is a doubt of the measurement, or a stumble."""
_BEGINS: Final = frozenset({"paused", *map(str, OFF_THE_RUN)})
_ENDS: Final = {"paused": "resumed", **dict.fromkeys(map(str, OFF_THE_RUN), str(Activity.RUNNING))}
_IN_RHYTHM: Final = (RejectReason.FAR_LEG, RejectReason.TOO_FEW_FRAMES, RejectReason.LEG_COLLAPSED)
"""What hid the peak of such a stride did not hide when the foot came down."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpeedFacts:
    """Belt speed over the running time, each value weighted by how long it held; NaN while unknown."""

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
        self.stops = _stops(events, (self.first_s, self.last_s))
        """When the runner did not run, in time order and apart from each other."""
        inner = [*(change.t_s for change in speeds), *(edge for stop in self.stops for edge in stop)]
        inside = sorted({t_s for t_s in inner if self.first_s < t_s < self.last_s})
        self._edges_s = np.array([self.first_s, *inside, self.last_s])
        starts_s, lengths_s = self._edges_s[:-1], np.diff(self._edges_s)
        self._speeds_mps = _held(speeds, starts_s)
        runs = np.array([not any(start <= t_s < end for start, end in self.stops) for t_s in starts_s])
        self._known = runs & ~np.isnan(self._speeds_mps)
        self._ran_s = _summed(np.where(runs, lengths_s, 0.0))
        self._known_s = _summed(np.where(self._known, lengths_s, 0.0))
        self._metres = _summed(np.where(self._known, np.nan_to_num(self._speeds_mps) * lengths_s, 0.0))

    def running_s(self, start_s: float = -math.inf, end_s: float = math.inf) -> float:
        """Running time within a stretch; NaN for a run without frames."""
        return math.nan if math.isnan(self.duration_s) else self._within(self._ran_s, start_s, end_s)

    def distance_m(self, until_s: float) -> float:
        """How far the runner had come by then; NaN before the speed was first known."""
        known = next((change.t_s for change in self._changes if not math.isnan(change.speed_mps)), math.inf)
        return self._within(self._metres, -math.inf, until_s) if until_s >= known else math.nan

    def speed_mps(self, at_s: float) -> float:
        """The speed that held at a moment; NaN before the first."""
        return float(_held(self._changes, np.array([min(at_s, self.last_s)]))[0])

    def belt(self, start_s: float = -math.inf, end_s: float = math.inf) -> SpeedFacts:
        """Belt speed and distance within a stretch."""
        sources = tuple(dict.fromkeys(str(change.source) for change in self._changes if change.source is not None))
        known_s = self._within(self._known_s, start_s, end_s)
        inside = (self._edges_s[:-1] < end_s) & (self._edges_s[1:] > start_s)
        if known_s > 0:
            speeds, metres = self._speeds_mps[inside & self._known], self._within(self._metres, start_s, end_s)
            return SpeedFacts(metres / known_s, float(speeds.min()), float(speeds.max()), metres, sources)
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

    def _within(self, summed: FloatArray, start_s: float, end_s: float) -> float:
        before, after = np.interp([max(start_s, self.first_s), min(end_s, self.last_s)], self._edges_s, summed)
        return max(float(after - before), 0.0)


class ActivityLog:
    """Notes when the runner stops running and runs again, once it has lasted."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._kind = ""
        self._noted = False

    def step(self, t_s: float, activity: Activity) -> tuple[SessionEvent, ...]:
        """Take one frame; what is worth noting now, with the time when it began."""
        if activity in OFF_THE_RUN:
            if self._since_s is None:
                self._since_s, self._kind = t_s, str(activity)
            if self._noted or t_s - self._since_s < SHORTEST_REST_S:
                return ()
            self._noted = True
            return (SessionEvent(self._since_s, self._kind),)
        noted, self._since_s, self._noted = self._noted, None, False
        return (SessionEvent(t_s, str(Activity.RUNNING)),) if noted else ()


def _stops(events: Iterable[SessionEvent], run: Span) -> tuple[Span, ...]:
    """Pauses and rests of a run, joined where they overlap; what never ended lasts to its end."""
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


def _held(speeds: Sequence[SpeedChange], at_s: FloatArray) -> FloatArray:
    """The speed that held at each of these times; NaN before the first."""
    times_s = np.array([change.t_s for change in speeds])
    values = np.array([math.nan, *(change.speed_mps for change in speeds)])
    return values[np.searchsorted(times_s, at_s, side="right")]
