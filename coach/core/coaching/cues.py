"""Cues: what may be said to the runner. Every kind is one row of one table, and everything reads the row.

Rules (`cue_rules`) decide what is due, the `Voice` when it may be said; the edges only play and draw.
docs/how-to-add-a-cue.md walks through a new kind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Self

from coach.core.coach_settings import CueSettings
from coach.core.pose import SIDES, Side

Tone = Literal["low", "high", "recovered", "side", "warning", "notice"]
"""The tone before the words, a file in assets/sounds."""
Mark = Literal["up", "down", "tick", "diamond"]
"""The mark on the banner; an arrow points where the heel should go."""
Pan = tuple[float, float]
ONE_EAR: Final[dict[Side, Pan]] = {"left": (1.0, 0.3), "right": (0.3, 1.0)}
"""Left and right level of a tone about one leg: with earphones the ear knows the leg before the words."""


class CueClass(StrEnum):
    """What a cue is for."""

    SAFETY = "safety"
    """Goes before everything and waits for nothing but its own spacing."""
    ADVICE = "advice"
    """Asks for a change."""
    PRAISE = "praise"
    """Answers a change."""
    NOTICE = "notice"
    """Said to inform; a session's list of cues leaves it out."""


@dataclass(frozen=True, slots=True)
class CueTraits:
    """All there is to know about a kind of cue, but for its words (assets/words) and its rule (`cue_rules`)."""

    cls: CueClass
    priority: int
    """Higher goes first, safety is highest; the steps between leave room for new kinds."""
    spacing: float = 1.0
    """Least time between two of the kind, in multiples of `cues.refractory_s`."""
    expires_after_s: float = 4.0
    """Then it is dropped, never said late: six strides later the advice is about another runner."""
    waits_s: float = 0.0
    """How long a single wish may wait for its turn; a verdict is wished for again as long as it holds."""
    about_lift: bool = False
    """Said only while coaching, and while nothing forbids to speak of heel lift."""
    upward: bool = False
    """Not said while more lift may not be asked for (steps slower, more bounce)."""
    wants: Literal["more", "less", "under"] | None = None
    """Which way the heel lift goes where the cue worked, or the thigh further under; pages ask that only of kinds that
    say so, and end with one."""
    tone: Tone = "notice"
    pan: Pan = (1.0, 1.0)
    """Left and right level of the tone."""
    mark: Mark = "diamond"
    places: tuple[str, ...] = ()
    """What its words leave open, to be filled when it is said."""
    one_leg: str = ""
    """Begins the names of other words that name the leg, `_left` or `_right` ends them; empty where there are none."""
    for_one: str = ""
    """Name of other words for the number one; empty where there are none."""

    def words_for(self, side: Side) -> str:
        """Name of the words that name this leg; empty where there are none."""
        return f"{self.one_leg}_{side}" if self.one_leg else ""

    @property
    def other_words(self) -> tuple[str, ...]:
        """Names of all words that may say it besides its own."""
        return tuple(filter(None, (*map(self.words_for, SIDES), self.for_one)))

    @property
    def is_kept(self) -> bool:
        """Whether a session keeps it as a cue; a notice only informs."""
        return self.cls is not CueClass.NOTICE


def _one_lower(side: Side) -> CueTraits:
    """Of the cue for one leg that lifts less than the other: heard in its own ear."""
    return CueTraits(
        CueClass.ADVICE,
        40,
        spacing=6.0,
        about_lift=True,
        upward=True,
        wants="more",
        tone="side",
        pan=ONE_EAR[side],
        mark="up",
    )


class CueKind(StrEnum):
    """What a cue is about, one row each. The value is stored, and names its words in assets/words.

    Spacings are multiples of the set 25 s: an invitation (3) is rarer than a correction (1), a remark on left and
    right (6), which one camera sees least surely, rarer still, and so is a word to who is nearly there (6). Safety
    expires after 2 s, since who drifts has moved on by then. docs/coaching.md has the choice.

    >>> CueKind("heel_lift_low").traits.mark
    'up'
    """

    traits: CueTraits

    def __new__(cls, value: str, traits: CueTraits | None = None) -> Self:
        """The stored value and the row that goes with it; a kind without a row cannot be made."""
        if traits is None:
            raise TypeError(f"the cue {value!r} has no row")
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.traits = traits
        return kind

    UNDER_YOU = "under_you", CueTraits(CueClass.ADVICE, 62, about_lift=True, wants="under", one_leg="under")
    HEEL_LIFT_LOW = (
        "heel_lift_low",
        CueTraits(
            CueClass.ADVICE, 60, about_lift=True, upward=True, wants="more", tone="low", mark="up", one_leg="side"
        ),
    )
    HEEL_LIFT_HIGH = (
        "heel_lift_high",
        CueTraits(CueClass.ADVICE, 55, about_lift=True, wants="less", tone="high", mark="down", one_leg="lower"),
    )
    SIDE_LEFT = "side_left", _one_lower("left")
    SIDE_RIGHT = "side_right", _one_lower("right")
    RECOVERED = (
        "recovered",
        CueTraits(
            CueClass.PRAISE,
            50,
            spacing=0.0,
            expires_after_s=3.0,
            waits_s=3.0,
            about_lift=True,
            upward=True,
            tone="recovered",
            mark="tick",
        ),
    )
    NEARLY = "nearly", CueTraits(CueClass.PRAISE, 28, spacing=6.0, about_lift=True, upward=True, mark="up")
    PROGRAMME = (
        "programme",
        CueTraits(CueClass.ADVICE, 30, spacing=3.0, about_lift=True, upward=True, wants="more", one_leg="side"),
    )
    BASELINE_READY = "baseline_ready", CueTraits(CueClass.NOTICE, 20, waits_s=10.0)
    STEPPED_BACK = "stepped_back", CueTraits(CueClass.SAFETY, 100, expires_after_s=2.0, tone="warning")
    STATUS = "status", CueTraits(CueClass.NOTICE, 10, waits_s=15.0, places=("minutes",), for_one="status_one")


CUE_WORDS: Final = {kind.value: kind for kind in CueKind} | {
    name: kind for kind in CueKind for name in kind.traits.other_words if name not in set(CueKind)
}
"""Name of the words of a cue in assets/words → its kind, or the kind that says them, too."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say. It is dropped, never said late, once `expires_s` has passed."""

    t_s: float
    kind: CueKind
    side: Side | None
    text: str
    """What is spoken, in the runner's language."""
    banner: str
    """What the banner shows: at most four words. The core leaves both empty: `way` and `values` say how to word it."""
    expires_s: float
    way: int = 0
    """How many of its kind were given before: the ways to say it take turns."""
    values: tuple[tuple[str, str], ...] = ()
    """What fills the places in its words."""
    words: str = ""
    """Which words say it, as where they name the leg; empty: those of its kind."""
    both: bool = False
    """Whether both legs are meant; `side` is then the near one."""

    @property
    def pan(self) -> Pan:
        """Left and right level of its tone: in one ear where its words name the leg."""
        return ONE_EAR[self.side] if self.words and self.side else self.kind.traits.pan


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to say now, if there is room. Fields are those of the `Cue` that it becomes."""

    kind: CueKind
    side: Side | None = None
    values: tuple[tuple[str, str], ...] = ()
    words: str = ""
    both: bool = False


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
        for wish in reversed(list(wishes)):  # Of two of a kind the first counts.
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
            way=count,
            values=wish.values,
            words=wish.words,
            both=wish.both,
        )
