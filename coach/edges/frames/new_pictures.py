"""Between a source and whoever looks at its pictures: new ones go on, with the time at which they were taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from coach.edges.frames.picture_times import PictureTimes
from coach.edges.frames.repeats import Glance, RepeatWatch, difference, glance
from coach.ports import Frame, FrameSource, SourceEvent, SourceInfo

_NOTE_OVER_S: Final = 2.0
_NOTE_SHARE: Final = 0.03
"""Fewer repeats are a hiccup, which changes no angle."""


class NewPictures:
    """A source whose frames are new pictures. Everything else about it stays as it is."""

    def __init__(self, source: FrameSource) -> None:
        self.source = source

    @property
    def info(self) -> SourceInfo:
        """What the source says of itself."""
        return self.source.info

    def frames(self) -> Iterator[Frame | SourceEvent]:
        """Its new pictures and its events."""
        return new_pictures(self.source.frames())

    def close(self) -> None:
        """End `frames()` and let go of the source."""
        self.source.close()


def new_pictures(items: Iterable[Frame | SourceEvent]) -> Iterator[Frame | SourceEvent]:
    """What a source delivers, without the pictures that only repeat the one before.

    `index` counts new pictures (numbers that the source left out stay out), `repeated` what was taken out so far.
    """
    watch, times = RepeatWatch(), PictureTimes()
    last: Glance | None = None
    repeated, told = 0, RepeatNote()
    for item in items:
        if isinstance(item, SourceEvent):
            last = None
            yield item
            continue
        seen = glance(item.image_bgr)
        if last is not None and watch.step(item.t_s, difference(seen, last)):
            repeated += 1
            times.repeated(item.t_s)
            continue
        last = seen
        notes = (*item.notes, *told.step(item.t_s, item.index - repeated, repeated))
        yield replace(item, index=item.index - repeated, t_s=times.new(item.t_s), repeated=repeated, notes=notes)


class RepeatNote:
    """Says at which rate new pictures come, once it is known that some are repeats."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()
        self._told: tuple[str, ...] = ()

    def step(self, t_s: float, new: int, repeated: int) -> tuple[str, ...]:
        """What is to be told, after so many new pictures and so many repeats."""
        if self._told or not repeated:
            return self._told
        self._seen.append((t_s, new, repeated))
        if t_s - self._seen[0][0] < _NOTE_OVER_S:
            return ()
        first_s, first_new, first_repeated = self._seen.popleft()
        pictures, repeats = new - first_new, repeated - first_repeated
        if repeats < _NOTE_SHARE * (pictures + repeats):
            return ()
        rate, came = pictures / (t_s - first_s), (pictures + repeats) / (t_s - first_s)
        note = (
            f"only {rate:.0f} of {came:.0f} pictures a second are new, the others repeat them and are not measured; "
            "a camera gives more with more light, and a converter should keep the rate as it is"
        )
        self._told = (note,)
        return self._told
