"""Swing-leg relief of a session: against the runner's own baseline, in mid-swing and over the whole swing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.change import LIKE_SPEED_MPS, Change, against, near_valid
from coach.core.session.cycles import BLOCK_S, merged
from coach.core.session.records import Cycle
from coach.core.session.session import Session
from coach.core.session.summary import spread
from coach.core.session.swing_relief import leg_inertia, relief_pct, swing_of

FEWEST_BASELINE: Final = 10
_CALM: Final = (Stage.WARM_UP, Stage.BASELINE)


@dataclass(frozen=True, slots=True)
class SwingRelief:
    """The near leg's mean cycle at the baseline and afterwards, with what the fold saves from toe-off to contact."""

    before: Cycle
    after: Cycle
    relief_pct: float

    def inertia_pct(self, cycle: Cycle) -> list[float]:
        """(101,) moment of inertia about the hip over the cycle, in per cent of the straight leg's."""
        share = 100 * leg_inertia(cycle.mean_deg) / leg_inertia(0.0)
        return [round(float(value), 1) for value in share]


def relief_change(session: Session, baselines: Sequence[Baseline] = ()) -> Change | None:
    """Peak flexion of the near leg against the runner's own baseline, at its speed; None without one.

    The baseline of this run, against what came after it; else, of those given, the nearest in speed.
    """
    near = near_valid(session.strides)
    coached = [kept for kept in near if kept.stage not in _CALM]
    calm = _baseline_strides(near)
    if len(calm) >= FEWEST_BASELINE:
        peak = spread([kept.peak_knee_flexion_deg for kept in calm])
        # Neighbouring strides resemble each other: their mean is as uncertain as that of half as many.
        se_deg = peak.sd * math.sqrt(2 / peak.n)
        return against(peak.mean, se_deg, spread([kept.speed_mps for kept in calm]).mean, coached)
    side, mean_mps = session.view.near_side, session.summary.speed.mean_mps
    usable = [b for b in baselines if side == b.near_side and not math.isnan(b.peak_deg(b.near_side))]
    if not usable or math.isnan(mean_mps):
        return None
    best = min(usable, key=lambda baseline: abs(baseline.speed_mps - mean_mps))
    return against(best.peak_deg(best.near_side), best.sd_deg * math.sqrt(2 / best.strides), best.speed_mps, coached)


def swing_relief(session: Session) -> SwingRelief | None:
    """The same over the whole swing, where this run has curves of its baseline and kept to one speed."""
    near = near_valid(session.strides)
    calm, side = _baseline_strides(near), session.view.near_side
    speeds = [kept.speed_mps for kept in near if kept.stage is not Stage.WARM_UP]
    if not calm or side is None or not max(speeds) - min(speeds) <= LIKE_SPEED_MPS:
        return None
    from_s, to_s = calm[0].start_s, calm[-1].end_s
    blocks = [block for block in session.curves if block.side == side]
    before = merged(b.cycle for b in blocks if from_s <= b.start_s and b.start_s + BLOCK_S <= to_s)
    after = merged(b.cycle for b in blocks if b.start_s >= to_s)
    if before is None or after is None or min(before.n, after.n) < FEWEST_BASELINE:
        return None
    off = _toe_off_share(near)
    swings = [swing_of(cycle.mean_deg, off) for cycle in (after, before)]
    return SwingRelief(before, after, relief_pct(*swings)) if swings[0].size else None


def _baseline_strides(near: Sequence[StrideRecord]) -> list[StrideRecord]:
    return [kept for kept in near if kept.stage is Stage.BASELINE]


def _toe_off_share(near: Sequence[StrideRecord]) -> float:
    """Mean share of the stride at which the foot leaves the ground; NaN where it is not known."""
    strides = near
    shares = [(s.toe_off_s - s.initial_contact_s) / (s.end_s - s.start_s) for s in strides]
    known = [share for share in shares if not math.isnan(share)]
    return float(np.mean(known)) if known else math.nan
