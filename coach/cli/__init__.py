"""The commands: parsing and messages, nothing else.

Every failure is one line that says what to do, and the exit status of the contract:
0 done, 2 bad arguments or configuration, 3 source cannot be opened or read, 4 no
runner was ever found, 5 pose model missing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from coach.environment import prepare
from coach.errors import CoachError

INTERRUPTED: Final = 130
UNEXPECTED: Final = 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Console script `coach`. Leaves by SystemExit."""
    _hush_native_libraries()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status."""
    prepare()
    from coach.cli.commands import app  # noqa: PLC0415 - `import coach.cli` stays light

    try:
        outcome = app(args=list(arguments), prog_name="coach", standalone_mode=False)
    except CoachError as error:
        return _fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        return _fail("stopped", INTERRUPTED)
    except BrokenPipeError:
        return _broken_pipe()
    except Exception as error:  # noqa: BLE001 - the last door: a runner never sees a traceback
        return _explain(error)
    return outcome if isinstance(outcome, int) else 0


def _hush_native_libraries() -> None:
    """Keep the chatter of the networks' C++ libraries off the terminal; our own messages still go there.

    They write to file descriptor 2 behind Python's back, and no setting of theirs silences all of it.
    """
    if os.environ.get("COACH_DEBUG"):
        return
    try:
        ours = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    except OSError:
        return
    sys.stderr = ours


def _explain(error: Exception) -> int:
    """One line for a usage error, which the parser worded, and for what nobody foresaw."""
    if (status := getattr(error, "exit_code", None)) is not None:
        formatted = getattr(error, "format_message", None)
        if formatted is None:
            return int(status)
        return _fail(f"{formatted()} (try: coach --help)", int(status))
    if os.environ.get("COACH_DEBUG"):
        raise error
    return _fail(
        f"something unforeseen went wrong ({type(error).__name__}: {error}); "
        "run it again with COACH_DEBUG=1 for the details to report",
        UNEXPECTED,
    )


def _broken_pipe() -> int:
    """Whoever read our output has gone, as with `coach history | head`; say nothing more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fail(message: str, status: int) -> int:
    print(f"coach: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201 - the one place that prints an error
    return status
