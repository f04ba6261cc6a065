"""Outliving the X server: Xlib ends the process when its connection breaks, unless it is told not to.

A window that was killed, a desktop that crashed or a log-out would otherwise end the session with it.
Only on X11, only where libX11 (1.7 or later) is what SDL has loaded; elsewhere nothing happens.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pygame

_IO_ERROR: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_IO_EXIT: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_ERROR: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_SDL_SYSWM_X11: Final = 2


class _WindowInfo(ctypes.Structure):
    """SDL_SysWMinfo (SDL_syswm.h of SDL 2): version, subsystem, and for X11 the display and the window."""

    _fields_ = (
        ("version", ctypes.c_uint8 * 3),
        ("subsystem", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("room", ctypes.c_uint8 * 64),
    )


class X11Guard:
    """Notes that the display broke, in place of Xlib's exit. `install` when the window is open."""

    def __init__(self) -> None:
        self.broken = False
        """Whether the window can no longer be drawn on; another may be opened."""
        self.cut_off = False
        """Whether the connection itself is gone: SDL must not be used for windows again."""
        self._settle: Callable[[], object] = lambda: None
        # Xlib holds on to the callbacks, so they must not be collected.
        self._io_error = _IO_ERROR(self._lost)
        self._io_exit = _IO_EXIT(lambda _display, _data: None)
        self._error = _ERROR(self._complained)

    def install(self, window: pygame.Window) -> None:
        """Take over Xlib's handlers for this window's display, if it has one."""
        self.broken = False
        if pygame.display.get_driver() != "x11":
            return
        x11, sdl = _loaded("libX11"), _loaded("libSDL2")
        if x11 is None or sdl is None or not hasattr(x11, "XSetIOErrorExitHandler"):
            return
        display = _display(sdl, window.id)
        if display is None:
            return
        x11.XSetIOErrorExitHandler.argtypes = (ctypes.c_void_p, _IO_EXIT, ctypes.c_void_p)
        x11.XSetIOErrorExitHandler(display, self._io_exit, None)
        x11.XSetIOErrorHandler(self._io_error)
        x11.XSetErrorHandler(self._error)
        x11.XSync.argtypes = (ctypes.c_void_p, ctypes.c_int)
        self._settle = lambda: x11.XSync(display, 0)

    def settle(self) -> None:
        """Hear the server's last complaints now: once SDL lets go of the display, they would end the process."""
        if not self.cut_off and pygame.display.get_init():
            self._settle()
        self._settle = lambda: None
        self.broken = False

    def _lost(self, _display: int) -> int:
        """The connection broke."""
        self.cut_off = True
        return 0

    def _complained(self, _display: int, _event: int) -> int:
        """A request failed, as drawing on a window that somebody closed does."""
        self.broken = True
        return 0


def leave_behind(window: pygame.Window) -> None:
    """Never touch a window again whose connection is gone, not even at exit.

    SDL waits for the server's answer when it hides or destroys a window, and would wait for ever.
    """
    atexit.unregister(pygame.quit)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(window))


def _display(sdl: ctypes.CDLL, window_id: int) -> int | None:
    """Address of the X11 display of one of SDL's windows; None on other systems."""
    info = _WindowInfo()
    info.version[:] = pygame.get_sdl_version()
    sdl.SDL_GetWindowFromID.restype = ctypes.c_void_p
    sdl.SDL_GetWindowWMInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    found = sdl.SDL_GetWindowWMInfo(sdl.SDL_GetWindowFromID(window_id), ctypes.byref(info))
    return info.display if found and info.subsystem == _SDL_SYSWM_X11 else None


def _loaded(name: str) -> ctypes.CDLL | None:
    """A library that this process already uses: SDL brings its own or takes the system's."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    except OSError:
        return None
    paths = (line.split(maxsplit=5)[-1] for line in lines)
    wanted = (path for path in paths if path.startswith("/") and Path(path).name.startswith((f"{name}.", f"{name}-")))
    return next((ctypes.CDLL(path) for path in wanted), None)
