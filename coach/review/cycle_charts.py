"""Over the gait cycle: knee bend, how hard the leg is to swing, and what the fold saves against the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.guards import like_incline
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import SIDES, Side
from coach.core.session.change import Change, against, near_valid
from coach.core.session.cycles import BLOCK_S, leg_inertia, merged, relief_pct, swing_of
from coach.core.session.like_speed import (
    LIKE_SPEED_MPS,
    by_incline,
    main_incline_pct,
    on_incline,
    on_main_incline,
    with_speed,
)
from coach.core.session.records import Cycle
from coach.core.session.seen import place_sd_deg
from coach.core.session.session import Session
from coach.core.session.summary import judged, spread
from coach.core.words import Words
from coach.review.plotly_figure import Chart, Figure, Trace, axis, heading, rounded, trace

FEWEST_BASELINE: Final = 10
_CALM: Final = (Stage.WARM_UP, Stage.BASELINE)
_KNOWN_SHARE: Final = 0.9
"""Of the strides whose speed must be known before they are called alike (an engineering choice)."""


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

    The baseline of this run, at the incline where most came after it; else, of those given, the nearest in speed.
    """
    near = near_valid(session.strides)
    coached = [kept for kept in near if kept.stage not in _CALM]
    taken = [group for group in by_incline(_baseline_strides(near)) if len(group) >= FEWEST_BASELINE]
    if taken:
        calm = max(taken, key=lambda group: len(on_incline(coached, main_incline_pct(group))))
        peak = spread([kept.peak_knee_flexion_deg for kept in calm])
        # Neighbouring strides resemble each other: their mean is as uncertain as that of half as many.
        se_deg = peak.sd * math.sqrt(2 / peak.n)
        speed_mps = spread([kept.speed_mps for kept in calm]).mean
        return against(peak.mean, se_deg, speed_mps, main_incline_pct(calm), coached)
    main = on_main_incline(coached)
    side, mean_mps = session.view.near_side, spread([kept.speed_mps for kept in with_speed(main)]).mean
    incline_pct = main_incline_pct(main)
    usable = [
        b
        for b in baselines
        if side == b.near_side and not math.isnan(b.peak_deg(b.near_side)) and like_incline(b.incline_pct, incline_pct)
    ]
    if not usable or math.isnan(mean_mps):
        return None
    best = min(usable, key=lambda baseline: abs(baseline.speed_mps - mean_mps))
    se_deg = math.hypot(best.sd_deg * math.sqrt(2 / best.strides), _place_sd_deg(best, session))
    return against(best.peak_deg(best.near_side), se_deg, best.speed_mps, best.incline_pct, coached)


def _place_sd_deg(baseline: Baseline, session: Session) -> float:
    """What another camera set-up makes of the lift since an earlier baseline; 0 with the baseline's own.

    What the baseline's peaks shared is not kept: it is taken as this run's.
    """
    stated_deg = session.summary.near_shared_sd_deg
    return 0.0 if baseline.camera == session.source.set_up else place_sd_deg(stated_deg, stated_deg)


def swing_relief(session: Session) -> SwingRelief | None:
    """The same over the whole swing, where this run has curves of its baseline and kept to one speed and incline."""
    near = near_valid(session.strides)
    calm, side = _baseline_strides(near), session.view.near_side
    run = [kept for kept in near if kept.stage is not Stage.WARM_UP]
    level = all(like_incline(kept.incline_pct, run[0].incline_pct) for kept in run)
    if not calm or side is None or not level or not _alike([kept.speed_mps for kept in run]):
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


def _alike(speeds_mps: Sequence[float]) -> bool:
    """Whether all strides were run at one speed, and the speed of most of them is known."""
    known = [speed for speed in speeds_mps if not math.isnan(speed)]
    return len(known) > _KNOWN_SHARE * len(speeds_mps) and max(known) - min(known) <= LIKE_SPEED_MPS


def _toe_off_share(near: Sequence[StrideRecord]) -> float:
    """Mean share of the stride at which the foot leaves the ground; NaN where it is not known."""
    strides = near
    shares = [(s.toe_off_s - s.initial_contact_s) / (s.end_s - s.start_s) for s in strides]
    known = [share for share in shares if not math.isnan(share)]
    return float(np.mean(known)) if known else math.nan


WHOLE_RUN: Final = "whole_run"
_LINES: Final = {
    WHOLE_RUN: {"color": "@lift", "width": 3.5},
    "first_third": {"color": "@first", "dash": "dash", "width": 2},
    "last_third": {"color": "@baseline", "dash": "dot", "width": 2.5},
}
_FEWEST_CURVES: Final = 5
_FEWEST_BLOCKS: Final = 3
"""Curves are kept in blocks of ten seconds: a run with fewer has no thirds."""


def through_the_stride(session: Session, words: Words) -> Chart | None:
    """Knee angle over the gait cycle: run and its thirds, left and right as far as seen, with band and toe-off."""
    legs = {side: cycles for side in SIDES if (cycles := _cycles(session, side))}
    if not legs:
        return None
    traces: list[Trace] = []
    layout: Figure = {"height": 340, "annotations": [], "shapes": []}
    width = 1.0 if len(legs) == 1 else 0.47
    for panel, (side, cycles), left in zip(("", "2"), legs.items(), (0.0, 0.53), strict=False):
        traces += _cycle_traces(cycles, side, panel, words, known={one["name"] for one in traces})
        layout[f"xaxis{panel}"] = axis(
            words.line("chart.pct_of_stride"), domain=[left, left + width], range=[0, 100], anchor=f"y{panel}"
        )
        layout[f"yaxis{panel}"] = axis(
            words.line("chart.knee_bend") if not panel else "", rangemode="tozero", anchor=f"x{panel}"
        )
        layout["annotations"].append(heading(words.line(f"chart.{side}"), left + width / 2))
        of_leg = [kept for kept in session.strides if kept.valid and kept.side == side]
        layout["shapes"] += _cycle_band(of_leg, panel)
        off_pct = 100 * _toe_off_share(of_leg)
        if not math.isnan(off_pct):
            layout["shapes"].append(_toe_off_line(off_pct, panel))
            layout["annotations"].append(_toe_off_name(off_pct, panel, words))
    if "yaxis2" in layout:
        layout["yaxis2"]["matches"] = "y"
    alt = words.line("chart.cycle_alt")
    return Chart("cycle", alt, {"data": traces, "layout": layout})


def _cycle_traces(
    cycles: Sequence[tuple[str, Cycle]], side: Side, panel: str, words: Words, known: set[str]
) -> list[Trace]:
    leg = words.line(f"chart.{side}")
    named = [(words.line(f"chart.{part}"), part, cycle) for part, cycle in cycles]
    return [
        trace(
            name,
            list(range(101)),
            rounded(cycle.mean_deg),
            mode="lines",
            line=_LINES[part],
            xaxis=f"x{panel}",
            yaxis=f"y{panel}",
            legendgroup=name,
            showlegend=name not in known,
            hovertemplate=f"%{{x}} %: %{{y:.0f}}°<extra>{leg}, {name}, {words.many('page.strides', cycle.n)}</extra>",
        )
        for name, part, cycle in named
    ]


def inertia_over_cycle(swing: SwingRelief, words: Words) -> Chart:
    """How hard the near leg is to swing over the cycle, at the baseline and afterwards."""
    curves = (
        (words.line("chart.baseline"), swing.before, "@first", "dash"),
        (words.line("chart.afterwards"), swing.after, "@lift", "solid"),
    )
    traces = [
        trace(
            name,
            list(range(101)),
            swing.inertia_pct(cycle),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 3},
            hovertemplate=f"%{{x}} %: %{{y:.0f}} %<extra>{name}, {words.many('page.strides', cycle.n)}</extra>",
        )
        for name, cycle, colour, dash in curves
    ]
    layout = {
        "height": 300,
        "xaxis": axis(words.line("chart.pct_of_stride"), range=[0, 100]),
        "yaxis": axis(words.line("chart.pct_of_straight_leg")),
    }
    alt = words.line("chart.relief_alt")
    return Chart("relief", alt, {"data": traces, "layout": layout})


def _cycles(session: Session, side: Side) -> list[tuple[str, Cycle]]:
    """The mean cycle of the whole run, and of the first and the last third of its time where it is long enough."""
    whole = session.cycles.get(side)
    if whole is None or whole.n < _FEWEST_CURVES:
        return []
    blocks = [block for block in session.curves if block.side == side]
    if len(blocks) < _FEWEST_BLOCKS:
        return [(WHOLE_RUN, whole)]
    start_s, end_s = blocks[0].start_s, blocks[-1].start_s
    third_s = (end_s - start_s) / 3
    first = merged(block.cycle for block in blocks if block.start_s <= start_s + third_s)
    last = merged(block.cycle for block in blocks if block.start_s >= end_s - third_s)
    thirds = (("first_third", first), ("last_third", last))
    return [(WHOLE_RUN, whole), *((name, cycle) for name, cycle in thirds if cycle and cycle.n >= _FEWEST_CURVES)]


def _toe_off_line(off_pct: float, panel: str) -> Figure:
    """Where the foot leaves the ground, as a line over the height of the panel."""
    return {
        "type": "line",
        "xref": f"x{panel}",
        "yref": f"y{panel} domain",
        "x0": round(off_pct, 1),
        "x1": round(off_pct, 1),
        "y0": 0,
        "y1": 1,
        "line": {"color": "@norm", "dash": "dot", "width": 1.5},
    }


def _toe_off_name(off_pct: float, panel: str, words: Words) -> Figure:
    return {
        "text": words.line("chart.toe_off"),
        "x": round(off_pct, 1),
        "y": 0.98,
        "xref": f"x{panel}",
        "yref": f"y{panel} domain",
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 4,
        "showarrow": False,
        "font": {"color": "@norm"},
    }


def _cycle_band(of_leg: Sequence[StrideRecord], panel: str) -> list[Figure]:
    """The mean band that the leg's strides are judged by, as a box where the knee bends most."""
    banded = judged(of_leg)
    if not banded:
        return []
    low = float(np.mean([kept.target_low_deg for kept in banded]))
    high = float(np.mean([kept.target_high_deg for kept in banded]))
    return [
        {
            "type": "rect",
            "xref": f"x{panel}",
            "yref": f"y{panel}",
            "x0": 58,
            "x1": 78,
            "y0": round(low, 1),
            "y1": round(high, 1),
            "fillcolor": "@band",
            "line": {"width": 0},
            "layer": "below",
        }
    ]
