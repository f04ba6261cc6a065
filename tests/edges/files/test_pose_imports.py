"""Poses of other programs: the same runner in each format measures the same; what is wrong says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import KEYPOINT_NAMES, Keypoint, Pose
from coach.edges.files.pose_imports import keypoint_named, read_any_poses
from coach.errors import CoachError, FormatError, SourceError
from tests.synth import SynthRun, synthetic_run

HALPE = {
    "nose": "Nose", "left_shoulder": "LShoulder", "right_shoulder": "RShoulder", "left_hip": "LHip",
    "right_hip": "RHip", "left_knee": "LKnee", "right_knee": "RKnee", "left_ankle": "LAnkle",
    "right_ankle": "RAnkle", "left_heel": "LHeel", "right_heel": "RHeel", "left_foot_index": "LBigToe",
    "right_foot_index": "RBigToe",
}  # fmt: skip
"""Marker names of Pose2Sim and Sports2D."""
BODY_25_PLACES = {
    "nose": 0, "right_shoulder": 2, "left_shoulder": 5, "right_hip": 9, "right_knee": 10, "right_ankle": 11,
    "left_hip": 12, "left_knee": 13, "left_ankle": 14, "left_foot_index": 19, "left_heel": 21,
    "right_foot_index": 22, "right_heel": 24,
}  # fmt: skip
"""Places of the keypoints in OpenPose's BODY_25."""

Written = Callable[[Path, list[Pose]], Path]


def openpose(folder: Path, poses: list[Pose], *, bystander: bool = True, bystander_size: float = 0.2) -> Path:
    """One file a frame; somebody else stands first in each, as large as a share of the runner."""
    folder.mkdir(exist_ok=True)
    standing = np.zeros((25, 3))
    for index, pose in enumerate(poses):
        person = np.zeros((25, 3))
        for name, place in BODY_25_PLACES.items():
            person[place] = [*pose.xy_px[KEYPOINT_NAMES.index(name)], 0.9]
        person[np.isnan(person).any(axis=1)] = 0.0
        standing = person if index == 0 else standing
        other = person * [0.2, 0.2, 1.0]
        if bystander_size != 0.2:
            other = standing * [bystander_size, bystander_size, 1.0] + [800.0, 0.0, 0.0]
        people = [{"pose_keypoints_2d": p.ravel().tolist()} for p in ([other, person] if bystander else [person])]
        name = f"clip_{index + 7:012d}_keypoints.json"
        (folder / name).write_text(json.dumps({"version": 1.3, "people": people}))
    return folder


def trc(path: Path, poses: list[Pose], *, scale: float = 1.0, up: bool = True) -> Path:
    """Markers named as Pose2Sim names them, with a midpoint that Coach has no use for; Y up or down."""
    names = ["Hip", *HALPE.values()]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"30\t30\t{len(poses)}\t{len(names)}\tm\t30\t0\t{len(poses)}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\t",
        "\t\t" + "\t".join(f"X{n}\tY{n}\tZ{n}" for n in range(1, len(names) + 1)),
    ]
    for index, pose in enumerate(poses):
        hips = pose.xy_px[[Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]].mean(axis=0)
        points = np.vstack([hips, pose.xy_px[[KEYPOINT_NAMES.index(name) for name in HALPE]]])
        cells = [
            cell
            for x, y in (points * [scale, -scale if up else scale]).tolist()
            for cell in (("", "", "") if np.isnan(x) else (f"{x:.6f}", f"{y:.6f}", "0.0"))
        ]
        lines.append("\t".join([str(index), f"{pose.t_s:.6f}", *cells]))
    path.write_text("\n".join(lines) + "\n")
    return path


def table(path: Path, poses: list[Pose], *, separator: str = ",") -> Path:
    names = [f"{name}_{part}" for name in KEYPOINT_NAMES for part in ("x", "y", "confidence")]
    lines = [separator.join(["frame", "t_s", *names])]
    for index, pose in enumerate(poses):
        cells = [
            "" if np.isnan(value) else f"{value:.4f}"
            for point, sure in zip(pose.xy_px.tolist(), pose.confidence.tolist(), strict=True)
            for value in (*point, sure)
        ]
        lines.append(separator.join([str(index), f"{pose.t_s:.6f}", *cells]))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def filmed() -> SynthRun:
    return synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.01, seed=11)


def peaks(frames: object) -> list[tuple[str, float, float]]:
    """Side, end and peak of every stride that the tracker measures in (t_s, pose, …) frames."""
    tracker = GaitTracker()
    strides = [s for t_s, pose, *_ in frames for s in tracker.step(t_s, pose).strides]  # type: ignore[attr-defined]
    return [(s.side, s.end_s, s.peak_knee_flexion_deg) for s in (*strides, *tracker.finish())]


@pytest.mark.parametrize(
    ("write", "fps"),
    [
        (lambda path, poses: openpose(path / "frames", poses), 30.0),
        (lambda path, poses: trc(path / "px.trc", poses), None),
        (lambda path, poses: trc(path / "down.trc", poses, up=False), None),
        (lambda path, poses: trc(path / "metres.trc", poses, scale=0.004), None),
        (lambda path, poses: table(path / "points.csv", poses), None),
        (lambda path, poses: table(path / "points.csv", poses), 30.0),
        (lambda path, poses: table(path / "points.csv", poses, separator=";"), None),
    ],
    ids=["openpose", "trc", "trc y down", "trc metres", "csv", "csv frames", "csv semicolons"],
)
def test_the_same_runner_measures_the_same(filmed: SynthRun, tmp_path: Path, write: Written, fps: float | None) -> None:
    header, frames = read_any_poses(write(tmp_path, filmed.poses), fps)
    direct = peaks((pose.t_s, pose) for pose in filmed.poses)
    imported = peaks(frames)

    assert header.nominal_fps == pytest.approx(30, rel=0.01)
    assert len(imported) == len(direct) > 10
    for (side, end_s, peak), (side_too, end_too_s, peak_too) in zip(direct, imported, strict=True):
        assert side == side_too
        assert end_s == pytest.approx(end_too_s, abs=0.002)
        assert peak == pytest.approx(peak_too, abs=0.1)


def test_somebody_larger_who_stands_by_is_not_taken_for_the_runner(filmed: SynthRun, tmp_path: Path) -> None:
    folder = openpose(tmp_path / "frames", filmed.poses, bystander_size=1.4)
    _, frames = read_any_poses(folder, 30.0)

    for pose, (_, read, _) in zip(filmed.poses, frames, strict=True):
        assert read is not None
        np.testing.assert_allclose(read.xy_px, pose.xy_px)


def test_a_frame_that_is_missing_is_a_gap_in_time(filmed: SynthRun, tmp_path: Path) -> None:
    folder = openpose(tmp_path / "frames", filmed.poses[:10])
    (folder / "clip_000000000012_keypoints.json").unlink()
    _, frames = read_any_poses(folder, 50.0)

    assert [round(t_s * 50) for t_s, _, _ in frames] == [0, 1, 2, 3, 4, 6, 7, 8, 9]


def test_a_frame_without_people_is_a_frame_without_a_pose(filmed: SynthRun, tmp_path: Path) -> None:
    folder = openpose(tmp_path / "frames", filmed.poses[:5])
    (folder / "clip_000000000008_keypoints.json").write_text('{"people": []}')
    _, frames = read_any_poses(folder, 30.0)

    assert [pose is None for _, pose, _ in frames] == [False, True, False, False, False]


def test_points_that_were_not_seen_stay_unseen(filmed: SynthRun, tmp_path: Path) -> None:
    poses = [Pose(p.t_s, p.xy_px.copy(), p.confidence) for p in filmed.poses[:4]]
    poses[2].xy_px[Keypoint.LEFT_KNEE] = np.nan
    for path, fps in (
        (openpose(tmp_path / "frames", poses), 30.0),
        (trc(tmp_path / "a.trc", poses), None),
        (table(tmp_path / "a.csv", poses), None),
    ):
        _, frames = read_any_poses(path, fps)
        third = [pose for _, pose, _ in frames][2]
        assert third is not None
        assert np.isnan(third.xy_px[Keypoint.LEFT_KNEE]).all()
        assert third.confidence[Keypoint.LEFT_KNEE] == 0
        assert np.isfinite(third.xy_px[Keypoint.LEFT_HIP]).all()


@pytest.mark.parametrize(
    ("name", "keypoint"),
    [
        ("LHip", Keypoint.LEFT_HIP), ("left_hip", Keypoint.LEFT_HIP), ("R_KNEE", Keypoint.RIGHT_KNEE),
        ("RBigToe", Keypoint.RIGHT_FOOT_INDEX), ("RIGHT_FOOT_INDEX", Keypoint.RIGHT_FOOT_INDEX),
        ("Nose", Keypoint.NOSE), ("right heel", Keypoint.RIGHT_HEEL),
        ("Hip", None), ("LSmallToe", None), ("Neck", None), ("LElbow", None), ("", None),
    ],
)  # fmt: skip
def test_names(name: str, keypoint: Keypoint | None) -> None:
    assert keypoint_named(name) is keypoint


def _wrong(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


TRC_HEAD = "PathFileType\t4\t(X/Y/Z)\ta.trc\nDataRate\n30\nFrame#\tTime\tLHip\t\t\tLKnee\n\t\tX1\tY1\tZ1\n"


@pytest.mark.parametrize(
    ("make", "fps", "error", "said"),
    [
        (lambda at: at, 30.0, SourceError, "no OpenPose frames"),
        (lambda at: at / "nowhere.trc", None, SourceError, "check the path"),
        (lambda at: _wrong(at / "one.json", "{}"), 30.0, FormatError, "give the folder"),
        (lambda at: _wrong(at / "a.trc", "hello\n"), None, FormatError, "no marker file"),
        (lambda at: _wrong(at / "a.trc", TRC_HEAD), None, FormatError, "five lines"),
        (lambda at: _wrong(at / "a.trc", TRC_HEAD + "1\t0.0\tx\t2\t3\n"), None, FormatError, "line 6"),
        (lambda at: _wrong(at / "a.trc", TRC_HEAD + "1\t0.0\t1\t2\t3\n"), None, FormatError, "left_knee"),
        (lambda at: _wrong(at / "a.trc", TRC_HEAD), 30.0, FormatError, "leave --fps away"),
        (lambda at: _wrong(at / "a.csv", "a,b\n1,2\n"), None, FormatError, "left_hip_x"),
        (lambda at: _wrong(at / "a.csv", "left_hip_x,left_hip_y\n1,2\n"), None, FormatError, "t_s"),
        (lambda at: _wrong(at / "a.csv", "t_s,left_hip_x\n1,2\n"), 30.0, FormatError, "column frame"),
        (lambda at: _wrong(at / "a.csv", "t_s,left_hip_x\n1,two\n"), None, FormatError, "line 2"),
        (lambda at: _wrong(at / "a.csv", ""), None, FormatError, "line 1"),
        (lambda at: _wrong(at / "a.csv", "t_s,left_hip_x\n"), 0.0, FormatError, "no frame rate"),
    ],
)
def test_what_is_wrong_says_where(
    tmp_path: Path, make: Callable[[Path], Path], fps: float | None, error: type[CoachError], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_any_poses(make(tmp_path), fps)


def test_an_openpose_folder_needs_a_frame_rate_and_body_25(filmed: SynthRun, tmp_path: Path) -> None:
    folder = openpose(tmp_path / "frames", filmed.poses[:2])
    with pytest.raises(FormatError, match="--fps"):
        read_any_poses(folder)
    (folder / "clip_000000000007_keypoints.json").write_text('{"people": [{"pose_keypoints_2d": [1, 2, 1]}]}')
    with pytest.raises(FormatError, match="BODY_25"):
        read_any_poses(folder, 30.0)
    (folder / "clip_000000000007_keypoints.json").write_text("[]")
    with pytest.raises(FormatError, match="no OpenPose frame"):
        read_any_poses(folder, 30.0)


def test_time_that_goes_back_is_found(filmed: SynthRun, tmp_path: Path) -> None:
    poses = filmed.poses[:5]
    path = table(tmp_path / "a.csv", [*poses[:3], poses[1], *poses[3:]])
    with pytest.raises(FormatError, match="time does not rise"):
        read_any_poses(path)
