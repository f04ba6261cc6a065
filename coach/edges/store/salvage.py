"""What can still be saved of a damaged store, and what is left of it beside the new one."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.edges.store import tables
from coach.edges.store.live_session import running_sessions
from coach.edges.store.schema import BARE, BUSY_S, STORE_FILE, connect, opened, refuse_newer, transaction
from coach.edges.store.store import SESSIONS, can_be_listed
from coach.edges.store.trouble import BROKEN, explained, is_busy, is_closed
from coach.errors import StoreError
from coach.paths import is_file, is_missing, why_out_of_reach


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of saving a damaged store."""

    sessions: tuple[int, ...]
    """Numbers of those that were saved, whole or in part."""
    damaged: Path
    """Where the damaged file lies now."""


def salvage(data_dir: Path) -> Salvaged | None:
    """Put what can be read of a damaged store into a new one in its place; None, and nothing done, where it is sound.

    The damaged file is kept beside it. Sessions that were cut short, or have lost rows, are finished from what there
    is. Raises StoreError where nothing can be read, while a session is being run, and for a newer Coach's store, and
    then changes nothing.
    """
    path = data_dir / STORE_FILE
    if why := why_out_of_reach(path):
        raise StoreError(f"cannot open the store {path}: {why}; check the rights of the folders on the way")
    if not is_file(path):
        raise StoreError(f"there is no store {path}; name its folder with --data-dir")
    _refuse_during_a_run(data_dir)
    if not _is_damaged(path):
        return None
    fresh = data_dir / f"{STORE_FILE}.part"
    try:
        fresh.unlink(missing_ok=True)
        with closing(connect(fresh)) as connection:
            saved = copy_readable(path, connection)
            # In one file, without a log: it is moved by its name.
            connection.execute("PRAGMA journal_mode = DELETE")
        if not saved:
            raise StoreError(f"nothing of {path} can be read; the folder {SESSIONS} beside it may hold recorded poses")
        _refuse_during_a_run(data_dir)
        aside = _put_in_place(fresh, path)
    except sqlite3.Error as error:
        raise StoreError(explained(error, fresh)) from None
    except OSError as error:
        raise StoreError(
            f"nothing can be saved in {data_dir}: {error.strerror or error}; check the folder's rights, or copy it "
            "and name the copy with --data-dir"
        ) from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    _sum_again(path)
    return Salvaged(saved, aside)


def check_store(data_dir: Path) -> None:
    """Look whether a run could be kept in the store that is there, and change nothing. Raises StoreError where not."""
    path = data_dir / STORE_FILE
    if is_missing(path):
        return
    # Without a log nobody writes, and SQLite would leave a new one behind.
    logged = not is_missing(path.with_name(f"{STORE_FILE}-wal"))
    if _is_damaged_file(path, "mode=ro" if logged else "immutable=1"):
        raise StoreError(f"the store {path} is damaged; `coach recover --salvage` saves what can be read")
    if not os.access(path, os.W_OK):
        raise StoreError(f"the store {path} cannot be written; check its rights, or choose another --data-dir")


def damaged_copies(data_dir: Path) -> list[Path]:
    """What was kept of damaged stores, with logs, and what a rescue that was killed has left."""
    return sorted(path for path in data_dir.glob(f"{STORE_FILE}.*") if is_damaged_copy(path.name))


def remove_damaged_copies(data_dir: Path) -> None:
    """Delete them: whoever was forgotten still stands there. Raises StoreError where one cannot be deleted."""
    for path in damaged_copies(data_dir):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot delete {path}: {error.strerror or error}; delete it by hand") from None


_ASIDE: Final = ".damaged-"
_HALF_SAVED: Final = frozenset(f"{STORE_FILE}.part{ending}" for ending in ("", "-wal", "-shm", "-journal"))


def is_damaged_copy(name: str) -> bool:
    """Whether a file of this name is one of them."""
    return name.startswith(STORE_FILE + _ASIDE) or name in _HALF_SAVED


def _refuse_during_a_run(data_dir: Path) -> None:
    """A run goes on writing into the file that it has opened, wherever that is moved."""
    if running := running_sessions(data_dir / SESSIONS):
        raise StoreError(f"session {running[0]} is still running; finish it first, then save what can be read")


def _is_damaged(path: Path) -> bool:
    """Raises StoreError for a newer Coach's store, and where it cannot be looked at."""
    return _is_damaged_file(path, "mode=ro") or not can_be_listed(path.parent)


def _is_damaged_file(path: Path, how: str) -> bool:
    """The same of the file alone. `how` SQLite opens it, so that nothing is written into it."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", timeout=BUSY_S, uri=True)) as connection:
            refuse_newer(int(connection.execute("PRAGMA user_version").fetchone()[0]), path)
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok")
    except BROKEN as error:
        if is_busy(error) or is_closed(error):
            raise StoreError(explained(error, path)) from None
        return True


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
        for statement in BARE:
            fresh.execute(statement)
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


def _put_in_place(fresh: Path, path: Path) -> Path:
    """Put the new store where the damaged one was, which moves aside with its logs; where that lies then.

    All of it or nothing. Raises OSError.
    """
    aside = path.with_name(f"{path.name}{_ASIDE}{time.strftime('%Y%m%d-%H%M%S')}")
    moves = [(path.with_name(path.name + end), aside.with_name(aside.name + end)) for end in ("-wal", "-shm", "")]
    moved: list[tuple[Path, Path]] = []
    try:
        for old, new in (*moves, (fresh, path)):
            if old.exists():
                old.replace(new)
                moved.append((old, new))
    except OSError:
        for old, new in reversed(moved):
            with suppress(OSError):
                new.replace(old)
        raise
    return aside


def _sum_again(path: Path) -> None:
    """The figures of each session, from the rows that are there; of one that cannot be read they stay."""
    with opened(path) as connection:
        for row in connection.execute("SELECT * FROM session").fetchall():
            with suppress(ValueError, TypeError, KeyError), transaction(connection):
                if row["state"] == "running":
                    tables.finish_cut_short(connection, row)
                else:
                    tables.put_summary(connection, row["id"], row["state"], tables.read_session(connection, row))
