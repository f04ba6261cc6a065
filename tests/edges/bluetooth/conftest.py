"""A Bluetooth world without a radio, with one treadmill in it, and the link to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coach.edges.bluetooth.treadmill_link import TreadmillSpeed
from tests.edges.bluetooth.hurried_link import HURRIED, Clock
from tests.edges.fake_gatt import Peripheral, World


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
