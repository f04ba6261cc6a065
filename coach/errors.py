"""What can go wrong, drawn once.

Every message says what the runner should do next; the command line prints it as
one line and leaves with `exit_status`.
"""

from __future__ import annotations


class CoachError(Exception):
    """Anything that Coach can explain. `exit_status` is what the command returns."""

    exit_status = 1


class ConfigError(CoachError):
    """A bad argument or configuration value; the message names the key and its range."""

    exit_status = 2


class SourceError(CoachError):
    """A camera, video file or stream that cannot be opened or read."""

    exit_status = 3


class NoRunnerError(CoachError):
    """The source was read to its end and no runner was ever found."""

    exit_status = 4


class PoseModelError(CoachError):
    """The pose model is missing, damaged or cannot be loaded."""

    exit_status = 5


class TreadmillError(CoachError):
    """The Bluetooth link to the treadmill; never fatal to a session."""


class SpeechError(CoachError):
    """The speech engine is missing, hangs or gave no sound; never fatal to a session."""


class StoreError(CoachError):
    """The session store cannot be opened, read or written."""


class FormatError(CoachError):
    """A file that is not what its name says, such as a damaged pose recording."""

    exit_status = 3
