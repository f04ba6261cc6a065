"""How the program is left: by a signal, with its terminal or its reader gone, at any moment from the first on.

The first signal ends what is going on: a live run is finished, anything else is stopped where it is, and what had been
kept stays. A second SIGINT leaves at once; what a run has kept until then `coach recover` finishes. Processes of its
own (speech, a batch's workers) end with their pipes.

Only the standard library is imported: this must stand before anything else has loaded.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_SIGNALS: Final = tuple(number for name in _NAMES if (number := getattr(signal, name, None)) is not None)
_HANG_UP: Final = getattr(signal, "SIGHUP", None)
_GONE: Final = frozenset({errno.EPIPE, errno.EIO, errno.ENXIO})
"""A pipe without a reader, a terminal that was closed."""
_AGAIN_S: Final = 0.05


class Stopped(SystemExit):
    """A signal ended the program; libraries that look for an ordinary end pass it on."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class _Signals:
    """What is done when one comes. Handlers run in the main thread."""

    def __init__(self) -> None:
        self.first: int | None = None
        """The signal that came first."""
        self.finish: Callable[[], None] | None = None
        """Ends what is going on by itself; without it `Stopped` is raised where the program stands."""
        self.loading = True
        """Nothing is kept and nothing open yet: whoever wants to leave need not wait for libraries to load."""

    def handle(self, number: int, _frame: FrameType | None) -> None:
        if number == _HANG_UP:
            _drop_terminal()
        if self.first is not None:
            if number == signal.SIGINT:
                os._exit(128 + number)
            return
        self.first = number
        if self.finish is not None:
            self.finish()
        elif self.loading:
            with suppress(OSError, ValueError, RuntimeError):
                sys.stderr.write("coach: stopped\n")
                sys.stderr.flush()
            os._exit(128 + number)
        else:
            raise Stopped(number)

    def unraisable(self, what: Any) -> None:
        """A signal that came inside a destructor or a callback, where nothing can be raised, is heard all the same."""
        if issubclass(what.exc_type, Stopped) and self.first is not None:
            number, self.first = self.first, None
            # Not at once: it would come inside this very hook, and be lost again.
            again = threading.Timer(_AGAIN_S, signal.raise_signal, (number,))
            again.daemon = True
            again.start()
        else:
            sys.__unraisablehook__(what)


_signals = _Signals()


def heed_signals() -> None:
    """From now on a signal ends the program in good order. The main thread calls it, once."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
            signal.signal(number, _signals.handle)  # `nohup` had SIGHUP ignored: so it stays
    sys.unraisablehook = _signals.unraisable


def loading() -> None:
    """Libraries load beside what is opened, and nothing is kept yet: a signal leaves at once.

    Unwinding would wait for the thread that loads, which may wait for a module that the signal left half imported.
    """
    _signals.loading = True


def loaded() -> None:
    """The command begins: from now on a signal unwinds what is open."""
    _signals.loading = False


@contextmanager
def finishing(finish: Callable[[], None]) -> Iterator[None]:
    """Let the first signal call `finish`, which makes the block end by itself, instead of being raised in it."""
    before, _signals.finish = _signals.finish, finish
    try:
        yield
    finally:
        _signals.finish = before


class _Lasting(io.FileIO):
    """A standard stream that outlives its reader: what a closed pipe or terminal no longer takes is dropped."""

    def write(self, content: Any) -> int:
        """Write as much as goes; all of it where nobody is there to read."""
        try:
            return super().write(content)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            return len(content)


def steady_streams() -> None:
    """Standard streams that no signs, no closed reader and no closed descriptor can make fail.

    A descriptor that came closed is opened on nothing: else the next file, perhaps the store, would get its number,
    and with it whatever a library prints.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    sys.stdout = _steady(sys.stdout, 1)
    sys.stderr = _steady(sys.stderr, 2)


def quiet_libraries() -> None:
    """Keep the chatter of native libraries off the terminal: they write to descriptor 2 behind Python's back.

    Our own messages still go there, through a copy of it.
    """
    with suppress(OSError, AttributeError):
        encoding = sys.stderr.encoding
        ours = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        sys.stderr = _steady(None, ours, encoding)


def print_whole(text: str) -> None:
    """A result on standard output, in UTF-8 whatever the terminal's own encoding is: programs read it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _steady(stream: Any, number: int, encoding: str | None = None) -> Any:
    encoding = encoding or getattr(stream, "encoding", None) or "utf-8"
    if os.name == "nt" and stream is not None:
        stream.reconfigure(errors="replace")  # a console has ways of its own to be written to
        return stream
    raw = _Lasting(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, "replace", line_buffering=number != 1 or raw.isatty())


def _drop_terminal() -> None:
    """The terminal is gone: what would still be written to it goes nowhere."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                if stream.isatty():
                    os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def flush_all() -> bool:
    """Write what still stands in the standard streams; False where it cannot be, as on a full disk."""
    whole = True
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            whole = False
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return whole


_NO_MEMORY: Final = ("allocate memory", "map segment", "start new thread", "std::bad_alloc", "insufficient memory")


def lacks_memory(error: BaseException | None) -> bool:
    """Whether too little memory is behind an error: a library that could not be loaded, a thread not started."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        if any(sign in str(error).lower() for sign in _NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False
