"""What `coach --help` lists, and what this machine makes of a run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from coach.cli import run
from tests.synth import recorded, synthetic_run


def test_help_groups_commands_and_cuts_no_description(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    flat = re.sub(r"\s+", " ", told)

    assert "..." not in told.partition("Options:")[2]
    for heading in ("Run:", "Videos and recordings:", "After the run:", "Runners and programme:", "This machine:"):
        assert f"\n{heading}\n" in told
    assert "Commands:" not in told, "every command has its heading"
    assert "bench Measure this machine: how many pictures a second it can coach" in flat


@pytest.mark.parametrize("group", ["runners", "treadmill"])
def test_nor_does_the_help_of_a_group(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([group, "--help"]) == 0
    assert "..." not in capsys.readouterr().out.partition("Options:")[2]


@pytest.mark.parametrize("group", [[], ["treadmill"]])
def test_alone_a_group_of_commands_says_its_help_in_lines(group: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`coach treadmill` had all its help in one line, as an error."""
    assert run(group) == 0
    alone = capsys.readouterr().out
    assert run([*group, "--help"]) == 0
    assert alone == capsys.readouterr().out
    assert len(alone.splitlines()) > 5


def test_a_command_that_was_typed_wrong_names_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    for typed, its_help in (
        (["analyze"], "coach analyze"),
        (["runners", "add"], "coach runners add"),
        (["jog"], "coach"),
    ):
        assert run(typed) == 2
        assert capsys.readouterr().err.endswith(f"(try: {its_help} --help)\n")


@pytest.mark.slow
def test_bench_measures_both_efforts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--seconds", "1"]) == 0
    told = capsys.readouterr().out

    for effort in ("fast", "accurate"):
        medians = [float(ms) for ms in re.findall(rf"{effort} +\w+ +([\d.]+) ms", told)]
        assert len(medians) == 3, "network, coach and both"
        assert medians[2] >= medians[0] > 0
        assert re.search(rf"{effort}: \d+ pictures a second of 1280×720", told)


@pytest.mark.parametrize("speed", ["0", "0km/h"])
@pytest.mark.parametrize("command", [["demo", "--headless", "--no-store"], ["target"]])
def test_a_belt_that_stands_is_no_speed(command: list[str], speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--speed", speed]) == 2
    assert "speed" in capsys.readouterr().err


def test_no_browser_is_one_line_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path / "poses.jsonl", synthetic_run(duration_s=6, seed=4))
    assert run(["replay", str(tmp_path / "poses.jsonl"), "--speed", "3m/s", "--data-dir", str(tmp_path)]) == 0
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    capsys.readouterr()

    status = run(["report", "last", "--pdf", "--data-dir", str(tmp_path), "--out", str(tmp_path / "run.pdf")])
    assert status == 2
    assert "no Chromium or Chrome was found" in capsys.readouterr().err
    assert not (tmp_path / "run.pdf").exists()
