"""A small RTSP camera on the loopback: ffmpeg makes the RTP packets, this hands them to one client over TCP."""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from tests.edges.clips import ffmpeg, free_port

PLAIN_JPEG: Final = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "0", "-force_duplicated_matrix", "1")
H264: Final = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p")
"""What nearly every camera sends."""


class RtspCamera:
    """One camera that serves one client after the other until it is switched off."""

    def __init__(self, folder: Path, codec: tuple[str, ...] = PLAIN_JPEG, pictures: float = math.inf) -> None:
        """`pictures`: so many it sends a client, and keeps the line open."""
        self._pictures = pictures
        self._packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._packets.bind(("127.0.0.1", 0))
        self._packets.settimeout(60)
        sdp = folder / "camera.sdp"
        try:
            self._ffmpeg = _packets_to(self._packets.getsockname()[1], sdp, codec)
        except BaseException:  # a test is skipped by raising, where there is no ffmpeg
            self._packets.close()
            raise
        self._sdp = _wait_for(sdp)
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        self.url = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/live"
        self._off = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def switch_off(self) -> None:
        """End for good."""
        self._off.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._ffmpeg.kill()
        self._ffmpeg.wait()
        self._packets.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self._off.is_set():
                client, _ = self._listener.accept()
                with client, contextlib.suppress(OSError):
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        """Answer requests until PLAY, then send packets between the lines of the same connection."""
        requests = client.makefile("r", newline="\r\n")
        while not self._off.is_set():
            lines = list(iter(lambda: requests.readline().strip(), ""))
            if not lines:
                return
            method = lines[0].split()[0]
            number = next(line.split(":")[1].strip() for line in lines if line.lower().startswith("cseq"))
            client.sendall(self._answer(method, number).encode())
            if method == "PLAY":
                self._play(client)
                return

    def _answer(self, method: str, number: str) -> str:
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 7\r\n"
        if method == "OPTIONS":
            return f"{head}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
        if method == "DESCRIBE":
            return f"{head}Content-Type: application/sdp\r\nContent-Length: {len(self._sdp)}\r\n\r\n{self._sdp}"
        if method == "SETUP":
            return f"{head}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
        return f"{head}\r\n"

    def _play(self, client: socket.socket) -> None:
        sent = 0
        while not self._off.is_set() and sent < self._pictures:
            packet = self._packets.recv(65536)
            client.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
            sent += packet[1] >> 7  # RTP's mark on the last packet of a picture
        self._off.wait()


def _packets_to(port: int, sdp: Path, codec: tuple[str, ...]) -> subprocess.Popen[bytes]:
    source = "testsrc=size=160x128:rate=25:duration=300"
    target = f"rtp://127.0.0.1:{port}?rtcpport={free_port()}"
    return ffmpeg("-re", "-f", "lavfi", "-i", source, *codec, "-f", "rtp", "-sdp_file", str(sdp), target)


def _wait_for(sdp: Path) -> str:
    """The session description as a camera would tell it: the track's address is the connection's own."""
    until_s = time.monotonic() + 60
    while not (sdp.exists() and sdp.read_text().strip()):
        assert time.monotonic() < until_s, "ffmpeg wrote no session description"
        time.sleep(0.02)
    kept = [line for line in sdp.read_text().splitlines() if line and not line.startswith("a=tool")]
    described = [line.replace(line.split()[1], "0", 1) if line.startswith("m=video") else line for line in kept]
    return "\r\n".join([*described, "a=control:track1", ""])
