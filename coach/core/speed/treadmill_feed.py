"""What Bluetooth treadmills say, byte by byte, what they have told so far, and how old that is.

Treadmill Data (0x2ACD) and RSC Measurement (0x2A53). Field tables: Bluetooth SIG, Fitness Machine Service 1.0 (section
4.4, characteristic as published 2017-02-14) and Running Speed and Cadence Service 1.0. All numbers are little endian.
The parser takes whatever comes: what is cut off, marked as not available, or beyond what a treadmill can do, is unknown
(NaN). It only reads: nothing here is sent to a treadmill.

A value is fresh only while the treadmill shows signs of life: a console that repeats one speed while its clock and
its distance stand still has hung, and its speed grows old although packets still come.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from coach.core.bounds import FASTEST_MPS, INCLINE_PCT, SPEED_MPS
from coach.core.heart import HeartFeed, HeartOrigin, HeartRate, plausible_bpm
from coach.core.speed.belt_speed import CONSOLE_SD_SHARE, BeltSpeed, SpeedOrigin
from coach.core.units import METRES_PER_KM, METRES_PER_MILE, SECONDS_PER_HOUR

MORE_DATA: Final = 1 << 0
"""Set in every notification of a split record but the last, which alone carries the instantaneous speed."""


@dataclass(frozen=True, slots=True)
class TreadmillData:
    """One treadmill data record, or the part of it that one notification carries; NaN where not given."""

    speed_mps: float = math.nan
    average_speed_mps: float = math.nan
    distance_m: float = math.nan
    incline_pct: float = math.nan
    ramp_angle_deg: float = math.nan
    climbed_m: float = math.nan
    descended_m: float = math.nan
    pace_raw: float = math.nan
    """As sent: treadmills do not agree whether it is km/min or min/km, so it is never used."""
    average_pace_raw: float = math.nan
    energy_kcal: float = math.nan
    energy_kcal_per_h: float = math.nan
    energy_kcal_per_min: float = math.nan
    heart_rate_bpm: float = math.nan
    metabolic_equivalent: float = math.nan
    elapsed_s: float = math.nan
    remaining_s: float = math.nan
    belt_force_n: float = math.nan
    power_w: float = math.nan
    complete: bool = field(default=True, kw_only=True)
    """False while the "more data" bit says that the rest of the record follows."""


@dataclass(frozen=True, slots=True)
class RunningSpeedCadence:
    """One RSC measurement; NaN where not given."""

    speed_mps: float = math.nan
    cadence_per_min: float = math.nan
    stride_length_m: float = math.nan
    distance_m: float = math.nan
    running: bool | None = None
    """What the sensor calls it; None where the packet is empty."""


@dataclass(frozen=True, slots=True)
class _Field:
    """name: attribute of the record. size: octets. absent: the raw value that means "not available"."""

    name: str
    size: int
    scale: float = 1.0
    signed: bool = False
    absent: int | None = None


_RUNNING: Final = 1 << 2
"""Of an RSC measurement's flags: running, not walking."""
_SPEED_SCALE: Final = 0.01 * METRES_PER_KM / SECONDS_PER_HOUR
_SPEED: Final = _Field("speed_mps", 2, _SPEED_SCALE)
_PACES: Final = 0b110_0000
_OPTIONAL: Final[tuple[tuple[_Field, ...], ...]] = (
    (_Field("average_speed_mps", 2, _SPEED_SCALE),),
    (_Field("distance_m", 3),),
    (_Field("incline_pct", 2, 0.1, True, 0x7FFF), _Field("ramp_angle_deg", 2, 0.1, True, 0x7FFF)),
    (_Field("climbed_m", 2, 0.1), _Field("descended_m", 2, 0.1)),
    (_Field("pace_raw", 1, 0.1),),
    (_Field("average_pace_raw", 1, 0.1),),
    (
        _Field("energy_kcal", 2, absent=0xFFFF),
        _Field("energy_kcal_per_h", 2, absent=0xFFFF),
        _Field("energy_kcal_per_min", 1, absent=0xFF),
    ),
    (_Field("heart_rate_bpm", 1),),
    (_Field("metabolic_equivalent", 1, 0.1),),
    (_Field("elapsed_s", 2),),
    (_Field("remaining_s", 2),),
    (_Field("belt_force_n", 2, 1.0, True, 0x7FFF), _Field("power_w", 2, 1.0, True, 0x7FFF)),
)
"""Group k is present where bit k + 1 of the flags is set; in this order."""


def parse_treadmill_data(packet: bytes, *, mph: bool = False) -> TreadmillData:
    """One notification of Treadmill Data. `mph`: this treadmill sends hundredths of a mile per hour, against the rules.

    Pace fields are one octet by the standard; where the packet's length says that they are two, they are read so.
    """
    if len(packet) < 2:
        return TreadmillData()
    flags = int.from_bytes(packet[:2], "little")
    values = _read(packet[2:], _fields(flags, len(packet) - 2))
    if mph:
        for name in ("speed_mps", "average_speed_mps"):
            values[name] = values.get(name, math.nan) * METRES_PER_MILE / METRES_PER_KM
    return _plausible(_record(values, complete=not flags & MORE_DATA))


def parse_running_speed(packet: bytes) -> RunningSpeedCadence:
    """One RSC measurement: flags, speed in 1/256 m/s, cadence, then stride length and distance where flagged."""
    if len(packet) < 4:
        return RunningSpeedCadence()
    flags = packet[0]
    fields = [_Field("speed_mps", 2, 1 / 256), _Field("cadence_per_min", 1)]
    fields += [_Field("stride_length_m", 2, 0.01)] if flags & 1 else []
    fields += [_Field("distance_m", 4, 0.1)] if flags & 2 else []
    values = _read(packet[1:], fields)
    return RunningSpeedCadence(
        SPEED_MPS.or_nan(values.get("speed_mps", math.nan)),
        values.get("cadence_per_min", math.nan),
        values.get("stride_length_m", math.nan),
        values.get("distance_m", math.nan),
        running=bool(flags & _RUNNING),
    )


def running_speed_packet(speed_mps: float, cadence_per_min: float, *, running: bool) -> bytes:
    """An RSC measurement as a foot pod sends it, the reverse of `parse_running_speed`.

    Raises ValueError for a value that is not known: the format has no way to say so, and 0 would be a lie.

    Examples
    --------
    >>> parse_running_speed(running_speed_packet(3.0, 84.0, running=True)).speed_mps
    3.0
    """
    if not (0 <= speed_mps <= FASTEST_MPS and 0 <= cadence_per_min < 256):
        raise ValueError(f"a foot pod cannot tell {speed_mps} m/s and {cadence_per_min} a minute")
    speed, cadence = round(256 * speed_mps), round(cadence_per_min)
    return bytes([_RUNNING * running]) + speed.to_bytes(2, "little") + min(cadence, 255).to_bytes(1, "little")


_NAMES: Final = tuple(item.name for item in dataclasses.fields(TreadmillData) if not item.kw_only)
_NOTHING: Final = TreadmillData(complete=False)


class RecordAssembler:
    """Puts records together that come in several notifications."""

    def __init__(self) -> None:
        self._parts = _NOTHING

    def add(self, part: TreadmillData) -> TreadmillData | None:
        """The whole record once its last part has come, else None."""
        merged = {name: _newer(getattr(self._parts, name), getattr(part, name)) for name in _NAMES}
        self._parts = _NOTHING if part.complete else _record(merged, complete=False)
        return _record(merged, complete=True) if part.complete else None


def _record(values: Mapping[str, float], *, complete: bool) -> TreadmillData:
    return TreadmillData(*(values.get(name, math.nan) for name in _NAMES), complete=complete)


def _newer(old: float, new: float) -> float:
    return old if math.isnan(new) else new


def _fields(flags: int, length: int) -> list[_Field]:
    """The fields of a packet in order."""
    fields = [] if flags & MORE_DATA else [_SPEED]
    fields += [item for bit, group in enumerate(_OPTIONAL, start=1) if flags >> bit & 1 for item in group]
    wide_paces = (flags & _PACES).bit_count()
    if wide_paces and length == sum(item.size for item in fields) + wide_paces:
        fields = [dataclasses.replace(f, size=2) if f.name.endswith("pace_raw") else f for f in fields]
    return fields


def _read(content: bytes, fields: list[_Field]) -> dict[str, float]:
    """Values by name as far as the octets reach."""
    values: dict[str, float] = {}
    at = 0
    for item in fields:
        octets = content[at : at + item.size]
        if len(octets) < item.size:
            break
        raw = int.from_bytes(octets, "little", signed=item.signed)
        values[item.name] = math.nan if raw == item.absent else raw * item.scale
        at += item.size
    return values


def _plausible(data: TreadmillData) -> TreadmillData:
    """The record without what no treadmill can mean."""
    return dataclasses.replace(
        data,
        speed_mps=SPEED_MPS.or_nan(data.speed_mps),
        average_speed_mps=SPEED_MPS.or_nan(data.average_speed_mps),
        incline_pct=INCLINE_PCT.or_nan(data.incline_pct),
        ramp_angle_deg=INCLINE_PCT.or_nan(data.ramp_angle_deg),
        heart_rate_bpm=plausible_bpm(data.heart_rate_bpm),
    )


FOOT_POD_SD_SHARE: Final = 0.05
_LEAST_SD_MPS: Final = 0.03
_FROZEN_AFTER_S: Final = 8.0
_MOVING_MPS: Final = 0.3
_PREFERRED_FOR_S: Final = 3.0
"""So long after its last word Treadmill Data goes over the foot pod's speed of the same device."""


class TreadmillFeed:
    """Turns packets with their time of arrival into a belt speed with its age."""

    def __init__(self, *, mph: bool = False) -> None:
        self._mph = mph
        self._records = RecordAssembler()
        self._latest = TreadmillData()
        self._speed_mps = math.nan
        self._sd_share = CONSOLE_SD_SHARE
        self._incline_pct = math.nan
        self._fresh_s = math.nan
        self._console_s = -math.inf
        self._progress: tuple[float, float] = (math.nan, math.nan)
        self._progress_s = -math.inf
        self._counts = False
        self._counted_s = -math.inf
        self._heart = HeartFeed(HeartOrigin.TREADMILL)

    @property
    def latest(self) -> TreadmillData:
        """The last whole record."""
        return self._latest

    def treadmill_packet(self, t_s: float, packet: bytes) -> None:
        """A notification of Treadmill Data arrived at `t_s`."""
        record = self._records.add(parse_treadmill_data(packet, mph=self._mph))
        if record is None:
            return
        self._latest = record
        if not math.isnan(record.heart_rate_bpm):
            self._heart.heard(t_s, record.heart_rate_bpm)
        if not math.isnan(record.incline_pct):
            self._incline_pct = record.incline_pct
        if not math.isnan(record.speed_mps):
            self._console_s = t_s
            self._take(t_s, record.speed_mps, CONSOLE_SD_SHARE, frozen=self._frozen(t_s, record))

    def foot_pod_packet(self, t_s: float, packet: bytes) -> None:
        """An RSC measurement arrived at `t_s`."""
        speed_mps = parse_running_speed(packet).speed_mps
        if not math.isnan(speed_mps) and t_s - self._console_s > _PREFERRED_FOR_S:
            self._take(t_s, speed_mps, FOOT_POD_SD_SHARE, frozen=False)

    def current(self, t_s: float) -> BeltSpeed | None:
        """The newest speed with its age, None where none ever came."""
        if math.isnan(self._speed_mps):
            return None
        return BeltSpeed(
            speed_mps=self._speed_mps,
            origin=SpeedOrigin.TREADMILL,
            sd_mps=max(self._sd_share * self._speed_mps, _LEAST_SD_MPS),
            age_s=max(0.0, t_s - self._fresh_s),
            incline_pct=self._incline_pct,
        )

    def heart(self, t_s: float) -> HeartRate | None:
        """The heart rate that the treadmill tells of its own, while it is fresh."""
        return self._heart.current(t_s)

    def _take(self, t_s: float, speed_mps: float, sd_share: float, *, frozen: bool) -> None:
        if frozen and speed_mps == self._speed_mps:
            self._fresh_s = self._progress_s
            return
        self._speed_mps, self._sd_share, self._fresh_s = speed_mps, sd_share, t_s

    def _frozen(self, t_s: float, record: TreadmillData) -> bool:
        """Whether clock and distance, which this treadmill counts, have stood still although the belt runs."""
        now = (_newest(self._progress[0], record.elapsed_s), _newest(self._progress[1], record.distance_m))
        moved = any(a != b for a, b in zip(now, self._progress, strict=True) if not math.isnan(b))
        self._counts = self._counts or moved
        if math.isfinite(record.elapsed_s) or math.isfinite(record.distance_m):
            self._counted_s = t_s
        if moved or not record.speed_mps > _MOVING_MPS or math.isinf(self._progress_s):
            self._progress_s = t_s
        self._progress = now
        # One that tells neither any more has not hung for that.
        counts = self._counts and t_s - self._counted_s <= _FROZEN_AFTER_S
        return counts and t_s - self._progress_s > _FROZEN_AFTER_S


def _newest(old: float, new: float) -> float:
    return old if math.isnan(new) else new
