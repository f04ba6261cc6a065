"""Runs `coach` and sends it signals at one moment: `python -m tests.cli.signal_moments SIGNALS MOMENT -- ARGUMENTS`.

A real signal in a real process; only when it is sent is decided here, where the moment can be told exactly.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

IMPORTS = {"first": "coach.cli.commands", "imports": "numpy", "model": "ai_edge_litert"}
"""Moments that are the loading of a module."""
FRAMES = 5
"""So few are seen of any film, however much else the computer does: a live run leaves some out."""
NEVER_CAME = 99
"""The status where the command ended before the moment: nothing was tried."""


class Sender:
    """Sends the signals, once; between two of them the first is heard."""

    def __init__(self, names: Sequence[str]) -> None:
        self._numbers = [getattr(signal, name) for name in names]
        self.sent = False

    def __call__(self) -> None:
        if self.sent:
            return
        self.sent = True
        for place, number in enumerate(self._numbers):
            if place:
                _heard_one()  # two of a kind that come together are one
            os.kill(os.getpid(), number)


def _heard_one() -> None:
    """Wait until the program has heard a signal."""
    from coach.app.leaving import _signals

    ends_s = time.monotonic() + 60
    while _signals.first is None and time.monotonic() < ends_s:
        time.sleep(0.005)


class AtImport:
    """A finder that finds nothing, and sends when a module is asked for."""

    def __init__(self, module: str, send: Callable[[], None]) -> None:
        self._module = module
        self._send = send

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == self._module:
            self._send()


def before(owner: Any, name: str, send: Callable[[], None], after: int = 1) -> None:
    """Send before the `after`-th call of a method."""
    called, count = getattr(owner, name), 0

    def wrapped(*args: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if count == after:
            send()
        return called(*args, **named)

    setattr(owner, name, wrapped)


def prepare(moment: str, send: Callable[[], None]) -> None:
    if moment in IMPORTS:
        sys.meta_path.insert(0, AtImport(IMPORTS[moment], send))
    elif moment == "mid-run":
        from coach.core.pipeline import Coach

        before(Coach, "step", send, FRAMES)
    elif moment == "finishing":
        from coach.app.session_writer import SessionWriter

        before(SessionWriter, "finish", send)
    elif moment == "writing":
        import pathlib

        before(pathlib.Path, "write_text", send)
        before(pathlib.Path, "replace", send)
    elif moment == "batch":
        from coach.app import batch_run

        before(batch_run, "_run", send)
    else:
        raise SystemExit(f"there is no moment {moment}")


def main() -> None:
    names, moment, _, *arguments = sys.argv[1:]
    # A shell that put pytest into the background had SIGINT ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # So does `nohup` with SIGHUP.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    sender = Sender(names.split("+"))
    prepare(moment, sender)
    from coach.cli import main as coach

    try:
        coach(arguments)
    finally:
        if not sender.sent:
            sys.stderr.write(f"the moment never came: {moment}\n")
            sys.stderr.flush()
            os._exit(NEVER_CAME)


if __name__ == "__main__":
    main()
