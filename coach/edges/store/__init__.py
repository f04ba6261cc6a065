"""The store: every session of this machine in one SQLite file, written as the run goes."""

from coach.core.session.summary import SessionLine
from coach.edges.store.live_session import LiveSession
from coach.edges.store.store import PAGES, SESSIONS, STORE_FILE, Store, salvage

__all__ = ["PAGES", "SESSIONS", "STORE_FILE", "LiveSession", "SessionLine", "Store", "salvage"]
