"""Which cameras there are: number, name and backend, without opening any of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from coach.edges.frames.capture import Capture, next_picture, open_device
from coach.ports import ImageBGR

BACKENDS: Final[dict[str, tuple[int, ...]]] = {
    "linux": (cv2.CAP_V4L2,),
    "darwin": (cv2.CAP_AVFOUNDATION,),
    "win32": (cv2.CAP_MSMF, cv2.CAP_DSHOW),
}
"""Backends that are tried, best first."""
_WAKING_PICTURES: Final = 8


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """One camera. `number` is what `--source` takes; `backend` is OpenCV's."""

    number: int
    name: str
    backend: int

    @property
    def backend_name(self) -> str:
        """As OpenCV calls it, such as V4L2."""
        return str(cv2.videoio_registry.getBackendName(self.backend))


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


def find_camera(spec: str, devices: tuple[CameraDevice, ...]) -> CameraDevice | None:
    """The camera of a number, or the first whose name is or holds `spec`, letter case aside."""
    wanted = spec.strip().casefold()
    if wanted.isdecimal():
        return next((device for device in devices if device.number == int(wanted)), None)
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
