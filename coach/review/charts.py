"""Charts over the run: heel lift, speeds, cues, steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import FITTED_MPS, peak_flexion_deg
from coach.core.coaching.guards import like_incline, steep
from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.change import near_valid
from coach.core.session.cue_effects import CueEffect
from coach.core.session.like_speed import by_incline, by_speed, main_incline_pct
from coach.core.session.records import SpeedChange
from coach.core.session.session import Session
from coach.core.units import Units
from coach.core.words import Words
from coach.review.inclines import incline_text
from coach.review.plotly_figure import (
    GAP_S,
    MEAN_OF,
    MOST_POINTS,
    Chart,
    Clock,
    Figure,
    Trace,
    axis,
    clock_of,
    mean_line,
    polygon,
    rounded,
    shown_speed,
    trace,
    with_room,
)

MOST_DOTS: Final = 2500
_BINS: Final = 400
_FEWEST_AT_SPEED: Final = 5


def lift_over_time(session: Session, words: Words, units: Units) -> Chart | None:
    """Heel lift of every trusted near stride against the band, cues marked, belt speed below."""
    near = near_valid(session.strides)
    if not near:
        return None
    clock = clock_of(session)
    dots = near[:: max(1, math.ceil(len(near) / MOST_DOTS))]
    belt = _belt_lines(session, clock, words, units)
    traces = [
        *_band(near, clock, words),
        trace(
            words.line("chart.stride"),
            [clock(kept.peak_knee_flexion_s) for kept in dots],
            [round(kept.peak_knee_flexion_deg, 1) for kept in dots],
            mode="markers",
            marker={"color": "@dot", "size": 5 if len(near) < 400 else 4},
        ),
        mean_line(words.line("chart.mean_of", strides=MEAN_OF), near, "peak_knee_flexion_deg", clock, "@lift"),
        *_cue_marks(session, near, clock, words),
        *belt,
    ]
    layout: Figure = {
        "height": 460 if belt else 360,
        "xaxis": axis(words.line("chart.time", unit=clock.name), anchor="y2" if belt else "y"),
        "yaxis": axis(words.line("chart.peak_bend"), domain=[0.30 if belt else 0.0, 1.0]),
        "hovermode": "x unified" if len(near) < MOST_POINTS else "closest",
    }
    if belt:
        unit = "mph" if units == "imperial" else "km/h"
        layout["yaxis2"] = axis(unit, domain=[0.0, 0.18], rangemode="tozero", nticks=3)
    for incline in belt[1:]:
        marks = sorted({0.0, min(incline["y"]), max(incline["y"])})
        room = 0.1 * (marks[-1] - marks[0])
        layout["yaxis3"] = axis(
            "%",
            overlaying="y2",
            side="right",
            range=[marks[0] - room, marks[-1] + room],
            tickvals=marks,
            showgrid=False,
            zeroline=False,
        )
    return Chart(
        "lift",
        words.line("chart.lift_alt"),
        {
            "data": traces,
            "layout": layout,
        },
    )


def lift_by_speed(
    session: Session, words: Words, units: Units, baselines: Sequence[tuple[float, float]] = ()
) -> Chart | None:
    """Mean heel lift at each speed against the own baseline and the published norm, that as far as it was measured.

    What was run on a hill has marks of its own. baselines: (speed in m/s, near leg's peak in degrees).
    """
    own = [_lift_at_speeds(group, words, units) for group in by_incline(near_valid(session.strides))]
    if not any(own):
        return None
    speeds = np.linspace(*FITTED_MPS, 21)
    norms = norms_of(session)
    usual = peak_flexion_deg(speeds, norms)
    shown = [shown_speed(speed, units) for speed in speeds]
    traces = [
        polygon(words.line("chart.usual_range"), shown, usual - norms.sd_deg, usual + norms.sd_deg, "@norm-fill"),
        trace(
            words.line("chart.in_general"), shown, rounded(usual), mode="lines", line={"color": "@norm", "dash": "dot"}
        ),
        *(at_speeds for at_speeds in own if at_speeds is not None),
    ]
    if baselines:
        traces.append(
            trace(
                words.line("chart.own_baseline"),
                [shown_speed(speed, units) for speed, _ in baselines],
                [round(peak, 1) for _, peak in baselines],
                mode="markers",
                marker={"color": "@baseline", "size": 11, "symbol": "diamond"},
            )
        )
    layout = {
        "height": 340,
        "xaxis": axis(words.line("chart.speed", unit="mph" if units == "imperial" else "km/h")),
        "yaxis": axis(words.line("chart.peak_bend")),
    }
    return Chart(
        "speed",
        words.line("chart.speed_alt"),
        {
            "data": traces,
            "layout": layout,
        },
    )


def steps_over_time(session: Session, words: Words) -> Chart | None:
    """Cadence, ground contact and bounce over time, one below the other."""
    rows = (
        _Row("cadence_spm", words.line("chart.steps"), 1.0, least=4.0),
        _Row("contact_time_s", words.line("chart.contact"), 1000.0, least=20.0),
        _Row("vertical_oscillation_ll", words.line("chart.bounce"), 100.0, least=1.0),
    )
    return _stacked("steps", words.line("chart.steps_alt"), session, rows, words)


def lever_and_thigh(session: Session, words: Words) -> Chart | None:
    """Less lever, quicker thigh: the shortest lever and the thigh's speed in swing over time."""
    if all(math.isnan(kept.thigh_swing_dps) for kept in near_valid(session.strides)):
        return None
    rows = (
        _Row("min_hip_heel_ll", words.line("chart.lever"), 100.0, least=4.0),
        _Row("thigh_swing_dps", words.line("chart.thigh_speed"), 1.0, least=10.0),
    )
    return _stacked("thigh", words.line("chart.thigh_alt"), session, rows, words)


class _Row(NamedTuple):
    """A line over time: a stride's field, and how it is shown."""

    name: str
    title: str
    scale: float
    least: float
    """The axis shows at least so much, about what one stride differs from the next: less would look like a change."""


_BETWEEN: Final = 0.09
"""Of the height, between two rows."""


def _stacked(key: str, alt: str, session: Session, rows: Sequence[_Row], words: Words) -> Chart | None:
    """Fields of the near strides over time, one below the other; what too few of them tell has no row."""
    near, clock = near_valid(session.strides), clock_of(session)
    lines = [(row, mean_line(row.title, near, row.name, clock, "@lift", scale=row.scale)) for row in rows]
    told = [(row, line) for row, line in lines if line["x"]]
    if not told:
        return None
    axes = ["" if i == 0 else str(i + 1) for i in range(len(told))]
    tall = (1 + _BETWEEN) / len(told) - _BETWEEN
    layout: Figure = {
        "height": 420,
        "xaxis": axis(words.line("chart.time", unit=clock.name), anchor=f"y{axes[-1]}"),
    }
    for i, ((row, line), number) in enumerate(zip(told, axes, strict=True)):
        line |= {"yaxis": f"y{number}", "showlegend": False}
        top = 1 - i * (tall + _BETWEEN)
        domain = [round(max(top - tall, 0.0), 3), round(top, 3)]
        layout[f"yaxis{number}"] = axis(row.title, domain=domain, **with_room(line["y"], row.least))
    return Chart(key, alt, {"data": [line for _, line in told], "layout": layout})


def cue_outcomes(session: Session, effects: Sequence[CueEffect], words: Words) -> Chart | None:
    """Each cue's strides before and after it, joined by a line."""
    clock = clock_of(session)
    lifts = [effect for effect in effects if effect.kind.traits.wants != "under"]
    known = [o for effect in lifts for o in effect.outcomes if not math.isnan(o.difference_deg)]
    if not known:
        return None
    x = [clock(outcome.cue.t_s) for outcome in known]
    joins_x = [value for at in x for value in (at, at, None)]
    joins_y = [v for o in known for v in (round(o.before_deg, 1), round(o.after_deg, 1), None)]
    traces = [
        trace("", joins_x, joins_y, mode="lines", line={"color": "@grid"}, showlegend=False, hoverinfo="skip"),
        trace(words.line("chart.before_cue"), x, [round(o.before_deg, 1) for o in known], mode="markers",
               marker={"color": "@first", "size": 10, "symbol": "circle-open", "line": {"width": 2}}),
        trace(words.line("chart.after_cue"), x, [round(o.after_deg, 1) for o in known], mode="markers",
               marker={"color": "@lift", "size": 10}),
    ]  # fmt: skip
    layout = {
        "height": 280,
        "xaxis": axis(words.line("chart.time", unit=clock.name)),
        "yaxis": axis(words.line("chart.peak_bend")),
    }
    return Chart("cues", words.line("chart.cues_alt"), {"data": traces, "layout": layout})


def norms_of(session: Session) -> NormSettings:
    """The norms that held in the run; the published ones where they were not kept."""
    kept = {
        name: value
        for name in NormSettings.__slots__
        if isinstance(value := session.setting(f"norms.{name}"), int | float)
    }
    return NormSettings(**kept)


def _band(near: Sequence[StrideRecord], clock: Clock, words: Words) -> list[Trace]:
    """Floor to ceiling as an area and the target as a line, in about `_BINS` steps; gaps where there was none."""
    size = math.ceil(len(near) / _BINS)
    x: list[float | None] = []
    y: list[float | None] = []
    tx: list[float | None] = []
    ty: list[float | None] = []
    for stretch in _banded_stretches(near):
        edges = [
            (clock(group[0].start_s), clock(group[-1].end_s), *(_mean(group, name) for name in _BAND))
            for group in (stretch[at : at + size] for at in range(0, len(stretch), size))
        ]
        x += [t for start, end, *_ in edges for t in (start, end)]
        y += [low for _, _, low, _, _ in edges for _ in (0, 1)]
        x += [t for start, end, *_ in reversed(edges) for t in (end, start)]
        y += [high for *_, high in reversed(edges) for _ in (0, 1)]
        tx += [t for start, end, *_ in edges for t in (start, end)]
        ty += [target for *_, target, _ in edges for _ in (0, 1)]
        for series in (x, y, tx, ty):
            series.append(None)
    if not x:
        return []
    return [
        trace(
            words.line("chart.band"),
            x[:-1],
            y[:-1],
            mode="lines",
            fill="toself",
            fillcolor="@band",
            line={"width": 0},
            hoverinfo="skip",
        ),
        trace(
            words.line("chart.target"),
            tx[:-1],
            ty[:-1],
            mode="lines",
            line={"color": "@target", "dash": "dash", "width": 2},
        ),
    ]


_BAND: Final = ("target_low_deg", "target_deg", "target_high_deg")


def _mean(group: Sequence[StrideRecord], name: str) -> float:
    return round(float(np.mean([getattr(kept, name) for kept in group])), 1)


def _banded_stretches(near: Sequence[StrideRecord]) -> list[list[StrideRecord]]:
    """Neighbouring strides with a band, in one list each; nobody ran, or was seen, between two of them."""
    stretches: list[list[StrideRecord]] = []
    last_s = -math.inf
    for kept in near:
        if any(math.isnan(getattr(kept, name)) for name in _BAND):
            last_s = -math.inf
            continue
        if kept.start_s - last_s > GAP_S:
            stretches.append([])
        stretches[-1].append(kept)
        last_s = kept.end_s
    return stretches


def _cue_marks(session: Session, near: Sequence[StrideRecord], clock: Clock, words: Words) -> list[Trace]:
    cues = session.cues
    if not cues:
        return []
    top = max(kept.peak_knee_flexion_deg for kept in near) + 3
    return [
        trace(
            words.line("chart.cue"),
            [clock(cue.t_s) for cue in cues],
            [round(top, 1)] * len(cues),
            mode="markers",
            marker={"color": "@cue", "size": 11, "symbol": "triangle-down"},
            text=[words.line(f"cue.{cue.kind}") for cue in cues],
            hovertemplate=f"%{{text}}<extra>{words.line('chart.cue')}</extra>",
        )
    ]


def _belt_lines(session: Session, clock: Clock, words: Words, units: Units) -> list[Trace]:
    """The belt's speed, and its incline where there is a hill, in steps; nothing where the speed was not known."""
    changes = _thinned(session.speeds)
    speeds = [None if math.isnan(c.speed_mps) else shown_speed(c.speed_mps, units) for c in changes]
    inclines = [0.0 if math.isnan(c.incline_pct) else round(c.incline_pct, 1) for c in changes]
    ends = [clock(c.t_s) for c in changes]
    if not math.isnan(session.frames.last_s):
        ends.append(clock(session.frames.last_s))
    if all(speed is None for speed in speeds):
        return []
    line = {"color": "@speed", "width": 2}
    lines = [_in_steps(words.line("chart.belt_speed"), ends, speeds, line=line, yaxis="y2")]
    if any(steep(pct) for pct in inclines):
        dotted = line | {"dash": "dot"}
        lines.append(_in_steps(words.line("chart.incline"), ends, inclines, line=dotted, yaxis="y3"))
    return lines


def _in_steps(name: str, ends: Sequence[float], values: Sequence[float | None], **how: object) -> Trace:
    """Each value up to its end: a step that only began would not be drawn where none is known after it."""
    x = [at for pair in pairwise(ends) for at in pair]
    y = [value for value, _ in zip(values, pairwise(ends), strict=False) for _ in (0, 1)]
    return trace(name, x, y, mode="lines", **how)


def _thinned(speeds: Sequence[SpeedChange]) -> Sequence[SpeedChange]:
    """As many as can be seen, those among them from or to which the speed was not known."""
    step = math.ceil(len(speeds) / MOST_POINTS)
    unknown = [math.isnan(change.speed_mps) for change in speeds]
    return [c for i, c in enumerate(speeds) if i % step == 0 or unknown[i] or unknown[i - 1] or i == len(speeds) - 1]


def _lift_at_speeds(alike: Sequence[StrideRecord], words: Words, units: Units) -> Trace | None:
    """Mean and SD of the lift at every speed with at least five strides of a like incline; None without any."""
    groups, incline_pct = by_speed(alike, _FEWEST_AT_SPEED), main_incline_pct(alike)
    if not groups:
        return None
    name, symbol = words.line("chart.this_run"), "circle"
    if not like_incline(incline_pct, 0.0):
        name = f"{name}, {incline_text(incline_pct, words)}"
        symbol = "triangle-up" if incline_pct > 0 else "triangle-down"
    peaks = [np.array([kept.peak_knee_flexion_deg for kept in group]) for group in groups]
    return trace(
        name,
        [shown_speed(float(np.mean([kept.speed_mps for kept in group])), units) for group in groups],
        [round(float(p.mean()), 1) for p in peaks],
        mode="markers",
        marker={"color": "@lift", "size": 11, "symbol": symbol},
        error_y={"type": "data", "array": [round(float(p.std()), 1) for p in peaks], "color": "@lift"},
        customdata=[len(p) for p in peaks],
        hovertemplate=f"%{{y:.0f}}°, %{{customdata}} {words.line('chart.strides')}<extra>{name}</extra>",
    )
