"""Whether the machine slept: a closed lid stops every thread, and none of them can tell by itself."""

from __future__ import annotations

import time
from typing import Final

SLEPT_S: Final = 10.0
"""A loop that looks many times a second does not lose so much but by sleep."""


class SleepWatch:
    """Asked again and again, it tells of a sleep once.

    While a machine sleeps the monotonic clock goes on (Windows) or stands still (Linux, macOS); the wall clock
    always goes on. So the longer of both is what went by.
    """

    def __init__(self) -> None:
        self._seen_s = (time.monotonic(), time.time())

    def slept_s(self) -> float:
        """Seconds of sleep since the last call, 0 where there was none."""
        before_s, self._seen_s = self._seen_s, (time.monotonic(), time.time())
        went_by_s = max(now_s - then_s for now_s, then_s in zip(self._seen_s, before_s, strict=True))
        return went_by_s if went_by_s > SLEPT_S else 0.0
