"""Every source keeps one contract: cameras, files, streams and the demo."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from coach.edges.demo import DemoSource
from coach.edges.frames.camera import CameraSource
from coach.edges.frames.live_reader import Patience
from coach.edges.frames.sources import open_film, open_source
from coach.edges.frames.stream import STREAM_PATIENCE, StreamSource
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from coach.ports import Frame, FrameSource
from coach.private import without_password
from coach.settings import CameraSettings
from tests.edges.clips import free_port, serve_mjpeg, write_clip
from tests.edges.faulty_camera import CameraBench

Maker = Callable[[], FrameSource]


def connect(port: int, patience: Patience = STREAM_PATIENCE) -> StreamSource:
    """As soon as the server listens."""
    until_s = time.monotonic() + 60
    while True:
        try:
            return StreamSource(f"http://127.0.0.1:{port}/video", patience=patience)
        except SourceError:
            if time.monotonic() > until_s:
                raise


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that is longer than any machine stands still: in real time what came too late is left out."""
    return write_clip(tmp_path_factory.mktemp("film") / "minute.mp4", frames=1800)


@pytest.fixture(params=["camera", "file", "file in real time", "stream", "demo", "demo in real time"])
def make(request: pytest.FixtureRequest, tmp_path: Path, minute: Path) -> Iterator[Maker]:
    servers: list[subprocess.Popen[bytes]] = []

    def stream() -> FrameSource:
        port = free_port()
        servers.append(serve_mjpeg(port))
        return connect(port)

    def camera() -> FrameSource:
        bench = CameraBench()
        return CameraSource("4", CameraSettings(), opening=bench.opening, listing=bench.listing)

    makers: dict[str, Maker] = {
        "camera": camera,
        "file": lambda: VideoFile(write_clip(tmp_path / "clip.mp4"), realtime=False),
        "file in real time": lambda: VideoFile(minute, realtime=True),
        "stream": stream,
        "demo": lambda: DemoSource(width=160, height=120, duration_s=1.0),
        "demo in real time": lambda: DemoSource(width=160, height=120, duration_s=60.0, realtime=True),
    }
    yield makers[request.param]
    for server in servers:
        server.kill()
        server.wait()


def some_frames(source: FrameSource, count: int = 12) -> list[Frame]:
    frames = (item for item in source.frames() if isinstance(item, Frame))
    return list(islice(frames, count))


def test_pictures_are_as_announced_and_times_rise(make: Maker) -> None:
    source = make()
    try:
        frames = some_frames(source)
        assert len(frames) == 12
        for frame in frames:
            assert frame.image_bgr.dtype == np.uint8
            assert frame.image_bgr.shape == (source.info.height, source.info.width, 3)
        assert all(b.t_s > a.t_s and b.index > a.index for a, b in pairwise(frames))
        assert source.info.live or frames[0].index == 0, "only of what is live a late reader misses pictures"
        assert source.info.live or 0.0 <= frames[0].t_s < 0.2
    finally:
        source.close()


def test_a_picture_once_given_stays_as_it_was(make: Maker) -> None:
    source = make()
    try:
        frames = source.frames()
        first = next(item for item in frames if isinstance(item, Frame))
        before = first.image_bgr.copy()
        assert sum(isinstance(item, Frame) for item in islice(frames, 5)) > 0
        np.testing.assert_array_equal(first.image_bgr, before)
    finally:
        source.close()


def test_closing_from_another_thread_ends_the_frames(make: Maker) -> None:
    source = make()
    taken: list[Frame] = []
    ended = threading.Event()

    def consume() -> None:
        for item in source.frames():
            if isinstance(item, Frame):
                taken.append(item)
            if len(taken) == 3:
                enough.set()
                closed.wait(60)
        ended.set()

    enough, closed = threading.Event(), threading.Event()
    threading.Thread(target=consume, daemon=True).start()
    assert enough.wait(60)
    source.close()
    closed.set()
    assert ended.wait(60)
    assert len(taken) <= 4
    source.close()


def test_nothing_comes_after_closing(make: Maker) -> None:
    source = make()
    source.close()
    source.close()
    assert not list(source.frames())


@pytest.mark.parametrize(("spec", "kind"), [("demo", "demo"), ("Demo ", "demo")])
def test_the_demo_is_opened_by_its_name(spec: str, kind: str) -> None:
    source = open_source(spec, realtime=False, camera=CameraSettings())
    assert source.info.kind == kind
    source.close()


def test_a_path_is_opened_as_a_video(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    source = open_source(str(clip), realtime=True, camera=CameraSettings())
    assert (source.info.kind, source.info.live) == ("video", True)
    source.close()


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("97", "no camera 97; `coach cameras` lists"),
        ("Nobody's Webcam", "no camera or file called Nobody's Webcam"),
        ("/dev/video97", "there is no camera /dev/video97; `coach cameras` lists"),
        ("nowhere.mp4", "no video file nowhere.mp4; check the path"),
        ("here/nowhere", "no video file"),
        ("http://127.0.0.1:9/video", "no stream answers at http://127.0.0.1:9/video; check the address"),
        ("rtsp://me:secret@127.0.0.1:9/live", "no stream answers at rtsp://127.0.0.1:9/live"),
        ("rtsp://me:p@secret@127.0.0.1:9/live", "no stream answers at rtsp://127.0.0.1:9/live"),
        ("htp://me:secret@127.0.0.1:9/live", "it begins with http://, https:// or rtsp://"),
        ("http:/me:secret@127.0.0.1:9/live", "it begins with http://, https:// or rtsp://"),
        ("me:secret@127.0.0.1:9/live", "type: --source http://NAME:PASSWORD@127.0.0.1:9/live"),
        ("me:p@secret@camera:8080", "type: --source http://NAME:PASSWORD@camera:8080/video"),
        ("me:p@secret@camera.local/live", "it begins with http://, https:// or rtsp://"),
        ("me:secret@camera", "it begins with http://, https:// or rtsp://"),
        ("http://127.0.0.1:9/?action=stream&pwd=top;secret", "at http://127.0.0.1:9/?action=stream&pwd=…;"),
        ("http://127.0.0.1:9/v.cgi?loginuse=secret&loginpas=secret&res=1", "v.cgi?loginuse=…&loginpas=…&res=1;"),
        ("rtsp://127.0.0.1:9/user=secret_password=secret_channel=1.sdp?real", "at rtsp://127.0.0.1:9/user=…;"),
        ("rtsp://127.0.0.1:9/live?access_token=secret#auth=secret", "at rtsp://127.0.0.1:9/live?access_token=…#auth=…"),
        ("camera:8080/video?KEY=secret", "type: --source http://camera:8080/video?KEY=…"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(spec: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(spec, realtime=True, camera=CameraSettings())
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "secret" not in without_password(spec)


@pytest.mark.parametrize(
    "spec",
    [
        *("demo", "0", "C:/me@home.mp4", "me@home.mp4", "Cam: front@left", "http://here/me@home"),
        *("C:/clips/user=me.mp4", "user=me.mp4", "http://camera/monkey=1?channel=1&subtype=0"),
    ],
)
def test_what_holds_no_password_is_told_as_it_is(spec: str) -> None:
    assert without_password(spec) == spec


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("demo", "no video file demo; what has no end is run live: coach demo"),
        ("3", "no video file 3; what has no end is run live: coach run --source 3"),
        ("rtsp://me:secret@127.0.0.1:9/live", "an address is no video file"),
        ("/dev/video97", "what has no end is run live: coach run --source /dev/video97"),
        ("nowhere.mp4", "no video file nowhere.mp4; check the path"),
    ],
)
def test_a_film_is_a_file_and_nothing_that_goes_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=says) as caught:
        open_film(Path(spec))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["demo", "3", "my camera"])
def test_a_film_may_be_called_like_a_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4").rename(tmp_path / name)
    source = open_film(Path(name))
    assert (source.info.kind, source.info.live) == ("video", False)
    source.close()
