"""How the leg is held at a moment of its stride: the thigh against the vertical.

A knee that is bent by swinging the thigh forward and one that is bent by kicking the heel up behind show the same
flexion. What tells them apart is how far the thigh is ahead of vertical while the knee is bent most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker
from coach.core.gait.deviation import Readings, smoothed
from coach.core.gait.mean_cycle import MeanCycle, basis_rows
from coach.core.units import FloatArray

_KNEE, _ANKLE = 0, 1
"""Groups of the template."""
_AROUND_S: Final = 0.35
"""How far on both sides of the moment readings count."""
_ALLOWED_DEG: Final = 8.0
"""How far a stride's thigh may lie from the template's: as far as its knee."""
_STRIDES_IN_TEMPLATE: Final = 4.0


class Held(NamedTuple):
    """An angle and its one-sigma uncertainty, degrees; NaN where it was not seen."""

    deg: float
    sd_deg: float


def thigh_ahead(cycle: CycleTracker, leg: int, at_s: float, frames: Sequence[CycleFrame]) -> Held:
    """The thigh ahead of vertical at one moment: the template's, and what this stride does otherwise."""
    close = [f for f in frames if abs(f.t_s - at_s) <= _AROUND_S]
    times, phases, thigh = np.array([(f.t_s, f.phase_rad, f.legs[leg].thigh_deg) for f in close]).T
    read = np.isfinite(thigh)
    if not read.any():
        return Held(math.nan, math.nan)
    noise = min(close, key=lambda f: abs(f.t_s - at_s)).legs[leg].thigh_noise_deg2
    usual = _usual_deg(cycle.template, leg, np.append(phases[read], np.interp(at_s, times, phases)))
    allowed = np.full(int(read.sum()), _ALLOWED_DEG)
    readings = Readings(times[read], thigh[read] - usual[:-1], allowed, noise)
    offset, sd = smoothed(np.array([at_s]), allowed[:1], readings, cycle.deviation_scale_s)
    return Held(float(usual[-1] + offset[0]), math.hypot(float(sd[0]), 0.3 * math.sqrt(noise / _STRIDES_IN_TEMPLATE)))


class Form(NamedTuple):
    """What a mean stride's bones do beside the lift; the template's, which remembers about three strides."""

    thigh_forward_deg: float
    thigh_back_deg: float
    shank_at_contact_deg: float
    foot_ahead_ll: float


def form(usual: FloatArray, leg: int, contact_rad: float) -> Form:
    """Of one leg over the mean cycle (n, 2, 6, 2); contact: its phase."""
    knee, ankle = usual[:, leg, _KNEE], usual[:, leg, _ANKLE]
    at = round(contact_rad / (2 * math.pi) * len(usual)) % len(usual)
    thigh_deg = np.degrees(np.arctan2(knee[:, 0], -knee[:, 1]))
    shank = ankle[at] - knee[at]
    shank_deg = math.degrees(math.atan2(float(shank[0]), -float(shank[1])))
    return Form(float(thigh_deg.max()), -float(thigh_deg.min()), shank_deg, float(ankle[at, 0]))


def _usual_deg(template: MeanCycle, leg: int, phases: FloatArray) -> FloatArray:
    """The template's thigh at many phases, (n,) → (n,)."""
    rows = basis_rows(phases)
    forward, up = (template.over(rows, leg, _KNEE, channel) for channel in range(2))
    return np.asarray(np.degrees(np.arctan2(forward, -up)))
