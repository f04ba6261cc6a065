"""What guards the lift: how the runner steps and stands beside it, against the own baseline.

More lift can be bought with slower steps, with leaping, with a foot that lands farther ahead, or with a trunk that
leans. None of these is coached; a rise that was surely bought so is told and not counted, and no more is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from coach.core.gait import Stride


class Price(StrEnum):
    """What a rise was bought with. The value ends the keys of its lines of words."""

    FLICK = "flick"
    """The heel was kicked up behind (`coach.core.coaching.fold`)."""
    CADENCE = "cadence"
    BOUNCE = "bounce"
    OVERSTRIDE = "overstride"
    LEAN = "lean"


class Mean(NamedTuple):
    """A mean over strides and its one-sigma uncertainty; NaN for what no stride told."""

    value: float
    se: float


UNKNOWN: Final = Mean(math.nan, math.nan)
Means = Mapping[Price, Mean]
"""How the runner steps and stands, by what could pay for a lift; what is not known may be left out."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One measure that must not pay for the lift, and where its line lies."""

    price: Price
    field: str
    """Of a stride."""
    sd: str = ""
    """Its own uncertainty in one stride, where the mean stride's is told; else strides are independent."""
    share: float = 0.0
    apart: float = 0.0
    """The line: the own value times 1 + `share`, plus `apart`."""
    rises: bool = True
    """Whether more of it is the price; else less."""
    sure: float = 0.0
    """By how many standard errors the line must be passed."""

    def paid(self, now: Mean, usual: Mean) -> bool:
        """Whether the line is surely passed; False where either is unknown."""
        line = usual.value * (1 + self.share) + self.apart
        sign = 1.0 if self.rises else -1.0
        doubt = self.sure * math.hypot(now.se, 0.0 if math.isnan(usual.se) else usual.se)
        return sign * (now.value - line) - doubt > 0

    def mean(self, strides: Sequence[Stride]) -> Mean:
        """Over at least one stride."""
        values = [value for stride in strides if math.isfinite(value := float(getattr(stride, self.field)))]
        n = len(values)
        if n == 0:
            return UNKNOWN
        mean = sum(values) / n
        spread = sum([(value - mean) ** 2 for value in values]) / (n - 1) if n > 1 else 0.0
        told = [sd for stride in strides if self.sd and math.isfinite(sd := float(getattr(stride, self.sd)))]
        error = sum([sd**2 for sd in told]) / len(told) if told else 0.0
        return Mean(mean, math.sqrt(spread / n + error / max(n / TEMPLATE_STRIDES, 1.0)))


STEEP_PCT: Final = 3.0
"""On a belt that climbs or falls by this, 1.7°, or more runners lean, land and bend the knee in another way than on the
level: neither of the first two is a price there, and no lift is held against one of another such incline (an
engineering choice; 1 % is what many set to make up for the missing air. docs/science.md has what is known)."""
ON_THE_LEVEL: Final = frozenset({Price.OVERSTRIDE, Price.LEAN})


def steep(incline_pct: float) -> bool:
    """Whether trunk and landing tell nothing at this incline, or change of it; False where it is not known."""
    return abs(incline_pct) >= STEEP_PCT


def like_incline(one_pct: float, other_pct: float) -> bool:
    """Whether what is run at both may be held against each other; where nobody told an incline it was level."""
    level_pct = [0.0 if math.isnan(pct) else pct for pct in (one_pct, other_pct)]
    return not steep(round(level_pct[0] - level_pct[1], 6))  # 4.1 - 1.1 is 3, and no hair less


def telling(means: Means, incline_pct: float) -> Means:
    """Those of the means that tell something at this incline."""
    return {p: mean for p, mean in means.items() if not (steep(incline_pct) and p in ON_THE_LEVEL)}


TEMPLATE_STRIDES: Final = 3.0
"""Strides that the template remembers, and which so err together."""
GUARDS: Final = (
    Guard(Price.CADENCE, "cadence_spm", share=-0.05, rises=False),
    Guard(Price.BOUNCE, "vertical_oscillation_ll", share=0.10, sure=1.0),
    Guard(Price.OVERSTRIDE, "foot_ahead_ll", "own_foot_ahead_sd_ll", apart=0.03, sure=2.0),
    Guard(Price.LEAN, "trunk_lean_deg", "own_trunk_sd_deg", apart=4.0, sure=2.0),
)
"""Cadence: at one speed 10 steps a minute fewer go with 3–4° more flexion (26 runners, Fukuchi 2017); beyond 5 %, 8
steps a minute, lift would come from stepping slower. Bounce: more flexion goes with more of it (the same runners);
more than a tenth is leaping. Foot: 3 % of a leg, 2.6 cm, is more than runners differ by (2.0–2.3 %, 13 of them) and
three times what one runner's strides do (0.9 %). Trunk: 4° is what runners differ by (4.4°, Teng & Powers 2015). The
lines are engineering choices."""
_OF: Final = {guard.price: guard for guard in GUARDS}


def stand(strides: Sequence[Stride]) -> Means:
    """How the runner steps and stands over at least one stride."""
    return {guard.price: guard.mean(strides) for guard in GUARDS}


def price(now: Means, usual: Means) -> Price | None:
    """What is surely paid against the own baseline, the first of the guards; None while nothing is."""
    paid = (p for p, guard in _OF.items() if guard.paid(now.get(p, UNKNOWN), usual.get(p, UNKNOWN)))
    return next(paid, None)
