"""What every source of belt speed promises, whatever lies behind it."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator

import pytest

from coach.core.coach_settings import TreadmillSettings
from coach.core.speed.speed_plan import parse_plan
from coach.edges.bluetooth.link import LinkState
from coach.edges.bluetooth.radio import TREADMILL_DATA
from coach.edges.bluetooth.treadmill_link import TreadmillSpeed
from coach.edges.speed.typed_speed import TypedSpeed
from coach.languages import load_words
from coach.ports import SpeedSource
from tests.edges.bluetooth.hurried_link import HURRIED, eventually
from tests.edges.fake_gatt import Peripheral, World


def typed() -> SpeedSource:
    return TypedSpeed(3.0, incline_pct=1.0)


def planned() -> SpeedSource:
    return TypedSpeed(plan=parse_plan("1min@9, 1min@12"))


def nothing() -> SpeedSource:
    return TypedSpeed()


def linked() -> SpeedSource:
    world = World([Peripheral()])
    source = TreadmillSpeed(TreadmillSettings(bluetooth=True), radio=world.radio(), patience=HURRIED)
    eventually(lambda: source.state is LinkState.CONNECTED)
    world.peripherals[0].notify(TREADMILL_DATA, struct.pack("<HH", 0, 1000))
    eventually(lambda: source.current(0.0))
    return source


def searching() -> SpeedSource:
    return TreadmillSpeed(TreadmillSettings(bluetooth=True), radio=World().radio(), patience=HURRIED)


@pytest.fixture(params=[typed, planned, nothing, linked, searching], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest) -> Iterator[SpeedSource]:
    make: Callable[[], SpeedSource] = request.param
    source = make()
    yield source
    source.close()


def test_a_value_is_whole_or_not_there(source: SpeedSource) -> None:
    for t_s in (0.0, 1.5, 3600.0, 1e6):
        speed = source.current(t_s)
        assert speed is None or (0 <= speed.speed_mps <= 12.5 and speed.sd_mps > 0 and speed.age_s >= 0)
        assert speed is None or math.isnan(speed.incline_pct) or -30 <= speed.incline_pct <= 50


def test_asking_twice_gives_the_same_speed(source: SpeedSource) -> None:
    first, second = source.current(10.0), source.current(10.0)
    assert (first and first.speed_mps) == (second and second.speed_mps)


def test_what_there_is_to_tell_is_told_once_and_in_keys(source: SpeedSource) -> None:
    english = load_words("en").line
    for notice in source.notices():
        assert english(notice.key) != notice.key, "every notice has words"
    source.close()
    source.notices()
    assert source.notices() == ()


def test_closing_twice_is_once(source: SpeedSource) -> None:
    source.close()
    source.close()
    source.current(0.0)
