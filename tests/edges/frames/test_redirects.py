"""Streams that lead on: to the same kind of address they are followed, to any other never. Servers on the loopback."""

from __future__ import annotations

import contextlib
import queue
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import pytest

from coach.edges.frames.capture import open_stream
from coach.edges.frames.stream import StreamSource
from coach.errors import SourceError
from tests.edges.clips import numbered, write_clip


class Camera:
    """An HTTP server: `leads_to` is where it sends its callers; without, it is a camera with moving JPEGs."""

    def __init__(
        self, leads_to: str | None = None, context: ssl.SSLContext | None = None, text: str | None = None
    ) -> None:
        self.asked = 0
        camera = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.asked += 1
                if leads_to is not None:
                    self.send_response(302)
                    self.send_header("Location", leads_to)
                    self.end_headers()
                elif text is not None:
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(text.encode())
                else:
                    with contextlib.suppress(OSError):
                        self._film()

            def _film(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for number in range(400):
                    jpeg = cv2.imencode(".jpg", numbered(number))[1].tobytes()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/video"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Listener:
    """Whoever is led to: it counts its callers and hangs up."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._callers: queue.Queue[object] = queue.Queue()
        self.place = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._count, daemon=True).start()

    @property
    def calls(self) -> int:
        """How many called until now: callers are heard in their order, so ours is the last of them."""
        with socket.create_connection(self._socket.getsockname()) as own:
            before = 0
            while self._callers.get(timeout=60) != own.getsockname():
                before += 1
        return before

    def _count(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, place = self._socket.accept()
                self._callers.put(place)
                caller.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class RtspDoor:
    """An RTSP server that sends every caller on."""

    def __init__(self, leads_to: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._socket.getsockname()[1]}/live"
        self.asked = 0
        self._answer = f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {leads_to}\r\n\r\n".encode()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._socket.accept()
                with caller:
                    caller.recv(4096)
                    self.asked += 1
                    caller.sendall(self._answer)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody has signed, made for this test alone."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    files = [str(folder / "key.pem"), "-out", str(folder / "own.pem")]
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-keyout",
    ]
    subprocess.run([*made, *files], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "key.pem")
    return context


def test_to_the_same_kind_of_address_it_is_followed() -> None:
    camera = Camera()
    door = Camera(leads_to=camera.url)
    source = StreamSource(door.url)
    assert (door.asked, camera.asked) == (1, 1)
    assert source.info.width == 96
    source.close()
    door.close()
    camera.close()


@pytest.mark.parametrize("scheme", ["https", "rtsp", "tcp", "rtmp", "ftp", "gopher"])
def test_from_http_to_another_kind_it_is_not(listener: Listener, scheme: str) -> None:
    door = Camera(leads_to=f"{scheme}://{listener.place}/video")
    with pytest.raises(SourceError, match=r"no stream answers at http://.*one that leads on to another kind"):
        StreamSource(door.url)
    assert (door.asked > 0, listener.calls) == (True, 0)
    door.close()


@pytest.mark.parametrize("scheme", ["rtsps", "http", "https", "tcp"])
def test_from_rtsp_to_another_kind_it_is_not(listener: Listener, scheme: str) -> None:
    door = RtspDoor(f"{scheme}://{listener.place}/live")
    assert open_stream(door.url, 60.0, 60.0) is None
    assert (door.asked, listener.calls) == (1, 0)
    door.close()


def test_from_http_to_a_file_it_is_not(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    for place in (clip.as_uri(), str(clip), f"concat:{clip}", f"subfile,,start,0,end,0,,:{clip}"):
        door = Camera(leads_to=place)
        assert open_stream(door.url, 60.0, 60.0) is None
        assert door.asked >= 1
        door.close()


def test_from_https_to_http_it_is_not(certified: ssl.SSLContext) -> None:
    camera = Camera()
    door = Camera(leads_to=camera.url, context=certified)
    assert open_stream(door.url, 60.0, 60.0) is None
    assert (door.asked, camera.asked) == (1, 0)
    door.close()
    camera.close()


def test_an_encrypted_camera_is_read(certified: ssl.SSLContext) -> None:
    camera = Camera(context=certified)
    source = StreamSource(camera.url)
    assert (source.info.kind, source.info.width) == ("stream", 96)
    source.close()
    camera.close()


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile '{0}'\n", "#EXTM3U\n#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n"])
def test_a_list_from_a_server_opens_no_file_of_this_machine(tmp_path: Path, text: str) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    server = Camera(text=text.format(clip.as_uri()))
    opened = open_stream(server.url.replace("/video", "/video.m3u8"), 60.0, 60.0)
    assert server.asked >= 1
    assert opened is None
    server.close()
