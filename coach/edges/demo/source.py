"""The demo as a source of frames: a rendered runner on a treadmill, with its truth."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from coach.core.coaching.cues import CueKind
from coach.edges.demo.runner import DemoRunner
from coach.edges.demo.runner_figure import figure
from coach.edges.demo.treadmill_scene import FAR_RISE_LL, Scene, stage
from coach.edges.demo.truth import DemoTruth
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo

MOST_LEFT_OUT: Final = 1
"""Pictures that a patient source leaves out between two on a slow machine: 15 a second stay, enough for strides."""
PATIENCE_S: Final = 2.0
"""So long one picture is waited for: loading a network takes its time, and a look that never comes must not end all."""


class DemoSource:
    """A runner on a treadmill, drawn frame by frame; as a camera would deliver it, or as fast as possible."""

    def __init__(
        self,
        runner: DemoRunner | None = None,
        *,
        width: int = 640,
        height: int = 480,
        fps: float = 30.0,
        duration_s: float | None = None,
        realtime: bool = False,
        patient: bool = False,
    ) -> None:
        """`patient`: the runner's time goes on no faster than `followed` says; a slow machine misses nothing."""
        self.runner = runner or DemoRunner()
        self.info = SourceInfo(
            "demo", "demo runner", width, height, fps, realtime, math.nan if duration_s is None else duration_s
        )
        self._duration_s = duration_s
        self._patient = patient
        self._followed = threading.Condition()
        self._followed_s = -math.inf
        self._closed = threading.Event()
        self._stage = stage(width, height)
        self.truth = DemoTruth(self.runner, self._stage)
        """Per frame and per stride, exact."""
        self._scene = Scene(self._stage)
        self._figure = figure(self._stage.ll_px)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Frames until the duration is over or the source is closed; live, those that were missed are left out."""
        index, started, last_s = 0, time.monotonic(), -math.inf
        while not self._closed.is_set():
            t_s = index / self.info.nominal_fps
            if self._duration_s is not None and t_s >= self._duration_s:
                return
            if self.info.live and self._closed.wait(max(started + t_s - time.monotonic(), 0.0)):
                return
            frame = Frame(index, t_s, self.picture(t_s))
            if self._patient:
                self._wait_for(last_s)
            # As the frame has it, and whoever looks at it tells: rounded.
            self.truth.shown_until_s = last_s = frame.t_s
            yield frame
            index += 1
            if self.info.live:
                due = int((time.monotonic() - started) * self.info.nominal_fps)
                index = max(index, min(due, index + MOST_LEFT_OUT) if self._patient else due)
                started = max(started, time.monotonic() - index / self.info.nominal_fps) if self._patient else started

    def _wait_for(self, t_s: float) -> None:
        """Until the picture of `t_s` was looked at, or for so long that nobody seems to look."""
        with self._followed:
            self._followed.wait_for(lambda: self._followed_s >= t_s or self._closed.is_set(), PATIENCE_S)

    def followed(self, t_s: float) -> None:
        """The picture of `t_s` was looked at. May be called from any thread."""
        with self._followed:
            self._followed_s = t_s
            self._followed.notify_all()

    def hear(self, kind: CueKind, t_s: float) -> None:
        """The runner hears a cue, and may lift the heels."""
        self.runner.hear(kind, max(t_s, self.truth.shown_until_s))

    def close(self) -> None:
        """End `frames()`."""
        self._closed.set()
        with self._followed:
            self._followed.notify_all()

    def picture(self, t_s: float) -> ImageBGR:
        """The picture of one moment."""
        body = self.runner.at(t_s)
        canvas = np.empty((self.info.height, self.info.width, 3), np.uint8)
        self._scene.draw(canvas, self.runner.belt_travel_ll(t_s))
        for leg, rise_ll in ((body.far, FAR_RISE_LL), (body.near, 0.0)):
            under = self._stage.place((leg.ball[0] - 0.05, -0.01), body.drift_ll, rise_ll)
            self._scene.shade(canvas, under, 0.9 - 1.6 * max(leg.ball[1], 0.0))
        self._figure.draw(
            canvas,
            body,
            lambda point: self._stage.place(point, body.drift_ll),
            lambda point: self._stage.place(point, body.drift_ll, FAR_RISE_LL),
        )
        return canvas if self.runner.facing == "right" else np.asarray(cv2.flip(canvas, 1), np.uint8)
