"""No stride's peak lies beyond its own readings: the peak, and the parabola through what was seen near it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.core.gait.deviation import SLOW_S, SLOW_SHARE
from coach.core.gait.events import PHASES
from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.gait.stride import RejectReason
from coach.core.gait.swing_top import WINDOW_S, Fold, OwnTops, TopGap, fold_of, top_gap
from coach.core.pose import LEG_ROWS, Pose
from coach.core.units import FloatArray
from tests.core.watched import watch
from tests.synth import SynthRun, synthetic_run

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GAPS = st.lists(st.tuples(st.floats(-30, 30), st.floats(0.1, 10)), min_size=1, max_size=12)
TIMES = np.arange(-5, 6) / 30


def swing(top_deg: float, top_s: float = 0.0) -> FloatArray:
    """A swing as fast as a runner's: 25° lower 0.07 s from its top."""
    return np.asarray(top_deg - 5000 * (TIMES - top_s) ** 2)


@given(GAPS)
def test_no_peak_is_left_farther_from_its_readings_than_they_are_known(gaps: list[tuple[float, float]]) -> None:
    tops = OwnTops()
    for gap in (TopGap(*g) for g in gaps):
        assert abs(gap.deg - tops.raise_deg(gap)) <= 2 * gap.sd_deg * (1 + 1e-9)


def test_what_chance_explains_moves_nothing() -> None:
    tops = OwnTops()
    assert [tops.raise_deg(TopGap(gap, 3.0)) for gap in (2.0, -2.5, 1.0, -1.0, 2.0)] == [0.0] * 5
    assert tops.raise_deg(None) == 0.0


def test_what_several_strides_have_in_common_is_known_better_than_one() -> None:
    tops = OwnTops()
    raised = [tops.raise_deg(TopGap(2.8, 3.0)) for _ in range(8)]
    assert raised[0] == 0.0
    assert 1.5 < raised[-1] < 2.8


def test_the_gap_is_that_of_the_tops_wherever_they_lie() -> None:
    gap = top_gap(TIMES, swing(96.0, 0.02), swing(101.0), 0.0, 4.0)
    assert gap is not None
    assert gap.deg == pytest.approx(-5.0, abs=0.01)


def test_its_uncertainty_is_the_error_it_has() -> None:
    rng = np.random.default_rng(3)
    sd_deg = 4.0
    gap_s = np.abs(TIMES[:, None] - TIMES)
    noise = SLOW_SHARE * np.exp(-gap_s / SLOW_S) + (1 - SLOW_SHARE) * np.eye(len(TIMES))
    errors = rng.multivariate_normal(np.zeros(len(TIMES)), sd_deg**2 * noise, 800)
    gaps = [top_gap(TIMES, swing(100.0) + error, swing(100.0), 0.0, sd_deg**2) for error in errors]
    found = np.array([gap for gap in gaps if gap is not None])
    assert np.mean(np.abs(found[:, 0]) < found[:, 1]) == pytest.approx(0.68, abs=0.06)


@pytest.mark.parametrize("kept", [slice(0, 5), slice(6, 11), slice(4, 7)])
def test_readings_on_one_side_or_too_few_say_nothing_of_the_top(kept: slice) -> None:
    assert top_gap(TIMES[kept], swing(90.0)[kept], swing(100.0)[kept], 0.0, 4.0) is None


def test_a_reading_that_is_missing_is_left_out() -> None:
    seen = swing(96.0)
    seen[5] = math.nan
    gap = top_gap(TIMES, seen, swing(100.0), 0.0, 4.0)
    assert gap is not None
    assert gap.deg == pytest.approx(-4.0, abs=0.05)


def hidden(run: SynthRun, share: float, rng: np.random.Generator) -> list[Pose]:
    """Knee and ankle of the near leg lost in some pictures."""
    poses = []
    for pose in run.poses:
        points = pose.xy_px.copy()
        if rng.random() < share:
            points[list(LEG_ROWS[run.near_side][1:3])] = np.nan
        poses.append(Pose(pose.t_s, points, pose.confidence))
    return poses


def own_parabola(poses: list[Pose], side: str, about_s: float) -> tuple[float, float] | None:
    """Top of the parabola through the keypoints' own angles, and its SD by how they scatter about it."""
    near = [p for p in poses if abs(p.t_s - about_s) <= WINDOW_S]
    angles = np.array([float(knee_flexion_deg(*p.xy_px[list(LEG_ROWS[side][:3])])) for p in near])  # type: ignore[index]
    since_s = np.array([p.t_s - about_s for p in near])
    seen = np.isfinite(angles)
    since_s, angles = since_s[seen], angles[seen]
    if len(angles) < 5 or not since_s[0] < -0.04 < 0.04 < since_s[-1]:
        return None
    bend, slope, level = np.polyfit(since_s, angles, 2)
    if bend >= 0:
        return None
    at_s = -slope / (2 * bend)
    scatter = np.std(angles - np.polyval([bend, slope, level], since_s), ddof=3)
    return float(np.polyval([bend, slope, level], at_s)), float(scatter)


@FEW
@given(
    seed=st.integers(0, 200),
    fps=st.sampled_from([30.0, 50.0, 60.0]),
    noise_ll=st.sampled_from([0.0, 0.005, 0.01, 0.015]),
    lost=st.sampled_from([0.0, 0.1]),
    change_deg=st.floats(-15.0, 10.0),
)
def test_every_peak_lies_within_the_uncertainty_of_its_own_parabola(
    seed: int, fps: float, noise_ll: float, lost: float, change_deg: float
) -> None:
    lift = [(0.0, 0.0), (4.0, 0.0), (4.001, change_deg), (99.0, change_deg)]
    run = synthetic_run(duration_s=8.0, fps=fps, noise_ll=noise_ll, seed=seed, heel_lift_deg=lift)
    poses = hidden(run, lost, np.random.default_rng(seed))
    strides = [s for s in watch((p.t_s, p) for p in poses).strides if s.near and s.valid]
    assert strides
    apart = []
    for stride in strides:
        own = own_parabola(poses, stride.side, stride.peak_knee_flexion_s)
        if own is not None:
            top_deg, scatter_deg = own
            known = math.hypot(stride.own_peak_sd_deg, scatter_deg)
            # A parabola through 0.17 s of a swing lies up to 1° below its top.
            apart.append((stride.peak_knee_flexion_deg - top_deg - 0.5) / (3 * known + 1.0))
    assert apart
    assert np.abs(apart).max() < 1
    assert abs(np.mean(apart)) < 0.5


RATE_RAD_S = 9.0
TOP_RAD = 2.0


def folded(speed_ll_s: float, *, shank_ll: float = 0.45, picture_s: float = 1 / 30) -> Fold:
    """A shank that turns steadily about a knee that stands still, and reads `shank_ll` long about its top."""
    turned = PHASES * speed_ll_s / (RATE_RAD_S * 0.45)
    at_top = np.abs((PHASES - TOP_RAD + np.pi) % (2 * np.pi) - np.pi) < 0.7
    knee = np.zeros((len(PHASES), 2))
    ankle = np.where(at_top, shank_ll, 0.45)[:, None] * np.column_stack([np.cos(turned), np.sin(turned)])
    return fold_of(knee, ankle, TOP_RAD, RATE_RAD_S, picture_s, 0.009)


def test_a_faster_ankle_is_known_less_surely_and_more_pictures_a_second_help() -> None:
    slow, fast, twice_as_often = folded(3.0), folded(5.4), folded(5.4, picture_s=1 / 60)
    assert slow.travel_ll == pytest.approx(0.1, rel=0.02)
    assert fast.travel_ll == pytest.approx(0.18, rel=0.02)
    assert twice_as_often.travel_ll == pytest.approx(fast.travel_ll / 2)
    assert slow.shared_sd_deg < fast.shared_sd_deg == pytest.approx(2 * twice_as_often.shared_sd_deg)


def test_a_camera_with_few_pictures_a_second_need_not_have_its_shutter_open_all_the_time() -> None:
    assert folded(3.0, picture_s=1 / 12) == folded(3.0, picture_s=1 / 30)


@pytest.mark.parametrize(("fps", "reasons"), [(30.0, {RejectReason.TOO_FAST}), (60.0, {None})])
def test_a_sprint_is_too_fast_for_thirty_pictures_a_second_and_measured_at_sixty(
    fps: float, reasons: set[RejectReason | None]
) -> None:
    run = synthetic_run(noise_ll=0.01, speed_mps=6.0, duration_s=10.0, fps=fps)
    near = [one for one in watch((pose.t_s, pose) for pose in run.poses).strides if one.near]

    assert len(near) > 10
    assert {one.reject_reason for one in near[2:]} == reasons


def test_a_shank_that_reads_short_where_the_knee_is_bent_most_is_doubted() -> None:
    assert folded(3.0, shank_ll=0.40).shared_sd_deg > folded(3.0, shank_ll=0.45).shared_sd_deg + 1.5
    assert folded(3.0, shank_ll=0.455).shared_sd_deg < folded(3.0).shared_sd_deg + 0.1


def test_a_shank_that_reads_long_there_is_doubted_too_since_its_knee_was_read_elsewhere() -> None:
    long = folded(3.0, shank_ll=0.486)
    assert long.stretch == pytest.approx(1.08)
    assert long.stretch_sd == pytest.approx(0.02)
    assert long.shared_sd_deg > folded(3.0).shared_sd_deg + 1.0
    assert folded(3.0, shank_ll=0.40).stretch < 1
