"""The two consoles that every command prints to: results on standard output, what is said on the way on the error side.

Names hold brackets and colons: neither markup nor emoji codes are read, styles are given beside the text.
"""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.text import Text

from coach.cli.legible import legible


class _Plain(Console):
    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **how: Any) -> Text:
        """Every string comes through here, those in the cells of a table too."""
        return super().render_str(legible(text), **how)


OUT: Final = _Plain()
MESSAGES: Final = _Plain(stderr=True)


def with_bold(text: str, part: str) -> Text:
    """The text with one part of it in bold."""
    told = Text(legible(text))
    if (start := told.plain.find(part)) >= 0:
        told.stylize("bold", start, start + len(part))
    return told
