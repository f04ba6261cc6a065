"""Who runs: the runners of one store, whose sessions, baselines and programme never meet.

The first runner is always there and needs no name: a laptop that only its owner uses never hears of runners.
"""

from __future__ import annotations

import difflib
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach.edges.store.schema import STORE_FILE, opened, pack, transaction
from coach.errors import ConfigError, StoreError

FIRST: Final = 1
"""Number of the runner whom a store begins with."""
ME: Final = "me"
"""What the first runner is called on the command line, with a name of their own or without."""
LONGEST_NAME: Final = 40
_TAKEN: Final = frozenset({ME, "all", "last"})
_ALIKE: Final = 0.75
"""Share of letters in common (difflib) from which a name is asked about instead of taken for somebody new."""


@dataclass(frozen=True, slots=True)
class Runner:
    """One runner of a store. `name` is empty for the first one as long as nobody gave them one."""

    runner_id: int
    name: str
    height_cm: float | None
    sessions: int
    last_at: str | None
    """When the newest session that knows it began, ISO 8601."""

    @property
    def is_first(self) -> bool:
        """Whether this is who runs where nobody is named."""
        return self.runner_id == FIRST

    @property
    def called(self) -> str:
        """What to type for this runner."""
        return self.name or ME


NOBODY_KEPT: Final = Runner(FIRST, "", None, 0, None)
"""The first runner of a store that is not there."""
_SELECT: Final = (
    "SELECT runner.id AS id, runner.name AS name, height_cm, COUNT(session.id) AS sessions,"
    " MAX(session.started_at) AS last_at"
    " FROM runner LEFT JOIN session ON session.runner_id = runner.id"
)


def read_runners(connection: sqlite3.Connection) -> tuple[Runner, ...]:
    """All runners, the first one first, the others by name."""
    rows = connection.execute(f"{_SELECT} GROUP BY runner.id ORDER BY runner.id <> {FIRST}, folded")
    return tuple(Runner(row["id"], row["name"], row["height_cm"], row["sessions"], row["last_at"]) for row in rows)


def find_runner(connection: sqlite3.Connection, name: str) -> Runner:
    """The runner of this name, whatever its case; the first one for an empty name and for `me`.

    Raises StoreError where there is none, with a name that may have been meant.
    """
    runners = read_runners(connection)
    found = called(name, runners)
    if found is None:
        meant = alike(name, runners)
        ask = f"did you mean {meant.called}? " if meant else ""
        raise StoreError(
            f"there is no runner {name!r}; {ask}`coach runners` lists all, `coach runners add {name!r}` makes a new one"
        )
    return found


def called(name: str, runners: Sequence[Runner]) -> Runner | None:
    """The runner of this name, whatever its case; the first one for an empty name and for `me`."""
    wanted = _folded(name)
    for runner in runners:
        if (runner.is_first and wanted in {"", ME}) or (runner.name and _folded(runner.name) == wanted):
            return runner
    return None


def alike(name: str, runners: Sequence[Runner]) -> Runner | None:
    """The runner whose name is nearly this one or a part of it, so that a slip makes no second person."""
    by_name = {_folded(runner.name): runner for runner in runners if runner.name}
    wanted = _folded(name)
    parts = [known for known in by_name if f"{known} ".startswith(f"{wanted} ") or f"{wanted} ".startswith(f"{known} ")]
    near = parts or difflib.get_close_matches(wanted, by_name, n=1, cutoff=_ALIKE)
    return by_name[near[0]] if near else None


class Runners:
    """The runners of the store below one folder. Every call opens the file anew, as the store does."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / STORE_FILE

    def all(self) -> tuple[Runner, ...]:
        """The first one first, the others by name. Raises StoreError, as every call here does."""
        with opened(self._path) as connection:
            return read_runners(connection)

    def named(self, name: str) -> Runner:
        """The runner of this name. Raises StoreError where there is none."""
        with opened(self._path) as connection:
            return find_runner(connection, name)

    def add(self, name: str, height_cm: float | None = None) -> Runner:
        """One more runner. Raises ConfigError for a name that cannot be one or that another runner has."""
        with opened(self._path) as connection, transaction(connection):
            shown = _free_name(connection, name)
            connection.execute(
                "INSERT INTO runner (name, folded, height_cm) VALUES (?, ?, ?)", (shown, _folded(shown), height_cm)
            )
            return find_runner(connection, shown)

    def rename(self, runner: Runner, name: str) -> Runner:
        """Give another name. Raises ConfigError for a name that cannot be one or that another runner has."""
        with opened(self._path) as connection, transaction(connection):
            shown = _free_name(connection, name, but=runner)
            connection.execute(
                "UPDATE runner SET name = ?, folded = ? WHERE id = ?", (shown, _folded(shown), runner.runner_id)
            )
            return find_runner(connection, shown)

    def set_height(self, runner: Runner, height_cm: float) -> None:
        """Keep the runner's height."""
        with opened(self._path) as connection, transaction(connection):
            connection.execute("UPDATE runner SET height_cm = ? WHERE id = ?", (height_cm, runner.runner_id))

    def move_sessions(self, runner: Runner, into: Runner) -> None:
        """All sessions of one runner are another one's from now on."""
        with opened(self._path) as connection, transaction(connection):
            connection.execute(
                "UPDATE session SET runner_id = ? WHERE runner_id = ?", (into.runner_id, runner.runner_id)
            )

    def remove(self, runner: Runner) -> None:
        """Let go of a runner who has no sessions any more; of the first one only name, height and profile go."""
        with opened(self._path) as connection:
            with transaction(connection):
                if runner.is_first:
                    connection.execute(
                        "UPDATE runner SET name = '', folded = '', height_cm = NULL, profile = '{}' WHERE id = ?",
                        (runner.runner_id,),
                    )
                else:
                    connection.execute("DELETE FROM runner WHERE id = ?", (runner.runner_id,))
            pack(connection)


def _free_name(connection: sqlite3.Connection, name: str, but: Runner | None = None) -> str:
    """The name as it is shown, if it can be one and no other runner has it. Raises ConfigError."""
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise ConfigError(f"{name!r} cannot be a runner's name; give 1–{LONGEST_NAME} letters, in quotes with a space")
    if _folded(shown) in _TAKEN:
        raise ConfigError(f"{shown!r} means something else to Coach; give another name")
    for other in read_runners(connection):
        if _folded(other.name) == _folded(shown) and (but is None or other.runner_id != but.runner_id):
            raise ConfigError(
                f"there is a runner {other.name} already; give another name, or `coach runners merge` both"
            )
    return shown


def _folded(name: str) -> str:
    """The name without what the eye overlooks: case, and spaces around it."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
