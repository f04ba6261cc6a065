"""What runners do at a speed: published means and spreads that a runner is first measured against.

Source: 26 runners on an instrumented treadmill, Fukuchi 2017 (PeerJ 5:e3298, CC BY 4.0).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.units import FloatArray

SLOWEST_MPS: Final = 2.0
FASTEST_MPS: Final = 5.0
"""The parabola is used between these and held beyond: half a metre a second outside of what was measured."""
FITTED_MPS: Final = (2.5, 4.5)
"""Where runners were measured; outside, a target is marked as extrapolated."""

NATURAL_STRIDE_SD_DEG: Final = 1.65
"""Stride-to-stride deviation of the peak in one runner (the same 26, at 2.5–3.5 m/s)."""
POSE_STRIDE_SD_DEG: Final = 1.5
"""Error of one measured peak where the measurement does not say: the gait filter's at 30 frames a second on typical
noise (docs/accuracy-kinematics.md)."""

NATURAL_THIGH_SD_DEG: Final = 1.1
"""Stride-to-stride deviation of the thigh at peak flexion in one leg (13 of the same runners; `python -m bench.posture
--norms`)."""
POSE_THIGH_SD_DEG: Final = 1.5
"""Error of that angle in one stride where the measurement does not say (`python -m bench.posture`, typical noise)."""

_THIGH_DEG: Final = ((2.5, 3.5, 4.5), (18.3, 19.8, 21.5))
"""The thigh ahead of vertical at peak flexion: speed, mean of 13 of the same runners (`python -m bench.posture
--norms`)."""
_THIGH_SD_DEG: Final = (2.8, 3.2, 3.2)
"""Spread of that between runners."""
_THIGH_RESIDUAL_DEG: Final = ((0.0, 1.0, 2.0), (0.0, 1.3, 2.2))
"""One runner held against the other speeds: distance in m/s, error of the thigh that is foretold (same bench)."""
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
    u = np.clip(np.asarray(speed_mps, dtype=float), SLOWEST_MPS, FASTEST_MPS) - 3.5
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
