"""What tests of sound share: cues, and what left the card, compared sample by sample."""

import dataclasses
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from coach.core.coaching.cues import Cue, CueKind
from coach.edges.audio.sound import CueSpeaker, joined, load_tones
from coach.edges.audio.waveform import Samples
from coach.settings import SoundSettings

if sys.platform == "linux":
    import fcntl

LOUD = SoundSettings(volume=1.0)
MUTE_ENGLISH = dataclasses.replace(LOUD, speech=False)
Heard = Callable[[], np.ndarray]


class HeldCard:
    """A card that takes samples when it is told to: SDL's `disk` driver writes into a pipe that is emptied here.

    So what happens in the middle of a sound happens there however slow the machine is.
    """

    def __init__(self, pipe: Path) -> None:
        os.mkfifo(pipe)
        self._end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        if sys.platform == "linux":
            fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, 4096)
        self._taken = bytearray()
        self._goes_on: threading.Thread | None = None

    def take(self, samples: int) -> None:
        """Play so many samples that are not silence, and stand still again."""
        os.set_blocking(self._end, True)
        until = self.samples().shape[0] + samples
        while self.samples().shape[0] < until:
            self._taken += os.read(self._end, 1024)

    def run(self) -> None:
        """Play from now on."""
        os.set_blocking(self._end, True)
        self._goes_on = threading.Thread(target=self._play, daemon=True)
        self._goes_on.start()

    @property
    def length(self) -> int:
        """How many samples were played so far, silence and all."""
        return len(self._taken) // 4

    def samples(self) -> np.ndarray:
        """What was played so far: (n, 2), silence around it cut off."""
        whole = bytes(self._taken[: len(self._taken) // 4 * 4])
        played = np.frombuffer(whole, dtype="<i2").reshape(-1, 2)
        loud = np.flatnonzero(played.any(axis=1))
        return played[loud[0] : loud[-1] + 1] if loud.size else played[:0]

    def finish(self) -> np.ndarray:
        """All that was played, once the card is closed."""
        if self._goes_on is not None:
            self._goes_on.join(60)
        return self.samples()

    def _play(self) -> None:
        while read := os.read(self._end, 65536):
            self._taken += read


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
