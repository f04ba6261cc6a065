"""Intervals of means: how sure a mean over strides is, or a difference between two.

Neighbouring strides resemble each other, so intervals are taken over means of five strides or a few more each (Welch's
t, 95 %), not over single strides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.units import FloatArray

BLOCK: Final = 5
FEWEST: Final = 15
"""Three means a side are the least from which a spread can be taken."""
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval and how many values stand behind it."""

    estimate: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The mean of independent values with its interval; None for fewer than three."""
    known = np.array([value for value in values if not math.isnan(value)])
    if known.size < 3:
        return None
    mean, half = float(known.mean()), reach(known.size - 1, float(known.std(ddof=1)) / math.sqrt(known.size))
    return Interval(mean, mean - half, mean + half, int(known.size))


def difference_interval(before: Sequence[float], after: Sequence[float], shared_sd: float = 0.0) -> Interval | None:
    """Strides after minus strides before with its interval; None where either side has fewer than `FEWEST`."""
    if min(len(before), len(after)) < FEWEST:
        return None
    return difference_of_means(block_means(before), block_means(after), shared_sd)


def difference_of_means(before: FloatArray, after: FloatArray, shared_sd: float = 0.0) -> Interval | None:
    """Welch's interval for independent values; None where either side has fewer than two.

    shared_sd: one sigma of what all values of a side err by together, of the two sides' difference.
    """
    if min(before.size, after.size) < 2:
        return None
    difference, n = float(after.mean() - before.mean()), int(before.size + after.size)
    parts = (before.var(ddof=1) / before.size, after.var(ddof=1) / after.size)
    spread = float(sum(parts)) + shared_sd**2
    if spread <= 0:
        return Interval(difference, difference, difference, n)
    # Satterthwaite's; scipy's own test warns of values that hardly differ, as those of a made run.
    doubt = sum(part**2 / (k - 1) for part, k in zip(parts, (before.size, after.size), strict=True))
    half = reach(spread**2 / doubt if doubt > 0 else math.inf, math.sqrt(spread))
    return Interval(difference, difference - half, difference + half, n)


def block_means(values: Sequence[float]) -> FloatArray:
    """(n // 5,) means of five neighbours each, or a few more: none is left out, for their mean is told beside them."""
    blocks = len(values) // BLOCK
    return np.array([block.mean() for block in np.array_split(np.array(values), blocks)] if blocks else [])


def reach(freedom: float, se: float) -> float:
    """How far the interval of a mean with this standard error reaches to either side: Student's t."""
    # What `scipy.stats` looks up, which alone takes longer to load than most commands to run.
    from scipy.special import stdtrit  # noqa: PLC0415 - a command without a comparison starts sooner

    return float(stdtrit(freedom, (1 + LEVEL) / 2)) * se
