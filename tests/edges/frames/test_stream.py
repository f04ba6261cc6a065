"""An address without a stream says what is there and what to type. The servers are real, on the loopback."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from coach.edges.frames.sources import open_source
from coach.edges.frames.stream import StreamSource
from coach.errors import SourceError
from coach.ports import Frame
from coach.settings import CameraSettings
from tests.edges.clips import numbered, write_clip

JPEG = cv2.imencode(".jpg", numbered(3))[1].tobytes()
PAGE = b"<html><body><h1>Phone camera</h1></body></html>"


@dataclass
class PhoneApp:
    """A phone's camera app: which path has what, and whether it asks who one is."""

    page: tuple[str, ...] = ("/",)
    stream: tuple[str, ...] = ()
    snapshot: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    password: str = ""
    leads_to: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    """What holds the film, and as what the server sends it."""
    film: bytes = b""
    endless: bool = False
    """Whether the film is sent without a length, piece by piece, over and over."""
    turned: bool = False
    """Whether its pictures stand upright now, which lay before."""
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    """Pictures of the stream so far."""

    def __post_init__(self) -> None:
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.place = f"127.0.0.1:{self._server.server_address[1]}"

    def knows(self, authorization: str | None) -> bool:
        known = base64.b64encode(f"me:{self.password}".encode()).decode()
        return not self.password or authorization == f"Basic {known}"

    def answer(self, path: str) -> tuple[int, str, bytes, tuple[tuple[str, str], ...]]:
        """Status, kind, content and further headers."""
        found = (
            (path in self.page, (200, "text/html; charset=utf-8", PAGE, ())),
            (path in self.snapshot, (200, "image/jpeg", JPEG, ())),
            (path in self.text, (200, "text/plain", b"hello", ())),
            (path in self.kinds, (200, self.kinds.get(path, ""), self.film, ())),
            (bool(self.leads_to), (302, "text/plain", b"", (("Location", self.leads_to),))),
        )
        return next((answer for holds, answer in found if holds), (404, "text/plain", b"what?", ()))

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, app: PhoneApp, *arguments: Any) -> None:
        self._app = app
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._app.asked.append(self.path)
        if not self._app.knows(self.headers.get("Authorization")):
            self._answer(401, "text/plain", b"no", (("WWW-Authenticate", 'Basic realm="phone"'),))
        elif self.path in self._app.stream:
            self._stream()
        elif self._app.endless and self.path in self._app.kinds:
            self._broadcast(self._app.kinds[self.path])
        else:
            self._answer(*self._app.answer(self.path))

    def _broadcast(self, content: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content)
        self.end_headers()
        while not self._app.over.wait(0.03):
            try:
                self.wfile.write(self._app.film)
            except OSError:
                return

    def _answer(self, status: int, content: str, body: bytes, more: tuple[tuple[str, str], ...]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", content), ("Content-Length", str(len(body))), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        while not self._app.over.wait(0.03):
            seen = np.ascontiguousarray(numbered(number)[:, :48]) if self._app.turned else numbered(number)
            picture = cv2.imencode(".jpg", seen)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + picture + b"\r\n")
            except OSError:
                return
            number += 1
            self._app.sent = number


Make = Callable[..., PhoneApp]


@pytest.fixture
def phone() -> Iterator[Make]:
    made: list[PhoneApp] = []

    def make(**has: object) -> PhoneApp:
        made.append(PhoneApp(**has))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        app.close()


def refusal(url: str) -> str:
    with pytest.raises(SourceError) as caught:
        StreamSource(url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("path", ["/video", "/mjpegfeed", "/videofeed"], ids=["IP Webcam", "DroidCam", "older"])
@pytest.mark.parametrize("typed", ["", "/"])
def test_the_root_of_a_phone_app_names_the_path_of_its_stream(phone: Make, path: str, typed: str) -> None:
    app = phone(stream=(path,))
    said = refusal(f"http://{app.place}{typed}")
    assert said == (
        f"http://{app.place}{typed} is a page, not a stream; the stream is at another path, "
        f"type: --source http://{app.place}{path}"
    )
    source = StreamSource(said.rpartition(" ")[2])
    assert isinstance(next(source.frames()), Frame), "and what it says to type works"
    source.close()


def test_a_single_picture_is_no_stream(phone: Make) -> None:
    app = phone(snapshot=("/shot.jpg",), stream=("/video",))
    said = refusal(f"http://{app.place}/shot.jpg")
    assert "is a single picture, not a stream" in said
    assert said.endswith(f"--source http://{app.place}/video")


def test_a_wrong_path_is_told_with_the_right_one(phone: Make) -> None:
    app = phone(stream=("/mjpegfeed",))
    said = refusal(f"http://{app.place}/viedo")
    assert "has nothing to show (its server says 404)" in said
    assert said.endswith(f"--source http://{app.place}/mjpegfeed")


def test_a_page_without_any_stream_says_where_to_look(phone: Make) -> None:
    said = refusal(f"http://{phone().place}/")
    assert "is a page, not a stream, and no stream at the usual paths" in said
    assert "IP Webcam has it at :8080/video, DroidCam at :4747/video" in said


def test_what_is_neither_page_nor_picture_is_told(phone: Make) -> None:
    assert "answers with text/plain that is no stream" in refusal(f"http://{phone(text=('/t',)).place}/t")


def test_a_stream_with_a_password_says_how_to_give_it(phone: Make) -> None:
    app = phone(stream=("/video",), password="s3cret")
    said = refusal(f"http://{app.place}/video")
    assert said == (
        f"http://{app.place}/video asks for a name and a password, "
        f"type: --source http://NAME:PASSWORD@{app.place}/video"
    )
    source = StreamSource(f"http://me:s3cret@{app.place}/video")
    assert isinstance(next(source.frames()), Frame)
    assert source.info.name == f"http://{app.place}/video"
    source.close()


def test_a_wrong_password_is_told_and_never_shown(phone: Make) -> None:
    app = phone(stream=("/video",), password="s3cret")
    said = refusal(f"http://me:wrong@{app.place}/video")
    assert said == f"http://{app.place}/video does not take this name and password; look them up in the camera app"


def test_a_password_that_was_typed_is_not_repeated_with_another_path(phone: Make) -> None:
    app = phone(stream=("/video",), password="s3cret")
    said = refusal(f"http://me:s3cret@{app.place}/")
    assert said.endswith(f"--source http://NAME:PASSWORD@{app.place}/video")
    assert "s3cret" not in said


def test_no_other_host_is_asked(phone: Make) -> None:
    other = phone(stream=("/video",))
    door = phone(page=(), leads_to=f"http://{other.place}/nothing")
    assert "no stream answers at" in refusal(f"http://{door.place}/")
    assert other.asked in ([], ["/nothing"]), "FFmpeg may follow to the same kind of address; we never do"


def test_an_address_without_its_scheme_is_told_with_it(phone: Make) -> None:
    app = phone(stream=("/video",))
    for typed, full in ((app.place, f"http://{app.place}/video"), (f"{app.place}/x", f"http://{app.place}/x")):
        with pytest.raises(SourceError, match="looks like the address of a stream") as caught:
            open_source(typed, realtime=True, camera=CameraSettings())
        assert str(caught.value).endswith(f"--source {full}")
    assert not app.asked


def test_nobody_there_is_told_as_before() -> None:
    assert "no stream answers at http://127.0.0.1:9/" in refusal("http://127.0.0.1:9/")


def test_the_picture_of_a_stream_is_that_of_the_phone(phone: Make) -> None:
    source = StreamSource(f"http://{phone(stream=('/video',)).place}/video")
    frame = next(source.frames())
    assert isinstance(frame, Frame)
    assert frame.image_bgr.shape == numbered(0).shape
    assert np.ptp(frame.image_bgr[..., 2].astype(int)) > 100
    source.close()


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    """A film of MPEG-TS, whose head says nothing of its length."""
    return write_clip(tmp_path / "film.ts").read_bytes()


@pytest.mark.parametrize("kind", ["video/mp2t", "application/octet-stream", "text/vnd.trolltech.linguist"])
def test_a_film_on_a_server_is_a_file_whatever_the_server_takes_it_for(phone: Make, film: bytes, kind: str) -> None:
    app = phone(kinds={"/a.ts": kind}, film=film)
    said = refusal(f"http://{app.place}/a.ts")
    assert (
        said == f"http://{app.place}/a.ts is a video file on a server, not a live stream; download it and give the file"
    )


def test_a_film_that_is_sent_without_an_end_is_a_stream(phone: Make, film: bytes) -> None:
    source = StreamSource(f"http://{phone(kinds={'/live': 'video/mp2t'}, film=film, endless=True).place}/live")
    assert isinstance(next(source.frames()), Frame)
    source.close()


@pytest.mark.parametrize("path", ["/live.m3u8", "/LIVE.M3U8?channel=3", "/live.mpd"])
def test_a_stream_in_pieces_is_refused_by_its_name_and_nobody_is_asked(phone: Make, path: str) -> None:
    app = phone()
    said = refusal(f"http://me:s3cret@{app.place}{path}")
    assert said == (
        f"http://{app.place}{path} comes in pieces (HLS or DASH), seconds late; give the camera app's MJPEG or RTSP "
        "address, or download a recording and give the file"
    )
    assert not app.asked


@pytest.mark.parametrize("kind", ["application/vnd.apple.mpegurl", "application/x-mpegURL", "application/dash+xml"])
def test_a_stream_in_pieces_is_told_by_what_its_server_calls_it(phone: Make, kind: str) -> None:
    app = phone(kinds={"/live": kind}, film=b"#EXTM3U\n")
    assert "comes in pieces (HLS or DASH), seconds late" in refusal(f"http://{app.place}/live")


def test_an_address_that_leads_to_a_stream_in_pieces_is_told_as_one(phone: Make, film: bytes) -> None:
    app = phone(page=(), leads_to="/hls/live.m3u8", kinds={"/hls/live.m3u8": "video/mp2t"}, film=film)
    assert "comes in pieces (HLS or DASH), seconds late" in refusal(f"http://{app.place}/live")


def test_a_phone_that_sends_pictures_is_asked_once_since_it_may_serve_one_viewer_only(phone: Make) -> None:
    app = phone(stream=("/video",))
    StreamSource(f"http://{app.place}/video").close()
    assert app.asked == ["/video"]


def test_a_phone_that_is_turned_in_mid_run_has_its_pictures_fitted_and_not_stretched(phone: Make) -> None:
    """Stretched by 1.8 a knee bends 20 degrees more, and is believed."""
    app = phone(stream=("/video",))
    source = StreamSource(f"http://{app.place}/video")
    try:
        frames = (item for item in source.frames() if isinstance(item, Frame))
        lying = next(frames).image_bgr
        app.turned = True
        coming = (frame.image_bgr for frame in islice(frames, 60))
        upright = next((image for image in coming if image[:, :20].max() < 10), lying)
    finally:
        source.close()
    assert upright.shape == lying.shape == (64, 96, 3)
    assert np.flatnonzero(upright.max(axis=(0, 2)) > 10).size == pytest.approx(48, abs=4)


def test_a_machine_that_decodes_slower_than_the_phone_sends_sees_the_newest_picture_and_knows_how_many_came(
    phone: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not read in time waits in the network: 37 pictures lay there after a second and a half, and ever more."""
    decode, app = cv2.imdecode, phone(stream=("/video",))

    def slowly(*what: Any) -> Any:
        """Four pictures come while one is decoded."""
        ends_s, sent = time.monotonic() + 60, app.sent
        while app.sent < sent + 4:
            assert time.monotonic() < ends_s
            time.sleep(0.005)
        return decode(*what)

    monkeypatch.setattr(cv2, "imdecode", slowly)
    source = StreamSource(f"http://{app.place}/video")
    try:
        frames = [item for item in islice(source.frames(), 12) if isinstance(item, Frame)]
        sent = app.sent
    finally:
        source.close()
    numbers = [round((float(frame.image_bgr[-5:, -5:].mean()) - 40) / 4) for frame in frames]
    assert (sent - numbers[-1]) % 50 < 12
    for before, after in pairwise(frames[2:]):
        assert after.index - before.index >= 3
    first, last = frames[2], frames[-1]
    assert (last.index - first.index - (numbers[-1] - numbers[2])) % 50 == 0, "all that came was counted"


def test_no_picture_is_older_than_the_first_one_however_long_the_machine_was_held_up(
    phone: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held_up(_capture: object) -> float:
        time.sleep(0.2)
        return 30.0

    monkeypatch.setattr("coach.edges.frames.stream.rate_of", held_up)
    source = StreamSource(f"http://{phone(stream=('/video',)).place}/video")
    try:
        times_s = [item.t_s for item in islice(source.frames(), 4) if isinstance(item, Frame)]
    finally:
        source.close()
    assert min(np.diff([0.0, *times_s])) >= 0
