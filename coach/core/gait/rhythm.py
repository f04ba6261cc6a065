"""Looking for a rhythm and keeping it: when to search, when to follow, when to let go."""

from __future__ import annotations

import copy
import math
from collections import deque
from typing import Final

from coach.core.gait import LegCycle
from coach.core.gait.cadence_search import FEWEST_FRAMES, CadenceFit, Search, search
from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker
from coach.core.gait.hindsight import Learnt
from coach.core.gait.kinematics import Legs
from coach.core.gait.stride_segmentation import StrideSegmenter
from coach.core.gait.timekeeping import PictureRate

_BUFFER_S: Final = 1.8
"""2.2 strides at 146 steps a minute, three at 200: a rhythm shows in what comes again."""
_RIPE_S: Final = 0.07
"""Two pictures at 30 a second: the buffer is full though the last ones are still to come."""
_RETRY_S: Final = 0.2
"""A ninth of the buffer is new then; less would be the same search once more."""
_DOUBT_EVERY_S: Final = 2.5
"""Longer than the buffer: every second opinion is of other frames."""
_STALE_S: Final = 1.0
"""A search that was left lying is about a run that was: in the meantime the rhythm held without it."""
_STEP_S: Final = 0.012
"""One search step for so much time between frames: a search is done within a third of a second."""


class CadenceSeeker:
    """Keeps the last two seconds and searches them, a little with every frame."""

    def __init__(self, pictures: PictureRate) -> None:
        self._pictures = pictures
        self._frames: deque[Legs] = deque()
        self._searched: list[Legs] = []
        self._search: Search | None = None
        self._next_s = self._worked_s = -math.inf

    def see(self, legs: Legs) -> None:
        """Remember a frame."""
        frames, buffer_s = self._frames, self._buffer_s
        frames.append(legs)
        while legs.t_s - frames[0].t_s > buffer_s:
            frames.popleft()

    def seek(self, t_s: float, dt_s: float) -> CadenceFit | None:
        """Work on the search; the rhythm once it is found."""
        if t_s - self._worked_s > _STALE_S:
            self._search = None
        self._worked_s = t_s
        if self._search is None:
            if t_s < self._next_s or not self._ripe(t_s):
                return None
            self._searched = list(self._frames)
            self._search = search(self._searched)
        for _ in range(max(1, math.ceil(min(dt_s, 0.1) / _STEP_S))):
            try:
                next(self._search)
            except StopIteration as done:
                self._search = None
                self._next_s = t_s + _RETRY_S
                lock: CadenceFit | None = done.value
                return lock
        return None

    def doubt(self, t_s: float, dt_s: float) -> CadenceFit | None:
        """Work on a second opinion while a rhythm is held; at most one in so many seconds."""
        busy = self._search is not None
        lock = self.seek(t_s, dt_s)
        if busy and self._search is None:
            self._next_s = t_s + _DOUBT_EVERY_S
        return lock

    def since(self, lock: CadenceFit) -> list[Legs]:
        """The frames from the beginning of the lock's buffer on."""
        kept = [f for f in self._searched if f.t_s >= lock.start_s]
        last_s = kept[-1].t_s
        return kept + [f for f in self._frames if f.t_s > last_s]

    def forget(self) -> None:
        """Begin anew with the next frame."""
        self._frames.clear()
        self._search = None

    def _ripe(self, t_s: float) -> bool:
        return bool(self._frames) and t_s - self._frames[0].t_s > self._buffer_s - _RIPE_S

    @property
    def _buffer_s(self) -> float:
        """Where pictures are few it takes longer until there are enough of them: half-way between two pictures.

        At a picture's very own time the last digit of a clock would decide.
        """
        enough_s = (FEWEST_FRAMES + 0.5) * self._pictures.gap_s + _RIPE_S
        return max(_BUFFER_S, enough_s)


class CadenceMonitor:
    """Tells when a rhythm that was held is none, or no more."""

    # Beside the limits, from `python -m bench.limits --every 2`: the largest value within four seconds of following a
    # measured runner, with a right rhythm (99th percentile, typical and hard faults) and with wrong ones (median, rates
    # of one half, two thirds and three halves). Of 40 right ones none is let go, of 120 wrong ones 53 %; the others are
    # doubted, and another rhythm is found.
    _MEMORY_S: Final = 1.0
    """A stride and a half: a fault that comes once a stride is not forgotten between."""
    _SWAP_MEMORY_S: Final = 2.0
    """As long as the template remembers: exchanged for longer, it has learnt the legs the other way round."""
    _MAX_STRAY: Final = 0.6
    """Right: 0 and 0.14; wrong: 0.07 and 0.06, its template bends. What this tells is that the legs are another's."""
    _MAX_SWAPPED: Final = 0.6
    """Right: 0 and 0.13; wrong: 0 and 0.11, 0.50 and 0.53 at the most. More frames exchanged than not: begin anew."""
    _MAX_MISFIT_LL: Final = 0.075
    """Of the leg that fits better. Right: 0.024 and 0.048; wrong: 0.076 and 0.080."""
    _MAX_GAP_S: Final = 2.0
    """Three strides unseen, which differ by 1 % each: the clock still knows the phase to a twentieth of a turn."""
    _DOUBT_LL: Final = 0.04
    """Mean of both legs. Right: 0.028 and 0.049, where a doubt costs but a search; wrong: 0.077 and 0.081."""
    _BETTER: Final = 0.5
    """Share of the mean square that must go: between right and wrong it falls to a fifth or less."""
    _SEEN: Final = 0.05
    """Weight of a leg 3.5 sigma from where it is expected (Tukey's, `repair`): nothing of it was read."""
    _BELIEVED: Final = 0.3
    """Weight of one 2.7 sigma away."""

    def __init__(self) -> None:
        self._stray = self._swapped = 0.0
        self._misfit_ll2 = [0.0, 0.0]
        self._last_s = self._seen_s = math.nan

    @property
    def doubtful(self) -> bool:
        """The template fits so badly that it is worth looking whether another one fits better."""
        return sum(self._misfit_ll2) / 2 > self._DOUBT_LL**2

    def worse_than(self, lock: CadenceFit) -> bool:
        """Whether a rhythm found anew in the last seconds explains them clearly better."""
        return lock.spread_ll**2 < self._BETTER * sum(self._misfit_ll2) / 2

    def gap_s(self, t_s: float) -> float:
        """Seconds since a leg was last read."""
        return t_s - self._seen_s

    def lost(self, frame: CycleFrame, seen: bool) -> bool:
        """Take one frame; `seen`: there was a pose. True where the lock must be dropped."""
        if math.isnan(self._last_s):
            self._last_s = self._seen_s = frame.t_s
        dt_s, self._last_s = frame.t_s - self._last_s, frame.t_s
        left, right = frame.legs
        believed = max(left.weight, right.weight)
        if believed > self._SEEN:
            self._seen_s = frame.t_s
        if seen:
            share = min(dt_s / self._MEMORY_S, 1.0)
            self._stray += share * ((believed < self._BELIEVED) - self._stray)
            self._swapped += min(dt_s / self._SWAP_MEMORY_S, 1.0) * (frame.swapped - self._swapped)
            for leg, misfit in enumerate((left.misfit_ll2, right.misfit_ll2)):
                if not math.isnan(misfit):
                    self._misfit_ll2[leg] += share * (misfit - self._misfit_ll2[leg])
        return (
            self._stray > self._MAX_STRAY
            or self._swapped > self._MAX_SWAPPED
            or min(self._misfit_ll2) > self._MAX_MISFIT_LL**2
            or self.gap_s(frame.t_s) > self._MAX_GAP_S
        )


class HeldRhythm:
    """A rhythm that is held: filter, strides, and the frames still to be caught up with."""

    def __init__(self, cycle: CycleTracker, backlog: list[Legs]) -> None:
        self.cycle = cycle
        self.book = StrideSegmenter(cycle)
        self.watch = CadenceMonitor()
        self.backlog = deque(backlog)
        self.frame: CycleFrame | None = None
        self.running = True
        self.odd_time = False
        """Whether cadence and fall say that time runs slower, or faster, than it did."""
        self.cycle_now: LegCycle | None = None
        self.curve_s = -math.inf

    def knowing(self, known: Learnt, lock: CadenceFit) -> HeldRhythm:
        """The same frames, followed with what was learnt later."""
        if known.cycle is None:
            return self
        again = HeldRhythm(known.cycle.begun_anew(lock.start_s, lock.rate_rad_s), list(self.backlog))
        again.book.tops = copy.deepcopy(list(known.tops))
        return again
