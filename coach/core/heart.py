"""Heart rate: what a monitor says byte by byte, whose value holds, and what stays of a run.

Heart Rate Measurement (0x2A37): Bluetooth SIG, Heart Rate Service 1.0, section 3.1; numbers are little endian. What
cannot be is not known (NaN): no skin under the sensor, 0, or a rate that no heart has. It is shown and kept; nothing is
coached by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from coach.core.units import FloatArray

LOWEST_BPM: Final = 25.0
HIGHEST_BPM: Final = 250.0
"""Beyond both a sensor has lost the skin, or counts twice."""
STALE_AFTER_S: Final = 6.0
"""Monitors send about once a second; an older value says nothing of now."""

_WIDE: Final = 1 << 0
"""The rate has two octets."""
_CONTACT: Final = 1 << 1
_CONTACT_KNOWN: Final = 1 << 2
"""The sensor can tell whether it touches the skin; then the bit before says whether it does."""


class HeartOrigin(StrEnum):
    """Where a heart rate comes from, most trusted first. The value is stored."""

    MONITOR = "monitor"
    """A strap, an armband or a watch of the runner's own."""
    TREADMILL = "treadmill"
    """The console: hand grips, or a strap that it hears itself."""


@dataclass(frozen=True, slots=True)
class HeartRate:
    """A heart rate with its source and its age."""

    bpm: float
    origin: HeartOrigin
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HeartChange:
    """The heart rate from `t_s` on; NaN and None from where it was unknown."""

    t_s: float
    bpm: float
    source: HeartOrigin | None


@dataclass(frozen=True, slots=True)
class HeartFacts:
    """Heart rate over the running time, second by second; NaN where none was heard."""

    mean_bpm: float = math.nan
    highest_bpm: float = math.nan
    sources: tuple[str, ...] = ()


def plausible_bpm(bpm: float) -> float:
    """The rate; NaN for one that no heart has.

    Examples
    --------
    >>> plausible_bpm(148.0), plausible_bpm(0.0)
    (148.0, nan)
    """
    return bpm if LOWEST_BPM <= bpm <= HIGHEST_BPM else math.nan


def parse_heart_rate(packet: bytes) -> float:
    """Beats a minute in one Heart Rate Measurement; NaN where it tells none.

    Examples
    --------
    >>> parse_heart_rate(bytes([0x06, 148])), parse_heart_rate(bytes([0x04, 148])), parse_heart_rate(b"")
    (148.0, nan, nan)
    """
    if not packet:
        return math.nan
    flags, size = packet[0], 2 if packet[0] & _WIDE else 1
    without_skin = flags & _CONTACT_KNOWN and not flags & _CONTACT
    if len(packet) < 1 + size or without_skin:
        return math.nan
    return plausible_bpm(float(int.from_bytes(packet[1 : 1 + size], "little")))


class HeartFeed:
    """The newest rate of one device, and how old it is."""

    def __init__(self, origin: HeartOrigin) -> None:
        self._origin = origin
        self._bpm = math.nan
        self._heard_s = -math.inf

    def heard(self, t_s: float, bpm: float) -> None:
        """A rate came at `t_s`, NaN where the device had none to tell."""
        self._bpm, self._heard_s = plausible_bpm(bpm), t_s

    def packet(self, t_s: float, packet: bytes) -> None:
        """A Heart Rate Measurement came at `t_s`."""
        self.heard(t_s, parse_heart_rate(packet))

    def current(self, t_s: float) -> HeartRate | None:
        """The rate while it is fresh, else None."""
        age_s = max(0.0, t_s - self._heard_s)
        if math.isnan(self._bpm) or age_s > STALE_AFTER_S:
            return None
        return HeartRate(self._bpm, self._origin, age_s)


class HeartLog:
    """What is kept of the heart rate: whole beats, each with when it began to hold; at most one a second."""

    def __init__(self) -> None:
        self.changes: list[HeartChange] = []

    def step(self, t_s: float, rate: HeartRate | None) -> None:
        """Take what is known at a frame."""
        new = (
            HeartChange(t_s, math.nan, None) if rate is None else HeartChange(t_s, float(round(rate.bpm)), rate.origin)
        )
        if not self.changes:
            if rate is not None:
                self.changes.append(new)
            return
        last = self.changes[-1]
        lost_or_back = (last.source is None) is not (new.source is None)
        other = new.source is not None and (last.bpm, last.source) != (new.bpm, new.source)
        if lost_or_back or (other and t_s - last.t_s >= 1.0):
            self.changes.append(new)


def held_bpm(changes: Sequence[HeartChange], at_s: FloatArray) -> FloatArray:
    """(n,) the rate that held at each of these times; NaN before the first and where it was lost."""
    times_s = np.array([change.t_s for change in changes])
    values = np.array([math.nan, *(change.bpm for change in changes)])
    return values[np.searchsorted(times_s, at_s, side="right")]


def heart_facts(changes: Sequence[HeartChange], seconds_run: Iterable[float]) -> HeartFacts:
    """Mean and highest over the moments at which the runner ran, given once a second."""
    sources = tuple(dict.fromkeys(str(change.source) for change in changes if change.source is not None))
    held = held_bpm(changes, np.array(list(seconds_run), dtype=np.float64))
    known = held[~np.isnan(held)]
    if not known.size:
        return HeartFacts(sources=sources)
    return HeartFacts(float(known.mean()), float(known.max()), sources)
