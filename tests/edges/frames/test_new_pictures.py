"""Pictures that come twice are found by what they show, and new ones get times that are even."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.app.offline import analyze
from coach.app.parts import looking_ahead
from coach.config import load_settings
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import Pose
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.frames.new_pictures import RepeatWatch, new_pictures
from coach.edges.frames.picture_measures import PictureTimes, difference, glance
from coach.edges.frames.stream import StreamSource
from coach.edges.frames.video import VideoFile
from coach.ports import Frame, FrameSource, ImageBGR, SourceEvent
from tests.edges.clips import encode, ffmpeg, free_port, serve_mjpeg
from tests.synth import synthetic_run

CONVERSIONS = [(15, 30), (20, 30), (25, 30), (30, 50), (30, 60), (10, 30), (24, 25), (15, 60)]
IDS = [f"{real} as {came}" for real, came in CONVERSIONS]


def shown(real_fps: float, came_fps: float, seconds: float) -> list[tuple[float, int]]:
    """(time of delivery, number of the picture) as a converter repeats pictures to reach its rate."""
    first = [math.floor(n * came_fps / real_fps + 0.5) for n in range(math.ceil(seconds * real_fps) + 1)]
    return [
        (tick / came_fps, int(np.searchsorted(first, tick, "right")) - 1) for tick in range(round(seconds * came_fps))
    ]


def running(rng: np.random.Generator, t_s: float) -> float:
    """How much a runner's picture differs from the one before, as clips have it: 0.35 to 1.3 of the usual."""
    return 30.0 * (1.0 + 0.45 * math.sin(2 * math.pi * 2.8 * t_s)) * float(rng.uniform(0.75, 1.2))


def verdicts(watch: RepeatWatch, pictures: list[tuple[float, int]], noise: float, seed: int) -> list[bool]:
    """What the watch says of each picture, where the codec adds noise of so many grey levels to every one."""
    rng = np.random.default_rng(seed)
    said, last = [], -1
    for t_s, number in pictures:
        codec = noise * float(rng.uniform(0.2, 1.0))
        said.append(watch.step(t_s, codec if number == last else codec + running(rng, t_s)))
        last = number
    return said


@pytest.mark.parametrize(("real", "came"), CONVERSIONS, ids=IDS)
@pytest.mark.parametrize("noise", [0.0, 0.02, 0.5, 2.0, 4.0])
def test_repeats_are_found_whatever_the_codec_adds(real: int, came: int, noise: float) -> None:
    pictures = shown(real, came, 8.0)
    said = verdicts(RepeatWatch(), pictures, noise, seed=3)
    again = [False, *(a == b for (_, a), (_, b) in pairwise(pictures))]
    after = round(1.5 * came)
    assert said[after:] == again[after:]
    assert not any(found and not true for found, true in zip(said, again, strict=True)), "no new picture was lost"


@settings(max_examples=30, deadline=None)
@given(
    fps=st.floats(10, 120),
    noise=st.floats(0, 8),
    seed=st.integers(0, 10**6),
    dropped=st.floats(0, 0.3),
)
def test_pictures_that_are_all_new_all_go_on(fps: float, noise: float, seed: int, dropped: float) -> None:
    rng = np.random.default_rng(seed)
    pictures = [(n / fps, n) for n in range(round(6 * fps)) if rng.random() >= dropped]
    assert not any(verdicts(RepeatWatch(), pictures, noise, seed))


@pytest.mark.parametrize("keyframe_pop", [0.0, 2.0, 3.5])
def test_a_still_room_is_no_repeat(keyframe_pop: float) -> None:
    watch, rng = RepeatWatch(), np.random.default_rng(0)
    assert not any(watch.step(n / 30, keyframe_pop if n % 12 == 0 else 0.02 * float(rng.random())) for n in range(300))


def test_who_stands_and_stirs_now_and_then_is_looked_at() -> None:
    """Differences come in stretches of any length: some pictures may go, never more than a quarter of a second."""
    watch, rng = RepeatWatch(), np.random.default_rng(5)
    said, stirs = [], 0
    for n in range(900):
        stirs = int(rng.integers(2, 25)) if rng.random() < 0.02 else stirs - 1
        said.append(watch.step(n / 30, float(rng.uniform(5, 40)) if stirs > 0 else float(rng.uniform(0.2, 0.6))))
    assert np.mean(said) < 0.05


def test_a_runner_who_stops_is_seen_standing() -> None:
    watch = RepeatWatch()
    said = verdicts(watch, shown(15, 30, 6.0), 0.2, seed=1)
    standing = [watch.step(6 + n / 30, 0.1) for n in range(120)]
    assert sum(said) > 70
    assert sum(standing) <= 8, "the scene is still, and still there"
    assert not any(standing[8:])
    again = [watch.step(10 + n / 30, 0.1 if n % 2 else 25.0) for n in range(120)]
    assert sum(again[30:]) == 45, "and when he runs on, repeats are repeats again"


def stamps(
    real: float, came: float, seconds: float, jitter_s: float = 0.0, seed: int = 0
) -> tuple[list[float], list[float]]:
    """(given, true) times of the new pictures of a source that repeats."""
    times, rng = PictureTimes(), np.random.default_rng(seed)
    given_s, true_s, last = [], [], -1
    for t_s, number in shown(real, came, seconds):
        late_s = t_s + jitter_s * float(rng.uniform(0, 1))
        if number == last:
            times.repeated(late_s)
        else:
            given_s.append(times.new(late_s))
            true_s.append(number / real)
        last = number
    return given_s, true_s


@pytest.mark.parametrize(("real", "came"), CONVERSIONS[:6], ids=IDS[:6])
def test_times_are_as_even_as_the_camera_was(real: int, came: int) -> None:
    given_s, true_s = stamps(real, came, 8.0)
    error_s = (np.array(given_s) - true_s)[2 * real :]
    assert np.std(error_s) < 0.0025, "by the tick alone, 20 as 30 would err by 8 ms to both sides"
    assert np.all(np.diff(given_s) > 0)


@settings(max_examples=40, deadline=None)
@given(real=st.floats(10, 30), times=st.floats(1.05, 4), jitter=st.floats(0, 0.4), seed=st.integers(0, 999))
def test_times_rise_and_stay_within_half_a_tick(real: float, times: float, jitter: float, seed: int) -> None:
    came = real * times
    given_s, true_s = stamps(real, came, 5.0, jitter / came, seed)
    assert np.all(np.diff(given_s) > 0)
    assert np.ptp(np.array(given_s) - true_s) < (2 + jitter) / came


def test_without_repeats_times_stay_as_they_are() -> None:
    times = PictureTimes()
    came_s = np.cumsum(np.random.default_rng(2).uniform(0.02, 0.05, 200)).tolist()
    assert [times.new(t_s) for t_s in came_s] == came_s


@pytest.mark.parametrize(("real", "came"), CONVERSIONS[:5], ids=IDS[:5])
@pytest.mark.parametrize("jitter_s", [0.006, pytest.param(0.0, marks=pytest.mark.slow)], ids=["live", "file"])
def test_strides_are_those_of_the_clip_that_was_doubled(real: int, came: int, jitter_s: float) -> None:
    """Poses as a network sees them, at the times that the new pictures are given: peaks as with the true times."""
    run = synthetic_run(speed_mps=3.0, duration_s=12, fps=real, noise_ll=0.01, seed=4)
    given_s, _ = stamps(real, came, 12.0, jitter_s)
    peaks = {}
    for name, times_s in (("as it was", run.times_s.tolist()), ("doubled", given_s)):
        tracker = GaitTracker()
        updates = [
            tracker.step(t_s, Pose(t_s, pose.xy_px, pose.confidence))
            for t_s, pose in zip(times_s, run.poses, strict=False)
        ]
        strides = [*(stride for update in updates for stride in update.strides), *tracker.finish()]
        peaks[name] = [stride.peak_knee_flexion_deg for stride in strides if stride.valid and stride.near]
    assert len(peaks["as it was"]) >= 10
    assert len(peaks["doubled"]) >= 0.9 * len(peaks["as it was"])
    assert abs(np.mean(peaks["doubled"]) - np.mean(peaks["as it was"])) < 1.0


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the demo's runner at 30 pictures a second, nearly without loss."""
    pictures = DemoSource(DemoRunner(speed_mps=3.0), width=320, height=240, duration_s=4.0).frames()
    path = tmp_path_factory.mktemp("drawn") / "runner.mkv"
    return encode(path, (item.image_bgr for item in pictures if isinstance(item, Frame)), (320, 240), 30)


def converted(clip: Path, *arguments: str, name: str = "converted.mkv") -> Path:
    path = clip.with_name(name)
    assert ffmpeg("-i", str(clip), *arguments, "-y", str(path)).wait(200) == 0
    return path


def new_of(path: Path) -> list[Frame]:
    return [
        item for item in new_pictures(VideoFile(path, realtime=False).frames(), ahead=True) if isinstance(item, Frame)
    ]


CODECS = {
    "H.264": ["libx264", "-crf", "23", "-preset", "veryfast"],
    "MPEG-4": ["mpeg4", "-q:v", "12", "-bf", "2"],
    "MJPEG": ["mjpeg", "-q:v", "8"],
}


def converters() -> Iterator[Any]:
    """The first codec with every rate, the others with the lowest and the highest and, slow, with one between."""
    for (name, codec), between in zip(CODECS.items(), ({1, 2, 3}, {1}, {2}), strict=True):
        for n, rates in enumerate(CONVERSIONS[:5]):
            if n in {0, 4} | between:
                slow = name != "H.264" and n in between
                yield pytest.param(codec, *rates, marks=pytest.mark.slow if slow else [], id=f"{name}-{IDS[n]}")


@pytest.mark.parametrize(("codec", "real", "came"), [*converters()])
def test_real_converters_are_undone(drawn: Path, real: int, came: int, codec: list[str]) -> None:
    doubled = converted(drawn, "-vf", f"fps={real},fps={came}", "-c:v", *codec)
    frames = new_of(doubled)
    late = [frame for frame in frames if frame.t_s > 1.0]
    rate = (len(late) - 1) / (late[-1].t_s - late[0].t_s)
    assert rate == pytest.approx(real, rel=0.03)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert frames[-1].repeated == pytest.approx(4 * (came - real), abs=2), "from the first picture on"


@pytest.mark.parametrize(
    "codec",
    [["libx264", "-crf", "35", "-preset", "veryfast"], ["libx264", "-b:v", "80k", "-g", "15"]],
    ids=["coarse", "80k"],
)
def test_a_coarse_codec_takes_no_new_picture(drawn: Path, codec: list[str]) -> None:
    frames = new_of(converted(drawn, "-c:v", *codec))
    assert len(frames) == 120
    assert frames[-1].repeated == 0


def test_differences_see_a_limb_and_not_the_noise() -> None:
    rng = np.random.default_rng(0)
    room = rng.integers(60, 180, (480, 640, 3)).astype(np.uint8)
    noisy = np.clip(room + rng.normal(0, 6, room.shape), 0, 255).astype(np.uint8)
    moved = room.copy()
    moved[200:300, 300:330] = 20
    assert difference(glance(room), glance(room)) == 0.0
    assert difference(glance(room), glance(moved)) > 10 * difference(glance(room), glance(noisy))
    assert difference(glance(room), glance(room[:, :300])) == math.inf


def test_events_go_through_and_what_comes_after_a_loss_is_new() -> None:
    picture: ImageBGR = np.zeros((48, 64, 3), np.uint8)

    def items() -> Iterator[Frame | SourceEvent]:
        for n in range(60):
            yield Frame(n, n / 30, np.full_like(picture, 40 + 60 * (n // 2 % 2)))
        yield SourceEvent.LOST
        yield SourceEvent.RETURNED
        yield Frame(60, 4.0, np.full_like(picture, 40 + 60 * (59 // 2 % 2)))

    seen = list(new_pictures(items()))
    assert [item for item in seen if isinstance(item, SourceEvent)] == [SourceEvent.LOST, SourceEvent.RETURNED]
    last = seen[-1]
    assert isinstance(last, Frame)
    assert last.repeated > 20
    assert last.index == 60 - last.repeated


def taken_until(source: FrameSource, enough: Callable[[Frame], bool]) -> list[Frame]:
    """Its new pictures up to one that is enough."""
    taken: list[Frame] = []
    for item in new_pictures(source.frames()):
        if isinstance(item, Frame):
            taken.append(item)
            if enough(item):
                break
    source.close()
    return taken


class NoHurry:
    """A clock for a file in real time, on which whoever waits is there at once: no picture ever comes too late."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 0.0
        monkeypatch.setattr("coach.edges.frames.video.time", SimpleNamespace(monotonic=lambda: self.now_s))
        monkeypatch.setattr("coach.edges.frames.video.threading.Event", lambda: self)

    def wait(self, seconds: float) -> bool:
        self.now_s += seconds
        return False

    def is_set(self) -> bool:
        return False

    def set(self) -> None: ...


def test_a_file_in_real_time_gives_what_it_gives_otherwise(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doubled = converted(drawn, "-vf", "fps=15,fps=30", "-c:v", "libx264", name="doubled.mkv")
    NoHurry(monkeypatch)
    taken = taken_until(VideoFile(doubled, realtime=True), lambda frame: frame.t_s > 3.0)
    late = [frame for frame in taken if frame.t_s > 1.0]
    assert (late[-1].index - late[0].index) / (late[-1].t_s - late[0].t_s) == pytest.approx(15, abs=0.5)
    assert re.search("only 1[456] of (29|30|31) pictures a second are new", late[-1].notes[-1])


def test_a_phone_stream_that_repeats_is_undone(drawn: Path) -> None:
    """A machine that is busy misses pictures, and repeats among them: it is done once it has kept up for a moment."""
    port = free_port()
    doubled = converted(drawn, "-vf", "fps=15,fps=30", "-c:v", "mjpeg", "-q:v", "4", name="doubled.avi")
    server = serve_mjpeg(port, clip=doubled)
    try:
        source = StreamSource(f"http://127.0.0.1:{port}/video")
        taken = taken_until(source, lambda frame: frame.repeated > 20 or frame.t_s > 60.0)
    finally:
        server.kill()
        server.wait()
    assert taken[-1].repeated > 20


@pytest.mark.data
@pytest.mark.slow
def test_a_doubled_clip_has_the_strides_of_the_clip(test_data: Path, pose_model: Path, tmp_path: Path) -> None:
    """The whole way, through the network as well; of a rate whose pictures come once and twice in turn."""
    real, came = 20, 30
    clip = test_data / "real" / "treadmill_garage_30fps.mp4"
    once_path, doubled_path = tmp_path / "once.mp4", tmp_path / "doubled.mp4"
    codec = ["-an", "-c:v", "libx264", "-crf", "16", "-preset", "ultrafast"]
    piece = ["-t", "10", "-i", str(clip), "-vf", f"fps={real}"]
    assert ffmpeg(*piece, *codec, str(once_path)).wait(120) == 0
    assert ffmpeg("-i", str(once_path), "-vf", f"fps={came}", *codec, str(doubled_path)).wait(120) == 0
    # As live: a look ahead would put the camera, which 15 pictures a second tell poorly, into every stride alike.
    as_live = looking_ahead(load_settings(None, {"pose.effort": "fast"}), both_ways=False)
    sessions = {
        name: analyze(path, settings=as_live) for name, path in (("once", once_path), ("doubled", doubled_path))
    }
    once, doubled = sessions["once"].summary, sessions["doubled"].summary
    assert once.strides_valid_near >= 6
    assert doubled.strides_valid_near >= 0.9 * once.strides_valid_near
    assert doubled.peak_knee_flexion_near.mean == pytest.approx(once.peak_knee_flexion_near.mean, abs=1.5)
    assert doubled.cadence_spm == pytest.approx(once.cadence_spm, abs=1.0)
    assert sessions["doubled"].frames.measured_fps == pytest.approx(real, rel=0.06)
    assert [event.kind for event in sessions["doubled"].events if "are new" in event.detail] == ["source"]
    assert not [event for event in sessions["once"].events if event.kind == "source"]
