"""Phrases: the words for cues and for the lines around them, in one language. Pure data; `coach.words` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coach.core.coaching.cues import CueKind


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say a cue: spoken in at most 1.5 s, shown in at most four words."""

    say: str
    banner: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every phrase of one language and wording. Empty, it names kinds and keys plainly."""

    language: str = "en"
    cues: Mapping[CueKind, tuple[Phrase, ...]] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)

    def cue(self, kind: CueKind, count: int) -> Phrase:
        """Words for the `count`-th cue of a kind (0 is the first): they take turns."""
        if ways := self.cues.get(kind):
            return ways[count % len(ways)]
        plain = kind.value.replace("_", " ")
        return Phrase(plain, plain)

    def line(self, key: str) -> str:
        """A line of words by its key; the key itself where there is none."""
        return self.lines.get(key, key)

    def spoken(self) -> tuple[str, ...]:
        """Every cue that may be said, so that it can be rendered ahead of time; not those with a number in them."""
        said = (phrase.say for ways in self.cues.values() for phrase in ways)
        return tuple(dict.fromkeys(text for text in said if "{" not in text))
