"""Every phrase that may be said, ready in memory: rendered ahead of time, in the background, and kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from coach.edges.audio.speech import Delivery, NoEngineError, SilentPhraseError, SpeechProcess, reason
from coach.edges.audio.waveform import FULL_SCALE, RATE_HZ, Samples, read_audio, ready_to_play, to_samples, write_wav
from coach.errors import FormatError, SpeechError

FORM: Final = 1
"""Counts up when trimming or levelling changes, so that older files are rendered anew."""
LIMIT_BYTES: Final = 32 * 2**20
"""About 250 phrases: several languages with two wordings and room for voices that were tried."""
STALE_S: Final = 3600.0
"""A temporary file this old was left by a process that died."""


def phrase_key(text: str, delivery: Delivery) -> str:
    """File name of a phrase. Engines differ by system, so the system is part of it."""
    shaped_by = (
        str(FORM),
        sys.platform,
        delivery.language,
        *delivery.regions,
        delivery.voice,
        str(delivery.rate_wpm),
        text,
    )
    return hashlib.sha256("\0".join(shaped_by).encode()).hexdigest()[:32]


class PhraseCache:
    """A folder of phrases, bounded in size, safe for several processes at once.

    It never raises: a folder that cannot be written means rendering again next time.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    def load(self, key: str) -> Samples | None:
        """The phrase, or None where it is not there or damaged."""
        path = self._path(key)
        try:
            sound = read_audio(path)
            with contextlib.suppress(OSError):
                os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, FormatError):
            _remove(path)
            return None
        # Written by this class in this form; anything else has another hand in it.
        return (
            to_samples(sound.samples * 32768 / FULL_SCALE) if sound.rate_hz == RATE_HZ and sound.samples.size else None
        )

    def store(self, key: str, samples: Samples) -> None:
        """Keep the phrase: written aside and moved into place, so that a reader finds all of it or nothing."""
        beside = self._folder / f".{key}.{uuid4().hex}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_wav(beside, samples)
            beside.replace(self._path(key))
        except OSError:
            _remove(beside)
        self._make_room()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.wav"

    def _make_room(self) -> None:
        """Drop what was not used for longest until the rest fits; also what dead processes left."""
        files = []
        for path in _entries(self._folder):
            with contextlib.suppress(OSError):
                status = path.stat()
                if path.suffix == ".wav":
                    files.append((status.st_mtime, status.st_size, path))
                elif path.suffix == ".tmp" and status.st_mtime < time.time() - STALE_S:
                    _remove(path)
        excess = sum(size for _, size, _ in files) - self._limit_bytes
        for _, size, path in sorted(files, key=lambda file: file[:2]):
            if excess <= 0:
                return
            _remove(path)
            excess -= size


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


KEPT: Final = 256
"""Words in memory, about 30 MB at most; lines with numbers in them come and go."""
RESTARTS_ALLOWED: Final = 1
"""An engine that hangs or crashes is started anew once; at the second time in a row speech ends for this session."""
SILENT_ALLOWED: Final = 2
"""Texts in a row for which the engine may write nothing."""


class PhraseBook:
    """Text → sound, without ever keeping the caller waiting.

    A thread of its own goes through what was announced and what was asked for since, newest wish first.
    """

    def __init__(self, cache: PhraseCache, delivery: Delivery, process: SpeechProcess, prepare: Sequence[str]) -> None:
        self._cache = cache
        self._delivery = delivery
        self._process = process
        self._changed = threading.Condition()
        self._wanted = [text for text in reversed(dict.fromkeys(prepare)) if text.strip()]
        self._ready: OrderedDict[str, Samples] = OrderedDict()
        self._failures = 0
        self._silent = 0
        self._trouble = ""
        self._lacks_engine = False
        self._voice = ""
        self._as_wished = True
        self._at_work = ""
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="phrases", daemon=True)
        self._thread.start()

    def get(self, text: str) -> Samples | None:
        """The phrase if it is ready; if not, it is rendered next. Never blocks."""
        with self._changed:
            if (samples := self._ready.get(text)) is not None:
                self._ready.move_to_end(text)
                return samples
            if text.strip() and not self._trouble and not self._closed:
                self._wish(text)
            return None

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is left to render; whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._at_work, timeout_s)

    def trouble(self) -> str:
        """Why there is no speech; empty while there is."""
        with self._changed:
            return self._trouble

    @property
    def lacks_engine(self) -> bool:
        """Whether there is nothing to speak with: no engine, or no voice of the language."""
        return self._lacks_engine

    def status(self) -> str:
        """A few words for the screen and `doctor`."""
        with self._changed:
            if self._trouble:
                return f"tones only: {self._trouble}"
            if left := len(self._wanted) + bool(self._at_work):
                return f"speech: preparing {left} phrases"
            refused = "" if self._as_wished else f" (no voice is named {self._delivery.voice!r})"
            return ", ".join(filter(None, ("speech: ready", self._process.engine, self._voice))) + refused

    def close(self) -> None:
        """Stop rendering and end the engine. May be called twice."""
        with self._changed:
            self._closed = True
            self._wanted.clear()
            self._changed.notify_all()
        self._process.close()
        self._thread.join(timeout=5)

    def _wish(self, text: str) -> None:
        if text == self._at_work or (self._wanted and self._wanted[-1] == text):
            return
        if text in self._wanted:
            self._wanted.remove(text)
        self._wanted.append(text)
        self._changed.notify_all()

    def _work(self) -> None:
        with tempfile.TemporaryDirectory(prefix="coach-speech-", ignore_cleanup_errors=True) as folder:
            while (text := self._next()) is not None:
                samples = self._prepared(text, Path(folder) / "phrase.wav")
                self._keep(text, samples)

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._closed)
            if self._closed:
                return None
            self._at_work = self._wanted.pop()
            return self._at_work

    def _keep(self, text: str, samples: Samples | None) -> None:
        with self._changed:
            self._at_work = ""
            if samples is not None:
                self._ready[text] = samples
            while len(self._ready) > KEPT:
                self._ready.popitem(last=False)
            self._changed.notify_all()

    def _prepared(self, text: str, path: Path) -> Samples | None:
        """From the cache or the engine; None where the engine cannot."""
        key = phrase_key(text, self._delivery)
        if (samples := self._cache.load(key)) is not None:
            return samples
        while True:
            try:
                samples = self._rendered(text, path)
            except (SilentPhraseError, FormatError) as error:
                self._note_silence(str(error))
                return None
            except (SpeechError, OSError) as error:
                if self._is_over(error):
                    return None
            else:
                if self._as_wished:  # another voice in its place would be taken for it next time
                    self._cache.store(key, samples)
                return samples

    def _rendered(self, text: str, path: Path) -> Samples:
        path.unlink(missing_ok=True)
        spoken = self._process.render(text, self._delivery, path)
        samples = ready_to_play(read_audio(path))
        with self._changed:
            self._voice, self._as_wished = spoken.voice, spoken.as_wished
            self._failures = self._silent = 0
        return samples

    def _note_silence(self, reason: str) -> None:
        """One text without sound is the text's fault; several in a row are the engine's."""
        with self._changed:
            self._silent += 1
            if self._silent > SILENT_ALLOWED:
                self._end_speech(reason)

    def _is_over(self, error: Exception) -> bool:
        """Count a hang or crash; true once it is time to go on with tones alone."""
        with self._changed:
            self._failures += 1
            self._lacks_engine = isinstance(error, NoEngineError)
            if self._lacks_engine or self._failures > RESTARTS_ALLOWED:
                self._end_speech(reason(error))
            return bool(self._trouble) or self._closed

    def _end_speech(self, reason: str) -> None:
        self._trouble = reason
        self._wanted.clear()
