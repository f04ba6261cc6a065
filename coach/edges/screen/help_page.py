"""The keys, large, on the whole window."""

from __future__ import annotations

from typing import Final

import pygame

from coach.edges.screen.layout import Arrangement
from coach.edges.screen.page import Page
from coach.edges.screen.typeface import DIGIT_EM

SPACE: Final = "space"
"""The one key whose name is a word; its words are the runner's language's."""
KEYS: Final = (
    ("+ −", "belt_speed"),
    (SPACE, "pause"),
    ("b", "baseline"),
    ("m", "mute"),
    ("v", "view"),
    ("l", "side"),
    ("c", "curve"),
    ("s", "snapshot"),
    ("f", "fullscreen"),
    ("t", "theme"),
    ("r", "mirror"),
    ("d", "load"),
    ("h", "help"),
    ("q", "finish"),
)
"""What is written on the key → key of the words beside it."""


def draw_help(page: Page) -> None:
    """Cover the window inside the border."""
    layout, h = page.layout, page.layout.window.height
    inner = layout.window.inflate(-2 * layout.border_px, -2 * layout.border_px)
    page.surface.fill(page.theme.background, inner)
    columns = 1 if layout.arrangement is Arrangement.TALL else 2
    rows = -(-len(KEYS) // columns)
    pad = round((0.02 if columns == 1 else 0.05) * h)
    top = inner.top + round(0.13 * h)
    title_em = round(0.065 * h)
    page.write(
        page.words.line("screen.help.title"), (inner.left + pad, inner.top + 0.085 * h), em=title_em, weight="bold"
    )
    step = (inner.bottom - round(0.03 * h) - top) / rows
    width = (inner.width - pad) // columns
    for i, (key, name) in enumerate(KEYS):
        column, row = divmod(i, rows)
        area = pygame.Rect(
            inner.left + pad + column * width, round(top + row * step), width - round(0.4 * page.em), round(step)
        )
        _key(page, area, page.words.line("screen.help.space") if key == SPACE else key, name)


def _key(page: Page, area: pygame.Rect, key: str, name: str) -> None:
    em = page.em
    cap_height = min(round(1.75 * em), round(area.height * 0.86))
    cap = pygame.Rect(area.left, area.centery - cap_height // 2, _cap_width(page), cap_height)
    page.card(cap, 0.3 * em, page.theme.rail)
    baseline = area.centery + DIGIT_EM * em / 2
    # Small letters have no ascender to centre on; they look centred a little higher.
    drop = 0.0 if len(key) > 1 or key in "bdfhlt" else 0.1 * em
    page.write(key, (cap.centerx, baseline - drop), weight="bold", align="centre")
    left = cap.right + round(0.5 * em)
    page.write(page.fit(page.words.either(f"screen.help.{name}"), area.right - left), (left, baseline))


def _cap_width(page: Page) -> int:
    return page.face.width(page.words.line("screen.help.space"), "bold", page.em) + page.em // 2
