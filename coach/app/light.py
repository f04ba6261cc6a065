"""Light and rate of a live camera, looked at about once a second while the run goes on."""

from __future__ import annotations

import math

from coach.core.setup.light_watch import EVERY_S, LightWatch
from coach.edges.frames.picture_stats import picture_stats
from coach.ports import Frame


class LightMeter:
    """Takes every frame that is analysed; most of them cost nothing."""

    def __init__(self) -> None:
        self._watch = LightWatch()
        self._index = 0
        self._looked_s = math.nan

    def step(self, frame: Frame) -> str | None:
        """Key of the words to say now; None for silence."""
        since_s = frame.t_s - self._looked_s
        if since_s < EVERY_S:
            return None
        # Pictures that came and were not analysed count as well: they are numbered by the camera.
        fps = (frame.index - self._index) / since_s
        self._index, self._looked_s = frame.index, frame.t_s
        return self._watch.step(frame.t_s, picture_stats(frame.image_bgr, fps))
