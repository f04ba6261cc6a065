"""How leg and trunk are held: the thigh at peak flexion, and form beside the lift, each with its uncertainty.

A knee that is bent by swinging the thigh forward and one that is bent by kicking the heel up behind show the same
flexion. What tells them apart is how far the thigh is ahead of vertical while the knee is bent most. The rest is read
off the runner's mean stride of that time and off the trunk: measured and shown, never coached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.gait.cycle_tracker import CycleFrame, CycleTracker
from coach.core.gait.deviation import DEVIATION_SCALE_S, SLOW_S, SLOW_SHARE, Readings, smoothed
from coach.core.gait.events import EventPhases
from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    HEEL_FROM_HIP,
    HIP_UP,
    KNEE_FROM_HIP,
    TOE_FROM_HIP,
    MeanCycle,
    basis_rows,
)
from coach.core.units import FloatArray

_AROUND_S: Final = 0.35
"""How far on both sides of the moment readings count."""
_ALLOWED_DEG: Final = 8.0
"""How far a stride's thigh may lie from the template's: as far as its knee."""
STRIDES_IN_TEMPLATE: Final = 4.0
_FLAT_SHARE: Final = (0.25, 0.5)
"""Of stance; there a foot's own angle moves by 2° on the 13 runners (`python -m bench.posture --norms`), whether it
landed on the heel or not. Held against it, heel and toe points may lie anywhere on the shoe."""
_NOISE_HARMONIC: Final = 2.0
"""Of the six harmonics over which a template's noise spreads: with it, what is stated of the swing's time agrees with
what was found (`python -m bench.posture --form`)."""
_OWN_SHARE: Final = 0.6
"""Of the scatter of heel and toe about the template: the rest is the hip's, from which both are seen, and turns no
foot."""
_FEWEST_LEANS: Final = 6
_SHORTEST_BONE_LL: Final = 0.05
"""A foot that was never seen has none."""


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
    usual = _usual_deg(cycle.template, leg, np.concatenate([phases[read], [np.interp(at_s, times, phases)]]))
    allowed = np.full(int(read.sum()), _ALLOWED_DEG)
    readings = Readings(times[read], thigh[read] - usual[:-1], allowed, noise)
    offset, sd = smoothed(np.array([at_s]), allowed[:1], readings, DEVIATION_SCALE_S)
    return Held(float(usual[-1] + offset[0]), math.hypot(float(sd[0]), 0.3 * math.sqrt(noise / STRIDES_IN_TEMPLATE)))


class Form(NamedTuple):
    """What a mean stride's bones do beside the lift, as the template has it, which remembers about three strides.

    Each with its one-sigma uncertainty; fields as in `Stride`.
    """

    thigh_forward_deg: float
    thigh_back_deg: float
    thigh_extreme_sd_deg: float
    thigh_range_deg: float
    thigh_range_sd_deg: float
    thigh_swing_dps: float
    thigh_swing_sd_dps: float
    shank_at_contact_deg: float
    shank_at_contact_sd_deg: float
    foot_ahead_ll: float
    foot_ahead_sd_ll: float
    foot_at_contact_deg: float
    foot_at_contact_sd_deg: float
    vertical_oscillation_ll: float
    vertical_oscillation_sd_ll: float


@dataclass(frozen=True, slots=True)
class MeanStride:
    """The template of one leg as form is read off it."""

    channels: FloatArray
    """(n, 2, 6, 2): both legs over one turn of the phase."""
    leg: int
    phases: EventPhases
    rate_rad_s: float
    spread_ll2: Sequence[float]
    """Variance per coordinate of knee, ankle, heel and toe about the template."""
    timing_sd_s: float
    """Uncertainty of the moment of contact."""


def form(mean: MeanStride) -> Form:
    """Thigh, shank, foot and hips over the mean stride."""
    own = mean.channels[:, mean.leg]
    knee, ankle, heel, toe = (own[:, group] for group in (KNEE_FROM_HIP, ANKLE_FROM_HIP, HEEL_FROM_HIP, TOE_FROM_HIP))
    thigh_deg = _ahead_deg(knee)
    knee_var, ankle_var, heel_var, toe_var = (each / STRIDES_IN_TEMPLATE for each in mean.spread_ll2)
    thigh_sd_deg = _turn_sd_deg(knee, knee_var)
    forward, back = float(thigh_deg.max()), -float(thigh_deg.min())
    reach_deg, reach_sd_deg = forward + back, math.sqrt(2) * thigh_sd_deg
    swing_s, swing_sd_s = _swing(thigh_deg, reach_deg, thigh_sd_deg, mean.rate_rad_s)
    speed_dps = reach_deg / swing_s
    shank = ankle - knee
    shank_deg, shank_turn = _at_contact(_ahead_deg(shank), mean)
    ahead_ll, ahead_turn = _at_contact(ankle[:, 0], mean)
    pitch_deg = _pitch_deg(toe - heel)
    foot_deg, foot_turn = _at_contact(pitch_deg, mean)
    flat = pitch_deg[_in_stance(mean, *_FLAT_SHARE)]
    flat_deg = float(flat.sum() / len(flat))  # NaN where no place of the cycle lies there
    shank_sd, foot_sd = _turn_sd_deg(shank, ankle_var), _turn_sd_deg(toe - heel, _OWN_SHARE * (heel_var + toe_var))
    hips = (mean.channels[:, 0, HIP_UP, 0] + mean.channels[:, 1, HIP_UP, 0]) / 2
    return Form(
        thigh_forward_deg=forward,
        thigh_back_deg=back,
        thigh_extreme_sd_deg=thigh_sd_deg,
        thigh_range_deg=reach_deg,
        thigh_range_sd_deg=reach_sd_deg,
        thigh_swing_dps=speed_dps,
        thigh_swing_sd_dps=speed_dps * math.hypot(reach_sd_deg / reach_deg, swing_sd_s / swing_s),
        shank_at_contact_deg=shank_deg,
        shank_at_contact_sd_deg=math.hypot(shank_sd, mean.timing_sd_s * shank_turn),
        foot_ahead_ll=ahead_ll,
        foot_ahead_sd_ll=math.hypot(math.sqrt(ankle_var), mean.timing_sd_s * ahead_turn),
        foot_at_contact_deg=foot_deg - flat_deg,
        foot_at_contact_sd_deg=math.hypot(foot_sd, mean.timing_sd_s * foot_turn),
        vertical_oscillation_ll=float(np.ptp(hips)),
        # Knees are seen from the hip, so half of their scatter is the hip's; of two hips' mean, top against bottom.
        vertical_oscillation_sd_ll=math.sqrt(knee_var / 2),
    )


def trunk_lean(leans_deg: FloatArray, gap_s: float) -> Held:
    """Mean lean over a stride's frames (n,), `gap_s` apart; NaN where less than half of them showed the trunk."""
    known = leans_deg[np.isfinite(leans_deg)]
    if len(known) < max(_FEWEST_LEANS, len(leans_deg) / 2):
        return Held(math.nan, math.nan)
    # Neighbouring frames err alike and count for less.
    alike = math.exp(-max(gap_s, 1e-3) / SLOW_S)
    repeats = (1 - SLOW_SHARE) + SLOW_SHARE * (1 + alike) / (1 - alike)
    mean_deg = float(known.sum()) / len(known)
    sd_deg = math.sqrt(float(np.square(known - mean_deg).sum()) / (len(known) - 1))
    return Held(mean_deg, sd_deg * math.sqrt(min(repeats / len(known), 1.0)))


def _ahead_deg(bones: FloatArray) -> FloatArray:
    """(n, 2) → (n,): how far each bone's lower end is ahead of its upper one."""
    return np.asarray(np.degrees(np.arctan2(bones[:, 0], -bones[:, 1])))


def _turn_sd_deg(bones: FloatArray, variance_ll2: float) -> float:
    """By how much a bone (n, 2) is turned where one of its ends errs by so much."""
    length_ll = float(np.hypot(bones[:, 0], bones[:, 1]).sum()) / len(bones)
    return math.degrees(math.sqrt(variance_ll2)) / max(length_ll, _SHORTEST_BONE_LL)


def _pitch_deg(feet: FloatArray) -> FloatArray:
    """(n, 2) from heel to toe → (n,): + toes up; without a jump where a foot points down."""
    pitch_rad = np.arctan2(feet[:, 1], feet[:, 0])
    # Where all of it lies within half a turn there is no jump to take out.
    return np.asarray(np.degrees(pitch_rad if np.ptp(pitch_rad) < math.pi else np.unwrap(pitch_rad)))


def _swing(thigh_deg: FloatArray, reach_deg: float, sd_deg: float, rate_rad_s: float) -> tuple[float, float]:
    """How long the thigh takes from farthest behind to farthest ahead, and the uncertainty of that, s."""
    n = len(thigh_deg)
    turn = 2 * math.pi / n
    phase = (int(thigh_deg.argmax()) - int(thigh_deg.argmin())) % n * turn
    # Where a curve turns is known as well as its slope there: the noise's against its own bend.
    turns_sd = _NOISE_HARMONIC * sd_deg / max(0.5 * reach_deg, 1.0)
    return phase / rate_rad_s, math.sqrt(2) * math.hypot(turns_sd, turn / math.sqrt(12)) / rate_rad_s


def _at_contact(curve: FloatArray, mean: MeanStride) -> tuple[float, float]:
    """A curve (n,) over the cycle at initial contact, and how fast it changes there, per second."""
    n = len(curve)
    at = mean.phases.contact_rad / (2 * math.pi) * n
    before, value, after = (_between(curve, at + step) for step in (-1.0, 0.0, 1.0))
    return value, abs(after - before) / (4 * math.pi / n) * mean.rate_rad_s


def _between(curve: FloatArray, at: float) -> float:
    """A closed curve (n,) between two of its places."""
    at %= len(curve)
    first = int(at)
    here, there = curve.item(first), curve.item((first + 1) % len(curve))
    return float((there - here) * (at - first) + here)


def _in_stance(mean: MeanStride, first: float, last: float) -> FloatArray:
    """(n,) which of the phases lie between two shares of stance."""
    n = len(mean.channels)
    after = (np.arange(n) * 2 * math.pi / n - mean.phases.contact_rad) % (2 * math.pi)
    share = after / mean.phases.toe_off_after_rad
    return np.asarray((share >= first) & (share <= last))


def _usual_deg(template: MeanCycle, leg: int, phases: FloatArray) -> FloatArray:
    """The template's thigh at many phases, (n,) → (n,)."""
    rows = basis_rows(phases)
    forward, up = (template.over(rows, leg, KNEE_FROM_HIP, channel) for channel in range(2))
    return np.asarray(np.degrees(np.arctan2(forward, -up)))
