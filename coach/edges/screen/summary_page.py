"""The end of a run: three lines, and the one cue to take home."""

from __future__ import annotations

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
    title = page.words("finished")
    most = round((0.05 if narrow else 0.075) * h)
    title_em = page.face.largest(title, "bold", width - 1.5 * most, most)
    top = round(0.12 * h) + title_em // 2
    page.mark("tick", (left + 0.5 * title_em, top - DIGIT_EM * title_em / 2), title_em, page.theme.in_band)
    page.write(title, (left + 1.5 * title_em, top), em=title_em, weight="bold")
    em = round((0.0405 if narrow else 0.052) * h)
    baseline = float(top + 1.2 * title_em)
    for line in lines:
        for i, part in enumerate(wrapped(line, page.face, em, width)):
            baseline += 1.35 * em if i else 1.85 * em
            page.write(part, (left, baseline), em=em)
    if remember:
        _remember(page, pygame.Rect(left, round(baseline + 1.3 * em), width, h), remember)


def _remember(page: Page, below: pygame.Rect, text: str) -> None:
    """The cue on a card of its own."""
    h = page.layout.window.height
    room = below.width - 0.09 * h
    em = page.face.largest(text, "bold", room, round(0.085 * h))
    if em < 0.05 * h:
        em = round(0.05 * h)
    lines = wrapped(text, page.face, em, room, "bold")
    height = round(2.1 * page.em + (1.3 * len(lines) + 0.6) * em)
    page.card(pygame.Rect(below.left, below.top, below.width, height), 0.03 * h, page.theme.banner_good)
    left = below.left + 0.045 * h
    page.write(page.words("remember"), (left, below.top + 1.65 * page.em), colour=page.theme.ink)
    for i, line in enumerate(lines):
        baseline = below.top + 2.1 * page.em + (i + 0.95) * 1.3 * em
        page.write(line, (left, baseline), em=em, colour=page.theme.ink, weight="bold")
