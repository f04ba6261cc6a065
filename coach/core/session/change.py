"""What the strides allow to be said: a change with its interval, or that nothing can be said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from coach.core.coaching.fold import FLICKED_DEG
from coach.core.coaching.guards import GUARDS, Mean, Price
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import Side
from coach.core.session.intervals import FEWEST, Interval, block_means, difference_interval, reach
from coach.core.session.like_speed import (
    LikeSpeed,
    at_like_speed,
    at_speed,
    main_incline_pct,
    on_incline,
    peaks_at,
    share_a_speed,
    slope_sd_deg,
)
from coach.core.session.near_leg import of_near_leg

SMALLEST_DEG: Final = 1.5
"""The SD of a runner's own strides: a mean that moved by less is no change worth a sentence."""
STEADY_DEG: Final = 3.0
"""The smallest step that is coached: what lies surely inside is called steady."""


class Verdict(StrEnum):
    """What may be said of a difference."""

    RISEN = "risen"
    FALLEN = "fallen"
    STEADY = "steady"
    UNCLEAR = "unclear"
    TOO_FEW = "too few strides"
    SPEED_CHANGED = "no like speed"
    INCLINE_CHANGED = "no like incline"
    SPEED_UNKNOWN = "speed not known"
    """Of too many strides on one side or the other, so that nobody can say whether it changed."""


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
    incline_pct: float = math.nan
    """That of the strides that were compared, where others were run on another one; NaN where none were."""
    place_sd_deg: float = 0.0
    """One sigma of what the camera's place may make of the difference; 0 where it did not change."""

    @property
    def held(self) -> bool:
        """Whether the angle was seen to stay where it was, in between, too."""
        ends = (self.before_deg, self.after_deg)
        return self.verdict is Verdict.STEADY and all(abs(self.middle_deg - end) <= STEADY_DEG for end in ends)

    @property
    def blurred_by_place(self) -> bool:
        """Whether most of the interval's width is the camera's place."""
        if self.difference is None:
            return False
        half = (self.difference.high - self.difference.low) / 2
        return reach(math.inf, self.place_sd_deg) > half * math.sqrt(0.5)

    @property
    def whole_deg(self) -> float:
        """The difference as both angles are shown, so that they add up; its own where they read the same."""
        shown = round(self.after_deg) - round(self.before_deg)
        return float(shown or round(self.after_deg - self.before_deg))


def over_the_run(strides: Sequence[StrideRecord]) -> Change:
    """Near leg, first against last third of the run, at the speed that both share best."""
    near = near_valid(strides)
    if len(near) < 2 * FEWEST:
        return Change(Verdict.TOO_FEW, math.nan, math.nan, None, (0, 0))
    first, last = thirds(near)
    like = at_like_speed(first, last)
    if like is None:
        return _not_compared(first, last)
    change = replace(_change_at(like), incline_pct=_picked_pct(like, near))
    return _with_middle(change, like, near[len(first) : -len(last)])


def _with_middle(change: Change, like: LikeSpeed, amid: Sequence[StrideRecord]) -> Change:
    """The same, and what the strides between the two did."""
    incline_pct = main_incline_pct([*like.before, *like.after])
    parts = (like.before, at_speed(on_incline(amid, incline_pct), like.speed_mps), like.after)
    first, middle, last = (peaks_at(part, like.speed_mps) for part in parts)
    steps = [step for end in (first, last) if (step := difference_interval(end, middle)) is not None]
    if len(steps) < 2:
        return change
    away = [one.estimate for one in steps if one.low * one.high > 0 and abs(one.estimate) >= STEADY_DEG]
    strayed = len(away) == len(steps) and math.prod(away) > 0
    return replace(change, middle_deg=float(np.mean(middle)), strayed=strayed)


def between(before: Sequence[StrideRecord], after: Sequence[StrideRecord], place_sd_deg: float = 0.0) -> Change:
    """Two groups of valid strides of one leg, compared at the speed that both share best.

    place_sd_deg: one sigma of what the camera's place may make of the difference.
    """
    like = at_like_speed(before, after)
    if like is None:
        return _not_compared(before, after)
    return replace(_change_at(like, place_sd_deg), incline_pct=_picked_pct(like, [*before, *after]))


def _picked_pct(like: LikeSpeed, of: Sequence[StrideRecord]) -> float:
    """The incline of those that were picked; NaN where there was no other to pick."""
    incline_pct = main_incline_pct([*like.before, *like.after])
    return math.nan if len(on_incline(of, incline_pct)) == len(of) else incline_pct


def _change_at(like: LikeSpeed, place_sd_deg: float = 0.0) -> Change:
    old, new = (peaks_at(group, like.speed_mps) for group in (like.before, like.after))
    difference = difference_interval(old, new, math.hypot(like.slope_sd_deg, place_sd_deg))
    verdict = Verdict.TOO_FEW if difference is None else verdict_of(difference)
    return Change(
        verdict,
        float(np.mean(old)),
        float(np.mean(new)),
        difference,
        (len(old), len(new)),
        like.speed_mps,
        place_sd_deg=place_sd_deg,
    )


def _not_compared(*groups: Sequence[StrideRecord]) -> Change:
    return Change(_why_not(*groups), math.nan, math.nan, None, (0, 0))


def _why_not(*groups: Sequence[StrideRecord]) -> Verdict:
    """Why groups without a like speed cannot be compared."""
    if min(map(len, groups)) < FEWEST:
        return Verdict.TOO_FEW
    if share_a_speed(*groups):
        return Verdict.INCLINE_CHANGED
    known = (sum(not math.isnan(kept.speed_mps) for kept in group) for group in groups)
    return Verdict.SPEED_CHANGED if min(known) >= FEWEST else Verdict.SPEED_UNKNOWN


def bought_with(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> Price | None:
    """What a rise from one group of valid strides to another was surely bought with; None where with nothing.

    The lines are those that guard the lift in a run; here the whole interval of the change must lie on their side.
    """
    like = at_like_speed(before, after)
    if like is None:
        return None
    _, old, new = like
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


def against(
    before_deg: float, before_se_deg: float, speed_mps: float, incline_pct: float, after: Sequence[StrideRecord]
) -> Change:
    """Valid strides of one leg against a baseline, at its speed and incline; `before_se_deg` is its error."""
    like = at_speed(on_incline(after, incline_pct), speed_mps)
    if len(like) < FEWEST:
        verdict = Verdict.SPEED_CHANGED if len(after) >= FEWEST else Verdict.TOO_FEW
        return Change(verdict, math.nan, math.nan, None, (0, len(like)), speed_mps)
    means = block_means(peaks_at(like, speed_mps))
    own_se_deg = float(means.std(ddof=1)) / math.sqrt(means.size)
    se = math.hypot(before_se_deg, own_se_deg, slope_sd_deg(like, speed_mps))
    half = reach(means.size - 1, se)
    after_deg = float(means.mean())
    step = after_deg - before_deg
    difference = Interval(step, step - half, step + half, len(like))
    return Change(verdict_of(difference), before_deg, after_deg, difference, (0, len(like)), speed_mps)


def near_valid(strides: Sequence[StrideRecord]) -> list[StrideRecord]:
    """Valid strides of the near leg with a known peak, in time order."""
    return _in_order(of_near_leg(strides))


def of_side(strides: Iterable[StrideRecord], side: Side) -> list[StrideRecord]:
    """Valid strides of one leg with a known peak, near or far, in time order."""
    return _in_order(kept for kept in strides if kept.side == side)


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


def verdict_of(difference: Interval) -> Verdict:
    """What may be said of a difference in degrees."""
    if abs(difference.estimate) >= SMALLEST_DEG and difference.low > 0:
        return Verdict.RISEN
    if abs(difference.estimate) >= SMALLEST_DEG and difference.high < 0:
        return Verdict.FALLEN
    if difference.low >= -STEADY_DEG and difference.high <= STEADY_DEG:
        return Verdict.STEADY
    return Verdict.UNCLEAR
