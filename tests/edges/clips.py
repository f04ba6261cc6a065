"""Small videos and streams for tests, made when they are needed."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.edges.frames.video import VideoFile
from coach.ports import Frame, ImageBGR

WIDTH, HEIGHT = 96, 64


def numbered(number: int) -> ImageBGR:
    """A picture that tells its number by its brightness, with a red top-left corner to tell which way is up."""
    image = np.full((HEIGHT, WIDTH, 3), 40 + 4 * (number % 50), np.uint8)
    image[: HEIGHT // 3, : WIDTH // 3] = (0, 0, 255)
    return image


def write_clip(path: Path, frames: int = 30, fps: float = 30.0) -> Path:
    """An MP4 of numbered pictures."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (WIDTH, HEIGHT))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(numbered(number))
    writer.release()
    return path


def frames_of(path: Path) -> list[Frame]:
    """All frames of a video file, as it is read for an analysis."""
    source = VideoFile(path, realtime=False)
    try:
        return [item for item in source.frames() if isinstance(item, Frame)]
    finally:
        source.close()


def turn_flag(path: Path, degrees: int) -> Path:
    """Write a rotation into an MP4's track header, as a phone held upright does."""
    a, b, c, d = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    content = bytearray(path.read_bytes())
    header = content.index(b"tkhd")
    version = content[header + 4]
    matrix = header + 8 + (32 if version else 20) + 16
    assert struct.unpack(">9i", content[matrix : matrix + 36])[0] == 1 << 16, "no identity matrix where expected"
    content[matrix : matrix + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    turned = path.with_name(f"turned_{degrees}.mp4")
    turned.write_bytes(content)
    return turned


def _program() -> str:
    """Where ffmpeg is; the test is skipped where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    return program


def ffmpeg(*arguments: str) -> subprocess.Popen[bytes]:
    """Start ffmpeg; the test is skipped where there is none."""
    return subprocess.Popen([_program(), "-nostdin", "-v", "error", *arguments], stderr=subprocess.DEVNULL)


def encode(path: Path, pictures: Iterable[ImageBGR], size: tuple[int, int], fps: float) -> Path:
    """Pictures as a file, nearly without loss."""
    came = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:g}", "-i", "-"]
    goes = ["-c:v", "libx264", "-qp", "4", "-preset", "ultrafast", "-y", str(path)]
    with subprocess.Popen([_program(), "-v", "error", *came, *goes], stdin=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        for picture in pictures:
            writer.stdin.write(picture.tobytes())
    assert writer.returncode == 0
    return path


def free_port() -> int:
    """A port on the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve_mjpeg(port: int, seconds: float = 120.0, clip: Path | None = None) -> subprocess.Popen[bytes]:
    """Motion JPEG over HTTP to one client, as phone apps send it, ending by itself."""
    source = ["-f", "lavfi", "-i", f"testsrc=size=160x120:rate=25:duration={seconds}"]
    if clip is not None:
        source = ["-stream_loop", "-1", "-i", str(clip)]
    url = f"http://127.0.0.1:{port}/video"
    server = ffmpeg("-re", *source, "-c:v", "mjpeg", "-q:v", "4", "-f", "mpjpeg", "-listen", "1", url)
    until_s = time.monotonic() + 60
    while _is_free(port) and time.monotonic() < until_s:
        time.sleep(0.02)
    return server


def _is_free(port: int) -> bool:
    """Whether nobody listens there; found out without a call, since the server takes only one."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def made(path: Path, *arguments: str) -> Path:
    assert ffmpeg(*arguments, "-y", str(path)).wait(200) == 0
    return path
