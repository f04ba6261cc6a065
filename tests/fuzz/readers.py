"""Who reads what comes in, and what must then be so: numbers finite and possible, times in their order."""

from __future__ import annotations

import json
import math
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import numpy as np

from coach.app import offline
from coach.app.data_folder import load_profile
from coach.app.kept_sessions import band_for
from coach.app.sharing import imported
from coach.app.speed_sources import BeltInput, belt_beside, belt_in_name
from coach.config import checked, load_settings
from coach.core.bounds import DAY_S, FASTEST_MPS
from coach.core.coach_settings import Wording
from coach.core.coaching.cues import CUE_WORDS
from coach.core.coaching.profile import RunnerProfile
from coach.core.heart import HIGHEST_BPM, LOWEST_BPM, HeartFeed, HeartOrigin
from coach.core.session.records import SessionEvent
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.speed_plan import parse_plan
from coach.core.speed.treadmill_feed import TreadmillFeed
from coach.core.units import parse_speed_mps
from coach.edges.files.last_setup import FILE_NAME, load_last_setup
from coach.edges.files.pose_imports import read_any_poses
from coach.edges.frames.sources import open_source
from coach.edges.frames.stream import why_no_stream
from coach.edges.store import STORE_FILE, Store
from coach.errors import CoachError
from coach.languages import OwnWords, check_words, load_words
from coach.ports import Frame
from coach.review.pages import write_session_page
from coach.review.session_json import session_from_json, session_json_text
from coach.settings import CameraSettings, Settings
from tests.fuzz import corpus

LONGEST_RUN_S: Final = 86_400.0
LARGEST_PX: Final = 1e6


def written(name: str, content: bytes, folder: Path) -> Path:
    """The content as a file."""
    path = folder / name
    path.write_bytes(content)
    return path


def text_of(content: bytes) -> str:
    """As a shell hands over what was typed."""
    return content.decode("utf-8", "surrogateescape")


def assert_speed(belt: BeltSpeed | BeltInput | None) -> None:
    """A belt that can be."""
    if belt is None:
        return
    if belt.speed_mps is not None:
        assert 0 <= belt.speed_mps <= FASTEST_MPS, belt
    assert math.isnan(belt.incline_pct) or -30 <= belt.incline_pct <= 50, belt


def assert_finite(record: object) -> None:
    """Every number of a record and of those in it is a number, or NaN where it is not known."""
    if is_dataclass(record):
        for each in fields(record):
            assert_finite(getattr(record, each.name))
    elif isinstance(record, tuple):
        for one in record:
            assert_finite(one)
    elif isinstance(record, float):
        assert not math.isinf(record), record


def poses(content: bytes, folder: Path, *, name: str = "run.jsonl", fps: float | None = None) -> None:
    path = written(name, content, folder)
    _frames_of(path, fps)


def openpose(content: bytes, folder: Path) -> None:
    """The frame lies between two good ones."""
    frames = folder / "frames"
    frames.mkdir(exist_ok=True)
    good, _ = corpus.openpose()
    for number, frame in enumerate((good, content, good)):
        written(f"clip_{number}_keypoints.json", frame, frames)
    _frames_of(frames, 30.0)


def _frames_of(path: Path, fps: float | None) -> None:
    header, frames = read_any_poses(path, fps)
    assert 0 < header.width <= LARGEST_PX, header
    assert 0 < header.height <= LARGEST_PX, header
    assert not math.isinf(header.nominal_fps), header
    first_s = last_s = None
    for t_s, pose, belt in frames:
        first_s = t_s if first_s is None else first_s
        assert math.isfinite(t_s)
        assert last_s is None or t_s >= last_s, (last_s, t_s)
        assert t_s - first_s <= LONGEST_RUN_S, (first_s, t_s)
        last_s = t_s
        if pose is not None:
            unseen = np.isnan(pose.xy_px)
            assert (unseen.all(axis=1) == unseen.any(axis=1)).all(), pose
            assert (np.abs(pose.xy_px[~unseen]) <= LARGEST_PX).all(), pose
            assert ((pose.confidence >= 0) & (pose.confidence <= 1)).all(), pose.confidence
        assert_speed(belt)


def whole_run(content: bytes, folder: Path) -> None:
    """From the recording to the numbers of the session."""
    session = offline.replay(written("run.jsonl", content, folder), Settings(), BeltInput(3.0))
    for stride in session.strides:
        assert_finite(stride)
        assert not stride.valid or 0 <= stride.peak_knee_flexion_deg <= 180, stride
    json.loads(session_json_text(session))


def config(content: bytes, folder: Path) -> None:
    path = written("config.toml", content, folder)
    checked(path)
    assert_finite(load_settings(path))


def words(content: bytes, folder: Path) -> None:
    path = written("en.toml", content, folder)
    check_words(path)
    wordings: tuple[Wording, ...] = ("external", "internal")
    for wording in wordings:
        told = load_words("en", wording, OwnWords(path))
        for name, kind in CUE_WORDS.items():
            places = dict.fromkeys(kind.traits.places, 5)
            phrase = told.cue(name, 0)
            assert phrase.say.format_map(places)
            assert phrase.banner.format_map(places)
        assert told.number(1.5, digits=1)
        assert all(text.strip() for text in told.lines.values())
        told.line("run.opening", source="camera 0")


def plan(content: bytes, _folder: Path) -> None:
    read = parse_plan(text_of(content))
    assert read.steps
    assert 0 < read.duration_s <= DAY_S
    assert all(0 <= read.at(share * read.duration_s) <= FASTEST_MPS for share in (0.0, 0.5, 1.0, 2.0))


def speed(content: bytes, _folder: Path) -> None:
    text = text_of(content)
    with suppress(CoachError):
        assert_speed(belt_in_name(Path(text), BeltInput()))
    assert 0 <= parse_speed_mps(text) <= FASTEST_MPS


def sidecar(content: bytes, folder: Path) -> None:
    ending = ".json" if content.lstrip().startswith((b"{", b"[")) else ".txt"
    place = folder / ending[1:]
    place.mkdir(exist_ok=True)
    written(f"clip{ending}", content, place)
    assert_speed(belt_beside(place / "clip.mp4", BeltInput()))


def session_id(content: bytes, folder: Path) -> None:
    if not (folder / STORE_FILE).exists():
        Store(folder).keep(corpus.session())
    assert Store(folder).load(text_of(content)).session_id is not None


def ftms(content: bytes, _folder: Path) -> None:
    for mph in (False, True):
        _feed(content, (feed := TreadmillFeed(mph=mph)), feed.treadmill_packet)


def rsc(content: bytes, _folder: Path) -> None:
    _feed(content, (feed := TreadmillFeed()), feed.foot_pod_packet)


def _packets(content: bytes) -> Iterator[tuple[float, bytes]]:
    """Seconds since the last one, and the packet."""
    at = 0
    while at + 1 < len(content):
        pause_s, length = content[at] / 10, content[at + 1]
        yield pause_s, content[at + 2 : at + 2 + length]
        at += 2 + length


def _feed(content: bytes, feed: TreadmillFeed, take: Callable[[float, bytes], None]) -> None:
    t_s = 0.0
    for pause_s, packet in _packets(content):
        t_s += pause_s
        take(t_s, packet)
        assert_speed(belt := feed.current(t_s))
        assert_finite(belt)
        assert_finite(feed.latest)


def heart(content: bytes, _folder: Path) -> None:
    feed, t_s = HeartFeed(HeartOrigin.MONITOR), 0.0
    for pause_s, packet in _packets(content):
        feed.packet(t_s := t_s + pause_s, packet)
        rate = feed.current(t_s)
        assert rate is None or LOWEST_BPM <= rate.bpm <= HIGHEST_BPM, rate


def shared_run(content: bytes, folder: Path) -> None:
    """A zip, or one file of a good one in its place."""
    _packed, _plain, *members = corpus.shared_runs()
    if not content.startswith(b"PK"):
        names = ("share.json", "session.json", "baselines.json")
        # What was changed takes the place of what it was most like.
        place = min(range(len(names)), key=lambda at: abs(len(members[at]) - len(content)))
        content = corpus.zipped(dict(zip(names, members, strict=True)) | {names[place]: content})
    before = len(Store(folder).sessions())
    try:
        number, page = imported(written("run.zip", content, folder), folder, Settings())
    except CoachError:
        assert len(Store(folder).sessions()) == before, "what was refused is kept all the same"
        raise
    assert page.is_file()
    assert_finite(Store(folder).load(str(number)).summary)
    Store(folder).forget(number)


def profile(content: bytes, folder: Path) -> None:
    """As it lies in the store, and what is asked of a runner with it."""
    store = Store(folder)
    store.save_profile(RunnerProfile().as_json())
    with sqlite3.connect(folder / STORE_FILE) as connection:
        connection.execute("UPDATE runner SET profile = ?", (content.decode("utf-8", "replace"),))
    connection.close()
    assert_finite(load_profile(folder))
    assert_finite(band_for(3.0, Settings(), folder))


def last_setup(content: bytes, folder: Path) -> None:
    written(FILE_NAME, content, folder)
    kept = load_last_setup(folder)
    if kept is not None and kept.known:
        assert_finite(kept)
        kept.like(kept)


def session_file(content: bytes, _folder: Path) -> None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(data, dict):
        session_json_text(session_from_json(data))


def store_file(content: bytes, folder: Path) -> None:
    for ending in ("-wal", "-shm"):
        (folder / f"{STORE_FILE}{ending}").unlink(missing_ok=True)
    written(STORE_FILE, content, folder)
    for line in Store(folder).sessions():
        session_json_text(Store(folder).load(line.session_id))


class ReplyingServer:
    """A server on the loopback that says one and the same to everybody, and hangs up."""

    def __init__(self) -> None:
        self.reply = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with closing(caller), suppress(OSError):
                caller.settimeout(2.0)
                caller.recv(4096)
                caller.sendall(self.reply)


@cache
def server() -> ReplyingServer:
    """One for all inputs."""
    return ReplyingServer()


def answer(content: bytes, _folder: Path) -> None:
    """What the runner is told of an address where no stream is."""
    server().reply = content
    said = why_no_stream(server().url, "nothing")
    assert said.strip()
    assert "\n" not in said


def stream(content: bytes, _folder: Path) -> None:
    server().reply = content
    _look_at(server().url)


class _Page(HTMLParser):
    """The words of a page, and what it would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript")
        ]

    def handle_data(self, data: str) -> None:
        self.words += data


def page(content: bytes, folder: Path) -> None:
    """A session whose camera is called so, to which so was done."""
    name = content.decode("utf-8", "replace")
    session = corpus.session()
    named = replace(
        session,
        source=replace(session.source, name=name),
        events=(SessionEvent(1.0, "camera", name),),
    )
    shown = _Page(write_session_page(folder, named, load_words("en"), "metric").read_text("utf-8"))
    assert shown.tags == _usual_tags(folder)
    assert shown.handlers == []
    assert " ".join(name.split()[:3])[:40] in " ".join(shown.words.split()) or not name.isprintable()


@cache
def _usual_tags(folder: Path) -> list[str]:
    usual = replace(corpus.session(), events=(SessionEvent(1.0, "camera", "a name"),))
    return _Page(write_session_page(folder, usual, load_words("en"), "metric").read_text("utf-8")).tags


def video(content: bytes, folder: Path) -> None:
    _look_at(str(written("clip.mp4", content, folder)))


def _look_at(spec: str) -> None:
    source = open_source(spec, realtime=False, camera=CameraSettings())
    last_s = -math.inf
    try:
        for count, item in enumerate(source.frames()):
            assert isinstance(item, Frame)
            assert math.isfinite(item.t_s)
            assert item.t_s > last_s, (last_s, item.t_s)
            last_s = item.t_s
            assert item.image_bgr.ndim == 3
            if count > 30:
                break
    finally:
        source.close()
