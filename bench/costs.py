"""What one frame costs stage by stage: CPU time of the whole process, one stage after the other.

CPU time, because it stays what it is when other programs want the cores as well. All stages take turns, the bare
network too, so they find the processor's caches as a live run leaves them. Small work suffers from that most, wherever
caches are shared with others; so network and core are also measured by themselves, frame after frame (`bench.core`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.core import Frames, costs_ms
from bench.file_costs import BareNetwork
from bench.live_rig import CUE_EVERY_S, Rig, open_rig, status
from coach.app.parts import fetch_model
from coach.core.coaching.cues import Cue, CueKind
from coach.ports import Frame
from coach.settings import Settings

WARM: Final = 90
"""First frames left out: caches, fonts, the search for the runner."""
FPS: Final = 30.0
SPEED_MPS: Final = 2.8
"""Of the belt, for the core by itself."""
PASSES: Final = 4
BARE: Final = "bare network"
BESIDE: Final = "decoding, core, drawing and sound"
STAGES: Final = (BARE, "decoding", "pose stage, its network included", "core", "drawing")


def costs(video: Path, folder: Path) -> list[tuple[str, bool]]:
    """Print the table; what is asked and whether it held."""
    rig = open_rig(video, folder, realtime=False)
    try:
        network = BareNetwork(fetch_model(Settings()), threads=1)
        bare = partial(network.run, 1)
        spent_ms, poses = _stages_ms(rig, bare)
        ms = {name: float(np.mean(values[WARM:])) for name, values in spent_ms.items()}
        ms["sound"] = _sound_ms(rig)
    finally:
        rig.close()
    ms[BESIDE] = sum(ms[name] for name in ("decoding", "core", "drawing", "sound"))
    alone_ms = {BARE: _alone_ms(bare), "core": float(np.mean(costs_ms(poses, SPEED_MPS, PASSES)[WARM:]))}
    print("\n| a frame at 720p30 | CPU ms, in turn | of the bare network | by itself | of the bare network |")
    print("|---|---|---|---|---|")
    for name, value in ms.items():
        alone = f"{alone_ms[name]:.2f} | {_share(name, alone_ms)}" if name in alone_ms else "|"
        print(f"| {name} | {value:.2f} | {_share(name, ms)} | {alone} |")
    return [
        ("decoding, core, drawing and sound at most 60 % of the bare network", ms[BESIDE] <= 0.6 * ms[BARE]),
        ("the core at most 5 % of the bare network", ms["core"] <= 0.05 * ms[BARE]),
    ]


def _share(name: str, ms: dict[str, float]) -> str:
    return f"{100 * ms[name] / ms[BARE]:.1f} %"


def _stages_ms(rig: Rig, bare: Callable[[], None]) -> tuple[dict[str, list[float]], Frames]:
    """Every stage of every frame of the video, one after the other, and the poses."""
    spent: dict[str, list[float]] = {name: [] for name in STAGES}
    poses: Frames = []
    frames = rig.source.frames()
    # The application's own coach: what the rig's counts and reads beside it is no part of a run.
    coach = rig.kept.coach
    while True:
        _, bare_ms = _timed(bare)
        frame, decoding_ms = _timed(lambda: next(frames, None))
        if not isinstance(frame, Frame):
            break
        pose, pose_ms = _timed(lambda frame=frame: rig.parts.estimator.estimate(frame))  # type: ignore[misc]
        poses.append((frame.t_s, pose))
        given = rig.parts.speed.current(frame.t_s)
        update, core_ms = _timed(lambda f=frame, p=pose, g=given: coach.step(f.t_s, p, g))  # type: ignore[misc]
        _, drawing_ms = _timed(lambda f=frame, u=update: rig.screen.show(f, u, status(f)))  # type: ignore[misc]
        for name, value in zip(STAGES, (bare_ms, decoding_ms, pose_ms, core_ms, drawing_ms), strict=True):
            spent[name].append(value)
    return spent, poses


def _alone_ms(bare: Callable[[], None]) -> float:
    """The bare network run after run."""
    return float(np.median([_timed(bare)[1] for _ in range(200)]))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began_s = time.process_time()
    result = work()
    return result, 1000 * (time.process_time() - began_s)


def _sound_ms(rig: Rig) -> float:
    """CPU time of a cue from decision to its last sample, shared out over the frames between two cues."""
    text = rig.texts[0]
    began_s = time.process_time()
    rig.parts.speaker.say(Cue(0.0, CueKind.HEEL_LIFT_LOW, None, text, "", 5.0), 0.0)
    time.sleep(CUE_EVERY_S)
    return 1000 * (time.process_time() - began_s) / (FPS * CUE_EVERY_S)
