"""What stands in place of the run: the set-up check before it, the keys beside it, how it was after it.

The set-up check is the list that ticks itself, and the first thing to mend in large letters; the page after a run is
one figure, what it means, and what comes next.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import pygame

from coach.core.coaching.coaching import Zone
from coach.core.setup.setup_check import SetupItem, SetupResult, SetupState, Unit, Verdict
from coach.core.units import kmh, mph
from coach.edges.screen import shapes
from coach.edges.screen.layout import Arrangement
from coach.edges.screen.overlays import draw_banner
from coach.edges.screen.page import Page, Weight, wrapped
from coach.edges.screen.readout import Banner
from coach.edges.screen.theme import DIGIT_EM, Colour
from coach.edges.screen.verdict import ZONE_SHAPES, Border, card_fill, draw_border, round_corners
from coach.ports import Finish
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


def draw_setup(page: Page, state: SetupState, units: Units, *, mirrored: bool = False, question: str = "") -> None:
    """Fill the window but for the picture with the check; `mirrored` as the picture is, so that facing agrees.

    question: what is asked meanwhile on a card along the lower edge. Beside the picture the check ends above it; below
    the picture, in a tall window, the rest of it comes once the answer is given.
    """
    page.surface.fill(page.theme.background)
    draw_border(page, Border.SETUP)
    layout = page.layout
    area = layout.panel.copy()
    pad = 2 * layout.gap_px
    tall = layout.arrangement is Arrangement.TALL
    top = area.top + round((1.9 if tall else 2.6) * page.em)
    title = page.words.line("screen.setup.title")
    page.write(title, (area.left + pad, area.top + round((1.3 if tall else 1.9) * page.em)), weight="bold")
    foot_left, foot_bottom = area.left + pad, layout.window.bottom - layout.border_px
    foot = round((1.9 if tall else 2.6) * page.em)
    free_to = _Question(page, question).card.top if question else foot_bottom
    if question and not tall:
        foot_bottom = free_to
        area.height = foot_bottom - area.top
        foot = round(1.8 * page.em)
    elif layout.arrangement is Arrangement.CLASSIC:
        foot_left, foot_bottom = layout.border_px + pad, foot_bottom - round(0.6 * page.em)
        foot = layout.gap_px
    step = (area.bottom - foot - top) / max(len(state.items), 1)
    for i, result in enumerate(state.items):
        row = pygame.Rect(area.left + pad, round(top + i * step), area.width - 2 * pad, round(step))
        if row.bottom > free_to:  # half a line can be read by nobody
            break
        _row(page, row, _as_in_a_mirror(result) if mirrored else result, units)
    else:
        _foot(page, state, foot_left, foot_bottom)


def draw_setup_banner(page: Page, state: SetupState) -> None:
    """What to mend first, or that all is good, on the picture."""
    if (first := state.first_to_mend) is not None and first.remedy:
        draw_banner(page, Banner("right", page.words.line(f"screen.{first.remedy}")))
    elif math.isfinite(state.starts_in_s) or state.done:
        draw_banner(page, Banner("tick", page.words.line("screen.setup.all_good")))


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
        tilts = result.item is SetupItem.LEVEL and round(result.value) != 0
        return page.words.signed(result.value, "°", 0) if tilts else page.words.number(result.value, "°")
    return f"{result.value:.0f} {result.unit.value}"


def _foot(page: Page, state: SetupState, left: int, bottom: int) -> None:
    """When it starts by itself, or how not to wait."""
    baseline = bottom - 0.75 * page.em
    if math.isfinite(state.starts_in_s):
        text = f"{page.words.line('screen.setup.starts_in')} {math.ceil(state.starts_in_s)}"
        page.write(text, (left, baseline), weight="bold")
    else:
        page.write(page.words.line("screen.setup.skip"), (left, baseline), colour=page.theme.muted)


def draw_help(page: Page, belt_deg: int = 0) -> None:
    """The keys, beside the picture where there is one. belt_deg: how much of the target is for the belt's help."""
    layout, em = page.layout, page.em
    h, inner = layout.unit_px, layout.window.inflate(-2 * layout.border_px, -2 * layout.border_px)
    alone = not layout.has_picture
    area = inner if alone else pygame.Rect(layout.panel.topleft, (layout.panel.width, inner.bottom - layout.panel.top))
    columns = 2 if alone and layout.arrangement is not Arrangement.TALL else 1
    rows = -(-len(KEY_CAPS) // columns)
    # In a tall window the keys need more than the panel.
    area.top = min(area.top, inner.bottom - round((3.2 + 1.15 * rows) * em))
    area.height = inner.bottom - area.top
    page.surface.fill(page.theme.background, area)
    page.surface.fill(
        page.theme.background, (inner.left, layout.panel.bottom, inner.width, inner.bottom - layout.panel.bottom)
    )
    pad = round((0.05 if columns == 2 else 0.02) * h)
    title = round(1.35 * em)
    page.write(page.words.line("screen.help.title"), (area.left + pad, area.top + 1.3 * title), em=title, weight="bold")
    told = page.words.line("screen.help.correction", deg=f"{belt_deg:+d}°") if belt_deg else ""
    foot = round(1.6 * em) if told and page.face.width(told, "medium", em) <= area.width - 2 * pad else round(0.3 * em)
    top = area.top + 1.7 * title
    step = (area.bottom - foot - top) / rows
    width = (area.width - pad) // columns
    for i, (key, name) in enumerate(KEY_CAPS):
        column, row = divmod(i, rows)
        place = pygame.Rect(
            area.left + pad + column * width, round(top + row * step), width - round(0.4 * em), round(step)
        )
        _draw_key(page, place, page.words.line("screen.help.space") if key == SPACE else key, name)
    if foot > em:
        page.write(told, (area.left + pad, area.bottom - 0.6 * em), colour=page.theme.muted)


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


def draw_finish(page: Page, finish: Finish) -> None:
    """Fill the window: one figure with what it means on a card, what comes next, and where to see more."""
    zone = {"below": Zone.BELOW, "good": Zone.IN_BAND, "above": Zone.ABOVE}.get(finish.mark)
    page.surface.fill(page.theme.background)
    draw_border(page, Border.MEASURING, zone)
    round_corners(page, Border.MEASURING, zone)
    h, border = page.layout.unit_px, page.layout.border_px
    margin = round((0.025 if page.layout.arrangement is Arrangement.TALL else 0.05) * h)
    area = page.layout.window.inflate(-2 * (border + margin), -2 * (border + margin // 2))
    for share in range(100, 49, -5):
        parts = _Finish(page, finish, zone, area.width, share / 100)
        if parts.height <= area.height:
            break
    else:
        # What comes next is read in the window; figures and address stand on the terminal as well.
        parts = _Finish(page, replace(finish, facts="", page=""), zone, area.width, share / 100)
    parts.draw(area.left, area.top)


LEAST_TEXT_SHARE: Final = 0.0405
"""Of the window's height: smaller letters are not read from a treadmill."""


class _Finish:
    """The page after a run at one size of its letters, so that the largest that fits can be taken."""

    def __init__(self, page: Page, finish: Finish, zone: Zone | None, width: int, share: float) -> None:
        h = page.layout.unit_px
        self._page, self._finish, self._zone, self._width = page, finish, zone, width
        self._least = round(LEAST_TEXT_SHARE * h)
        self._pad = round(0.035 * share * h)
        self._figure = page.face.largest(finish.figure, "bold", 0.5 * width, round(0.3 * share * h))
        self._says = self._wrapped(finish.says, 0.062 * share * h, width - 2 * self._pad)
        self._coming = self._wrapped(finish.coming, 0.085 * share * h, width, "bold")
        self._coming_says = self._wrapped(finish.coming_says, 0.052 * share * h, width)
        self._foot = [self._wrapped(text, LEAST_TEXT_SHARE * h, width) for text in (finish.facts, finish.page) if text]
        self._card = round(DIGIT_EM * self._figure + 2.6 * self._pad) + self._tall(self._says)
        self._gap = round(0.035 * share * h)
        self.height = (
            self._card
            + self._gap
            + sum(self._tall(part) for part in (self._coming, self._coming_says, *self._foot))
            + (self._gap if self._foot else 0)
        )

    def _wrapped(self, text: str, em: float, width: float, weight: Weight = "medium") -> tuple[list[str], int, Weight]:
        size = max(round(em), self._least)
        return (wrapped(text, self._page.face, size, width, weight) if text else []), size, weight

    @staticmethod
    def _tall(part: tuple[list[str], int, Weight]) -> int:
        return round(1.3 * part[1] * len(part[0]))

    def draw(self, left: int, top: int) -> None:
        """Draw it from this corner on."""
        page, zone = self._page, self._zone
        card = pygame.Rect(left, top, self._width, self._card)
        page.card(card, self._pad, card_fill(page.theme, zone))
        ink = page.theme.ink if zone else page.theme.text
        baseline = top + self._pad + DIGIT_EM * self._figure
        x = left + self._pad
        drawn = page.write(self._finish.figure, (x, baseline), em=self._figure, colour=ink, weight="bold")
        if zone:
            size = DIGIT_EM * self._figure
            page.mark(ZONE_SHAPES[zone], (drawn.right + self._pad + size / 2, baseline - size / 2), size, ink)
        self._lines(self._says, x, baseline + 0.5 * self._pad, ink)
        at = float(card.bottom + self._gap)
        at = self._lines(self._coming, left, at, page.theme.text)
        at = self._lines(self._coming_says, left, at, page.theme.text) + self._gap
        for part in self._foot:
            at = self._lines(part, left, at, page.theme.muted)

    def _lines(self, part: tuple[list[str], int, Weight], left: float, top: float, ink: Colour) -> float:
        lines, em, weight = part
        for i, line in enumerate(lines):
            self._page.write(line, (left, top + 1.3 * em * i + em), em=em, colour=ink, weight=weight)
        return top + self._tall(part)


class _Question:
    """A question on a card along the lower edge, with the two keys that answer it."""

    def __init__(self, page: Page, text: str) -> None:
        self._page, layout, em = page, page.layout, page.em
        width = layout.window.width - 2 * layout.border_px - 2 * layout.gap_px
        self._lines = wrapped(text, page.face, em, width - 2 * em, "bold")
        answers = [page.words.line(f"screen.question_{answer}") for answer in ("yes", "no")]
        self._beside = sum(page.face.width(said, "medium", em) + 3.5 * em for said in answers) <= width - em
        self._answers = [wrapped(said, page.face, em, width - 4 * em) for said in answers]
        self._rows = 1.0 if self._beside else sum(1 + 0.65 * (len(said) - 1) for said in self._answers)
        height = round((1.3 * len(self._lines) + 0.9 + 2 * self._rows) * em)
        bottom = layout.window.bottom - layout.border_px - layout.gap_px
        self.card = pygame.Rect(layout.border_px + layout.gap_px, bottom - height, width, height)

    def draw(self) -> None:
        """Draw it over what is there."""
        page, card, em = self._page, self.card, self._page.em
        # What lies below would look out under the card.
        page.surface.fill(page.theme.background, (card.left, card.top, card.width, card.height + page.layout.gap_px))
        page.card(card, 0.5 * em, page.theme.card)
        for i, line in enumerate(self._lines):
            page.write(line, (card.left + em, card.top + (1.4 + 1.3 * i) * em), weight="bold")
        left, middle = float(card.left + em), card.bottom + (0.9 - 2 * self._rows) * em
        for key, answer in zip("yn", self._answers, strict=True):
            cap = pygame.Rect(round(left), round(middle - 0.75 * em), round(1.5 * em), round(1.5 * em))
            page.card(cap, 0.3 * em, page.theme.rail)
            page.write(key, (cap.centerx, middle + 0.3 * em), weight="bold", align="centre")
            ends = [
                page.write(line, (cap.right + 0.5 * em, middle + (0.33 + 1.3 * i) * em))
                for i, line in enumerate(answer)
            ]
            if self._beside:
                left = ends[0].right + 1.5 * em
            else:
                middle += (2 + 1.3 * (len(answer) - 1)) * em


def draw_question(page: Page, text: str) -> None:
    """The question before the first programme."""
    _Question(page, text).draw()
