"""What stands in the tables of a dataset, column by column. `docs/batch.md` documents them.

A value that is not known is null, never 0 and never NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from coach.core.coaching.stride_record import STRIDE_COLUMNS, SUMMED
from coach.core.notices import WAYS
from coach.core.session.records import Cycle
from coach.core.session.session import Session
from coach.core.units import none_if_nan
from coach.plain_records import exact_row

SCHEMA: Final = "coach.dataset/3"
"""Since 2 `strides` has every column of a stride, and band and vertical oscillation their names of everywhere; since 3
`sessions` has `notices`."""
FORMER_SCHEMAS: Final = ("coach.dataset/1", "coach.dataset/2")
_CURVE_DIGITS: Final = 2
"""As in a session's JSON: a hundredth of a degree."""

FailureKind = Literal["source", "format", "no_runner", "speed", "worker_died", "unforeseen"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing could be measured, in one line."""

    kind: FailureKind
    reason: str


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """All that came of one video: a session or a failure, never both."""

    content_sha256: str
    settings_sha256: str
    path: str
    """Absolute, as it was when it was read."""
    name: str
    """Within the archive, parts joined by `/`."""
    size_bytes: int
    modified_ns: int
    coach_version: str
    seconds: float
    """What the analysis took; NaN where a worker died of it."""
    session: Session | None = None
    failure: Failure | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """What was told about file and belt, each once in the order it came; empty for a failure."""
        events = self.session.events if self.session else ()
        told = (event.detail for event in events if event.kind in _TOLD)
        return tuple(dict.fromkeys(filter(None, told)))


_TOLD: Final = frozenset(kind for kind, ways in WAYS.items() if ways.kept and ways.printed)
"""Kinds of events that `coach analyze` has on the terminal, too."""
Row = Mapping[str, object]
Column = tuple[str, str]

_KEY: Final[tuple[Column, ...]] = (("content_sha256", "string"),)
_TYPES: Final = {"number": "double", "flag": "bool", "word": "string"}
COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "sessions": (
        *_KEY,
        ("settings_sha256", "string"),
        ("path", "string"),
        ("name", "string"),
        ("size_bytes", "int64"),
        ("modified_ns", "int64"),
        ("coach_version", "string"),
        ("seconds", "double"),
        ("status", "string"),
        ("failure_kind", "string"),
        ("reason", "string"),
        ("notices", "list<string>"),
        ("source_kind", "string"),
        ("width", "int32"),
        ("height", "int32"),
        ("nominal_fps", "double"),
        ("measured_fps", "double"),
        ("near_side", "string"),
        ("frames_total", "int64"),
        ("frames_with_pose", "int64"),
        ("duration_s", "double"),
        ("running_s", "double"),
        ("speed_mean_mps", "double"),
        ("speed_sources", "list<string>"),
        ("strides_valid", "int64"),
        ("strides_rejected", "int64"),
        ("cadence_spm", "double"),
        ("peak_knee_flexion_near_deg", "double"),
        ("peak_knee_flexion_left_deg", "double"),
        ("peak_knee_flexion_right_deg", "double"),
        ("peak_knee_flexion_near_sd_deg", "double"),
        ("target_deg", "double"),
        ("in_band_pct", "double"),
        *((column.name, "double") for column in SUMMED),
    ),
    "strides": (
        *_KEY,
        ("number", "int32"),
        *((column.name, _TYPES[column.kind]) for column in STRIDE_COLUMNS),
    ),
    "curves": (
        *_KEY,
        ("side", "string"),
        ("scope", "string"),
        ("start_s", "double"),
        ("n", "int32"),
        ("mean_deg", "list<double>"),
        ("sd_deg", "list<double>"),
    ),
}


def arrow_schema(table: str) -> Any:
    """The table's schema for pyarrow, marked with the dataset's."""
    import pyarrow as pa  # noqa: PLC0415 - an optional extra

    types = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "list<string>": pa.list_(pa.string()),
        "list<double>": pa.list_(pa.float64()),
    }
    return pa.schema([(name, types[kind]) for name, kind in COLUMNS[table]], metadata={"schema": SCHEMA})


def session_rows(record: VideoRecord) -> list[Row]:
    """One row: the video, and the run in a few numbers or why there is none."""
    failure = record.failure
    row: dict[str, object] = {
        "content_sha256": record.content_sha256,
        "settings_sha256": record.settings_sha256,
        "path": record.path,
        "name": record.name,
        "size_bytes": record.size_bytes,
        "modified_ns": record.modified_ns,
        "coach_version": record.coach_version,
        "seconds": none_if_nan(record.seconds),
        "status": "failed" if failure else "done",
        "failure_kind": failure.kind if failure else None,
        "reason": failure.reason if failure else None,
    }
    if record.session is not None:
        row |= {"notices": list(record.notices)} | _run(record.session)
    return [row]


def _run(session: Session) -> dict[str, object]:
    summary, source = session.summary, session.source
    peak = summary.peak_knee_flexion_deg
    return {
        "source_kind": source.kind,
        "width": source.width,
        "height": source.height,
        "nominal_fps": none_if_nan(source.nominal_fps),
        "measured_fps": none_if_nan(session.frames.measured_fps),
        "near_side": session.view.near_side,
        "frames_total": session.frames.total,
        "frames_with_pose": session.frames.with_pose,
        "duration_s": none_if_nan(summary.duration_s),
        "running_s": none_if_nan(summary.running_s),
        "speed_mean_mps": none_if_nan(summary.speed.mean_mps),
        "speed_sources": list(summary.speed.sources),
        "strides_valid": summary.strides_valid,
        "strides_rejected": len(session.strides) - summary.strides_valid,
        "cadence_spm": none_if_nan(summary.cadence_spm),
        "peak_knee_flexion_near_deg": none_if_nan(peak.near),
        "peak_knee_flexion_left_deg": none_if_nan(peak.left),
        "peak_knee_flexion_right_deg": none_if_nan(peak.right),
        "peak_knee_flexion_near_sd_deg": none_if_nan(summary.peak_knee_flexion_near.sd),
        "target_deg": none_if_nan(summary.target_deg),
        "in_band_pct": none_if_nan(summary.in_band_pct),
        **{column.name: none_if_nan(summary.spreads[column.name].mean) for column in SUMMED},
    }


def stride_rows(record: VideoRecord) -> list[Row]:
    """One row a stride, rejected ones with their reason."""
    strides = record.session.strides if record.session else ()
    return [
        {"content_sha256": record.content_sha256, "number": number, **exact_row(stride, STRIDE_COLUMNS)}
        for number, stride in enumerate(strides)
    ]


def curve_rows(record: VideoRecord) -> list[Row]:
    """The mean cycle of each leg over the whole run, and over every block of it."""
    if record.session is None:
        return []
    content = record.content_sha256
    whole = [_curve(content, side, "run", None, cycle) for side, cycle in record.session.cycles.items()]
    blocks = [_curve(content, block.side, "block", block.start_s, block.cycle) for block in record.session.curves]
    return whole + blocks


def _curve(content: str, side: str, scope: str, start_s: float | None, cycle: Cycle) -> Row:
    return {
        "content_sha256": content,
        "side": side,
        "scope": scope,
        "start_s": start_s,
        "n": cycle.n,
        "mean_deg": [none_if_nan(value, _CURVE_DIGITS) for value in cycle.mean_deg],
        "sd_deg": [none_if_nan(value, _CURVE_DIGITS) for value in cycle.sd_deg],
    }


def at_present(table: str, read: Any) -> Any:
    """A table of pyarrow as it was written by this or an earlier version, with today's columns.

    A column that has another name by now is found under its former one; what was not written then is null.
    """
    import pyarrow as pa  # noqa: PLC0415

    schema = arrow_schema(table)
    if read.schema.equals(schema):
        return read
    formerly = {column.name: column.note.formerly for column in STRIDE_COLUMNS}
    there = set(read.column_names)

    def column(name: str, kind: Any) -> Any:
        found = next((known for known in (name, *formerly.get(name, ())) if known in there), None)
        return pa.nulls(len(read), kind) if found is None else read[found]

    return pa.table([column(one.name, one.type) for one in schema], schema=schema)


ROWS_OF: Final[Mapping[str, Callable[[VideoRecord], list[Row]]]] = {
    "sessions": session_rows,
    "strides": stride_rows,
    "curves": curve_rows,
}
