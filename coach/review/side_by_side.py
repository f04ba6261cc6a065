"""Two runs next to each other: their figures, and one typical stride of each in step, drawn from the poses.

Lengths are leg lengths around the middle of the hips, y down as in a picture; both runners face to the right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from coach.core.coaching.stride_record import SHOWN
from coach.core.gait.camera_view import median_known
from coach.core.pose import LEG_ROWS, Keypoint, Pose, Side, other
from coach.core.session.change import Change, Verdict, near_valid
from coach.core.session.seen import Apart
from coach.core.session.session import Session
from coach.core.session.two_runs import bought_between, change_between
from coach.core.units import FloatArray, Units
from coach.core.words import UNKNOWN, Words
from coach.review import sentences
from coach.review.given_names import in_legend
from coach.review.history_page import dated_name
from coach.review.inclines import incline_figure
from coach.review.plotly_figure import Chart

PHASES: Final = 24
"""Pictures of one stride: a stride takes some 0.7 s, so that each is 30 ms from the next."""
_FEWEST_SEEN: Final = 8
"""Frames that a stride must have to be drawn (an engineering choice: a third of the pictures)."""
_TRUNK: Final = (Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP), (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER)
_REFUSED: Final[Mapping[Apart, str]] = {"side": "sides", "reading": "reading"}
"""Lines of words on why two runs are not compared; who names two runs of two cameras has them compared."""


@dataclass(frozen=True, slots=True)
class DrawnStride:
    """One stride as `PHASES` pictures: lines by name, each a list of points for an SVG's `points`."""

    frames: tuple[dict[str, str], ...]
    """`near`, `far`, `trunk` and `lever`; a line that was not seen is empty."""
    angles: tuple[str, ...]
    """The mean knee bend of the whole run's strides at that phase, as text."""


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What the comparison of two sessions shows."""

    headline: str
    detail: str
    names: tuple[str, str]
    rows: tuple[tuple[str, ...], ...]
    charts: dict[str, Chart]
    strides: tuple[DrawnStride, ...]
    """Both or none."""
    at: int
    """The picture that is seen first: the highest bend."""
    notes: tuple[str, str]


def compare_page(
    one: Session,
    two: Session,
    words: Words,
    units: Units,
    strides: Sequence[DrawnStride | None] = (),
) -> ComparePage:
    """Two sessions, the earlier of the caller's choice first; `strides`: a typical one of each."""
    drawn = tuple(stride for stride in strides if stride is not None)
    names = (_session_name(one, words), _session_name(two, words))
    cycles = _two_cycles(one, two, names, words)
    headline, detail = _comparison(one, two, words, units)
    return ComparePage(
        headline=headline,
        detail=detail,
        names=names,
        rows=_compared(one, two, units, words),
        charts={} if cycles is None else {cycles.key: cycles},
        strides=drawn if len(drawn) == 2 else (),
        at=_highest_bend(two),
        notes=(one.note, two.note),
    )


def _highest_bend(session: Session) -> int:
    near = session.view.near_side
    cycle = session.cycles.get(near) if near is not None else None
    return round(0.68 * PHASES) if cycle is None else int(np.argmax(cycle.mean_deg)) * PHASES // 101


def typical_stride(session: Session) -> tuple[float, float] | None:
    """When the valid near stride whose highest bend is nearest the run's median began and ended; None without any."""
    strides = near_valid(session.strides)
    if not strides:
        return None
    median_deg = float(np.median([kept.peak_knee_flexion_deg for kept in strides]))
    best = min(strides, key=lambda kept: abs(kept.peak_knee_flexion_deg - median_deg))
    return best.start_s, best.end_s


def drawn_stride(session: Session, poses: Iterable[Pose]) -> DrawnStride | None:
    """The typical stride drawn from its poses; None where it was hardly seen, or the run has none."""
    span, near = typical_stride(session), session.view.near_side
    if span is None or near is None:
        return None
    seen = [pose for pose in poses if span[0] <= pose.t_s <= span[1]]
    if len(seen) < _FEWEST_SEEN:
        return None
    phase = (np.array([pose.t_s for pose in seen]) - span[0]) / (span[1] - span[0])
    points = _upright(np.array([pose.xy_px for pose in seen]), near)
    at = np.arange(PHASES) / PHASES
    rows = np.stack([_between(at, phase, points[:, row]) for row in range(points.shape[1])], axis=1)
    cycle = session.cycles.get(near)
    bend = [math.nan] * PHASES if cycle is None else [float(cycle.mean_deg[round(100 * p)]) for p in at]
    angles = tuple("" if math.isnan(deg) else f"{deg:.0f}°" for deg in bend)
    return DrawnStride(tuple(_lines(frame, near) for frame in rows), angles)


def _upright(xy_px: FloatArray, near: Side) -> FloatArray:
    """(N, 13, 2) in leg lengths around the hips, facing right. A runner who faces left shows the left side."""
    hip, knee, ankle = (xy_px[:, row] for row in LEG_ROWS[near][:3])
    legs_px = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    around = _middle(xy_px[:, [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]])[:, None]
    scaled = (xy_px - around) / median_known(legs_px)
    return np.asarray(scaled * ((-1.0, 1.0) if near == "left" else (1.0, 1.0)))


def _middle(pair: FloatArray) -> FloatArray:
    """(..., 2) half-way between two keypoints (..., 2, 2), or where the one is that was seen; NaN where neither was."""
    seen = np.isfinite(pair)
    sums, counts = np.where(seen, pair, 0.0).sum(axis=-2), seen.sum(axis=-2)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _between(at: FloatArray, phase: FloatArray, points: FloatArray) -> FloatArray:
    """One keypoint at equal phases, drawn through the frames in which it was seen; NaN where it hardly ever was."""
    known = np.isfinite(points).all(axis=1)
    if known.sum() < _FEWEST_SEEN:
        return np.full((len(at), 2), np.nan)
    return np.stack([np.interp(at, phase[known], points[known, axis]) for axis in (0, 1)], axis=1)


def _lines(frame: FloatArray, near: Side) -> dict[str, str]:
    hips, shoulders = (_middle(frame[list(pair)]) for pair in _TRUNK)
    leg = frame[list(LEG_ROWS[near])]
    return {
        "far": _svg_points(frame[list(LEG_ROWS[other(near)])]),
        "trunk": _svg_points(np.array([hips, shoulders])),
        "near": _svg_points(leg),
        "lever": _svg_points(leg[[0, 3]]),
    }


def _svg_points(points: FloatArray) -> str:
    """Empty where any of them is not known."""
    return "" if not np.isfinite(points).all() else " ".join(f"{x:.3f},{y:.3f}" for x, y in points)


def in_step(strides: Iterable[DrawnStride]) -> list[dict[str, Any]]:
    """What the page's script needs to move both."""
    return [{"frames": list(stride.frames), "angles": list(stride.angles)} for stride in strides]


def _comparison(one: Session, two: Session, words: Words, units: Units) -> tuple[str, str]:
    """The heel lift of two sessions against each other, at the speed that both share most, and how sure that is."""
    if refusal := _refusal(one, two):
        return words.line(f"compare.{refusal}"), ""
    change = change_between(one, two)
    told = _changed(change, words)
    if change.verdict is Verdict.RISEN:
        told = f"{told} {sentences.bought_sentence(bought_between(one, two), words)}".strip()
    return told, sentences.comparison_detail(change, units, words)


def _changed(change: Change, words: Words) -> str:
    if change.difference is None:
        return words.line(f"compare.{change.verdict.name.lower()}")
    first, second = words.number(change.before_deg, "°"), words.number(change.after_deg, "°")
    if change.verdict in (Verdict.RISEN, Verdict.FALLEN):
        step = words.number(abs(change.whole_deg), "°")
        return words.line(f"compare.{change.verdict.name.lower()}", step=step, first=first, second=second)
    key = "steady" if change.verdict is Verdict.STEADY else "unclear_place" if change.blurred_by_place else "unclear"
    return words.line(f"compare.{key}", first=first, second=second)


def _refusal(one: Session, two: Session) -> str:
    """Why two runs cannot be held against each other; empty where they can."""
    return next((_REFUSED[what] for what in one.seen.apart(two.seen) if what in _REFUSED), "")


def _compared(one: Session, two: Session, units: Units, words: Words) -> tuple[tuple[str, ...], ...]:
    each = [_figures(session, units, words) for session in (one, two)]
    rows = ((name, each[0][name], each[1][name]) for name in each[0])
    untold = (words.line("figure.incline"), UNKNOWN, UNKNOWN)
    return tuple(row for row in rows if row != untold)


def _figures(session: Session, units: Units, words: Words) -> dict[str, str]:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    said = {
        "time": sentences.duration_text(summary.running_s),
        "speed": words.speed(summary.speed.mean_mps, units),
        "incline": incline_figure(session, words),
        "lift": words.number(near.mean, "°", 1),
        "spread": words.number(near.sd, "°", 1),
        "target": words.number(summary.target_deg, "°", 1),
        "in_band": words.number(summary.in_band_pct, " %"),
        "cadence": words.number(summary.cadence_spm, " /min", 1),
    }
    measured = {
        words.name(f"stride.{column.name}", shown.label): words.number(
            shown.scale * summary.spreads[column.name].mean, words.name(shown.unit, shown.unit), shown.digits
        )
        for column in SHOWN
        if (shown := column.note.shown) is not None and "compare" in shown.where
    }
    counted = {
        "cues": str(len(session.cues)),
        "trusted": words.line("page.n_of", n=summary.strides_valid, of=len(session.strides)),
    }
    return (
        {words.line(f"figure.{name}"): value for name, value in said.items()}
        | measured
        | {words.line(f"figure.{name}"): value for name, value in counted.items()}
    )


def _session_name(session: Session, words: Words) -> str:
    return dated_name(session.session_id, session.source.kind, session.source.name, session.started_at, words)


def _two_cycles(one: Session, two: Session, names: tuple[str, str], words: Words) -> Chart | None:
    near = two.view.near_side
    if near is None or one.view.near_side != near or near not in one.cycles or near not in two.cycles:
        return None
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": in_legend(name),
            "x": list(range(101)),
            "y": [round(float(value), 1) for value in session.cycles[near].mean_deg],
            "line": {"color": colour, "dash": dash, "width": 3},
        }
        for session, name, colour, dash in ((one, names[0], "@first", "dash"), (two, names[1], "@lift", "solid"))
    ]
    layout = {
        "height": 360,
        "xaxis": {"title": {"text": words.line("chart.pct_of_stride")}, "range": [0, 100]},
        "yaxis": {"title": {"text": words.line("chart.knee_bend")}, "rangemode": "tozero"},
    }
    return Chart(
        "cycles",
        words.line(f"chart.cycles_alt_{near}"),
        {
            "data": data,
            "layout": layout,
        },
    )
