"""The first stage of a live run: takes every frame that the source has, and offers the newest.

What goes from stage to stage stands here too, how, and what it costs: the newest value wins, nothing queues up.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Generic, TypeVar

import numpy as np

from coach.app.loop import NoticeBoard
from coach.core.notices import Notice, NoticeKind, ended_early
from coach.core.pipeline import Update
from coach.core.session.records import Latency
from coach.ports import Frame, FrameSource, SourceEvent
from coach.timing import FrameRate

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame on its way from the camera to the screen, with what came of it so far."""

    frame: Frame
    grabbed_s: float
    """When it was grabbed, or received of a file, on the machine's monotonic clock."""
    update: Update | None = None
    """None until it was analysed. When analysis lags, the screen gets a newer frame with an older update
    (`update.t_s` says whose)."""


def with_cues_of(missed: Moment, newer: Moment) -> Moment:
    """The newer picture, with the cues of one that nobody took: a cue is given once, and shall be seen."""
    cues = missed.update.advice.cues if missed.update else ()
    if not cues or newer.update is None:
        return newer
    advice = replace(newer.update.advice, cues=(*cues, *newer.update.advice.cues))
    return replace(newer, update=replace(newer.update, advice=advice))


class LatestSlot(Generic[T]):
    """Room for one value between two threads. A value that was not taken in time is replaced and counted."""

    def __init__(self, heir: Callable[[T, T], T] = lambda _missed, newer: newer) -> None:
        """`heir`: what takes the place of a value that nobody took, made of that and the newer one."""
        self._heir = heir
        self._changed = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """How many values were put over one that nobody had taken."""
        with self._changed:
            return self._replaced

    @property
    def drained(self) -> bool:
        """Whether the slot is closed and its last value was taken."""
        with self._changed:
            return self._closed and self._value is None

    def put(self, value: T) -> None:
        """Offer a value; never waits. After `close` it is ignored."""
        with self._changed:
            if self._closed:
                return
            self._replaced += self._value is not None
            self._value = value if self._value is None else self._heir(self._value, value)
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Take the newest value, waiting for one; None after `timeout_s`, or once the slot is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._value is not None or self._closed, timeout_s)
            value, self._value = self._value, None
            return value

    def close(self) -> None:
        """Say that no more values come. What lies in the slot can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


_KEPT: Final = 4096
"""Samples kept of each way: more than two minutes at 30 frames a second, and the same after two hours."""
_RECENT: Final = 60
"""Samples that count for now."""


class Meter:
    """Collects durations by name. May be fed from several threads."""

    def __init__(self) -> None:
        self._samples_ms: dict[str, deque[float]] = {}
        self._rates: dict[str, FrameRate] = {}
        self._lock = threading.Lock()

    def note(self, name: str, seconds: float) -> None:
        """One more duration of the way called `name`."""
        with self._lock:
            self._samples_ms.setdefault(name, deque(maxlen=_KEPT)).append(1000 * seconds)

    def tick(self, name: str) -> None:
        """One more occurrence of what is called `name`."""
        with self._lock:
            self._rates.setdefault(name, FrameRate()).add(time.monotonic())

    def rate_hz(self, name: str) -> float:
        """How often it occurred lately, per second; NaN before the second time."""
        with self._lock:
            return self._rates[name].per_s if name in self._rates else math.nan

    def latencies(self) -> tuple[Latency, ...]:
        """Median and 95th percentile of every way, by name."""
        with self._lock:
            samples = {name: np.array(kept) for name, kept in sorted(self._samples_ms.items())}
        return tuple(
            Latency(name, float(np.percentile(ms, 50)), float(np.percentile(ms, 95))) for name, ms in samples.items()
        )

    def recent_ms(self, name: str) -> float:
        """Median of the last samples in ms; NaN before the first."""
        with self._lock:
            kept = list(self._samples_ms.get(name, ()))[-_RECENT:]
        return median(kept) if kept else math.nan


LOSS_AGAIN_S: Final = 20.0
"""A loose plug is on the screen each time, and by voice no more often."""


class CaptureStage:
    """`run` is the capture thread. It alone writes `newest`, `delivered`, `passed` and `lost`; others read them."""

    def __init__(
        self,
        source: FrameSource,
        frames: LatestSlot[Moment],
        meter: Meter,
        board: NoticeBoard,
        duration_s: float | None = None,
        waits: Callable[[], bool] = lambda: False,
    ) -> None:
        """`duration_s`: how long the session is, and how long it is waited for; `waits`: whether it has not begun."""
        self.newest: Moment | None = None
        self.delivered = 0
        """Frames that came so far, those that the source itself had to pass over among them."""
        self.passed = 0
        """How many of them it passed over."""
        self.lost = False
        """Whether there is no picture at the moment."""
        self._source = source
        self._frames = frames
        self._meter = meter
        self._board = board
        self._duration_s = duration_s
        self._waits = waits
        self._since_s = math.nan
        """On the frames' clock: since when the session goes on, or is waited for."""
        self._loss_is_news = True
        self._loss_told_s = -math.inf
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until the source ends, the time is over, or `stop`. Raises what the source raises."""
        waited = True
        for item in self._source.frames():
            if self._stopping.is_set():
                break
            if isinstance(item, SourceEvent):
                self._tell(item)
                continue
            waits = self._waits()
            if math.isnan(self._since_s) or (waited and not waits):
                self._since_s = item.t_s
            waited = waits
            if self.over(item.t_s):
                break
            passed = max(item.index - self.newest.frame.index - 1, 0) if self.newest else 0
            self.passed += passed
            self.delivered += 1 + passed
            self._meter.tick("source")
            # Before it is received it is decoded and looked at, which takes a busy machine long.
            self.newest = Moment(item, time.monotonic() if math.isnan(item.grabbed_s) else item.grabbed_s)
            self._frames.put(self.newest)
        self._frames.close()

    def over(self, t_s: float) -> bool:
        """Whether the session's time is over at `t_s` on the frames' clock."""
        return self._duration_s is not None and t_s - self._since_s >= self._duration_s

    def stop(self) -> None:
        """Offer no more frames. From any thread."""
        self._stopping.set()
        self._source.close()
        self._frames.close()

    def _tell(self, event: SourceEvent) -> None:
        """The runner cannot look all the time: what the screen shows of a loss is said, too.

        Its patience over, a source says that it is lost; it was lost since its last picture.
        """
        if event is SourceEvent.ENDED_EARLY:
            seen_s = self.newest.frame.t_s if self.newest else 0.0
            self._board.tell(ended_early(seen_s, self._source.info.duration_s))
            return
        lost, now_s = event is SourceEvent.LOST, time.monotonic()
        if lost:
            self._loss_is_news = now_s - self._loss_told_s >= LOSS_AGAIN_S
            if self._loss_is_news:
                self._loss_told_s = now_s
            kind, key = NoticeKind.SOURCE_LOST, "screen.camera_lost"
        else:
            kind, key = NoticeKind.SOURCE_RETURNED, "screen.camera_back"
        since_s = self.newest.frame.t_s if lost and self.newest else None
        self._board.tell(Notice(kind, key if self._loss_is_news else "", t_s=since_s))
        # Last: whoever ends the run for it finds it told, and on its way into the session.
        self.lost = lost
