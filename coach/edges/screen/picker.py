"""Choosing in the window, by number key, click or arrows: a camera by its name and preview, a runner by the name."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pygame

from coach.edges.screen.page import Page
from coach.edges.screen.picture import Canvas, Cut, paint, surface_of
from coach.edges.screen.theme import DIGIT_EM
from coach.edges.screen.window import Window
from coach.ports import ImageBGR

_PAUSE_S: Final = 1 / 30
_COLUMNS: Final = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One camera or runner: what stands for it, such as what `--source` takes, and its name."""

    source: str
    name: str


Preview = Callable[[Choice], ImageBGR | None]
"""One picture of a camera; None where it is busy. May take seconds: it is asked for once a camera, on a thread of its
own, but for macOS, where cameras are opened on the main thread."""
_ON_MAIN_THREAD: Final = sys.platform == "darwin"
_LET_GO_S: Final = 5.0
"""How long the choice waits for a camera that is being opened, so that it is not still taken when the run wants it."""


@dataclass(slots=True)
class _Gallery:
    """Choices with their previews, as far as they are there, and which one is marked."""

    title: str
    choices: Sequence[Choice]
    marked: int
    has_previews: bool = True
    previews: dict[int, ImageBGR | None] = field(default_factory=dict)

    def key(self, event: pygame.event.Event) -> int | None:
        """The choice that a key makes; arrows only move the mark."""
        number = int(event.key) - pygame.K_1
        if 0 <= number < len(self.choices):
            return number
        if event.key in {pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE}:
            return self.marked
        step = {pygame.K_RIGHT: 1, pygame.K_DOWN: _COLUMNS, pygame.K_LEFT: -1, pygame.K_UP: -_COLUMNS}.get(event.key, 0)
        if 0 <= self.marked + step < len(self.choices):
            self.marked += step
        return None


def pick_camera(window: Window, choices: Sequence[Choice], preview: Preview, last: str | None = None) -> Choice | None:
    """Let the runner choose; the camera of last time is marked. None where the runner closes or there is no window."""
    gallery = _Gallery("screen.picker.title", choices, _marked(choices, last))
    with _looking(gallery, preview) as look:
        return _picked(window, gallery, look)


def pick_runner(window: Window, choices: Sequence[Choice], last: str | None = None) -> Choice | None:
    """Let the runner say who they are; who ran last is marked. None where the window is closed."""
    gallery = _Gallery("screen.picker.who", choices, _marked(choices, last), has_previews=False)
    return _picked(window, gallery, lambda: time.sleep(_PAUSE_S))


def _marked(choices: Sequence[Choice], last: str | None) -> int:
    return next((i for i, choice in enumerate(choices) if last in {choice.source, choice.name}), 0)


def _picked(window: Window, gallery: _Gallery, rest: Callable[[], object]) -> Choice | None:
    """What was chosen; `rest` takes a short breath between two pictures of the window."""
    while gallery.choices and window.is_open:
        try:
            areas = window.present(lambda page: _draw(page, gallery))
            for event in pygame.event.get():
                chosen = _chosen(event, gallery, areas)
                if chosen is not None:
                    return gallery.choices[chosen] if chosen >= 0 else None
        except pygame.error:
            return None
        rest()
    return None


@contextmanager
def _looking(gallery: _Gallery, preview: Preview) -> Iterator[Callable[[], object]]:
    """Previews come while the window lives; what is yielded takes a short breath between two pictures of it."""
    enough = threading.Event()

    def look_at_next() -> bool:
        waiting = next((i for i in range(len(gallery.choices)) if i not in gallery.previews), None)
        if waiting is None or enough.is_set():
            return False
        gallery.previews[waiting] = preview(gallery.choices[waiting])
        return True

    def look_or_rest() -> None:
        if not look_at_next():
            time.sleep(_PAUSE_S)

    if _ON_MAIN_THREAD:
        yield look_or_rest
        return

    def look_at_all() -> None:
        while look_at_next():
            pass

    worker = threading.Thread(target=look_at_all, name="previews", daemon=True)
    worker.start()
    try:
        yield lambda: time.sleep(_PAUSE_S)
    finally:
        enough.set()
        worker.join(_LET_GO_S)


def tell(window: Window, key: str) -> None:
    """One line in the middle of the window, while something takes its time. Harmless without a window."""

    def draw(page: Page) -> None:
        page.surface.fill(page.theme.background)
        page.write(page.words.line(key), page.layout.window.center, em=round(1.5 * page.em), align="centre")

    with suppress(pygame.error):
        window.present(draw)
        # What was pressed meanwhile waits for the run.
        pygame.event.pump()


def _chosen(event: pygame.event.Event, gallery: _Gallery, areas: Sequence[pygame.Rect]) -> int | None:
    """The choice that an event makes; -1 to go without one."""
    if event.type == pygame.QUIT:
        return -1
    if event.type == pygame.KEYDOWN:
        return -1 if event.key in {pygame.K_ESCAPE, pygame.K_q} else gallery.key(event)
    if event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT:
        return next((i for i, area in enumerate(areas) if area.collidepoint(event.pos)), None)
    return None


def _draw(page: Page, gallery: _Gallery) -> list[pygame.Rect]:
    """Title and a grid of previews; the cards' rectangles come back."""
    h, em = page.layout.unit_px, page.em
    page.surface.fill(page.theme.background)
    page.write(page.words.line(gallery.title), (0.04 * h, 0.095 * h), em=round(0.06 * h), weight="bold")
    width = page.layout.window.width - round(0.08 * h)
    columns = min(len(gallery.choices), _COLUMNS if width > 1.2 * h else 1)
    rows = math.ceil(len(gallery.choices) / columns)
    gap, top = round(0.025 * h), round(0.14 * h)
    tall = page.layout.window.height - top
    size = (width - gap * (columns - 1)) // columns, (tall - gap * (rows + 1)) // rows
    if not gallery.has_previews:
        size = size[0], min(size[1], 4 * em)
    areas = []
    for i in range(len(gallery.choices)):
        row, column = divmod(i, columns)
        area = pygame.Rect(round(0.04 * h) + column * (size[0] + gap), top + row * (size[1] + gap), *size)
        page.card(area, 0.02 * h, page.theme.accent if i == gallery.marked else page.theme.card)
        inner = area.inflate(-2 * max(h // 120, 2), -2 * max(h // 120, 2))
        page.card(inner, 0.015 * h, page.theme.card)
        if gallery.has_previews:
            _preview(page, inner, gallery, i)
        label = pygame.Rect(inner.left, inner.bottom - round(1.9 * em), inner.width, round(1.9 * em))
        if not gallery.has_previews:
            label.centery = inner.centery
        name = _shortened(page, f"{i + 1}  {gallery.choices[i].name}", label.width - em)
        page.write(name, (label.left + em / 2, label.centery + DIGIT_EM * em / 2), weight="bold")
        areas.append(area)
    return areas


def _preview(page: Page, card: pygame.Rect, gallery: _Gallery, number: int) -> None:
    place = pygame.Rect(card.left, card.top, card.width, card.height - round(1.9 * page.em))
    if place.height < 8:
        return
    image = gallery.previews.get(number)
    if image is None:
        text = page.words.line("screen.picker.busy" if number in gallery.previews else "screen.picker.opening")
        line = _shortened(page, text, place.width - page.em)
        page.write(line, place.center, colour=page.theme.muted, align="centre")
        return
    height, width = image.shape[:2]
    canvas: Canvas = np.empty((place.height, place.width, 3), np.uint8)
    scale = min(place.width / width, place.height / height)
    paint(image, canvas, Cut(width / 2, height / 2, scale), page.theme.card, mirrored=False)
    page.surface.blit(surface_of(canvas), place)


def _shortened(page: Page, text: str, width_px: float) -> str:
    """A name of any length, cut where the room ends."""
    if page.face.width(text, "bold", page.em) <= width_px:
        return text
    while len(text) > 1 and page.face.width(f"{text}…", "bold", page.em) > width_px:
        text = text[:-1]
    return f"{text.rstrip()}…"
