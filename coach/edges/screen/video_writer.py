"""Pictures into a video file: H.264 where PyAV or ffmpeg can make it, Motion JPEG where only OpenCV is there."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.errors import ConfigError, StoreError
from coach.private import kept_beside, name_whole, part_of, remove_part, why_no_file

Encoder = Literal["pyav", "ffmpeg", "mjpg"]
ImageRGB = NDArray[np.uint8]
"""(height, width, 3), both even."""

_H264_FILES: Final = (".mp4", ".mov", ".mkv")
_MJPG_FILE: Final = ".avi"
_QUALITY: Final = ("veryfast", "21")
"""x264's preset and constant rate factor: sharp lines, about 1 MB for ten seconds at 720p."""
_WAIT_S: Final = 60.0
_ROOM_BYTES: Final = 4_000_000
"""A few pictures and the index at the end: OpenCV says nothing of a disk that is full."""


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """Where a video will be written, and by what."""

    path: Path
    encoder: Encoder

    @property
    def remark(self) -> str:
        """Key of the line with what the runner should know of it; empty where all is well."""
        if self.encoder != "mjpg" or self.path.suffix.lower() != _MJPG_FILE:
            return ""
        return "summary.film_as_jpeg"


def plan_video(path: Path) -> VideoPlan:
    """Choose the encoder for a file; without one for H.264 its name becomes `.avi`. ConfigError for other names."""
    suffix = path.suffix.lower()
    if suffix not in {*_H264_FILES, _MJPG_FILE}:
        raise ConfigError(f"--video-out {path}: give a file that ends in .mp4")
    if problem := why_no_file(path):
        raise ConfigError(problem)
    if suffix == _MJPG_FILE:
        return VideoPlan(path, "mjpg")
    if importlib.util.find_spec("av") is not None and _pyav_has_x264():
        return VideoPlan(path, "pyav")
    if shutil.which("ffmpeg"):
        return VideoPlan(path, "ffmpeg")
    return VideoPlan(path.with_suffix(_MJPG_FILE), "mjpg")


class _Sink(Protocol):
    """One encoder at work."""

    def write(self, image: ImageRGB) -> None:
        """One picture; OSError where it cannot be written."""
        ...

    def close(self) -> None:
        """Finish the file; OSError where it cannot be written."""
        ...


class VideoWriter:
    """Pictures at their times into a file of constant frame rate: held over gaps, left out where too dense.

    The file gets its name when it is finished. Raises StoreError where it cannot be written, and nothing is left; where
    it is whole and cannot have its name, it stays beside it.
    """

    def __init__(self, plan: VideoPlan, size: tuple[int, int], fps: float) -> None:
        self._plan, self._part = plan, part_of(plan.path)
        self._fps = fps
        self._first_s: float | None = None
        self._written = 0
        self._shown: ImageRGB | None = None
        self._sink: _Sink | None = None
        makers: dict[Encoder, Callable[[Path, tuple[int, int], float], _Sink]]
        makers = {"pyav": _PyAv, "ffmpeg": _Ffmpeg, "mjpg": _MotionJpeg}
        try:
            self._sink = makers[plan.encoder](self._part, size, fps)
        except OSError as error:
            raise self._failed(error) from None

    def write(self, t_s: float, image: ImageRGB) -> None:
        """One picture that is shown from `t_s` until the next; not to be changed until then."""
        self._first_s = t_s if self._first_s is None else self._first_s
        place = round((t_s - self._first_s) * self._fps)
        held, self._shown = self._shown, image
        try:
            while self._sink is not None and self._written <= place:
                self._sink.write(image if held is None or self._written == place else held)
                self._written += 1
        except OSError as error:
            raise self._failed(error) from None

    def close(self) -> None:
        """Finish the file. May be called twice."""
        sink, self._sink = self._sink, None
        if sink is None:
            return
        try:
            sink.close()
        except OSError as error:
            raise self._failed(error) from None
        part, self._part = self._part, self._plan.path  # nothing to be taken away any more
        try:
            name_whole(part, self._plan.path)
        except OSError as error:
            raise StoreError(kept_beside(part, self._plan.path, error)) from None

    def discard(self) -> None:
        """Give up: no file stays behind."""
        sink, self._sink = self._sink, None
        if sink is not None:
            with suppress(OSError):  # the file goes anyway
                sink.close()
        remove_part(self._part, self._plan.path)

    def _failed(self, error: OSError) -> StoreError:
        self.discard()
        reason = error.strerror or str(error) or "the encoder gave up"
        return StoreError(f"cannot write the video {self._plan.path}: {reason}; choose another place or name")


class _PyAv:
    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        import av  # noqa: PLC0415 - an extra

        self._frame = av.VideoFrame.from_ndarray
        with _as_os_errors():
            self._file: Any = av.open(str(path), "w")
        self._stream = self._file.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"preset": _QUALITY[0], "crf": _QUALITY[1]}

    def write(self, image: ImageRGB) -> None:
        with _as_os_errors():
            self._file.mux(self._stream.encode(self._frame(image, format="rgb24")))

    def close(self) -> None:
        with _as_os_errors():
            try:
                self._file.mux(self._stream.encode())
            finally:
                self._file.close()


class _Ffmpeg:
    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        came = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:.4f}", "-i", "-"]
        goes = ["-an", "-c:v", "libx264", "-preset", _QUALITY[0], "-crf", _QUALITY[1], "-pix_fmt", "yuv420p"]
        self._process = subprocess.Popen(
            ["ffmpeg", "-loglevel", "error", "-nostdin", "-y", *came, *goes, str(path.absolute())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def write(self, image: ImageRGB) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(image.tobytes())

    def close(self) -> None:
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
        finally:
            try:
                status = self._process.wait(_WAIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                status = self._process.wait()
        if status:
            raise OSError(f"ffmpeg ended with status {status}")


class _MotionJpeg:
    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        self._folder = path.absolute().parent
        # Named, since OpenCV would otherwise try backends that do not know the codec.
        fourcc = cv2.VideoWriter.fourcc(*"MJPG")
        self._writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, fourcc, fps, size)
        if not self._writer.isOpened():
            raise OSError("OpenCV cannot open it")

    def write(self, image: ImageRGB) -> None:
        if shutil.disk_usage(self._folder).free < _ROOM_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        self._writer.release()


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """PyAV's own errors as what they mean here."""
    import av  # noqa: PLC0415 - an extra

    try:
        yield
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from None


def _pyav_has_x264() -> bool:
    import av  # noqa: PLC0415 - an extra

    return "libx264" in av.codecs_available
