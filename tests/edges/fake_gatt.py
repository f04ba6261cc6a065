"""A Bluetooth world without a radio: peripherals behind bleak's own backend interface.

Only what lies below bleak is replaced; bleak's scanner and client run as they are. Every write is kept, so that a
test can prove that there was none.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError

from coach.edges.bluetooth.radio import (
    FITNESS_MACHINE_SERVICE,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    RSC_MEASUREMENT,
    RUNNING_SPEED_SERVICE,
    TREADMILL_DATA,
    Radio,
)

CONTROL_POINT = "00002ad9-0000-1000-8000-00805f9b34fb"
_ADVERTISE_S = 0.01


@dataclass
class Peripheral:
    """A treadmill, a foot pod or something else that advertises."""

    address: str = "AA:BB:CC:00:11:22"
    name: str | None = "Run 5000"
    rssi: int = -50
    services: dict[str, list[str]] = field(
        default_factory=lambda: {FITNESS_MACHINE_SERVICE: [TREADMILL_DATA, CONTROL_POINT]}
    )
    machine_type: int | None = None
    """Bits of the machine types in the advertised service data; None sends none."""
    visible: bool = True
    connections: int = 0
    client: FakeClient | None = None

    def notify(self, uuid: str, packet: bytes) -> None:
        """Send a notification, from any thread."""
        client = self.client
        assert client is not None, "nobody is connected"
        client.loop.call_soon_threadsafe(client.deliver, uuid, bytearray(packet))

    def settle(self) -> None:
        """Wait until everything that was sent has been heard."""
        client = self.client
        assert client is not None, "nobody is connected"
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), client.loop).result(60)

    def drop(self, *, vanish: bool = False) -> None:
        """Break the link, as when the treadmill is switched off."""
        self.visible = self.visible and not vanish
        client = self.client
        if client is not None:
            client.loop.call_soon_threadsafe(client.broken)


@dataclass
class World:
    """Everything in reach of the fake radio."""

    peripherals: list[Peripheral] = field(default_factory=list)
    writes: list[tuple[str, bytes]] = field(default_factory=list)
    trouble: Exception | None = None
    """Raised by every scan, as where Bluetooth is off."""
    scans: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def radio(self) -> Radio:
        """This world as Coach takes it."""
        scanner = type("WorldScanner", (FakeScanner,), {"world": self})
        client = type("WorldClient", (FakeClient,), {"world": self})
        return Radio(scanner, client)

    def peripheral(self, address: str) -> Peripheral:
        for peripheral in self.peripherals:
            if peripheral.address == address and peripheral.visible:
                return peripheral
        raise BleakDeviceNotFoundError(address)


class FakeScanner(BaseBleakScanner):
    world: ClassVar[World]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.world.scans += 1
        if self.world.trouble is not None:
            raise self.world.trouble
        self.seen_devices = {}
        self._task = asyncio.create_task(self._advertise())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _advertise(self) -> None:
        while True:
            for peripheral in [p for p in self.world.peripherals if p.visible]:
                self._advert(peripheral)
            await asyncio.sleep(_ADVERTISE_S)

    def _advert(self, peripheral: Peripheral) -> None:
        if not self.is_allowed_uuid(list(peripheral.services)):
            return
        data = {}
        if peripheral.machine_type is not None:
            data[FITNESS_MACHINE_SERVICE] = b"\x01" + peripheral.machine_type.to_bytes(2, "little")
        advert = AdvertisementData(
            peripheral.name, {}, data, list(peripheral.services), None, peripheral.rssi, (peripheral,)
        )
        device = self.create_or_update_device(
            peripheral.address, peripheral.address, peripheral.name, peripheral, advert
        )
        self.call_detection_callbacks(device, advert)


class FakeClient(BaseBleakClient):
    world: ClassVar[World]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._peripheral: Peripheral | None = None
        self._callbacks: dict[str, NotifyCallback] = {}
        self.loop = asyncio.get_running_loop()

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self._peripheral is not None

    def deliver(self, uuid: str, packet: bytearray) -> None:
        if uuid in self._callbacks:
            self._callbacks[uuid](packet)

    def broken(self) -> None:
        if self._peripheral is not None:
            self._peripheral.client = None
            self._peripheral = None
            if self._disconnected_callback is not None:
                self._disconnected_callback()

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        await asyncio.sleep(0)
        peripheral = self.world.peripheral(self.address)
        if peripheral.client is not None:
            raise BleakError("the treadmill takes one connection at a time")
        self.services = _collection(peripheral)
        self._peripheral = peripheral
        peripheral.client = self
        peripheral.connections += 1

    async def disconnect(self) -> None:
        self.broken()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise BleakError("treadmills are not paired")

    async def unpair(self) -> None:
        raise BleakError("treadmills are not paired")

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **kwargs: Any) -> bytearray:
        raise BleakError("not readable")

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **kwargs: Any) -> bytearray:
        raise BleakError("not readable")

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        self.world.writes.append((characteristic.uuid, bytes(data)))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        self.world.writes.append((descriptor.uuid, bytes(data)))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        self._callbacks[characteristic.uuid] = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._callbacks.pop(characteristic.uuid, None)


def _collection(peripheral: Peripheral) -> BleakGATTServiceCollection:
    collection, handle = BleakGATTServiceCollection(), 1
    for service_uuid, characteristics in peripheral.services.items():
        service = BleakGATTService(None, handle, service_uuid)
        collection.add_service(service)
        for uuid in characteristics:
            handle += 1
            may = ["write", "indicate"] if uuid == CONTROL_POINT else ["notify"]
            collection.add_characteristic(BleakGATTCharacteristic(None, handle, uuid, may, lambda: 20, service))  # type: ignore[arg-type]
        handle += 1
    return collection


def foot_pod(address: str = "AA:00:00:00:00:02") -> Peripheral:
    """A device that offers Running Speed and Cadence alone."""
    return Peripheral(address, "Pod", -40, {RUNNING_SPEED_SERVICE: [RSC_MEASUREMENT]})


def strap(address: str = "AA:00:00:00:00:07") -> Peripheral:
    """A chest strap."""
    return Peripheral(address, "Strap", -45, {HEART_RATE_SERVICE: [HEART_RATE_MEASUREMENT]})
