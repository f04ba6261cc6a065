"""Intervals of means: narrower with more values, and none from too few."""

from __future__ import annotations

import math
from statistics import fmean

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


@pytest.mark.parametrize("fewest", range(15, 25))
def test_the_interval_is_of_all_strides_whose_means_are_told(fewest: int) -> None:
    """The last few are no fewer strides than the first ones: a rise that they take back is none."""
    before = [100.0 + i % 3 for i in range(15)] + [112.0] * (fewest - 15)
    after = [103.0 + i % 3 for i in range(15)] + [98.0] * (fewest - 15)
    found = difference_interval(before, after)

    assert found is not None
    assert found.estimate == pytest.approx(fmean(after) - fmean(before), abs=0.6)
    assert found.low <= fmean(after) - fmean(before) <= found.high
