"""Records ↔ rows of the store's tables. NaN and None are NULL; a number that is not known is never 0."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import numpy as np

from coach.core.coaching.stride_record import STORED, StrideRecord
from coach.core.gait import View
from coach.core.gait.camera_view import CameraView
from coach.core.heart import HeartChange
from coach.core.session.near_leg import view_of
from coach.core.session.records import (
    CurveBlock,
    Cycle,
    FrameFacts,
    KeptCue,
    Latency,
    SessionEvent,
    Setting,
    SourceFacts,
    SpeedChange,
)
from coach.core.session.running_time import run_since_strides
from coach.core.session.seen import Seen, reading_of
from coach.core.session.session import Session, mean_cycles
from coach.core.session.summary import figures_of, summarise
from coach.core.units import FloatArray, nan_if_none, none_if_nan
from coach.plain_records import exact_row, json_value, plain, record_of

_STRIDE_COLUMNS: Final = ("session_id", "n", *(column.name for column in STORED))
_PUT_STRIDE: Final = (
    f"INSERT INTO stride ({', '.join(_STRIDE_COLUMNS)}) VALUES ({', '.join('?' * len(_STRIDE_COLUMNS))})"  # noqa: S608
)
_CENTIDEGREES: Final = 100.0


def put_strides(connection: sqlite3.Connection, session_id: int, first: int, strides: Sequence[StrideRecord]) -> None:
    """Append strides, the first of which is the session's stride number `first`."""
    connection.executemany(
        _PUT_STRIDE,
        [(session_id, n, *exact_row(stride, STORED).values()) for n, stride in enumerate(strides, start=first)],
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
            (session_id, n, s.t_s, none_if_nan(s.speed_mps), plain(s.source), none_if_nan(s.incline_pct))
            for n, s in enumerate(speeds, start=first)
        ],
    )


def put_heart(connection: sqlite3.Connection, session_id: int, first: int, heart: Sequence[HeartChange]) -> None:
    """Append changes of the heart rate."""
    connection.executemany(
        "INSERT INTO heart (session_id, n, t_s, bpm, source) VALUES (?, ?, ?, ?, ?)",
        [(session_id, n, h.t_s, none_if_nan(h.bpm), plain(h.source)) for n, h in enumerate(heart, start=first)],
    )


def put_events(connection: sqlite3.Connection, session_id: int, first: int, events: Sequence[SessionEvent]) -> None:
    """Append events."""
    connection.executemany(
        "INSERT INTO event (session_id, n, t_s, kind, detail, noted) VALUES (?, ?, ?, ?, ?, ?)",
        [(session_id, n, e.t_s, e.kind, e.detail, e.noted) for n, e in enumerate(events, start=first)],
    )


def replace_events(connection: sqlite3.Connection, session_id: int, events: Sequence[SessionEvent]) -> None:
    """Write events over those that were written while the run went on: the end may tell when something began."""
    connection.execute("DELETE FROM event WHERE session_id = ?", (session_id,))
    put_events(connection, session_id, 0, events)


def put_curves(connection: sqlite3.Connection, session_id: int, curves: Iterable[CurveBlock]) -> None:
    """Write blocks of the mean curve, over what those blocks held before."""
    connection.executemany(
        "INSERT OR REPLACE INTO curve (session_id, start_s, side, n, mean, sd) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (session_id, b.start_s, b.side, b.cycle.n, _packed(b.cycle.mean_deg), _packed(b.cycle.sd_deg))
            for b in curves
        ],
    )


def put_progress(
    connection: sqlite3.Connection, session_id: int, frames: FrameFacts, view: View, started_at: str | None
) -> None:
    """How far the run has come, and when its first frame was."""
    values: dict[str, object] = {
        "started_at": started_at,
        "frames_total": frames.total,
        "frames_with_pose": frames.with_pose,
        "first_s": none_if_nan(frames.first_s),
        "last_s": none_if_nan(frames.last_s),
        "measured_fps": none_if_nan(frames.measured_fps),
        "facing": view.facing,
        **{name: none_if_nan(value) for name, value in asdict(view.camera).items()},
    }
    _update_session(connection, session_id, values)


def _update_session(connection: sqlite3.Connection, session_id: int, values: dict[str, object]) -> None:
    connection.execute(
        f"UPDATE session SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?",  # noqa: S608 - own names
        (*values.values(), session_id),
    )


def put_summary(connection: sqlite3.Connection, session_id: int, state: str, session: Session) -> None:
    """The figures that history shows without reading the strides, and that the run is over."""
    quality = session.summary.quality
    figures = figures_of(session.summary, len(session.strides), len(session.cues))
    latencies = [
        [latency.name, none_if_nan(latency.p50_ms), none_if_nan(latency.p95_ms)] for latency in quality.latencies
    ]
    values: dict[str, object] = {
        "state": state,
        "facing": session.view.facing,
        "frames_dropped": quality.frames_dropped,
        "latencies": json.dumps(latencies),
        **{name: plain(value) for name, value in figures.items()},
    }
    _update_session(connection, session_id, values)


def finish_cut_short(connection: sqlite3.Connection, row: sqlite3.Row) -> Session:
    """End a session that did not end itself from what there is: its events as its own end would have told them."""
    noted = read_session(connection, row)
    replace_events(connection, row["id"], run_since_strides(noted.events, noted.strides))
    session = read_session(connection, row)
    put_summary(connection, row["id"], "recovered", session)
    return session


def started_unix_s(started_at: str | None) -> float:
    """Seconds since 1970 of a start, ISO 8601; 0 where it is not known."""
    try:
        return 0.0 if started_at is None else datetime.fromisoformat(started_at).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def seen_of(row: sqlite3.Row) -> Seen:
    """How the session of a row of `session` was seen. Raises ValueError or TypeError where its settings are none."""
    settings = dict(json_value(row["settings"]))
    camera = record_of(CameraView, by_name(row))
    near = View(row["facing"], camera).near_side
    return Seen(near, row["source_kind"], row["source_name"], reading_of(settings.get), camera.yaw_deg)


def read_session(connection: sqlite3.Connection, row: sqlite3.Row) -> Session:
    """The session of a row of `session`, with everything that was kept of it."""
    session_id = row["id"]
    strides = tuple(record_of(StrideRecord, r) for r in _rows(connection, "stride", session_id))
    cues = tuple(_cue(r) for r in _rows(connection, "cue", session_id))
    speeds = tuple(record_of(SpeedChange, r) for r in _rows(connection, "speed", session_id))
    curves = tuple(_curve(r) for r in _rows(connection, "curve", session_id, "start_s, side"))
    events = tuple(record_of(SessionEvent, r) for r in _rows(connection, "event", session_id))
    heart = tuple(record_of(HeartChange, r) for r in _rows(connection, "heart", session_id))
    frames = FrameFacts(
        row["frames_total"],
        row["frames_with_pose"],
        nan_if_none(row["first_s"]),
        nan_if_none(row["last_s"]),
        nan_if_none(row["measured_fps"]),
    )
    latencies = tuple(
        Latency(name, nan_if_none(p50), nan_if_none(p95)) for name, p50, p95 in json.loads(row["latencies"])
    )
    return Session(
        source=SourceFacts(
            row["source_kind"], row["source_name"], row["width"], row["height"], nan_if_none(row["nominal_fps"])
        ),
        view=view_of(View(row["facing"], record_of(CameraView, by_name(row))), strides),
        frames=frames,
        strides=strides,
        cues=cues,
        speeds=speeds,
        events=events,
        curves=curves,
        cycles=mean_cycles(curves),
        settings=tuple(Setting(key, value) for key, value in json.loads(row["settings"]).items()),
        summary=summarise(
            frames, strides, cues, speeds, events, heart, frames_dropped=row["frames_dropped"], latencies=latencies
        ),
        started_at=row["started_at"],
        session_id=session_id,
        runner=_runner_name(connection, row["runner_id"]),
        note=row["note"],
        complete=row["state"] == "finished",
        heart=heart,
    )


def by_name(row: sqlite3.Row) -> dict[str, Any]:
    """A row as a dictionary; `dict(row)` looks for each of its hundred names among all of them."""
    return dict(zip(row.keys(), row, strict=True))


def _runner_name(connection: sqlite3.Connection, runner_id: int) -> str:
    return str(connection.execute("SELECT name FROM runner WHERE id = ?", (runner_id,)).fetchone()["name"])


def _rows(connection: sqlite3.Connection, table: str, session_id: int, order: str = "n") -> Iterator[dict[str, Any]]:
    found = connection.execute(
        f"SELECT * FROM {table} WHERE session_id = ? ORDER BY {order}",  # noqa: S608 - names from this module alone
        (session_id,),
    )
    return map(by_name, found)


def _cue(row: dict[str, Any]) -> KeptCue:
    return record_of(KeptCue, {**row, "channels": tuple(filter(None, row["channels"].split(",")))})


def _curve(row: dict[str, Any]) -> CurveBlock:
    return CurveBlock(row["side"], row["start_s"], Cycle(_unpacked(row["mean"]), _unpacked(row["sd"]), row["n"]))


def _packed(values: FloatArray) -> bytes:
    return np.round(values * _CENTIDEGREES).astype("<i2").tobytes()


def _unpacked(blob: bytes) -> FloatArray:
    return np.frombuffer(blob, dtype="<i2").astype(np.float64) / _CENTIDEGREES
