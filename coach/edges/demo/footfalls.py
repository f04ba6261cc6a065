"""When the feet land: the runner's rhythm, planned as far ahead as anybody asks."""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from coach.core.pose import Side, other
from coach.edges.demo import gait_curves
from coach.edges.demo.effort import Ramp

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
