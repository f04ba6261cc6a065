"""What the live benchmarks stand on: a video, a display of their own, cues on time, and eyes on the window."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np

from coach.app.analysis_stage import LiveParts
from coach.app.loop import NoticeBoard
from coach.app.parts import Outputs, open_coach, open_pose_estimator, words_of
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import BeltInput, open_speed_sources
from coach.config import load_settings
from coach.core.coaching.cues import Cue, CueKind
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.speed.belt_speed import Told
from coach.edges.audio.sound import CueSpeaker, open_speaker
from coach.edges.demo import DemoSource
from coach.edges.frames.video import VideoFile
from coach.edges.screen import Window, open_screen
from coach.ports import Frame, FrameSource, LiveStatus, Load, PoseEstimator, UserCommand
from coach.settings import Settings

WIDTH: Final = 1280
HEIGHT: Final = 720
SPEED_MPS: Final = 2.8
CUE_EVERY_S: Final = 5.0
SPOKEN_S: Final = 2.0
"""Tone and words of a cue take up to this long: gaps of the picture in that time count as gaps while speaking."""


def demo_video(folder: Path, fps: int, seconds: float) -> Path:
    """The demo's runner as a 720p video file. Made once, kept in `folder`."""
    path = folder / f"runner_{fps}fps_{seconds:g}s.mp4"
    if path.exists():
        return path
    print(f"drawing {seconds:g} s of video at {fps} fps …", flush=True)
    source = DemoSource(width=WIDTH, height=HEIGHT, fps=fps, duration_s=seconds)
    beside = path.with_suffix(".part.mp4")
    writer = cv2.VideoWriter(str(beside), cv2.VideoWriter.fourcc(*"mp4v"), fps, (WIDTH, HEIGHT))
    for item in source.frames():
        if isinstance(item, Frame):
            writer.write(item.image_bgr)
    writer.release()
    return beside.replace(path)


@contextlib.contextmanager
def display() -> Iterator[None]:
    """The display there is, or one of Xvfb's; and a card that plays into nothing where there is none."""
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
        yield
        return
    xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert xvfb.stdout is not None
    os.environ["DISPLAY"] = f":{xvfb.stdout.readline().strip()}"
    try:
        yield
    finally:
        del os.environ["DISPLAY"]
        xvfb.terminate()
        xvfb.stdout.close()
        xvfb.wait()


class PunctualCoach:
    """The application's coach, which gives a cue every few seconds, whatever it thinks of the runner, and keeps count.

    It stands for the estimator, too: pose and coach of one frame are timed together.
    """

    def __init__(self, coach: Coach, estimator: PoseEstimator, texts: Sequence[str]) -> None:
        self.coach = coach
        self._estimator = estimator
        self.readings = estimator.readings
        self._texts = texts
        self._began_s = self._waited_s = 0.0
        self.indices: list[int] = []
        self.memory_mb: list[float] = []
        """Once a second."""
        self.cpu_s: list[tuple[float, float]] = []
        """Once a second: time of the day and CPU time of the whole process so far."""
        self.pose_ms: list[float] = []
        """Pose and coach, without what follows."""
        self.waited_ms: list[float] = []
        """How long a frame's thread was ready to go on and no core was free."""
        self.given_s: list[float] = []
        """When cues were decided, on the clock of `time.monotonic`."""

    def estimate(self, frame: Frame) -> Pose | None:
        """The runner's pose."""
        self._began_s, self._waited_s = time.monotonic(), core_wait_s()
        self.indices.append(frame.index)
        return self._estimator.estimate(frame)

    def step(self, t_s: float, pose: Pose | None, belt: Told) -> Update:
        """One frame's update, its cues replaced by ours."""
        update = self.coach.step(t_s, pose, belt)
        waited_s = core_wait_s() - self._waited_s
        self.pose_ms.append(1000 * (time.monotonic() - self._began_s - waited_s))
        self.waited_ms.append(1000 * waited_s)
        if len(self.indices) % 30 == 1:
            self.memory_mb.append(memory_mb())
            self.cpu_s.append((time.monotonic(), time.process_time()))
        due = t_s >= CUE_EVERY_S * (len(self.given_s) + 1)
        cues: tuple[Cue, ...] = ()
        if due:
            text = self._texts[len(self.given_s) % len(self._texts)]
            self.given_s.append(time.monotonic())
            cues = (Cue(t_s, CueKind.HEEL_LIFT_LOW, None, text, "HEEL UP", t_s + 3),)
        return replace(update, advice=replace(update.advice, cues=cues))

    @property
    def unasked(self) -> bool:
        """Whether the question for trouble is open."""
        return self.coach.unasked

    def reset(self) -> None:
        """As at a new source."""
        self._estimator.reset()

    def close(self) -> None:
        """Release the network."""
        self._estimator.close()


class WatchedScreen:
    """A screen with a stopwatch: when each picture was there, and what drawing it cost."""

    def __init__(self, screen: Window) -> None:
        self._screen = screen
        self.shown_s: list[float] = []

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Draw, and note when it was there."""
        self._screen.show(frame, update, status)
        self.shown_s.append(time.monotonic())

    def commands(self) -> tuple[UserCommand, ...]:
        """Keys and mouse, as they came."""
        return self._screen.commands()

    def close(self) -> None:
        """Close the window."""
        self._screen.close()

    def gaps_ms(self, since_s: Sequence[float] | None = None) -> np.ndarray:
        """Times between pictures; with `since_s` only those in the `SPOKEN_S` after one of these moments."""
        shown = np.array(self.shown_s)
        gaps, ends = 1000 * np.diff(shown), shown[1:]
        if since_s is None:
            return gaps
        spoken = np.zeros(ends.size, dtype=bool)
        for start_s in since_s:
            spoken |= (ends >= start_s) & (ends <= start_s + SPOKEN_S)
        return gaps[spoken]


@dataclass(slots=True)
class Rig:
    """All parts of a live run, opened as the application opens them."""

    settings: Settings
    source: FrameSource
    parts: LiveParts
    kept: PunctualCoach
    texts: tuple[str, ...]
    """All that may be said."""
    screen: WatchedScreen
    closing: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        """Close all of it, last opened first."""
        for close in reversed(self.closing):
            close()


def open_rig(video: Path, folder: Path, *, realtime: bool = True) -> Rig:
    """Open source, network, coach, store, sound and window on a video file; the store goes to `folder`."""
    settings = load_settings(None, {"pose.effort": "fast", "session.warm_up_s": 5, "baseline.duration_s": 10})
    source = VideoFile(video, realtime=realtime)
    estimator = open_pose_estimator(settings, replace(source.info, live=True))
    words = words_of(settings)
    texts = words.spoken()
    kept = PunctualCoach(open_coach(settings, source.info), estimator, texts)
    speed = open_speed_sources(BeltInput(SPEED_MPS), settings.coach)
    speaker = open_speaker(settings.sound, folder / "cache", words)
    board = NoticeBoard(words, "metric", say=speaker.say_line)
    writer = SessionWriter(Outputs(data_dir=folder), source.info, settings, board.tell)
    parts = LiveParts(source, kept, speed, cast("Coach", kept), writer, speaker, board)
    screen = WatchedScreen(open_screen(settings.screen, settings.units, words))
    closing = [source.close, kept.close, writer.discard, speaker.close, screen.close]
    if isinstance(speaker, CueSpeaker):
        speaker.settle(60)
    return Rig(settings, source, parts, kept, texts, screen, closing)


def status(frame: Frame) -> LiveStatus:
    """What the window is told beside the update, for runs without a live screen."""
    load = Load(30.0, 30.0, 30.0, 10.0, 20.0, 30.0, 0.0)
    return LiveStatus(frame.t_s, paused=False, muted=False, source_lost=False, mode="treadmill", load=load)


def core_wait_s() -> float:
    """How long this thread has waited for a core so far (Linux; elsewhere 0): other programs' doing, not ours."""
    with contextlib.suppress(OSError), Path("/proc/thread-self/schedstat").open(encoding="ascii") as schedstat:
        return int(schedstat.read().split()[1]) / 1e9
    return 0.0


def memory_mb() -> float:
    """Resident memory now (Linux), else the largest so far."""
    with contextlib.suppress(OSError), Path("/proc/self/statm").open(encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


@contextlib.contextmanager
def burning(processes: int) -> Iterator[None]:
    """Other programs that take every core, politely."""
    burners = [subprocess.Popen(["nice", "-n", "19", "sh", "-c", "while :; do :; done"]) for _ in range(processes)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
