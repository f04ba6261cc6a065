"""The window itself: opening, events, drawing, and outliving its own loss."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pygame

from coach.core.pipeline import Update
from coach.core.pose import Side
from coach.edges.screen import keys, shapes
from coach.edges.screen.keys import Local
from coach.edges.screen.layout import Layout, View, lay_out
from coach.edges.screen.overlays import draw_badge, draw_banner, draw_notice
from coach.edges.screen.page import Page
from coach.edges.screen.panel import draw_panel
from coach.edges.screen.picture import Canvas, Framing, Placing, dim, paint, surface_of
from coach.edges.screen.readout import Border, Reader, Readout
from coach.edges.screen.skeleton import TargetLever, draw_body, draw_runner, draw_target
from coach.edges.screen.theme import THEMES, Theme
from coach.edges.screen.typeface import Typeface
from coach.edges.screen.words import Words
from coach.ports import Frame, LiveStatus, UserCommand
from coach.settings import ScreenSettings, Units

FIRST_SIZE: Final = (1280, 720)
SMALLEST: Final = (320, 240)
REOPEN_S: Final = 3.0
"""Pause between two tries to get a lost window back."""
STALE_POSE_S: Final = 0.4
"""A pose older than this against its picture is not drawn on it."""


def open_screen(settings: ScreenSettings, units: Units, phrases_line: Callable[[str], str]) -> Window:
    """Open the window. Without a display it stays closed and every call is harmless."""
    return Window(settings, units, phrases_line)


class Window:
    """A resizable window; the port `Screen`."""

    def __init__(self, settings: ScreenSettings, units: Units, phrases_line: Callable[[str], str]) -> None:
        self._settings = settings
        self._words = Words(phrases_line)
        self._reader = Reader(self._words, units)
        self._theme: Theme = THEMES[settings.theme]
        self._mirror = settings.mirror
        self._fullscreen = settings.fullscreen
        self._view = View.PICTURE
        self._surface: pygame.Surface | None = None
        self._face = Typeface()
        self._framing = Framing()
        self._target = TargetLever()
        self._layout: Layout | None = None
        self._base: pygame.Surface | None = None
        self._base_of: tuple[Readout, Theme] | None = None
        self._canvas: Canvas = np.zeros((0, 0, 3), np.uint8)
        self._commands: list[UserCommand] = []
        self._next_try_s = 0.0
        self._closed = False
        self._open()

    @property
    def is_open(self) -> bool:
        """Whether there is a window now."""
        return self._surface is not None

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Draw one picture. Losing the window never raises; it is tried again every few seconds."""
        if self._closed or not (self.is_open or self._open()):
            return
        try:
            self._pump()
            self._draw(frame, update, status)
            pygame.display.flip()
        except pygame.error:
            self._lose()

    def commands(self) -> tuple[UserCommand, ...]:
        """What the runner asked for since the last call."""
        if self.is_open:
            try:
                self._pump()
            except pygame.error:
                self._lose()
        asked, self._commands = tuple(self._commands), []
        return asked

    def save(self, path: Path) -> bool:
        """Write what the window shows as a picture; False where there is no window."""
        if self._surface is None:
            return False
        pygame.image.save(self._surface, path)
        return True

    def close(self) -> None:
        """Close the window. May be called twice."""
        self._closed = True
        self._surface = None
        pygame.display.quit()

    def _open(self) -> bool:
        now_s = time.monotonic()
        if now_s < self._next_try_s:
            return False
        self._next_try_s = now_s + REOPEN_S
        if sys.platform == "linux":
            # SDL would push every picture through OpenGL; in software that costs 6 ms at 720p, shared memory 0.4.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        os.environ.setdefault("SDL_VIDEO_ALLOW_SCREENSAVER", "0")
        try:
            pygame.display.init()
            pygame.font.init()
            pygame.display.set_caption("Coach")
            self._surface = self._set_mode(FIRST_SIZE)
        except pygame.error:
            self._lose()
            return False
        return True

    def _set_mode(self, size: tuple[int, int]) -> pygame.Surface:
        if self._fullscreen:
            return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        return pygame.display.set_mode(size, pygame.RESIZABLE)

    def _lose(self) -> None:
        self._surface, self._base, self._layout = None, None, None
        self._next_try_s = time.monotonic() + REOPEN_S
        pygame.display.quit()

    def _pump(self) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self._commands.append(UserCommand.FINISH)
            elif event.type == pygame.KEYDOWN:
                self._act(keys.action_of(event))

    def _act(self, action: keys.Action | None) -> None:
        if isinstance(action, UserCommand):
            self._commands.append(action)
        elif action is Local.VIEW:
            views = list(View)
            self._view = views[(views.index(self._view) + 1) % len(views)]
        elif action is Local.FULLSCREEN:
            self._fullscreen = not self._fullscreen
            self._surface = self._set_mode(FIRST_SIZE)
        elif action is Local.THEME:
            self._theme = THEMES["light" if self._theme.name == "dark" else "dark"]
        elif action is Local.MIRROR:
            self._mirror = not self._mirror

    def _draw(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        surface = pygame.display.get_surface()
        if surface is None:
            raise pygame.error("the window is gone")
        self._surface = surface
        layout = self._fitting(surface)
        readout = self._reader.read(frame.t_s, update, status)
        self._refresh(layout, readout)
        if self._base is not None:
            _copy_around(self._base, surface, layout.picture)
        if layout.picture.width > 0:
            self._draw_picture(surface, layout, frame, update, readout)
        page = Page(surface, layout, self._theme, self._face, self._words)
        draw_badge(page, readout)
        if notice := readout.reason or readout.notice:
            draw_notice(page, notice)
        if readout.banner:
            draw_banner(page, readout.banner)

    def _fitting(self, surface: pygame.Surface) -> Layout:
        size = surface.get_size()
        if self._layout is None or self._layout.window.size != size or self._layout.view is not self._view:
            self._layout = lay_out(*size, self._view)
            self._base = pygame.Surface(size)
            self._base_of = None
            self._canvas = np.zeros((self._layout.picture.height, self._layout.picture.width, 3), np.uint8)
        return self._layout

    def _refresh(self, layout: Layout, readout: Readout) -> None:
        shown = (replace(readout, banner=None, notice="", reason=""), self._theme)
        if self._base is not None and shown != self._base_of:
            self._base_of = shown
            draw_panel(Page(self._base, layout, self._theme, self._face, self._words), readout)

    def _draw_picture(
        self, surface: pygame.Surface, layout: Layout, frame: Frame, update: Update | None, readout: Readout
    ) -> None:
        height, width = frame.image_bgr.shape[:2]
        pose = update.pose if update and abs(frame.t_s - update.t_s) < STALE_POSE_S else None
        cut = self._framing.step(frame.t_s, (width, height), layout.picture.size, pose, whole=update is None)
        image = frame.image_bgr
        if self._view is View.SKELETON:
            image = np.broadcast_to(np.array(self._theme.background[::-1], np.uint8), (height, width, 3))
        placing = paint(image, self._canvas, cut, self._theme.background, mirrored=self._mirror)
        if readout.border in {Border.PAUSED, Border.LOST}:
            dim(self._canvas, 0.45)
        if pose is not None and update is not None:
            self._draw_leg(update, placing, readout)
        surface.blit(surface_of(self._canvas), layout.picture)
        strip = (max(round(0.035 * layout.window.height), 1), layout.picture.height)
        if layout.upright:
            right = layout.picture.right - strip[0]
            surface.blit(shapes.fade(strip, self._theme.background, "right"), (right, layout.picture.top))

    def _draw_leg(self, update: Update, placing: Placing, readout: Readout) -> None:
        side = _coached(update)
        if update.pose is None or side is None:
            return
        trusted = readout.border is Border.MEASURING
        if self._view is View.SKELETON:
            draw_body(self._canvas, update.pose, placing, self._theme)
        draw_runner(self._canvas, update.pose, placing, side, self._theme, trusted=trusted)
        target = update.advice.target
        levers = self._target.step(update.t_s, update.pose.leg_px(side), target.target_deg if target else None)
        if levers is not None and trusted:
            draw_target(self._canvas, update.pose.leg_px(side)[0], levers, placing, self._theme)


def _coached(update: Update) -> Side | None:
    lift = update.advice.lift
    return lift.side if lift else update.gait.view.near_side


def _copy_around(base: pygame.Surface, onto: pygame.Surface, hole: pygame.Rect) -> None:
    """Copy all of `base` but the hole, where the picture goes."""
    width, height = base.get_size()
    if hole.width <= 0 or hole.height <= 0:
        onto.blit(base, (0, 0))
        return
    for area in (
        pygame.Rect(0, 0, width, hole.top),
        pygame.Rect(0, hole.bottom, width, height - hole.bottom),
        pygame.Rect(0, hole.top, hole.left, hole.height),
        pygame.Rect(hole.right, hole.top, width - hole.right, hole.height),
    ):
        if area.width > 0 and area.height > 0:
            onto.blit(base, area, area)
