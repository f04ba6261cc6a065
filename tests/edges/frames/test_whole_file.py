"""A file that was copied only in part is told from one whose count of frames is only a guess."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.app.capture_stage import CaptureStage, LatestSlot, Meter, Moment
from coach.app.loop import NoticeBoard
from coach.cli import run
from coach.edges.frames.new_pictures import NewPictures, new_pictures
from coach.edges.frames.video import VideoFile
from coach.edges.frames.whole_file import is_cut
from coach.languages import load_words
from coach.ports import Frame, SourceEvent
from tests.edges.clips import ffmpeg

SECONDS, RATE = 8, 30
FORMATS = {"mp4": ["-movflags", "+faststart"], "mov": ["-movflags", "+faststart"], "mkv": [], "avi": []}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same eight seconds in every format that says how long it is; the index first, as players want it."""
    folder = tmp_path_factory.mktemp("clips")
    drawn = ["-f", "lavfi", "-i", f"testsrc=size=320x240:rate={RATE}:duration={SECONDS}", "-c:v", "mpeg4", "-g", "30"]
    clips = {name: folder / f"clip.{name}" for name in FORMATS}
    for name, path in clips.items():
        assert ffmpeg(*drawn, *FORMATS[name], str(path)).wait(200) == 0
    return clips


def begun(path: Path, share: float) -> Path:
    """As much of a file as a copy had written."""
    part = path.with_name(f"begun_{share}{path.suffix}")
    part.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    return part


def events(path: Path) -> list[SourceEvent]:
    return [item for item in VideoFile(path, realtime=False).frames() if isinstance(item, SourceEvent)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_copy_that_was_broken_off_is_told(whole: dict[str, Path], name: str) -> None:
    assert not is_cut(whole[name])
    assert events(whole[name]) == []
    for share in (0.3, 0.7):
        part = begun(whole[name], share)
        assert is_cut(part)
        assert events(part) == [SourceEvent.ENDED_EARLY]


@pytest.mark.parametrize("name", FORMATS)
def test_a_few_frames_are_not_worth_a_word(whole: dict[str, Path], name: str) -> None:
    assert events(begun(whole[name], 0.96)) == []


@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_an_edited_clip_that_keeps_what_it_does_not_show_is_whole(whole: dict[str, Path], name: str) -> None:
    edited = whole[name].with_name(f"edited.{name}")
    assert ffmpeg("-ss", "2.9", "-i", str(whole[name]), "-t", "3", "-c", "copy", str(edited)).wait(200) == 0
    source = VideoFile(edited, realtime=False)
    frames = list(source.frames())
    assert all(isinstance(item, Frame) for item in frames)
    assert (source.frame_count or 0) > len(frames) + 20, "what a count alone would have taken for a cut"


def test_a_variable_rate_and_what_a_camera_writes_behind_the_film_are_whole(whole: dict[str, Path]) -> None:
    uneven, longer = whole["mp4"].with_name("uneven.mp4"), whole["mp4"].with_name("longer.mp4")
    chosen = ["-vf", "select='gt(mod(n,7),3)'", "-vsync", "vfr"]
    assert ffmpeg("-i", str(whole["mp4"]), *chosen, "-c:v", "mpeg4", str(uneven)).wait(200) == 0
    longer.write_bytes(whole["mp4"].read_bytes() + bytes(range(256)) * 20)
    assert (events(uneven), events(longer)) == ([], [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\0\0\0\x08mdat",
        b"\0\0\0\0mdat" + bytes(50),
        b"\0\0\0\x01mdat" + bytes(4),
        b"\0\0\0\x14ftypisom" + bytes(8) + b"\xff\xff\xff\xffjunk",
        b"RIFF",
        b"\x1a\x45\xdf\xa3",
        b"\x1a\x45\xdf\xa3\x00",
        b"\x1a\x45\xdf\xa3\x81\x00\x18\x53\x80\x67\x01" + b"\xff" * 7,
        b"\x1a\x45\xdf\xa3\x81\x00\x18\x53\x80\x67\xff",
    ],
)
def test_headers_that_promise_nothing_are_broken_by_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip"
    path.write_bytes(content)
    assert not is_cut(path)


def test_what_a_short_file_says_at_its_end_is_heard() -> None:
    def items() -> Iterator[Frame | SourceEvent]:
        yield from (Frame(n, n / 30, np.full((48, 64, 3), n, np.uint8)) for n in range(9))
        yield SourceEvent.ENDED_EARLY

    for ahead in (False, True):
        seen = list(new_pictures(items(), ahead=ahead))
        assert len(seen) == 10
        assert seen[-1] is SourceEvent.ENDED_EARLY


class _Nobody:
    readings = 1

    def estimate(self, frame: Frame) -> None:
        """Nobody is there."""

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize("how", [[], ["--live-like"]])
def test_terminal_and_session_tell_it_once(
    whole: dict[str, Path],
    tmp_path: Path,
    how: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("coach.app.offline.open_pose_estimator", lambda *_: _Nobody())
    out = tmp_path / "session.json"
    assert run(["analyze", str(begun(whole["mp4"], 0.5)), "--json", str(out), "--no-store", *how]) == 4
    told = "the file ends after 4 of 8 s; copy it again"
    assert capsys.readouterr().err.count(told) == 1
    events = json.loads(out.read_text("utf-8"))["events"]
    assert [(event["kind"], event["detail"]) for event in events if event["detail"] == told] == [("source_cut", told)]


def test_a_live_run_from_a_file_tells_it_too(whole: dict[str, Path]) -> None:
    told: list[str] = []
    slot: LatestSlot[Moment] = LatestSlot()
    board = NoticeBoard(load_words("de"), "metric", print=lambda _notice, text: told.append(text))
    source = NewPictures(VideoFile(begun(whole["mp4"], 0.5), realtime=False))
    CaptureStage(source, slot, Meter(), board).run()
    assert told == ["die Datei endet nach 4 von 8 s; kopiere sie noch einmal"]
