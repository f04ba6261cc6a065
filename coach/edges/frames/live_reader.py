"""Reading a live device: only the newest picture counts, and a device that fails is opened again.

A worker thread grabs, stamps and decodes; the consumer takes the newest picture from one
slot. No picture for a while is the event LOST, the next one RETURNED. A device may fail
(`grab` says no), freeze (the same picture again and again) or block (`grab` does not come
back): the worker opens it anew with growing pauses, and a worker that is stuck is left
behind and replaced.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from coach.edges.frames.capture import Capture, ReadsOn, fitted, size_of
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR, SourceEvent
from coach.timing import SleepWatch

Opening = Callable[[], Capture | None]
"""Open the device as it was opened before; None where that does not work now."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a live device may keep the runner waiting, in seconds."""

    lost_after_s: float = 1.0
    """Without a picture for so long, the runner is told."""
    frozen_after_s: float = 2.0
    """The very same picture for so long is none: a sensor's noise never repeats."""
    stuck_after_s: float = 25.0
    """One call into the device may take so long; opening a camera on Windows takes up to 20 s."""
    retry_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """Pauses between attempts to open it again; the last one repeats."""
    gone_after_s: float = 180.0
    """Without a picture for so long, the source is gone for good."""


class LiveReader:
    """Frames of one live device until `close`."""

    def __init__(self, name: str, capture: Capture, first: ImageBGR, reopen: Opening, patience: Patience) -> None:
        """Go on from an open device and its first picture, which has the time 0."""
        self._name = name
        self._patience = patience
        self._reopen = reopen
        # The next picture of what reads on may have come by now, but none before this one.
        self._origin_s = capture.came_s if isinstance(capture, ReadsOn) else time.monotonic()
        self._fresh = threading.Condition()
        self._closed = False
        self._slot: Frame | None = Frame(0, 0.0, first, grabbed_s=self._origin_s)
        self._size = size_of(first)
        self._count = 1
        self._last_picture_s = self._origin_s
        self._sleep = SleepWatch()
        self._stillness = Stillness(patience.frozen_after_s)
        self._worker = _Worker(self, capture)
        self._worker.start()

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """The newest picture, each once, with LOST and RETURNED between them."""
        lost = False
        while True:
            frame = self._wait(self._patience.lost_after_s)
            if self._closed:
                return
            if frame is not None:
                if lost:
                    yield SourceEvent.RETURNED
                    lost = False
                yield frame
                continue
            if not lost:
                yield SourceEvent.LOST
                lost = True
            self._look_after()

    def close(self) -> None:
        """End `frames()` and let go of the device, as soon as it lets go itself."""
        with self._fresh:
            self._closed = True
            worker = self._worker
            worker.stop.set()
            self._fresh.notify_all()
        if threading.current_thread() is not worker:
            worker.join(timeout=2.0)

    def _wait(self, limit_s: float) -> Frame | None:
        with self._fresh:
            self._fresh.wait_for(lambda: self._slot is not None or self._closed, timeout=limit_s)
            frame, self._slot = self._slot, None
            self._forgive_sleep(limit_s)
            return frame

    def _forgive_sleep(self, limit_s: float) -> None:
        """Time in which the machine slept counts against nobody: a camera has a moment to wake up, too."""
        slept = self._sleep.look(limit_s)
        if slept is not None:
            self._last_picture_s += slept.clock_s
            self._worker.called_s += slept.clock_s

    def _look_after(self) -> None:
        """Replace a stuck worker; SourceError once the device has been away for too long."""
        now_s = time.monotonic()
        if now_s - self._last_picture_s > self._patience.gone_after_s:
            self.close()
            raise SourceError(f"{self._name} did not come back; check its cable or network, then start again")
        if now_s - self._worker.called_s > self._patience.stuck_after_s:
            with self._fresh:
                if not self._closed:
                    self._worker.stop.set()
                    self._worker = _Worker(self, None)
                    self._worker.start()

    def deliver(self, worker: _Worker, image: ImageBGR, grabbed_s: float, passed: int = 0) -> bool:
        """Put a picture into the slot; False where it is a frozen one. `passed`: so many before it were not seen."""
        with self._fresh:
            if worker is not self._worker or self._closed:
                return True
            if self._stillness.frozen(image, grabbed_s):
                return False
            self._count += passed
            t_s, shown = grabbed_s - self._origin_s, fitted(image, self._size)
            self._slot = Frame(self._count, t_s, shown, grabbed_s=grabbed_s)
            self._count += 1
            self._last_picture_s = grabbed_s
            self._fresh.notify_all()
            return True

    def open_again(self) -> Capture | None:
        """Open the device anew."""
        return self._reopen()

    def pause_s(self, attempt: int) -> float:
        """How long to wait after so many attempts in vain."""
        return self._patience.retry_s[min(attempt, len(self._patience.retry_s) - 1)]


class _Worker(threading.Thread):
    """Grabs pictures, and opens the device again where it fails."""

    def __init__(self, reader: LiveReader, capture: Capture | None) -> None:
        super().__init__(name="camera reader", daemon=True)
        self.stop = threading.Event()
        self.called_s = time.monotonic()
        """When the call into the device that is under way began."""
        self._reader = reader
        self._capture = capture
        self._attempts = 0

    def run(self) -> None:
        """Until told to stop."""
        while not self.stop.is_set():
            self.called_s = time.monotonic()
            if self._capture is None:
                self._capture = self._reader.open_again()
            if self._capture is not None and self._read_one():
                self._attempts = 0
                continue
            self._let_go()
            self._rest()
        self._let_go()

    def _read_one(self) -> bool:
        if self._capture is None or not self._capture.grab():
            return False
        grabbed_s, passed = time.monotonic(), 0
        ok, image = self._capture.retrieve()
        if isinstance(self._capture, ReadsOn):
            grabbed_s, passed = self._capture.came_s, self._capture.passed
        return ok and image is not None and self._reader.deliver(self, image, grabbed_s, passed)

    def _rest(self) -> None:
        pause_s = self._reader.pause_s(self._attempts)
        self._attempts += 1
        self.called_s = time.monotonic() + pause_s
        self.stop.wait(pause_s)

    def _let_go(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class Stillness:
    """Tells a device that repeats its last picture from one that sees."""

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen_after_s = frozen_after_s
        self._last: bytes | None = None
        self._changed_s = 0.0

    def frozen(self, image: ImageBGR, t_s: float) -> bool:
        """Whether the picture has been the very same for too long."""
        sample = np.ascontiguousarray(image[::8, ::8]).tobytes()
        if sample != self._last:
            self._last, self._changed_s = sample, t_s
        return t_s - self._changed_s > self._frozen_after_s
