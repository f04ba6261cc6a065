"""Before what cannot be undone the runner is asked, in their language; anything but a yes changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from coach.app.data_folder import load_profile, save_profile
from coach.cli import run
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Progress
from coach.languages import load_words, packaged_languages

UNDER_WAY = Progress(sessions_done=3, held_deg=4.0)


class Asked:
    """One who has trained, and is asked whether to forget it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.out = self.err = ""
        save_profile(folder, RunnerProfile(progress=UNDER_WAY))

    def answers(self, typed: str, language: str = "en") -> int:
        """The status of `coach forget all` with this answer."""
        config = self.folder / "own.toml"
        config.write_text(f'language = "{language}"\n')
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = run(["forget", "all", "--data-dir", str(self.folder), "--config", str(config)])
        self.out, self.err = self._capsys.readouterr()
        return status

    @property
    def forgotten(self) -> bool:
        return load_profile(self.folder).progress != UNDER_WAY


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("typed", ["n\n", "\n", "yess\n", "ja\n", "forget\n"])
def test_anything_but_a_yes_changes_nothing(asked: Asked, typed: str) -> None:
    assert asked.answers(typed) == 1

    assert not asked.forgotten
    assert asked.err.endswith("[y/N] Nothing was changed.\n")


def test_where_nobody_can_answer_nothing_is_changed_and_the_option_is_named(asked: Asked) -> None:
    """As in a script, or with Ctrl+D."""
    assert asked.answers("") == 1

    assert not asked.forgotten
    assert "unforeseen" not in asked.err
    assert "--yes" in asked.err.splitlines()[-1]


@pytest.mark.parametrize("language", packaged_languages())
def test_a_yes_is_one_in_the_language_of_the_question(asked: Asked, language: str) -> None:
    words = load_words(language)
    for typed in words.line("ask.yes").split():
        save_profile(asked.folder, RunnerProfile(progress=UNDER_WAY))
        assert asked.answers(f" {typed.upper()} \n", language) == 0
        assert asked.forgotten
    assert words.line("ask.keys")[1] == words.line("ask.yes")[0]


def test_the_question_is_no_result(asked: Asked) -> None:
    """What is written into a file holds what was done, not what was asked."""
    assert asked.answers("y\n") == 0

    assert "?" in asked.err
    assert "?" not in asked.out
