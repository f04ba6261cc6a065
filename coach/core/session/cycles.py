"""Knee flexion over the gait cycle: the mean curve of each leg, and how much easier a leg so folded is to swing.

Curves are kept in blocks of time that can be merged exactly, so that a whole run, its first and its last third need no
second pass.

Swing-leg relief: the leg is three rigid segments, thigh, shank, and the foot as a mass at the ankle. With thigh
length a, shank length b and knee flexion θ, the squared distance from the hip of a point that
lies b' down the shank is a² + b'² + 2·a·b'·cos θ, so that

    I(θ) = m₁·(c₁² + r₁²) + m₂·(a² + c₂² + 2·a·c₂·cos θ + r₂²) + m₃·(a² + b² + 2·a·b·cos θ + r₃²)

with m the masses, c the distances of the centres of mass from the upper joint and r the radii of
gyration about the axis across the body. Masses and lengths: de Leva P (1996) Adjustments to
Zatsiorsky-Seluyanov's segment inertia parameters, J Biomech 29(9): 1223–1230, table 4, thigh from
hip to knee, shank from knee to ankle joint centre. Per cent between two flexions do not depend on
the runner's mass or height. It is geometry, not a measured saving of energy.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.gait import GaitUpdate, Stride
from coach.core.pose import SIDES, Side
from coach.core.session.records import CurveBlock, Cycle
from coach.core.units import FloatArray

CYCLE_POINTS: Final = 101
BLOCK_S: Final = 10.0
_MEMORY_S: Final = 4.0
"""Two of the slowest strides and the delay with which one is decided."""
_WIDEST_GAP_S: Final = 0.09
"""Two lost frames at 30 per second; a spline over more would invent the peak."""


class CycleBook:
    """Collects the curve as it was shown and files each valid stride's cycle under its block."""

    def __init__(self) -> None:
        self._t_s: deque[float] = deque()
        self._flexion_deg: dict[Side, deque[float]] = {side: deque() for side in SIDES}
        self._sums: dict[tuple[int, Side], _Sum] = {}
        self._origin_s: float | None = None

    def add_frame(self, gait: GaitUpdate) -> None:
        """Remember the curve of one more frame."""
        if self._t_s and gait.t_s <= self._t_s[-1]:
            return
        if self._origin_s is None:
            self._origin_s = gait.t_s
        self._t_s.append(gait.t_s)
        for side in SIDES:
            self._flexion_deg[side].append(gait.leg(side).knee_flexion_deg)
        while self._t_s[0] < gait.t_s - _MEMORY_S:
            self._t_s.popleft()
            for side in SIDES:
                self._flexion_deg[side].popleft()

    def add_stride(self, stride: Stride) -> None:
        """File the cycle of a stride that has just ended, if it is valid and its curve was seen."""
        if not stride.valid or self._origin_s is None:
            return
        curve = resampled(np.array(self._t_s), np.array(self._flexion_deg[stride.side]), stride.start_s, stride.end_s)
        if curve is not None:
            block = int((stride.start_s - self._origin_s) // BLOCK_S)
            self._sums.setdefault((block, stride.side), _Sum()).add(curve)

    def blocks(self, since_s: float = -math.inf) -> tuple[CurveBlock, ...]:
        """All blocks so far that began at `since_s` or later, in time order."""
        origin_s = self._origin_s or 0.0
        return tuple(
            CurveBlock(side, start_s, total.cycle())
            for (block, side), total in sorted(self._sums.items())
            if (start_s := origin_s + block * BLOCK_S) >= since_s
        )


class _Sum:
    """Sums from which mean and SD of any number of curves follow."""

    def __init__(self) -> None:
        self.n = 0
        self.total = np.zeros(CYCLE_POINTS)
        self.squares = np.zeros(CYCLE_POINTS)

    def add(self, curve: FloatArray) -> None:
        self.n += 1
        self.total += curve
        self.squares += curve**2

    def cycle(self) -> Cycle:
        mean = self.total / self.n
        variance = np.maximum(self.squares - self.n * mean**2, 0.0) / max(self.n - 1, 1)
        # Rounded as it is stored, so that a session in memory and the same one read back agree to the digit.
        sd: FloatArray = np.sqrt(variance)
        return Cycle(np.round(mean, 2), np.round(sd, 2), self.n)


def resampled(t_s: FloatArray, flexion_deg: FloatArray, start_s: float, end_s: float) -> FloatArray | None:
    """(101,) flexion from `start_s` to `end_s`, or None where the samples leave a gap or do not reach so far.

    A cubic spline: at 30 frames a second straight lines would cut the peak by up to 1°.
    """
    known = np.isfinite(flexion_deg)
    t_s, flexion_deg = t_s[known], flexion_deg[known]
    inside = (t_s >= start_s - _WIDEST_GAP_S) & (t_s <= end_s + _WIDEST_GAP_S)
    if inside.sum() < 5:
        return None
    t_s, flexion_deg = t_s[inside], flexion_deg[inside]
    if t_s[0] > start_s or t_s[-1] < end_s or np.diff(t_s).max() > _WIDEST_GAP_S:
        return None
    return _spline(t_s, flexion_deg, np.linspace(start_s, end_s, CYCLE_POINTS))


def _spline(t_s: FloatArray, values: FloatArray, at_s: FloatArray) -> FloatArray:
    """Natural cubic spline through at most some hundred points; scipy's takes longer to load than a run to start."""
    step, rise = np.diff(t_s), np.diff(values)
    slope = rise / step
    # The second derivative is 0 at both ends; between, the first goes on across every point.
    inner = np.diag(2 * (step[:-1] + step[1:])) + np.diag(step[1:-1], 1) + np.diag(step[1:-1], -1)
    bend = np.zeros(len(t_s))
    bend[1:-1] = np.linalg.solve(inner, 6 * np.diff(slope))
    left = np.clip(np.searchsorted(t_s, at_s, side="right") - 1, 0, len(step) - 1)
    on, before = at_s - t_s[left], t_s[left + 1] - at_s
    h, low, high = step[left], bend[left], bend[left + 1]
    straight = values[left] + slope[left] * on
    return np.asarray(straight - on * before * (low * (h + before) + high * (h + on)) / (6 * h), dtype=np.float64)


def merged(cycles: Iterable[Cycle]) -> Cycle | None:
    """The cycle of all strides behind `cycles`, exactly as if they had been averaged at once; None for none."""
    parts = [cycle for cycle in cycles if cycle.n]
    if not parts:
        return None
    n = sum(part.n for part in parts)
    mean = np.sum([part.n * part.mean_deg for part in parts], axis=0) / n
    within = np.sum([(part.n - 1) * part.sd_deg**2 for part in parts], axis=0)
    between = np.sum([part.n * (part.mean_deg - mean) ** 2 for part in parts], axis=0)
    return Cycle(mean, np.sqrt((within + between) / max(n - 1, 1)), n)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of the mean body: share of body mass, length, and shares of length."""

    mass: float
    length_m: float
    centre: float
    """Centre of mass from the upper joint."""
    gyration: float
    """Radius of gyration about the axis across the body, through the centre of mass."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Thigh, shank and foot."""

    thigh: Segment
    shank: Segment
    foot: Segment


MALE: Final = Leg(
    Segment(0.1416, 0.4222, 0.4095, 0.329),
    Segment(0.0433, 0.4403, 0.4395, 0.246),
    Segment(0.0137, 0.2581, 0.4415, 0.245),
)
FEMALE: Final = Leg(
    Segment(0.1478, 0.3685, 0.3612, 0.364),
    Segment(0.0481, 0.4386, 0.4352, 0.263),
    Segment(0.0129, 0.2283, 0.4014, 0.279),
)


def leg_inertia(flexion_deg: FloatArray | float, leg: Leg = MALE) -> FloatArray:
    """Moment of inertia of the leg about the hip in m² per unit of body mass; NaN for NaN."""
    cosine = np.cos(np.radians(flexion_deg))
    thigh, shank, foot = leg.thigh, leg.shank, leg.foot
    a, b = thigh.length_m, shank.length_m
    to_centre = shank.centre * b
    own = sum(segment.mass * (segment.gyration * segment.length_m) ** 2 for segment in (thigh, shank, foot))
    upper = thigh.mass * (thigh.centre * a) ** 2
    lower = shank.mass * (a**2 + to_centre**2 + 2 * a * to_centre * cosine)
    end = foot.mass * (a**2 + b**2 + 2 * a * b * cosine)
    return np.asarray(own + upper + lower + end, dtype=np.float64)


def relief_pct(flexion_deg: FloatArray | float, before_deg: FloatArray | float) -> float:
    """By how many per cent the leg's inertia is lower than before; negative where it is higher.

    Both may be curves over the swing: then their means are compared. Mean of the male and the female leg.
    """
    each = [
        100.0 * (1.0 - leg_inertia(flexion_deg, leg).mean() / leg_inertia(before_deg, leg).mean())
        for leg in (MALE, FEMALE)
    ]
    return float(np.mean(each))


def swing_of(cycle_deg: FloatArray, toe_off_share: float) -> FloatArray:
    """The part of a cycle curve (101,) from toe-off to the next contact; empty where toe-off is unknown."""
    if not 0.0 < toe_off_share < 1.0:
        return np.empty(0)
    first = math.ceil(toe_off_share * (len(cycle_deg) - 1))
    return cycle_deg[first:]
