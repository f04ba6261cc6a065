"""What lies over the picture: cue banner, trust badge, notices, and the frame budget for whoever sets up a machine."""

from __future__ import annotations

import math
from typing import Final

import pygame

from coach.core.words import UNKNOWN, Words
from coach.edges.screen import shapes
from coach.edges.screen.page import Page, Typeface, Weight
from coach.edges.screen.panel import border_colour
from coach.edges.screen.readout import Banner, Border, Readout
from coach.edges.screen.theme import DIGIT_EM
from coach.ports import Load

BORDER_SHAPES: Final[dict[Border, shapes.Shape]] = {
    Border.MEASURING: "disc",
    Border.UNSURE: "dashes",
    Border.PAUSED: "bars",
    Border.LOST: "camera",
    Border.SETUP: "ring",
}


def draw_banner(page: Page, banner: Banner) -> None:
    """An arrow and a few words, as large as fits."""
    theme, place = page.theme, page.layout.banner
    fill = {
        "up": theme.banner_low,
        "down": theme.banner_high,
        "tick": theme.banner_good,
        "diamond": theme.banner_plain,
        "right": theme.banner_low,
    }[banner.mark]
    mark, pad = round(0.46 * place.height), round(0.3 * place.height)
    em = page.face.largest(banner.text, "bold", place.width - mark - round(2.7 * pad), round(0.56 * place.height))
    lines = [banner.text]
    if em < 1.2 * page.em:
        mark, pad, em = round(0.36 * place.height), round(0.2 * place.height), round(1.03 * page.em)
        lines = wrapped(banner.text, page.face, em, place.width - mark - round(2.7 * pad), "bold")
    width = mark + round(2.7 * pad) + max(page.face.width(line, "bold", em) for line in lines)
    page.card(pygame.Rect(place.topleft, (min(width, place.width), place.height)), 0.2 * place.height, fill)
    page.mark(banner.mark, (place.left + pad + mark / 2, place.centery), mark, theme.ink)
    left, step = place.left + round(1.7 * pad) + mark, 1.2 * em
    baseline = place.centery + DIGIT_EM * em / 2 - step * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        page.write(line, (left, baseline + i * step), em=em, colour=theme.ink, weight="bold")


def draw_badge(page: Page, readout: Readout) -> None:
    """The border's state in a shape and words: a card on the picture; in a tall window a line below it."""
    em, place = page.em, page.layout.badge
    text = page.words.line(f"screen.{readout.border.value}")
    colour, left = border_colour(readout.border, page.theme), float(place.left)
    if page.layout.upright:
        width = page.face.width(text, "bold", em) + round(2.5 * em)
        page.card(pygame.Rect(place.topleft, (width, place.height)), place.height // 3, page.theme.card)
        left += 0.65 * em
    page.mark(BORDER_SHAPES[readout.border], (left + 0.4 * em, place.centery), 0.8 * em, colour)
    page.write(text, (left + 1.15 * em, place.centery + DIGIT_EM * em / 2), weight="bold")


def draw_state(page: Page, readout: Readout) -> None:
    """A large mark in the middle of the picture while nothing is measured for a plain reason."""
    place, h = page.layout.picture, page.layout.window.height
    if readout.border not in {Border.PAUSED, Border.LOST} or place.width == 0:
        return
    size = min(0.17 * h, 0.3 * place.width)
    colour = border_colour(readout.border, page.theme)
    page.mark(BORDER_SHAPES[readout.border], (place.centerx, place.centery), size, colour)


def draw_notice(page: Page, text: str) -> None:
    """A short notice above the badge."""
    em, place = page.em, page.layout.notice
    lines = wrapped(text, page.face, em, place.width - 1.6 * em)
    step = round(1.25 * em)
    height = step * len(lines) + round(0.55 * em)
    width = max(page.face.width(line, "medium", em) for line in lines) + round(1.5 * em)
    card = pygame.Rect(place.left, place.bottom - height, width, height)
    page.card(card, 0.35 * em, page.theme.card)
    for i, line in enumerate(lines):
        page.write(line, (card.left + 0.75 * em, card.top + (i + 1) * step))


def wrapped(text: str, face: Typeface, em: int, width_px: float, weight: Weight = "medium") -> list[str]:
    """The text in lines no wider than `width_px`, where its words allow."""
    lines: list[str] = []
    for word in text.replace(" %", "\u00a0%").split(" "):
        if lines and face.width(f"{lines[-1]} {word}", weight, em) <= width_px:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def draw_load(page: Page, load: Load | None, drawing_ms: float) -> None:
    """A small table over the picture, below the banner."""
    em = page.em
    rows = _rows(page.words, load, drawing_ms)
    names = [page.words.line(f"screen.load.{key}") for key, _ in rows]
    name_width = max(page.face.width(name, "medium", em) for name in names)
    width = name_width + round(7.6 * em)
    step = round(1.3 * em)
    height = step * len(rows) + round(0.6 * em)
    layout = page.layout
    left = min(layout.banner.left, layout.window.right - layout.border_px - width)
    floor = (layout.picture.bottom or layout.window.bottom) - layout.gap_px
    top = max(min(layout.banner.bottom + layout.gap_px, floor - height), layout.border_px)
    card = pygame.Rect(left, top, width, height)
    page.card(card, 0.35 * em, page.theme.card)
    for i, (name, (_, value)) in enumerate(zip(names, rows, strict=True)):
        baseline = card.top + (i + 1) * step
        page.write(name, (card.left + 0.6 * em, baseline), colour=page.theme.muted)
        page.write(value, (card.right - 0.6 * em, baseline), align="right")


def draw_budget(page: Page, load: Load | None, drawing_ms: float, *, muted: bool) -> None:
    """The same in one line, for the view that has room for it: poses a second and what a frame costs."""
    if load is None or not math.isfinite(load.pose_fps):
        return
    place = page.layout.mode
    number = page.words.number
    full = f"{number(load.pose_fps)}/s, {number(load.pose_ms)} + {number(drawing_ms)} ms"
    right = page.layout.window.right - page.layout.border_px - page.layout.gap_px
    room = right - place.right - 3 * page.em
    if muted:
        # The word for it reaches beyond its place.
        room -= page.face.width(page.words.line("screen.muted"), "medium", page.em)
    text = page.fit((full, f"{number(load.pose_fps)}/s", ""), room)
    page.write(text, (right, place.top + 0.86 * page.em), colour=page.theme.muted, align="right")


def _rows(words: Words, load: Load | None, drawing_ms: float) -> tuple[tuple[str, str], ...]:
    drawing = ("drawing", _number(words, drawing_ms, "ms", digits=1))
    if load is None:
        return (drawing,)
    return (
        ("source", _number(words, load.source_fps, "/s", digits=1)),
        ("pose", f"{_number(words, load.pose_fps, '/s', digits=1)}, {_number(words, load.pose_ms, 'ms')}"),
        ("screen", _number(words, load.screen_fps, "/s", digits=1)),
        drawing,
        ("decision", _number(words, load.grab_to_decision_ms, "ms")),
        ("picture", _number(words, load.grab_to_picture_ms, "ms")),
        ("dropped", _number(words, load.dropped_pct, "%", digits=1)),
    )


def _number(words: Words, value: float, unit: str, digits: int = 0) -> str:
    return words.number(value, f" {unit}", digits) if math.isfinite(value) else UNKNOWN
