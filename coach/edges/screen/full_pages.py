"""What stands in place of the run: the set-up check before it, the keys, the summary after it.

The set-up check is the list that ticks itself, and the first thing to mend in large letters; the summary is three lines
and the one cue to take home.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import pygame

from coach.core.setup.setup_check import SetupItem, SetupResult, SetupState, Unit, Verdict
from coach.core.units import kmh, mph
from coach.edges.screen import shapes
from coach.edges.screen.layout import Arrangement
from coach.edges.screen.overlays import draw_banner
from coach.edges.screen.page import Page, Weight, wrapped
from coach.edges.screen.readout import Banner
from coach.edges.screen.theme import DIGIT_EM, Colour
from coach.edges.screen.verdict import Border, draw_border
from coach.settings import Units

SPACE: Final = "space"
"""The one key whose name is a word; its words are the runner's language's."""
KEY_CAPS: Final = (
    ("+ −", "belt_speed"),
    (SPACE, "pause"),
    ("b", "baseline"),
    ("m", "mute"),
    ("v", "view"),
    ("l", "side"),
    ("c", "curve"),
    ("g", "form"),
    ("s", "snapshot"),
    ("o", "hurts"),
    ("f", "fullscreen"),
    ("t", "theme"),
    ("r", "mirror"),
    ("d", "load"),
    ("h", "help"),
    ("q", "finish"),
)
"""What is written on the key → key of the words beside it."""


def draw_setup(page: Page, state: SetupState, units: Units, *, mirrored: bool = False) -> None:
    """Fill the window but for the picture with the check; `mirrored` as the picture is, so that facing agrees."""
    page.surface.fill(page.theme.background)
    draw_border(page, Border.SETUP)
    layout = page.layout
    area = pygame.Rect(layout.panel.left, layout.panel.top, layout.panel.width, layout.panel.height)
    pad = 2 * layout.gap_px
    tall = layout.arrangement is Arrangement.TALL
    top = area.top + round((1.9 if tall else 2.6) * page.em)
    title = page.words.line("screen.setup.title")
    page.write(title, (area.left + pad, area.top + round((1.3 if tall else 1.9) * page.em)), weight="bold")
    foot = layout.gap_px if layout.arrangement is Arrangement.CLASSIC else round((1.9 if tall else 2.6) * page.em)
    step = (area.bottom - foot - top) / max(len(state.items), 1)
    for i, result in enumerate(state.items):
        row = pygame.Rect(area.left + pad, round(top + i * step), area.width - 2 * pad, round(step))
        _row(page, row, _as_in_a_mirror(result) if mirrored else result, units)
    _foot(page, state)


def draw_setup_banner(page: Page, state: SetupState) -> None:
    """What to mend first, or that all is good, on the picture."""
    if math.isfinite(state.starts_in_s) or state.done:
        draw_banner(page, Banner("tick", page.words.line("screen.setup.all_good")))
    elif (first := state.first_to_mend) is not None and first.remedy:
        draw_banner(page, Banner("right", page.words.line(f"screen.{first.remedy}")))


def _row(page: Page, row: pygame.Rect, result: SetupResult, units: Units) -> None:
    em, theme = page.em, page.theme
    baseline = row.centery + DIGIT_EM * em / 2
    name, colour = _mark(page, result.verdict)
    page.mark(name, (row.left + 0.5 * em, row.centery), 0.95 * em, colour)
    left = row.left + 1.6 * em
    weight: Weight = "bold" if result.verdict is Verdict.MEND else "medium"
    candidates = page.words.either(f"screen.setup.{result.told or result.item.value}")
    if result.remedy:
        candidates = (page.words.line(f"screen.{result.remedy}"), *candidates)
    text = page.fit(candidates, row.right - left, weight)
    value = _value(page, result, units)
    room = row.right - left - page.face.width(value, "medium", em) - 0.5 * em
    shorter = page.fit(candidates, room, weight)
    if page.face.width(shorter, weight, em) <= room:
        # The measured value stays: where it leaves no room for the remedy, the banner has the first one to follow.
        text = shorter
    ink = theme.muted if result.verdict is Verdict.WAITING else theme.text
    drawn = page.write(text, (left, baseline), colour=ink, weight=weight)
    if drawn.right + 0.5 * em <= row.right - page.face.width(value, "medium", em):
        page.write(value, (row.right, baseline), colour=theme.muted, align="right")


def _as_in_a_mirror(result: SetupResult) -> SetupResult:
    return replace(result, word={"left": "right", "right": "left"}.get(result.word, result.word))


def _mark(page: Page, verdict: Verdict) -> tuple[shapes.Shape, Colour]:
    if verdict is Verdict.OK:
        return "tick", page.theme.in_band
    return ("up", page.theme.below) if verdict is Verdict.MEND else ("ring", page.theme.muted)


def _value(page: Page, result: SetupResult, units: Units) -> str:
    """The measured number with its unit, or the word that stands for it."""
    if result.word:
        return page.words.line(f"screen.{result.word}")
    if not math.isfinite(result.value):
        return ""
    if result.unit is Unit.SPEED:
        value = kmh(result.value) if units == "metric" else mph(result.value)
        return page.words.number(value, f" {'km/h' if units == 'metric' else 'mph'}", 1)
    if result.unit is Unit.DEGREES:
        sign = "+" if result.item is SetupItem.LEVEL and round(result.value) > 0 else ""
        return f"{sign}{result.value:.0f}°".replace("-0°", "0°")
    return f"{result.value:.0f} {result.unit.value}"


def _foot(page: Page, state: SetupState) -> None:
    """When it starts by itself, or how not to wait."""
    layout = page.layout
    baseline = layout.window.bottom - layout.border_px - 0.75 * page.em
    left = layout.panel.left + 2 * layout.gap_px
    if layout.arrangement is Arrangement.CLASSIC:
        left = layout.border_px + 2 * layout.gap_px
        baseline -= 0.6 * page.em
    if math.isfinite(state.starts_in_s):
        text = f"{page.words.line('screen.setup.starts_in')} {math.ceil(state.starts_in_s)}"
        page.write(text, (left, baseline), weight="bold")
    else:
        page.write(page.words.line("screen.setup.skip"), (left, baseline), colour=page.theme.muted)


def draw_help(page: Page, belt_deg: int = 0) -> None:
    """Cover the window inside the border. belt_deg: how much of the target is added for the belt's help."""
    layout, h = page.layout, page.layout.window.height
    inner = layout.window.inflate(-2 * layout.border_px, -2 * layout.border_px)
    page.surface.fill(page.theme.background, inner)
    columns = 1 if layout.arrangement is Arrangement.TALL else 2
    rows = -(-len(KEY_CAPS) // columns)
    pad = round((0.02 if columns == 1 else 0.05) * h)
    top = inner.top + round(0.13 * h)
    title_em = round(0.065 * h)
    page.write(
        page.words.line("screen.help.title"), (inner.left + pad, inner.top + 0.085 * h), em=title_em, weight="bold"
    )
    if belt_deg:
        told = page.words.line("screen.help.correction", deg=f"{belt_deg:+d}°")
        taken = page.face.width(page.words.line("screen.help.title"), "bold", title_em) + 2 * pad
        told = page.fit((told, ""), inner.width - taken - pad)
        page.write(told, (inner.right - pad, inner.top + 0.085 * h), colour=page.theme.muted, align="right")
    step = (inner.bottom - round(0.03 * h) - top) / rows
    width = (inner.width - pad) // columns
    for i, (key, name) in enumerate(KEY_CAPS):
        column, row = divmod(i, rows)
        area = pygame.Rect(
            inner.left + pad + column * width, round(top + row * step), width - round(0.4 * page.em), round(step)
        )
        _draw_key(page, area, page.words.line("screen.help.space") if key == SPACE else key, name)


def _draw_key(page: Page, area: pygame.Rect, key: str, name: str) -> None:
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


def draw_question(page: Page, text: str) -> None:
    """The question before the first programme, on a card along the lower edge, with the two keys that answer it."""
    layout, em = page.layout, page.em
    width = layout.window.width - 2 * layout.border_px - 2 * layout.gap_px
    lines = wrapped(text, page.face, em, width - 2 * em, "bold")
    answers = [(key, page.words.line(f"screen.question_{answer}")) for key, answer in (("y", "yes"), ("n", "no"))]
    across = sum(page.face.width(said, "medium", em) + 3.5 * em for _, said in answers)
    rows = 1 if across <= width - em else 2
    height = round((1.3 * len(lines) + 0.9 + 2 * rows) * em)
    bottom = layout.window.bottom - layout.border_px - layout.gap_px
    card = pygame.Rect(layout.border_px + layout.gap_px, bottom - height, width, height)
    page.card(card, 0.5 * em, page.theme.card)
    for i, line in enumerate(lines):
        page.write(line, (card.left + em, card.top + (1.4 + 1.3 * i) * em), weight="bold")
    left: float = card.left + em
    for i, (key, said) in enumerate(answers):
        middle = card.bottom - (1.1 + (2 * (1 - i) if rows > 1 else 0)) * em
        cap = pygame.Rect(round(left), round(middle - 0.75 * em), round(1.5 * em), round(1.5 * em))
        page.card(cap, 0.3 * em, page.theme.rail)
        page.write(key, (cap.centerx, middle + 0.3 * em), weight="bold", align="centre")
        drawn = page.write(said, (cap.right + 0.5 * em, middle + 0.33 * em))
        left = left if rows > 1 else drawn.right + 1.5 * em
