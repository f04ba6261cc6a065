"""Cues: what is said to the runner, and when. Policy lives here; the edges only play."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach.core.coach_settings import CueSettings
from coach.core.pose import Side


class CueKind(StrEnum):
    """What a cue is about. The value is stored, and names its words in assets/cues."""

    HEEL_LIFT_LOW = "heel_lift_low"
    HEEL_LIFT_HIGH = "heel_lift_high"
    SIDE_LEFT = "side_left"
    SIDE_RIGHT = "side_right"
    RECOVERED = "recovered"
    PROGRAMME = "programme"
    BASELINE_READY = "baseline_ready"
    STEPPED_BACK = "stepped_back"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say. It is dropped, never said late, once `expires_s` has passed."""

    t_s: float
    kind: CueKind
    side: Side | None
    text: str
    """What is spoken, in the runner's language."""
    banner: str
    """What the banner shows: at most four words."""
    expires_s: float
    priority: int
    """Higher goes first; safety is highest."""


ANNOUNCEMENTS: Final = frozenset({CueKind.BASELINE_READY, CueKind.STATUS})
"""Said to inform; all other kinds are advice."""

PRIORITY: Final[dict[CueKind, int]] = {
    CueKind.STEPPED_BACK: 100,
    CueKind.HEEL_LIFT_LOW: 60,
    CueKind.HEEL_LIFT_HIGH: 55,
    CueKind.RECOVERED: 50,
    CueKind.SIDE_LEFT: 40,
    CueKind.SIDE_RIGHT: 40,
    CueKind.PROGRAMME: 30,
    CueKind.BASELINE_READY: 20,
    CueKind.STATUS: 10,
}

EXPIRES_AFTER_S: Final[dict[CueKind, float]] = {CueKind.STEPPED_BACK: 2.0, CueKind.RECOVERED: 3.0}
EXPIRES_AFTER_USUAL_S: Final = 4.0
"""Six strides later the advice is about another runner."""

SHORTEST_GAP_S: Final = 4.0
"""Between any two cues: a phrase of 1.5 s, and a breath."""
COUNTED_S: Final = 120.0
REFRACTORY_TIMES: Final[dict[CueKind, float]] = {
    CueKind.PROGRAMME: 3.0,
    CueKind.SIDE_LEFT: 6.0,
    CueKind.SIDE_RIGHT: 6.0,
    CueKind.STEPPED_BACK: 1.0,
}
"""Multiples of `cues.refractory_s`: an invitation is rarer than a correction."""


class CueGate:
    """Spacing: never two at once, never two of a kind too soon, never more than a few in two minutes."""

    def __init__(self, settings: CueSettings) -> None:
        self._settings = settings
        self._given: deque[float] = deque()
        self._last: dict[CueKind, float] = {}

    def open(self, kind: CueKind, t_s: float) -> bool:
        """Whether a cue of this kind may be given now. Safety waits for nothing but its own refractory time."""
        refractory_s = self._settings.refractory_s * REFRACTORY_TIMES.get(kind, 1.0)
        if kind in self._last and t_s - self._last[kind] < (0.0 if kind is CueKind.RECOVERED else refractory_s):
            return False
        if kind is CueKind.STEPPED_BACK:
            return True
        recent = [given for given in self._given if t_s - given < COUNTED_S]
        if recent and t_s - recent[-1] < SHORTEST_GAP_S:
            return False
        return len(recent) < self._settings.per_2_min

    def passed(self, kind: CueKind, t_s: float) -> None:
        """Note that a cue was given."""
        self._last[kind] = t_s
        self._given.append(t_s)
        while self._given and t_s - self._given[0] >= COUNTED_S:
            self._given.popleft()
