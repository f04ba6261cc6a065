"""Records as plain values, and back: what JSON, SQL and Parquet can hold. NaN is None there, a word is text.

One way for every record: the fields' types and notes say how. Nothing here knows a single field.
"""

from __future__ import annotations

import codecs
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from coach.core.bounds import COUNT, bounds_of, shown
from coach.core.columns import Column
from coach.core.units import none_if_nan
from coach.errors import ConfigError

Plain = dict[str, Any]
Record = TypeVar("Record")
_Bounded = Callable[[object], float]
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DIGITS: Final = 4
"""Of a number whose field says nothing else: 0.1 ms and less."""


def json_value(text: str | bytes) -> Any:
    """What JSON says. Raises ValueError, of one line, for all that cannot be read, however deep or long."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("too many brackets inside each other") from None


def text_file(path: Path) -> str:
    """A file's text in UTF-8, with the mark at its beginning that editors on Windows leave, or without.

    Or in UTF-16, as `>` of Windows' PowerShell writes whatever a command prints. Raises OSError, UnicodeError.
    """
    with path.open("rb") as file:  # once: what was read of a pipe is gone
        letters = "utf-16" if file.peek(2)[:2] in _UTF_16_MARKS else "utf-8-sig"
        with io.TextIOWrapper(file, letters) as text:
            return text.read()


def toml_file(path: Path, kind: str, missing: str) -> dict[str, Any]:
    """What a TOML file says.

    kind: what it is called; missing: what to do where it is not there. Raises ConfigError, of one line, for all that
    cannot be read, however deep or long.
    """
    try:
        return tomllib.loads(text_file(path))
    except FileNotFoundError:
        raise ConfigError(f"there is no {kind} {path}; {missing}") from None
    except UnicodeError:
        raise ConfigError(f"the {kind} {path} is not text in UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot read the {kind} {path}: {error.strerror or error}") from error
    except RecursionError:
        raise ConfigError(f"{path} is not valid TOML: too many brackets inside each other") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def plain(value: object, digits: int | None = None) -> Any:
    """One value as it is written."""
    if isinstance(value, float):
        return none_if_nan(value, digits)
    if isinstance(value, tuple):
        return [plain(one, digits) for one in value]
    return str(value) if isinstance(value, str) else value


def plain_row(record: object, columns: Iterable[Column]) -> Plain:
    """A record as a row of a file for people and programs: by key, rounded to its digits."""
    return {column.key: plain(getattr(record, column.name), column.note.digits) for column in columns}


def exact_row(record: object, columns: Iterable[Column]) -> Plain:
    """A record as a row of a table: by name, to the last digit."""
    return {column.name: plain(getattr(record, column.name)) for column in columns}


def plain_fields(record: Any) -> Plain:
    """A record whose fields carry no notes, rounded to `DIGITS`."""
    return {f.name: plain(getattr(record, f.name), f.metadata.get("digits", DIGITS)) for f in fields(record)}


def record_of(kind: type[Record], row: Mapping[str, Any]) -> Record:
    """The record of a row by its fields' names; None in a field of numbers is NaN. More names are not looked at.

    Raises KeyError for a field that is lacking and has no default, ValueError for what a field cannot hold.
    """
    read: Plain = {}
    for name, bounded, needed in _fields(cast("Any", kind)):
        if needed or name in row:
            read[name] = row[name] if bounded is None else _bounded(name, bounded, row[name])
    try:
        return cast("Record", _adapter(cast("Any", kind)).validate_python(read))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where} = {shown(first['input'])}: {first['msg'].lower()}") from None


def _bounded(name: str, bounded: _Bounded, value: object) -> object:
    """A number in the range of its unit, None as NaN."""
    try:
        return bounded(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def record_from_keys(kind: type[Record], row: Mapping[str, Any], columns: Iterable[Column]) -> Record:
    """The record of a row by its keys, as `plain_row` writes it. Numbers that a row lacks are not known.

    Raises as `record_of`.
    """
    named = {column.name: row[column.key] for column in columns if column.key in row or column.kind != "number"}
    lacking = {column.name: None for column in columns if column.name not in named and column.nullable}
    return record_of(kind, {**lacking, **named})


@cache
def _fields(kind: Any) -> tuple[tuple[str, _Bounded | None, bool], ...]:
    """Name, how its number is read, None for what is no number, and whether it must be there.

    Looked up once for a kind: a session has thousands of rows.
    """
    hints = get_type_hints(kind)
    return tuple((f.name, _reading(f.name, hints[f.name]), f.default is MISSING) for f in fields(kind))


def _reading(name: str, hint: Any) -> _Bounded | None:
    if hint is float:
        return bounds_of(name).given_or_nan
    return COUNT.given_whole if hint is int else None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
