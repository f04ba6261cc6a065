"""What the doctor says of the folders into which is written."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from coach.app import doctor
from coach.app.doctor import Finding
from coach.cli import run
from coach.edges.store import STORE_FILE
from tests.edges.store.test_trouble import kept_sessions


def found(monkeypatch: pytest.MonkeyPatch, sessions: Path, cache: Path) -> dict[str, Finding]:
    monkeypatch.setattr(doctor, "data_dir", lambda: sessions)
    monkeypatch.setattr(doctor, "cache_dir", lambda: cache)
    checks = (("sessions", doctor._sessions), ("cache", doctor._cache))
    return {finding.what: finding for what, check in checks for finding in doctor._looked_at(what, check)}


def test_a_folder_that_is_still_to_be_made_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    places = found(monkeypatch, tmp_path / "a" / "b", tmp_path / "c")
    assert [places[what].verdict for what in ("sessions", "cache")] == ["ok", "ok"]


def test_no_folder_can_be_made_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("here I lie", "utf-8")
    places = found(monkeypatch, file / "sessions", file)
    for what, moved_by in (("sessions", "COACH_DATA_DIR"), ("cache", "XDG_CACHE_HOME")):
        assert (places[what].verdict, places[what].says) == ("bad", f"{file} is no folder")
        assert moved_by in places[what].remedy


def test_each_place_that_cannot_be_written_names_what_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda _place, mode: mode == os.F_OK)  # whoever runs tests may write everywhere
    places = found(monkeypatch, tmp_path, tmp_path)
    assert "--data-dir" in places["sessions"].remedy
    assert "--data-dir" not in places["cache"].remedy
    assert "XDG_CACHE_HOME" in places["cache"].remedy


def damaged(store: Path) -> None:
    store.write_bytes(random.Random(1).randbytes(20_000))


def of_a_newer_coach(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 99")


def damaged_inside(store: Path) -> None:
    content = bytearray(store.read_bytes())
    content[4096:8192] = bytes(4096)
    store.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "says", "remedy"),
    [
        (damaged, "is damaged", "`coach recover --salvage` saves what can be read"),
        (damaged_inside, "is damaged", "`coach recover --salvage` saves what can be read"),
        (of_a_newer_coach, "was written by a newer Coach", "update, or choose another place with --data-dir"),
    ],
)
def test_a_store_in_which_no_run_could_be_kept_is_bad_news_and_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoil: Callable[[Path], None], says: str, remedy: str
) -> None:
    data = tmp_path / "data"
    kept_sessions(data, 1)
    spoil(data / STORE_FILE)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    sessions = found(monkeypatch, data, tmp_path / "cache")["sessions"]
    assert sessions.verdict == "bad"
    assert says in sessions.says
    assert sessions.remedy == remedy
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_a_store_that_may_only_be_read_is_bad_news(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data, access = tmp_path / "data", os.access
    kept_sessions(data, 1)
    store = data / STORE_FILE
    monkeypatch.setattr(os, "access", lambda place, mode: place != store and access(place, mode))
    sessions = found(monkeypatch, data, tmp_path / "cache")["sessions"]
    assert (sessions.verdict, sessions.says) == ("bad", f"the store {store} cannot be written")


def test_a_sound_store_is_looked_at_and_nothing_is_left_beside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    kept_sessions(data, 1)
    before = sorted(data.rglob("*"))
    assert found(monkeypatch, data, tmp_path / "cache")["sessions"].verdict == "ok"
    assert sorted(data.rglob("*")) == before


def test_the_data_folder_that_is_named_is_the_one_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_sessions(tmp_path, 1)
    damaged(tmp_path / STORE_FILE)
    assert run(["doctor", "--data-dir", str(tmp_path)]) == 1
    assert f"✗ sessions: the store {tmp_path / STORE_FILE} is damaged" in capsys.readouterr().out
