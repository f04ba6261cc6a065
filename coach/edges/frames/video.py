"""A video file as a source: as fast as possible, or in real time as a camera would deliver it."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from coach.edges.frames.capture import Capture, next_picture, open_file, rate_of, size_of
from coach.edges.frames.decoders import decoded_otherwise, has_other_decoder
from coach.edges.frames.interlaced import FileFacts, file_facts, is_combed, open_interlaced
from coach.edges.frames.picture_measures import PresentationClock
from coach.edges.frames.whole_file import is_cut
from coach.errors import SourceError
from coach.paths import is_file, is_folder, is_missing, why_out_of_reach
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo

_FALLBACK_FPS: Final = 30.0

_INTERLACED: Final = (
    "{path} is interlaced (each frame holds two half pictures), which cannot be decoded here; "
    "install PyAV (pip install av) or the program ffmpeg, or save the video as progressive"
)
_STILL: Final = (
    "{path} shows one and the same picture all the time: it is a still, or interlaced, which cannot be decoded here; "
    "for interlaced video install PyAV (pip install av) or the program ffmpeg"
)
_UNDECODED: Final = (
    "{path} cannot be decoded here, since its codec is AV1; "
    "install PyAV (pip install av) or the program ffmpeg, or save the video as H.264"
)
_DAMAGED: Final = "{path} holds no readable picture; it may be damaged: copy or record it again"
_AV1: Final = cv2.VideoWriter.fourcc(*"AV01")
"""OpenCV's decoder for it needs a graphics chip that has one."""
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\x00", b"MM\x00*")
_PHONE_PICTURES: Final = (b"ftypheic", b"ftypmif1", b"ftypavif")
_LIST_ENDINGS: Final = frozenset(
    {".m3u8", ".m3u", ".ffconcat", ".sdp", ".mpd", ".pls", ".xspf", ".asx", ".wpl", ".smil"}
)
_HEAD_BYTES: Final = 4096
_LISTS: Final = re.compile(
    r"""\A\s*(?:\#EXTM3U | ffconcat | \[playlist\] | v=0\s)   # HLS and M3U; FFmpeg's list; PLS; a session description
    | ^(?:\#EXT-X- | c=IN\ IP | m=video\ )                     # the same further down
    | <(?:MPD | SmoothStreamingMedia | playlist | asx | smil)\b""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""Of texts that name other files or hosts, which a video reader would follow."""
_SOUNDS: Final = (b"ID3", b"fLaC", b"OggS")
_TRACKS: Final = re.compile(rb"hdlr.{8}(?:(vide)|soun)|\x86.(?:(V)|A)_", re.DOTALL)
"""What a track of MP4 or MOV (its handler) or of Matroska (its codec) holds; a group is a picture's."""
_TRACKS_BYTES: Final = 4_000_000
"""At either end of a file: tracks are told before the pictures, or behind them."""
_STILL_MOST: Final = 150
_STILL_LEAST: Final = 10
"""Fewer pictures are a snapshot, not a video."""
_FORBIDDEN_BIT: Final = 0x80
"""Never set in the first byte of a unit of H.264 or H.265."""
_SQUARE: Final = 0.01
_WIDEST: Final = 4.0
"""Beyond, a pixel's shape is a slip in the header."""


_MISSING_SHARE: Final = 0.05
_MISSING_S: Final = 1.0
"""Fewer frames than so many are missing are not told: counts in headers are off by some."""
_FIRST_PHONE: Final = 2000
"""Years before are those of a clock that was never set."""


def _filmed_at(path: Path, facts: FileFacts) -> datetime | None:
    """When the film was made: as the file says, else when it was last written; None where neither can be."""
    told: list[datetime] = []
    with suppress(ValueError):
        told.append(datetime.fromisoformat(facts.filmed_at))
    with suppress(OSError):
        told.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    dated = (at if at.tzinfo else at.replace(tzinfo=UTC) for at in told)
    now = datetime.now(UTC)
    return next((at.astimezone() for at in dated if at.year >= _FIRST_PHONE and at <= now), None)


class VideoFile:
    """Frames of a video file, upright, stamped with their presentation times."""

    def __init__(self, path: Path, *, realtime: bool) -> None:
        """Open the file; SourceError says why it cannot be read."""
        self._path = path
        _check_readable(path)
        _check_timed(path)
        capture, first, facts = _open(path)
        self._capture: Capture | None = capture
        self._square = _square_size(capture, size_of(first))
        self._first = self._as_meant(first)
        self._notes = self._first_notes(size_of(first), facts)
        self._first_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        fps = rate_of(capture)
        count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count: int | None = int(count) if 0 < count < 1e9 else None
        """As the container says; None where it does not."""
        length_s = self.frame_count / fps if self.frame_count else math.nan
        self.info = SourceInfo(
            "video",
            path.name,
            *size_of(self._first),
            fps,
            realtime,
            length_s,
            filmed_fps=facts.filmed_fps,
            filmed_at=_filmed_at(path, facts),
        )
        self._clock = PresentationClock(1 / (_FALLBACK_FPS if math.isnan(fps) else fps))
        self._closed = threading.Event()
        self._reading = threading.Lock()

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Frames in time order to the end; in real time those that came too late for the reader are left out.

        Of a file that was cut short the event that says so comes last.
        """
        started: float | None = None
        index = 0
        for index, t_s in self._grabbed():
            if self.info.live:
                started = time.monotonic() - t_s if started is None else started
                late_s = time.monotonic() - started - t_s
                if late_s > self._clock.step_s:
                    continue
                if self._closed.wait(max(-late_s, 0.0)):
                    return
            image = self._picture(index)
            if image is not None:
                yield Frame(index, t_s, image, notes=(*self._notes, *self._clock.notes()))
        if not self._closed.is_set() and self._ended_early(index + 1):
            yield SourceEvent.ENDED_EARLY

    def close(self) -> None:
        """End `frames()` and let go of the file."""
        self._closed.set()
        with self._reading:
            if self._capture is not None:
                self._capture.release()
                self._capture = None

    def _ended_early(self, frames: int) -> bool:
        """Whether clearly fewer frames came than the container counts, because the file is not all there."""
        whole = self.frame_count or 0
        least = max(_MISSING_SHARE * whole, _MISSING_S / self._clock.step_s)
        try:
            return whole - frames >= least and is_cut(self._path)
        except OSError:  # gone meanwhile
            return False

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
        return self._as_meant(image) if ok and image is not None else None

    def _as_meant(self, image: ImageBGR) -> ImageBGR:
        """The picture with square pixels."""
        if self._square is None:
            return image
        return np.asarray(cv2.resize(image, self._square, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _first_notes(self, stored: tuple[int, int], facts: FileFacts) -> tuple[str, ...]:
        """What was done to every picture."""
        notes = []
        if facts.interlaced:
            notes.append("the video is interlaced; its half pictures were made whole ones")
        if self._square is not None:
            notes.append(
                f"its pixels are not square; pictures of {stored[0]}×{stored[1]} were stretched to "
                f"{self._square[0]}×{self._square[1]}, as players show them"
            )
        return tuple(notes)


def _open(path: Path) -> tuple[Capture, ImageBGR, FileFacts]:
    """The file by what can read it, its first picture, and what it says of itself. Raises SourceError."""
    capture = open_file(path)
    if capture is None:
        raise SourceError(f"{path} is not a video that can be read{_guess(path)}; give an MP4, MOV, MKV or AVI file")
    facts = file_facts(path)
    flagged = bool(facts.interlaced)
    if flagged or is_combed(path):
        facts = replace(facts, interlaced=True)
        fps = capture.get(cv2.CAP_PROP_FPS)
        capture.release()
        whole = open_interlaced(path, fps, flagged=flagged)
        if whole is None:
            raise SourceError(_INTERLACED.format(path=path))
        capture = whole
    capture, first = _begun(path, capture)
    if facts.interlaced is None and _stands_still(path):
        capture.release()
        raise SourceError(_STILL.format(path=path))
    return capture, first, facts


def _begun(path: Path, capture: Capture) -> tuple[Capture, ImageBGR]:
    """The file at its first picture, by another decoder where this one gives none. Raises SourceError."""
    first = next_picture(capture)
    if first is not None:
        return capture, first
    fps, codec = capture.get(cv2.CAP_PROP_FPS), round(capture.get(cv2.CAP_PROP_FOURCC))
    capture.release()
    begun = decoded_otherwise(path, fps)
    if begun is None:
        undecoded = codec == _AV1 and not has_other_decoder()
        raise SourceError((_UNDECODED if undecoded else _DAMAGED).format(path=path))
    return begun


def _stands_still(path: Path) -> bool:
    """Whether all pictures of the first seconds are the same to the bit: what OpenCV cannot decode is never written."""
    capture = open_file(path)
    if capture is None:
        return False
    try:
        first = next_picture(capture)
        for count in range(1, _STILL_MOST):
            image = next_picture(capture)
            if image is None or first is None:
                return count >= _STILL_LEAST
            if not np.array_equal(image, first):
                return False
        return True
    finally:
        capture.release()


def _square_size(capture: Capture, size: tuple[int, int]) -> tuple[int, int] | None:
    """(width, height) of pictures of `size` once their pixels are square; None where they are.

    What is too short is stretched, so that no pixel is lost.
    """
    num, den = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
    wide = num / den if num > 0 and den > 0 else 1.0
    if not 1 / _WIDEST < wide < _WIDEST or abs(wide - 1) < _SQUARE:
        return None
    # The shape is that of the stored picture, which may lie on its side.
    if round(capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 180 == 90:
        wide = 1 / wide
    width, height = size
    return (_even(width * wide), height) if wide > 1 else (width, _even(height / wide))


def _even(pixels: float) -> int:
    return 2 * round(pixels / 2)


def _check_readable(path: Path) -> None:
    if is_folder(path):
        raise SourceError(f"{path} is a folder; give the video file itself")
    if not is_file(path) and not is_missing(path) and why_out_of_reach(path) is None:
        # Nobody can go back in it, as every film needs; some never end, and some never begin.
        raise SourceError(f"{path} is a device or a pipe, not a file; give a video file, or the address of a stream")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
        playlist = _is_playlist(path)
    except FileNotFoundError:
        raise SourceError(f"there is no video file {path}; check the path") from None
    except OSError as error:
        raise SourceError(
            f"cannot read {path}: {error.strerror or error}; check the path and its permissions"
        ) from None
    if empty:
        raise SourceError(f"{path} is empty; copy or record the video again")
    if playlist:
        raise SourceError(
            f"{path} is a playlist: it names other files or addresses, and none of them is opened; "
            "give the video file itself"
        )


def _is_playlist(path: Path) -> bool:
    """Whether a file is a list of other files or addresses, by its ending or by what it holds. Raises OSError."""
    if path.suffix.lower() in _LIST_ENDINGS:
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return b"\0" not in head and _LISTS.search(head.decode("utf-8-sig", "replace")) is not None


def _check_timed(path: Path) -> None:
    """A bare H.264 or H.265 stream begins with a start code and holds no times: every figure would be a guess."""
    with path.open("rb") as file:
        head = file.read(5)
    after = head.removeprefix(b"\x00")
    # MPEG-1, MPEG-2 and MPEG-4 Visual begin with the same code, but with a byte of 0x80 or more, or nought, after it.
    if after.startswith(b"\x00\x00\x01") and after[3:4] and 0 < after[3] < _FORBIDDEN_BIT:
        raise SourceError(
            f"{path} is a bare stream without times; put it into a file that has them: "
            f"ffmpeg -framerate 30 -i {path} {path.stem}.mp4, with the rate at which it was filmed"
        )


def _guess(path: Path) -> str:
    """What the file seems to be instead, for the message."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(_PICTURES) or head[4:12] in _PHONE_PICTURES:
        return " (it is a still picture)"
    if head.startswith(_SOUNDS) or head[8:12] == b"WAVE" or _holds_sound_alone(path):
        return " (it holds sound and no picture)"
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        return " (damaged, cut short, or in a format unknown here)"
    return " (it holds text)" if text.isprintable() or "\n" in text else ""


def _holds_sound_alone(path: Path) -> bool:
    """Whether the file tells of its tracks, and none of them is one of pictures."""
    with path.open("rb") as file:
        ends = file.read(_TRACKS_BYTES)
        file.seek(max(path.stat().st_size - _TRACKS_BYTES, 0))
        ends += file.read()
    tracks = list(_TRACKS.finditer(ends))
    return bool(tracks) and not any(track.lastindex for track in tracks)
