"""What lies over the picture: cue banner, sign of trust, notices, and the budget of a frame for whoever sets up."""

from __future__ import annotations

import math

import pygame

from coach.core.words import UNKNOWN, Words
from coach.edges.screen.page import Page, wrapped
from coach.edges.screen.readout import Banner, Readout
from coach.edges.screen.theme import DIGIT_EM
from coach.edges.screen.verdict import BORDER_SHAPES, Border, border_colour
from coach.ports import Load


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
    """Whether the camera measures, small and plain: it is no verdict."""
    em, place, theme = page.em, page.layout.badge, page.theme
    text = page.words.line(f"screen.{readout.border.value}")
    if readout.muted:
        text = page.fit((f"{text} · {page.words.line('screen.muted')}", text), place.width - 2.5 * em)
    width = page.face.width(text, "medium", em) + round((4 if readout.muted else 2.5) * em)
    card = pygame.Rect(place.topleft, (width, place.height))
    card.right = min(card.right, page.layout.card.right) if not page.layout.has_picture else card.right
    page.card(card, place.height // 3, theme.card)
    left = card.left + 0.65 * em
    page.mark(BORDER_SHAPES[readout.border], (left + 0.4 * em, place.centery), 0.7 * em, theme.muted)
    drawn = page.write(text, (left + 1.15 * em, place.centery + DIGIT_EM * em / 2), colour=theme.muted)
    if readout.muted:
        page.mark("muted", (drawn.right + 0.9 * em, place.centery), 0.9 * em, theme.muted)


def draw_state(page: Page, readout: Readout) -> None:
    """A large mark in the middle of the picture while nothing is measured for a plain reason."""
    place, h = page.layout.picture, page.layout.unit_px
    if readout.border not in {Border.PAUSED, Border.LOST} or not page.layout.has_picture:
        return
    size = min(0.17 * h, 0.3 * place.width)
    colour = border_colour(readout.border, page.theme)
    page.mark(BORDER_SHAPES[readout.border], (place.centerx, place.centery), size, colour)


def draw_notice(page: Page, text: str, *, banner: bool) -> None:
    """A short notice: high on the picture, where it hides no heel, or above the badge while a banner is there."""
    em, place = page.em, page.layout.notice
    lines = wrapped(text, page.face, em, place.width - 1.6 * em, most_px=place.width - 0.8 * em)
    step = round(1.25 * em)
    height = step * len(lines) + round(0.55 * em)
    width = max(page.face.width(line, "medium", em) for line in lines) + round(1.5 * em)
    card = pygame.Rect(place.left, place.bottom - height, width, height)
    if page.layout.has_picture and not banner:
        card.topleft = page.layout.banner.topleft
    page.card(card, 0.35 * em, page.theme.card)
    for i, line in enumerate(lines):
        page.write(line, (card.left + 0.75 * em, card.top + (i + 1) * step))


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
