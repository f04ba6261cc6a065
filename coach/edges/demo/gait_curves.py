"""How a leg moves over one running cycle, as Fourier series fitted to published figures.

Phases run from initial contact (0) to the next of the same foot (1). Angles in
degrees, lengths in leg lengths (thigh + shank), speeds in m/s.

The anchors are rounded means over treadmill runners at 2.5, 3.5 and 4.5 m/s from
Fukuchi, Fukuchi & Duarte (2017), PeerJ 5:e3298 (data CC BY 4.0): contact, extremes
and half-way points of each curve, so the moments of a stride are theirs. Between the
three speeds everything follows the parabola through them, held outside 2.0–5.0 m/s.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from coach.core.units import FloatArray

SPEEDS_MPS: Final = (2.5, 3.5, 4.5)
SLOWEST_MPS: Final = 2.0
FASTEST_MPS: Final = 5.0
HARMONICS: Final = 6
"""Five carry a knee curve (error of the peak 0.05 ± 0.29°); the sixth sharpens the landing."""

Triple = tuple[float, float, float]
"""One figure at the three speeds."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point of a curve: where, how much, and whether the curve turns there."""

    phase_pct: Triple
    deg: Triple
    extreme: bool = True


KNEE_FLEXION: Final = (
    Anchor((0, 0, 0), (10.6, 11.3, 12.6), extreme=False),
    Anchor((15, 14, 13.2), (41, 42, 42.5)),
    Anchor((40.5, 35, 32), (12.5, 10.8, 9.5)),
    Anchor((68, 66.8, 65.8), (91.0, 105.1, 114.1)),
    Anchor((84.2, 83.6, 83.2), (49.5, 57.2, 63.5), extreme=False),
    Anchor((97, 97, 96.8), (9.0, 9.6, 11.0)),
)
THIGH: Final = (  # forward of vertical is positive
    Anchor((1.5, 1.5, 2), (17.6, 21.2, 23.5)),
    Anchor((9, 9, 8), (20.2, 22.5, 23.7)),
    Anchor((23.5, 22.3, 21), (1.0, -2.0, -4.0), extreme=False),
    Anchor((41, 38.5, 36), (-21.1, -27.8, -32.5)),
    Anchor((60.2, 59.2, 58.4), (2.0, 0.5, -0.5), extreme=False),
    Anchor((80, 79.2, 79), (28.3, 34.8, 42.2)),
    Anchor((90, 90, 90), (22.2, 27.5, 33.5), extreme=False),
)
FOOT_PITCH: Final = (  # toes up is positive; the sole's angle to the belt
    Anchor((0, 0, 0), (12.5, 14.5, 14.5), extreme=False),
    Anchor((6, 6, 6), (2, 2, 2), extreme=False),
    Anchor((18, 16, 14), (0, 0, 0), extreme=False),
    Anchor((36, 32, 30), (-34, -40, -49), extreme=False),
    Anchor((60, 58, 57), (-80, -100, -116)),
    Anchor((88, 88, 88), (1, 4, 9), extreme=False),
    Anchor((97, 96.5, 96), (16, 18.5, 19.5)),
)

_CADENCE_SPM: Final[Triple] = (161.7, 171.5, 184.1)
_CONTACT_S: Final[Triple] = (0.261, 0.219, 0.191)
"""3 % below the published means: those belts ran 2–3 % below their label, and this one does not."""

_ANKLE_AHEAD_LL: Final[Triple] = (0.229, 0.283, 0.328)
"""Ankle ahead of the hip at initial contact, 0.02 more than published since the pelvis does not turn here."""

LATE_SWING_PHASES: Final = (0.90, 0.93, 0.96)
_LATE_SWING_ANKLE_LL: Final[tuple[Triple, ...]] = (
    (0.157, 0.173, 0.191),
    (0.146, 0.157, 0.171),
    (0.138, 0.147, 0.155),
)
"""Height of the ankle at these phases, 0.015 below the published means: this leg lands a little straighter."""


def at_speed(triple: Triple, speed_mps: float) -> float:
    """A figure between (and a little beyond) the three measured speeds."""
    x = min(max(speed_mps, SLOWEST_MPS), FASTEST_MPS) - SPEEDS_MPS[1]
    low, middle, high = triple
    return middle + x * (high - low) / 2 + x * x * (high + low - 2 * middle) / 2


def cadence_spm(speed_mps: float) -> float:
    """Mean cadence, both feet. Beyond 5 m/s it grows with the speed, since the foot's way on the belt does not."""
    return at_speed(_CADENCE_SPM, speed_mps) * max(1.0, speed_mps / FASTEST_MPS)


def duty_factor(speed_mps: float) -> float:
    """Share of the cycle on the ground; below 0.5 in running."""
    return at_speed(_CONTACT_S, speed_mps) * at_speed(_CADENCE_SPM, speed_mps) / 120


def ankle_ahead_ll(speed_mps: float) -> float:
    """How far the ankle is ahead of the hip when the foot lands."""
    return at_speed(_ANKLE_AHEAD_LL, speed_mps) * min(1.0, speed_mps / SLOWEST_MPS)


def late_swing_ankle_ll(speed_mps: float, phase: float) -> float:
    """Height of the ankle above the belt shortly before landing, at one of `LATE_SWING_PHASES`."""
    return at_speed(_LATE_SWING_ANKLE_LL[LATE_SWING_PHASES.index(phase)], speed_mps)


def norm_peak_deg(speed_mps: float) -> float:
    """μ(v), the published mean peak of swing knee flexion: −2.547 v² + 29.409 v + 33.354."""
    v = min(max(speed_mps, SLOWEST_MPS), FASTEST_MPS)
    return -2.547 * v * v + 29.409 * v + 33.354


@dataclass(frozen=True, slots=True)
class Fourier:
    """A periodic curve: mean + Σ cosine_k cos(2πkφ) + sine_k sin(2πkφ), k = 1, 2, …"""

    mean: float
    terms: tuple[tuple[float, float], ...]
    """(cosine, sine) of each harmonic."""

    def __call__(self, phase: float) -> float:
        """The curve's value at one phase."""
        turn, waves = cmath.rect(1.0, 2 * math.pi * phase), 0j
        for cosine, sine in reversed(self.terms):
            waves = (waves + complex(cosine, -sine)) * turn
        return self.mean + waves.real

    def many(self, phase: FloatArray) -> FloatArray:
        """The curve at many phases."""
        angles = 2 * np.pi * np.outer(phase, np.arange(1, len(self.terms) + 1))
        cosine, sine = np.array(self.terms).T
        return np.asarray(self.mean + np.cos(angles) @ cosine + np.sin(angles) @ sine)


@dataclass(frozen=True, slots=True)
class CycleCurves:
    """The three curves of a leg at one speed, and the phase and size of the swing peak."""

    knee_flexion: Fourier
    thigh: Fourier
    foot_pitch: Fourier
    peak_phase: float
    peak_deg: float


def curves(speed_mps: float) -> CycleCurves:
    """The cycle at a speed; equal to the nearest 0.02 m/s, so that a steady run computes it once."""
    return _curves(round(min(max(speed_mps, SLOWEST_MPS), FASTEST_MPS) * 50))


@cache
def _curves(speed_fiftieths: int) -> CycleCurves:
    speed_mps = speed_fiftieths / 50
    knee, thigh, pitch = (_fit(anchors, speed_mps) for anchors in (KNEE_FLEXION, THIGH, FOOT_PITCH))
    phases = np.linspace(0.55, 0.8, 2501)
    swing = knee.many(phases)
    top = int(np.argmax(swing))
    return CycleCurves(knee, thigh, pitch, float(phases[top]), float(swing[top]))


def _fit(anchors: tuple[Anchor, ...], speed_mps: float) -> Fourier:
    """The Fourier series nearest to the smooth curve through the anchors."""
    phase = np.array([at_speed(a.phase_pct, speed_mps) for a in anchors]) / 100
    value = np.array([at_speed(a.deg, speed_mps) for a in anchors])
    around = np.concatenate([phase - 1, phase, phase + 1])
    slopes = np.tile([a.extreme for a in anchors], 3)
    values = np.tile(value, 3)
    slope = np.where(slopes, 0.0, PchipInterpolator(around, values).derivative()(around))
    n = 240
    spectrum = np.fft.rfft(CubicHermiteSpline(around, values, slope)(np.arange(n) / n)) / n
    kept = spectrum[1 : HARMONICS + 1]
    return Fourier(float(spectrum[0].real), tuple((2 * float(z.real), -2 * float(z.imag)) for z in kept))
