"""Heart rate over Bluetooth, from a strap and from the treadmill, through fake peripherals under bleak."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from coach.core.heart import HeartOrigin
from coach.edges.bluetooth.link import LinkState
from coach.edges.bluetooth.radio import (
    HEART_RATE_MEASUREMENT,
    TREADMILL_DATA,
)
from coach.edges.bluetooth.treadmill_link import HeartMonitor, TreadmillSpeed
from tests.edges.bluetooth.hurried_link import HURRIED, WORDS, Clock, connected, eventually, lost_beside_a_neighbour
from tests.edges.fake_gatt import World, strap


def test_the_treadmills_own_heart_rate_is_heard_while_it_tells_one(
    world: World, link: TreadmillSpeed, clock: Clock
) -> None:
    connected(link)
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HHB", 1 << 8, 1000, 151))
    eventually(lambda: link.heart(0.0))

    heart = link.heart(0.0)
    assert heart is not None
    assert (heart.bpm, heart.origin) == (151, HeartOrigin.TREADMILL)
    assert link.reading("metric").endswith("151 bpm")
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
        assert [notice.text(WORDS, "metric") for notice in monitor.notices()] == ["heart rate connected: Strap"]

    def test_off_the_skin_it_tells_nothing(self, world: World, monitor: HeartMonitor) -> None:
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x06, 148]))
        eventually(lambda: monitor.heart(0.0))
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x04, 148]))
        eventually(lambda: monitor.heart(0.0) is None)

    def test_lost_it_is_told_and_looked_for_again(self, world: World, monitor: HeartMonitor) -> None:
        world.peripherals[1].notify(HEART_RATE_MEASUREMENT, bytes([0x16, 148, 0x20, 0x03]))
        eventually(lambda: monitor.heart(0.0))
        world.peripherals[1].drop(vanish=True)
        eventually(lambda: monitor.state is LinkState.LOST)
        world.peripherals[1].visible = True
        eventually(lambda: monitor.state is LinkState.CONNECTED)
        said = [notice.text(WORDS, "metric") for notice in monitor.notices()]
        assert said[0] == "heart rate connected: Strap"
        assert "heart rate lost: Strap" in said

    def test_no_neighbours_strap_stands_in_for_the_lost_one(self, world: World, monitor: HeartMonitor) -> None:
        own, neighbour = world.peripherals[1], strap("AA:00:00:00:00:08")
        own.notify(HEART_RATE_MEASUREMENT, bytes([0x16, 148, 0x20, 0x03]))
        eventually(lambda: monitor.heart(0.0))
        lost_beside_a_neighbour(world, own, neighbour, monitor)

        own.visible = True
        eventually(lambda: own.connections == 2)
