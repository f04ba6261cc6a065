"""Another speed is no answer to a cue, and what is run there becomes the own baseline only where it is calm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coach.core.coach_settings import BaselineSettings, CueSettings, ProgrammeSettings
from coach.core.coaching.cues import CueKind
from coach.core.gait import Activity
from tests.coached_session import BEGUN, LOW, Session, coached


def slower(deg_below: float, seconds: float) -> tuple[Session, list[CueKind]]:
    """Cued for low heels at 3 m/s; then the belt runs at 2.2 m/s, and the heels stay so far below the own curve."""
    session = coached(replace(BEGUN, baseline=BaselineSettings(duration_s=60)))
    assert session.run(20, deg=88.0) == [LOW]
    session.speed_mps = 2.2
    session.run(1.5, deg=88.0)
    assert session.now.target is not None
    return session, session.run(seconds, session.now.target.reference_deg - deg_below)


def test_a_slower_belt_is_no_answer_to_a_cue() -> None:
    """Its band is wider for being unsure: who drags on as before may lie inside it."""
    session, cues = slower(deg_below=7.0, seconds=150)

    assert cues == []
    assert [round(b.speed_mps, 1) for b in session.coaching.profile_after().baselines] == [3.0]


@pytest.mark.parametrize(("deg_below", "speeds"), [(3.5, [3.0]), (2.5, [2.2, 3.0])])
def test_after_a_cue_without_an_answer_a_quiet_baseline_lies_no_further_below_what_was_shown_than_the_floor(
    deg_below: float, speeds: list[float]
) -> None:
    session, _ = slower(deg_below, seconds=100)

    assert sorted(round(b.speed_mps, 1) for b in session.coaching.profile_after().baselines) == speeds


def test_nor_does_overdoing_it_become_the_own_baseline_at_a_faster_pace() -> None:
    session = coached()
    assert session.run(20, deg=118.0) == [CueKind.HEEL_LIFT_HIGH]
    session.speed_mps = 4.0

    assert session.run(100, deg=121.0) == []
    assert len(session.coaching.profile_after().baselines) == 1


def test_who_was_not_cued_may_lift_less_at_a_slower_pace_than_was_foretold() -> None:
    """One runner in four lies 3° below what is foretold of a speed 0.8 m/s away."""
    session = coached()
    session.speed_mps = 2.2
    session.run(40, deg=78.0)

    assert len(session.coaching.profile_after().baselines) == 2


def test_a_far_leg_that_drags_makes_no_quiet_baseline_either() -> None:
    session = Session()
    session.far_deg, session.far_trusted = 95.0, True
    session.run(40)
    session.speed_mps, session.far_deg = 4.0, 96.0
    session.run(60, deg=107.0)
    assert len(session.coaching.profile_after().baselines) == 1

    session.far_deg = 107.0
    session.run(60, deg=107.0)
    assert len(session.coaching.profile_after().baselines) == 2


def test_nothing_is_taken_for_calm_running_while_a_cue_is_unanswered() -> None:
    """The lift is right, but the heel is flicked up behind as it was at the slower speed."""
    session = coached()
    session.thigh_deg = 8.0
    assert session.run(20) == [CueKind.UNDER_YOU]
    session.speed_mps = 4.0
    session.run(60, deg=107.0)
    assert len(session.coaching.profile_after().baselines) == 1

    session.thigh_deg = 20.0
    session.run(60, deg=107.0)
    assert len(session.coaching.profile_after().baselines) == 2


def test_a_stranger_whose_baseline_is_still_sought_is_held_against_the_wide_band() -> None:
    """Without an own baseline there is nothing shown to lie below: 6° under the norm is a runner, not dragging."""
    session = Session()
    session.rejected = True
    session.run(62)
    session.rejected = False
    session.run(40, deg=92.0)

    assert [round(b.right_deg) for b in session.coaching.profile_after().baselines] == [92]


@pytest.mark.parametrize("cues", [1, 3])
def test_who_does_not_answer_hears_no_more_for_running_intervals(cues: int) -> None:
    """A minute slow, a minute fast, 7 to 8° below the own curve at both; the fast band is 5.2° wider."""
    session = coached(replace(BEGUN, cues=CueSettings(unanswered=cues)))
    heard = []
    for _ in range(4):
        for session.speed_mps, deg in ((3.0, 87.0), (4.0, 101.0)):
            heard += session.run(60, deg)

    assert heard == [LOW] * cues
    assert heard_again(session) == [LOW] * cues


def heard_again(session: Session) -> list[CueKind]:
    """Back at 3 m/s the heels come up for half a minute, and drop once more."""
    session.speed_mps = 3.0
    session.run(30, 96.0)
    return session.run(120, 86.0)


def test_who_does_not_answer_hears_no_more_for_a_pause() -> None:
    session = coached()
    assert session.run(120, deg=86.0) == [LOW] * 3
    session.coaching.pause(session.t_s, paused=True)
    session.coaching.pause(session.t_s, paused=False)

    assert session.run(120, deg=86.0) == []
    assert heard_again(session) == [LOW] * 3


@pytest.mark.parametrize("seconds", [60, 310], ids=["in practice", "after its minutes"])
def test_what_drags_on_at_another_speed_after_a_pause_or_practice_is_no_calm_running_either(seconds: int) -> None:
    resting = ProgrammeSettings(first_minutes=5, last_minutes=5, goal_deg=0)
    session = coached(replace(BEGUN, programme=resting))
    session.run(seconds, deg=88.0)
    session.coaching.pause(session.t_s, paused=True)
    session.coaching.pause(session.t_s, paused=False)
    session.speed_mps = 4.0

    session.run(100, deg=101.0)
    assert len(session.coaching.profile_after().baselines) == 1

    session.run(60, deg=106.0)
    assert len(session.coaching.profile_after().baselines) == 2


def test_a_walk_break_leaves_a_cue_open() -> None:
    session = coached()
    assert session.run(20, deg=87.0) == [LOW]
    session.activity = Activity.WALKING
    session.run(5, deg=60.0)
    session.activity = Activity.RUNNING

    assert session.run(12, deg=96.0) == [CueKind.RECOVERED]
