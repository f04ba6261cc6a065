"""The window itself: opening, events, and outliving its own loss."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import pygame

from coach.core.pipeline import Update
from coach.core.words import Words
from coach.edges.screen.controls import Action, ButtonBar, Local, action_of
from coach.edges.screen.display import reach_display
from coach.edges.screen.layout import View
from coach.edges.screen.page import Page
from coach.edges.screen.painter import Painter
from coach.edges.screen.theme import THEMES
from coach.edges.screen.x11_guard import X11Guard, leave_behind
from coach.ports import Frame, LiveStatus, UserCommand
from coach.settings import ScreenSettings, Units

FIRST_SIZE: Final = (1280, 720)
SMALLEST: Final = (320, 240)
Drawn = TypeVar("Drawn")
_LIT: Final = (255, 255, 255)
_DARK: Final = (0, 0, 0)
_ROUND_THE_FLASH: Final = (96, 96, 96)
"""Neither, so that a camera's exposure has less to follow."""
REOPEN_S: Final = 3.0
"""Pause between two tries to get a lost window back."""


def open_screen(settings: ScreenSettings, units: Units, words: Words, size: tuple[int, int] = FIRST_SIZE) -> Window:
    """Open the window. Without a display it stays closed and every call is harmless."""
    return Window(settings, units, words, size)


class Window:
    """A resizable window; the port `Screen`."""

    def __init__(
        self,
        settings: ScreenSettings,
        units: Units,
        words: Words,
        size: tuple[int, int] = FIRST_SIZE,
    ) -> None:
        """`size`: width and height of the window while it is not full screen; a smaller desktop cuts it."""
        self._painter = Painter(settings, units, words)
        self._fullscreen = settings.fullscreen
        self._window: pygame.Window | None = None
        self._guard = X11Guard()
        self._buttons = ButtonBar()
        self._commands: list[UserCommand] = []
        self._skips = False
        """Whether what is shown can be skipped, and nothing runs that could pause: set-up check or summary."""
        self._drawing_ms = math.nan
        self._next_try_s = 0.0
        self._closed = False
        self._busy = threading.RLock()
        """SDL must not be shut while it draws: whoever ends the run may close the window in another thread."""
        self._size = size
        self._open()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the window as it is or last was while it was not full screen."""
        return self._size

    @property
    def is_open(self) -> bool:
        """Whether there is a window now."""
        return self._window is not None

    def show(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        """Draw one picture. Losing the window never raises; it is tried again every few seconds."""
        with self._busy:
            if self._closed or not (self.is_open or self._open()):
                return
            self._skips = status.setup is not None or status.finish is not None
            started_s = time.perf_counter()
            try:
                self._pump()
                self._draw(frame, update, status)
            except pygame.error:
                self._lose()
            self._look_after_x11()
            took_ms = 1e3 * (time.perf_counter() - started_s)
        self._drawing_ms = took_ms if math.isnan(self._drawing_ms) else 0.95 * self._drawing_ms + 0.05 * took_ms

    def commands(self) -> tuple[UserCommand, ...]:
        """What the runner asked for since the last call."""
        with self._busy:
            if self.is_open:
                try:
                    self._pump()
                except pygame.error:
                    self._lose()
                self._look_after_x11()
        asked, self._commands = tuple(self._commands), []
        return asked

    def present(self, draw: Callable[[Page], Drawn]) -> Drawn:
        """Draw something else than a run. Raises pygame.error where there is no window."""
        with self._busy:
            if self._window is None:
                raise pygame.error("no window")
            drawn = draw(self._painter.page(self._window.get_surface()))
            self._window.flip()
            return drawn

    def flash(self, *, lit: bool) -> bool:
        """Show a square, lit or dark, for a camera that looks at it; False where there is no window."""

        def draw(page: Page) -> None:
            page.surface.fill(_ROUND_THE_FLASH)
            side = round(0.7 * min(page.surface.get_size()))
            square = pygame.Rect(0, 0, side, side)
            square.center = page.layout.window.center
            page.surface.fill(_LIT if lit else _DARK, square)

        try:
            self.present(draw)
            self._pump()
        except pygame.error:
            self._lose()
            return False
        return True

    def save(self, path: Path) -> bool:
        """Write what the window shows as a picture; False where there is no window."""
        if self._window is None:
            return False
        pygame.image.save(self._window.get_surface(), path)
        return True

    def resize(self, width: int, height: int) -> None:
        """Make the window another size, as a hand at its corner would."""
        if self._window is not None:
            self._window.size = (width, height)

    def close(self) -> None:
        """Close the window. May be called twice."""
        with self._busy:
            self._closed = True
            self._window = None
            self._guard.settle()
            if not self._guard.cut_off:
                pygame.display.quit()

    def _draw(self, frame: Frame, update: Update | None, status: LiveStatus) -> None:
        if self._window is not None:
            page = self._painter.draw(self._window.get_surface(), frame, update, status, self._drawing_ms)
            self._buttons.draw(page, time.monotonic())
            self._window.flip()
            if not self._fullscreen:
                self._size = (self._window.size[0], self._window.size[1])

    def _open(self) -> bool:
        now_s = time.monotonic()
        if now_s < self._next_try_s:
            return False
        self._next_try_s = now_s + REOPEN_S
        if sys.platform == "linux":
            # SDL would push every picture through OpenGL; in software that costs 6 ms at 720p, shared memory 0.4.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        try:
            reach_display()
            pygame.font.init()
            pygame.display.set_allow_screensaver(False)
            self._window = pygame.Window("Coach", _fitting(self._size), resizable=True)
            self._window.minimum_size = SMALLEST
            if self._fullscreen:
                self._window.set_fullscreen(desktop=True)
            self._guard.install(self._window)
        except pygame.error:
            self._lose()
            return False
        return True

    def _look_after_x11(self) -> None:
        """After each use of the window: was it closed by somebody else, or did the desktop go?"""
        if self._guard.cut_off and self._window is not None:
            leave_behind(self._window)
            self._window, self._closed = None, True
        elif self._guard.broken:
            self._lose()

    def _lose(self) -> None:
        if self._guard.cut_off:
            self._look_after_x11()
            return
        self._window = None
        self._guard.settle()
        self._next_try_s = time.monotonic() + REOPEN_S
        pygame.display.quit()

    def _pump(self) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self._commands.append(UserCommand.FINISH)
            elif event.type == pygame.KEYDOWN:
                self._act(self._key(event))
            elif event.type == pygame.MOUSEMOTION:
                self._buttons.move(event.pos, time.monotonic())
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT:
                self._act(self._click(event.pos))

    def _key(self, event: pygame.event.Event) -> Action | None:
        action = action_of(event)
        return UserCommand.SKIP if self._skips and action is UserCommand.PAUSE else action

    def _click(self, at: tuple[int, int]) -> Action | None:
        if self._painter.help:
            return Local.HELP
        return self._buttons.press(at, self._painter.layout, time.monotonic())

    def _act(self, action: Action | None) -> None:
        painter = self._painter
        if isinstance(action, UserCommand):
            self._commands.append(action)
        elif action is Local.VIEW:
            views = list(View)
            painter.view = views[(views.index(painter.view) + 1) % len(views)]
        elif action is Local.FULLSCREEN:
            self._switch_fullscreen(not self._fullscreen)
        elif action is Local.ESCAPE:
            painter.help = False
            self._switch_fullscreen(wanted=False)
        elif action is Local.THEME:
            painter.theme = THEMES["light" if painter.theme.name == "dark" else "dark"]
        elif action is not None:
            _toggle(painter, action)

    def _switch_fullscreen(self, wanted: bool) -> None:
        if wanted == self._fullscreen or self._window is None:
            return
        self._fullscreen = wanted
        if wanted:
            self._window.set_fullscreen(desktop=True)
        else:
            self._window.set_windowed()


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size, or as much of it as the desktop has room for: the laptop may hang on a smaller screen today."""
    if pygame.display.get_driver() == "dummy":
        # It draws into memory and has no desktop, whatever size it tells.
        return size
    room = pygame.display.get_desktop_sizes()[0]
    return max(SMALLEST[0], min(size[0], room[0])), max(SMALLEST[1], min(size[1], room[1]))


def _toggle(painter: Painter, action: Local) -> None:
    if action is Local.HELP:
        painter.help = not painter.help
    elif action is Local.CURVE:
        painter.curve = not painter.curve
    elif action is Local.FORM:
        painter.form = not painter.form
    elif action is Local.MIRROR:
        painter.mirror = not painter.mirror
    elif action is Local.LOAD:
        painter.load = not painter.load
