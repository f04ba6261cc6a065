"""The Bluetooth treadmill, from the advertisement to the belt speed, through a fake GATT peripheral under bleak."""

from __future__ import annotations

import json
import math
import struct
import threading
from pathlib import Path

import pytest

from coach.core.coach_settings import TreadmillSettings
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.speed_choice import SpeedChoice
from coach.core.units import kmh
from coach.edges.bluetooth import link as device_link
from coach.edges.bluetooth import radio, treadmill_link
from coach.edges.bluetooth.link import LinkState, Patience
from coach.edges.bluetooth.radio import (
    FITNESS_MACHINE_SERVICE,
    RSC_MEASUREMENT,
    RUNNING_SPEED_SERVICE,
    TREADMILL_DATA,
)
from coach.edges.bluetooth.treadmill_link import TreadmillSpeed
from coach.edges.speed.typed_speed import TypedSpeed
from tests.edges.bluetooth.hurried_link import (
    HURRIED,
    WORDS,
    Clock,
    connected,
    data,
    eventually,
    lost_beside_a_neighbour,
    told,
)
from tests.edges.fake_gatt import Peripheral, World, foot_pod


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
    assert link.reading("metric").startswith("10.4 km/h · 0 s old · 1.5 %")


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
    world.peripherals[0].settle()

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


def test_no_neighbours_treadmill_stands_in_for_the_lost_one(world: World, link: TreadmillSpeed) -> None:
    own, neighbour = world.peripherals[0], Peripheral("AA:00:00:00:00:09", "Neighbour", rssi=-20)
    connected(link)
    own.notify(TREADMILL_DATA, data(12.0))
    eventually(lambda: link.current(0.0))
    lost_beside_a_neighbour(world, own, neighbour, link)
    assert speed_kmh(link) == pytest.approx(12.0)

    own.visible = True
    eventually(lambda: own.connections == 2)
    connected(link)
    own.notify(TREADMILL_DATA, data(10.0))
    eventually(lambda: speed_kmh(link) == pytest.approx(10.0))
    assert not any("Neighbour" in line for line in told(link))


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
        return speed, tuple(notice.text(WORDS, "metric") for notice in notices)

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
    world.peripherals[0].settle()

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
    world.peripherals[0].settle()
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
