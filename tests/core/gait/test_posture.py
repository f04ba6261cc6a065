"""How leg and trunk are held, on a drawn runner and on measured ones; and what runners in general do."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.core.coaching.stride_record import STRIDE_COLUMNS
from coach.core.gait.events import PHASES, EventPhases
from coach.core.gait.kinematics import ahead_deg, lean_deg
from coach.core.gait.mean_cycle import ANKLE_FROM_HIP, GROUPS, HEEL_FROM_HIP, KNEE_FROM_HIP, TOE_FROM_HIP
from coach.core.gait.posture import Form, MeanStride, form, trunk_lean
from coach.core.pose import Keypoint
from coach.core.units import FloatArray
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


FORM = [column for column in STRIDE_COLUMNS if column.note.norm is not None and column.note.sd]


@pytest.mark.data
def test_norms_are_what_the_measured_runners_do(test_data: Path) -> None:
    """Those of the 13 are computed again from their keypoints; those of all 26 stand beside them."""
    from bench.posture import runners_means

    means = runners_means()
    of_26 = (test_data / "rbds" / "norms.csv").read_text().splitlines()
    listed = {(row.split(",")[0], float(row.split(",")[1])): list(map(float, row.split(",")[3:5])) for row in of_26[1:]}
    checked = 0
    for column in STRIDE_COLUMNS:
        norm = column.note.norm
        if norm is None or not norm.source.startswith("Fukuchi"):
            continue
        for speed_mps, mean, sd in zip(norm.speeds_mps, norm.means, norm.sds, strict=True):
            if "n = 26" in norm.source:
                key, scale = {"contact_time_s": ("contact_time_ms", 1e-3)}.get(column.name, (column.name, 1.0))
                there, spread = (scale * value for value in listed[key, speed_mps])
            else:
                runners = np.array(means[column.name][speed_mps])
                there, spread = float(runners.mean()), float(runners.std(ddof=1))
            assert mean == pytest.approx(there, rel=0.01), (column.name, speed_mps)
            assert sd == pytest.approx(spread, rel=0.04), (column.name, speed_mps)
            checked += 1
    assert checked == 36


@pytest.mark.data
def test_form_of_a_measured_runner_is_within_what_is_stated(test_data: Path) -> None:
    from bench.kinematics import run
    from bench.measured import scoring, trials_of
    from bench.posture import errors, trial_truths

    trial = trials_of()["RBDS010_T35"]()
    recording = scoring().film_case("RBDS010_T35", "typical30", trial, 0)
    near = recording["truth"]["near_side"]
    names = [column.name for column in FORM if column.name not in {"trunk_lean_deg", "contact_time_s"}]

    found = errors(trial_truths(trial, near), run(recording)[1], near, names)

    assert set(found) == set(names)
    for name, pairs in found.items():
        error, stated = np.array(pairs).T
        assert len(error) > 15
        assert np.sqrt((error**2).mean()) < 2 * np.sqrt((stated**2).mean()), name


def test_the_trunk_of_the_drawn_runner_leans_as_it_does() -> None:
    from bench.posture import demo_run, errors

    strides, known = demo_run("left", 3.0, 0.01, seed=3, seconds=14.0)

    pairs = errors(known["left"], strides, "left", ["trunk_lean_deg", "foot_at_contact_deg"])["trunk_lean_deg"]

    assert len(pairs) >= 10
    error, stated = np.array(pairs).T
    assert abs(error.mean()) < 0.5
    assert error.std() < 1.0
    assert np.all((stated > 0.2) & (stated < 1.5))


def test_a_lean_is_one_whichever_way_the_runner_faces() -> None:
    hips, shoulders = 100 + 200j, 112 + 100j

    assert lean_deg(hips, shoulders, "right") == pytest.approx(-lean_deg(hips, shoulders, "left"))
    assert lean_deg(hips, shoulders, "right") == pytest.approx(6.84, abs=0.01)


def test_a_trunk_that_was_hardly_seen_says_nothing() -> None:
    seen = np.full(20, 7.0)
    assert trunk_lean(seen, 1 / 30).deg == 7.0
    seen[:11] = np.nan

    assert math.isnan(trunk_lean(seen, 1 / 30).deg)
    assert math.isnan(trunk_lean(np.full(5, 7.0), 1 / 30).sd_deg)


def test_a_toe_that_points_up_at_contact_is_above_the_flat_foot_of_stance() -> None:
    """The drawn foot: flat over stance, toes 20° up where the phase says contact, and never where it is in swing."""
    rows = np.zeros((len(PHASES), 2, GROUPS, 2))
    since = PHASES % (2 * math.pi)
    up_deg = np.where(since < 0.25, 20.0, np.where(since < 1.9, 0.0, -35.0)) + np.where(
        since > 2 * math.pi - 0.25, 55.0, 0
    )
    rows[:, 1, KNEE_FROM_HIP] = [0.1, -0.5]
    rows[:, 1, ANKLE_FROM_HIP] = [0.1, -1.0]
    rows[:, 1, HEEL_FROM_HIP] = [0.05, -1.05]
    toes = 0.2 * np.stack([np.cos(np.radians(up_deg)), np.sin(np.radians(up_deg))], axis=1)
    rows[:, 1, TOE_FROM_HIP] = rows[:, 1, HEEL_FROM_HIP] + toes
    rows[:, 1, KNEE_FROM_HIP, 0] += 0.2 * np.cos(since)

    found = form(MeanStride(rows, 1, EventPhases(0.0, 2.0, 4.0), 9.0, [1e-6] * 4, 0.001))

    assert found.foot_at_contact_deg == pytest.approx(20.0, abs=0.5)
    assert found.foot_at_contact_sd_deg == pytest.approx(math.degrees(math.sqrt(0.6 * 2e-6 / 4)) / 0.2, rel=0.05)


def test_feet_that_were_never_seen_have_no_angle_and_the_rest_is_told() -> None:
    legs = film(np.arange(330) / 30, noise_ll=0.004)
    blind = [(t_s, pose and replace(pose, xy_px=_without_feet(pose.xy_px))) for t_s, pose in legs]
    near = watch(blind).valid("right")

    assert near
    assert all(math.isnan(stride.foot_at_contact_deg) for stride in near)
    assert all(math.isfinite(stride.thigh_range_deg) for stride in near)


def _without_feet(xy_px: FloatArray) -> FloatArray:
    blind = xy_px.copy()
    blind[[Keypoint.LEFT_HEEL, Keypoint.RIGHT_HEEL, Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_FOOT_INDEX]] = np.nan
    return blind


def test_what_is_read_off_the_mean_stride_and_not_off_the_single_one_says_so() -> None:
    about = {column.name: column.note.about for column in STRIDE_COLUMNS}
    measures = [name for name in Form._fields if "_sd_" not in name]

    assert len(measures) >= 8
    assert all("of the mean stride" in about[name] for name in (*measures, "heel_rise_ll"))
    assert "of the mean stride" not in about["peak_knee_flexion_deg"]
