"""The data folder as others on this machine see it: what is Coach's own in it is closed to them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from coach import config
from coach.edges.files.last_setup import FILE_NAME as LAST_SETUP_FILE
from coach.edges.store import PAGES, SESSIONS, STORE_FILE
from coach.private import close_all_to_others, close_to_others

SNAPSHOTS: Final = "snapshots"
"""Folder of the pictures that the key for a snapshot takes."""
TREADMILL_FILE: Final = "treadmill.json"
"""Address of the treadmill that was heard last."""

_STORE_FILES: Final = tuple(f"{STORE_FILE}{ending}" for ending in ("", "-wal", "-shm", "-journal"))
_OWN: Final = frozenset((*_STORE_FILES, SESSIONS, PAGES, SNAPSHOTS, TREADMILL_FILE, LAST_SETUP_FILE))


def close_data_folder(data_dir: Path) -> bool:
    """Close what others could read; whether there was anything.

    The folder itself is closed too, unless it holds other things as well: whoever names their home or a shared
    place with `--data-dir` keeps it as it is, and only Coach's files in it are closed.
    """
    try:
        inside = list(data_dir.iterdir())
        mode = data_dir.stat().st_mode
    except OSError:
        return False
    own = [path for path in inside if path.name.removesuffix(".part") in _OWN]
    default = data_dir == config.data_dir()
    if inside and not default and data_dir / STORE_FILE not in own:
        return False  # never used by Coach: folders of such names are somebody else's
    closed = False
    for path in own:
        closed |= close_all_to_others(path)
    shared = bool(mode & stat.S_ISVTX)
    if not shared and (default or len(own) == len(inside)):
        closed |= close_to_others(data_dir)
    return closed
