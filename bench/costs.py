"""What one frame costs stage by stage: CPU time of the whole process, one stage after the other.

CPU time, because it stays what it is when other programs want the cores as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from bench.live_rig import CUE_EVERY_S, Rig, open_rig, status
from coach.app.parts import fetch_model
from coach.core.guidance.cues import Cue, CueKind
from coach.edges.pose.landmark_network import CROP_PX, LandmarkNetwork
from coach.edges.pose.model_bundle import landmark_model
from coach.ports import Frame
from coach.settings import Settings

FRAMES: Final = 600
WARM: Final = 90
"""First frames left out: caches, fonts, the search for the runner."""
FPS: Final = 30.0
STAGES: Final = ("decoding", "pose stage, its network included", "core", "drawing")


def costs(video: Path, folder: Path) -> list[tuple[str, bool]]:
    """Print the table; what is asked and whether it held."""
    rig = open_rig(video, folder, realtime=False)
    try:
        ms = {name: float(np.mean(values[WARM:])) for name, values in _stages_ms(rig).items()}
        ms["sound"] = _sound_ms(rig)
    finally:
        rig.close()
    whole_ms, pruned_ms = _networks_ms()
    ms["decoding, core, drawing and sound"] = sum(ms[name] for name in ("decoding", "core", "drawing", "sound"))
    print("\n| a frame at 720p30 | CPU ms | of the bare network |\n|---|---|---|")
    for name, value in {"bare network, whole": whole_ms, "bare network, as it is run": pruned_ms, **ms}.items():
        print(f"| {name} | {value:.2f} | {100 * value / whole_ms:.0f} % |")
    beside_ms = ms["decoding, core, drawing and sound"]
    return [
        ("decoding, core, drawing and sound at most 60 % of the bare network", beside_ms <= 0.6 * whole_ms),
        ("the core at most 5 % of the bare network", ms["core"] <= 0.05 * whole_ms),
    ]


def _stages_ms(rig: Rig) -> dict[str, list[float]]:
    """Every stage of every frame, one after the other."""
    spent: dict[str, list[float]] = {name: [] for name in STAGES}
    frames = rig.source.frames()
    for _ in range(FRAMES):
        began_s = time.process_time()
        frame = next(frames, None)
        spent["decoding"].append(1000 * (time.process_time() - began_s))
        if not isinstance(frame, Frame):
            break
        pose, pose_ms = _timed(lambda frame=frame: rig.estimator.estimate(frame))  # type: ignore[misc]
        belt = rig.typed.current(frame.t_s)
        given = [] if belt is None else [belt]
        update, core_ms = _timed(lambda f=frame, p=pose, g=given: rig.analysis.coach.step(f.t_s, p, g))  # type: ignore[misc]
        _, drawing_ms = _timed(lambda f=frame, u=update: rig.screen.show(f, u, status(f)))  # type: ignore[misc]
        for name, value in zip(STAGES[1:], (pose_ms, core_ms, drawing_ms), strict=True):
            spent[name].append(value)
    return spent


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began_s = time.process_time()
    result = work()
    return result, 1000 * (time.process_time() - began_s)


def _sound_ms(rig: Rig) -> float:
    """CPU time of a cue from decision to its last sample, shared out over the frames between two cues."""
    text = rig.analysis.coach.phrases.spoken()[0]
    began_s = time.process_time()
    rig.speaker.say(Cue(0.0, CueKind.HEEL_LIFT_LOW, None, text, "", 5.0, 30), 0.0)
    time.sleep(CUE_EVERY_S)
    return 1000 * (time.process_time() - began_s) / (FPS * CUE_EVERY_S)


def _networks_ms() -> tuple[float, float]:
    """The landmark network as it comes, and as it is run here, one thread each."""
    model = landmark_model(fetch_model(Settings()))
    whole: Any = Interpreter(model_content=model, num_threads=1)
    whole.allocate_tensors()
    crop = np.random.default_rng(1).integers(0, 256, (CROP_PX, CROP_PX, 3), dtype=np.uint8)
    whole.set_tensor(whole.get_input_details()[0]["index"], (crop / np.float32(255))[np.newaxis].astype(np.float32))
    pruned = LandmarkNetwork(model, threads=1)
    works: tuple[Callable[[], object], ...] = (whole.invoke, lambda: pruned.read(crop))
    whole_ms, pruned_ms = (float(np.median([_timed(work)[1] for _ in range(200)][20:])) for work in works)
    return whole_ms, pruned_ms
