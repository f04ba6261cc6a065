"""Both ways: a file's first strides lean on what it shows later, and each still measures itself."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest

from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.hindsight import FirstLook
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import SIDES, Pose
from tests.core.movers import as_pose, film, running, standing
from tests.core.solid_runner import Place, filmed, later
from tests.core.watched import Watched, watch
from tests.synth import synthetic_run

HZ = 1.4
CUT_S = 4.0
BEGINS_S = 0.3
LENS = Lens(1280, 720)


def both_ways(frames: list[tuple[float, Pose | None]], lens: Lens | None = None) -> Watched:
    look = FirstLook(GaitTracker(lens=lens))
    for t_s, pose in frames:
        look.see(t_s, pose)
    return watch(frames, GaitTracker(lens=lens, hindsight=look.hindsight()))


def steady(seconds: float, seed: int = 0) -> list[tuple[float, Pose | None]]:
    """Begins just before the near foot's contact."""
    frames = film(BEGINS_S + np.arange(round(seconds * 30)) / 30, noise_ll=0.01, seed=seed)
    return [(t_s - BEGINS_S, pose) for t_s, pose in frames]


@pytest.mark.parametrize("seed", range(4))
def test_every_whole_stride_of_four_seconds_is_measured(seed: int) -> None:
    """Live the first contact, which comes before it is clear which way the runner looks, opens no stride."""
    frames = steady(CUT_S, seed)
    near = both_ways(frames).valid("right")
    whole = int((CUT_S - (0.5 / HZ - BEGINS_S)) * HZ)
    assert len(near) >= whole
    assert len(near) > len(watch(frames).valid("right"))
    assert [s.peak_knee_flexion_deg for s in near] == pytest.approx([100.0] * len(near), abs=4.0)


def test_a_stride_is_the_same_in_a_cut_and_in_the_whole_film() -> None:
    frames = steady(16.0, seed=3)
    whole = both_ways(frames).valid("right")
    for from_s in (1.0, 5.3, 10.1):
        cut = [(t - from_s, pose) for t, pose in frames if from_s <= t < from_s + CUT_S]
        for stride in both_ways(cut).valid("right"):
            same = min(whole, key=lambda s: abs(s.peak_knee_flexion_s - from_s - stride.peak_knee_flexion_s))
            assert stride.peak_knee_flexion_deg == pytest.approx(same.peak_knee_flexion_deg, abs=1.5)


def test_what_comes_later_does_not_leak_into_strides_that_were_otherwise() -> None:
    """A runner who lifts 12° higher from 8 s on is seen to have lifted less before."""
    rng = np.random.default_rng(1)
    times_s = (np.arange(480) / 30).tolist()
    frames: list[tuple[float, Pose | None]] = [
        (t, as_pose(t, running(t, peak_deg=92.0 if t < 8 else 104.0) + rng.normal(0, 1.6, (13, 2)))) for t in times_s
    ]
    near = both_ways(frames).valid("right")
    before = [s.peak_knee_flexion_deg for s in near if s.end_s < 8]
    after = [s.peak_knee_flexion_deg for s in near if s.start_s > 9]
    assert np.mean(before) == pytest.approx(92.0, abs=1.0)
    assert np.mean(after) == pytest.approx(104.0, abs=1.0)


def test_who_turns_round_later_has_the_camera_where_it_stood() -> None:
    there, back = (synthetic_run(speed_mps=3.0, duration_s=11, facing=side, seed=7) for side in ("right", "left"))
    frames = [*filmed(there, Place(yaw_deg=22), LENS), *later(filmed(back, Place(yaw_deg=-22), LENS), 12)]

    views = [update.view for update in both_ways(frames, LENS).updates]

    assert [view.camera.yaw_deg for view in views[60:320]] == pytest.approx([22] * 260, abs=6)
    assert views[-1].camera.yaw_deg == pytest.approx(-22, abs=6)


def test_a_camera_that_is_moved_in_a_pause_stood_where_it_stood_before() -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=11, seed=8)
    frames = [*filmed(run, Place(yaw_deg=25), LENS), *later(filmed(run, Place(yaw_deg=-15), LENS), 15)]

    views = [update.view for update in both_ways(frames, LENS).updates]

    assert [view.camera.yaw_deg for view in views[60:320]] == pytest.approx([25] * 260, abs=6)
    assert [view.camera.yaw_deg for view in views[450:]] == pytest.approx([-15] * len(views[450:]), abs=6)


def test_a_camera_ahead_is_undone_from_the_first_stride_on() -> None:
    run = synthetic_run(speed_mps=3.0, duration_s=14, fps=30, noise_ll=0.006, seed=2)
    frames = list(filmed(run, Place(yaw_deg=25.0), LENS))
    truth = np.mean([stride.peak_knee_flexion_deg for stride in run.of(run.near_side)])
    first, live_first = (
        [s.peak_knee_flexion_deg for s in seen.valid(run.near_side) if s.end_s < 3.0]
        for seen in (both_ways(frames, LENS), watch(frames, GaitTracker(lens=LENS)))
    )
    assert np.mean(first) == pytest.approx(truth, abs=2.0)
    assert abs(np.mean(first) - truth) < abs(np.mean(live_first) - truth)


def test_somebody_who_stands_first_and_pauses_is_measured_only_while_running() -> None:
    rng = np.random.default_rng(0)

    def pose_at(t_s: float) -> Pose:
        runs = 2 <= t_s < 8 or 12 <= t_s < 18
        return as_pose(t_s, (running(t_s) if runs else standing()) + rng.normal(0, 1.2, (13, 2)))

    frames: list[tuple[float, Pose | None]] = [(t, pose_at(t)) for t in (np.arange(600) / 30).tolist()]
    near = both_ways(frames).valid("right")
    assert len(near) >= 12
    assert all((s.start_s >= 2 and s.end_s <= 8.3) or (s.start_s >= 12 and s.end_s <= 18.3) for s in near)


def test_strides_follow_one_another_as_they_do_live() -> None:
    near = [s for s in both_ways(steady(10.0)).strides if s.side == "right"]
    assert all(after.start_s == pytest.approx(before.end_s, abs=0.02) for before, after in pairwise(near))


def test_of_a_long_file_only_what_may_be_asked_for_is_kept() -> None:
    """What was learnt of a rhythm is 55 kB each time it is noted, and is needed where the rhythm begins."""
    look = FirstLook(GaitTracker(lens=LENS))
    sizes: list[int] = []
    for t_s, pose in steady(24.0):
        look.see(t_s, pose)
        if t_s > 11 and len(sizes) < t_s // 4:
            sizes.append(len(pickle.dumps(look.hindsight())))

    assert sizes[-1] - sizes[0] < 60_000
    assert look.hindsight().rhythm(0.0) is not None


def test_nothing_seen_teaches_nothing() -> None:
    empty: list[tuple[float, Pose | None]] = [(t, None) for t in (np.arange(60) / 30).tolist()]
    assert both_ways(empty).strides == []
    assert FirstLook(GaitTracker()).hindsight().rhythm(0.0) is None


@pytest.mark.parametrize("gap_s", [0.0, 1.0])
def test_a_film_that_is_cut_to_the_other_side_is_measured_from_the_cut_on(gap_s: float) -> None:
    """A first look knows some seconds later which way the second shot looks, and since when.

    A rhythm that it held meanwhile, of legs that it took for those of a runner who looks the other way, tells nothing.
    """
    shots = [film(np.arange(180) / 30, noise_ll=0.01, seed=seed, facing=SIDES[1 - seed % 2]) for seed in range(3)]
    begun_s = [shot * (6.0 + gap_s) for shot in range(3)]
    frames = [(begins_s + t_s, pose) for begins_s, taken in zip(begun_s, shots, strict=True) for t_s, pose in taken]
    seen = both_ways(frames)
    for side, cut_s in zip(SIDES, begun_s[1:], strict=True):
        near = [s for s in seen.valid(side) if s.near and cut_s - 1 < s.start_s < cut_s + 6]
        assert near[0].start_s < cut_s + 1.2
        assert len(near) >= 5
        assert [s.peak_knee_flexion_deg for s in near] == pytest.approx([100.0] * len(near), abs=6)
