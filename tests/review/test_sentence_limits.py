"""Every sentence of the page at the figures where it turns into another one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coach.core.coaching.cues import CueKind
from coach.core.gait import View
from coach.core.gait.quality import RejectReason
from coach.core.session.change import Change, Verdict
from coach.core.session.cue_effects import CueEffect
from coach.core.session.cycles import relief_pct
from coach.core.session.intervals import Interval
from coach.core.session.records import FrameFacts, Setting
from coach.languages import load_words
from coach.review import sentences
from tests.review.told import both_legs, run, session_of

ENGLISH = load_words("en")


def said(sentence: Callable[..., str], *figures: object) -> str:
    """The sentence in English."""
    return sentence(*figures, ENGLISH)


def change(verdict: Verdict, step_deg: float, speed_mps: float = 2.8) -> Change:
    """A baseline of 92° and what became of it, known to 1°."""
    difference = Interval(step_deg, step_deg - 1, step_deg + 1, 100)
    return Change(verdict, 92.0, 92.0 + step_deg, difference, (50, 50), speed_mps)


# Times, speeds, figures


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59.0, "59 s"), (60.0, "1 min"), (61.0, "1 min 1 s"), (3599.0, "59 min 59 s"), (3660.0, "1 h 1 min")],
)
def test_minutes_and_hours_begin_where_they_do(seconds: float, text: str) -> None:
    assert sentences.duration_text(seconds) == text


def test_speeds_and_distances_in_either_unit() -> None:
    assert ENGLISH.speed(10 / 3.6, "metric") == "10.0 km/h"
    assert ENGLISH.speed(4.4704, "imperial") == "10.0 mph"
    assert ENGLISH.speed(math.nan, "metric") == "–"
    assert said(sentences.distance_text, 1234.0, "metric") == "1.23 km"
    assert said(sentences.distance_text, 123_456.0, "metric") == "123.46 km"
    assert said(sentences.distance_text, 1609.344, "imperial") == "1.00 mi"
    assert said(sentences.distance_text, math.nan, "metric") == "–"


def test_an_interval_has_signs_and_a_true_minus() -> None:
    assert said(sentences.interval_text, Interval(0.0, -1.24, 5.0, 9), "°") == "−1.2° to +5.0°"


# What changed, and how sure that is


@pytest.mark.parametrize(
    ("verdict", "step_deg", "expected"),
    [
        (Verdict.RISEN, 6.0, "Your heel lift rose by about 6° over the run: 92° in the first third, 98° in the last."),
        (
            Verdict.FALLEN,
            -6.0,
            "Your heel lift fell by about 6° over the run: 92° in the first third, 86° in the last.",
        ),
        (Verdict.STEADY, 0.0, "Your heel lift ended as it began: 92° in the first third, 92° in the last."),
    ],
)
def test_each_verdict_has_its_sentence(verdict: Verdict, step_deg: float, expected: str) -> None:
    assert said(sentences.change_sentence, change(verdict, step_deg)) == expected


def test_a_change_of_speed_one_that_nobody_knew_and_too_few_strides_are_told_apart() -> None:
    faster = replace(change(Verdict.SPEED_CHANGED, 0.0), difference=None)
    unknown = replace(change(Verdict.SPEED_UNKNOWN, 0.0), difference=None)
    few = replace(change(Verdict.TOO_FEW, 0.0), difference=None)

    assert "speed changed between start and end" in said(sentences.change_sentence, faster)
    assert "The belt speed was not known all along" in said(sentences.change_sentence, unknown)
    assert "Too few trusted strides" in said(sentences.change_sentence, few)
    assert said(sentences.change_detail, few, "metric") == ""


# Relief


def test_relief_is_told_with_its_direction_and_the_smaller_end_first() -> None:
    risen, fallen = change(Verdict.RISEN, 6.0), change(Verdict.FALLEN, -6.0)
    up = [relief_pct(92.0 + step, 92.0) for step in (6.0, 5.0, 7.0)]
    down = [-relief_pct(92.0 - step, 92.0) for step in (6.0, 5.0, 7.0)]

    assert said(sentences.relief_sentence, risen) == (
        f"In mid-swing your leg was about {up[0]:.0f} % easier to swing than at your baseline "
        f"(95 % interval {up[1]:.0f} to {up[2]:.0f} %)."
    )
    assert said(sentences.relief_sentence, fallen) == (
        f"In mid-swing your leg was about {down[0]:.0f} % harder to swing than at your baseline "
        f"(95 % interval {down[1]:.0f} to {down[2]:.0f} %)."
    )


def test_where_relief_is_not_sure_both_ends_say_their_direction() -> None:
    unclear, steady = change(Verdict.UNCLEAR, 1.5), change(Verdict.STEADY, 0.0)
    harder, easier = abs(relief_pct(91.0, 92.0)), relief_pct(93.0, 92.0)

    assert f"from {harder:.0f} % harder to {easier:.0f} % easier" in said(sentences.relief_sentence, steady)
    assert "about as easy to swing" in said(sentences.relief_sentence, steady)
    assert "cannot be told from chance" in said(sentences.relief_sentence, unclear)
    assert said(sentences.easier, 0.0) == "0 % easier"
    assert said(sentences.easier, 0.5) == "0 % easier"
    assert said(sentences.easier, -0.6) == "1 % harder"
    assert said(sentences.easier, -3.0) == "3 % harder"


# Cues


def effect(kind: CueKind, given: int, reached: int, mean: Interval | None) -> CueEffect:
    return CueEffect(kind, given, reached, (), mean)


@pytest.mark.parametrize(
    ("kind", "low", "high", "told"),
    [
        (CueKind.HEEL_LIFT_LOW, 0.5, 4.0, "worked"),
        (CueKind.HEEL_LIFT_LOW, -0.5, 4.0, "no sure effect"),
        (CueKind.HEEL_LIFT_LOW, -4.0, 0.5, "no sure effect"),
        (CueKind.HEEL_LIFT_LOW, -4.0, -0.5, "the opposite followed"),
        (CueKind.HEEL_LIFT_HIGH, -4.0, -0.5, "worked"),
        (CueKind.HEEL_LIFT_HIGH, -4.0, 0.5, "no sure effect"),
        (CueKind.HEEL_LIFT_HIGH, -0.5, 4.0, "no sure effect"),
        (CueKind.HEEL_LIFT_HIGH, 0.5, 4.0, "the opposite followed"),
        (CueKind.UNDER_YOU, 0.5, 4.0, "worked"),
        (CueKind.UNDER_YOU, -4.0, -0.5, "the opposite followed"),
    ],
)
def test_a_cue_worked_where_the_lift_surely_went_its_way(kind: CueKind, low: float, high: float, told: str) -> None:
    sentence = said(sentences.effect_sentence, effect(kind, 4, 4, Interval((low + high) / 2, low, high, 4)))

    assert [each for each in ("worked", "no sure effect", "the opposite followed") if each in sentence] == [told]


def test_a_rise_after_cues_that_was_only_flicked_is_told_as_bought() -> None:
    rise, fall = Interval(5.0, 3.0, 7.0, 4), Interval(-5.0, -7.0, -3.0, 4)
    flicked = replace(effect(CueKind.HEEL_LIFT_LOW, 4, 4, rise), thigh=fall)
    sentence = said(sentences.effect_sentence, flicked)

    assert "+5.0° on average" in sentence
    assert sentence.endswith("4 cues), but bought with a heel flicked up behind, so it does not count.")
    for other in (replace(flicked, mean=fall), replace(flicked, kind=CueKind.HEEL_LIFT_HIGH)):
        assert "bought" not in said(sentences.effect_sentence, other)


def test_a_cue_is_counted_in_words() -> None:
    once = said(sentences.effect_sentence, effect(CueKind.HEEL_LIFT_LOW, 1, 1, None))
    twice = said(sentences.effect_sentence, effect(CueKind.HEEL_LIFT_LOW, 2, 1, None))
    unheard = said(sentences.effect_sentence, effect(CueKind.HEEL_LIFT_LOW, 2, 0, None))

    assert "came once: too few" in once
    assert "came 2 times: too few" in twice
    assert "was due 2 times, but was neither played nor shown" in unheard


# Sides, quality, correction


@pytest.mark.parametrize(("apart_deg", "named"), [(8.9, False), (9.1, True)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_nine_degrees_between_the_legs_are_named(apart_deg: float, named: bool, sign: int) -> None:
    legs = both_legs(95.0, 95.0 - sign * apart_deg)

    higher = "left" if sign > 0 else "right"
    assert (f"your {higher} heel comes clearly higher" in said(sentences.sides_sentence, legs)) is named


@pytest.mark.parametrize(("far", "enough"), [(29, False), (30, True)])
def test_thirty_strides_of_the_far_leg_are_enough_to_compare(far: int, enough: bool) -> None:
    assert ("not seen well enough" in said(sentences.sides_sentence, both_legs(95.0, 95.0, far=far))) is not enough


def test_only_trusted_strides_of_a_leg_count_for_the_comparison() -> None:
    legs = both_legs(95.0, 95.0)
    spoilt = tuple(
        replace(kept, reject_reason=RejectReason.FAR_LEG) if kept.side == "right" else kept for kept in legs.strides
    )

    assert "not seen well enough" in said(sentences.sides_sentence, replace(legs, strides=spoilt))


def quality(session: object) -> list[str]:
    return list(sentences.quality_sentences(session, ENGLISH))  # type: ignore[arg-type]


def test_quality_says_what_is_known_and_nothing_else() -> None:
    whole = session_of(run(np.full(40, 98.0)))
    frames = FrameFacts(400, 300, 0.0, 10.0, math.nan)
    unknown = replace(whole, frames=frames, view=View())
    dropped = replace(whole, summary=replace(whole.summary, quality=replace(whole.summary.quality, frames_dropped=3)))

    assert quality(session_of([])) != [], "frames were read, though no stride was"
    assert quality(replace(whole, frames=FrameFacts())) == ["No frame was read."]
    assert quality(unknown) == ["You were found in 75 % of 400 frames.", "40 strides were trusted and 0 left out."]
    assert "3 frames were dropped to keep up." in quality(dropped)
    assert not any("dropped" in sentence for sentence in quality(unknown))
    assert any("your left side" in sentence for sentence in quality(whole))
    assert not any("recovered" in sentence for sentence in quality(whole))


def test_a_correction_that_was_not_kept_is_not_made_up() -> None:
    assert said(sentences.correction_sentence, session_of([])) == ""
    kept = session_of([], settings=(Setting("treadmill.correction_deg", 2.5),))
    assert "adds 2.5°" in said(sentences.correction_sentence, kept)


# What was left out


def left_out(valid: int, *rejected: tuple[RejectReason, int]) -> str:
    session = session_of([])
    summary = replace(session.summary, strides_valid=valid, strides_rejected=rejected)
    return said(sentences.left_out_sentence, replace(session, summary=summary))


@pytest.mark.parametrize(("valid", "n", "told"), [(1, 2, False), (1, 3, True), (9, 3, True), (10, 3, False)])
def test_strides_that_were_left_out_are_explained_from_three_and_a_quarter_on(valid: int, n: int, told: bool) -> None:
    assert bool(left_out(valid, (RejectReason.LEG_COLLAPSED, n))) is told


def test_the_most_frequent_reason_is_told_and_never_the_far_leg() -> None:
    collapsed, uneven = (RejectReason.LEG_COLLAPSED, 9), (RejectReason.IRREGULAR, 4)
    assert left_out(5, collapsed, uneven).startswith("9 strides left out: the other leg hid this one")
    assert left_out(5, (RejectReason.FAR_LEG, 20)) == ""
    assert left_out(5, (RejectReason.FAR_LEG, 20), uneven).startswith("4 strides left out: they came in no even rhythm")
    assert left_out(5) == ""


def test_slow_motion_is_told_with_its_scale_where_that_is_known() -> None:
    assert "--time-scale 4 sets" in said(lambda kind, words: sentences.seen_sentence(kind, words, 4.0), "slow_motion")
    assert "--time-scale sets" in said(sentences.seen_sentence, "slow_motion")


def test_quality_tells_the_reason_as_a_sentence() -> None:
    whole = session_of(run(np.full(10, 98.0)))
    summary = replace(whole.summary, strides_rejected=((RejectReason.IRREGULAR, 9),))

    assert "9 strides left out: they came in no even rhythm." in quality(replace(whole, summary=summary))
