"""The pages over several sessions: the index with history, trend and programme, and two sessions side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.norms import peak_flexion_deg
from coach.core.coaching.programme import Progress
from coach.core.coaching.stride_record import SHOWN
from coach.core.session.change import Verdict, between, difference_of_means, near_valid, verdict_of
from coach.core.session.records import SettingValue
from coach.core.session.session import Session
from coach.core.session.summary import SessionLine
from coach.review import sentences
from coach.review.plotly_figure import Chart

COLUMNS: Final = ("Time", "Speed", "Heel lift", "Target", "In band", "Cadence", "Trusted strides", "Cues")
SESSIONS_OF_PROGRAMME: Final = 8
_FEWEST_FOR_TREND: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One session in the table."""

    name: str
    href: str | None
    state: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """What the index shows."""

    headline: str
    programme: tuple[str, ...]
    practice_rows: tuple[tuple[str, ...], ...]
    trend_note: str
    charts: dict[str, Chart]
    lines: tuple[Line, ...]
    columns: tuple[str, ...] = COLUMNS


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What the comparison of two sessions shows."""

    headline: str
    detail: str
    names: tuple[str, str]
    rows: tuple[tuple[str, ...], ...]
    charts: dict[str, Chart]


def index_page(
    lines: Sequence[SessionLine],
    progress: Progress | None,
    pages: Sequence[str],
    units: SettingValue,
    sessions: int = SESSIONS_OF_PROGRAMME,
) -> IndexPage:
    """The index. `pages` are the names of the session pages that exist; only those are linked.

    sessions: how many the programme has.
    """
    trend = _trend(lines, units)
    return IndexPage(
        headline=history_sentence(lines),
        programme=programme_sentences(progress, sessions),
        practice_rows=_practices(progress),
        trend_note=(
            "Heel lift of each session above or below what runners in general show at its speed, "
            "so that fast and slow runs can stand beside each other."
        ),
        charts={} if trend is None else {trend.key: trend},
        lines=tuple(_line(line, pages, units) for line in lines),
    )


def compare_page(one: Session, two: Session) -> ComparePage:
    """Two sessions, the earlier of the caller's choice first."""
    units = two.setting("units")
    names = (_session_name(one), _session_name(two))
    cycles = _two_cycles(one, two, names)
    return ComparePage(
        headline=comparison_sentence(one, two),
        detail=_comparison_detail(one, two, units),
        names=names,
        rows=_compared(one, two, units),
        charts={} if cycles is None else {cycles.key: cycles},
    )


def page_name(session_id: int) -> str:
    """File name of a session's page."""
    return f"session-{session_id}.html"


def history_sentence(lines: Sequence[SessionLine]) -> str:
    """All runs in a sentence."""
    if not lines:
        return "No session yet. Your first run will stand here."
    time_s = sum(line.ran_s for line in lines if not math.isnan(line.ran_s))
    count = "One session" if len(lines) == 1 else f"{len(lines)} sessions"
    return f"{count}, {sentences.duration_text(time_s)} in all. {trend_sentence(lines)}".strip()


def trend_sentence(lines: Sequence[SessionLine]) -> str:
    """Whether heel lift has changed from the first to the last sessions, where enough of them can say."""
    apart = [above_usual_deg(line) for line in lines]
    known = [value for value in apart if not math.isnan(value)]
    if len(known) < 2 * _FEWEST_FOR_TREND:
        return ""
    half = len(known) // 2
    step = difference_of_means(np.array(known[:half]), np.array(known[-half:]))
    verdict = Verdict.UNCLEAR if step is None else verdict_of(step)
    if step is not None and verdict in (Verdict.RISEN, Verdict.FALLEN):
        way = "risen" if verdict is Verdict.RISEN else "fallen"
        return f"Your heel lift has {way} by about {abs(step.estimate):.0f}° since the first half of them."
    return "Your heel lift has not surely changed since the first half of them."


def above_usual_deg(line: SessionLine) -> float:
    """A session's heel lift against the norm at its mean speed; NaN where either is unknown."""
    if math.isnan(line.near_peak_deg) or math.isnan(line.speed_mps):
        return math.nan
    return line.near_peak_deg - float(peak_flexion_deg(line.speed_mps, NormSettings()))


def programme_sentences(progress: Progress | None, sessions: int = SESSIONS_OF_PROGRAMME) -> tuple[str, ...]:
    """How far the programme of so many sessions has come; None where it is switched off."""
    if progress is None:
        return ("The programme is switched off: you run freely.",)
    said = [f"{progress.sessions_done} of {sessions} sessions done."]
    if progress.sessions_done >= sessions:
        said = [f"All {sessions} sessions are done."]
    elif not (progress.sessions_done or progress.practices):
        begins = "has not begun" if progress.paused else "begins with your next coached run"
        said = [f"The programme {begins}: {sessions} short sessions, a day or two apart."]
    if progress.held_deg > 0:
        said.append(f"Steps that held so far: {progress.held_deg:.0f}° above where you began.")
    if progress.paused:
        said.append("The programme is paused.")
    return tuple(said)


def comparison_sentence(one: Session, two: Session) -> str:
    """The heel lift of two sessions against each other, at the speed that both share most."""
    if one.view.near_side != two.view.near_side:
        return "The camera saw different sides, so the two heel lifts cannot be compared."
    change = between(near_valid(one.strides), near_valid(two.strides))
    first, second = sentences.number(change.before_deg, "°"), sentences.number(change.after_deg, "°")
    if change.difference is None:
        if change.verdict is Verdict.SPEED_CHANGED:
            return "The two runs share no speed at which they could be compared."
        return "Too few trusted strides to compare the two runs."
    if change.verdict in (Verdict.RISEN, Verdict.FALLEN):
        way = "higher" if change.verdict is Verdict.RISEN else "lower"
        step = f"about {abs(change.difference.estimate):.0f}° {way}"
        return f"Your heel lift was {step} in the second run: {first}, then {second}."
    if change.verdict is Verdict.STEADY:
        return f"Your heel lift was the same in both runs: {first} and {second}."
    return f"Your heel lift was {first} and {second}: too close to tell from chance."


def _comparison_detail(one: Session, two: Session, units: SettingValue) -> str:
    change = between(near_valid(one.strides), near_valid(two.strides))
    if change.difference is None or one.view.near_side != two.view.near_side:
        return ""
    speed = (
        ""
        if math.isnan(change.speed_mps)
        else f", strides at about {sentences.speed_text(change.speed_mps, units)} only"
    )
    return (
        f"{sentences.interval_text(change.difference, '°')} (95 % interval{speed}). "
        "A camera in another place reads other angles: leave it where it was."
    )


def _compared(one: Session, two: Session, units: SettingValue) -> tuple[tuple[str, ...], ...]:
    each = [_figures(session, units) for session in (one, two)]
    return tuple((name, each[0][name], each[1][name]) for name in each[0])


def _figures(session: Session, units: SettingValue) -> dict[str, str]:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    return {
        "Time": sentences.duration_text(summary.running_s),
        "Speed": sentences.speed_text(summary.speed.mean_mps, units),
        "Heel lift": sentences.number(near.mean, "°", 1),
        "Spread of the strides": sentences.number(near.sd, "°", 1),
        "Target": sentences.number(summary.target_deg, "°", 1),
        "In band": sentences.number(summary.in_band_pct, " %"),
        "Cadence": sentences.number(summary.cadence_spm, " /min", 1),
        **{
            shown.label: sentences.number(shown.scale * summary.spreads[column.name].mean, shown.unit, shown.digits)
            for column in SHOWN
            if (shown := column.note.shown) is not None and "compare" in shown.where
        },
        "Cues": str(len(session.cues)),
        "Trusted strides": f"{summary.strides_valid} of {len(session.strides)}",
    }


def _session_name(session: Session) -> str:
    number = "" if session.session_id is None else f"{session.session_id}: "
    return f"{number}{sentences.started_short(session.started_at) or session.source.name}"


def _line(line: SessionLine, pages: Sequence[str], units: SettingValue) -> Line:
    href = page_name(line.session_id)
    states = {"running": "running now", "cut short": "cut short", "recovered": "recovered", "finished": ""}
    return Line(
        name=f"{line.session_id}: {sentences.started_short(line.started_at) or line.source_name}",
        href=href if href in pages else None,
        state=states[line.state],
        cells=(
            sentences.duration_text(line.ran_s),
            sentences.speed_text(line.speed_mps, units),
            sentences.number(line.near_peak_deg, "°"),
            sentences.number(line.target_deg, "°"),
            sentences.number(line.in_band_pct, " %"),
            sentences.number(line.cadence_spm),
            f"{line.strides_valid} of {line.strides_total}",
            str(line.cues_total),
        ),
    )


def _practices(progress: Progress | None) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            f"{practice.session}",
            sentences.signed(practice.step_deg, "°", 0),
            sentences.signed(practice.fed_deg, "°"),
            sentences.signed(practice.unfed_deg, "°"),
            "yes" if practice.held else "not yet",
        )
        for practice in (progress.practices if progress else ())
    )


def _trend(lines: Sequence[SessionLine], units: SettingValue) -> Chart | None:
    known = [line for line in lines if not math.isnan(above_usual_deg(line))]
    if len(known) < _FEWEST_FOR_TREND:
        return None
    figure = {
        "data": [
            {
                "type": "scatter",
                "name": "heel lift against the norm",
                "mode": "lines+markers",
                "x": [line.started_at or f"session {line.session_id}" for line in known],
                "y": [round(above_usual_deg(line), 1) for line in known],
                "text": [
                    f"session {line.session_id}: {line.near_peak_deg:.0f}° "
                    f"at {sentences.speed_text(line.speed_mps, units)}"
                    for line in known
                ],
                "hovertemplate": "%{text}<br>%{y:+.1f}° against the norm<extra></extra>",
                "line": {"color": "@lift", "width": 2},
                "marker": {"color": "@lift", "size": 10},
            }
        ],
        "layout": {
            "height": 320,
            "xaxis": {"title": {"text": ""}},
            "yaxis": {"title": {"text": "° against the norm"}},
            "showlegend": False,
        },
    }
    return Chart("trend", "Heel lift of every session against the norm at its speed.", figure)


def _two_cycles(one: Session, two: Session, names: tuple[str, str]) -> Chart | None:
    near = two.view.near_side
    if near is None or one.view.near_side != near or near not in one.cycles or near not in two.cycles:
        return None
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": list(range(101)),
            "y": [round(float(value), 1) for value in session.cycles[near].mean_deg],
            "line": {"color": colour, "dash": dash, "width": 3},
        }
        for session, name, colour, dash in ((one, names[0], "@first", "dash"), (two, names[1], "@lift", "solid"))
    ]
    layout = {
        "height": 360,
        "xaxis": {"title": {"text": "% of the stride"}, "range": [0, 100]},
        "yaxis": {"title": {"text": "knee bend, °"}, "rangemode": "tozero"},
    }
    return Chart(
        "cycles",
        f"Knee bend of the {near} leg through the stride in both sessions.",
        {
            "data": data,
            "layout": layout,
        },
    )


__all__ = ["COLUMNS", "compare_page", "index_page", "page_name"]
