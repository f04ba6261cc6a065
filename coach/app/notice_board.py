"""What is noticed around a run, and where every notice is told.

Each takes the ways that the table of its kind names (`coach.core.notices.WAYS`).
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Final

from coach.core.notices import WAYS, Notice, NoticeKind
from coach.core.units import Units
from coach.core.words import Words
from coach.ports import Losable, Screen, Speaker
from coach.timing import SleepWatch

_LISTEN_S: Final = 0.5
"""The speaker is asked this often whether it can still be heard."""

Keep = Callable[[Notice, str], object]
"""Keep a notice, in these words, as an event of the session."""
Print = Callable[[Notice, str], object]


def nowhere(_notice: Notice, _text: str) -> None:
    """Keep or print nothing."""


class NoticeBoard:
    """Words a notice and tells it. `tell` may be called from any thread; `shown` is for the one that has the screen.

    `say`, `keep` and `print` must not wait: they are called in the teller's thread.
    """

    def __init__(
        self,
        words: Words,
        units: Units = "metric",
        *,
        say: Callable[[str], object] = lambda _text: None,
        keep: Keep = nowhere,
        print: Print = nowhere,  # noqa: A002 - the way's name in the table
    ) -> None:
        self.words = words
        self._units: Units = units
        self._say = say
        self._print = print
        self.keep = keep
        """Set once the session is there to be kept."""
        self._to_show: queue.SimpleQueue[str] = queue.SimpleQueue()

    def tell(self, notice: Notice) -> None:
        """Tell it by every way that is its kind's. One without words is only kept."""
        ways = WAYS[notice.kind]
        whole = notice.text(self.words, self._units)
        if ways.kept:
            self.keep(notice, whole)
        if not notice.key:
            return
        if ways.shown:
            self._to_show.put(notice.text(self.words, self._units, detail=ways.detail))
        if ways.said:
            self._say(notice.text(self.words, self._units, detail=False))
        if ways.printed:
            self._print(notice, whole)

    def shown(self) -> tuple[str, ...]:
        """What is to be shown since the last call, oldest first."""
        return tuple(self._to_show.get() for _ in range(self._to_show.qsize()))


class Surroundings:
    """Looks whether sound, window and the machine itself are still as they were, and says what changed."""

    def __init__(self, speaker: Speaker, screen: Screen) -> None:
        self._speaker = speaker
        self._screen = screen
        self._trouble: Notice | None = None
        self._listen_next_s = 0.0
        self._window_open = True
        self._sleep = SleepWatch()

    def look(self) -> list[Notice]:
        """What there is to tell since the last look; the run goes on either way."""
        found = []
        if (slept := self._sleep.look()) is not None:
            found.append(Notice(NoticeKind.SLEPT, "screen.slept", f"{slept.seconds:.0f} s"))
        if isinstance(self._screen, Losable) and self._screen.is_open != self._window_open:
            self._window_open = self._screen.is_open
            key = "screen.window_back" if self._window_open else "screen.window_lost"
            found.append(Notice(NoticeKind.WINDOW, key))
        if time.monotonic() >= self._listen_next_s:
            self._listen_next_s = time.monotonic() + _LISTEN_S
            found += self._listen()
        return found

    def _listen(self) -> list[Notice]:
        before, now = self._trouble, self._speaker.trouble()
        self._trouble = now
        if (before and before.kind) == (now and now.kind):
            return []
        if now is not None:
            return [now]
        return [Notice(before.kind, "screen.sound_back")] if before is not None else []
