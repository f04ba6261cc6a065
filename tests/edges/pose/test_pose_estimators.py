"""What every pose estimator promises, kept by each of them on the demo's runner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pose import SIDES, Keypoint, Pose, Side
from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.pose_estimators import open_estimator
from coach.errors import PoseModelError
from coach.ports import Frame, ImageBGR, LooksBack, PoseEstimator, SourceInfo
from coach.settings import Effort, PoseSettings

FPS = 30.0


IMPLEMENTATIONS: dict[str, PoseSettings] = {
    "follower": PoseSettings(effort="fast"),
    "mirrored": PoseSettings(effort="accurate"),
    "mediapipe": PoseSettings(backend="mediapipe", mediapipe_may_report=True),
}


def opened(implementation: str, bundle: Path) -> PoseEstimator:
    source = SourceInfo("demo", "demo runner", 640, 480, FPS, live=True)
    return open_estimator(IMPLEMENTATIONS[implementation], bundle, source)


MIRRORED = pytest.param("mirrored", marks=pytest.mark.slow)
MEDIAPIPE = pytest.param("mediapipe", marks=pytest.mark.mediapipe)


@pytest.fixture(scope="module", params=["follower", MIRRORED, MEDIAPIPE])
def _loaded(request: pytest.FixtureRequest, pose_model: Path) -> Iterator[PoseEstimator]:
    estimator = opened(request.param, pose_model)
    yield estimator
    estimator.close()


@pytest.fixture
def estimator(_loaded: PoseEstimator) -> PoseEstimator:
    """Loaded once, and as good as new for every test: `reset` promises that."""
    _loaded.reset()
    return _loaded


def demo(facing: Side = "right", speed_mps: float = 3.0) -> DemoSource:
    return DemoSource(DemoRunner(facing=facing, speed_mps=speed_mps, heel_lift=0.0))


def pictures(source: DemoSource, seconds: float, start_s: float = 0.0) -> list[Frame]:
    times = start_s + np.arange(round(seconds * FPS)) / FPS
    return [Frame(k, float(t), source.picture(float(t))) for k, t in enumerate(times)]


def empty_room() -> ImageBGR:
    return np.full((480, 640, 3), 190, np.uint8)


def seen(estimator: PoseEstimator, frames: list[Frame]) -> list[Pose]:
    poses = [estimator.estimate(frame) for frame in frames]
    assert all(pose is not None for pose in poses)
    return [pose for pose in poses if pose is not None]


def test_in_an_empty_room_is_nobody(estimator: PoseEstimator) -> None:
    assert all(estimator.estimate(Frame(k, k / FPS, empty_room())) is None for k in range(3))


@pytest.mark.parametrize("facing", SIDES)
def test_the_runner_is_found_in_every_frame_and_the_toes_point_where_the_runner_faces(
    estimator: PoseEstimator, facing: Side
) -> None:
    source, ahead_px = demo(facing), []
    for pose, frame in zip(seen(estimator, frames := pictures(source, 1.0)), frames, strict=True):
        assert pose.t_s == frame.t_s
        assert pose.xy_px.shape == (len(Keypoint), 2)
        assert np.isfinite(pose.xy_px).all()
        assert ((pose.confidence >= 0) & (pose.confidence <= 1)).all()
        truth = source.truth.frame(frame.t_s).xy_px
        trunk = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
        assert np.abs(pose.xy_px[trunk] - truth[trunk]).max() < 25
        toes = pose.xy_px[[Keypoint.LEFT_FOOT_INDEX, Keypoint.RIGHT_FOOT_INDEX], 0]
        ahead_px.append(toes.sum() - pose.xy_px[[Keypoint.LEFT_HEEL, Keypoint.RIGHT_HEEL], 0].sum())
    assert (np.median(ahead_px) > 0) == (facing == "right")


def test_the_picture_is_left_as_it_was(estimator: PoseEstimator) -> None:
    frame = pictures(demo(), 1 / FPS)[0]
    before = frame.image_bgr.copy()
    estimator.estimate(frame)
    assert np.array_equal(frame.image_bgr, before)


def test_reset_is_as_good_as_new(estimator: PoseEstimator, request: pytest.FixtureRequest, pose_model: Path) -> None:
    frames = pictures(demo("left"), 0.3)
    for frame in pictures(demo("right"), 0.3):
        estimator.estimate(frame)
    estimator.reset()
    fresh = opened(request.node.callspec.params["_loaded"], pose_model)
    try:
        for again, new in zip(seen(estimator, frames), seen(fresh, frames), strict=True):
            assert again.xy_px == pytest.approx(new.xy_px, abs=1e-3)
    finally:
        fresh.close()
        fresh.close()  # a second time does no harm


def test_a_runner_who_leaves_is_gone_and_one_who_returns_is_found(estimator: PoseEstimator) -> None:
    source = demo()
    seen(estimator, pictures(source, 0.7))
    away = [estimator.estimate(Frame(k, 0.7 + k / FPS, empty_room())) for k in range(20)]
    assert away == [None] * 20
    back = [estimator.estimate(frame) for frame in pictures(source, 0.5, start_s=1.4)]
    assert back[-1] is not None


POSTER_PX = 360


def beside_poster(frames: list[Frame], poster: ImageBGR) -> list[Frame]:
    """The same frames with a still of a larger runner to their left."""
    beside = np.full((480, POSTER_PX, 3), 190, np.uint8)
    beside[20:460, 20:328] = cv2.resize(poster[60:460, 180:460], (308, 440))
    return [Frame(frame.index, frame.t_s, np.hstack([beside, frame.image_bgr])) for frame in frames]


def test_a_poster_does_not_take_over(estimator: PoseEstimator) -> None:
    frames = beside_poster(pictures(demo(), 1.5), poster=demo("left").picture(0.2))
    poses = [estimator.estimate(frame) for frame in frames]
    found = [pose.xy_px[Keypoint.LEFT_HIP, 0] for pose in poses[-20:] if pose is not None]
    assert len(found) == 20
    assert min(found) > 500


def test_the_follower_tells_later_what_passed_while_it_was_watched_who_runs(pose_model: Path) -> None:
    source, poster, room = demo(), demo("left").picture(0.2), empty_room()
    away = [Frame(0, 1.0 + k / FPS, room) for k in range(21)]
    runs = [*pictures(source, 1.0), *pictures(source, 1.0, start_s=1.7)]
    film = beside_poster([*runs[:30], *away, *runs[30:]], poster)
    follower = opened("follower", pose_model)
    try:
        seen_s = {frame.t_s for frame in film if follower.estimate(frame) is not None}
        assert isinstance(follower, LooksBack)
        later = list(follower.look_back(lambda: film))
        assert not list(follower.look_back(lambda: film)), "told once"
    finally:
        follower.close()
    missing_s = [frame.t_s for frame in runs if frame.t_s not in seen_s]
    assert min(missing_s) == 0.0
    assert max(missing_s) > 1.7
    assert [pose.t_s for pose in later] == missing_s
    for pose in later:
        hip = pose.xy_px[Keypoint.RIGHT_HIP] - (POSTER_PX, 0)
        assert np.abs(hip - source.truth.frame(pose.t_s).xy_px[Keypoint.RIGHT_HIP]).max() < 25


def test_beside_a_runner_who_came_later_nobody_else_is_read_once_the_watch_began(pose_model: Path) -> None:
    """Nor in the picture in which it is clear who runs: one of another place amid a stride is no leg of its."""
    came, watched, source = 57, 60, demo()
    alone = [Frame(k, k / FPS, empty_room()) for k in range(came)]
    film = beside_poster([*alone, *pictures(source, 0.8, start_s=came / FPS)], demo("left").picture(0.2))
    follower = opened("follower", pose_model)
    try:
        poses = {frame.t_s: follower.estimate(frame) for frame in film}
        assert isinstance(follower, LooksBack)
        poses |= {pose.t_s: pose for pose in follower.look_back(lambda: film)}
    finally:
        follower.close()
    runs = [pose is not None and pose.xy_px[Keypoint.LEFT_HIP, 0] > POSTER_PX for pose in poses.values()]
    assert runs == [False] * watched + [True] * (len(film) - watched)


@pytest.mark.parametrize("speed_mps", [2.5, 4.0])
def test_the_follower_reads_the_near_knee_through_the_whole_stride(pose_model: Path, speed_mps: float) -> None:
    source = demo(speed_mps=speed_mps)
    follower = opened("follower", pose_model)
    frames = pictures(source, 2.2)
    try:
        poses = seen(follower, frames)
    finally:
        follower.close()
    errors = np.array(
        [
            float(knee_flexion_deg(*pose.leg_px("right")[:3])) - source.truth.frame(frame.t_s).knee_flexion_deg["right"]
            for pose, frame in zip(poses, frames, strict=True)
        ]
    )[6:]
    assert np.sqrt(np.mean(errors**2)) < 9
    assert abs(np.median(errors)) < 6


@pytest.mark.parametrize("implementation", ["follower", MEDIAPIPE])
def test_a_bundle_that_is_none_is_one_clear_error(implementation: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.task"
    broken.write_bytes(b"not a bundle")
    with pytest.raises(PoseModelError, match=r"broken\.task"):
        opened(implementation, broken)


@pytest.mark.slow
def test_a_file_is_read_twice_unasked(pose_model: Path) -> None:
    film, frames = SourceInfo("video", "clip", 640, 480, FPS, live=False), pictures(demo(), 0.5)

    def places_px(effort: Effort) -> FloatArray:
        estimator = open_estimator(PoseSettings(effort=effort), pose_model, film)
        poses = seen(estimator, frames)
        estimator.close()
        return np.array([pose.xy_px for pose in poses])

    unasked = places_px("auto")
    assert np.array_equal(unasked, places_px("accurate"))
    assert not np.array_equal(unasked, places_px("fast"))
