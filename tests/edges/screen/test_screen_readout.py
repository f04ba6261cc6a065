"""What the window says: no trust no number, calm numbers, every state in words."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.scenes import cue, lifted, status, update, with_advice, with_gait
from coach.core.coaching.coaching import Hold, Stage, Zone
from coach.core.coaching.cues import CueKind
from coach.core.gait import Activity, Stride
from coach.core.gait.quality import Trust
from coach.core.pipeline import Update
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.screen.readout import BANNER_S, NOTHING, STALE_S, Reader, sticky
from coach.edges.screen.verdict import Border
from coach.languages import load_words
from coach.settings import Units


def reader(units: Units = "metric", language: str = "en") -> Reader:
    return Reader(load_words(language), units)


BASE = update(None, 10.0)
STRIDE = Stride("left", True, 9.0, 9.7, 9.0, 9.3, 98.0, 9.5, 1.0, 0.6, 0.5, 168.0, 0.26, 0.01, 0.09, 0.08)


def test_a_trusted_moment_shows_its_number_its_zone_and_its_band() -> None:
    shown = reader().read(10.0, BASE, status())
    assert (shown.lift_number, shown.zone, shown.card.lines) == ("99°", Zone.IN_BAND, ("good", "good"))
    assert shown.band is not None
    assert (shown.band.low_deg, shown.band.target_deg, shown.band.high_deg) == (92, 97, 107)
    assert [value.text for value in shown.values] == ["168", "10.0", "12:41"]
    assert shown.values[1].labels == ("km/h · typed", "km/h")
    assert shown.border is Border.MEASURING


@pytest.mark.parametrize(
    ("moment", "now", "border"),
    [
        (with_gait(BASE, trust=Trust.UNSURE), status(), Border.UNSURE),
        (with_gait(BASE, trust=Trust.PAUSED, activity=Activity.AWAY), status(), Border.PAUSED),
        (BASE, replace(status(), paused=True), Border.PAUSED),
        (BASE, replace(status(), source_lost=True), Border.LOST),
        (None, status(), Border.LOADING),
    ],
)
def test_without_trust_there_is_no_number(moment: object, now: object, border: Border) -> None:
    shown = reader().read(10.0, moment, now)  # type: ignore[arg-type]
    assert shown.border is border
    assert (shown.lift_number, shown.marker_deg, shown.zone) == (NOTHING, None, None)
    assert shown.values[0].text == NOTHING


def test_a_pause_while_the_camera_is_lost_is_seen() -> None:
    lost = replace(status(), source_lost=True)
    assert reader().read(10.0, BASE, lost).card.note == "looking for it, run on"
    assert reader().read(10.0, BASE, replace(lost, paused=True)).card.note == "paused"


def test_a_pose_stage_that_hangs_costs_the_trust() -> None:
    assert reader().read(10.0 + STALE_S - 0.1, BASE, status()).border is Border.MEASURING
    assert reader().read(10.0 + STALE_S + 0.1, BASE, status()).border is Border.UNSURE


def test_a_rounded_number_stays_until_its_value_has_left_it() -> None:
    shown: int | None = None
    seen = []
    for value in (88.4, 88.6, 88.4, 88.64, 88.7, 88.4, 88.3):
        shown = sticky(shown, value)
        seen.append(shown)
    assert seen == [88, 88, 88, 88, 89, 89, 88]
    assert sticky(88, math.nan) is None


def test_cadence_changes_only_when_a_stride_ends() -> None:
    steady = reader()
    assert steady.read(10.0, BASE, status()).values[0].text == "168"
    assert steady.read(10.1, with_gait(BASE, cadence_spm=174.0), status()).values[0].text == "168"
    ended = with_gait(BASE, cadence_spm=174.0, strides=(STRIDE,))
    assert steady.read(10.2, ended, status()).values[0].text == "174"


def test_a_banner_stays_some_seconds_and_goes_when_paused() -> None:
    calm = reader()
    said = with_advice(BASE, cues=(cue(10.0, CueKind.HEEL_LIFT_LOW, "Heel up"),))
    first = calm.read(10.0, said, status()).banner
    assert first is not None
    assert (first.mark, first.text) == ("up", "Heel up")
    assert calm.read(10.0 + BANNER_S - 0.1, BASE, status()).banner == first
    assert calm.read(10.0 + BANNER_S + 0.1, BASE, status()).banner is None
    calm.read(10.0, said, status())
    assert calm.read(10.5, BASE, replace(status(), paused=True)).banner is None
    assert calm.read(11.0, BASE, status()).banner is None, "nor does it come back after the pause"


@pytest.mark.parametrize(
    "later",
    [
        with_advice(BASE, stage=Stage.OBSERVING),
        with_advice(BASE, hold=Hold.SPEED_CHANGED),
        with_advice(BASE, hold=Hold.CADENCE_FELL),
    ],
)
def test_a_banner_goes_where_it_would_ask_for_what_is_not_asked_any_more(later: Update) -> None:
    """Above all after the key for what hurts: the coach observes from then on."""
    calm = reader()
    heel_up = cue(10.0, CueKind.HEEL_LIFT_LOW, "Heel up")
    assert calm.read(10.0, with_advice(BASE, cues=(heel_up,)), status()).banner is not None
    assert calm.read(10.5, later, status()).banner is None
    assert calm.read(11.0, BASE, status()).banner is None, "a cue is shown once"


def test_what_has_nothing_to_do_with_heel_lift_stays_on_its_banner() -> None:
    calm = reader()
    calm.read(10.0, with_advice(BASE, cues=(cue(10.0, CueKind.STATUS, "25 minutes"),)), status())
    assert calm.read(10.5, with_advice(BASE, stage=Stage.OBSERVING), status()).banner is not None


@pytest.mark.parametrize("paused", [True, False])
def test_a_pause_has_its_card_alone_and_no_word_of_it_is_left_when_it_is_over(paused: bool) -> None:
    """Until the next frame is analysed the advice is still that of the pause."""
    still = with_advice(BASE, hold=Hold.PAUSED, hold_reason=Hold.PAUSED.value)
    assert reader().read(10.0, still, replace(status(), paused=paused)).notice == ""


def test_baseline_counts_down_with_its_progress() -> None:
    counting = reader()
    for left_s, progress, words in ((60.0, 0.0, "your baseline 1:00"), (15.0, 0.75, "your baseline 0:15")):
        moment = with_advice(BASE, stage=Stage.BASELINE, stage_remaining_s=left_s, target=None)
        shown = counting.read(10.0, moment, status())
        assert (shown.card.progress, shown.card.lines[0], shown.band) == (progress, words, None)
        assert shown.zone is None
    assert counting.read(11.0, BASE, status()).card.progress is None


def test_without_a_speed_it_asks_for_one() -> None:
    shown = reader().read(10.0, replace(with_advice(lifted(BASE, 95.0, None), target=None), belt=None), status())
    assert (shown.card.lines[0], shown.card.note) == ("belt speed?", "+ / −")
    assert shown.values[1].text == NOTHING
    assert shown.lift_number == "95°"


def test_speed_names_its_source_and_an_old_one_is_marked() -> None:
    moment = replace(BASE, belt=BeltSpeed(2.78, SpeedOrigin.TREADMILL, age_s=8.0))
    assert reader("imperial").read(10.0, moment, status()).values[1].labels[0] == "mph · belt?"
    assert reader("imperial").read(10.0, moment, status()).values[1].text == "6.2"


def test_a_typed_speed_does_not_age() -> None:
    moment = replace(BASE, belt=BeltSpeed(2.78, SpeedOrigin.TYPED, age_s=800.0))
    assert reader().read(10.0, moment, status()).values[1].labels[0] == "km/h · typed"


def test_a_doubted_speed_has_a_question_mark() -> None:
    moment = replace(BASE, belt=BeltSpeed(2.78, SpeedOrigin.TYPED, doubted=True))
    value = reader().read(10.0, moment, status()).values[1]
    assert (value.text, value.labels) == ("10.0", ("km/h · typed?", "km/h?")), "also where there is little room"


def test_an_incline_stands_beside_the_speed_and_a_flat_belt_says_nothing() -> None:
    def labels(incline_pct: float) -> tuple[str, ...]:
        belt = BeltSpeed(2.78, SpeedOrigin.TYPED, incline_pct=incline_pct)
        return reader().read(10.0, replace(BASE, belt=belt), status()).values[1].labels

    assert labels(1.5) == ("km/h · typed · +1.5 %", "km/h · +1.5 %", "km/h · typed", "km/h")
    assert labels(-2.0)[0] == "km/h · typed · −2.0 %"
    assert labels(0.0) == labels(math.nan) == ("km/h · typed", "km/h")


def test_a_doubted_speed_is_asked_about_once_and_never_asked_for() -> None:
    doubted = with_advice(
        lifted(BASE, 95.0, None), target=None, hold=Hold.SPEED_DOUBTED, hold_reason=Hold.SPEED_DOUBTED.value
    )
    shown = reader().read(10.0, doubted, status())
    assert (shown.card.lines[0], shown.card.note, shown.notice) == ("belt really 10.0?", "+ / −", "")
    assert (shown.zone, shown.values[1].text) == (None, "10.0")
    seen, lost = "you typed 10.0 km/h, the picture says 8.0 km/h", "no sound"
    told = replace(status(), messages=(lost, seen), belt_messages=(seen,))
    assert reader().read(10.0, doubted, told).notice == lost, "beside the question nothing else is said of the belt"
    assert reader().read(10.0, BASE, told).notice == seen


@pytest.mark.parametrize("hold", [Hold.FLICKED, Hold.CADENCE_FELL, Hold.BOUNCE_ROSE])
def test_where_no_more_lift_may_be_asked_for_the_card_asks_for_none(hold: Hold) -> None:
    held = with_advice(lifted(BASE, 88.0, Zone.BELOW), hold=hold, hold_reason=hold.value)
    shown = reader().read(10.0, held, status())
    assert (shown.zone, shown.card.lines[0]) == (None, "stay easy")
    assert shown.notice == load_words("en").line(hold.value)
    high = with_advice(lifted(BASE, 112.0, Zone.ABOVE), hold=hold, hold_reason=hold.value)
    assert reader().read(10.0, high, status()).zone is Zone.ABOVE, "less may be asked for at any time"


@pytest.mark.parametrize(
    "moment",
    [
        with_advice(lifted(BASE, 88.0, Zone.BELOW), stage=Stage.OBSERVING),
        with_advice(lifted(BASE, 88.0, Zone.BELOW), hold=Hold.UNFED, hold_reason=Hold.UNFED.value),
        with_advice(lifted(BASE, 88.0, Zone.BELOW), hold=Hold.SPEED_CHANGED, hold_reason=Hold.SPEED_CHANGED.value),
        with_advice(lifted(BASE, 88.0, Zone.BELOW), stage=Stage.WARM_UP, stage_remaining_s=9.0),
        with_advice(BASE, lift=None),
    ],
)
def test_who_is_not_coached_now_sees_no_verdict(moment: Update) -> None:
    shown = reader().read(10.0, moment, status())
    assert shown.zone is None
    assert shown.card.lines[0]


def test_the_verdict_is_that_of_the_number_that_is_shown() -> None:
    calm = reader()
    seen = []
    for mean_deg in (91.4, 91.7, 92.4, 91.6, 91.3, 108.0, 107.3):
        shown = calm.read(10.0, lifted(BASE, mean_deg, Zone.IN_BAND), status())
        seen.append((shown.lift_number, shown.zone))
    below, good, above = Zone.BELOW, Zone.IN_BAND, Zone.ABOVE
    assert (
        seen
        == [
            *(("91°", below), ("92°", good), ("92°", good), ("92°", good)),
            *(("91°", below), ("108°", above), ("107°", good)),
        ][: len(seen)]
    )


def test_a_long_run_shows_hours() -> None:
    assert reader().read(10.0, BASE, status(3723.0)).values[2].text == "1:02:03"


def test_why_the_coach_is_silent_is_said_unless_something_newer_is() -> None:
    held = with_advice(BASE, hold=Hold.CADENCE_FELL, hold_reason="hold_cadence_fell")
    assert reader().read(10.0, held, status()).notice == "steps slower: no more lift now"
    assert reader().read(10.0, held, status()).zone is Zone.IN_BAND
    assert reader().read(10.0, held, replace(status(), messages=("a", "link lost"))).notice == "link lost"


def test_the_words_are_those_of_the_language() -> None:
    assert reader(language="de").read(10.0, BASE, status()).card.lines == ("gut so", "gut")


def test_the_heart_rate_stands_under_the_time_while_it_is_heard() -> None:
    steady = reader()
    assert steady.read(10.0, BASE, status()).values[2].labels == ("elapsed", "time")
    heard = steady.read(10.0, BASE, replace(status(), heart_bpm=148.2)).values[2].labels
    assert heard == ("elapsed · pulse 148", "time · pulse 148", "pulse 148", "HR 148")
    assert steady.read(10.0, BASE, replace(status(), heart_bpm=148.6)).values[2].labels == heard, "no flicker at x.5"
    assert steady.read(10.0, BASE, status()).values[2].labels == ("elapsed", "time")
