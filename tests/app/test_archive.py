"""Which files of an archive are to do."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from coach.app import offline
from coach.app.archive import Archive, Sieve, Task, analyse, content_hash, settings_hash
from coach.app.loop import Print
from coach.app.parts import words_of
from coach.app.speed_sources import BeltInput
from coach.config import load_settings
from coach.core.notices import ended_early
from coach.core.session.session import Session
from coach.edges.files.dataset import Dataset, Known
from coach.edges.files.dataset_rows import VideoRecord
from coach.errors import ConfigError, NoRunnerError
from coach.settings import Settings
from tests.app.archives import damaged, recorded, recording
from tests.synth import synthetic_run

BELT = BeltInput(3.0)


def archive(folder: Path, **asked: object) -> Archive:
    return dataclasses.replace(Archive(folder, Settings(), BELT), **asked)  # type: ignore[arg-type]


def known(path: Path, *, status: str = "done", belt: BeltInput = BELT) -> Known:
    facts = path.stat()
    settings = settings_hash(Settings(), belt)
    return Known(content_hash(path), settings, str(path), facts.st_size, facts.st_mtime_ns, status)


def sifted(asked: Archive, *videos: Known) -> list[Task | VideoRecord]:
    return list(Sieve(asked, videos).tasks(asked.files(without=asked.folder / "out")))


def test_videos_and_recordings_at_any_depth_but_nothing_hidden_and_no_results(tmp_path: Path) -> None:
    wanted = ["a.MP4", "sub/b.mov", "sub/deeper/c.jsonl.gz", "d.jsonl"]
    for name in (*wanted, "._a.mp4", ".cache/e.mp4", "notes.txt", "d.json", "out/f.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = archive(tmp_path).files(without=tmp_path / "out")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in found) == sorted(wanted)


def test_a_folder_that_is_none_or_empty_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        archive(tmp_path / "nowhere").files(without=tmp_path)
    with pytest.raises(ConfigError, match="there is no video"):
        archive(tmp_path).files(without=tmp_path / "out")


def test_done_with_the_same_settings_is_skipped_wherever_the_file_lies_now(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"one")
    before = known(clip)
    assert sifted(archive(tmp_path), before) == []
    clip.rename(tmp_path / "moved.mp4")
    assert sifted(archive(tmp_path), before) == []


def test_other_content_speed_or_settings_are_to_do(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"one")
    before = known(clip)
    assert len(sifted(archive(tmp_path, belt=BeltInput(3.1)), before)) == 1
    for other in ({"target.level": "easy"}, {"camera.field_of_view_deg": 110}):
        assert len(sifted(archive(tmp_path, settings=load_settings(None, other)), before)) == 1
    clip.write_bytes(b"two")
    os.utime(clip, ns=(before.modified_ns + 1, before.modified_ns + 1))
    assert len(sifted(archive(tmp_path), before)) == 1


def test_what_is_shown_or_said_changes_no_result() -> None:
    louder = load_settings(None, {"sound.volume": 0.3, "screen.theme": "light", "units": "imperial"})
    assert settings_hash(louder, BELT) == settings_hash(load_settings(None), BELT)
    foreign = load_settings(None, {"language": "de", "camera.source": "0", "camera.width": 640})
    assert settings_hash(foreign, BELT) == settings_hash(load_settings(None), BELT)
    aside = load_settings(None, {"pose.threads": 1, "heart.bluetooth": True, "live_out.to": ["lsl"]})
    assert settings_hash(aside, BELT) == settings_hash(load_settings(None), BELT), "nothing measured hangs on these"


def test_a_worker_gives_each_network_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def look(_path: Path, settings: Settings, _belt: BeltInput, tell: Print) -> Session:
        asked.append(settings.pose.threads)
        raise NoRunnerError("nobody")

    monkeypatch.setattr(offline, "analyze", look)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"one")
    for settings in (Settings(), load_settings(None, {"pose.threads": 3})):
        (task,) = sifted(archive(tmp_path, settings=settings))
        assert isinstance(task, Task)
        assert analyse(task).failure is not None
    assert asked == [1, 3], "a number that was asked for holds"


@pytest.mark.parametrize(("cut", "kind"), [(True, "source"), (False, "no_runner")])
def test_nobody_in_a_file_that_was_cut_short_is_the_file_s_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cut: bool, kind: str
) -> None:
    def look(_path: Path, settings: Settings, _belt: BeltInput, tell: Print) -> Session:
        if cut:
            notice = ended_early(1.0, 14.0)
            tell(notice, notice.text(words_of(settings), "metric"))
        raise NoRunnerError("no runner was found in clip.mp4")

    monkeypatch.setattr(offline, "analyze", look)
    (tmp_path / "clip.mp4").write_bytes(b"one")
    (task,) = sifted(archive(tmp_path))
    assert isinstance(task, Task)
    failure = analyse(task).failure
    assert failure is not None
    assert failure.kind == kind
    before = "the file ends after 1 of 14 s; copy it again; " if cut else ""
    assert failure.reason == f"{before}no runner was found in clip.mp4"


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"one")
    before = known(clip)
    monkeypatch.setattr("coach.app.archive.content_hash", pytest.fail)
    assert sifted(archive(tmp_path), before) == []


def test_each_file_has_the_speed_that_its_name_or_its_sidecar_says(tmp_path: Path) -> None:
    for name in ("anna_9.0kmh.mp4", "anna_12.6kmh.mp4", "anna.mp4"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "anna.json").write_text('{"speed": "7.2"}')

    def speeds_mps(speed_from: str) -> dict[str, float | None]:
        tasks = [task for task in sifted(archive(tmp_path, speed_from=speed_from)) if isinstance(task, Task)]
        return {task.name: task.belt.speed_mps for task in tasks}

    by_name = speeds_mps("name")
    assert by_name["anna_9.0kmh.mp4"] == pytest.approx(2.5)
    assert by_name["anna_12.6kmh.mp4"] == pytest.approx(3.5)
    assert by_name["anna.mp4"] == 3.0, "no speed in the name: that of the batch"
    assert speeds_mps("sidecar")["anna.mp4"] == pytest.approx(2.0)


def test_a_failed_one_is_left_alone_unless_it_is_asked_for(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"one")
    before = known(clip, status="failed")
    assert sifted(archive(tmp_path), before) == []
    assert len(sifted(archive(tmp_path, retry=True), before)) == 1


def test_a_broken_sidecar_is_a_row_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"one")
    (tmp_path / "a.txt").write_text("fast")
    (row,) = sifted(archive(tmp_path, speed_from="sidecar"))
    assert isinstance(row, VideoRecord)
    assert row.failure is not None
    assert row.failure.kind == "speed"
    assert "a.txt gives no speed" in row.failure.reason


def test_a_file_that_was_replaced_leaves_no_row_behind_and_a_moved_one_keeps_its_own(tmp_path: Path) -> None:
    damaged, moved = tmp_path / "a.mp4", tmp_path / "b.mp4"
    damaged.write_bytes(b"cut sho")
    moved.write_bytes(b"one")
    before = [known(damaged, status="failed"), known(moved)]
    moved.rename(tmp_path / "c.mp4")
    damaged.write_bytes(b"cut short no more")
    sieve = Sieve(archive(tmp_path), before)
    (task,) = sieve.tasks(archive(tmp_path).files(without=tmp_path / "out"))
    assert isinstance(task, Task)
    assert task.path == damaged
    assert sieve.gone() == [before[0].content_sha256]


pytest.importorskip("pyarrow", reason="coach batch needs the extra [batch]")
PAGE = Path(__file__).parents[2] / "docs" / "batch.md"


def dataset_of(folder: Path) -> None:
    """`results/` with every file of a folder."""
    asked = Archive(folder, Settings(), BELT)
    dataset = Dataset.create(folder / "results")
    for task in Sieve(asked, ()).tasks(asked.files(without=folder / "results")):
        assert isinstance(task, Task)
        dataset.put(analyse(task))


def recipe_of(library: str) -> str:
    (recipe,) = re.findall(rf"```python\n(import {library}.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(recipe)


def test_the_recipe_prints_a_line_a_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = recording(tmp_path / "run.jsonl")
    damaged(tmp_path / "bad.jsonl")
    dataset_of(tmp_path)

    monkeypatch.chdir(tmp_path)
    exec(compile(recipe_of("pyarrow"), str(PAGE), "exec"), {})

    summary = offline.replay(clip, belt=BeltInput(3.0)).summary
    name, speed, peak, strides = capsys.readouterr().out.split()
    assert (name, int(strides)) == ("run.jsonl", summary.strides_valid_near)
    assert float(speed) == pytest.approx(3.0)
    assert float(peak) == pytest.approx(summary.peak_knee_flexion_deg.near)


def test_the_recipes_tell_a_run_with_a_turn_as_its_page_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas", reason="needs the extra [lab]")
    poses = synthetic_run(speed_mps=3.0, duration_s=10, fps=30, noise_ll=0.01).poses
    other_way = synthetic_run(speed_mps=3.0, duration_s=8, fps=30, facing="left", heel_lift_deg=-8.0, start_s=13.0)
    summary = offline.replay(recorded(tmp_path / "turn.jsonl", [*poses, *other_way.poses]), belt=BELT).summary
    dataset_of(tmp_path)

    monkeypatch.chdir(tmp_path)
    for library in ("pyarrow", "pandas"):
        exec(compile(recipe_of(library), str(PAGE), "exec"), {})
        said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("turn.jsonl")).split()
        peak_deg = said[2] if library == "pyarrow" else said[1]
        assert float(peak_deg) == pytest.approx(summary.peak_knee_flexion_deg.near, abs=1e-4)
