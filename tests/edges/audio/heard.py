"""What tests of sound share: cues, and what left the card, compared sample by sample."""

import dataclasses
from collections.abc import Callable

import numpy as np

from coach.core.coaching.cues import Cue, CueKind
from coach.edges.audio.sound import CueSpeaker, joined, load_tones
from coach.edges.audio.waveform import Samples
from coach.settings import SoundSettings

LOUD = SoundSettings(volume=1.0)
MUTE_ENGLISH = dataclasses.replace(LOUD, speech=False)
Heard = Callable[[], np.ndarray]


def cue(kind: CueKind = CueKind.HEEL_LIFT_LOW, text: str = "Heels up", *, expires_s: float = 60.0) -> Cue:
    """A cue decided at 0 s."""
    return Cue(0.0, kind, None, text, "HEELS UP", expires_s)


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
