"""What the frame and the card say: what to do now, or why nothing is said.

The verdict alone has a colour: orange and ▲ for higher, green and a tick for good, purple and ▼ for lower. Whatever is
no verdict stays grey or blue and is told by its pattern, its mark and its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

import pygame

from coach.core.coaching.coaching import Zone
from coach.edges.screen import shapes
from coach.edges.screen.page import LEFT, Align, Page, wrapped
from coach.edges.screen.theme import DIGIT_EM, Colour, Theme


class Border(StrEnum):
    """What the pattern of the frame says: whether the camera measures."""

    MEASURING = "measuring"
    LOADING = "loading"
    """The first picture is there, and what finds the runner in it is not yet."""
    UNSURE = "unsure"
    PAUSED = "paused"
    LOST = "camera_lost"
    SETUP = "setup.title"


BORDER_SHAPES: Final[dict[Border, shapes.Shape]] = {
    Border.MEASURING: "disc",
    Border.LOADING: "ring",
    Border.UNSURE: "dashes",
    Border.PAUSED: "bars",
    Border.LOST: "camera",
    Border.SETUP: "ring",
}
ZONE_SHAPES: Final[dict[Zone, shapes.Shape]] = {Zone.BELOW: "up", Zone.IN_BAND: "tick", Zone.ABOVE: "down"}
"""An arrow points where the heel should go."""
KEYS: Final = "+ / −"
"""What answers a question for the belt's speed."""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do or to know."""

    mark: shapes.Shape
    lines: tuple[str, ...]
    """Its wordings, longest first."""
    note: str = ""
    """A few words more, in ordinary letters."""
    zone: Zone | None = None
    """The verdict, which gives frame and card their colour; None where nothing is judged."""
    progress: float | None = None
    """Share of warm-up or baseline that is done, in hundredths; None without such a stage."""


def zone_colour(theme: Theme, zone: Zone | None) -> Colour:
    """Colour of a verdict on the window's ground; plain where nothing is judged."""
    if zone is None:
        return theme.text
    return {Zone.BELOW: theme.below, Zone.IN_BAND: theme.in_band, Zone.ABOVE: theme.above}[zone]


def border_colour(border: Border, theme: Theme, zone: Zone | None = None) -> Colour:
    """The verdict's colour; without one a colour that judges nothing."""
    if zone is not None and border is Border.MEASURING:
        return zone_colour(theme, zone)
    return {
        Border.MEASURING: theme.quiet,
        Border.LOADING: theme.muted,
        Border.UNSURE: theme.muted,
        Border.PAUSED: theme.accent,
        Border.LOST: theme.text,
        Border.SETUP: theme.accent,
    }[border]


def draw_border(page: Page, border: Border, zone: Zone | None = None) -> None:
    """Solid while measuring, dashed while unsure or loading, dotted while paused, long dashes without a camera."""
    colour, thick = border_colour(border, page.theme, zone), page.layout.border_px
    width, height = page.layout.window.size
    dash, space = {
        Border.MEASURING: (width + height, 0),
        Border.LOADING: (3 * thick, 3 * thick),
        Border.UNSURE: (5 * thick, 2 * thick),
        Border.PAUSED: (thick, thick),
        Border.LOST: (12 * thick, 4 * thick),
        Border.SETUP: (3 * thick, 3 * thick),
    }[border]
    for left in range(0, width, dash + space):
        for top in (0, height - thick):
            page.surface.fill(colour, (left, top, dash, thick))
    for top in range(0, height, dash + space):
        for left in (0, width - thick):
            page.surface.fill(colour, (left, top, thick, dash))


def round_corners(page: Page, border: Border, zone: Zone | None = None) -> None:
    """Soften the inner corners of a solid border; broken ones need their corners."""
    if border is not Border.MEASURING:
        return
    radius, thick = 2 * page.layout.border_px, page.layout.border_px
    width, height = page.layout.window.size
    for right, bottom in product((False, True), repeat=2):
        piece = shapes.corner(radius, border_colour(border, page.theme, zone), right=right, bottom=bottom)
        left = width - thick - radius if right else thick
        page.surface.blit(piece, (left, height - thick - radius if bottom else thick))


def draw_card(page: Page, card: Card) -> None:
    """Fill its place: the mark at the left, or above the words where the place is more square."""
    place = page.layout.card
    page.card(place, 0.2 * min(place.height, page.layout.lift_number.height), card_fill(page.theme, card.zone))
    pad = round(0.16 * min(place.height, page.layout.lift_number.height))
    inner = place.inflate(-2 * pad, -2 * pad)
    if card.progress is not None:
        inner.height -= _progress(page, inner, card.progress)
    stacked = place.height > STACKED_FROM * place.width
    mark = round((0.42 if stacked else 0.86 if card.zone else 0.62) * inner.height)
    words = pygame.Rect(inner.left + mark + pad, inner.top, inner.width - mark - pad, inner.height)
    if stacked:
        words = pygame.Rect(inner.left, inner.top + mark + pad, inner.width, inner.height - mark - pad)
    if not stacked and page.face.width(card.note, "medium", page.em) > words.width:
        # The words go first; the sign of trust has the same mark.
        words, mark = inner, 0
    colour = page.theme.ink if card.zone else page.theme.muted
    centre = (inner.centerx, inner.top + mark / 2) if stacked else (inner.left + mark / 2, inner.centery)
    if mark:
        page.mark(card.mark, centre, mark, colour)
    _words(page, card, words, "centre" if stacked else LEFT)


STACKED_FROM: Final = 0.4
"""Height against width."""
VERDICT_SHARE: Final = 0.5
"""Height of an instruction's letters against the digits of the number; the least there is."""


def verdict_em(page: Page) -> int:
    """The least em size of an instruction."""
    return -int(-VERDICT_SHARE * page.layout.lift_number_em_px // 1)


def _words(page: Page, card: Card, room: pygame.Rect, align: Align) -> None:
    """The largest letters that the first wording finds room for, and the note below."""
    asks = card.mark == "question"
    note_em = round(1.5 * page.em) if asks and room.height > 3.5 * page.em else page.em
    notes = wrapped(card.note, page.face, note_em, room.width) if card.note else []
    note_step = round(1.25 * note_em)
    most = min(room.height - note_step * len(notes), 3 * page.layout.lift_number_em_px // 4)
    least = verdict_em(page) if card.zone else round(1.2 * page.em)
    lines = tuple(line.upper() for line in card.lines) if card.zone else card.lines
    most = max(most, least)
    text = page.face.fit(lines, "bold", least, room.width)
    em = page.face.largest(text, "bold", room.width, most if card.zone else min(most, 2 * page.em))
    tall = DIGIT_EM * em + note_step * len(notes)
    x = room.centerx if align == "centre" else room.left
    baseline = room.centery - tall / 2 + DIGIT_EM * em
    ink = page.theme.ink if card.zone else page.theme.text
    page.write(text, (x, baseline), em=em, weight="bold", colour=ink, align=align)
    for i, note in enumerate(notes):
        page.write(
            note,
            (x, baseline + (i + 1) * note_step),
            em=note_em,
            weight="bold" if asks else "medium",
            colour=page.theme.text if asks else page.theme.muted,
            align=align,
        )


def card_fill(theme: Theme, zone: Zone | None) -> Colour:
    """Ground of a card with this verdict, or with none."""
    if zone is None:
        return theme.card
    return {Zone.BELOW: theme.banner_low, Zone.IN_BAND: theme.banner_good, Zone.ABOVE: theme.banner_high}[zone]


def _progress(page: Page, inner: pygame.Rect, share: float) -> int:
    """How much of warm-up or baseline is done, along the card's lower edge; the height that it took."""
    thick = max(round(0.3 * page.em), 3)
    bar = pygame.Rect(inner.left, inner.bottom - thick, inner.width, thick)
    page.card(bar, thick // 2, page.theme.rail)
    done = pygame.Rect(bar.left, bar.top, max(round(share * bar.width), thick), thick)
    page.card(done, thick // 2, page.theme.accent)
    return 2 * thick
