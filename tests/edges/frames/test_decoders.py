"""What OpenCV opens and cannot decode is decoded otherwise, or its codec is named; damaged is what no decoder reads."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.edges.frames import decoders, interlaced, video
from coach.edges.frames.capture import Capture, next_picture, open_file
from coach.edges.frames.video import VideoFile
from coach.errors import SourceError
from coach.ports import ImageBGR
from tests.edges.clips import encode, frames_of, numbered, turn_flag

SIZE = (96, 64)
COUNT = 20


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return encode(tmp_path / "clip.mp4", (numbered(number) for number in range(COUNT)), SIZE, 30)


class Blind:
    """OpenCV's capture of a file whose codec it cannot decode."""

    codec = float(cv2.VideoWriter.fourcc(*"AV01"))

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def grab(self) -> bool:
        return False

    def retrieve(self) -> tuple[bool, ImageBGR | None]:
        return False, None

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        return self.codec if propId == cv2.CAP_PROP_FOURCC else self._capture.get(propId)

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803 - OpenCV's name
        return self._capture.set(propId, value)

    def release(self) -> None:
        self._capture.release()


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV on a machine whose graphics chip decodes no AV1."""

    def opened(path: Path) -> Capture | None:
        capture = open_file(path)
        return None if capture is None else Blind(capture)

    for module in (video, interlaced):
        monkeypatch.setattr(module, "open_file", opened)


def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (decoders, interlaced):
        monkeypatch.setattr(module, "find_spec", lambda _name: None)


def with_pyav(_monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")


def with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pyav(monkeypatch)
    monkeypatch.setattr("shutil.which", lambda _program: None)


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize("decoder", [with_pyav, without_pyav], ids=["PyAV", "ffmpeg"])
@pytest.mark.parametrize("turned", [0, 90])
def test_what_opencv_cannot_decode_comes_as_it_was_filmed(
    clip: Path, monkeypatch: pytest.MonkeyPatch, decoder: Callable[[pytest.MonkeyPatch], None], turned: int
) -> None:
    decoder(monkeypatch)
    path = turn_flag(clip, turned) if turned else clip
    capture = open_file(path)
    assert capture is not None
    filmed = [next_picture(capture) for _ in range(COUNT)]
    capture.release()
    frames = frames_of(path)
    assert len(frames) == COUNT
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(COUNT) / 30, atol=2e-3)
    assert not any(frame.notes for frame in frames)
    for frame, picture in zip(frames, filmed, strict=True):
        assert picture is not None
        assert np.abs(frame.image_bgr.astype(int) - picture).mean() < 2.0


@pytest.mark.usefixtures("blind")
def test_where_nothing_decodes_av1_it_is_named_with_the_way_out(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_nothing(monkeypatch)
    with pytest.raises(SourceError) as caught:
        VideoFile(clip, realtime=False)
    assert str(caught.value) == (
        f"{clip} cannot be decoded here, since its codec is AV1; install PyAV (pip install av) or the program ffmpeg, "
        "or save the video as H.264"
    )


@pytest.mark.usefixtures("blind")
def test_what_no_decoder_reads_may_be_damaged_and_so_may_what_opencv_could_decode(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(decoders, "next_picture", lambda _capture: None)
        with pytest.raises(SourceError, match="holds no readable picture; it may be damaged"):
            VideoFile(clip, realtime=False)
    with_nothing(monkeypatch)
    monkeypatch.setattr(Blind, "codec", float(cv2.VideoWriter.fourcc(*"avc1")))
    with pytest.raises(SourceError, match="holds no readable picture; it may be damaged"):
        VideoFile(clip, realtime=False)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_file_that_pyav_will_not_open_is_left_to_the_program(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    av = pytest.importorskip("av")

    def refuse(*_: object, **__: object) -> None:
        raise av.InvalidDataError(1, "no")

    monkeypatch.setattr(av, "open", refuse)
    begun = decoders.decoded_otherwise(clip, 30.0)
    assert begun is not None
    assert isinstance(begun[0], decoders.FfmpegCapture)
    begun[0].release()
