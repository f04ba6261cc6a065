"""A physiotherapist's clip of four seconds: measured both ways, marked so, and as live where that is asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from coach.app import offline
from coach.app.parts import Outputs
from coach.cli import run
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.store import Store
from tests.edges.clips import encode, made

FROM_S, CUT_S = 3.3, 4.0


def told(*arguments: str | Path) -> dict[str, Any]:
    out = Path(arguments[1]).with_suffix(".out.json")
    assert run([*map(str, arguments), "--speed", "10", "--json", str(out)]) == 0
    session: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return session


def near(session: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for s in session["strides"] if s["near"] and s["valid"]]


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory, test_data: Path, pose_model: Path) -> Path:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not here")
    clip = test_data / "real" / "treadmill_garage_30fps.mp4"
    short = tmp_path_factory.mktemp("short") / "short.mp4"
    return made(short, "-ss", str(FROM_S), "-t", str(CUT_S), "-i", str(clip), "-vf", "scale=360:640", "-crf", "16")


@pytest.fixture(scope="module")
def both(cut: Path) -> dict[str, Any]:
    """The cut as it is measured unasked, kept in a store and as a table of frames beside it."""
    return told("analyze", cut, "--data-dir", cut.with_name("store"), "--frames", cut.with_name("frames.csv"))


@pytest.mark.slow
def test_four_seconds_suffice_and_the_recording_tells_the_same(cut: Path, both: dict[str, Any]) -> None:
    poses = cut.with_suffix(".jsonl")
    live = told("analyze", cut, "--no-store", "--live-like", "--record", poses)

    assert len(near(both)) >= 5
    assert len(near(both)) >= len(near(live))
    assert (both["settings"]["analyze.both_ways"], live["settings"]["analyze.both_ways"]) == (True, False)
    assert both["settings"]["pose.effort"] == live["settings"]["pose.effort"] == "accurate"
    # A recording rounds to a thousandth of a pixel.
    for once, again in (
        (live, told("replay", poses, "--no-store")),
        (both, told("replay", poses, "--both-ways", "--no-store")),
    ):
        peaks = [[s["peak_knee_flexion_deg"] for s in near(session)] for session in (once, again)]
        assert peaks[1] == pytest.approx(peaks[0], abs=0.05)
        assert again["settings"]["analyze.both_ways"] == once["settings"]["analyze.both_ways"]


@pytest.mark.slow
@pytest.mark.usefixtures("both")
def test_what_is_exported_later_was_measured_the_same_way(cut: Path, tmp_path: Path) -> None:
    frames, store = cut.with_name("frames.csv"), cut.with_name("store")
    assert (
        run(["export", "last", "--format", "frames", "--out", str(tmp_path / "again.csv"), "--data-dir", str(store)])
        == 0
    )

    def knees(path: Path) -> list[str]:
        rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
        column = rows[0].index("knee_flexion_left_deg")
        return [row[column] for row in rows[1:]]

    asked, again = knees(frames), knees(tmp_path / "again.csv")
    assert [bool(cell) for cell in asked] == [bool(cell) for cell in again]
    told_deg = [[float(cell) for cell in cells if cell] for cells in (asked, again)]
    # A recording rounds to a thousandth of a pixel.
    assert told_deg[1] == pytest.approx(told_deg[0], abs=0.05)


@pytest.mark.slow
def test_beside_somebody_else_a_runner_is_measured_from_the_first_picture_on(tmp_path: Path, pose_model: Path) -> None:
    count = 90
    runner, poster = DemoSource(DemoRunner(facing="right")), DemoSource(DemoRunner(facing="left")).picture(0.2)
    beside = np.full((480, 360, 3), 190, np.uint8)
    beside[20:460, 20:328] = cv2.resize(poster[60:460, 180:460], (308, 440))
    pictures = (np.hstack([beside, runner.picture(k / 30)]) for k in range(count))
    film = encode(tmp_path / "film.mp4", pictures, (1000, 480), 30.0)

    once = tmp_path / "once.toml"
    once.write_text('[pose]\neffort = "fast"\n')

    asked = ("analyze", film, "--no-store", "--config", once)
    both, live = told(*asked), told(*asked, "--live-like")

    assert both["settings"]["analyze.both_ways"]
    assert both["frames_with_pose"] == both["frames_total"] == count
    assert live["frames_with_pose"] <= count - 10, "for half a second it was watched who runs"
    assert near(both)[0]["start_s"] < 0.5


def test_a_first_look_that_is_stopped_leaves_nothing_behind(cut: Path, tmp_path: Path) -> None:
    def stop(t_s: float, duration_s: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        offline.analyze(cut, outputs=Outputs(data_dir=tmp_path), progress=stop)
    assert not Store(tmp_path).sessions()
