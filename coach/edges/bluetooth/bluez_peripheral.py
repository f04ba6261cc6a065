"""A Bluetooth sensor made of this computer: BlueZ asks over D-Bus for the objects below, and advertises them.

Names and signatures: BlueZ's documents org.bluez.GattManager1, GattService1, GattCharacteristic1, LEAdvertisingManager1
and LEAdvertisement1. Loaded late: `dbus_fast` comes with bleak, on Linux.
"""

# No deferred annotations here: dbus_fast reads the signatures off them.

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final

from dbus_fast import BusType, DBusError, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusBytes, DBusDict, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from coach.errors import TreadmillError

BLUEZ: Final = "org.bluez"
_ROOT: Final = "/coach/foot_pod"
_SERVICE: Final = f"{_ROOT}/service0"
_ADVERT: Final = "/coach/advertisement0"
_BUS: Final = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
DBusStrings = Annotated[list[str], DBusSignature("as")]

NO_PERIPHERAL: Final = (
    "no Bluetooth adapter here can be a sensor; it takes BlueZ and an adapter with Bluetooth 4 or later"
)


class Service(ServiceInterface):
    """A GATT service."""

    def __init__(self, uuid: str) -> None:
        super().__init__(f"{BLUEZ}.GattService1")
        self._uuid = uuid

    @dbus_property(PropertyAccess.READ, name="UUID")
    def uuid(self) -> DBusStr:
        """Which service it is."""
        return self._uuid

    @dbus_property(PropertyAccess.READ, name="Primary")
    def primary(self) -> DBusBool:
        """Always: it stands for itself."""
        return True


class Characteristic(ServiceInterface):
    """A GATT characteristic that is read, or that notifies those who listen."""

    def __init__(self, uuid: str, flag: str, value: bytes = b"") -> None:
        """`flag`: `read` or `notify`."""
        super().__init__(f"{BLUEZ}.GattCharacteristic1")
        self._uuid, self._flag, self._value = uuid, flag, value
        self.listened = False
        """Whether somebody has asked to be notified."""

    @dbus_property(PropertyAccess.READ, name="UUID")
    def uuid(self) -> DBusStr:
        """Which characteristic it is."""
        return self._uuid

    @dbus_property(PropertyAccess.READ, name="Service")
    def service(self) -> DBusObjectPath:
        """The service that it belongs to."""
        return _SERVICE

    @dbus_property(PropertyAccess.READ, name="Flags")
    def flags(self) -> DBusStrings:
        """What may be done with it; never a write."""
        return [self._flag]

    @dbus_property(PropertyAccess.READ, name="Value")
    def value(self) -> DBusBytes:
        """The newest value."""
        return self._value

    @dbus_method(name="ReadValue")
    def read_value(self, options: DBusDict) -> DBusBytes:  # noqa: ARG002 - D-Bus passes them
        """Read it."""
        return self._value

    @dbus_method(name="StartNotify")
    def start_notify(self) -> None:
        """Somebody listens."""
        self.listened = True

    @dbus_method(name="StopNotify")
    def stop_notify(self) -> None:
        """Nobody listens any more."""
        self.listened = False

    def notify(self, value: bytes) -> None:
        """A new value, sent to who listens."""
        self._value = value
        if self.listened:
            self.emit_properties_changed({"Value": value})


class Advertisement(ServiceInterface):
    """What is called out, so that others find the sensor."""

    def __init__(self, name: str, services: Sequence[str]) -> None:
        super().__init__(f"{BLUEZ}.LEAdvertisement1")
        self._name, self._services = name, list(services)

    @dbus_property(PropertyAccess.READ, name="Type")
    def type(self) -> DBusStr:
        """One that can be connected to."""
        return "peripheral"

    @dbus_property(PropertyAccess.READ, name="ServiceUUIDs")
    def service_uuids(self) -> DBusStrings:
        """What it offers."""
        return self._services

    @dbus_property(PropertyAccess.READ, name="LocalName")
    def local_name(self) -> DBusStr:
        """What a watch lists it as."""
        return self._name

    @dbus_method(name="Release")
    def release(self) -> None:
        """BlueZ has let go of it."""


class Sensor:
    """Registered with BlueZ; ends when BlueZ goes away."""

    def __init__(self, bus: MessageBus, measurement: Characteristic) -> None:
        self._bus = bus
        self._measurement = measurement
        self._gone = False
        bus.add_message_handler(self._heard)

    @property
    def listened(self) -> bool:
        """Whether somebody listens."""
        return self._measurement.listened

    def check(self) -> None:
        """Raises TreadmillError once BlueZ has gone."""
        if self._gone or not self._bus.connected:
            raise TreadmillError("the Bluetooth service of this computer has stopped")

    def notify(self, value: bytes) -> None:
        """Send a measurement to who listens."""
        self._measurement.notify(value)

    def _heard(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and message.body[0] == BLUEZ and not message.body[2]:
            self._gone = True


@asynccontextmanager
async def sensor(
    name: str, service: str, measurement: Characteristic, *others: Characteristic, bus_address: str | None = None
) -> AsyncIterator[Sensor]:
    """A sensor with one service while the block lasts. `bus_address`: another bus than the system's.

    Raises TreadmillError without an adapter that can be one, and what D-Bus raises without a bus.
    """
    bus = await MessageBus(bus_address, BusType.SYSTEM).connect()
    try:
        adapter = await _adapter(bus)
        bus.export(_SERVICE, Service(service))
        for place, characteristic in enumerate((measurement, *others)):
            bus.export(f"{_SERVICE}/char{place}", characteristic)
        bus.export(_ADVERT, Advertisement(name, [service]))
        registered = Sensor(bus, measurement)
        rule = f"type='signal',sender='{_BUS[0]}',member='NameOwnerChanged',arg0='{BLUEZ}'"
        await _call(bus, *_BUS, "AddMatch", "s", [rule])
        gatt, adverts = f"{BLUEZ}.GattManager1", f"{BLUEZ}.LEAdvertisingManager1"
        try:
            await _call(bus, BLUEZ, adapter, gatt, "RegisterApplication", "oa{sv}", [_ROOT, {}])
            await _call(bus, BLUEZ, adapter, adverts, "RegisterAdvertisement", "oa{sv}", [_ADVERT, {}])
            yield registered
        finally:
            # Cancelled while BlueZ answers, both are there all the same; what is not there is refused, and no matter.
            for manager, member, path in (
                (adverts, "UnregisterAdvertisement", _ADVERT),
                (gatt, "UnregisterApplication", _ROOT),
            ):
                with suppress(DBusError, TreadmillError, EOFError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await _call(bus, BLUEZ, adapter, manager, member, "o", [path])
    finally:
        bus.disconnect()
        with suppress(OSError, EOFError, TimeoutError):
            await asyncio.wait_for(bus.wait_for_disconnect(), 1.0)  # type: ignore[no-untyped-call]


async def _adapter(bus: MessageBus) -> str:
    """Path of the first adapter that can be a sensor, switched on. Raises TreadmillError where there is none."""
    (objects,) = await _call(bus, BLUEZ, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    needed = {f"{BLUEZ}.GattManager1", f"{BLUEZ}.LEAdvertisingManager1", f"{BLUEZ}.Adapter1"}
    able = {path: interfaces for path, interfaces in objects.items() if needed <= interfaces.keys()}
    for path, interfaces in sorted(able.items()):
        powered: Variant | None = interfaces[f"{BLUEZ}.Adapter1"].get("Powered")
        if powered is not None and powered.value:
            return str(path)
    raise TreadmillError("Bluetooth is off; switch it on" if able else NO_PERIPHERAL)


async def _call(
    bus: MessageBus, name: str, path: str, interface: str, member: str, signature: str = "", body: Sequence[Any] = ()
) -> list[Any]:
    """A D-Bus call's answer. Raises TreadmillError with BlueZ's own words where it refuses."""
    reply = await bus.call(
        Message(destination=name, path=path, interface=interface, member=member, signature=signature, body=list(body))
    )
    if reply is None or reply.message_type is MessageType.ERROR:
        said = "no answer" if reply is None else " ".join(str(part) for part in (reply.error_name, *reply.body))
        raise TreadmillError(f"{member} was refused ({said})")
    return list(reply.body)
