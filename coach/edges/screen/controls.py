"""Keys and buttons: which the run hears of, which the window keeps to itself, and where the buttons stand.

Buttons are for mouse and finger: they come when the pointer moves, and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pygame

from coach.edges.screen import shapes
from coach.edges.screen.layout import Layout
from coach.edges.screen.page import Page
from coach.edges.screen.theme import DIGIT_EM
from coach.ports import UserCommand


class Local(StrEnum):
    """What the window does by itself."""

    VIEW = "view"
    HELP = "help"
    FULLSCREEN = "fullscreen"
    CURVE = "curve"
    FORM = "form"
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
    pygame.K_o: UserCommand.HURTS,
    pygame.K_q: UserCommand.FINISH,
    pygame.K_y: UserCommand.TROUBLE,
    pygame.K_n: UserCommand.WELL,
    pygame.K_RETURN: UserCommand.SKIP,
    pygame.K_KP_ENTER: UserCommand.SKIP,
    pygame.K_v: Local.VIEW,
    pygame.K_h: Local.HELP,
    pygame.K_f: Local.FULLSCREEN,
    pygame.K_F11: Local.FULLSCREEN,
    pygame.K_c: Local.CURVE,
    pygame.K_g: Local.FORM,
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


SHOWN_S: Final = 3.0
_ROOMY: Final = 1.3
"""Where their room is wider than this against the window's height, the buttons stand in one row."""
BUTTONS: Final[tuple[tuple[shapes.Shape, Action, str], ...]] = (
    ("minus", UserCommand.SLOWER, "belt_speed"),
    ("plus", UserCommand.FASTER, "belt_speed"),
    ("bars", UserCommand.PAUSE, "pause"),
    ("bullseye", UserCommand.BASELINE, "baseline"),
    ("muted", UserCommand.MUTE, "mute"),
    ("frame", Local.VIEW, "view"),
    ("corners", Local.FULLSCREEN, "fullscreen"),
    ("question", Local.HELP, "help"),
    ("square", UserCommand.FINISH, "finish"),
)
"""Shape, what it does, key of the words that name it."""


@dataclass(slots=True)
class ButtonBar:
    """Knows when to be there, where each button is, and which one the pointer is on."""

    _until_s: float = 0.0
    _pointer: tuple[int, int] = (-1, -1)

    def move(self, at: tuple[int, int], now_s: float) -> None:
        """The pointer moved or a finger came down."""
        self._pointer, self._until_s = at, now_s + SHOWN_S

    def visible(self, now_s: float) -> bool:
        """Whether the bar is on the screen."""
        return now_s < self._until_s

    def press(self, at: tuple[int, int], layout: Layout, now_s: float) -> Action | None:
        """What a click asks for: nothing while the bar is away, since a first touch only calls it."""
        shown = self.visible(now_s)
        self.move(at, now_s)
        if not shown:
            return None
        return next((action for area, (_, action, _) in _places(layout) if area.collidepoint(at)), None)

    def draw(self, page: Page, now_s: float) -> None:
        """The bar along the window's lower edge, and the name of the button under the pointer."""
        if not self.visible(now_s):
            return
        h = page.layout.unit_px
        bar = bar_area(page.layout)
        page.surface.fill(page.theme.background, bar)
        for area, (shape, _, name) in _places(page.layout):
            on_it = area.collidepoint(self._pointer)
            page.card(area, 0.02 * h, page.theme.text if on_it else page.theme.card)
            page.mark(shape, area.center, 0.46 * min(area.size), page.theme.background if on_it else page.theme.text)
            if on_it:
                self._name(page, area, page.words.either(f"screen.help.{name}")[-1])

    @staticmethod
    def _name(page: Page, area: pygame.Rect, text: str) -> None:
        em = page.em
        width, height = page.face.width(text, "medium", em) + em, round(1.7 * em)
        left = min(max(area.centerx - width // 2, page.layout.border_px), page.layout.window.right - width)
        card = pygame.Rect(left, bar_area(page.layout).top - height - page.layout.gap_px // 2, width, height)
        page.card(card, 0.35 * em, page.theme.card)
        page.write(text, (card.left + em // 2, card.centery + DIGIT_EM * em / 2))


def _places(layout: Layout) -> list[tuple[pygame.Rect, tuple[shapes.Shape, Action, str]]]:
    """Each button with its rectangle: one row, or two where they would be too small for a finger."""
    bar = bar_area(layout)
    columns = -(-len(BUTTONS) // _rows(layout))
    each, tall = bar.width // columns, bar.height // _rows(layout)
    gap = max(round(0.012 * layout.unit_px), 2)
    placed = []
    for i, button in enumerate(BUTTONS):
        row, column = divmod(i, columns)
        left, top = bar.left + column * each + gap // 2, bar.top + row * tall + gap // 2
        placed.append((pygame.Rect(left, top, each - gap, tall - gap), button))
    return placed


def bar_area(layout: Layout) -> pygame.Rect:
    """What the buttons cover: the picture's lower edge, or the room below the number; never a digit."""
    h, rows, room = layout.unit_px, _rows(layout), _room(layout)
    width = min(room.width, round(0.165 * h) * -(-len(BUTTONS) // rows))
    tall = min(rows * min(round(0.14 * h), round(1.1 * width * rows / len(BUTTONS))), room.height)
    return pygame.Rect(room.centerx - width // 2, room.bottom - tall, width, tall)


def _room(layout: Layout) -> pygame.Rect:
    return layout.picture if layout.has_picture else layout.trend


def _rows(layout: Layout) -> int:
    room, h = _room(layout), layout.unit_px
    return 1 if room.width > _ROOMY * h or room.height < 0.25 * h else 2
