"""A speaker on a card whose samples are kept, with an engine whose words are a hum."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.edges.audio import mixer as mixer_module
from coach.edges.audio import sound as sound_module
from coach.edges.audio.mixer import Mixer
from coach.edges.audio.phrase_book import PhraseBook, PhraseCache
from coach.edges.audio.sound import CueSpeaker
from coach.edges.audio.speech import Delivery, SpeechProcess
from coach.settings import SoundSettings
from tests.edges.audio.heard import LOUD, Heard, HeldCard


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


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HeldCard:
    """A card that plays when it is told to."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("a card that can be held is a pipe with a name")
    card = HeldCard(tmp_path / "card")
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(tmp_path / "card"))
    return card


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time; what is tested is the order of things."""
    monkeypatch.setattr(mixer_module, "CLOSE_S", 60)
    monkeypatch.setattr(mixer_module, "OVERDUE_S", 60)
    monkeypatch.setattr(mixer_module, "TRIAL_S", 200)
    monkeypatch.setattr(sound_module, "LINE_EXPIRES_S", 60)
    monkeypatch.setattr(sound_module, "OPEN_WAIT_S", 60)


@pytest.fixture
def open_up(tmp_path: Path) -> Iterator[Callable[..., CueSpeaker]]:
    """A speaker with an engine whose words are a hum, all phrases rendered; closed at the end."""
    speakers = []

    def opened(settings: SoundSettings = LOUD, prepare: tuple[str, ...] = (), fault: str = "none") -> CueSpeaker:
        command = (sys.executable, str(Path(__file__).parents[1] / "faulty_engine.py"), fault, str(tmp_path / "diary"))
        process = SpeechProcess(command, phrase_s=0.3 if "hangs" in fault else 60)
        delivery = Delivery("en", settings.voice, settings.rate_wpm)
        book = PhraseBook(PhraseCache(tmp_path / "cache"), delivery, process, prepare) if settings.speech else None
        speaker = CueSpeaker(settings, Mixer(), book)
        assert book is None or book.wait(60)
        speakers.append(speaker)
        return speaker

    yield opened
    for speaker in speakers:
        speaker.close()
