"""Every sentence is true of the data behind it: known change, none, and too little data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.coaching.cues import CueClass, CueKind
from coach.core.gait.quality import RejectReason
from coach.core.session.change import over_the_run
from coach.core.session.cue_effects import cue_effects
from coach.core.session.records import Setting, kept_cue
from coach.languages import load_words
from coach.review import sentences
from coach.review.answers import enough
from coach.review.session_page import session_page
from tests.kept import kept_stride, low_cue
from tests.review.told import both_legs, run, session_of

ENGLISH = load_words("en")


# --- what changed ----------------------------------------------------------------------------------------------------


def test_a_known_fall_is_told_with_its_size() -> None:
    said = sentences.change_sentence(over_the_run(run(np.linspace(104, 92, 400))), ENGLISH)

    assert said == "Your heel lift fell by about 8° over the run: 102° in the first third, 94° in the last."


def test_a_known_rise_is_told() -> None:
    assert "rose by about" in sentences.change_sentence(over_the_run(run(np.linspace(92, 101, 400))), ENGLISH)


def test_no_change_is_told_as_steady() -> None:
    said = sentences.change_sentence(over_the_run(run(np.full(400, 98.0))), ENGLISH)

    assert said == "Your heel lift held steady over the run: 98° in the first third, 98° in the last."


def test_what_was_lost_on_the_way_and_came_back_was_not_held() -> None:
    dropped = np.concatenate([np.full(140, 98.0), np.full(120, 84.0), np.full(140, 98.0)])
    said = sentences.change_sentence(over_the_run(run(dropped)), ENGLISH)

    assert said == (
        "Your heel lift ended as it began: 98° in the first third, 98° in the last. In the middle third it was 85°."
    )


def test_of_a_middle_that_was_run_at_another_speed_nothing_is_said() -> None:
    strides = [
        replace(kept, speed_mps=4.0) if 130 <= i < 270 else kept for i, kept in enumerate(run(np.full(400, 98.0)))
    ]

    assert sentences.change_sentence(over_the_run(strides), ENGLISH) == (
        "Your heel lift ended as it began: 98° in the first third, 98° in the last."
    )


@pytest.mark.parametrize("strides", [0, 3, 29])
def test_too_little_data_claims_nothing(strides: int) -> None:
    session = session_of(run(np.linspace(104, 80, strides)))
    page = session_page(session, ENGLISH, "metric")

    assert page.headline.startswith("Too few trusted strides")
    assert page.caveats == ()
    claims = " ".join([page.headline, *(a.says for a in page.answers), page.relief, *page.cues])
    assert not any(word in claims for word in ("rose", "fell", "steady", "worked", "easier", "harder", "nan"))


def test_what_chance_may_have_done_is_not_told_as_a_change() -> None:
    peaks = np.concatenate([np.full(20, 98.0), np.full(20, 98.0), np.full(20, 95.0)])
    wild = peaks + np.random.default_rng(1).normal(0, 6, 60)

    assert "too close to tell from chance" in sentences.change_sentence(over_the_run(run(wild)), ENGLISH)


def test_the_detail_gives_interval_and_speed_or_says_that_it_is_unknown() -> None:
    known = sentences.change_detail(over_the_run(run(np.linspace(104, 92, 400))), "metric", ENGLISH)
    unknown = sentences.change_detail(over_the_run(run(np.linspace(104, 92, 400), math.nan)), "metric", ENGLISH)

    assert "95 % interval" in known
    assert "10.1 km/h" in known
    assert "belt speed was not known" in unknown


# --- band and reminder -----------------------------------------------------------------------------------------------


def test_the_share_in_the_band_is_that_of_the_strides() -> None:
    peaks = np.concatenate([np.full(75, 99.0), np.full(25, 80.0)])

    assert enough(session_of(run(peaks)), ENGLISH).more == "75 % of your trusted strides were inside your band."
    nothing = session_of(run(peaks, band=(math.nan, math.nan, math.nan)))
    assert enough(nothing, ENGLISH).more == ""
    assert sentences.remember_text(nothing, ENGLISH) is None


@pytest.mark.parametrize(("peak_deg", "where"), [(70.0, "below"), (96.0, "inside"), (125.0, "above")])
def test_the_page_says_on_which_side_of_other_runners_the_lift_lies(peak_deg: float, where: str) -> None:
    """At 2.8 m/s runners bend the knee to 96 ± 9.5°."""
    said = session_page(session_of(run(np.full(60, peak_deg))), ENGLISH, "metric").norm

    assert f"lies {where} that range" in said


@pytest.mark.parametrize("speed_mps", [1.9, 2.48, 4.52, 7.5])
def test_of_speeds_at_which_nobody_was_measured_nothing_is_said_of_runners_in_general(speed_mps: float) -> None:
    page = session_page(session_of(run(np.full(60, 96.0), speed_mps)), ENGLISH, "metric")

    assert page.norm == (
        "How far runners in general bend the knee was measured from 9.0 km/h to 16.2 km/h only, "
        "and not at your mean speed."
    )


@pytest.mark.parametrize("speed_mps", [2.4999999, 2.5, 9 / 3.6, 16.2 / 3.6, 4.5000001])
def test_the_slowest_and_the_fastest_that_were_measured_belong_to_them(speed_mps: float) -> None:
    assert "that range" in session_page(session_of(run(np.full(60, 96.0), speed_mps)), ENGLISH, "metric").norm


def test_the_curve_of_runners_in_general_ends_where_they_were_measured() -> None:
    drawn = session_page(session_of(run(np.full(60, 96.0), 7.5)), ENGLISH, "metric").charts["speed"].figure["data"]
    curves = {one["name"]: one["x"] for one in drawn}

    assert (min(curves["runners in general"]), max(curves["runners in general"])) == (9.0, 16.2)
    assert curves["this run"] == [27.0]


def test_the_reminder_is_what_was_said_or_what_the_band_asks() -> None:
    low = run(np.full(50, 85.0))

    assert sentences.remember_text(session_of(low, (kept_cue(low_cue(9.0)),)), ENGLISH) == "Heel up, quick and light"
    assert sentences.remember_text(session_of(low), ENGLISH) == "Heel up under you, quick and light"
    assert "Relax" in (sentences.remember_text(session_of(run(np.full(50, 120.0))), ENGLISH) or "")


def test_a_page_in_another_language_than_the_run_s_reminds_in_its_own() -> None:
    said = (kept_cue(low_cue(9.0)),)
    heard = session_of(run(np.full(50, 85.0)), said, settings=(Setting("language", "en"),))
    german = load_words("de")

    assert sentences.remember_text(heard, ENGLISH) == said[0].text
    assert sentences.remember_text(heard, german) == german.line("page.remember.heel_lift_low")


def test_no_spread_is_told_as_none() -> None:
    peaks = enumerate((99.8, 100.2, 99.7, 100.3))
    alike = [replace(kept_stride(0.7 * n, peak), trunk_lean_deg=peak - 92, trunk_lean_sd_deg=0.4) for n, peak in peaks]
    lean = next(row for row in session_page(session_of(alike), ENGLISH, "metric").step_rows if row[0] == "Trunk lean")

    assert "100° ± 0.3°" in sentences.summary_lines(session_of(alike), "metric", ENGLISH)[1]
    assert lean[1:4] == ("8°", "± 0.3", "± 0.4° a stride")


def test_who_dragged_and_then_overdid_it_is_not_praised_for_the_mean_and_takes_along_what_was_wrong_most() -> None:
    low, high = low_cue(9.0), replace(low_cue(40.0), kind=CueKind.HEEL_LIFT_HIGH, text="Let the heels come down")
    cues = tuple(map(kept_cue, (low, low, low, high, high, high)))
    swung = session_of(run(np.concatenate([np.full(40, 82.0), np.full(60, 115.0)])), cues)

    said = enough(swung, ENGLISH)
    assert (said.says, said.mark) == ("inside your band 92–107° on average, but most strides were outside it", "plain")
    assert sentences.remember_text(swung, ENGLISH) == "Let the heels come down"


@pytest.mark.parametrize(("peak_deg", "kind"), [(85.0, CueKind.HEEL_LIFT_LOW), (115.0, CueKind.HEEL_LIFT_HIGH)])
def test_after_a_run_beyond_the_band_nobody_takes_along_what_leads_farther_out(peak_deg: float, kind: CueKind) -> None:
    low, high = low_cue(9.0), replace(low_cue(40.0), kind=CueKind.HEEL_LIFT_HIGH)
    tie = tuple(map(kept_cue, (low, low, high, high)))

    for cues in (tie, tie[::-1]):
        remember = session_of(run(np.full(50, peak_deg)), cues).summary.remember
        assert remember is not None
        assert remember.kind is kind


# --- cues ------------------------------------------------------------------------------------------------------------

CUES_S = (60.0, 120.0, 180.0, 240.0)


def effect_said(lift_deg: float, *, heard: bool = True, times_s: tuple[float, ...] = CUES_S) -> str:
    t_s = 0.7 * np.arange(430)
    lifted = np.any([(t_s >= cue_s) & (t_s < cue_s + 15) for cue_s in times_s], axis=0)
    channels = ("speech",) if heard else ()
    (effect,) = cue_effects(run(90 + lift_deg * lifted), [kept_cue(low_cue(t), channels) for t in times_s])
    return sentences.effect_sentence(effect, ENGLISH)


def test_cues_that_worked_are_said_to_have_with_an_interval() -> None:
    said = effect_said(5.0)

    assert said.startswith("“heel higher” worked: +")
    assert "4 cues" in said


def test_cues_without_effect_are_not_praised() -> None:
    assert "no sure effect" in effect_said(0.0)


def test_few_or_unheard_cues_claim_nothing() -> None:
    assert "too few" in effect_said(8.0, times_s=(60.0, 120.0))
    assert effect_said(8.0, heard=False) == "“heel higher” was due 4 times, but was neither played nor shown."


def test_silence_is_called_a_reward_only_where_the_lift_was_in_the_band() -> None:
    praised = "No heel-lift cue was given: silence is the reward."

    assert session_page(session_of(run(np.full(60, 99.0))), ENGLISH, "metric").cues == (praised,)
    assert session_page(session_of(run(np.full(60, 80.0))), ENGLISH, "metric").cues == ("No heel-lift cue was given.",)
    assert session_page(session_of([]), ENGLISH, "metric").cues == ("No heel-lift cue was given.",)


@pytest.mark.parametrize("kind", [kind for kind in CueKind if kind.traits.cls is CueClass.ADVICE])
def test_whatever_was_asked_of_a_leg_is_said_to_have_been_asked(kind: CueKind) -> None:
    cues = tuple(kept_cue(replace(low_cue(t_s), kind=kind), ("speech",)) for t_s in (20.0, 30.0))

    (said,) = session_page(session_of(run(np.full(60, 99.0)), cues), ENGLISH, "metric").cues
    assert said.startswith(f"“{ENGLISH.line(f'cue.{kind}')}” came 2 times")


# --- sides, quality, settings ----------------------------------------------------------------------------------------


def test_a_side_difference_is_named_only_when_large_and_seen() -> None:
    assert "no difference worth naming" in sentences.sides_sentence(both_legs(98, 92), ENGLISH)
    assert "your left heel comes clearly higher" in sentences.sides_sentence(both_legs(104, 90), ENGLISH)
    assert "not seen well enough" in sentences.sides_sentence(both_legs(104, 90, far=10), ENGLISH)


def test_quality_counts_what_was_kept_and_left_out() -> None:
    strides = run(np.full(40, 98.0))
    spoilt = replace(strides[0], reject_reason=RejectReason.LEG_COLLAPSED)
    session = replace(session_of([spoilt, *strides[1:]]), complete=False)

    said = " ".join(sentences.quality_sentences(session, ENGLISH))

    assert "100 % of 300 frames, 30.0 a second" in said
    assert "39 strides were trusted and 1 left out" in said
    assert "cut short and recovered" in said


def test_the_treadmill_correction_is_called_a_preference() -> None:
    treadmill = session_of(
        [], settings=(Setting("session.mode", "treadmill"), Setting("treadmill.correction_deg", 3.0))
    )
    overground = session_of([], settings=(Setting("session.mode", "overground"),))

    assert "adds 3°" in sentences.correction_sentence(treadmill, ENGLISH)
    assert "coaching preference on mixed evidence" in sentences.correction_sentence(treadmill, ENGLISH)
    assert sentences.correction_sentence(overground, ENGLISH) == "Overground mode: nothing was added to the target."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(math.nan, "–"), (0.0, "0 s"), (42.4, "42 s"), (59.7, "1 min"), (725.0, "12 min 5 s"), (3600.0, "1 h 0 min")],
)
def test_durations_read_as_people_say_them(seconds: float, said: str) -> None:
    assert sentences.duration_text(seconds) == said


def test_every_kind_of_cue_has_a_name() -> None:
    assert all(f"cue.{kind}" in ENGLISH.lines for kind in CueKind)
