"""Did the cues work? The 20 strides after each heel-lift cue against the 20 before it.

Only cues that reached the runner count, and only where enough trusted strides of the leg lie on both
sides at an unchanged speed. Strides before a cue are low by the cue's own rule, so that a part of any rise
is chance (regression to the mean); the interval does not know that, and the page says so.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.change import Interval, mean_interval, near_valid
from coach.core.session.records import KeptCue

STRIDES: Final = 20
FEWEST: Final = 10
"""Half of the strides on each side must be trusted."""
LONGEST_GAP_S: Final = 30.0
"""Twenty strides take 14 s; what lies farther from the cue is not its doing."""
FEWEST_CUES: Final = 3
SAME_SPEED_MPS: Final = 0.1


@dataclass(frozen=True, slots=True)
class CueOutcome:
    """One cue: mean peak flexion of the near leg before and after it; NaN where too little was trusted."""

    cue: KeptCue
    before_deg: float
    after_deg: float

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

    @property
    def worked(self) -> bool | None:
        """Whether the lift surely moved the way the cue asked; None where nothing can be said."""
        if self.mean is None:
            return None
        return self.mean.high < 0 if self.kind.traits.wants == "less" else self.mean.low > 0


def cue_effects(strides: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> tuple[CueEffect, ...]:
    """The effect of each kind of heel-lift cue that was given."""
    near = near_valid(strides)
    kinds = [kind for kind in CueKind if kind.traits.wants and any(cue.kind is kind for cue in cues)]
    return tuple(_effect(kind, near, [cue for cue in cues if cue.kind is kind]) for kind in kinds)


def _effect(kind: CueKind, near: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> CueEffect:
    reached = [cue for cue in cues if cue.channels]
    starts_s = [kept.start_s for kept in near]
    outcomes = tuple(_outcome(cue, near, starts_s) for cue in reached)
    differences = [outcome.difference_deg for outcome in outcomes if not math.isnan(outcome.difference_deg)]
    mean = mean_interval(differences) if len(differences) >= FEWEST_CUES else None
    return CueEffect(kind, len(cues), len(reached), outcomes, mean)


def _outcome(cue: KeptCue, near: Sequence[StrideRecord], starts_s: Sequence[float]) -> CueOutcome:
    at = bisect_left(starts_s, cue.t_s)
    before = [k for k in near[max(0, at - STRIDES) : at] if k.end_s >= cue.t_s - LONGEST_GAP_S]
    after = [k for k in near[at : at + STRIDES] if k.start_s <= cue.t_s + LONGEST_GAP_S]
    if min(len(before), len(after)) < FEWEST or _speed_changed(before, after):
        return CueOutcome(cue, math.nan, math.nan)
    means = [float(np.mean([kept.peak_knee_flexion_deg for kept in group])) for group in (before, after)]
    return CueOutcome(cue, *means)


def _speed_changed(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> bool:
    speeds = [kept.speed_mps for kept in (*before, *after) if not math.isnan(kept.speed_mps)]
    return bool(speeds) and max(speeds) - min(speeds) > SAME_SPEED_MPS
