"""The Bluetooth treadmill, from the advertisement to the belt speed, through a fake GATT peripheral under bleak."""

from __future__ import annotations

import json
import math
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from coach.core.coach_settings import TreadmillSettings
from coach.core.heart import HeartOrigin
from coach.core.notices import Notice
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.speed_choice import SpeedChoice
from coach.core.units import kmh
from coach.edges.bluetooth import link as device_link
from coach.edges.bluetooth import radio, treadmill_link
from coach.edges.bluetooth.link import LinkState, Patience
from coach.edges.bluetooth.radio import (
    FITNESS_MACHINE_SERVICE,
    HEART_RATE_MEASUREMENT,
    RSC_MEASUREMENT,
    RUNNING_SPEED_SERVICE,
    TREADMILL_DATA,
    scan,
)
from coach.edges.bluetooth.treadmill_link import HeartMonitor, TreadmillSpeed, watch
from coach.edges.speed.typed_speed import TypedSpeed
from coach.errors import TreadmillError
from coach.languages import load_words
from tests.edges.fake_gatt import Peripheral, World, foot_pod, strap

WORDS = load_words("en")
HURRIED = Patience(scan_s=0.05, connect_s=0.5, silence_s=12.0, first_wait_s=0.01, longest_wait_s=0.05, look_s=0.01)


class Clock:
    """The machine's monotonic clock, with leaps."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


def told(link: TreadmillSpeed) -> tuple[str, ...]:
    """What has changed, as the terminal gets it."""
    return tuple(notice.text(WORDS) for notice in link.notices())


def eventually(holds: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait until something holds; fail where it never does."""
    ends_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends_s, "it never came to pass"
        time.sleep(0.005)


def data(speed_kmh: float, incline_pct: float = 1.0, elapsed_s: int = 0) -> bytes:
    """A treadmill data packet: speed, inclination with ramp angle, elapsed time."""
    return struct.pack("<HHhhH", 1 << 3 | 1 << 10, round(100 * speed_kmh), round(10 * incline_pct), 0x7FFF, elapsed_s)


@pytest.fixture
def world() -> Iterator[World]:
    world = World([Peripheral()])
    yield world
    assert world.writes == [], "nothing may ever be written to a treadmill"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def link(world: World, clock: Clock) -> Iterator[TreadmillSpeed]:
    source = TreadmillSpeed(radio=world.radio(), patience=HURRIED, clock=clock)
    yield source
    source.close()
    assert all(peripheral.client is None for peripheral in world.peripherals), "the link was let go"


def connected(link: TreadmillSpeed) -> None:
    eventually(lambda: link.state is LinkState.CONNECTED)


def speed_kmh(link: TreadmillSpeed) -> float:
    speed = link.current(0.0)
    return math.nan if speed is None else kmh(speed.speed_mps)


def test_connect_and_data(world: World, link: TreadmillSpeed) -> None:
    assert link.current(0.0) is None
    connected(link)

    world.peripherals[0].notify(TREADMILL_DATA, data(10.4, incline_pct=1.5))
    eventually(lambda: link.current(0.0))

    speed = link.current(0.0)
    assert speed is not None
    assert kmh(speed.speed_mps) == pytest.approx(10.4)
    assert speed.incline_pct == pytest.approx(1.5)
    assert speed.origin is SpeedOrigin.TREADMILL
    assert speed.age_s < 1.0
    assert speed.sd_mps == pytest.approx(0.03 * speed.speed_mps)
    assert told(link) == ("treadmill connected: Run 5000",)
    assert told(link) == ()
    assert link.reading().startswith("10.4 km/h · 0 s old · 1.5 %")


def test_a_record_in_two_notifications(world: World, link: TreadmillSpeed) -> None:
    connected(link)

    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<Hhh", 1 | 1 << 3, 20, 0))
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HH", 0, 900))
    eventually(lambda: link.current(0.0))

    speed = link.current(0.0)
    assert speed is not None
    assert (kmh(speed.speed_mps), speed.incline_pct) == pytest.approx((9.0, 2.0))


def test_silence_ages_the_value_then_makes_the_link_anew(world: World, link: TreadmillSpeed, clock: Clock) -> None:
    peripheral = world.peripherals[0]
    connected(link)
    peripheral.notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: link.current(0.0))

    clock.ahead_s += 8
    speed = link.current(0.0)
    assert speed is not None
    assert speed.age_s == pytest.approx(8, abs=1)
    clock.ahead_s += 8

    eventually(lambda: peripheral.connections == 2)
    connected(link)
    peripheral.notify(TREADMILL_DATA, data(11.0))
    eventually(lambda: speed_kmh(link) == pytest.approx(11.0))
    assert "treadmill link lost: Run 5000" in told(link)


def test_packets_without_speed_do_not_keep_a_value_young(world: World, link: TreadmillSpeed, clock: Clock) -> None:
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: link.current(0.0))

    for packet in (b"", b"\x00", struct.pack("<H", 1)):
        clock.ahead_s += 2
        world.peripherals[0].notify(TREADMILL_DATA, packet)
    time.sleep(0.05)

    speed = link.current(0.0)
    assert speed is not None
    assert speed.age_s >= 6


def test_a_dropped_link_comes_back(world: World, link: TreadmillSpeed) -> None:
    peripheral = world.peripherals[0]
    connected(link)
    peripheral.notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: link.current(0.0))

    peripheral.drop(vanish=True)
    eventually(lambda: link.state is LinkState.LOST)
    scans = world.scans
    eventually(lambda: world.scans >= scans + 3)
    assert speed_kmh(link) == pytest.approx(10.0), "the last value stays, and ages"
    peripheral.visible = True
    connected(link)
    peripheral.notify(TREADMILL_DATA, data(12.0))

    eventually(lambda: speed_kmh(link) == pytest.approx(12.0))
    said = told(link)
    assert said[0] == "treadmill connected: Run 5000"
    assert "treadmill link lost: Run 5000" in said
    assert said[-1] == "treadmill connected: Run 5000"
    assert len(said) <= 4, "a treadmill that stays away is told once, not with every try"


def test_the_session_falls_back_within_ten_seconds_and_returns(
    world: World, link: TreadmillSpeed, clock: Clock
) -> None:
    typed, choice = TypedSpeed(9 / 3.6), SpeedChoice()
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: link.current(0.0))

    def believed(t_s: float) -> tuple[BeltSpeed | None, tuple[str, ...]]:
        sources = [speed for source in (link, typed) if (speed := source.current(t_s)) is not None]
        speed, notices = choice.step(t_s, sources, None)
        return speed, tuple(notice.text(WORDS) for notice in notices)

    before, _ = believed(0.0)
    world.peripherals[0].drop(vanish=True)
    clock.ahead_s += 10
    after, notices = believed(10.0)

    assert before is not None
    assert before.origin is SpeedOrigin.TREADMILL
    assert after is not None
    assert after.origin is SpeedOrigin.TYPED
    assert notices == ("belt speed now as typed: 9.0 km/h",)

    world.peripherals[0].visible = True
    eventually(lambda: world.peripherals[0].connections == 2)
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: (link.current(0.0) or BeltSpeed(0, SpeedOrigin.TREADMILL, age_s=99)).age_s < 1)
    again, notices = believed(20.0)
    assert again is not None
    assert again.origin is SpeedOrigin.TREADMILL
    assert notices == ("belt speed now from the treadmill: 10.0 km/h",)


def test_a_treadmill_that_sends_miles(world: World) -> None:
    source = TreadmillSpeed(TreadmillSettings(unit="mph"), radio=world.radio(), patience=HURRIED)
    try:
        connected(source)
        world.peripherals[0].notify(TREADMILL_DATA, data(7.5))
        eventually(lambda: source.current(0.0))
        assert speed_kmh(source) == pytest.approx(7.5 * 1.609344)
    finally:
        source.close()


def test_absurd_speeds_are_not_taken(world: World, link: TreadmillSpeed) -> None:
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HH", 0, 65535))
    world.peripherals[0].notify(TREADMILL_DATA, data(10.0))
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HH", 0, 60000))
    eventually(lambda: link.current(0.0))
    time.sleep(0.05)

    assert speed_kmh(link) == pytest.approx(10.0)


def test_a_foot_pod_that_was_chosen(world: World) -> None:
    world.peripherals.append(foot_pod())
    settings = TreadmillSettings(address="aa:00:00:00:00:02")
    source = TreadmillSpeed(settings, radio=world.radio(), patience=HURRIED)
    try:
        connected(source)
        world.peripherals[1].notify(RSC_MEASUREMENT, struct.pack("<BHB", 4, 3 * 256, 172))
        eventually(lambda: source.current(0.0))
        assert speed_kmh(source) == pytest.approx(10.8)
    finally:
        source.close()


def test_the_console_goes_over_the_same_treadmills_foot_pod(world: World, link: TreadmillSpeed, clock: Clock) -> None:
    both = {FITNESS_MACHINE_SERVICE: [TREADMILL_DATA], RUNNING_SPEED_SERVICE: [RSC_MEASUREMENT]}
    connected(link)
    world.peripherals[0].services = both
    world.peripherals[0].drop()
    eventually(lambda: world.peripherals[0].connections == 2)
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, data(10.0))
    world.peripherals[0].notify(RSC_MEASUREMENT, struct.pack("<BHB", 4, 4 * 256, 172))
    eventually(lambda: link.current(0.0))
    time.sleep(0.05)
    assert speed_kmh(link) == pytest.approx(10.0)

    clock.ahead_s += 5
    world.peripherals[0].notify(RSC_MEASUREMENT, struct.pack("<BHB", 4, 4 * 256, 172))
    eventually(lambda: speed_kmh(link) == pytest.approx(14.4))


def test_the_treadmill_used_last_is_remembered(world: World, tmp_path: Path) -> None:
    memory = tmp_path / "deep" / "treadmill.json"
    first = TreadmillSpeed(memory=memory, radio=world.radio(), patience=HURRIED)
    connected(first)
    first.close()
    assert json.loads(memory.read_text()) == {"address": "AA:BB:CC:00:11:22", "name": "Run 5000"}

    world.peripherals.append(Peripheral("AA:00:00:00:00:09", "Neighbour", rssi=-20))
    second = TreadmillSpeed(memory=memory, radio=world.radio(), patience=HURRIED)
    connected(second)
    assert told(second) == ("treadmill connected: Run 5000",)
    second.close()

    world.peripherals[0].visible = False
    third = TreadmillSpeed(memory=memory, radio=world.radio(), patience=HURRIED)
    connected(third)
    third.close()
    assert told(third) == ("treadmill connected: Neighbour",)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"address": 7}', "\x00"])
def test_a_damaged_memory_is_no_memory(world: World, tmp_path: Path, content: str) -> None:
    memory = tmp_path / "treadmill.json"
    memory.write_text(content)
    source = TreadmillSpeed(memory=memory, radio=world.radio(), patience=HURRIED)
    connected(source)
    source.close()


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


def test_the_treadmills_own_heart_rate_is_heard_while_it_tells_one(
    world: World, link: TreadmillSpeed, clock: Clock
) -> None:
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HHB", 1 << 8, 1000, 151))
    eventually(lambda: link.heart(0.0))

    heart = link.heart(0.0)
    assert heart is not None
    assert (heart.bpm, heart.origin) == (151, HeartOrigin.TREADMILL)
    assert link.reading().endswith("151 bpm")
    clock.ahead_s += 7
    assert link.heart(0.0) is None, "an old value says nothing of now"


class TestHeartMonitor:
    """A strap beside the treadmill."""

    @pytest.fixture
    def monitor(self, world: World, clock: Clock) -> Iterator[HeartMonitor]:
        world.peripherals.append(strap())
        monitor = HeartMonitor(radio=world.radio(), patience=HURRIED, clock=clock)
        eventually(lambda: monitor.state is LinkState.CONNECTED)
        yield monitor
        monitor.close()

    def test_it_is_the_strap_that_is_heard(self, world: World, monitor: HeartMonitor) -> None:
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x16, 148, 0x20, 0x03]))
        eventually(lambda: monitor.heart(0.0))

        heart = monitor.heart(0.0)
        assert heart is not None
        assert (heart.bpm, heart.origin) == (148, HeartOrigin.MONITOR)
        assert [notice.text(WORDS) for notice in monitor.notices()] == ["heart rate connected: Strap"]

    def test_off_the_skin_it_tells_nothing(self, world: World, monitor: HeartMonitor) -> None:
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x06, 148]))
        eventually(lambda: monitor.heart(0.0))
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x04, 148]))
        eventually(lambda: monitor.heart(0.0) is None)

    def test_lost_it_is_told_and_looked_for_again(self, world: World, monitor: HeartMonitor) -> None:
        world.peripherals[1].drop(vanish=True)
        eventually(lambda: monitor.state is LinkState.LOST)
        world.peripherals[1].visible = True
        eventually(lambda: monitor.state is LinkState.CONNECTED)
        said = [notice.text(WORDS) for notice in monitor.notices()]
        assert said[0] == "heart rate connected: Strap"
        assert "heart rate lost: Strap" in said


def test_watching_reports_readings_until_told_to_stop(world: World) -> None:
    lines: list[str] = []
    stop = threading.Event()

    def report(told: Notice | str) -> None:
        line = told if isinstance(told, str) else told.text(WORDS)
        lines.append(line)
        if line.startswith("treadmill connected"):
            world.peripherals[0].notify(TREADMILL_DATA, data(8.0))
        elif "km/h" in line:
            stop.set()

    heard = watch(report, radio=world.radio(), patience=HURRIED, duration_s=20.0, stop=stop)

    assert heard
    assert lines[0] == "treadmill connected: Run 5000"
    assert lines[-1].startswith("8.0 km/h")


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
            watch(lambda _text: None)  # ends by itself, since waiting brings nothing

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


def test_closing_in_the_middle_of_a_long_scan_is_quick_and_may_be_done_twice(world: World) -> None:
    world.peripherals.clear()
    source = TreadmillSpeed(radio=world.radio(), patience=Patience(scan_s=3600))
    eventually(lambda: world.scans)

    source.close()
    source.close()

    assert source.state is LinkState.CLOSED
    assert not any(thread.name == "treadmill" for thread in threading.enumerate())


def test_no_code_that_could_write_exists() -> None:
    for module in (radio, device_link, treadmill_link):
        assert module.__file__ is not None
        source = Path(module.__file__).read_text("utf-8")
        assert "write_gatt" not in source
        assert "2ad9" not in source.lower()
