"""What every figure of the pages is made of: Plotly figures in plain dicts; the page's script draws them.

Colours are written `@name` and resolved against the page's style when it is drawn, so that
one figure serves dark, light and print. Long runs are thinned, so that a page stays small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach.core.coaching.stride_record import StrideRecord
from coach.core.session.session import Session
from coach.core.units import FloatArray, Units, kmh, mph

Figure = dict[str, Any]
Trace = dict[str, Any]

MOST_POINTS: Final = 1200
MEAN_OF: Final = 10
"""Strides in the mean line: about 7 s of one leg."""
GAP_S: Final = 10.0
"""Neighbours farther apart than this have nothing drawn between them."""
_MEAN_WITHIN_S: Final = 20.0
"""Ten strides of one leg take 7 s; a mean over much longer is none of that moment."""
_LONG_RUN_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its place in the page and what it shows, for those who do not see it."""

    key: str
    alt: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Clock:
    """Time since the first frame, in the unit that suits the run's length."""

    first_s: float
    unit_s: float
    name: str

    def __call__(self, t_s: float) -> float:
        """A time of the run on the chart's axis."""
        return round((t_s - self.first_s) / self.unit_s, 3)


def clock_of(session: Session) -> Clock:
    """Minutes, or seconds where the run is short."""
    long = session.frames.duration_s >= _LONG_RUN_S
    first_s = session.frames.first_s
    if math.isnan(first_s):
        first_s = min((kept.start_s for kept in session.strides), default=0.0)
    return Clock(first_s, 60.0, "min") if long else Clock(first_s, 1.0, "s")


def trace(name: str, x: Sequence[object], y: Sequence[object], **more: object) -> Trace:
    """One line or set of points."""
    return {"type": "scatter", "name": name, "x": list(x), "y": list(y), **more}


def axis(title: str, **more: object) -> Figure:
    """An axis with its title."""
    return {"title": {"text": title}, **more}


def heading(text: str, x: float) -> Figure:
    """A heading above one panel; `x` as a share of the figure's width."""
    return {"text": text, "x": x, "y": 1.06, "xref": "paper", "yref": "paper", "showarrow": False}


def rounded(values: FloatArray) -> list[float]:
    """One decimal is more than is known."""
    return [round(float(value), 1) for value in values]


def shown_speed(speed_mps: float, units: Units) -> float:
    """km/h or mph."""
    return round(mph(speed_mps) if units == "imperial" else kmh(speed_mps), 2)


def mean_line(
    name: str,
    near: Sequence[StrideRecord],
    metric: str,
    clock: Clock,
    colour: str,
    scale: float = 1.0,
    **more: object,
) -> Trace:
    """The mean of ten strides, where these were run within 20 s; elsewhere, and over longer gaps, there is no line."""
    known = [kept for kept in near if not math.isnan(getattr(kept, metric))]
    values = np.array([getattr(kept, metric) for kept in known])
    if values.size < MEAN_OF:
        return trace(name, [], [], mode="lines", **more)
    means = np.convolve(values, np.full(MEAN_OF, 1 / MEAN_OF), mode="valid") * scale
    moments_s = np.array([kept.peak_knee_flexion_s for kept in known])
    ends_s = moments_s[MEAN_OF - 1 :]
    close = np.flatnonzero(ends_s - moments_s[: len(ends_s)] <= _MEAN_WITHIN_S)
    step = max(1, math.ceil(len(close) / MOST_POINTS))
    shown = close[::step]
    stretches = np.split(shown, np.flatnonzero(np.diff(ends_s[shown]) > GAP_S + 2.0 * step) + 1)
    x: list[float | None] = []
    y: list[float | None] = []
    for stretch in stretches:
        if len(stretch) < 2:  # one alone makes no line
            continue
        if x:
            x.append(None)
            y.append(None)
        x += [clock(float(ends_s[at])) for at in stretch]
        y += [round(float(means[at]), 2) for at in stretch]
    return trace(name, x, y, mode="lines", line={"color": colour, "width": 3}, **more)


def with_room(y: Sequence[float | None], least: float) -> Figure:
    """What makes an axis show at least so much around these values: less than it is told by no stride surely."""
    known = [value for value in y if value is not None]
    middle = (min(known) + max(known)) / 2
    return {"autorangeoptions": {"include": [round(middle - least / 2, 2), round(middle + least / 2, 2)]}}


def polygon(name: str, x: Sequence[float], low: FloatArray, high: FloatArray, colour: str) -> Trace:
    """The area between two curves."""
    return trace(
        name,
        [*x, *reversed(x)],
        [*rounded(low), *reversed(rounded(high))],
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        hoverinfo="skip",
    )
