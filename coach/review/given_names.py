"""Names as people and cameras give them, made fit for a page: of any script, any length, with any sign in them."""

from __future__ import annotations

import html
import textwrap
import unicodedata
from typing import Final

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"
_LEGEND_LINE: Final = 44
"""Letters of a legend that stand beside each other on a phone of 360 px."""


def isolated(name: str) -> str:
    """The name, so that one written from right to left takes no number or date beside it along.

    >>> isolated("garage"), len(isolated("שלום"))
    ('garage', 6)
    """
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name)
    return f"{_ISOLATE}{name}{_END}" if turns else name


def in_legend(name: str) -> str:
    """The name as Plotly shows it unchanged, which takes `<` and `&` for markup; in lines that a phone has room for.

    >>> in_legend("a <i> & b")
    'a &lt;i&gt; &amp; b'
    """
    return "<br>".join(html.escape(line, quote=False) for line in textwrap.wrap(name, _LEGEND_LINE))
