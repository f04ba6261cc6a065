"""`coach.poses/1`: what came in, written as the run goes, and read back so that everything can be derived again.

Lines are written about once a second, so that a crash costs the last second and, at worst, leaves one line cut short,
which the reader takes.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import zlib
from bisect import insort
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from coach.core.bounds import CONFIDENCE, FPS, INCLINE_PCT, PIXEL, SIDE_PX, SPEED_MPS, TIME_S, Clock, shown
from coach.core.pose import KEYPOINT_NAMES, Pose, empty_keypoints
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.units import none_if_nan
from coach.errors import FormatError, SourceError, StoreError
from coach.plain_records import json_value
from coach.ports import TIME_DIGITS, SourceInfo
from coach.private import kept_beside, name_whole, part_of, private_file, remove_part, without_password

SCHEMA: Final = "coach.poses/1"
POSES_FILE: Final = "poses.jsonl.gz"
"""What a session's own recording is called, in its folder."""
_NEEDED: Final = ("hip", "knee", "ankle")

RecordedFrame = tuple[float, Pose | None, BeltSpeed | None]


@dataclass(frozen=True, slots=True)
class PosesHeader:
    """The first line of a recording."""

    width: int
    height: int
    nominal_fps: float
    """NaN where it is not known."""
    keypoints: tuple[str, ...]
    source: str
    whole_picture: bool = True
    """Whether width and height are the picture's, not only what the keypoints span."""
    incline_pct: float = math.nan
    """Of the belt as it was typed, where nothing tells its speed with it; NaN where it was not."""

    def info(self, path: Path) -> SourceInfo:
        """The recording as a source of frames; an earlier Coach wrote the address of a camera with its password."""
        return SourceInfo(
            "poses",
            without_password(self.source) or path.name,
            self.width,
            self.height,
            self.nominal_fps,
            live=False,
            whole_picture=self.whole_picture,
        )


def read_poses(path: Path) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """The header and, one by one, (t_s, pose or None, belt speed or None) of every frame.

    Raises SourceError for a file that cannot be opened, FormatError (from the iterator too,
    with the line's number) for one that is no recording. A last line cut short ends it quietly.
    """
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise FormatError(f"{path} is empty; a pose recording starts with a header line")
    header = _header(path, first[1])
    return header, _frames(path, header, lines)


def recorded_from(path: Path, source: str) -> bytes:
    """A recording, packed by gzip, whose header says that it came from `source`.

    Raises as `read_poses` does for a file that is none, or is damaged.
    """
    lines = _lines(path)
    header = next(lines, None)
    if header is None:
        raise FormatError(f"{path} is empty; a pose recording starts with a header line")
    _header(path, header[1])
    first = json.dumps({**json_value(header[1]), "source": source}, allow_nan=False) + "\n"
    return gzip.compress("".join([first, *(line for _, line in lines)]).encode(), mtime=0)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines. A gzip file that was cut off ends where its data end."""
    try:
        with _opened(path) as file:
            number = 0
            while line := _next_line(file):
                number += 1
                if line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise FormatError(f"{path} is not a pose recording: it is not text") from None
    except (gzip.BadGzipFile, zlib.error):
        raise FormatError(f"{path} is not a pose recording: its compression is damaged") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}; check the path") from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _next_line(file: IO[str]) -> str:
    try:
        return file.readline()
    except EOFError:  # the writer crashed before it closed the file
        return ""


def _header(path: Path, line: str) -> PosesHeader:
    try:
        content = json_value(line)
    except ValueError:
        content = None
    if not isinstance(content, dict) or not str(content.get("schema", "")).startswith("coach.poses/"):
        raise FormatError(f'{path} is not a pose recording: its first line is no "{SCHEMA}" header')
    if content["schema"] != SCHEMA:
        raise FormatError(f"{path} is a {content['schema']} recording; this version reads {SCHEMA}")
    try:
        header = PosesHeader(
            width=int(SIDE_PX.given(content["width"])),
            height=int(SIDE_PX.given(content["height"])),
            nominal_fps=FPS.given_or_nan(content.get("nominal_fps")),
            keypoints=tuple(str(name) for name in content["keypoints"]),
            source=str(content.get("source") or ""),
            incline_pct=INCLINE_PCT.given_or_nan(content.get("incline_pct")),
        )
    except KeyError as error:
        raise FormatError(f"{path} line 1: the header lacks {error.args[0]!r}") from None
    except (TypeError, ValueError) as error:
        raise FormatError(f"{path} line 1: the header holds a value that is not possible: {error}") from None
    lacking = [f"{side}_{joint}" for side in ("left", "right") for joint in _NEEDED]
    lacking = [name for name in lacking if name not in header.keypoints]
    if lacking:
        raise FormatError(f"{path} line 1: the keypoints lack {', '.join(lacking)}")
    return header


def _frames(path: Path, header: PosesHeader, lines: Iterator[tuple[int, str]]) -> Iterator[RecordedFrame]:
    rows = [KEYPOINT_NAMES.index(name) if name in KEYPOINT_NAMES else -1 for name in header.keypoints]
    clock = Clock()
    belt: BeltSpeed | None = None
    coming: list[tuple[float, BeltSpeed | None]] = []
    for number, content in _objects(path, lines):
        try:
            t_s = TIME_S.given(content["t_s"])
            if "speed_mps" in content and "xy_px" not in content:
                insort(coming, (t_s, _belt(content)), key=itemgetter(0))
                continue
            pose = _pose(clock.tick(t_s), content, rows)
        except KeyError as error:
            raise FormatError(f"{path} line {number}: {error.args[0]!r} is missing") from None
        except (TypeError, ValueError) as error:
            raise FormatError(f"{path} line {number}: {error}") from None
        while coming and coming[0][0] <= t_s:
            belt = coming.pop(0)[1]
        yield t_s, pose, belt


def _objects(path: Path, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Numbered JSON objects; one that cannot be read is an error unless it is the last line of all."""
    for number, line in lines:
        try:
            content = json_value(line)
            if not isinstance(content, dict):
                raise TypeError  # noqa: TRY301 - a number or list is as wrong as no JSON at all
        except (ValueError, TypeError):
            if line.endswith("\n") or next(lines, None) is not None:
                raise FormatError(f"{path} line {number} is not a JSON object") from None
            return
        yield number, content


def _belt(content: Mapping[str, Any]) -> BeltSpeed | None:
    if content["speed_mps"] is None:
        return None
    return BeltSpeed(
        SPEED_MPS.given(content["speed_mps"]),
        SpeedOrigin.RECORDING,
        sd_mps=SPEED_MPS.given_or_nan(content.get("sd_mps")),
        incline_pct=INCLINE_PCT.given_or_nan(content.get("incline_pct")),
    )


def _pose(t_s: float, content: Mapping[str, Any], rows: list[int]) -> Pose | None:
    points = content["xy_px"]
    if points is None:
        return None
    if len(points) != len(rows):
        raise ValueError(f"{len(points)} keypoints, but the header names {len(rows)}")
    xy_px, confidence = empty_keypoints()
    sure = content.get("confidence") or [1.0] * len(rows)
    if len(sure) != len(rows):
        raise ValueError(f"{len(sure)} confidences, but the header names {len(rows)} keypoints")
    for row, point, value in zip(rows, points, sure, strict=True):
        if row >= 0 and point is not None:
            xy_px[row] = _point(point)
            confidence[row] = 0.0 if value is None else CONFIDENCE.given(value)
    unseen = ~np.isfinite(xy_px).all(axis=1)
    xy_px[unseen], confidence[unseen] = np.nan, 0.0
    return Pose(t_s, xy_px, confidence.clip(0.0, 1.0))


def _point(point: object) -> tuple[float, float]:
    """X and y; null and NaN, which other programs write into JSON, are not known."""
    if not isinstance(point, list) or len(point) != 2:
        raise ValueError(f"{shown(point)} is no point; write [x, y] or null")
    x, y = (math.nan if _unknown(value) else PIXEL.given(value) for value in point)
    return x, y


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


_WRITE_EVERY_S: Final = 1.0
_RETRY_EVERY_S: Final = 10.0
"""A disk that was full is tried again this often."""
_MOST_WAITING: Final = 64_000_000
"""Characters kept while the disk takes nothing: more than an hour of running."""
_COMPRESSION: Final = 5
"""gzip's middle: the sixth level costs twice the time for 2 % less."""


class PoseRecorder:
    """Writes one line a frame to a `.jsonl` or `.jsonl.gz` file.

    A disk that fills up never ends the run: `problem` says so, what comes meanwhile waits and is written once there is
    room; from then on `problem` is None. Each write holds whole lines, in a `.gz` as a member of its own
    (RFC 1952, 2.2): one that failed half-way is cut off, and what lies before it stays readable.

    It gets its name with the first frame, so that a crash keeps what was recorded; without one, whatever had the name
    keeps it.
    """

    def __init__(self, path: Path, info: SourceInfo, incline_pct: float = math.nan, *, private: bool = False) -> None:
        """`incline_pct` was typed. `private`: nobody but the file's owner may read it; else the umask says who."""
        self.problem: str | None = None
        self._path, self._part = path, part_of(path)
        self._belt: BeltSpeed | None = None
        self._due_s = -math.inf
        self._waiting: list[str] = []
        self._waiting_characters = 0
        self._written_bytes = 0
        self._beside: str | None = None
        """What is told where something is in the way of its name, and the recording goes on beside it."""
        try:
            self._file: IO[bytes] | None = _opened_to_write(self._part, private=private)
            self._line(_header_line(info) | ({"incline_pct": incline_pct} if math.isfinite(incline_pct) else {}))
            self._write(self._file)
        except OSError as error:
            remove_part(self._part, path)
            raise StoreError(
                f"cannot record to {path}: {error.strerror or error}; choose another place with --record"
            ) from None

    def append(self, t_s: float, pose: Pose | None, belt: BeltSpeed | None) -> None:
        """One frame's inputs. Never raises."""
        if self._file is None:
            return
        if belt != self._belt and not _same(belt, self._belt):
            self._line(_speed_line(t_s, belt))
        self._belt = belt
        self._line(_pose_line(t_s, pose))
        if t_s >= self._due_s:
            self._due_s = t_s + (_WRITE_EVERY_S if self._try_to_write() else _RETRY_EVERY_S)

    def close(self) -> None:
        """Write the rest and close. May be called twice."""
        if self._waiting:
            self._try_to_write()
        file, self._file = self._file, None
        if file is None:
            return
        with suppress(OSError):
            file.close()
        remove_part(self._part, self._path)

    def _line(self, content: dict[str, object]) -> None:
        line = json.dumps(content, separators=(",", ":")) + "\n"
        self._waiting.append(line)
        self._waiting_characters += len(line)

    def _try_to_write(self) -> bool:
        if self._file is None:
            return False
        try:
            self._write(self._under_its_name(self._file))
        except OSError as error:
            self.problem = f"the pose recording stopped: {error.strerror or error}"
            if self._waiting_characters > _MOST_WAITING:
                self._waiting.clear()
                self._file = None
            return False
        self.problem = self._beside
        return True

    def _under_its_name(self, file: IO[bytes]) -> IO[bytes]:
        """The file, over what had its name until now; closed meanwhile, as Windows wants it."""
        if self._part == self._path:
            return file
        self._file = None
        file.close()
        try:
            name_whole(self._part, self._path)
            self._part = self._path
        except OSError as error:
            if not self._path.exists():
                raise
            self._beside, self._path = kept_beside(self._part, self._path, error), self._part
        finally:
            self._file = self._part.open("ab", buffering=0)
        return self._file

    def _write(self, file: IO[bytes]) -> None:
        """All that waits, or nothing of it."""
        content = "".join(self._waiting).encode()
        if self._path.suffix == ".gz":
            content = gzip.compress(content, _COMPRESSION)
        try:
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
        except OSError:
            with suppress(OSError):
                file.truncate(self._written_bytes)
            raise
        self._written_bytes += len(content)
        self._waiting.clear()
        self._waiting_characters = 0


def _opened_to_write(path: Path, *, private: bool) -> IO[bytes]:
    """Empty, and without a buffer of its own; it writes at its end, wherever that is after a write was cut off."""
    if private:
        private_file(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        os.truncate(path, 0)
    return path.open("ab", buffering=0)


def _header_line(info: SourceInfo) -> dict[str, object]:
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
        return {"t_s": round(t_s, TIME_DIGITS), "xy_px": None}
    return {
        "t_s": round(t_s, TIME_DIGITS),
        "xy_px": [[x, y] if math.isfinite(x + y) else None for x, y in np.round(pose.xy_px, 3).tolist()],
        "confidence": [none_if_nan(value, 3) for value in pose.confidence.tolist()],
    }


def _speed_line(t_s: float, belt: BeltSpeed | None) -> dict[str, object]:
    if belt is None:
        return {"t_s": round(t_s, TIME_DIGITS), "speed_mps": None}
    line: dict[str, object] = {"t_s": round(t_s, TIME_DIGITS), "speed_mps": none_if_nan(belt.speed_mps, 4)}
    line["origin"] = str(belt.origin)
    for name, value in (("sd_mps", belt.sd_mps), ("incline_pct", belt.incline_pct)):
        if math.isfinite(value):
            line[name] = round(value, 4)
    return line


def _same(one: BeltSpeed | None, two: BeltSpeed | None) -> bool:
    """Whether two speeds would be written alike; the age of a value is not written."""
    return one is not None and two is not None and _speed_line(0.0, one) == _speed_line(0.0, two)
