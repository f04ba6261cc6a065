"""Strides: which events are due, and where one stride ends and the next begins."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from coach.core.gait import EventKind, GaitEvent, LegCycle
from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker
from coach.core.gait.events import EventPhases, read_cycle
from coach.core.gait.sagittal_fit import Stance
from coach.core.gait.stride_measures import SMOOTHING_S, Measured, Span, measure
from coach.core.gait.swing_top import OwnTops
from coach.core.pose import SIDES

_TURN: Final = 2 * math.pi
_DECIDE_AFTER_RAD: Final = 0.6
"""A stride is measured a tenth of a cycle after its end, when the phase there has settled."""
_HISTORY_S: Final = 2.6
_REFRESH_S: Final = 0.29
"""One leg at a time; the template they are read off changes over two seconds."""
_BLEND: Final = 0.65
_CLEAR_PHASE_VARIANCE: Final = 0.05
"""rad²; events are not told while the clock runs blind."""
_BLIND_S: Final = 0.24
"""Nor those of a gap between two frames as long as this, a third of a stride: nobody saw them."""


@dataclass(slots=True)
class _Leg:
    """One leg's event phases, and what comes next (unwrapped phases)."""

    phases: EventPhases
    stride_end: float
    due: dict[EventKind, float]
    awaited: dict[EventKind, float] = field(init=False)
    """`due`, as the phases of the events have been read since."""
    stance: Stance = field(init=False)
    start_s: float = math.nan
    start_phase: float = math.nan

    def __post_init__(self) -> None:
        self.see(self.phases)

    def see(self, phases: EventPhases) -> None:
        """The phases of the events were read anew."""
        self.phases = phases
        self.stance = Stance(phases.contact_rad, phases.toe_off_after_rad)
        self.awaited = {kind: _unwrapped(_phase_of(phases, kind), due) for kind, due in self.due.items()}


class StrideSegmenter:
    """Follows both legs through the frames of one lock, tells events and measures strides."""

    def __init__(self, cycle: CycleTracker) -> None:
        self._cycle = cycle
        self._frames: deque[CycleFrame] = deque()
        self._legs: list[_Leg] = []
        self._refreshed_s = -math.inf
        self._turn = 0
        # The far leg is read worse, and not coached: there steadiness is worth more.
        self.tops: list[OwnTops | None] = [OwnTops() if leg == cycle.near else None for leg in range(2)]
        """What the swings of either leg told so far."""

    def step(self, frame: CycleFrame) -> tuple[list[GaitEvent], list[Measured]]:
        """Take one frame; the events and strides that it revealed."""
        blind = bool(self._frames) and frame.t_s - self._frames[-1].t_s > _BLIND_S
        self._frames.append(frame)
        while frame.t_s - self._frames[0].t_s > _HISTORY_S:
            self._frames.popleft()
        self._refresh(frame)
        events: list[GaitEvent] = []
        strides: list[Measured] = []
        for i, leg in enumerate(self._legs):
            self._tell(i, leg, frame, events, blind=blind)
            if frame.phase_rad >= leg.stride_end + _DECIDE_AFTER_RAD:
                self._close(i, leg, strides)
        return events, strides

    def finish(self) -> list[Measured]:
        """Strides that have ended and were not yet decided."""
        done: list[Measured] = []
        for i, leg in enumerate(self._legs):
            if self._frames[-1].phase_rad >= leg.stride_end:
                self._close(i, leg, done)
        return done

    def share(self, leg: int, phase_rad: float) -> float:
        """Where in its stride a leg is: 0 at contact, up to 1 at the next."""
        if not self._legs:
            return math.nan
        return ((phase_rad - self._legs[leg].phases.contact_rad) % _TURN) / _TURN

    def leg_cycle(self, leg: int) -> LegCycle | None:
        """The template of one leg from contact to contact."""
        if not self._legs:
            return None
        return LegCycle(self._cycle.template.coefficients[leg], self._legs[leg].phases.contact_rad)

    def stances(self) -> tuple[Stance, Stance] | None:
        """Where in the cycle either leg stands; None before the first look."""
        if not self._legs:
            return None
        left, right = self._legs
        return left.stance, right.stance

    def _refresh(self, frame: CycleFrame) -> None:
        """Read the event phases off the template anew, one leg at a time."""
        template, rate = self._cycle.template, frame.rate_rad_s
        if not self._legs:
            self._legs = [_first(read_cycle(template, i, rate), frame.phase_rad) for i in range(2)]
        elif frame.t_s - self._refreshed_s >= _REFRESH_S:
            self._refreshed_s = frame.t_s
            self._turn ^= 1
            leg = self._legs[self._turn]
            leg.see(_blended(leg.phases, read_cycle(template, self._turn, rate)))

    def _tell(self, i: int, leg: _Leg, frame: CycleFrame, out: list[GaitEvent], *, blind: bool) -> None:
        for kind, phase in leg.awaited.items():
            if frame.phase_rad < phase:
                continue
            last_passed = _unwrapped(phase, frame.phase_rad - math.pi)
            leg.due[kind] = leg.awaited[kind] = last_passed + _TURN
            if frame.phase_variance < _CLEAR_PHASE_VARIANCE and not blind:
                out.append(GaitEvent(self._time_at(phase), SIDES[i], kind))

    def _close(self, i: int, leg: _Leg, out: list[Measured]) -> None:
        """Measure the stride that ended at `stride_end`; the next one starts there."""
        start_s, start_phase = leg.start_s, leg.start_phase
        end_phase = _unwrapped(leg.phases.contact_rad, leg.stride_end)
        end_s = self._time_at(end_phase)
        leg.start_s, leg.start_phase, leg.stride_end = end_s, end_phase, end_phase + _TURN
        if math.isnan(start_s) or end_s <= start_s:
            return
        other = self._legs[1 - i].phases.contact_rad
        span = Span(
            start_s=start_s,
            toe_off_s=self._time_at(start_phase + leg.phases.toe_off_after_rad),
            other_contact_s=self._time_at(_unwrapped(other, start_phase + math.pi)),
            peak_s=self._time_at(start_phase + leg.phases.peak_after_rad),
            end_s=end_s,
        )
        frames = [f for f in self._frames if f.t_s >= start_s - SMOOTHING_S]
        measured = measure(self._cycle, i, leg.phases, span, frames, self.tops[i])
        if measured is not None:
            out.append(measured)

    def _time_at(self, phase: float) -> float:
        """When the clock passed `phase`."""
        frames = self._frames
        i = len(frames) - 1
        while i > 0 and frames[i - 1].phase_rad > phase:
            i -= 1
        after, before = frames[i], frames[max(i - 1, 0)]
        span = after.phase_rad - before.phase_rad
        if span <= 0 or after.phase_rad < phase:
            return after.t_s + (phase - after.phase_rad) / after.rate_rad_s
        return before.t_s + (after.t_s - before.t_s) * (phase - before.phase_rad) / span


def _first(phases: EventPhases, now_phase: float) -> _Leg:
    def due(phase: float) -> float:
        return phase + _TURN * math.ceil((now_phase - phase) / _TURN)

    events = {kind: due(_phase_of(phases, kind)) for kind in EventKind}
    return _Leg(phases, stride_end=events[EventKind.INITIAL_CONTACT], due=events)


def _blended(known: EventPhases, new: EventPhases) -> EventPhases:
    """A step from the known phases toward the new ones: a flat extremum jumps about, a runner's contact does not."""
    turned = _unwrapped(new.contact_rad, known.contact_rad)
    contact = known.contact_rad + _BLEND * (turned - known.contact_rad)
    toe_off = known.toe_off_after_rad + _BLEND * (new.toe_off_after_rad - known.toe_off_after_rad)
    peak = known.peak_after_rad + _BLEND * (new.peak_after_rad - known.peak_after_rad)
    return EventPhases(contact, toe_off, peak, new.late_rad)


def _phase_of(phases: EventPhases, kind: EventKind) -> float:
    after = {EventKind.TOE_OFF: phases.toe_off_after_rad, EventKind.MID_SWING: phases.peak_after_rad}
    return phases.contact_rad + after.get(kind, 0.0)


def _unwrapped(phase: float, near: float) -> float:
    """The same phase in the turn nearest to `near`."""
    return phase + _TURN * round((near - phase) / _TURN)
