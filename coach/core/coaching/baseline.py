"""What a runner is held against: what runners do at a speed, and the own calm running, leg by leg, at one.

Norms are published means and spreads, against which a runner is first measured. Source: 26 runners on an instrumented
treadmill, Fukuchi 2017 (PeerJ 5:e3298, CC BY 4.0).

A pose network is biased by degrees that differ by scene; a runner's change against the own baseline, seen by the same
camera, is far more certain than the absolute angle.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.guards import UNKNOWN, Price, stand, telling
from coach.core.gait import Stride
from coach.core.pose import SIDES, Side, other
from coach.core.units import FloatArray

PARABOLA_MPS: Final = (2.0, 5.0)
"""The parabola is used between these and held beyond: half a metre a second outside of what was measured."""
FITTED_MPS: Final = (2.5, 4.5)
"""Where runners were measured; outside, a target's part of the norm says that it is extrapolated."""

NATURAL_STRIDE_SD_DEG: Final = 1.65
"""Stride-to-stride deviation of the peak in one runner (the same 26, at 2.5–3.5 m/s)."""
POSE_STRIDE_SD_DEG: Final = 1.5
"""Error of one measured peak where the measurement does not say: the gait filter's at 30 frames a second on typical
noise (docs/accuracy-kinematics.md)."""

_CADENCE_SPM: Final = ((2.5, 3.5, 4.5), (161.7, 171.5, 184.1))
"""The same runners: speed, steps a minute."""
_RESIDUAL_DEG: Final = ((0.0, 1.0, 2.0, 3.0), (0.0, 5.2, 8.0, 9.4))
"""The same runners, one held against the other speeds: distance in m/s, error; between strangers it is the spread."""
_ONE_IN_TEN: Final = 1.28
"""Standard deviations that one in ten of a normal spread exceeds."""


def peak_flexion_deg(speed_mps: FloatArray | float, norms: NormSettings) -> FloatArray:
    """Mean peak swing knee flexion at a speed; outside 2.0–5.0 m/s that of the nearer end.

    Examples
    --------
    >>> peak_flexion_deg(np.array([2.5, 3.5, 4.5]), NormSettings()).round(1).tolist()
    [91.0, 105.1, 114.1]
    """
    a, b, c = norms.peak_2_5_mps_deg, norms.peak_3_5_mps_deg, norms.peak_4_5_mps_deg
    u = np.clip(np.asarray(speed_mps, dtype=float), *PARABOLA_MPS) - 3.5
    return np.asarray(b + (c - a) / 2 * u + (a - 2 * b + c) / 2 * u * u)


def high_lift_deg(speed_mps: FloatArray | float, norms: NormSettings) -> FloatArray:
    """What only one runner in ten exceeds at a speed: nobody is asked for more.

    Examples
    --------
    >>> round(float(high_lift_deg(3.5, NormSettings())), 1)
    117.1
    """
    return np.asarray(peak_flexion_deg(speed_mps, norms) + _ONE_IN_TEN * norms.sd_deg)


def extrapolated(speed_mps: float) -> bool:
    """Whether a speed lies outside the measured ones."""
    return not FITTED_MPS[0] <= speed_mps <= FITTED_MPS[1]


@lru_cache(maxsize=16)
def cadence_spm(speed_mps: float) -> float:
    """Mean cadence at a speed, held beyond 2.5–4.5 m/s; used for its change with speed.

    Examples
    --------
    >>> round(cadence_spm(3.0), 1), cadence_spm(9.0)
    (166.6, 184.1)
    """
    return float(np.interp(speed_mps, *_CADENCE_SPM))


def personal_residual_deg(distance_mps: float) -> float:
    """One-sigma error of foretelling a runner's flexion from a baseline this far away in speed.

    Measured: 5.2° one m/s away and about 8° two away, 9.4° between strangers.

    Examples
    --------
    >>> personal_residual_deg(0.5), personal_residual_deg(float("inf"))
    (2.6, 9.4)
    """
    return float(np.interp(distance_mps, *_RESIDUAL_DEG))


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
    INCLINE_CHANGED = "baseline_incline_changed"
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
    """Programme steps that held when it was taken, the one not counted yet as well: they are in it."""
    left_thigh_deg: float = math.nan
    right_thigh_deg: float = math.nan
    """Thigh ahead of vertical at peak flexion; not known before version 3 of the profile."""
    thigh_sd_deg: float = math.nan
    """Stride-to-stride deviation of that of the near leg, measurement error included."""
    foot_ahead_ll: float = math.nan
    foot_ahead_se_ll: float = math.nan
    """Ankle ahead of the hip at contact, near leg, and its one-sigma uncertainty."""
    lean_deg: float = math.nan
    lean_se_deg: float = math.nan
    """Trunk lean, and its one-sigma uncertainty; none of the four known before version 4 of the profile."""
    corrected: bool = False
    """Whether the camera's place was known and corrected; before version 2 of the profile it never was."""
    incline_pct: float = math.nan
    """Of the belt; NaN where nobody told, and where it was taken before it was kept: it then counts as level."""

    def peak_deg(self, side: Side) -> float:
        """Mean peak swing knee flexion of one leg."""
        return self.left_deg if side == "left" else self.right_deg

    def holds_for(self, camera: str) -> bool:
        """Whether a run of this camera set-up may be measured against it."""
        return self.corrected or self.camera == camera

    def thigh_deg(self, side: Side) -> float:
        """Mean thigh angle at peak flexion of one leg."""
        return self.left_thigh_deg if side == "left" else self.right_thigh_deg

    @property
    def thigh_se_deg(self) -> float:
        """One-sigma uncertainty of the near leg's mean thigh angle."""
        return self.thigh_sd_deg / math.sqrt(self.strides)

    @property
    def se_deg(self) -> float:
        """One-sigma uncertainty of the near leg's mean."""
        return self.sd_deg / math.sqrt(self.strides)


def nearest(baselines: tuple[Baseline, ...], speed_mps: float) -> Baseline | None:
    """The baseline nearest in speed, the newest of equals; None without any."""
    return min(reversed(baselines), key=lambda b: abs(b.speed_mps - speed_mps), default=None)


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
        self,
        t_s: float,
        near: Side,
        *,
        day: float,
        camera: str,
        held_deg: float,
        corrected: bool = False,
        incline_pct: float = math.nan,
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
        thighs = {near: self._thighs(near), other(near): self._thighs(other(near))}
        stands = telling(stand(strides), incline_pct)
        foot, lean = stands.get(Price.OVERSTRIDE, UNKNOWN), stands.get(Price.LEAN, UNKNOWN)
        folds = {side: _calm_mean(own) if self._enough(own) else math.nan for side, own in thighs.items()}
        return Baseline(
            day=day,
            speed_mps=float(np.median([speed for _, speed in self._strides])),
            near_side=near,
            left_deg=means["left"],
            right_deg=means["right"],
            sd_deg=_spread_deg(peaks[near]),
            strides=len(peaks[near]),
            cadence_spm=stands[Price.CADENCE].value,
            bounce_ll=stands[Price.BOUNCE].value,
            foot_ahead_ll=foot.value,
            foot_ahead_se_ll=foot.se,
            lean_deg=lean.value,
            lean_se_deg=lean.se,
            camera=camera,
            held_deg=held_deg,
            left_thigh_deg=folds["left"],
            right_thigh_deg=folds["right"],
            thigh_sd_deg=_spread_deg(thighs[near]) if math.isfinite(folds[near]) else math.nan,
            corrected=corrected,
            incline_pct=incline_pct,
        )

    def _peaks(self, side: Side) -> FloatArray:
        return np.array([s.peak_knee_flexion_deg for s, _ in self._strides if s.side == side and s.valid])

    def _thighs(self, side: Side) -> FloatArray:
        own = np.array([s.thigh_at_peak_deg for s, _ in self._strides if s.side == side and s.valid])
        return np.asarray(own[np.isfinite(own)])

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


def _spread_deg(angles: FloatArray) -> float:
    return max(float(np.std(_core(angles), ddof=1)), LEAST_SD_DEG)


def _calm_mean(peaks: FloatArray) -> float:
    return float(np.mean(_core(peaks)))


def _nanmean(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
