"""Heel lift from run to run: only runs seen alike, at a like speed and incline, make a trend; others stand apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg, personal_residual_deg
from coach.core.coaching.guards import like_incline
from coach.core.session.change import Verdict, verdict_of
from coach.core.session.intervals import FEWEST, Interval, difference_of_means
from coach.core.session.seen import like_yaw, place_sd_deg
from coach.core.session.summary import SessionLine, spread
from coach.core.units import FloatArray, Units
from coach.core.words import Words
from coach.review.plotly_figure import Chart, Trace, axis, with_room

_LIKE_RUN_MPS: Final = 0.4
"""From so far away in speed one runner's lift is foretold to 2° (`personal_residual_deg`)."""
_FEWEST: Final = 3
_MOST_IN_SPARK: Final = 12
_BARS: Final = "▁▂▃▄▅▆▇█"
_SPARK_SPAN_DEG: Final = 6.0
"""A smaller spread is not stretched to the whole height of line or chart: a runner's own strides vary so much."""


@dataclass(frozen=True, slots=True)
class Spark:
    """The heel lift of the last runs, small, against what runners in general do at their speeds."""

    heights: tuple[float, ...]
    """0 to 1, oldest first."""
    says: str

    @property
    def bars(self) -> str:
        """For a terminal."""
        return "".join(_BARS[round(height * (len(_BARS) - 1))] for height in self.heights)

    @property
    def points(self) -> str:
        """For an SVG of 100 × 20."""
        step = 96 / (len(self.heights) - 1)
        return " ".join(f"{2 + i * step:.1f},{18 - 16 * height:.1f}" for i, height in enumerate(self.heights))


def above_usual_deg(line: SessionLine) -> float:
    """A session's heel lift against the norm at the speeds of its strides, on the incline at which it was mostly run.

    At the mean speed, where it was stored when neither this nor what its peaks err by together was told; NaN where
    lift or speed is not known.
    """
    before_it_was_told = math.isnan(line.above_usual_deg) and math.isnan(line.near_shared_sd_deg)
    if not before_it_was_told or math.isnan(line.near_peak_deg + line.main_speed_mps):
        return line.above_usual_deg
    return line.near_peak_deg - float(peak_flexion_deg(line.main_speed_mps, NormSettings()))


def parted(lines: Sequence[SessionLine]) -> tuple[list[SessionLine], list[SessionLine]]:
    """Runs with a known lift: those that may be held against the newest one, at about its speed, and the others.

    lines: oldest first, as both are then. None is like a newest run whose speed nobody knows. One of so few strides
    that its own page gives no verdict is neither: a start by mistake would weigh as much as a whole run. Nor is one of
    which nobody knows when it was.
    """
    dated = [line for line in lines if line.started_at is not None]
    measured = [line for line in dated if line.strides_valid_near >= FEWEST and not math.isnan(line.near_peak_deg)]
    known = [line for line in measured if not math.isnan(above_usual_deg(line) + line.main_speed_mps)]
    if not known or known[-1] is not measured[-1]:
        return [], known
    like = [line for line in known if _like(line, known[-1])]
    return like, [line for line in known if not _like(line, known[-1])]


def _like(line: SessionLine, newest: SessionLine) -> bool:
    like_belt = abs(line.main_speed_mps - newest.main_speed_mps) <= _LIKE_RUN_MPS and like_incline(
        line.incline_pct, newest.incline_pct
    )
    return line.seen.like(newest.seen) and like_belt


def spark(lines: Sequence[SessionLine], words: Words) -> Spark | None:
    """The last of the runner's own runs that are like the newest; None for fewer than three.

    lines: from `own_runs`.
    """
    like, _ = parted(lines)
    known = [above_usual_deg(line) for line in like][-_MOST_IN_SPARK:]
    if len(known) < _FEWEST:
        return None
    span = max(max(known) - min(known), _SPARK_SPAN_DEG)
    low = (max(known) + min(known) - span) / 2
    ends = {name: words.signed(value, "°", 0) for name, value in (("first", known[0]), ("last", known[-1]))}
    return Spark(tuple((value - low) / span for value in known), words.line("glance.lift", n=len(known), **ends))


def trend_sentence(lines: Sequence[SessionLine], words: Words) -> str:
    """Whether heel lift has changed over the runs like the newest, where enough of them can say."""
    like, _ = parted(lines)
    if len(like) < 2 * _FEWEST:
        return ""
    step = _step(like)
    verdict = Verdict.UNCLEAR if step is None else verdict_of(step)
    if step is not None and verdict in (Verdict.RISEN, Verdict.FALLEN):
        moved = words.number(abs(step.estimate), "°")
        return words.line(f"history.{verdict.name.lower()}", n=len(like), step=moved)
    return words.line("history.unchanged", n=len(like))


def _step(like: Sequence[SessionLine]) -> Interval | None:
    """The last half of the runs against the first.

    Each run errs by its own; what all of a half share, another speed or another place of the camera, is added.
    """
    half = len(like) // 2
    old, new = (_Half.of(lines) for lines in (like[:half], like[-half:]))
    place_deg = 0.0 if like_yaw(old.yaw_deg, new.yaw_deg) else place_sd_deg(old.shared_sd_deg, new.shared_sd_deg)
    slope_deg = personal_residual_deg(abs(new.speed_mps - old.speed_mps))
    return difference_of_means(old.above_deg, new.above_deg, math.hypot(place_deg, slope_deg))


class _Half(NamedTuple):
    """Some runs: what each was above the norm, and means of the rest; NaN where it is not known."""

    above_deg: FloatArray
    speed_mps: float
    yaw_deg: float
    shared_sd_deg: float

    @classmethod
    def of(cls, lines: Sequence[SessionLine]) -> _Half:
        return cls(
            np.array([above_usual_deg(line) for line in lines]),
            spread([line.main_speed_mps for line in lines]).mean,
            spread([line.seen.yaw_deg for line in lines]).mean,
            spread([line.near_shared_sd_deg for line in lines]).mean,
        )


def trend_chart(lines: Sequence[SessionLine], units: Units, words: Words) -> Chart | None:
    """Every run with a known lift: those like the newest joined by a line, the others as faint rings; None for two."""
    like, others = parted(lines)
    if len(like) + len(others) < _FEWEST:
        return None
    above_deg = [above_usual_deg(line) for line in (*like, *others)]
    joined = {"mode": "lines+markers", "line": {"color": "@lift", "width": 2}, "marker": {"color": "@lift", "size": 10}}
    apart = {"mode": "markers", "marker": {"color": "@dot", "size": 9, "symbol": "circle-open"}}
    figure = {
        "data": [
            *([_dots(others, words.line("chart.other_runs"), units, words) | apart] if others else []),
            _dots(like, words.line("chart.against_norm"), units, words) | joined,
        ],
        "layout": {
            "height": 320,
            "xaxis": {"title": {"text": ""}},
            "yaxis": axis(words.line("chart.deg_against_norm"), **with_room(above_deg, _SPARK_SPAN_DEG)),
            "showlegend": False,
        },
    }
    return Chart("trend", words.line("chart.trend_alt"), figure)


def trend_note(lines: Sequence[SessionLine], words: Words) -> str:
    """What the chart shows, and which runs stand apart in it, where any do."""
    like, others = parted(lines)
    keys = ("trend_note", "trend_others") if like and others else ("trend_note",)
    return " ".join(words.line(f"history.{key}") for key in keys)


def _dots(lines: Sequence[SessionLine], name: str, units: Units, words: Words) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "x": [line.started_at for line in lines],
        "y": [round(above_usual_deg(line), 1) for line in lines],
        "text": [
            words.line(
                "chart.session_lift",
                number=line.session_id,
                lift=words.number(line.near_peak_deg, "°"),
                speed=words.speed(line.speed_mps, units),
            )
            for line in lines
        ],
        "hovertemplate": f"%{{text}}<br>%{{y:+.1f}}{words.line('chart.deg_against_norm')}<extra></extra>",
    }
