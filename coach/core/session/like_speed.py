"""Which strides were run at a like speed and incline, and how high their lift would have been at the very same speed.

A knee bends more the faster one runs: by up to 4° for 1 km/h. Strides are therefore compared at one speed, and those a
little beside it are moved there along what runners in general do. A single runner's slope is another one, which leaves
5.2° for 1 m/s open (`personal_residual_deg`). What another incline makes of a knee nobody has foretold so: strides of
inclines that differ are never held against each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import NATURAL_STRIDE_SD_DEG, peak_flexion_deg, personal_residual_deg
from coach.core.coaching.guards import like_incline
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.intervals import FEWEST
from coach.core.units import FloatArray

PUBLISHED: Final = NormSettings()
LIKE_SPEED_MPS: Final = 0.25
"""From the slowest stride of a like speed to the fastest: half of it to either side of the speed that is told."""
_FINEST_MPS: Final = 1e-3
"""Speeds that are nearer to each other are one: belts know steps of 0.1 km/h, 28 times as much."""


class LikeSpeed(NamedTuple):
    """Two groups of strides as far as they were run at a like speed."""

    speed_mps: float
    """Half-way between the groups' means; NaN where the speed of none was known."""
    before: list[StrideRecord]
    after: list[StrideRecord]

    @property
    def slope_sd_deg(self) -> float:
        """What moving both groups to one speed leaves open of their difference, one sigma."""
        return slope_sd_deg(self.after, float(np.mean([kept.speed_mps for kept in self.before])))


def on_incline(strides: Iterable[StrideRecord], incline_pct: float) -> list[StrideRecord]:
    """Those run at a like incline; it was level where nobody told."""
    return [kept for kept in strides if like_incline(kept.incline_pct, incline_pct)]


def by_incline(strides: Sequence[StrideRecord]) -> Iterator[list[StrideRecord]]:
    """Strides of like inclines together, those of the incline that most were run at first."""
    rest = list(strides)
    while rest:
        inclines_pct = _inclines_pct(rest)
        most = max((np.isin(inclines_pct, alike) for alike in _stretches(inclines_pct)), key=np.count_nonzero)
        yield [kept for kept, inside in zip(rest, most, strict=True) if inside]
        rest = [kept for kept, inside in zip(rest, most, strict=True) if not inside]


def on_main_incline(strides: Sequence[StrideRecord]) -> list[StrideRecord]:
    """Those run at the incline that most were run at: the mean of level and hill is a belt that never was."""
    return next(by_incline(strides), [])


def main_incline_pct(strides: Sequence[StrideRecord]) -> float:
    """Mean incline of those; level where nobody told, NaN without strides."""
    main = on_main_incline(strides)
    return float(np.mean(_inclines_pct(main))) if main else math.nan


def at_speed(strides: Sequence[StrideRecord], speed_mps: float) -> list[StrideRecord]:
    """Those at this speed ± 0.125 m/s; where it is NaN, those whose speed is not known.

    Where it was doubted it is known to be another one, and no two such strides are known to have been run alike.
    """
    if math.isnan(speed_mps):
        return [kept for kept in strides if math.isnan(kept.speed_mps) and not kept.speed_doubted]
    return [kept for kept in strides if abs(kept.speed_mps - speed_mps) <= LIKE_SPEED_MPS / 2 + _FINEST_MPS]


def at_like_speed(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> LikeSpeed | None:
    """Both groups at the speed and incline at which they can be told apart best; None where too few strides share one.

    The incline that most of both share comes first.
    """
    found = [
        LikeSpeed(speed_mps, at_speed(olds, speed_mps), at_speed(news, speed_mps))
        for olds, news in _on_shared_inclines(before, after)
        for speed_mps in (_surest_mps(_speeds_mps(olds), _speeds_mps(news)), math.nan)
    ]
    best = max(found, key=lambda like: min(len(like.before), len(like.after)), default=None)
    return best if best and min(len(best.before), len(best.after)) >= FEWEST else None


def share_a_speed(before: Sequence[StrideRecord], after: Sequence[StrideRecord]) -> bool:
    """Whether they could be held against each other were it not for the incline."""
    return not math.isnan(_surest_mps(_speeds_mps(before), _speeds_mps(after)))


def _on_shared_inclines(
    before: Sequence[StrideRecord], after: Sequence[StrideRecord]
) -> Iterator[tuple[Sequence[StrideRecord], Sequence[StrideRecord]]]:
    """Both groups on each stretch of like inclines that enough strides of both share."""
    old_pct, new_pct = _inclines_pct(before), _inclines_pct(after)
    for alike in _stretches(np.concatenate([old_pct, new_pct])):
        olds, news = (
            [group[index] for index in np.flatnonzero(np.isin(pct, alike)).tolist()]
            for group, pct in ((before, old_pct), (after, new_pct))
        )
        if min(len(olds), len(news)) >= FEWEST:
            yield olds, news


def _stretches(inclines_pct: FloatArray) -> Iterator[list[float]]:
    """Inclines that are alike, from each one on."""
    known: list[float] = np.unique(inclines_pct).tolist()
    for place, least_pct in enumerate(known):
        yield [pct for pct in known[place:] if like_incline(pct, least_pct)]


def peaks_at(strides: Sequence[StrideRecord], speed_mps: float) -> list[float]:
    """Peak flexion of each, degrees, moved to a speed; as it was where either speed is NaN."""
    usual = peak_flexion_deg(np.array([speed_mps, *(kept.speed_mps for kept in strides)]), PUBLISHED)
    peaks = np.array([kept.peak_knee_flexion_deg for kept in strides])
    return list((peaks + np.nan_to_num(usual[0] - usual[1:])).tolist())


def with_speed(strides: Iterable[StrideRecord]) -> list[StrideRecord]:
    """Strides with a known peak and a known speed; none where they are fewer than half, which say little of the run."""
    peaked = [kept for kept in strides if not math.isnan(kept.peak_knee_flexion_deg)]
    known = [kept for kept in peaked if not math.isnan(kept.speed_mps)]
    return known if 2 * len(known) >= len(peaked) else []


def above_usual_deg(strides: Iterable[StrideRecord], norms: NormSettings = PUBLISHED) -> float:
    """Mean peak above what runners in general do, of `with_speed`, each stride at its own; NaN where there is none.

    The norm bends: at the mean speed of intervals it is up to 3° above the mean of the norms at theirs.
    """
    known = with_speed(strides)
    if not known:
        return math.nan
    usual = peak_flexion_deg(_speeds_mps(known), norms)
    return float(np.mean([kept.peak_knee_flexion_deg for kept in known]) - usual.mean())


def by_speed(strides: Sequence[StrideRecord], fewest: int) -> list[list[StrideRecord]]:
    """Strides of a like speed together, slowest first; without speeds that fewer ran, and without unknown ones.

    The speed of most strides comes first, so that one that wavers is never parted by a line between two groups.
    """
    groups = []
    rest = sorted((kept for kept in strides if not math.isnan(kept.speed_mps)), key=lambda kept: kept.speed_mps)
    while len(rest) >= fewest:
        speeds_mps = _speeds_mps(rest)
        ends = np.searchsorted(speeds_mps, speeds_mps + LIKE_SPEED_MPS + _FINEST_MPS)
        first = int(np.argmax(ends - np.arange(len(rest))))
        if ends[first] - first < fewest:
            break
        groups.append(rest[first : ends[first]])
        del rest[first : ends[first]]
    return sorted(groups, key=lambda group: group[0].speed_mps)


def slope_sd_deg(strides: Sequence[StrideRecord], speed_mps: float) -> float:
    """What moving strides to a speed leaves open of their mean, one sigma; 0 where either speed is not known."""
    apart_mps = float(np.mean([kept.speed_mps for kept in strides])) - speed_mps
    return 0.0 if math.isnan(apart_mps) else personal_residual_deg(abs(apart_mps))


def _speeds_mps(strides: Sequence[StrideRecord]) -> FloatArray:
    """Known ones alone."""
    speeds_mps = np.array([kept.speed_mps for kept in strides], dtype=np.float64)
    return speeds_mps[~np.isnan(speeds_mps)]


def _inclines_pct(strides: Sequence[StrideRecord]) -> FloatArray:
    """(N,) to a tenth of a per cent, finer than belts know; 0 where nobody told."""
    return np.nan_to_num(np.array([kept.incline_pct for kept in strides], dtype=np.float64)).round(1)


def _surest_mps(before_mps: FloatArray, after_mps: FloatArray) -> float:
    """The speed at which the difference of two groups is known best: many strides of both, at speeds close together.

    NaN where none is shared by enough.
    """
    seen_mps = np.concatenate([before_mps, after_mps])
    # Every stretch that begins or ends at a stride: no other holds more of them.
    starts_mps = np.unique(np.concatenate([seen_mps, seen_mps - LIKE_SPEED_MPS]).round(3))
    (olds, old_mps), (news, new_mps) = (_in_stretches(group, starts_mps) for group in (before_mps, after_mps))
    shared = np.minimum(olds, news) >= FEWEST
    if not shared.any():
        return math.nan
    olds, news, old_mps, new_mps = (values[shared] for values in (olds, news, old_mps, new_mps))
    slope_sd_deg = np.array([personal_residual_deg(apart_mps) for apart_mps in np.abs(new_mps - old_mps)])
    best = int(np.argmin(NATURAL_STRIDE_SD_DEG**2 * (1 / olds + 1 / news) + slope_sd_deg**2))
    return float(old_mps[best] + new_mps[best]) / 2


def _in_stretches(speeds_mps: FloatArray, starts_mps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How many strides lie in the stretch of a like speed from each start on, and their mean speed, NaN for none."""
    ordered = np.sort(speeds_mps)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    first = np.searchsorted(ordered, starts_mps - _FINEST_MPS)
    last = np.searchsorted(ordered, starts_mps + LIKE_SPEED_MPS + _FINEST_MPS)
    counts = (last - first).astype(np.float64)
    return counts, np.divide(sums[last] - sums[first], counts, out=np.full(counts.size, np.nan), where=counts > 0)
