"""The gallery: its pages are there, say what the run was, carry no picture and ask nothing of any network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.languages import languages
from tests import kept
from tools import gallery


def a_run() -> Session:
    builder = SessionBuilder(SourceFacts("demo", "demo runner", 640, 480), (), "2026-03-01T07:00:00+01:00")
    for update in kept.run(40.0, fps=10.0):
        builder.add(update)
    return builder.finish()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; the run itself takes 45 seconds and is tested where the demo is."""
    asked: list[list[str]] = []

    def kept_run(words: list[str], _data: Path) -> Session:
        asked.append(words)
        return a_run()

    monkeypatch.setattr(gallery, "ran", kept_run)
    return asked


def test_every_link_leads_to_a_page_of_the_run(commands: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text("of the time before")
    index = gallery.written(tmp_path, tmp_path.parent / "clip.mp4")
    assert [words[0] for words in commands] == ["demo", "analyze"]
    links = re.findall(r'href="([^"#:]+\.html)"', index.read_text("utf-8"))
    assert len(links) == len(set(links)) == len(languages()) + 1
    there = {path.name for path in tmp_path.glob("*.html")}
    assert there == {*links, "index.html"}
    for name in there:
        text = (tmp_path / name).read_text("utf-8")
        assert "default-src" in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
        assert "data:image" not in text
    assert "2026" in (tmp_path / "demo-en.html").read_text("utf-8")
    assert "2026" not in re.search(r"<h1>.*?</h1>", (tmp_path / "clip-en.html").read_text("utf-8"), re.DOTALL)[0]  # type: ignore[index]


def test_without_measured_data_there_is_the_demo_alone(commands: list[list[str]], tmp_path: Path) -> None:
    index = gallery.written(tmp_path, None)
    assert [words[0] for words in commands] == ["demo"]
    assert "clip" not in index.read_text("utf-8")
