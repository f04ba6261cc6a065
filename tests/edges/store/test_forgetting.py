"""What is forgotten leaves no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from coach.app.data_folder import close_data_folder
from coach.cli import run
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.edges.store import STORE_FILE, Runners, Store
from coach.errors import StoreError
from tests.edges.store.runs import builder_of


def traces(folder: Path, of: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and of in path.read_bytes()]


def test_forgetting_a_session_leaves_no_trace_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    secret = SourceFacts("video", "a-very-private-run.mp4", 640, 480)
    store.keep(SessionBuilder(secret).finish())
    other = store.keep(builder_of().finish())
    still = store.folder(1) / "best.jpg"
    still.parent.mkdir(parents=True, exist_ok=True)
    still.write_bytes(b"picture of a-very-private-run.mp4")
    (tmp_path / "pages").mkdir()
    for name in ("index", "session-1", "compare-1-2", "compare-2-1", "session-2", "compare-2-11"):
        (tmp_path / "pages" / f"{name}.html").write_text("a-very-private-run.mp4" if "1" in name.split("-")[1:] else "")
    assert traces(tmp_path, b"a-very-private-run.mp4")

    assert store.forget(1) == 1

    assert traces(tmp_path, b"a-very-private-run.mp4") == []
    assert [line.session_id for line in store.sessions()] == [other.session_id]
    assert not store.folder(1).exists()
    assert {page.stem for page in (tmp_path / "pages").iterdir()} == {"session-2", "compare-2-11"}


def test_forgetting_all_takes_profile_pages_and_files_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(builder_of().finish())
    store.save_profile({"runner": "nobody-knows-me"})
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.html").write_text("nobody-knows-me")

    assert store.forget("all") == 1

    assert traces(tmp_path, b"nobody-knows-me") == []
    assert traces(tmp_path, b"Heel up, quick") == []
    assert store.sessions() == ()
    assert store.load_profile() == {}


@pytest.mark.parametrize(
    "command", [["forget", "2"], ["forget", "all", "--yes"], ["runners", "forget", "Anna", "--yes"]]
)
def test_forgetting_takes_what_is_left_of_a_damaged_store_too(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Runners(tmp_path).add("Anna")
    Store(tmp_path).keep(builder_of().finish())
    Store(tmp_path).keep(builder_of().finish())
    backup = tmp_path / f"{STORE_FILE}.backup"
    copies = [
        f"{STORE_FILE}.{end}" for end in ("damaged-20260105-180000", "damaged-20260105-180000-wal", "part-journal")
    ]
    for path in (backup, *(tmp_path / name for name in copies)):
        path.write_bytes(b"Heel up, quick")
    close_data_folder(tmp_path)
    assert all(path.stat().st_mode & 0o077 == 0 for path in map(tmp_path.joinpath, copies)), "closed until then"

    assert run([*command, "--data-dir", str(tmp_path)]) == 0

    assert "damaged file" in capsys.readouterr().out
    assert {path.name for path in tmp_path.glob(f"{STORE_FILE}.*")} == {backup.name}, "what is not Coach's own stays"
    assert run(["forget", "all", "--yes", "--data-dir", str(tmp_path)]) == 0
    assert "damaged" not in capsys.readouterr().out


def test_forgetting_leaves_no_trace_while_another_session_runs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(SessionBuilder(SourceFacts("video", "a-very-private-run.mp4", 640, 480)).finish())
    builder = builder_of()
    live = store.begin(builder)
    live.write()

    store.forget(1)

    assert traces(tmp_path, b"a-very-private-run.mp4") == []
    assert len(live.finish(builder.finish()).strides) == len(store.load(2).strides)


def test_a_forgotten_number_is_never_given_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(builder_of().finish())
    store.forget("last")

    assert store.keep(builder_of().finish()).session_id == 2


def test_a_running_session_is_not_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live = store.begin(builder_of())

    with pytest.raises(StoreError, match="still running"):
        store.forget("all")
    live.close()
