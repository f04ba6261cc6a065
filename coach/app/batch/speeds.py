"""The belt speed of a clip in an archive: from a file beside it, or from its name."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from coach.app.speed_sources import BeltInput
from coach.core.units import FASTEST_MPS, parse_speed_mps
from coach.errors import FormatError

SpeedFrom = Literal["sidecar", "name"]

SIDECAR_ENDINGS: Final = (".json", ".txt")
_UNITS: Final = {"kmh": "km/h", "kph": "km/h", "mph": "mph", "mps": "m/s"}
_IN_NAME: Final = re.compile(r"(?:(?<=_)|(?<![\w.,]))(\d+(?:[.,]\d+)?)[ _]?(kmh|kph|mph|mps)(?![^\W_])", re.IGNORECASE)
"""A number with its unit, apart from what stands around it by `_`, `-`, a blank or the name's ends."""


def belt_beside(clip: Path, otherwise: BeltInput) -> BeltInput:
    """The speed in `clip.json` (`speed_mps`, or `speed` as typed; `incline_pct`) or `clip.txt` (one speed as typed).

    `otherwise` where there is no such file. Raises FormatError for one that cannot be understood.
    """
    stem = clip.name.removesuffix(".gz").rpartition(".")[0]
    for ending in SIDECAR_ENDINGS:
        for name in (stem + ending, clip.name + ending):
            beside = clip.with_name(name)
            if beside.is_file():
                return _read(beside, otherwise)
    return otherwise


def belt_in_name(clip: Path, otherwise: BeltInput) -> BeltInput:
    """The speed in a name such as `anna_10.5kmh.mp4`, `6.5mph`, `3.5mps`; `otherwise` where there is none.

    Raises FormatError for a name with two different speeds, or with one that no belt runs at.
    """
    found = {_said(number, unit, clip) for number, unit in _speeds(clip.name)}
    if len(found) > 1:
        raise FormatError(f"{clip.name} names more than one speed; leave one, or use --speed-from sidecar")
    return replace(otherwise, speed_mps=found.pop()) if found else otherwise


def _speeds(name: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _IN_NAME.finditer(name)]


def _said(number: str, unit: str, clip: Path) -> float:
    try:
        return parse_speed_mps(f"{number}{_UNITS[unit.lower()]}")
    except ValueError as error:
        raise FormatError(f"{clip.name}: {error}") from None


def _read(beside: Path, otherwise: BeltInput) -> BeltInput:
    try:
        text = beside.read_text("utf-8-sig")
        if beside.suffix == ".json":
            return _from_json(json.loads(text), otherwise)
        return replace(otherwise, speed_mps=parse_speed_mps(text.strip()))
    except (OSError, ValueError, TypeError) as error:
        raise FormatError(f"{beside} gives no speed: {error}") from None


def _from_json(content: Any, otherwise: BeltInput) -> BeltInput:
    if not isinstance(content, dict) or not {"speed", "speed_mps", "incline_pct"} & content.keys():
        raise ValueError('write {"speed_mps": 3.0} or {"speed": "10.5km/h"}')
    belt = otherwise
    if "speed_mps" in content:
        belt = replace(belt, speed_mps=_between(content["speed_mps"], 0, FASTEST_MPS, "speed_mps"))
    elif "speed" in content:
        belt = replace(belt, speed_mps=parse_speed_mps(str(content["speed"])))
    if "incline_pct" in content:
        belt = replace(belt, incline_pct=_between(content["incline_pct"], -10, 40, "incline_pct"))
    return belt


def _between(value: object, low: float, high: float, name: str) -> float:
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not low <= number <= high:
        raise ValueError(f"{name} = {value!r} does not lie between {low:g} and {high:g}")
    return number
