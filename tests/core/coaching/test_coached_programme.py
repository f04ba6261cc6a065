"""The programme in a running session: how a step is asked for, encouraged and answered, and what counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coach.core.coach_settings import (
    CueSettings,
    ProgrammeSettings,
    TargetSettings,
)
from coach.core.coaching.coaching import Stage
from coach.core.coaching.cues import CueKind
from coach.core.coaching.programme import Progress
from tests.coached_session import BEGUN, coached


def test_a_step_is_asked_for_gently_and_counts_when_it_held() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))

    assert session.run(30) == [CueKind.PROGRAMME]
    assert session.run(20, deg=102.0) == [CueKind.RECOVERED]
    session.run(900, deg=102.0)

    progress = session.coaching.profile_after().progress
    assert session.now.stage is Stage.OBSERVING
    assert progress.sessions_done == 1
    assert progress.practices[-1].held


def test_who_lifts_most_of_the_step_that_was_told_hears_so_a_few_times_and_the_page_says_it() -> None:
    """3.3° of 4°: no window lies surely below the line of 4.8°, and the step does not hold."""
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))

    assert session.run(30) == [CueKind.PROGRAMME]
    heard = [session.run(60, deg=98.3) for _ in range(13)]

    assert heard[0] == [CueKind.NEARLY], "not at the end, but as soon as it is tried"
    assert [len(cues) for cues in heard if cues] == [1, 1, 1], "it encourages and does not nag"
    practice = session.coaching.profile_after().progress.practices[-1]
    assert (practice.held, practice.nearly) == (False, True)


@pytest.mark.parametrize(("deg", "heard"), [(97.0, []), (98.3, [CueKind.NEARLY]), (99.4, [CueKind.RECOVERED])])
def test_a_step_is_answered_by_the_step_itself(deg: float, heard: list[CueKind]) -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))
    session.run(30)

    assert session.run(30, deg=deg) == heard


def test_what_was_nearly_lifted_is_praised_once_it_is() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings(), cues=CueSettings(per_2_min=5)))
    session.run(30)
    session.run(25, deg=98.3)

    assert session.run(30, deg=99.5) == [CueKind.RECOVERED]


def test_on_a_free_run_the_own_baseline_is_good_enough_unless_strong_was_chosen() -> None:
    strong = replace(BEGUN, target=TargetSettings("strong"))

    assert CueKind.PROGRAMME not in coached().run(300)
    assert CueKind.PROGRAMME in coached(strong).run(300)


def test_practice_ends_after_its_minutes() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings(first_minutes=5.0)))
    session.run(301)

    assert session.now.stage is Stage.OBSERVING
    assert session.run(300, deg=80.0) == []


def test_half_a_session_does_not_count() -> None:
    session = coached(replace(BEGUN, programme=ProgrammeSettings()))
    session.run(300)

    progress = session.coaching.profile_after().progress
    assert progress.uncounted is not None
    assert replace(progress, uncounted=None) == Progress()
