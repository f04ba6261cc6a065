"""Cameras: which there are, and one of them as a source.

A camera gives its newest frame, stamped at the grab; unplugged, frozen or blocked, it comes back.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from coach.core.bounds import Bounds, short
from coach.edges.frames.capture import Capture, next_picture, open_device, rate_of, size_of
from coach.edges.frames.live_reader import LiveReader, Patience
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo
from coach.settings import CameraSettings

BACKENDS: Final[dict[str, tuple[int, ...]]] = {
    "linux": (cv2.CAP_V4L2,),
    "darwin": (cv2.CAP_AVFOUNDATION,),
    "win32": (cv2.CAP_MSMF, cv2.CAP_DSHOW),
}
"""Backends that are tried, best first."""
_WAKING_PICTURES: Final = 8
_MJPG: Final = cv2.VideoWriter.fourcc(*"MJPG")
"""Asked for first: uncompressed pictures over USB come at 5–10 a second at HD."""

_FIRST_PICTURES: Final = 5
"""Pictures that may fail while a camera wakes up."""


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """One camera. `number` is what `--source` takes; `backend` is OpenCV's."""

    number: int
    name: str
    backend: int


def backends() -> tuple[int, ...]:
    """Backends of this system, best first."""
    return BACKENDS.get(sys.platform, (cv2.CAP_ANY,))


def list_cameras() -> tuple[CameraDevice, ...]:
    """Cameras by number, from the first backend that knows any. Opens none."""
    for backend in backends():
        try:
            found = enumerate_cameras(backend)
        except (NotImplementedError, OSError):
            continue
        if found:
            devices = (CameraDevice(int(c.index), str(c.name or f"camera {c.index}"), backend) for c in found)
            return tuple(sorted(devices, key=lambda device: device.number))
    return ()


_NUMBER: Final = Bounds(0, 9999, "number of a camera")


def camera_number(spec: str) -> int | None:
    """The number that a camera is named by, be it as Linux's device, `/dev/video2`; None for a name."""
    named = spec.strip()
    if named.startswith("/dev/"):
        # Those in /dev/v4l/by-id are links to it.
        named = os.path.realpath(named).removeprefix("/dev/video")
    try:
        return _NUMBER.read_whole(named)
    except ValueError:
        return None


def find_camera(spec: str, devices: tuple[CameraDevice, ...]) -> CameraDevice | None:
    """The camera of a number, or the first whose name is or holds `spec`, letter case aside."""
    if (number := camera_number(spec)) is not None:
        return next((device for device in devices if device.number == number), None)
    wanted = spec.strip().casefold()
    names = [(device.name.casefold(), device) for device in devices]
    exact = (device for name, device in names if name == wanted)
    similar = (device for name, device in names if wanted and wanted in name)
    return next(exact, None) or next(similar, None)


def glimpse(device: CameraDevice) -> ImageBGR | None:
    """One picture of a camera as it is; None where it is busy or gives none. May take seconds."""
    capture: Capture | None = open_device(device.number, device.backend)
    if capture is None:
        return None
    try:
        # The first pictures of a camera that wakes up are black or do not come at all.
        pictures = [image for _ in range(_WAKING_PICTURES) if (image := next_picture(capture)) is not None]
        return pictures[-1] if pictures else None
    finally:
        capture.release()


OpenDevice = Callable[[int, int], Capture | None]
"""(number, OpenCV backend) → open device or None; tests put faulty devices here."""

Listing = Callable[[], tuple[CameraDevice, ...]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of opening a camera."""

    backend: int
    mjpg: bool


class CameraSource:
    """Frames of a camera, by number or name."""

    def __init__(
        self,
        spec: str,
        settings: CameraSettings,
        *,
        patience: Patience | None = None,
        opening: OpenDevice = open_device,
        listing: Listing = list_cameras,
    ) -> None:
        """Open the camera; SourceError says what to do where it cannot be had."""
        self._spec = spec
        self._settings = settings
        self._opening = opening
        self._listing = listing
        self._patience = patience or Patience()
        device = find_camera(spec, listing())
        self._name = device.name if device else f"camera {spec.strip()}"
        self._ways = _ways(device)
        opened = self._open_within_limit()
        if opened is None:
            raise SourceError(self._why_not(device))
        capture, first = opened
        self.info = SourceInfo("camera", self._name, *size_of(first), rate_of(capture), live=True)
        self._reader = LiveReader(self._name, capture, first, self._open_again, self._patience)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """The newest frames with LOST and RETURNED between them, until `close`."""
        return self._reader.frames()

    def close(self) -> None:
        """End `frames()` and release the camera."""
        self._reader.close()

    def _open_within_limit(self) -> tuple[Capture, ImageBGR] | None:
        """Open on this thread on macOS, which asks for permission there; elsewhere on one that may be left behind."""
        if sys.platform == "darwin":
            return self._open_while_permission_is_asked()
        result: list[tuple[Capture, ImageBGR]] = []
        given_up = threading.Event()

        def work() -> None:
            opened = self._open()
            if opened is not None and given_up.is_set():
                opened[0].release()
            elif opened is not None:
                result.append(opened)

        thread = threading.Thread(target=work, name="camera opening", daemon=True)
        thread.start()
        thread.join(self._patience.stuck_after_s)
        if thread.is_alive():
            given_up.set()
            raise SourceError(f"{self._name} does not answer; unplug it, plug it in again and retry")
        return result[0] if result else None

    def _open_while_permission_is_asked(self) -> tuple[Capture, ImageBGR] | None:
        """Without permission the first attempts fail at once, while the system asks the runner for it."""
        for pause_s in (*self._patience.retry_s, None):
            opened = self._open()
            if opened is not None or pause_s is None or not self._listing():
                return opened
            time.sleep(pause_s)
        return None

    def _open(self) -> tuple[Capture, ImageBGR] | None:
        """The first way that gives a picture; it is kept for opening again."""
        device = find_camera(self._spec, self._listing())
        number = device.number if device else camera_number(self._spec)
        if number is None:
            return None
        for way in self._ways:
            capture = self._opening(number, way.backend)
            if capture is None:
                continue
            self._configure(capture, way)
            first = next((image for _ in range(_FIRST_PICTURES) if (image := next_picture(capture)) is not None), None)
            if first is not None:
                self._ways = (way, *(other for other in self._ways if other != way))
                return capture, first
            capture.release()
        return None

    def _open_again(self) -> Capture | None:
        opened = self._open()
        return opened[0] if opened else None

    def _configure(self, capture: Capture, way: Way) -> None:
        """Ask for format, size and rate, in the order that drivers want."""
        if way.mjpg:
            capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._settings.height)
        capture.set(cv2.CAP_PROP_FPS, self._settings.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def _why_not(self, device: CameraDevice | None) -> str:
        if device is None:
            kind = "camera" if camera_number(self._spec) is not None else "camera or file called"
            asked = short(self._spec.strip())
            return (
                f"there is no {kind} {asked}; `coach cameras` lists the cameras that are connected, "
                "and a phone works as one: --source http://PHONE:8080/video"
            )
        if sys.platform == "darwin":
            return (
                f"{self._name} gives no picture; allow the camera for your terminal in System Settings → "
                "Privacy & Security, close other programs that use it, and try again"
            )
        return f"{self._name} gives no picture; close other programs that use it, or plug it in again"


def _ways(device: CameraDevice | None) -> tuple[Way, ...]:
    """MJPG before the camera's own choice, the backend that listed the camera before others."""
    order = backends() if device is None else (device.backend, *(b for b in backends() if b != device.backend))
    return tuple(Way(backend, mjpg) for backend in order for mjpg in (True, False))
