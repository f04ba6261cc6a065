"""A network stream as a source, such as a phone used as a camera (MJPEG over HTTP, RTSP and what else FFmpeg reads)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import cv2

from coach.edges.frames.capture import Capture, next_picture, open_stream, rate_of, size_of
from coach.edges.frames.live_reader import LiveReader, Patience
from coach.edges.frames.stream_address import shown, why_no_stream
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo

STREAM_PATIENCE: Final = Patience(lost_after_s=1.5, frozen_after_s=6.0, stuck_after_s=30.0)
"""A network hiccups more than a cable, and a resting phone picture may repeat."""

_OPEN_LIMIT_S: Final = 6.0
_READ_LIMIT_S: Final = 4.0

_NO_ANSWER: Final = (
    "no stream answers at {name}; check the address (one that leads on to another kind, as http to https, "
    "is not followed), and that the camera app runs in the same network"
)
_NO_PICTURE: Final = "{name} answers but sends no moving picture; restart the camera app and try again"

OpenStream = Callable[[str, float, float], Capture | None]


class StreamSource:
    """Frames of a network stream, by URL."""

    def __init__(
        self,
        url: str,
        *,
        patience: Patience = STREAM_PATIENCE,
        opening: OpenStream = open_stream,
    ) -> None:
        """Connect; SourceError says what to do where nothing answers."""
        self._url = url
        self._opening = opening
        name = shown(url)
        capture = self._connect()
        if capture is None:
            raise SourceError(why_no_stream(url, _NO_ANSWER.format(name=name)))
        first = self._first_picture(capture, name)
        self.info = SourceInfo("stream", name, *size_of(first), rate_of(capture), live=True)
        self._reader = LiveReader(name, capture, first, self._connect, patience)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """The newest frames with LOST and RETURNED between them, until `close`."""
        return self._reader.frames()

    def close(self) -> None:
        """End `frames()` and hang up."""
        self._reader.close()

    def _first_picture(self, capture: Capture, name: str) -> ImageBGR:
        """The picture that a stream begins with. SourceError, and the stream is let go, where it is none."""
        web = self._url.lower().startswith("http")
        fault = ""
        if web and capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
            fault = f"{name} is a video file on a server, not a live stream; download it and give the file"
        first = None if fault else next_picture(capture)
        if first is None:
            fault = fault or why_no_stream(self._url, _NO_PICTURE.format(name=name))
        elif web and not capture.grab():
            # What ends after one picture is a snapshot; a stream only makes one wait for the next.
            fault = why_no_stream(self._url, _NO_PICTURE.format(name=name))
        if fault or first is None:
            capture.release()
            raise SourceError(fault)
        return first

    def _connect(self) -> Capture | None:
        return self._opening(self._url, _OPEN_LIMIT_S, _READ_LIMIT_S)
