"""Two legs and one voice: what both call for is said once, and what concerns the far one alone names it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from coach.app.parts import worded
from coach.core.coach_settings import CueSettings
from coach.core.coaching.coaching import Coaching, Hold, Zone
from coach.core.coaching.cue_rules import CoachedLegs, Yardstick
from coach.core.coaching.cues import Cue, CueKind, Voice
from coach.core.coaching.profile import RunnerProfile
from coach.core.pose import SIDES, Side
from coach.languages import load_words
from tests.coached_session import DAY, FREE, LOW, Session
from tests.core.coaching.test_cue_rules import BAND, STRIDE_S, N
from tests.virtual_runner import Runner, run_session, stride_at

GOOD = CueKind.RECOVERED
ENGLISH = load_words("en")


def two_legged() -> Session:
    """Both legs trusted, each with a baseline of 95°; the right one is near."""
    session = Session()
    session.far_deg, session.far_trusted = 95.0, True
    session.run(150)
    return session


def heard(session: Session, seconds: float, deg: float) -> list[Cue]:
    """The cues themselves while these seconds are run, with their words."""
    cues: list[Cue] = []
    session.until_s += seconds
    while session.t_s + 120.0 / session.cadence <= session.until_s:
        session.t_s += 120.0 / session.cadence
        session.strides += 1
        cues += [worded(cue, ENGLISH) for cue in session.step(deg).cues]
    return cues


# Both call for the same


def test_who_does_not_answer_with_either_leg_hears_three_cues_and_not_three_for_each() -> None:
    session = two_legged()
    session.far_deg = 85.0

    cues = heard(session, 900, deg=85.0)

    assert [(cue.kind, cue.side, cue.both) for cue in cues] == [(LOW, "right", True)] * 3
    assert {cue.text for cue in cues} == {phrase.say for phrase in ENGLISH.cues[LOW]}
    assert session.now.hold is Hold.QUIET


def test_a_trusted_far_leg_costs_a_runner_who_does_not_answer_no_more_cues() -> None:
    for seed in (4, 9):
        coaching = Coaching(FREE, RunnerProfile(), DAY)
        run, _ = run_session(
            coaching, Runner(response=0.0, drops=((600.0, -8.0),)), seed=seed, duration_s=1500, far_leg=True
        )

        assert len(run.of(LOW)) == 3


def test_legs_that_land_in_turn_are_spoken_of_as_one() -> None:
    """The far leg's windows end half a stride after those of the near one."""
    legs, voice = CoachedLegs(CueSettings()), Voice(CueSettings())
    legs.look("right")
    against: dict[Side, Yardstick] = {"right": Yardstick(BAND), "left": Yardstick(BAND)}
    said: list[Cue] = []
    for index in range(2, 1000):
        t_s = index * STRIDE_S / 2
        side: Side = "right" if index % 2 == 0 else "left"
        legs.add(stride_at(t_s, 85.0, side=side, near=side == "right", cadence=120 / STRIDE_S))
        cue = voice.choose(t_s, legs.wishes(against, 0.0), frozenset(CueKind))
        if cue is not None:
            legs.note(cue)
            said.append(cue)

    assert [(cue.kind, cue.side, cue.both) for cue in said] == [(LOW, "right", True)] * 3


def test_there_is_no_praise_while_the_other_leg_is_still_below() -> None:
    session = two_legged()
    session.far_deg = 85.0
    assert session.run(14, deg=85.0) == [LOW]

    session.far_deg = 96.0
    assert GOOD not in session.run(20, deg=85.0)
    assert session.run(40, deg=96.0).count(GOOD) == 1


@pytest.mark.parametrize("first", SIDES)
def test_two_legs_that_come_back_one_after_the_other_are_praised_once(first: Side) -> None:
    session = two_legged()
    session.far_deg = 85.0
    session.run(14, deg=85.0)

    session.far_deg = 96.0 if first == "left" else 85.0
    one_back = session.run(8, deg=96.0 if first == "right" else 85.0)
    session.far_deg = 96.0

    assert GOOD not in one_back
    assert session.run(60, deg=96.0).count(GOOD) == 1


def test_a_far_leg_that_hangs_at_the_line_withholds_no_praise_for_ever_and_earns_none_of_its_own() -> None:
    """Back above the floor, but not by the degree that an answer takes."""
    session = two_legged()
    session.far_deg = 85.0
    session.run(14, deg=85.0)

    session.far_deg = 92.4
    assert session.run(20, deg=96.0) == [GOOD]
    session.far_deg = 96.0
    assert session.run(30, deg=96.0) == []


# The far one alone


def far_alone(kind: CueKind) -> Session:
    """Only the far leg calls for a cue of this kind."""
    session = two_legged()
    session.far_deg = {LOW: 85.0, CueKind.HEEL_LIFT_HIGH: 120.0}[kind]
    return session


@pytest.mark.parametrize(
    ("kind", "said", "shown"),
    [
        (LOW, "Left heel a little higher", "Left heel up"),
        (CueKind.HEEL_LIFT_HIGH, "Left heel not that high", "Left heel lower"),
    ],
)
def test_a_cue_about_the_far_leg_alone_names_it(kind: CueKind, said: str, shown: str) -> None:
    (cue,) = (cue for cue in heard(far_alone(kind), 14, deg=96.0) if cue.kind is kind)

    assert (cue.side, cue.both) == ("left", False)
    assert (cue.text, cue.banner) == (said, shown)
    assert cue.pan == CueKind.SIDE_LEFT.traits.pan, "in its ear"


@pytest.mark.parametrize("kind", [CueKind.UNDER_YOU, LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME])
@pytest.mark.parametrize("side", SIDES)
def test_every_cue_about_a_leg_has_words_that_name_it(kind: CueKind, side: Side) -> None:
    name = kind.traits.words_for(side)

    assert side in ENGLISH.cue(name, 0).say.lower()
    assert side in ENGLISH.cue(name, 0).banner.lower()


def test_while_it_has_no_answer_the_window_shows_that_leg() -> None:
    session = far_alone(LOW)
    session.run(14, deg=96.0)

    lift = session.now.lift
    assert lift is not None
    assert (lift.side, lift.zone) == ("left", Zone.BELOW)

    session.far_deg = 96.0
    assert session.run(10, deg=96.0) == [GOOD]
    assert session.now.lift is not None
    assert session.now.lift.side == "right"


def test_it_is_that_leg_again_once_the_near_one_has_answered_a_cue_of_its_own() -> None:
    session, shown = far_alone(LOW), list[Side]()
    assert set(session.run(120, deg=96.0)) == {LOW}
    for deg, said in ((112.0, [CueKind.HEEL_LIFT_HIGH]), (96.0, [])):
        assert session.run(14, deg=deg) == said
        assert session.now.lift is not None
        shown.append(session.now.lift.side)

    assert shown == ["right", "left"]


def test_after_a_cue_about_both_the_number_does_not_jump_to_the_leg_that_answers_later() -> None:
    session = two_legged()
    session.far_deg = 85.0
    session.run(14, deg=85.0)
    shown: list[Side] = []

    for far_deg in [85.0] * 12 + [96.0] * 12:
        session.far_deg = far_deg
        session.run(1, deg=96.0)
        assert session.now.lift is not None
        shown.append(session.now.lift.side)

    assert set(shown) == {"right"}


def test_a_leg_that_was_told_is_not_told_the_same_again_as_a_difference() -> None:
    session = far_alone(LOW)
    session.far_deg = 80.0

    assert session.run(900, deg=96.0) == [LOW] * 3


def test_a_chosen_leg_and_the_near_one_are_not_named() -> None:
    near, chosen = two_legged(), two_legged()
    chosen.coaching.coach_side("left")
    chosen.far_deg = 85.0

    for session, deg in ((near, 85.0), (chosen, 96.0)):
        (cue,) = heard(session, 14, deg=deg)
        assert (cue.kind, cue.words) == (LOW, "")


def wishes_of(kinds: Sequence[tuple[Side, float]]) -> list[tuple[CueKind, Side | None, bool]]:
    legs = CoachedLegs(CueSettings())
    legs.look("right")
    for side, deg in kinds:
        for index in range(2 * N):
            legs.add(stride_at(STRIDE_S * (index + 1), deg, side=side))
    wishes = legs.wishes({"right": Yardstick(BAND), "left": Yardstick(BAND)}, math.nan)
    return [(wish.kind, wish.side, wish.both) for wish in wishes]


def test_what_differs_from_leg_to_leg_is_wished_for_each() -> None:
    assert wishes_of([("right", 85.0), ("left", 115.0)]) == [
        (LOW, "right", False),
        (CueKind.HEEL_LIFT_HIGH, "left", False),
    ]
    assert wishes_of([("right", 85.0), ("left", 86.0)]) == [(LOW, "right", True)]
