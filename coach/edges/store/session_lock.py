"""Which sessions are being written right now: a file that the operating system unlocks when its process dies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from coach.private import private_file

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class SessionLock:
    """Held by a run for as long as its process lives; `kill -9` lets go of it too."""

    def __init__(self, path: Path) -> None:
        """Raises BlockingIOError (PermissionError on Windows) where another process holds it."""
        self._path = private_file(path)
        self._file = path.open("ab")
        try:
            _try_lock(self._file)
        except OSError:
            self._file.close()
            raise

    def release(self) -> None:
        """Let go and tidy up. May be called twice."""
        if not self._file.closed:
            self._file.close()
            self._path.unlink(missing_ok=True)


def is_running(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    if not path.exists():
        return False
    try:
        SessionLock(path).release()
    except OSError:
        return True
    return False
