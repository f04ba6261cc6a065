"""How the leg is held while the knee is bent most, on a drawn runner and on measured ones."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from coach.core.gait.kinematics import ahead_deg
from tests.core.gait.test_gait_tracker_data import TRIALS, filmed, measured_legs
from tests.core.movers import film, running
from tests.core.watched import watch


def true_thigh_deg(t_s: float, side: int) -> float:
    """Of the mover whose leg `side` (0 left) is asked about; its pose faces image-right, y down."""
    hip, knee = running(t_s)[[3 + side, 5 + side]]
    return ahead_deg(complex(knee[0] - hip[0], -(knee[1] - hip[1])))


def test_the_thigh_is_read_where_it_is() -> None:
    seen = watch(film(np.arange(330) / 30, noise_ll=0.008))
    near = [s for s in seen.valid("right") if s.start_s > 3]

    errors = [s.thigh_at_peak_deg - true_thigh_deg(s.peak_knee_flexion_s, 1) for s in near]

    assert len(near) >= 8
    assert abs(np.mean(errors)) < 1.0
    assert np.std(errors) < 2.0
    assert all(0.3 < s.thigh_at_peak_sd_deg < 2.5 for s in near)


@pytest.mark.data
@pytest.mark.parametrize("trial", TRIALS)
def test_the_thigh_of_a_measured_runner(test_data: Path, trial: str) -> None:
    legs_mm = measured_legs(test_data, trial)
    seen = watch(filmed(legs_mm, "right", 2, 0.01))
    times_s = np.arange(len(legs_mm)) / 60
    bone = legs_mm[:, 1, 1] - legs_mm[:, 1, 0]
    true_deg = np.degrees(np.arctan2(bone[:, 0], -bone[:, 1]))

    errors = [
        s.thigh_at_peak_deg - float(np.interp(s.peak_knee_flexion_s, times_s, true_deg)) for s in seen.valid("right")
    ]

    near = seen.valid("right")
    assert np.mean([s.thigh_forward_deg for s in near]) == pytest.approx(np.percentile(true_deg, 99), abs=2.0)
    assert np.mean([s.thigh_back_deg for s in near]) == pytest.approx(-np.percentile(true_deg, 1), abs=2.0)
    leg_mm = np.abs(bone @ [1, 1j]).mean() + np.abs((legs_mm[:, 1, 2] - legs_mm[:, 1, 1]) @ [1, 1j]).mean()
    at = [round(s.initial_contact_s * 60) for s in near if s.initial_contact_s < times_s[-1]]
    shank, ahead = legs_mm[at, 1, 2] - legs_mm[at, 1, 1], (legs_mm[at, 1, 2] - legs_mm[at, 1, 0])[:, 0]
    shank_deg = np.degrees(np.arctan2(shank[:, 0], -shank[:, 1]))
    assert np.mean([s.shank_at_contact_deg for s in near]) == pytest.approx(shank_deg.mean(), abs=2.5)
    assert np.mean([s.foot_ahead_ll for s in near]) == pytest.approx(ahead.mean() / leg_mm, abs=0.02)
    assert abs(np.mean(errors)) < 1.0
    assert np.std(errors) < 2.0
    assert not any(math.isnan(error) for error in errors)
