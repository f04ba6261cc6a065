"""Charts as Plotly figures in plain dicts; the page's script draws them.

Colours are written `@name` and resolved against the page's style when it is drawn, so that
one figure serves dark, light and print. Long runs are thinned, so that a page stays small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach.core.change import near_valid
from coach.core.cycles import merged
from coach.core.effect import CueEffect
from coach.core.norms import peak_flexion_deg
from coach.core.pose import SIDES, Side
from coach.core.records import Cycle, KeptStride, SpeedChange
from coach.core.session import Session
from coach.core.settings import NormSettings
from coach.core.units import FloatArray, kmh, mph
from coach.review import words

Figure = dict[str, Any]
Trace = dict[str, Any]

MOST_DOTS: Final = 2500
MOST_POINTS: Final = 1200
_MEAN_OF: Final = 10
"""Strides in the mean line, as many as the live screen's number."""
_BINS: Final = 400
_SPEED_BIN_MPS: Final = 0.25
_LONG_RUN_S: Final = 180.0
FIRST_THIRD: Final = "first third"
_FEWEST_CURVES: Final = 5
_FEWEST_BLOCKS: Final = 3
"""Curves are kept in blocks of ten seconds: a run with fewer has no thirds."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its place in the page and what it shows, for those who do not see it."""

    key: str
    alt: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class _Clock:
    """Time since the first frame, in the unit that suits the run's length."""

    first_s: float
    unit_s: float
    name: str

    def __call__(self, t_s: float) -> float:
        return round((t_s - self.first_s) / self.unit_s, 3)


def lift_over_time(session: Session) -> Chart | None:
    """Heel lift of every trusted near stride against the band, cues marked, belt speed below."""
    near = near_valid(session.strides)
    if not near:
        return None
    clock = _clock(session)
    dots = near[:: max(1, math.ceil(len(near) / MOST_DOTS))]
    units = session.setting("units")
    traces = [
        *_band(near, clock),
        _trace(
            "stride",
            [clock(kept.stride.peak_knee_flexion_s) for kept in dots],
            [round(kept.stride.peak_knee_flexion_deg, 1) for kept in dots],
            mode="markers",
            marker={"color": "@dot", "size": 5 if len(near) < 400 else 4},
        ),
        _mean_line(f"mean of {_MEAN_OF} strides", near, "peak_knee_flexion_deg", clock, "@lift"),
        *_cue_marks(session, near, clock),
        *_speed_line(session.speeds, session, clock),
    ]
    layout = {
        "height": 460,
        "xaxis": _axis(f"time, {clock.name}", anchor="y2"),
        "yaxis": _axis("peak knee bend, °", domain=[0.30, 1.0]),
        "yaxis2": _axis("mph" if units == "imperial" else "km/h", domain=[0.0, 0.18], rangemode="tozero"),
        "hovermode": "x unified" if len(near) < MOST_POINTS else "closest",
    }
    return Chart(
        "lift",
        "Heel lift of every trusted stride over time, with the band and the belt speed.",
        {
            "data": traces,
            "layout": layout,
        },
    )


def lift_by_speed(session: Session, baselines: Sequence[tuple[float, float]] = ()) -> Chart | None:
    """Mean heel lift at each speed against the own baseline and the published norm.

    baselines: (speed in m/s, near leg's peak in degrees).
    """
    bins = _speed_bins(near_valid(session.strides))
    if not bins:
        return None
    units = session.setting("units")
    speeds = np.linspace(2.0, 5.0, 31)
    norms = norms_of(session)
    usual = peak_flexion_deg(speeds, norms)
    shown = [_shown_speed(speed, units) for speed in speeds]
    traces = [
        _polygon("usual range", shown, usual - norms.sd_deg, usual + norms.sd_deg, "@norm-fill"),
        _trace("runners in general", shown, _rounded(usual), mode="lines", line={"color": "@norm", "dash": "dot"}),
        _trace(
            "this run",
            [_shown_speed(speed, units) for speed, _ in bins],
            [round(float(peaks.mean()), 1) for _, peaks in bins],
            mode="markers",
            marker={"color": "@lift", "size": 11},
            error_y={"type": "data", "array": [round(float(p.std()), 1) for _, p in bins], "color": "@lift"},
            customdata=[len(peaks) for _, peaks in bins],
            hovertemplate="%{y:.0f}°, %{customdata} strides<extra>this run</extra>",
        ),
    ]
    if baselines:
        own = [(_shown_speed(speed, units), round(peak, 1)) for speed, peak in baselines]
        traces.append(
            _trace(
                "own baseline",
                [speed for speed, _ in own],
                [peak for _, peak in own],
                mode="markers",
                marker={"color": "@baseline", "size": 11, "symbol": "diamond"},
            )
        )
    layout = {
        "height": 340,
        "xaxis": _axis(f"speed, {'mph' if units == 'imperial' else 'km/h'}"),
        "yaxis": _axis("peak knee bend, °"),
    }
    return Chart(
        "speed",
        "Mean heel lift at each speed, beside the usual range of runners and the own baseline.",
        {
            "data": traces,
            "layout": layout,
        },
    )


def through_the_stride(session: Session) -> Chart | None:
    """Knee angle over the gait cycle, first and last third, left and right as far as seen, with the band."""
    legs = {side: cycles for side in SIDES if (cycles := _third_cycles(session, side))}
    if not legs:
        return None
    traces: list[Trace] = []
    layout: Figure = {"height": 340, "annotations": [], "shapes": []}
    width = 1.0 if len(legs) == 1 else 0.47
    for axis, (side, cycles), left in zip(("", "2"), legs.items(), (0.0, 0.53), strict=False):
        traces += _cycle_traces(cycles, side, axis, known={trace["name"] for trace in traces})
        layout[f"xaxis{axis}"] = _axis(
            "% of the stride", domain=[left, left + width], range=[0, 100], anchor=f"y{axis}"
        )
        layout[f"yaxis{axis}"] = _axis("knee bend, °" if not axis else "", rangemode="tozero", anchor=f"x{axis}")
        layout["annotations"].append(_heading(side, left + width / 2))
        layout["shapes"] += _cycle_band(session, axis)
    if "yaxis2" in layout:
        layout["yaxis2"]["matches"] = "y"
    alt = "Knee bend from one ground contact to the next, for each leg that was seen."
    return Chart("cycle", alt, {"data": traces, "layout": layout})


def _cycle_traces(cycles: Sequence[tuple[str, Cycle]], side: Side, axis: str, known: set[str]) -> list[Trace]:
    return [
        _trace(
            name,
            list(range(101)),
            _rounded(cycle.mean_deg),
            mode="lines",
            line={"color": "@first", "dash": "dash", "width": 3}
            if name == FIRST_THIRD
            else {"color": "@lift", "width": 3},
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            legendgroup=name,
            showlegend=name not in known,
            hovertemplate=f"%{{x}} %: %{{y:.0f}}°<extra>{side}, {name}, {cycle.n} strides</extra>",
        )
        for name, cycle in cycles
    ]


def steps_over_time(session: Session) -> Chart | None:
    """Cadence, ground contact and bounce over time, one below the other."""
    near = near_valid(session.strides)
    if len(near) < _MEAN_OF:
        return None
    clock = _clock(session)
    rows = (
        ("cadence_spm", "steps/min", 1.0, [0.72, 1.0], ""),
        ("contact_time_s", "contact ms", 1000.0, [0.37, 0.65], "2"),
        ("bounce_ll", "bounce %", 100.0, [0.02, 0.30], "3"),
    )
    traces = [
        _mean_line(title, near, name, clock, "@lift", scale=scale, yaxis=f"y{axis}", showlegend=False)
        for name, title, scale, _, axis in rows
    ]
    layout: Figure = {"height": 420, "xaxis": _axis(f"time, {clock.name}", anchor="y3")}
    layout |= {f"yaxis{axis}": _axis(title, domain=domain) for _, title, _, domain, axis in rows}
    return Chart("steps", "Cadence, ground contact time and bounce over time.", {"data": traces, "layout": layout})


def cue_outcomes(session: Session, effects: Sequence[CueEffect]) -> Chart | None:
    """Each cue's strides before and after it, joined by a line."""
    clock = _clock(session)
    known = [o for effect in effects for o in effect.outcomes if not math.isnan(o.difference_deg)]
    if not known:
        return None
    x = [clock(outcome.cue.t_s) for outcome in known]
    joins_x = [value for at in x for value in (at, at, None)]
    joins_y = [v for o in known for v in (round(o.before_deg, 1), round(o.after_deg, 1), None)]
    traces = [
        _trace("", joins_x, joins_y, mode="lines", line={"color": "@grid"}, showlegend=False, hoverinfo="skip"),
        _trace("before the cue", x, [round(o.before_deg, 1) for o in known], mode="markers",
               marker={"color": "@first", "size": 10, "symbol": "circle-open", "line": {"width": 2}}),
        _trace("after it", x, [round(o.after_deg, 1) for o in known], mode="markers",
               marker={"color": "@lift", "size": 10}),
    ]  # fmt: skip
    layout = {"height": 280, "xaxis": _axis(f"time, {clock.name}"), "yaxis": _axis("peak knee bend, °")}
    return Chart("cues", "Mean heel lift before and after each cue.", {"data": traces, "layout": layout})


def norms_of(session: Session) -> NormSettings:
    """The norms that held in the run; the published ones where they were not kept."""
    kept = {
        name: value
        for name in NormSettings.__slots__
        if isinstance(value := session.setting(f"norms.{name}"), int | float)
    }
    return NormSettings(**kept)


def _clock(session: Session) -> _Clock:
    long = session.frames.duration_s >= _LONG_RUN_S
    first_s = session.frames.first_s
    if math.isnan(first_s):
        first_s = min((kept.stride.start_s for kept in session.strides), default=0.0)
    return _Clock(first_s, 60.0, "min") if long else _Clock(first_s, 1.0, "s")


def _trace(name: str, x: Sequence[object], y: Sequence[object], **more: object) -> Trace:
    return {"type": "scatter", "name": name, "x": list(x), "y": list(y), **more}


def _axis(title: str, **more: object) -> Figure:
    return {"title": {"text": title}, **more}


def _heading(text: str, x: float) -> Figure:
    return {"text": text, "x": x, "y": 1.06, "xref": "paper", "yref": "paper", "showarrow": False}


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 1) for value in values]


def _shown_speed(speed_mps: float, units: object) -> float:
    return round(mph(speed_mps) if units == "imperial" else kmh(speed_mps), 2)


def _mean_line(
    name: str,
    near: Sequence[KeptStride],
    metric: str,
    clock: _Clock,
    colour: str,
    scale: float = 1.0,
    **more: object,
) -> Trace:
    """The mean of ten strides; where neighbours lie more than ten seconds apart the line is broken."""
    known = [kept for kept in near if not math.isnan(getattr(kept.stride, metric))]
    values = np.array([getattr(kept.stride, metric) for kept in known])
    if values.size < _MEAN_OF:
        return _trace(name, [], [], mode="lines", **more)
    means = np.convolve(values, np.full(_MEAN_OF, 1 / _MEAN_OF), mode="valid") * scale
    ends_s = [kept.stride.peak_knee_flexion_s for kept in known][_MEAN_OF - 1 :]
    step = max(1, math.ceil(len(means) / MOST_POINTS))
    x: list[float | None] = []
    y: list[float | None] = []
    last_s = ends_s[0]
    for end_s, mean in zip(ends_s[::step], means[::step], strict=True):
        if end_s - last_s > 10.0 + 2.0 * step:
            x.append(None)
            y.append(None)
        x.append(clock(end_s))
        y.append(round(float(mean), 2))
        last_s = end_s
    return _trace(name, x, y, mode="lines", line={"color": colour, "width": 3}, **more)


def _polygon(name: str, x: Sequence[float], low: FloatArray, high: FloatArray, colour: str) -> Trace:
    return _trace(
        name,
        [*x, *reversed(x)],
        [*_rounded(low), *reversed(_rounded(high))],
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        hoverinfo="skip",
    )


def _band(near: Sequence[KeptStride], clock: _Clock) -> list[Trace]:
    """Floor to ceiling as an area and the target as a line, in at most `_BINS` steps; gaps where there was none."""
    groups = [list(group) for group in np.array_split(np.array(near, dtype=object), min(_BINS, len(near)))]
    steps = [
        (
            clock(group[0].stride.start_s),
            clock(group[-1].stride.end_s),
            *(
                float(np.mean([getattr(kept, name) for kept in group]))
                for name in ("low_deg", "target_deg", "high_deg")
            ),
        )
        for group in groups
    ]
    runs = _known_runs(steps)
    if not runs:
        return []
    x: list[float | None] = []
    y: list[float | None] = []
    tx: list[float | None] = []
    ty: list[float | None] = []
    for run in runs:
        edges = [(start, end, low, high) for start, end, low, _, high in run]
        x += [t for start, end, *_ in edges for t in (start, end)]
        y += [round(low, 1) for _, _, low, _ in edges for _ in (0, 1)]
        x += [t for start, end, *_ in reversed(edges) for t in (end, start)]
        y += [round(high, 1) for *_, high in reversed(edges) for _ in (0, 1)]
        tx += [t for start, end, *_ in run for t in (start, end)]
        ty += [round(target, 1) for *_, target, _ in run for _ in (0, 1)]
        for series in (x, y, tx, ty):
            series.append(None)
    return [
        _trace(
            "band", x[:-1], y[:-1], mode="lines", fill="toself", fillcolor="@band", line={"width": 0}, hoverinfo="skip"
        ),
        _trace("target", tx[:-1], ty[:-1], mode="lines", line={"color": "@target", "dash": "dash", "width": 2}),
    ]


def _known_runs(steps: Sequence[tuple[float, ...]]) -> list[list[tuple[float, ...]]]:
    """Neighbouring steps with a band, in one list each."""
    runs: list[list[tuple[float, ...]]] = [[]]
    for step in steps:
        if any(map(math.isnan, step)):
            runs.append([])
        else:
            runs[-1].append(step)
    return [run for run in runs if run]


def _cue_marks(session: Session, near: Sequence[KeptStride], clock: _Clock) -> list[Trace]:
    cues = [cue for cue in session.cues if cue.kind in words.CUE_NAMES]
    if not cues:
        return []
    top = max(kept.stride.peak_knee_flexion_deg for kept in near) + 3
    return [
        _trace(
            "cue",
            [clock(cue.t_s) for cue in cues],
            [round(top, 1)] * len(cues),
            mode="markers",
            marker={"color": "@cue", "size": 11, "symbol": "triangle-down"},
            text=[words.CUE_NAMES[cue.kind] for cue in cues],
            hovertemplate="%{text}<extra>cue</extra>",
        )
    ]


def _speed_line(speeds: Sequence[SpeedChange], session: Session, clock: _Clock) -> list[Trace]:
    if not speeds:
        return []
    thinned = speeds[:: max(1, math.ceil(len(speeds) / MOST_POINTS))]
    units = session.setting("units")
    x = [clock(change.t_s) for change in thinned]
    y = [None if math.isnan(c.speed_mps) else _shown_speed(c.speed_mps, units) for c in thinned]
    if not math.isnan(session.frames.last_s):
        x.append(clock(session.frames.last_s))
        y.append(y[-1])
    return [_trace("belt speed", x, y, mode="lines", line={"color": "@speed", "shape": "hv", "width": 2}, yaxis="y2")]


def _speed_bins(near: Sequence[KeptStride]) -> list[tuple[float, FloatArray]]:
    """(speed, peaks) of every speed with at least five strides, slowest first."""
    bins: dict[int, list[KeptStride]] = {}
    for kept in near:
        if not math.isnan(kept.speed_mps):
            bins.setdefault(round(kept.speed_mps / _SPEED_BIN_MPS), []).append(kept)
    return [
        (
            float(np.mean([kept.speed_mps for kept in group])),
            np.array([kept.stride.peak_knee_flexion_deg for kept in group]),
        )
        for _, group in sorted(bins.items())
        if len(group) >= 5
    ]


def _third_cycles(session: Session, side: Side) -> list[tuple[str, Cycle]]:
    """The mean cycle of the first and of the last third of the time; of the whole run where it is short."""
    blocks = [block for block in session.curves if block.side == side]
    whole = session.cycles.get(side)
    if len(blocks) < _FEWEST_BLOCKS:
        return [] if whole is None or whole.n < _FEWEST_CURVES else [("whole run", whole)]
    start_s, end_s = blocks[0].start_s, blocks[-1].start_s
    third_s = (end_s - start_s) / 3
    first = merged(block.cycle for block in blocks if block.start_s <= start_s + third_s)
    last = merged(block.cycle for block in blocks if block.start_s >= end_s - third_s)
    return [
        (name, cycle)
        for name, cycle in ((FIRST_THIRD, first), ("last third", last))
        if cycle and cycle.n >= _FEWEST_CURVES
    ]


def _cycle_band(session: Session, axis: str) -> list[Figure]:
    """The mean band as a box where the knee bends most."""
    banded = [kept for kept in near_valid(session.strides) if not math.isnan(kept.low_deg)]
    if not banded:
        return []
    low, high = (float(np.mean([getattr(kept, name) for kept in banded])) for name in ("low_deg", "high_deg"))
    return [
        {
            "type": "rect",
            "xref": f"x{axis}",
            "yref": f"y{axis}",
            "x0": 58,
            "x1": 78,
            "y0": round(low, 1),
            "y1": round(high, 1),
            "fillcolor": "@band",
            "line": {"width": 0},
            "layer": "below",
        }
    ]
