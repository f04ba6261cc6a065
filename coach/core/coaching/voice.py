"""The voice: from wishes to at most one cue, spaced, whose words take turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cues import Cue, CueClass, CueKind, Wish

SHORTEST_GAP_S: Final = 4.0
"""Between any two cues: a phrase of 1.5 s, and a breath."""
COUNTED_S: Final = 120.0
"""`cues.per_2_min` counts over this span: the two minutes of its name."""


class CueGate:
    """Spacing: never two at once, never two of a kind too soon, never more than a few in two minutes."""

    def __init__(self, settings: CueSettings) -> None:
        self._settings = settings
        self._given: deque[float] = deque()
        self._last: dict[CueKind, float] = {}

    def open(self, kind: CueKind, t_s: float) -> bool:
        """Whether a cue of this kind may be given now. Safety waits for nothing but its own refractory time."""
        traits = kind.traits
        if kind in self._last and t_s - self._last[kind] < self._settings.refractory_s * traits.spacing:
            return False
        if traits.cls is CueClass.SAFETY:
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


class Voice:
    """Chooses and spaces the cues of one session; words are joined to them outside the core."""

    def __init__(self, settings: CueSettings) -> None:
        self._gate = CueGate(settings)
        self._waiting: dict[CueKind, tuple[Wish, float]] = {}
        self._counts: dict[CueKind, int] = {}

    def choose(self, t_s: float, wishes: Iterable[Wish], allowed: frozenset[CueKind]) -> Cue | None:
        """The most important wish that is allowed and whose time has come; the others are dropped or wait."""
        for wish in wishes:
            self._waiting[wish.kind] = (wish, t_s + wish.kind.traits.waits_s)
        chosen = None
        for kind in sorted(self._waiting, key=lambda kind: (-kind.traits.priority, kind)):
            wish, until_s = self._waiting[kind]
            if chosen is None and t_s <= until_s and kind in allowed and self._gate.open(kind, t_s):
                chosen = wish
            if wish is chosen or t_s >= until_s:
                del self._waiting[kind]
        return self._give(chosen, t_s) if chosen else None

    def _give(self, wish: Wish, t_s: float) -> Cue:
        kind = wish.kind
        self._gate.passed(kind, t_s)
        count = self._counts.get(kind, 0)
        self._counts[kind] = count + 1
        return Cue(
            t_s=t_s,
            kind=kind,
            side=wish.side,
            text="",
            banner="",
            expires_s=t_s + kind.traits.expires_after_s,
            priority=kind.traits.priority,
            way=count,
            values=wish.values,
        )
