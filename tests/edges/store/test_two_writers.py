"""Two coaches at once and a full disk: nothing is lost, and the run goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coach.core.session.session import SessionBuilder
from coach.edges.store import LiveSession, Store
from coach.edges.store import live_session as live_module
from coach.edges.store.schema import connect
from coach.errors import StoreError
from tests import kept
from tests.edges.store.runs import CHECKOUT, SOURCE, builder_of

WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.edges.store import Store
from tests import kept
builder = SessionBuilder(SourceFacts("camera", sys.argv[3], 640, 480))
live = Store(Path(sys.argv[1])).begin(builder)
for update in kept.run(60.0, fps=10.0, peak_deg=lambda t_s: float(sys.argv[3])):
    builder.add(update)
    live._due_s = 0.0
    live.write()
live.finish(builder.finish())
print(len(builder.strides))
"""
"""A whole run whose writes never rest; its peak is its name."""


def test_two_coaches_at_once_lose_nothing(tmp_path: Path) -> None:
    names = ("90.0", "110.0")
    commands = [[sys.executable, "-c", WRITER, str(tmp_path), str(CHECKOUT), name] for name in names]
    coaches = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    told = [int(coach.communicate(timeout=120)[0]) for coach in coaches]

    store = Store(tmp_path)
    kept_runs = {store.load(line.session_id).source.name: store.load(line.session_id) for line in store.sessions()}
    assert [len(kept_runs[name].strides) for name in names] == told
    for name in names:
        assert {one.peak_knee_flexion_deg for one in kept_runs[name].strides} == {float(name)}
        assert kept_runs[name].complete


def test_two_coaches_may_make_the_store_at_the_same_moment(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def open_it() -> None:
        try:
            Store(tmp_path).save_profile({})
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def full_disk(live: LiveSession) -> None:
    """No more pages for this file: SQLite then fails as it does when the disk is full."""
    pages = live._connection.execute("PRAGMA page_count").fetchone()[0]
    live._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_ends_the_storing_with_a_message_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "WRITE_EVERY_S", 0.0)
    monkeypatch.setattr(live_module, "_RETRY_EVERY_S", 0.0)
    builder = SessionBuilder(SOURCE)
    live = Store(tmp_path).begin(builder)
    full_disk(live)
    for update in kept.run(60.0, fps=10.0):
        builder.add(update)
        live.write()

    assert live.problem == "the session is not being stored: database or disk is full"
    # Somebody frees some space: what was held back is written after all.
    live._connection.execute("PRAGMA max_page_count = 100000")
    live.write()
    assert live.problem is None
    assert len(live.finish(builder.finish()).strides) == len(Store(tmp_path).load("last").strides)


def test_a_disk_that_stays_full_costs_the_end_of_the_session_and_says_so(tmp_path: Path) -> None:
    builder = builder_of(120.0, fps=10.0)
    live = Store(tmp_path).begin(builder)
    full_disk(live)

    with pytest.raises(StoreError, match="free some space"):
        live.finish(builder.finish())


def test_another_writer_s_moment_is_waited_for_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "WRITE_EVERY_S", 0.0)
    monkeypatch.setattr(live_module, "_BUSY_RETRY_S", 0.0)
    store = Store(tmp_path)
    live = store.begin(builder_of())
    other = connect(tmp_path / "sessions.db")
    other.execute("BEGIN IMMEDIATE")
    live.write()

    assert live.problem is None
    assert store.load("last").strides == ()
    other.execute("ROLLBACK")
    other.close()
    live.write()
    assert len(store.load("last").strides) > 10
    live.close()
