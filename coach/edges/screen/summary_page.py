"""The end of a run: three lines, and the one cue to take home."""

from __future__ import annotations

from typing import Final

import pygame

from coach.edges.screen.layout import Arrangement
from coach.edges.screen.overlays import wrapped
from coach.edges.screen.page import Page
from coach.edges.screen.panel import draw_border
from coach.edges.screen.readout import Border
from coach.edges.screen.typeface import DIGIT_EM


def draw_summary(page: Page, lines: tuple[str, ...], remember: str) -> None:
    """Fill the window."""
    page.surface.fill(page.theme.background)
    draw_border(page, Border.MEASURING)
    h = page.layout.window.height
    narrow = page.layout.arrangement is Arrangement.TALL
    left = page.layout.border_px + round((0.035 if narrow else 0.09) * h)
    width = page.layout.window.width - 2 * left
    title = page.words.line("screen.finished")
    most = round((0.05 if narrow else 0.075) * h)
    title_em = page.face.largest(title, "bold", width - 1.5 * most, most)
    top = round(0.12 * h) + title_em // 2
    page.mark("tick", (left + 0.5 * title_em, top - DIGIT_EM * title_em / 2), title_em, page.theme.in_band)
    page.write(title, (left + 1.5 * title_em, top), em=title_em, weight="bold")
    begins = top + 1.2 * title_em
    below = _Below(page, remember, width) if remember else None
    usual, least = round((0.0405 if narrow else 0.052) * h), round(LEAST_TEXT_SHARE * h)
    room = page.layout.window.bottom - 2 * page.layout.border_px - begins - (below.height if below else 0)
    em = next((em for em in range(usual, least, -1) if _depth(lines, page, em, width) <= room), least)
    baseline = begins
    for line in lines:
        for i, part in enumerate(wrapped(line, page.face, em, width)):
            baseline += NEXT_ROW * em if i else NEXT_LINE * em
            page.write(part, (left, baseline), em=em)
    if below is not None:
        below.draw(left, round(baseline + AFTER_LINES * em))


NEXT_LINE: Final = 1.85
NEXT_ROW: Final = 1.35
AFTER_LINES: Final = 1.3
"""Steps of the baseline in ems: to the next line, to the next row of the same one, and to the card below them all."""
LEAST_TEXT_SHARE: Final = 0.0405
"""Of the window's height: smaller letters are not read from a treadmill."""


def _depth(lines: tuple[str, ...], page: Page, em: int, width: int) -> float:
    """How far the lines reach down, with the space after them."""
    rows = [len(wrapped(line, page.face, em, width)) for line in lines]
    return em * (sum(NEXT_LINE + NEXT_ROW * (n - 1) for n in rows) + AFTER_LINES)


class _Below:
    """The cue on a card of its own."""

    def __init__(self, page: Page, text: str, width: int) -> None:
        self._page, self._width = page, width
        h = page.layout.window.height
        room = width - 0.09 * h
        self._em = max(page.face.largest(text, "bold", room, round(0.085 * h)), round(0.05 * h))
        self._lines = wrapped(text, page.face, self._em, room, "bold")
        self.height = round(2.1 * page.em + (1.3 * len(self._lines) + 0.6) * self._em)

    def draw(self, left: int, top: int) -> None:
        """Draw it with its corner there."""
        page, h = self._page, self._page.layout.window.height
        page.card(pygame.Rect(left, top, self._width, self.height), 0.03 * h, page.theme.banner_good)
        inner = left + 0.045 * h
        page.write(page.words.line("screen.remember"), (inner, top + 1.65 * page.em), colour=page.theme.ink)
        for i, line in enumerate(self._lines):
            baseline = top + 2.1 * page.em + (i + 0.95) * 1.3 * self._em
            page.write(line, (inner, baseline), em=self._em, colour=page.theme.ink, weight="bold")
