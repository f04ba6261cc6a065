"""What the pure core costs a frame, frame after frame: gait, belt speed, guidance.

    python -m bench.core POSES.jsonl [--speed 2.8] [--passes 6] [--pause-ms 0]
    COACH_TEST_DATA=DATA python -m bench.core [--condition typical30]
    python -m bench.core [POSES.jsonl] --against CHECKOUT

The same frames are run through a new coach several times, and of every frame the least counts: what other programs
take from the machine is not the core's. Live it runs once in 33 ms, and what it needs has left the processor's caches
by then: `--pause-ms 8` waits before each frame and touches nothing meanwhile; `python -m bench.live --only costs` runs
the other stages in between.

`--against` holds this tree against another one, by turns of ten frames on one machine, whatever else it does: each in a
process of its own, each frame after a walk through 24 MB that leaves no cache as it was, and of its time only what it
had the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

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

_TURN: Final = 10
_WALK: Final = 24 * 2**20
_BEGUN: Final = 90
"""First frames left out: the search for the rhythm."""


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


def _answer(frames: Frames, speed_mps: float) -> None:
    """So many frames as each line asks for; what each of them took, ms, as a line."""
    coach, given, waiting = Coach(lens=Lens(640, 480)), [BeltSpeed(speed_mps, SpeedOrigin.TYPED)], iter(frames)
    walk = np.ones(_WALK // 8)
    for line in sys.stdin:
        spent_ms = []
        for t_s, pose in islice(waiting, int(line)):
            walk.sum()
            began_s = time.thread_time()
            coach.step(t_s, pose, given)
            spent_ms.append(1000 * (time.thread_time() - began_s))
        print(json.dumps(spent_ms), flush=True)


def _by_turns(trees: Sequence[Path], arguments: Sequence[str], frames: int) -> FloatArray:
    """(trees, frames): what each frame took in each of them, ms."""
    ask = [sys.executable, "-P", __file__, *arguments, "--answer"]
    asked = [
        subprocess.Popen(
            ask, env={**os.environ, "PYTHONPATH": str(tree)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for tree in trees
    ]
    spent_ms: list[list[float]] = [[] for _ in trees]
    for _ in range(0, frames, _TURN):
        for one, spent in zip(asked, spent_ms, strict=True):
            assert one.stdin is not None
            assert one.stdout is not None
            print(_TURN, file=one.stdin, flush=True)
            spent.extend(json.loads(one.stdout.readline()))
    for one in asked:
        one.communicate()
    return np.array(spent_ms)[:, _BEGUN:]


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
    ask.add_argument("--against", type=Path, help="another checkout, which runs the same frames by turns")
    ask.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    o = ask.parse_args(arguments)
    frames = _recorded(o.poses) if o.poses else _filmed(o.condition)
    if o.answer:
        _answer(frames, o.speed)
        return
    if o.against:
        same = [*([str(o.poses.resolve())] if o.poses else []), "--condition", o.condition, "--speed", str(o.speed)]
        both_ms = _by_turns((o.against.resolve(), Path(__file__).parents[1]), same, len(frames))
        for how, (there, here) in (("median", np.median(both_ms, axis=1)), ("mean", both_ms.mean(axis=1))):
            print(f"{how}: {there:.3f} ms there, {here:.3f} here, {here / there:.2f} of it")
        return
    ms = costs_ms(frames, o.speed, o.passes, o.pause_ms)
    median, p95, p99 = np.percentile(ms, [50, 95, 99])
    print(f"{len(frames)} frames: mean {ms.mean():.3f} ms, median {median:.3f}, p95 {p95:.3f}, p99 {p99:.3f}")


if __name__ == "__main__":
    main()
