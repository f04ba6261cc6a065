"""The runner's own stride: every channel of both legs as harmonics of the phase, learnt as the run goes on.

One phase serves both legs; that they move half a cycle apart lies in their coefficients.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from coach.core.units import FloatArray

HARMONICS: Final = 6
"""Five carry the knee curve (0.05 ± 0.29°), six also the sharp turns at contact; four cost 0.9° of peak."""
TERMS: Final = 1 + 2 * HARMONICS

GROUPS: Final = 6
"""Channels that are seen or missed together: knee, ankle, heel, toe (x and y from the own hip), flexion, hip."""
FLEXION, HIP_UP = 4, 5
"""Groups of one channel each: flexion in degrees / FLEXION_UNIT_DEG, height of the own hip in leg lengths."""
FLEXION_UNIT_DEG: Final = 180 / math.pi

_K: Final = np.arange(1, HARMONICS + 1, dtype=np.float64)


def basis(phase: float) -> tuple[FloatArray, FloatArray]:
    """1, cos kφ, sin kφ and their slopes by φ, (13,) each."""
    angles = _K * phase
    cosines, sines = np.cos(angles), np.sin(angles)
    value, slope = np.empty(TERMS), np.empty(TERMS)
    value[0], slope[0] = 1.0, 0.0
    value[1 : HARMONICS + 1], value[HARMONICS + 1 :] = cosines, sines
    slope[1 : HARMONICS + 1], slope[HARMONICS + 1 :] = -_K * sines, _K * cosines
    return value, slope


def basis_rows(phases: FloatArray) -> FloatArray:
    """The basis at many phases, (...,) → (..., 13)."""
    angles = phases[..., None] * _K
    return np.concatenate([np.ones((*phases.shape, 1)), np.cos(angles), np.sin(angles)], axis=-1)


_MEAN_GRAM: Final = np.diag([1.0] + [0.5] * (TERMS - 1))
"""Mean of the basis' outer product over a cycle."""
_RIDGE: Final = 1e-3 * np.diag([0.0] + [k**2 / 100 for k in range(1, HARMONICS + 1)] * 2)
"""Seconds of doubt about high harmonics: keeps the fit tame where part of the cycle was not seen."""


class Template:
    """Robust recursive least squares with forgetting, in information form, for two legs × six groups.

    coefficients: (2, 6, 2, 13); the second channel of a one-channel group is 0.
    """

    MEMORY_S: Final = 2.0
    """About three strides: long enough to average the noise, short enough to follow a change."""
    PRIOR_S: Final = 0.5
    """How many seconds of running the first fit counts for."""

    def __init__(self, coefficients: FloatArray, prior_s: float = PRIOR_S) -> None:
        self.coefficients = coefficients.copy()
        self._gram = np.broadcast_to(prior_s * _MEAN_GRAM, (2, GROUPS, TERMS, TERMS)).copy()
        self._moment = np.swapaxes(self.coefficients @ (prior_s * _MEAN_GRAM), -1, -2).copy()
        self._turn = 0

    def at(self, row: FloatArray) -> FloatArray:
        """(2, 6, 2): all channels where the basis is `row`; with the basis' slope, their slopes."""
        return np.asarray(self.coefficients @ row)

    def over(self, rows: FloatArray, leg: int, group: int, channel: int = 0) -> FloatArray:
        """One channel at many basis rows (n, 13) → (n,)."""
        return np.asarray(rows @ self.coefficients[leg, group, channel])

    def learn(self, row: FloatArray, values: FloatArray, weights: FloatArray, dt_s: float) -> None:
        """Take one frame: values (2, 6, 2), weights (2, 6) of 0 to 1. A leg that is left out forgets nothing."""
        keep = np.exp(-dt_s / self.MEMORY_S * weights[:, :4].mean(1))[:, None, None, None]
        weighted = (weights * dt_s)[..., None, None]
        self._gram *= keep
        self._gram += weighted * (row[:, None] * row)
        self._moment *= keep
        self._moment += weighted * (row[:, None] * np.where(weights[..., None] > 0, values, 0.0)[:, :, None, :])
        # One leg a frame: half the cost, and a template changes little in a frame.
        self._turn ^= 1
        self.solve(self._turn)

    def solve(self, leg: int) -> None:
        """Bring one leg's coefficients up to date."""
        self.coefficients[leg] = np.swapaxes(np.linalg.solve(self._gram[leg] + _RIDGE, self._moment[leg]), -1, -2)
