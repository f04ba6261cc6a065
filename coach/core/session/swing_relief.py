"""Swing-leg relief: how much easier a folded leg is to swing about the hip.

The leg is three rigid segments: thigh, shank, and the foot as a mass at the ankle. With thigh
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
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.units import FloatArray


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
