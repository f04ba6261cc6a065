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
_QUARTER: Final = math.pi / 2

# A sine is a cosine a quarter of a turn late, and a slope is a quarter of a turn early, times its rate: so
# one call of the cosine gives the whole basis and its slope.
_RATE: Final = np.concatenate([[0.0], _K, _K])
_LATE: Final = np.array([0.0] * (1 + HARMONICS) + [-_QUARTER] * HARMONICS)
_ANGLE_LATE: Final = np.stack([_LATE, _LATE + _QUARTER])
_SIZE: Final = np.stack([np.ones(TERMS), _RATE])


def basis(phase: float) -> FloatArray:
    """1, cos kφ, sin kφ and, as the second row, their slopes by φ: (2, 13)."""
    return np.asarray(_SIZE * np.cos(phase * _RATE + _ANGLE_LATE))


def basis_rows(phases: FloatArray) -> FloatArray:
    """The basis at many phases, (...,) → (..., 13)."""
    angles = phases[..., None] * _K
    return np.concatenate([np.ones((*phases.shape, 1)), np.cos(angles), np.sin(angles)], axis=-1)


def slope_of(coefficients: FloatArray) -> FloatArray:
    """Coefficients (..., 13) of the slope of a curve by φ."""
    even, odd = coefficients[..., 1 : HARMONICS + 1], coefficients[..., HARMONICS + 1 :]
    return np.concatenate([np.zeros_like(coefficients[..., :1]), _K * odd, -_K * even], axis=-1)


def turned(coefficients: FloatArray, by_rad: float) -> FloatArray:
    """Coefficients (13,) of the same curve, read from the phase `by_rad` on."""
    cosine, sine = np.cos(by_rad * _K), np.sin(by_rad * _K)
    even, odd = coefficients[1 : HARMONICS + 1], coefficients[HARMONICS + 1 :]
    return np.concatenate([coefficients[:1], even * cosine + odd * sine, odd * cosine - even * sine])


# Products of harmonics are sums of harmonics: 2 cos jφ cos kφ = cos (j−k)φ + cos (j+k)φ, and the like for sines.
# So 25 waves hold all 169 products of two terms.
_ORDERS: Final = np.arange(2 * HARMONICS + 1)
_SINES: Final = len(_ORDERS)
"""Where the sines begin; the sine of order 0 is kept for the even count, and is 0."""
_WAVE_RATE: Final = np.concatenate([_ORDERS, _ORDERS]).astype(np.float64)
_WAVE_LATE: Final = np.repeat([0.0, -_QUARTER], _SINES)
_TERM_OF_WAVE: Final = np.concatenate([_ORDERS[: HARMONICS + 1], _SINES + _ORDERS[1 : HARMONICS + 1]])


def waves(phase: float) -> FloatArray:
    """(26,): cos nφ, then sin nφ, for n = 0…12."""
    return np.asarray(np.cos(phase * _WAVE_RATE + _WAVE_LATE))


def terms_of(waves: FloatArray) -> FloatArray:
    """The basis, (13,), out of the waves at the same phase."""
    return waves[_TERM_OF_WAVE]


def _products() -> FloatArray:
    """(26, 169): from waves to the products of any two terms."""
    order, sine = _TERM_OF_WAVE % _SINES, _TERM_OF_WAVE >= _SINES
    table = np.zeros((2 * _SINES, TERMS, TERMS))
    for i, j in np.ndindex(TERMS, TERMS):
        apart, together = order[i] - order[j], order[i] + order[j]
        if sine[i] != sine[j]:
            # 2 sin jφ cos kφ = sin (j+k)φ + sin (j−k)φ; the sine of a negative order is turned over.
            apart = apart if sine[i] else -apart
            table[_SINES + together, i, j] += 0.5
            table[_SINES + abs(apart), i, j] += 0.5 * np.sign(apart)
        else:
            table[together, i, j] += -0.5 if sine[i] else 0.5
            table[abs(apart), i, j] += 0.5
    return table.reshape(2 * _SINES, -1)


_PRODUCTS: Final = _products()
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
    _SOLVE_EVERY_S: Final = 0.05
    _FADE: Final = np.array([-1 / MEMORY_S / 4] * 4 + [0.0, 0.0])
    """A leg forgets by how far its four points are believed."""

    def __init__(self, coefficients: FloatArray, prior_s: float = PRIOR_S) -> None:
        self.coefficients = coefficients.copy()
        # Over whole strides every wave averages out, but the constant; and a harmonic squared is a half.
        self._waves = np.zeros((2, GROUPS, 2 * _SINES))
        self._waves[..., 0] = prior_s
        self._moment = self.coefficients * (prior_s * np.array([1.0] + [0.5] * (TERMS - 1)))
        self._turn, self._unsolved_s = 0, 0.0

    def at(self, rows: FloatArray) -> FloatArray:
        """All channels at basis rows (..., 13) → (..., 2, 6, 2); with rows of the basis' slope, their slopes."""
        channels = rows @ self.coefficients.reshape(-1, TERMS).T
        return np.asarray(channels.reshape(*rows.shape[:-1], 2, GROUPS, 2))

    def over(self, rows: FloatArray, leg: int, group: int, channel: int = 0) -> FloatArray:
        """One channel at many basis rows (n, 13) → (n,)."""
        return np.asarray(rows @ self.coefficients[leg, group, channel])

    def learn(self, waves: FloatArray, values: FloatArray, weights: FloatArray, dt_s: float) -> None:
        """Take one frame: waves (26,), values (2, 6, 2), weights (2, 6) of 0 to 1. A leg that is left out forgets nothing."""
        keep = np.exp(dt_s * (weights @ self._FADE))[:, None, None]
        weighted = (weights * dt_s)[..., None]
        self._waves *= keep
        self._waves += weighted * waves
        self._moment *= keep[..., None]
        self._moment += (weighted * np.where(weighted > 0, values, 0.0))[..., None] * terms_of(waves)
        # One leg at a time: a template changes little meanwhile.
        self._unsolved_s += dt_s
        if self._unsolved_s >= self._SOLVE_EVERY_S:
            self._unsolved_s = 0.0
            self._turn ^= 1
            self.solve(self._turn)

    def solve(self, leg: int) -> None:
        """Bring one leg's coefficients up to date."""
        gram = (self._waves[leg] @ _PRODUCTS).reshape(GROUPS, TERMS, TERMS) + _RIDGE
        self.coefficients[leg] = np.linalg.solve(gram, self._moment[leg].swapaxes(-1, -2)).swapaxes(-1, -2)
