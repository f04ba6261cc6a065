"""Cards and engines that are missing, lost and found again."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest

from coach.core.words import Words
from coach.edges.audio import sound as sound_module
from coach.edges.audio.sound import CueSpeaker, open_speaker
from coach.settings import SoundSettings
from tests.edges.audio.heard import MUTE_ENGLISH, Heard, cue, place_of, tone


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_module, "CARE_S", 0.01)
    monkeypatch.setattr(sound_module, "RETRY_S", 0.02)


def wait_for(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_no_sound_card_is_said_and_a_later_one_is_taken(
    open_up: Callable[..., CueSpeaker], no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.status().startswith("no sound card")
    assert not speaker.say(cue(), now_s=0)
    speaker.mute(True)
    speaker.mute(False)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    wait_for(lambda: speaker.status() == "tones only, as set")
    assert speaker.say(cue(), now_s=0)


def test_a_card_lost_in_the_middle_of_a_run_comes_back_by_itself(
    open_up: Callable[..., CueSpeaker], no_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(), now_s=0)
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    pygame.mixer.quit()
    assert not speaker.say(cue(), now_s=0)
    assert speaker.status().startswith("no sound")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    wait_for(lambda: speaker.status() == "tones only, as set")
    assert speaker.say(cue(), now_s=0)


def test_a_cue_waits_while_another_pair_of_headphones_is_taken(
    open_up: Callable[..., CueSpeaker], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = open_up(MUTE_ENGLISH)
    trying, go_on = threading.Event(), threading.Event()

    def slow_trial() -> str:
        trying.set()
        go_on.wait(60)
        return ""

    monkeypatch.setattr("coach.edges.audio.mixer._refusal", slow_trial)
    assert speaker._mixer is not None
    reopening = threading.Thread(target=speaker._mixer.open)
    reopening.start()
    assert trying.wait(60)
    assert speaker.say(cue(), now_s=0)
    go_on.set()
    reopening.join()
    wait_for(lambda: speaker._waiting is None)
    assert speaker.settle(60)
    wait_for(lambda: place_of(tone("low"), heard()) == 0)  # a busy card is behind what it was given
    speaker.close()


def test_sound_switched_off_opens_nothing(tmp_path: Path) -> None:
    speaker = open_speaker(SoundSettings(enabled=False), tmp_path, Words())
    assert not speaker.say(cue(), now_s=0)
    assert not speaker.say_line("Baseline ready")
    speaker.mute(True)
    assert speaker.status() == "sound off, as set"
    assert pygame.mixer.get_init() is None
    assert not list(tmp_path.iterdir())
    speaker.close()


def test_closing_twice_and_speaking_after_is_harmless(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(prepare=("Heels up",))
    speaker.say(cue(), now_s=0)
    speaker.close()
    speaker.close()
    assert not speaker.say(cue(), now_s=0)
    assert not speaker.say_line("Heels up")
    assert isinstance(speaker.status(), str)
