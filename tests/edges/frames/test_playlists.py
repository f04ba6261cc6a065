"""A playlist is no video: it may name any file and host, and none of them is opened, whatever the list is called."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from coach.cli import run
from coach.edges.frames import capture
from coach.edges.frames.capture import open_file
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from tests.edges.clips import write_clip

HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile '{0}'\n"
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 26\n"
MPD = '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{0}</BaseURL></MPD>\n'
LISTS = {
    "HLS": HLS,
    "concat": CONCAT,
    "session": SDP,
    "DASH": MPD,
    "M3U": "\ufeff#EXTM3U\n{0}\n",
    "PLS": "[playlist]\n{0}",
}


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        VideoFile(path, realtime=False)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("named", ["run.mp4", "run.avi", "run", "run.m3u8", "run.sdp"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_is_told_by_what_it_holds(tmp_path: Path, kind: str, named: str) -> None:
    clip = write_clip(tmp_path / "other.mp4")
    path = tmp_path / named
    path.write_text(LISTS[kind].format(clip.name), "utf-8")
    said = refused(path)
    assert said.startswith(f"{path} is a playlist: it names other files or addresses")
    assert said.endswith("give the video file itself")


@pytest.mark.parametrize("named", ["a.M3U8", "a.m3u", "a.ffconcat", "a.sdp", "a.mpd"])
def test_a_list_is_told_by_its_ending(tmp_path: Path, named: str) -> None:
    path = tmp_path / named
    path.write_text("whatever.mp4\n")
    assert "is a playlist" in refused(path)


def test_the_command_says_so_in_one_line_and_leaves_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.mp4"
    path.write_text(CONCAT.format("other.mp4"))
    for command in (["analyze", str(path)], ["run", "--headless", "--source", str(path)]):
        assert run([*command, "--data-dir", str(tmp_path / "data")]) == 3
        last = capsys.readouterr().err.strip().splitlines()[-1]
        assert last.startswith(f"coach: {path} is a playlist")


def test_a_video_that_mentions_a_playlist_is_a_video(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes() + b"\n#EXTM3U\n<MPD>\nc=IN IP4 127.0.0.1\n")
    VideoFile(path, realtime=False).close()


@pytest.mark.parametrize(
    "disguise", [lambda text: text, lambda text: b"ID3\3\0\0\0\0\0\0" + text], ids=["as it is", "behind a music tag"]
)
@pytest.mark.parametrize("kind", ["HLS", "concat", "session"])
def test_what_slips_through_is_not_opened_by_ffmpeg_either(
    tmp_path: Path, kind: str, disguise: Callable[[bytes], bytes]
) -> None:
    """The second door: FFmpeg opens files that hold a video themselves, and nothing that they name."""
    write_clip(tmp_path / "other.mp4")
    for name in ("run.mp4", "run.m3u8", "run.ffconcat"):
        path = tmp_path / name
        path.write_bytes(disguise(LISTS[kind].format("other.mp4").encode()))
        assert open_file(path) is None


def test_the_host_in_a_list_is_never_called(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        path = tmp_path / "run.m3u8"
        path.write_text(HLS.format(f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"))
        assert open_file(path) is None
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("before", [None, "rtsp_transport;udp|protocol_whitelist;file,http,tcp"])
def test_the_environment_holds_what_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    """What the runner tells FFmpeg themselves stays in force, but for what a file may open."""
    if before is None:
        monkeypatch.delenv(capture._VARIABLE, raising=False)
    else:
        monkeypatch.setenv(capture._VARIABLE, before)
    write_clip(tmp_path / "other.mp4")
    path = tmp_path / "run.mp4"
    path.write_text(CONCAT.format("other.mp4"))
    assert open_file(path) is None
    assert os.environ[capture._VARIABLE] == (before or "rtsp_flags;prefer_tcp")
    assert cv2.VideoCapture(str(path), cv2.CAP_FFMPEG).isOpened(), "the list would be followed without Coach's door"


def test_importing_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(capture._VARIABLE, raising=False)
    program = f"import os, coach.edges.frames.sources; print(os.environ.get('{capture._VARIABLE}'))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "None"
