"""What the window says: no trust no number, calm numbers, every state in words."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.scenes import TARGET, cue, lifted, status, update, with_advice, with_gait
from coach.core.coaching.coaching import Stage, Zone
from coach.core.coaching.cues import CueKind
from coach.core.gait import Activity, Stride
from coach.core.gait.quality import Trust
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.edges.screen.readout import BANNER_S, NOTHING, STALE_S, Border, Reader, sticky
from coach.languages import load_words
from coach.settings import Units


def reader(units: Units = "metric", language: str = "en") -> Reader:
    return Reader(load_words(language), units)


BASE = update(None, 10.0)
STRIDE = Stride("left", True, 9.0, 9.7, 9.0, 9.3, 98.0, 9.5, 1.0, 0.6, 0.5, 168.0, 0.26, 0.01, 0.09, 0.08)


def test_a_trusted_moment_shows_its_number_its_zone_and_its_band() -> None:
    shown = reader().read(10.0, BASE, status())
    assert (shown.lift_number, shown.zone, shown.zone_lines) == ("99°", Zone.IN_BAND, ("in band",))
    assert shown.band is not None
    assert (shown.band.low_deg, shown.band.target_deg, shown.band.high_deg) == (92, 97, 107)
    assert shown.modes[0] == "treadmill +3°"
    assert [value.text for value in shown.values] == ["168", "10.0", "12:41"]
    assert shown.values[1].labels == ("km/h typed", "km/h")
    assert shown.border is Border.MEASURING


@pytest.mark.parametrize(
    ("moment", "now", "border"),
    [
        (with_gait(BASE, trust=Trust.UNSURE), status(), Border.UNSURE),
        (with_gait(BASE, trust=Trust.PAUSED, activity=Activity.AWAY), status(), Border.PAUSED),
        (BASE, replace(status(), paused=True), Border.PAUSED),
        (BASE, replace(status(), source_lost=True), Border.LOST),
        (None, status(), Border.PAUSED),
    ],
)
def test_without_trust_there_is_no_number(moment: object, now: object, border: Border) -> None:
    shown = reader().read(10.0, moment, now)  # type: ignore[arg-type]
    assert shown.border is border
    assert (shown.lift_number, shown.marker_deg, shown.zone) == (NOTHING, None, None)
    assert shown.values[0].text == NOTHING


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
    assert calm.read(10.5, BASE, replace(status(), paused=True)).banner is None
    assert calm.read(10.0 + BANNER_S + 0.1, BASE, status()).banner is None


def test_baseline_counts_down_with_its_progress() -> None:
    counting = reader()
    for left_s, progress, words in ((60.0, 0.0, "your baseline 1:00"), (15.0, 0.75, "your baseline 0:15")):
        moment = with_advice(BASE, stage=Stage.BASELINE, stage_remaining_s=left_s, target=None)
        shown = counting.read(10.0, moment, status())
        assert (shown.progress, shown.zone_lines[0], shown.band) == (progress, words, None)
        assert shown.zone is None
    assert counting.read(11.0, BASE, status()).progress is None


def test_without_a_speed_it_asks_for_one() -> None:
    shown = reader().read(10.0, replace(with_advice(lifted(BASE, 95.0, None), target=None), belt=None), status())
    assert shown.zone_lines[0] == "set speed with +"
    assert shown.values[1].text == NOTHING
    assert shown.lift_number == "95°"


def test_speed_names_its_source_and_an_old_one_is_marked() -> None:
    moment = replace(BASE, belt=BeltSpeed(2.78, SpeedOrigin.TREADMILL, age_s=8.0))
    assert reader("imperial").read(10.0, moment, status()).values[1].labels[0] == "mph belt?"
    assert reader("imperial").read(10.0, moment, status()).values[1].text == "6.2"


def test_a_typed_speed_does_not_age() -> None:
    moment = replace(BASE, belt=BeltSpeed(2.78, SpeedOrigin.TYPED, age_s=800.0))
    assert reader().read(10.0, moment, status()).values[1].labels[0] == "km/h typed"


def test_an_incline_stands_beside_the_speed_and_a_flat_belt_says_nothing() -> None:
    def labels(incline_pct: float) -> tuple[str, ...]:
        belt = BeltSpeed(2.78, SpeedOrigin.TYPED, incline_pct=incline_pct)
        return reader().read(10.0, replace(BASE, belt=belt), status()).values[1].labels

    assert labels(1.5) == ("km/h typed · +1.5 %", "km/h · +1.5 %", "km/h typed", "km/h")
    assert labels(-2.0)[0] == "km/h typed · -2.0 %"
    assert labels(0.0) == labels(math.nan) == ("km/h typed", "km/h")


def test_overground_names_no_correction() -> None:
    plain = with_advice(BASE, target=replace(TARGET, parts=()))
    assert reader().read(10.0, plain, replace(status(), mode="overground")).modes == ("overground",)


def test_a_long_run_shows_hours() -> None:
    assert reader().read(10.0, BASE, status(3723.0)).values[2].text == "1:02:03"


def test_why_the_coach_is_silent_is_said_unless_something_newer_is() -> None:
    held = with_advice(BASE, hold_reason="steps slower: no more lift now")
    assert reader().read(10.0, held, status()).notice == "steps slower: no more lift now"
    assert reader().read(10.0, held, replace(status(), messages=("a", "link lost"))).notice == "link lost"


def test_the_words_are_those_of_the_language() -> None:
    assert reader(language="de").read(10.0, BASE, status()).zone_lines != ("in band",)


def test_the_heart_rate_stands_under_the_time_while_it_is_heard() -> None:
    steady = reader()
    assert steady.read(10.0, BASE, status()).values[2].labels == ("elapsed", "time")
    heard = steady.read(10.0, BASE, replace(status(), heart_bpm=148.2)).values[2].labels
    assert heard == ("elapsed · pulse 148", "time · pulse 148", "pulse 148")
    assert steady.read(10.0, BASE, replace(status(), heart_bpm=148.6)).values[2].labels == heard, "no flicker at x.5"
    assert steady.read(10.0, BASE, status()).values[2].labels == ("elapsed", "time")
