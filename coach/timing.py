"""Clocks and rates: whether the machine slept, and how many frames a second there are. For edges and application."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

SLEPT_S: Final = 10.0
"""A loop that looks many times a second does not lose so much but by sleep."""


@dataclass(frozen=True, slots=True)
class Slept:
    """One sleep of the whole machine."""

    seconds: float
    clock_s: float
    """How far the monotonic clock went meanwhile: it goes on (Windows) or stands still (Linux, macOS)."""


_NEVER_STOPS: Final = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""Linux's, macOS's; Windows has its monotonic clock go on."""


def never_stops_s() -> float:
    """A clock that goes on while the machine sleeps, and that nobody sets."""
    return time.monotonic() if _NEVER_STOPS is None else time.clock_gettime(_NEVER_STOPS)


class SleepWatch:
    """Asked again and again, it tells of a sleep once: a closed lid stops every thread, and none can tell by itself.

    The monotonic clock may stand still meanwhile, and the wall clock is set now and then: neither alone tells a sleep.
    """

    def __init__(self) -> None:
        self._seen_s = (time.monotonic(), never_stops_s())

    def look(self, waited_s: float = 0.0) -> Slept | None:
        """The sleep since the last call, None where there was none. waited_s: so long the caller itself has waited."""
        before_s, self._seen_s = self._seen_s, (time.monotonic(), never_stops_s())
        clock_s, whole_s = (now_s - then_s - waited_s for now_s, then_s in zip(self._seen_s, before_s, strict=True))
        longest_s = max(clock_s, whole_s)
        return Slept(longest_s, max(clock_s, 0.0)) if longest_s > SLEPT_S else None


class FrameRate:
    """How many frames a second there were lately. Takes times, so it serves any clock."""

    def __init__(self, over: int = 60) -> None:
        """`over`: frames behind the rate."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=over)
        self._count = 0

    def add(self, t_s: float, index: int | None = None) -> None:
        """One more frame at `t_s`. `index`: its number where the source counts, so that unseen ones count as well."""
        self._count = self._count + 1 if index is None else index
        self._seen.append((t_s, self._count))

    def restart(self) -> None:
        """Count from the newest frame on."""
        while len(self._seen) > 1:
            self._seen.popleft()

    @property
    def per_s(self) -> float:
        """The rate; NaN before the second frame."""
        if len(self._seen) < 2:
            return math.nan
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else math.nan
