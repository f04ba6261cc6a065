"""The speech process: renders phrases to sound files on request, and nothing else.

Run by its path, `python -P speech_engine.py`, with requests and replies as JSON lines on its standard
streams; it imports nothing of the package, so that it starts in a moment. Speech engines hang, crash,
print, and on Windows switch the whole process to another COM model: all of that stays in here, and
the parent ends the process when it does not answer.

    → {"do": "voices"}
    ← {"voices": [{"id", "name", "languages"}]}
    → {"do": "render", "text", "language", "regions", "voice", "rate_wpm", "path"}
    ← {"voice": the voice used, "as_wished": whether it is the one asked for}
      or {"error": what went wrong}, with "silent" or "voiceless" where that is it
The first line is the process's own: {"engine": name} or {"error", "missing": true}.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

EMPTY_BYTES = 128
"""A file of this size is a header without sound."""


class Voices:
    """The installed voices of a pyttsx3 engine."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._all = [v for v in engine.getProperty("voices") if _languages(v)]
        self._system = str(engine.getProperty("voice") or "")

    def listed(self) -> list[dict[str, Any]]:
        """Every voice with its languages, plain."""
        return [{"id": str(v.id), "name": str(v.name), "languages": _languages(v)} for v in self._all]

    def choose(self, wanted: str, language: str, regions: Sequence[str] = ()) -> tuple[str, str, bool] | None:
        """Identifier, name, and whether it is as wished; without or against a wish, the language's own voice."""
        if named := self._named(wanted, language):
            return *named, True
        own = self._speaking(language, regions)
        return own and (*own, not wanted.strip())

    def _named(self, wanted: str, language: str) -> tuple[str, str] | None:
        """By identifier or name: the whole of it, then the beginning of one of its words, best in the language.

        Some engines also take names that they do not list.
        """
        if not (name := wanted.casefold().strip()):
            return None
        own = [v for v in self._all if any(_speaks(code, language) for code in _languages(v))]
        begins = re.compile(rf"\b{re.escape(name)}")
        for voice in self._all:
            if name in {str(voice.name).casefold(), str(voice.id).casefold()}:
                return str(voice.id), str(voice.name)
        for voice in (*own, *self._all):
            if begins.search(str(voice.name).casefold()):
                return str(voice.id), str(voice.name)
        return (wanted, wanted) if self._takes(wanted) else None

    def _takes(self, identifier: str) -> bool:
        """Whether the engine knows a voice that it does not list, such as `en-us+f3` of espeak-ng."""
        if not hasattr(self._engine, "proxy") or str(self._engine) != "espeak":
            return False
        with contextlib.suppress(Exception):  # the engine's way of saying no
            self._engine.proxy._driver.setProperty("voice", identifier)  # noqa: SLF001 - setProperty itself hides errors
            return True
        return False

    def _speaking(self, language: str, regions: Sequence[str]) -> tuple[str, str] | None:
        able = [v for v in self._all if any(_speaks(code, language) for code in _languages(v))]
        if not able:
            return None
        best = min(able, key=lambda v: self._rank(v, language, regions))
        return str(best.id), str(best.name)

    def _rank(self, voice: Any, language: str, regions: Sequence[str]) -> int:
        """The system's own voice, then the preferred regions, then as listed."""
        if str(voice.id) == self._system:
            return 0
        order = (*regions, language)
        codes = _languages(voice)
        return 1 + next((i for i, code in enumerate(order) if code in codes), len(order))


def _languages(voice: Any) -> list[str]:
    """Language codes in lower case with a hyphen: systems write `en_US`, `en-US` and bytes."""
    codes = []
    for code in voice.languages or ():
        text = code.decode("utf-8", "ignore") if isinstance(code, bytes) else str(code or "")
        if cleaned := text.strip("\x00\x05 ").replace("_", "-").lower():
            codes.append(cleaned)
    return codes


def _speaks(code: str, language: str) -> bool:
    return code == language or code.startswith(f"{language}-")


def render(engine: Any, voices: Voices, request: Mapping[str, Any]) -> dict[str, Any]:
    """Write one phrase; the voice used, or an error in words."""
    chosen = voices.choose(str(request["voice"]), str(request["language"]), request.get("regions", ()))
    if chosen is None:
        return {"error": f"no installed voice speaks {request['language']!r}", "voiceless": True}
    identifier, name, as_wished = chosen
    path = Path(str(request["path"]))
    try:
        engine.setProperty("voice", identifier)
        engine.setProperty("rate", int(request["rate_wpm"]))
        _settle(engine)
        engine.save_to_file(str(request["text"]), str(path))
        engine.runAndWait()
        _settle(engine)
    except Exception as error:  # noqa: BLE001 - drivers raise what they like; on macOS after a good file
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own
    if not _has_sound(path) and sys.platform == "darwin":
        _say_to_file(request, name, path)
    if not _has_sound(path):
        return {"error": "the engine wrote no sound", "silent": True}
    return {"voice": name, "as_wished": as_wished}


def _settle(engine: Any) -> None:
    """Wait for espeak-ng's own thread, which works off commands one by one.

    The driver does not: a rate set right after a voice got lost, and `runAndWait` returned 10 ms after it had
    begun, with the file half written (seen with pyttsx3 2.99).
    """
    if str(engine) == "espeak":
        from pyttsx3.drivers import _espeak  # noqa: PLC0415 - its import needs the library

        _espeak.Synchronize()


def _has_sound(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_size > EMPTY_BYTES
    return False


def _say_to_file(request: Mapping[str, Any], voice: str, path: Path) -> None:
    """The `say` command of macOS, where pyttsx3's driver wrote nothing."""
    form = ["--file-format=WAVE", "--data-format=LEI16@22050"]
    words = ["-v", voice, "-r", str(request["rate_wpm"]), "-o", str(path), *form, "--", str(request["text"])]
    subprocess.run(["say", *words], check=False, stdin=subprocess.DEVNULL)


def serve(engine: Any, requests: Iterable[Mapping[str, Any]], replies: TextIO) -> None:
    """Answer each request with one line."""
    voices = Voices(engine)
    _reply(replies, {"engine": str(engine)})
    for request in requests:
        try:
            answer = {"voices": voices.listed()} if request["do"] == "voices" else render(engine, voices, request)
        except Exception as error:  # noqa: BLE001 - whatever an engine raises is the parent's to report
            answer = {"error": f"{type(error).__name__}: {error}"}
        _reply(replies, answer)


def _reply(replies: TextIO, answer: Mapping[str, Any]) -> None:
    replies.write(json.dumps(answer) + "\n")
    replies.flush()


def _requests() -> Iterable[Mapping[str, Any]]:
    """Requests from standard input, read in a thread: when it closes the parent has gone, and so do we.

    The engine may be stuck in its own code at that moment, hence no orderly end.
    """
    waiting: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def main(_arguments: Sequence[str] = ()) -> None:
    """Serve until standard input closes."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # drivers print to standard output
    if hasattr(os, "nice"):
        os.nice(5)  # rendering ahead of time must not slow the picture
    requests = _requests()
    try:
        import pyttsx3  # noqa: PLC0415 - its import loads the engine's library

        engine = pyttsx3.init()
    except Exception as error:  # noqa: BLE001 - no engine, whatever its driver calls that
        _reply(replies, {"error": f"{type(error).__name__}: {error}", "missing": True})
        return
    serve(engine, requests, replies)


if __name__ == "__main__":
    main()
