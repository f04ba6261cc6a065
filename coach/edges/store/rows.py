"""Records ↔ rows. NaN and None are NULL; a number that is not known is never 0."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.coaching.cues import CueKind
from coach.core.gait import Stride, View
from coach.core.gait.quality import RejectReason
from coach.core.session.records import (
    CurveBlock,
    Cycle,
    FrameFacts,
    KeptCue,
    KeptStride,
    Latency,
    SessionEvent,
    Setting,
    SourceFacts,
    SpeedChange,
)
from coach.core.session.session import Session, mean_cycles
from coach.core.session.summary import SessionSummary, summarise
from coach.core.speed.belt_speed import SpeedOrigin
from coach.core.units import FloatArray

_MEASURED: Final = tuple(f.name for f in fields(Stride) if f.name not in ("side", "near", "reject_reason"))
_STRIDE_COLUMNS: Final = (
    "session_id",
    "n",
    "side",
    "near",
    *_MEASURED,
    "reject_reason",
    "speed_mps",
    "speed_source",
    "incline_pct",
    "low_deg",
    "target_deg",
    "high_deg",
    "stage",
)
_PUT_STRIDE: Final = (
    f"INSERT INTO stride ({', '.join(_STRIDE_COLUMNS)}) VALUES ({', '.join('?' * len(_STRIDE_COLUMNS))})"  # noqa: S608
)
_CENTIDEGREES: Final = 100.0


def put_strides(connection: sqlite3.Connection, session_id: int, first: int, strides: Sequence[KeptStride]) -> None:
    """Append strides, the first of which is the session's stride number `first`."""
    connection.executemany(
        _PUT_STRIDE, [_stride_row(session_id, n, kept) for n, kept in enumerate(strides, start=first)]
    )


def put_cues(connection: sqlite3.Connection, session_id: int, first: int, cues: Sequence[KeptCue]) -> None:
    """Write cues from number `first` on, over those that were written before their delivery was known."""
    connection.executemany(
        "INSERT OR REPLACE INTO cue (session_id, n, t_s, kind, side, text, channels) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (session_id, n, cue.t_s, str(cue.kind), cue.side, cue.text, ",".join(cue.channels))
            for n, cue in enumerate(cues, start=first)
        ],
    )


def put_speeds(connection: sqlite3.Connection, session_id: int, first: int, speeds: Sequence[SpeedChange]) -> None:
    """Append speed changes."""
    connection.executemany(
        "INSERT INTO speed (session_id, n, t_s, speed_mps, source, incline_pct) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (session_id, n, s.t_s, _null(s.speed_mps), _text(s.source), _null(s.incline_pct))
            for n, s in enumerate(speeds, start=first)
        ],
    )


def put_events(connection: sqlite3.Connection, session_id: int, first: int, events: Sequence[SessionEvent]) -> None:
    """Append events."""
    connection.executemany(
        "INSERT INTO event (session_id, n, t_s, kind, detail) VALUES (?, ?, ?, ?, ?)",
        [(session_id, n, e.t_s, e.kind, e.detail) for n, e in enumerate(events, start=first)],
    )


def put_curves(connection: sqlite3.Connection, session_id: int, curves: Iterable[CurveBlock]) -> None:
    """Write blocks of the mean curve, over what those blocks held before."""
    connection.executemany(
        "INSERT OR REPLACE INTO curve (session_id, start_s, side, n, mean, sd) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (session_id, b.start_s, b.side, b.cycle.n, _packed(b.cycle.mean_deg), _packed(b.cycle.sd_deg))
            for b in curves
        ],
    )


def put_progress(connection: sqlite3.Connection, session_id: int, frames: FrameFacts, view: View) -> None:
    """How far the run has come."""
    connection.execute(
        "UPDATE session SET frames_total = ?, frames_with_pose = ?, first_s = ?, last_s = ?, measured_fps = ?,"
        " facing = ? WHERE id = ?",
        (
            frames.total,
            frames.with_pose,
            _null(frames.first_s),
            _null(frames.last_s),
            _null(frames.measured_fps),
            view.facing,
            session_id,
        ),
    )


def put_summary(connection: sqlite3.Connection, session_id: int, state: str, session: Session) -> None:
    """The figures that history shows without reading the strides, and that the run is over."""
    summary = session.summary
    latencies = [[latency.name, _null(latency.p50_ms), _null(latency.p95_ms)] for latency in summary.quality.latencies]
    connection.execute(
        "UPDATE session SET state = ?, duration_s = ?, cadence_spm = ?, near_peak_deg = ?, near_peak_sd_deg = ?,"
        " target_deg = ?, in_band_pct = ?, speed_mps = ?, distance_m = ?, strides_valid = ?, strides_valid_near = ?,"
        " strides_total = ?, cues_total = ?, frames_dropped = ?, latencies = ? WHERE id = ?",
        (
            state,
            *_figures(summary),
            summary.strides_valid,
            summary.strides_valid_near,
            len(session.strides),
            len(session.cues),
            summary.quality.frames_dropped,
            json.dumps(latencies),
            session_id,
        ),
    )


def _figures(summary: SessionSummary) -> tuple[float | None, ...]:
    near = summary.peak_knee_flexion_near
    return tuple(
        _null(value)
        for value in (
            summary.duration_s,
            summary.cadence_spm,
            near.mean,
            near.sd,
            summary.target_deg,
            summary.in_band_pct,
            summary.speed.mean_mps,
            summary.speed.distance_m,
        )
    )


def read_session(connection: sqlite3.Connection, row: sqlite3.Row) -> Session:
    """The session of a row of `session`, with everything that was kept of it."""
    session_id = row["id"]
    strides = tuple(_stride(r) for r in _rows(connection, "stride", session_id))
    cues = tuple(_cue(r) for r in _rows(connection, "cue", session_id))
    speeds = tuple(_speed(r) for r in _rows(connection, "speed", session_id))
    curves = tuple(_curve(r) for r in _rows(connection, "curve", session_id, "start_s, side"))
    frames = FrameFacts(
        row["frames_total"],
        row["frames_with_pose"],
        _nan(row["first_s"]),
        _nan(row["last_s"]),
        _nan(row["measured_fps"]),
    )
    latencies = tuple(Latency(name, _nan(p50), _nan(p95)) for name, p50, p95 in json.loads(row["latencies"]))
    return Session(
        source=SourceFacts(
            row["source_kind"], row["source_name"], row["width"], row["height"], _nan(row["nominal_fps"])
        ),
        view=View(row["facing"]),
        frames=frames,
        strides=strides,
        cues=cues,
        speeds=speeds,
        events=tuple(SessionEvent(r["t_s"], r["kind"], r["detail"]) for r in _rows(connection, "event", session_id)),
        curves=curves,
        cycles=mean_cycles(curves),
        settings=tuple(Setting(key, value) for key, value in json.loads(row["settings"]).items()),
        summary=summarise(frames, strides, cues, speeds, frames_dropped=row["frames_dropped"], latencies=latencies),
        started_at=row["started_at"],
        session_id=session_id,
        complete=row["state"] == "finished",
    )


def _rows(connection: sqlite3.Connection, table: str, session_id: int, order: str = "n") -> Iterable[sqlite3.Row]:
    return connection.execute(
        f"SELECT * FROM {table} WHERE session_id = ? ORDER BY {order}",  # noqa: S608 - names from this module alone
        (session_id,),
    )


def _stride_row(session_id: int, n: int, kept: KeptStride) -> tuple[Any, ...]:
    stride = kept.stride
    return (
        session_id,
        n,
        stride.side,
        int(stride.near),
        *(_null(getattr(stride, name)) for name in _MEASURED),
        _text(stride.reject_reason),
        _null(kept.speed_mps),
        _text(kept.speed_source),
        _null(kept.incline_pct),
        _null(kept.low_deg),
        _null(kept.target_deg),
        _null(kept.high_deg),
        _text(kept.stage),
    )


def _stride(row: sqlite3.Row) -> KeptStride:
    reason, source, stage = row["reject_reason"], row["speed_source"], row["stage"]
    return KeptStride(
        stride=Stride(
            side=row["side"],
            near=bool(row["near"]),
            **{name: _nan(row[name]) for name in _MEASURED},
            reject_reason=None if reason is None else RejectReason(reason),
        ),
        speed_mps=_nan(row["speed_mps"]),
        speed_source=None if source is None else SpeedOrigin(source),
        incline_pct=_nan(row["incline_pct"]),
        low_deg=_nan(row["low_deg"]),
        target_deg=_nan(row["target_deg"]),
        high_deg=_nan(row["high_deg"]),
        stage=None if stage is None else Stage(stage),
    )


def _cue(row: sqlite3.Row) -> KeptCue:
    channels = tuple(filter(None, row["channels"].split(",")))
    return KeptCue(row["t_s"], CueKind(row["kind"]), row["side"], row["text"], channels)


def _speed(row: sqlite3.Row) -> SpeedChange:
    source = row["source"]
    origin = None if source is None else SpeedOrigin(source)
    return SpeedChange(row["t_s"], _nan(row["speed_mps"]), origin, _nan(row["incline_pct"]))


def _curve(row: sqlite3.Row) -> CurveBlock:
    return CurveBlock(row["side"], row["start_s"], Cycle(_unpacked(row["mean"]), _unpacked(row["sd"]), row["n"]))


def _packed(values: FloatArray) -> bytes:
    return np.round(values * _CENTIDEGREES).astype("<i2").tobytes()


def _unpacked(blob: bytes) -> FloatArray:
    return np.frombuffer(blob, dtype="<i2").astype(np.float64) / _CENTIDEGREES


def _null(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)
