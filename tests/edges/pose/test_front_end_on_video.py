"""The front end on clips whose truth is known: the right person, the right moments, the knee within a few degrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pose import Keypoint, Pose, Side
from coach.core.units import FloatArray
from coach.edges.pose.pose_estimators import open_estimator
from coach.ports import Frame, PoseEstimator, SourceInfo
from coach.settings import PoseSettings

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture
def follower(pose_model: Path) -> Iterator[PoseEstimator]:
    estimator = open_estimator(PoseSettings(effort="fast"), pose_model, SourceInfo("video", "clip", 1, 1, 30.0, False))
    yield estimator
    estimator.close()


def frames(clip: Path, from_s: float, until_s: float, every: int = 1) -> Iterator[Frame]:
    """Its pictures, or every so manyth: who is there is seen in few, how far a knee bends in all."""
    video = cv2.VideoCapture(str(clip))
    fps = video.get(cv2.CAP_PROP_FPS)
    video.set(cv2.CAP_PROP_POS_FRAMES, round(from_s * fps))
    for index in range(round(from_s * fps), round(until_s * fps)):
        there, image = video.read()
        assert there
        if index % every == 0:
            yield Frame(index, index / fps, np.asarray(image, np.uint8))


def truth_of(clip: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(clip.with_suffix(".truth.json").read_text())
    return content


def flexion_deg(pose: Pose | None, side: Side) -> float:
    return np.nan if pose is None else float(knee_flexion_deg(*pose.leg_px(side)[:3]))


def peaks_deg(t_s: FloatArray, flexion: FloatArray, peak_times_s: list[float]) -> FloatArray:
    """The largest flexion near each of these times."""
    return np.array([np.nanmax(flexion[np.abs(t_s - peak_s) < 0.15]) for peak_s in peak_times_s])


def test_the_near_knee_of_a_real_runner(follower: PoseEstimator, test_data: Path) -> None:
    clip = test_data / "real" / "treadmill_garage_30fps.mp4"
    reference = json.loads(clip.with_suffix(".reference.json").read_text())
    watched = list(frames(clip, 0, 7))
    flexion = np.array([flexion_deg(follower.estimate(frame), "left") for frame in watched])
    known = [p for p in reference["peaks"] if p["near"] and p["whole"] and 0.2 < p["t_s"] < 6.8]
    read = peaks_deg(np.array([frame.t_s for frame in watched]), flexion, [p["t_s"] for p in known])
    assert abs(np.median(read) - np.median([p["peak_knee_flexion_deg"] for p in known])) < 4


def test_the_bystander_and_the_passer_by_are_never_taken_for_the_runner(
    follower: PoseEstimator, test_data: Path
) -> None:
    clip = test_data / "rendered" / "two_people.mp4"
    truth = truth_of(clip)["per_frame"]
    hip = truth["keypoints_px_order"].index("right_hip")
    seen = 0
    for frame in frames(clip, 0, 9, every=2):
        pose = follower.estimate(frame)
        if pose is None:
            continue
        seen += 1
        true_px = np.array(truth["keypoints_px"][frame.index], dtype=float).reshape(-1, 2)[hip]
        assert np.linalg.norm(pose.xy_px[Keypoint.RIGHT_HIP] - true_px) < 40
    assert seen > 0.9 * 9 * 15


def test_while_the_runner_is_away_there_is_no_pose(follower: PoseEstimator, test_data: Path) -> None:
    clip = test_data / "rendered" / "leaves_and_returns.mp4"
    truth = truth_of(clip)
    ((gone_s, back_s),) = truth["absent_intervals_s"]
    poses = {frame.t_s: follower.estimate(frame) for frame in frames(clip, gone_s - 3, back_s + 3, every=2)}
    assert all(pose is None for t_s, pose in poses.items() if gone_s < t_s < back_s)
    present = truth["per_frame"]["present"]
    back = [pose for t_s, pose in poses.items() if t_s > back_s and present[round(t_s * truth["fps"])] == 1]
    assert sum(pose is not None for pose in back) > 0.9 * len(back)


def test_the_whole_knee_curve_in_the_dark_behind_a_treadmill(follower: PoseEstimator, test_data: Path) -> None:
    clip = test_data / "rendered" / "portrait_dim_30fps.mp4"
    truth = truth_of(clip)
    errors = [
        flexion_deg(follower.estimate(frame), "left") - truth["per_frame"]["knee_flexion_left_deg"][frame.index]
        for frame in frames(clip, 0, 5)
    ]
    assert np.sqrt(np.nanmean(np.square(errors))) < 8
