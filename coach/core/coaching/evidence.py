"""Evidence: what the last strides of one leg say together, and how surely.

Single strides are only partly knowable: a runner's own scatter (1.65°) and the error of
measurement are of one size. So nothing is decided on fewer than a window of strides.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from coach.core.coaching.norms import (
    NATURAL_STRIDE_SD_DEG,
    NATURAL_THIGH_SD_DEG,
    POSE_STRIDE_SD_DEG,
    POSE_THIGH_SD_DEG,
)
from coach.core.gait import Stride

SHARED_USUAL: Final = 0.2
SHARED_SCENE: Final = 0.55
"""What the strides of a window err by together does not average out, and comes and goes over a minute: light, blur,
place on the belt, a rail before the leg. Of the error that every picture has (up to POSE_STRIDE_SD_DEG) it is a small
share; of what a poor picture adds it is the larger half, since what makes a picture poor lasts (engineering choices;
the false and missed cues they lead to stand in docs/coaching.md)."""
LONGEST_GAP_S: Final = 8.0
"""Strides further apart than this do not belong together: the runner may have changed in between (an engineering
choice: about a window)."""
LONGEST_WINDOW_S: Final = 9.0
"""Eight strides take 5.6 s at 170 steps a minute, at half of them lost 11 s: a little less (an engineering choice)."""
FEWEST_STRIDES: Final = 5
"""Where strides are lost a window is what 9 s brought, if that is five strides: their mean is known to 1° (natural
scatter and the pose's error over √5), and fewer are less sure by themselves."""


@dataclass(frozen=True, slots=True)
class StepMean:
    """How the runner steps over the same strides; NaN for what no stride told."""

    cadence_spm: float
    bounce_ll: float
    bounce_se_ll: float


@dataclass(frozen=True, slots=True)
class FoldMean:
    """How far the thigh is ahead of vertical at peak flexion over the same strides; NaN where no stride told."""

    mean_deg: float
    newest_deg: float
    """Mean of the newer half of the strides: who has just begun to flick has not done so all window long."""
    se_deg: float
    """One-sigma uncertainty of the mean."""
    shared_deg: float
    """One-sigma error that all its strides have in common."""


@dataclass(frozen=True, slots=True)
class WindowMean:
    """Mean heel lift of consecutive valid strides of one leg."""

    mean_deg: float
    se_deg: float
    """One-sigma uncertainty of the mean, from the strides' spread or from what is usual, whichever is larger."""
    shared_deg: float
    """One-sigma error that all its strides have in common; more strides do not make it smaller."""
    strides: int
    end_s: float
    """When the last of the strides ended."""
    steps: StepMean
    fold: FoldMean


class StrideWindow:
    """The last valid strides of one leg, read as one window or as two in a row. Memory is bounded."""

    def __init__(self, strides: int) -> None:
        self._size = strides
        self._strides: deque[Stride] = deque(maxlen=2 * strides)
        self._since_s = math.inf
        self._means: dict[tuple[float, float], WindowMean] = {}

    def __len__(self) -> int:
        return len(self._strides)

    def add(self, stride: Stride) -> None:
        """Take one more valid stride; a long gap before it starts the windows anew."""
        if self._strides and stride.end_s - self._strides[-1].end_s > LONGEST_GAP_S:
            self._strides.clear()
        if not self._strides:
            self._since_s = stride.start_s
        self._strides.append(stride)

    def clear(self) -> None:
        """Forget, as after a change of speed."""
        self._strides.clear()
        self._means.clear()

    def latest(self, since_s: float = -math.inf, at_least: int | None = None) -> WindowMean | None:
        """Mean of the newest window after `since_s`; None while it is not full (or has not `at_least` strides)."""
        strides = self._after(since_s)
        newest = self._newest(strides)
        enough = len(newest) >= at_least if at_least else self._full(newest, strides, since_s)
        return self._mean(newest) if enough else None

    def pair(self, since_s: float = -math.inf) -> tuple[WindowMean, WindowMean] | None:
        """The two newest windows in a row, older first, both after `since_s`; None while they are not full."""
        strides = self._after(since_s)
        newer = self._newest(strides)
        before = strides[: len(strides) - len(newer)]
        older = self._newest(before)
        if not (self._full(newer, strides, since_s) and self._full(older, before, since_s)):
            return None
        return self._mean(older), self._mean(newer)

    def _mean(self, window: list[Stride]) -> WindowMean:
        """The same window is asked for often: now as the newest, later as the one before it."""
        key = (window[0].start_s, window[-1].end_s)
        if key not in self._means:
            self._means[key] = window_mean(window)
            if len(self._means) > 3 * self._size:
                del self._means[next(iter(self._means))]
        return self._means[key]

    def _after(self, since_s: float) -> list[Stride]:
        return [stride for stride in self._strides if stride.start_s >= since_s]

    def _newest(self, strides: list[Stride]) -> list[Stride]:
        """The last strides that make one window."""
        if not strides:
            return []
        from_s = strides[-1].end_s - LONGEST_WINDOW_S
        return [stride for stride in strides[-self._size :] if stride.start_s >= from_s]

    def _full(self, window: list[Stride], strides: list[Stride], since_s: float) -> bool:
        """Whether it has all its strides, or all its time and enough strides."""
        if len(window) >= self._size:
            return True
        if len(window) < FEWEST_STRIDES:
            return False
        return strides[-1].end_s - max(since_s, self._since_s) >= LONGEST_WINDOW_S


def window_mean(strides: Sequence[Stride]) -> WindowMean:
    """The mean lift over at least one stride."""
    n = len(strides)
    peaks = [stride.peak_knee_flexion_deg for stride in strides]
    mean = sum(peaks) / n
    error = sum([_error_deg(stride) ** 2 for stride in strides]) / n
    spread = sum([(peak - mean) ** 2 for peak in peaks]) / (n - 1) if n > 1 else 0.0
    own = max(NATURAL_STRIDE_SD_DEG**2 + error, spread) / n
    return WindowMean(mean, math.sqrt(own), _shared_error_deg(error), n, strides[-1].end_s, *_beside(strides))


def _shared_error_deg(error_deg2: float) -> float:
    """What strides of this mean square error have in common."""
    usual = min(error_deg2, POSE_STRIDE_SD_DEG**2)
    return math.sqrt(SHARED_USUAL**2 * usual + SHARED_SCENE**2 * (error_deg2 - usual))


def _beside(strides: Sequence[Stride]) -> tuple[StepMean, FoldMean]:
    """What is judged beside the lift."""
    return step_mean(strides), fold_mean(strides)


def fold_mean(strides: Sequence[Stride]) -> FoldMean:
    """The thigh at peak flexion over at least one stride."""
    known = [stride for stride in strides if math.isfinite(stride.thigh_at_peak_deg)]
    mean, spread_se = _mean_se([stride.thigh_at_peak_deg for stride in known])
    newest, _ = _mean_se([stride.thigh_at_peak_deg for stride in strides[len(strides) // 2 :]])
    if not known:
        return FoldMean(math.nan, math.nan, math.nan, math.nan)
    errors = [stride.thigh_at_peak_sd_deg for stride in known]
    error = sum([(e if math.isfinite(e) else POSE_THIGH_SD_DEG) ** 2 for e in errors]) / len(errors)
    se = max(math.sqrt((NATURAL_THIGH_SD_DEG**2 + error) / len(known)), spread_se)
    return FoldMean(mean, newest, se, _shared_error_deg(error))


def step_mean(strides: Sequence[Stride]) -> StepMean:
    """Cadence and bounce over at least one stride."""
    cadence_spm, _ = _mean_se([stride.cadence_spm for stride in strides])
    bounce_ll, bounce_se_ll = _mean_se([stride.vertical_oscillation_ll for stride in strides])
    return StepMean(cadence_spm, bounce_ll, bounce_se_ll)


def _error_deg(stride: Stride) -> float:
    error = stride.peak_knee_flexion_sd_deg
    return error if math.isfinite(error) else POSE_STRIDE_SD_DEG


def _mean_se(values: Iterable[float]) -> tuple[float, float]:
    """Mean of the finite values and its standard error; NaN without any."""
    known = [value for value in values if math.isfinite(value)]
    n = len(known)
    if n == 0:
        return math.nan, math.nan
    mean = sum(known) / n
    spread = sum([(value - mean) ** 2 for value in known]) / (n - 1) if n > 1 else 0.0
    return mean, math.sqrt(spread / n)
