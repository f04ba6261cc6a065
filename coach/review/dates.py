"""When a run began, in the words of a language: the whole date, a short one, the day alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from coach.core.words import Words

_PLAIN_FOR: Final = timedelta(days=183)
"""A day and month without a year are taken for the nearest such day."""


def started_text(started_at: str | None, words: Words) -> str:
    """`Monday 5 January 2026, 18:00`; empty where no clock time is known."""
    return _date_text(started_at, words, "date.long")


def started_short(started_at: str | None, words: Words) -> str:
    """`5 Jan 2026, 18:00`; empty where no clock time is known."""
    return _date_text(started_at, words, "date.short")


def started_day(started_at: str | None, words: Words, told_on: date | None) -> str:
    """`5 Jan`, or `5 Jan 2026` where half a year or more lies between; empty where no clock time is known."""
    day = day_of(started_at)
    far = day is not None and told_on is not None and abs(told_on - day) >= _PLAIN_FOR
    return _date_text(started_at, words, "date.day_of_year" if far else "date.day")


def day_of(started_at: str | None) -> date | None:
    """The day of a time as it was kept; None where none is known."""
    try:
        return None if started_at is None else datetime.fromisoformat(started_at).date()
    except ValueError:
        return None


def _date_text(started_at: str | None, words: Words, form: str) -> str:
    if started_at is None:
        return ""
    try:
        at = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return words.line(
        form,
        weekday=words.line(f"date.weekday.{at.isoweekday()}"),
        day=at.day,
        month=words.line(f"date.month.{at.month}"),
        month_short=words.line(f"date.month_short.{at.month}"),
        year=at.year,
        time=f"{at:%H:%M}",
    )
