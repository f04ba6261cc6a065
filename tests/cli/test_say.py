"""`coach say`: the words are said, or one line tells why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from coach.cli import run
from coach.edges.audio import sound, speech


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine whose words are a hum, and a card without a device."""
    hums = (
        sys.executable,
        str(Path(__file__).parent.parent / "edges" / "faulty_engine.py"),
        "none",
        str(tmp_path / "d"),
    )
    monkeypatch.setattr(sound, "ENGINE", hums)
    monkeypatch.setattr("coach.cli.system_commands.cache_dir", lambda: tmp_path)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")


def test_it_is_said_and_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["say", "Heels up"]) == 0
    assert capsys.readouterr().out == "speech: ready, faulty, Hum\n"


def test_without_a_card_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    assert run(["say", "Heels up"]) == 1
    assert capsys.readouterr().err.startswith("coach: nothing was said: no sound card")


def test_without_words_the_use_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["say"]) == 2
    assert "--voices" in capsys.readouterr().err


def test_voices_are_tried_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = (
        speech.Voice("1", "Anna", ("de-DE",)),
        speech.Voice("2", "Daniel", ("en_GB",)),
        speech.Voice("3", "Samantha", ("en-US",)),
    )
    monkeypatch.setattr(speech, "list_voices", lambda: installed)
    assert run(["say", "--voices", "Heels up"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["Daniel", "Samantha"]
    assert run(["say", "--voices", "Talons", "--language", "fr"]) == 2
    assert "no voice here speaks 'fr'" in capsys.readouterr().err


def test_voices_without_an_engine_are_an_error_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = (sys.executable, str(Path(__file__).parent.parent / "edges" / "faulty_engine.py"), "is not installed")
    monkeypatch.setattr(speech.list_voices, "__defaults__", ((*command, str(tmp_path / "d")),))
    assert run(["say", "--voices"]) == 1
    assert capsys.readouterr().err == f"coach: no speech engine: {speech.install_hint()}\n"
