"""`coach analyze --video-out`: a clip in, the same clip with what was measured on it out."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.cli import run
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.screen.theme import THEMES
from coach.edges.screen.video_writer import VideoPlan, VideoWriter
from coach.ports import Frame

FPS, SECONDS = 20, 6


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of the demo's runner."""
    path = tmp_path_factory.mktemp("clip") / "runner.avi"
    source = DemoSource(DemoRunner(speed_mps=2.8), width=640, height=480, fps=FPS)
    writer = VideoWriter(VideoPlan(path, "mjpg"), (640, 480), FPS)
    for frame in islice(source.frames(), FPS * SECONDS):
        assert isinstance(frame, Frame)
        writer.write(frame.t_s, cv2.cvtColor(frame.image_bgr, cv2.COLOR_BGR2RGB).astype(np.uint8))
    writer.close()
    return path


@pytest.mark.slow
def test_the_film_has_every_frame_and_the_lever_on_the_trusted_ones(
    clip: Path, tmp_path: Path, pose_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, session = tmp_path / "film.mp4", tmp_path / "session.json"
    once = tmp_path / "once.toml"
    once.write_text('[pose]\neffort = "fast"\n')
    arguments = ["--speed", "2.8m/s", "--no-store", "--json", str(session), "--video-out", str(film)]
    assert run(["analyze", str(clip), *arguments, "--config", str(once)]) == 0

    said = capsys.readouterr().err
    assert "annotated video" in said
    written = film if film.exists() else film.with_suffix(".avi")
    assert written.name in said
    capture = cv2.VideoCapture(str(written))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == FPS * SECONDS
    assert frames[0].shape == (720, 1280, 3)
    lever = np.array(THEMES["dark"].lever[::-1])
    near = [s for s in json.loads(session.read_text())["strides"] if s["near"] and s["valid"]]
    at_s = near[-1]["peak_knee_flexion_s"]
    picture = frames[round(at_s * FPS)][20:600, 20:580].astype(int)
    assert (np.abs(picture - lever).max(axis=2) < 50).mean() > 0.003


def test_the_video_itself_is_never_written_over(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = clip.stat().st_size
    assert run(["analyze", str(clip), "--no-store", "--video-out", str(clip)]) == 2
    assert "another name" in capsys.readouterr().err
    assert clip.stat().st_size == before


def test_a_run_that_fails_leaves_no_film(tmp_path: Path, pose_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, film = tmp_path / "empty.avi", tmp_path / "film.avi"
    writer = VideoWriter(VideoPlan(empty, "mjpg"), (320, 240), 10)
    for index in range(12):
        writer.write(index / 10, np.full((240, 320, 3), 90, np.uint8))
    writer.close()

    assert run(["analyze", str(empty), "--no-store", "--video-out", str(film)]) == 4
    assert not film.exists()
    capsys.readouterr()
