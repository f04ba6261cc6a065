"""The set-up check before the run: what the camera sees, item by item, each with a measured value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SetupItem(StrEnum):
    """What is checked, in the order in which it is shown and mended."""

    RUNNER = "runner"
    SIDE_ON = "side_on"
    WHOLE_BODY = "whole_body"
    SIZE = "size"
    LIGHT = "light"
    LEVEL = "level"
    FACING = "facing"
    SPEED = "speed"
    SOUND = "sound"


class Verdict(StrEnum):
    """What the check says of one item."""

    WAITING = "waiting"
    """Not measured yet."""
    OK = "ok"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class SetupResult:
    """One line of the check.

    value: the measured number in `unit`; NaN where there is none yet or where a word says it (`word`).
    remedy: key of the words that say how to mend it; None unless the verdict is MEND.
    """

    item: SetupItem
    verdict: Verdict
    value: float
    unit: str
    remedy: str | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class SetupState:
    """The whole check at one moment."""

    items: tuple[SetupResult, ...]
    starts_in_s: float
    """Seconds until the session goes on by itself; NaN while something keeps it back."""
    done: bool
    say: str | None = None
    """Key of the remedy to speak now; None for silence."""
