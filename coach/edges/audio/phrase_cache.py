"""Rendered phrases on disk: one small WAV each, named by everything that shapes its sound."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from coach.edges.audio.waveform import FULL_SCALE, RATE_HZ, Samples, read_audio, to_samples, write_wav
from coach.errors import FormatError

FORM: Final = 1
"""Counts up when trimming or levelling changes, so that older files are rendered anew."""
LIMIT_BYTES: Final = 32 * 2**20
"""About 250 phrases: several languages with two wordings and room for voices that were tried."""
STALE_S: Final = 3600.0
"""A temporary file this old was left by a process that died."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How phrases are spoken."""

    language: str
    voice: str
    """Name as the engine lists it; empty: the system's voice for the language."""
    rate_wpm: int
    regions: tuple[str, ...] = ()
    """Which of the language's voices go first where it has several, such as `en-us`."""


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
