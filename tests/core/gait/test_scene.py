"""What is no runner from the side is called by its name, and no stride is claimed of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from coach.core.gait import Activity, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import PictureSize
from coach.core.gait.scene import Finding
from coach.core.gait.time_scale import plausible_scale
from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Pose
from coach.core.units import FloatArray
from tests.core import movers
from tests.synth import synthetic_run

Mover = Callable[[float], FloatArray]
HEIGHT_PX = 480
LEGS = [row for side in SIDES for row in LEG_ROWS[side]]
TRUNK = [Keypoint.NOSE, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]


class Watched:
    """What the tracker made of a film of keypoints."""

    def __init__(self, mover: Mover | None, seconds: float = 10.0, fps: float = 30.0, noise_ll: float = 0.008) -> None:
        tracker, rng = GaitTracker(picture=PictureSize(height_px=HEIGHT_PX)), np.random.default_rng(4)
        self.findings: Counter[Finding | None] = Counter()
        self.activities: Counter[Activity] = Counter()
        self.strides: list[Stride] = []
        for i in range(round(seconds * fps)):
            t = i / fps
            pose = None
            if mover is not None:
                noise = rng.normal(0, noise_ll * movers.LEG_PX, (len(Keypoint), 2))
                pose = movers.as_pose(t, mover(t) + noise)
            update = tracker.step(t, pose)
            self.findings[update.finding] += 1
            self.activities[update.activity] += 1
            self.strides += update.strides
        self.seconds = {finding: n / fps for finding, n in self.findings.items()}

    @property
    def main(self) -> Finding | None:
        named = {f: n for f, n in self.findings.items() if f is not None}
        return max(named, key=lambda f: named[f]) if named else None


@pytest.mark.parametrize(
    ("mover", "name"),
    [
        (None, Finding.NOBODY),
        (lambda t: movers.with_trunk(movers.standing()), Finding.STANDING),
        (lambda t: movers.with_trunk(movers.walking(t)), Finding.WALKING),
        (movers.squatting, Finding.SQUATTING),
        (movers.jumping, Finding.JUMPING),
        (movers.end_on, Finding.FRONT_VIEW),
        (lambda t: movers.end_on(t, toward=False), Finding.REAR_VIEW),
        (movers.upside_down, Finding.UPSIDE_DOWN),
        (movers.on_its_side, Finding.ON_ITS_SIDE),
        (movers.with_short_legs, Finding.NO_HUMAN_BODY),
    ],
    ids=lambda value: str(value) if isinstance(value, Finding) else "",
)
def test_each_kind_is_called_by_its_name_and_nothing_is_claimed(mover: Mover | None, name: Finding) -> None:
    watched = Watched(mover)
    assert watched.main is name, watched.seconds
    assert [s for s in watched.strides if s.valid] == []
    assert watched.seconds.get(None, 0.0) < 6.0
    if name is not Finding.NO_HUMAN_BODY:
        assert watched.activities[Activity.RUNNING] == 0


def test_a_body_that_the_edge_cuts_off_did_not_jump() -> None:
    """A network finds half a body now and then, its legs pushed together above the edge: they seem to hop."""
    tracker, findings = GaitTracker(picture=PictureSize(height_px=HEIGHT_PX)), Counter[Finding | None]()
    for i in range(300):
        pose = movers.as_pose(i / 30, movers.jumping(i / 30)) if i % 8 < 4 else None
        findings[tracker.step(i / 30, pose).finding] += 1
    assert set(findings) == {None, Finding.FEET_OUT_OF_PICTURE}
    assert findings[Finding.FEET_OUT_OF_PICTURE] > 200


def test_a_still_picture_in_a_film_moves_its_legs_a_little_and_not_its_trunk() -> None:
    """The codec's noise makes a network guess anew where a leg is hidden; measured on a photograph of a runner."""
    rng, tracker, findings = (
        np.random.default_rng(1),
        GaitTracker(picture=PictureSize(height_px=HEIGHT_PX)),
        Counter[Finding | None](),
    )
    for i in range(240):
        points = movers.runner(0.3)
        points[LEGS] += rng.normal(0, 0.012 * movers.LEG_PX, (len(LEGS), 2))
        points[TRUNK] += rng.normal(0, 0.0012 * movers.LEG_PX, (len(TRUNK), 2))
        findings[tracker.step(i / 30, movers.as_pose(i / 30, points)).finding] += 1
    assert set(findings) == {None, Finding.STILL_PICTURE}


def test_who_comes_into_the_picture_is_not_cut_off() -> None:
    tracker = GaitTracker(picture=PictureSize(height_px=HEIGHT_PX))
    poses = [movers.as_pose(i / 30, movers.runner(i / 30)) if i > 90 else None for i in range(240)]
    assert {tracker.step(i / 30, pose).finding for i, pose in enumerate(poses)} == {None, Finding.NOBODY}


def test_a_still_picture_is_told_from_somebody_who_stands() -> None:
    assert Watched(lambda _t: movers.runner(0.3), noise_ll=0.0).main is Finding.STILL_PICTURE


@pytest.mark.parametrize(("scale", "speed_mps"), [(2, 3.6), (2, 2.6), (3, 3.0), (4, 3.0), (8, 3.2), (0.5, 2.8)])
def test_time_that_does_not_run_as_in_life_is_told_and_a_scale_offered(scale: float, speed_mps: float) -> None:
    """A runner who falls as bodies do, filmed at 30 times `scale` pictures a second and played at 30."""
    run = synthetic_run(fps=30 * scale, duration_s=16 / scale, noise_ll=0.008, speed_mps=speed_mps, seed=2)
    tracker = GaitTracker(picture=PictureSize(height_px=run.height))
    updates = [tracker.step(pose.t_s * scale, pose) for pose in run.poses]
    assert [s for u in updates for s in u.strides if s.valid] == []
    assert {u.activity for u in updates} == {Activity.UNKNOWN}
    told = Counter(u.time_scale for u in updates if u.finding in {Finding.SLOW_MOTION, Finding.FAST_MOTION})
    assert told.most_common(1)[0][0] == scale
    assert updates[-1].finding is (Finding.SLOW_MOTION if scale > 1 else Finding.FAST_MOTION)


@pytest.mark.parametrize(("own_spm", "scale"), [(float("nan"), 5.0), (166.0, 4.0)])
def test_whose_cadence_was_measured_before_a_film_slowed_down_tells_by_how_much(own_spm: float, scale: float) -> None:
    """Gravity alone knows it to 12 %, and runners differ by 10 %; one runner does by 5."""
    assert plausible_scale(41.5, by_gravity=5.4, own_spm=own_spm) == scale


@pytest.mark.parametrize(("scale", "speed_mps"), [(4, 2.6), (8, 3.0)])
def test_slow_motion_that_was_made_of_few_pictures_is_told_all_the_same(scale: float, speed_mps: float) -> None:
    """A clip of 30 pictures a second is stretched: 7.5 or 4 new ones are left, and enough in their own time."""
    run = synthetic_run(fps=30, duration_s=40 / scale, noise_ll=0.01, speed_mps=speed_mps, seed=2)
    tracker = GaitTracker(picture=PictureSize(height_px=run.height))
    updates = [tracker.step(pose.t_s * scale, pose) for pose in run.poses]
    assert [s for u in updates for s in u.strides] == []
    assert updates[-1].finding is Finding.SLOW_MOTION
    assert Counter(u.time_scale for u in updates if u.finding is Finding.SLOW_MOTION).most_common(1)[0][0] == scale


@pytest.mark.parametrize(("fps", "seed"), [(5, 3), (7, 2), (9, 1)])
def test_pictures_too_few_for_a_stride_are_no_slow_motion(fps: float, seed: int) -> None:
    run = synthetic_run(fps=fps, duration_s=24, noise_ll=0.01, speed_mps=2.2 + 0.4 * seed, seed=seed)
    tracker = GaitTracker(picture=PictureSize(height_px=run.height))
    assert {tracker.step(pose.t_s, pose).finding for pose in run.poses} == {None, Finding.FEW_PICTURES}


def test_a_runner_is_no_finding() -> None:
    watched = Watched(movers.runner)
    assert watched.main is None
    assert watched.activities[Activity.RUNNING] > 6 * 30


@pytest.mark.parametrize("seed", range(3))
def test_measured_motion_is_no_finding(seed: int) -> None:
    run = synthetic_run(duration_s=10, noise_ll=0.012, seed=seed, speed_mps=2.4 + seed)
    tracker = GaitTracker(picture=PictureSize(height_px=run.height))
    assert {tracker.step(pose.t_s, pose).finding for pose in run.poses} == {None}


def without_feet(pose: Pose) -> Pose:
    xy_px = pose.xy_px.copy()
    for side in SIDES:
        xy_px[list(LEG_ROWS[side][3:])] = np.nan
    return Pose(pose.t_s, xy_px, pose.confidence)


def test_a_run_that_becomes_a_walk_is_told() -> None:
    watched = Watched(lambda t: movers.with_trunk(movers.running(t) if t < 8 else movers.walking(t)), seconds=18)
    assert [s for s in watched.strides if s.valid and s.start_s < 8]
    assert not [s for s in watched.strides if s.valid and s.start_s > 9]
    assert watched.main is Finding.WALKING


def test_legs_without_feet_give_flexion_and_cadence_and_nothing_of_the_foot() -> None:
    run = synthetic_run(duration_s=12, noise_ll=0.008, seed=1)
    whole, footless = GaitTracker(), GaitTracker()
    with_feet = [s for p in run.poses for s in whole.step(p.t_s, p).strides if s.valid and s.near]
    strides = [s for p in run.poses for s in footless.step(p.t_s, without_feet(p)).strides if s.valid and s.near]
    assert len(strides) >= len(with_feet) - 1
    peaks, cadence = ([getattr(s, name) for s in strides] for name in ("peak_knee_flexion_deg", "cadence_spm"))
    assert np.mean(peaks) == pytest.approx(np.mean([s.peak_knee_flexion_deg for s in with_feet]), abs=1.0)
    assert np.mean(cadence) == pytest.approx(run.cadence_spm, abs=1.0)
    for stride in strides:
        unknown = (stride.contact_time_s, stride.flight_time_s, stride.heel_rise_ll, stride.min_hip_heel_ll)
        assert np.isnan([*unknown, stride.initial_contact_s, stride.toe_off_s]).all()


def test_feet_below_the_edge_of_the_picture_give_no_contact() -> None:
    """A network guesses on where the picture ends; what it guesses there is not seen."""
    run = synthetic_run(duration_s=10, noise_ll=0.005, seed=1)
    tracker = GaitTracker(picture=PictureSize(height_px=float(np.percentile([p.xy_px[7, 1] for p in run.poses], 60))))
    told = [s for p in run.poses for s in tracker.step(p.t_s, p).strides if s.valid]
    assert np.isnan([s.contact_time_s for s in told]).all()
