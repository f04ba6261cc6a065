"""Heart rate: what a monitor's octets mean, what is kept, and what is said of a run."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.heart import HeartChange, HeartFacts, HeartLog, HeartOrigin, HeartRate, heart_facts, parse_heart_rate

MONITOR, TREADMILL = HeartOrigin.MONITOR, HeartOrigin.TREADMILL


@pytest.mark.parametrize(
    ("packet", "bpm"),
    [
        (bytes([0x00, 60]), 60),
        (bytes([0x06, 172]), 172),
        (struct.pack("<BH", 0x01, 172), 172),
        # Energy and two intervals between beats follow; they are not needed.
        (struct.pack("<BBHHH", 0x18, 141, 300, 435, 430), 141),
        (bytes([0x04, 60]), math.nan),
        (bytes([0x00, 0]), math.nan),
        (bytes([0x00]), math.nan),
        (bytes([0x01, 60]), math.nan),
        (struct.pack("<BH", 0x01, 900), math.nan),
    ],
)
def test_a_measurement(packet: bytes, bpm: float) -> None:
    assert parse_heart_rate(packet) == pytest.approx(bpm, nan_ok=True)


@given(st.binary(max_size=24))
def test_whatever_comes_is_a_heart_rate_or_none(packet: bytes) -> None:
    bpm = parse_heart_rate(packet)
    assert math.isnan(bpm) or 25 <= bpm <= 250


def test_a_beat_more_is_kept_once_a_second_and_a_loss_at_once() -> None:
    log = HeartLog()
    log.step(0.0, None)
    for tick in range(40):
        log.step(tick / 10, HeartRate(140.2 + tick / 10, MONITOR))
    log.step(4.05, None)
    log.step(4.1, None)
    log.step(5.2, HeartRate(150.0, TREADMILL))

    assert [(change.t_s, change.bpm, change.source) for change in log.changes[:2]] == [
        (0.0, 140.0, MONITOR),
        (1.0, 141.0, MONITOR),
    ]
    assert [(change.t_s, change.source) for change in log.changes[-2:]] == [(4.05, None), (5.2, TREADMILL)]
    assert math.isnan(log.changes[-2].bpm)
    assert len(log.changes) == 6


def test_mean_and_highest_count_every_second_of_running_alike() -> None:
    changes = [HeartChange(0.5, 120.0, MONITOR), HeartChange(8.5, 180.0, MONITOR), HeartChange(9.5, math.nan, None)]

    facts = heart_facts(changes, [float(second) for second in range(12)])

    assert facts.mean_bpm == pytest.approx((8 * 120 + 180) / 9)
    assert facts.highest_bpm == 180.0
    assert facts.sources == ("monitor",)
    none = heart_facts((), [0.0, 1.0])
    assert math.isnan(none.mean_bpm)
    assert none.sources == HeartFacts().sources == ()
