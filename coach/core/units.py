"""Units, conversions and the array type of the core.

Inside, speed is in m/s, angles in degrees, time in seconds, lengths in leg lengths
(`_ll`) or pixels (`_px`). Pace exists only in what the runner types and reads.
"""

from __future__ import annotations

import math
import re
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from coach.core.bounds import FASTEST_MPS, shown

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ComplexArray = NDArray[np.complex128]

Units = Literal["metric", "imperial"]
"""What the runner reads."""

METRES_PER_KM: Final = 1000.0
METRES_PER_MILE: Final = 1609.344
SECONDS_PER_HOUR: Final = 3600.0
CM_PER_INCH: Final = 2.54

AS_TYPED: Final = re.IGNORECASE | re.ASCII
"""Letters of either case; digits are ASCII's, since nobody sees which ten an Arabic 1 and 0 are meant to be."""
_SPEED = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(km/h|kmh|kph|mph|mi/h|m/s|mps)?\s*", AS_TYPED)
_PACE_ALONE = re.compile(r"\s*(\d{1,2}:[0-5]\d)\s*(?:min)?\s*", AS_TYPED)
_PACE = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*(?:min)?\s*(/km|/mi)\s*", AS_TYPED)
_METRES_PER_S: Final = {
    "km/h": METRES_PER_KM / SECONDS_PER_HOUR,
    "kmh": METRES_PER_KM / SECONDS_PER_HOUR,
    "kph": METRES_PER_KM / SECONDS_PER_HOUR,
    "mph": METRES_PER_MILE / SECONDS_PER_HOUR,
    "mi/h": METRES_PER_MILE / SECONDS_PER_HOUR,
    "m/s": 1.0,
    "mps": 1.0,
}


def parse_speed_mps(text: str) -> float:
    """Speed in m/s from what a runner types: `10.5`, `10.5km/h`, `6.5mph`, `3.5m/s`, `5:30/km`, `8:50/mi`.

    A bare number is km/h. Raises ValueError with a message that shows the accepted forms.

    Examples
    --------
    >>> [round(parse_speed_mps(text), 2) for text in ("10.5", "6.5mph", "3.5m/s", "5:30/km", "8:50/mi")]
    [2.92, 2.91, 3.5, 3.03, 3.04]
    >>> parse_speed_mps("fast")
    Traceback (most recent call last):
    ValueError: cannot read the speed 'fast'; write 10.5, 10.5km/h, 6.5mph, 3.5m/s, 5:30/km or 8:50/mi
    """
    speed_mps = _parse_speed_mps(text)
    if speed_mps is None and (pace := _PACE_ALONE.fullmatch(text)):
        raise ValueError(f"is {pace[1]} a pace per kilometre or per mile? write {pace[1]}/km or {pace[1]}/mi")
    if speed_mps is None:
        forms = "10.5, 10.5km/h, 6.5mph, 3.5m/s, 5:30/km or 8:50/mi"
        raise ValueError(f"cannot read the speed {shown(text)}; write {forms}")
    if speed_mps > FASTEST_MPS:
        raise ValueError(f"the speed {shown(text)} is faster than any treadmill ({kmh(FASTEST_MPS):.0f} km/h at most)")
    return speed_mps


def _parse_speed_mps(text: str) -> float | None:
    if match := _SPEED.fullmatch(text):
        number, unit = match.groups()
        return float(number.replace(",", ".")) * _METRES_PER_S[(unit or "km/h").lower()]
    if match := _PACE.fullmatch(text):
        minutes, seconds, per = match.groups()
        pace_s = 60 * int(minutes) + int(seconds)
        metres = METRES_PER_KM if per.lower() == "/km" else METRES_PER_MILE
        return metres / pace_s if pace_s else None
    return None


_HEIGHT = re.compile(r"\s*(-?\d{1,6}(?:[.,]\d{1,6})?)\s*(?:cm)?\s*", AS_TYPED)
_FEET = re.compile(
    r"\s*(\d{1,2})\s*(?:ft|['’′])\s*(?:((?:\d|1[01])(?:[.,]\d{1,6})?)\s*(?:in|[\"”″]|'')?)?\s*", AS_TYPED
)


def parse_height_cm(text: str) -> float:
    """Body height in cm from what a runner types: `175`, `175cm`, `5'9`, or `5 ft 9 in` as it is shown.

    A bare number is cm, of whatever size: how tall a runner can be, the settings say. Raises ValueError with a message
    that shows the accepted forms.

    Examples
    --------
    >>> [round(parse_height_cm(text), 1) for text in ("175", "175.5 cm", "5'9", "5 ft 9 in")]
    [175.0, 175.5, 175.3, 175.3]
    >>> parse_height_cm("tall")
    Traceback (most recent call last):
    ValueError: cannot read the height 'tall'; write centimetres, such as 175, or 5ft9
    """
    if match := _HEIGHT.fullmatch(text):
        return float(match[1].replace(",", "."))
    if match := _FEET.fullmatch(text):
        return CM_PER_INCH * (12 * int(match[1]) + float((match[2] or "0").replace(",", ".")))
    raise ValueError(f"cannot read the height {shown(text)}; write centimetres, such as 175, or 5ft9")


def kmh(speed_mps: float) -> float:
    """Kilometres per hour.

    Examples
    --------
    >>> round(kmh(3.0), 1)
    10.8
    """
    return speed_mps * SECONDS_PER_HOUR / METRES_PER_KM


def mph(speed_mps: float) -> float:
    """Miles per hour.

    Examples
    --------
    >>> round(mph(3.0), 1)
    6.7
    """
    return speed_mps * SECONDS_PER_HOUR / METRES_PER_MILE


def format_pace(speed_mps: float, metres: float = METRES_PER_KM) -> str:
    """Pace as `m:ss` per `metres`; `–` below 0.3 m/s, where a pace means nothing.

    Examples
    --------
    >>> format_pace(3.0), format_pace(3.0, METRES_PER_MILE), format_pace(0.0)
    ('5:33', '8:56', '–')
    """
    if not speed_mps >= 0.3:
        return "–"
    minutes, seconds = divmod(round(metres / speed_mps), 60)
    return f"{minutes}:{seconds:02d}"


def none_if_nan(value: float, digits: int | None = None) -> float | None:
    """A number as it is written: None where it is not known, rounded to so many decimals."""
    if not math.isfinite(value):
        return None
    return float(value) if digits is None else round(float(value), digits)


def nan_if_none(value: float | None) -> float:
    """A number as it was read: NaN where it is not known."""
    return math.nan if value is None else float(value)
