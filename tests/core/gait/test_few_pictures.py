"""Few pictures a second: strides from ten up, contact from twenty-four up, and nothing below."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from coach.core.gait import Activity, GaitUpdate, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.timekeeping import PictureRate
from tests.synth import SynthRun, synthetic_run


def followed(run: SynthRun) -> tuple[list[GaitUpdate], list[Stride]]:
    tracker = GaitTracker()
    updates = [tracker.step(pose.t_s, pose) for pose in run.poses]
    return updates, [s for u in updates for s in u.strides] + list(tracker.finish())


def errors_deg(run: SynthRun, strides: list[Stride]) -> list[float]:
    """Of each valid near stride's peak, against the true one at that time."""
    true = run.of(run.near_side)
    found = []
    for stride in strides:
        if stride.valid and stride.near:
            nearest = min(true, key=lambda t: abs(t.peak_knee_flexion_s - stride.peak_knee_flexion_s))
            found.append(stride.peak_knee_flexion_deg - nearest.peak_knee_flexion_deg)
    return found


@pytest.mark.parametrize("fps", [10.0, 12.0, 15.0, 20.0])
def test_a_runner_is_measured_from_ten_pictures_a_second_up(fps: float) -> None:
    run = synthetic_run(fps=fps, duration_s=16, noise_ll=0.01, seed=3)
    _, strides = followed(run)
    errors = errors_deg(run, strides)
    settled = [t for t in run.of(run.near_side) if t.start_s >= 4.5]
    assert len(errors) >= 0.9 * len(settled)
    assert abs(np.mean(errors)) < 1.5
    assert np.std(errors) < 3.5
    cadence = np.mean([s.cadence_spm for s in strides if s.valid])
    assert cadence == pytest.approx(run.cadence_spm, abs=1.0)


@pytest.mark.parametrize(("speed_mps", "pictures"), [(2.5, 7), (3.5, 8)])
def test_pictures_in_step_with_the_stride_do_not_bend_it_between_them(speed_mps: float, pictures: int) -> None:
    """Seven or eight of each stride at the same places: a peak between two of them was up to 14 and 17° off."""
    fps = pictures * synthetic_run(speed_mps=speed_mps, duration_s=2).cadence_spm / 120
    run = synthetic_run(speed_mps=speed_mps, fps=fps, duration_s=16, noise_ll=0.01, seed=3)
    errors = errors_deg(run, followed(run)[1])
    assert len(errors) > 15
    assert np.abs(errors).max() < 8


@pytest.mark.parametrize("fps", [10.0, 12.0, 12.5, 15.0])
@pytest.mark.parametrize("digits", [2, 3, 6, 15], ids=lambda digits: f"{digits} digits")
def test_the_last_digit_of_a_time_decides_over_no_rhythm(fps: float, digits: int) -> None:
    """Looked for at a picture's very own time, it was found seconds later, or not at all."""
    run = synthetic_run(duration_s=8, fps=fps, noise_ll=0.01, seed=5)
    tracker = GaitTracker()
    updates = [tracker.step(t_s, replace(pose, t_s=t_s)) for pose in run.poses for t_s in [round(pose.t_s, digits)]]
    first_s = next((update.t_s for update in updates if update.activity is Activity.RUNNING), math.inf)

    assert first_s < 3.8


def test_contact_and_flight_are_withheld_where_the_rate_cannot_carry_them() -> None:
    _, at_15 = followed(synthetic_run(fps=15, duration_s=10, noise_ll=0.005))
    _, at_30 = followed(synthetic_run(fps=30, duration_s=10, noise_ll=0.005))
    assert [s for s in at_15 if s.valid]
    for stride in at_15:
        assert math.isnan(stride.contact_time_s)
        assert math.isnan(stride.flight_time_s)
        assert math.isnan(stride.toe_off_s)
    assert all(stride.contact_time_s > 0 and stride.flight_time_s > 0 for stride in at_30 if stride.valid)


def test_where_pictures_are_dropped_on_the_way_contact_goes_and_does_not_drift() -> None:
    run = synthetic_run(fps=30, duration_s=24, noise_ll=0.01, seed=5)
    tracker, strides = GaitTracker(), list[Stride]()
    for i, pose in enumerate(run.poses):
        if pose.t_s < 12 or i % 2:
            strides += tracker.step(pose.t_s, pose).strides
    told = [s for s in strides if s.valid and s.near]
    early = [s.contact_time_s for s in told if s.end_s < 12]
    late = [s.contact_time_s for s in told if s.start_s > 12.2]
    assert len(late) >= 12
    assert np.isfinite(early).all()
    assert np.isnan(late).all()


def test_below_ten_pictures_a_second_nothing_is_claimed() -> None:
    updates, strides = followed(synthetic_run(fps=7, duration_s=12))
    assert strides == []
    assert {u.activity for u in updates} <= {Activity.UNKNOWN}
    assert all(math.isnan(u.cadence_spm) for u in updates)


def test_the_usual_gap_is_not_moved_by_lost_pictures() -> None:
    rate = PictureRate()
    for i in range(60):
        if i % 10:
            rate.see(i / 30)
    assert rate.fps == pytest.approx(30)
    assert not rate.too_few
