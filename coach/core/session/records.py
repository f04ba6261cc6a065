"""What is kept of a run, record by record: strides, cues, speeds, events and curves.

Times are those of the frames (`t_s` on the run's own clock); NaN is a value that is not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Final, overload

import numpy as np

from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.stride_record import STORED, StrideRecord
from coach.core.pose import Side
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.units import FloatArray

SettingValue = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Where the frames came from."""

    kind: str
    """camera, video, stream, demo or poses"""
    name: str
    width: int
    height: int
    nominal_fps: float = math.nan

    @property
    def set_up(self) -> str:
        """The camera set-up by its name and picture size, as a baseline keeps it."""
        return f"{self.kind} {self.name} {self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the run by its key in config.toml, such as `treadmill.correction_deg`."""

    key: str
    value: SettingValue


@dataclass(frozen=True, slots=True)
class KeptCue:
    """A cue and the ways in which it really reached the runner; `channels` is empty if none did."""

    t_s: float
    kind: CueKind
    side: Side | None
    text: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeedChange:
    """The belt speed from `t_s` on; NaN and None from where it was unknown, NaN alone where it was doubted."""

    t_s: float
    speed_mps: float
    source: SpeedOrigin | None
    incline_pct: float = field(default=math.nan, metadata={"digits": 2})

    @property
    def doubted(self) -> bool:
        """Whether one was told that the runner's feet contradicted."""
        return self.source is not None and math.isnan(self.speed_mps)


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that happened around the run: `lost`, `returned`, `paused`, `resumed`, a lost treadmill link."""

    t_s: float
    kind: str
    detail: str = ""
    """In the language of the run."""
    noted: str | None = None
    """The same without its words (`Notice.noted`), for a page in another language; None of what was no notice."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Knee flexion over the gait cycle, initial contact (0 %) to the next (100 %), mean and SD of `n` strides.

    mean_deg, sd_deg: (101,); SD is between strides, 0 for a single one.
    """

    mean_deg: FloatArray
    sd_deg: FloatArray
    n: int


@dataclass(frozen=True, slots=True)
class CurveBlock:
    """The mean cycle of one leg over the valid strides that began within some seconds from `start_s`."""

    side: Side
    start_s: float
    cycle: Cycle


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one way through the machine took: median and 95th percentile."""

    name: str
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """How many frames there were, when the first and last were grabbed, and at what rate they came."""

    total: int = 0
    with_pose: int = 0
    first_s: float = math.nan
    last_s: float = math.nan
    measured_fps: float = math.nan
    """Over the stretches without a gap of a second or more."""

    @property
    def duration_s(self) -> float:
        """First frame to last; NaN before the first."""
        return self.last_s - self.first_s


def kept_cue(cue: Cue, channels: tuple[str, ...] = ()) -> KeptCue:
    """What is kept of a cue."""
    return KeptCue(t_s=cue.t_s, kind=cue.kind, side=cue.side, text=cue.text, channels=channels)


def speed_change(t_s: float, belt: BeltSpeed | None) -> SpeedChange:
    """The speed from `t_s` on."""
    if belt is None:
        return SpeedChange(t_s, math.nan, None)
    return SpeedChange(t_s, belt.believed_mps, belt.origin, belt.incline_pct)


_WHOSE: Final = "runner.name"


def every_setting(settings: object, prefix: str = "") -> Iterator[Setting]:
    """Every value of a tree of settings dataclasses by its dotted key in config.toml."""
    if not is_dataclass(settings):
        return
    for own in fields(settings):
        value = getattr(settings, own.name)
        # `coach` holds the sections that config.toml writes at its top level.
        key = prefix if own.name == "coach" else f"{prefix}{own.name}"
        if is_dataclass(value):
            yield from every_setting(value, f"{key}." if key != prefix else prefix)
        else:
            yield Setting(key, ", ".join(map(str, value)) if isinstance(value, tuple) else value)


def settings_facts(settings: object) -> tuple[Setting, ...]:
    """The same but for the runner's name, which may change: the session itself says whose it is."""
    return tuple(setting for setting in every_setting(settings) if setting.key != _WHOSE)


@dataclass(frozen=True, slots=True)
class StrideFilm:
    """Small pictures of one whole stride from contact to contact, on one sheet, row by row."""

    file: str
    width_px: int
    """Of one picture."""
    height_px: int
    columns: int
    pictures: int
    cells: tuple[int, ...]
    """Which picture shows each of as many equal phases."""
    angles_deg: tuple[float, ...]
    """The knee's bend at each of these phases."""
    at: int
    """The phase of the highest bend."""


STILLS_FILE: Final = "stills.json"
"""Holds them, beside their pictures."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of one trusted stride at its highest knee flexion, kept beside the session."""

    which: str
    """`lowest` or `best`"""
    file: str
    t_s: float
    side: Side
    peak_deg: float
    target_deg: float
    """NaN where no target held."""
    min_hip_heel_ll: float
    sharpness: float = math.nan
    """Of the picture before anything was drawn into it; only to be compared with that of the other."""
    film: StrideFilm | None = None
    """The stride that it belongs to; None where that was not seen whole."""


_ROWS: Final = 256
"""Strides in one block: memory grows in steps of some 40 kB and is never moved."""
_UNKNOWN: Final = -1
_PACKED: Final = {"number": np.float64, "flag": np.bool_, "word": np.int8}
"""A word is kept as its place among those that its column can hold."""
_ROW: Final = np.dtype([(column.name, _PACKED[column.kind]) for column in STORED])


class StrideLog(Sequence[StrideRecord]):
    """Reads like a list of strides; each is unpacked when it is asked for. One writer, and it never shrinks."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray[Any, np.dtype[np.void]]] = []
        self._count = 0

    def append(self, stride: StrideRecord) -> None:
        """One more stride."""
        block, row = divmod(self._count, _ROWS)
        if block == len(self._blocks):
            self._blocks.append(np.zeros(_ROWS, _ROW))
        self._blocks[block][row] = tuple(
            _code(getattr(stride, column.name), column.words) if column.words else getattr(stride, column.name)
            for column in STORED
        )
        # Counted last: another thread that looks meanwhile never sees half a stride.
        self._count += 1

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> StrideRecord: ...

    @overload
    def __getitem__(self, index: slice) -> list[StrideRecord]: ...

    def __getitem__(self, index: int | slice) -> StrideRecord | list[StrideRecord]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"there are {self._count} strides, not one numbered {index}")
        block, row = divmod(index % self._count, _ROWS)
        return _unpacked(self._blocks[block][row].item())

    def __iter__(self) -> Iterator[StrideRecord]:
        return (self[i] for i in range(self._count))


def _unpacked(row: tuple[Any, ...]) -> StrideRecord:
    values: dict[str, Any] = {
        column.name: _word(value, column.words) if column.words else value
        for column, value in zip(STORED, row, strict=True)
    }
    return StrideRecord(**values)


def _code(word: str | None, words: tuple[str, ...]) -> int:
    return _UNKNOWN if word is None else words.index(word)


def _word(code: int, words: tuple[str, ...]) -> Any:
    return None if code == _UNKNOWN else words[code]
