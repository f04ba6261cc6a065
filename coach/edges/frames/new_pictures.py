"""Between a source and whoever looks at its pictures: new ones go on, with the time at which they were taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import Final

from coach.edges.frames.picture_times import PictureTimes
from coach.edges.frames.repeats import Glance, RepeatWatch, difference, glance
from coach.ports import Frame, FrameSource, SourceEvent, SourceInfo

_NOTE_OVER_S: Final = 2.0
_AHEAD: Final = 24
"""Pictures that are enough to tell: four new ones where each comes six times, four repeats of 25 as 30."""
_AHEAD_BYTES: Final = 160_000_000
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
        return new_pictures(self.source.frames(), ahead=not self.info.live)

    def close(self) -> None:
        """End `frames()` and let go of the source."""
        self.source.close()


def new_pictures(items: Iterable[Frame | SourceEvent], *, ahead: bool = False) -> Iterator[Frame | SourceEvent]:
    """What a source delivers, without the pictures that only repeat the one before.

    `index` counts new pictures (numbers that the source left out stay out), `repeated` what was taken out so far.
    ahead: read some pictures before the first is given, as from a file: what repeats is known from the start then,
    else after some eight pictures.
    """
    watch, times, told = RepeatWatch(), PictureTimes(), RepeatNote()
    rest = iter(items)
    held = _held(rest) if ahead else []
    watch.know(held[0].t_s if held else 0.0, _differences(held))
    last: Glance | None = None
    repeated = 0
    for item in chain(held, rest):
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


def _held(items: Iterator[Frame | SourceEvent]) -> list[Frame]:
    """The first pictures of a file."""
    held: list[Frame] = []
    while len(held) < _AHEAD and sum(frame.image_bgr.nbytes for frame in held) < _AHEAD_BYTES:
        item = next(items, None)
        if item is None:
            break
        if isinstance(item, Frame):
            held.append(item)
    return held


def _differences(frames: list[Frame]) -> Iterator[float]:
    return (difference(a, b) for a, b in pairwise([glance(frame.image_bgr) for frame in frames]))


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
