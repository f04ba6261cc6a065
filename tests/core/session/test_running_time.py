"""What counts as running, for how long and how far: pauses, standing and walking do not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.gait import Activity
from coach.core.gait.quality import RejectReason
from coach.core.gait.scene import Finding
from coach.core.session.records import FrameFacts, SessionEvent, SpeedChange
from coach.core.session.running_time import ActivityLog, RunningTime, run_since_strides, seen_instead
from coach.core.speed.belt_speed import SpeedOrigin
from tests.kept import kept_stride

FRAMES = FrameFacts(6000, 6000, 10.0, 110.0, 60.0)


def time_of(*events: tuple[float, str], speeds: tuple[tuple[float, float], ...] = ((10.0, 3.0),)) -> RunningTime:
    changes = [SpeedChange(t_s, mps, None if math.isnan(mps) else SpeedOrigin.TYPED) for t_s, mps in speeds]
    return RunningTime(FRAMES, changes, [SessionEvent(t_s, kind) for t_s, kind in events])


def doubted(from_s: float, until_s: float) -> RunningTime:
    """A hundred seconds at 3 m/s, doubted for a part, after which 4 m/s were typed."""
    changes = [(10.0, 3.0), (from_s, math.nan), (until_s, 4.0)]
    return RunningTime(FRAMES, [SpeedChange(t_s, mps, SpeedOrigin.TYPED) for t_s, mps in changes], [])


@pytest.mark.parametrize(
    ("events", "ran_s"),
    [
        ((), 100),
        (((30, "paused"), (50, "resumed")), 80),
        (((30, "standing"), (50, "running")), 80),
        (((30, "walking"), (50, "running")), 80),
        (((30, "away"), (50, "running")), 80),
        (((30, "paused"), (40, "walking"), (50, "resumed"), (60, "running")), 70),
        (((90, "paused"),), 80),
        (((30, "source_lost"), (50, "source_returned")), 80),
        (((90, "source_lost"),), 80),
        (((5, "paused"), (20, "resumed")), 90),
    ],
)
def test_what_is_not_running(events: tuple[tuple[float, str], ...], ran_s: float) -> None:
    time = time_of(*events)

    assert time.duration_s == 100
    assert time.running_s() == pytest.approx(ran_s)
    assert time.belt().distance_m == pytest.approx(3.0 * ran_s)
    assert time.belt().mean_mps == pytest.approx(3.0)


def test_a_speed_counts_for_as_long_as_one_ran_at_it() -> None:
    belt = time_of((60, "paused"), (100, "resumed"), speeds=((10.0, 2.0), (60.0, 9.0), (100.0, 4.0))).belt()

    assert belt.distance_m == pytest.approx(50 * 2.0 + 10 * 4.0)
    assert belt.mean_mps == pytest.approx(140 / 60)
    assert (belt.lowest_mps, belt.highest_mps) == (2.0, 4.0)


def test_the_mean_is_over_the_time_in_which_the_speed_was_known() -> None:
    belt = time_of(speeds=((10.0, math.nan), (60.0, 3.0))).belt()

    assert belt.mean_mps == pytest.approx(3.0)
    assert belt.distance_m == pytest.approx(150.0)


def test_without_a_speed_there_is_no_distance() -> None:
    time = time_of(speeds=())

    assert math.isnan(time.belt().distance_m)
    assert math.isnan(time.distance_m(60.0))
    assert time.running_s() == 100


def test_a_doubted_speed_brings_no_way() -> None:
    time = doubted(40.0, 60.0)

    assert time.belt().distance_m == pytest.approx(30 * 3.0 + 50 * 4.0)
    assert time.distance_m(50.0) == pytest.approx(90.0)
    assert math.isnan(time.speed_mps(50.0))
    assert time.doubted_s() == pytest.approx(20.0)
    assert time_of(speeds=((10.0, 3.0), (40.0, math.nan))).doubted_s() == 0


@pytest.mark.parametrize(("until_s", "mean_mps"), [(49.9, (90 + 60.1 * 4) / 90.1), (50.1, math.nan)])
def test_a_mean_that_leaves_out_more_than_a_tenth_is_none(until_s: float, mean_mps: float) -> None:
    assert doubted(40.0, until_s).belt().mean_mps == pytest.approx(mean_mps, nan_ok=True)


def test_a_runner_who_only_stood_came_no_way() -> None:
    belt = time_of((10, "standing")).belt()

    assert (belt.distance_m, belt.highest_mps) == (0.0, 3.0)


@pytest.mark.parametrize("hidden", [RejectReason.LEG_COLLAPSED, RejectReason.TOO_FEW_FRAMES, RejectReason.TOO_FAST])
def test_cadence_is_that_of_strides_in_the_running_time_with_a_known_rhythm(hidden: RejectReason) -> None:
    strides = [
        kept_stride(20.0, cadence_spm=170.0),
        kept_stride(21.0, cadence_spm=174.0, reject_reason=hidden),
        kept_stride(22.0, cadence_spm=110.0, reject_reason=RejectReason.NOT_RUNNING),
        kept_stride(35.0, cadence_spm=120.0),
        kept_stride(60.0, cadence_spm=math.nan),
    ]
    time = time_of((30, "paused"), (50, "resumed"))

    assert time.cadence_spm(strides) == 172.0
    assert time.cadence_spm(strides, 20.5, 40.0) == 174.0
    assert math.isnan(time.cadence_spm(strides, 60.0, 110.0))


def test_a_run_without_frames_has_no_time() -> None:
    time = RunningTime(FrameFacts(), [], [])

    assert math.isnan(time.duration_s)
    assert math.isnan(time.running_s())
    assert math.isnan(time.belt().distance_m)


@given(
    st.lists(st.tuples(st.floats(10, 110), st.sampled_from(["paused", "resumed", "walking", "running"])), max_size=8),
    st.lists(st.tuples(st.floats(0, 120), st.floats(0, 6)), max_size=5),
    st.floats(10, 110),
)
def test_parts_make_the_whole(events: list[tuple[float, str]], speeds: list[tuple[float, float]], cut_s: float) -> None:
    time = time_of(*events, speeds=tuple(sorted(speeds)))
    parts = (time.running_s(end_s=cut_s), time.running_s(start_s=cut_s))

    assert sum(parts) == pytest.approx(time.running_s())
    assert 0 <= time.running_s() <= time.duration_s + 1e-9
    metres = time.belt().distance_m
    if not math.isnan(metres):
        known = [belt.distance_m for belt in (time.belt(end_s=cut_s), time.belt(start_s=cut_s))]
        assert sum(part for part in known if not math.isnan(part)) == pytest.approx(metres)
        assert metres <= 6 * time.running_s() + 1e-6


def test_a_recording_without_frames_for_a_while_was_not_seen_running_then() -> None:
    """Live the source tells of a loss; a recording of that run has nothing but the hole."""
    times = [*range(10), *range(40, 50)]
    of_a_file, live = ActivityLog(), ActivityLog(live=True)

    told = [event for t_s in times for event in of_a_file.step(float(t_s), Activity.RUNNING)]

    assert told == [SessionEvent(9.0, "source_lost"), SessionEvent(40.0, "source_returned")]
    assert not [event for t_s in times for event in live.step(float(t_s), Activity.RUNNING)]


def test_only_what_lasts_is_noted_and_from_when_it_began() -> None:
    log = ActivityLog()
    spans = [(0, 5, Activity.RUNNING), (5, 6, Activity.STANDING), (6, 10, Activity.UNKNOWN), (10, 15, Activity.WALKING),
             (15, 20, Activity.RUNNING)]  # fmt: skip
    noted = [
        (event.t_s, event.kind)
        for start, end, activity in spans
        for frame in range(30 * start, 30 * end)
        for event in log.step(frame / 30, activity)
    ]

    assert noted == [(10.0, "walking"), (15.0, "running")]


def test_the_seconds_run_of_a_stretch_leave_out_what_lies_beside_it_and_its_stops() -> None:
    time = time_of((30, "paused"), (50, "resumed"))
    assert time.seconds_run(28.0, 53.0) == (28.0, 29.0, 50.0, 51.0, 52.0)
    assert len(time.seconds_run()) == 81


def test_of_a_long_gap_between_two_frames_half_a_second_was_seen_running() -> None:
    log = ActivityLog(live=True)
    for t_s in (0.0, 0.3, 3.0):
        log.step(t_s, Activity.RUNNING)
    assert log.running_s == pytest.approx(0.8)


@pytest.mark.parametrize(("live", "kind"), [(False, "still_picture"), (True, "no_rhythm")])
def test_a_single_frame_is_a_still_picture_only_where_it_is_all_there_is(live: bool, kind: str) -> None:
    """A live run of one frame ended at once: what came before the camera would have moved."""
    log = ActivityLog(live=live)
    assert not log.step(0.0, Activity.UNKNOWN)

    assert [event.kind for event in log.finish()] == [kind]


def test_slow_motion_lasts_from_where_nobody_was_seen_running_any_more() -> None:
    """It is told from a running that was lost only after some seconds, and those were no running either."""
    log, noted = ActivityLog(), []
    for frame in range(30 * 20):
        t_s = frame / 30
        runs, told = t_s < 6 or t_s >= 18, 11.5 <= t_s < 18
        activity, finding = Activity.RUNNING if runs else Activity.UNKNOWN, Finding.SLOW_MOTION if told else None
        noted += [(event.t_s, event.kind) for event in log.step(t_s, activity, finding, 4.0 if told else math.nan)]

    assert noted == [(pytest.approx(6.0, abs=0.04), "slow_motion"), (18.0, "running")]


@pytest.mark.parametrize("live", [True, False])
def test_what_is_seen_when_a_lost_camera_is_back_begins_then(live: bool) -> None:
    """Nobody saw what was there meanwhile; that time is told as the camera's."""
    log, noted = ActivityLog(live=live), []
    for frame in [*range(300), *range(2100, 2400)]:
        t_s = frame / 30
        activity, finding = (
            Activity.RUNNING if t_s < 10 else Activity.UNKNOWN,
            Finding.ON_ITS_SIDE if t_s > 71 else None,
        )
        noted += [event for event in log.step(t_s, activity, finding) if event.kind == Finding.ON_ITS_SIDE]

    assert noted == [SessionEvent(70.0, "on_its_side")]
    assert seen_instead(noted, 0.0, 80.0) == (("on_its_side", 10.0),)


def test_running_begins_again_with_its_first_stride_that_was_measured() -> None:
    """A rhythm is found two seconds after it began, and its strides are measured from its beginning on."""
    events = [SessionEvent(30.0, "away"), SessionEvent(42.4, "running"), SessionEvent(50.0, "belt_speed")]
    strides = [
        kept_stride(29.4),
        kept_stride(35.0, reject_reason=RejectReason.IRREGULAR),
        kept_stride(40.1),
        kept_stride(40.8),
    ]

    assert run_since_strides(events, strides) == [events[0], SessionEvent(40.1, "running"), events[2]]
    assert run_since_strides(events, strides[:2]) == events
    assert run_since_strides([SessionEvent(35.0, "walking"), *events[1:]], strides)[1].t_s == 40.1
    told = run_since_strides([*events, SessionEvent(41.0, "source")], strides)
    assert [event.t_s for event in told] == [30.0, 40.1, 41.0, 50.0], "in time order, as the page lists them"
