"""A camera on a bench, whose plug can be pulled: no camera is to be had where tests run.

It stands behind `coach.edges.frames.capture.Capture`, the narrow door through which the camera
source sees OpenCV; everything above that door is the real code.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from coach.edges.frames.camera import CameraDevice
from coach.edges.frames.capture import Capture
from coach.ports import ImageBGR

PERIOD_S = 0.005


@dataclass
class CameraBench:
    """One camera and what is done to it."""

    name: str = "Bench Cam"
    number: int = 4
    plugged: bool = True
    frozen: bool = False
    busy: bool = False
    only_plain: bool = False
    """Gives no picture when asked for MJPG."""
    size: tuple[int, int] = (64, 48)
    refusals: int = 0
    """So many attempts to open it fail, as while permission is asked for."""
    opening_s: float = 0.0
    unblocked: threading.Event = field(default_factory=threading.Event)
    """While cleared, every call into the device hangs."""
    asked: list[tuple[int, float]] = field(default_factory=list)
    open_now: int = 0
    opened: int = 0
    shown: int = 0
    elapsed_s: float = 0.0
    """How long it has filmed, by its own pictures: a machine that stands still films nothing."""
    hanging_below: int = -1
    period_s: float = PERIOD_S
    before_grab: Callable[[], object] = lambda: None
    when_opened: Callable[[], object] = lambda: None
    picture: ImageBGR | None = None
    """What it sees; each frame differs from the last by one corner, as a sensor's noise makes it. None: plain grey."""

    def __post_init__(self) -> None:
        self.unblocked.set()

    def hang_open_handles(self) -> None:
        """Whoever has the camera open now hangs for good; who opens it anew does not."""
        self.hanging_below = self.opened

    def listing(self) -> tuple[CameraDevice, ...]:
        return (CameraDevice(self.number, self.name, cv2.CAP_ANY),) if self.plugged else ()

    def look(self) -> ImageBGR:
        """The picture of this moment."""
        grey = 1 + self.shown % 250
        if self.picture is None:
            return np.full((*self.size[::-1], 3), grey, np.uint8)
        seen = self.picture.copy()
        seen[:8, :8] = grey
        return seen

    def opening(self, number: int, backend: int) -> Capture | None:
        time.sleep(self.opening_s)
        self.unblocked.wait(30)
        self.refusals -= 1
        if number != self.number or not self.plugged or self.busy or self.refusals >= 0:
            return None
        self.open_now += 1
        self.opened += 1
        self.when_opened()
        return _Handle(self, self.opened)


def plug_in(monkeypatch: pytest.MonkeyPatch, *benches: CameraBench) -> None:
    """Make these the cameras of this machine, behind OpenCV's own door: all above it is the real code."""

    def listing(_backend: int) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(index=bench.number, name=bench.name, backend=cv2.CAP_ANY)
            for bench in benches
            if bench.plugged
        ]

    def capture(number: int, backend: int) -> Capture:
        found = (bench.opening(number, backend) for bench in benches if bench.number == number)
        return next((handle for handle in found if handle is not None), None) or _Closed()

    monkeypatch.setattr("coach.edges.frames.camera.enumerate_cameras", listing)
    monkeypatch.setattr("coach.edges.frames.capture.cv2.VideoCapture", capture)


class _Handle:
    """One opened handle of the camera."""

    def __init__(self, bench: CameraBench, number: int) -> None:
        self._bench = bench
        self._number = number
        self._released = False
        self._mjpg = False

    def isOpened(self) -> bool:  # noqa: N802
        return not self._released

    def grab(self) -> bool:
        time.sleep(self._bench.period_s)
        self._bench.before_grab()
        self._bench.unblocked.wait(30)
        while self._number <= self._bench.hanging_below:
            time.sleep(PERIOD_S)
        return self._bench.plugged and not self._released and not (self._mjpg and self._bench.only_plain)

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        self._bench.elapsed_s += self._bench.period_s
        if not self._bench.frozen:
            self._bench.shown += 1
        return True, self._bench.look()

    def get(self, propId: int, /) -> float:  # noqa: N803
        return 200.0 if propId == cv2.CAP_PROP_FPS else 0.0

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803
        self._bench.asked.append((propId, value))
        self._mjpg |= propId == cv2.CAP_PROP_FOURCC
        return True

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._bench.open_now -= 1


class _Closed(_Handle):
    """What OpenCV gives for a device that does not open."""

    def __init__(self) -> None:
        super().__init__(CameraBench(), 0)
        self._bench.open_now = 1
        self.release()
