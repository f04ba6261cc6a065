"""The runner's own baseline: what calm running looks like, leg by leg, at one speed.

A pose network is biased by degrees that differ by scene; a runner's change against the
own baseline, seen by the same camera, is far more certain than the absolute angle.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from coach.core.gait import Stride
from coach.core.pose import SIDES, Side, other
from coach.core.units import FloatArray

FEWEST_STRIDES: Final = 5
"""Of the near leg; fewer say nothing, however short the baseline was asked to be: five are known to 1° together
(natural scatter 1.65°, the pose's error 1.5°)."""
TRUSTED_SHARE: Final = 0.6
"""Share of the near leg's strides that must be valid: hard noise rejects 15 % (an engineering choice well
below that)."""
WIDEST_SD_DEG: Final = 5.0
"""Strides of a calm runner scatter by 1.2–2.4° (26 runners, Fukuchi 2017), as a webcam sees them by 1–3° (twelve clips
read by hand); beyond this something is wrong."""
LARGEST_TREND_DEG: Final = 1.0
"""Second half against first half, beyond what chance does: a third of what the floor lies below the baseline (an
engineering choice)."""
LEAST_SD_DEG: Final = 0.5
"""Strides that agree better do so by chance: nobody runs more evenly than 1.2° (the same runners)."""
FAR_OUT_SDS: Final = 3.0
"""A peak this many deviations from the median is left out, 3° at the least: one stride in 370 of a normal spread."""
_MAD_TO_SD: Final = 1.4826
"""From the median of absolute deviations to a normal spread's standard deviation."""
_USUAL_CADENCE_SPM: Final = 160.0
"""Where no stride told its cadence: that of 2.5 m/s (162, Fukuchi 2017)."""


class BaselineRefusal(StrEnum):
    """Why a baseline is not taken yet. The value names the line of words that says so."""

    SPEED_UNKNOWN = "baseline_speed_unknown"
    SPEED_CHANGED = "baseline_speed_changed"
    NOT_RUNNING = "baseline_not_running"
    LOW_TRUST = "baseline_low_trust"
    UNSTEADY = "baseline_unsteady"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Calm running at one speed, as one camera set-up saw it; NaN for what was not trusted."""

    day: float
    """Days since 1970-01-01."""
    speed_mps: float
    near_side: Side
    left_deg: float
    right_deg: float
    sd_deg: float
    """Stride-to-stride deviation of the near leg, measurement error included."""
    strides: int
    """Valid strides of the near leg."""
    cadence_spm: float
    bounce_ll: float
    camera: str = ""
    """The camera set-up it was taken with; where it was not corrected, another one may see other angles."""
    held_deg: float = 0.0
    """Programme steps that already held when it was taken: they are in it."""
    corrected: bool = False
    """Whether the camera's place was known and corrected; before version 2 of the profile it never was."""

    def peak_deg(self, side: Side) -> float:
        """Mean peak swing knee flexion of one leg."""
        return self.left_deg if side == "left" else self.right_deg

    def holds_for(self, camera: str) -> bool:
        """Whether a run of this camera set-up may be measured against it."""
        return self.corrected or self.camera == camera

    @property
    def se_deg(self) -> float:
        """One-sigma uncertainty of the near leg's mean."""
        return self.sd_deg / math.sqrt(self.strides)

    def as_json(self) -> dict[str, object]:
        """Plain values; null for what is unknown."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in values.items()}


class BaselineTaker:
    """Gathers calm running until it makes a baseline; says why it does not yet."""

    def __init__(self, duration_s: float) -> None:
        self._duration_s = duration_s
        self._strides: deque[tuple[Stride, float]] = deque()
        self._started_s = math.nan
        self.refusal: BaselineRefusal | None = None

    def restart(self, refusal: BaselineRefusal | None = None) -> None:
        """Begin again, for a reason or on request."""
        self._strides.clear()
        self._started_s = math.nan
        self.refusal = refusal

    def remaining_s(self, t_s: float) -> float:
        """Seconds until there may be enough; 0 where it only waits for better strides."""
        if math.isnan(self._started_s):
            return self._duration_s
        return max(0.0, self._started_s + self._duration_s - t_s)

    def add(self, stride: Stride, speed_mps: float) -> None:
        """One more stride of either leg, valid or not, run at `speed_mps`."""
        if math.isnan(self._started_s):
            self._started_s = stride.start_s
            self.refusal = None
        self._strides.append((stride, speed_mps))
        while self._strides and self._strides[0][0].start_s < stride.end_s - self._duration_s - 1.0:
            self._strides.popleft()

    def result(
        self, t_s: float, near: Side, *, day: float, camera: str, held_deg: float, corrected: bool = False
    ) -> Baseline | None:
        """The baseline, once `duration_s` of calm and trusted running lie behind `t_s`; else None and a refusal."""
        if not self._strides or self.remaining_s(t_s) > 0:
            return None
        peaks = {side: self._peaks(side) for side in SIDES}
        self.refusal = self._refused(peaks[near], near)
        if self.refusal is not None:
            return None
        strides = [stride for stride, _ in self._strides if stride.side == near and stride.valid]
        far = peaks[other(near)]
        means = {near: _calm_mean(peaks[near]), other(near): _calm_mean(far) if self._enough(far) else math.nan}
        return Baseline(
            day=day,
            speed_mps=float(np.median([speed for _, speed in self._strides])),
            near_side=near,
            left_deg=means["left"],
            right_deg=means["right"],
            sd_deg=max(float(np.std(_core(peaks[near]), ddof=1)), LEAST_SD_DEG),
            strides=len(peaks[near]),
            cadence_spm=_nanmean([stride.cadence_spm for stride in strides]),
            bounce_ll=_nanmean([stride.vertical_oscillation_ll for stride in strides]),
            camera=camera,
            held_deg=held_deg,
            corrected=corrected,
        )

    def _peaks(self, side: Side) -> FloatArray:
        return np.array([s.peak_knee_flexion_deg for s, _ in self._strides if s.side == side and s.valid])

    def _enough(self, peaks: FloatArray) -> bool:
        cadence = _nanmean([stride.cadence_spm for stride, _ in self._strides])
        expected = self._duration_s * (cadence if math.isfinite(cadence) else _USUAL_CADENCE_SPM) / 120.0
        return len(peaks) >= max(FEWEST_STRIDES, TRUSTED_SHARE * expected)

    def _refused(self, peaks: FloatArray, near: Side) -> BaselineRefusal | None:
        seen = [stride.valid for stride, _ in self._strides if stride.side == near]
        if not self._enough(peaks) or sum(seen) < TRUSTED_SHARE * len(seen):
            return BaselineRefusal.LOW_TRUST
        core = _core(peaks)
        sd = float(np.std(core, ddof=1))
        half = len(core) // 2
        trend = abs(float(np.mean(core[half:]) - np.mean(core[:half])))
        if sd > WIDEST_SD_DEG or trend > LARGEST_TREND_DEG + 2 * sd * math.sqrt(2 / half):
            return BaselineRefusal.UNSTEADY
        return None


def _core(peaks: FloatArray) -> FloatArray:
    """The peaks without what lies far out, in time order."""
    median = float(np.median(peaks))
    reach = max(FAR_OUT_SDS * _MAD_TO_SD * float(np.median(np.abs(peaks - median))), 3.0)
    return peaks[np.abs(peaks - median) <= reach]


def _calm_mean(peaks: FloatArray) -> float:
    return float(np.mean(_core(peaks)))


def _nanmean(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
