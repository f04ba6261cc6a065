"""Finding treadmills, foot pods and heart-rate monitors: bleak, loaded late, because it is an optional extra.

Nothing in Coach ever writes to a device: it scans, connects and listens.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from coach.core.notices import Notice
from coach.errors import TreadmillError

if TYPE_CHECKING:
    from bleak import BleakClient, BleakScanner
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

FITNESS_MACHINE_SERVICE: Final = "00001826-0000-1000-8000-00805f9b34fb"
RUNNING_SPEED_SERVICE: Final = "00001814-0000-1000-8000-00805f9b34fb"
HEART_RATE_SERVICE: Final = "0000180d-0000-1000-8000-00805f9b34fb"
TREADMILL_DATA: Final = "00002acd-0000-1000-8000-00805f9b34fb"
RSC_MEASUREMENT: Final = "00002a53-0000-1000-8000-00805f9b34fb"
HEART_RATE_MEASUREMENT: Final = "00002a37-0000-1000-8000-00805f9b34fb"
Kind = Literal["treadmill", "foot pod", "heart-rate monitor"]
SERVICES: Final[Mapping[Kind, str]] = {
    "treadmill": FITNESS_MACHINE_SERVICE,
    "foot pod": RUNNING_SPEED_SERVICE,
    "heart-rate monitor": HEART_RATE_SERVICE,
}
"""What each kind of device advertises; a device that offers several is the first of them."""

_TREADMILL_BIT: Final = 1
"""Of the machine types that a fitness machine advertises in its service data (Fitness Machine Service 1.0, 3.1.2)."""

MISSING_EXTRA: Final = "Bluetooth devices need the extra; install it with: pip install 'treadmill-coach[treadmill]'"
NO_RADIO: Final = "Bluetooth is off or not there; switch it on (and allow this program to use it)"


def require_extra() -> None:
    """Raise TreadmillError where bleak is not installed."""
    try:
        import bleak  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        raise TreadmillError(MISSING_EXTRA) from None


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device in reach that tells a belt's speed or a heart rate."""

    address: str
    name: str
    rssi_dbm: int
    kind: Kind
    device: Any = field(default=None, repr=False, compare=False)
    """bleak's own handle, best for connecting."""


@dataclass(frozen=True, slots=True)
class Radio:
    """Which Bluetooth implementation bleak uses; None is the system's own."""

    scanner_backend: type[BaseBleakScanner] | None = None
    client_backend: type[BaseBleakClient] | None = None

    def scanner(self, services: list[str] | None = None) -> BleakScanner:
        """A scanner, not yet started. Raises TreadmillError without the extra."""
        try:
            from bleak import BleakScanner as Scanner  # noqa: PLC0415 - an optional extra
        except ImportError:
            raise TreadmillError(MISSING_EXTRA) from None
        return Scanner(service_uuids=services, backend=self.scanner_backend)

    def client(self, device: BLEDevice, connect_s: float, on_dropped: Callable[[], None]) -> BleakClient:
        """A client for one device, not yet connected; `on_dropped` is called when the link breaks."""
        from bleak import BleakClient as Client  # noqa: PLC0415 - an optional extra

        return Client(device, lambda _client: on_dropped(), timeout=connect_s, backend=self.client_backend)


async def find(radio: Radio, seconds: float, kinds: Collection[Kind] = tuple(SERVICES)) -> tuple[FoundDevice, ...]:
    """Devices of these kinds in the order of `SERVICES`, each by strength of signal.

    Raises TreadmillError without extra or radio.
    """
    try:
        async with radio.scanner([SERVICES[kind] for kind in kinds]) as scanner:
            await asyncio.sleep(seconds)
            seen = scanner.discovered_devices_and_advertisement_data
    except Exception as error:
        raise explained(error) from error
    found = [item for device, advert in seen.values() if (item := _recognised(device, advert, kinds)) is not None]
    order = list(SERVICES)
    return tuple(sorted(found, key=lambda item: (order.index(item.kind), -item.rssi_dbm)))


async def find_address(radio: Radio, address: str, seconds: float, kind: Kind = "treadmill") -> FoundDevice | None:
    """The device with this address, whatever it advertises; None where it is not in reach."""
    try:
        async with asyncio.timeout(seconds), radio.scanner() as scanner:
            async for device, advert in scanner.advertisement_data():
                if device.address.lower() == address.lower():
                    name = advert.local_name or device.name or "unnamed"
                    return FoundDevice(device.address, name, advert.rssi, kind, device)
    except TimeoutError:
        return None
    except Exception as error:
        raise explained(error) from error
    return None


def scan(seconds: float = 8.0, radio: Radio | None = None) -> tuple[FoundDevice, ...]:
    """What `coach treadmill scan` lists. Blocks for `seconds`. Raises TreadmillError without extra or radio."""
    return asyncio.run(find(radio or Radio(), seconds))


def explained(error: Exception, what: str = "treadmill") -> TreadmillError:
    """Whatever a Bluetooth stack throws, as one line that says what to do.

    Stacks throw their own kinds: bleak's errors, D-Bus errors, a missing D-Bus socket (OSError), time-outs.
    """
    if isinstance(error, TreadmillError):
        return error
    name = type(error).__name__
    if isinstance(error, FileNotFoundError | ConnectionRefusedError) or "NotAvailable" in name:
        return TreadmillError(NO_RADIO)
    detail = " ".join(str(error).split()) or name
    return TreadmillError(f"the Bluetooth link failed ({detail}); is the {what} on and near, and free of other apps?")


def _recognised(device: BLEDevice, advert: AdvertisementData, kinds: Collection[Kind]) -> FoundDevice | None:
    """What it is, the first of the kinds that it offers; None for a machine that is no treadmill."""
    offers = {uuid.lower() for uuid in advert.service_uuids}
    types = advert.service_data.get(FITNESS_MACHINE_SERVICE, b"")
    other_machine = len(types) >= 3 and not types[1] & _TREADMILL_BIT
    for kind, service in SERVICES.items():
        if kind in kinds and service in offers and not (kind == "treadmill" and other_machine):
            name = advert.local_name or device.name or "unnamed"
            return FoundDevice(device.address, name, advert.rssi, kind, device)
    return None


_CLOSE_S: Final = 5.0


class Background:
    """Work with Bluetooth in an asyncio loop and a thread of its own, and what it has to say to other threads."""

    def __init__(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """`work` goes on until it is cancelled or sees that it is `stopping`."""
        self._work = work
        self._notices: deque[Notice] = deque(maxlen=20)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        """Whether the work is to end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin; whoever owns this is complete by then."""
        self._thread.start()

    def tell(self, notice: Notice) -> None:
        """Something for whoever asks next."""
        self._notices.append(notice)

    def notices(self) -> tuple[Notice, ...]:
        """What was told since the last call, oldest first."""
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._notices.popleft())
        return tuple(taken)

    def close(self) -> None:
        """End the work. May be called twice."""
        self._stopping.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with suppress(RuntimeError):  # the loop may have ended in between
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._begin())

    async def _begin(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        await self._work()
