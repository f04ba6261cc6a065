"""What a number from outside may be. Every door reads its numbers here: recordings, tables, sessions, options.

A number that comes in is finite, lies in the range that its kind can have, and is written with ASCII digits. What is
unknown is not a number: null or an empty cell, which the caller knows. Whatever is refused is a ValueError of one
short line, however long the number was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}")
_LONGEST: Final = 40
"""So many characters of what was refused are shown; a screen's width is enough to find it by."""


def short(text: str) -> str:
    """Words that somebody else has chosen, short enough for a line."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def shown(value: object) -> str:
    """What was given as it is written in Python, short; an integer may have more digits than Python writes."""
    if isinstance(value, int) and abs(value) >= 10**_LONGEST:
        return f"a number of more than {_LONGEST} digits"
    if isinstance(value, str):
        return repr(short(value))
    return short(f"{value:.10g}" if isinstance(value, float) else repr(value))


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range, both ends included, of what is called `what` in messages."""

    low: float
    high: float
    what: str = "number"

    def given(self, value: object) -> float:
        """A number as JSON, TOML or SQL hold it. Raises ValueError for any other kind, and beyond the range."""
        if type(value) is float and self.low <= value <= self.high:  # nearly always
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise self._refused(value)
        return float(value)

    def given_or_nan(self, value: object) -> float:
        """The same, NaN for None."""
        return math.nan if value is None else self.given(value)

    def given_whole(self, value: object) -> int:
        """A whole number as JSON, TOML or SQL hold it. Raises ValueError for 3.0 and "3"."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self._refused(value, "whole ")
        return value

    def read(self, text: str) -> float:
        """A decimal number as it is typed. Raises ValueError for other words and other digits than ASCII's."""
        if not _DECIMAL.fullmatch(text.strip(" \t\r\n")):
            raise self._refused(text)
        return self.given(float(text))

    def read_whole(self, text: str) -> int:
        """A whole number as it is typed. Raises ValueError."""
        if not _WHOLE.fullmatch(text.strip(" \t\r\n")):
            raise self._refused(text, "whole ")
        return self.given_whole(int(text))

    def or_nan(self, value: float) -> float:
        """The number where it lies in the range, NaN elsewhere: for what a device says, whom nobody can ask again."""
        return value if self.low <= value <= self.high else math.nan

    @property
    def range(self) -> str:
        """Both ends in words."""
        return f"from {self.low:.12g} to {self.high:.12g}"

    def _refused(self, value: object, kind: str = "") -> ValueError:
        return ValueError(f"{shown(value)} is no {self.what}; give a {kind}number {self.range}")


DAY_S: Final = 86_400.0
FASTEST_MPS: Final = 12.5
"""No treadmill and no runner is faster; a larger number is a slip of the finger."""

TIME_S: Final = Bounds(-1e10, 1e10, "time in seconds")
"""Of a clock that may have begun in 1970; a run lasts a day at most, see `Clock`."""
PIXEL: Final = Bounds(-1e6, 1e6, "place in a picture in pixels")
"""No camera has so large a picture; the square of a coordinate beyond it may not be a number."""
SIDE_PX: Final = Bounds(1, 1e6, "width or height in pixels")
FPS: Final = Bounds(0.01, 100_000, "rate of pictures a second")
SPEED_MPS: Final = Bounds(0, FASTEST_MPS, "belt speed in m/s")
INCLINE_PCT: Final = Bounds(-30, 50, "incline in per cent")
"""Beyond any treadmill on sale: the steepest reach -6 to 40 %."""
CONFIDENCE: Final = Bounds(-1, 100, "confidence")
"""0 to 1 for most networks; heat maps overshoot a little, and some programs write per cent."""
COUNT: Final = Bounds(0, 1e9, "count")
SESSION_ID: Final = Bounds(1, 2**53, "session")
ANY: Final = Bounds(-1e12, 1e12, "number")
"""Of what no more is known."""

_BY_UNIT: Final[Mapping[str, Bounds]] = {
    "s": TIME_S,
    "ms": Bounds(0, 1e9, "time in milliseconds"),
    "day": Bounds(-1e6, 1e6, "day since 1970"),
    "px": PIXEL,
    "fps": FPS,
    "mps": SPEED_MPS,
    "pct": Bounds(-1000, 1000, "share in per cent"),
    "deg": Bounds(-360, 360, "angle in degrees"),
    "ll": Bounds(-100, 100, "length in leg lengths"),
    "bpm": Bounds(0, 300, "heart rate"),
    "spm": Bounds(0, 10_000, "number of steps a minute"),
}


def bounds_of(name: str) -> Bounds:
    """The range of a field by the unit that ends its name, such as `_deg`; `ANY` where the name ends otherwise."""
    return _BY_UNIT.get(name.rpartition("_")[2], ANY)


class Clock:
    """The times of one recording: none earlier than the one before, and none a day after the first."""

    def __init__(self) -> None:
        self._first_s = math.nan
        self.last_s = -math.inf
        """Time of the newest frame."""

    def tick(self, t_s: float, *, rising: bool = False) -> float:
        """The time of the next frame, as it was given. Raises ValueError where it cannot follow.

        rising: the same time again is refused, too.
        """
        if t_s < self.last_s or (rising and t_s == self.last_s):
            raise ValueError(f"time does not rise from {self.last_s:.10g} s to {t_s:.10g} s")
        if t_s - self._first_s > DAY_S:
            raise ValueError(f"the recording lasts longer than a day, from {self._first_s:.10g} s to {t_s:.10g} s")
        if math.isnan(self._first_s):
            self._first_s = t_s
        self.last_s = t_s
        return t_s
