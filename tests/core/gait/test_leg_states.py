"""The plain filter, for when there is no rhythm."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coach.core.gait.leg_states import OneEuroFilter
from tests.core.movers import run_knee_deg


def test_the_first_value_passes_also_at_time_zero() -> None:
    assert OneEuroFilter().step(0.0, 42.0) == 42.0


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
def test_a_running_knee_loses_little_of_its_peak(fps: float) -> None:
    smooth = OneEuroFilter()
    shown = [smooth.step(i / fps, run_knee_deg(i / fps * 1.4 % 1)) for i in range(round(4 * fps))]
    assert max(shown[round(2 * fps) :]) == pytest.approx(100.0, abs=3.0)


def test_it_calms_a_leg_that_stands_still() -> None:
    smooth, rng = OneEuroFilter(), np.random.default_rng(0)
    raw = 6 + rng.normal(0, 2, 300)
    shown = np.array([smooth.step(i / 30, x) for i, x in enumerate(raw.tolist())])
    assert shown[30:].std() < 0.8 * raw.std()


def test_a_missing_value_stays_missing_and_a_gap_begins_anew() -> None:
    smooth = OneEuroFilter()
    for i in range(30):
        smooth.step(i / 30, 10.0)
    assert math.isnan(smooth.step(1.0, math.nan))
    assert smooth.step(2.0, 90.0) == 90.0


def test_two_frames_with_one_time_do_no_harm() -> None:
    smooth = OneEuroFilter()
    smooth.step(1.0, 10.0)
    assert math.isfinite(smooth.step(1.0, 12.0))
