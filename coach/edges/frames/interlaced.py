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
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.edges.frames.capture import Capture, next_picture, open_file
from coach.edges.frames.decoders import ONLY_FILES, Making, other_captures, program_limits

_LOOKED_AT: Final = 4
"""Frames whose flags tell; a file that changes later on is one in a million."""
_WAIT_S: Final = 20.0
_FIELDS: Final = Making("bwdif", "mode=send_field:deint=interlaced", per_frame=2)
_FRAMES: Final = Making("bwdif", "mode=send_frame:deint=all", per_frame=1)
_COMB_FRAMES: Final = 40
"""More than a stride at 30 frames a second: the legs have moved."""
_COMB_LEVELS: Final = 12
"""Grey levels by which a row stands off both its neighbours: more than noise and compression do."""
_COMBED: Final = 0.08
"""Of the moving pixels; combed clips have 0.3–0.5, whole ones less than 0.01, dithered GIFs 0.02–0.33."""
_APART: Final = 1.25
"""So many times more combs where the wrong half is taken from the frame before; interlaced 1.7–1.9, GIFs 1.00."""
_Grey = NDArray[np.int16]
_FILMED_FPS: Final = "com.android.capture.fps"
_CREATED: Final = "creation_time"
"""How Android's slow motion says at which rate it was filmed."""


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
    return next(other_captures(path, frame_fps, _FIELDS if flagged else _FRAMES), None)


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


def _facts_by_pyav(path: Path) -> FileFacts:
    import av  # noqa: PLC0415 - an extra

    with (
        suppress(av.FFmpegError, IndexError),
        av.open(str(path), options=ONLY_FILES, metadata_errors="replace") as file,
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
            ["ffprobe", "-v", "error", *program_limits(), *part, f"file:{path.absolute()}"],
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
