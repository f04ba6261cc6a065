"""Text that a terminal only shows: names come from other machines, and some letters command a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t")
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"


def legible(text: str) -> str:
    """The text with a sign in the place of every control character but line ends and tabs."""
    if text.isprintable():
        return text
    return "".join(_INSTEAD if unicodedata.category(c) == "Cc" and c not in _KEPT else c for c in text)


def on_one_line(text: str) -> str:
    """The same, in one line."""
    return " ".join(legible(text).split())
