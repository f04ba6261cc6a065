"""`coach.poses/1` written as the run goes: what came in, so that everything can be derived again.

Lines are flushed about once a second, so that a crash costs the last second and, at
worst, leaves one line cut short, which the reader takes.
"""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import IO, Final

import numpy as np

from coach.core.pose import KEYPOINT_NAMES, Pose
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.units import none_if_nan
from coach.errors import StoreError
from coach.ports import SourceInfo
from coach.private import private_file

SCHEMA: Final = "coach.poses/1"
_FLUSH_EVERY_S: Final = 1.0
_COMPRESSION: Final = 5
"""gzip's middle: the sixth level costs twice the time for 2 % less."""


class PoseRecorder:
    """Writes one line a frame to a `.jsonl` or `.jsonl.gz` file.

    A disk that fills up ends the recording, never the run: `problem` then says so.
    """

    def __init__(self, path: Path, info: SourceInfo, *, private: bool = False) -> None:
        """`private`: nobody but the file's owner may read it; else the umask says who."""
        self.problem: str | None = None
        self._path = path
        self._belt: BeltSpeed | None = None
        self._flushed_s = -math.inf
        try:
            self._file: IO[str] | None = _opened(path, private=private)
            self._line(_header(info))
            self._file.flush()
        except OSError as error:
            raise StoreError(
                f"cannot record to {path}: {error.strerror or error}; choose another place with --record"
            ) from None

    def append(self, t_s: float, pose: Pose | None, belt: BeltSpeed | None) -> None:
        """One frame's inputs. Never raises."""
        if self._file is None:
            return
        try:
            if belt != self._belt and not _same(belt, self._belt):
                self._line(_speed_line(t_s, belt))
            self._belt = belt
            self._line(_pose_line(t_s, pose))
            if t_s - self._flushed_s >= _FLUSH_EVERY_S:
                self._flushed_s = t_s
                self._file.flush()
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Flush and close. May be called twice."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError as error:
            self._give_up(error)

    def _line(self, content: dict[str, object]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(content, separators=(",", ":")) + "\n")

    def _give_up(self, error: OSError) -> None:
        file, self._file = self._file, None
        self.problem = f"the pose recording stopped: {error.strerror or error}"
        if file is not None:
            _abandon(file)


def _opened(path: Path, *, private: bool) -> IO[str]:
    if private:
        private_file(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        # A flush of this file is a sync flush of zlib: everything before it can be read after a crash.
        return gzip.open(path, "wt", compresslevel=_COMPRESSION, encoding="utf-8", newline="\n")
    return path.open("w", encoding="utf-8", newline="\n")


def _abandon(file: IO[str]) -> None:
    """Let go of a file that can no longer be written."""
    try:
        file.close()
    except (OSError, ValueError):
        return


def _header(info: SourceInfo) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "width": info.width,
        "height": info.height,
        "nominal_fps": none_if_nan(info.nominal_fps, 3),
        "keypoints": list(KEYPOINT_NAMES),
        "source": info.name,
        "source_kind": info.kind,
    }


def _pose_line(t_s: float, pose: Pose | None) -> dict[str, object]:
    if pose is None:
        return {"t_s": round(t_s, 6), "xy_px": None}
    return {
        "t_s": round(t_s, 6),
        "xy_px": [[x, y] if math.isfinite(x + y) else None for x, y in np.round(pose.xy_px, 3).tolist()],
        "confidence": [none_if_nan(value, 3) for value in pose.confidence.tolist()],
    }


def _speed_line(t_s: float, belt: BeltSpeed | None) -> dict[str, object]:
    if belt is None:
        return {"t_s": round(t_s, 6), "speed_mps": None}
    line: dict[str, object] = {"t_s": round(t_s, 6), "speed_mps": none_if_nan(belt.speed_mps, 4)}
    line["origin"] = str(belt.origin)
    for name, value in (("sd_mps", belt.sd_mps), ("incline_pct", belt.incline_pct)):
        if math.isfinite(value):
            line[name] = round(value, 4)
    return line


def _same(one: BeltSpeed | None, two: BeltSpeed | None) -> bool:
    """Whether two speeds would be written alike; the age of a value is not written."""
    return one is not None and two is not None and _speed_line(0.0, one) == _speed_line(0.0, two)
