"""The belt speed inside the whole pipeline: typed once, seen from then on, remembered for the next session."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.core.coach_settings import CoachSettings, RunnerSettings
from coach.core.coaching.profile import RunnerProfile
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.belt_video import SeenLeg
from coach.edges.files.poses_file import PoseRecorder
from coach.languages import load_words
from coach.ports import SourceInfo
from tests.synth import SynthRun, synthetic_run

ENGLISH = load_words("en")

TODAY = 20_000.0
TYPED = BeltSpeed(3.0, SpeedOrigin.TYPED, 0.09)


@pytest.fixture(scope="module")
def run() -> SynthRun:
    """A quarter of a minute at 3 m/s, then faster."""
    return synthetic_run(speed_mps=[(0, 3.0), (16, 3.0), (17, 3.8), (60, 3.8)], duration_s=22, noise_ll=0.008, seed=3)


def session(coach: Coach, run: SynthRun, typed_until_s: float, ends_s: float = 99) -> list[Update]:
    poses = [pose for pose in run.poses if pose.t_s < ends_s]
    return [coach.step(pose.t_s, pose, TYPED if pose.t_s < typed_until_s else None) for pose in poses]


def said(updates: list[Update]) -> list[str]:
    return [notice.text(ENGLISH, "metric") for update in updates for notice in update.notices]


def test_a_speed_that_was_typed_once_makes_the_picture_a_speedometer(run: SynthRun) -> None:
    coach = Coach(camera="desk", now_day=TODAY)

    updates = session(coach, run, typed_until_s=14)

    before = [update.belt for update in updates if update.t_s < 14]
    assert {belt.origin for belt in before if belt} == {SpeedOrigin.TYPED}
    after = updates[-1].belt
    assert after is not None
    assert after.origin is SpeedOrigin.VIDEO
    assert after.speed_mps == pytest.approx(3.8, rel=0.04)
    assert "belt speed now read from the picture" in " ".join(said(updates))


def test_without_any_known_speed_and_height_nothing_is_made_up(run: SynthRun) -> None:
    updates = session(Coach(), run, typed_until_s=0, ends_s=12)

    assert {update.belt for update in updates} == {None}
    assert sum("belt speed unknown" in text for text in said(updates)) == 1


def test_the_next_session_with_the_same_camera_needs_no_typing(run: SynthRun) -> None:
    first = Coach(camera="desk", now_day=TODAY)
    session(first, run, typed_until_s=99, ends_s=15)
    kept = RunnerProfile.from_json(json.loads(json.dumps(first.profile_after().as_json())))

    seen = session(Coach(profile=kept, camera="desk", now_day=TODAY + 2), run, typed_until_s=0, ends_s=8)[-1].belt
    assert seen is not None
    assert seen.speed_mps == pytest.approx(3.0, rel=0.04)
    for camera, day in (("gym", TODAY + 2), ("desk", TODAY + 60)):
        elsewhere = session(Coach(profile=kept, camera=camera, now_day=day), run, typed_until_s=0, ends_s=8)
        assert elsewhere[-1].belt is None, "another camera, or too long ago"


def test_with_the_height_known_the_picture_stays_a_witness_of_its_own(run: SynthRun) -> None:
    settings = CoachSettings(runner=RunnerSettings(height_cm=175))
    coach = Coach(settings, camera="desk", now_day=TODAY)
    fast = BeltSpeed(3.0 * 1.2, SpeedOrigin.TYPED, 0.1)

    notices = said([coach.step(pose.t_s, pose, fast) for pose in run.poses])

    assert any(text.startswith("you typed 13.0 km/h, the picture says") for text in notices)
    assert coach.profile_after().legs == ()


def test_with_the_height_known_a_speed_that_was_typed_wrong_from_the_start_is_no_stride_s_speed(run: SynthRun) -> None:
    """Typed 3.8 m/s at 3, where the belt arrives in the end: that was learned as the leg, and 3.8 was doubted."""
    typed = replace(TYPED, speed_mps=3.8)
    coach = Coach(CoachSettings(runner=RunnerSettings(height_cm=175)), now_day=TODAY)

    updates = [coach.step(pose.t_s, pose, typed) for pose in run.poses]

    strides = [stride for update in updates for stride in update.strides]
    assert all(stride.speed_doubted for stride in strides if stride.start_s > 4 and stride.end_s < 16)
    assert {stride.speed_mps for stride in strides if stride.start_s > 19} == {3.8}
    assert sum("your feet run at another speed" in text for text in said(updates)) == 1


def test_one_leg_is_remembered_for_each_camera() -> None:
    profile = RunnerProfile()
    for camera, leg_m in (("desk", 0.80), ("gym", 0.84), ("desk", 0.82)):
        profile = profile.with_leg(SeenLeg(TODAY, camera, leg_m, 0.03))

    assert [(leg.camera, leg.leg_m) for leg in profile.legs] == [("gym", 0.84), ("desk", 0.82)]


@pytest.mark.parametrize("away_s", [0.0, 4.0])
@pytest.mark.parametrize("size", [0.85, 0.7, 1.3])
def test_a_camera_that_is_moved_back_makes_the_belt_no_slower(run: SynthRun, size: float, away_s: float) -> None:
    """The feet stay on the same row of the picture, so only the runner's size tells that it was moved."""
    coach = Coach(CoachSettings(runner=RunnerSettings(height_cm=175)), now_day=TODAY)
    floor_px = float(np.nanmax([pose.xy_px[:, 1] for pose in run.poses]))
    moved = [size * (pose.xy_px - [0, floor_px]) + [0, floor_px] for pose in run.poses]
    first = [pose for pose in run.poses if pose.t_s < 12]
    later = [
        Pose(12 + away_s + pose.t_s, xy_px, pose.confidence)
        for pose, xy_px in zip(run.poses, moved, strict=True)
        if pose.t_s < 12
    ]

    before = [coach.step(pose.t_s, pose) for pose in first]
    for i in range(round(30 * away_s)):
        coach.step(12 + i / 30, None)
    belts = [coach.step(pose.t_s, pose).belt for pose in later]

    known = before[-1].belt
    assert known is not None
    assert sum(belt is not None for belt in belts) > 100
    apart = [(belt.speed_mps - known.speed_mps) / math.hypot(belt.sd_mps, known.sd_mps) for belt in belts if belt]
    assert max(map(abs, apart)) < 2.5


def typed_by(t_s: float) -> BeltSpeed:
    """3 m/s, and 3.8 as soon as the runner answers."""
    return TYPED if t_s < 27 else replace(TYPED, speed_mps=3.8)


@pytest.fixture(scope="module")
def doubted() -> list[Update]:
    """The belt goes from 3 to 3.8 m/s at 16 s; typed is that at 27 s."""
    speeds = [(0, 3.0), (16, 3.0), (17, 3.8), (60, 3.8)]
    run = synthetic_run(speed_mps=speeds, duration_s=38, noise_ll=0.008, seed=3)
    coach = Coach(now_day=TODAY)
    return [coach.step(pose.t_s, pose, typed_by(pose.t_s)) for pose in run.poses]


def test_a_typed_speed_that_the_feet_contradict_is_no_stride_s_speed(doubted: list[Update]) -> None:
    strides = [stride for update in doubted for stride in update.strides]

    assert {stride.speed_mps for stride in strides if stride.end_s < 16} == {3.0}
    late = [stride for stride in strides if stride.start_s > 17 and stride.end_s < 26.5]
    wrong = [stride for stride in late if not math.isnan(stride.speed_mps)]
    assert len(late) > 20
    assert len(wrong) <= 4, "until the feet have shown it"
    assert all(math.isnan(stride.target_deg) for stride in late if stride.speed_doubted)
    assert {stride.speed_source for stride in strides} == {SpeedOrigin.TYPED}
    assert {stride.speed_mps for stride in strides if stride.start_s > 28} == {3.8}


def test_a_doubt_is_told_once_and_kept_with_the_speeds(doubted: list[Update]) -> None:
    told = [notice for update in doubted for notice in update.notices if notice.key == "belt.doubted"]
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480))
    for update in doubted:
        builder.add(update)
    session = builder.finish()

    (notice,) = told
    assert (
        notice.text(ENGLISH, "metric")
        == "you typed 10.8 km/h, but your feet run at another speed: it counts as unknown"
    )
    assert [(change.doubted, change.source) for change in session.speeds] == [
        (False, SpeedOrigin.TYPED),
        (True, SpeedOrigin.TYPED),
        (False, SpeedOrigin.TYPED),
    ]
    begins, ends = (change.t_s for change in session.speeds[1:])
    assert 17 < begins < 21
    assert ends == pytest.approx(27, abs=0.2)
    assert session.summary.doubted_s == pytest.approx(ends - begins)
    assert session.summary.speed.distance_m == pytest.approx(3.0 * begins + 3.8 * (38 - ends), rel=0.01)


def test_a_recording_of_a_doubted_speed_is_doubted_again(doubted: list[Update], tmp_path: Path) -> None:
    """It holds what was told, not what came of it."""
    path = tmp_path / "poses.jsonl"
    recorder = PoseRecorder(path, SourceInfo("camera", "0", 640, 480, 30.0, live=True))
    for update in doubted:
        recorder.append(update.t_s, update.pose, update.belt)
    recorder.close()

    assert re.findall(r'"speed_mps": ?([0-9.a-z]+)', path.read_text("utf-8")) == ["3.0", "3.8"]
