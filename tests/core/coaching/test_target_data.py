"""Does a runner's own baseline foretell that runner at another speed? Thirteen measured runners answer."""

from __future__ import annotations

import csv
import itertools
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from coach.core.coach_settings import CoachSettings
from coach.core.coaching.baseline import Baseline, peak_flexion_deg
from coach.core.coaching.target import heel_lift_target

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def peaks(test_data: Path) -> dict[str, dict[float, float]]:
    """Runner → speed → mean peak flexion, legs averaged."""
    sides: dict[tuple[str, float], list[float]] = defaultdict(list)
    with (test_data / "rbds" / "knee_curves.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["who"] != "all26" and row["statistic"] == "mean":
                curve = [float(row[f"p{percent}"]) for percent in range(101)]
                sides[row["who"], float(row["speed_mps"])].append(max(curve))
    runners: dict[str, dict[float, float]] = defaultdict(dict)
    for (who, speed_mps), both in sides.items():
        runners[who][speed_mps] = float(np.mean(both))
    return dict(runners)


def baseline(speed_mps: float, deg: float) -> Baseline:
    return Baseline(0, speed_mps, "right", math.nan, deg, 2.0, 80, 170, 0.09)


def test_a_personal_target_errs_less_than_the_norm(peaks: dict[str, dict[float, float]]) -> None:
    personal: dict[float, list[float]] = defaultdict(list)
    stranger = []
    for runner in peaks.values():
        for (known, deg), (asked, true_deg) in itertools.permutations(runner.items(), 2):
            own = heel_lift_target(asked, CoachSettings(), (baseline(known, deg),)).reference_deg
            personal[abs(asked - known)].append(true_deg - own)
            stranger.append(true_deg - float(peak_flexion_deg(asked, CoachSettings().norms)))

    assert len(peaks) == 13
    assert np.std(personal[1.0]) < np.std(personal[2.0]) < np.std(stranger)
    assert np.std(personal[1.0]) == pytest.approx(5.2, abs=1.0)
    assert np.std(personal[2.0]) == pytest.approx(8.0, abs=1.0)


def test_nine_measured_runners_in_ten_lie_in_the_band_of_a_stranger(peaks: dict[str, dict[float, float]]) -> None:
    inside = [
        band.low_deg <= deg <= band.high_deg
        for runner in peaks.values()
        for speed_mps, deg in runner.items()
        for band in (heel_lift_target(speed_mps),)
    ]

    assert np.mean(inside) >= 0.85
