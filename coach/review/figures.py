"""The few numbers at the head of a session's page, each with what has to be known beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from coach.core.session.session import Session
from coach.core.units import Units
from coach.core.words import Words
from coach.review import sentences
from coach.review.inclines import incline_note

_KNOWN_SHARE: Final = 0.95
"""By a twentieth distance and time may part before it is told why: the picture takes some seconds to read a speed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at the head of the page."""

    name: str
    value: str
    note: str = ""


def figures_of(session: Session, words: Words, units: Units) -> tuple[Figure, ...]:
    """Cadence, time, speed, distance, and the heart rate where it was heard."""
    summary = session.summary
    return (
        Figure(words.line("figure.cadence"), words.number(summary.cadence_spm), words.line("page.steps_a_minute")),
        Figure(words.line("figure.time"), sentences.duration_text(summary.running_s)),
        Figure(
            words.line("figure.belt_speed"), words.speed(summary.speed.mean_mps, units), _speed_note(session, words)
        ),
        Figure(
            words.line("figure.distance"),
            sentences.distance_text(summary.speed.distance_m, units, words),
            _known_note(session, words),
        ),
        *_heart_figure(session, words),
    )


def _known_note(session: Session, words: Words) -> str:
    """In how much of the running time the distance was run; empty where that is nearly all, or not known."""
    speed, running_s = session.summary.speed, session.summary.running_s
    known_s = speed.distance_m / speed.mean_mps if speed.mean_mps > 0 else math.nan
    if not known_s < _KNOWN_SHARE * running_s:
        return ""
    return words.line("page.known_speed", time=sentences.duration_text(known_s))


def _heart_figure(session: Session, words: Words) -> tuple[Figure, ...]:
    """Mean and highest heart rate; none where none was heard."""
    heart = session.summary.heart
    if math.isnan(heart.mean_bpm):
        return ()
    highest = words.line("page.heart_highest", bpm=words.number(heart.highest_bpm))
    sources = [words.line(f"page.heart_from.{source}") for source in heart.sources]
    return (Figure(words.line("figure.heart"), words.number(heart.mean_bpm, " /min"), ", ".join([highest, *sources])),)


def _speed_note(session: Session, words: Words) -> str:
    sources = [words.name(f"page.speed_from.{source}", source) for source in session.summary.speed.sources]
    doubted = words.line("page.speed_doubted") if session.summary.doubted_s >= 1 else ""
    return ", ".join(filter(None, (*sources, doubted, incline_note(session, words))))
