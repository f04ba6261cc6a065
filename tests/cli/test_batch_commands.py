"""`coach batch` on the shell: what it says, and the statuses it leaves with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from coach.app.archive import Task, record_of
from coach.app.speed_sources import BeltInput
from coach.cli import run
from coach.cli.batch_commands import _bar
from coach.edges.files.dataset import Dataset
from coach.settings import Settings
from tests.app.archives import damaged, recording
from tests.edges.store.runs import builder_of


@pytest.mark.slow
def test_an_archive_and_its_status(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed", reason="coach batch needs the extra [batch]")
    clips, out = tmp_path / "clips", str(tmp_path / "out")
    clips.mkdir()
    recording(clips / "run_3mps.jsonl")
    damaged(clips / "[bad].jsonl")

    asked = ["batch", str(clips), "--out", out, "--speed-from", "name", "--workers", "1"]
    assert run(asked) == 0
    said = capfd.readouterr()
    assert "2 files: 1 done, 1 failed, 0 were there already" in said.out
    assert "failed: [bad].jsonl: " in said.err

    assert run(asked) == 0
    assert "2 files: 0 done, 0 failed, 2 were there already" in capfd.readouterr().out

    assert run(["batch", "status", out]) == 0
    said = capfd.readouterr()
    assert "2 videos: 1 done, 1 failed" in said.out
    assert "failed: [bad].jsonl: " in said.out


def test_the_status_repeats_what_was_told_of_a_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow", reason="coach batch needs the extra [batch]")
    builder = builder_of()
    builder.event(5.0, "source_cut", "the file ends after 5 of 20 s; copy it again")
    task = Task(Path("clips/half.mp4"), "half.mp4", "0", 1, 1, Settings(), BeltInput())
    Dataset.create(tmp_path / "out").put(record_of(task, builder.finish(), 1.0))
    assert run(["batch", "status", str(tmp_path / "out")]) == 0
    assert "half.mp4: the file ends after 5 of 20 s; copy it again" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clips"], "--out"),
        (["clips", "more", "--out", "o"], "takes one folder"),
        (["clips", "--out", "o", "--speed-from", "guess"], "sidecar or name"),
        (["clips", "--out", "o", "--workers", "2", "--scheduler", "tcp://127.0.0.1:9"], "--workers is for"),
        (["nowhere", "--out", "o"], "is no folder"),
        (["status"], "name one dataset"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["batch", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("lacking", ["distributed", "pyarrow.parquet"])
def test_without_the_extra_one_line_says_how_to_install_it(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").touch()
    monkeypatch.setitem(sys.modules, lacking, None)
    assert run(["batch", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.strip().endswith("pip install 'treadmill-coach[batch]'")
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_is_none_has_its_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "status", str(tmp_path)]) == 3
    assert "holds no dataset" in capsys.readouterr().err


def test_what_was_told_of_a_video_is_one_line_with_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    builder = builder_of()
    builder.event(5.0, "source_cut", "the file ends after 5 of 20 s; copy it again")
    builder.event(6.0, "away")
    for t_s in (7.0, 9.0):
        builder.event(t_s, "belt_speed", "you typed 10.8 km/h, the picture says 9.9 km/h")
    builder.event(8.0, "usage_data", "said before, once for all")
    task = Task(Path("clips/half.mp4"), "half.mp4", "0", 1, 1, Settings(), BeltInput())
    with _bar() as tell:
        tell(record_of(task, builder.finish(), 1.0), 1)
        tell(None, 1)
    assert capsys.readouterr().err == (
        "half.mp4: the file ends after 5 of 20 s; copy it again; you typed 10.8 km/h, the picture says 9.9 km/h\n"
    )
