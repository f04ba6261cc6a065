"""Intervals of means: narrower with more values, and none from too few."""

from __future__ import annotations

import math

import pytest

from coach.core.session.intervals import difference_interval, mean_interval


def test_intervals_shrink_with_more_values_and_cover_the_mean() -> None:
    few, many = mean_interval([1.0, 2.0, 3.0]), mean_interval([1.0, 2.0, 3.0] * 10)

    assert mean_interval([1.0, math.nan, 2.0]) is None
    assert few is not None
    assert many is not None
    assert few.low < many.low < 2.0 < many.high < few.high
    assert few.high - few.estimate == pytest.approx(4.303 * 1.0 / math.sqrt(3), abs=1e-3)  # t table, 2 degrees


def test_a_difference_needs_three_means_a_side() -> None:
    assert difference_interval([1.0] * 14, [2.0] * 100) is None
    found = difference_interval([1.0] * 15, [2.0] * 15)
    assert found is not None
    assert (found.estimate, found.low, found.high) == (1.0, 1.0, 1.0)
