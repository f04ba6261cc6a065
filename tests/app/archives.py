"""An archive of short recordings, replayed in a tenth of the time that pixels would take."""

from __future__ import annotations

from pathlib import Path

from coach.core.pose import Pose
from coach.edges.files.poses_file import PoseRecorder
from coach.ports import SourceInfo
from tests.synth import synthetic_run


def recording(path: Path, *, seed: int = 0, duration_s: float = 8.0, width: int = 640) -> Path:
    """A runner at 3 m/s, recorded as poses; another `seed` is another run."""
    run = synthetic_run(speed_mps=3.0, duration_s=duration_s, fps=30, noise_ll=0.01, seed=seed)
    return recorded(path, run.poses, width)


def recorded(path: Path, poses: list[Pose], width: int = 640) -> Path:
    """These poses as a recording."""
    recorder = PoseRecorder(path, SourceInfo("poses", path.name, width, 480, 30.0, live=False))
    for pose in poses:
        recorder.append(pose.t_s, pose, None)
    recorder.close()
    return path


def damaged(path: Path) -> Path:
    """A file that only looks like a recording."""
    path.write_text("no recording\n")
    return path
