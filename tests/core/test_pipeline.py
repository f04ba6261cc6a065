"""The pipeline between strides: what changes with strides is thought over a few times a second, and no less surely."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from coach.core.coach_settings import (
    BaselineSettings,
    CoachSettings,
    ProgrammeSettings,
    RunnerSettings,
    SessionSettings,
    SpeedSettings,
)
from coach.core.coaching.advice import Hold
from coach.core.coaching.baseline import BaselineTaker
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait import Activity, Stride
from coach.core.gait.quality import Trust
from coach.core.gait.sagittal_view import Lens
from coach.core.gait.scene import Finding
from coach.core.gait.stride import RejectReason
from coach.core.notices import NoticeKind
from coach.core.pipeline import Coach, Refusals, Update
from coach.core.pose import Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from tests import kept
from tests.core.solid_runner import Place, filmed
from tests.synth import synthetic_run

SOON = CoachSettings(
    session=SessionSettings(warm_up_s=0),
    baseline=BaselineSettings(duration_s=8, reuse=False),
    programme=ProgrammeSettings(enabled=False),
)
DROPS_S, LEAVES_S, RETURNS_S, ENDS_S = 16.0, 46.0, 48.0, 54.0


def belt_at(t_s: float) -> BeltSpeed:
    return BeltSpeed(3.0 if t_s < 50 else 3.4, SpeedOrigin.TYPED, 0.09)


def film(fps: float) -> list[Update]:
    """A runner whose heels sink, who steps out of the picture for two seconds, and types another speed at last."""
    run = synthetic_run(
        speed_mps=3.0,
        duration_s=ENDS_S,
        fps=fps,
        heel_lift_deg=[(0, 0.0), (DROPS_S, 0.0), (DROPS_S + 3, -14.0), (ENDS_S, -14.0)],
        noise_ll=0.006,
        seed=4,
    )
    coach = Coach(SOON)

    def seen(pose: Pose) -> Pose | None:
        return None if LEAVES_S <= pose.t_s < RETURNS_S else pose

    return [coach.step(pose.t_s, seen(pose), belt_at(pose.t_s)) for pose in run.poses]


@pytest.fixture(scope="module")
def updates() -> list[Update]:
    return film(30.0)


def test_a_cue_is_given_once(updates: list[Update]) -> None:
    given = [cue for update in updates for cue in update.cues]
    assert given
    assert len(given) == len({cue.t_s for cue in given})
    assert all(cue.t_s == update.t_s for update in updates for cue in update.cues), "and at the frame that gave it"


def test_what_is_no_longer_trusted_goes_with_the_frame_that_says_so(updates: list[Update]) -> None:
    shown = [update for update in updates if update.advice.lift is not None]
    assert shown
    assert all(update.gait.trust is Trust.MEASURING for update in shown)
    left = next(u for u in updates if u.t_s > LEAVES_S and u.gait.activity is Activity.AWAY)
    assert left.advice.lift is None
    assert left.t_s < LEAVES_S + 0.6


def test_a_stride_gets_the_speed_and_the_target_of_its_own_moment(updates: list[Update]) -> None:
    late = [stride for update in updates if update.t_s > 50.2 for stride in update.strides]
    assert late
    assert all(stride.speed_mps == 3.4 for stride in late)


def test_a_speed_that_is_typed_is_believed_before_anybody_could_look(updates: list[Update]) -> None:
    first = next(u.t_s for u in updates if u.belt is not None and u.belt.speed_mps == 3.4)
    assert 50.0 <= first < 50.05  # in the next frame: whoever typed it looks at the number


def test_the_belts_incline_is_not_taken_for_the_cameras_roll() -> None:
    run, lens = synthetic_run(speed_mps=3.0, duration_s=10, noise_ll=0.005, seed=3), Lens(1280, 720)
    film = list(filmed(run, Place(roll_deg=4), lens))
    rolls_deg = []
    for incline_pct in (math.nan, 100 * math.tan(math.radians(4))):
        coach = Coach(SOON, lens=lens)
        belt = BeltSpeed(3.0, SpeedOrigin.TREADMILL, incline_pct=incline_pct)
        rolls_deg.append([coach.step(t_s, pose, belt).gait.view.camera.roll_deg for t_s, pose in film][-1])

    assert rolls_deg[0] > 2
    assert abs(rolls_deg[1]) < 0.7


@pytest.mark.parametrize("belt", [None, BeltSpeed(3.0, SpeedOrigin.TREADMILL)])
def test_an_incline_that_was_typed_holds_whatever_tells_the_speed(belt: BeltSpeed | None) -> None:
    run, lens = synthetic_run(speed_mps=3.0, duration_s=10, noise_ll=0.005, seed=3), Lens(1280, 720)
    incline_pct = 100 * math.tan(math.radians(4))
    coach = Coach(SOON, lens=lens, incline_pct=incline_pct)
    film = [coach.step(t_s, pose, belt) for t_s, pose in filmed(run, Place(roll_deg=4), lens)]

    assert abs(film[-1].gait.view.camera.roll_deg) < 0.7
    assert {stride.incline_pct for update in film for stride in update.strides if update.belt} <= {incline_pct}


def test_a_hill_that_a_treadmill_told_before_it_fell_silent_is_no_level_of_later_strides() -> None:
    coach = Coach(SOON, incline_pct=1.0)
    told, typed = BeltSpeed(3.0, SpeedOrigin.TREADMILL, incline_pct=8.0), BeltSpeed(3.0, SpeedOrigin.TYPED)
    poses = synthetic_run(speed_mps=3.0, duration_s=12.0, fps=30.0).poses
    late = [coach.step(pose.t_s, pose, told if pose.t_s < 5 else typed) for pose in poses][-60:]

    assert {stride.incline_pct for update in late for stride in update.strides} == {8.0}


def test_a_planned_hill_is_that_of_the_belt_whose_speed_is_read_from_the_picture() -> None:
    settings = replace(SOON, runner=RunnerSettings(height_cm=178.0), speed=SpeedSettings(trust=("video", "typed")))
    coach, planned = Coach(settings), BeltSpeed(3.0, SpeedOrigin.PLAN)
    poses = synthetic_run(speed_mps=3.0, duration_s=30.0, fps=30.0).poses
    film = [coach.step(p.t_s, p, replace(planned, incline_pct=6.0 if p.t_s > 15 else 0.0)) for p in poses]
    late = [update.belt for update in film[-120:] if update.belt is not None]

    assert {belt.origin for belt in late} == {SpeedOrigin.VIDEO}
    assert {belt.incline_pct for belt in late} == {6.0}


def test_a_treadmill_that_tells_its_incline_knows_better_than_what_was_typed() -> None:
    told = BeltSpeed(3.0, SpeedOrigin.TREADMILL, incline_pct=2.0)

    assert told.on_incline(5.0).incline_pct == 2.0
    assert replace(told, incline_pct=math.nan).on_incline(5.0).incline_pct == 5.0
    assert math.isnan(replace(told, incline_pct=math.nan).on_incline(math.nan).incline_pct)


def test_between_looks_nothing_is_told_twice(updates: list[Update]) -> None:
    for before, after in pairwise(updates):
        if after.advice is before.advice:
            assert not after.cues
            assert not after.notices
            assert not after.strides


@pytest.mark.parametrize("fps", [24.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_the_first_cue_does_not_hang_on_the_frame_rate(updates: list[Update], fps: float) -> None:
    def first_cue_s(film: list[Update]) -> float:
        return next(cue.t_s for update in film for cue in update.cues if cue.kind.value == "heel_lift_low")

    assert DROPS_S < first_cue_s(updates) < DROPS_S + 25
    assert first_cue_s(film(fps)) == pytest.approx(first_cue_s(updates), abs=3.0)


def test_who_leaves_the_picture_in_a_pause_is_told_nothing_of_it() -> None:
    """It would be said aloud, and not again when it matters: each such reason is told once a run."""
    coach, told = Coach(), []
    for second in range(60):
        if second in {0, 30}:
            coach.pause(second, paused=second == 0)
        notices = coach.step(float(second), None).notices
        told += [(second, notice.key) for notice in notices if notice.kind is NoticeKind.SEEN]
    assert told == [(38, "seen.nobody")]


def test_what_the_runner_asks_for_shows_with_the_next_frame() -> None:
    """Nobody runs, so no stride ends: who stands on the rails and pressed a key saw the old state for half a second."""
    coach, holds = Coach(SOON), list[Hold | None]()
    for i in range(12):
        if i in {3, 7}:
            coach.pause(i / 30, paused=i == 3)
        holds.append(coach.step(i / 30, None, belt_at(0)).advice.hold)

    assert [i for i, hold in enumerate(holds) if hold is Hold.PAUSED] == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("valid", "offered"),
    [pytest.param(False, "--time-scale 4", id="nothing measured"), pytest.param(True, "", id="a stride measured")],
)
def test_one_time_scale_is_offered_only_while_no_stride_was_measured_at_the_speed_of_life(
    valid: bool, offered: str
) -> None:
    refusals = Refusals()
    run = kept.stride(0.0, side="left") if valid else kept.rejected(0.0)
    refusals.step(kept.gait(0.8, 98.0, (run,), "left"), paused=False)
    slow = kept.gait(1.0, 98.0, (), "left")._replace(
        activity=Activity.UNKNOWN, finding=Finding.SLOW_MOTION, time_scale=4.0
    )
    notices = [notice for t_s in range(1, 9) for notice in refusals.step(slow._replace(t_s=float(t_s)), paused=False)]
    assert [(notice.key, notice.detail) for notice in notices] == [("seen.slow_motion", offered)]


def test_a_stride_is_one_of_the_pause_by_when_it_was_run_not_by_when_it_was_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rhythm is found two seconds after its first stride, and what waited for it is decided then."""
    coach = Coach(SOON)
    strides: list[StrideRecord] = []
    for_baseline: list[Stride] = []
    monkeypatch.setattr(BaselineTaker, "add", lambda _, stride, _speed_mps: for_baseline.append(stride))
    pauses = [(1.8, 2.2), (8.0, 9.0)]
    keys = {t_s: paused for pause in pauses for t_s, paused in zip(pause, (True, False), strict=True)}
    for pose in synthetic_run(speed_mps=3.0, duration_s=12, fps=30, noise_ll=0.005, seed=4).poses:
        for t_s in [t_s for t_s in keys if t_s <= pose.t_s]:
            coach.pause(t_s, keys.pop(t_s))
        strides += coach.step(pose.t_s, pose, belt_at(0)).strides
    meets = {one for one in strides if any(one.start_s < end_s and one.end_s > at_s for at_s, end_s in pauses)}
    assert min(one.end_s for one in strides) < pauses[0][0]
    near = {one for one in meets if one.near}
    assert near == {one for one in strides if one.near and one.reject_reason is RejectReason.PAUSED}
    assert not {one.start_s for one in meets} & {one.start_s for one in for_baseline}
