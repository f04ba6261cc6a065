"""The view without a picture says how the runner steps, from strides that are trusted and fresh."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pygame

from coach.core.pipeline import Update
from coach.core.words import Words
from coach.edges.screen.layout import View
from coach.edges.screen.painter import Painter
from coach.edges.screen.readout import MEASURES_STALE_S, Measures
from coach.ports import Frame, LiveStatus
from coach.settings import ScreenSettings
from tests import kept


def shown(*updates: Update) -> dict[str, str]:
    measures = Measures()
    for update in updates:
        measures.step(update)
    return dict(measures.rows(Words(lines={"stride.contact_time_s": "contact"})))


def updates(duration_s: float = 10.0) -> list[Update]:
    return list(kept.run(duration_s))


def with_contact(update: Update, contact_s: float) -> Update:
    return replace(update, strides=tuple(replace(one, contact_time_s=contact_s) for one in update.strides))


def test_the_mean_of_the_last_ten_near_strides_is_shown() -> None:
    before = [with_contact(update, 0.3) for update in updates(10.0)]
    after = [with_contact(update, 0.2) for update in updates(20.0) if update.t_s > 10.0]

    assert shown(*before)["contact"] == "300 ms"
    assert shown(*before, *after)["contact"] == "200 ms"


def test_what_no_stride_tells_is_not_shown() -> None:
    assert shown() == {}
    assert shown(*(with_contact(update, math.nan) for update in updates())) == {}


def test_old_strides_say_nothing_of_now() -> None:
    run = updates()
    later = replace(run[-1], t_s=run[-1].t_s + MEASURES_STALE_S + 1, strides=())

    assert shown(*run)
    assert shown(*run, later) == {}


def test_the_numbers_view_has_a_line_of_it() -> None:
    pygame.font.init()

    def drawn(*, known: bool) -> np.ndarray:
        painter = Painter(ScreenSettings(), "metric", Words())
        painter.view = View.NUMBERS
        surface = pygame.Surface((1280, 720))
        status = LiveStatus(0.0, paused=False, muted=False, source_lost=False, mode="treadmill")
        for update in updates(3.0):
            told = update if known else with_contact(update, math.nan)
            frame = Frame(0, told.t_s, np.zeros((48, 64, 3), np.uint8))
            painter.draw(surface, frame, told, status, 0.0)
        return pygame.surfarray.array3d(surface)

    differs = np.argwhere((drawn(known=True) != drawn(known=False)).any(axis=2))
    left, top = differs.min(axis=0)
    assert left > 640
    assert top > 40
