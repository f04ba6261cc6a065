"""The view without a picture says how the runner steps, from strides that are trusted and fresh."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pygame
import pytest

from bench.scenes import update as moment
from coach.core.pipeline import Update
from coach.core.pose import Side
from coach.core.words import Words
from coach.edges.screen.curve import TREND_S, LiftTrend
from coach.edges.screen.layout import View
from coach.edges.screen.painter import Painter
from coach.edges.screen.readout import Measures
from coach.edges.screen.recent_strides import STALE_S
from coach.ports import Frame, LiveStatus
from coach.settings import ScreenSettings
from tests import kept

OTHER: dict[Side | None, Side] = {"left": "right", "right": "left"}
STATUS = LiveStatus(0.0, paused=False, muted=False, source_lost=False, mode="treadmill")


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


def turned(update: Update) -> Update:
    """The same moment of somebody who has turned round: the other leg is the nearer one."""
    strides = tuple(replace(one, near=not one.near) for one in update.strides)
    view = replace(update.gait.view, facing=OTHER[update.gait.view.near_side])
    return replace(update, strides=strides, gait=update.gait._replace(view=view))


def test_after_a_turn_the_means_are_of_the_leg_that_is_near_now_alone() -> None:
    before = [with_contact(update, 0.3) for update in updates(10.0)]
    after = [turned(with_contact(update, 0.2)) for update in updates(13.0) if update.t_s > 10.0]
    strides = [one for update in after for one in update.strides if one.near and one.valid]

    assert 0 < len(strides) < 10, "fewer than a mean holds"
    assert shown(*before, *after)["contact"] == "200 ms"


def test_after_a_turn_curve_and_trend_begin_anew() -> None:
    pygame.font.init()
    painter = Painter(ScreenSettings(), "metric", Words())
    surface = pygame.Surface((1280, 720))
    before = list(updates(10.0))
    for update in before:
        painter.draw(surface, Frame(0, update.t_s, np.zeros((48, 64, 3), np.uint8)), update, STATUS, 0.0)
    assert painter._knee.usual() is not None
    other = turned(replace(before[-1], t_s=before[-1].t_s + 0.1, strides=()))
    painter.draw(surface, Frame(0, other.t_s, np.zeros((48, 64, 3), np.uint8)), other, STATUS, 0.0)

    assert painter._knee.usual() is None
    assert len(painter._trend.now()) == 1


def test_old_strides_say_nothing_of_now() -> None:
    run = updates()
    later = replace(run[-1], t_s=run[-1].t_s + STALE_S + 1, strides=())

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


def test_the_trend_is_five_minutes_with_gaps_where_nothing_was_trusted() -> None:
    trend = LiftTrend()
    for i in range(4000):
        t_s = i / 10
        trend.step(t_s, math.nan if 200 <= t_s < 210 else 90.0 + t_s / 100)
    seen = trend.now()
    assert len(seen) == TREND_S + 1
    assert (seen[0, 0], seen[-1, 0]) == (0.0, 1.0)
    assert np.isnan(seen[:, 1]).sum() == 10
    assert seen[-1, 1] - seen[0, 1] == pytest.approx(TREND_S / 100)


def test_a_trend_is_drawn_below_the_number_once_there_is_one() -> None:
    pygame.font.init()

    def drawn(seconds: int) -> np.ndarray:
        painter = Painter(ScreenSettings(), "metric", Words())
        for t_s in range(seconds):
            painter._trend.step(-seconds + t_s, 97.0)
        surface = pygame.Surface((1280, 720))
        painter.draw(surface, Frame(0, 1.0, np.zeros((48, 64, 3), np.uint8)), moment(None, 1.0), STATUS, 0.0)
        area = painter.layout.trend
        return pygame.surfarray.array3d(surface)[area.left : area.right, area.top : area.bottom]

    assert len(np.unique(drawn(1).reshape(-1, 3), axis=0)) == 1, "nothing yet"
    assert len(np.unique(drawn(60).reshape(-1, 3), axis=0)) > 2
