"""A run second by second: laps where the belt was set anew, pauses that do not count, distance that only grows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from coach.core.heart import HeartChange, HeartOrigin
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.review.activity_track import Activity, activity_of
from tests import kept

SOURCE = SourceFacts("camera", "front room", 640, 480)


def session_of(duration_s: float = 60.0, *, first_s: float = 0.0, pause: tuple[float, float] | None = None,
               speeds: tuple[tuple[float, float], ...] = ((0.0, 3.0),),
               origin: SpeedOrigin = SpeedOrigin.TYPED) -> Session:  # fmt: skip
    """A metronome on a belt whose speed is set at the given times."""

    def belt(t_s: float) -> BeltSpeed | None:
        held = [speed for at_s, speed in speeds if at_s <= t_s + 1e-9]
        return BeltSpeed(held[-1], origin) if held else None

    builder = SessionBuilder(SOURCE, started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(duration_s, first_s=first_s, belt=belt):
        builder.add(update)
    if pause:
        builder.event(first_s + pause[0], "paused")
        builder.event(first_s + pause[1], "resumed")
    return builder.finish()


def test_a_minute_at_one_speed() -> None:
    activity = activity_of(session_of())

    assert [point.second for point in activity.points] == list(range(61))
    assert [point.distance_m for point in activity.points] == pytest.approx([3.0 * s for s in range(61)], abs=1e-6)
    assert len(activity.laps) == 1
    assert activity.total.distance_m == pytest.approx(180, abs=0.01)
    assert activity.points[30].cadence_spm == pytest.approx(120 / kept.STRIDE_S)
    assert activity.points[30].values["peak_knee_flexion_deg"] == 98.0
    assert activity.points[30].values["target_deg"] == 97.0
    assert activity.points[30].contact_time_s == 0.26


class Read(list[object]):
    """What was kept of a run, and how often it was read through."""

    times = 0

    def __iter__(self) -> Iterator[object]:
        self.times += 1
        return super().__iter__()


def test_a_long_run_is_not_read_through_again_for_each_of_its_seconds() -> None:
    session = session_of(speeds=tuple((float(s), 2.8 + s % 2 / 5) for s in range(60)), origin=SpeedOrigin.VIDEO)
    heart = Read(HeartChange(float(s), 140.0 + s % 3, HeartOrigin.MONITOR) for s in range(60))
    speeds = Read(session.speeds)
    activity = activity_of(replace(session, speeds=speeds, heart=heart))  # type: ignore[arg-type]

    assert [point.heart_bpm for point in activity.points[:4]] == [140, 141, 142, 140]
    assert [point.speed_mps for point in activity.points[:3]] == pytest.approx([2.8, 3.0, 2.8])
    assert max(speeds.times, heart.times) < len(activity.points) / 4


def test_the_distance_is_that_of_the_summary() -> None:
    session = session_of(speeds=((0.0, 2.5), (20.0, 3.5), (41.5, 3.0)))

    assert activity_of(session).total.distance_m == pytest.approx(session.summary.speed.distance_m, abs=0.01)


def test_each_set_speed_is_a_lap_and_laps_make_the_whole() -> None:
    activity = activity_of(session_of(speeds=((0.0, 2.5), (20.0, 3.5), (40.0, 3.0))))

    assert [(lap.start, lap.end) for lap in activity.laps] == [(0, 20), (20, 40), (40, 60)]
    assert [lap.speed_mps for lap in activity.laps] == pytest.approx([2.5, 3.5, 3.0], abs=0.01)
    assert [lap.top_speed_mps for lap in activity.laps] == [2.5, 3.5, 3.0]
    assert sum(lap.distance_m for lap in activity.laps) == pytest.approx(activity.total.distance_m)
    assert sum(lap.timer_s for lap in activity.laps) == pytest.approx(activity.total.timer_s)


@pytest.mark.parametrize(
    ("speeds", "origin"),
    [
        (((0.0, 3.0), (30.0, 3.05)), SpeedOrigin.TREADMILL),
        (((0.0, 2.0), (2.0, 2.3), (4.0, 2.6), (6.0, 3.0)), SpeedOrigin.TYPED),
        (((0.0, 2.8), (20.0, 3.0), (40.0, 3.2)), SpeedOrigin.VIDEO),
        (((0.0, 3.0), (55.0, 0.5)), SpeedOrigin.TREADMILL),
    ],
    ids=["flicker", "ramp at the start", "read from the picture", "running out"],
)
def test_what_begins_no_lap(speeds: tuple[tuple[float, float], ...], origin: SpeedOrigin) -> None:
    assert len(activity_of(session_of(speeds=speeds, origin=origin)).laps) == 1


def test_a_hill_at_the_same_speed_is_a_lap_and_a_slight_slope_is_none() -> None:
    inclines = {0.0: 0.0, 15.0: 6.0, 30.0: 6.5, 45.0: 1.0}
    builder = SessionBuilder(SOURCE)
    for update in kept.run(
        60.0,
        belt=lambda t_s: replace(kept.TYPED_10, incline_pct=next(v for k, v in reversed(inclines.items()) if k <= t_s)),
    ):
        builder.add(update)
    activity = activity_of(builder.finish())

    assert [(lap.start, lap.end) for lap in activity.laps] == [(0, 15), (15, 45), (45, 60)]
    assert [activity.points[at].incline_pct for at in (10, 20, 40, 50)] == [0.0, 6.0, 6.5, 1.0]
    assert math.isnan(activity_of(session_of()).points[10].incline_pct)


def test_a_pause_stops_the_timer_and_the_distance() -> None:
    activity = activity_of(session_of(pause=(20.0, 35.0)))

    assert activity.pauses == ((20, 35),)
    assert [p.second for p in activity.points] == [*range(21), *range(35, 61)]
    assert activity.total.elapsed_s == pytest.approx(60)
    assert activity.total.timer_s == pytest.approx(45)
    assert activity.total.distance_m == pytest.approx(135, abs=0.01)
    assert activity.total.speed_mps == pytest.approx(3.0)
    by_second = {point.second: point for point in activity.points}
    assert by_second[20].distance_m == by_second[35].distance_m == pytest.approx(60, abs=0.01)


def test_the_run_s_own_clock_does_not_matter() -> None:
    assert _rounded(activity_of(session_of(first_s=8123.4))) == _rounded(activity_of(session_of()))


def test_an_unknown_speed_is_not_zero() -> None:
    activity = activity_of(session_of(speeds=((30.0, 3.0),)))

    assert math.isnan(activity.points[10].speed_mps)
    assert math.isnan(activity.points[10].distance_m)
    assert activity.total.distance_m == pytest.approx(90, abs=0.2)


def test_a_session_of_nothing() -> None:
    activity = activity_of(SessionBuilder(SOURCE).finish())

    assert len(activity.points) == 1
    assert math.isnan(activity.total.distance_m)
    assert math.isnan(activity.points[0].cadence_spm)


def _rounded(activity: Activity) -> list[tuple[int, float, float]]:
    return [(p.second, round(p.distance_m, 1), round(p.cadence_spm, 3)) for p in activity.points]
