"""Short lines lose their *ne* or the rest of a sentence, and must not then say the opposite to whoever hears it."""

from __future__ import annotations

import re
from typing import Final

import pytest

from coach.languages import load_words

TWO_READINGS: Final = {
    "fr": r"(^|[:;,.]\s)(plus d[e']|pas plus)\b|\bpas de course\b|^(Plie|Replie|Lève|Monte|Ouvre) plus( |$)",
    "es": r"\bno más\b",
    "pt": r"\bnão mais\b",
}
"""*Plus de conseils* is more advice or none, *pas plus lents* no slower or slower steps, *plie plus* bend more or no
longer; *no más* is no more or nothing but, *não mais* no longer or no more."""


def said_in(language: str) -> list[str]:
    """Every line and cue, of both wordings."""
    words = [load_words(language, wording) for wording in ("external", "internal")]
    ways = [phrase for each in words for phrases in each.cues.values() for phrase in phrases]
    return [*words[0].lines.values(), *(way.say for way in ways), *(way.banner for way in ways)]


@pytest.mark.parametrize("language", TWO_READINGS)
def test_no_line_can_be_read_as_its_opposite(language: str) -> None:
    found = [text for text in said_in(language) if re.search(TWO_READINGS[language], text, re.IGNORECASE)]

    assert found == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "plus de conseils aujourd'hui, cours doucement ou arrête"),
        ("fr", "pas plus lents\N{NO-BREAK SPACE}: pas plus haut"),
        ("fr", "Plie plus le genou gauche"),
        ("fr", "marche, pas de course"),
        ("es", "hoy no más consejos"),
        ("pt", "mais salto: não mais alto"),
    ],
)
def test_the_list_finds_such_a_line(language: str, text: str) -> None:
    assert re.search(TWO_READINGS[language], text, re.IGNORECASE)
