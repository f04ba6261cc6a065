"""config.toml → frozen settings. An unknown or impossible key is an error that names it."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_type_hints

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from coach.core.bounds import shown
from coach.core.coach_settings import CoachSettings
from coach.core.units import CM_PER_INCH
from coach.environment import default_config
from coach.errors import ConfigError
from coach.paths import is_missing
from coach.plain_records import toml_file
from coach.private import without_password
from coach.settings import Settings

APP_NAME: Final = "treadmill-coach"

_LEAST: Final = 1e-9
"""No setting can be so small without being 0."""

Overrides = Mapping[str, Any]
"""Dotted key → value, such as `{"session.mode": "overground"}`; None leaves the key alone."""


def user_config_path() -> Path:
    """Where the runner's own configuration lies, `COACH_CONFIG` where that is set; it need not exist."""
    if named := os.environ.get("COACH_CONFIG"):
        return own_place(named, "COACH_CONFIG")
    return platformdirs.user_config_path(APP_NAME) / "config.toml"


def own_words_root() -> Path:
    """Below it lie the runner's own words, `words/<language>.toml`."""
    return user_config_path().parent


def own_place(named: str | Path, what: str) -> Path:
    """A place that need not exist yet, with `~` as the home folder. Raises ConfigError where nobody has that home.

    what: how it was given, for the message.
    """
    try:
        return Path(named).expanduser()
    except RuntimeError:
        raise ConfigError(f"{what} {named}: there is no such home folder; give the whole path") from None


def data_dir() -> Path:
    """Where sessions are kept unless `--data-dir` says otherwise: `COACH_DATA_DIR`, else the system's usual place."""
    if named := os.environ.get("COACH_DATA_DIR"):
        return own_place(named, "COACH_DATA_DIR")
    return platformdirs.user_data_path(APP_NAME)


def cache_dir() -> Path:
    """Where the pose model and rendered phrases are kept."""
    return platformdirs.user_cache_path(APP_NAME)


def load_settings(
    config: Path | None = None, overrides: Overrides | None = None, beneath: Overrides | None = None
) -> Settings:
    """Resolve default file, user's file, `beneath`, `config` and `overrides`, in that order.

    Raises ConfigError for a file that cannot be read, an unknown key or a value out of range.
    """
    merged = _read(default_config())
    if not is_missing(own := user_config_path()):
        merged = checked(own, merged)
    _override(merged, beneath or {})
    if config is not None:
        merged = checked(config, merged)
    _override(merged, overrides or {})
    return _build(merged, "the options given")


def without_passwords(settings: Settings) -> Settings:
    """The settings as they may be shown, kept and handed on: the camera's address without name and password."""
    camera = settings.camera
    return dataclasses.replace(settings, camera=dataclasses.replace(camera, source=without_password(camera.source)))


def checked(path: Path, beneath: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What lies `beneath` with a configuration file's content over it, after all of it was checked.

    Numbers that belong together may stand in two files, so no file is judged without the one that it goes over.
    """
    content, merged = _read(path), deepcopy(dict(beneath or {}))
    _rename(content)
    _merge(merged, content)
    _build(merged, str(path))
    return merged


def _read(path: Path) -> dict[str, Any]:
    return toml_file(path, "configuration file", "check the path given with --config")


def _rename(content: dict[str, Any]) -> None:
    """Read what a setting was called before: `sound.language`, when only the voice had a language."""
    sound = content.get("sound")
    if isinstance(sound, dict) and "language" in sound:
        content.setdefault("language", sound["language"])
        del sound["language"]


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _override(into: dict[str, Any], overrides: Overrides) -> None:
    for key, value in overrides.items():
        if value is not None:
            _merge(into, _nested(key, value))


def _nested(dotted: str, value: object) -> dict[str, Any]:
    head, _, rest = dotted.partition(".")
    return {head: _nested(rest, value) if rest else value}


def _build(content: Mapping[str, Any], where: str) -> Settings:
    core = {f.name for f in dataclasses.fields(CoachSettings)}
    if "coach" in content:  # the core's sections stand in it here, and at the top level in a file
        raise ConfigError(f"{where}: {_unknown('coach')}")
    tree = {k: v for k, v in content.items() if k not in core}
    tree["coach"] = {k: v for k, v in content.items() if k in core}
    try:
        return cast("Settings", _thaw(_model(Settings).model_validate(tree), Settings))
    except ValidationError as error:
        raise ConfigError(_explain(error, where)) from None
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _explain(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if part != "coach")
    if first["type"] == "extra_forbidden":
        return f"{where}: {_unknown(key)}"
    instead = _instead(first)
    if key == "runner.height_cm":
        instead = _centimetres(first["input"]) or instead
    given = _in_toml(first["input"], whole=_limits(first["loc"])[1])
    return f"{where}: {key} = {given} is not possible: {instead}"


def _unknown(key: str) -> str:
    """That there is no such setting, and which one was meant: one that is like it, or of the same name elsewhere."""
    from coach.core.session.records import every_setting  # noqa: PLC0415 - loads NumPy, and most files have no slip

    keys = [setting.key for setting in every_setting(Settings())]
    sections = dict.fromkeys(each.rpartition(".")[0] for each in keys if "." in each)
    known, (section, _, name) = [*keys, *(f"[{each}]" for each in sections)], key.rpartition(".")
    here = {each.rpartition(".")[2]: each for each in known if each.rpartition(".")[0] == section}
    elsewhere = [each for each in known if each.rpartition(".")[2] == name]
    alike = [here[like] for like in difflib.get_close_matches(name.casefold(), here, 1, _ALIKE)]
    alike = alike or (elsewhere if len(elsewhere) == 1 else [])
    meant = ""
    for section, _, setting in (each.rpartition(".") for each in alike):
        meant = f" (did you mean {setting}{f' below [{section}]' if section else ''}?)"
    return f"there is no setting {shown(key)}{meant}; `coach config` lists all of them"


_ALIKE: Final = 0.75
"""Share of letters in common from which one name is taken for a slip in another."""


def _centimetres(height: object) -> str:
    """What a body height in metres or inches is; empty for any other."""
    given = height if isinstance(height, int | float) and not isinstance(height, bool) else math.nan
    per = 100 if 1 < given < 2.5 else CM_PER_INCH if 45 <= given <= 85 else math.nan
    return "" if math.isnan(per) else f"it counts centimetres; did you mean {per * given:.0f}?"


def _in_toml(value: object, *, whole: bool) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if whole and isinstance(value, float):
        return repr(value)  # its decimal point is what is wrong with it
    return shown(list(value) if isinstance(value, tuple) else value)


def _instead(error: ErrorDetails) -> str:
    """What may stand there, with the whole range of a number."""
    limits, whole = _limits(error["loc"])
    if limits:
        return f"give a {'whole ' if whole else ''}number from {limits['ge']:.10g} to {limits['le']:.10g}"
    given, kind = error["input"], error["type"]
    is_single = isinstance(given, str | int | float) and not isinstance(given, bool)
    if kind == "string_type":
        return f'put it in quotes, "{shown(given)}"' if is_single else 'give a text in quotes, "…"'
    if kind == "tuple_type":
        return f"put it in square brackets, [{shown(given)}]" if is_single else "give a list in square brackets, […]"
    if kind in _SAID:
        return _SAID[kind].format(place=".".join(str(part) for part in error["loc"] if part != "coach"))
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "give")


_SAID: Final = {
    "bool_type": "give true or false",
    "float_type": "give a number",
    "int_type": "give a whole number",
    "model_type": "it is a section; write [{place}] on a line and its settings below",
}
"""What is wanted, by pydantic's name of what is wrong."""


def _limits(place: tuple[int | str, ...]) -> tuple[Mapping[str, float], bool]:
    """The range of the setting at this place, empty without one, and whether it takes whole numbers only."""
    owner: Any = Settings
    for part in place[:-1]:
        owner = get_type_hints(owner)[str(part)] if dataclasses.is_dataclass(owner) else None
    if not dataclasses.is_dataclass(owner):
        return {}, False
    for field in dataclasses.fields(owner):
        if field.name == place[-1]:
            return field.metadata, get_type_hints(owner)[field.name] is int
    return {}, False


def _as_written(value: object) -> object:
    """A setting as its dataclass holds it: a list as a tuple. Raises ValueError for what nobody means."""
    if isinstance(value, list):
        return tuple(_as_written(one) for one in value)
    if isinstance(value, float) and 0 < abs(value) < _LEAST:
        raise ValueError("give 0, or a number that makes a difference")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("no path or name holds \\u0000; leave it away")
    return value


@cache
def _model(settings: type) -> type[BaseModel]:
    """The checking twin of a settings dataclass: same fields, ranges from their metadata, nothing else allowed."""
    hints = get_type_hints(settings)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(settings):
        hint = hints[field.name]
        if dataclasses.is_dataclass(hint):
            fields[field.name] = (_model(cast("type", hint)), Field(default_factory=_model(cast("type", hint))))
        else:
            checked: Any = Annotated[hint, BeforeValidator(_as_written)]
            fields[field.name] = (checked, Field(default=field.default, **field.metadata))
    # Strict: "5" is no number, 0 is not false, and 720.0 counts no pixels.
    return create_model(settings.__name__, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def _thaw(model: BaseModel, settings: type) -> object:
    """The dataclass with the checked model's values."""
    hints = get_type_hints(settings)
    values = {name: _thaw(value, hints[name]) if isinstance(value, BaseModel) else value for name, value in model}
    return settings(**values)
