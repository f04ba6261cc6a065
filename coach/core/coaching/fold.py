"""Folded under, or flicked behind: the thigh at peak knee flexion, what runners do, and what a window of strides says.

Flexion rises by a fold and by a kick of the heel alike. Who folds swings the thigh forward with the heel; who flicks
leaves it behind, and has a shorter lever with the leg still behind the body. Norms: 13 runners at three speeds on an
instrumented treadmill (Fukuchi 2017, PeerJ 5:e3298, CC BY 4.0; `python -m bench.posture --norms`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait import Stride

NATURAL_THIGH_SD_DEG: Final = 1.1
"""Stride-to-stride deviation of the thigh at peak flexion in one leg (the 13 runners)."""
POSE_THIGH_SD_DEG: Final = 1.5
"""Error of that angle in one stride where the measurement does not say (`python -m bench.posture`, typical noise)."""

_THIGH_DEG: Final = ((2.5, 3.5, 4.5), (18.3, 19.8, 21.5))
"""The thigh ahead of vertical at peak flexion: speed, mean of the 13."""
_THIGH_SD_DEG: Final = (2.8, 3.2, 3.2)
"""Spread of that between runners."""
_THIGH_RESIDUAL_DEG: Final = ((0.0, 1.0, 2.0), (0.0, 1.3, 2.2))
"""One runner held against the other speeds: distance in m/s, error of the thigh that is foretold."""
FLICKED_DEG: Final = -4.0
"""The thigh this far behind its own baseline while the knee is bent most: the heel is flicked up behind. Strides of one
leg scatter by 1.1° (13 runners), and 8° less lift by itself takes the thigh back by 1° (their change with speed); with
the doubt of a window the verdict falls at about 6° (an engineering choice)."""
FOLDED_DEG: Final = FLICKED_DEG + 2.0
"""Only from here on is a lift praised: 2° under what the runner has shown, as with the lift itself."""
COUNTED_DEG: Final = FLICKED_DEG + 1.0
"""Only from here on is a stride's lift counted in the programme; between the two it is, but is not praised."""


@lru_cache(maxsize=16)
def thigh_at_peak_deg(speed_mps: float) -> float:
    """Mean thigh angle ahead of vertical at peak flexion, held beyond 2.5–4.5 m/s.

    Examples
    --------
    >>> round(thigh_at_peak_deg(3.0), 1), thigh_at_peak_deg(9.0)
    (19.1, 21.5)
    """
    return float(np.interp(speed_mps, *_THIGH_DEG))


def thigh_spread_deg(speed_mps: float) -> float:
    """Standard deviation between runners of that angle.

    Examples
    --------
    >>> round(thigh_spread_deg(3.0), 1)
    3.0
    """
    return float(np.interp(speed_mps, _THIGH_DEG[0], _THIGH_SD_DEG))


def thigh_residual_deg(distance_mps: float) -> float:
    """One-sigma error of foretelling a runner's thigh from a baseline this far away in speed.

    Examples
    --------
    >>> thigh_residual_deg(0.5), thigh_residual_deg(4.0)
    (0.65, 2.2)
    """
    return float(np.interp(distance_mps, *_THIGH_RESIDUAL_DEG))


class UsualThigh(NamedTuple):
    """The runner's own thigh angle at peak flexion at one speed, and its one-sigma uncertainty; NaN without one."""

    deg: float
    se_deg: float


UNKNOWN_THIGH: Final = UsualThigh(math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class FoldMean:
    """How far the thigh is ahead of vertical at peak flexion over a window of strides; NaN where no stride told."""

    mean_deg: float
    newest_deg: float
    """Mean of the newer half of the strides: who has just begun to flick has not done so all window long."""
    se_deg: float
    """One-sigma uncertainty of the mean."""
    shared_deg: float
    """One-sigma error that all its strides have in common."""


def fold_mean(strides: Sequence[Stride], shared_of: Callable[[float], float]) -> FoldMean:
    """The thigh at peak flexion over at least one stride.

    shared_of: the one-sigma error that strides of this mean square error have in common.
    """
    angles = [stride.thigh_at_peak_deg for stride in strides]
    known = [angle for angle in angles if math.isfinite(angle)]
    newest = [angle for angle in angles[len(angles) // 2 :] if math.isfinite(angle)]
    if not newest:
        return FoldMean(math.nan, math.nan, math.nan, math.nan)
    n, mean = len(known), sum(known) / len(known)
    told = [s.own_thigh_sd_deg for s in strides if math.isfinite(s.thigh_at_peak_deg)]
    error = sum([(sd if math.isfinite(sd) else POSE_THIGH_SD_DEG) ** 2 for sd in told]) / n
    spread = sum([(angle - mean) ** 2 for angle in known]) / (n - 1) if n > 1 else 0.0
    se = math.sqrt(max(NATURAL_THIGH_SD_DEG**2 + error, spread) / n)
    return FoldMean(mean, sum(newest) / len(newest), se, shared_of(error))


def unfolded(fold: FoldMean, usual: UsualThigh) -> bool:
    """Whether the thigh seems to have fallen back, sure or not: enough to praise no lift; False where unknown."""
    return min(fold.mean_deg, fold.newest_deg) - usual.deg < FOLDED_DEG


def uncounted(fold: FoldMean, usual: UsualThigh) -> bool:
    """Whether the lift of these strides is more likely flicked than folded; False where unknown."""
    return fold.mean_deg - usual.deg < COUNTED_DEG
