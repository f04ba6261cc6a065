"""The day by the clock on the wall: practice wants a night in between, and nights are where the runner is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from coach.app.parts import today

MIDNIGHT_IN_AUCKLAND_S = 1_768_042_800.0
"""2026-01-10 11:00 in Greenwich: 11 January begins there, thirteen hours ahead."""


@pytest.fixture
def in_auckland(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system's clock takes no other time zone")
    with monkeypatch.context() as place:
        place.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_auckland")
def test_a_new_day_begins_at_the_runners_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    days = []
    for after_s in (-60.0, 60.0):
        monkeypatch.setattr(time, "time", lambda after_s=after_s: MIDNIGHT_IN_AUCKLAND_S + after_s)
        days.append(today())

    assert [int(day) for day in days] == [20_463, 20_464]
    assert days[1] - days[0] == pytest.approx(120 / 86_400)
