"""What Bluetooth treadmills say byte by byte, and how old their word is by their own signs of life."""

from __future__ import annotations

import dataclasses
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.speed.belt_speed import BeltSpeed
from coach.core.speed.treadmill_feed import (
    RecordAssembler,
    RunningSpeedCadence,
    TreadmillData,
    TreadmillFeed,
    parse_running_speed,
    parse_treadmill_data,
)

# Fitness Machine Service 1.0, table of the Treadmill Data characteristic:
# flag bit, field, octets as the table has them, value in the record's unit.
TABLE: list[tuple[int, dict[str, float], bytes]] = [
    (1, {"average_speed_mps": 9.50 / 3.6}, struct.pack("<H", 950)),
    (2, {"distance_m": 123_456}, (123_456).to_bytes(3, "little")),
    (3, {"incline_pct": -1.5, "ramp_angle_deg": 0.9}, struct.pack("<hh", -15, 9)),
    (4, {"climbed_m": 12.3, "descended_m": 4.5}, struct.pack("<HH", 123, 45)),
    (5, {"pace_raw": 5.7}, struct.pack("<B", 57)),
    (6, {"average_pace_raw": 6.1}, struct.pack("<B", 61)),
    (
        7,
        {"energy_kcal": 321, "energy_kcal_per_h": 654, "energy_kcal_per_min": 11},
        struct.pack("<HHB", 321, 654, 11),
    ),
    (8, {"heart_rate_bpm": 151}, struct.pack("<B", 151)),
    (9, {"metabolic_equivalent": 9.8}, struct.pack("<B", 98)),
    (10, {"elapsed_s": 1801}, struct.pack("<H", 1801)),
    (11, {"remaining_s": 599}, struct.pack("<H", 599)),
    (12, {"belt_force_n": -120, "power_w": 245}, struct.pack("<hh", -120, 245)),
]
SPEED = ({"speed_mps": 10.40 / 3.6}, struct.pack("<H", 1040))


def packet(bits: set[int], *, more: bool = False) -> tuple[bytes, dict[str, float]]:
    """A notification with the fields of these flag bits, and what it means."""
    flags = sum(1 << bit for bit in bits) | (1 if more else 0)
    means = {} if more else dict(SPEED[0])
    octets = b"" if more else SPEED[1]
    for bit, values, content in TABLE:
        if bit in bits:
            means |= values
            octets += content
    return struct.pack("<H", flags) + octets, means


def given_values(data: TreadmillData | RunningSpeedCadence) -> dict[str, float]:
    values = {f.name: getattr(data, f.name) for f in dataclasses.fields(data) if f.name not in ("complete", "running")}
    return {name: value for name, value in values.items() if not math.isnan(value)}


@given(st.sets(st.integers(1, 12)), st.booleans())
def test_every_combination_of_flags(bits: set[int], more: bool) -> None:
    octets, means = packet(bits, more=more)

    data = parse_treadmill_data(octets)

    assert given_values(data) == pytest.approx(means)
    assert data.complete is not more


@pytest.mark.parametrize("bit", range(1, 13))
def test_each_field_alone(bit: int) -> None:
    octets, means = packet({bit})

    assert given_values(parse_treadmill_data(octets)) == pytest.approx(means)


def test_all_fields_at_once() -> None:
    octets, means = packet(set(range(1, 13)))

    assert len(octets) == 2 + 2 + 2 + 3 + 4 + 4 + 1 + 1 + 5 + 1 + 1 + 2 + 2 + 4
    assert given_values(parse_treadmill_data(octets)) == pytest.approx(means)
    assert len(means) == 18


def test_a_split_record_becomes_whole_with_its_last_part() -> None:
    whole = RecordAssembler()
    first, means_1 = packet({1, 2, 3}, more=True)
    second, means_2 = packet({7, 8, 9}, more=True)
    last, means_3 = packet({10, 11})

    assert whole.add(parse_treadmill_data(first)) is None
    assert whole.add(parse_treadmill_data(second)) is None
    record = whole.add(parse_treadmill_data(last))

    assert record is not None
    assert given_values(record) == pytest.approx(means_1 | means_2 | means_3)
    again = whole.add(parse_treadmill_data(packet(set())[0]))
    assert again is not None
    assert given_values(again) == pytest.approx(SPEED[0]), "nothing of the record before is left"


def test_what_the_treadmill_marks_as_not_available_is_unknown() -> None:
    flags = 1 << 3 | 1 << 7 | 1 << 12
    octets = struct.pack("<HHhhHHBhh", flags, 1040, 0x7FFF, 0x7FFF, 0xFFFF, 0xFFFF, 0xFF, 0x7FFF, 0x7FFF)

    assert given_values(parse_treadmill_data(octets)) == pytest.approx(SPEED[0])


def test_pace_of_two_octets_is_told_by_the_length() -> None:
    flags = 1 << 5 | 1 << 6 | 1 << 10
    octets = struct.pack("<HHHHH", flags, 1040, 345, 360, 77)

    assert parse_treadmill_data(octets).elapsed_s == 77


def test_a_treadmill_that_sends_miles() -> None:
    octets, _ = packet(set())

    assert parse_treadmill_data(octets, mph=True).speed_mps == pytest.approx(10.40 * 0.44704)


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\x00\x00", b"\x00\x00\x10"])
def test_empty_and_short_packets_of_an_idle_belt_say_nothing(octets: bytes) -> None:
    assert given_values(parse_treadmill_data(octets)) == {}
    assert given_values(parse_running_speed(octets)) == {}


def test_a_packet_cut_short_keeps_what_came_before_the_cut() -> None:
    octets, _ = packet({2, 3, 10})

    assert given_values(parse_treadmill_data(octets[:8])) == pytest.approx({**SPEED[0], "distance_m": 123_456})


def test_a_treadmill_whose_packets_are_longer_than_their_flags_say() -> None:
    octets = bytes.fromhex("8424") + struct.pack("<H", 350) + bytes(13)  # reserved bit 13 and octets of its own

    assert parse_treadmill_data(octets).speed_mps == pytest.approx(3.5 / 3.6)


@pytest.mark.parametrize(
    ("hundredths_kmh", "known"), [(0, True), (2500, True), (4500, True), (4501, False), (65535, False)]
)
def test_absurd_speeds_are_unknown(hundredths_kmh: int, known: bool) -> None:
    speed_mps = parse_treadmill_data(struct.pack("<HH", 0, hundredths_kmh)).speed_mps

    assert math.isfinite(speed_mps) is known


@pytest.mark.parametrize("stride", [False, True])
@pytest.mark.parametrize("distance", [False, True])
@pytest.mark.parametrize("running", [False, True])
def test_running_speed_and_cadence_with_all_flags(stride: bool, distance: bool, running: bool) -> None:
    octets = struct.pack("<BHB", stride | distance << 1 | running << 2, int(3.25 * 256), 172)
    means = {"speed_mps": 3.25, "cadence_per_min": 172.0}
    if stride:
        octets += struct.pack("<H", 113)
        means["stride_length_m"] = 1.13
    if distance:
        octets += struct.pack("<I", 51_234)
        means["distance_m"] = 5123.4

    data = parse_running_speed(octets)

    assert given_values(data) == pytest.approx(means)
    assert data.running is running


@given(st.binary(max_size=40), st.booleans())
def test_no_packet_makes_an_exception_or_an_absurd_value(octets: bytes, mph: bool) -> None:
    data = parse_treadmill_data(octets, mph=mph)
    values = given_values(data)
    foot_pod = given_values(parse_running_speed(octets))

    for speed in (values.get("speed_mps"), values.get("average_speed_mps"), foot_pod.get("speed_mps")):
        assert speed is None or 0 <= speed <= 12.5
    assert abs(values.get("incline_pct", 0)) <= 50
    assert 1 <= values.get("heart_rate_bpm", 1) <= 250
    assert all(math.isfinite(value) for value in (*values.values(), *foot_pod.values()))


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_any_stream_of_packets_can_be_put_together(packets: list[bytes]) -> None:
    whole = RecordAssembler()
    for octets in packets:
        part = parse_treadmill_data(octets)
        record = whole.add(part)
        assert (record is not None) is part.complete
        assert record is None or record.complete


def record(speed_kmh: float, elapsed_s: int | None = None, distance_m: int | None = None) -> bytes:
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
    feed.treadmill_packet(0.0, record(10))

    assert now(feed, 0.0).age_s == 0.0
    assert now(feed, 4.0).age_s == 4.0


def test_a_console_whose_clock_stands_still_while_it_claims_to_run_has_hung() -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), record(10, elapsed_s=min(t_s, 20), distance_m=3 * min(t_s, 20)))

    assert now(feed, 59.0).age_s == pytest.approx(39)


def test_a_hung_console_that_wakes_is_believed_again() -> None:
    feed = TreadmillFeed()
    for t_s in range(40):
        feed.treadmill_packet(float(t_s), record(10, elapsed_s=min(t_s, 20)))
    feed.treadmill_packet(40.0, record(10, elapsed_s=21))

    assert now(feed, 40.0).age_s == 0.0


def test_a_treadmill_that_babbled_of_a_clock_once_and_has_none_is_not_taken_for_hung() -> None:
    """Found by the soak: some seconds of noise on the air, and its steady speed was old for the rest of the run."""
    feed = TreadmillFeed()
    for t_s in range(60):
        babbles = 5 <= t_s < 8
        feed.treadmill_packet(float(t_s), record(10, elapsed_s=1000 * t_s if babbles else None))

    assert now(feed, 59.0).age_s == 0.0


@pytest.mark.parametrize(("elapsed_s", "distance_m"), [(0, 0), (None, None), (0, None)])
def test_a_treadmill_that_never_counts_is_not_taken_for_hung(elapsed_s: int | None, distance_m: int | None) -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), record(10, elapsed_s, distance_m))

    assert now(feed, 59.0).age_s == 0.0


def test_a_standing_belt_stands_and_is_fresh() -> None:
    feed = TreadmillFeed()
    for t_s in range(60):
        feed.treadmill_packet(float(t_s), record(10 if t_s < 20 else 0, elapsed_s=min(t_s, 20)))

    assert now(feed, 59.0).speed_mps == 0.0
    assert now(feed, 59.0).age_s == 0.0
    assert now(feed, 59.0).sd_mps > 0


def test_an_incline_that_was_told_once_holds() -> None:
    feed = TreadmillFeed()
    feed.treadmill_packet(0.0, struct.pack("<HHhh", 1 << 3, 1000, 25, 0x7FFF))
    feed.treadmill_packet(1.0, record(11))

    assert now(feed, 1.0).incline_pct == pytest.approx(2.5)
    assert math.isnan(TreadmillFeed().latest.incline_pct)
