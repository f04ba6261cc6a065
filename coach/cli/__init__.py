"""The commands: parsing and messages, nothing else.

Every failure is one line that says what to do, and the exit status of the contract:
0 done, 2 bad arguments or configuration, 3 source cannot be opened or read, 4 no
runner was ever found, 5 pose model missing.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Final

from coach.app.leaving import (
    Stopped,
    flush_all,
    heed_signals,
    lacks_memory,
    loaded,
    quiet_libraries,
    steady_streams,
)
from coach.cli.legible import on_one_line
from coach.environment import prepare
from coach.errors import CoachError

INTERRUPTED: Final = 130
UNEXPECTED: Final = 1
BAD_ARGUMENTS: Final = 2
_OUT_OF_REACH: Final = frozenset({errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP})


def main(arguments: Sequence[str] | None = None) -> None:
    """Console script `coach`. Leaves by SystemExit."""
    heed_signals()
    steady_streams()
    if not os.environ.get("COACH_DEBUG"):
        quiet_libraries()
    status = run(sys.argv[1:] if arguments is None else arguments)
    if not flush_all() and status == 0:
        status = _fail("the output could not be written to its end; is the disk full?", UNEXPECTED)
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status."""
    prepare()
    try:
        from coach.cli.commands import command_line  # noqa: PLC0415 - `import coach.cli` stays light

        loaded()
        outcome = command_line()(args=list(arguments), prog_name="coach", standalone_mode=False)
    except CoachError as error:
        return _fail(str(error), error.exit_status)
    except Stopped as error:
        return _fail("stopped", int(error.code or 0))
    except KeyboardInterrupt:
        return _fail("stopped", INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last door: a runner never sees a traceback
        return _explain(error)
    return outcome if isinstance(outcome, int) else 0


def _explain(error: Exception) -> int:
    """One line for a usage error, which the parser worded, and for what nobody foresaw."""
    if (status := getattr(error, "exit_code", None)) is not None:
        formatted = getattr(error, "format_message", None)
        if formatted is None:
            return int(status)
        command = getattr(getattr(error, "ctx", None), "command_path", "coach")
        return _fail(f"{formatted()} (try: {command} --help)", int(status))
    if os.environ.get("COACH_DEBUG"):
        raise error
    if lacks_memory(error):
        return _fail("there is too little memory; close other programs, or raise the limit (ulimit -v)", UNEXPECTED)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _fail("the disk is full: not all could be written; make room and run it again", UNEXPECTED)
    if isinstance(error, OSError) and error.filename is not None and error.errno in _OUT_OF_REACH:
        why = f"cannot get at {error.filename}: {error.strerror}"
        return _fail(f"{why}; check the name, and the rights of the folders on the way", BAD_ARGUMENTS)
    return _fail(
        f"something unforeseen went wrong ({type(error).__name__}: {error}); "
        "run it again with COACH_DEBUG=1 for the details to report",
        UNEXPECTED,
    )


def _fail(message: str, status: int) -> int:
    print(f"coach: {on_one_line(message)}", file=sys.stderr)  # noqa: T201 - the one place that prints an error
    return status
