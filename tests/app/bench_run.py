"""`run_live` whole, on a bench camera whose runner's poses are known: frame by frame, however long a machine takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.app.live_run import run_live
from coach.app.opening import BegunSource
from coach.app.parts import LiveOptions, Outputs
from coach.app.speed_sources import BeltInput
from coach.config import load_settings
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.errors import SourceError
from coach.ports import Frame, SourceEvent, SourceInfo, SourceKind
from tests.app.live_bench import Narration

IMAGE = np.random.default_rng(1).integers(60, 180, (480, 640, 3)).astype(np.uint8)
"""Bright and full of edges: a picture in good light as the set-up check sees it."""
PATIENCE_S = 60.0
GLANCE = BegunSource.glance
SHORT = {
    "session.warm_up_s": 0,
    "baseline.duration_s": 6,
    "baseline.reuse": False,
    "programme.enabled": False,
    "sound.enabled": False,
    "record.stills": False,
}
"""Photographs cost a third of the time: one run takes them."""


class Poses:
    """Stands in for the pose network, which is tested elsewhere: the pose of every frame is known by its index."""

    readings = 1

    def __init__(self, poses: list[Pose], taken: threading.Semaphore) -> None:
        self._poses = poses
        self._taken = taken

    def estimate(self, frame: Frame) -> Pose | None:
        self._taken.release()
        return self._poses[frame.index] if frame.index < len(self._poses) else None

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Camera:
    """A camera that gives the next frame once the last one was taken, and fails at the end if told to."""

    def __init__(self, poses: list[Pose], fails: SourceError | None = None, kind: SourceKind = "video") -> None:
        self.info = SourceInfo(kind, "bench camera", 640, 480, 30.0, live=True)
        self._poses = poses
        self.taken = threading.Semaphore(0)
        self._fails = fails
        self._closed = False

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for index, pose in enumerate(self._poses):
            if self._closed:
                return
            yield Frame(index, pose.t_s, np.roll(IMAGE, 5 * index, axis=1))
            assert self.taken.acquire(timeout=PATIENCE_S), f"nobody looked at frame {index}"
        if self._fails is not None:
            raise self._fails

    def close(self) -> None:
        self._closed = True
        self.taken.release()


class Bench:
    """Runs the coach on a bench camera."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.narration = Narration()
        self.speed_mps: float | None = 3.0
        self.plan: str | None = None
        self.duration_s: float | None = None
        self.headless = True

    def run(
        self, camera: Camera, seen: list[Pose], data_dir: Path, json_file: Path | None = None, **overrides: object
    ) -> Session | None:
        self._monkeypatch.setattr("coach.app.live_run.open_pose_estimator", lambda *_: Poses(seen, camera.taken))
        self._monkeypatch.setattr(BegunSource, "glance", lambda begun: self._glanced(begun, camera))
        settings = load_settings(None, {**SHORT, **{key.replace("__", "."): value for key, value in overrides.items()}})
        belt = BeltInput(self.speed_mps, incline_pct=1.0)
        if self.plan is not None:
            belt = BeltInput(plan=self.plan)
        options = LiveOptions(
            "bench",
            headless=self.headless,
            duration_s=self.duration_s,
            belt=belt,
            outputs=Outputs(json=json_file, data_dir=data_dir),
        )
        return run_live(settings, options, self.narration, camera)

    @staticmethod
    def _glanced(begun: BegunSource, camera: Camera) -> Frame | None:
        """A picture that a window shows while the network loads was taken, too."""
        frame = GLANCE(begun)
        if frame is not None:
            camera.taken.release()
        return frame
