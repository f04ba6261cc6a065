"""The strides that the window's means are of: the last trusted ones of the leg that is nearer to the camera now."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from coach.core.coaching.stride_record import StrideRecord
from coach.core.pipeline import Update

MEAN_OF: Final = 10
"""Strides that a mean is of: about 7 s of one leg."""
STALE_S: Final = 5.0
"""Strides that ended longer ago say nothing of now."""


class RecentStrides:
    """At most ten, all of one leg: who has turned round is measured at the other one, and its means begin anew."""

    def __init__(self) -> None:
        self._strides: deque[StrideRecord] = deque(maxlen=MEAN_OF)
        self._t_s = math.nan

    def step(self, update: Update) -> None:
        """Take one frame's strides."""
        self._t_s = update.t_s
        self._strides += [stride for stride in update.strides if stride.valid and stride.near]
        near = update.gait.view.near_side
        if near is not None and any(stride.side != near for stride in self._strides):
            self._strides = deque((stride for stride in self._strides if stride.side == near), maxlen=MEAN_OF)

    def now(self) -> list[StrideRecord]:
        """Those that still hold, oldest first; none where the last one is old."""
        if not self._strides or self._t_s - self._strides[-1].end_s > STALE_S:
            return []
        return [stride for stride in self._strides if self._t_s - stride.end_s <= STALE_S + MEAN_OF]

    def mean(self, name: str) -> float:
        """Of one of a stride's figures, over those that tell it; NaN where none does."""
        values = [value for stride in self.now() if not math.isnan(value := float(getattr(stride, name)))]
        return sum(values) / len(values) if values else math.nan
