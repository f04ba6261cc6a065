"""How a session of the programme goes, gathered stride by stride, and what it comes to."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from coach.core.coaching.guards import Price
from coach.core.coaching.programme import SMALLEST_ASK_DEG, Practice, SessionPlan

FEWEST_UNFED_STRIDES: Final = 60
"""About 45 s of one leg without feedback; with fewer the fed blocks decide."""
FLICKED_THROUGH_DEG: Final = -2.0
"""A session's mean thigh this far behind the own baseline: its lift was flicked, and no step has held. Who folds brings
the thigh forward by 1° with 8° of lift (13 runners), and over hundreds of strides only slow wander is left (an
engineering choice)."""
PAID_SHARE: Final = 0.25
"""A quarter of the strides not counted is worth a word, and no step has held (an engineering choice)."""
LOST_DEG: Final = -2.0
"""A session this far below what held before takes the last step back: it did not stay."""


@dataclass(slots=True)
class _Sums:
    """Sums over strides."""

    strides: int = 0
    lift_deg: float = 0.0
    margin_deg: float = 0.0
    step_deg: float = 0.0
    thighs: int = 0
    thigh_deg: float = 0.0
    prices: Counter[Price] = field(default_factory=Counter)

    @property
    def price(self) -> str:
        """What was paid most often, where it was for a quarter of the strides."""
        if self.flicked:
            return Price.FLICK
        paid, strides = next(iter(self.prices.most_common(1)), ("", 0))
        return paid if strides >= PAID_SHARE * max(self.strides, 1) else ""

    @property
    def flicked(self) -> bool:
        """Whether the heel was flicked up behind over these strides; False where the thigh was not seen."""
        return self.thighs > 0 and self.thigh_deg / self.thighs < FLICKED_THROUGH_DEG

    def mean(self, total_deg: float) -> float:
        return total_deg / self.strides if self.strides else math.nan


class PracticeLog:
    """How today's practice goes, gathered stride by stride of the near leg."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._sums = {True: _Sums(), False: _Sums()}

    @property
    def asked(self) -> bool:
        """Whether any stride was asked for a step."""
        return any(sums.step_deg > 0 for sums in self._sums.values())

    def add(
        self,
        *,
        fed: bool,
        lift_deg: float,
        margin_deg: float,
        room_deg: float,
        thigh_deg: float = math.nan,
        price: Price | None = None,
    ) -> None:
        """One stride: its lift above what was shown before, and above the line from which the step counts as held.

        room_deg: how far the target lies above what was shown; near the ceiling that is less than the step.
        margin_deg is NaN where nothing is asked. thigh_deg: thigh at peak flexion against the own baseline; NaN where
        unknown. price: what it was bought with.
        """
        sums = self._sums[fed]
        sums.prices.update([price] if price else [])
        sums.strides += 1
        sums.lift_deg += lift_deg
        if not math.isnan(thigh_deg):
            sums.thighs += 1
            sums.thigh_deg += thigh_deg
        if not math.isnan(margin_deg):
            sums.margin_deg += margin_deg
            sums.step_deg += min(self._plan.step_deg, room_deg)

    def result(self, day: float) -> Practice:
        """What the session came to. Retention decides where it was measured."""
        fed, unfed = self._sums[True], self._sums[False]
        deciding = unfed if unfed.strides >= FEWEST_UNFED_STRIDES else fed
        step_deg = deciding.mean(deciding.step_deg) if deciding.strides else 0.0
        step_deg = step_deg if step_deg >= SMALLEST_ASK_DEG else 0.0
        return Practice(
            day=day,
            session=self._plan.session,
            step_deg=step_deg,
            fed_deg=fed.mean(fed.lift_deg),
            unfed_deg=unfed.mean(unfed.lift_deg),
            held=step_deg > 0 and deciding.margin_deg >= 0 and not deciding.price,
            lost=deciding.mean(deciding.lift_deg) < LOST_DEG,
            price=deciding.price,
        )
