"""Spacing, order, expiry and wording of cues, whatever is wished for."""

import copy
import pickle
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.app.parts import worded
from coach.core.coach_settings import CueSettings
from coach.core.coaching.cues import COUNTED_S, SHORTEST_GAP_S, Cue, CueClass, CueGate, CueKind, CueTraits, Voice, Wish
from coach.core.words import Phrase, Words

ALL = frozenset(CueKind)
SETTINGS = CueSettings()
LOW, HIGH, GOOD, BACK = CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.RECOVERED, CueKind.STEPPED_BACK


def say(wishes: Sequence[tuple[float, Sequence[CueKind]]], settings: CueSettings = SETTINGS) -> list[Cue]:
    voice = Voice(settings)
    cues = [voice.choose(t_s, [Wish(kind) for kind in kinds], ALL) for t_s, kinds in wishes]
    return [cue for cue in cues if cue]


BOTH_EARS = (1.0, 1.0)
SAFETY, ADVICE, PRAISE, NOTICE = CueClass
TABLE = {
    "stepped_back": (SAFETY, 100, 1.0, 2.0, 0.0, None, "warning", BOTH_EARS, "diamond"),
    "heel_lift_low": (ADVICE, 60, 1.0, 4.0, 0.0, "more", "low", BOTH_EARS, "up"),
    "heel_lift_high": (ADVICE, 55, 1.0, 4.0, 0.0, "less", "high", BOTH_EARS, "down"),
    "recovered": (PRAISE, 50, 0.0, 3.0, 3.0, None, "recovered", BOTH_EARS, "tick"),
    "side_left": (ADVICE, 40, 6.0, 4.0, 0.0, "more", "side", (1.0, 0.3), "up"),
    "side_right": (ADVICE, 40, 6.0, 4.0, 0.0, "more", "side", (0.3, 1.0), "up"),
    "programme": (ADVICE, 30, 3.0, 4.0, 0.0, "more", "notice", BOTH_EARS, "diamond"),
    "nearly": (PRAISE, 28, 6.0, 4.0, 0.0, None, "notice", BOTH_EARS, "up"),
    "baseline_ready": (NOTICE, 20, 1.0, 4.0, 10.0, None, "notice", BOTH_EARS, "diamond"),
    "status": (NOTICE, 10, 1.0, 4.0, 15.0, None, "notice", BOTH_EARS, "diamond"),
}
"""What the runner hears and sees today, most important first. A row may be added; one that changes is another coach."""


@pytest.mark.parametrize("kind", TABLE)
def test_the_rows_of_today(kind: str) -> None:
    t = CueKind(kind).traits

    row = (t.cls, t.priority, t.spacing, t.expires_after_s, t.waits_s, t.wants, t.tone, t.pan, t.mark)
    assert row == TABLE[kind]


def test_safety_and_notices_are_said_in_every_stage_and_only_lift_is_ever_held_back() -> None:
    kinds = [CueKind(kind) for kind in TABLE]

    assert [k.value for k in kinds if not k.traits.about_lift] == ["stepped_back", "baseline_ready", "status"]
    asks_more = ["heel_lift_low", "recovered", "side_left", "side_right", "programme", "nearly"]
    assert [k.value for k in kinds if k.traits.upward] == asks_more
    assert [k.value for k in kinds if not k.traits.is_kept] == ["baseline_ready", "status"]
    assert {k.value: k.traits.places for k in kinds if k.traits.places} == {"status": ("minutes",)}


def test_a_kind_cannot_be_without_a_row_nor_its_row_be_changed() -> None:
    with pytest.raises(TypeError, match="has no row"):
        CueKind.__new_member__(CueKind, "shouting")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        LOW.traits.priority = 1000  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Wish(LOW).side = "left"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        say([(0.0, [LOW])])[0].words = ""  # type: ignore[misc]


def test_a_row_that_says_little_is_an_ordinary_cue() -> None:
    """Heard in both ears, gone after 4 s, as often as a correction, in every stage."""
    traits = CueTraits(ADVICE, 1)

    assert (traits.spacing, traits.expires_after_s, traits.waits_s, traits.pan) == (1.0, 4.0, 0.0, BOTH_EARS)
    assert not traits.about_lift
    assert not traits.upward


def test_a_stored_kind_is_found_by_its_value_and_stays_itself() -> None:
    assert pickle.loads(pickle.dumps(LOW)) is LOW
    assert copy.deepcopy(LOW) is LOW
    assert f"{LOW}" == "heel_lift_low"


def test_the_most_important_goes_first() -> None:
    (cue,) = say([(1.0, [CueKind.STATUS, CueKind.PROGRAMME, LOW, GOOD])])

    assert cue.kind is LOW


def test_safety_goes_before_everything() -> None:
    assert max(CueKind, key=lambda kind: kind.traits.priority) is BACK
    assert [cue.kind for cue in say([(1.0, [LOW, BACK])])] == [BACK]


def test_safety_does_not_wait_for_the_gap() -> None:
    assert [cue.kind for cue in say([(1.0, [LOW]), (2.0, [BACK])])] == [LOW, BACK]


def test_safety_is_not_withheld_for_the_three_in_two_minutes_but_counts_as_one_of_them() -> None:
    others = [LOW, HIGH, CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT]

    full = say([*((10.0 * n, [kind]) for n, kind in enumerate(others)), (50.0, [BACK])])
    counted = say([(0.0, [BACK]), (30.0, [BACK]), *((40.0 + 10 * n, [kind]) for n, kind in enumerate(others))])

    assert [cue.kind for cue in full] == [*others[:3], BACK]
    assert [cue.kind for cue in counted] == [BACK, BACK, LOW]


def test_two_of_a_kind_are_refractory_seconds_apart() -> None:
    cues = say([(float(t), [LOW]) for t in range(100)])

    assert [cue.t_s for cue in cues] == [0, 25, 50]


def test_a_shorter_refractory_time_can_be_set() -> None:
    cues = say([(float(t), [LOW]) for t in range(35)], CueSettings(refractory_s=10))

    assert [cue.t_s for cue in cues] == [0, 10, 20]


def test_an_invitation_is_rarer_than_a_correction() -> None:
    cues = say([(float(t), [CueKind.PROGRAMME]) for t in range(200)])

    assert [cue.t_s for cue in cues] == [0, 75, 150]


@pytest.mark.parametrize("kind", [CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT])
def test_left_and_right_are_remarked_on_six_times_as_rarely_as_a_correction(kind: CueKind) -> None:
    cues = say([(float(t), [kind]) for t in range(320)])

    assert [cue.t_s for cue in cues] == [0, 150, 300]


def test_praise_may_follow_its_cue_after_a_breath() -> None:
    assert [cue.kind for cue in say([(0.0, [LOW]), (SHORTEST_GAP_S, [GOOD])])] == [LOW, GOOD]


def test_praise_that_cannot_come_at_once_waits_a_moment_and_is_then_dropped() -> None:
    assert [c.t_s for c in say([(0.0, [LOW]), (2.0, [GOOD]), (4.0, [])])] == [0.0, 4.0]
    assert [c.t_s for c in say([(0.0, [LOW]), (0.5, [GOOD]), (4.0, [])])] == [0.0]


def test_praise_that_waits_is_said_at_its_last_moment_and_not_after() -> None:
    assert [c.t_s for c in say([(0.0, [LOW]), (1.0, [GOOD]), (4.0, [])])] == [0.0, 4.0]
    assert [c.t_s for c in say([(0.0, [LOW]), (0.875, [GOOD]), (4.0, []), (9.0, [])])] == [0.0]


def test_what_was_said_is_not_said_again_from_the_waiting_list() -> None:
    assert [c.kind for c in say([(0.0, [GOOD]), (1.0, []), (4.0, []), (6.0, [])])] == [GOOD]
    every_5_s = CueSettings(refractory_s=5)
    assert [c.t_s for c in say([(0.0, [CueKind.STATUS]), (5.0, []), (10.0, [])], every_5_s)] == [0.0]


def test_a_long_run_does_not_fill_the_memory() -> None:
    gate = CueGate(SETTINGS)
    for n in range(1000):
        gate.passed(LOW, 30.0 * n)

    assert len(gate._given) <= 4


def test_the_gap_and_the_refractory_time_are_over_to_the_second() -> None:
    assert [c.t_s for c in say([(0.0, [LOW]), (3.75, [HIGH]), (4.0, [HIGH])])] == [0.0, 4.0]
    assert [c.t_s for c in say([(0.0, [LOW]), (24.75, [LOW]), (25.0, [LOW])])] == [0.0, 25.0]


def test_the_two_minutes_are_over_to_the_second() -> None:
    """The first of three leaves the count when it is 120 s old."""
    three = [(0.0, [LOW]), (10.0, [HIGH]), (20.0, [CueKind.SIDE_LEFT])]

    assert [c.t_s for c in say([*three, (119.75, [LOW]), (120.0, [LOW])])] == [0.0, 10.0, 20.0, 120.0]


def test_of_two_equals_the_left_comes_first_and_the_other_is_dropped() -> None:
    cues = say([(0.0, [CueKind.SIDE_RIGHT, CueKind.SIDE_LEFT]), (5.0, [])])

    assert [cue.kind for cue in cues] == [CueKind.SIDE_LEFT]


def test_a_verdict_that_has_no_room_is_dropped_and_not_kept() -> None:
    assert [cue.kind for cue in say([(0.0, [GOOD]), (1.0, [LOW]), (5.0, [])])] == [GOOD]


def test_what_is_not_allowed_is_not_said() -> None:
    voice = Voice(SETTINGS)

    assert voice.choose(0.0, [Wish(LOW), Wish(BACK)], frozenset({BACK})) is not None
    assert voice.choose(9.0, [Wish(LOW)], frozenset({BACK})) is None


def said_in(ways: tuple[Phrase, ...], wishes: Sequence[Wish]) -> list[tuple[str, str]]:
    """What is spoken and shown of wishes of one kind, far apart."""
    voice, words = Voice(SETTINGS), Words(cues={wishes[0].kind: ways})
    given = [voice.choose(200.0 * n, [wish], ALL) for n, wish in enumerate(wishes)]
    cues = [worded(cue, words) for cue in given if cue]
    return [(cue.text, cue.banner) for cue in cues]


def test_wording_takes_turns() -> None:
    ways = (Phrase("one", "1"), Phrase("two", "2"), Phrase("three", "3"))

    said = [("one", "1"), ("two", "2"), ("three", "3"), ("one", "1")]
    assert said_in(ways, 4 * [Wish(LOW)]) == said


def test_places_in_the_words_are_filled() -> None:
    ways = (Phrase("{minutes} minutes", "{minutes} min"),)

    assert said_in(ways, [Wish(CueKind.STATUS, None, (("minutes", "5"),))]) == [("5 minutes", "5 min")]


def test_the_core_gives_no_words() -> None:
    assert [(cue.text, cue.banner, cue.way) for cue in say([(0.0, [LOW]), (200.0, [LOW])])] == [
        ("", "", 0),
        ("", "", 1),
    ]


times = st.lists(
    st.tuples(st.floats(0.05, 30), st.lists(st.sampled_from(list(CueKind)), max_size=4)), min_size=1, max_size=120
)


def running(steps: Sequence[tuple[float, Sequence[CueKind]]]) -> list[tuple[float, Sequence[CueKind]]]:
    t_s, out = 0.0, []
    for dt_s, kinds in steps:
        t_s += dt_s
        out.append((t_s, kinds))
    return out


@given(times, st.floats(5, 60), st.integers(1, 5))
def test_spacing_holds_whatever_is_wished_for(
    steps: list[tuple[float, list[CueKind]]], refractory_s: float, most: int
) -> None:
    cues = say(running(steps), CueSettings(refractory_s=refractory_s, per_2_min=most))
    advice = [cue for cue in cues if cue.kind is not BACK]

    for cue in advice:
        assert sum(cue.t_s <= other.t_s < cue.t_s + COUNTED_S for other in advice) <= most
    for earlier, later in pairwise(advice):
        assert later.t_s - earlier.t_s >= SHORTEST_GAP_S
    for kind in set(CueKind) - {GOOD}:
        same = [cue.t_s for cue in cues if cue.kind is kind]
        least_s = refractory_s * kind.traits.spacing
        assert all(b - a >= least_s for a, b in pairwise(same))


@given(times)
def test_of_all_that_may_be_said_now_the_most_important_is_said(steps: list[tuple[float, list[CueKind]]]) -> None:
    voice, gate = Voice(SETTINGS), CueGate(SETTINGS)
    for t_s, kinds in running(steps):
        possible = [kind.traits.priority for kind in kinds if gate.open(kind, t_s)]
        cue = voice.choose(t_s, [Wish(kind) for kind in kinds], ALL)
        if cue is not None:
            gate.passed(cue.kind, t_s)

        assert not possible or cue is not None
        assert cue is None or cue.kind.traits.priority >= max(possible, default=0)


@given(times)
def test_every_cue_expires_soon(steps: list[tuple[float, list[CueKind]]]) -> None:
    for cue in say(running(steps)):
        assert cue.expires_s - cue.t_s == pytest.approx(cue.kind.traits.expires_after_s)
        assert cue.expires_s - cue.t_s <= SHORTEST_GAP_S + 1e-9


@given(times)
def test_the_same_wishes_give_the_same_cues(steps: list[tuple[float, list[CueKind]]]) -> None:
    assert say(running(steps)) == say(running(steps))
