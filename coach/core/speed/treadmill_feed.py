"""What a treadmill has told so far, and how old that is.

A value is fresh only while the treadmill shows signs of life: a console that repeats one speed while its clock and
its distance stand still has hung, and its speed grows old although packets still come.
"""

from __future__ import annotations

import math
from typing import Final

from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.ftms import RecordAssembler, TreadmillData, parse_running_speed, parse_treadmill_data

CONSOLE_SD_SHARE: Final = 0.03
"""Consoles are off by some per cent: 2–3 % on the measured treadmill trials, more on worn belts."""
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

    def _take(self, t_s: float, speed_mps: float, sd_share: float, *, frozen: bool) -> None:
        if frozen and speed_mps == self._speed_mps:
            self._fresh_s = self._progress_s
            return
        self._speed_mps, self._sd_share, self._fresh_s = speed_mps, sd_share, t_s

    def _frozen(self, t_s: float, record: TreadmillData) -> bool:
        """Whether clock and distance, which this treadmill counts, have stood still although the belt runs."""
        now = (_newer(self._progress[0], record.elapsed_s), _newer(self._progress[1], record.distance_m))
        moved = any(a != b for a, b in zip(now, self._progress, strict=True) if not math.isnan(b))
        self._counts = self._counts or moved
        if moved or not record.speed_mps > _MOVING_MPS or math.isinf(self._progress_s):
            self._progress_s = t_s
        self._progress = now
        return self._counts and t_s - self._progress_s > _FROZEN_AFTER_S


def _newer(old: float, new: float) -> float:
    return old if math.isnan(new) else new
