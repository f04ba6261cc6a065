"""How the API pages read docstrings: each `name: what it is` is a paragraph (an extension of griffe, in mkdocs.yml)."""

from __future__ import annotations

import re
from typing import Any, Final

from griffe import Extension, Object

_NAMED: Final = re.compile(r"(?<!\n)\n(?=[a-z_]+(?:, [a-z_]+)*: \S)")


def parted(text: str) -> str:
    """The text with a paragraph for each line that begins with a name."""
    return _NAMED.sub("\n\n", text)


class DocstringLines(Extension):
    """Docstrings keep their lines when they become paragraphs."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Called for everything that was read."""
        if obj.docstring is not None:
            obj.docstring.value = parted(obj.docstring.value)
