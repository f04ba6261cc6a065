"""Finding the rhythm: the first fit of stride frequency and template to two seconds of running.

The search is cut into small steps, so that it can run beside the frames and no frame waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait.kinematics import HIP, Legs
from coach.core.gait.mean_cycle import FLEXION_UNIT_DEG, GROUPS, HARMONICS, TERMS, basis_rows, slope_of
from coach.core.units import BoolArray, FloatArray

_GRID_HZ: Final = np.arange(0.75, 1.95, 0.025)
"""Strides a second, from a stroll to a sprint: walkers are followed too, and named as such."""
_CANDIDATES: Final = (3, 2)
"""How many frequencies are tried from one stride a second on, and below."""
_ROUNDS: Final = 6
_ROWS: Final = 72
"""Frames a fit uses at most; at high rates it takes every second or third."""
FEWEST_FRAMES: Final = 2 * TERMS
"""Two legs of so many frames give each of the shared template's terms four looks."""
_NOISE_FLOOR_LL: Final = 0.012
_ACCEPT_LL: Final = 0.075
MISFIT_CAP_LL: Final = 0.15
"""A point farther off counts as this far."""
_SLOW_HZ: Final = 1.0
_SLOW_COST: Final = 1.8
"""Below one stride a second people walk, and half of any runner's rate lies there too: at that rate every
other step may seem to fit. A slow rhythm must explain the frames that much better."""
_OWN: Final = 6.0
"""How many frames' worth the legs are held alike at first: runners' legs differ by 4° on average."""
_MOST_BOUNCE_SHARE: Final = 1.0
_LEAST_BOUNCE_LL: Final = 0.012
"""A runner's hips bounce by 0.05 at twice the stride's rate, and by 0.01 at four times."""
_MIN_SWING_LL: Final = 0.25
"""The ankle of a runner swings fore and aft by more than this; that of one standing does not."""

_ORDERS: Final = (1, 2, 4)
"""Harmonics of the first rounds: where many frames are swapped, the fundamental alone tells which ones."""

_SHIFT: Final = np.array([1.0] + [(-1.0) ** k for k in range(1, HARMONICS + 1)] * 2)
"""Half a cycle later, odd harmonics change sign."""
_SHIFTS: Final = np.stack([np.ones(TERMS), _SHIFT])

_NEEDED: Final = [0, 1, 2, 3, 8, 9]
"""Channels without which there is no rhythm: knee, ankle, flexion and hip; feet may be hidden or not recorded."""

_POINT_OF_CHANNEL: Final = np.array([0, 0, 1, 1, 2, 2, 3, 3, 0, 0])
"""Whose weight a channel has: x and y of the four points, flexion and hip."""


@dataclass(frozen=True, slots=True)
class CadenceFit:
    """A rhythm that was found. phase_rad holds at start_s; coefficients as the template's; spread_ll is the misfit."""

    start_s: float
    phase_rad: float
    rate_rad_s: float
    coefficients: FloatArray
    spread_ll: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the search fits. channels: (n, 2, 10), left and right leg, points and flexion and hip; NaN where missing."""

    t_s: FloatArray
    channels: FloatArray


@dataclass(frozen=True, slots=True)
class _Fit:
    """One frequency's fit. weights: (n, 2, 10), by the legs' names; swapped: (n, 1, 1); misfit_ll: per coordinate."""

    misfit_ll: float
    rate_rad_s: float
    coefficients: FloatArray
    weights: FloatArray
    swapped: BoolArray

    @property
    def doubt(self) -> float:
        """By what fits compete."""
        return self.misfit_ll * (_SLOW_COST if self.rate_rad_s < 2 * math.pi * _SLOW_HZ else 1.0)


Search = Generator[None, None, CadenceFit | None]


def search(frames: Sequence[Legs]) -> Search:
    """Look for a rhythm in `frames`, a small step at a time; None where there is none."""
    rows = _rows(frames)
    if rows is None:
        return None
    yield
    candidates = _frequencies(rows)
    best: _Fit | None = None
    for hz in candidates:
        yield
        fit = yield from _fit(rows, 2 * math.pi * hz)
        if _is_one_stride(fit) and (best is None or fit.doubt < best.doubt):
            best = fit
    if best is None:
        return None
    swing = basis_rows(np.linspace(0, 2 * math.pi, 24, endpoint=False)) @ best.coefficients[2]
    if best.misfit_ll > _ACCEPT_LL or np.ptp(swing) < _MIN_SWING_LL:
        return None
    yield
    return CadenceFit(float(rows.t_s[0]), 0.0, best.rate_rad_s, _both_legs(rows, best), best.misfit_ll)


def _is_one_stride(fit: _Fit) -> bool:
    """Whether the ankle swings once a cycle and the hips bounce twice: wholes are told from doubles."""
    ankle, hips = fit.coefficients[2], fit.coefficients[9]
    once, twice = _size(ankle, 1), _size(ankle, 2)
    return once > twice and not _size(hips, 4) > max(_MOST_BOUNCE_SHARE * _size(hips, 2), _LEAST_BOUNCE_LL)


def _size(coefficients: FloatArray, harmonic: int) -> float:
    """Amplitude of one harmonic of a channel's (13,) coefficients."""
    return math.hypot(coefficients[harmonic], coefficients[harmonic + HARMONICS])


def _rows(frames: Sequence[Legs]) -> _Rows | None:
    step = -(-len(frames) // _ROWS)
    used = frames[::step]
    if len(used) < FEWEST_FRAMES:
        return None
    relative = np.array([f.relative_ll for f in used]).view(np.float64).reshape(len(used), 2, -1)
    flexion = np.array([f.flexion_deg for f in used])[..., None] / FLEXION_UNIT_DEG
    hip = np.array([[leg[HIP].imag for leg in f.points_ll] for f in used])[..., None]
    channels = np.concatenate([relative, flexion, hip], axis=2)
    if np.isfinite(channels[:, :, _NEEDED]).all((1, 2)).sum() < TERMS + 5:
        return None
    return _Rows(np.array([f.t_s for f in used]), channels)


def _frequencies(rows: _Rows) -> list[float]:
    """The likeliest stride frequencies from signals that do not care which leg is called left."""
    points = rows.channels[:, :, :8]
    if np.isfinite(points).all((1, 2)).sum() < TERMS + 5:
        points = points[:, :, :4]
    whole = np.isfinite(points).all((1, 2))
    t, left, right = rows.t_s[whole] - rows.t_s[0], points[whole, 0], points[whole, 1]
    signals = np.concatenate([left + right, np.abs(left - right)], axis=1)
    signals = signals - signals.mean(0)
    angles = 4 * math.pi * _GRID_HZ[:, None] * t
    first = np.cos(angles) + 1j * np.sin(angles)
    waves = np.stack([first, first**2, first**3], axis=1)
    design = np.concatenate([np.ones((len(_GRID_HZ), 1, len(t))), waves.real, waves.imag], axis=1)
    moment = design @ signals
    gram = design @ design.swapaxes(1, 2) + 0.05 * np.eye(7)
    explained = (moment * np.linalg.solve(gram, moment)).sum((1, 2))
    fast = _GRID_HZ >= _SLOW_HZ
    return _best_apart(explained, fast, _CANDIDATES[0]) + _best_apart(explained, ~fast, _CANDIDATES[1])


def _best_apart(explained: FloatArray, among: BoolArray, count: int) -> list[float]:
    """The `count` frequencies that explain most, not too close to one another."""
    chosen: list[float] = []
    for i in np.argsort(-np.where(among, explained, -np.inf)).tolist():
        if not among[i] or len(chosen) == count:
            break
        if all(abs(_GRID_HZ[i] - other) > 0.04 for other in chosen):
            chosen.append(float(_GRID_HZ[i]))
    return chosen


def _fit(rows: _Rows, rate: float) -> Generator[None, None, _Fit]:
    """Robust fit of one template, right at φ + π."""
    channels, crossed_channels = rows.channels, rows.channels[:, ::-1]
    seen = np.isfinite(channels)
    swapped = np.zeros((len(rows.t_s), 1, 1), bool)
    weights = seen.astype(float)
    spread = 0.2
    t = rows.t_s - rows.t_s[0]
    for turn in range(_ROUNDS):
        legs = _legs_rows(rate * t)
        held = np.where(swapped, crossed_channels, channels)
        held_weights = np.where(swapped, weights[:, ::-1], weights)
        coefficients = _solve(legs, held, held_weights, _ORDERS[turn] if turn < len(_ORDERS) else HARMONICS)
        yield
        expected = legs @ coefficients.T
        kept, crossed = _distances(channels, expected), _distances(crossed_channels, expected)
        limit = (4 * max(spread, 0.03)) ** 2
        sure = 1.0 if turn < len(_ORDERS) else 0.7
        swapped = (_capped(crossed, limit) < sure * _capped(kept, limit))[:, None, None]
        distance = np.where(swapped, crossed[:, ::-1], kept)
        typical = distance[np.isfinite(distance)]
        spread = max(math.sqrt(float(np.median(typical)) / 1.39), _NOISE_FLOOR_LL) if typical.size else 1.0
        closeness = 1 - distance / (4.5 * spread * (1.5 if turn < 2 else 1.0)) ** 2
        weights = np.where(seen, (np.fmax(closeness, 0.0) ** 2)[..., _POINT_OF_CHANNEL], 0.0)
        if turn >= 1:
            held = np.where(swapped, crossed_channels, channels)
            held_weights = np.where(swapped, weights[:, ::-1], weights)
            rate += _rate_pull(t, held - expected, held_weights, legs @ slope_of(coefficients).T)
    misfit = float(np.minimum(typical, MISFIT_CAP_LL**2).mean())
    return _Fit(math.sqrt(misfit / 2), rate, coefficients, weights, swapped)


def _legs_rows(phases: FloatArray) -> FloatArray:
    """(n, 2, 13): the basis for the left leg and, half a cycle on, for the right."""
    return np.asarray(basis_rows(phases)[:, None] * _SHIFTS)


def _solve(legs: FloatArray, channels: FloatArray, weights: FloatArray, order: int) -> FloatArray:
    """Weighted least squares channel by channel, harmonics up to `order`: (10, 13)."""
    design = legs.reshape(-1, TERMS)
    w = weights.reshape(len(design), -1)
    values = np.where(w > 0, channels.reshape(w.shape), 0.0)
    gram = _gram(w, design) + np.diag([1e-3, *([0.15] * order + [1e6] * (HARMONICS - order)) * 2])
    moment = (w * values).T @ design
    return np.asarray(np.linalg.solve(gram, moment[..., None])[..., 0])


def _gram(weights: FloatArray, design: FloatArray) -> FloatArray:
    """Weighted sum over the rows (n, 13) of their outer products, for each column of weights (n, c): (c, 13, 13)."""
    products = (design[:, :, None] * design[:, None]).reshape(len(design), -1)
    return (weights.T @ products).reshape(-1, TERMS, TERMS)


def _distances(channels: FloatArray, expected: FloatArray) -> FloatArray:
    """(n, 2, 4): squared distance of the four points to what is expected."""
    gap = (channels[..., :8] - expected[..., :8]) ** 2
    return np.asarray(gap[..., 0::2] + gap[..., 1::2])


def _capped(distance: FloatArray, limit: float) -> FloatArray:
    """(n,): sums over the points; one that is missing counts for the limit."""
    return np.asarray(np.fmin(distance, limit).sum((1, 2)))


def _rate_pull(t: FloatArray, residual: FloatArray, weights: FloatArray, slope: FloatArray) -> float:
    """Gauss-Newton step of the rate by the points: how much faster the phase runs than assumed, in rad/s."""
    w = weights[..., :8]
    about = slope[..., :8] * (t - t.mean())[:, None, None]
    weighted = w * about
    information = float((weighted * about).sum())
    pull = float((weighted * np.where(w > 0, residual[..., :8], 0.0)).sum()) / information if information > 0 else 0.0
    return min(max(pull, -0.15), 0.15)


def _both_legs(rows: _Rows, fit: _Fit) -> FloatArray:
    """The template of either leg: the shared one, bent toward what that leg alone showed. (2, 6, 2, 13)."""
    left = basis_rows(fit.rate_rad_s * (rows.t_s - rows.t_s[0]))
    channels = np.where(fit.swapped, rows.channels[:, ::-1], rows.channels)
    weights = np.where(fit.swapped, fit.weights[:, ::-1], fit.weights)
    out = np.zeros((2, GROUPS, 2, TERMS))
    for leg in range(2):
        shared = fit.coefficients * _SHIFT if leg else fit.coefficients
        seen = weights[:, leg] > 0
        gap = np.where(seen, channels[:, leg] - left @ shared.T, 0.0)
        gram = _gram(weights[:, leg], left) + _OWN * np.eye(TERMS)
        moment = (weights[:, leg] * gap).T @ left
        own = shared + np.linalg.solve(gram, moment[..., None])[..., 0]
        out[leg, :4] = own[:8].reshape(4, 2, TERMS)
        out[leg, 4, 0], out[leg, 5, 0] = own[8], own[9]
    return out
