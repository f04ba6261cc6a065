"""The demo's runner moves as published treadmill runners do, and its feet stay on the belt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.pose import SIDES
from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner
from coach.edges.demo.gait_curves import cadence_spm, duty_factor, norm_peak_deg
from coach.edges.demo.motion import LegPose, StrideShape
from coach.edges.demo.runner import Legs

SPEEDS = (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)


def steady_runner(speed_mps: float) -> DemoRunner:
    return DemoRunner(
        speed_mps=speed_mps, heel_lift=0.0, peak_offset_deg=(0.0, 0.0), peak_sd_deg=0.0, step_sd=0.0, drift_ll=0.0
    )


def stride_after(runner: DemoRunner, t_s: float) -> StrideShape:
    legs = runner.legs
    return legs.shape(legs.number_at("right", t_s) + 2)


def follow(
    legs: Legs, shape: StrideShape, from_phase: float, to_phase: float, count: int
) -> tuple[FloatArray, list[LegPose]]:
    """(phases, poses) of the right leg over a part of a stride."""
    phases = np.linspace(from_phase, to_phase, count)
    times = shape.start_s + phases * (shape.end_s - shape.start_s)
    return phases, [legs.at("right", float(t)) for t in times]


@pytest.mark.parametrize("speed_mps", SPEEDS)
def test_the_ball_of_the_standing_foot_travels_with_the_belt(speed_mps: float) -> None:
    runner = DemoRunner(speed_mps=speed_mps, heel_lift=0.0, drift_ll=0.05)
    shape = stride_after(runner, 3.0)
    times = np.linspace(shape.start_s + 0.13 * (shape.end_s - shape.start_s), shape.toe_off_s - 1e-6, 30)
    on_belt = [
        runner.legs.at("right", float(t)).ball[0] + runner.drift(float(t)) + runner.belt_travel_ll(float(t))
        for t in times
    ]
    assert np.ptp(on_belt) < 1e-9


@pytest.mark.parametrize("speed_mps", SPEEDS)
def test_the_landing_foot_rolls_over_the_heel_without_skating(speed_mps: float) -> None:
    runner = steady_runner(speed_mps)
    shape = stride_after(runner, 3.0)
    times = np.linspace(shape.start_s, shape.start_s + 0.04 * (shape.end_s - shape.start_s), 12)
    heels = [runner.legs.at("right", float(t)).heel[0] + runner.belt_travel_ll(float(t)) for t in times]
    assert np.ptp(heels) < 0.02


@pytest.mark.parametrize("speed_mps", SPEEDS)
def test_nothing_sinks_into_the_belt(speed_mps: float) -> None:
    runner = steady_runner(speed_mps)
    _, poses = follow(runner.legs, stride_after(runner, 3.0), 0.0, 1.0, 150)
    lowest = min(min(pose.ball[1], pose.toe[1], pose.heel[1]) for pose in poses)
    assert lowest > -0.005


@pytest.mark.parametrize("speed_mps", SPEEDS)
def test_both_feet_are_never_down_at_once(speed_mps: float) -> None:
    legs = DemoRunner(speed_mps=speed_mps, step_sd=0.03, seed=4).legs
    for t_s in np.arange(0, 12, 0.005):
        down = [t_s < legs.shape(legs.number_at(side, float(t_s))).toe_off_s for side in SIDES]
        assert not all(down)


@pytest.mark.parametrize("speed_mps", [1.0, *SPEEDS, 6.0])
def test_no_joint_jumps(speed_mps: float) -> None:
    """At 300 frames a second nothing turns faster than a knee can, nor starts from one frame to the next."""
    runner = DemoRunner(speed_mps=speed_mps, heel_lift=0.0, peak_sd_deg=2.0)
    times = np.arange(2.0, 4.0, 1 / 300)
    poses = [runner.legs.at("left", float(t)) for t in times]
    joints = np.array([[p.knee_flexion_deg, p.thigh_deg] for p in poses])
    assert np.abs(np.diff(joints, axis=0)).max() < 4.0
    assert np.abs(np.diff(joints, n=2, axis=0)).max() < 1.2
    foot = np.array([p.foot_pitch_deg for p in poses])
    assert np.abs(np.diff(foot)).max() < 9.0  # the foot snaps at push-off


@pytest.mark.parametrize(("speed_mps", "spm", "contact_ms"), [(2.5, 162, 269), (3.5, 172, 226), (4.5, 184, 197)])
def test_rhythm_and_contact_are_the_published_ones(speed_mps: float, spm: float, contact_ms: float) -> None:
    shape = stride_after(steady_runner(speed_mps), 3.0)
    assert 120 / (shape.end_s - shape.start_s) == pytest.approx(spm, abs=1)
    assert 1000 * (shape.toe_off_s - shape.start_s) == pytest.approx(contact_ms, rel=0.05)


@pytest.mark.parametrize("speed_mps", SPEEDS)
def test_the_knee_curve_has_the_published_landmarks(speed_mps: float) -> None:
    runner = steady_runner(speed_mps)
    shape = stride_after(runner, 3.0)
    phases, poses = follow(runner.legs, shape, 0.0, 1.0, 801)
    knee = np.array([pose.knee_flexion_deg for pose in poses])
    toe_off = (shape.toe_off_s - shape.start_s) / (shape.end_s - shape.start_s)
    stance, swing = phases < toe_off, phases >= toe_off
    assert knee[0] == pytest.approx(11, abs=3.5)
    assert knee[stance].max() == pytest.approx(42, abs=2.5)
    assert 10 <= knee[(phases > 0.25) & (phases < 0.5)].min() <= 15 or speed_mps > 4
    assert knee[swing].max() == pytest.approx(norm_peak_deg(speed_mps), abs=0.1)
    assert 0.645 <= phases[swing][np.argmax(knee[swing])] <= 0.69


@pytest.mark.parametrize("speed_mps", [2.5, 3.5, 4.5])
def test_the_events_stand_where_force_plates_found_them(speed_mps: float) -> None:
    """The ankle is most forward about 32 ms before contact; the knee is straightest soon after toe-off."""
    runner = steady_runner(speed_mps)
    shape = stride_after(runner, 3.0)
    stride_s = shape.end_s - shape.start_s
    phases, poses = follow(runner.legs, shape, 0.0, 0.9999, 1001)
    ankle = np.array([pose.ankle[0] for pose in poses])
    knee = np.array([pose.knee_flexion_deg for pose in poses])
    late = phases > 0.7
    forward_s = (phases[late][np.argmax(ankle[late])] - 1) * stride_s
    assert forward_s == pytest.approx(-0.032, abs=0.010)
    middle = (phases > 0.2) & (phases < 0.5)
    straight_s = phases[middle][np.argmin(knee[middle])] * stride_s - (shape.toe_off_s - shape.start_s)
    assert 0.0 < straight_s < 0.045


@pytest.mark.parametrize(
    ("speed_mps", "lever", "rise"), [(2.5, 0.697, 0.475), (3.5, 0.581, 0.620), (4.5, 0.502, 0.717)]
)
def test_lever_and_heel_rise_are_near_the_published_ones(speed_mps: float, lever: float, rise: float) -> None:
    runner = steady_runner(speed_mps)
    _, poses = follow(runner.legs, stride_after(runner, 3.0), 0.4, 0.95, 300)
    levers = [np.hypot(pose.heel[0] - pose.hip[0], pose.heel[1] - pose.hip[1]) for pose in poses]
    assert min(levers) == pytest.approx(lever, abs=0.08)
    assert max(pose.heel[1] for pose in poses) - 0.03 == pytest.approx(rise, abs=0.08)


@settings(max_examples=25, deadline=None)
@given(st.floats(2.0, 5.0), st.floats(-20.0, 12.0), st.integers(0, 1000))
def test_segments_keep_their_length_and_the_lever_goes_with_the_flexion(
    speed_mps: float, lift: float, seed: int
) -> None:
    runner = DemoRunner(speed_mps=speed_mps, heel_lift=lift, seed=seed)
    for t_s in np.linspace(1.0, 2.0, 15):
        for side in SIDES:
            leg = runner.legs.at(side, float(t_s))
            thigh, shank = np.subtract(leg.knee, leg.hip), np.subtract(leg.ankle, leg.knee)
            assert np.linalg.norm(thigh) + np.linalg.norm(shank) == pytest.approx(1.0, abs=1e-6)
            reach = np.linalg.norm(np.subtract(leg.ankle, leg.hip))
            assert reach == pytest.approx(np.cos(np.radians(leg.knee_flexion_deg) / 2), abs=0.01)


def test_speed_may_change_on_the_way_and_the_foot_still_stands_on_the_belt() -> None:
    runner = DemoRunner(speed_mps=[(2.0, 2.5), (8.0, 4.5)], heel_lift=0.0, drift_ll=0.0)
    for t_s in (3.0, 5.0, 7.0):
        shape = stride_after(runner, t_s)
        times = np.linspace(shape.start_s + 0.1, shape.toe_off_s - 1e-6, 9)
        on_belt = [runner.legs.at("right", float(t)).ball[0] + runner.belt_travel_ll(float(t)) for t in times]
        assert np.ptp(on_belt) < 1e-9
    early, late = (stride_after(runner, t) for t in (1.0, 9.0))
    assert late.end_s - late.start_s < early.end_s - early.start_s


def test_strides_vary_a_little_and_the_same_seed_varies_alike() -> None:
    peaks = []
    for seed in (1, 1, 2):
        runner = DemoRunner(speed_mps=3.0, heel_lift=0.0, seed=seed)
        peaks.append([runner.legs.plan(number).extra_peak_deg for number in range(4, 24, 2)])
    assert peaks[0] == peaks[1] != peaks[2]
    assert 0.4 < np.std(peaks[0]) < 2.5


def test_the_duty_factor_stays_below_a_half() -> None:
    for speed_mps in np.linspace(0.5, 8.0, 60):
        assert 0.25 < duty_factor(float(speed_mps)) < 0.45
        assert 140 < cadence_spm(float(speed_mps)) < 40 * max(5.0, speed_mps)
