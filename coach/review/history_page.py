"""The pages over several sessions: the index with history, trend and programme, and two sessions side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.coaching.programme import Practice, Progress
from coach.core.coaching.stride_record import SHOWN
from coach.core.session.change import Verdict, between, bought_with, difference_of_means, near_valid, verdict_of
from coach.core.session.records import SettingValue
from coach.core.session.session import Session
from coach.core.session.summary import SessionLine
from coach.core.words import Words
from coach.review import sentences
from coach.review.answers import LIVE
from coach.review.plotly_figure import Chart
from coach.review.side_by_side import PHASES, DrawnStride

COLUMNS: Final = ("time", "speed", "lift", "target", "in_band", "cadence", "trusted", "cues")
"""Of the table of all sessions: `figure.…` in the words."""
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
    columns: tuple[str, ...]


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


def index_page(
    lines: Sequence[SessionLine],
    progress: Progress | None,
    pages: Sequence[str],
    units: SettingValue,
    words: Words,
    sessions: int = SESSIONS_OF_PROGRAMME,
) -> IndexPage:
    """The index. `pages` are the names of the session pages that exist; only those are linked.

    sessions: how many the programme has.
    """
    trend = _trend(lines, units, words)
    return IndexPage(
        headline=history_sentence(lines, words),
        programme=programme_sentences(progress, words, sessions),
        practice_rows=_practices(progress, words),
        trend_note=words.line("history.trend_note"),
        charts={} if trend is None else {trend.key: trend},
        lines=tuple(_line(line, pages, units, words) for line in lines),
        columns=tuple(words.line(f"figure.{name}") for name in COLUMNS),
    )


def compare_page(one: Session, two: Session, words: Words, strides: Sequence[DrawnStride | None] = ()) -> ComparePage:
    """Two sessions, the earlier of the caller's choice first; `strides`: a typical one of each."""
    drawn = tuple(stride for stride in strides if stride is not None)
    units = two.setting("units")
    names = (_session_name(one, words), _session_name(two, words))
    cycles = _two_cycles(one, two, names, words)
    return ComparePage(
        headline=comparison_sentence(one, two, words),
        detail=_comparison_detail(one, two, units, words),
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


def page_name(session_id: int) -> str:
    """File name of a session's page."""
    return f"session-{session_id}.html"


def history_sentence(lines: Sequence[SessionLine], words: Words) -> str:
    """All runs in a sentence."""
    if not lines:
        return words.line("history.none")
    time_s = sum(line.ran_s for line in lines if not math.isnan(line.ran_s))
    count = words.many("history.all", len(lines), time=sentences.duration_text(time_s))
    return f"{count} {trend_sentence(lines, words)}".strip()


def trend_sentence(lines: Sequence[SessionLine], words: Words) -> str:
    """Whether heel lift has changed from the first to the last sessions, where enough of them can say."""
    apart = [above_usual_deg(line) for line in lines]
    known = [value for value in apart if not math.isnan(value)]
    if len(known) < 2 * _FEWEST_FOR_TREND:
        return ""
    half = len(known) // 2
    step = difference_of_means(np.array(known[:half]), np.array(known[-half:]))
    verdict = Verdict.UNCLEAR if step is None else verdict_of(step)
    if step is not None and verdict in (Verdict.RISEN, Verdict.FALLEN):
        return words.line(f"history.{verdict.name.lower()}", step=words.number(abs(step.estimate), "°"))
    return words.line("history.unchanged")


def above_usual_deg(line: SessionLine) -> float:
    """A session's heel lift against the norm at its mean speed; NaN where either is unknown."""
    if math.isnan(line.near_peak_deg) or math.isnan(line.speed_mps):
        return math.nan
    return line.near_peak_deg - float(peak_flexion_deg(line.speed_mps, NormSettings()))


def programme_sentences(
    progress: Progress | None, words: Words, sessions: int = SESSIONS_OF_PROGRAMME
) -> tuple[str, ...]:
    """How far the programme of so many sessions has come, and when to stop; None where it is switched off."""
    if progress is None:
        return (words.line("programme.off"),)
    said = [words.line("programme.done", done=progress.sessions_done, of=sessions)]
    if progress.sessions_done >= sessions:
        said = [words.line("programme.all_done", of=sessions)]
    elif not (progress.sessions_done or progress.practices):
        said = [words.line("programme.not_begun" if progress.paused else "programme.begins", of=sessions)]
    if progress.held_deg > 0:
        said.append(words.line("programme.held", held=words.number(progress.held_deg, "°")))
    if progress.paused:
        said.append(words.line("programme.is_paused"))
    if progress.trouble is None:
        said.append(words.line("programme.question", how=words.line("programme.how_to_answer")))
    return (*said, words.line("programme.stop"), words.line("programme.notice"))


def comparison_sentence(one: Session, two: Session, words: Words) -> str:
    """The heel lift of two sessions against each other, at the speed that both share most."""
    if one.view.near_side != two.view.near_side:
        return words.line("compare.sides")
    change = between(near_valid(one.strides), near_valid(two.strides))
    first, second = words.number(change.before_deg, "°"), words.number(change.after_deg, "°")
    if change.difference is None:
        if change.verdict is Verdict.SPEED_CHANGED:
            return words.line("compare.no_speed")
        return words.line("compare.too_few")
    if change.verdict in (Verdict.RISEN, Verdict.FALLEN):
        step = words.number(abs(change.difference.estimate), "°")
        told = words.line(f"compare.{change.verdict.name.lower()}", step=step, first=first, second=second)
        if change.verdict is Verdict.FALLEN:
            return told
        price = bought_with(near_valid(one.strides), near_valid(two.strides))
        return f"{told} {sentences.bought_sentence(price, words)}".strip()
    key = "compare.steady" if change.verdict is Verdict.STEADY else "compare.unclear"
    return words.line(key, first=first, second=second)


def _comparison_detail(one: Session, two: Session, units: SettingValue, words: Words) -> str:
    change = between(near_valid(one.strides), near_valid(two.strides))
    if change.difference is None or one.view.near_side != two.view.near_side:
        return ""
    interval = sentences.interval_text(change.difference, "°", words)
    if math.isnan(change.speed_mps):
        return words.line("compare.detail_unknown_speed", interval=interval)
    speed = words.speed(change.speed_mps, units)
    return words.line("compare.detail", interval=interval, speed=speed)


def _compared(one: Session, two: Session, units: SettingValue, words: Words) -> tuple[tuple[str, ...], ...]:
    each = [_figures(session, units, words) for session in (one, two)]
    return tuple((name, each[0][name], each[1][name]) for name in each[0])


def _figures(session: Session, units: SettingValue, words: Words) -> dict[str, str]:
    summary = session.summary
    near = summary.peak_knee_flexion_near
    said = {
        "time": sentences.duration_text(summary.running_s),
        "speed": words.speed(summary.speed.mean_mps, units),
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
    return _dated(session.session_id, session.source.kind, session.source.name, session.started_at, words)


def _dated(session_id: int | None, source_kind: str, source_name: str, started_at: str | None, words: Words) -> str:
    """`3: 5 Jan 2026, 18:00`; what is no run before a camera with its name: `4: garage, 6 Jan 2026, 18:00`."""
    name, when = sentences.run_name(source_kind, source_name, words), sentences.started_short(started_at, words)
    said = [when] if when and source_kind in LIVE else [name, when]
    return ("" if session_id is None else f"{session_id}: ") + ", ".join(filter(None, said))


def _line(line: SessionLine, pages: Sequence[str], units: SettingValue, words: Words) -> Line:
    href = page_name(line.session_id)
    return Line(
        name=_dated(line.session_id, line.source_kind, line.source_name, line.started_at, words),
        href=href if href in pages else None,
        state=state_text(line, words),
        cells=(
            sentences.duration_text(line.ran_s),
            words.speed(line.speed_mps, units),
            words.number(line.near_peak_deg, "°"),
            words.number(line.target_deg, "°"),
            words.number(line.in_band_pct, " %"),
            words.number(line.cadence_spm),
            words.line("page.n_of", n=line.strides_valid, of=line.strides_total),
            str(line.cues_total),
        ),
    )


def state_text(line: SessionLine, words: Words) -> str:
    """What is to be said of a session that did not end as others do; empty for one that did."""
    return "" if line.state == "finished" else words.line(f"history.state.{line.state.replace(' ', '_')}")


def _practices(progress: Progress | None, words: Words) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            f"{practice.session}",
            words.signed(practice.step_deg, "°", 0),
            words.signed(practice.fed_deg, "°"),
            words.signed(practice.unfed_deg, "°"),
            _held(practice, words),
        )
        for practice in (progress.practices if progress else ())
    )


def _held(practice: Practice, words: Words) -> str:
    """Whether the step held; where not, what its lift was bought with."""
    if practice.held or not practice.price:
        return words.line("programme.yes" if practice.held else "programme.not_yet")
    return words.line("programme.not_counted", what=words.line(f"page.price.{practice.price}"))


def _trend(lines: Sequence[SessionLine], units: SettingValue, words: Words) -> Chart | None:
    known = [line for line in lines if not math.isnan(above_usual_deg(line))]
    if len(known) < _FEWEST_FOR_TREND:
        return None
    figure = {
        "data": [
            {
                "type": "scatter",
                "name": words.line("chart.against_norm"),
                "mode": "lines+markers",
                "x": [line.started_at or words.line("chart.session", number=line.session_id) for line in known],
                "y": [round(above_usual_deg(line), 1) for line in known],
                "text": [
                    words.line(
                        "chart.session_lift",
                        number=line.session_id,
                        lift=words.number(line.near_peak_deg, "°"),
                        speed=words.speed(line.speed_mps, units),
                    )
                    for line in known
                ],
                "hovertemplate": f"%{{text}}<br>%{{y:+.1f}}{words.line('chart.deg_against_norm')}<extra></extra>",
                "line": {"color": "@lift", "width": 2},
                "marker": {"color": "@lift", "size": 10},
            }
        ],
        "layout": {
            "height": 320,
            "xaxis": {"title": {"text": ""}},
            "yaxis": {"title": {"text": words.line("chart.deg_against_norm")}},
            "showlegend": False,
        },
    }
    return Chart("trend", words.line("chart.trend_alt"), figure)


def _two_cycles(one: Session, two: Session, names: tuple[str, str], words: Words) -> Chart | None:
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


__all__ = ["COLUMNS", "compare_page", "index_page", "page_name"]
