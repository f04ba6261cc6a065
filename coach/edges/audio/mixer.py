"""The sound card through SDL's mixer: one channel, so that there are never two cues at once; a soft tick has its own.

A card that is missing, silent or gone is a state that this module reports, never an error that it raises.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pygame
from numpy.typing import NDArray
from pygame._sdl2 import audio as sdl_audio

from coach.edges.audio.waveform import RATE_HZ

StereoSamples = NDArray[np.int16]
"""(n, 2), left and right, at `RATE_HZ`."""

BUFFER: Final = 1024
"""Samples handed to the card at a time, 23 ms: smaller buffers crackle on a busy machine."""
TRIAL_S: Final = 15.0
_TRY = f"""
import faulthandler, os, sys
faulthandler.dump_traceback_later(float(sys.argv[-1]), exit=True)
import pygame
if hasattr(os, "nice"):
    os.nice(5)
try:
    pygame.mixer.init({RATE_HZ}, -16, 2, {BUFFER}, allowedchanges=0)
except pygame.error as error:
    sys.exit(str(error))
"""
TRIAL: Final = (sys.executable, "-P", "-c", _TRY)
"""Opens the card and leaves. pygame holds Python's lock while it opens one: a sound server that hangs would stop
camera, window and keys for good (seen with pygame-ce 2.5.8), so another process goes first. After as many seconds as
are told behind it, it ends by itself where nobody is left to end it, as after Ctrl-C while Coach loads: that thread of
Python's needs no lock."""
_SPEAKING, _TICKING = 0, 1
"""SDL's channels: cues on one, so that there are never two at once; the soft tick on a second one."""
NO_DEVICES: Final = frozenset({"dummy", "disk"})
"""SDL's drivers without a device behind them; nothing in them can hang."""
OVERDUE_S: Final = 2.0
"""A sound that plays this much longer than it is sits in a card that has stopped taking samples."""

CLOSE_S: Final = 1.0
"""A card closes within a few buffers; one that does not is left to the system."""


@dataclass(frozen=True, slots=True)
class _Playing:
    channel: pygame.mixer.Channel
    sound: pygame.mixer.Sound
    """Kept, because SDL reads from its memory while it plays."""
    ends_s: float
    """On the clock of `time.monotonic`."""


class Mixer:
    """The card. `open` and `close` may take long; all else returns at once, from any thread.

    Open it in a thread that does nothing else of the system's: on Windows SDL sets that thread's COM model,
    with which Bluetooth callbacks would never come.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._usable = False
        self._playing: _Playing | None = None
        self._bars: tuple[pygame.mixer.Sound, ...] = ()
        """What ticks now and next, kept as SDL reads from their memory."""
        self._outputs: tuple[str, ...] = ()
        self._trouble = "no sound: the card is not open yet"
        self._closed = False

    def open(self) -> bool:
        """Open the card, anew if need be; whether it is there.

        What was wrong before is wrong until the outcome is known, so that trying again changes nothing to be told.
        """
        self._leave(self._trouble)
        pygame.mixer.quit()
        if (trouble := _refusal()) or self._closed:
            self._leave(trouble or self._trouble)
            return False
        try:
            pygame.mixer.init(RATE_HZ, -16, 2, BUFFER, allowedchanges=0)
            outputs = _outputs()
        except pygame.error as error:
            self._leave(f"no sound card ({error})")
            return False
        with self._lock:
            self._outputs, self._trouble, self._usable = outputs, "", True
        return True

    def play(self, samples: StereoSamples, volume: float) -> bool:
        """Start a sound now, in place of whatever plays; whether it was started."""
        with self._lock, self._mishaps():
            if not self._ready() or self._stuck():
                return False
            sound = pygame.mixer.Sound(buffer=np.ascontiguousarray(samples).tobytes())
            sound.set_volume(volume)
            # What ticks is silent from the first sample of a cue on.
            pygame.mixer.Channel(_TICKING).set_volume(0.0)
            channel = pygame.mixer.Channel(_SPEAKING)
            channel.play(sound)
            self._playing = _Playing(channel, sound, time.monotonic() + samples.shape[0] / RATE_HZ)
            return True
        return False

    def stop(self) -> None:
        """Silence at once."""
        with self._lock, self._mishaps():
            if self._playing is not None and self._ready():
                self._playing.channel.stop()
            self._playing = None
            self._stop_ticking()

    def tick(self, bar: Callable[[], StereoSamples] | None, volume: float) -> bool:
        """Keep ticking below the cues: a bar follows what ticks now without a gap; None ends it. Whether one was taken.

        While a cue sounds the ticks go on unheard, so that they come back in step.
        """
        with self._lock, self._mishaps():
            if bar is None or not self._ready():
                self._stop_ticking()
                return False
            channel = pygame.mixer.Channel(_TICKING)
            speaking = self._playing is not None and self._playing.channel.get_busy()
            if channel.get_queue() is not None:
                channel.set_volume(0.0 if speaking else volume)
                return False
            sound = pygame.mixer.Sound(buffer=np.ascontiguousarray(bar()).tobytes())
            channel.queue(sound) if channel.get_busy() else channel.play(sound)
            # SDL turns a channel up when something new begins on it.
            channel.set_volume(0.0 if speaking else volume)
            self._bars = (*self._bars[-1:], sound)
            return True
        return False

    def _stop_ticking(self) -> None:
        """For use under the lock."""
        if self._bars and self._ready():
            pygame.mixer.Channel(_TICKING).stop()
        self._bars = ()

    def remaining_s(self) -> float:
        """How long the sound under way still takes; 0 where nothing plays."""
        with self._lock, self._mishaps():
            if self._playing is None or not self._ready() or not self._playing.channel.get_busy():
                self._playing = None
                return 0.0
            # The card is a buffer or two behind the clock: a sound that plays has at least that to go.
            return max(self._playing.ends_s - time.monotonic(), BUFFER / RATE_HZ)
        return 0.0

    def trouble(self) -> str:
        """What is wrong with the card, beginning with `no sound`; empty while all is well."""
        with self._lock, self._mishaps():
            if self._ready() and self._stuck():
                return "no sound: the card does not answer"
        return self._trouble

    def changed(self) -> bool:
        """Whether headphones or loudspeakers came or went since the card was opened."""
        with self._lock, self._mishaps():
            return self._ready() and _outputs() != self._outputs
        return False

    def close(self) -> None:
        """Let go of the card. May be called twice."""
        self._closed = True
        self._leave("no sound: the card is closed")
        closing = threading.Thread(target=pygame.mixer.quit, name="sound card closing", daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        if closing.is_alive():
            # A card that takes no more samples is waited for without end, once more when the program ends.
            atexit.unregister(pygame.quit)

    def _leave(self, why: str) -> None:
        with self._lock:
            self._usable, self._playing, self._trouble = False, None, why

    def _ready(self) -> bool:
        """Look before each call: with the mixer shut down behind our back, `Channel.play` ends the whole process."""
        if self._usable and pygame.mixer.get_init() is None:
            self._usable, self._playing, self._trouble = False, None, "no sound: the card was closed"
        return self._usable

    def _stuck(self) -> bool:
        """Whether the card has stopped taking samples; it may begin again by itself."""
        late = self._playing is not None and time.monotonic() > self._playing.ends_s + OVERDUE_S
        return late and self._playing is not None and self._playing.channel.get_busy()

    @contextlib.contextmanager
    def _mishaps(self) -> Iterator[None]:
        """An error of SDL's as a state. For use under the lock."""
        try:
            yield
        except pygame.error as error:
            self._usable, self._playing, self._trouble = False, None, f"no sound: the card failed ({error})"


def _refusal() -> str:
    """Why the card cannot be opened, asked in a process of its own; empty where it can."""
    if os.environ.get("SDL_AUDIODRIVER") in NO_DEVICES:
        return ""
    try:
        trial = subprocess.run(
            [*TRIAL, str(TRIAL_S + 5)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TRIAL_S,
            check=False,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        return "no sound: the card does not answer"
    except OSError as error:
        return f"no sound: the card could not be tried ({error})"
    last_words = trial.stderr.strip().rpartition("\n")[2]
    return f"no sound card ({last_words})" if trial.returncode else ""


def _outputs() -> tuple[str, ...]:
    return tuple(sdl_audio.get_audio_device_names(False))
