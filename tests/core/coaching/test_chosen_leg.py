"""The runner chooses a leg by key: it is coached, or it is said why it cannot be yet."""

from __future__ import annotations

from coach.core.coaching.advice import NotYet
from coach.core.pipeline import Coach
from tests.coached_session import Session


def session_of(*, far_trusted: bool, far_seen_from_s: float = 0.0) -> Session:
    """Baseline and a little coaching of the right leg, which is near; the left one is seen from some moment on."""
    session = Session()
    session.run(far_seen_from_s)
    session.far_deg, session.far_trusted = 95.0, far_trusted
    session.run(60)
    return session


def test_the_near_leg_and_no_wish_are_met_at_once() -> None:
    session = session_of(far_trusted=False)

    assert session.coaching.coach_side("right") is None
    assert session.coaching.coach_side(None) is None


def test_a_far_leg_that_is_seen_and_has_a_baseline_is_coached_from_now_on() -> None:
    session = session_of(far_trusted=True)

    assert session.coaching.coach_side("left") is None
    session.run(5)
    assert session.now.lift is not None
    assert session.now.lift.side == "left"


def test_a_far_leg_that_is_not_trusted_is_said_to_be_unseen_while_the_near_one_stays_coached() -> None:
    session = session_of(far_trusted=False)

    assert session.coaching.coach_side("left") is NotYet.UNSEEN
    session.run(5)
    assert session.now.lift is not None
    assert session.now.lift.side == "right"


def test_a_far_leg_that_came_into_sight_after_the_baseline_is_said_to_have_none() -> None:
    session = session_of(far_trusted=True, far_seen_from_s=120.0)

    assert session.coaching.coach_side("left") is NotYet.NO_BASELINE
    session.run(5)
    assert session.now.lift is not None
    assert session.now.lift.side == "right"


def test_a_wish_before_a_runner_was_seen_stands_until_then() -> None:
    assert Coach().coach_side("left") is None
