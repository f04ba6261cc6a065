"""Two hours of a live run, as fast as poses can be replayed: does a frame cost more and more, does memory grow?

Everything that a live run holds is open and at work in the one process: the poses of every frame go through coach,
store and recorder; some frames also through network and window, and cues are spoken. The same minute is repeated, so
of each ten minutes the quietest one tells what a frame costs when no other program takes its share.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from bench.live_rig import CUE_EVERY_S, SPEED_MPS, Rig, memory_mb, open_rig, status
from coach.app.parts import Outputs, open_coach
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import BeltInput, SpeedSources, open_speed_sources
from coach.config import load_settings
from coach.core.coaching.cues import Cue, CueKind
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.ports import Frame, ImageBGR, SourceInfo
from tests.synth import synthetic_run

FPS: Final = 30.0
LOOP_S: Final = 60.0
"""Length of the run that is repeated; its end and its beginning do not meet, as after a stumble."""
BLOCK_S: Final = 600.0
FLAT: Final = 1.05
NETWORK_EVERY: Final = 90
"""Frames; every frame through the network would be two real hours."""
PICTURE_EVERY: Final = 10
PICTURES: Final = 3


@dataclass(slots=True)
class LongRun:
    """The parts of the long run."""

    rig: Rig
    coach: Coach
    speed: SpeedSources
    writer: SessionWriter
    pictures: tuple[ImageBGR, ...]
    frames: int = 0
    next_cue_s: float = 0.0

    def take(self, pose: Pose) -> None:
        """One frame, and what it sets going."""
        frame = Frame(self.frames, pose.t_s, self.pictures[self.frames % len(self.pictures)])
        update = self.coach.step(pose.t_s, pose, self.speed.current(pose.t_s))
        self.writer.append(frame, update)
        if self.frames % NETWORK_EVERY == 0:
            self.rig.parts.estimator.estimate(frame)
        if self.frames % PICTURE_EVERY == 0:
            self.rig.screen.show(frame, update, status(frame))
            self.rig.screen.commands()
        if pose.t_s >= self.next_cue_s:
            self.next_cue_s = pose.t_s + CUE_EVERY_S
            self._say(update)
        self.frames += 1

    def _say(self, update: Update) -> None:
        texts = self.rig.texts
        text = texts[round(update.t_s / CUE_EVERY_S) % len(texts)]
        cue = Cue(update.t_s, CueKind.HEEL_LIFT_LOW, None, text, "HEEL UP", update.t_s + 3)
        self.rig.parts.speaker.say(cue, update.t_s)


def endurance(hours: float, video: Path, folder: Path) -> list[tuple[str, bool]]:
    """Print ten-minute blocks; whether CPU time and memory of the last are those of the end of the first quarter."""
    rig = open_rig(video, folder)
    try:
        pictures = tuple(item.image_bgr for item in islice(rig.source.frames(), PICTURES) if isinstance(item, Frame))
        rig.source.close()
        settings = load_settings(None, {"session.warm_up_s": 60})
        info = SourceInfo("poses", "endurance", 640, 480, FPS, live=False)
        writer = SessionWriter(Outputs(data_dir=folder / "long"), info, settings)
        speed = open_speed_sources(BeltInput(SPEED_MPS), settings.coach)
        found = _blocks(hours, LongRun(rig, open_coach(settings, info), speed, writer, pictures))
        writer.discard()
        return found
    finally:
        rig.close()


def _blocks(hours: float, run: LongRun) -> list[tuple[str, bool]]:
    poses = synthetic_run(speed_mps=SPEED_MPS, duration_s=LOOP_S, fps=FPS, noise_ll=0.01, seed=1).poses
    blocks = max(4, round(3600 * hours / BLOCK_S))
    print(
        f"\n{blocks * BLOCK_S / 3600:g} hours of running, replayed: window, sound, network, store and recorder at work"
    )
    print("\n| minutes | CPU ms a frame | its quietest minute | memory |\n|---|---|---|---|")
    ms, megabytes = [], []
    for block in range(blocks):
        minutes_ms = [_minute_ms(poses, since_s, run) for since_s in np.arange(0, BLOCK_S, LOOP_S) + block * BLOCK_S]
        ms.append(min(minutes_ms))
        run.rig.screen.shown_s.clear()
        gc.collect()
        megabytes.append(memory_mb())
        minute = round((block + 1) * BLOCK_S / 60)
        print(f"| {minute} | {np.mean(minutes_ms):.3f} | {ms[-1]:.3f} | {megabytes[-1]:.1f} MB |", flush=True)
    quarter = blocks // 4
    early_ms, late_ms = float(np.median(ms[quarter : 2 * quarter])), float(np.median(ms[-quarter:]))
    early_mb, late_mb = megabytes[quarter - 1], megabytes[-1]
    print(
        f"\nCPU a frame, quietest minutes, second quarter → last: {early_ms:.3f} → {late_ms:.3f} ms "
        f"({_rise_pct(early_ms, late_ms):+.1f} %)"
    )
    print(f"memory, a quarter in → end: {early_mb:.1f} → {late_mb:.1f} MB ({_rise_pct(early_mb, late_mb):+.1f} %)")
    return [
        (f"{hours:g} hours: CPU time a frame flat within 5 %", late_ms <= FLAT * early_ms),
        (f"{hours:g} hours: memory flat within 5 %", late_mb <= FLAT * early_mb),
    ]


def _rise_pct(early: float, late: float) -> float:
    return 100 * (late / early - 1)


def _minute_ms(poses: list[Pose], since_s: float, run: LongRun) -> float:
    """CPU time of a frame over one repetition, which is the same work each time."""
    began_s = time.process_time()
    for pose in poses:
        run.take(replace(pose, t_s=since_s + pose.t_s))
    return 1000 * (time.process_time() - began_s) / len(poses)
