"""The window's own words, in the runner's language: `[lines.screen]` of assets/cues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Words by key. Where a language lacks a line, the key itself says it plainly."""

    line: Callable[[str], str]

    def __call__(self, key: str, otherwise: str = "") -> str:
        """The words for a key; `otherwise` where no language has any."""
        return self._known(key) or otherwise or key.rpartition(".")[2].replace("_", " ")

    def either(self, key: str) -> tuple[str, ...]:
        """The full wording and, where there is one, the short one, longest first."""
        short = self._known(f"{key}_short")
        return (self(key), short) if short else (self(key),)

    def _known(self, key: str) -> str:
        wanted = f"screen.{key}"
        text = self.line(wanted)
        return "" if text == wanted else text
