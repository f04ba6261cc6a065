"""A camera that hangs to one side: what is told of its roll, how surely, and what it does to heel lift and thigh.

    python -m bench.hanging_camera [--rolls 0,3,6,10,20] [--seconds 25]

The demo's runner, whose true places are turned about the middle of the picture, facing either way. Nobody says what the
belt climbs by. Near strides of the second half; the thigh at the fold against the one that was filmed level.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np

from coach.core.gait import Stride
from coach.core.gait.camera_view import CameraView
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import SIDES, Keypoint, Pose, Side
from coach.edges.demo import DemoRunner, DemoSource

_SIZE = 1280, 720
_FPS = 30


@dataclass(frozen=True, slots=True)
class _Seen:
    camera: CameraView
    lift_deg: float
    thigh_deg: float
    plumb_sd_deg: float


def seen(facing: Side, roll_deg: float, seconds: float) -> _Seen:
    """The runner before such a camera."""
    source = DemoSource(DemoRunner(speed_mps=3.0, facing=facing, heel_lift=0.0), width=_SIZE[0], height=_SIZE[1])
    roll, middle = math.radians(roll_deg), np.array(_SIZE) / 2
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    tracker, strides = GaitTracker(lens=Lens(*_SIZE)), list[Stride]()
    for index in range(round(seconds * _FPS)):
        xy_px = (source.truth.frame(index / _FPS).xy_px - middle) @ turn + middle
        update = tracker.step(index / _FPS, Pose(index / _FPS, xy_px, np.ones(len(Keypoint))))
        strides += [s for s in update.strides if s.near and s.valid and s.start_s > seconds / 2]
    means = (float(np.mean([getattr(s, name) for s in strides])) for name in _MEANS)
    return _Seen(update.view.camera, *means)


_MEANS = "peak_knee_flexion_deg", "thigh_at_peak_deg", "plumb_sd_deg"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rolls", default="0,3,6,10,20")
    ask.add_argument("--seconds", type=float, default=25.0)
    o = ask.parse_args()
    print("facing  roll, deg        told   heel lift, deg  thigh against level, deg  of which the place")
    for facing in SIDES:
        level = seen(facing, 0.0, o.seconds)
        for roll_deg in map(float, o.rolls.split(",")):
            one = seen(facing, roll_deg, o.seconds)
            told = f"{one.camera.roll_deg:+5.1f} ± {one.camera.roll_sd_deg:3.1f}"
            thigh = f"{one.thigh_deg - level.thigh_deg:+24.1f}  stated ± {one.plumb_sd_deg:.1f}"
            print(f"{facing:6s} {roll_deg:+10.0f} {told} {one.lift_deg:15.1f} {thigh}")


if __name__ == "__main__":
    main()
