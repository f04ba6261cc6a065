"""The examples in the docstrings of the public interface run as they stand there."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.files.poses_file import PoseRecorder
from coach.ports import Frame
from tests.synth import synthetic_run

PACKAGE = Path(__file__).parents[1] / "coach"
PUBLIC = {
    "coach.api": {"analyze", "replay"},
    "coach.core.pipeline": {"Coach.step"},
    "coach.core.units": {"parse_speed_mps", "kmh", "mph", "format_pace"},
    "coach.core.coaching.target": {"heel_lift_target"},
    "coach.core.coaching.baseline": {"peak_flexion_deg", "high_lift_deg", "cadence_spm", "personal_residual_deg"},
    "coach.core.gait.kinematics": {"knee_flexion_deg"},
}
"""What must have an example; others may have one, too."""


def modules_with_examples() -> list[str]:
    paths = (path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text("utf-8"))
    return sorted(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths)


def examples_of(module: str) -> Iterator[doctest.DocTest]:
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module), module)
    return (test for test in found if test.examples)


def test_each_part_of_the_public_interface_has_an_example() -> None:
    for module, names in PUBLIC.items():
        assert names <= {test.name.removeprefix(f"{module}.") for test in examples_of(module)}


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `run.mp4` and `run.jsonl.gz`, which the examples read: the demo's runner."""
    folder = tmp_path_factory.mktemp("recordings")
    source = DemoSource(DemoRunner(speed_mps=3.0), duration_s=4.0)
    info = source.info
    video = cv2.VideoWriter(
        str(folder / "run.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), info.nominal_fps, (info.width, info.height)
    )
    for frame in source.frames():
        assert isinstance(frame, Frame)
        video.write(frame.image_bgr)
    video.release()
    recorder = PoseRecorder(folder / "run.jsonl.gz", info)
    for pose in synthetic_run(speed_mps=3.0, duration_s=8.0).poses:
        recorder.append(pose.t_s, pose, None)
    recorder.close()
    return folder


@pytest.mark.parametrize("module", modules_with_examples())
def test_examples_print_what_they_say(
    module: str, recordings: Path, pose_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recordings)
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    for test in examples_of(module):
        said: list[str] = []
        runner.run(test, out=said.append)
        assert not said, "".join(said)
    assert runner.summarize(verbose=False).attempted > 0
