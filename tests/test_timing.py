"""A sleep of the machine is seen whichever clocks stood still, and frames are counted whoever missed them."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace

import pytest

from coach.timing import FrameRate, SleepWatch, Slept, never_stops_s


class Clocks:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steady_s, self.whole_s = 100.0, 1_000_000.0
        monkeypatch.setattr("coach.timing.time", SimpleNamespace(monotonic=lambda: self.steady_s))
        monkeypatch.setattr("coach.timing.never_stops_s", lambda: self.whole_s)

    def go(self, steady_s: float, whole_s: float) -> None:
        self.steady_s += steady_s
        self.whole_s += whole_s


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.mark.parametrize(
    ("steady_s", "found"), [(3600.0, Slept(3600.0, 3600.0)), (0.5, Slept(3600.0, 0.5))], ids=["goes on", "stands still"]
)
def test_a_sleep_is_told_once(clocks: Clocks, steady_s: float, found: Slept) -> None:
    watch = SleepWatch()
    clocks.go(0.5, 0.5)
    assert watch.look() is None
    clocks.go(steady_s, 3600.0)
    assert watch.look() == found
    assert watch.look() is None


def test_a_wall_clock_that_is_set_is_no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop whose clock is wrong finds the network in mid-run."""
    watch, right_s = SleepWatch(), time.time
    monkeypatch.setattr(time, "time", lambda: right_s() + 3600.0)
    assert watch.look() is None


def test_the_clock_that_never_stops_goes_on() -> None:
    before_s = never_stops_s()
    time.sleep(0.02)
    assert 0.01 < never_stops_s() - before_s < 60.0


def test_waiting_is_no_sleep(clocks: Clocks) -> None:
    watch = SleepWatch()
    clocks.go(12.0, 12.0)
    assert watch.look(waited_s=10.0) is None
    clocks.go(12.0, 12.0)
    assert watch.look(waited_s=1.0) == Slept(11.0, 11.0)


def test_the_rate_is_that_of_the_last_frames() -> None:
    rate = FrameRate(over=31)
    assert math.isnan(rate.per_s)
    for i in range(100):
        rate.add(i / 60)
    for i in range(31):
        rate.add(2 + i / 30)
    assert rate.per_s == pytest.approx(30)


def test_frames_that_were_missed_count_by_their_numbers() -> None:
    rate = FrameRate()
    for index in range(0, 60, 7):
        rate.add(index / 30, index)
    assert rate.per_s == pytest.approx(30)
    rate.restart()
    assert math.isnan(rate.per_s)
    rate.add(100 / 30, 156)
    assert rate.per_s == pytest.approx((156 - 56) / (100 / 30 - 56 / 30))
