"""BlueZ emulated on a private D-Bus: an adapter that takes sensors, and a central that uses them as a watch would.

Real are the bus daemon, the wire and everything of Coach; below this there is no radio. What a watch does through BlueZ
(read, listen) is asked of the sensor over D-Bus, as bluetoothd asks for it.
"""

# No deferred annotations here: dbus_fast reads the signatures off them.

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusObjectPath
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

ADAPTER = "/org/bluez/hci0"
GATT = "org.bluez.GattCharacteristic1"


class Adapter(ServiceInterface):
    def __init__(self, *, powered: bool) -> None:
        super().__init__("org.bluez.Adapter1")
        self._powered = powered

    @dbus_property(PropertyAccess.READ, name="Powered")
    def powered(self) -> DBusBool:
        return self._powered


class GattManager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.bluez.GattManager1")
        self.applications: list[str] = []

    @dbus_method(name="RegisterApplication")
    def register(self, application: DBusObjectPath, options: DBusDict) -> None:
        self.applications.append(application)

    @dbus_method(name="UnregisterApplication")
    def unregister(self, application: DBusObjectPath) -> None:
        self.applications.remove(application)


class AdvertisingManager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.bluez.LEAdvertisingManager1")
        self.advertisements: list[str] = []

    @dbus_method(name="RegisterAdvertisement")
    def register(self, advertisement: DBusObjectPath, options: DBusDict) -> None:
        self.advertisements.append(advertisement)

    @dbus_method(name="UnregisterAdvertisement")
    def unregister(self, advertisement: DBusObjectPath) -> None:
        self.advertisements.remove(advertisement)


class EmulatedBluez:
    """Owns org.bluez. Its calls may be made from the test's thread."""

    def __init__(self, bus_address: str, *, powered: bool = True) -> None:
        self.gatt, self.adverts = GattManager(), AdvertisingManager()
        self.notified: list[bytes] = []
        self.writes: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._bus: MessageBus = self._await(self._own(bus_address, powered))

    def objects(self) -> dict[str, dict[str, dict[str, Variant]]]:
        """Every object of the sensor that is registered."""
        found: dict[str, dict[str, dict[str, Variant]]] = self._call(
            self.gatt.applications[0], "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"
        )[0]
        return found

    def advertised(self) -> dict[str, Variant]:
        """What is called out."""
        values: dict[str, Variant] = self._call(
            self.adverts.advertisements[0],
            "org.freedesktop.DBus.Properties",
            "GetAll",
            "s",
            ["org.bluez.LEAdvertisement1"],
        )[0]
        return values

    def characteristic(self, uuid: str) -> str:
        """Path of a characteristic."""
        return next(
            path
            for path, interfaces in self.objects().items()
            if GATT in interfaces and interfaces[GATT]["UUID"].value == uuid
        )

    def read(self, uuid: str) -> bytes:
        return bytes(self._call(self.characteristic(uuid), GATT, "ReadValue", "a{sv}", [{}])[0])

    def listen(self, uuid: str) -> None:
        """Have notifications collected in `notified`."""
        self._call(self.characteristic(uuid), GATT, "StartNotify")

    def close(self) -> None:
        """Go away, as a service that crashed."""
        if self._loop.is_running():
            self._await(self._leave())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(60)
            self._loop.close()

    async def _own(self, bus_address: str, powered: bool) -> MessageBus:
        bus = await MessageBus(bus_address, BusType.SYSTEM).connect()
        for interface in (Adapter(powered=powered), self.gatt, self.adverts):
            bus.export(ADAPTER, interface)
        bus.add_message_handler(self._heard)
        await bus.request_name("org.bluez")
        rule = "type='signal',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'"
        await bus.call(
            _to("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", [rule])
        )
        return bus

    async def _leave(self) -> None:
        self._bus.disconnect()
        with suppress(OSError, EOFError):
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def _heard(self, message: Message) -> None:
        if message.member == "RegisterApplication":
            self._sensor = message.sender
        if message.member == "PropertiesChanged" and "Value" in message.body[1]:
            self.notified.append(bytes(message.body[1]["Value"].value))

    def _call(self, path: str, interface: str, member: str, signature: str = "", body: Sequence[Any] = ()) -> list[Any]:
        assert self._sensor is not None
        reply = self._await(self._bus.call(_to(self._sensor, path, interface, member, signature, list(body))))
        assert reply is not None
        assert reply.message_type is not MessageType.ERROR, reply.body
        return list(reply.body)

    def _await(self, call: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(60)


def _to(name: str, path: str, interface: str, member: str, signature: str, body: list[Any]) -> Message:
    return Message(destination=name, path=path, interface=interface, member=member, signature=signature, body=body)


@contextmanager
def private_bus() -> Iterator[str]:
    """Address of a bus that nobody else is on; skips where there is no daemon."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait(60)
        assert daemon.stdout is not None
        daemon.stdout.close()
