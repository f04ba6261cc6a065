"""What the port promises in every state that a speaker can be in, and what `coach say` and `coach doctor` tell."""

import dataclasses
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pygame
import pytest

from coach.core.notices import SAID_AT_ONCE
from coach.core.words import Words
from coach.edges.audio import sound as sound_module
from coach.edges.audio.sound import HINT, CueSpeaker, examine, open_speaker, say_aloud
from coach.edges.audio.speech import install_hint
from coach.edges.audio.waveform import RATE_HZ
from coach.errors import SpeechError
from coach.languages import languages, load_words
from coach.ports import Speaker
from coach.settings import SoundSettings
from tests.edges.audio.heard import (
    LOUD,
    MUTE_ENGLISH,
    Heard,
    cue,
    words_of,
)


@pytest.fixture(params=["speech", "tones only", "no engine", "no card", "card lost", "muted", "off", "closed"])
def speaker_in_any_state(
    request: pytest.FixtureRequest, open_up: Callable[..., CueSpeaker], monkeypatch: pytest.MonkeyPatch
) -> Speaker:
    state = request.param
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch" if state == "no card" else "dummy")
    if state == "off":
        return CueSpeaker(SoundSettings(enabled=False), None, None)
    settings = MUTE_ENGLISH if state == "tones only" else LOUD
    speaker = open_up(settings, prepare=("Heels up",), fault="is not installed" if state == "no engine" else "none")
    if state == "card lost":
        pygame.mixer.quit()
    if state == "muted":
        speaker.mute(True)
    if state == "closed":
        speaker.close()
    return speaker


def test_what_speech_lacks_is_told_in_the_runners_language(open_up: Callable[..., CueSpeaker]) -> None:
    notice = open_up(fault="is not installed", prepare=("Heels up",)).trouble()
    assert notice is not None
    told = {language: notice.text(load_words(language), "metric") for language in languages()}
    assert len(set(told.values())) == len(told), told
    assert load_words("de").line(HINT) in told["de"]


def test_what_happens_in_the_middle_of_a_run_is_rendered_ahead_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "No more coaching today" came seconds after the key on a busy machine, or not at all."""
    hum = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), "none", str(tmp_path / "diary"))
    monkeypatch.setattr(sound_module, "ENGINE", hum)
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    words = Words(lines={key: load_words("en").lines[key] for key in SAID_AT_ONCE})
    with closing(open_speaker(LOUD, tmp_path, words)) as speaker:
        assert isinstance(speaker, CueSpeaker)
        assert speaker._book is not None
        assert speaker._book.wait(60)
        assert all(len(words_of(speaker, text)) for text in words.lines.values())


def test_every_call_is_answered_in_every_state(speaker_in_any_state: Speaker) -> None:
    speaker = speaker_in_any_state
    assert isinstance(speaker.status(), str)
    assert speaker.status()
    assert not speaker.say(cue(expires_s=1.0), now_s=1.5), "an expired cue is never begun"
    heard_of = speaker.say(cue(), now_s=0.0)
    assert heard_of is not (
        speaker.status().startswith("no sound") or speaker.status() in {"muted", "sound off, as set"}
    )
    assert speaker.say_line("Heels up") in {True, False}
    grabbed_s = time.monotonic() - 1
    speaker.hush()
    assert not speaker.say(cue(), now_s=time.monotonic() - grabbed_s)
    speaker.mute(True)
    assert not speaker.say(cue(), now_s=0.0)
    speaker.mute(False)
    speaker.close()
    speaker.close()
    assert not speaker.say(cue(), now_s=0.0)


def test_say_aloud_says_it_and_tells_how(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), "none", str(tmp_path / "diary"))
    monkeypatch.setattr(sound_module, "ENGINE", engine)
    assert say_aloud("Heels up", LOUD, Words(), tmp_path) == "speech: ready, faulty, Hum"
    assert heard().shape[0] > 0.2 * RATE_HZ


def test_say_aloud_without_a_card_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    with pytest.raises(SpeechError, match="nothing was said: no sound card"):
        say_aloud("Heels up", LOUD, Words(), tmp_path)


@pytest.mark.parametrize(
    ("fault", "driver", "card", "speech"),
    [
        ("none", "dummy", "", "faulty, Hum"),
        ("none", "nosuch", "no sound card", "faulty, Hum"),
        ("has only others", "dummy", "", "faulty, Hum (no voice is named 'Anna')"),
        ("is not installed", "dummy", "", f"tones only: {install_hint()}"),
        ("writes silence", "dummy", "", "tones only: the recorded phrase is silent"),
    ],
)
def test_the_doctor_tries_card_and_speech(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, driver: str, card: str, speech: str
) -> None:
    engine = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), fault, str(tmp_path / "diary"))
    monkeypatch.setattr(sound_module, "ENGINE", engine)
    monkeypatch.setenv("SDL_AUDIODRIVER", driver)
    found = examine(dataclasses.replace(LOUD, voice="Anna"), Words())
    assert found.card[: len("no sound card")] == card
    assert found.speech == speech
    assert found.speaks is not speech.startswith("tones only: ")
    assert found.as_wished is not speech.endswith("(no voice is named 'Anna')")
