"""The demo's runner: what a picture costs, and how well the pose network's eye agrees with the truth.

python -m bench.demo              # cost of a picture by size
python -m bench.demo --network    # and the error of the near leg's peak, from picture to pose
"""

from __future__ import annotations

import argparse
import math
import time
from itertools import islice
from typing import Final

import numpy as np

from coach.core.pose import Pose, Side
from coach.edges.demo import DemoRunner, DemoSource
from coach.ports import Frame

SIZES: Final = ((640, 480), (720, 1280), (1280, 720), (1920, 1080))
CASES: Final[tuple[tuple[Side, float, float, tuple[int, int]], ...]] = (
    ("right", 3.0, 0.0, (640, 480)),
    ("right", 3.0, -14.0, (640, 480)),
    ("left", 3.0, 0.0, (640, 480)),
    ("right", 2.5, 0.0, (640, 480)),
    ("right", 4.2, 0.0, (640, 480)),
    ("left", 3.0, 0.0, (720, 1280)),
)
"""Facing, belt speed, heel lift against fresh, size."""


def picture_costs(pictures: int) -> None:
    print("size        CPU ms a picture: median, p95    set-up ms")
    for width, height in SIZES:
        began_s = time.process_time()
        source = DemoSource(DemoRunner(heel_lift=0.0), width=width, height=height)
        source.picture(0.0)
        set_up_ms = 1000 * (time.process_time() - began_s)
        costs_ms = []
        for number in range(pictures):
            began_s = time.process_time()
            source.picture(number / 30)
            costs_ms.append(1000 * (time.process_time() - began_s))
        median, late = np.percentile(costs_ms, [50, 95])
        print(f"{width:4}×{height:<4}   {median:17.2f} {late:7.2f}   {set_up_ms:12.0f}")


def network_errors(seconds: float) -> None:
    from coach.config import cache_dir  # noqa: PLC0415 - the network loads only when asked for
    from coach.edges.pose.pose_estimators import open_estimator  # noqa: PLC0415
    from coach.edges.pose.pose_model import ensure_model  # noqa: PLC0415
    from coach.settings import PoseSettings  # noqa: PLC0415

    bundle = ensure_model("full", cache_dir())
    print("\nfacing  m/s  lift  size        found      near peak, read − true: mean ± SD (strides)")
    for facing, speed_mps, lift_deg, (width, height) in CASES:
        runner = DemoRunner(facing=facing, speed_mps=speed_mps, heel_lift=lift_deg)
        source = DemoSource(runner, width=width, height=height, duration_s=seconds)
        estimator = open_estimator(PoseSettings(), bundle, source.info)
        frames = (item for item in source.frames() if isinstance(item, Frame))
        seen = [(frame.t_s, estimator.estimate(frame)) for frame in islice(frames, 100_000)]
        estimator.close()
        errors = peak_errors(source, [(t_s, pose) for t_s, pose in seen if pose is not None])
        found = sum(pose is not None for _, pose in seen)
        print(
            f"{facing:6} {speed_mps:4.1f} {lift_deg:5.0f}  {width:4}×{height:<4} {found:5}/{len(seen):<5}"
            f"  {np.mean(errors):+17.1f}° ± {np.std(errors):.1f}° ({len(errors)})"
        )


def peak_errors(source: DemoSource, seen: list[tuple[float, Pose]]) -> list[float]:
    """Read minus true swing peak of every near stride after the first second."""
    near = source.runner.near_side
    times = np.array([t_s for t_s, _ in seen])
    flexion = np.array([knee_flexion_deg(pose, near) for _, pose in seen])
    errors = []
    for stride in source.truth.strides(1.0):
        around = np.abs(times - stride.peak_knee_flexion_s) < 0.15
        if stride.near and around.sum() > 4:
            errors.append(parabolic_peak(flexion[around]) - stride.peak_knee_flexion_deg)
    return errors


def knee_flexion_deg(pose: Pose, side: Side) -> float:
    hip, knee, ankle = pose.leg_px(side)[:3]
    thigh, shank = hip - knee, ankle - knee
    return 180 - math.degrees(math.acos(float(thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank))))


def parabolic_peak(values: np.ndarray) -> float:
    top = int(np.clip(np.argmax(values), 1, len(values) - 2))
    a, b, c = (float(v) for v in values[top - 1 : top + 2])
    return b - (c - a) ** 2 / (8 * (a - 2 * b + c))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pictures", type=int, default=200)
    options.add_argument("--network", action="store_true")
    options.add_argument("--seconds", type=float, default=8.0)
    chosen = options.parse_args()
    picture_costs(chosen.pictures)
    if chosen.network:
        network_errors(chosen.seconds)


if __name__ == "__main__":
    main()
