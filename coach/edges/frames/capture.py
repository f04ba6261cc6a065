"""The one door to OpenCV's capture: what the sources need of it, and how it is opened.

`coach.environment` prepares what OpenCV reads when it loads. What FFmpeg may open is told to it at each opening: it
would follow a playlist or a redirect to any file, host and protocol that these name.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, cast, runtime_checkable

import cv2
import numpy as np

from coach.ports import ImageBGR

_PROTOCOLS: Final = {
    "http": "http,tcp",
    "https": "https,httpproxy,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtp,udp,tls,tcp",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,tls,tcp",
    "rtp": "rtp,udp",
}
"""What a stream of this scheme is made of; any other scheme stands for itself. A redirect is held to the same list."""
FORMATS: Final = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,m4v,h263,h264,hevc,vvc,av1,obu,ivf,vc1,flv,kux,asf,wtv,ogg,mxf,gxf,dv,mjpeg,"
    "jpeg_pipe,mpjpeg,dhav,nut,nsv,gif,yuv4mpegpipe"
)
"""FFmpeg's names of the formats that hold a video themselves. Lists, sequences of pictures and sessions are none."""
_VARIABLE: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
"""OpenCV's only way to FFmpeg's options; it is read at each opening."""
_OPENCVS_OWN: Final = "rtsp_flags;prefer_tcp"
"""What OpenCV tells FFmpeg where the variable is not set."""
_OPENING: Final = threading.Lock()
MJPEG: Final = cv2.VideoWriter.fourcc(*"MJPG")
_AS_SENT: Final = -1
"""OpenCV's format for pictures that are not decoded."""
_UPRIGHT_AS_SENT: Final = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
_DAMAGED_MOST: Final = 5
"""So many damaged pictures in a row are passed over."""
_TOLD: Final = (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_COUNT)
_LETS_GO_S: Final = 1.0


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that is used; tests put a faulty device here."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device or file was opened."""
        ...

    def grab(self) -> bool:
        """Take the next picture from the device."""
        ...

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        """Decode the picture that was grabbed."""
        ...

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """A property; 0 or −1 where it is not known."""
        ...

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803 - OpenCV's name
        """Ask for a property."""
        ...

    def release(self) -> None:
        """Let go of the device."""
        ...


@runtime_checkable
class ReadsOn(Protocol):
    """A capture that reads on by itself, and knows of the picture in hand when it came."""

    came_s: float
    """On the monotonic clock."""
    passed: int
    """How many came before it since the last `grab`, and were seen by nobody."""


def open_file(path: Path) -> Capture | None:
    """A video file, turned upright as its rotation flag says; None where FFmpeg cannot read it. It opens no other."""
    with _OPENING, _told(f"protocol_whitelist;file|format_whitelist;{FORMATS}"):
        capture = _opened(lambda: cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG))
    if capture is not None:
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    return capture


def open_stream(url: str, open_timeout_s: float, read_timeout_s: float) -> Capture | None:
    """A network stream; None where nothing answers in time. A redirect to another scheme is not followed.

    Pictures of an MJPEG stream have their own size each; those of others have that of the first.
    """
    scheme = url.partition(":")[0].lower()
    # Threads decode a picture each: with as many as the machine has cores, which is FFmpeg's choice, the picture of now
    # comes out as late as that many pictures later.
    how = [
        cv2.CAP_PROP_N_THREADS,
        1,
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        round(open_timeout_s * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        round(read_timeout_s * 1000),
    ]
    # An opening that hangs in spite of its limits must not hang the next one too.
    if not _OPENING.acquire(timeout=open_timeout_s):
        return None
    try:
        with _told(f"protocol_whitelist;{_PROTOCOLS.get(scheme, scheme)}"):
            capture = _opened(lambda: cv2.VideoCapture(url, cv2.CAP_FFMPEG, how))
    finally:
        _OPENING.release()
    mjpeg = capture is not None and round(capture.get(cv2.CAP_PROP_FOURCC)) == MJPEG
    return _AsSent(capture) if capture is not None and mjpeg and capture.set(cv2.CAP_PROP_FORMAT, _AS_SENT) else capture


class _AsSent:
    """An MJPEG stream whose pictures are decoded here, and which is read on meanwhile in a thread of its own.

    Behind OpenCV a phone that is turned has its pictures stretched: FFmpeg scales whatever comes to the size of the
    first picture. And a phone sends on, whoever is slow: what is not read in time waits in the network, and all that
    comes is seconds old. What came while a picture was decoded is passed over but for the newest.
    """

    def __init__(self, capture: Capture) -> None:
        """`capture` gives pictures as they were sent: bytes of a JPEG. From now on it is used by the thread alone."""
        self.came_s = 0.0
        self.passed = 0
        self._capture = capture
        self._known = {what: capture.get(what) for what in _TOLD}
        self._changed = threading.Condition()
        self._newest: tuple[float, ImageBGR] | None = None
        self._sent: ImageBGR | None = None
        self._unseen = 0
        self._over = self._released = False
        self._thread = threading.Thread(target=self._read_on, name="stream reader", daemon=True)
        self._thread.start()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether more can come."""
        return not self._over

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """What was known of the stream as it was opened."""
        return self._known.get(propId, 0.0)

    def set(self, propId: int, value: float, /) -> bool:  # noqa: ARG002, N803 - as above
        """Nothing can be asked of a phone."""
        return False

    def grab(self) -> bool:
        """Take the newest picture, or wait for one."""
        self.passed = 0
        return self._take()

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        """Decode the picture that was grabbed, or the next one that is whole."""
        for _ in range(_DAMAGED_MOST):
            image = None if self._sent is None else cv2.imdecode(self._sent, _UPRIGHT_AS_SENT)
            if image is not None:
                return True, cast("ImageBGR", image)
            if not self._take():
                break
        return False, None

    def release(self) -> None:
        """Hang up, as soon as the network lets go."""
        self._released = True
        self._thread.join(timeout=_LETS_GO_S)

    def _take(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._over)
            if self._newest is None:
                return False
            (self.came_s, self._sent), self._newest = self._newest, None
            self.passed, self._unseen = self.passed + self._unseen, 0
            return True

    def _read_on(self) -> None:
        try:
            while not self._released and self._capture.grab():
                came_s = time.monotonic()
                ok, sent = self._capture.retrieve()
                if ok and sent is not None and sent.size:
                    with self._changed:
                        self._unseen += self._newest is not None
                        self._newest = came_s, sent
                        self._changed.notify_all()
        finally:  # whoever waits for a picture hears that none comes, whatever went wrong
            self._capture.release()
            with self._changed:
                self._over = True
                self._changed.notify_all()


def open_device(index: int, backend: int) -> Capture | None:
    """A camera by its number within an OpenCV backend (`cv2.CAP_ANY`: OpenCV chooses); None where it will not open."""
    return _opened(lambda: cv2.VideoCapture(index, backend))


@contextmanager
def _told(options: str) -> Iterator[None]:
    """Options for what is opened meanwhile, over those in the environment, which holds what it held again afterwards.

    Where it held none, it is left at what OpenCV takes then: to take a variable away and add it anew, while other
    threads read the environment, is not safe.
    """
    before = os.environ.get(_VARIABLE, _OPENCVS_OWN)
    os.environ[_VARIABLE] = f"{before}|{options}"
    try:
        yield
    finally:
        os.environ[_VARIABLE] = before


def _opened(opening: Callable[[], cv2.VideoCapture]) -> Capture | None:
    try:
        capture = cast("Capture", opening())
    except cv2.error:
        return None
    if capture.isOpened():
        return capture
    capture.release()
    return None


def size_of(image: ImageBGR) -> tuple[int, int]:
    """(width, height) of a picture."""
    return image.shape[1], image.shape[0]


def rate_of(capture: Capture) -> float:
    """Nominal frame rate; NaN where the device says nothing sensible."""
    fps = capture.get(cv2.CAP_PROP_FPS)
    return fps if 1 <= fps <= 1000 else float("nan")


def next_picture(capture: Capture) -> ImageBGR | None:
    """Grab and decode one picture; None where the device gives none."""
    if not capture.grab():
        return None
    ok, image = capture.retrieve()
    return image if ok else None


def fitted(image: ImageBGR, size: tuple[int, int]) -> ImageBGR:
    """The picture in another (width, height), black where it does not reach: a device may come back otherwise set."""
    if size_of(image) == size:
        return image
    scale = min(size[0] / image.shape[1], size[1] / image.shape[0])
    width, height = round(image.shape[1] * scale), round(image.shape[0] * scale)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[top : top + height, left : left + width] = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return canvas
