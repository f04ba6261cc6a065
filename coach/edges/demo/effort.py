"""What the demo's runner does over time: belt speed, heel lift, and listening to the coach."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Protocol

from coach.core.coaching.cues import CueKind


@dataclass(frozen=True, slots=True)
class Ramp:
    """A value over time: straight lines between (t_s, value) points, held before the first and after the last."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not self.points or any(b[0] <= a[0] for a, b in pairwise(self.points)):
            raise ValueError("a ramp needs points in rising time order")

    def __call__(self, t_s: float) -> float:
        """The value at a time."""
        after = bisect_right(self.points, t_s, key=lambda point: point[0])
        if after == 0:
            return self.points[0][1]
        if after == len(self.points):
            return self.points[-1][1]
        (t0, a), (t1, b) = self.points[after - 1], self.points[after]
        return a + (b - a) * (t_s - t0) / (t1 - t0)

    def integral(self, t_s: float) -> float:
        """Area under the ramp from 0 to `t_s`; for a speed, the way covered."""
        knots = [0.0, *(t for t, _ in self.points if min(0.0, t_s) < t < max(0.0, t_s)), t_s]
        knots.sort()
        area = sum((b - a) * (self(a) + self(b)) / 2 for a, b in pairwise(knots))
        return area if t_s >= 0 else -area


def steady(value: float) -> Ramp:
    """The same value at all times."""
    return Ramp(((0.0, value),))


def ramp(value: float | Sequence[tuple[float, float]]) -> Ramp:
    """A ramp from one number or from (t_s, value) points."""
    return (
        steady(float(value)) if isinstance(value, int | float) else Ramp(tuple((float(t), float(v)) for t, v in value))
    )


class HeelLift(Protocol):
    """Degrees of peak swing flexion above (or below) what the runner does when fresh."""

    def __call__(self, t_s: float) -> float:
        """Offset at a time; asked once a stride, in time order."""
        ...

    def hear(self, cue_kind: str, t_s: float) -> None:
        """The coach said something."""
        ...


@dataclass(slots=True)
class Scripted:
    """Heel lift that follows a ramp and hears nothing."""

    offset_deg: Ramp = field(default_factory=lambda: steady(0.0))

    def __call__(self, t_s: float) -> float:
        """The ramp's value."""
        return self.offset_deg(t_s)

    def hear(self, cue_kind: str, t_s: float) -> None:
        """Nothing changes."""


LIFTING_CUES: Final = frozenset(kind for kind in CueKind if kind.traits.mark == "up")
"""Cues that call back a heel that has sunk: their arrow points up."""


@dataclass(slots=True)
class Tiring:
    """A runner who tires, lets the heels sink, and lifts them again when the coach asks.

    Fresh until `tire_from_s`, then sinking by `drop_deg` within `tire_over_s`. The runner
    recovers `reaction_s` after a cue, or at `recover_from_s` where nobody cues, holds for
    `fresh_s` and tires again.
    """

    tire_from_s: float = 15.5
    tire_over_s: float = 2.5
    drop_deg: float = 14.0
    recover_from_s: float = 32.0
    reaction_s: float = 0.8
    recover_over_s: float = 1.5
    fresh_s: float = 16.0
    _recovering_s: float | None = field(default=None, init=False)

    def __call__(self, t_s: float) -> float:
        """The offset at a time, 0 fresh and −drop_deg tired."""
        self._advance(t_s)
        tired = min(max((t_s - self.tire_from_s) / self.tire_over_s, 0.0), 1.0)
        return -self.drop_deg * _ease(tired) * (1 - _ease(self._recovered(t_s)))

    def hear(self, cue_kind: str, t_s: float) -> None:
        """Recover soon, if the cue asks for it and the heels are low."""
        if cue_kind in LIFTING_CUES and self._recovering_s is None and t_s >= self.tire_from_s:
            self._recovering_s = t_s + self.reaction_s

    def _recovered(self, t_s: float) -> float:
        start = self._recovering_s if self._recovering_s is not None else self.recover_from_s
        return min(max((t_s - start) / self.recover_over_s, 0.0), 1.0)

    def _advance(self, t_s: float) -> None:
        """Begin the next round once this one is over."""
        start = self._recovering_s if self._recovering_s is not None else self.recover_from_s
        rest_from = start + self.recover_over_s
        if t_s >= rest_from + self.fresh_s:
            waits = self.recover_from_s - self.tire_from_s
            self.tire_from_s = rest_from + self.fresh_s
            self.recover_from_s = self.tire_from_s + waits
            self._recovering_s = None


def _ease(x: float) -> float:
    """Smooth step from 0 to 1."""
    return x * x * (3 - 2 * x)
