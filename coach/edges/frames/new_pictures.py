"""Between a source and whoever looks at its pictures: new ones go on, with the time at which they were taken.

Cameras in dim rooms, phone streams and converters deliver the same picture twice. A repeat is found by what it shows.
It is never quite the same: converters encode it again. But a person who runs changes a part of the picture by far more
than a codec does, so the differences of a window of time fall into two heaps, or into one where nothing is repeated.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach.core.units import FloatArray
from coach.edges.frames.picture_measures import Glance, PictureTimes, difference, glance
from coach.ports import Frame, FrameSource, SourceEvent, SourceInfo

_WINDOW_S: Final = 2.5
"""Some three strides: fast and slow moments of the body in one window."""
_WINDOW_MOST: Final = 240
_LARGE_LEAST: Final = 4
"""So many pictures that differ must have been seen before one can be called a repeat."""
_MOTION_LEAST: Final = 4.0
"""Grey levels. A runner makes 14 at the least (60 a second, dim room); below, nobody moves and nothing is told."""
_SMALL_MOST: Final = 0.2
"""Share of the large differences. New pictures of a runner have 0.35 or more, repeats below 0.12 even where 200 kbit/s
were encoded twice, and 0.01 as converters usually leave them."""
_GAP_LEAST: Final = 2.2
"""Ratio of the least large difference to the largest small one; one heap cut in two has 1.0 to 1.3."""
_STRAY: Final = 0.1
"""Of either heap this share may lie apart: the first pictures of a file, that its codec still sharpens."""
_FLOOR: Final = 0.03
"""Share of the large differences below which one is as good as none: ratios of next to nothing say nothing."""
_LONGEST_S: Final = 0.25
"""A picture that stays for longer is a still scene, which is shown as it is: nobody runs in it."""
_EVEN_SHARE: Final = 0.8
"""For this share of the time pictures are shown n or n + 1 times where a machine repeats them; people who stand and
stir now and then make no such order."""
_EVEN_MOST: Final = 9
"""Times that one picture is shown at the most: 8 where 7.5 a second come as 60."""

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
    first = [item for item in held if isinstance(item, Frame)]
    watch.know(first[0].t_s if first else 0.0, _differences(first))
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


def _held(items: Iterator[Frame | SourceEvent]) -> list[Frame | SourceEvent]:
    """The first pictures of a file, and what it says among them."""
    held: list[Frame | SourceEvent] = []
    held_bytes = 0
    while len(held) < _AHEAD and held_bytes < _AHEAD_BYTES and (item := next(items, None)) is not None:
        held.append(item)
        held_bytes += item.image_bgr.nbytes if isinstance(item, Frame) else 0
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


class RepeatWatch:
    """Decides picture by picture, from the differences to the last new one. It is never late."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=_WINDOW_MOST)
        self._new_s = math.inf
        self._still = False

    def know(self, t_s: float, differences: Iterable[float]) -> None:
        """Tell it before the first picture what is to come: from picture to picture, from `t_s` on."""
        self._seen.extend((t_s, changed) for changed in differences if math.isfinite(changed))

    def step(self, t_s: float, changed: float) -> bool:
        """Whether the picture at `t_s` repeats the last new one, from which it differs by `changed` grey levels."""
        while self._seen and not 0 <= t_s - self._seen[0][0] <= _WINDOW_S:
            self._seen.popleft()
        if math.isfinite(changed):
            self._seen.append((t_s, changed))
        self._new_s = min(self._new_s, t_s)
        repeat = changed < self._limit()
        self._still = repeat and (self._still or t_s - self._new_s > _LONGEST_S)
        if repeat and not self._still:
            return True
        self._new_s = t_s
        return False

    def _limit(self) -> float:
        """What a repeat stays below; 0 where the differences are of one kind."""
        if len(self._seen) <= _LARGE_LEAST:
            return 0.0
        differences = np.array([changed for _, changed in self._seen])
        ordered = np.sort(differences)
        large = float(ordered[-max(round(0.05 * ordered.size), 2)])
        if large < _MOTION_LEAST:
            return 0.0
        small = _smaller_heap(ordered, _FLOOR * large)
        others = ordered.size - small
        most_small, least_other = ordered[small - 1 - int(_STRAY * small)], ordered[small + int(_STRAY * others)]
        apart = least_other >= _GAP_LEAST * max(most_small, _FLOOR * large)
        if most_small > _SMALL_MOST * large or not apart or others < _LARGE_LEAST:
            return 0.0
        limit = math.sqrt(max(ordered[small - 1], _FLOOR * large) * ordered[small])
        return limit if _evenly_repeated(differences < limit) else 0.0


def _smaller_heap(ordered: FloatArray, floor: float) -> int:
    """How many of the differences belong to the heap of small ones, where they are cut into two heaps of ratios.

    The cut is where the variance between the heaps is the largest (Otsu's threshold), on a scale of logarithms.
    """
    logs = np.log(ordered + floor)
    below = np.arange(1, logs.size)
    sums = np.cumsum(logs)
    apart = (sums[-1] - sums[:-1]) / (logs.size - below) - sums[:-1] / below
    return int(below[np.argmax(below * (logs.size - below) * apart**2)])


def _evenly_repeated(small: NDArray[np.bool_]) -> bool:
    """Whether pictures are shown n or n + 1 times for nearly all of the window, as a machine would do it."""
    starts = np.flatnonzero(~small)
    if starts.size < 2:
        return False
    shown = np.diff(starts)
    deliveries = np.bincount(shown, minlength=_EVEN_MOST + 1)[: _EVEN_MOST + 1] * np.arange(_EVEN_MOST + 1)
    still = small.size - 1 - starts[-1]
    counted = int(shown.sum()) + (int(still) if still > _EVEN_MOST else 0)
    return bool(np.max(deliveries[1:-1] + deliveries[2:]) >= _EVEN_SHARE * counted)
