"""What goes from stage to stage of a live run, and how: the newest value wins, nothing queues up."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

from coach.core.pipeline import Update
from coach.ports import Frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame on its way from the camera to the screen, with what came of it so far."""

    frame: Frame
    grabbed_s: float
    """When it was received, on the machine's monotonic clock."""
    update: Update | None = None
    """None until it was analysed. When analysis lags, the screen gets a newer frame with an older update
    (`update.t_s` says whose)."""


class LatestSlot(Generic[T]):
    """Room for one value between two threads. A value that was not taken in time is replaced and counted."""

    def __init__(self) -> None:
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
            self._value = value
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
