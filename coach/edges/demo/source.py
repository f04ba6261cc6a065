"""The demo as a source of frames: a rendered runner on a treadmill, with its truth."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np

from coach.edges.demo.figure import figure
from coach.edges.demo.motion import Point
from coach.edges.demo.runner import BodyPose, DemoRunner
from coach.edges.demo.scene import FAR_RISE_LL, Scene, stage
from coach.ports import Frame, ImageBGR, SourceEvent, SourceInfo


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
    ) -> None:
        self.runner = runner or DemoRunner()
        self.info = SourceInfo("demo", "demo runner", width, height, fps, realtime)
        self._duration_s = duration_s
        self._closed = threading.Event()
        self._stage = stage(width, height)
        self._scene = Scene(self._stage)
        self._figure = figure(self._stage.ll_px)

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Frames until the duration is over or the source is closed; live, those that were missed are left out."""
        index, started = 0, time.monotonic()
        while not self._closed.is_set():
            t_s = index / self.info.nominal_fps
            if self._duration_s is not None and t_s >= self._duration_s:
                return
            if self.info.live and self._closed.wait(max(started + t_s - time.monotonic(), 0.0)):
                return
            yield Frame(index, t_s, self.picture(t_s))
            index += 1
            if self.info.live:
                index = max(index, int((time.monotonic() - started) * self.info.nominal_fps))

    def close(self) -> None:
        """End `frames()`."""
        self._closed.set()

    def picture(self, t_s: float) -> ImageBGR:
        """The picture of one moment."""
        body = self.runner.at(t_s)
        canvas = np.empty((self.info.height, self.info.width, 3), np.uint8)
        self._scene.draw(canvas, self.runner.belt_travel_ll(t_s))
        for leg, far in ((body.far, True), (body.near, False)):
            x, y = self._place((leg.ball[0] - 0.05, 0.0), body, far=far)
            self._scene.shade(canvas, x, y + 0.01 * self._stage.ll_px, 0.9 - 1.6 * max(leg.ball[1], 0.0))
        self._figure.draw(
            canvas,
            body,
            lambda point: self._place(point, body, far=False),
            lambda point: self._place(point, body, far=True),
        )
        return canvas if self.runner.facing == "right" else cv2.flip(canvas, 1)

    def _place(self, point: Point, body: BodyPose, *, far: bool) -> tuple[float, float]:
        x = self._stage.hip_x_px + (point[0] + body.drift_ll) * self._stage.ll_px
        y = self._stage.ground_y_px - (point[1] + (FAR_RISE_LL if far else 0.0)) * self._stage.ll_px
        return x, y
