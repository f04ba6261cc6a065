"""A store in trouble: held by others, in a folder that cannot be written, damaged, newer, from another machine."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from coach.cli import run
from coach.edges.store import STORE_FILE, Store, salvage, schema
from coach.edges.store import live_session as live_module
from coach.edges.store.live_session import SessionLock, is_running
from coach.errors import StoreError
from tests.edges.store.runs import builder_of


def kept_sessions(folder: Path, count: int = 3, duration_s: float = 60.0) -> Store:
    store = Store(folder)
    for _ in range(count):
        builder = builder_of(duration_s)
        live = store.begin(builder)
        live.finish(builder.finish())
    return store


PATIENCE_S = 60.0


@contextmanager
def held(folder: Path, seconds: float = PATIENCE_S, how: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Another program holds the file for so long, as a backup does, or to the end of the block."""
    taken, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(folder / STORE_FILE, isolation_level=None)) as other:
            other.execute(how)
            other.execute("UPDATE session SET source_name = source_name")
            taken.set()
            let_go.wait(seconds)
            other.execute("ROLLBACK" if other.in_transaction else "SELECT 1")

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(PATIENCE_S)
    try:
        yield
    finally:
        let_go.set()
        thread.join()


def test_a_store_that_is_held_for_a_while_is_waited_for(tmp_path: Path) -> None:
    store = kept_sessions(tmp_path, 1)
    with held(tmp_path, 1.5):
        store.save_profile({"schema": "x"})
    assert store.load_profile() == {"schema": "x"}


def test_a_run_that_ends_while_the_store_is_held_is_kept_to_its_end(tmp_path: Path) -> None:
    store = Store(tmp_path)
    builder = builder_of(30.0)
    live = store.begin(builder)
    with held(tmp_path, 2.0):
        session = live.finish(builder.finish())
    assert [line.state for line in store.sessions()] == ["finished"]
    assert len(store.load(session.session_id or 0).strides) == len(builder.strides)


def test_whoever_holds_it_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept_sessions(tmp_path, 1)
    builder = builder_of(10.0)
    live = store.begin(builder)
    monkeypatch.setattr(schema, "BUSY_S", 0.2)
    monkeypatch.setattr(live_module, "_LAST_BUSY_MS", 200)
    with held(tmp_path):
        with pytest.raises(StoreError, match="another program holds it: a second Coach, a backup") as told:
            store.save_profile({})
        assert "space" not in str(told.value)
        with pytest.raises(StoreError, match=r"another program holds it.*coach recover") as told:
            live.finish(builder.finish())
        assert "space" not in str(told.value)


def test_a_store_that_is_held_alone_says_so_to_readers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept_sessions(tmp_path, 1)
    monkeypatch.setattr(schema, "BUSY_S", 0.2)
    with (
        held(tmp_path, how="PRAGMA locking_mode = EXCLUSIVE"),
        pytest.raises(StoreError, match="is locked: another program"),
    ):
        store.sessions()


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder with sessions, one of them cut short, on a disk that then is mounted so that nothing can be written."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a disk can be mounted by root alone")
    try:
        store = kept_sessions(place, 2)
        builder = builder_of(20.0)
        live = store.begin(builder)
        live.write()
        live.close()
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_in_a_folder_that_cannot_be_written_everything_can_be_read(
    read_only: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [line.state for line in Store(read_only).sessions()] == ["finished", "finished", "cut short"]
    kept = ["--data-dir", str(read_only)]
    out = str(tmp_path / "out")
    for command in (["history"], ["export", "1", "--out", out], ["export", "2", "--format", "csv"], ["programme"]):
        assert run([*command, *kept]) == 0, capsys.readouterr().err
    assert run(["target", "--speed", "10", *kept]) == 0
    capsys.readouterr()
    for command in (["recover"], ["forget", "1"], ["programme", "pause"], ["report", "1"]):
        assert run([*command, *kept]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "unforeseen" not in said
        assert "read" in said.lower()
    assert run(["recover", "--salvage", *kept]) == 1
    assert "cannot be written" in capsys.readouterr().err


_PAGE = 4096
_LEAF = 0x0A
"""A page of rows, by its first byte (https://www.sqlite.org/fileformat2.html)."""


def damaged(folder: Path, *, whole: bool = False) -> None:
    """Overwrite some of the store's pages of rows, or all of it, as a dying disk does."""
    path = folder / STORE_FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    leaves = [at for at in range(0, len(content), _PAGE) if content[at] == _LEAF]
    for at in range(0, len(content), _PAGE) if whole else leaves[len(leaves) // 2 :][:2]:
        content[at : at + _PAGE] = b"\xa5" * _PAGE
    path.write_bytes(content)


def test_what_can_be_read_of_a_damaged_store_is_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = kept_sessions(tmp_path, 6)
    before = {line.session_id: len(store.load(line.session_id).strides) for line in store.sessions()}
    damaged(tmp_path)
    with pytest.raises(StoreError, match="damaged"):
        [store.load(number) for number in before]

    assert run(["recover", "--salvage", "--data-dir", str(tmp_path)]) == 0

    assert "6" in capsys.readouterr().out
    after = {line.session_id: len(store.load(line.session_id).strides) for line in store.sessions()}
    assert after.keys() == before.keys()
    assert 0.6 * sum(before.values()) < sum(after.values()) <= sum(before.values())
    assert sum(after[number] == before[number] for number in before) >= 3
    assert len(list(tmp_path.glob(f"{STORE_FILE}.damaged-*[0-9]"))) == 1
    assert not list(tmp_path.glob("*.part"))


def test_a_sound_store_is_not_touched_by_a_rescue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_sessions(tmp_path, 2)
    before = (tmp_path / STORE_FILE).read_bytes()
    assert run(["recover", "--salvage", "--data-dir", str(tmp_path)]) == 0
    assert "Nothing is damaged" in capsys.readouterr().out
    assert (tmp_path / STORE_FILE).read_bytes() == before
    assert not list(tmp_path.glob(f"{STORE_FILE}.*"))


def test_a_session_that_cannot_be_listed_is_damage_too(tmp_path: Path) -> None:
    store = kept_sessions(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection, connection:
        connection.execute("UPDATE session SET duration_s = 'long' WHERE id = 1")
    with pytest.raises(StoreError, match="coach recover --salvage"):
        store.sessions()
    assert salvage(tmp_path) is not None
    assert [line.session_id for line in store.sessions()] == [1, 2]


def test_nothing_is_saved_from_under_a_run(tmp_path: Path) -> None:
    store = kept_sessions(tmp_path, 6)
    damaged(tmp_path)
    builder = builder_of(20.0)
    live = store.begin(builder)
    with pytest.raises(StoreError, match="session 7 is still running; finish it first"):
        salvage(tmp_path)
    live.finish(builder.finish())
    assert len(store.load(7).strides) == len(builder.strides)
    assert salvage(tmp_path) is not None
    assert len(store.load(7).strides) == len(builder.strides)


def test_a_store_that_cannot_be_moved_stays_whole_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_sessions(tmp_path, 6)
    damaged(tmp_path)
    before = (tmp_path / STORE_FILE).read_bytes()
    replace = Path.replace

    def refusing(old: Path, new: Path) -> Path:
        if old.suffix == ".part":
            raise PermissionError(13, "Permission denied")
        return replace(old, new)

    monkeypatch.setattr(Path, "replace", refusing)
    assert run(["recover", "--salvage", "--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("coach: nothing can be saved in")
    assert "check the folder's rights" in said
    assert (tmp_path / STORE_FILE).read_bytes() == before
    assert not list(tmp_path.glob(f"{STORE_FILE}.damaged-*"))


def test_a_store_of_which_nothing_can_be_read_stays_where_it_is(tmp_path: Path) -> None:
    kept_sessions(tmp_path, 1)
    damaged(tmp_path, whole=True)
    content = (tmp_path / STORE_FILE).read_bytes()
    with pytest.raises(StoreError, match="recover --salvage"):
        Store(tmp_path)
    with pytest.raises(StoreError, match=r"nothing of .* can be read"):
        salvage(tmp_path)
    assert (tmp_path / STORE_FILE).read_bytes() == content
    assert not list(tmp_path.glob("*.part"))


def test_a_store_without_its_log_opens_with_what_is_in_the_file(tmp_path: Path) -> None:
    store = kept_sessions(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for ending in ("-wal", "-shm"):
            (tmp_path / f"{STORE_FILE}{ending}").unlink(missing_ok=True)
    assert len(store.sessions()) == 2


def test_a_store_of_a_newer_coach_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_sessions(tmp_path, 1)
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / STORE_FILE).read_bytes()
    for command in (["history"], ["recover", "--salvage"]):
        assert run([*command, "--data-dir", str(tmp_path)]) == 1
        said = capsys.readouterr().err
        assert "newer Coach (version 99" in said
        assert "left alone" in said
    assert (tmp_path / STORE_FILE).read_bytes() == before


def test_a_run_on_another_machine_is_not_taken_for_dead(tmp_path: Path) -> None:
    """The folder is shared: its files are seen here, the other machine's lock is not."""
    store = Store(tmp_path)
    builder = builder_of(20.0)
    live = store.begin(builder)
    live.write()
    live.close()
    lock = store.folder(live.session_id) / "running.lock"
    lock.write_text("the laptop upstairs")

    assert is_running(lock)
    assert [line.state for line in store.sessions()] == ["running"]
    assert store.recover() == ()
    with pytest.raises(BlockingIOError, match="another machine"):
        SessionLock(lock)

    long_ago_s = time.time() - 600
    os.utime(lock, (long_ago_s, long_ago_s))
    assert [line.state for line in store.sessions()] == ["cut short"]
    assert len(store.recover()) == 1
