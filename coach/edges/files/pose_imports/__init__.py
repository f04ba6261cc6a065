"""Poses that other programs found: one door for all formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coach.edges.files.pose_imports.csv_poses import read_table
from coach.edges.files.pose_imports.openpose import read_openpose
from coach.edges.files.pose_imports.trc import read_trc
from coach.edges.files.poses_file import PosesHeader, RecordedFrame, read_poses
from coach.errors import FormatError

__all__ = ["read_any_poses"]


def read_any_poses(path: Path, fps: float | None = None) -> tuple[PosesHeader, Iterator[RecordedFrame]]:
    """Poses of any known format: `coach.poses/1`, an OpenPose folder, a `.trc`, or a `.csv` with named columns.

    `fps` is the frame rate of files that say nothing of time. Raises SourceError for a path that cannot be read,
    FormatError for content that cannot be understood; for `coach.poses/1` also while the frames are read.
    """
    if fps is not None and not 1 <= fps <= 1000:
        raise FormatError(f"--fps {fps:g} is no frame rate; give the frames a second of the video, such as 30")
    if path.is_dir():
        return read_openpose(path, fps)
    kind = path.suffix.lower()
    if kind in {".csv", ".tsv"}:
        return read_table(path, fps)
    if kind == ".json":
        raise FormatError(f"{path} is one frame at most; give the folder that holds all of them")
    if fps is not None:
        raise FormatError(f"{path} says its own times; leave --fps away")
    return read_trc(path) if kind == ".trc" else read_poses(path)
