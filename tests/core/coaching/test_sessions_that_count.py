"""A session of the programme that does not count comes again, and the runner can be told what it lacked."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.coach_settings import ProgrammeSettings, SessionSettings
from coach.core.coaching.programme import Extent, Progress
from tests.coached_session import BEGUN, DAY, Session, coached

SHORT = replace(BEGUN, programme=ProgrammeSettings(first_minutes=5, last_minutes=5))


def left(session: Session) -> Progress:
    return session.coaching.profile_after().progress


def test_too_short_a_practice_is_remembered_with_what_was_run_of_it() -> None:
    session = coached(SHORT)
    session.run(120.0)

    extent = left(session).uncounted
    assert extent is not None
    assert extent.too_short
    assert (extent.day, extent.of_min, extent.takes_min) == (DAY, 5.0, 2.5)
    assert extent.run_min == pytest.approx(2.1, abs=0.1)
    assert left(session).sessions_done == 0

    session.run(60.0)
    assert (left(session).sessions_done, left(session).uncounted) == (1, None)


def test_a_practice_that_was_hardly_measured_is_remembered_with_how_much_was() -> None:
    session = coached(SHORT)
    session.run(60.0)
    session.rejected = True
    session.run(120.0)

    extent = left(session).uncounted
    assert extent is not None
    assert not extent.too_short
    assert extent.measured_min == pytest.approx(1.0, abs=0.2)
    assert extent.measured_min < extent.takes_min == extent.run_min / 2

    session.rejected = False
    session.run(120.0)
    assert (left(session).sessions_done, left(session).uncounted) == (1, None)


@pytest.mark.parametrize(
    "settings",
    [replace(SHORT, session=SessionSettings(warm_up_s=600.0)), replace(SHORT, session=SessionSettings(long=True))],
    ids=["not warmed up", "a long run that is only observed"],
)
def test_where_no_practice_began_there_is_nothing_to_count(settings: object) -> None:
    session = Session(settings)  # type: ignore[arg-type]
    session.run(300.0)

    assert left(session) == Progress()


def test_what_hurt_or_was_begun_anew_is_no_session_that_lacked_something() -> None:
    lacking = replace(Progress(3), uncounted=Extent(DAY, 15.0, 3.0, 3.0))

    assert lacking.restart().uncounted is None
    assert lacking.hurt(DAY).uncounted is None
    assert lacking.pause().resume() == lacking
    assert math.isnan(lacking.last_day), "it may be run again on the same day"
