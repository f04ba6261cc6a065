"""Feed the coach from a pose source of your own, frame by frame, and print what it says.

    python examples/own_source.py

Here the poses are the demo runner's true ones; yours may come from any pose network or motion capture. Whatever it
is: pixels with y down, NaN for what was not seen, seconds on one clock.
"""

from collections.abc import Iterator

import numpy as np

from coach import Coach
from coach.core.coach_settings import BaselineSettings, CoachSettings, ProgrammeSettings, SessionSettings
from coach.core.pose import Keypoint, Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.demo import DemoRunner, DemoSource

SPEED_MPS = 2.8


def main() -> None:
    """Coach a runner for 45 seconds whose heels sink after 16."""
    settings = CoachSettings(
        session=SessionSettings(warm_up_s=0),
        baseline=BaselineSettings(duration_s=10, reuse=False),
        programme=ProgrammeSettings(enabled=False),
    )
    coach = Coach(settings)
    belt = BeltSpeed(SPEED_MPS, SpeedOrigin.TYPED)
    runner = DemoRunner(speed_mps=SPEED_MPS)
    strides = []
    for pose in poses_of(runner, duration_s=45, fps=30):
        update = coach.step(pose.t_s, pose, belt)
        strides += [stride for stride in update.strides if stride.valid]
        for cue in update.cues:
            runner.hear(cue.kind, cue.t_s)
            print(f"{cue.t_s:5.1f} s  {cue.kind}")
    mean_deg = np.mean([stride.peak_knee_flexion_deg for stride in strides])
    print(f"{len(strides)} strides, mean heel lift {mean_deg:.0f}°")


def poses_of(runner: DemoRunner, duration_s: float, fps: float) -> Iterator[Pose]:
    """One pose a frame, in time order."""
    truth = DemoSource(runner).truth
    for index in range(int(duration_s * fps)):
        yield Pose(index / fps, truth.frame(index / fps).xy_px, np.ones(len(Keypoint)))


if __name__ == "__main__":
    main()
