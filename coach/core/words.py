"""Words: what a runner sees and hears, in one language. Pure data; `coach.languages` reads it from files.

    words.line("screen.paused")                         a sentence by its key
    words.line("page.in_band", pct=words.number(71.6))     with its places filled
    words.many("page.sessions", 3)                      one or many
    words.cue(CueKind.HEEL_LIFT_LOW, count=0)           a cue, to be said and shown

Whoever speaks is given one of these; nobody reaches for a language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from coach.core.units import CM_PER_INCH, kmh, mph

UNKNOWN: Final = "–"
"""Stands for a number that is not known."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say a cue: spoken in at most 1.5 s, shown in at most four words."""

    say: str
    banner: str


@dataclass(frozen=True, slots=True)
class Words:
    """Every word of one language and wording. Empty, it names kinds and keys plainly."""

    language: str = "en"
    cues: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """Kind of cue, or the name of other words for it → ways to say it."""
    lines: Mapping[str, str] = field(default_factory=dict)
    """Dotted key → sentence, with `{place}` where something is filled in."""
    regions: tuple[str, ...] = ()
    """Whose voice reads it out, first choice first, such as `en-us`; empty: any voice of the language."""
    borrowed: tuple[str, ...] = ()
    """Keys that the language lacks: they are said in English."""

    def line(self, key: str, **values: object) -> str:
        """The sentence of a key with its places filled; the key itself where there is none."""
        text = self.lines.get(key)
        if text is None:
            return key
        return text.format_map(values) if "{" in text else text

    def name(self, key: str, otherwise: str) -> str:
        """The line of a key that was made of something kept or named elsewhere; `otherwise` where there is none."""
        return self.lines.get(key, otherwise)

    def many(self, key: str, n: int, **values: object) -> str:
        """`key.one` for one, `key.many` for any other number; both may hold `{n}`."""
        return self.line(f"{key}.{'one' if n == 1 else 'many'}", n=n, **values)

    def either(self, key: str) -> tuple[str, ...]:
        """The full wording and, where there is one, that of `key_short`: longest first."""
        short = self.lines.get(f"{key}_short")
        return (self.line(key), short) if short else (self.line(key),)

    def cue(self, name: str, count: int) -> Phrase:
        """Words for the `count`-th cue of a kind (0 is the first), or of a name of other words: they take turns."""
        if ways := self.cues.get(name):
            return ways[count % len(ways)]
        plain = name.replace("_", " ")
        return Phrase(plain, plain)

    def spoken(self) -> tuple[str, ...]:
        """Every cue that may be said, so that it can be rendered ahead of time; not those with a number in them."""
        said = (phrase.say for ways in self.cues.values() for phrase in ways)
        return tuple(dict.fromkeys(text for text in said if "{" not in text))

    @property
    def decimal(self) -> str:
        """What stands between whole numbers and tenths."""
        return self.lines.get("number.decimal", ".")

    def number(self, value: float, unit: str = "", digits: int = 0) -> str:
        """A figure with its unit behind it, `–` for NaN.

        >>> Words(lines={"number.decimal": ","}).number(10.46, " km/h", 1)
        '10,5 km/h'
        >>> Words().number(-0.3, "°")
        '0°'
        """
        return UNKNOWN if math.isnan(value) else f"{value:z.{digits}f}".replace(".", self.decimal) + unit

    def spread(self, value: float, unit: str = "", digits: int = 0) -> str:
        """A spread or an error, with a digit more where it would read as none: nobody's is.

        >>> Words().spread(6.2, "°"), Words().spread(0.3, "°"), Words().spread(0.0, "°")
        ('6°', '0.3°', '0°')
        """
        return self.number(value, unit, digits + (0 < value < 0.5 * 10**-digits))

    def speed(self, speed_mps: float, units: object) -> str:
        """`10.0 km/h`, or `6.2 mph` where units are `imperial`; `–` for NaN."""
        if units == "imperial":
            return self.number(mph(speed_mps), " mph", 1)
        return self.number(kmh(speed_mps), " km/h", 1)

    def height(self, height_cm: float, units: object) -> str:
        """`180 cm`, or `5 ft 11 in` where units are `imperial`; `–` for NaN.

        >>> Words().height(180.0, "imperial")
        '5 ft 11 in'
        """
        if units != "imperial" or math.isnan(height_cm):
            return self.number(height_cm, " cm")
        feet, inches = divmod(round(height_cm / CM_PER_INCH), 12)
        return f"{feet} ft {inches} in"

    def signed(self, value: float, unit: str = "", digits: int = 1) -> str:
        """The same with its sign; a true minus."""
        if math.isnan(value):
            return UNKNOWN
        return f"{value:+z.{digits}f}".replace("-", "−").replace(".", self.decimal) + unit
