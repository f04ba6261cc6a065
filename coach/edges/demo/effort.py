"""What the demo's runner does over time: belt speed, heel lift, listening to the coach, and when the feet land."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from coach.core.coaching.cues import CueKind
from coach.core.pose import Side, other
from coach.edges.demo import gait_curves


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


LEAD_IN_S = 2.0
"""Steps are planned from a little before time 0, so that the first frame is in mid-run."""


@dataclass(slots=True)
class Footfalls:
    """Initial contacts of both feet in turn; even numbers are `first`'s.

    The same seed gives the same steps, in whatever order they are asked for.
    """

    speed_mps: Ramp
    first: Side
    cadence_scale: float = 1.0
    step_sd: float = 0.012
    """Light irregularity of a step's length, a share of it."""
    seed: int = 0
    _contact_s: list[float] = field(default_factory=list, init=False)
    _noise: np.random.Generator = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._noise = np.random.default_rng([self.seed, 1])
        self._contact_s.append(-LEAD_IN_S - 0.3 * self._step_s(0.0))

    def contact_s(self, number: int) -> float:
        """Time of a contact by its number, from 0."""
        with self._lock:
            while len(self._contact_s) <= number:
                self._add()
            return self._contact_s[number]

    def number_at(self, t_s: float) -> int:
        """Number of the last contact at or before a time."""
        with self._lock:
            while self._contact_s[-1] <= t_s:
                self._add()
            return max(bisect_right(self._contact_s, t_s) - 1, 0)

    def side(self, number: int) -> Side:
        """Whose foot lands."""
        return self.first if number % 2 == 0 else other(self.first)

    def step_phase(self, t_s: float) -> float:
        """0 at a contact of either foot, up to 1 at the next."""
        number = self.number_at(t_s)
        start = self.contact_s(number)
        return (t_s - start) / (self.contact_s(number + 1) - start)

    def _add(self) -> None:
        last = self._contact_s[-1]
        wobble = 1 + self.step_sd * float(np.clip(self._noise.standard_normal(), -2.5, 2.5))
        self._contact_s.append(last + self._step_s(last) * wobble)

    def _step_s(self, t_s: float) -> float:
        return 60 / (gait_curves.cadence_spm(self.speed_mps(t_s)) * self.cadence_scale)
