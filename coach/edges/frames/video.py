"""A video file as a source: as fast as possible, or in real time as a camera would deliver it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from coach.edges.frames.capture import Capture, next_picture, open_file, rate_of, size_of
from coach.edges.frames.playlists import is_playlist
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo

_FALLBACK_FPS: Final = 30.0

_LONGEST_GAP_S: Final = 5.0
"""A larger step between two frames is a damaged time stamp, not a pause."""


@dataclass(slots=True)
class PresentationClock:
    """Times of a file's frames: its own stamps where they rise, else one frame period after the last."""

    period_s: float
    _last_s: float = math.nan
    _shift_s: float = 0.0

    def stamp(self, presented_s: float) -> float:
        """The time of the next frame, given what the container says of it."""
        t_s = presented_s + self._shift_s
        if math.isnan(self._last_s):
            t_s = t_s if 0 <= t_s < _LONGEST_GAP_S else 0.0
        elif not self._last_s < t_s <= self._last_s + _LONGEST_GAP_S:
            if t_s > self._last_s:
                self._shift_s += self._last_s + self.period_s - t_s
            t_s = self._last_s + self.period_s
        self._last_s = t_s
        return t_s


class VideoFile:
    """Frames of a video file, upright, stamped with their presentation times."""

    def __init__(self, path: Path, *, realtime: bool) -> None:
        """Open the file; SourceError says why it cannot be read."""
        self._path = path
        _check_readable(path)
        capture = open_file(path)
        if capture is None:
            raise SourceError(
                f"{path} is not a video that can be read{_guess(path)}; give an MP4, MOV, MKV or AVI file"
            )
        first = next_picture(capture)
        if first is None:
            capture.release()
            raise SourceError(f"{path} holds no readable picture; it may be damaged: copy or record it again")
        self._capture: Capture | None = capture
        self._first = first
        self._first_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        fps = rate_of(capture)
        count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count: int | None = int(count) if 0 < count < 1e9 else None
        """As the container says; None where it does not."""
        length_s = self.frame_count / fps if self.frame_count else math.nan
        self.info = SourceInfo("video", path.name, *size_of(first), fps, realtime, length_s)
        self._clock = PresentationClock(1 / (_FALLBACK_FPS if math.isnan(fps) else fps))
        self._closed = threading.Event()
        self._reading = threading.Lock()

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Frames in time order to the end; in real time those that came too late for the reader are left out."""
        started: float | None = None
        for index, t_s in self._grabbed():
            if self.info.live:
                started = time.monotonic() - t_s if started is None else started
                late_s = time.monotonic() - started - t_s
                if late_s > self._clock.period_s:
                    continue
                if self._closed.wait(max(-late_s, 0.0)):
                    return
            image = self._picture(index)
            if image is not None:
                yield Frame(index, t_s, image)

    def close(self) -> None:
        """End `frames()` and let go of the file."""
        self._closed.set()
        with self._reading:
            if self._capture is not None:
                self._capture.release()
                self._capture = None

    def _grabbed(self) -> Iterator[tuple[int, float]]:
        """(number, time) of every frame, each ready to be decoded."""
        yield 0, self._clock.stamp(self._first_s)
        index = 1
        while not self._closed.is_set():
            with self._reading:
                if self._capture is None or not self._capture.grab():
                    return
                presented_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield index, self._clock.stamp(presented_s)
            index += 1

    def _picture(self, index: int) -> ImageBGR | None:
        with self._reading:
            if self._capture is None:
                return None
            if index == 0:
                return self._first
            ok, image = self._capture.retrieve()
        return image if ok else None


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder; give the video file itself")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
        playlist = is_playlist(path)
    except FileNotFoundError:
        raise SourceError(f"there is no video file {path}; check the path") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}; check its permissions") from None
    if empty:
        raise SourceError(f"{path} is empty; copy or record the video again")
    if playlist:
        raise SourceError(
            f"{path} is a playlist: it names other files or addresses, and none of them is opened; "
            "give the video file itself"
        )


def _guess(path: Path) -> str:
    """What the file seems to be instead, for the message."""
    with path.open("rb") as file:
        head = file.read(512)
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        return " (damaged, cut short, or in a format unknown here)"
    return " (it holds text)" if text.isprintable() or "\n" in text else ""
