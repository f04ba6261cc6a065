"""Interlaced video: every frame is two half pictures of different moments. OpenCV 5 decodes it to black.

So it is recognised before it is read, and read through PyAV (the extra `video`) or a program `ffmpeg`, whose filter
bwdif makes a whole picture of each half: twice the pictures a second, none of them combed. A file that does not say
so is told by its combs: which half came first is then not known either, and one whole picture is made of each frame.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.edges.frames.capture import FORMATS, Capture, next_picture, open_file
from coach.ports import ImageBGR

_LOOKED_AT: Final = 4
"""Frames whose flags tell; a file that changes later on is one in a million."""
_WAIT_S: Final = 20.0
_FIELDS: Final = "bwdif", "mode=send_field:deint=interlaced"
_FRAMES: Final = "bwdif", "mode=send_frame:deint=all"
_COMB_FRAMES: Final = 40
"""More than a stride at 30 frames a second: the legs have moved."""
_COMB_LEVELS: Final = 12
"""Grey levels by which a row stands off both its neighbours: more than noise and compression do."""
_COMBED: Final = 0.08
"""Of the moving pixels; combed clips have 0.3–0.5, whole ones less than 0.01, dithered GIFs 0.02–0.33."""
_APART: Final = 1.25
"""So many times more combs where the wrong half is taken from the frame before; interlaced 1.7–1.9, GIFs 1.00."""
_Grey = NDArray[np.int16]
_USUAL_FPS: Final = 50.0
_ONLY_FILES: Final = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
_FILMED_FPS: Final = "com.android.capture.fps"
_CREATED: Final = "creation_time"
"""How Android's slow motion says at which rate it was filmed."""
_TURNS: Final = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file says of itself that OpenCV does not hand on."""

    interlaced: bool | None = None
    """None where neither PyAV nor ffprobe is there to tell."""
    filmed_fps: float = math.nan
    filmed_at: str = ""
    """When it was filmed, ISO 8601; empty where it does not say."""


def file_facts(path: Path) -> FileFacts:
    """Look at the head of a video file, by PyAV or ffprobe; empty facts where neither is there or can read it."""
    if find_spec("av") is not None:
        return _facts_by_pyav(path)
    return _facts_by_ffprobe(path) if shutil.which("ffprobe") else FileFacts()


def open_interlaced(path: Path, frame_fps: float, *, flagged: bool = True) -> Capture | None:
    """The whole pictures of an interlaced file of so many frames a second; None where nothing here can make them.

    flagged: whether the file says that it is interlaced, and thus which half is the earlier one.
    """
    if find_spec("av") is not None:
        return PyAvFields(path, flagged=flagged)
    if shutil.which("ffmpeg"):
        return FfmpegFields(path, frame_fps, flagged=flagged)
    return None


def is_combed(path: Path) -> bool:
    """Whether what moves in the first frames is combed: rows that stand off both the row above and the one below.

    A pattern does that, too, such as a GIF's few colours or a wall of lamps. But half pictures of two moments tell
    which came first: with the frame before, one half lies half a frame apart and the other one and a half.
    """
    capture = open_file(path)
    if capture is None:
        return False
    counts = np.zeros(4)
    try:
        before: _Grey | None = None
        for _ in range(_COMB_FRAMES):
            image = next_picture(capture)
            if image is None:
                break
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.int16)
            if before is not None:
                counts += _counted(before, grey)
            before = grey
    finally:
        capture.release()
    moving, combed, *woven = counts
    return bool(combed > _COMBED * max(moving, 1) and max(woven) > _APART * min(woven))


def _counted(before: _Grey, grey: _Grey) -> list[int]:
    """Pixels that move; of them combed in the frame, and with its odd or its even rows from the frame before.

    The last two are 0 for a frame that is not combed, as nearly all are: nobody asks which half came first.
    """
    moves = (np.abs(grey - before) > _COMB_LEVELS)[1:-1]
    moving, combed = int(moves.sum()), int((_stands_off(grey) & moves).sum())
    if combed <= _COMBED * moving:
        return [moving, combed, 0, 0]
    odd, even = grey.copy(), grey.copy()
    odd[1::2], even[::2] = before[1::2], before[::2]
    return [moving, combed, *(int((_stands_off(each) & moves).sum()) for each in (odd, even))]


def _stands_off(grey: _Grey) -> NDArray[np.bool_]:
    """From the row above and from the one below, to the same side; first and last row left out."""
    above, below = grey[:-2] - grey[1:-1], grey[2:] - grey[1:-1]
    return np.asarray((above * below > 0) & (np.minimum(np.abs(above), np.abs(below)) > _COMB_LEVELS))


class PyAvFields:
    """Interlaced video through PyAV, as a capture."""

    def __init__(self, path: Path, *, flagged: bool = True) -> None:
        import av  # noqa: PLC0415 - an extra

        self._ended: tuple[type[Exception], ...] = (av.FFmpegError, StopIteration)
        self._file: Any = av.open(str(path), options=_ONLY_FILES, metadata_errors="replace")
        self._stream = self._file.streams.video[0]
        self._filter, self._per_frame = (_FIELDS, 2) if flagged else (_FRAMES, 1)
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
            cv2.CAP_PROP_FPS: self._per_frame * float(stream.average_rate or 0),
            cv2.CAP_PROP_FRAME_COUNT: float(self._per_frame * stream.frames),
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
        source, whole, sink = graph.add_buffer(template=self._stream), graph.add(*self._filter), graph.add("buffersink")
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


class FfmpegFields:
    """Interlaced video through the program ffmpeg, as a capture: pictures with a head of their own, evenly spaced."""

    def __init__(self, path: Path, frame_fps: float, *, flagged: bool = True) -> None:
        how, per_frame = (_FIELDS, 2) if flagged else (_FRAMES, 1)
        self._fps = per_frame * frame_fps if frame_fps > 0 else _USUAL_FPS
        filters = f"{'='.join(how)},fps={self._fps:.6f},scale=trunc(iw*sar):ih"
        came = ["-nostdin", "-v", "error", *_limits(), "-i", f"file:{path.absolute()}"]
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


def _limits() -> tuple[str, ...]:
    """What FFmpeg's programs may open: the file, and nothing that it names."""
    return tuple(word for name, value in _ONLY_FILES.items() for word in (f"-{name}", value))


def _facts_by_pyav(path: Path) -> FileFacts:
    import av  # noqa: PLC0415 - an extra

    with (
        suppress(av.FFmpegError, IndexError),
        av.open(str(path), options=_ONLY_FILES, metadata_errors="replace") as file,
    ):
        told = {**file.metadata, **file.streams.video[0].metadata}
        frames = [frame.interlaced_frame for frame, _ in zip(file.decode(video=0), range(_LOOKED_AT), strict=False)]
        return FileFacts(any(frames), _rate(told.get(_FILMED_FPS)), str(told.get(_CREATED, "")))
    return FileFacts()


def _facts_by_ffprobe(path: Path) -> FileFacts:
    wanted = f"frame=interlaced_frame:format_tags={_FILMED_FPS},{_CREATED}"
    part = ["-select_streams", "v:0", "-read_intervals", f"%+#{_LOOKED_AT}", "-show_entries", wanted, "-of", "json"]
    with suppress(subprocess.SubprocessError, OSError, ValueError):
        found = subprocess.run(
            ["ffprobe", "-v", "error", *_limits(), *part, f"file:{path.absolute()}"],
            capture_output=True,
            timeout=_WAIT_S,
            check=True,
        )
        told = json.loads(found.stdout)
        flags = [frame.get("interlaced_frame") == 1 for frame in told.get("frames", ())]
        tags = told.get("format", {}).get("tags", {})
        return FileFacts(any(flags), _rate(tags.get(_FILMED_FPS)), str(tags.get(_CREATED, "")))
    return FileFacts()


def _rate(told: object) -> float:
    with suppress(TypeError, ValueError):
        rate = float(str(told))
        return rate if 1 <= rate <= 1000 else math.nan
    return math.nan
