"""What goes through the doors on an ordinary day, made small by the tests' own writers: fuzzing begins here."""

from __future__ import annotations

import io
import json
import re
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import numpy as np

from coach.app.sharing import shared
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import Practice, Progress
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.speed.belt_video import SeenLeg
from coach.edges.files.last_setup import LastSetup
from coach.edges.store import STORE_FILE, Store
from coach.environment import default_config
from coach.review.session_json import session_json_text
from coach.settings import Settings
from tests.app.archives import recorded
from tests.edges.clips import ffmpeg, write_clip
from tests.edges.files import test_pose_imports as writers
from tests.review.test_pages import session_of
from tests.synth import synthetic_run

FRAMES = 5
Corpus = tuple[bytes, ...]


@cache
def _poses(seconds: float = FRAMES / 30) -> tuple[Pose, ...]:
    run = synthetic_run(speed_mps=3.0, duration_s=seconds, fps=30, noise_ll=0.01, seed=2)
    return tuple(Pose(pose.t_s, np.round(pose.xy_px, 1), pose.confidence) for pose in run.poses)


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    """What a writer puts into a file of this name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


@cache
def poses() -> Corpus:
    plain = _written("run.jsonl", lambda path: recorded(path, list(_poses())))
    header, *lines = plain.splitlines(keepends=True)
    belt = b'{"t_s":0.01,"speed_mps":3.0,"origin":"manual","sd_mps":0.1,"incline_pct":1.5}\n'
    nobody = b'{"t_s":0.05,"xy_px":null}\n'
    return plain, header + belt + lines[0] + nobody + lines[2], header


@cache
def packed_poses() -> Corpus:
    return (_written("run.jsonl.gz", lambda path: recorded(path, list(_poses()))),)


@cache
def running() -> Corpus:
    """Long enough that strides are found and measured."""
    return (_written("run.jsonl", lambda path: recorded(path, list(_poses(6.0)))),)


@cache
def markers() -> Corpus:
    def write(path: Path, up: bool, scale: float) -> Path:
        return writers.trc(path, list(_poses()), up=up, scale=scale)

    kinds = (True, 1.0), (False, 1.0), (True, 0.004)
    return tuple(_written("run.trc", partial(write, up=up, scale=scale)) for up, scale in kinds)


@cache
def tables() -> Corpus:
    def write(path: Path, by: str) -> Path:
        return writers.table(path, list(_poses()), separator=by)

    return tuple(_written("run.csv", partial(write, by=by)) for by in ",;\t")


@cache
def openpose() -> Corpus:
    """One frame of a folder."""
    with tempfile.TemporaryDirectory() as folder:
        first = min(writers.openpose(Path(folder) / "frames", list(_poses(0.04))).iterdir())
        return first.read_bytes(), b'{"version": 1.3, "people": []}'


@cache
def configs() -> Corpus:
    """The sections of the file that comes with Coach, without its comments, and some lines of a runner's own."""
    text = re.sub(r"(?m)^#.*\n", "", default_config().read_text("utf-8"))
    sections = re.split(r"(?m)^(?=\[)", text)
    own = ("[runner]\nheight_cm = 175\n", '[sound]\nlanguage = "de"\nvolume = 0.5\n', "[cues]\nrefractory_s = 30\n")
    return tuple(section.encode() for section in (*sections, *own))


@cache
def words() -> Corpus:
    own = """
        [voice]
        regions = ["en-gb"]
        [common]
        recovered = [{ say = "Just like that", banner = "Like that" }]
        status = [{ say = "{minutes} minutes. Fine", banner = "{minutes} minutes" }]
        [external]
        heel_lift_low = [{ say = "Heel up, light", banner = "Heel up" }, { say = "Quick heel", banner = "Quick" }]
        [lines.screen]
        paused = "resting"
        [lines.run]
        opening = "opening {source} now"
        [lines.number]
        decimal = ","
    """
    return (re.sub(r"(?m)^ +", "", own).encode(),)


PLANS: Corpus = (
    b"5min@9, 8x(1min@14, 1min@9), 5min@8",
    b"1:30:00@10",
    b"400m@5:30/km, 2km@6.5mph",
    b"2x(3x(90s@12km/h, 1min30s@3.5m/s), 1h@8)",
)
SPEEDS: Corpus = (
    b"10.5",
    b"10,5km/h",
    b"6.5mph",
    b"3.5 m/s",
    b"5:30/km",
    b"8:50min/mi",
    b"anna_10.5kmh.mp4",
    b"3.5mps-2.mov",
)
SIDECARS: Corpus = (b'{"speed_mps": 3.0, "incline_pct": 1}', b'{"speed": "10.5km/h"}', b"5:30/km\n", b"10.5")
SESSION_IDS: Corpus = (b"last", b"1", b"2", b"all", b"01")
LAST_SETUPS: Corpus = (json.dumps(asdict(LastSetup("Bench Cam", "left", 210.5, 1280, 720, (1280, 720)))).encode(),)


def packets(*contents: bytes) -> bytes:
    """Packets one after the other, each behind the tenths of a second since the last one and its length."""
    return b"".join(bytes([10, len(content)]) + content for content in contents)


FTMS: Corpus = (
    packets(struct.pack("<HH", 0, 1080), struct.pack("<HH", 0, 1100)),
    packets(struct.pack("<HHhh", 1 << 3, 1080, 15, 9), struct.pack("<HHHB", 1 << 10 | 1 << 2, 1080, 12, 0)),
    packets(struct.pack("<HH", 1 | 1 << 1, 1000), struct.pack("<HH", 0, 1080)),
    packets(struct.pack("<H", 0xFFFE) + bytes(range(40))),
)
RSC: Corpus = (
    packets(struct.pack("<BHB", 0, 768, 85), struct.pack("<BHBHI", 7, 800, 86, 110, 4000)),
    packets(struct.pack("<BHB", 4, 0xFFFF, 255)),
)


@cache
def session() -> Session:
    return session_of(duration_s=20.0)


@cache
def session_files() -> Corpus:
    return (session_json_text(session()).encode(),)


@cache
def shared_runs() -> Corpus:
    """A zip of `coach share`, the same without compression, and what lies in it, which the reader packs again."""
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder)).keep(session_of(duration_s=6.0))
        packed, _ = shared("last", Path(folder), Settings())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members = {name: archive.read(name) for name in ("share.json", "session.json", "baselines.json")}
    return packed, zipped(members), *members.values()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """These files as a zip without compression."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


HEARTS: Corpus = (
    packets(bytes([0x06, 148]), bytes([0x16, 150, 0x30, 0x03])),
    packets(bytes([0x01]) + struct.pack("<H", 160), bytes([0x04, 148]), bytes([0x1F]) + bytes(range(9))),
)


@cache
def profiles() -> Corpus:
    baseline = Baseline(20_000.0, 3.0, "left", 95.0, 94.0, 2.0, 40, 170.0, 0.1, "camera Bench Cam 1280x720")
    practice = Practice(20_000.0, 3, 2.0, 1.5, 1.0, held=True, lost=False)
    progress = Progress(sessions_done=3, held_deg=2.0, last_day=20_000.0, practices=(practice,))
    leg = SeenLeg(20_000.0, "camera Bench Cam 1280x720", 0.9, 0.05)
    full = RunnerProfile((baseline,), progress, (leg,)).as_json()
    return (json.dumps(full).encode(), json.dumps(RunnerProfile().as_json()).encode())


@cache
def stores() -> Corpus:
    """A store with one short session, as one file."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.keep(session_of(duration_s=6.0))
        return ((Path(folder) / STORE_FILE).read_bytes(),)


@cache
def answers() -> Corpus:
    """What servers say to somebody who asks for a stream."""
    picture = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9\r\n"
    return tuple(
        head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body
        for head, body in (
            (b"HTTP/1.1 200 OK\nContent-Type: multipart/x-mixed-replace; boundary=b", 3 * picture),
            (b"HTTP/1.0 200 OK\nContent-Type: text/html\nContent-Length: 13", b"<html></html>"),
            (b"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=cam\nContent-Length: 0", b""),
            (b"HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/elsewhere\nContent-Length: 0", b""),
            (
                b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Type: image/jpeg",
                b"4\r\n\xff\xd8\xff\xd9\r\n0\r\n",
            ),
        )
    )


NAMES: Corpus = (b"Bench Cam", b"clip of anna.mp4", b"http://127.0.0.1:8080/video")
"""What cameras, files and notices are called; all of it stands on the pages."""


@cache
def videos() -> Corpus:
    """Codecs, containers, sizes and times, and one clip cut at every tenth. Empty contents where FFmpeg is missing."""
    with tempfile.TemporaryDirectory() as folder:
        clip = write_clip(Path(folder) / "clip.mp4", frames=12)
        whole = clip.read_bytes()
        cut = tuple(whole[: len(whole) * tenth // 10] for tenth in range(11))
        return cut + tuple(_made(Path(folder) / name, clip, options) for name, options in _KINDS.items())


_KINDS = {
    "h264.mp4": ("-c:v", "libx264", "-preset", "ultrafast"),
    "late.mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-output_ts_offset", "1000"),
    "fragments.mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-movflags", "frag_keyframe+empty_moov"),
    "jumps.mkv": ("-c:v", "libx264", "-preset", "ultrafast", "-vf", "setpts='PTS+gt(N,5)*100/TB'"),
    "standing.mkv": ("-c:v", "mpeg4", "-vf", "setpts=1", "-fps_mode", "passthrough"),
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime"),
    "mjpeg.avi": ("-c:v", "mjpeg"),
    "raw.avi": ("-c:v", "rawvideo", "-s", "16x16"),
    "mpeg2.ts": ("-c:v", "mpeg2video"),
    "h265.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
    "tiny.avi": ("-c:v", "mjpeg", "-s", "2x2"),
    "thin.avi": ("-c:v", "mjpeg", "-s", "640x2"),
    "wide_pixels.mp4": ("-c:v", "mpeg4", "-vf", "setsar=1000/1"),
    "slow.mov": ("-c:v", "mjpeg", "-r", "1"),
    "fast.mov": ("-c:v", "mjpeg", "-r", "1000"),
    "one.gif": ("-frames:v", "1"),
    "grey16.mkv": ("-c:v", "ffv1", "-pix_fmt", "gray16le"),
    "sound_only.mkv": ("-vn", "-f", "lavfi", "-i", "sine=duration=0.3", "-map", "1:a"),
}
"""Name → what FFmpeg is told to make of the clip."""


def _made(path: Path, clip: Path, options: tuple[str, ...]) -> bytes:
    ffmpeg("-i", str(clip), *options, "-y", str(path)).wait(60)
    return path.read_bytes() if path.exists() else b""
