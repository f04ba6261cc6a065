"""Coach as a foot pod: a watch, Zwift or a bicycle computer hears cadence and speed of a treadmill that tells nothing.

It offers the Running Speed and Cadence service (Bluetooth SIG, version 1.0) through BlueZ, in a thread of its own. The
measurement has no way to say "not known", so nothing is sent while either value is not trusted.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sys
import time
from dataclasses import dataclass
from typing import Final

from coach.core.notices import Notice, NoticeKind
from coach.core.speed.treadmill_feed import running_speed_packet
from coach.edges.bluetooth.radio import MISSING_EXTRA, RSC_MEASUREMENT, RUNNING_SPEED_SERVICE, Background, explained
from coach.errors import TreadmillError
from coach.settings import FootPodSettings

_log = logging.getLogger(__name__)

RSC_FEATURE: Final = "00002a54-0000-1000-8000-00805f9b34fb"
SENSOR_LOCATION: Final = "00002a5d-0000-1000-8000-00805f9b34fb"
_TELLS_RUNNING: Final = (1 << 2).to_bytes(2, "little")
"""RSC Feature: it tells walking from running, and neither stride length nor distance."""
_OTHER_PLACE: Final = bytes([0])
"""Sensor Location: not on the body."""
_STALE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often it sends, and how long it waits before it tries again."""

    send_s: float = 1.0
    first_wait_s: float = 5.0
    longest_wait_s: float = 60.0


@dataclass(frozen=True, slots=True)
class _Told:
    at_s: float
    speed_mps: float
    cadence_spm: float
    running: bool


class FootPod:
    """Never raises and never blocks; what is wrong is a notice."""

    def __init__(
        self,
        settings: FootPodSettings | None = None,
        *,
        bus_address: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`bus_address`: another D-Bus than the system's, as a test has one."""
        self._settings = settings or FootPodSettings(advertise=True)
        self._bus_address = bus_address
        self._pace = pace or Pace()
        self._told: _Told | None = None
        self._trouble: str | None = None
        self._background = Background("foot pod", self._keep_up)
        self._background.start()

    def tell(self, speed_mps: float, cadence_spm: float, *, running: bool) -> None:
        """What is known now; NaN for what is not. Cadence counts the steps of both feet."""
        self._told = _Told(time.monotonic(), speed_mps, cadence_spm, running)

    def notices(self) -> tuple[Notice, ...]:
        """What has changed since the last call, oldest first."""
        return self._background.notices()

    def close(self) -> None:
        """No longer be one. May be called twice."""
        self._background.close()

    async def _keep_up(self) -> None:
        wait_s = self._pace.first_wait_s
        while not self._background.stopping:
            try:
                await self._serve()
            except Exception as error:  # noqa: BLE001 - no surprise of a Bluetooth stack may end the session
                self._failed(str(explained(error, "adapter")))
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self._pace.longest_wait_s)

    async def _serve(self) -> None:
        """Offer the service, and send once a second to who listens, until BlueZ goes away."""
        if sys.platform != "linux":
            raise TreadmillError("this computer cannot be a foot pod; that takes Linux with BlueZ")
        try:
            from coach.edges.bluetooth.bluez_peripheral import Characteristic, sensor  # noqa: PLC0415 - an extra
        except ImportError:
            raise TreadmillError(MISSING_EXTRA) from None
        measurement = Characteristic(RSC_MEASUREMENT, "notify")
        feature = Characteristic(RSC_FEATURE, "read", _TELLS_RUNNING)
        place = Characteristic(SENSOR_LOCATION, "read", _OTHER_PLACE)
        name, heard = self._settings.name, False
        async with sensor(
            name, RUNNING_SPEED_SERVICE, measurement, feature, place, bus_address=self._bus_address
        ) as pod:
            self._trouble = None
            self._note("screen.pod_ready", name)
            while True:
                await asyncio.sleep(self._pace.send_s)
                if pod.listened and not heard:
                    self._note("screen.pod_heard")
                heard = pod.listened
                pod.check()
                if (packet := self._packet()) is not None:
                    pod.notify(packet)

    def _packet(self) -> bytes | None:
        """The measurement to send now; None while speed or cadence is not known."""
        told = self._told
        if told is None or time.monotonic() - told.at_s > _STALE_S:
            return None
        feet = 2.0 if self._settings.cadence == "strides" else 1.0
        cadence = told.cadence_spm / feet
        if not (math.isfinite(told.speed_mps) and math.isfinite(cadence)):
            return None
        return running_speed_packet(told.speed_mps, cadence, running=told.running)

    def _failed(self, why: str) -> None:
        _log.info("foot pod: %s", why)
        if why != self._trouble:
            self._trouble = why
            self._note("screen.pod_missing", why)

    def _note(self, key: str, detail: str = "") -> None:
        self._background.tell(Notice(NoticeKind.COMPANION, key, detail))
