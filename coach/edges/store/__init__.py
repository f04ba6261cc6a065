"""The store: every session of this machine in one SQLite file, written as the run goes, each runner's by itself."""

from coach.core.session.summary import SessionLine
from coach.edges.store.live_session import LiveSession
from coach.edges.store.runner_table import ME, NOBODY_KEPT, Runner, Runners, alike, called
from coach.edges.store.salvage import check_store, damaged_copies, is_damaged_copy, remove_damaged_copies, salvage
from coach.edges.store.schema import STORE_FILE
from coach.edges.store.store import PAGES, SESSIONS, SHARED_FILE, Store, came_from_elsewhere, index_name
from coach.edges.store.tables import started_unix_s

__all__ = [
    "ME",
    "NOBODY_KEPT",
    "PAGES",
    "SESSIONS",
    "SHARED_FILE",
    "STORE_FILE",
    "LiveSession",
    "Runner",
    "Runners",
    "SessionLine",
    "Store",
    "alike",
    "called",
    "came_from_elsewhere",
    "check_store",
    "damaged_copies",
    "index_name",
    "is_damaged_copy",
    "remove_damaged_copies",
    "salvage",
    "started_unix_s",
]
