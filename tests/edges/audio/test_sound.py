"""What the runner hears, from the cue to the samples that leave the card."""

import dataclasses
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest

from coach.core.guidance.cues import Cue, CueKind
from coach.edges.audio import sound as sound_module
from coach.edges.audio.mixer import Mixer
from coach.edges.audio.phrase_book import PhraseBook
from coach.edges.audio.phrase_cache import Delivery, PhraseCache
from coach.edges.audio.sound import (
    GAP_S,
    CueSpeaker,
    examine,
    joined,
    load_tones,
    open_speaker,
    say_aloud,
)
from coach.edges.audio.speech import SpeechProcess, install_hint
from coach.edges.audio.waveform import RATE_HZ, Samples
from coach.errors import SpeechError
from coach.ports import Speaker
from coach.settings import SoundSettings

LOUD = SoundSettings(volume=1.0)
MUTE_ENGLISH = dataclasses.replace(LOUD, speech=False)
Heard = Callable[[], np.ndarray]


def cue(
    kind: CueKind = CueKind.HEEL_LIFT_LOW, text: str = "Heels up", *, expires_s: float = 60.0, priority: int = 1
) -> Cue:
    """A cue decided at 0 s."""
    return Cue(0.0, kind, None, text, "HEELS UP", expires_s, priority)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What left the card so far: (n, 2), silence around it cut off."""
    path = tmp_path / "played.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(path))

    def samples() -> np.ndarray:
        raw = path.read_bytes()
        played = np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<i2").reshape(-1, 2)
        loud = np.flatnonzero(played.any(axis=1))
        return played[loud[0] : loud[-1] + 1] if loud.size else played[:0]

    return samples


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time; what is tested is the order of things."""
    monkeypatch.setattr(sound_module, "LINE_EXPIRES_S", 60)
    monkeypatch.setattr(sound_module, "OPEN_WAIT_S", 60)


@pytest.fixture
def open_up(tmp_path: Path) -> Iterator[Callable[..., CueSpeaker]]:
    """A speaker with an engine whose words are a hum, all phrases rendered; closed at the end."""
    speakers = []

    def opened(settings: SoundSettings = LOUD, prepare: tuple[str, ...] = (), fault: str = "none") -> CueSpeaker:
        command = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), fault, str(tmp_path / "diary"))
        process = SpeechProcess(command, phrase_s=0.3 if "hangs" in fault else 60)
        delivery = Delivery(settings.language, settings.voice, settings.rate_wpm)
        book = PhraseBook(PhraseCache(tmp_path / "cache"), delivery, process, prepare) if settings.speech else None
        speaker = CueSpeaker(settings, Mixer(), book)
        assert book is None or book.wait(60)
        speakers.append(speaker)
        return speaker

    yield opened
    for speaker in speakers:
        speaker.close()


def words_of(speaker: CueSpeaker, text: str) -> Samples:
    assert speaker._book is not None
    words = speaker._book.get(text)
    assert words is not None
    return words


def without_ends(sound: np.ndarray) -> np.ndarray:
    """Without the silence before and after."""
    loud = np.flatnonzero(sound.any(axis=1))
    return sound[loud[0] : loud[-1] + 1].astype("<i2")


def assert_same_sound(played: np.ndarray, expected: np.ndarray) -> None:
    """Sample by sample, but for the silence at the ends."""
    np.testing.assert_array_equal(played, without_ends(expected))


def place_of(sound: np.ndarray, played: np.ndarray) -> int:
    """Where in what was played this sound is, sample by sample and whole; −1: nowhere."""
    at = played.astype("<i2").tobytes().find(without_ends(sound).tobytes())
    return at // 4 if at >= 0 else -1


def tone(name: str) -> np.ndarray:
    return joined(load_tones()[name], None, (1.0, 1.0))


# --- tone and words


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


# --- one at a time, nothing late


def test_an_expired_cue_is_never_said(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert not speaker.say(cue(expires_s=3.0), now_s=3.5)
    speaker.settle(60)
    speaker.close()
    assert heard().size == 0


def test_a_second_cue_waits_and_follows_the_first(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(CueKind.HEEL_LIFT_LOW), now_s=0)
    assert speaker.say(cue(CueKind.HEEL_LIFT_HIGH), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    played = heard()
    assert place_of(tone("low"), played) == 0
    assert place_of(tone("high"), played) >= tone("low").shape[0], "after it and not on top of it"


def test_a_cue_that_would_come_too_late_is_dropped_at_once(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(prepare=("Heels up",))
    assert speaker.say(cue(), now_s=0)
    assert not speaker.say(cue(CueKind.RECOVERED, expires_s=0.1), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(heard(), joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0)))


def test_the_queue_holds_one_and_the_newer_of_two_equals(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    for kind in (CueKind.HEEL_LIFT_LOW, CueKind.HEEL_LIFT_HIGH, CueKind.PROGRAMME):
        assert speaker.say(cue(kind), now_s=0)
    assert not speaker.say(cue(CueKind.RECOVERED, priority=0), now_s=0), "less important than what waits"
    assert speaker.settle(60)
    speaker.close()
    played = heard()
    assert place_of(tone("low"), played) == 0
    assert place_of(tone("notice"), played) > 0
    assert place_of(tone("high"), played) == place_of(tone("recovered"), played) == -1


def test_a_more_important_cue_cuts_in(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(prepare=("Heels up", "Step back"))
    assert speaker.say(cue(priority=1), now_s=0)
    time.sleep(0.15)
    assert speaker.say(cue(CueKind.STEPPED_BACK, "Step back", priority=9), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    played = heard()
    first = joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0))
    second = joined(load_tones()["warning"], words_of(speaker, "Step back"), (1.0, 1.0))
    cut = place_of(second, played)
    assert 0 < cut < first.shape[0], "the second is heard whole, the first not"
    assert place_of(played[:cut], without_ends(first)) == 0, "the first up to there, and nothing else"


def test_mute_cuts_off_and_keeps_quiet_until_it_is_lifted(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(MUTE_ENGLISH)
    assert speaker.say(cue(), now_s=0)
    assert speaker.say(cue(), now_s=0), "waits"
    speaker.mute(True)
    assert speaker.status() == "muted"
    assert not speaker.say(cue(), now_s=0)
    assert not speaker.say_line("Baseline ready")
    assert speaker.settle(60)
    assert heard().shape[0] < load_tones()["low"].size
    speaker.mute(False)
    assert speaker.say(cue(), now_s=0)


# --- lines of the stage


def test_a_line_is_words_alone_even_if_they_are_rendered_first(
    open_up: Callable[..., CueSpeaker], heard: Heard
) -> None:
    speaker = open_up()
    assert speaker.say_line("Ten kilometres an hour")
    assert speaker.settle(60)
    speaker.close()
    assert_same_sound(heard(), joined(None, words_of(speaker, "Ten kilometres an hour"), (1, 1)))


def test_a_cue_goes_before_a_line(open_up: Callable[..., CueSpeaker], heard: Heard) -> None:
    speaker = open_up(prepare=("Baseline ready", "Heels up"))
    assert speaker.say_line("Baseline ready")
    time.sleep(0.1)
    assert speaker.say(cue(), now_s=0)
    assert speaker.settle(60)
    speaker.close()
    line = joined(None, words_of(speaker, "Baseline ready"), (1.0, 1.0))
    said = joined(load_tones()["low"], words_of(speaker, "Heels up"), (1.0, 1.0))
    assert place_of(said, heard()) > 0
    assert place_of(said, heard()) < line.shape[0], "the line was cut short"


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


# --- what is missing, lost and found again


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
    speaker = open_speaker(SoundSettings(enabled=False), tmp_path, ["Heels up"])
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


# --- what the port promises, in every state that a speaker can be in


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
    speaker.mute(True)
    assert not speaker.say(cue(), now_s=0.0)
    speaker.mute(False)
    speaker.close()
    speaker.close()
    assert not speaker.say(cue(), now_s=0.0)


def test_say_aloud_says_it_and_tells_how(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), "none", str(tmp_path / "diary"))
    monkeypatch.setattr(sound_module, "ENGINE", engine)
    assert say_aloud("Heels up", LOUD, tmp_path) == "speech: ready, faulty, Hum"
    assert heard().shape[0] > 0.2 * RATE_HZ


def test_say_aloud_without_a_card_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "nosuch")
    with pytest.raises(SpeechError, match="nothing was said: no sound card"):
        say_aloud("Heels up", LOUD, tmp_path)


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
    found = examine(dataclasses.replace(LOUD, voice="Anna"))
    assert found[0][: len("no sound card")] == card
    assert found[1] == speech
