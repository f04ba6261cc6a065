"""What stands in the tables of a dataset, column by column. `docs/batch.md` documents them.

A value that is not known is null, never 0 and never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from coach.core.session.records import Cycle, KeptStride
from coach.core.session.session import Session

SCHEMA: Final = "coach.dataset/1"
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


Row = Mapping[str, object]
Column = tuple[str, str]

_KEY: Final[tuple[Column, ...]] = (("content_sha256", "string"),)
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
        ("source_kind", "string"),
        ("width", "int32"),
        ("height", "int32"),
        ("nominal_fps", "double"),
        ("measured_fps", "double"),
        ("near_side", "string"),
        ("frames_total", "int64"),
        ("frames_with_pose", "int64"),
        ("duration_s", "double"),
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
        ("contact_time_s", "double"),
        ("flight_time_s", "double"),
        ("bounce_ll", "double"),
        ("min_hip_heel_ll", "double"),
        ("heel_rise_ll", "double"),
    ),
    "strides": (
        *_KEY,
        ("number", "int32"),
        ("side", "string"),
        ("near", "bool"),
        ("start_s", "double"),
        ("end_s", "double"),
        ("initial_contact_s", "double"),
        ("toe_off_s", "double"),
        ("peak_knee_flexion_deg", "double"),
        ("peak_knee_flexion_s", "double"),
        ("peak_knee_flexion_sd_deg", "double"),
        ("min_hip_heel_ll", "double"),
        ("heel_rise_ll", "double"),
        ("cadence_spm", "double"),
        ("contact_time_s", "double"),
        ("flight_time_s", "double"),
        ("bounce_ll", "double"),
        ("speed_mps", "double"),
        ("speed_source", "string"),
        ("incline_pct", "double"),
        ("low_deg", "double"),
        ("target_deg", "double"),
        ("high_deg", "double"),
        ("valid", "bool"),
        ("reject_reason", "string"),
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
        "seconds": _known(record.seconds),
        "status": "failed" if failure else "done",
        "failure_kind": failure.kind if failure else None,
        "reason": failure.reason if failure else None,
    }
    if record.session is not None:
        row |= _run(record.session)
    return [row]


def _run(session: Session) -> dict[str, object]:
    summary, source = session.summary, session.source
    peak = summary.peak_knee_flexion_deg
    return {
        "source_kind": source.kind,
        "width": source.width,
        "height": source.height,
        "nominal_fps": _known(source.nominal_fps),
        "measured_fps": _known(session.frames.measured_fps),
        "near_side": session.view.near_side,
        "frames_total": session.frames.total,
        "frames_with_pose": session.frames.with_pose,
        "duration_s": _known(summary.duration_s),
        "speed_mean_mps": _known(summary.speed.mean_mps),
        "speed_sources": list(summary.speed.sources),
        "strides_valid": summary.strides_valid,
        "strides_rejected": len(session.strides) - summary.strides_valid,
        "cadence_spm": _known(summary.cadence_spm),
        "peak_knee_flexion_near_deg": _known(peak.near),
        "peak_knee_flexion_left_deg": _known(peak.left),
        "peak_knee_flexion_right_deg": _known(peak.right),
        "peak_knee_flexion_near_sd_deg": _known(summary.peak_knee_flexion_near.sd),
        "target_deg": _known(summary.target_deg),
        "in_band_pct": _known(summary.in_band_pct),
        "contact_time_s": _known(summary.contact_time_s.mean),
        "flight_time_s": _known(summary.flight_time_s.mean),
        "bounce_ll": _known(summary.bounce_ll.mean),
        "min_hip_heel_ll": _known(summary.min_hip_heel_ll.mean),
        "heel_rise_ll": _known(summary.heel_rise_ll.mean),
    }


def stride_rows(record: VideoRecord) -> list[Row]:
    """One row a stride, rejected ones with their reason."""
    strides = record.session.strides if record.session else ()
    return [_stride(record.content_sha256, number, kept) for number, kept in enumerate(strides)]


def _stride(content: str, number: int, kept: KeptStride) -> Row:
    stride = kept.stride
    return {
        "content_sha256": content,
        "number": number,
        "side": stride.side,
        "near": stride.near,
        "start_s": _known(stride.start_s),
        "end_s": _known(stride.end_s),
        "initial_contact_s": _known(stride.initial_contact_s),
        "toe_off_s": _known(stride.toe_off_s),
        "peak_knee_flexion_deg": _known(stride.peak_knee_flexion_deg),
        "peak_knee_flexion_s": _known(stride.peak_knee_flexion_s),
        "peak_knee_flexion_sd_deg": _known(stride.peak_knee_flexion_sd_deg),
        "min_hip_heel_ll": _known(stride.min_hip_heel_ll),
        "heel_rise_ll": _known(stride.heel_rise_ll),
        "cadence_spm": _known(stride.cadence_spm),
        "contact_time_s": _known(stride.contact_time_s),
        "flight_time_s": _known(stride.flight_time_s),
        "bounce_ll": _known(stride.bounce_ll),
        "speed_mps": _known(kept.speed_mps),
        "speed_source": str(kept.speed_source) if kept.speed_source else None,
        "incline_pct": _known(kept.incline_pct),
        "low_deg": _known(kept.low_deg),
        "target_deg": _known(kept.target_deg),
        "high_deg": _known(kept.high_deg),
        "valid": stride.valid,
        "reject_reason": str(stride.reject_reason) if stride.reject_reason else None,
    }


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
        "mean_deg": [_known(round(float(value), _CURVE_DIGITS)) for value in cycle.mean_deg],
        "sd_deg": [_known(round(float(value), _CURVE_DIGITS)) for value in cycle.sd_deg],
    }


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


ROWS_OF: Final[Mapping[str, Callable[[VideoRecord], list[Row]]]] = {
    "sessions": session_rows,
    "strides": stride_rows,
    "curves": curve_rows,
}
