"""All sessions at a glance: this week, since last time, what comes next; and the page with trend and programme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from coach.core.coaching.guards import steep
from coach.core.coaching.programme import Practice, ProgrammeState, Progress
from coach.core.session.seen import LIVE
from coach.core.session.summary import SessionLine, own_runs
from coach.core.units import Units
from coach.core.words import UNKNOWN, Words
from coach.review import sentences
from coach.review.answers import Answer, next_session
from coach.review.dates import day_of, started_day, started_short
from coach.review.inclines import incline_text
from coach.review.plotly_figure import Chart
from coach.review.trend import Spark, spark, trend_chart, trend_note, trend_sentence

COLUMNS: Final = ("time", "speed", "lift", "target", "in_band", "cadence", "trusted", "cues")
"""Of the table of all sessions: `figure.…` in the words."""
SESSIONS_OF_PROGRAMME: Final = 8


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
    answers: tuple[Answer, ...]
    spark: Spark | None
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
    units: Units,
    words: Words,
    sessions: int = SESSIONS_OF_PROGRAMME,
    answers: Sequence[Answer] = (),
) -> IndexPage:
    """The index. `pages` are the names of the session pages that exist; only those are linked.

    lines: all sessions, oldest first; what is said of them in all is of the runner's own runs.
    sessions: how many the programme has. answers: from `at_a_glance`.
    """
    own = own_runs(lines)
    trend = trend_chart(own, units, words)
    return IndexPage(
        headline=history_sentence(own, words),
        answers=tuple(answers),
        spark=spark(own, words),
        programme=programme_sentences(progress, words, sessions),
        practice_rows=_practices(progress, words),
        trend_note=trend_note(own, words),
        charts={} if trend is None else {trend.key: trend},
        lines=tuple(_line(line, pages, units, words) for line in lines),
        columns=tuple(words.line(f"figure.{name}") for name in COLUMNS),
    )


def at_a_glance(
    lines: Sequence[SessionLine], last: Answer | None, programme: ProgrammeState | None, today: date, words: Words
) -> tuple[Answer, ...]:
    """The week with its streak, the last run against the one before, and what the programme asks for next.

    lines: the runner's own runs. last: the answer of the newest run's page to "better than last time?".
    """
    days = sorted(day for line in lines if (day := day_of(line.started_at)) is not None and day <= today)
    if not days:
        return ()
    monday = today - timedelta(days=today.weekday())
    now = [line for line in lines if (day := day_of(line.started_at)) is not None and monday <= day <= today]
    time_s = sum(line.ran_s for line in now if not math.isnan(line.ran_s))
    last_day = started_day(days[-1].isoformat(), words, today)
    says = [
        words.line("glance.time", time=sentences.duration_text(time_s))
        if now
        else words.line("glance.idle", day=last_day)
    ]
    if (weeks := _weeks_in_a_row(days, monday)) > 1:
        says.append(words.line("glance.streak", n=weeks))
    week = Answer(words.line("glance.week"), words.many("runners.counted", len(now)), " ".join(says))
    return tuple(filter(None, (week, last, _next_answer(programme, words))))


def _next_answer(programme: ProgrammeState | None, words: Words) -> Answer | None:
    coming = next_session(programme, words)
    if programme is None or coming is None:
        return None
    done, progress = "", programme.progress
    if programme.enabled and progress.sessions_done < programme.sessions:
        week = progress.week(programme.sessions)
        done = words.line("glance.programme", week=week, done=progress.sessions_done, of=programme.sessions)
    return Answer(words.line("answer.next"), coming[0], coming[1], more=done)


def _weeks_in_a_row(days: Sequence[date], monday: date) -> int:
    """Weeks with a run, without a gap, up to this one; a week that has only begun breaks nothing."""
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    at = monday if monday in weeks else monday - timedelta(days=7)
    count = 0
    while at - timedelta(days=7 * count) in weeks:
        count += 1
    return count


def page_name(session_id: int) -> str:
    """File name of a session's page."""
    return f"session-{session_id}.html"


def history_sentence(lines: Sequence[SessionLine], words: Words) -> str:
    """All of the runner's own runs in a sentence; lines: from `own_runs`."""
    if not lines:
        return words.line("history.none")
    time_s = sum(line.ran_s for line in lines if not math.isnan(line.ran_s))
    count = words.many("history.all", len(lines), time=sentences.duration_text(time_s))
    return f"{count} {trend_sentence(lines, words)}".strip()


def programme_sentences(
    progress: Progress | None, words: Words, sessions: int = SESSIONS_OF_PROGRAMME
) -> tuple[str, ...]:
    """How far the programme of so many sessions has come, and when to stop; None where it is switched off."""
    if progress is None:
        return (words.line("programme.off"),)
    said = [words.line("programme.done", done=progress.sessions_done, of=sessions)]
    if progress.sessions_done >= sessions:
        said = [words.line("programme.all_done", of=sessions)]
    elif progress.trouble and not (progress.sessions_done or progress.practices):
        said = []
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
    name, when = sentences.run_name(source_kind, source_name, words), started_short(started_at, words)
    said = [when] if when and source_kind in LIVE else [name, when]
    return ("" if session_id is None else f"{session_id}: ") + ", ".join(filter(None, said))


def _line(line: SessionLine, pages: Sequence[str], units: Units, words: Words) -> Line:
    href = page_name(line.session_id)
    return Line(
        name=dated_name(line.session_id, line.source_kind, line.source_name, line.started_at, words),
        href=href if href in pages else None,
        state=state_text(line, words),
        cells=(
            sentences.duration_text(line.ran_s),
            ", ".join(filter(None, (words.speed(line.speed_mps, units), hill_text(line, words)))),
            words.number(line.near_peak_deg, "°"),
            words.number(line.target_deg, "°"),
            words.number(line.in_band_pct, " %"),
            words.number(line.cadence_spm),
            words.line("page.n_of", n=line.strides_valid, of=line.strides_total),
            str(line.cues_total),
        ),
    )


def hill_text(line: SessionLine, words: Words) -> str:
    """`incline 8 %` of a run that was mostly run there, empty of one on the level."""
    return incline_text(line.incline_pct, words) if steep(line.incline_pct) else ""


def state_text(line: SessionLine, words: Words) -> str:
    """What is to be said of a session that is somebody else's, or did not end as others do; empty for any other."""
    ended = "" if line.state == "finished" else line.state.replace(" ", "_")
    told = ("imported" if line.shared else "", ended)
    return ", ".join(words.line(f"history.state.{state}") for state in told if state)


def _practices(progress: Progress | None, words: Words) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            f"{practice.session}",
            words.signed(practice.step_deg, "°", 0) if practice.step_deg else UNKNOWN,
            words.signed(practice.fed_deg, "°"),
            words.signed(practice.unfed_deg, "°"),
            _held(practice, words),
        )
        for practice in (progress.practices if progress else ())
    )


def _held(practice: Practice, words: Words) -> str:
    """Whether the step held; where not, what its lift was bought with. Of a session that asked for none, neither."""
    if not practice.step_deg:
        return UNKNOWN
    if practice.held or not practice.price:
        return words.line(f"programme.{'yes' if practice.held else 'nearly' if practice.nearly else 'not_yet'}")
    return words.line("programme.not_counted", what=words.line(f"page.price.{practice.price}"))
