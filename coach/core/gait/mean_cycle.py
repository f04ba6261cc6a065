"""The runner's own stride: every channel of both legs as harmonics of the phase, learnt as the run goes on.

One phase serves both legs; that they move half a cycle apart lies in their coefficients.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from operator import mul
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.timekeeping import USUAL_GAP_S
from coach.core.units import FloatArray

HARMONICS: Final = 6
"""Five carry the knee curve (0.05 ± 0.29°), six also the sharp turns at contact; four cost 0.9° of peak."""
TERMS: Final = 1 + 2 * HARMONICS

Channels = list[complex]
GROUPS: Final = 6
"""Channels that are seen or missed together: knee, ankle, heel, toe (x and y from the own hip), flexion, hip."""
POINTS: Final = 4
KNEE_FROM_HIP, ANKLE_FROM_HIP, HEEL_FROM_HIP, TOE_FROM_HIP = range(POINTS)
"""Groups of two channels each: forward and up from the own hip, leg lengths."""
FLEXION, HIP_UP = 4, 5
"""Groups of one channel each: flexion in degrees / FLEXION_UNIT_DEG, height of the own hip in leg lengths."""
FLEXION_UNIT_DEG: Final = 180 / math.pi
_LEGS_GROUPS: Final = 2 * GROUPS

_K: Final = np.arange(1, HARMONICS + 1, dtype=np.float64)


def basis_rows(phases: FloatArray) -> FloatArray:
    """1, cos kφ, sin kφ for k = 1…6, (...,) → (..., 13)."""
    angles = phases[..., None] * _K
    rows = np.empty((*phases.shape, TERMS))
    rows[..., 0] = 1.0
    np.cos(angles, out=rows[..., 1 : HARMONICS + 1])
    np.sin(angles, out=rows[..., HARMONICS + 1 :])
    return rows


_DERIVED_FROM: Final = np.array([0, *range(HARMONICS + 1, TERMS), *range(1, HARMONICS + 1)])
_DERIVED_BY: Final = np.concatenate([[0.0], _K, -_K])
"""The slope's cosines are the curve's sines, its sines the curve's cosines turned over."""


def slope_of(coefficients: FloatArray) -> FloatArray:
    """Coefficients (..., 13) of the slope of a curve by φ."""
    return np.asarray(coefficients.take(_DERIVED_FROM, axis=-1) * _DERIVED_BY)


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
_WAVE_LATE: Final = np.repeat([0.0, -math.pi / 2], _SINES)
"""A sine is a cosine a quarter of a turn late."""
_TERM_OF_WAVE: Final = np.concatenate([_ORDERS[: HARMONICS + 1], _SINES + _ORDERS[1 : HARMONICS + 1]])


def _waves(phases: FloatArray) -> FloatArray:
    """(n, 26): cos jφ, then sin jφ, for j = 0…12."""
    return np.asarray(np.cos(phases[:, None] * _WAVE_RATE + _WAVE_LATE))


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
_RIDGE: Final = 1e-3 * np.diag([0.0] + [k**2 / 100 for k in range(1, HARMONICS + 1)] * 2)
"""Seconds of doubt about high harmonics: keeps the fit tame where part of the cycle was not seen."""
_DOUBT: Final = 0.2 * np.diag([0.0] + [(k / 4) ** 6 for k in range(1, HARMONICS + 1)] * 2)
"""The same, for each second by which pictures lie farther apart than is usual. Where few come in step with the stride,
seven or eight of each at the same places, a high harmonic looks there like a low one, and what is doubted less takes
all of it. Runners' knees move by 26, 18, 3.9, 1.2, 0.8 and 0.4° in the six (26 legs at 3 speeds), which falls about as
the sixth power rises; with the square alone a fifth took a seventh of the second, and peaks between two pictures lay up
to 17° off (`python -m bench.few_pictures --in-step 7,8`)."""


_BY_TURNS: Final = np.array([[k, k + HARMONICS if k else 0] for k in range(HARMONICS + 1)]).ravel()
"""Where a wave's cosine and its sine stand among the terms; the sine of order 0 is 0, whatever it is times."""


def _by_turns(phase: float) -> FloatArray:
    """(14,): 1, 0, cos φ, sin φ, cos 2φ, … sin 6φ: powers of one complex number."""
    powers = accumulate(repeat(cmath.rect(1.0, phase), HARMONICS), mul)
    return np.array([1.0, *powers], np.complex128).view(np.float64)


class Now(NamedTuple):
    """The template at one phase, left leg and right leg, as x + iy."""

    groups: tuple[Channels, Channels]
    """All six."""
    points: Channels
    """The first four of the left leg, then of the right one: knee, ankle, heel and toe."""


_CYCLE_ROWS: Final = basis_rows(np.linspace(0, 2 * math.pi, 101))


@dataclass(frozen=True, eq=False)
class LegCycle:
    """One leg's mean cycle from contact to contact, for live plots: (101,) each, worked out where it is looked at."""

    coefficients: FloatArray
    """(6, 2, 13), as `MeanCycle.coefficients` has them of a leg."""
    contact_rad: float

    @cached_property
    def knee_deg(self) -> FloatArray:
        """Flexion."""
        return self._curve(FLEXION, 0) * FLEXION_UNIT_DEG

    @cached_property
    def thigh_deg(self) -> FloatArray:
        """Ahead of vertical."""
        return np.asarray(np.degrees(np.arctan2(self._curve(KNEE_FROM_HIP, 0), -self._curve(KNEE_FROM_HIP, 1))))

    @cached_property
    def lever_ll(self) -> FloatArray:
        """Hip to heel; 0 where no heel was ever seen."""
        return np.asarray(np.hypot(self._curve(HEEL_FROM_HIP, 0), self._curve(HEEL_FROM_HIP, 1)))

    def _curve(self, group: int, channel: int) -> FloatArray:
        return np.asarray(_CYCLE_ROWS @ turned(self.coefficients[group, channel], self.contact_rad))


class _Lesson(NamedTuple):
    """A frame that waits to be learnt: its phase, channels as in `MeanCycle.now`, and a weight for each group."""

    phase_rad: float
    channels: list[complex]
    weights: list[float]
    dt_s: float


class MeanCycle:
    """Robust recursive least squares with forgetting, in information form, for two legs × six groups."""

    MEMORY_S: Final = 2.0
    """About three strides: long enough to average the noise, short enough to follow a change."""
    PRIOR_S: Final = 0.5
    """How many seconds of running the first fit counts for."""
    LEARN_EVERY_S: Final = 0.25
    """Frames are learnt some at a time: a template changes little meanwhile."""

    def __init__(self, coefficients: FloatArray, prior_s: float = PRIOR_S) -> None:
        self._take(coefficients.copy())
        # Over whole strides every wave averages out, but the constant; and a harmonic squared is a half.
        self._waves = np.zeros((_LEGS_GROUPS, 2 * _SINES))
        self._waves[:, 0] = prior_s
        self._moment = coefficients.reshape(-1, 2, TERMS) * (prior_s * np.array([1.0] + [0.5] * (TERMS - 1)))
        self._lessons: list[_Lesson] = []
        self._waiting_s = 0.0

    @property
    def coefficients(self) -> FloatArray:
        """(2, 6, 2, 13): x and y of either leg's groups; the second channel of a one-channel group is 0."""
        return self._coefficients

    def now(self, phase_rad: float) -> Now:
        """All channels at one phase."""
        return _now(self._curves.dot(_by_turns(phase_rad)).view(np.complex128).tolist())

    def moving(self, phase_rad: float) -> tuple[Now, Channels]:
        """The same, and how fast its points move, per radian of the phase."""
        channels = self._with_slopes.dot(_by_turns(phase_rad)).view(np.complex128).tolist()
        return _now(channels[:_LEGS_GROUPS]), _points(channels[_LEGS_GROUPS:])

    def at(self, rows: FloatArray) -> FloatArray:
        """All channels at basis rows (..., 13) → (..., 2, 6, 2)."""
        channels = rows @ self.coefficients.reshape(-1, TERMS).T
        return np.asarray(channels.reshape(*rows.shape[:-1], 2, GROUPS, 2))

    def over(self, rows: FloatArray, leg: int, group: int, channel: int = 0) -> FloatArray:
        """One channel at many basis rows (n, 13) → (n,)."""
        return np.asarray(rows @ self.coefficients[leg, group, channel])

    def noise_share(self, leg: int, group: int, stride_s: float, picture_s: float, slow_share: float) -> float:
        """Of the variance of a point's noise in one picture, what is left of it in the template.

        `slow_share` of it lasts a swing and is averaged over strides alone, the rest over all pictures.
        """
        of_a_stride = slow_share + (1 - slow_share) * TERMS * picture_s / stride_s
        learnt_s = float(self._waves[leg * GROUPS + group, 0])
        # What fades counts less and less: weights that sum to its memory average as much as twice of that would.
        return of_a_stride * stride_s / learnt_s * (1 - learnt_s / (2 * self.MEMORY_S))

    def learn(self, phase_rad: float, channels: list[complex], weights: list[float], dt_s: float) -> None:
        """Take one frame: channels and weights (0 to 1) of six groups left, then six right.

        NaN teaches nothing if its weight is 0. A leg that is left out forgets nothing.
        """
        self._lessons.append(_Lesson(phase_rad, channels, weights, dt_s))
        self._waiting_s += dt_s
        if self._waiting_s >= self.LEARN_EVERY_S:
            self.settle()

    def settle(self) -> None:
        """Learn what waits, and bring the coefficients up to date."""
        if not self._lessons:
            return
        phases, channels, weights, dt_s = (np.array(column) for column in zip(*self._lessons, strict=True))
        self._lessons.clear()
        self._waiting_s = 0.0
        share = weights * dt_s[:, None]
        # A leg forgets by how far its four points were believed.
        learnt_s = share.sum(0).reshape(2, GROUPS)[:, :POINTS].sum(1) / POINTS
        keep = np.exp(learnt_s / -self.MEMORY_S).repeat(GROUPS)[:, None]
        waves = _waves(phases)
        self._waves = keep * self._waves + share.T @ waves
        values = np.where(share > 0, channels, 0.0) * share
        told = values.view(np.float64).T @ waves.take(_TERM_OF_WAVE, axis=1)
        self._moment = keep[:, None] * self._moment + told.reshape(-1, 2, TERMS)
        gram = (
            (self._waves @ _PRODUCTS).reshape(-1, TERMS, TERMS)
            + _RIDGE
            + _DOUBT * max(float(dt_s.min()) - USUAL_GAP_S, 0.0)
        )
        solved = np.linalg.solve(gram, self._moment.swapaxes(1, 2)).swapaxes(1, 2)
        self._take(np.asarray(solved.reshape(2, GROUPS, 2, TERMS), np.float64))

    def _take(self, coefficients: FloatArray) -> None:
        self._coefficients = coefficients
        both = np.concatenate([coefficients, slope_of(coefficients)]).reshape(-1, TERMS)
        self._with_slopes = both.take(_BY_TURNS, axis=1)
        self._curves = self._with_slopes[: 2 * _LEGS_GROUPS]


def _now(channels: Channels) -> Now:
    return Now((channels[:GROUPS], channels[GROUPS:]), _points(channels))


def _points(channels: Channels) -> Channels:
    """Knee, ankle, heel and toe of both legs."""
    return channels[:POINTS] + channels[GROUPS : GROUPS + POINTS]
