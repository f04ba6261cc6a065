"""The page over all sessions: history, trend and programme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from coach.core.coach_settings import NormSettings
from coach.core.coaching.baseline import peak_flexion_deg
from coach.core.coaching.programme import Practice, Progress
from coach.core.session.change import Verdict, difference_of_means, verdict_of
from coach.core.session.records import SettingValue
from coach.core.session.summary import SessionLine
from coach.core.words import Words
from coach.review import sentences
from coach.review.answers import LIVE
from coach.review.plotly_figure import Chart

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


def dated_name(session_id: int | None, source_kind: str, source_name: str, started_at: str | None, words: Words) -> str:
    """`3: 5 Jan 2026, 18:00`; what is no run before a camera with its name: `4: garage, 6 Jan 2026, 18:00`."""
    name, when = sentences.run_name(source_kind, source_name, words), sentences.started_short(started_at, words)
    said = [when] if when and source_kind in LIVE else [name, when]
    return ("" if session_id is None else f"{session_id}: ") + ", ".join(filter(None, said))


def _line(line: SessionLine, pages: Sequence[str], units: SettingValue, words: Words) -> Line:
    href = page_name(line.session_id)
    return Line(
        name=dated_name(line.session_id, line.source_kind, line.source_name, line.started_at, words),
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
