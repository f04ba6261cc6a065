"""What cues did: the 20 strides after each heel-lift cue against the 20 before it.

Only cues that reached the runner count, and only where enough trusted strides of the cue's leg lie on both sides at an
unchanged speed and incline. Strides before a cue are low by the cue's own rule, so that a part of any rise is chance
(regression to the mean); the interval does not know that, and the page says so.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.cues import CueKind
from coach.core.coaching.guards import like_incline
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import SIDES, Side
from coach.core.session.change import near_valid, of_side
from coach.core.session.intervals import Interval, mean_interval
from coach.core.session.records import KeptCue

STRIDES: Final = 20
_FEWEST_AROUND: Final = 10
"""Half of the strides on each side must be trusted."""
LONGEST_GAP_S: Final = 30.0
"""Twenty strides take 14 s; what lies farther from the cue is not its doing."""
FEWEST_CUES: Final = 3
FLICKED_BACK_DEG: Final = -2.0
"""A thigh that falls back by more over the strides after cues: what rose there was flicked (an engineering choice, that
of the programme)."""
SAME_SPEED_MPS: Final = 0.1


@dataclass(frozen=True, slots=True)
class CueOutcome:
    """One cue: mean peak flexion of the leg it was about, before and after it; NaN where too little was trusted.

    The near leg where it was about both or none.

    Of a cue that asks for the heel under the runner it is the thigh at peak flexion.
    """

    cue: KeptCue
    before_deg: float
    after_deg: float
    thigh_deg: float = math.nan
    """Change of the thigh at peak flexion: what rises while it falls is flicked, not lifted."""

    @property
    def difference_deg(self) -> float:
        """After minus before."""
        return self.after_deg - self.before_deg


@dataclass(frozen=True, slots=True)
class CueEffect:
    """All cues of one kind. `mean` is None where the cues are too few to say anything."""

    kind: CueKind
    given: int
    reached: int
    """Those that were heard or shown."""
    outcomes: tuple[CueOutcome, ...]
    mean: Interval | None
    thigh: Interval | None = None
    """Change of the thigh at peak flexion."""

    @property
    def flicked(self) -> bool:
        """Whether the thigh surely fell back over the cues."""
        return self.thigh is not None and self.thigh.high < 0 and self.thigh.estimate <= FLICKED_BACK_DEG

    @property
    def worked(self) -> bool | None:
        """Whether the lift surely moved the way the cue asked, folded; None where nothing can be said."""
        if self.mean is None:
            return None
        if self.kind.traits.wants == "less":
            return self.mean.high < 0
        return self.mean.low > 0 and not self.flicked

    @property
    def bought(self) -> bool:
        """Whether the lift surely rose as the cue asked, and only because the heel was flicked up behind."""
        return self.mean is not None and self.mean.low > 0 and self.kind.traits.wants == "more" and self.flicked

    @property
    def opposed(self) -> bool:
        """Whether what was asked surely went the other way."""
        if self.mean is None:
            return False
        return self.mean.low > 0 if self.kind.traits.wants == "less" else self.mean.high < 0


def cue_effects(strides: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> tuple[CueEffect, ...]:
    """The effect of each kind of heel-lift cue that was given."""
    legs: dict[Side | None, list[StrideRecord]] = {None: near_valid(strides)}
    for side in SIDES:
        legs[side] = of_side(strides, side)
    kinds = [kind for kind in CueKind if kind.traits.wants and any(cue.kind is kind for cue in cues)]
    return tuple(_effect(kind, legs, [cue for cue in cues if cue.kind is kind]) for kind in kinds)


def _effect(kind: CueKind, legs: Mapping[Side | None, Sequence[StrideRecord]], cues: Sequence[KeptCue]) -> CueEffect:
    reached = [cue for cue in cues if cue.channels]
    outcomes = tuple(_outcome(cue, legs[cue.side]) for cue in reached)
    differences = [outcome.difference_deg for outcome in outcomes if not math.isnan(outcome.difference_deg)]
    mean = mean_interval(differences) if len(differences) >= FEWEST_CUES else None
    thighs = [outcome.thigh_deg for outcome in outcomes if not math.isnan(outcome.thigh_deg)]
    return CueEffect(kind, len(cues), len(reached), outcomes, mean, mean_interval(thighs))


def _outcome(cue: KeptCue, leg: Sequence[StrideRecord]) -> CueOutcome:
    at = bisect_left(leg, cue.t_s, key=lambda kept: kept.start_s)
    before = [k for k in leg[max(0, at - STRIDES) : at] if k.end_s >= cue.t_s - LONGEST_GAP_S]
    after = [k for k in leg[at : at + STRIDES] if k.start_s <= cue.t_s + LONGEST_GAP_S]
    if min(len(before), len(after)) < _FEWEST_AROUND or _speed_changed(before, after):
        return CueOutcome(cue, math.nan, math.nan)
    thighs = [_mean_thigh_deg(group) for group in (before, after)]
    lifts = [float(np.mean([kept.peak_knee_flexion_deg for kept in group])) for group in (before, after)]
    before_deg, after_deg = thighs if cue.kind.traits.wants == "under" else lifts
    return CueOutcome(cue, before_deg, after_deg, thighs[1] - thighs[0])


def _mean_thigh_deg(strides: Sequence[StrideRecord]) -> float:
    """NaN where most of the strides did not show it."""
    known = [kept.thigh_at_peak_deg for kept in strides if not math.isnan(kept.thigh_at_peak_deg)]
    return float(np.mean(known)) if len(known) >= len(strides) / 2 else math.nan


def _speed_changed(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> bool:
    around = (*before, *after)
    speeds = [kept.speed_mps for kept in around if not math.isnan(kept.speed_mps)]
    doubted = any(kept.speed_doubted for kept in around)
    climbed = not all(like_incline(kept.incline_pct, around[0].incline_pct) for kept in around)
    return doubted or climbed or (bool(speeds) and max(speeds) - min(speeds) > SAME_SPEED_MPS)
