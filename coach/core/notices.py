"""Notices: what is told about the run's surroundings, and which ways each kind takes to the runner.

A notice holds keys and values, no words: those are joined where it is told (`Notice.text`), in the runner's language.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from coach.core.units import Units
from coach.core.words import Words


class NoticeKind(StrEnum):
    """What a notice is about. The value is the kind of the event that a session keeps."""

    BELT_SPEED = "belt_speed"
    """Which source of the belt's speed holds, and where two of them disagree."""
    TREADMILL = "treadmill"
    """The link to the treadmill."""
    HEART = "heart"
    """The link to the heart-rate monitor."""
    COMPANION = "companion"
    """Whoever listens along: a watch at the foot pod, programs at the live outputs."""
    SOUND = "sound"
    """The sound card."""
    SPEECH = "speech"
    """The speech engine."""
    LIGHT = "light"
    WINDOW = "window"
    SLEPT = "slept"
    """The whole computer."""
    SET_UP = "set_up"
    """How the camera stands."""
    CHECK = "check"
    """What the set-up check asks for before the run."""
    STORAGE = "storage"
    """What cannot be kept, such as on a full disk."""
    SOURCE = "source"
    """What was found and mended about its pictures and times."""
    SOURCE_CUT = "source_cut"
    """That a file ends before its own headers say."""
    SOURCE_LOST = "source_lost"
    SOURCE_RETURNED = "source_returned"
    PAUSED = "paused"
    RESUMED = "resumed"
    QUESTION = "question"
    """What the runner is asked once, before the first programme."""
    ANSWER = "answer"
    """What the runner answered to it."""
    HURTS = "hurts"
    """The runner said that something hurts."""
    USAGE_DATA = "usage_data"
    """That a library sends some; said on the terminal before it is loaded."""
    SEEN = "seen"
    """What is seen in place of a runner who can be measured, and why strides are left out."""
    KEY = "key"
    """What a key did."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Which ways a kind of notice takes. `detail`: its detail is shown too; kept and printed it is always."""

    shown: bool = False
    said: bool = False
    kept: bool = False
    printed: bool = False
    detail: bool = False


WAYS: Final[Mapping[NoticeKind, Ways]] = {
    NoticeKind.BELT_SPEED: Ways(shown=True, kept=True, printed=True, detail=True),
    NoticeKind.TREADMILL: Ways(shown=True, kept=True, printed=True, detail=True),
    NoticeKind.HEART: Ways(shown=True, kept=True, printed=True, detail=True),
    NoticeKind.COMPANION: Ways(shown=True, kept=True, printed=True, detail=True),
    # Whoever hears nothing is told nothing by voice; what speech lacks, and what to type for it, fits the screen.
    NoticeKind.SOUND: Ways(shown=True, kept=True, printed=True),
    NoticeKind.SPEECH: Ways(shown=True, kept=True, printed=True, detail=True),
    NoticeKind.LIGHT: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.WINDOW: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.SLEPT: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.SET_UP: Ways(shown=True, said=True, kept=True, printed=True),
    # In the window the check has a page of its own.
    NoticeKind.CHECK: Ways(said=True, printed=True),
    NoticeKind.STORAGE: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.SOURCE: Ways(kept=True, printed=True, detail=True),
    NoticeKind.SOURCE_CUT: Ways(kept=True, printed=True),
    # The screen has a border and a mark of its own for as long as the camera is lost.
    NoticeKind.SOURCE_LOST: Ways(said=True, kept=True, printed=True),
    NoticeKind.SOURCE_RETURNED: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.PAUSED: Ways(kept=True),
    NoticeKind.RESUMED: Ways(kept=True),
    NoticeKind.SEEN: Ways(shown=True, said=True, kept=True, printed=True, detail=True),
    # On the screen it stands on a card of its own until it is answered.
    NoticeKind.QUESTION: Ways(printed=True, detail=True),
    NoticeKind.ANSWER: Ways(shown=True, kept=True, printed=True),
    NoticeKind.HURTS: Ways(shown=True, said=True, kept=True, printed=True),
    NoticeKind.USAGE_DATA: Ways(kept=True),
    NoticeKind.KEY: Ways(shown=True, detail=True),
}
"""The one place that says how a notice reaches the runner."""

SAID_AT_ONCE: Final = (
    "screen.hurts",
    "screen.camera_lost",
    "screen.camera_back",
    "screen.window_lost",
    "screen.window_back",
    "screen.slept",
    "screen.storage_lost",
    "screen.storage_back",
)
"""Lines of what happens in the middle of a run: their voice is rendered ahead of it, as that of cues is."""

NOT_KEPT: Final = "screen.storage_lost"
KEPT_AGAIN: Final = "screen.storage_back"
"""The two keys of storage. The detail of both names what it is that could not be kept."""

SOURCE_NOTE: Final = "screen.source"
"""Key of what stands before a note on the source; the note is its detail."""


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is itself a line of words, by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell."""

    kind: NoticeKind
    key: str = ""
    """Its line of words; empty for what is only kept."""
    detail: str | Word = ""
    """What is added to the words: a device's name, a reason, what to do."""
    values: tuple[tuple[str, float | str | Word], ...] = ()
    """What fills the places of its words; a number is a speed in m/s, a text stands as it is."""
    t_s: float | None = None
    """On the clock of the frames; None: when it is told."""

    @property
    def noted(self) -> str | None:
        """Key, detail and values as JSON, to be told in another language; None without a key."""
        if not self.key:
            return None
        values = [[name, _plain(value)] for name, value in self.values]
        return json.dumps([self.key, _plain(self.detail), values], ensure_ascii=False)

    def text(self, words: Words, units: Units, *, detail: bool = True) -> str:
        """Its words, with its detail or without; empty where it has neither."""
        values = {name: _said(value, words, units) for name, value in self.values}
        told = words.line(self.key, **values) if self.key else ""
        added = (words.line(self.detail.key) if isinstance(self.detail, Word) else self.detail) if detail else ""
        return ": ".join(filter(None, (told, added)))


def retold(kind: str, noted: str, words: Words, units: Units) -> str | None:
    """What was `noted`, in these words; None where they do not have it, as a line of another version of Coach."""
    try:
        key, detail, values = json.loads(noted)
        told = tuple((name, _meant(value)) for name, value in values)
        notice = Notice(NoticeKind(kind), key, _meant(detail), told)
        asked = (Word(key), notice.detail, *dict(told).values())
        known = all(word.key in words.lines for word in asked if isinstance(word, Word))
        return notice.text(words, units) if known else None
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def happened(kind: str, detail: str, noted: str | None, words: Words, units: Units) -> str:
    """An event of a session by its name, with what was told of it: in these words where it can be, else as kept.

    What has no words yet says its own name.
    """
    name = words.name(f"event.{kind}", words.name(f"run.activity.{kind}", kind))
    told = (retold(kind, noted, words, units) if noted else None) or detail
    return f"{name} {told}".strip()


def _plain(value: float | str | Word) -> object:
    return {"key": value.key} if isinstance(value, Word) else value


def _meant(value: Any) -> Any:
    return Word(str(value["key"])) if isinstance(value, dict) else value


def ended_early(seen_s: float, whole_s: float) -> Notice:
    """A file ended after so many of its seconds."""
    seen, whole = (f"{math.floor(seconds + 0.5)}" for seconds in (seen_s, whole_s))
    return Notice(NoticeKind.SOURCE_CUT, "screen.source_cut", values=(("seen", seen), ("whole", whole)))


def _said(value: float | str | Word, words: Words, units: Units) -> str:
    if isinstance(value, str):
        return value
    return words.line(value.key) if isinstance(value, Word) else words.speed(value, units)
