"""One thing at a time, nothing late, cues before lines."""

import time
from collections.abc import Callable

import pytest

from coach.core.coaching.cues import ONE_EAR, CueKind
from coach.core.pose import SIDES
from coach.edges.audio.sound import CueSpeaker, joined, load_tones
from tests.edges.audio.heard import (
    MUTE_ENGLISH,
    Heard,
    HeldCard,
    assert_same_sound,
    cue,
    place_of,
    tone,
    without_ends,
    words_of,
)


def test_an_expired_cue_is_never_said(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert not speaker.say(cue(expires_s=3.0), now_s=3.5)
    speaker.settle(60)
    speaker.close()
    assert heard().size == 0


def test_a_second_cue_waits_and_follows_the_first(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(CueKind.HEEL_LIFT_LOW), now_s=0)
    assert speaker.say(cue(CueKind.HEEL_LIFT_HIGH), now_s=0)
    held.run()
    assert speaker.settle(60)
    speaker.close()
    played = held.finish()
    assert place_of(tone("low"), played) == 0
    assert place_of(tone("high"), played) >= tone("low").shape[0], "after it and not on top of it"


def test_a_cue_that_would_come_too_late_is_dropped_at_once(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(prepare=("Heels up",))
    assert speaker.say(cue(), now_s=0)
    assert not speaker.say(cue(CueKind.RECOVERED, expires_s=0.01), now_s=0)
    held.run()
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(held.finish(), joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0)))


def test_the_queue_holds_one_and_the_newer_of_two_equals(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    for kind in (CueKind.HEEL_LIFT_LOW, CueKind.SIDE_LEFT, CueKind.SIDE_RIGHT):
        assert speaker.say(cue(kind), now_s=0)
    assert not speaker.say(cue(CueKind.PROGRAMME), now_s=0), "less important than what waits"
    held.run()
    assert speaker.settle(60)
    speaker.close()
    played = held.finish()
    assert place_of(tone("low"), played) == 0
    left, right = (joined(load_tones()["side"], None, ONE_EAR[side]) for side in SIDES)
    assert place_of(right, played) > 0
    assert place_of(left, played) == place_of(tone("notice"), played) == -1


def test_a_more_important_cue_cuts_in(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(prepare=("Heels up", "Step back"))
    assert speaker.say(cue(), now_s=0)
    held.take(5_000)
    assert speaker.say(cue(CueKind.STEPPED_BACK, "Step back"), now_s=0)
    held.run()
    assert speaker.settle(60)
    speaker.close()
    played = held.finish()
    first = joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0))
    second = joined(load_tones()["warning"], words_of(speaker, "Step back"), (1.0, 1.0))
    cut = place_of(second, played)
    assert 0 < cut < first.shape[0], "the second is heard whole, the first not"
    assert place_of(played[:cut], without_ends(first)) == 0, "the first up to there, and nothing else"


def test_mute_cuts_off_and_keeps_quiet_until_it_is_lifted(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(), now_s=0)
    assert speaker.say(cue(), now_s=0), "waits"
    held.take(500)
    speaker.mute(True)
    held.run()
    assert speaker.status() == "muted"
    assert not speaker.say(cue(), now_s=0)
    assert not speaker.say_line("Baseline ready")
    assert speaker.settle(60)
    assert 500 <= held.samples().shape[0] < load_tones()["low"].size
    speaker.mute(False)
    assert speaker.say(cue(), now_s=0)


def test_hush_cuts_off_and_no_cue_of_a_picture_before_it_is_said(
    open_up: Callable[..., CueSpeaker], held: HeldCard
) -> None:
    """Who says that it hurts heard the cue that was just being decided."""
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(), now_s=0)
    assert speaker.say(cue(), now_s=0), "waits"
    held.take(500)
    grabbed_s = time.monotonic() - 1
    speaker.hush()
    said_late = speaker.say(cue(), now_s=time.monotonic() - grabbed_s)
    held.run()
    assert not said_late, "its picture was there before"
    assert speaker.settle(60)
    assert 500 <= held.samples().shape[0] < load_tones()["low"].size
    assert speaker.say(cue(), now_s=0), "of a later picture"


def test_a_line_is_words_alone_even_if_they_are_rendered_first(
    open_up: Callable[..., CueSpeaker], heard: Heard
) -> None:
    speaker = open_up()
    assert speaker.say_line("Ten kilometres an hour")
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(heard(), joined(None, words_of(speaker, "Ten kilometres an hour"), (1, 1)))


def test_a_cue_goes_before_a_line(open_up: Callable[..., CueSpeaker], held: HeldCard) -> None:
    speaker = open_up(prepare=("Baseline ready", "Heels up"))
    assert speaker.say_line("Baseline ready")
    held.take(3_000)
    assert speaker.say(cue(), now_s=0)
    held.run()
    assert speaker.settle(60)
    speaker.close()
    line = joined(None, words_of(speaker, "Baseline ready"), (1.0, 1.0))
    said = joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0))
    played = held.finish()
    assert 0 < place_of(said, played) < line.shape[0], "the line was cut short"


@pytest.mark.parametrize("fault", ["is not installed", "hangs"])
def test_without_speech_lines_are_left_out_and_tones_stay(
    open_up: Callable[..., CueSpeaker], heard: Heard, fault: str
) -> None:
    speaker = open_up(prepare=("Heels up",), fault=fault)
    assert speaker.status().startswith("tones only: ")
    assert not speaker.say_line("Baseline ready")
    assert speaker.say(cue(), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(heard(), joined(load_tones()["low"], None, (1.0, 1.0)))
