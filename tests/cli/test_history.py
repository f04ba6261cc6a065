"""`coach history`: every session in its time, by its own name, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coach.app.kept_sessions import written_index
from coach.cli import run
from coach.cli.console import OUT
from coach.config import load_settings
from coach.edges.store import PAGES, SHARED_FILE, Runners, Store
from tests.edges.store.runs import SOURCE, builder_of


def keep(root: Path, day: str, kind: str = "video", name: str = "clip.mp4", *, shared: bool = False) -> None:
    store, session = Store(root), builder_of().finish()
    source = replace(SOURCE, kind=kind, name=name)
    number = store.keep(replace(session, source=source, started_at=f"{day}T18:00:00+01:00")).session_id or 0
    store.folder(number).mkdir(parents=True, exist_ok=True)
    if shared:
        (store.folder(number) / SHARED_FILE).write_text("[]")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OUT, "_width", 200)


def test_sessions_stand_newest_first_by_when_they_were_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for day in ("2026-01-05", "2025-03-01", "2026-01-02"):
        keep(tmp_path, day)
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    rows = capsys.readouterr().out.splitlines()[-3:]
    assert [row.split()[:2] for row in rows] == [["1", "2026-01-05"], ["3", "2026-01-02"], ["2", "2025-03-01"]]


def test_what_was_cut_short_is_told_with_how_to_save_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path, "2026-01-05")
    Store(tmp_path).begin(builder_of()).close()  # as a process that died leaves it
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Cut short: 2. `coach recover` saves what was run until then."
    assert run(["recover", "--data-dir", str(tmp_path)]) == 0
    assert "session 2: it ended before its first picture" in capsys.readouterr().out, "and not without a word"
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    assert "Cut short" not in capsys.readouterr().out


def test_what_was_cut_short_is_so_on_no_page_any_more_once_it_is_saved(tmp_path: Path) -> None:
    for name in ("", "Anna"):
        if name:
            Runners(tmp_path).add(name)
        Store(tmp_path, name).begin(builder_of()).close()
        index = written_index(tmp_path, load_settings(None, {"runner.name": name}))
        assert "cut short" in index.read_text("utf-8")
    assert run(["recover", "--data-dir", str(tmp_path)]) == 0
    pages = [page.read_text("utf-8") for page in (tmp_path / PAGES).glob("index*.html")]
    assert len(pages) == 2
    assert not any("cut short" in page for page in pages)


def test_what_was_saved_is_told_where_its_index_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Store(tmp_path).begin(builder_of()).close()
    (tmp_path / PAGES / "index.html").mkdir(parents=True)
    assert run(["recover", "--data-dir", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "session 1: it ended" in told.out
    assert "cannot write the page" in told.err


def test_what_is_somebody_elses_is_marked_and_in_no_line_of_the_last_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, "2026-01-01")
    for day in ("2026-01-02", "2026-01-03"):
        keep(tmp_path, day, "demo")
        keep(tmp_path, day, name="theirs.mp4", shared=True)
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count("theirs (imported)") == 2
    assert "last 5 runs" not in said
    keep(tmp_path, "2026-01-04")
    keep(tmp_path, "2026-01-05")
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    assert "last 3 runs" in capsys.readouterr().out


def test_a_name_is_shown_as_it_is_and_commands_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path, "2026-01-01", name="hill [bold] :runner: [1].mp4")
    keep(tmp_path, "2026-01-02", name="\x1b]0;owned\x07 \x1b[2J\x9b1m\n 9  2030-01-01.mp4", shared=True)
    assert run(["history", "--data-dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "hill [bold] :runner: [1]" in said
    assert not set(said) & set("\x1b\x07\x9b")
    assert "�]0;owned� �[2J�1m 9 2030-01-01 (imported)" in said, "and it makes no row of its own"
