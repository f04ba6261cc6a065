"""How old a treadmill's word is, by its own signs of life."""

import math
import struct

import pytest

from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.treadmill_feed import TreadmillFeed


def packet(speed_kmh: float, elapsed_s: int | None = None, distance_m: int | None = None) -> bytes:
    flags, content = 0, struct.pack("<H", round(100 * speed_kmh))
    if distance_m is not None:
        flags, content = flags | 1 << 2, content + distance_m.to_bytes(3, "little")
    if elapsed_s is not None:
        flags, content = flags | 1 << 10, content + struct.pack("<H", elapsed_s)
    return struct.pack("<H", flags) + content


def now(feed: TreadmillFeed, t_s: float) -> BeltSpeed:
    speed = feed.current(t_s)
    assert speed is not None
    return speed


def test_nothing_heard_is_nothing_known() -> None:
    assert TreadmillFeed().current(0.0) is None


def test_a_value_at_time_zero_is_a_value() -> None:
    feed = TreadmillFeed()
    feed.treadmill_packet(0.0, packet(10))

    assert now(feed, 0.0).age_s == 0.0
    assert now(feed, 4.0).age_s == 4.0


def test_a_console_whose_clock_stands_still_while_it_claims_to_run_has_hung() -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), packet(10, elapsed_s=min(t_s, 20), distance_m=3 * min(t_s, 20)))

    assert now(feed, 59.0).age_s == pytest.approx(39)


def test_a_hung_console_that_wakes_is_believed_again() -> None:
    feed = TreadmillFeed()
    for t_s in range(40):
        feed.treadmill_packet(float(t_s), packet(10, elapsed_s=min(t_s, 20)))
    feed.treadmill_packet(40.0, packet(10, elapsed_s=21))

    assert now(feed, 40.0).age_s == 0.0


@pytest.mark.parametrize(("elapsed_s", "distance_m"), [(0, 0), (None, None), (0, None)])
def test_a_treadmill_that_never_counts_is_not_taken_for_hung(elapsed_s: int | None, distance_m: int | None) -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), packet(10, elapsed_s, distance_m))

    assert now(feed, 59.0).age_s == 0.0


def test_a_standing_belt_stands_and_is_fresh() -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), packet(10 if t_s < 20 else 0, elapsed_s=min(t_s, 20)))

    assert now(feed, 59.0).speed_mps == 0.0
    assert now(feed, 59.0).age_s == 0.0
    assert now(feed, 59.0).sd_mps > 0


def test_an_incline_that_was_told_once_holds() -> None:
    feed = TreadmillFeed()
    feed.treadmill_packet(0.0, struct.pack("<HHhh", 1 << 3, 1000, 25, 0x7FFF))
    feed.treadmill_packet(1.0, packet(11))

    assert now(feed, 1.0).incline_pct == pytest.approx(2.5)
    assert math.isnan(TreadmillFeed().latest.incline_pct)
