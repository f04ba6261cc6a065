"""A store in trouble: what is wrong in words that help, a folder that cannot be written, and what can still be saved.

SQLite tells what is wrong by a number (https://www.sqlite.org/rescode.html); the lowest eight bits are its kind.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.errors import StoreError

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CLOSED: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
BROKEN: Final = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises on a damaged file: its message repeats what stands there, which need not be text."""
HELD: Final = (
    "another program holds it: a second Coach, a backup, or one that shows databases; close that and try again"
)


def kind_of(error: Exception) -> int:
    """The kind of an error; 0 where SQLite gave no number."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_busy(error: Exception) -> bool:
    """Whether somebody else holds the file, who will let go of it."""
    return kind_of(error) in _BUSY


def is_closed(error: Exception) -> bool:
    """Whether the file may not be written here."""
    return kind_of(error) in _CLOSED


def explained(error: Exception, path: Path) -> str:
    """What is wrong with the store, and what to do, in one line."""
    kind = kind_of(error)
    if kind in _BUSY:
        return f"the store {path} is locked: {HELD}"
    if kind in _CLOSED:
        return f"the store {path} cannot be written ({error}); check the folder's rights, or choose another --data-dir"
    if kind in _DAMAGED or isinstance(error, UnicodeDecodeError):
        return f"the store {path} is damaged ({error}); `coach recover --salvage` saves what can be read"
    if kind in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return f"the store {path} cannot be written ({error}); free some space, or choose another --data-dir"
    return f"the store {path} failed ({error}); try again, or choose another place with --data-dir"


def read_only_copy(path: Path) -> sqlite3.Connection:
    """The store's content in memory, for a folder in which nothing can be written. Raises sqlite3.Error."""
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    address = path.absolute().as_uri()
    try:
        try:
            _copy(f"{address}?mode=ro", memory)
        except sqlite3.Error:
            # Without a place for its shared index SQLite reads no log: what was last written into the file is read.
            _copy(f"{address}?immutable=1", memory)
    except sqlite3.Error:
        memory.close()
        raise
    return memory


def _copy(address: str, memory: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(address, uri=True)) as source:
        source.backup(memory)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of saving a damaged store."""

    sessions: tuple[int, ...]
    """Numbers of those that were saved, whole or in part."""
    damaged: Path
    """Where the damaged file lies now."""


_TABLES: Final = ("stride", "cue", "speed", "heart", "event", "curve")
_FURTHEST: Final = 100_000
"""Sessions are looked for up to this number."""


def copy_readable(damaged: Path, fresh: sqlite3.Connection) -> tuple[int, ...]:
    """Put every row that can be read into a new store; the numbers of the sessions that could.

    Rows are read from both ends of each session until a page that cannot be read: what lies between is lost.
    """
    try:
        source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return ()
    with closing(source):
        source.row_factory = sqlite3.Row
        source.text_factory = lambda text: text.decode("utf-8", "replace")
        _put(fresh, "runner", _rows(source, "SELECT * FROM runner", ()))
        sessions = _sessions(source)
        _put(fresh, "session", sessions)
        for table in _TABLES:
            order = ("start_s, side", "start_s DESC, side DESC") if table == "curve" else ("n", "n DESC")
            for row in sessions:
                _put(fresh, table, _from_both_ends(source, table, "session_id = ?", (row["id"],), order))
        for row in _rows(source, "SELECT content FROM profile", ()):  # before there were several runners
            fresh.execute("UPDATE runner SET profile = ? WHERE id = 1", (row["content"],))
    return tuple(row["id"] for row in sessions)


def _sessions(source: sqlite3.Connection) -> list[sqlite3.Row]:
    """Rows of sessions; where a page is lost, those that can be found by their number."""
    found = {row["id"]: row for row in _from_both_ends(source, "session", "1", (), ("id", "id DESC"))}
    if len(found) > 1:
        for number in range(min(found), min(max(found), _FURTHEST)):
            if number not in found:
                found |= {row["id"]: row for row in _rows(source, "SELECT * FROM session WHERE id = ?", (number,))}
    return [found[number] for number in sorted(found)]


def _from_both_ends(
    source: sqlite3.Connection, table: str, where: str, values: Sequence[Any], order: tuple[str, str]
) -> list[sqlite3.Row]:
    found: dict[tuple[Any, ...], sqlite3.Row] = {}
    for way in order:
        query = f"SELECT * FROM {table} WHERE {where} ORDER BY {way}"  # noqa: S608 - names from this module alone
        found |= {tuple(row): row for row in _rows(source, query, values)}
    return list(found.values())


def _rows(source: sqlite3.Connection, query: str, values: Sequence[Any]) -> Iterator[sqlite3.Row]:
    """Rows until one that cannot be read."""
    with suppress(*BROKEN):
        yield from source.execute(query, values)


def _put(fresh: sqlite3.Connection, table: str, rows: Iterator[sqlite3.Row] | list[sqlite3.Row]) -> None:
    known = {row["name"] for row in fresh.execute(f"PRAGMA table_info({table})")}
    for row in rows:
        names = [name for name in row.keys() if name in known]  # noqa: SIM118 - a row is no mapping
        query = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        with suppress(sqlite3.Error):  # a row whose content the damage has made impossible
            fresh.execute(query, [row[name] for name in names])


def set_aside(path: Path) -> Path:
    """Move a damaged store with its logs out of the way; where it lies then. Raises StoreError."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        return path.replace(aside)
    except OSError as error:
        raise StoreError(f"cannot move {path} away: {error.strerror or error}; move it by hand") from None
