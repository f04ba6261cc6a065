"""The Python interface and the examples that show it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

import coach
from coach.edges.demo import DemoSource
from coach.edges.files.poses_file import PoseRecorder
from coach.errors import ConfigError
from tests.edges.clips import made
from tests.synth import synthetic_run

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_coach_loads_nothing_heavy() -> None:
    heavy = "pygame", "bleak", "dask", "plotly", "numpy", "cv2", "mediapipe", "ai_edge_litert", "av", "fit_tool"
    program = f"import sys, coach; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_offered_is_there() -> None:
    assert {"Coach", "analyze", "replay"} <= set(dir(coach))
    assert all(getattr(coach, name) is not None for name in coach.__all__)
    with pytest.raises(AttributeError, match="no attribute 'fly'"):
        getattr(coach, "fly")  # noqa: B009 - asked for by name, as a slip of the finger would


def test_an_own_source_is_coached() -> None:
    said = example("own_source.py")
    assert "heel_lift_low" in said
    assert "recovered" in said


def test_a_pose_file_is_read(tmp_path: Path) -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=10, seed=3)
    path = tmp_path / "poses.jsonl.gz"
    recorder = PoseRecorder(path, DemoSource().info)
    for pose in run.poses:
        recorder.append(pose.t_s, pose, None)
    recorder.close()
    assert coach.replay(path, speed_mps=3.0).summary.strides_valid_near >= 8
    assert "steps/min" in example("pose_file.py", str(path))


def test_an_impossible_belt_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for wrong in ({"speed_mps": 100}, {"speed_mps": -1}, {"speed_mps": 3.0, "incline_pct": math.inf}):
        for measure in (coach.analyze, coach.replay):
            with pytest.raises(ConfigError, match="give a number from"):
                measure(tmp_path / "none", **wrong)


@pytest.mark.slow
@pytest.mark.data
def test_a_video_is_measured(test_data: Path, tmp_path: Path, pose_model: Path) -> None:
    out, clip = tmp_path / "session.json", test_data / "real" / "treadmill_garage_30fps.mp4"
    some = made(tmp_path / "some.mp4", "-t", "4.5", "-i", str(clip), "-vf", "fps=20,scale=360:640", "-crf", "16", "-an")
    said = example("video.py", str(some), "2.8", str(out))
    assert "strides of the near leg" in said
    assert json.loads(out.read_text())["summary"]["cadence_spm"] == pytest.approx(168.9, abs=1.5)
