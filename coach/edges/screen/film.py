"""The window as a film: what the runner would have seen, picture by picture, without a display."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Final, Literal

import numpy as np
import pygame

from coach.core.pipeline import Update
from coach.core.units import FloatArray
from coach.core.words import Words
from coach.edges.screen.painter import Painter, coached_side
from coach.edges.screen.skeleton import TargetLever, flexion
from coach.edges.screen.video_writer import ImageRGB, VideoPlan, VideoWriter
from coach.ports import Frame, LiveStatus, SourceInfo
from coach.settings import ScreenSettings, Units

SIZE: Final = (1280, 720)
LARGE: Final = (1920, 1080)
"""For videos whose shorter side has 1080 pixels or more. Always broad: the runner stands in an upright part of it."""
_AHEAD_S: Final = 0.2
"""So much later than a frame came it is painted: by then it is known whether it was mid-swing."""
_MID_SWING_S: Final = 0.08
"""The target lever is shown so long before and after the greatest flexion."""
_BLUR_S: Final = 0.05
_SWING_SHARE: Final = 0.6
"""Less flexion than this share of the target is no mid-swing."""
_FALLBACK_FPS: Final = 30.0
Mode = Literal["treadmill", "overground"]


class AnnotatedVideo:
    """Paints every frame with its own update and writes it. Called from one thread; raises StoreError."""

    def __init__(
        self,
        plan: VideoPlan,
        info: SourceInfo,
        settings: ScreenSettings,
        units: Units,
        mode: Mode,
        words: Words,
    ) -> None:
        pygame.font.init()
        self._levers = SeenAhead()
        self._painter = Painter(settings, units, words, self._levers)
        # As it was filmed: a mirror is for those who watch themselves.
        self._painter.mirror = False
        self._mode: Mode = mode
        size = film_size(info.width, info.height)
        self._surface = pygame.Surface(size, depth=24)
        self._first_s = math.nan
        self._waiting: deque[tuple[Frame, Update]] = deque()
        self._writer = VideoWriter(plan, size, info.nominal_fps if info.nominal_fps > 0 else _FALLBACK_FPS)

    def append(self, frame: Frame, update: Update) -> None:
        """One frame and what came of it."""
        if math.isnan(self._first_s):
            self._first_s = frame.t_s
        side = coached_side(update)
        if side is not None and update.pose is not None:
            self._levers.learn(update.t_s, update.gait.leg(side).knee_flexion_deg, update.pose.leg_px(side))
        self._waiting.append((frame, update))
        while self._waiting[0][0].t_s <= frame.t_s - _AHEAD_S:
            self._paint(*self._waiting.popleft())

    def close(self) -> None:
        """Paint what still waits and finish the file. May be called twice."""
        while self._waiting:
            self._paint(*self._waiting.popleft())
        self._writer.close()

    def _paint(self, frame: Frame, update: Update) -> None:
        # Why the coach was silent helps in a run; on a film it would lie over the feet.
        update = replace(update, advice=replace(update.advice, hold_reason=None))
        status = LiveStatus(frame.t_s - self._first_s, paused=False, muted=False, source_lost=False, mode=self._mode)
        self._painter.draw(self._surface, frame, update, status, math.nan)
        self._writer.write(frame.t_s, _picture(self._surface))

    def discard(self) -> None:
        """Leave no file behind."""
        self._waiting.clear()
        self._writer.discard()


def film_size(width: int, height: int) -> tuple[int, int]:
    """Size of the film for a video of that size."""
    return LARGE if min(width, height) >= LARGE[1] else SIZE


class SeenAhead:
    """Mid-swing as it can be known afterwards: the frame of greatest flexion, and those around it."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float, FloatArray]] = deque()

    def learn(self, t_s: float, flexion_deg: float, leg_px: FloatArray) -> None:
        """One frame of the coached leg, before it is painted; NaN flexion is not known."""
        if math.isfinite(flexion_deg):
            self._seen.append((t_s, flexion_deg, leg_px))
        while self._seen and self._seen[0][0] < t_s - 4 * _AHEAD_S:
            self._seen.popleft()

    def step(
        self,
        t_s: float,
        leg_px: FloatArray,  # noqa: ARG002 - what was learned of the frame says more
        target_deg: float | None,
    ) -> tuple[FloatArray, FloatArray] | None:
        """The levers of the mid-swing around `t_s`."""
        near = self._around(t_s, _MID_SWING_S)
        if target_deg is None or not near:
            return None
        peak_s, peak_deg, _ = max(near, key=lambda seen: seen[1])
        rivals = self._around(peak_s, _AHEAD_S - _MID_SWING_S)
        if peak_deg < _SWING_SHARE * target_deg or any(seen[1] > peak_deg for seen in rivals):
            return None
        # Of the frames about the peak the one whose pose agrees best with the peak: others may be blurred.
        _, _, best_px = min(self._around(peak_s, _BLUR_S), key=lambda seen: abs(flexion(*seen[2][:3]) - peak_deg))
        return TargetLever().step(peak_s, best_px, target_deg)

    def _around(self, t_s: float, within_s: float) -> list[tuple[float, float, FloatArray]]:
        return [seen for seen in self._seen if abs(seen[0] - t_s) <= within_s]


def _picture(surface: pygame.Surface) -> ImageRGB:
    width, height = surface.get_size()
    return np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3)
