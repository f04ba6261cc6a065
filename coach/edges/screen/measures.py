"""How the runner steps, beside the heel lift: means of the last near strides, for the view that has room for them."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from coach.core.coaching.stride_record import SHOWN, StrideRecord
from coach.core.pipeline import Update
from coach.core.words import Words
from coach.edges.screen.page import Page

MEAN_OF: Final = 10
"""Strides, as many as the number of the heel lift."""
STALE_S: Final = 5.0
"""Strides that ended longer ago say nothing of now."""


class Measures:
    """The measures that have a place on the screen, over the last trusted strides of the near leg."""

    def __init__(self) -> None:
        self._strides: deque[StrideRecord] = deque(maxlen=MEAN_OF)

    def step(self, update: Update) -> None:
        """Take one frame's strides."""
        self._strides += [stride for stride in update.strides if stride.valid and stride.near]
        while self._strides and update.t_s - self._strides[0].end_s > STALE_S + MEAN_OF:
            self._strides.popleft()
        if self._strides and update.t_s - self._strides[-1].end_s > STALE_S:
            self._strides.clear()

    def rows(self, words: Words) -> tuple[tuple[str, str], ...]:
        """Each measure's name with its figure; none while no stride tells it."""
        found: list[tuple[str, str]] = []
        for column in SHOWN:
            shown, mean = column.note.shown, self._mean(column.name)
            if shown is not None and "screen" in shown.where and not math.isnan(mean):
                figure = words.number(shown.scale * mean, words.name(shown.unit, shown.unit), shown.digits)
                found.append((words.name(f"stride.{column.name}", shown.label), figure))
        return tuple(found)

    def _mean(self, name: str) -> float:
        values = [value for stride in self._strides if not math.isnan(value := float(getattr(stride, name)))]
        return sum(values) / len(values) if values else math.nan


def draw_measures(page: Page, measures: Measures) -> None:
    """One line each, at the upper right, below the frame budget."""
    right = page.layout.window.right - page.layout.border_px - page.layout.gap_px
    baseline = page.layout.mode.top + 0.86 * page.em
    for name, figure in measures.rows(page.words):
        baseline += 1.4 * page.em
        text = page.fit((f"{name} {figure}", ""), right - page.layout.gauge_labels.left)
        page.write(text, (right, baseline), colour=page.theme.muted, align="right")
