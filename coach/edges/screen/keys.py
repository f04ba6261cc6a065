"""Keys: which the run hears of, which the window keeps to itself, and how help names them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pygame

from coach.ports import UserCommand


class Local(StrEnum):
    """What the window does by itself."""

    VIEW = "view"
    HELP = "help"
    FULLSCREEN = "fullscreen"
    CURVE = "curve"
    THEME = "theme"
    MIRROR = "mirror"
    LOAD = "load"
    ESCAPE = "escape"


Action = UserCommand | Local

KEYS: Final[dict[int, Action]] = {
    pygame.K_PLUS: UserCommand.FASTER,
    pygame.K_KP_PLUS: UserCommand.FASTER,
    pygame.K_UP: UserCommand.FASTER,
    pygame.K_MINUS: UserCommand.SLOWER,
    pygame.K_KP_MINUS: UserCommand.SLOWER,
    pygame.K_DOWN: UserCommand.SLOWER,
    pygame.K_SPACE: UserCommand.PAUSE,
    pygame.K_b: UserCommand.BASELINE,
    pygame.K_m: UserCommand.MUTE,
    pygame.K_l: UserCommand.SIDE,
    pygame.K_s: UserCommand.SNAPSHOT,
    pygame.K_q: UserCommand.FINISH,
    pygame.K_RETURN: UserCommand.SKIP,
    pygame.K_KP_ENTER: UserCommand.SKIP,
    pygame.K_v: Local.VIEW,
    pygame.K_h: Local.HELP,
    pygame.K_f: Local.FULLSCREEN,
    pygame.K_F11: Local.FULLSCREEN,
    pygame.K_c: Local.CURVE,
    pygame.K_t: Local.THEME,
    pygame.K_r: Local.MIRROR,
    pygame.K_d: Local.LOAD,
    pygame.K_ESCAPE: Local.ESCAPE,
}
_BY_CHARACTER: Final[dict[str, Action]] = {
    "+": UserCommand.FASTER,
    "=": UserCommand.FASTER,
    "-": UserCommand.SLOWER,
    "?": Local.HELP,
}
"""Where layouts put signs on other keys, the character typed decides."""


def action_of(event: pygame.event.Event) -> Action | None:
    """What a key press asks for."""
    return _BY_CHARACTER.get(getattr(event, "unicode", ""), KEYS.get(event.key))
