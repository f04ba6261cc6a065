"""What motion blur does: the demo's runner filmed with the shutter open for so long, from picture to stride.

    python -m bench.blur [--seconds 8] [--speeds 2.5,3.5,4.5,5.5] [--exposures 30,60,125,250] [--fps 30] [--keep FOLDER]

A blurred picture is the mean of sharp ones over the exposure (1/30 s: the shutter never closes at 30 a second). Near
leg, whole strides after the first two seconds: how many are valid, their peak against the truth (mean ± SD), the stated
SD, and how many errors lie within it. `--keep` keeps the poses read (`coach.poses/1`), for a look at them.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path

import numpy as np

from coach.config import cache_dir
from coach.core.gait import Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import Pose
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.files.poses_file import PoseRecorder
from coach.edges.pose.pose_estimators import open_estimator
from coach.edges.pose.pose_model import ensure_model
from coach.ports import Frame, ImageBGR, SourceInfo
from coach.settings import PoseSettings

_STEP_S = 1 / 360
"""Between the sharp pictures that make a blurred one: a swinging ankle moves 3 % of the leg meanwhile."""
_FROM_S = 2.0
_MATCH_S = 0.15
_SIZE = 960, 720


def blurred(source: DemoSource, t_s: float, exposure_s: float) -> ImageBGR:
    """What the camera sees while its shutter is open, half of it before `t_s`."""
    count = max(round(exposure_s / _STEP_S), 1)
    moments = t_s + (np.arange(count) - (count - 1) / 2) * exposure_s / count
    total = np.zeros((_SIZE[1], _SIZE[0], 3))
    for moment in moments.clip(0.0):
        total += source.picture(float(moment))
    return (total / count + 0.5).astype(np.uint8)


def read(source: DemoSource, fps: float, seconds: float, exposure_s: float) -> list[tuple[float, Pose | None]]:
    """The runner as the network finds him."""
    bundle = ensure_model("full", cache_dir())
    estimator = open_estimator(PoseSettings(effort="fast"), bundle, source.info)
    seen = []
    for index in range(round(seconds * fps)):
        t_s = index / fps
        seen.append((t_s, estimator.estimate(Frame(index, t_s, blurred(source, t_s, exposure_s)))))
    estimator.close()
    return seen


def measured(seen: list[tuple[float, Pose | None]]) -> list[Stride]:
    """Its near strides."""
    tracker = GaitTracker(lens=Lens(*_SIZE), picture_height_px=_SIZE[1])
    strides = [stride for t_s, pose in seen for stride in tracker.step(t_s, pose).strides]
    return [stride for stride in (*strides, *tracker.finish()) if stride.near]


def keep(folder: Path, name: str, seen: list[tuple[float, Pose | None]], fps: float) -> None:
    """Write the poses down."""
    recorder = PoseRecorder(folder / f"{name}.jsonl", SourceInfo("demo", name, *_SIZE, fps, live=False))
    for t_s, pose in seen:
        recorder.append(t_s, pose, None)
    recorder.close()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seconds", type=float, default=8.0)
    ask.add_argument("--speeds", default="2.5,3.5,4.5,5.5")
    ask.add_argument("--exposures", default="30,60,125,250")
    ask.add_argument("--fps", type=float, default=30.0)
    ask.add_argument("--keep", type=Path)
    o = ask.parse_args()
    print("m/s  1/exposure  strides  valid       error, deg  stated SD  within it %  left out for")
    for speed_mps in map(float, o.speeds.split(",")):
        for share in map(float, o.exposures.split(",")):
            source = DemoSource(DemoRunner(speed_mps=speed_mps, heel_lift=0.0), width=_SIZE[0], height=_SIZE[1])
            seen = read(source, o.fps, o.seconds, 1 / share)
            if o.keep:
                keep(o.keep, f"{speed_mps:g}mps-1_{share:g}", seen, o.fps)
            print(_row(speed_mps, share, source, measured(seen), o.seconds), flush=True)


def _row(speed_mps: float, share: float, source: DemoSource, strides: list[Stride], seconds: float) -> str:
    errors, stated, why = [], [], Counter[str]()
    whole = 0
    for true in source.truth.strides(_FROM_S, seconds - 0.1):
        if not true.near:
            continue
        whole += 1
        found = [s for s in strides if abs(s.peak_knee_flexion_s - true.peak_knee_flexion_s) < _MATCH_S]
        if not found or not found[0].valid:
            why[str(found[0].reject_reason) if found else "not seen"] += 1
            continue
        errors.append(found[0].peak_knee_flexion_deg - true.peak_knee_flexion_deg)
        stated.append(found[0].peak_knee_flexion_sd_deg)
    off, sd = np.array(errors), np.array(stated)
    if not errors:
        return f"{speed_mps:3.1f} {share:11.0f} {whole:8d}      0                                          {dict(why)}"
    within = 100 * np.mean(np.abs(off) <= sd)
    return (
        f"{speed_mps:3.1f} {share:11.0f} {whole:8d} {len(errors):6d}     {off.mean():+5.1f} ± {_sd(off):3.1f}"
        f" {sd.mean():10.1f} {within:12.0f}  {dict(why) or ''}"
    )


def _sd(values: np.ndarray) -> float:
    return float(values.std()) if len(values) > 1 else math.nan


if __name__ == "__main__":
    main()
