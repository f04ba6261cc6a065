"""Words: `assets/cues/<language>.toml`, and a runner's own file over it, as checked phrases."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Final

from coach.core.coach_settings import Wording
from coach.core.coaching.cues import CueKind
from coach.core.coaching.phrases import Phrase, Phrases
from coach.errors import ConfigError
from coach.resources import asset

MOST_SPOKEN_WORDS: Final = 6
"""About 1.5 s at a calm pace of speech; with more the runner has gone on before it ends."""
MOST_SPOKEN_LETTERS: Final = 34
MOST_BANNER_WORDS: Final = 4
FALLBACK: Final = "en"
"""Where a language lacks a line."""
SECTIONS: Final = ("common", "external", "internal", "lines")


def load_phrases(language: str, wording: Wording = "external", override: Path | None = None) -> Phrases:
    """The phrases of a language; `override` names a file of the runner's own, which may hold only what it changes.

    Raises ConfigError for a language that is not there, and for a file, kind, line or phrase that is not possible.
    """
    base = _read(_file(language))
    cues = _cues(base, wording)
    lines = dict(_lines(_read(_file(FALLBACK))["lines"])) | dict(_lines(base["lines"]))
    if override is not None:
        own = _read(override)
        _check(own, override, lines)
        cues |= _cues(own, wording)
        lines |= dict(_lines(own.get("lines", {})))
    return Phrases(language, cues, lines)


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    return tuple(sorted(path.stem for path in asset("cues").glob("*.toml")))


def check_phrases(path: Path) -> None:
    """Whether a words file may be used. Raises ConfigError that names what is wrong."""
    _check(_read(path), path, None)


def _file(language: str) -> Path:
    if language not in languages():
        raise ConfigError(f"there are no words in {language!r}; set sound.language to one of {', '.join(languages())}")
    return asset("cues", f"{language}.toml")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no words file {path}; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the words file {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _cues(content: Mapping[str, Any], wording: Wording) -> dict[CueKind, tuple[Phrase, ...]]:
    """Kind → ways to say it; the wording's own section goes over the common one."""
    merged = {**content.get("common", {}), **content.get(wording, {})}
    return {CueKind(kind): tuple(Phrase(way["say"], way["banner"]) for way in ways) for kind, ways in merged.items()}


def _lines(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Lines by dotted key."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _check(content: Mapping[str, Any], path: Path, known_lines: Mapping[str, str] | None) -> None:
    for section in content:
        if section not in SECTIONS:
            raise ConfigError(f"{path}: there is no section [{section}]; there are {', '.join(SECTIONS)}")
    for section in SECTIONS[:-1]:
        for kind, ways in content.get(section, {}).items():
            _check_ways(kind, ways, f"{path}: {section}.{kind}")
    for key, text in _lines(content.get("lines", {})):
        if not isinstance(text, str) or not text.strip():
            raise ConfigError(f"{path}: lines.{key} must be words in quotes")
        if known_lines is not None and key not in known_lines:
            raise ConfigError(f"{path}: there is no line {key!r}; assets/cues/en.toml lists all of them")
        if known_lines is not None:
            _check_filled(text, known_lines[key], f"{path}: lines.{key}")


def _check_ways(kind: str, ways: object, where: str) -> None:
    if kind not in set(CueKind):
        raise ConfigError(f"{where}: there is no cue of this kind; there are {', '.join(CueKind)}")
    if not isinstance(ways, list) or not ways:
        raise ConfigError(f"{where} must be a list such as [{{ say = 'Heels up', banner = 'Heels up' }}]")
    for way in ways:
        if (
            not isinstance(way, dict)
            or set(way) != {"say", "banner"}
            or not all(isinstance(w, str) for w in way.values())
        ):
            raise ConfigError(f"{where}: each way to say it has the two texts say and banner, not {way!r}")
        _check_length(way["say"], MOST_SPOKEN_WORDS, f"{where}: say", MOST_SPOKEN_LETTERS)
        _check_length(way["banner"], MOST_BANNER_WORDS, f"{where}: banner")
        _check_places(way, CueKind(kind), where)


def _check_length(text: str, words: int, where: str, letters: int = 60) -> None:
    if not 1 <= len(text.split()) <= words or len(text) > letters:
        raise ConfigError(f"{where} = {text!r} has 1–{words} words and at most {letters} letters")


def _check_places(way: Mapping[str, str], kind: CueKind, where: str) -> None:
    for text in way.values():
        rest = text
        for place in kind.traits.places:
            rest = rest.replace(f"{{{place}}}", "")
        if "{" in rest or "}" in rest:
            raise ConfigError(f"{where}: {text!r} leaves a place open that nothing fills")


def _check_filled(text: str, usual: str, where: str) -> None:
    """Whether what fills the places of the usual line fills those of this one."""
    filled = {name: "" for _, name, *_ in Formatter().parse(usual) if name}
    try:
        text.format_map(filled)
    except (KeyError, ValueError, IndexError, AttributeError):
        may = ", ".join(f"{{{name}}}" for name in filled) or "no {place}"
        raise ConfigError(f"{where}: {text!r} leaves a place open that nothing fills; it may hold {may}") from None
