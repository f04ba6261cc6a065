"""A foot that leaves the picture at the side is not seen, whatever a network draws in its place."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import UNBOUNDED, PictureSize
from coach.core.gait.stride import RejectReason, Stride
from coach.core.pose import LEG_ROWS, SIDES, Pose, Side, other
from tests.synth import synthetic_run

HEIGHT_PX = 480
FEET = {side: list(LEG_ROWS[side][2:]) for side in SIDES}


class Film:
    """A run before a camera whose picture ends behind the runner, so that the heel goes beyond it by up to `beyond_ll`.

    The picture's rear edge is the left or the right one, by where the runner looks.
    """

    def __init__(self, facing: Side, beyond_ll: float) -> None:
        run = synthetic_run(duration_s=10, noise_ll=0.006, seed=1, facing=facing)
        self.facing = facing
        self.leg_px = run.leg_length_px
        x_px = np.array([pose.xy_px[:, 0] for pose in run.poses])
        heels_px = x_px[:, [LEG_ROWS[side][3] for side in SIDES]]
        reach_px = beyond_ll * self.leg_px
        if facing == "right":
            self.shift_px = -(heels_px.min() + reach_px)
            self.width_px = x_px.max() + self.shift_px + 100
        else:
            self.shift_px = 0.0
            self.width_px = heels_px.max() - reach_px
        self.poses = [Pose(p.t_s, p.xy_px + np.array([self.shift_px, 0.0]), p.confidence) for p in run.poses]

    @property
    def picture(self) -> PictureSize:
        return PictureSize(self.width_px, HEIGHT_PX)

    def inside_px(self, x_px: float) -> float:
        """From the rear edge, + inside."""
        return x_px if self.facing == "right" else self.width_px - x_px

    def as_guessed(self) -> list[Pose]:
        """The same as a network reads it: a foot outside is drawn at the edge, or at the other leg."""
        rng = np.random.default_rng(4)
        return [self._guessed(pose, rng) for pose in self.poses]

    def _guessed(self, pose: Pose, rng: np.random.Generator) -> Pose:
        xy_px = pose.xy_px.copy()
        for side, feet in FEET.items():
            outside_px = -self.inside_px(xy_px[feet[1], 0])
            if outside_px <= 0:
                continue
            if rng.random() < 0.4:
                xy_px[feet] = pose.xy_px[FEET[other(side)]]
            else:
                xy_px[feet, 0] += outside_px if self.facing == "right" else -outside_px
        return Pose(pose.t_s, xy_px, pose.confidence)


UNSEEN = complex(math.nan, math.nan)


@pytest.mark.parametrize(
    ("points", "cut"),
    [
        ((50 + 0j, 60 + 0j, 70 + 0j), False),
        ((4 + 0j, 60 + 0j, 70 + 0j), True),
        ((50 + 0j, 96 + 0j, 70 + 0j), True),
        ((50 + 0j, 60 + 0j, -8 + 0j), True),
        ((UNSEEN, 60 + 0j, 104 + 0j), True),
        ((UNSEEN, 60 + 0j, 70 + 0j), False),
        ((UNSEEN, UNSEEN, UNSEEN), False),
    ],
)
def test_knee_ankle_or_heel_at_the_edge_cut_a_leg_off(points: tuple[complex, ...], cut: bool) -> None:
    hip, toe = 1 + 0j, 1 + 0j
    leg = [hip, *points, toe]
    assert PictureSize(100.0, HEIGHT_PX).cuts(leg, within_px=5.0) is cut
    assert not UNBOUNDED.cuts(leg, within_px=5.0)


def near_strides(poses: list[Pose], picture: PictureSize, facing: Side) -> list[Stride]:
    tracker = GaitTracker(picture=picture)
    strides = [s for pose in poses for s in tracker.step(pose.t_s, pose).strides]
    return [s for s in (*strides, *tracker.finish()) if s.side == facing]


@pytest.mark.parametrize("facing", SIDES)
def test_a_foot_that_is_cut_off_is_not_measured_and_the_reason_is_told(facing: Side) -> None:
    film = Film(facing, beyond_ll=0.35)
    strides = near_strides(film.as_guessed(), film.picture, facing)

    reasons = Counter(s.reject_reason for s in strides)
    assert len(strides) >= 10
    assert reasons[RejectReason.OUT_OF_VIEW] >= len(strides) - 2, "but for the first, of which little is known yet"


def test_without_the_edge_they_would_have_been_believed() -> None:
    film = Film("right", beyond_ll=0.35)
    strides = near_strides(film.as_guessed(), UNBOUNDED, "right")
    assert sum(s.valid for s in strides) >= 8


@pytest.mark.parametrize("facing", SIDES)
@pytest.mark.parametrize("beyond_ll", [-0.02, 0.0, 0.05, 0.35])
def test_whoever_knows_where_the_foot_is_is_believed(facing: Side, beyond_ll: float) -> None:
    """As markers do, whose picture is only a frame of reference."""
    film = Film(facing, beyond_ll)
    seen = near_strides(film.poses, film.picture, facing)
    unbounded = near_strides(film.poses, UNBOUNDED, facing)

    assert [s.valid for s in seen] == [s.valid for s in unbounded]
    assert sum(s.valid for s in seen) >= 10
