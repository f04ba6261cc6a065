"""What Coach keeps is its owner's alone: folders 0700 and files 0600, whatever the umask and whatever was there."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.app.data_folder import SNAPSHOTS, TREADMILL_FILE, close_data_folder
from coach.app.kept_sessions import compared, forget, written_report
from coach.app.parts import Outputs
from coach.app.session_writer import SessionWriter
from coach.cli import run
from coach.edges.files.last_setup import LastSetup, save_last_setup
from coach.edges.store import PAGES, SESSIONS, STORE_FILE, Store
from coach.ports import Frame, SourceInfo
from coach.private import close_to_others, private_file, private_folder, write_private
from coach.settings import Settings
from tests import kept
from tests.edges.files.test_stills import pose_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows closes a user's profile by itself")

KEPT = {"sessions.db", "last_setup.json", "sessions", "1", "poses.jsonl.gz", "lowest.jpg", "best.jpg", "stills.json"}


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=lambda umask: f"umask {umask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == 0o777 and os.geteuid() != 0:
        pytest.skip("with this umask nobody but root gets as far as its own folders for tests")
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def rights(root: Path) -> dict[str, str]:
    """Rights of the folder and all that is in it, by name."""
    return {path.name: oct(path.stat().st_mode & 0o777) for path in (root, *root.rglob("*"))}


def wanted(root: Path) -> dict[str, str]:
    return {path.name: "0o700" if path.is_dir() else "0o600" for path in (root, *root.rglob("*"))}


def assert_private(root: Path, *names: str) -> None:
    assert rights(root) == wanted(root)
    assert set(names) <= set(rights(root))


def keep_a_session(root: Path, record: Path | None = None) -> None:
    """A run with photographs, as a live one keeps it; looked at while it goes on and when it is over."""
    info = SourceInfo("camera", "bench", 640, 480, 30.0, live=True)
    with SessionWriter(Outputs(data_dir=root, record=record), info, Settings()) as writer:
        for number, update in enumerate(kept.run(6.0, 15.0, peak_deg=lambda t_s: 100 - abs(t_s - 3.0))):
            seen = replace(update, pose=pose_of(update))
            writer.append(Frame(number, update.t_s, np.full((480, 640, 3), 90, np.uint8)), seen)
        assert_private(root, "sessions.db-wal", "sessions.db-shm", "running.lock")
        writer.finish((), 0)


def test_a_run_and_all_that_is_made_of_it_is_closed_to_others(tmp_path: Path, umask: int) -> None:
    root = private_folder(tmp_path / "made") / "data"
    keep_a_session(root)
    keep_a_session(root)
    written_report("1", root, Settings())
    compared("1", "2", root, Settings())
    save_last_setup(root, LastSetup("0"))
    Store(root).save_profile({"any": "thing"})
    assert_private(root, *KEPT, "index.html", "session-1.html", "compare-1-2.html", "review.css")


def test_files_asked_for_elsewhere_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        keep_a_session(tmp_path / "data", tmp_path / "mine.jsonl")
        assert run(["export", "1", "--out", str(tmp_path / "mine.json"), "--data-dir", str(tmp_path / "data")]) == 0
    finally:
        os.umask(before)
    for name in ("mine.jsonl", "mine.json"):
        assert oct((tmp_path / name).stat().st_mode & 0o777) == "0o640"


def opened_up(root: Path) -> Path:
    """A data folder as older versions left it."""
    keep_a_session(root)
    (root / SNAPSHOTS).mkdir()
    (root / SNAPSHOTS / "20260101-080000.png").write_bytes(b"picture")
    (root / TREADMILL_FILE).write_text("{}")
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return root


def test_a_folder_that_is_open_is_closed_at_the_next_start_and_that_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = opened_up(tmp_path / "data")
    said = f"others on this machine could read what is kept in {root}; now you alone can"
    assert run(["history", "--data-dir", str(root)]) == 0
    assert said in capsys.readouterr().err
    assert_private(root, "20260101-080000.png", TREADMILL_FILE)
    assert run(["history", "--data-dir", str(root)]) == 0
    assert capsys.readouterr().err == ""


def test_other_peoples_things_beside_it_stay_as_they_are(tmp_path: Path) -> None:
    root = opened_up(tmp_path / "home")
    (root / "letters").mkdir(mode=0o755)
    (root / "letters").chmod(0o755)
    assert close_data_folder(root)
    found = rights(root)
    assert (found["home"], found["letters"]) == ("0o755", "0o755")
    assert {found[name] for name in (SESSIONS, SNAPSHOTS)} == {"0o700"}
    assert {found[name] for name in (STORE_FILE, "poses.jsonl.gz", TREADMILL_FILE)} == {"0o600"}


def test_a_folder_without_a_store_is_not_touched(tmp_path: Path) -> None:
    for name in (SESSIONS, PAGES):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    tmp_path.chmod(0o755)
    assert not close_data_folder(tmp_path)
    assert set(rights(tmp_path).values()) == {"0o755"}


def test_a_place_that_all_share_stays_shared(tmp_path: Path) -> None:
    opened_up(tmp_path / "shared").chmod(0o1777)
    assert close_data_folder(tmp_path / "shared")
    assert rights(tmp_path / "shared")["shared"] == "0o777"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    root = opened_up(tmp_path / "data")
    outside = tmp_path / "outside.txt"
    outside.write_text("not ours")
    outside.chmod(0o644)
    (root / SESSIONS / "link").symlink_to(outside)
    close_data_folder(root)
    assert outside.stat().st_mode & 0o777 == 0o644
    assert not close_to_others(root / SESSIONS / "link")


def test_a_file_is_closed_before_anything_is_in_it_and_keeps_what_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    assert private_file(path).stat().st_size == 0
    path.write_text("kept")
    path.chmod(0o644)
    assert private_file(path).read_text() == "kept"
    assert path.stat().st_mode & 0o777 == 0o600


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_private(tmp_path / "folder", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_closing_a_database_to_others_leaves_a_writers_lock_in_place(tmp_path: Path) -> None:
    """Locks of files belong to a process: to open and close the file once more would take SQLite's away."""
    path = tmp_path / "any.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    path.chmod(0o644)
    private_file(path)
    elsewhere = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.1).execute('CREATE TABLE t (a)')"
    asked = subprocess.run([sys.executable, "-c", elsewhere, str(path)], capture_output=True, text=True, check=False)
    writer.close()
    assert "database is locked" in asked.stderr
    assert path.stat().st_mode & 0o777 == 0o600


def test_all_is_gone_after_forgetting_all(tmp_path: Path) -> None:
    root = opened_up(tmp_path / "data")
    written_report("1", root, Settings())
    save_last_setup(root, LastSetup("0"))
    assert forget("all", root, Settings()) == 1
    assert {path.name for path in root.iterdir()} <= {STORE_FILE, f"{STORE_FILE}-wal", f"{STORE_FILE}-shm"}
    assert json.dumps([line.session_id for line in Store(root).sessions()]) == "[]"
