"""The window as a film: what the runner would have seen, picture by picture, without a display."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import pygame

from coach.core.pipeline import Update
from coach.edges.screen.layout import TALL_BELOW
from coach.edges.screen.painter import Painter
from coach.edges.screen.words import Words
from coach.edges.video_writer import ImageRGB, VideoPlan, VideoWriter
from coach.ports import Frame, LiveStatus, SourceInfo
from coach.settings import ScreenSettings, Units

_SHORT_PX: Final = 720
_LONG_PX: Final = 1280
_LARGE_FROM: Final = 1080
"""Lines of a video from which the film is 1080 lines high too."""
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
        phrases_line: Callable[[str], str],
    ) -> None:
        pygame.font.init()
        self._painter = Painter(settings, units, Words(phrases_line))
        # As it was filmed: a mirror is for those who watch themselves.
        self._painter.mirror = False
        self._mode: Mode = mode
        size = film_size(info.width, info.height)
        self._surface = pygame.Surface(size, depth=24)
        self._first_s = math.nan
        self._writer = VideoWriter(plan, size, info.nominal_fps if info.nominal_fps > 0 else _FALLBACK_FPS)

    def append(self, frame: Frame, update: Update) -> None:
        """One frame and what came of it."""
        if math.isnan(self._first_s):
            self._first_s = frame.t_s
        status = LiveStatus(frame.t_s - self._first_s, paused=False, muted=False, source_lost=False, mode=self._mode)
        self._painter.draw(self._surface, frame, update, status, math.nan)
        self._writer.write(frame.t_s, _picture(self._surface))

    def close(self) -> None:
        """Finish the file. May be called twice."""
        self._writer.close()

    def discard(self) -> None:
        """Leave no file behind."""
        self._writer.discard()


def film_size(width: int, height: int) -> tuple[int, int]:
    """Size of the film for a video of that size: upright for upright ones."""
    large = 1.5 if min(width, height) >= _LARGE_FROM else 1.0
    short, long = round(_SHORT_PX * large), round(_LONG_PX * large)
    return (short, long) if width < TALL_BELOW * height and width < height else (long, short)


def _picture(surface: pygame.Surface) -> ImageRGB:
    width, height = surface.get_size()
    return np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3)
