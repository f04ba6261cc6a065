"""No sentence of any language finds an injury or promises to prevent one, heal, or make faster."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

import pytest

from coach.environment import asset
from coach.languages import load_words, packaged_languages

FORBIDDEN: Final = {
    "en": r"diagnos|injur|inflam|tendinit|tendinop|arthr|\btear\b|sprain|\bheal(s|ing|ed)?\b|\bcure|therap|rehab|"
    r"prevent|protects? you|guarantee|\bwill make you|run faster|saves? energy|more economical|risk of",
    "de": r"diagnos|verletz|entzünd|zerrung|arthr|heil(en|t|ung)|therap|reha|vorbeug|verhinder|schützt|garant|"
    r"macht dich|schneller laufen|spart (kraft|energie)|risiko",
    "fr": r"diagnos|bless|inflamm|tendinit|arthr|déchir|guéri|soign|thérap|rééduc|prévien|prévenir|évite les|garanti|"
    r"te rend|courir plus vite|économise|risque de",
    "es": r"diagn[oó]s|lesi[oó]n|lesiona|inflam|tendinit|artr|desgarr|\bcura|sana\b|sanar|terap|rehab|"
    r"previen|prevenir|garant|te hará|correr más rápido|ahorra|riesgo de",
    "pt": r"diagn[oó]s|les[ãõ]|inflam|tendinit|artr|ruptura|\bcura|sarar|terap|reabil|previn|prevenir|garant|"
    r"fará você|correr mais rápido|poupa|risco de",
}
"""Beginnings of words that diagnose or promise, language by language."""
SAYS_WHAT_IT_IS_NOT: Final = ("programme.notice",)
"""The notice alone may name what Coach is not."""


def sentences(content: dict[str, Any], key: str = "") -> Iterator[tuple[str, str]]:
    """(key, text) of everything that is said or shown."""
    for name, value in content.items():
        place = f"{key}.{name}".removeprefix(".")
        if isinstance(value, dict):
            yield from sentences(value, place)
        elif isinstance(value, str):
            yield place.removeprefix("lines."), value
        elif isinstance(value, list):
            for one in value:
                yield from sentences(one, place) if isinstance(one, dict) else ((place, one),)


@pytest.mark.parametrize("language", packaged_languages())
def test_no_sentence_diagnoses_or_promises(language: str) -> None:
    content = tomllib.loads(asset("words", f"{language}.toml").read_text("utf-8"))

    said = {
        key: found.group()
        for key, text in sentences(content)
        if key not in SAYS_WHAT_IT_IS_NOT and (found := re.search(FORBIDDEN[language], text, re.IGNORECASE))
    }

    assert said == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This prevents injuries."),
        ("de", "Das beugt Verletzungen vor."),
        ("fr", "Ceci évite les blessures."),
        ("es", "Esto previene lesiones."),
        ("pt", "Isto previne lesões."),
    ],
)
def test_the_lists_find_a_promise(language: str, text: str) -> None:
    assert re.search(FORBIDDEN[language], text, re.IGNORECASE)


@pytest.mark.parametrize("language", packaged_languages())
def test_every_language_says_when_to_stop_and_what_cannot_be_seen(language: str) -> None:
    words = load_words(language)

    for key in ("programme.stop", "programme.notice", "page.unseen"):
        assert len(words.line(key)) > 40
