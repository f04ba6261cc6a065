"""The store of one machine's sessions, as one runner sees it: begin, finish, list, load, recover, forget."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from coach.core.bounds import SESSION_ID, shown
from coach.core.session.records import Setting, SourceFacts
from coach.core.session.session import Session, SessionBuilder
from coach.core.session.summary import FIGURES, SessionLine, State
from coach.core.units import nan_if_none, none_if_nan
from coach.edges.store import tables
from coach.edges.store.live_session import LOCK_FILE, LiveSession, SessionLock, is_running
from coach.edges.store.runner_table import Runner, Runners, find_runner, read_runners
from coach.edges.store.schema import STORE_FILE, connect, opened, pack, transaction
from coach.edges.store.trouble import explained
from coach.errors import StoreError
from coach.paths import mended_by
from coach.plain_records import json_value

SESSIONS: Final = "sessions"
"""Folder of what is kept beside the numbers of each session."""
PAGES: Final = "pages"
"""Folder of the pages that were made from the sessions; they go when all is forgotten."""
SHARED_FILE: Final = "shared.json"
"""Beside a session that came from elsewhere: the baselines of *its* runner."""


class Store:
    """The sessions of one runner below one folder, and nobody else's. Every call opens the file anew.

    Many coaches can share it.
    """

    def __init__(self, data_dir: Path, runner: str = "") -> None:
        """Opens or makes the store, as this runner sees it: by name, the first one where nobody is named.

        Raises StoreError where it cannot be opened, or where there is no such runner.
        """
        self.data_dir = data_dir
        with self._open() as connection:
            self.runner = find_runner(connection, runner)

    def folder(self, session_id: int) -> Path:
        """Where the files of one session lie; it need not exist."""
        return self.data_dir / SESSIONS / str(session_id)

    def begin(self, builder: SessionBuilder) -> LiveSession:
        """Start to keep a run. Raises StoreError where nothing can be written."""
        connection = connect(self._path)
        try:
            with transaction(connection):
                session_id = self._new_session(connection, builder.source, builder.settings, builder.started_at)
                folder = self.folder(session_id)
                # Before the row can be seen: a run without its lock looks like one that died.
                lock = SessionLock(folder / LOCK_FILE)
            return LiveSession(connection, session_id, builder, folder, lock, self.runner.name)
        except (sqlite3.Error, OSError) as error:
            connection.close()
            why = explained(error, self._path) if isinstance(error, sqlite3.Error) else mended_by(error)
            raise StoreError(f"the session cannot be stored: {why}, or use --no-store") from None

    def keep(self, session: Session) -> Session:
        """Store a whole session at once; the session with its number."""
        with self._open() as connection, transaction(connection):
            session_id = self._new_session(connection, session.source, session.settings, session.started_at)
            tables.put_progress(connection, session_id, session.frames, session.view, session.started_at)
            tables.put_strides(connection, session_id, 0, session.strides)
            tables.put_cues(connection, session_id, 0, session.cues)
            tables.put_speeds(connection, session_id, 0, session.speeds)
            tables.put_heart(connection, session_id, 0, session.heart)
            tables.put_events(connection, session_id, 0, session.events)
            tables.put_curves(connection, session_id, session.curves)
            tables.put_summary(connection, session_id, "finished" if session.complete else "recovered", session)
        return self.load(session_id)

    def sessions(self) -> tuple[SessionLine, ...]:
        """All sessions of the runner, oldest first: by when they were run, clips by when they were filmed.

        Raises StoreError where a row holds what it cannot.
        """
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM session WHERE runner_id = ?", (self._own,))
            try:
                return tuple(sorted((self._line(row) for row in rows), key=lambda line: line.place))
            except (ValueError, TypeError) as error:
                raise StoreError(
                    f"the store {self._path} is damaged ({error}); `coach recover --salvage` saves what can be read"
                ) from None

    def load(self, which: int | str = "last") -> Session:
        """A session of the runner by its number or `last`. Raises StoreError where there is none."""
        with self._open() as connection:
            row = self._row(connection, which)
            # One reading, so that the rows of a run that goes on belong together.
            connection.execute("BEGIN")
            try:
                session = tables.read_session(connection, row)
            except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                raise StoreError(
                    f"session {row['id']} was written by another version of Coach, or is damaged: {error}; "
                    f"`coach forget {row['id']}` removes it"
                ) from None
            connection.execute("COMMIT")
        return session

    def recover(self) -> tuple[Session, ...]:
        """Finish every session whose process died, whoever ran; one without a single frame is told, and is gone."""
        with self._open() as connection:
            names = [runner.name for runner in read_runners(connection)]
        return tuple(session for name in names for session in Store(self.data_dir, name).recover_own())

    def recover_own(self) -> tuple[Session, ...]:
        """The same for sessions of this runner alone."""
        found = [line for line in self.sessions() if line.state == "cut short"]
        return tuple(session for line in found if (session := self._recover(line.session_id)) is not None)

    def write_note(self, which: int | str, note: str) -> int:
        """Keep what somebody wrote about a session, over what was there; the session's number."""
        with self._open() as connection, transaction(connection):
            session_id = int(self._row(connection, which)["id"])
            connection.execute("UPDATE session SET note = ? WHERE id = ?", (note, session_id))
        return session_id

    def forget(self, which: int | str) -> int:
        """Delete a session, or `all` of the runner with profile and pages, for good; how many sessions went.

        Rows are overwritten with zeros and the file is packed anew; stills and recordings are deleted.
        """
        with self._open() as connection:
            ids = self._ids(connection) if which == "all" else [int(self._row(connection, which)["id"])]
            running = [n for n in ids if is_running(self.folder(n) / LOCK_FILE)]
            if running:
                raise StoreError(f"session {running[0]} is still running; finish it first")
            with transaction(connection):
                connection.executemany("DELETE FROM session WHERE id = ?", [(n,) for n in ids])
                if which == "all":
                    connection.execute("UPDATE runner SET profile = '{}' WHERE id = ?", (self._own,))
            pack(connection)
            alone = len(read_runners(connection)) == 1
        for n in ids:
            _remove(self.folder(n))
        _remove_pages(self.data_dir / PAGES, ids, index_name(self.runner))
        if which == "all" and alone:
            _remove(self.data_dir / PAGES)
            _remove(self.data_dir / SESSIONS)
        return len(ids)

    def load_profile(self) -> dict[str, Any]:
        """What the coach keeps of the runner between sessions; empty at first."""
        with self._open() as connection:
            row = connection.execute("SELECT profile FROM runner WHERE id = ?", (self._own,)).fetchone()
        try:
            content: dict[str, Any] = {} if row is None else json_value(row["profile"])
        except (ValueError, TypeError) as error:
            raise StoreError(
                f"the runner's profile is damaged ({error}); `coach forget all` begins a new one"
            ) from None
        return content

    def save_profile(self, profile: Mapping[str, Any]) -> None:
        """Keep the profile over what was there. Raises StoreError where the runner was forgotten meanwhile."""
        content = json.dumps(profile, allow_nan=False)
        with self._open() as connection, transaction(connection):
            kept = connection.execute("UPDATE runner SET profile = ? WHERE id = ?", (content, self._own))
            if not kept.rowcount:
                raise StoreError(f"the runner {self.runner.called} was forgotten meanwhile; nothing is kept of them")

    @property
    def _own(self) -> int:
        return self.runner.runner_id

    @property
    def _path(self) -> Path:
        return self.data_dir / STORE_FILE

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._path)

    def _ids(self, connection: sqlite3.Connection) -> list[int]:
        rows = connection.execute("SELECT id FROM session WHERE runner_id = ?", (self._own,))
        return [int(row["id"]) for row in rows]

    def _row(self, connection: sqlite3.Connection, which: int | str) -> sqlite3.Row:
        own = "SELECT * FROM session WHERE runner_id = ?"
        if which == "last":
            row = connection.execute(f"{own} ORDER BY id DESC LIMIT 1", (self._own,)).fetchone()
        else:
            row = connection.execute(f"{own} AND id = ?", (self._own, _number(which))).fetchone()
        if not isinstance(row, sqlite3.Row):
            raise StoreError(self._none(connection, which))
        return row

    def _none(self, connection: sqlite3.Connection, which: int | str) -> str:
        """Why there is no such session, and what to do."""
        whose = "" if self.runner.is_first and not self.runner.name else f" of {self.runner.called}"
        option = "" if self.runner.is_first else f" --runner {self.runner.name!r}"
        if which == "last":
            return f"there is no session{whose} yet; `coach run{option}` makes one"
        other = connection.execute("SELECT runner_id FROM session WHERE id = ?", (_number(which),)).fetchone()
        if other is not None:
            name = next(one.called for one in read_runners(connection) if one.runner_id == other["runner_id"])
            return f"session {which} is another runner's; add --runner {name!r}"
        return f"there is no session {which}{whose}; `coach history{option}` lists them"

    def _line(self, row: sqlite3.Row) -> SessionLine:
        state: State = row["state"]
        if state == "running" and not is_running(self.folder(row["id"]) / LOCK_FILE):
            state = "cut short"
        return SessionLine(
            session_id=row["id"],
            started_at=row["started_at"],
            started_unix_s=tables.started_unix_s(row["started_at"]),
            state=state,
            source_kind=row["source_kind"],
            source_name=row["source_name"],
            seen=tables.seen_of(row),
            shared=came_from_elsewhere(self.folder(row["id"])),
            **{name: _figure(row[name], kind) for name, kind in FIGURES.items()},
        )

    def _new_session(
        self,
        connection: sqlite3.Connection,
        source: SourceFacts,
        settings: tuple[Setting, ...],
        started_at: str | None,
    ) -> int:
        values = {
            "state": "running",
            "runner_id": self._own,
            "started_at": started_at,
            "source_kind": source.kind,
            "source_name": source.name,
            "width": source.width,
            "height": source.height,
            "nominal_fps": none_if_nan(source.nominal_fps),
            "settings": json.dumps({setting.key: setting.value for setting in settings}),
        }
        row = connection.execute(
            f"INSERT INTO session ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
            tuple(values.values()),
        )
        if row.lastrowid is None:
            raise sqlite3.DatabaseError("no number was given to the session")
        return row.lastrowid

    def _recover(self, session_id: int) -> Session | None:
        place = self.folder(session_id) / LOCK_FILE
        if is_running(place):  # it has come to life, or another `coach recover` was faster
            return None
        try:
            lock = SessionLock(place)
        except BlockingIOError:
            return None
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"session {session_id} cannot be finished: {why}; check the folder's rights") from None
        try:
            session = self.load(session_id)
            with self._open() as connection, transaction(connection):
                if session.frames.total == 0:
                    connection.execute("DELETE FROM session WHERE id = ?", (session_id,))
                else:
                    session = tables.finish_cut_short(connection, self._row(connection, session_id))
        finally:
            lock.release()
        if session.frames.total == 0:
            _remove(self.folder(session_id))
        return session


def came_from_elsewhere(folder: Path) -> bool:
    """Whether a session was imported: somebody else's runs, programme and baselines are none of this runner's."""
    return (folder / SHARED_FILE).is_file()


def can_be_listed(data_dir: Path) -> bool:
    """Whether every row of a session holds what it can: a sound file may hold words where numbers belong."""
    try:
        for runner in Runners(data_dir).all():
            Store(data_dir, runner.name).sessions()
    except StoreError:
        return False
    return True


def _number(which: int | str) -> int:
    try:
        return SESSION_ID.given_whole(which) if isinstance(which, int) else SESSION_ID.read_whole(which)
    except ValueError:
        raise StoreError(
            f"{shown(which)} is no session; give its number or `last` (`coach history` lists them)"
        ) from None


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot delete {folder}: {error.strerror or error}; delete it by hand") from None


def index_name(runner: Runner) -> str:
    """File name of the page over all sessions of a runner."""
    return "index.html" if runner.is_first else f"index-{runner.runner_id}.html"


def _remove_pages(pages: Path, session_ids: Sequence[int], index: str) -> None:
    """Every page on which one of the sessions stands; the index is written anew when it is next asked for."""
    gone = {str(session_id) for session_id in session_ids}
    for left_half_written in pages.glob("*.part"):
        left_half_written.unlink(missing_ok=True)
    for page in pages.glob("*.html"):
        kind, *numbers = page.stem.split("-")
        if page.name == index or (kind in {"session", "compare"} and gone & set(numbers)):
            page.unlink(missing_ok=True)


def _figure(value: float | None, kind: str) -> Any:
    return nan_if_none(value) if kind == "float" else value or 0
