"""What the runner hears of one cue, from its tone to the last sample that leaves the card."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from coach.core.coaching.cues import CueKind
from coach.edges.audio import sound as sound_module
from coach.edges.audio.sound import GAP_S, CueSpeaker, joined, load_tones
from coach.edges.audio.waveform import RATE_HZ
from tests.edges.audio.heard import (
    MUTE_ENGLISH,
    Heard,
    assert_same_sound,
    cue,
    place_of,
    tone,
    words_of,
)


def test_tone_then_words_without_a_hole_between_them(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(prepare=("Heels up",))
    assert speaker.say(cue(), now_s=0.1)
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(heard(), joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0)))


def test_the_gap_between_tone_and_words_is_a_breath() -> None:
    tone, words = np.full(1000, 7, np.int16), np.full(2000, 9, np.int16)
    sound = joined(tone, words, (1.0, 0.5))
    assert sound.shape == (3000 + round(GAP_S * RATE_HZ), 2)
    assert not sound[1000 : 1000 + round(GAP_S * RATE_HZ)].any()
    assert (sound[0] == [7, 4]).all(), "the tone leans to its side"
    assert (sound[-1] == 9).all(), "the words do not"


def test_words_with_a_number_follow_the_tone_as_soon_as_they_are_rendered(
    open_up: Callable[..., CueSpeaker], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_module, "FOLLOW_S", 60)
    speaker = open_up(prepare=("Heels up",))
    assert speaker.say(cue(CueKind.STATUS, text="25 minutes"), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    assert place_of(tone("notice"), heard()) == 0
    assert place_of(joined(None, words_of(speaker, "25 minutes"), (1.0, 1.0)), heard()) > 0


def test_words_that_are_not_rendered_in_time_are_left_out(
    open_up: Callable[..., CueSpeaker], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_module, "FOLLOW_S", 0.05)
    speaker = open_up(fault="takes its time")
    assert speaker.say(cue(text="never announced"), now_s=0)
    assert speaker.settle(60)
    assert place_of(tone("low"), heard()) == 0
    assert_same_sound(heard(), tone("low"))


def test_a_cue_about_one_leg_leans_to_that_side(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    speaker.say(cue(CueKind.SIDE_LEFT), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    left, right = np.abs(heard().astype(float)).sum(axis=0)
    assert left > 2 * right


def test_half_volume_sounds_half_as_loud(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(dataclasses.replace(MUTE_ENGLISH, volume=0.5))
    speaker.say(cue(), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    assert heard().max() == pytest.approx(0.25 * load_tones()["low"].max(), rel=0.02)
