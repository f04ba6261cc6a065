"""Video files: upright, with the times they carry, or one line that says what is wrong."""

from __future__ import annotations

import math
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from coach.edges.frames.picture_measures import PresentationClock
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR
from tests.edges.clips import HEIGHT, WIDTH, ffmpeg, turn_flag, write_clip


def all_frames(source: VideoFile) -> list[Frame]:
    return [item for item in source.frames() if isinstance(item, Frame)]


def red_corner(image: ImageBGR) -> str:
    """Where the picture's red corner is."""
    rows, columns = np.nonzero((image[..., 2] > 180) & (image[..., 0] < 90))
    height, width = image.shape[:2]
    return ("top" if rows.mean() < height / 2 else "bottom") + (" left" if columns.mean() < width / 2 else " right")


def test_every_frame_is_delivered_with_its_time(tmp_path: Path) -> None:
    source = VideoFile(write_clip(tmp_path / "clip.mp4", frames=25, fps=25.0), realtime=False)
    frames = all_frames(source)
    assert [frame.index for frame in frames] == list(range(25))
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(25) / 25, atol=1e-3)
    assert (source.info.nominal_fps, source.info.duration_s) == (25.0, 1.0)


def test_a_clip_is_dated_by_its_filming_else_by_its_file(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    told = tmp_path / "told.mp4"
    dated = ["-i", str(clip), "-c", "copy", "-metadata", "creation_time=2026-03-01T06:30:00Z"]
    assert ffmpeg(*dated, str(told)).wait(200) == 0
    os.utime(clip, (1_700_000_000, 1_700_000_000))

    by_tag, by_file = (VideoFile(path, realtime=False).info.filmed_at for path in (told, clip))

    assert by_tag == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    assert by_file is not None
    assert by_file.timestamp() == 1_700_000_000


@pytest.mark.parametrize(
    ("degrees", "size", "corner"),
    [(90, (HEIGHT, WIDTH), "top right"), (180, (WIDTH, HEIGHT), "bottom right"), (270, (HEIGHT, WIDTH), "bottom left")],
)
def test_a_phone_held_upright_gives_upright_pictures(
    tmp_path: Path, degrees: int, size: tuple[int, int], corner: str
) -> None:
    source = VideoFile(turn_flag(write_clip(tmp_path / "clip.mp4"), degrees), realtime=False)
    frame = all_frames(source)[3]
    assert (source.info.width, source.info.height) == size
    assert frame.image_bgr.shape[:2] == size[::-1]
    assert red_corner(frame.image_bgr) == corner


def test_a_variable_frame_rate_keeps_its_gaps(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mp4"
    left_out = "select='not(between(n,10,15))*not(eq(n,20))'"
    arguments = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=30:duration=1", "-vf", left_out, "-vsync", "vfr"]
    assert ffmpeg(*arguments, "-c:v", "mpeg4", str(path)).wait(200) == 0
    times = np.array([frame.t_s for frame in all_frames(VideoFile(path, realtime=False))])
    expected = np.setdiff1d(np.arange(30), [10, 11, 12, 13, 14, 15, 20]) / 30
    np.testing.assert_allclose(times, expected, atol=1e-3)


def test_a_file_without_times_counts_frames(tmp_path: Path) -> None:
    path = tmp_path / "raw.m4v"
    arguments = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=25:duration=1", "-c:v", "mpeg4", "-f", "m4v", str(path)]
    assert ffmpeg(*arguments).wait(200) == 0
    times = [frame.t_s for frame in all_frames(VideoFile(path, realtime=False))]
    assert len(times) == 25
    np.testing.assert_allclose(np.diff(times), 0.04, atol=1e-3)


def test_in_real_time_it_takes_as_long_as_it_lasts(tmp_path: Path) -> None:
    source = VideoFile(write_clip(tmp_path / "clip.mp4", frames=15), realtime=True)
    began_s = time.monotonic()
    frames = all_frames(source)
    assert time.monotonic() - began_s >= frames[-1].t_s
    assert source.info.live


def test_a_slow_reader_misses_frames_in_real_time_and_none_otherwise(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=30)
    counts = {}
    for realtime in (True, False):
        counts[realtime] = 0
        for _ in VideoFile(clip, realtime=realtime).frames():
            counts[realtime] += 1
            time.sleep(0.08)
    assert counts[False] == 30
    assert counts[True] < 20


def test_a_file_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "whole.avi"
    arguments = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=30:duration=2", "-c:v", "mjpeg", str(path)]
    assert ffmpeg(*arguments).wait(200) == 0
    cut = tmp_path / "cut.avi"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 10 < len(all_frames(VideoFile(cut, realtime=False))) < 60


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Dear diary, today I ran.\n", "is not a video that can be read (it holds text)"),
        (b"", "is empty"),
        (bytes(range(256)) * 20, "damaged, cut short, or in a format unknown here"),
    ],
)
def test_what_is_no_video_is_told_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=r"run\.mp4") as caught:
        VideoFile(written(tmp_path / "run.mp4", content), realtime=False)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_video_whose_index_is_missing_is_told_in_one_line(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4").read_bytes()
    with pytest.raises(SourceError, match="damaged, cut short"):
        VideoFile(written(tmp_path / "cut.mp4", whole[: len(whole) // 2]), realtime=False)


@pytest.mark.parametrize("name", ["run.mp4", "run.m4a", "run.mkv", "run.wav", "run.flac"])
def test_a_file_that_holds_sound_alone_is_told_as_that(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert ffmpeg("-f", "lavfi", "-i", "sine=440:duration=1", str(path)).wait(200) == 0
    with pytest.raises(SourceError, match="it holds sound and no picture"):
        VideoFile(path, realtime=False)


def test_a_film_with_sound_whose_pictures_are_damaged_is_no_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.mkv"
    made = ["-f", "lavfi", "-i", "sine=440:duration=1", "-f", "lavfi", "-i", "testsrc=duration=1", "-c:v", "mjpeg"]
    assert ffmpeg(*made, str(path)).wait(200) == 0
    spoilt = path.read_bytes().replace(b"V_MJPEG", b"V_NOVEL")
    with pytest.raises(SourceError, match="damaged, cut short"):
        VideoFile(written(path, spoilt), realtime=False)


def test_a_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        VideoFile(tmp_path, realtime=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has neither")
def test_a_device_or_a_pipe_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.mp4")  # nobody writes into it: whoever opens it waits for ever
    for endless in (pipe, Path("/dev/zero")):
        with pytest.raises(SourceError, match="is a device or a pipe"):
            VideoFile(endless, realtime=False)


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no video file"):
        VideoFile(tmp_path / "nowhere.mp4", realtime=False)


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.2, 0.3]),  # as it should be
        ([0.0, 0.1, 0.4, 0.5], [0.0, 0.1, 0.4, 0.5]),  # a pause is a pause
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.1, 0.2, 0.3]),  # no stamps at all
        ([0.0, 0.1, 0.1, 0.3], [0.0, 0.1, 0.2, 0.3]),  # one that repeats
        ([0.0, 0.1, 900.2, 900.3], [0.0, 0.1, 0.2, 0.3]),  # a jump of 15 minutes
        ([-7.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.2, 0.3]),  # begins before the beginning
        ([0.4, 0.5, 0.6, 0.7], [0.4, 0.5, 0.6, 0.7]),  # begins late
        ([0.0, math.nan, math.nan, 0.3], [0.0, 0.1, 0.2, 0.3]),  # unknown in between
    ],
)
def test_the_clock_believes_what_rises(stamps: list[float], expected: list[float]) -> None:
    clock = PresentationClock(0.1)
    np.testing.assert_allclose([clock.stamp(t_s) for t_s in stamps], expected, atol=1e-9)
