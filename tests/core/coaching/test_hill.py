"""A belt that climbs is another belt: what was shown on the level is not held against a hill, nor the other way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.coach_settings import CoachSettings, ProgrammeSettings
from coach.core.coaching.cues import CueKind
from coach.core.coaching.guards import like_incline
from coach.core.coaching.profile import Bands, RunnerProfile
from tests.coached_session import BEGUN, DAY, LOW, Session, coached

HILL_PCT = 8.0


def inclines(session: Session) -> list[float]:
    return [baseline.incline_pct for baseline in session.coaching.profile_after().baselines]


def test_a_hill_gets_a_baseline_of_its_own_beside_that_of_the_level() -> None:
    session = coached()
    session.incline_pct = HILL_PCT
    assert session.run(40.0, 101.0) == []

    assert inclines(session)[1] == HILL_PCT
    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(101.0, abs=0.3)
    session.incline_pct = 0.0
    session.run(10.0, 95.0)
    assert session.now.target.reference_deg == pytest.approx(95.0, abs=0.3)
    assert len(inclines(session)) == 2


def test_what_a_hill_does_to_a_leg_is_not_cued_as_dragging() -> None:
    """5° below the level's baseline would be a cue there."""
    level, hill = coached(), coached()
    hill.incline_pct = -HILL_PCT

    assert LOW in level.run(40.0, 89.0)
    assert hill.run(40.0, 89.0) == []


def test_three_per_cent_are_another_belt_from_wherever_they_are_counted() -> None:
    assert not any(like_incline((tenths + 30) / 10, tenths / 10) for tenths in range(-100, 120))


@pytest.mark.parametrize("incline_pct", [0.0, 1.0, 2.9])
def test_an_incline_that_hardly_differs_is_the_same_belt(incline_pct: float) -> None:
    session = coached()
    session.incline_pct = incline_pct

    assert LOW in session.run(40.0, 89.0)
    assert len(inclines(session)) == 1


def test_a_treadmill_that_falls_silent_leaves_the_hill_as_it_was() -> None:
    session = coached()
    session.incline_pct = HILL_PCT
    session.run(40.0, 101.0)
    session.incline_pct = math.nan
    session.run(20.0, 101.0)

    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(101.0, abs=0.3)


def slope(session: Session, to_pct: float, step_pct: float = 0.5) -> None:
    """The belt goes there as treadmills do, a second a step."""
    steps = round(abs(to_pct - session.incline_pct) / step_pct)
    for pct in np.linspace(session.incline_pct, to_pct, steps + 1)[1:]:
        session.incline_pct = round(float(pct), 1)
        session.run(1.0, 95.0)


def test_back_from_a_hill_the_habit_that_was_shown_before_counts_again() -> None:
    session = coached()
    session.incline_pct = 1.0
    session.run(10.0, 95.0)
    shown = session.now.target
    slope(session, 6.0)
    assert session.now.target != shown
    slope(session, 1.0)
    session.run(60.0, 95.0)

    assert session.now.target == shown
    assert len(inclines(session)) == 1
    assert math.isnan(inclines(session)[0]), "no other baseline has taken its place"


def test_between_two_baselines_each_counts_on_its_own_incline() -> None:
    session = coached()
    session.incline_pct = 0.0
    slope(session, 5.5)
    session.run(40.0, 101.0)
    assert inclines(session)[1] == 5.5
    slope(session, 1.0)
    session.run(1.0, 95.0)

    assert session.now.target is not None
    assert session.now.target.reference_deg == pytest.approx(95.0, abs=0.3)


def test_a_belt_that_stands_and_tells_now_this_now_that_tenth_is_one_belt() -> None:
    bands = Bands(CoachSettings(), coached().coaching.profile_after(), DAY, "")
    bands.look("right")
    assert bands.climb(3.0)
    assert not any(bands.climb(pct) for pct in (2.9, 3.0, 2.8, 3.1, math.nan))


def test_on_a_hill_without_a_baseline_no_step_is_asked_and_none_is_counted() -> None:
    practising = replace(BEGUN, programme=ProgrammeSettings(first_minutes=5, last_minutes=5))
    session = coached(practising)
    session.incline_pct = HILL_PCT

    assert CueKind.PROGRAMME not in session.run(320.0, 95.0)
    progress = session.coaching.profile_after().progress
    assert progress.sessions_done == 0
    assert progress.uncounted is not None
    assert not progress.uncounted.too_short


def test_a_baseline_of_a_hill_is_remembered_as_one() -> None:
    session = coached()
    session.incline_pct = HILL_PCT
    session.run(40.0, 101.0)
    profile = session.coaching.profile_after()

    assert repr(RunnerProfile.from_json(profile.as_json())) == repr(profile)
    before_it_was_kept = profile.as_json()
    for baseline in before_it_was_kept["baselines"]:  # type: ignore[attr-defined]
        del baseline["incline_pct"]
    assert all(math.isnan(b.incline_pct) for b in RunnerProfile.from_json(before_it_was_kept).baselines)
