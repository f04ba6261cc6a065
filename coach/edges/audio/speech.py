"""Speech, kept in a process of its own: phrases are written to files there, never spoken in here.

Speech engines hang on their second call, need the main thread, change the process's COM model or
take a second to begin. A process can be waited for with a time-out, and ended.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coach.errors import SpeechError

ENGINE: Final = (sys.executable, "-P", "-X", "utf8", str(Path(__file__).with_name("speech_engine.py")))
START_S: Final = 20.0
"""Windows takes seconds to wake its speech service."""
PHRASE_S: Final = 8.0
"""A phrase renders in 10–300 ms where the engine is well."""
QUIET_FLAGS: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How phrases are spoken."""

    language: str
    voice: str
    """Name as the engine lists it; empty: the system's voice for the language."""
    rate_wpm: int
    regions: tuple[str, ...] = ()
    """Which of the language's voices go first where it has several, such as `en-us`."""


@dataclass(frozen=True, slots=True)
class Voice:
    """An installed voice; `name` is what `sound.voice` takes."""

    id: str
    name: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a phrase was rendered."""

    voice: str
    as_wished: bool
    """False where the voice asked for is not installed and the language's own spoke instead."""


class NoEngineError(SpeechError):
    """There is nothing to speak with; trying again does not help."""

    def __init__(self, remedy: str) -> None:
        super().__init__(f"no speech engine: {remedy}")
        self.remedy = remedy


class SilentPhraseError(SpeechError):
    """The engine is well but wrote nothing for this text."""


def reason(error: Exception) -> str:
    """Why there is no speech, or what to do for it, to be put after "tones only"."""
    return error.remedy if isinstance(error, NoEngineError) else str(error)


def install_hint(platform: str = sys.platform) -> str:
    """What to do where there is no speech engine."""
    if platform.startswith("linux"):
        return "install libespeak-ng1 (Debian, Ubuntu: sudo apt install libespeak-ng1)"
    if platform == "darwin":
        return "add a voice in System Settings → Accessibility → Spoken Content"
    return "add a voice in Settings → Time & language → Speech"


def list_voices(command: Sequence[str] = ENGINE) -> tuple[Voice, ...]:
    """The installed voices. Raises SpeechError where there is no engine or it does not answer."""
    with contextlib.closing(SpeechProcess(command)) as process:
        return process.voices()


class SpeechProcess:
    """The engine's process as seen from outside; started by the first request.

    For one thread, except `close`, which may come from another. After an error the process is gone and
    the next request starts a new one.
    """

    def __init__(self, command: Sequence[str] = ENGINE, start_s: float = START_S, phrase_s: float = PHRASE_S) -> None:
        self._command = command
        self._start_s = start_s
        self._phrase_s = phrase_s
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.Queue[str | None] = queue.Queue()
        self._closed = False
        self._lock = threading.Lock()
        self.engine = ""
        """Name of the engine, once it has answered."""

    def render(self, text: str, delivery: Delivery, path: Path) -> Spoken:
        """Write the phrase to `path`.

        Raises NoEngineError where there is no engine or no voice for the language, SpeechError where it
        hangs (and is ended) or crashes, SilentPhraseError where it writes nothing.
        """
        request = {
            "do": "render",
            "text": text,
            "language": delivery.language,
            "regions": delivery.regions,
            "voice": delivery.voice,
            "rate_wpm": delivery.rate_wpm,
            "path": str(path),
        }
        answer = self._ask(request)
        return Spoken(str(answer["voice"]), bool(answer["as_wished"]))

    def voices(self) -> tuple[Voice, ...]:
        """The installed voices. Raises SpeechError."""
        listed = self._ask({"do": "voices"})["voices"]
        return tuple(Voice(str(v["id"]), str(v["name"]), tuple(map(str, v["languages"]))) for v in listed)

    def close(self) -> None:
        """End the process. May be called twice and while a request is under way, which then fails."""
        with self._lock:
            self._closed = True
            _end(self._process)
            self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            process = self._running()
            assert process.stdin is not None  # noqa: S101 - opened as a pipe
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return self._answer(self._phrase_s)
        except SilentPhraseError:
            raise
        except OSError as error:
            self._give_up()
            raise SpeechError(f"the speech engine ended ({error})") from error
        except SpeechError:
            self._give_up()
            raise

    def _running(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise SpeechError("speech is closed")
            if self._process is not None:
                return self._process
            self._replies = queue.Queue()
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                creationflags=QUIET_FLAGS,
                # Ctrl-C in the terminal is for the coach alone, which ends this process when it is done speaking.
                start_new_session=True,
            )
            threading.Thread(target=_read, args=(process, self._replies), name="speech replies", daemon=True).start()
        self.engine = str(self._answer(self._start_s)["engine"])
        return process

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            line = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            raise SpeechError(f"the speech engine did not answer within {timeout_s:g} s") from None
        if line is None:
            raise SpeechError("the speech engine ended by itself")
        try:
            answer = json.loads(line)
        except ValueError:
            raise SpeechError(f"the speech engine answered {line[:40]!r}") from None
        if "missing" in answer:
            raise NoEngineError(install_hint())
        if "voiceless" in answer:
            raise NoEngineError(f"{answer['error']}: {install_hint()}")
        if "silent" in answer:
            raise SilentPhraseError(str(answer["error"]))
        if "error" in answer:
            raise SpeechError(f"the speech engine failed: {answer['error']}")
        return dict(answer)

    def _give_up(self) -> None:
        with self._lock:
            _end(self._process)
            self._process = None


def _read(process: subprocess.Popen[str], replies: queue.Queue[str | None]) -> None:
    """Hand on the lines of the process, then None for its end."""
    assert process.stdout is not None  # noqa: S101 - opened as a pipe
    with process.stdout as lines, contextlib.suppress(ValueError, OSError):
        for line in lines:
            replies.put(line)
    replies.put(None)


def _end(process: subprocess.Popen[str] | None) -> None:
    """Kill at once: an engine that hangs does not hear anything milder."""
    if process is None:
        return
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
