"""What is known of a record's fields: unit, digits, meaning, label. Files, tables, pages and docs derive from it.

The notes stand with the fields themselves, as `field(metadata=note(…))`; `columns_of` reads them with the types.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import numpy as np

_KEY: Final = "column"

Kind = Literal["number", "flag", "word"]
Group = Literal["leg", "measured", "belt", "band", "trust"]
GROUPS: Final[tuple[Group, ...]] = ("leg", "measured", "belt", "band", "trust")
"""The order in which columns stand in every table."""
UNITS: Final = {
    "": "",
    "s": "s",
    "deg": "°",
    "ll": "leg lengths",
    "spm": "steps per minute",
    "mps": "m/s",
    "pct": "per cent",
    "dps": "°/s",
    "cm": "cm",
}
"""Every unit as it is written out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a figure is written for a runner: value · scale, rounded to `digits`, then the unit."""

    label: str
    """In English; where a language has other words, they are its line `stride.` + the field's name."""
    unit: str = ""
    """As it is written in every language, or the key of its line of words."""
    scale: float = 1.0
    digits: int = 0
    where: frozenset[Literal["page", "compare", "screen", "form"]] = frozenset({"page"})
    """`screen`: the view of numbers; `form`: the view of how leg and trunk are held."""


@dataclass(frozen=True, slots=True)
class FitField:
    """A developer field of a FIT record, 32-bit float. Numbers are for ever: one that was used is never used again."""

    number: int
    name: str
    units: str
    scale: float = 1.0


NORM_REACH_MPS: Final = 0.5
"""Half a metre a second beyond the speeds that were measured; farther off nothing is said of runners in general."""


@dataclass(frozen=True, slots=True)
class Norm:
    """What runners in general do, by speed: mean and spread between them, in the field's unit, and who measured it."""

    speeds_mps: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    source: str
    """As it is cited, in every language alike."""

    def at(self, speed_mps: float) -> tuple[float, float]:
        """Mean and SD at a speed, held up to half a metre a second beyond what was measured; NaN farther off.

        Examples
        --------
        >>> norm = Norm((2.5, 3.5), (20.0, 30.0), (2.0, 3.0), "somebody")
        >>> norm.at(3.0), norm.at(3.9), norm.at(4.1)
        ((25.0, 2.5), (30.0, 3.0), (nan, nan))
        """
        if not self.speeds_mps[0] - NORM_REACH_MPS <= speed_mps <= self.speeds_mps[-1] + NORM_REACH_MPS:
            return math.nan, math.nan
        # To the centimetre a second: a session that was rounded into a file and back has the same norms.
        known_mps = round(speed_mps, 2)
        mean, sd = (float(np.interp(known_mps, self.speeds_mps, row)) for row in (self.means, self.sds))
        return mean, sd


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of one field."""

    about: str
    group: Group
    unit: str = ""
    """One of `UNITS`."""
    digits: int = 4
    """Decimals in JSON and CSV; more than is known."""
    least: float | None = None
    key: str = ""
    """Its name in JSON and CSV, where that is another."""
    certain: bool = False
    """Never unknown."""
    moment: bool = False
    """A time on the run's clock, not how long something took."""
    formerly: tuple[str, ...] = ()
    """Names of its column in tables that an earlier version has written."""
    near_only: bool = False
    """The far leg is measured too badly for it: means are those of the near leg."""
    summed: bool = False
    """Its mean and SD over the run stand in the summary."""
    shown: Shown | None = None
    fit: FitField | None = None
    sd: str = ""
    """The field that holds its one-sigma uncertainty."""
    norm: Norm | None = None
    each_leg: bool = False
    """Either leg has its own, and the far one is measured well enough to be held against the near one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field with its name, its type and what is known of it."""

    name: str
    kind: Kind
    words: tuple[str, ...]
    """What a column of words can hold; empty for the other kinds."""
    nullable: bool
    derived: bool
    """Follows from other fields: written where people and programs read, never stored."""
    note: Note

    @property
    def key(self) -> str:
        """Its name in JSON and CSV."""
        return self.note.key or self.name


def note(about: str, group: Group, **more: Any) -> Mapping[str, Note]:
    """Metadata for a dataclass field or `Annotated` property; `more` as in `Note`."""
    return {_KEY: Note(about, group, **more)}


@cache
def columns_of(record: type, derived: tuple[tuple[str, str, Note], ...] = ()) -> tuple[Column, ...]:
    """The columns of a record's dataclass, group by group.

    derived: properties that are columns too, each with the field before which it stands and what is known of it.
    """
    hints = get_type_hints(record)
    own = [_column(f.name, hints[f.name], f.metadata[_KEY]) for f in fields(record)]
    columns = sorted(own, key=lambda column: GROUPS.index(column.note.group))
    for name, before, about in derived:
        hint = get_type_hints(getattr(record, name).fget)["return"]
        place = [column.name for column in columns].index(before)
        columns.insert(place, _column(name, hint, about, derived=True))
    return tuple(columns)


def _column(name: str, hint: Any, about: Note, *, derived: bool = False) -> Column:
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    (kind,) = (part for part in parts if part is not NoneType)
    if kind is float:
        return Column(name, "number", (), not about.certain, derived, about)
    nullable = NoneType in parts
    if kind is bool:
        return Column(name, "flag", (), nullable, derived, about)
    words = tuple(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else get_args(kind)
    return Column(name, "word", words, nullable, derived, about)
