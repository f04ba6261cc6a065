"""A link to one Bluetooth device that is kept: found, listened to, and looked for again when it is lost.

bleak runs in an asyncio loop in a thread of its own, so that nothing here can hold up the session. A lost device is
looked for again with growing pauses, it and no other; meanwhile the last value ages, and whoever chooses between
sources turns to the next one. A link listens and never writes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from coach.core.notices import Notice, NoticeKind
from coach.edges.bluetooth.radio import Background, FoundDevice, Kind, Radio, explained, find, find_address
from coach.errors import TreadmillError
from coach.plain_records import json_value
from coach.private import write_private

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

_log = logging.getLogger(__name__)


Take = Callable[[float, bytes], None]
"""Told when a packet arrived, and its octets. Called in the link's thread, under its lock."""


class LinkState(StrEnum):
    """How the link stands."""

    SEARCHING = "searching"
    CONNECTED = "connected"
    LOST = "lost"
    UNAVAILABLE = "unavailable"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which device a link looks for, what it listens to, and how that is told."""

    kind: Kind
    tells: str
    """What it tells, in a word, for the message where it does not."""
    setting: str
    """The setting that chooses one of many."""
    takers: tuple[tuple[str, Take], ...]
    """Characteristics, and who takes their notifications."""
    notice: NoticeKind
    words: Mapping[LinkState, str]
    """States that are worth a notice. Its detail is the device's name, or what is wrong and how to mend it."""


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


class Link:
    """Never raises and never blocks: without extra, radio or device it only says so in a notice.

    The first search takes the device with `address`, else the one used last, which the file `memory` remembers, else
    the nearest. Whoever takes packets reads what came of them under `lock`.
    """

    def __init__(
        self,
        wanted: Wanted,
        address: str,
        memory: Path | None,
        *,
        radio: Radio | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.Lock()
        self.clock = clock
        self._wanted = wanted
        self._address = address
        self._memory = memory
        self._radio = radio or Radio()
        self._patience = patience or Patience()
        self._state = LinkState.SEARCHING
        self._heard_s = -math.inf
        self._remembered = False
        self._background = Background(wanted.kind, self._keep_linked)
        self._background.start()

    @property
    def state(self) -> LinkState:
        """How the link stands now."""
        return self._state

    def notices(self) -> tuple[Notice, ...]:
        """What has changed about the link since the last call, oldest first."""
        return self._background.notices()

    def close(self) -> None:
        """Drop the link. May be called twice."""
        self._background.close()
        self._state = LinkState.CLOSED

    async def _keep_linked(self) -> None:
        wait_s = self._patience.first_wait_s
        while not self._background.stopping:
            heard_s = self._heard_s
            try:
                await self._link()
            except Exception as error:  # noqa: BLE001 - no surprise of a Bluetooth stack may end the session
                self._failed(explained(error, self._wanted.kind))
            wait_s = self._patience.first_wait_s if self._heard_s > heard_s else wait_s
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self._patience.longest_wait_s)

    def _failed(self, error: TreadmillError) -> None:
        before = self._state
        self._state = LinkState.LOST if math.isfinite(self._heard_s) else LinkState.UNAVAILABLE
        _log.info("%s: %s", self._wanted.kind, error)
        if before is not self._state or before is LinkState.CONNECTED:
            self._note(str(error))

    def _note(self, detail: str) -> None:
        self._background.tell(Notice(self._wanted.notice, self._wanted.words[self._state], detail))

    async def _link(self) -> None:
        """Find, connect, listen until the link is lost or falls silent."""
        found = await self._find()
        if found is None:
            raise TreadmillError("none found; switch it on, come near, or see coach treadmill scan")
        dropped = asyncio.Event()
        async with self._radio.client(found.device, self._patience.connect_s, dropped.set) as client:
            listening = [await self._listen(client, uuid, take) for uuid, take in self._wanted.takers]
            if not any(listening):
                wanted = self._wanted
                raise TreadmillError(f"{found.name} tells no {wanted.tells}; choose another with {wanted.setting}")
            self._connected(found)
            await self._until_lost(dropped)
            self._state = LinkState.LOST
            self._note(found.name)
            _log.info("%s link to %s lost", self._wanted.kind, found.address)

    async def _find(self) -> FoundDevice | None:
        kind, scan_s = self._wanted.kind, self._patience.scan_s
        if self._address:
            return await find_address(self._radio, self._address, scan_s, kind)
        known = self._recall()
        if known and (found := await find_address(self._radio, known, scan_s, kind)):
            return found
        return next(iter(await find(self._radio, scan_s, [kind])), None)

    async def _listen(self, client: BleakClient, uuid: str, take: Take) -> bool:
        """Subscribe to a characteristic where the device has it."""
        offered = [c for c in client.services.characteristics.values() if c.uuid == uuid and "notify" in c.properties]
        if not offered:
            return False

        def heard(_sender: BleakGATTCharacteristic, packet: bytearray) -> None:
            now_s = self.clock()
            with self.lock:
                take(now_s, bytes(packet))
            self._heard_s = now_s

        await client.start_notify(offered[0], heard)
        return True

    def _connected(self, found: FoundDevice) -> None:
        self._state = LinkState.CONNECTED
        # From here on no other will do: where the runner's own is away, a neighbour's numbers are worse than none.
        self._address = found.address
        self._note(found.name)
        _log.info("%s %s connected (%s)", self._wanted.kind, found.name, found.address)
        self._remember(found)

    async def _until_lost(self, dropped: asyncio.Event) -> None:
        """Return when the link broke, or when nothing was heard for too long."""
        since_s = self.clock()
        while self.clock() - max(self._heard_s, since_s) <= self._patience.silence_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(dropped.wait(), self._patience.look_s)
                return
        _log.info("%s silent for %.0f s", self._wanted.kind, self._patience.silence_s)

    def _recall(self) -> str | None:
        if self._memory is None:
            return None
        try:
            address = json_value(self._memory.read_text("utf-8"))["address"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return address if isinstance(address, str) else None

    def _remember(self, found: FoundDevice) -> None:
        if self._memory is None or self._remembered:
            return
        try:
            content = json.dumps({"address": found.address, "name": found.name}) + "\n"
            write_private(self._memory, content.encode())
            self._remembered = True
        except OSError as error:
            _log.warning("cannot remember the %s in %s: %s", self._wanted.kind, self._memory, error)
