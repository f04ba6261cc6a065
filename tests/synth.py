"""A runner with known truth as poses, no pixels: for every test that needs strides to measure.

    run = synthetic_run(speed_mps=3.0, duration_s=10, fps=30, noise_ll=0.01, seed=1)
    for pose, frame in zip(run.poses, run.frames): ...          # what is seen, what is true
    run.strides                                                  # true strides, both feet, whole ones

The motion is that of the demo's runner: planted feet, Fourier curves after published kinematics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from coach.core.pose import LEG_ROWS, Keypoint, Pose, Side, other
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.units import FloatArray
from coach.edges.demo.runner import DemoRunner
from coach.edges.demo.treadmill_scene import stage
from coach.edges.demo.truth import DemoTruth, FrameTruth, StrideTruth
from coach.edges.files.poses_file import PoseRecorder
from coach.ports import SourceInfo

OverTime = float | Sequence[tuple[float, float]]
"""A number, or (t_s, value) points with straight lines between."""

SLOW_NOISE_S = 0.12
"""Keypoint errors are mostly slow: a pose network is wrong the same way for some frames."""


@dataclass(frozen=True)
class SynthRun:
    """What was seen and what was true, frame by frame and stride by stride."""

    poses: list[Pose]
    frames: list[FrameTruth]
    truth: DemoTruth = field(repr=False)
    cadence_spm: float
    near_side: Side
    leg_length_px: float
    fps: float
    width: int
    height: int
    runner: DemoRunner = field(repr=False)

    @cached_property
    def strides(self) -> tuple[StrideTruth, ...]:
        """True strides, both feet, whole ones; worked out only where a test asks: half of what such a run costs."""
        return self.truth.strides(0.0, self.frames[-1].t_s)

    @property
    def times_s(self) -> FloatArray:
        """Time of every frame."""
        return np.array([pose.t_s for pose in self.poses])

    def knee_flexion_deg(self, side: Side) -> FloatArray:
        """True flexion of every frame."""
        return np.array([frame.knee_flexion_deg[side] for frame in self.frames])

    def of(self, side: Side) -> tuple[StrideTruth, ...]:
        """True strides of one foot."""
        return tuple(stride for stride in self.strides if stride.side == side)


def synthetic_run(
    *,
    speed_mps: OverTime = 3.0,
    duration_s: float = 10.0,
    fps: float = 30.0,
    facing: Side = "right",
    heel_lift_deg: OverTime = 0.0,
    noise_ll: float = 0.0,
    jitter_s: float = 0.0,
    lost_share: float = 0.0,
    start_s: float = 0.0,
    seed: int = 0,
    peak_sd_deg: float = 1.2,
) -> SynthRun:
    """Film a runner as poses.

    noise_ll: SD of keypoint errors in leg lengths, ×1.4 on the far leg, two thirds of it slow.
    jitter_s: SD of uneven frame times. lost_share: share of frames dropped. start_s: added to every time.
    With all of these 0 the poses are the truth itself.
    """
    runner = DemoRunner(
        facing=facing,
        speed_mps=speed_mps,
        heel_lift=heel_lift_deg,
        seed=seed,
        peak_sd_deg=peak_sd_deg,
        step_sd=0.008,
        drift_ll=0.02,
    )
    at = stage(640, 480)
    truth = DemoTruth(runner, at)
    rng = np.random.default_rng([seed, 77])
    times = _frame_times(duration_s, fps, jitter_s, lost_share, rng)
    frames = [truth.frame(float(t)) for t in times]
    errors = _keypoint_errors(times, noise_ll * at.ll_px, other(facing), rng)
    poses = [
        Pose(start_s + frame.t_s, frame.xy_px + error, np.full(len(Keypoint), 0.98))
        for frame, error in zip(frames, errors, strict=True)
    ]
    last_s = float(times[-1])
    cadence = truth.cadence_spm(0.0, last_s)
    return SynthRun(poses, frames, truth, cadence, facing, at.ll_px, fps, at.width, at.height, runner)


def _frame_times(
    duration_s: float, fps: float, jitter_s: float, lost_share: float, rng: np.random.Generator
) -> FloatArray:
    times = np.arange(round(duration_s * fps)) / fps
    if jitter_s:
        times = times + np.clip(rng.normal(0, jitter_s, len(times)), -0.45 / fps, 0.45 / fps)
        times = times - min(times[0], 0.0)
    if lost_share:
        kept = rng.random(len(times)) >= lost_share
        kept[[0, -1]] = True
        times = times[kept]
    return times


def _keypoint_errors(times: FloatArray, sd_px: float, far: Side, rng: np.random.Generator) -> FloatArray:
    """(frames, 13, 2): slow (64 % of the variance, forgotten over 0.12 s) and white errors."""
    shape = (len(times), len(Keypoint), 2)
    if sd_px == 0:
        return np.zeros(shape)
    slow = np.empty(shape)
    slow[0] = rng.standard_normal(shape[1:])
    for i in range(1, len(times)):
        keep = np.exp(-(times[i] - times[i - 1]) / SLOW_NOISE_S)
        slow[i] = keep * slow[i - 1] + np.sqrt(1 - keep**2) * rng.standard_normal(shape[1:])
    errors = sd_px * (0.8 * slow + 0.6 * rng.standard_normal(shape))
    errors[:, list(LEG_ROWS[far])] *= 1.4
    return np.asarray(errors)


def recorded(path: Path, run: SynthRun, belt: BeltSpeed | None = None) -> Path:
    """The run's poses as a recording at `path`."""
    recorder = PoseRecorder(path, SourceInfo("poses", "synthetic", 640, 480, 30.0, live=False))
    for pose in run.poses:
        recorder.append(pose.t_s, pose, belt)
    recorder.close()
    return path
