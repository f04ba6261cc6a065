"""What the live stages cost: latencies and losses, measured on the way, in constant memory."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Final

import numpy as np

from coach.core.session.records import Latency
from coach.timing import FrameRate

_KEPT: Final = 4096
"""Samples kept of each way: more than two minutes at 30 frames a second, and the same after two hours."""


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

    def recent_ms(self, name: str, last: int = 60) -> float:
        """Median of the last samples in ms; NaN before the first."""
        with self._lock:
            kept = list(self._samples_ms.get(name, ()))[-last:]
        return float(np.median(kept)) if kept else math.nan
