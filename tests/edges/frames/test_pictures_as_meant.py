"""Pictures as they are meant: square pixels, whole pictures, true greys, rising times; or a line that says why not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.frames import decoders, interlaced
from coach.edges.frames.picture_measures import PresentationClock
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from coach.ports import Frame, ImageBGR
from tests.edges.clips import encode, frames_of, made, turn_flag

SIZE = (160, 120)


def disc(_number: int = 0) -> ImageBGR:
    picture = np.full((SIZE[1], SIZE[0], 3), 40, np.uint8)
    return np.asarray(cv2.circle(picture, (80, 60), 40, (200, 200, 200), -1), np.uint8)


def roundness(picture: ImageBGR) -> float:
    """Width of the disc to its height."""
    rows, columns = np.nonzero(picture[..., 1] > 120)
    return float((np.ptp(columns) + 1) / (np.ptp(rows) + 1))


@pytest.fixture(scope="module")
def round_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("round") / "disc.mp4", (disc() for _ in range(8)), SIZE, 30)


@pytest.mark.parametrize("container", ["mp4", "mkv", "avi"])
@pytest.mark.parametrize(
    ("stored", "shape"), [("iw*3/4:ih", "4/3"), ("iw:ih*3/4", "3/4"), ("iw/2:ih", "2/1")], ids=["4:3", "3:4", "2:1"]
)
def test_pixels_become_square(round_clip: Path, tmp_path: Path, container: str, stored: str, shape: str) -> None:
    codec = ["-c:v", "mpeg4", "-q:v", "2"]
    filters = ["-vf", f"scale={stored},setsar={shape}"]
    path = made(tmp_path / f"narrow.{container}", "-i", str(round_clip), *filters, *codec)
    frames = frames_of(path)
    assert (frames[0].image_bgr.shape[1], frames[0].image_bgr.shape[0]) == SIZE
    assert all(roundness(frame.image_bgr) == pytest.approx(1.0, abs=0.04) for frame in frames)
    assert "not square" in frames[0].notes[0]


def test_a_narrow_picture_that_lies_on_its_side_is_stretched_along_it(round_clip: Path, tmp_path: Path) -> None:
    narrow = ["-i", str(round_clip), "-vf", "scale=iw/2:ih,setsar=2/1", "-c:v", "mpeg4", "-q:v", "2"]
    frames = frames_of(turn_flag(made(tmp_path / "narrow.mp4", *narrow), 90))
    assert frames[3].image_bgr.shape[:2] == SIZE
    assert roundness(frames[3].image_bgr) == pytest.approx(1.0, abs=0.04)


def test_square_pixels_are_left_alone(round_clip: Path) -> None:
    source = VideoFile(round_clip, realtime=False)
    assert (source.info.width, source.info.height) == SIZE
    assert not next(item for item in source.frames() if isinstance(item, Frame)).notes
    source.close()


@pytest.fixture(scope="module")
def combed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner of 60 pictures a second as interlaced video of 30 frames."""
    folder = tmp_path_factory.mktemp("combed")
    pictures = DemoSource(DemoRunner(speed_mps=3.0), width=320, height=240, fps=60, duration_s=1.0).frames()
    whole = encode(
        folder / "whole.mkv", (item.image_bgr for item in pictures if isinstance(item, Frame)), (320, 240), 60
    )
    flags = ["-vf", "interlace=scan=tff", "-flags", "+ilme+ildct", "-c:v", "libx264", "-x264opts", "tff=1", "-crf", "8"]
    return made(folder / "combed.mp4", "-i", str(whole), *flags)


def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (decoders, interlaced):
        monkeypatch.setattr(module, "find_spec", lambda _name: None)


def with_pyav(_monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")


@pytest.mark.parametrize("decoder", [with_pyav, without_pyav], ids=["PyAV", "ffmpeg"])
def test_half_pictures_become_whole_ones_at_their_own_times(
    combed: Path, monkeypatch: pytest.MonkeyPatch, decoder: Callable[[pytest.MonkeyPatch], None]
) -> None:
    decoder(monkeypatch)
    frames, whole = frames_of(combed), frames_of(combed.with_name("whole.mkv"))
    assert len(frames) == pytest.approx(60, abs=1)
    np.testing.assert_allclose(np.diff([frame.t_s for frame in frames]), 1 / 60, atol=2e-3)
    assert "interlaced" in frames[0].notes[0]
    for number in (10, 25, 41):
        image = frames[number].image_bgr.astype(float)
        errors = {n: np.abs(image - whole[n].image_bgr).mean() for n in range(number - 3, number + 4)}
        assert min(errors, key=lambda n: errors[n]) == number, "the moment that is stamped"
        assert errors[number] < 0.6 * errors[number + 2], "and no comb of two moments"


@pytest.mark.parametrize("decoder", [with_pyav, without_pyav], ids=["PyAV", "ffmpeg"])
def test_combs_that_no_flag_tells_of_are_seen(
    combed: Path, monkeypatch: pytest.MonkeyPatch, decoder: Callable[[pytest.MonkeyPatch], None]
) -> None:
    decoder(monkeypatch)
    whole = combed.with_name("whole.mkv")
    plain = ["-c:v", "libx264", "-crf", "8"]
    unflagged = made(combed.with_name("unflagged.mp4"), "-i", str(whole), "-vf", "interlace,setfield=prog", *plain)
    halved = made(combed.with_name("halved.mp4"), "-i", str(whole), "-vf", "fps=30", *plain)
    assert interlaced.is_combed(unflagged)
    assert not interlaced.is_combed(halved)
    frames = frames_of(unflagged)
    assert len(frames) == pytest.approx(30, abs=1)
    assert "interlaced" in frames[0].notes[0]
    assert not frames_of(halved)[0].notes


@pytest.mark.parametrize("few", ["dither=sierra2_4a", "dither=bayer:bayer_scale=1"])
def test_a_pattern_of_few_colours_is_no_comb(combed: Path, few: str) -> None:
    """A GIF's rows stand off their neighbours, too; but neither half of its rows came first."""
    whole = combed.with_name("whole.mkv")
    colours = f"noise=alls=12:allf=t,fps=25,split[a][b];[a]palettegen=max_colors=16[p];[b][p]paletteuse={few}"
    patterned = made(combed.with_name("patterned.gif"), "-i", str(whole), "-filter_complex", colours)

    assert not interlaced.is_combed(patterned)
    assert not any("interlaced" in note for note in frames_of(patterned)[0].notes)


def test_where_nothing_can_make_whole_pictures_interlacing_is_named(
    combed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pyav(monkeypatch)
    probe = shutil.which("ffprobe")
    monkeypatch.setattr("shutil.which", {"ffprobe": probe}.get)
    with pytest.raises(SourceError, match=r"combed\.mp4 is interlaced .* install PyAV \(pip install av\)") as caught:
        VideoFile(combed, realtime=False)
    assert "\n" not in str(caught.value)


def test_where_nothing_can_even_tell_the_picture_that_never_changes_is(
    combed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pyav(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _program: None)
    with pytest.raises(SourceError, match="one and the same picture all the time: it is a still, or interlaced"):
        VideoFile(combed, realtime=False)
    assert len(frames_of(combed.with_name("whole.mkv"))) == 60, "others are read as ever"


def test_a_still_picture_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), disc())
    with pytest.raises(SourceError, match="it is a still picture"):
        VideoFile(path, realtime=False)


@pytest.mark.parametrize("grey", [16, 128, 235])
@pytest.mark.parametrize(("codec", "colours"), [("libx264", "pc"), ("libx264", "tv"), ("mjpeg", "pc")])
def test_greys_are_those_that_were_filmed(tmp_path: Path, grey: int, codec: str, colours: str) -> None:
    plain = ["-f", "lavfi", "-i", f"color=0x{grey:02x}{grey:02x}{grey:02x}:s=96x64:r=30:d=0.2"]
    pixels = ["-vf", f"scale=out_range={colours}", "-pix_fmt", "yuvj420p" if colours == "pc" else "yuv420p"]
    path = made(tmp_path / "grey.mkv", *plain, *pixels, "-color_range", colours, "-c:v", codec)
    assert frames_of(path)[2].image_bgr.mean() == pytest.approx(grey, abs=2.5)


def test_pyav_and_opencv_see_the_same_pictures(round_clip: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(round_clip)) as file:
        theirs = [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]
    ours = frames_of(round_clip)
    assert len(ours) == len(theirs)
    assert max(np.abs(a.image_bgr.astype(int) - b).max() for a, b in zip(ours, theirs, strict=True)) <= 2


def test_a_file_that_begins_late_begins_at_nought(round_clip: Path, tmp_path: Path) -> None:
    late = made(tmp_path / "late.mkv", "-i", str(round_clip), "-c", "copy", "-output_ts_offset", "7.5")
    times = [frame.t_s for frame in frames_of(late)]
    np.testing.assert_allclose(times, np.arange(8) / 30, atol=1e-3)


@pytest.mark.parametrize(
    ("stamps", "expected", "repaired"),
    [
        ([8.0, 8.1, 8.2], [0.0, 0.1, 0.2], False),  # begins so late that it is no time: counted from there
        ([0.0, 0.1, 0.2, 0.0, 0.2, 0.4], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5], True),  # a little back: evenly spaced
        ([60.0, 60.1, 60.2, 0.0, 0.3, 0.6], [0.0, 0.1, 0.2, 0.3, 0.6, 0.9], True),  # begins anew: its own steps go on
    ],
)
def test_times_that_go_back_are_mended_and_told(stamps: list[float], expected: list[float], repaired: bool) -> None:
    clock = PresentationClock(0.1)
    np.testing.assert_allclose([clock.stamp(t_s) for t_s in stamps], expected, atol=1e-9)
    assert any("go back" in note for note in clock.notes()) is repaired


def test_a_header_that_lies_about_the_rate_is_told_and_not_believed() -> None:
    clock = PresentationClock(1 / 120)
    times = [clock.stamp(n / 30) for n in range(20)]
    np.testing.assert_allclose(times, np.arange(20) / 30)
    assert clock.step_s == pytest.approx(1 / 30)
    assert any("header's rate" in note for note in clock.notes())
    honest = PresentationClock(1 / 30)
    assert [honest.stamp(n / 30) for n in range(20)]
    assert not honest.notes()


def test_slow_motion_tells_at_which_rate_it_was_filmed(round_clip: Path, tmp_path: Path) -> None:
    tag = ["-movflags", "use_metadata_tags", "-metadata", "com.android.capture.fps=240"]
    slow = made(tmp_path / "slow.mp4", "-i", str(round_clip), "-c", "copy", *tag)
    assert VideoFile(slow, realtime=False).info.filmed_fps == 240
    assert np.isnan(VideoFile(round_clip, realtime=False).info.filmed_fps)


@pytest.mark.parametrize(("codec", "ending"), [("libx264", "h264"), ("libx265", "hevc")])
def test_a_bare_stream_has_no_times_and_is_refused_with_what_to_type(
    round_clip: Path, tmp_path: Path, codec: str, ending: str
) -> None:
    bare = made(tmp_path / f"bare.{ending}", "-i", str(round_clip), "-c:v", codec)
    with pytest.raises(SourceError, match=r"bare stream without times; .* ffmpeg -framerate 30 -i"):
        VideoFile(bare, realtime=False)
    timed = made(tmp_path / "timed.mp4", "-framerate", "30", "-i", str(bare))
    assert len(frames_of(timed)) == 8, "and what it says to type works"


@pytest.mark.parametrize(("codec", "ending"), [("mpeg1video", "mpg"), ("mpeg2video", "m2v"), ("mpeg4", "m4v")])
def test_streams_that_begin_alike_are_read(round_clip: Path, tmp_path: Path, codec: str, ending: str) -> None:
    assert len(frames_of(made(tmp_path / f"clip.{ending}", "-i", str(round_clip), "-c:v", codec))) >= 7
