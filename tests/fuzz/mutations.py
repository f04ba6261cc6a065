"""Good input made bad: the changes that people, programs, broken disks and attackers make.

    mutated([b"speed = 3"])        a strategy: one of these with up to four changes, each of which shrinks away
    changed_at_random(…, rng)      the same from a generator of random numbers, for millions

A change knows nothing of a format. It knows numbers, words in quotes, lines and bytes, which all formats are made of.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import strategies as st

NUMBERS: Final = (
    *("0", "-0", "-1", "1e400", "-1e308", "1e-320", "1e302", "1e30", "1e13", "NaN", "nan", "Infinity", "-inf"),
    *("9" * 20, "9" * 400, "9" * 5000, "1" + "0" * 400, "0x10", "0b1", "1_000", "1.", ".5", "+5", "5,5", "1e"),
    *("1", "2", "3", "7.5", "12", "30", "60", "0.02", "170", "2000", "0.034", "400", "-0.001", "100", "00", "1e5"),
    *("١٢", "５", "²", "true", "false", "null", '"5"', "[]", "{}", "[1]", "5 ", "5.0.0", "-273", "4294967296"),
)
"""Stand where a number stood: ordinary ones, too, which may be wrong only where they stand. Digits of other scripts are
decimal to Python, `²` is a digit and no decimal."""

_TEXTS: Final = (
    *("", " ", "\0", "\n", "\r", "\r\n", "\t", "\v", "\f", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff"),
    *("[" * 3000, "(" * 3000, '{"a":' * 3000, "]", "}", ")", '"', "'", "\\", "\\u0000", "\\ud800", "{", "}", "{}"),
    *("{0}", "{place}", "{a.b}", "{a[0]}", "{n:>999999999}", "{n!r}", "%s", "%n", "$(id)", "`", ";", "--", "/*"),
    *("</script>", "<script>alert(1)</script>", "<!--", "-->", "]]>", "&amp;", "<img src=x onerror=alert(1)>"),
    *("javascript:alert(1)", "../../etc/passwd", "é", "e\u0301", "😀", "İ", "ß", "x" * 70_000, "left_hip_x", "t_s"),
)
_BYTES: Final = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x1f\x8b", b"PK\x03\x04", b"\x00" * 64)
PIECES: Final = (*(text.encode() for text in _TEXTS), *_BYTES)

_NUMBER: Final = re.compile(rb"-?\d+(?:\.\d+)?")
_WORD: Final = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z_]+")

Change = Callable[[bytes, int, int, bytes], bytes]
"""(content, where, how much, a piece) → content. `where` and `how much` are any whole numbers from 0."""


def _other_number(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    return _in_place(_NUMBER, content, where, NUMBERS[much % len(NUMBERS)].encode())


def _other_word(content: bytes, where: int, much: int, piece: bytes) -> bytes:
    return _in_place(_WORD, content, where, b'"' + piece + b'"' if much % 2 else piece)


def _number_as_word(content: bytes, where: int, _much: int, piece: bytes) -> bytes:
    return _in_place(_NUMBER, content, where, piece)


def _word_as_number(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    return _in_place(_WORD, content, where, NUMBERS[much % len(NUMBERS)].encode())


def _in_place(pattern: re.Pattern[bytes], content: bytes, where: int, piece: bytes) -> bytes:
    found = [match.span() for match in pattern.finditer(content)]
    if not found:
        return content + piece
    start, end = found[where % len(found)]
    return content[:start] + piece + content[end:]


def _put_in(content: bytes, where: int, _much: int, piece: bytes) -> bytes:
    at = where % (len(content) + 1)
    return content[:at] + piece + content[at:]


def _cut_out(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    at = where % (len(content) + 1)
    return content[:at] + content[at + 1 + much % 40 :]


def _cut_off(content: bytes, where: int, _much: int, _piece: bytes) -> bytes:
    return content[: where % (len(content) + 1)]


def _other_byte(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    if not content:
        return content
    at = where % len(content)
    return content[:at] + bytes([much % 256]) + content[at + 1 :]


def _doubled(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    at = where % (len(content) + 1)
    return content[:at] + content[at : at + 1 + much % 200] * 2 + content[at + 1 + much % 200 :]


def _line_gone(content: bytes, where: int, _much: int, _piece: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(line for number, line in enumerate(lines) if number != where % max(len(lines), 1))


def _line_moved(content: bytes, where: int, much: int, _piece: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if lines:
        lines.insert(much % len(lines), lines.pop(where % len(lines)))
    return b"".join(lines)


CHANGES: Final[tuple[Change, ...]] = (
    *(_other_number, _other_number, _other_word, _number_as_word, _word_as_number),
    *(_put_in, _cut_out, _cut_off, _other_byte, _doubled, _line_gone, _line_moved),
)


Place = tuple[int, int, int, int]
"""Which change, where, how much, with which piece; any whole numbers from 0."""


def changed(content: bytes, places: Sequence[Place]) -> bytes:
    """The content with these changes, one after the other."""
    for change, where, much, piece in places:
        content = CHANGES[change % len(CHANGES)](content, where, much, PIECES[piece % len(PIECES)])
    return content


def mutated(corpus: Sequence[bytes], most: int = 4) -> st.SearchStrategy[bytes]:
    """One of the corpus with none to `most` changes."""
    place = st.tuples(
        st.integers(0, len(CHANGES) - 1), st.integers(0, _FAR), st.integers(0, 255), st.integers(0, len(PIECES) - 1)
    )
    return st.builds(changed, st.sampled_from(corpus), st.lists(place, max_size=most))


def changed_at_random(corpus: Sequence[bytes], rng: random.Random) -> tuple[bytes, list[Place]]:
    """The same without a search behind it, a hundred times as fast: one of the corpus, and what is to be changed."""
    places = [
        (rng.randrange(len(CHANGES)), rng.randrange(_FAR), rng.randrange(256), rng.randrange(len(PIECES)))
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4)))
    ]
    return rng.choice(corpus), places


_FAR: Final = 2**20
"""Larger than any content has places."""
