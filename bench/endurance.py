"""Two hours of running, as fast as poses can be replayed: does a frame cost more and more, does memory grow?"""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from bench.live_rig import SPEED_MPS, memory_mb, open_rig
from coach.app.analysis import Analysis
from coach.app.keeping import Keeper
from coach.app.outputs import Outputs
from coach.app.parts import BeltInput, open_coach, open_typed_speed
from coach.config import load_settings
from coach.core.pose import Pose
from coach.ports import SourceInfo
from tests.synth import synthetic_run

FPS: Final = 30.0
LOOP_S: Final = 60.0
"""Length of the run that is repeated; its end and its beginning do not meet, as after a stumble."""
BLOCK_S: Final = 600.0
FLAT: Final = 1.05


def endurance(hours: float, video: Path, folder: Path) -> list[tuple[str, bool]]:
    """Print ten-minute blocks; whether time and memory of the last are those of the second.

    Network, window and sound are open beside it, so that memory is that of a live run.
    """
    rig = open_rig(video, folder)
    try:
        return _endurance(hours, folder)
    finally:
        rig.close()


def _endurance(hours: float, folder: Path) -> list[tuple[str, bool]]:
    poses = synthetic_run(speed_mps=SPEED_MPS, duration_s=LOOP_S, fps=FPS, noise_ll=0.01, seed=1).poses
    settings = load_settings(None, {"session.warm_up_s": 60})
    info = SourceInfo("poses", "endurance", 640, 480, FPS, live=False)
    keeper = Keeper(Outputs(data_dir=folder / "long"), info, settings)
    analysis = Analysis(open_coach(settings, info), keeper, [open_typed_speed(BeltInput(SPEED_MPS))])
    blocks = max(3, round(3600 * hours / BLOCK_S))
    print(
        f"\n{blocks * BLOCK_S / 3600:g} hours of running, replayed\n\n| minutes | ms a frame | memory |\n|---|---|---|"
    )
    ms, megabytes = [], []
    for block in range(blocks):
        began_s = time.process_time()
        frames = _run(analysis, poses, block * BLOCK_S)
        ms.append(1000 * (time.process_time() - began_s) / frames)
        gc.collect()
        megabytes.append(memory_mb())
        print(f"| {round((block + 1) * BLOCK_S / 60)} | {ms[-1]:.3f} | {megabytes[-1]:.1f} MB |", flush=True)
    analysis.close()
    keeper.discard()
    return [
        (f"{hours:g} hours: time a frame flat within 5 %", _median(ms[len(ms) // 2 :]) <= FLAT * _median(ms[1:])),
        (f"{hours:g} hours: memory flat within 5 %", megabytes[-1] <= FLAT * megabytes[1]),
    ]


def _median(values: list[float]) -> float:
    return float(np.median(values))


def _run(analysis: Analysis, poses: list[Pose], since_s: float) -> int:
    """One block of frames from `since_s` on."""
    for repeat in range(round(BLOCK_S / LOOP_S)):
        for pose in poses:
            t_s = since_s + repeat * LOOP_S + pose.t_s
            analysis.take_pose(t_s, replace(pose, t_s=t_s))
    return round(BLOCK_S / LOOP_S) * len(poses)
