"""Whether anybody could see a window here: where SDL reaches no display, it draws into memory and calls that one."""

from __future__ import annotations

import os
from typing import Final

import pygame

_MEMORY: Final = "offscreen"


def reach_display() -> None:
    """Have SDL reach the display; harmless where it has. Raises pygame.error where there is none to be seen.

    With nothing but the `DISPLAY` of a desktop that is gone, as in a `tmux` of yesterday or after `su`, SDL would draw
    into memory without a word. Somebody who asks for that gets it.
    """
    pygame.display.init()
    asked = os.environ.get("SDL_VIDEODRIVER", "").split(",")
    if pygame.display.get_driver() == _MEMORY and _MEMORY not in asked:
        raise pygame.error("no display")


def finds_display() -> bool:
    """Whether SDL reaches a display. One that is found stays open for the window to come: it is reached once."""
    had = pygame.display.get_init()
    try:
        reach_display()
    except pygame.error:
        if not had:
            pygame.display.quit()
        return False
    return True
