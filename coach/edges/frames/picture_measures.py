"""What is measured of a picture: its light, how far it differs from another, and when it was taken.

When it was taken, where what its source says of it is not that: of a file, its own stamps where they rise, else one
usual step after the last (`PresentationClock`).

Of a picture that was delivered more than once: between two ticks of its source, as evenly as they allow
(`PictureTimes`). A source of 30 a second that has 20 new pictures to show makes 33 and 67 ms of steps that were 50.
What is known of a picture is the tick at which it first appears, give or take half a tick; what is known of cameras is
that they take pictures evenly. So a line through the last pictures says when the next one was due, and the tick holds
it in bounds. The half tick by which every delivered picture is late is left out, as it is for a source that repeats
nothing.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.core.setup.setup_check import PictureStats
from coach.ports import ImageBGR

_STATS_WIDTH_PX: Final = 320

Glance = NDArray[np.int16]
"""(rows, columns) of grey levels, each the mean of a patch: what is kept of a picture to compare it."""

_LATTICE_PX: Final = 280
"""Pixels looked at along the longer side; a leg of 100 px in a full HD picture still has 15 of them."""
_PATCH: Final = 6
"""Pixels of the lattice that are averaged along each side: the noise of codecs and sensors goes, a limb stays."""
_CHANGED_SHARE: Final = 0.02
"""A runner's legs and arms change this share of the picture at the least; the rest of it says nothing."""


def picture_stats(image_bgr: ImageBGR, measured_fps: float, repeated_pct: float = 0.0) -> PictureStats:
    """Size, mean brightness and sharpness of a picture, with the rates that were measured elsewhere."""
    height, width = image_bgr.shape[:2]
    small = cv2.resize(
        image_bgr, (_STATS_WIDTH_PX, max(round(height * _STATS_WIDTH_PX / width), 1)), interpolation=cv2.INTER_AREA
    )
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    spread = float(np.var(grey))
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    sharpness = edges / spread if spread > 1 else 0.0
    return PictureStats(width, height, measured_fps, float(grey.mean()), sharpness, repeated_pct)


def glance(image_bgr: ImageBGR) -> Glance:
    """What is kept of a picture; some 0.2 ms. Green stands for the grey levels."""
    step = max(-(-max(image_bgr.shape[:2]) // _LATTICE_PX), 1)
    lattice = np.ascontiguousarray(image_bgr[::step, ::step, 1])
    size = max(lattice.shape[1] // _PATCH, 1), max(lattice.shape[0] // _PATCH, 1)
    return np.asarray(cv2.resize(lattice, size, interpolation=cv2.INTER_AREA), np.int16)


def difference(a: Glance, b: Glance) -> float:
    """Mean change of the patches that changed most, in grey levels; inf for pictures of other shapes."""
    if a.shape != b.shape:
        return math.inf
    change = np.abs(a - b).ravel()
    most = max(round(_CHANGED_SHARE * change.size), 1)
    return float(np.partition(change, change.size - most)[-most:].mean())


_LONGEST_GAP_S: Final = 5.0
"""A larger step between two frames is a damaged time stamp, not a pause."""
_REAL_STEPS: Final = 9
"""Steps between frames that say what the usual one is, whatever the header says."""
_LIES: Final = 1.25
"""Ratio from which on a header's rate and the time stamps' are two different things."""
_LYING: Final = "the header's rate is not that of its time stamps; the time stamps are believed"
_REPAIRED: Final = "some time stamps stand still, jump or go back; frames there are taken as evenly spaced"

_OVER_S: Final = 1.5
"""The line is laid through so much: a camera that changes its exposure changes its rate."""
_POINTS_LEAST: Final = 5
_BOUND: Final = 0.45
"""Share of a tick that a time may move; below one half, so that times rise."""
_MISSED: Final = 1.25
"""Ticks beyond the usual step from which on a picture was missed."""


@dataclass(slots=True)
class PresentationClock:
    """Times of a file's frames: its own stamps where they rise, else one usual step after the last."""

    period_s: float
    """The step that the header promises."""
    _last_s: float = math.nan
    _shift_s: float = 0.0
    _steps: deque[float] = field(default_factory=lambda: deque(maxlen=_REAL_STEPS))
    repaired: bool = False
    """Whether a stamp was not believed so far."""
    lies: bool = False
    """Whether the header's rate is not that of the stamps."""

    def stamp(self, presented_s: float) -> float:
        """The time of the next frame, given what the container says of it."""
        t_s = presented_s + self._shift_s
        if math.isnan(self._last_s):
            # OpenCV counts from the first frame on: what is far away from 0 is no time.
            self._last_s = t_s if 0 <= t_s < _LONGEST_GAP_S else 0.0
            self._shift_s = self._last_s - presented_s if t_s >= _LONGEST_GAP_S else 0.0
            return self._last_s
        if self._last_s < t_s <= self._last_s + _LONGEST_GAP_S:
            self._steps.append(t_s - self._last_s)
            ratio = self.step_s / self.period_s
            self.lies |= len(self._steps) == _REAL_STEPS and not 1 / _LIES < ratio < _LIES
        else:
            self.repaired = True
            repaired_s = self._last_s + self.step_s
            if math.isfinite(t_s) and abs(t_s - self._last_s) > _LONGEST_GAP_S:
                # Stamps that begin anew keep their own steps from here on.
                self._shift_s += repaired_s - t_s
            t_s = repaired_s
        self._last_s = t_s
        return t_s

    @property
    def step_s(self) -> float:
        """The usual step between frames: the stamps' where there are enough, else the header's."""
        return statistics.median(self._steps) if len(self._steps) == _REAL_STEPS else self.period_s

    def notes(self) -> tuple[str, ...]:
        """What is to be told of the file's times, so far."""
        told = ((self.lies, _LYING), (self.repaired, _REPAIRED))
        return tuple(note for holds, note in told if holds)


class PictureTimes:
    """Feed it every delivered picture; new ones get their time."""

    def __init__(self) -> None:
        self._ticks: deque[float] = deque(maxlen=60)
        self._new: deque[tuple[int, float]] = deque(maxlen=120)
        """(number of the camera's picture, tick at which it first appeared)"""
        self._repeated_s = -math.inf

    def repeated(self, t_s: float) -> None:
        """A picture was delivered again."""
        if t_s - self._repeated_s > _OVER_S:
            # Repeats that were not known as such before have been counted as pictures.
            self._new.clear()
        self._ticks.append(t_s)
        self._repeated_s = t_s

    def new(self, t_s: float) -> float:
        """When a picture that first appears at `t_s` was taken; `t_s` itself where nothing is repeated."""
        self._ticks.append(t_s)
        while self._new and t_s - self._new[0][1] > _OVER_S:
            self._new.popleft()
        tick_s = self._tick_s()
        self._new.append((self._number(t_s, tick_s), t_s))
        if t_s - self._repeated_s > _OVER_S or len(self._new) < _POINTS_LEAST:
            return t_s
        numbers, times = np.array(self._new).T
        slope, at_start = np.polyfit(numbers - numbers[-1], times - t_s, 1)[:2]
        due_s = float(at_start) if slope > 0 else 0.0
        return t_s + min(max(due_s, -_BOUND * tick_s), _BOUND * tick_s)

    def _tick_s(self) -> float:
        """The usual step between delivered pictures, and never more than the last one."""
        steps = [b - a for a, b in pairwise(self._ticks) if b > a]
        return min(statistics.median(steps), steps[-1]) if steps else 0.0

    def _number(self, t_s: float, tick_s: float) -> int:
        """The next number, or one further on where the camera's picture before was never seen."""
        if not self._new:
            return 0
        number, before_s = self._new[-1]
        if len(self._new) < _POINTS_LEAST:
            return number + 1
        period_s = (before_s - self._new[0][1]) / max(number - self._new[0][0], 1)
        late = t_s - before_s - period_s > _MISSED * tick_s
        return number + (max(round((t_s - before_s) / period_s), 1) if late else 1)
