"""Annotated videos: every encoder writes what every player reads; mid-swing shows the target lever."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.app.parts import SpeakingCoach
from coach.core.pipeline import Update
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.screen import video_writer
from coach.edges.screen.film import AnnotatedVideo, film_size
from coach.edges.screen.theme import THEMES
from coach.edges.screen.video_writer import Encoder, VideoPlan, VideoWriter, plan_video
from coach.errors import ConfigError, StoreError
from coach.languages import load_words
from coach.ports import Frame, ImageBGR, SourceInfo
from coach.settings import ScreenSettings
from tests.synth import SynthRun, synthetic_run

SIZE = (320, 180)
FPS = 25.0


@pytest.fixture(params=["pyav", "ffmpeg", "mjpg"])
def plan(request: pytest.FixtureRequest, tmp_path: Path) -> VideoPlan:
    encoder: Encoder = request.param
    if encoder == "pyav" and importlib.util.find_spec("av") is None:
        pytest.skip("PyAV is not installed")
    if encoder == "ffmpeg" and not shutil.which("ffmpeg"):
        pytest.skip("there is no ffmpeg")
    return VideoPlan(tmp_path / ("film.avi" if encoder == "mjpg" else "film.mp4"), encoder)


def grey(level: int) -> ImageBGR:
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


def frames_of(path: Path) -> list[ImageBGR]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    capture.release()
    return frames


def test_pictures_come_back_in_their_order_and_colours(plan: VideoPlan) -> None:
    writer = VideoWriter(plan, SIZE, FPS)
    for index in range(20):
        image = grey(10 * index)
        image[:40, :40] = (250, 0, 0)
        writer.write(7.0 + index / FPS, image)
    writer.close()

    frames = frames_of(plan.path)
    assert [round(float(f[100:, 100:].mean()) / 10) for f in frames] == list(range(20))
    red = frames[10][10:30, 10:30].reshape(-1, 3).mean(axis=0)
    assert red[2] > 180
    assert red[0] < 90


def test_a_gap_is_filled_and_a_crowd_is_thinned(plan: VideoPlan) -> None:
    writer = VideoWriter(plan, SIZE, FPS)
    for t_s in (0.0, 0.04, 0.08, 0.40, 0.402, 0.404, 0.44):
        writer.write(t_s, grey(100))
    writer.close()

    assert len(frames_of(plan.path)) == round(0.44 * FPS) + 1


def test_over_a_gap_the_picture_before_it_stays_and_what_comes_after_is_not_shown_early(plan: VideoPlan) -> None:
    writer = VideoWriter(plan, SIZE, FPS)
    for t_s, level in ((0.0, 40), (0.04, 80), (0.28, 160), (0.36, 200)):
        writer.write(t_s, grey(level))
    writer.close()

    shown = [round(float(f.mean()) / 40) * 40 for f in frames_of(plan.path)]
    assert shown == [40, *[80] * 6, *[160] * 2, 200]


def test_a_film_that_is_given_up_leaves_no_file(plan: VideoPlan) -> None:
    writer = VideoWriter(plan, SIZE, FPS)
    writer.write(0.0, grey(100))
    writer.discard()
    writer.close()

    assert not plan.path.exists()


def test_a_whole_film_that_cannot_have_its_name_stays_beside_it(plan: VideoPlan) -> None:
    """On Windows nothing takes the place of a file that a player has open; here a folder stands there by then."""
    writer = VideoWriter(plan, SIZE, FPS)
    for index in range(20):
        writer.write(index / FPS, grey(10 * index))
    plan.path.mkdir()
    part = plan.path.with_name(f"{plan.path.stem}.part{plan.path.suffix}")
    with pytest.raises(StoreError, match=f"lies beside it as {part.name}"):
        writer.close()
    writer.discard()

    assert len(frames_of(part)) == 20


def test_a_place_that_cannot_be_written_is_one_clear_error(plan: VideoPlan) -> None:
    plan.path.mkdir()

    def film() -> None:
        writer = VideoWriter(plan, SIZE, FPS)
        for index in range(200):
            writer.write(index / FPS, grey(index))
        writer.close()

    with pytest.raises(StoreError, match="choose another place"):
        film()


def test_without_any_h264_the_name_becomes_avi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_writer, "_pyav_has_x264", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    plan = plan_video(tmp_path / "run.mp4")

    assert plan == VideoPlan(tmp_path / "run.avi", "mjpg")
    assert "ffmpeg" in load_words("en").line(plan.remark)


def test_names_that_are_no_video(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.mp4"):
        plan_video(tmp_path / "run.gif")
    with pytest.raises(ConfigError, match="no folder"):
        plan_video(tmp_path / "nowhere" / "run.mp4")


def test_the_film_is_as_large_as_the_video_deserves() -> None:
    assert film_size(640, 480) == film_size(720, 1280) == (1280, 720)
    assert film_size(1920, 1080) == film_size(1080, 1920) == (1920, 1080)


@pytest.fixture(scope="module")
def filmed() -> SynthRun:
    return synthetic_run(speed_mps=3.0, duration_s=8, fps=25, noise_ll=0.005, seed=4)


def _updates(run: SynthRun) -> list[Update]:
    coach = SpeakingCoach(load_words("en"))
    return [coach.step(pose.t_s, pose, BeltSpeed(3.0, SpeedOrigin.TYPED)) for pose in run.poses]


def _share_of(colour: tuple[int, int, int], frame: ImageBGR) -> float:
    """Share of the runner's picture, left of the panel, that has a colour (RGB)."""
    picture = frame[20:600, 20:580].astype(int)
    return float((np.abs(picture - np.array(colour[::-1])).max(axis=2) < 50).mean())


@pytest.mark.slow
def test_at_mid_swing_the_target_lever_is_there_and_in_stance_it_is_not(filmed: SynthRun, tmp_path: Path) -> None:
    plan = VideoPlan(tmp_path / "film.avi", "mjpg")
    info = SourceInfo("video", "synthetic", filmed.width, filmed.height, 25.0, live=False)
    film = AnnotatedVideo(plan, info, ScreenSettings(), "metric", "treadmill", load_words("en"))
    dark = np.full((filmed.height, filmed.width, 3), 40, np.uint8)
    for index, update in enumerate(_updates(filmed)):
        film.append(Frame(index, update.t_s, dark), update)
    film.close()

    frames, theme = frames_of(plan.path), THEMES[ScreenSettings().theme]
    assert len(frames) == len(filmed.poses)
    strides = [s for s in filmed.of(filmed.near_side) if 4.5 < s.peak_knee_flexion_s < 7.5]
    assert len(strides) >= 3
    for stride in strides:
        mid_swing = frames[round(stride.peak_knee_flexion_s * 25)]
        mid_stance = frames[round((stride.start_s + 0.12) * 25)]
        assert _share_of(theme.lever, mid_swing) > 0.004
        assert _share_of(theme.target_lever, mid_swing) > 0.0005
        assert _share_of(theme.target_lever, mid_stance) < 0.0001
