"""A pose is what its maker saw, whatever the maker does with its arrays afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from coach.core.gait.kinematics import body_px
from coach.core.pipeline import Coach
from coach.core.pose import Keypoint, Pose
from tests.synth import synthetic_run


def peaks_deg(poses: Iterator[Pose]) -> list[float]:
    coach = Coach()
    strides = [stride for pose in poses for stride in coach.step(pose.t_s, pose).strides]
    return [stride.peak_knee_flexion_deg for stride in strides if stride.near and stride.valid]


def test_one_buffer_for_all_frames_and_lists_give_what_arrays_of_their_own_give() -> None:
    run = synthetic_run(duration_s=8, noise_ll=0.006)
    buffer = np.zeros((len(Keypoint), 2))

    def refilled() -> Iterator[Pose]:
        for pose in run.poses:
            buffer[:] = pose.xy_px
            yield Pose(pose.t_s, buffer, pose.confidence)

    alone = peaks_deg(iter(run.poses))
    assert len(alone) > 5
    assert peaks_deg(refilled()) == alone
    assert peaks_deg(Pose(p.t_s, p.xy_px.tolist(), p.confidence.tolist()) for p in run.poses) == alone


@pytest.mark.parametrize("shape", [(12, 2), (13, 3), (17, 2), (26,)])
def test_points_of_another_shape_are_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"xy_px of a pose is .* not \(13, 2\): nose, left_shoulder"):
        Pose(0.0, np.zeros(shape), np.ones(13))


@pytest.mark.parametrize("t_s", [math.nan, math.inf])
def test_without_a_time_nothing_is_measured(t_s: float) -> None:
    with pytest.raises(ValueError, match="give seconds"):
        Pose(t_s, np.zeros((13, 2)), np.ones(13))
    with pytest.raises(ValueError, match="give seconds"):
        Coach().step(t_s, None)


def test_points_that_lie_column_by_column_are_the_same_points() -> None:
    """As what was transposed, or read by columns, has them."""
    pose = synthetic_run(duration_s=0.1).poses[0]
    assert body_px(Pose(0.0, np.asfortranarray(pose.xy_px), pose.confidence)) == body_px(pose)
