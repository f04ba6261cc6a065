"""A session as watches and training diaries see a run: one point a second, laps, pauses, distance.

Whole seconds from the first frame; the distance grows while the belt's speed is known and the run is not paused.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.records import SpeedChange
from coach.core.session.session import Session
from coach.core.session.summary import spread
from coach.core.speed.belt_speed import SpeedOrigin

LAP_STEP_MPS: Final = 0.1
"""0.36 km/h: a smaller change of the belt begins no lap; one press of a key (0.5 km/h) does."""
SHORTEST_LAP_S: Final = 10
"""Changes that follow faster are one: a belt that ramps up, or a key pressed several times."""
_CARRY_S: Final = 2.0
"""How long the last stride's values hold after it, where the next one is missing."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """One second of a run; NaN where a value is unknown."""

    second: int
    distance_m: float
    speed_mps: float
    cadence_spm: float
    """Steps of both feet per minute."""
    contact_time_s: float
    peak_knee_flexion_deg: float
    """Of the near leg's trusted stride at that second."""
    target_deg: float


@dataclass(frozen=True, slots=True)
class Lap:
    """A stretch at one belt speed, in seconds from the first frame; NaN where unknown."""

    start: int
    end: int
    elapsed_s: float
    timer_s: float
    """Without pauses."""
    distance_m: float
    top_speed_mps: float
    cadence_spm: float

    @property
    def speed_mps(self) -> float:
        """Mean over the time that was not paused."""
        return self.distance_m / self.timer_s if self.timer_s > 0 else math.nan


@dataclass(frozen=True, slots=True)
class Activity:
    """The whole run; `total` is the lap that spans it."""

    points: tuple[Point, ...]
    """One a second, none during a pause."""
    laps: tuple[Lap, ...]
    pauses: tuple[tuple[int, int], ...]
    """Whole seconds at which the run was paused and went on."""
    total: Lap


def activity_of(session: Session) -> Activity:
    """The run second by second. A session without frames is one point of nothing."""
    first_s = session.frames.first_s if math.isfinite(session.frames.first_s) else 0.0
    duration_s = session.frames.duration_s if math.isfinite(session.frames.duration_s) else 0.0
    end = math.ceil(duration_s)
    pauses = _pauses(session, first_s, end)
    belt = _Belt(session.speeds, first_s, duration_s, pauses)
    running = _Running(session.strides, first_s)
    seconds = [second for second in range(end + 1) if not any(a < second < b for a, b in pauses)]
    cuts = [0, *_cuts(session.speeds, first_s, end), end]

    def lap(start: int, stop: int) -> Lap:
        until_s = duration_s if stop == end else stop
        speeds = [speed for at_s, speed in belt.changes if start <= at_s < until_s and not math.isnan(speed)]
        return Lap(
            start=start,
            end=stop,
            elapsed_s=until_s - start,
            timer_s=until_s - start - _overlap(pauses, (start, until_s)),
            distance_m=belt.distance_m(until_s) - belt.distance_m(start),
            top_speed_mps=max((s for s in (*speeds, belt.speed_mps(start)) if not math.isnan(s)), default=math.nan),
            cadence_spm=running.mean_cadence_spm(start, until_s),
        )

    return Activity(
        points=tuple(_point(second, belt, running) for second in seconds),
        laps=tuple(lap(start, stop) for start, stop in pairwise(cuts)),
        pauses=pauses,
        total=lap(0, end),
    )


def _point(second: int, belt: _Belt, running: _Running) -> Point:
    near = running.near_at(second)
    return Point(
        second=second,
        distance_m=belt.distance_m(second),
        speed_mps=belt.speed_mps(second),
        cadence_spm=running.mean_at(second, "cadence_spm"),
        contact_time_s=running.mean_at(second, "contact_time_s"),
        peak_knee_flexion_deg=near.peak_knee_flexion_deg if near else math.nan,
        target_deg=near.target_deg if near else math.nan,
    )


class _Belt:
    """Belt speed and the length that passed, at seconds from the first frame."""

    def __init__(
        self, speeds: Sequence[SpeedChange], first_s: float, duration_s: float, pauses: Iterable[tuple[int, int]]
    ) -> None:
        self.changes = [(change.t_s - first_s, change.speed_mps) for change in speeds]
        self._times_s = [at_s for at_s, _ in self.changes]
        self._duration_s = duration_s
        self._pauses = tuple(pauses)
        passed = (self._passed_m(i, end_s) for i, end_s in enumerate(self._times_s[1:]))
        self._metres = list(accumulate(passed, initial=0.0))
        """Belt length before each change."""

    def speed_mps(self, at_s: float) -> float:
        """The speed that held; NaN before the first."""
        index = bisect_right(self._times_s, min(at_s, self._duration_s)) - 1
        return self.changes[index][1] if index >= 0 else math.nan

    def distance_m(self, until_s: float) -> float:
        """Belt length up to a moment, pauses and unknown speeds left out."""
        end_s = min(until_s, self._duration_s)
        index = bisect_right(self._times_s, end_s) - 1
        return self._metres[index] + self._passed_m(index, end_s) if index >= 0 else 0.0

    def _passed_m(self, index: int, end_s: float) -> float:
        """Belt length at the speed of one change, from there to a moment."""
        start_s, speed = self.changes[index]
        span = (max(start_s, 0.0), end_s)
        if math.isnan(speed) or span[1] <= span[0]:
            return 0.0
        return speed * (span[1] - span[0] - _overlap(self._pauses, span))


class _Running:
    """The trusted strides by time, in seconds from the first frame."""

    def __init__(self, strides: Sequence[StrideRecord], first_s: float) -> None:
        self._first_s = first_s
        self._valid = sorted((k for k in strides if k.valid), key=lambda kept: kept.start_s)
        self._starts_s = [kept.start_s - first_s for kept in self._valid]

    def near_at(self, at_s: float) -> StrideRecord | None:
        """The near leg's stride at a moment, or the one that ended just before."""
        return next((kept for kept in reversed(self._around(at_s)) if kept.near), None)

    def mean_at(self, at_s: float, name: str) -> float:
        """Mean of a value over both legs' strides at a moment."""
        return spread([float(getattr(kept, name)) for kept in self._around(at_s)]).mean

    def mean_cadence_spm(self, start_s: float, end_s: float) -> float:
        """Mean over the strides that began in a stretch."""
        begun = [
            kept.cadence_spm for kept, at_s in zip(self._valid, self._starts_s, strict=True) if start_s <= at_s < end_s
        ]
        return spread(begun).mean

    def _around(self, at_s: float) -> list[StrideRecord]:
        last = bisect_right(self._starts_s, at_s)
        begun = self._valid[max(last - 8, 0) : last]
        fresh = [kept for kept in begun if kept.end_s - self._first_s > at_s]
        return fresh or [kept for kept in begun if kept.end_s - self._first_s > at_s - _CARRY_S]


def _pauses(session: Session, first_s: float, end: int) -> tuple[tuple[int, int], ...]:
    """Whole seconds from `paused` to `resumed`; a run that ended paused is paused to its end."""
    pauses: list[tuple[int, int]] = []
    since: int | None = None
    for event in session.events:
        at = min(max(round(event.t_s - first_s), 0), end)
        if event.kind == "paused" and since is None:
            since = at
        elif event.kind == "resumed" and since is not None:
            pauses.append((since, at))
            since = None
    if since is not None:
        pauses.append((since, end))
    return tuple((a, b) for a, b in pauses if b > a)


def _cuts(speeds: Sequence[SpeedChange], first_s: float, end: int) -> list[int]:
    """Whole seconds at which a lap begins: where the belt was set to another speed.

    A speed that is read from the picture wanders by itself and begins none.
    """
    cuts: list[int] = []
    begun, held_mps = 0, math.nan
    for change in speeds:
        if change.source in {None, SpeedOrigin.VIDEO} or math.isnan(change.speed_mps):
            continue
        at = round(change.t_s - first_s)
        moved = abs(change.speed_mps - held_mps) >= LAP_STEP_MPS
        if not moved and not math.isnan(held_mps):
            continue
        if not math.isnan(held_mps) and at - begun >= SHORTEST_LAP_S and end - at >= SHORTEST_LAP_S:
            cuts.append(at)
            begun = at
        held_mps = change.speed_mps
    return cuts


def _overlap(spans: Iterable[Span], within: Span) -> float:
    """Seconds of `within` that lie in one of the spans, which do not overlap."""
    return sum(max(min(b, within[1]) - max(a, within[0]), 0.0) for a, b in spans)
