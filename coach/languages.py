"""Languages: `assets/words/<language>.toml`, and a runner's own file over it or beside it, as checked words.

A language is a file. Which ones there are is what lies in the two folders: no list of them stands anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from coach.core.coach_settings import Wording
from coach.core.coaching.cues import CUE_WORDS, CueKind
from coach.core.coaching.stride_record import SHOWN
from coach.core.words import Phrase, Words
from coach.environment import asset
from coach.errors import ConfigError
from coach.paths import is_missing
from coach.plain_records import toml_file

MOST_SPOKEN_WORDS: Final = 6
"""About 1.5 s at a calm pace of speech; with more the runner has gone on before it ends."""
MOST_SPOKEN_LETTERS: Final = 34
MOST_BANNER_WORDS: Final = 4
COMPLETE: Final = "en"
"""The language that has every line: the measure for the others, and what they fall back to."""
CUE_SECTIONS: Final = ("common", "external", "internal")
SECTIONS: Final = ("voice", *CUE_SECTIONS, "lines")
OWN_FOLDER: Final = "words"
OLD_FOLDER: Final = "cues"
"""Where a runner's own words lay before the page and the terminal spoke their language, too."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A runner's own words file. What an old one says of lines that are gone since is left out, and named."""

    path: Path
    old: bool = False
    """It lies in `cues/`; its place is `words/` now."""


def load_words(language: str, wording: Wording = "external", own: OwnWords | None = None) -> Words:
    """The words of a language. `own` is the runner's file for it, which may hold only what it changes.

    A language that is not packaged is what the own file says, and English for what that lacks.
    Raises ConfigError for a language that is not there, and for a file, kind, line or phrase that is not possible.
    """
    return _as_packaged(language, wording) if own is None else _put_together(language, wording, own)


@cache
def _as_packaged(language: str, wording: Wording) -> Words:
    """Without a runner's own file: as unchanging as the files that come with Coach."""
    return _put_together(language, wording, None)


def _put_together(language: str, wording: Wording, own: OwnWords | None) -> Words:
    full = _packaged(COMPLETE)
    known = _known(full)
    base = _packaged(language) if language in packaged_languages() else {}
    if own is None and not base:
        meant = language.replace("-", "_").partition("_")[0].casefold()  # of DE, de_AT, pt-BR
        instead = meant if meant in packaged_languages() else f"one of {', '.join(packaged_languages())}"
        own_file = f", or write {OWN_FOLDER}/{language}.toml beside your configuration" if language else ""
        raise ConfigError(f"there are no words in {language!r}; set language to {instead}{own_file}")
    mine = {} if own is None else _own(own, known)
    said = dict(_lines(base.get("lines", {}))) | dict(_lines(mine.get("lines", {})))
    own_cues = _cues(base, wording) | _cues(mine, wording)
    all_cues = _cues(full, wording)
    voice = mine.get("voice") or base.get("voice") or {}
    lacks = (*(kind for kind in all_cues if kind not in own_cues), *(key for key in known if key not in said))
    borrowed = () if language == COMPLETE else lacks
    return Words(
        language,
        all_cues | own_cues,
        known | said,
        tuple(voice.get("regions", ())),
        borrowed,
    )


def packaged_languages() -> tuple[str, ...]:
    """The languages that come with Coach."""
    return tuple(sorted(path.stem for path in asset("words").glob("*.toml")))


def languages(own_root: Path | None = None) -> tuple[str, ...]:
    """The languages that can be set: those that come with Coach, and those that a runner has added in `own_root`."""
    own = () if own_root is None else (path.stem for path in (own_root / OWN_FOLDER).glob("*.toml"))
    return tuple(sorted({*packaged_languages(), *own}))


def own_words(language: str, root: Path) -> OwnWords | None:
    """The runner's own file for a language below the configuration's folder; None without one."""
    for folder, old in ((OWN_FOLDER, False), (OLD_FOLDER, True)):
        path = root / folder / f"{language}.toml"
        if not is_missing(path):
            return OwnWords(path, old)
    return None


def check_words(path: Path, *, complete: bool = False) -> None:
    """Whether a words file may be used. Raises ConfigError that names what is wrong.

    complete: it must have all that English has, with the same places in every line.
    """
    content, full = _read(path), _packaged(COMPLETE)
    known = _known(full)
    _check(content, path, known)
    if not complete:
        return
    for section in CUE_SECTIONS:
        if missing := full[section].keys() - content.get(section, {}).keys():
            raise ConfigError(f"{path}: [{section}] lacks {', '.join(sorted(missing))}")
    lines = dict(_lines(content.get("lines", {})))
    if missing := dict(_lines(full["lines"])).keys() - lines.keys():
        raise ConfigError(f"{path}: [lines] lacks {', '.join(sorted(missing))}")
    for key, text in lines.items():
        if _places(text) != _places(known[key]):
            raise ConfigError(f"{path}: lines.{key} has other {{places}} than English, which has {known[key]!r}")


def unknown_lines(own: OwnWords) -> tuple[str, ...]:
    """Lines of an old file that Coach does not say any more."""
    known = _known(_packaged(COMPLETE))
    return tuple(key for key, _ in _lines(_read(own.path).get("lines", {})) if key not in known)


def _known(full: Mapping[str, Any]) -> dict[str, str]:
    """Every line that there is, in English; measures of a stride bring their English with their column."""
    shown = {f"stride.{column.name}": column.note.shown.label for column in SHOWN if column.note.shown}
    return dict(_lines(full["lines"])) | shown


def _own(own: OwnWords, known: Mapping[str, str]) -> Mapping[str, Any]:
    content = _read(own.path)
    if own.old:
        gone = {key for key, _ in _lines(content.get("lines", {})) if key not in known}
        content["lines"] = {key: text for key, text in _lines(content.get("lines", {})) if key not in gone}
    _check(content, own.path, known)
    return content


@cache
def _packaged(language: str) -> Mapping[str, Any]:
    """What a language's file says that comes with Coach: it stays as it is while the program runs."""
    return _read(asset("words", f"{language}.toml"))


def _read(path: Path) -> dict[str, Any]:
    return toml_file(path, "words file", "check the path")


def _cues(content: Mapping[str, Any], wording: Wording) -> dict[str, tuple[Phrase, ...]]:
    """Name of a cue's words → ways to say it; the wording's own section goes over the common one."""
    merged = {**content.get("common", {}), **content.get(wording, {})}
    return {name: tuple(Phrase(way["say"], way["banner"]) for way in ways) for name, ways in merged.items()}


def _lines(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Lines by dotted key; those of a list are counted from 1, as months are."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield from ((f"{above}{key}.{number}", one) for number, one in enumerate(value, 1))
        else:
            yield f"{above}{key}", value


def _check(content: Mapping[str, Any], path: Path, known: Mapping[str, str]) -> None:
    for section in content:
        if section not in SECTIONS:
            raise ConfigError(f"{path}: there is no section [{section}]; there are {', '.join(SECTIONS)}")
        if not isinstance(content[section], Mapping):
            raise ConfigError(f"{path}: {section} is no section; write [{section}] on a line of its own")
    regions = content.get("voice", {}).get("regions", [])
    listed = isinstance(regions, list) and all(isinstance(region, str) for region in regions)
    if set(content.get("voice", {})) - {"regions"} or not listed:
        raise ConfigError(f'{path}: [voice] holds regions alone, such as regions = ["en-us", "en-gb"]')
    for section in CUE_SECTIONS:
        for name, ways in content.get(section, {}).items():
            _check_ways(name, ways, f"{path}: {section}.{name}")
    for key, text in _lines(content.get("lines", {})):
        if not isinstance(text, str) or not text.strip():
            raise ConfigError(f"{path}: lines.{key} must be words in quotes")
        if key not in known:
            raise ConfigError(f"{path}: there is no line {key!r}; assets/words/{COMPLETE}.toml lists all of them")
        _check_filled(text, known[key], f"{path}: lines.{key}")


def _check_ways(name: str, ways: object, where: str) -> None:
    if name not in CUE_WORDS:
        raise ConfigError(f"{where}: there is no cue of this kind; there are {', '.join(CUE_WORDS)}")
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
        _check_places(way, CUE_WORDS[name], where)


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
    """Whether what fills the places of the usual line fills those of this one, which may leave some out."""
    filled = dict.fromkeys(_places(usual), "")
    try:
        text.format_map(filled)
    except (KeyError, ValueError, IndexError, AttributeError):
        may = ", ".join(f"{{{name}}}" for name in filled) or "no {place}"
        raise ConfigError(f"{where}: {text!r} leaves a place open that nothing fills; it may hold {may}") from None


def _places(text: str) -> list[str]:
    """Names of the places of a line, sorted."""
    return sorted(name for _, name, *_ in Formatter().parse(text) if name)
