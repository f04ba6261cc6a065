"""The synthetic runner of the other tests keeps its promises."""

from __future__ import annotations

import numpy as np
import pytest

from coach.core.pose import Keypoint, Pose, Side
from tests.synth import synthetic_run


def flexion_from(pose: Pose, side: Side) -> float:
    hip, knee, ankle = pose.leg_px(side)[:3]
    thigh, shank = hip - knee, ankle - knee
    cosine = thigh @ shank / (np.linalg.norm(thigh) * np.linalg.norm(shank))
    return 180.0 - float(np.degrees(np.arccos(cosine)))


@pytest.mark.parametrize("facing", ["left", "right"])
def test_without_noise_the_poses_are_the_truth(facing: Side) -> None:
    run = synthetic_run(facing=facing, duration_s=2.0)
    for side in ("left", "right"):
        measured = [flexion_from(pose, side) for pose in run.poses]
        np.testing.assert_allclose(measured, run.knee_flexion_deg(side), atol=1e-4)


def test_noise_has_the_size_that_was_asked_for() -> None:
    clean, noisy = (synthetic_run(duration_s=10.0, noise_ll=n, seed=3) for n in (0.0, 0.01))
    knee = [Keypoint.RIGHT_KNEE]
    errors = np.array([b.xy_px[knee] - a.xy_px[knee] for a, b in zip(clean.poses, noisy.poses, strict=True)])
    assert np.std(errors) / clean.leg_length_px == pytest.approx(0.01, rel=0.25)


def test_uneven_times_rise_and_lost_frames_are_lost() -> None:
    run = synthetic_run(duration_s=10.0, jitter_s=0.008, lost_share=0.1, seed=2)
    assert np.all(np.diff(run.times_s) > 0)
    assert 250 < len(run.poses) < 290
    assert run.times_s[0] >= 0


def test_the_same_seed_runs_the_same_run() -> None:
    a, b = (synthetic_run(duration_s=3.0, noise_ll=0.01, jitter_s=0.005, seed=9) for _ in range(2))
    assert a.strides == b.strides
    np.testing.assert_array_equal([p.xy_px for p in a.poses], [p.xy_px for p in b.poses])


def test_a_falling_heel_lift_is_in_the_strides() -> None:
    run = synthetic_run(duration_s=20.0, heel_lift_deg=[(5.0, 0.0), (15.0, -14.0)], peak_sd_deg=0.0)
    peaks = [stride.peak_knee_flexion_deg for stride in run.of("right")]
    assert peaks[0] - peaks[-1] == pytest.approx(14.0, abs=0.1)
