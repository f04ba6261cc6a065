"""A session while it is being run: its rows are written about once a second, under a lock.

The lock says which sessions are being written right now: the operating system lets go of it when the process dies.
"""

from __future__ import annotations

import math
import os
import platform
import sqlite3
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from coach.core.session.cycles import BLOCK_S
from coach.core.session.session import Session, SessionBuilder
from coach.edges.store import tables
from coach.edges.store.schema import transaction
from coach.edges.store.trouble import HELD, is_busy
from coach.errors import StoreError
from coach.private import private_file

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


LOCK_FILE: Final = "running.lock"
"""In the folder of a session for as long as it is being run."""


class SessionLock:
    """Held by a run for as long as its process lives; `kill -9` lets go of it too."""

    def __init__(self, path: Path) -> None:
        """Raises BlockingIOError (PermissionError on Windows) where another process holds it."""
        self._path = private_file(path)
        self._file = path.open("ab")
        try:
            _try_lock(self._file)
            if _elsewhere(path):
                raise BlockingIOError(f"a run on another machine holds {path}")
            self._file.truncate(0)
            self._file.write(_HERE)
            self._file.flush()
        except OSError:
            self._file.close()
            raise

    def touch(self) -> None:
        """Say to other machines, which see the file and not its lock, that the run goes on. Never raises."""
        with suppress(OSError):
            os.utime(self._path)

    def release(self) -> None:
        """Let go and tidy up. May be called twice."""
        if not self._file.closed:
            self._file.close()
            self._path.unlink(missing_ok=True)


def is_running(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        with path.open("rb") as file:
            _try_lock(file)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:  # there is none
        return False
    return _elsewhere(path)


def running_sessions(folders: Path) -> list[int]:
    """Numbers of the sessions that are being run, by their folders below `folders` alone."""
    held = [lock.parent.name for lock in folders.glob(f"*/{LOCK_FILE}") if is_running(lock)]
    return sorted(int(name) for name in held if name.isdecimal())


_HERE: Final = platform.node().encode()
_SILENT_S: Final = 120.0
"""A run on another machine, on a shared folder, touches its lock every second; after so long it has died."""


def _elsewhere(path: Path) -> bool:
    """Whether the lock was left by another machine that seems to be running still."""
    try:
        whose, touched_s = path.read_bytes(), path.stat().st_mtime
    except OSError:
        return False
    return whose not in {b"", _HERE} and abs(time.time() - touched_s) < _SILENT_S


WRITE_EVERY_S: Final = 1.0
"""A killed run loses what came since: with a frame's delay less than two seconds."""
_RETRY_EVERY_S: Final = 10.0
_BUSY_RETRY_S: Final = 0.1
_LIVE_BUSY_MS: Final = 50
"""A run never waits longer for another writer; what it has stays in memory until the next try."""
_LAST_BUSY_MS: Final = 75_000
"""At the end of a run it waits longer than any backup holds the file; nobody runs any more, and nothing is lost."""
_PATIENCE_S: Final = 10.0
"""So long another writer may hold the file before the runner is told."""
_OPEN_CUES: Final = 4
"""The last cues are written again: how they reached the runner is known only afterwards."""


class LiveSession:
    """Writes what a builder has collected. One thread at a time.

    A full disk ends the writing, not the run: `problem` then says so in a line, and is None again
    once writing works. Everything stays in the builder, so that a later try loses nothing.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        session_id: int,
        builder: SessionBuilder,
        folder: Path,
        lock: SessionLock,
        runner: str = "",
    ) -> None:
        self.session_id = session_id
        self._runner = runner
        self.folder = folder
        """For what belongs to this session and goes with it: pose recording, stills."""
        self.problem: str | None = None
        self._connection = connection
        self._builder = builder
        self._lock = lock
        self._written = {"strides": 0, "cues": 0, "speeds": 0, "heart": 0, "events": 0}
        self._curves_from_s = -math.inf
        self._due_s = 0.0
        self._failing_since_s: float | None = None
        connection.execute(f"PRAGMA busy_timeout = {_LIVE_BUSY_MS}")

    def write(self) -> None:
        """Write what is new if a second has passed. Cheap otherwise; never raises."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + WRITE_EVERY_S
        try:
            self._write_new()
        except sqlite3.Error as error:
            self._postpone(error, now_s)
        else:
            self.problem = self._failing_since_s = None

    def finish(self, session: Session) -> Session:
        """Write the rest and close; the session with its number. Raises StoreError where it cannot be kept."""
        try:
            self._connection.execute(f"PRAGMA busy_timeout = {_LAST_BUSY_MS}")
            self._write_new()
            with transaction(self._connection):
                tables.replace_events(self._connection, self.session_id, session.events)
                tables.put_summary(self._connection, self.session_id, "finished", session)
        except sqlite3.Error as error:
            raise StoreError(
                f"session {self.session_id} could not be stored to its end: {self._why(error)}; "
                "then `coach recover` finishes it"
            ) from None
        finally:
            self.close()
        return replace(session, session_id=self.session_id, runner=self._runner)

    def close(self) -> None:
        """Let go without finishing, as a crash would: `coach recover` can finish it. May be called twice."""
        self._connection.close()
        self._lock.release()

    def _write_new(self) -> None:
        builder, written, connection = self._builder, self._written, self._connection
        counts = {name: len(getattr(builder, name)) for name in written}
        curves = builder.curves_since(self._curves_from_s)
        first_cue = max(0, written["cues"] - _OPEN_CUES)
        with transaction(connection):
            tables.put_progress(connection, self.session_id, builder.frames, builder.view, builder.started_at)
            tables.put_strides(
                connection, self.session_id, written["strides"], builder.strides[written["strides"] : counts["strides"]]
            )
            tables.put_cues(connection, self.session_id, first_cue, builder.cues[first_cue : counts["cues"]])
            tables.put_speeds(
                connection, self.session_id, written["speeds"], builder.speeds[written["speeds"] : counts["speeds"]]
            )
            tables.put_heart(
                connection, self.session_id, written["heart"], builder.heart[written["heart"] : counts["heart"]]
            )
            tables.put_events(
                connection, self.session_id, written["events"], builder.events[written["events"] : counts["events"]]
            )
            tables.put_curves(connection, self.session_id, curves)
        self._lock.touch()
        self._written = counts
        if curves:
            # A stride is filed under the block in which it began, so the last two may still grow.
            self._curves_from_s = curves[-1].start_s - 1.5 * BLOCK_S

    def _postpone(self, error: sqlite3.Error, now_s: float) -> None:
        if self._failing_since_s is None:
            self._failing_since_s = now_s
        if is_busy(error) and now_s - self._failing_since_s < _PATIENCE_S:
            self._due_s = now_s + _BUSY_RETRY_S
            return
        self._due_s = now_s + _RETRY_EVERY_S
        self.problem = f"the session is not being stored: {HELD if is_busy(error) else error}"

    @staticmethod
    def _why(error: sqlite3.Error) -> str:
        return HELD if is_busy(error) else f"{error}; free some space"
