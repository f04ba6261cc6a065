"""The voice: from wishes to at most one cue, spaced, in words that take turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from coach.core.coach_settings import CueSettings
from coach.core.coaching.cues import EXPIRES_AFTER_S, EXPIRES_AFTER_USUAL_S, PRIORITY, Cue, CueGate, CueKind
from coach.core.coaching.phrases import Phrases
from coach.core.pose import Side

WAITS_S: Final[dict[CueKind, float]] = {CueKind.RECOVERED: 3.0, CueKind.BASELINE_READY: 10.0, CueKind.STATUS: 15.0}
"""What is wished for once may wait so long for its turn; verdicts are wished for again as long as they hold."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to say now, if there is room. `values` fill the places in its words."""

    kind: CueKind
    side: Side | None = None
    values: tuple[tuple[str, str], ...] = ()


class Voice:
    """Chooses, spaces and words the cues of one session."""

    def __init__(self, settings: CueSettings, phrases: Phrases) -> None:
        self._gate = CueGate(settings)
        self._phrases = phrases
        self._waiting: dict[CueKind, tuple[Wish, float]] = {}
        self._counts: dict[CueKind, int] = {}

    def choose(self, t_s: float, wishes: Iterable[Wish], allowed: frozenset[CueKind]) -> Cue | None:
        """The most important wish that is allowed and whose time has come; the others are dropped or wait."""
        for wish in wishes:
            self._waiting[wish.kind] = (wish, t_s + WAITS_S.get(wish.kind, 0.0))
        chosen = None
        for kind in sorted(self._waiting, key=lambda kind: (-PRIORITY[kind], kind)):
            wish, until_s = self._waiting[kind]
            if chosen is None and t_s <= until_s and kind in allowed and self._gate.open(kind, t_s):
                chosen = wish
            if wish is chosen or t_s >= until_s:
                del self._waiting[kind]
        return self._word(chosen, t_s) if chosen else None

    def _word(self, wish: Wish, t_s: float) -> Cue:
        kind = wish.kind
        self._gate.passed(kind, t_s)
        count = self._counts.get(kind, 0)
        self._counts[kind] = count + 1
        phrase = self._phrases.cue(kind, count)
        values = dict(wish.values)
        return Cue(
            t_s=t_s,
            kind=kind,
            side=wish.side,
            text=phrase.say.format_map(values),
            banner=phrase.banner.format_map(values),
            expires_s=t_s + EXPIRES_AFTER_S.get(kind, EXPIRES_AFTER_USUAL_S),
            priority=PRIORITY[kind],
        )
