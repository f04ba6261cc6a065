"""A session as watches and training diaries see a run: one point a second, laps, stops, distance.

Whole seconds from the first frame. What counts as running, and how far that was, is said in `running_time`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from coach.core.coaching.guards import like_incline
from coach.core.coaching.stride_record import STRIDE_COLUMNS, StrideRecord
from coach.core.heart import HeartFacts, heart_facts, held_bpm
from coach.core.session.near_leg import near_leg
from coach.core.session.records import SpeedChange
from coach.core.session.running_time import RunningTime
from coach.core.session.session import Session
from coach.core.session.summary import spread
from coach.core.speed.belt_speed import TRAITS

LAP_STEP_MPS: Final = 0.1
"""0.36 km/h: a smaller change of the belt begins no lap; one press of a key (0.5 km/h) does."""
SHORTEST_LAP_S: Final = 10
"""Changes that follow faster are one: a belt that ramps up, or a key pressed several times."""
_CARRY_S: Final = 2.0
"""How long the last stride's values hold after it, where the next one is missing."""

FIT_COLUMNS: Final = tuple(column for column in STRIDE_COLUMNS if column.note.fit is not None)
"""What a point tells of the strides, besides cadence and contact time, which have fields of their own."""


@dataclass(frozen=True, slots=True)
class Point:
    """One second of a run; NaN where a value is unknown."""

    second: int
    distance_m: float
    """NaN until the belt's speed is first known."""
    speed_mps: float
    cadence_spm: float
    """Steps of both feet per minute."""
    contact_time_s: float
    heart_bpm: float
    incline_pct: float
    """NaN where nobody told."""
    values: Mapping[str, float]
    """Of the trusted strides at that second, by the names of `FIT_COLUMNS`."""


@dataclass(frozen=True, slots=True)
class Lap:
    """A stretch at one belt speed and incline, in seconds from the first frame; NaN where unknown."""

    start: int
    end: int
    elapsed_s: float
    timer_s: float
    """Running time."""
    distance_m: float
    speed_mps: float
    """Mean over the running time with a known speed."""
    top_speed_mps: float
    cadence_spm: float
    heart: HeartFacts


@dataclass(frozen=True, slots=True)
class Activity:
    """The whole run; `total` is the lap that spans it."""

    points: tuple[Point, ...]
    """One a second, none during a stop."""
    laps: tuple[Lap, ...]
    pauses: tuple[tuple[int, int], ...]
    """Whole seconds at which the running stopped and went on."""
    total: Lap


def activity_of(session: Session) -> Activity:
    """The run second by second. A session without frames is one point of nothing."""
    time = RunningTime(session.frames, session.speeds, session.events)
    first_s, duration_s = time.first_s, time.last_s - time.first_s
    end = math.ceil(duration_s)
    pauses = _pauses(time, end)
    strides = _Strides(session.strides, first_s)
    seconds = [second for second in range(end + 1) if not any(a < second < b for a, b in pauses)]
    beats = held_bpm(session.heart, first_s + np.array(seconds)).tolist()
    cuts = [0, *_cuts(session.speeds, first_s, end), end]

    def lap(start: int, stop: int) -> Lap:
        until_s = duration_s if stop == end else stop
        within = (first_s + start, first_s + until_s)
        belt = time.belt(*within)
        return Lap(
            start=start,
            end=stop,
            elapsed_s=until_s - start,
            timer_s=0.0 if math.isnan(time.duration_s) else time.running_s(*within),
            distance_m=belt.distance_m,
            speed_mps=belt.mean_mps,
            top_speed_mps=belt.highest_mps,
            # A stride that begins with the last frame still belongs to the last lap.
            cadence_spm=time.cadence_spm(session.strides, within[0], math.inf if stop == end else within[1]),
            heart=heart_facts(session.heart, time.seconds_run(within[0], math.inf if stop == end else within[1])),
        )

    return Activity(
        points=tuple(_point(second, time, strides, bpm) for second, bpm in zip(seconds, beats, strict=True)),
        laps=tuple(lap(start, stop) for start, stop in pairwise(cuts)),
        pauses=pauses,
        total=lap(0, end),
    )


def _point(second: int, time: RunningTime, strides: _Strides, heart_bpm: float) -> Point:
    return Point(
        second=second,
        distance_m=time.distance_m(time.first_s + second),
        speed_mps=time.speed_mps(time.first_s + second),
        cadence_spm=strides.mean_at(second, "cadence_spm"),
        contact_time_s=strides.mean_at(second, "contact_time_s"),
        heart_bpm=heart_bpm,
        incline_pct=time.incline_pct(time.first_s + second),
        values={
            column.name: (strides.near_at if column.note.near_only else strides.mean_at)(second, column.name)
            for column in FIT_COLUMNS
        },
    )


class _Strides:
    """The trusted strides by time, in seconds from the first frame."""

    def __init__(self, strides: Sequence[StrideRecord], first_s: float) -> None:
        self._first_s = first_s
        self._near = near_leg(strides)
        self._valid = sorted((one for one in strides if one.valid), key=lambda stride: stride.start_s)
        self._starts_s = [stride.start_s - first_s for stride in self._valid]

    def near_at(self, at_s: float, name: str) -> float:
        """A value of the near leg's stride at a moment, or of the one that ended just before."""
        of_leg = (stride for stride in reversed(self._around(at_s)) if stride.near and stride.side == self._near)
        near = next(of_leg, None)
        return math.nan if near is None else float(getattr(near, name))

    def mean_at(self, at_s: float, name: str) -> float:
        """Mean of a value over both legs' strides at a moment."""
        return spread([float(getattr(stride, name)) for stride in self._around(at_s)]).mean

    def _around(self, at_s: float) -> list[StrideRecord]:
        last = bisect_right(self._starts_s, at_s)
        begun = self._valid[max(last - 8, 0) : last]
        fresh = [stride for stride in begun if stride.end_s - self._first_s > at_s]
        return fresh or [stride for stride in begun if stride.end_s - self._first_s > at_s - _CARRY_S]


def _pauses(time: RunningTime, end: int) -> tuple[tuple[int, int], ...]:
    """The stops in whole seconds from the first frame; those that round to nothing are none."""
    whole = [(round(a - time.first_s), min(round(b - time.first_s), end)) for a, b in time.stops]
    # A stop that lasts to the last frame lasts to the last second.
    return tuple(
        (a, end if stop[1] >= time.last_s else b) for (a, b), stop in zip(whole, time.stops, strict=True) if b > a
    )


def _cuts(speeds: Sequence[SpeedChange], first_s: float, end: int) -> list[int]:
    """Whole seconds at which a lap begins: where the belt was set to another speed, or tilted into another belt.

    A speed that is read from the picture wanders by itself and begins none.
    """
    cuts: list[int] = []
    begun, held_mps, held_pct = 0, math.nan, math.nan
    for change in speeds:
        if change.source is None or TRAITS[change.source].from_picture or math.isnan(change.speed_mps):
            continue
        at = round(change.t_s - first_s)
        tilted = not like_incline(change.incline_pct, held_pct)
        moved = abs(change.speed_mps - held_mps) >= LAP_STEP_MPS or tilted
        if not moved and not math.isnan(held_mps):
            continue
        if not math.isnan(held_mps) and at - begun >= SHORTEST_LAP_S and end - at >= SHORTEST_LAP_S:
            cuts.append(at)
            begun = at
        held_mps, held_pct = change.speed_mps, change.incline_pct
    return cuts
