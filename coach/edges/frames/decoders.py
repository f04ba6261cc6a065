"""The other decoders: PyAV (the extra `video`) and a program `ffmpeg`, as captures, for what OpenCV cannot decode."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from coach.edges.frames.capture import FORMATS, Capture, next_picture
from coach.ports import ImageBGR

ONLY_FILES: Final = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
"""What FFmpeg's libraries and programs may open: the file, and nothing that it names."""
_USUAL_FPS: Final = 50.0
_TURNS: Final = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Making(NamedTuple):
    """What is made of a file's frames: a filter of FFmpeg, how it works, and pictures for each frame."""

    filter: str
    how: str
    per_frame: int


_AS_THEY_ARE: Final = Making("null", "", per_frame=1)


def decoded_otherwise(path: Path, frame_fps: float) -> tuple[Capture, ImageBGR] | None:
    """A file of so many frames a second, and its first picture; None where no other decoder is there, or reads it."""
    for capture in other_captures(path, frame_fps, _AS_THEY_ARE):
        first = next_picture(capture)
        if first is not None:
            return capture, first
        capture.release()
    return None


def has_other_decoder() -> bool:
    """Whether PyAV or the program ffmpeg is there."""
    return find_spec("av") is not None or shutil.which("ffmpeg") is not None


def other_captures(path: Path, frame_fps: float, making: Making) -> Iterator[Capture]:
    """The file by each decoder that is there and opens it, the better one first; who asks lets go of what is given."""
    if find_spec("av") is not None:
        import av  # noqa: PLC0415 - an extra

        with suppress(av.FFmpegError, IndexError):
            yield PyAvCapture(path, making)
    if shutil.which("ffmpeg"):
        yield FfmpegCapture(path, frame_fps, making)


class PyAvCapture:
    """A video file through PyAV."""

    def __init__(self, path: Path, making: Making) -> None:
        import av  # noqa: PLC0415 - an extra

        # A file without a picture has no format of pixels: a ValueError.
        self._ended: tuple[type[Exception], ...] = (av.FFmpegError, StopIteration, ValueError)
        self._file: Any = av.open(str(path), options=ONLY_FILES, metadata_errors="replace")
        self._stream = self._file.streams.video[0]
        self._making = making
        self._frames = self._whole()
        self._frame: Any = None

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether there is more to come."""
        return self._file is not None

    def grab(self) -> bool:
        """Go on to the next picture."""
        try:
            self._frame = next(self._frames)
        except self._ended:
            return False
        return True

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        """The picture, upright."""
        image = self._frame.to_ndarray(format="bgr24")
        turn = _TURNS.get(round(self._frame.rotation) % 360)
        return True, image if turn is None else np.asarray(cv2.rotate(image, turn), np.uint8)

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Time, rate, length and shape of pixels, as OpenCV has them."""
        stream, frame = self._stream, self._frame
        shape = stream.sample_aspect_ratio
        start_s = float((stream.start_time or 0) * (stream.time_base or 0))
        known = {
            cv2.CAP_PROP_POS_MSEC: 1000 * (frame.time - start_s) if frame and frame.time is not None else math.nan,
            cv2.CAP_PROP_FPS: self._making.per_frame * float(stream.average_rate or 0),
            cv2.CAP_PROP_FRAME_COUNT: float(self._making.per_frame * stream.frames),
            cv2.CAP_PROP_SAR_NUM: float(shape.numerator) if shape else 0.0,
            cv2.CAP_PROP_SAR_DEN: float(shape.denominator) if shape else 0.0,
            cv2.CAP_PROP_ORIENTATION_META: float(round(frame.rotation) % 360) if frame else 0.0,
        }
        return known.get(propId, 0.0)

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803, ARG002 - OpenCV's name
        """Nothing can be asked for."""
        return False

    def release(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._frames.close()
            self._file.close()
            self._file = None

    def _whole(self) -> Generator[Any, None, None]:
        import av.filter  # noqa: PLC0415 - an extra

        graph = av.filter.Graph()
        source, whole, sink = (
            graph.add_buffer(template=self._stream),
            graph.add(self._making.filter, self._making.how),
            graph.add("buffersink"),
        )
        source.link_to(whole)
        whole.link_to(sink)
        graph.configure()
        self._stream.thread_type = "AUTO"
        for frame in self._file.decode(self._stream):
            graph.push(frame)
            yield from _pulled(graph)
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    import av  # noqa: PLC0415 - an extra

    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


class FfmpegCapture:
    """A video file through the program ffmpeg: pictures with a head of their own, evenly spaced."""

    def __init__(self, path: Path, frame_fps: float, making: Making) -> None:
        self._fps = making.per_frame * frame_fps if frame_fps > 0 else _USUAL_FPS
        filters = f"{making.filter}={making.how},fps={self._fps:.6f},scale=trunc(iw*sar):ih"
        came = ["-nostdin", "-v", "error", *program_limits(), "-i", f"file:{path.absolute()}"]
        goes = ["-an", "-vf", filters, "-f", "image2pipe", "-c:v", "ppm", "-"]
        self._process = subprocess.Popen(["ffmpeg", *came, *goes], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._image: ImageBGR | None = None
        self._count = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether there may be more to come."""
        return self._process.poll() is None

    def grab(self) -> bool:
        """Go on to the next picture."""
        pipe = self._process.stdout
        if pipe is None or pipe.closed or pipe.readline() != b"P6\n":
            return False
        size = pipe.readline().split()
        width, height = int(size[0]), int(size[1])
        pipe.readline()
        content = pipe.read(width * height * 3)
        if len(content) < width * height * 3:
            return False
        self._image = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        self._count += 1
        return True

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        """The picture, upright and with square pixels."""
        if self._image is None:
            return False, None
        return True, np.asarray(cv2.cvtColor(self._image, cv2.COLOR_RGB2BGR), np.uint8)

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Time and rate, as OpenCV has them; 0 for what is not known."""
        if propId == cv2.CAP_PROP_POS_MSEC:
            return 1000 * (self._count - 1) / self._fps
        return self._fps if propId == cv2.CAP_PROP_FPS else 0.0

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803, ARG002 - OpenCV's name
        """Nothing can be asked for."""
        return False

    def release(self) -> None:
        """End the program."""
        self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()


def program_limits() -> tuple[str, ...]:
    """What FFmpeg's programs may open: the file, and nothing that it names."""
    return tuple(word for name, value in ONLY_FILES.items() for word in (f"-{name}", value))
