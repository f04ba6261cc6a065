"""Results are written over nothing that is read, and each to a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coach.cli import run
from coach.private import left_beside
from tests.app.archives import recording


@pytest.fixture
def poses(tmp_path: Path) -> Path:
    return recording(tmp_path / "poses.jsonl", duration_s=6.0)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """It is never opened: what is asked for is looked at before."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a run that nobody can film again")
    return path


def refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--no-store"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize("option", ["--json", "--frames", "--record", "--video-out"])
def test_a_video_is_never_written_over(option: str, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = video.read_bytes()
    refused(["analyze", str(video), option, str(video)], "a file that is read; give another name", capsys)
    assert video.read_bytes() == before


@pytest.mark.parametrize("option", ["--json", "--frames", "--record"])
def test_a_recording_is_never_written_over(option: str, poses: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = poses.read_bytes()
    refused(["replay", str(poses), option, str(poses)], "a file that is read; give another name", capsys)
    assert poses.read_bytes() == before


@pytest.mark.parametrize("option", ["--json", "--frames", "--record", "--live-out"])
def test_a_video_that_runs_as_a_camera_is_never_written_over(
    option: str, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = video.read_bytes()
    place = f"json:{video}" if option == "--live-out" else str(video)
    refused(["run", "--headless", "--source", str(video), option, place], "a file that is read", capsys)
    assert video.read_bytes() == before


def test_a_configuration_is_never_written_over(poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text('units = "metric"\n')
    refused(["replay", str(poses), "--config", str(own), "--json", str(own)], "a file that is read", capsys)


def test_another_name_for_the_same_file_is_seen_through(
    poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link.jsonl").symlink_to(poses)
    os.link(poses, tmp_path / "hard.jsonl")
    for other in ("link.jsonl", "hard.jsonl", "../" + tmp_path.name + "/poses.jsonl"):
        refused(["replay", str(poses), "--record", str(tmp_path / other)], "a file that is read", capsys)


def test_what_a_half_written_file_is_called_may_be_read(poses: Path, tmp_path: Path) -> None:
    """As a browser calls what it loads; what is not whole yet then has another name."""
    loaded = poses.rename(tmp_path / "run.part.jsonl")
    before = loaded.read_bytes()
    assert run(["replay", str(loaded), "--record", str(tmp_path / "run.jsonl"), "--no-store"]) == 0
    assert loaded.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["run.jsonl", "run.part.jsonl"]


def test_two_results_need_two_files(poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.txt")
    refused(["replay", str(poses), "--json", out, "--frames", out], "--json and --frames are one file", capsys)
    refused(["replay", str(poses), "--frames", out, "--record", out], "--frames and --record are one file", capsys)
    assert run(["replay", str(poses), "--frames", os.devnull, "--record", os.devnull, "--no-store"]) == 0


@pytest.mark.parametrize("option", ["--json", "--frames", "--record"])
def test_a_folder_is_no_file(option: str, poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(["replay", str(poses), option, str(tmp_path)], "it is a folder; give the name of a file in it", capsys)


def test_a_run_that_fails_before_its_first_frame_leaves_the_recording_of_yesterday(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, damaged = tmp_path / "yesterday.jsonl", tmp_path / "damaged.jsonl"
    record.write_text("yesterday")
    poses = recording(tmp_path / "poses.jsonl", duration_s=1.0)
    header = poses.read_text().splitlines()[0]
    damaged.write_text(f"{header}\n{{broken\n{{}}\n")
    assert run(["replay", str(damaged), "--record", str(record), "--no-store"]) == 3
    assert record.read_text() == "yesterday"
    assert {path.name for path in tmp_path.glob("*.jsonl")} == {"yesterday.jsonl", "damaged.jsonl", "poses.jsonl"}
    capsys.readouterr()


@pytest.mark.parametrize(("place", "said"), [("nowhere/run.pdf", "make it first"), (".", "it is a folder")])
def test_a_pdf_goes_into_a_folder_that_is_there(
    place: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tmp_path / "data")
    assert run(["report", "--pdf", "--out", str(tmp_path / place), "--data-dir", data]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_what_a_killed_run_left_beside_a_result_is_told(
    poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lay there for good, a new one beside it after every killed run, and nobody said so."""
    for name in ("f.part.csv", "f.part-2.csv"):
        (tmp_path / name).write_bytes(bytes(600_000))
    for name in ("g.part.csv", "f.part.txt", "f.party.csv", "f.part-x.csv"):
        (tmp_path / name).touch()
    gone = tmp_path / "f.part-3.csv"
    monkeypatch.setattr("coach.cli.options.left_beside", lambda path: [*left_beside(path), gone])

    assert run(["replay", str(poses), "--frames", str(tmp_path / "f.csv"), "--no-store"]) == 0, "one just got its name"

    (told,) = [line for line in capsys.readouterr().err.splitlines() if "earlier runs" in line]
    names = f"{tmp_path / 'f.part-2.csv'}, {tmp_path / 'f.part.csv'}"
    assert told.startswith(f"left by earlier runs: {names} (1.2 MB); delete")
    assert (tmp_path / "f.part.csv").stat().st_size == 600_000
