"""When a run was: the whole date, a short one, and a day that cannot be taken for that of another year."""

from __future__ import annotations

from datetime import date

import pytest

from coach.languages import load_words
from coach.review import dates
from coach.review.answers import better
from coach.review.history_page import at_a_glance
from tests.review.answered import ENGLISH, session_of
from tests.review.test_pages import of_day


@pytest.mark.parametrize(
    ("started_at", "long", "short"),
    [
        (None, "", ""),
        ("2026-01-05T18:00:00+01:00", "Monday 5 January 2026, 18:00", "5 Jan 2026, 18:00"),
        ("some time", "some time", "some time"),
    ],
)
def test_the_time_of_the_start(started_at: str | None, long: str, short: str) -> None:
    assert dates.started_text(started_at, ENGLISH) == long
    assert dates.started_short(started_at, ENGLISH) == short


@pytest.mark.parametrize(
    ("started_at", "told_on", "says"),
    [
        ("2025-12-31", date(2026, 1, 7), "31 Dec"),
        ("2026-06-01", date(2026, 11, 30), "1 Jun"),
        ("2026-06-01", date(2026, 12, 1), "1 Jun 2026"),
        ("2025-11-05", date(2026, 11, 5), "5 Nov 2025"),
        ("2026-11-05", date(2025, 11, 5), "5 Nov 2026"),
        ("2025-11-05", None, "5 Nov"),
        ("some time", date(2026, 11, 5), "some time"),
        (None, date(2026, 11, 5), ""),
    ],
)
def test_a_day_half_a_year_away_has_its_year(started_at: str | None, told_on: date | None, says: str) -> None:
    assert dates.started_day(started_at, ENGLISH, told_on) == says


def test_a_run_of_last_year_is_not_told_as_one_of_today() -> None:
    last = session_of(90.0, year=2025)

    assert better(session_of(95.0), [last], ENGLISH, "metric").says == "Yes: 90° on 5 Nov 2025, 95° now."
    assert "am 5. Nov. 2025" in better(session_of(95.0), [last], load_words("de"), "metric").says
    week = at_a_glance([of_day("2025-01-05", 1)], None, None, date(2026, 1, 7), ENGLISH)[0]
    assert week.says == "Your last run was on 5 Jan 2025."
