"""What the pure core costs a frame, frame after frame: gait, belt speed, guidance.

    python -m bench.core POSES.jsonl [--speed 2.8] [--passes 6] [--pause-ms 0]
    COACH_TEST_DATA=DATA python -m bench.core [--condition typical30]

The same frames are run through a new coach several times, and of every frame the least counts: what other programs
take from the machine is not the core's. Live it runs once in 33 ms, and what it needs has left the processor's caches
by then: `--pause-ms 8` waits before each frame and touches nothing meanwhile; `python -m bench.live --only costs` runs
the other stages in between.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.kinematics import poses
from bench.measured import scoring, trials_of
from coach.core.gait.sagittal_view import Lens
from coach.core.pipeline import Coach
from coach.core.pose import Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.units import FloatArray
from coach.edges.files.pose_imports import read_any_poses

Frames = list[tuple[float, Pose | None]]


def costs_ms(frames: Frames, speed_mps: float, passes: int, pause_ms: float = 0.0) -> FloatArray:
    """(frames,): the least time that each frame took; before each, so long nothing is done, without sleeping."""
    given = [BeltSpeed(speed_mps, SpeedOrigin.TYPED)]
    least = np.full(len(frames), np.inf)
    for _ in range(passes):
        coach = Coach(lens=Lens(640, 480))
        for i, (t_s, pose) in enumerate(frames):
            began_s = _idle_until(time.perf_counter() + pause_ms / 1000)
            coach.step(t_s, pose, given)
            least[i] = min(least[i], time.perf_counter() - began_s)
    return 1000 * least


def _idle_until(then_s: float) -> float:
    """The time when it was over."""
    while (now_s := time.perf_counter()) < then_s:
        pass
    return now_s


def _recorded(path: Path) -> Frames:
    _, frames = read_any_poses(path, None)
    return [(t_s, pose) for t_s, pose, _ in frames]


def _filmed(condition: str) -> Frames:
    """A measured runner, filmed with the faults of `condition`."""
    name, trial = next(iter(trials_of().items()))
    return list(poses(scoring().film_case(name, condition, trial(), 0)))


def main(arguments: Sequence[str] | None = None) -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("poses", type=Path, nargs="?", help="a pose recording; a measured runner where none is given")
    ask.add_argument("--condition", default="typical30")
    ask.add_argument("--speed", type=float, default=2.8, help="of the belt, m/s")
    ask.add_argument("--passes", type=int, default=6)
    ask.add_argument("--pause-ms", type=float, default=0.0, help="so long nothing is done before each frame")
    o = ask.parse_args(arguments)
    frames = _recorded(o.poses) if o.poses else _filmed(o.condition)
    ms = costs_ms(frames, o.speed, o.passes, o.pause_ms)
    median, p95, p99 = np.percentile(ms, [50, 95, 99])
    print(f"{len(frames)} frames: mean {ms.mean():.3f} ms, median {median:.3f}, p95 {p95:.3f}, p99 {p99:.3f}")


if __name__ == "__main__":
    main()
