"""The tables, how they came about, how the file is opened; and records ↔ rows.

WAL: a reader never waits for a run, and a killed process loses nothing that it had committed. NaN and None are NULL;
a number that is not known is never 0.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from coach.core.coaching.stride_record import STORED, StrideRecord
from coach.core.gait import View
from coach.core.gait.camera_view import CameraView
from coach.core.heart import HeartChange
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
from coach.core.session.session import Session, mean_cycles
from coach.core.session.summary import FIGURES, figures_of, summarise
from coach.core.units import FloatArray, nan_if_none, none_if_nan
from coach.edges.store.trouble import explained, is_closed, read_only_copy
from coach.errors import StoreError
from coach.plain_records import exact_row, plain, record_of
from coach.private import private_file

BUSY_S: Final = 10.0
"""How long one coach waits for another; a write takes milliseconds."""

_VERSION_1: Final = (
    """CREATE TABLE session (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'recovered')),
        started_at TEXT,
        source_kind TEXT NOT NULL, source_name TEXT NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL, nominal_fps REAL,
        facing TEXT,
        frames_total INTEGER NOT NULL DEFAULT 0, frames_with_pose INTEGER NOT NULL DEFAULT 0,
        first_s REAL, last_s REAL, measured_fps REAL,
        frames_dropped INTEGER, latencies TEXT NOT NULL DEFAULT '[]',
        settings TEXT NOT NULL DEFAULT '{}',
        duration_s REAL, cadence_spm REAL, near_peak_deg REAL, near_peak_sd_deg REAL, target_deg REAL,
        in_band_pct REAL, speed_mps REAL, distance_m REAL,
        strides_valid INTEGER, strides_valid_near INTEGER, strides_total INTEGER, cues_total INTEGER)""",
    """CREATE TABLE stride (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        side TEXT NOT NULL, near INTEGER NOT NULL,
        start_s REAL, end_s REAL, initial_contact_s REAL, toe_off_s REAL,
        peak_knee_flexion_deg REAL, peak_knee_flexion_s REAL, peak_knee_flexion_sd_deg REAL,
        min_hip_heel_ll REAL, heel_rise_ll REAL, cadence_spm REAL,
        contact_time_s REAL, contact_time_sd_s REAL, flight_time_s REAL, bounce_ll REAL,
        reject_reason TEXT,
        speed_mps REAL, speed_source TEXT, incline_pct REAL,
        low_deg REAL, target_deg REAL, high_deg REAL, stage TEXT,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
    """CREATE TABLE cue (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        t_s REAL NOT NULL, kind TEXT NOT NULL, side TEXT, text TEXT NOT NULL, channels TEXT NOT NULL,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
    """CREATE TABLE speed (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        t_s REAL NOT NULL, speed_mps REAL, source TEXT, incline_pct REAL,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
    """CREATE TABLE event (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        t_s REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
    # mean, sd: 101 little-endian int16 in 0.01°.
    """CREATE TABLE curve (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        start_s REAL NOT NULL, side TEXT NOT NULL, n INTEGER NOT NULL, mean BLOB NOT NULL, sd BLOB NOT NULL,
        PRIMARY KEY (session_id, start_s, side)) WITHOUT ROWID""",
    "CREATE TABLE profile (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL)",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_VERSION_1, ())
"""Statements that lead from version n to n + 1. Only ever appended to.

What is new in a record needs none: columns that a table lacks follow from the record's fields. A version is
counted where an older Coach could no longer write, as after version 1, when columns got other names.
"""
_LATER: Final = {
    "heart": """CREATE TABLE heart (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        t_s REAL NOT NULL, bpm REAL, source TEXT,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
}
"""Tables that came without a new version: an older Coach leaves them alone."""
_CAMERA: Final = {each.name: str(each.type) for each in fields(CameraView)}
"""How the camera was turned; NULL in what earlier versions kept, whose angles are the picture's own."""
_SQL_TYPES: Final = {"number": "REAL", "flag": "INTEGER", "word": "TEXT", "float": "REAL", "int": "INTEGER"}


def connect(path: Path) -> sqlite3.Connection:
    """The store's file, made or brought up to date. Raises StoreError with what to do.

    Where nothing can be written in its folder the connection is to a copy in memory, which can only be read. One
    thread at a time may use it.
    """
    there = path.exists()
    try:
        # Its log files take over its rights.
        private_file(path)
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        if there:
            return _reading(path)
        raise StoreError(f"cannot open the store {path}: {error}; choose another place with --data-dir") from None
    try:
        _set_up(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if there and is_closed(error):
            return _reading(path)
        raise StoreError(explained(error, path)) from None
    except StoreError:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten with zeros: `coach forget` means it.
    connection.execute("PRAGMA secure_delete = ON")
    _migrate(connection, path)


def _reading(path: Path) -> sqlite3.Connection:
    try:
        connection = read_only_copy(path)
        _set_up(connection, path)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise StoreError(explained(error, path)) from None
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the write lock is taken at once, so that two writers queue instead of failing half-way."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == len(MIGRATIONS) and not list(_lacking(connection)):
        return
    with transaction(connection):
        version = _version(connection)  # another coach may have been faster
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the store {path} was written by a newer Coach (version {version}, this one knows "
                f"{len(MIGRATIONS)}); update, or choose another place with --data-dir"
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        for statement in list(_lacking(connection)):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _lacking(connection: sqlite3.Connection) -> Iterator[str]:
    """The statements that add the tables of later days, and give each the columns that its record has by now."""
    tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    yield from (statement for name, statement in _LATER.items() if name not in tables)
    there = {row["name"] for row in connection.execute("PRAGMA table_info(stride)")}
    for column in STORED:
        if column.name not in there:
            former = next((name for name in column.note.formerly if name in there), None)
            yield (
                f"ALTER TABLE stride RENAME COLUMN {former} TO {column.name}"
                if former
                else f"ALTER TABLE stride ADD COLUMN {column.name} {_SQL_TYPES[column.kind]}"
            )
    there = {row["name"] for row in connection.execute("PRAGMA table_info(session)")}
    for name, kind in (FIGURES | _CAMERA).items():
        if name not in there:
            yield f"ALTER TABLE session ADD COLUMN {name} {_SQL_TYPES[kind]}"


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
    values: dict[str, object] = {
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
        "frames_dropped": quality.frames_dropped,
        "latencies": json.dumps(latencies),
        **{name: plain(value) for name, value in figures.items()},
    }
    _update_session(connection, session_id, values)


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
        view=View(row["facing"], record_of(CameraView, dict(row))),
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
        complete=row["state"] == "finished",
        heart=heart,
    )


def _rows(connection: sqlite3.Connection, table: str, session_id: int, order: str = "n") -> Iterator[dict[str, Any]]:
    found = connection.execute(
        f"SELECT * FROM {table} WHERE session_id = ? ORDER BY {order}",  # noqa: S608 - names from this module alone
        (session_id,),
    )
    return (dict(row) for row in found)


def _cue(row: dict[str, Any]) -> KeptCue:
    return record_of(KeptCue, {**row, "channels": tuple(filter(None, row["channels"].split(",")))})


def _curve(row: dict[str, Any]) -> CurveBlock:
    return CurveBlock(row["side"], row["start_s"], Cycle(_unpacked(row["mean"]), _unpacked(row["sd"]), row["n"]))


def _packed(values: FloatArray) -> bytes:
    return np.round(values * _CENTIDEGREES).astype("<i2").tobytes()


def _unpacked(blob: bytes) -> FloatArray:
    return np.frombuffer(blob, dtype="<i2").astype(np.float64) / _CENTIDEGREES
