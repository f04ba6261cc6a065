"""A store in trouble: what is wrong in words that help, and a folder that cannot be written.

SQLite tells what is wrong by a number (https://www.sqlite.org/rescode.html); the lowest eight bits are its kind.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

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
