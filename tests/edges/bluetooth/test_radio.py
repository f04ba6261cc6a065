"""What is found and heard over the air, and what is told where there is nothing to hear it with."""

from __future__ import annotations

import sys
import threading

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from coach.core.notices import Notice
from coach.core.units import Units
from coach.edges.bluetooth import radio
from coach.edges.bluetooth.link import LinkState
from coach.edges.bluetooth.radio import (
    FITNESS_MACHINE_SERVICE,
    TREADMILL_DATA,
    scan,
)
from coach.edges.bluetooth.treadmill_link import TreadmillSpeed, watch
from coach.errors import TreadmillError
from tests.edges.bluetooth.hurried_link import HURRIED, WORDS, connected, data, eventually, told
from tests.edges.fake_gatt import Peripheral, World, foot_pod, strap


def test_scanning_lists_treadmills_first_and_leaves_other_machines_out(world: World) -> None:
    world.peripherals += [
        strap(),
        foot_pod(),
        Peripheral("AA:00:00:00:00:03", "Bike", -30, machine_type=1 << 5),
        Peripheral("AA:00:00:00:00:04", None, -60, machine_type=1),
        Peripheral("AA:00:00:00:00:05", "Headphones", -10, {"0000180f-0000-1000-8000-00805f9b34fb": []}),
    ]

    found = scan(0.05, world.radio())

    assert [(item.name, item.kind) for item in found] == [
        ("Run 5000", "treadmill"),
        ("unnamed", "treadmill"),
        ("Pod", "foot pod"),
        ("Strap", "heart-rate monitor"),
    ]


@pytest.mark.parametrize(("units", "speed"), [("metric", "8.0 km/h"), ("imperial", "5.0 mph")])
def test_watching_reports_readings_in_the_runner_s_units_until_told_to_stop(
    world: World, units: Units, speed: str
) -> None:
    lines: list[str] = []
    stop = threading.Event()

    def report(told: Notice | str) -> None:
        line = told if isinstance(told, str) else told.text(WORDS, units)
        lines.append(line)
        if line.startswith("treadmill connected"):
            world.peripherals[0].notify(TREADMILL_DATA, data(8.0))
        elif speed[-4:] in line:
            stop.set()

    heard = watch(report, units, radio=world.radio(), patience=HURRIED, duration_s=20.0, stop=stop)

    assert heard
    assert lines[0] == "treadmill connected: Run 5000"
    assert lines[-1].startswith(speed)


class TestWithout:
    """Without extra, radio or treadmill there is no speed, one line says why, and nothing else happens."""

    def test_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "bleak", None)
        source = TreadmillSpeed(patience=HURRIED)
        eventually(lambda: source.state is LinkState.UNAVAILABLE)
        assert source.current(0.0) is None
        source.close()
        (message,) = told(source)
        assert "pip install 'treadmill-coach[treadmill]'" in message
        with pytest.raises(TreadmillError, match="pip install"):
            scan(0.01)
        with pytest.raises(TreadmillError, match="pip install"):
            watch(lambda _text: None, "metric")  # ends by itself, since waiting brings nothing

    def test_a_radio(self, world: World) -> None:
        world.trouble = BleakBluetoothNotAvailableError("off", BleakBluetoothNotAvailableReason.POWERED_OFF)
        source = TreadmillSpeed(radio=world.radio(), patience=HURRIED)
        eventually(lambda: world.scans >= 3)
        assert source.state is LinkState.UNAVAILABLE
        assert told(source) == (f"no treadmill: {radio.NO_RADIO}",)
        world.trouble = None
        connected(source)
        source.close()

    def test_a_treadmill(self, world: World) -> None:
        world.peripherals.clear()
        source = TreadmillSpeed(radio=world.radio(), patience=HURRIED)
        eventually(lambda: world.scans >= 3)
        assert source.current(0.0) is None
        source.close()
        assert len(told(source)) == 1

    def test_treadmill_data(self, world: World) -> None:
        world.peripherals[0].services = {FITNESS_MACHINE_SERVICE: []}
        source = TreadmillSpeed(radio=world.radio(), patience=HURRIED)
        eventually(lambda: world.peripherals[0].connections >= 2)
        source.close()
        assert "tells no speed" in told(source)[0]
