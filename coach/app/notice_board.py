"""Where every notice is told: each takes the ways that the table of its kind names (`coach.core.notices.WAYS`)."""

from __future__ import annotations

import queue
from collections.abc import Callable

from coach.core.notices import WAYS, Notice
from coach.core.units import Units
from coach.core.words import Words

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
