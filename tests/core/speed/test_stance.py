"""One stance, from the frames of the foot that rides on the belt."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.pose import Keypoint
from coach.core.speed.stance import StanceSpeed, Track, common_slope
from coach.core.speed.stance_reader import StanceReader
from tests.core.belt_runner import LEG_M, Camera, Run


def read(run: Run, exchanged: tuple[float, float] | None = None) -> list[StanceSpeed]:
    """All stances of a run; in `exchanged` left and right bear each other's names."""
    reader, found = StanceReader(), list[StanceSpeed]()
    left = [row for row in Keypoint if row.name.startswith("LEFT")]
    right = [Keypoint[row.name.replace("LEFT", "RIGHT")] for row in left]
    for t_s, pose, gait in run.frames():
        if exchanged is not None and pose is not None and exchanged[0] <= t_s < exchanged[1]:
            pose.xy_px[left + right] = pose.xy_px[right + left]
        found += reader.step(t_s, pose, gait)
    return found


def test_every_stance_tells_the_belt() -> None:
    stances = read(Run(lambda _: 3.5, duration_s=8))

    assert len(stances) > 18
    assert {s.side for s in stances} == {"left", "right"}
    assert [s.speed_ll_s * LEG_M for s in stances] == pytest.approx([3.5] * len(stances), rel=0.05)


def test_exchanged_legs_are_seen_through_because_one_foot_alone_is_on_the_ground() -> None:
    stances = read(Run(lambda _: 3.5, duration_s=8), exchanged=(3.0, 5.0))

    right = [abs(s.speed_ll_s * LEG_M / 3.5 - 1) < 0.05 for s in stances]
    assert len(stances) == len(read(Run(lambda _: 3.5, duration_s=8)))
    assert sum(right) >= len(stances) - 2  # those that are exchanged half-way


def test_what_a_stance_says_of_its_own_error_covers_it() -> None:
    stances = [s for seed in range(6) for s in read(Run(lambda _: 3.5, 8, camera=Camera(noise_px=3.5, seed=seed)))]

    off = [math.log(s.speed_ll_s * LEG_M / 3.5) / s.sd_share for s in stances]
    assert np.mean(np.abs(off) < 2) > 0.9
    assert np.std(off) > 0.3  # nor does it exaggerate


def test_a_faster_frame_rate_is_surer() -> None:
    def middle(fps: float) -> float:
        return median([s.sd_share for s in read(Run(lambda _: 3.5, 6, camera=Camera(fps=fps, noise_px=2.0)))])

    assert middle(60) < 0.9 * middle(30)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 8.0), st.integers(7, 12), st.integers(0, 2**16))
def test_a_single_bad_frame_does_not_move_the_slope(speed: float, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tracks: list[Track] = [[(k / 30, place + speed * k / 30) for k in range(count)] for place in (0.0, -0.1, 0.2)]
    bad = int(rng.integers(count))
    tracks = [[(t, y + (1.0 if k == bad else 0.0)) for k, (t, y) in enumerate(track)] for track in tracks]

    slope = common_slope(tracks)

    assert slope is not None
    assert slope.per_s == pytest.approx(speed, rel=1e-6)
    assert slope.sd_per_s > 0


@pytest.mark.parametrize("tracks", [[], [[]], [[(0.0, 1.0)]], [[(0.0, 1.0), (0.0, 2.0)]], [[(0.0, 0.0), (0.1, -9.0)]]])
def test_too_little_or_impossible_is_no_slope(tracks: list[Track]) -> None:
    assert common_slope(tracks) is None
