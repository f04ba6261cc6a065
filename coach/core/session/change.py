"""What the strides allow to be said: a change with its interval, or that nothing can be said; and what cues did.

Neighbouring strides resemble each other, so intervals are taken over means of five strides each (Welch's t, 95 %), not
over single strides.

The effect of cues: the 20 strides after each heel-lift cue against the 20 before it. Only cues that reached the
runner count, and only where enough trusted strides of the cue's leg lie on both sides at an unchanged speed. Strides
before a cue are low by the cue's own rule, so that a part of any rise is chance (regression to the mean); the interval
does not know that, and the page says so.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from coach.core.coaching.cue_rules import FLICKED_DEG
from coach.core.coaching.cues import CueKind
from coach.core.coaching.guards import GUARDS, Mean, Price
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import SIDES, Side
from coach.core.session.near_leg import of_near_leg
from coach.core.session.records import KeptCue
from coach.core.units import FloatArray

BLOCK: Final = 5
FEWEST: Final = 15
"""Three means a side are the least from which a spread can be taken."""
LEVEL: Final = 0.95
SMALLEST_DEG: Final = 1.5
"""The SD of a runner's own strides: a mean that moved by less is no change worth a sentence."""
STEADY_DEG: Final = 3.0
"""The smallest step that is coached: what lies surely inside is called steady."""
LIKE_SPEED_MPS: Final = 0.25


class Verdict(StrEnum):
    """What may be said of a difference."""

    RISEN = "risen"
    FALLEN = "fallen"
    STEADY = "steady"
    UNCLEAR = "unclear"
    TOO_FEW = "too few strides"
    SPEED_CHANGED = "no like speed"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval and how many values stand behind it."""

    estimate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """Peak flexion before and after, at a like speed; `difference` is None where too little is known."""

    verdict: Verdict
    before_deg: float
    after_deg: float
    difference: Interval | None
    strides: tuple[int, int]
    speed_mps: float = math.nan
    middle_deg: float = math.nan
    """Of the strides between the two, at their speed; NaN where too few were seen."""
    strayed: bool = False
    """Whether these surely lay above both, or below both."""

    @property
    def held(self) -> bool:
        """Whether the angle was seen to stay where it was, in between, too."""
        ends = (self.before_deg, self.after_deg)
        return self.verdict is Verdict.STEADY and all(abs(self.middle_deg - end) <= STEADY_DEG for end in ends)

    @property
    def whole_deg(self) -> float:
        """The difference as both angles are shown, so that they add up; its own where they read the same."""
        shown = round(self.after_deg) - round(self.before_deg)
        return float(shown or round(self.after_deg - self.before_deg))


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The mean of independent values with its interval; None for fewer than three."""
    known = np.array([value for value in values if not math.isnan(value)])
    if known.size < 3:
        return None
    mean, half = float(known.mean()), _reach(known.size - 1, float(known.std(ddof=1)) / math.sqrt(known.size))
    return Interval(mean, mean - half, mean + half, int(known.size))


def difference_interval(before: Sequence[float], after: Sequence[float]) -> Interval | None:
    """Strides after minus strides before with its interval; None where either side has fewer than `FEWEST`."""
    if min(len(before), len(after)) < FEWEST:
        return None
    return difference_of_means(_block_means(before), _block_means(after))


def difference_of_means(before: FloatArray, after: FloatArray) -> Interval | None:
    """Welch's interval for independent values; None where either side has fewer than two."""
    if min(before.size, after.size) < 2:
        return None
    difference, n = float(after.mean() - before.mean()), int(before.size + after.size)
    parts = (before.var(ddof=1) / before.size, after.var(ddof=1) / after.size)
    spread = float(sum(parts))
    if spread <= 0:
        return Interval(difference, difference, difference, n)
    # Satterthwaite's; scipy's own test warns of values that hardly differ, as those of a made run.
    freedom = spread**2 / sum(part**2 / (k - 1) for part, k in zip(parts, (before.size, after.size), strict=True))
    half = _reach(freedom, math.sqrt(spread))
    return Interval(difference, difference - half, difference + half, n)


def over_the_run(strides: Sequence[StrideRecord]) -> Change:
    """Near leg, first against last third of the run, at the speed that both share most."""
    near = near_valid(strides)
    if len(near) < 2 * FEWEST:
        return Change(Verdict.TOO_FEW, math.nan, math.nan, None, (0, 0))
    first, last = thirds(near)
    change = between(first, last)
    return change if change.difference is None else _with_middle(change, first, near[len(first) : -len(last)], last)


def _with_middle(change: Change, *parts: Sequence[StrideRecord]) -> Change:
    """The same, and what the strides between the first and the last did. parts: first, middle, last."""
    speed = speed_bin(change.speed_mps)
    first, middle, last = (_peaks([kept for kept in part if speed_bin(kept.speed_mps) == speed]) for part in parts)
    steps = [step for end in (first, last) if (step := difference_interval(end, middle)) is not None]
    if len(steps) < 2:
        return change
    away = [one.estimate for one in steps if one.low * one.high > 0 and abs(one.estimate) >= STEADY_DEG]
    strayed = len(away) == len(steps) and math.prod(away) > 0
    return replace(change, middle_deg=float(np.mean(middle)), strayed=strayed)


def between(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> Change:
    """Two groups of valid strides of one leg, compared at the speed that both share most."""
    speed, olds, news = _at_like_speed(before, after)
    old, new = _peaks(olds), _peaks(news)
    counts = (len(old), len(new))
    difference = difference_interval(old, new)
    if difference is None:
        enough = min(len(before), len(after)) >= FEWEST
        verdict = Verdict.SPEED_CHANGED if enough else Verdict.TOO_FEW
        return Change(verdict, math.nan, math.nan, None, counts, speed)
    verdict = verdict_of(difference)
    return Change(verdict, float(np.mean(old)), float(np.mean(new)), difference, counts, speed)


def bought_with(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> Price | None:
    """What a rise from one group of valid strides to another was surely bought with; None where with nothing.

    The lines are those that guard the lift in a run; here the whole interval of the change must lie on their side.
    """
    _, old, new = _at_like_speed(before, after)
    thigh = _change_of("thigh_at_peak_deg", old, new)
    if thigh is not None and thigh.high < 0 and thigh.estimate < FLICKED_DEG:
        return Price.FLICK
    for guard in GUARDS:
        change = _change_of(guard.field, old, new)
        if change is None or change.low * change.high <= 0:
            continue
        if guard.paid(Mean(guard.mean(new).value, 0.0), Mean(guard.mean(old).value, 0.0)):
            return guard.price
    return None


def _change_of(field: str, before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> Interval | None:
    old, new = ([v for kept in group if not math.isnan(v := getattr(kept, field))] for group in (before, after))
    return difference_interval(old, new)


def against(before_deg: float, before_se_deg: float, speed_mps: float, after: Sequence[StrideRecord]) -> Change:
    """Valid strides of one leg against a baseline from elsewhere, at its speed; `before_se_deg` is its error."""
    like = [kept.peak_knee_flexion_deg for kept in after if abs(kept.speed_mps - speed_mps) <= LIKE_SPEED_MPS / 2]
    means = _block_means(like)
    if len(like) < FEWEST or means.size < 2:
        verdict = Verdict.SPEED_CHANGED if len(after) >= FEWEST else Verdict.TOO_FEW
        return Change(verdict, math.nan, math.nan, None, (0, len(like)), speed_mps)
    se = math.hypot(before_se_deg, float(means.std(ddof=1)) / math.sqrt(means.size))
    half = _reach(means.size - 1, se)
    step = float(means.mean()) - before_deg
    difference = Interval(step, step - half, step + half, len(like))
    return Change(verdict_of(difference), before_deg, float(means.mean()), difference, (0, len(like)), speed_mps)


def near_valid(strides: Sequence[StrideRecord]) -> list[StrideRecord]:
    """Valid strides of the near leg with a known peak, in time order."""
    return _in_order(of_near_leg(strides))


def _in_order(strides: Iterable[StrideRecord]) -> list[StrideRecord]:
    """The valid ones with a known peak, in time order."""
    known = [kept for kept in strides if kept.valid and not math.isnan(kept.peak_knee_flexion_deg)]
    return sorted(known, key=lambda kept: kept.start_s)


def thirds(strides: Sequence[StrideRecord]) -> tuple[list[StrideRecord], list[StrideRecord]]:
    """The strides of the first and of the last third of the time that they span."""
    start_s, end_s = strides[0].start_s, strides[-1].start_s
    third_s = (end_s - start_s) / 3
    return (
        [kept for kept in strides if kept.start_s <= start_s + third_s],
        [kept for kept in strides if kept.start_s >= end_s - third_s],
    )


def speed_bin(speed_mps: float) -> int | None:
    """Strides of one bin were run at a like speed; None where the speed is not known."""
    return None if math.isnan(speed_mps) else round(speed_mps / LIKE_SPEED_MPS)


def _at_like_speed(
    before: Sequence[StrideRecord], after: Sequence[StrideRecord]
) -> tuple[float, list[StrideRecord], list[StrideRecord]]:
    """Mean speed and the strides of both groups in the speed bin that they share most."""
    before, after = _undoubted(before), _undoubted(after)
    counts = [Counter(speed_bin(kept.speed_mps) for kept in group) for group in (before, after)]
    shared = set(counts[0]) & set(counts[1])
    if not shared:
        return math.nan, [], []
    chosen = max(shared, key=lambda one: (min(counts[0][one], counts[1][one]), -(one or 0)))
    old, new = ([kept for kept in group if speed_bin(kept.speed_mps) == chosen] for group in (before, after))
    speed_mps = float(np.mean([kept.speed_mps for kept in (*old, *new)]))
    return speed_mps, old, new


def _undoubted(strides: Sequence[StrideRecord]) -> list[StrideRecord]:
    """Without those whose speed was doubted: no two of them are known to have been run alike."""
    return [kept for kept in strides if not kept.speed_doubted]


def _peaks(strides: Sequence[StrideRecord]) -> list[float]:
    return [kept.peak_knee_flexion_deg for kept in strides]


def verdict_of(difference: Interval) -> Verdict:
    """What may be said of a difference in degrees."""
    if abs(difference.estimate) >= SMALLEST_DEG and difference.low > 0:
        return Verdict.RISEN
    if abs(difference.estimate) >= SMALLEST_DEG and difference.high < 0:
        return Verdict.FALLEN
    if difference.low >= -STEADY_DEG and difference.high <= STEADY_DEG:
        return Verdict.STEADY
    return Verdict.UNCLEAR


def _block_means(values: Sequence[float]) -> FloatArray:
    whole = len(values) // BLOCK * BLOCK
    return np.array(values[:whole], dtype=np.float64).reshape(-1, BLOCK).mean(axis=1) if whole else np.empty(0)


def _reach(freedom: float, se: float) -> float:
    """How far the interval of a mean with this standard error reaches to either side: Student's t."""
    # What `scipy.stats` looks up, which alone takes longer to load than most commands to run.
    from scipy.special import stdtrit  # noqa: PLC0415 - a command without a comparison starts sooner

    return float(stdtrit(freedom, (1 + LEVEL) / 2)) * se


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


def cue_effects(strides: Sequence[StrideRecord], cues: Sequence[KeptCue]) -> tuple[CueEffect, ...]:
    """The effect of each kind of heel-lift cue that was given."""
    legs: dict[Side | None, list[StrideRecord]] = {None: near_valid(strides)}
    for side in SIDES:
        legs[side] = _in_order(kept for kept in strides if kept.side == side)
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
    return doubted or (bool(speeds) and max(speeds) - min(speeds) > SAME_SPEED_MPS)
