"""Planned intervals: `5min@9, 8x(1min@14, 1min@9), 5min@8` becomes a speed for every moment of the run."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from coach.core.bounds import DAY_S, INCLINE_PCT, shown
from coach.core.units import AS_TYPED, METRES_PER_KM, SECONDS_PER_HOUR, parse_speed_mps
from coach.errors import ConfigError

EXAMPLE: Final = '"5min@9, 8x(1min@14, 1min@9), 5min@8"'

MOST_STEPS: Final = 2000
SHORTEST_STEP_S: Final = 5.0
"""No belt changes its speed in less; a shorter step is a slip, such as `5m` (metres) for `5min`."""
_BELT_CHANGES_S: Final = 2.0
"""A belt takes so long to another speed."""
_DEEPEST: Final = 8

_REPEAT: Final = re.compile(r"(\d{1,3})\s*[x×*]\s*", AS_TYPED)
_STEP: Final = re.compile(r"([^@(),]+)@\s*([^@(),]+)")
_CLOCK: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", AS_TYPED)
_SPAN: Final = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*min)?\s*(?:(\d+(?:\.\d+)?)\s*s(?:ec)?)?", AS_TYPED
)
_ON_INCLINE: Final = re.compile(r"(.*\S)\s+([+−-]?\d+(?:\.\d+)?)\s*%\s*", AS_TYPED)
_DISTANCE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km|m)", AS_TYPED)


@dataclass(frozen=True, slots=True)
class PlanStep:
    """So long at such a speed."""

    duration_s: float
    speed_mps: float
    incline_pct: float = math.nan
    """NaN where the plan names none."""


@dataclass(frozen=True, slots=True)
class SpeedPlan:
    """Steps one after the other; the last one's speed holds after the end, as the belt goes on running."""

    steps: tuple[PlanStep, ...]

    @property
    def duration_s(self) -> float:
        """Length of all steps together."""
        return sum(step.duration_s for step in self.steps)

    @property
    def climbs(self) -> bool:
        """Whether it names an incline: what names none is then run on the level."""
        return not all(math.isnan(step.incline_pct) for step in self.steps)

    def index_at(self, elapsed_s: float) -> int:
        """Number of the step that holds `elapsed_s` after the plan's start."""
        ends = list(accumulate(step.duration_s for step in self.steps))
        return min(bisect_right(ends, elapsed_s), len(self.steps) - 1)

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """(seconds after the start, m/s) of a belt that follows it: even within a step, changing at its beginning."""
        starts = accumulate((step.duration_s for step in self.steps[:-1]), initial=0.0)
        before = [self.steps[0], *self.steps[:-1]]
        return tuple(
            corner
            for start_s, last, step in zip(starts, before, self.steps, strict=True)
            for corner in ((start_s, last.speed_mps), (start_s + _BELT_CHANGES_S, step.speed_mps))
        )

    def at(self, elapsed_s: float) -> float:
        """The planned speed in m/s, `elapsed_s` after the plan's start."""
        return self.steps[self.index_at(elapsed_s)].speed_mps


def parse_plan(text: str) -> SpeedPlan:
    """The plan that a runner writes: steps `duration@speed` or `distance@speed`, repeats `8x(…)`.

    Durations are `5min`, `90s`, `1min30s`, `1h`, `1:30` (min:s); distances `400m`, `2km`; speeds as everywhere
    (`9` is km/h, `6mph`, `5:30/km`), perhaps with an incline behind it (`9 6%`).
    Raises ConfigError that shows the place and an example.
    """
    reader = _Reader(text)
    steps = reader.steps(depth=0)
    if not reader.done:
        raise reader.error("a closing bracket without an opening one")
    plan = SpeedPlan(tuple(steps))
    if plan.duration_s > DAY_S:
        raise ConfigError(f"the plan {shown(text)} lasts longer than a day; write durations as 5min or 90s")
    return plan


class _Reader:
    """Reads a plan from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def done(self) -> bool:
        self._skip_space()
        return self._at >= len(self._text)

    def error(self, what: str) -> ConfigError:
        rest = shown(self._text[self._at :].strip() or "its end")
        return ConfigError(f"cannot read the plan at {rest}: {what}; write for example {EXAMPLE}")

    def steps(self, depth: int) -> list[PlanStep]:
        if depth > _DEEPEST:
            raise self.error("too many brackets inside each other")
        found = self._item(depth)
        while self._take(","):
            found += self._item(depth)
            if len(found) > MOST_STEPS:
                raise self.error(f"more than {MOST_STEPS} steps")
        return found

    def _item(self, depth: int) -> list[PlanStep]:
        self._skip_space()
        if match := _REPEAT.match(self._text, self._at):
            times = int(match[1])
            if not times:
                raise self.error("nothing can be repeated 0 times")
            self._at = match.end()
            inner = self._bracket(depth) if self._take("(") else [self._step()]
            if times * len(inner) > MOST_STEPS:
                raise self.error(f"more than {MOST_STEPS} steps")
            return times * inner
        return self._bracket(depth) if self._take("(") else [self._step()]

    def _bracket(self, depth: int) -> list[PlanStep]:
        inner = self.steps(depth + 1)
        if not self._take(")"):
            raise self.error("a bracket is not closed")
        return inner

    def _step(self) -> PlanStep:
        match = _STEP.match(self._text, self._at)
        if match is None:
            raise self.error("expected a step such as 5min@9 (a decimal point, no decimal comma)")
        try:
            speed_mps, incline_pct = _belt(match[2])
        except ValueError as error:
            raise self.error(str(error)) from None
        duration_s = _duration_s(match[1].strip(), speed_mps)
        if duration_s is None:
            raise self.error(f"{shown(match[1].strip())} is no duration or distance (5min, 90s, 1:30, 400m, 2km)")
        if duration_s < SHORTEST_STEP_S:
            raise self.error(f"a step of less than {SHORTEST_STEP_S:.0f} s (5min is minutes, 400m is metres)")
        self._at = match.end()
        return PlanStep(duration_s, speed_mps, incline_pct)

    def _take(self, sign: str) -> bool:
        self._skip_space()
        if self._text.startswith(sign, self._at):
            self._at += 1
            return True
        return False

    def _skip_space(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1


def _belt(text: str) -> tuple[float, float]:
    """Speed in m/s and incline in per cent, NaN for none, of a step's second half. Raises ValueError."""
    if match := _ON_INCLINE.fullmatch(text):
        return parse_speed_mps(match[1]), INCLINE_PCT.given(float(match[2].replace("−", "-")))
    if "%" in text:
        raise ValueError(f"cannot read the incline in {shown(text.strip())}; write it behind the speed, as 9 6%")
    return parse_speed_mps(text), math.nan


def _duration_s(text: str, speed_mps: float) -> float | None:
    """Seconds of a step's first half; None where it cannot be read."""
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return SECONDS_PER_HOUR * hours + 60 * minutes + seconds
    if match := _DISTANCE.fullmatch(text):
        metres = float(match[1]) * (METRES_PER_KM if match[2].lower() == "km" else 1.0)
        return metres / speed_mps if speed_mps > 0 else None
    if (match := _SPAN.fullmatch(text)) and any(match.groups()):
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return SECONDS_PER_HOUR * hours + 60 * minutes + seconds
    return None
