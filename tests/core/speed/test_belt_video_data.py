"""The video speed on measured runners, filmed with a pose network's faults, through the real gait tracker.

A part of `python -m bench.speed`, whose whole table stands in docs/speed.md.
"""

from __future__ import annotations

import os
from functools import cache

import numpy as np
import pytest

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("COACH_TEST_DATA"), reason="COACH_TEST_DATA does not name the folder of the measured data"
    ),
]


@cache
def typical() -> object:
    """Every tenth trial, filmed at 30 fps with noise of 1 %."""
    from bench.speed import steady

    return steady("typical30", every=10, seed=1)


def test_with_the_true_height_the_error_is_that_of_the_leg() -> None:
    from bench.speed import Steady

    result = typical()
    assert isinstance(result, Steady)
    errors = np.abs(result.error)
    assert len(errors) == 4
    assert np.median(errors) < 0.045
    assert errors.max() < 0.10
    assert np.mean(result.covered) >= 0.9


def test_one_known_speed_takes_the_legs_error_away() -> None:
    from bench.speed import Steady

    result = typical()
    assert isinstance(result, Steady)
    assert np.median(np.abs(result.calibrated_error)) < 0.02
    assert np.mean(result.calibrated_covered) >= 0.9


def test_changes_and_stops_are_seen_within_three_seconds() -> None:
    from bench.speed import changes

    seen = changes("typical30", every=13, seed=1)

    assert {kind: max(seconds) <= 3 for kind, seconds in seen.items()} == dict.fromkeys(seen, True)


def test_ten_pictures_a_second_tell_the_same_belt_as_thirty() -> None:
    """They leave room for the wide window alone, in which a foot still lands and comes up: it was read 2 % slow."""
    from bench.few_pictures import condition
    from bench.speed import steady

    few, many = (np.array(steady(condition(fps, hard=False), every=4, seed=1).error) for fps in (10.0, 30.0))

    assert abs(np.mean(few - many)) < 0.01
