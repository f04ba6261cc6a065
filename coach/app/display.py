"""Whether there is a display."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """Whether a window can be expected to open here."""
    if os.environ.get("SDL_VIDEODRIVER") == "dummy":
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True
