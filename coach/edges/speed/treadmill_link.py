"""The Bluetooth treadmill as a source of belt speed. It listens and never writes.

bleak runs in an asyncio loop in a thread of its own, so that nothing here can hold up the session. A lost link is
looked for again with growing pauses; meanwhile the last value ages, and whoever chooses between sources turns to
the next one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coach.core.coach_settings import TreadmillSettings
from coach.core.notices import Notice, NoticeKind
from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.treadmill_feed import TreadmillFeed
from coach.core.units import kmh
from coach.edges.speed.bluetooth import (
    RSC_MEASUREMENT,
    TREADMILL_DATA,
    FoundTreadmill,
    Radio,
    explained,
    find,
    find_address,
    require_extra,
)
from coach.errors import TreadmillError
from coach.private import write_private

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

_log = logging.getLogger(__name__)

_CLOSE_S: Final = 5.0


class LinkState(StrEnum):
    """How the link stands."""

    SEARCHING = "searching"
    CONNECTED = "connected"
    LOST = "lost"
    UNAVAILABLE = "unavailable"
    CLOSED = "closed"


_WORDS: Final = {
    LinkState.CONNECTED: "screen.belt_connected",
    LinkState.LOST: "screen.belt_lost",
    LinkState.UNAVAILABLE: "screen.belt_missing",
}
"""States that are worth a notice. Its detail is the treadmill's name, or what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each step may take, in seconds."""

    scan_s: float = 8.0
    connect_s: float = 15.0
    silence_s: float = 12.0
    """Connected, but nothing comes: the link is given up and made anew."""
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    look_s: float = 0.5


class TreadmillSpeed:
    """A speed source that never raises and never blocks: without extra, radio or treadmill it knows no speed.

    `memory` is a file that remembers the treadmill used last.
    """

    def __init__(
        self,
        settings: TreadmillSettings | None = None,
        memory: Path | None = None,
        *,
        radio: Radio | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings or TreadmillSettings(bluetooth=True)
        self._memory = memory
        self._radio = radio or Radio()
        self._patience = patience or Patience()
        self._clock = clock
        self._feed = TreadmillFeed(mph=self._settings.unit == "mph")
        self._lock = threading.Lock()
        self._notices: deque[Notice] = deque(maxlen=20)
        self._state = LinkState.SEARCHING
        self._heard_s = -math.inf
        self._remembered = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="treadmill", daemon=True)
        self._thread.start()

    @property
    def state(self) -> LinkState:
        """How the link stands now."""
        return self._state

    def current(self, t_s: float) -> BeltSpeed | None:  # noqa: ARG002 - see below
        """The newest speed with its age.

        The age is counted on the clock that stamps the packets, since a session's time may stand still or start
        at 0; `t_s` is not needed.
        """
        with self._lock:
            return self._feed.current(self._clock())

    def notices(self) -> tuple[Notice, ...]:
        """What has changed about the link since the last call, oldest first."""
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._notices.popleft())
        return tuple(taken)

    def reading(self) -> str:
        """All that the treadmill tells now, in one line."""
        with self._lock:
            speed, data = self._feed.current(self._clock()), self._feed.latest
        if speed is None:
            return "no speed yet"
        parts = [f"{kmh(speed.speed_mps):.1f} km/h", f"{speed.age_s:.0f} s old"]
        parts += [f"{speed.incline_pct:.1f} %"] if math.isfinite(speed.incline_pct) else []
        parts += [f"{data.distance_m:.0f} m"] if math.isfinite(data.distance_m) else []
        parts += [f"{data.elapsed_s:.0f} s"] if math.isfinite(data.elapsed_s) else []
        return " · ".join(parts)

    def close(self) -> None:
        """Drop the link. May be called twice."""
        self._stopping.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with suppress(RuntimeError):  # the loop may have ended in between
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join(_CLOSE_S)
        self._state = LinkState.CLOSED

    def _work(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._keep_linked())

    async def _keep_linked(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        wait_s = self._patience.first_wait_s
        while not self._stopping.is_set():
            heard_s = self._heard_s
            try:
                await self._link()
            except Exception as error:  # noqa: BLE001 - no surprise of a Bluetooth stack may end the session
                self._failed(explained(error))
            wait_s = self._patience.first_wait_s if self._heard_s > heard_s else wait_s
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self._patience.longest_wait_s)

    def _failed(self, error: TreadmillError) -> None:
        before = self._state
        self._state = LinkState.LOST if math.isfinite(self._heard_s) else LinkState.UNAVAILABLE
        _log.info("treadmill: %s", error)
        if before is not self._state or before is LinkState.CONNECTED:
            self._note(str(error))

    def _note(self, detail: str) -> None:
        self._notices.append(Notice(NoticeKind.TREADMILL, _WORDS[self._state], detail))

    async def _link(self) -> None:
        """Find, connect, listen until the link is lost or falls silent."""
        found = await self._find()
        if found is None:
            raise TreadmillError("none found; switch it on, come near, or see coach treadmill scan")
        dropped = asyncio.Event()
        async with self._radio.client(found.device, self._patience.connect_s, dropped.set) as client:
            listening = [await self._listen(client, uuid, take) for uuid, take in self._takers()]
            if not any(listening):
                raise TreadmillError(f"{found.name} tells no speed; choose another with treadmill.address")
            self._connected(found)
            await self._until_lost(dropped)
            self._state = LinkState.LOST
            self._note(found.name)
            _log.info("treadmill link to %s lost", found.address)

    async def _find(self) -> FoundTreadmill | None:
        if self._settings.address:
            return await find_address(self._radio, self._settings.address, self._patience.scan_s)
        known = self._recall()
        if known and (found := await find_address(self._radio, known, self._patience.scan_s)):
            return found
        treadmills = [item for item in await find(self._radio, self._patience.scan_s) if item.kind == "treadmill"]
        return treadmills[0] if treadmills else None

    def _takers(self) -> tuple[tuple[str, Callable[[float, bytes], None]], ...]:
        return (TREADMILL_DATA, self._feed.treadmill_packet), (RSC_MEASUREMENT, self._feed.foot_pod_packet)

    async def _listen(self, client: BleakClient, uuid: str, take: Callable[[float, bytes], None]) -> bool:
        """Subscribe to a characteristic where the treadmill has it."""
        offered = [c for c in client.services.characteristics.values() if c.uuid == uuid and "notify" in c.properties]
        if not offered:
            return False

        def heard(_sender: BleakGATTCharacteristic, packet: bytearray) -> None:
            now_s = self._clock()
            with self._lock:
                take(now_s, bytes(packet))
            self._heard_s = now_s

        await client.start_notify(offered[0], heard)
        return True

    def _connected(self, found: FoundTreadmill) -> None:
        self._state = LinkState.CONNECTED
        self._note(found.name)
        _log.info("treadmill %s connected (%s)", found.name, found.address)
        self._remember(found)

    async def _until_lost(self, dropped: asyncio.Event) -> None:
        """Return when the link broke, or when nothing was heard for too long."""
        since_s = self._clock()
        while self._clock() - max(self._heard_s, since_s) <= self._patience.silence_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(dropped.wait(), self._patience.look_s)
                return
        _log.info("treadmill silent for %.0f s", self._patience.silence_s)

    def _recall(self) -> str | None:
        if self._memory is None:
            return None
        try:
            address = json.loads(self._memory.read_text("utf-8"))["address"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return address if isinstance(address, str) else None

    def _remember(self, found: FoundTreadmill) -> None:
        if self._memory is None or self._remembered:
            return
        try:
            content = json.dumps({"address": found.address, "name": found.name}) + "\n"
            write_private(self._memory, content.encode())
            self._remembered = True
        except OSError as error:
            _log.warning("cannot remember the treadmill in %s: %s", self._memory, error)


def watch(
    report: Callable[[Notice | str], None],
    settings: TreadmillSettings | None = None,
    memory: Path | None = None,
    *,
    duration_s: float | None = None,
    stop: threading.Event | None = None,
    radio: Radio | None = None,
    patience: Patience | None = None,
) -> bool:
    """What `coach treadmill watch` shows: what changes, and a reading a second; whether a speed was ever heard.

    Ends after `duration_s`, when `stop` is set, or with KeyboardInterrupt. Raises TreadmillError without the extra,
    which no waiting brings.
    """
    require_extra()
    stop = stop or threading.Event()
    ends_s = math.inf if duration_s is None else time.monotonic() + duration_s
    link = TreadmillSpeed(settings, memory, radio=radio, patience=patience)
    try:
        while time.monotonic() < ends_s and not stop.wait(min(1.0, duration_s or 1.0)):
            for notice in link.notices():
                report(notice)
            if link.state is LinkState.CONNECTED:
                report(link.reading())
    finally:
        link.close()
    return link.current(0.0) is not None
