"""What ear and window say at one time is the same: praise only of a leg that lies where nothing is asked of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.advice import Zone
from coach.core.coaching.cues import CueKind
from tests.coached_session import BEGUN, LOW, Session, coached

GOOD, HIGH, STEP = CueKind.RECOVERED, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME
PRACTICE = replace(BEGUN, programme=ProgrammeSettings())
FLICKED = 8.0


def told(kind: CueKind) -> Session:
    """Who has just heard a cue of this kind, of an own baseline of 95° with the thigh 19° ahead."""
    session = coached(PRACTICE if kind is STEP else BEGUN)
    session.thigh_deg = FLICKED if kind is CueKind.UNDER_YOU else 19.0
    while kind not in session.run(1, {LOW: 85.0, HIGH: 120.0}.get(kind, 95.0)):
        assert session.t_s < 100
    session.thigh_deg = 19.0
    return session


@pytest.mark.parametrize(
    ("kind", "deg", "zone", "then"),
    [
        (LOW, 116.0, Zone.ABOVE, HIGH),
        (STEP, 120.0, Zone.ABOVE, HIGH),
        (HIGH, 85.0, Zone.BELOW, LOW),
        (CueKind.UNDER_YOU, 85.0, Zone.BELOW, LOW),
    ],
)
def test_who_answers_by_overdoing_it_is_not_praised_for_that(
    kind: CueKind, deg: float, zone: Zone, then: CueKind
) -> None:
    session = told(kind)

    assert session.run(20, deg) == [then]
    assert session.now.lift is not None
    assert session.now.lift.zone is zone


@pytest.mark.parametrize("kind", [LOW, STEP, HIGH])
def test_who_overdoes_it_for_some_strides_is_praised_once_back_in_the_band(kind: CueKind) -> None:
    session = told(kind)
    session.run(7, 85.0 if kind is HIGH else 120.0)

    assert session.run(10, 101.0) == [GOOD]
    assert session.now.lift is not None
    assert session.now.lift.zone is Zone.IN_BAND
