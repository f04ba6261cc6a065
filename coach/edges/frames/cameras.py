"""Which cameras there are: number, name and backend, without opening any of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from coach.edges.frames.capture import Capture, next_picture, open_device, rate_of, size_of

BACKENDS: Final[dict[str, tuple[int, ...]]] = {
    "linux": (cv2.CAP_V4L2,),
    "darwin": (cv2.CAP_AVFOUNDATION,),
    "win32": (cv2.CAP_MSMF, cv2.CAP_DSHOW),
}
"""Backends that are tried, best first."""


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


@dataclass(frozen=True, slots=True)
class CameraProbe:
    """What a camera gives when it is opened as it is."""

    width: int
    height: int
    nominal_fps: float


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


def probe_camera(device: CameraDevice) -> CameraProbe | None:
    """Open a camera for one picture; None where it is busy or gives none. May take seconds."""
    capture: Capture | None = open_device(device.number, device.backend)
    if capture is None:
        return None
    try:
        image = next_picture(capture)
        return None if image is None else CameraProbe(*size_of(image), rate_of(capture))
    finally:
        capture.release()
