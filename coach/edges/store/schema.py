"""How the store's file came about and is opened: tables, versions, transactions.

WAL: a reader never waits for a run, and a killed process loses nothing that it had committed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Final

from coach.core.coaching.guards import STEEP_PCT
from coach.core.coaching.stride_record import STORED
from coach.core.gait.camera_view import CameraView
from coach.core.session.summary import FIGURES
from coach.edges.store.trouble import BROKEN, explained, is_closed, read_only_copy
from coach.errors import StoreError
from coach.paths import in_words, is_file
from coach.private import private_file, without_password

STORE_FILE: Final = "sessions.db"
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

_VERSION_3: Final = (
    """CREATE TABLE runner (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE,
        height_cm REAL, profile TEXT NOT NULL DEFAULT '{}')""",
    # Everything that was kept before there were several runners is the first one's.
    "INSERT INTO runner (id, name, folded) VALUES (1, '', '')",
    "UPDATE runner SET profile = (SELECT content FROM profile) WHERE EXISTS (SELECT 1 FROM profile)",
    "DROP TABLE profile",
    "ALTER TABLE session ADD COLUMN runner_id INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE session ADD COLUMN note TEXT NOT NULL DEFAULT ''",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_VERSION_1, (), _VERSION_3)
"""Statements that lead from version n to n + 1. Only ever appended to.

What is new in a record needs none: columns that a table lacks follow from the record's fields. A version is
counted where an older Coach could no longer write, as after version 1, when columns got other names, or would mix
up what belongs to several runners, as after version 2.
"""
_LATER: Final = {
    "heart": """CREATE TABLE heart (
        session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        t_s REAL NOT NULL, bpm REAL, source TEXT,
        PRIMARY KEY (session_id, n)) WITHOUT ROWID""",
}
"""Tables that came without a new version: an older Coach leaves them alone."""
_FROM_STRIDES: Final = {
    "incline_pct": (
        """UPDATE session SET incline_pct = (SELECT AVG(COALESCE(incline_pct, 0)) FROM stride
        WHERE session_id = session.id AND near AND reject_reason IS NULL) WHERE state != 'running'""",
    ),
    # What was told of a run on several inclines was the mean of them all: it is told of none.
    "main_speed_mps": (
        """UPDATE session SET main_speed_mps = (SELECT AVG(speed_mps) FROM stride
        WHERE session_id = session.id AND near AND reject_reason IS NULL) WHERE state != 'running'""",
        f"""UPDATE session SET main_speed_mps = NULL, above_usual_deg = NULL, incline_pct = NULL
        WHERE (SELECT ROUND(MAX(COALESCE(incline_pct, 0)) - MIN(COALESCE(incline_pct, 0)), 6) FROM stride
        WHERE session_id = session.id AND near AND reject_reason IS NULL) >= {STEEP_PCT}""",  # noqa: S608 - a constant
    ),
}
"""Figures of a session that its strides tell, for what was kept before the figure was."""
BARE: Final = (
    """UPDATE session SET source_name = without_password(source_name)
    WHERE source_kind = 'stream' AND typeof(source_name) = 'text'""",
    """UPDATE session SET settings = json_set(settings, '$."camera.source"',
    without_password(json_extract(settings, '$."camera.source"')))
    WHERE json_valid(settings) AND json_type(settings, '$."camera.source"') = 'text'""",
)
"""A camera's address was once kept with its password: it goes whenever a store is brought up to date."""
_CAMERA: Final = {each.name: str(each.type) for each in fields(CameraView)}
"""How the camera was turned; NULL in what earlier versions kept, whose angles are the picture's own."""
_SQL_TYPES: Final = {"number": "REAL", "flag": "INTEGER", "word": "TEXT", "float": "REAL", "int": "INTEGER"}


def connect(path: Path) -> sqlite3.Connection:
    """The store's file, made or brought up to date. Raises StoreError with what to do.

    Where nothing can be written in its folder the connection is to a copy in memory, which can only be read. One
    thread at a time may use it.
    """
    there = is_file(path)
    try:
        # Its log files take over its rights.
        private_file(path)
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        if there:
            return _reading(path)
        why = in_words(error) if isinstance(error, OSError) else error
        raise StoreError(f"cannot open the store {path}: {why}; choose another place with --data-dir") from None
    try:
        _set_up(connection, path)
    except BROKEN as error:
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
    connection.create_function("without_password", 1, without_password, deterministic=True)
    _migrate(connection, path)


def _reading(path: Path) -> sqlite3.Connection:
    try:
        connection = read_only_copy(path)
        _set_up(connection, path)
        connection.execute("PRAGMA query_only = ON")
    except BROKEN as error:
        raise StoreError(explained(error, path)) from None
    return connection


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for as long as it is needed. What fails inside is a StoreError."""
    connection = connect(path)
    try:
        yield connection
    except BROKEN as error:
        raise StoreError(explained(error, path)) from None
    finally:
        connection.close()


def pack(connection: sqlite3.Connection) -> None:
    """Give back the space and empty the write-ahead log, in which deleted rows still stand."""
    connection.execute("VACUUM")
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreError(
            "the rows are deleted, but another Coach holds the file, so traces are left in its log; "
            "run `coach forget` again once it has finished"
        )


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
        refuse_newer(version, path)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        for statement in (*_lacking(connection), *BARE):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def refuse_newer(version: int, path: Path) -> None:
    """Raises StoreError for a store that another version's rows may stand in: it is left alone."""
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the store {path} was written by a newer Coach (version {version}, this one knows "
            f"{len(MIGRATIONS)}), and is left alone; update, or choose another place with --data-dir"
        )


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
    if "noted" not in {row["name"] for row in connection.execute("PRAGMA table_info(event)")}:
        yield "ALTER TABLE event ADD COLUMN noted TEXT"
    there = {row["name"] for row in connection.execute("PRAGMA table_info(session)")}
    for name, kind in (FIGURES | _CAMERA).items():
        if name not in there:
            yield f"ALTER TABLE session ADD COLUMN {name} {_SQL_TYPES[kind]}"
            yield from _FROM_STRIDES.get(name, ())
