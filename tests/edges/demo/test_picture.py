"""The demo's picture: what is drawn is where the truth says, either way round, at any size."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.people import open_finder
from coach.core.pose import LEG_ROWS, SIDES, Keypoint, Side
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.people_finder import pose_of
from coach.ports import Frame


def source(
    facing: Side = "right", width: int = 640, height: int = 480, lift: float = 0.0, fps: float = 30.0
) -> DemoSource:
    return DemoSource(DemoRunner(facing, heel_lift=lift), width=width, height=height, fps=fps, duration_s=2.0)


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (720, 1280), (1280, 720), (161, 121)])
def test_the_whole_runner_is_in_the_picture(size: tuple[int, int]) -> None:
    demo = source(width=size[0], height=size[1])
    for t_s in np.linspace(0, 2, 25):
        xy_px = demo.truth.frame(float(t_s)).xy_px
        assert np.all(xy_px > 0)
        assert np.all(xy_px < size)
    assert demo.truth.stage.ll_px > 0.3 * min(size)


def test_facing_left_is_the_mirror_image_with_the_left_leg_near() -> None:
    right, left = source("right"), source("left")
    np.testing.assert_array_equal(left.picture(1.23), right.picture(1.23)[:, ::-1])
    there, here = right.truth.frame(1.23), left.truth.frame(1.23)
    assert there.knee_flexion_deg["right"] == here.knee_flexion_deg["left"]
    mirrored = 639 - there.xy_px[list(LEG_ROWS["right"]), 0]
    np.testing.assert_allclose(here.xy_px[list(LEG_ROWS["left"]), 0], mirrored)


def test_the_belt_moves_back_as_fast_as_the_standing_foot() -> None:
    """Two pictures a little apart: the belt's picture shifts by the belt's way."""
    demo = source()
    stage = demo.truth.stage
    row = round(stage.ground_y_px) + 4
    way_px = 3.0 / demo.runner.leg_m * stage.ll_px / 30
    clear = slice(round(stage.hip_x_px - 1.15 * stage.ll_px), round(stage.hip_x_px - 0.75 * stage.ll_px))
    before, after = (demo.picture(1.0 + dt).astype(float)[row, :, 1] for dt in (0.0, 1 / 30))
    shifts = np.arange(0, 40)
    misfit = [np.abs(after[clear] - before[clear.start + s : clear.stop + s]).mean() for s in shifts]
    assert abs(shifts[int(np.argmin(misfit))] - way_px) <= 1.0


def test_feet_knees_and_hips_are_painted_where_the_truth_says() -> None:
    """Around each near joint the picture differs from the same place without the runner."""
    demo = source()
    elsewhere = demo.picture(0.0).astype(int)
    for t_s in (0.4, 0.9, 1.3):
        picture = demo.picture(t_s).astype(int)
        for joint in (Keypoint.RIGHT_KNEE, Keypoint.RIGHT_ANKLE):
            x, y = np.round(demo.truth.frame(t_s).xy_px[joint]).astype(int)
            changed = np.abs(picture - elsewhere)[y - 3 : y + 4, x - 3 : x + 4].max(axis=2)
            assert np.mean(changed > 12) > 0.5


def test_strides_are_told_only_of_what_was_shown() -> None:
    demo = DemoSource(DemoRunner(heel_lift=0.0), width=64, height=48, duration_s=5.0)
    frames = demo.frames()
    assert demo.truth.strides() == ()
    for _ in range(90):
        last = next(frames)
    assert isinstance(last, Frame)
    shown = demo.truth.strides()
    assert {stride.side for stride in shown} == set(SIDES)
    assert max(stride.end_s for stride in shown) <= last.t_s


def test_phases_and_contacts_of_a_frame_agree_with_its_strides() -> None:
    demo = source()
    for stride in demo.truth.strides(0.0, 3.0):
        for later_s in (0.01, stride.contact_time_s):
            phase = demo.truth.frame(stride.start_s + later_s).phase[stride.side]
            assert phase == pytest.approx(later_s * stride.cadence_spm / 120, rel=1e-6)


@pytest.mark.parametrize(
    ("facing", "size", "lift"), [("right", (640, 480), 0.0), ("left", (640, 480), -14.0), ("left", (540, 960), 0.0)]
)
def test_the_pose_network_finds_the_runner_in_every_frame(
    pose_model: Path, facing: Side, size: tuple[int, int], lift: float
) -> None:
    demo = source(facing, *size, lift=lift, fps=10.0)
    finder = open_finder(pose_model)
    off_ll = []
    for item in demo.frames():
        assert isinstance(item, Frame)
        (person,) = finder.find(item.image_bgr)
        near = list(LEG_ROWS[facing])[:3]
        off_px = np.linalg.norm(pose_of(person, item.t_s).xy_px[near] - demo.truth.frame(item.t_s).xy_px[near], axis=1)
        off_ll.append(np.median(off_px) / demo.truth.stage.ll_px)
    assert np.median(off_ll) < 0.05
    assert np.mean(np.array(off_ll) < 0.08) > 0.8, "in single frames the network may take one leg for the other"


def test_a_patient_runner_waits_for_whoever_looks() -> None:
    def steps_s(*, patient: bool) -> list[float]:
        source = DemoSource(width=64, height=48, realtime=True, patient=patient)
        seen: list[float] = []
        for frame in source.frames():
            assert isinstance(frame, Frame)
            seen.append(frame.t_s)
            time.sleep(0.2)
            source.followed(frame.t_s)
            if len(seen) == 6:
                source.close()
        return [after - before for before, after in pairwise(seen)]

    assert max(steps_s(patient=True)) < 2.5 / 30, "no more than one picture is left out"
    assert min(steps_s(patient=False)) > 4.5 / 30, "five went by"


def test_a_patient_demo_waits_for_no_frame_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame's time is rounded: held against the unrounded one, every second frame was waited for."""
    source = DemoSource(width=64, height=48, duration_s=1.0, patient=True)
    waited: list[bool] = []

    def looks(holds: Callable[[], bool], _patience_s: float) -> bool:
        waited.append(not holds())
        return True

    monkeypatch.setattr(source._followed, "wait_for", looks)
    for frame in source.frames():
        if isinstance(frame, Frame):
            source.followed(frame.t_s)

    assert waited == 30 * [False]
