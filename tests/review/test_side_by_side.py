"""Two runs in step on one page, with a practice's head; and the page on which a runner is chosen."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.app.kept_sessions import logo_address
from coach.cli import run
from coach.core.pose import Keypoint, Pose
from coach.edges.files.poses_file import read_poses
from coach.edges.store import Store
from coach.errors import ConfigError
from coach.review.side_by_side import PHASES, drawn_stride, typical_stride
from tests.synth import recorded, synthetic_run

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of Anna with their poses, one of Ben."""
    folder = tmp_path_factory.mktemp("step")
    for name, (runner, speed_mps) in enumerate((("Anna", 3.0), ("Anna", 3.4), ("Ben", 3.0))):
        path = folder / f"{name}.jsonl"
        recorded(path, synthetic_run(speed_mps=speed_mps, duration_s=12, fps=30, noise_ll=0.01, seed=name))
        place = ("--runner", runner, "--data-dir", str(folder / "data"))
        assert run(["replay", str(path), "--speed", f"{speed_mps}m/s", *place]) == 0
    return folder / "data"


def poses_of(root: Path, number: int) -> list[Pose]:
    return [
        pose for _, pose, _ in read_poses(root / "sessions" / str(number) / "poses.jsonl.gz")[1] if pose is not None
    ]


def knee_deg(points: str) -> float:
    hip, knee, ankle = (np.array(point.split(","), float) for point in points.split()[:3])
    thigh, shank = hip - knee, ankle - knee
    return 180 - float(np.degrees(np.arccos(thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank))))


def test_the_drawn_stride_bends_as_the_measured_one_did(root: Path) -> None:
    session = Store(root, "Anna").load(1)
    drawn = drawn_stride(session, poses_of(root, 1))
    span = typical_stride(session)
    assert drawn is not None
    assert span is not None
    kept = next(one for one in session.strides if one.near and one.start_s == span[0])

    bends = [knee_deg(frame["near"]) for frame in drawn.frames]
    assert len(bends) == PHASES
    assert max(bends) == pytest.approx(kept.peak_knee_flexion_deg, abs=5)
    share = (kept.peak_knee_flexion_s - kept.start_s) / (kept.end_s - kept.start_s)
    assert abs(int(np.argmax(bends)) / PHASES - share) <= 2 / PHASES


def test_a_drawn_leg_is_one_leg_length_long(root: Path) -> None:
    drawn = drawn_stride(Store(root, "Anna").load(1), poses_of(root, 1))
    assert drawn is not None

    def length(points: str) -> float:
        hip, knee, ankle = (np.array(point.split(","), float) for point in points.split()[:3])
        return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))

    assert np.median([length(frame["near"]) for frame in drawn.frames]) == pytest.approx(1.0, rel=0.03)


def test_whoever_faces_left_is_drawn_facing_right(root: Path) -> None:
    session, poses = Store(root, "Anna").load(1), poses_of(root, 1)
    drawn = drawn_stride(session, poses)
    assert drawn is not None
    toes = [
        float(frame["near"].split()[4].split(",")[0]) - float(frame["near"].split()[3].split(",")[0])
        for frame in drawn.frames
    ]

    assert toes[0] > 0


def test_a_stride_that_was_hardly_recorded_is_not_drawn(root: Path) -> None:
    session = Store(root, "Anna").load(1)

    assert drawn_stride(session, poses_of(root, 1)[::12]) is None


@pytest.mark.filterwarnings("error")
def test_legs_alone_are_drawn_without_a_trunk_and_without_a_warning(root: Path) -> None:
    session, poses = Store(root, "Anna").load(1), poses_of(root, 1)
    arms = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
    hips = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
    legs = []
    for n, pose in enumerate(poses):
        xy_px = pose.xy_px.copy()
        xy_px[arms + (hips if n % 7 == 0 else [])] = np.nan
        legs.append(replace(pose, xy_px=xy_px))
    drawn = drawn_stride(session, legs)

    assert drawn is not None
    assert {frame["trunk"] for frame in drawn.frames} == {""}
    assert all(frame["near"] for frame in drawn.frames)


def test_the_page_of_two_runs_moves_both_with_one_slider(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["note", "2", "new shoes", "--runner", "Anna", "--data-dir", str(root)]) == 0
    assert run(["compare", "1", "2", "--runner", "Anna", "--data-dir", str(root)]) == 0
    text = (root / "pages" / "compare-1-2.html").read_text("utf-8")
    data = json.loads(re.findall(r'id="charts">(.*?)</script>', text, re.DOTALL)[0])

    assert text.count('<svg class="runner-drawn"') == 2
    assert [len(one["frames"]) for one in data["step"]] == [PHASES, PHASES]
    assert 'max="23"' in text
    assert "new shoes" in text


def test_without_recordings_there_is_a_page_all_the_same(root: Path, tmp_path: Path) -> None:
    other = Store(tmp_path)
    for number in (1, 2):
        other.keep(Store(root, "Anna").load(number))
    assert run(["compare", "1", "2", "--data-dir", str(tmp_path)]) == 0

    assert "runner-drawn" not in (tmp_path / "pages" / "compare-1-2.html").read_text("utf-8")


def test_the_head_of_a_practice_stands_on_every_page(root: Path, tmp_path: Path) -> None:
    logo, config = tmp_path / "logo.png", tmp_path / "config.toml"
    logo.write_bytes(PNG)
    config.write_text(f'[page]\nheader = "Practice <by> the park"\nlogo = "{logo}"\n')
    place = ("--runner", "Anna", "--config", str(config), "--data-dir", str(root))
    assert run(["report", "1", *place]) == 0
    assert run(["compare", "1", "2", *place]) == 0

    for page in ("session-1.html", "compare-1-2.html", "runners.html"):
        text = (root / "pages" / page).read_text("utf-8")
        assert "Practice &lt;by&gt; the park" in text
        assert 'src="data:image/png;base64,' in text
    assert str(logo) not in (root / "pages" / "session-1.html").read_text("utf-8")


@pytest.mark.parametrize("content", [None, b"no picture", PNG + bytes(1_000_001)], ids=["none", "text", "large"])
def test_a_logo_that_is_none_is_one_line_that_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "logo.png"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"page\.logo"):
        logo_address(str(path))


def test_one_page_names_all_runners_and_goes_when_one_is_left(root: Path, tmp_path: Path) -> None:
    for runner in ("Anna", "Ben"):
        assert run(["report", "last", "--runner", runner, "--data-dir", str(root)]) == 0
    text = (root / "pages" / "runners.html").read_text("utf-8")
    assert '<a href="index-2.html">Anna</a>' in text
    assert '<a href="index-3.html">Ben</a>' in text
    assert "Ben" not in (root / "pages" / "index-2.html").read_text("utf-8")

    place = ("--data-dir", str(tmp_path))
    assert run(["runners", "add", "Carla", *place]) == 0
    assert run(["report", "--index", "--runner", "Carla", *place]) == 0
    assert "Carla" in (tmp_path / "pages" / "runners.html").read_text("utf-8")
    assert run(["runners", "forget", "Carla", "--yes", *place]) == 0
    assert not (tmp_path / "pages" / "runners.html").exists()
