"""A disk that is really full: told at once by screen, voice and terminal, and at the end what was kept."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.app.exports import exported
from coach.app.offline import replay
from coach.app.parts import Outputs
from coach.cli import run
from coach.cli.terminal import print_results
from coach.edges.files.poses_file import POSES_FILE, read_poses
from coach.edges.screen.video_writer import Encoder, VideoPlan, VideoWriter
from coach.edges.store import PAGES, Store
from coach.errors import StoreError
from coach.settings import Settings
from tests.app.archives import recording
from tests.app.live_run import LiveRun

Disk = Callable[[int], Path]
FULL = Path("/dev/full")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of so many kilobytes, mounted for the test."""
    mounted: list[Path] = []

    def mount(kilobytes: int) -> Path:
        place = tmp_path / "disk"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount here")
        if done.returncode:
            pytest.skip("a disk can be mounted by root alone")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave not a byte."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


@pytest.fixture(scope="module")
def poses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recording(tmp_path_factory.mktemp("poses") / "run.jsonl", duration_s=10.0)


def complaint(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    """What was told on the way, and the last line."""
    *before, last = capsys.readouterr().err.splitlines()
    return before, last


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_table_that_cannot_be_written_is_told_and_the_rest_is_kept(
    poses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, data = tmp_path / "s.json", tmp_path / "data"
    status = run(["replay", str(poses), "--frames", str(FULL), "--json", str(out), "--data-dir", str(data)])
    told, last = complaint(capsys)
    assert status == 1
    why = f"{FULL}: the table of frames stopped: No space left on device"
    assert f"cannot save, run on: {why}" in told
    assert last.startswith(f"coach: not everything could be kept: {why}. Kept: session 1, ")
    assert str(out) in last
    assert "strides" in out.read_text("utf-8")
    assert Store(data).load("last").strides


def test_a_recording_that_ends_early_says_how_much_of_it_there_is(
    poses: Path, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    record = disk(64) / "poses.jsonl"
    assert run(["replay", str(poses), "--record", str(record), "--no-store"]) == 1
    told, last = complaint(capsys)
    assert "cannot save, run on: the pose recording stopped: No space left on device" in told
    assert re.search(rf"Kept: \d+ kB of {re.escape(str(record))}\. See to it before the next run$", last)
    assert "run.jsonl" not in last
    assert record.stat().st_size > 10_000, "what fits is there"


def test_a_table_that_finds_no_room_gives_back_what_it_took(
    poses: Path, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    table = disk(8) / "frames.csv"
    assert run(["replay", str(poses), "--frames", str(table), "--no-store"]) == 1
    told, last = complaint(capsys)
    assert f"cannot save, run on: {table}: the table of frames stopped: No space left on device" in told
    assert last.endswith("Kept: nothing. See to it before the next run")
    assert list(table.parent.iterdir()) == []


def test_a_json_that_cannot_be_written_is_told_and_that_of_yesterday_stays(
    poses: Path, disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    out = disk(8) / "s.json"
    out.write_text("of yesterday\n")
    assert run(["replay", str(poses), "--json", str(out), "--no-store"]) == 1
    last = complaint(capsys)[1]
    assert "choose another place with --json" in last
    assert "Kept: nothing" in last
    assert out.read_text() == "of yesterday\n"
    assert list(out.parent.iterdir()) == [out]


def test_a_page_that_finds_no_room_leaves_the_session(poses: Path, disk: Disk, tmp_path: Path) -> None:
    outputs = Outputs(data_dir=tmp_path / "data")
    session = replay(poses, outputs=outputs)
    (tmp_path / "data" / PAGES).symlink_to(disk(16), target_is_directory=True)
    with pytest.raises(StoreError, match=r"cannot write the pages to .*: No space left.* Kept: session 1\. See to it"):
        print_results(session, outputs, Settings())
    assert Store(tmp_path / "data").load("last").strides


def test_a_table_cut_short_is_no_export(
    poses: Path, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "data" / "sessions" / "1" / POSES_FILE
    replay(poses, outputs=Outputs(data_dir=tmp_path / "data"))
    assert record.exists()
    monkeypatch.setattr("tempfile.tempdir", str(disk(8)))
    with pytest.raises(StoreError, match="the table of frames stopped: No space left on device; free some space"):
        exported("last", "frames", tmp_path / "data")


@pytest.mark.parametrize("form", ["json", "csv", "trc", "fit"])
def test_an_export_is_whole_or_not_there(
    form: str, poses: Path, disk: Disk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = disk(4)
    fill(place)
    replay(poses, outputs=Outputs(data_dir=tmp_path / "data"))
    to = place / f"run.{form}"
    status = run(["export", "last", "--format", form, "--out", str(to), "--data-dir", str(tmp_path / "data")])
    assert status == 1
    assert complaint(capsys)[1].endswith(f"cannot write {to}: No space left on device; free some space")
    assert [path.name for path in place.iterdir()] == ["filler"]


@pytest.mark.parametrize("encoder", ["pyav", "ffmpeg", "mjpg"])
def test_a_film_is_whole_or_not_there(encoder: Encoder, disk: Disk) -> None:
    if encoder == "ffmpeg" and not shutil.which("ffmpeg"):
        pytest.skip("there is no ffmpeg")
    film = disk(64) / ("film.avi" if encoder == "mjpg" else "film.mp4")
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3)).astype(np.uint8)

    def filmed() -> None:
        writer = VideoWriter(VideoPlan(film, encoder), (320, 240), 30.0)
        for index in range(40):
            writer.write(index / 30, np.roll(noise, 7 * index, axis=1))
        writer.close()

    with pytest.raises(StoreError, match=re.escape(f"cannot write the video {film}: ")):
        filmed()
    assert list(film.parent.iterdir()) == []


def test_a_live_run_tells_it_at_once_goes_on_and_gives_the_session(disk: Disk, tmp_path: Path) -> None:
    place = disk(2000)
    live = LiveRun(place, outputs=Outputs(json=tmp_path / "s.json", frames=tmp_path / "f.csv"))

    def script() -> None:
        live.run_on()
        fill(place)
        live.until_line("said: cannot save, run on")
        live.until_line("shown: cannot save, run on")
        live.until(lambda: any("session is not being stored" in text for text in live.printed), "told of the store")
        live.run_on()

    session = live.session(script)
    assert session.session_id is None
    assert session.strides
    assert any(text.startswith("cannot save, run on: the session is not being stored") for text in live.printed)
    assert "storage" in [event.kind for event in session.events]
    assert "strides" in (tmp_path / "s.json").read_text("utf-8"), "what has room is kept"


def test_a_store_that_has_room_again_says_so_and_loses_nothing(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coach.edges.store.live_session._RETRY_EVERY_S", 0.2)
    place = disk(2000)
    live = LiveRun(place)

    def script() -> None:
        live.run_on()
        filler = fill(place)
        live.until(lambda: any("not being stored" in text for text in live.printed), "told")
        filler.unlink()
        live.until_line("said: saving again")
        live.run_on()

    session = live.session(script)
    kept = Store(place).load("last")
    assert kept.complete
    assert len(kept.strides) == len(session.strides)
    recorded = [t_s for t_s, _, _ in read_poses(place / "sessions" / "1" / POSES_FILE)[1]]
    assert len(recorded) == session.frames.total, "what came while the disk was full stands in the recording, too"
    assert recorded == sorted(recorded)
