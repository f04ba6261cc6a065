"""The three answers at the head of a page, for runs that are known: improved, same, worse, too little, the first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coach.app.kept_sessions import written_report
from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.programme import ProgrammeState, Progress, programme_state
from coach.core.coaching.stride_record import Stage
from coach.core.coaching.target import HeelLiftTarget
from coach.core.gait.camera_view import CameraView
from coach.core.pose import Side
from coach.core.session.records import settings_facts
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.session.summary import Standing
from coach.core.speed.belt_speed import BeltSpeed
from coach.edges.store import Store
from coach.languages import load_words
from coach.review.answers import Answer, better, enough, following
from coach.review.sentences import remember_text
from coach.review.session_page import session_page
from coach.review.side_by_side import comparison_sentence
from coach.settings import PoseSettings, Settings
from tests import kept

ENGLISH = load_words("en")
CAMERA = SourceFacts("camera", "front room", 640, 480)
READ_ONCE = PoseSettings(effort="fast")
TODAY = 20_000.0
"""A day of the programme."""


@cache
def session_of(
    lift_deg: float,
    day: int = 5,
    duration_s: float = 90.0,
    source: SourceFacts = CAMERA,
    *,
    belt: BeltSpeed | None = kept.TYPED_10,
    band: HeelLiftTarget | None = kept.BAND,
    facing: Side = "left",
    scatter_deg: float = 3.0,
    cue_times: tuple[float, ...] = (),
    pose: PoseSettings = READ_ONCE,
) -> Session:
    """Strides about a lift, in a band of 92–107° unless another is given; made once, however many tests look at it."""
    peak: Callable[[float], float] = lambda t_s: lift_deg + scatter_deg * ((t_s * 7919 % 3) / 3 - 0.5)  # noqa: E731
    builder = SessionBuilder(source, settings_facts(Settings(pose=pose)), f"2026-11-{day:02d}T18:00:00+01:00")
    told = kept.run(duration_s, 15.0, peak_deg=peak, belt=lambda _: belt, band=band, facing=facing, cue_times=cue_times)
    for update in told:
        builder.add(update)
    return builder.finish()


# Enough?


@pytest.mark.parametrize(
    ("lift_deg", "says", "mark"),
    [
        (98.0, "inside your band 92–107°", "good"),
        (91.6, "inside your band 92–107°", "good"),  # reads 92, the floor
        (88.0, "4° below your band 92–107°", "below"),
        (112.0, "5° above your band 92–107°", "above"),
    ],
)
def test_enough_is_told_against_the_band(lift_deg: float, says: str, mark: str) -> None:
    answer = enough(session_of(lift_deg, scatter_deg=0.2), ENGLISH)

    assert (answer.big, answer.says, answer.mark) == (f"{round(lift_deg)}°", says, mark)


def test_how_many_strides_were_inside_stands_below() -> None:
    assert enough(session_of(98.0), ENGLISH).more == "100 % of your trusted strides were inside your band."


def test_where_only_some_strides_had_a_band_the_whole_run_is_told_too() -> None:
    builder = SessionBuilder(CAMERA)
    told = kept.run(90.0, 25.0, peak_deg=lambda t_s: 104.0 if t_s < 30.0 else 95.0)
    for update in told:
        strides = tuple(
            replace(s, target_low_deg=math.nan, target_deg=math.nan, target_high_deg=math.nan) if s.end_s < 30.0 else s
            for s in update.strides
        )
        builder.add(replace(update, strides=strides))

    answer = enough(builder.finish(), ENGLISH)
    assert answer.big == "95°"
    assert answer.more.endswith("over the whole run it was 98°.")


def warmed_up(lift_deg: float, practice_s: float) -> Session:
    """Half a minute at 98° in the wide band of runners in general, then practice in the own one."""
    builder = SessionBuilder(CAMERA)
    for update in kept.run(
        30.0 + practice_s,
        peak_deg=lambda t_s: 98.0 if t_s < 30.0 else lift_deg,
        stage=lambda t_s: Stage.BASELINE if t_s < 30.0 else Stage.COACHING,
    ):
        strides = tuple(
            replace(s, target_low_deg=80.0, target_high_deg=116.0) if s.stage is Stage.BASELINE else s
            for s in update.strides
        )
        builder.add(replace(update, strides=strides))
    return builder.finish()


def test_practice_is_held_against_the_own_band_and_the_warm_up_against_none() -> None:
    answer = enough(warmed_up(88.0, practice_s=30.0), ENGLISH)

    assert (answer.big, answer.says, answer.mark) == ("88°", "4° below your band 92–107°", "below")
    assert answer.more.startswith("After warm-up and baseline 2 % of your trusted strides were inside your band.")
    assert answer.more.endswith("Over the whole run your lift was 93°.")


def test_with_hardly_any_practice_the_run_is_judged_as_a_whole() -> None:
    answer = enough(warmed_up(88.0, practice_s=5.0), ENGLISH)

    assert answer.mark == "good"
    assert "baseline" not in answer.more


def test_a_few_strides_are_no_verdict() -> None:
    answer = enough(session_of(80.0, duration_s=8.0), ENGLISH)

    assert answer.mark == "plain"
    assert answer.says == "on 11 trusted strides: too few for a verdict, it takes 15"


def test_without_a_speed_there_is_no_band_and_no_verdict() -> None:
    answer = enough(session_of(80.0, belt=None, band=None), ENGLISH)

    assert answer.mark == "plain"
    assert "belt speed was not known" in answer.says


def test_a_speed_told_late_is_what_a_run_without_a_verdict_lacked() -> None:
    """57 strides, of which twelve had a speed."""
    without, late = session_of(95.0, duration_s=30.0, belt=None, band=None), session_of(95.0, duration_s=8.0)
    session = SessionBuilder(CAMERA)
    for update in kept.run(40.0, 15.0, belt=lambda t_s: kept.TYPED_10 if t_s > 32 else None):
        told = [stride if update.t_s > 32 else replace(stride, **NO_BAND) for stride in update.strides]
        session.add(replace(update, strides=tuple(told)))
    run = session.finish()

    assert enough(run, ENGLISH).says.startswith("on 12 of 57 trusted strides, those with a band")
    assert following(run, None, ENGLISH).says == following(without, None, ENGLISH).says
    assert following(run, None, ENGLISH).says.startswith("Belt speed unknown: give it")
    assert following(late, None, ENGLISH).says.startswith("Run for at least a minute")


NO_BAND: dict[str, Any] = dict.fromkeys(("target_deg", "target_low_deg", "target_high_deg"), math.nan)


def test_where_nothing_was_measured_no_number_is_shown() -> None:
    answer = enough(SessionBuilder(CAMERA).finish(), ENGLISH)

    assert (answer.big, answer.says) == ("–", "No stride of the near leg could be trusted.")


# Better than last time?


@pytest.mark.parametrize(
    ("before_deg", "after_deg", "big", "says", "mark"),
    [
        (90.0, 95.0, "+5°", "Yes: 90° on 3 Nov, 95° now.", "good"),
        (95.0, 95.2, "=", "The same: 95° on 3 Nov, 95° now.", "plain"),
        (95.0, 90.0, "−5°", "Not this time: 95° on 3 Nov, 90° now.", "below"),
        (99.0, 95.0, "−4°", "A little less, and still inside your band: 99° on 3 Nov, 95° now.", "plain"),
        (105.0, 110.0, "+5°", "Higher, and above your band: 105° on 3 Nov, 110° now.", "above"),
        (112.0, 105.0, "−7°", "Yes, calmer: 112° on 3 Nov, 105° now.", "good"),
    ],
)
def test_better_is_told_by_what_changed(before_deg: float, after_deg: float, big: str, says: str, mark: str) -> None:
    answer = better(session_of(after_deg), [session_of(before_deg, 3)], ENGLISH)

    assert (answer.big, answer.says, answer.mark) == (big, says, mark)
    assert "95 % interval" in answer.caveat
    assert "95 %" not in answer.says


def test_the_change_adds_up_with_the_angles_beside_it() -> None:
    answer = better(session_of(99.6, scatter_deg=0.2), [session_of(95.4, 3, scatter_deg=0.2)], ENGLISH)

    assert (answer.big, answer.says) == ("+5°", "Yes: 95° on 3 Nov, 100° now.")


def test_what_may_be_chance_is_called_so() -> None:
    loose = {"scatter_deg": 60.0, "duration_s": 30.0}
    answer = better(session_of(95.0, **loose), [session_of(94.0, 3, **loose)], ENGLISH)

    assert answer.big == "≈"
    assert answer.says.startswith("Too close to tell from chance")


def test_the_first_run_has_nothing_to_compare_with() -> None:
    answer = better(session_of(95.0), [], ENGLISH)

    assert (answer.big, answer.mark) == ("–", "plain")
    assert answer.says == "There is nothing to compare with yet. Your next run will tell."


def test_too_little_is_not_compared() -> None:
    assert "Too few trusted strides" in better(session_of(95.0, duration_s=8.0), [session_of(90.0, 3)], ENGLISH).says


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"facing": "right"}, "your other side"),
        ({"source": replace(CAMERA, name="phone")}, "filmed another way"),
        ({"source": SourceFacts("video", "clip.mp4", 640, 480)}, "filmed another way"),
        ({"pose": replace(READ_ONCE, effort="accurate")}, "read another way"),
        ({"pose": replace(READ_ONCE, model="heavy")}, "read another way"),
        ({"belt": replace(kept.TYPED_10, speed_mps=4.0)}, "shares no speed"),
    ],
)
def test_what_cannot_be_compared_is_passed_over(other: dict[str, Any], why: str) -> None:
    session, last, older = session_of(95.0), session_of(90.0, 3, **other), session_of(90.0, 1)

    assert why in better(session, [last], ENGLISH).says
    assert better(session, [last, older], ENGLISH).says == "Yes: 90° on 1 Nov, 95° now."


def test_side_by_side_says_so_too() -> None:
    once, twice = session_of(95.0), session_of(90.0, 3, pose=replace(READ_ONCE, effort="accurate"))

    assert "read in different ways" in comparison_sentence(once, twice, ENGLISH)
    assert "read in different ways" not in comparison_sentence(once, session_of(90.0, 3), ENGLISH)


def test_a_run_that_does_not_tell_how_it_was_read_may_be_compared() -> None:
    before = session_of(90.0, 3, pose=replace(READ_ONCE, effort="auto"))

    assert better(session_of(95.0), [before], ENGLISH).says.startswith("Yes")


def clip_of(lift_deg: float, day: int, shared_sd_deg: float = 1.2) -> Session:
    """A clip of whose peaks so much is said to be the camera's place."""
    session = session_of(lift_deg, day, source=SourceFacts("video", f"{day}.mp4", 640, 480))
    strides = (replace(kept, peak_knee_flexion_shared_sd_deg=shared_sd_deg) for kept in session.strides)
    return replace(session, strides=tuple(strides), summary=replace(session.summary, near_shared_sd_deg=shared_sd_deg))


def test_two_clips_of_one_runner_may_be_compared() -> None:
    assert better(clip_of(95.0, 5), [clip_of(90.0, 3)], ENGLISH).says.startswith("Yes")


def test_two_clips_differ_only_by_more_than_two_places_of_a_camera_do() -> None:
    answer = better(clip_of(95.0, 5), [clip_of(92.0, 3)], ENGLISH)

    assert answer.big == "≈"
    assert answer.says == "Too close to tell from another place of the camera: 92° on 3 Nov, 95° now."
    assert "Most of that width is where the camera stood" in answer.caveat
    told = comparison_sentence(clip_of(92.0, 3), clip_of(95.0, 5), ENGLISH)
    assert told == "Your heel lift was 92° and 95°: too close to tell from another place of the camera."


def test_a_live_camera_that_was_not_moved_shows_smaller_changes() -> None:
    turned = [
        replace(run, view=replace(run.view, camera=CameraView(yaw_deg=yaw_deg)))
        for run, yaw_deg in ((session_of(92.0, 3), 5.0), (session_of(95.0), 7.0), (session_of(95.0), 15.0))
    ]

    assert better(turned[1], turned[:1], ENGLISH).says.startswith("Yes: 92° on 3 Nov")
    assert better(turned[2], turned[:1], ENGLISH).says.startswith("Too close to tell from another place of the camera")


def test_no_run_is_loaded_once_one_was_found() -> None:
    def runs() -> Iterator[Session]:
        yield session_of(90.0, 3)
        raise AssertionError("one was enough")

    assert better(session_of(95.0), runs(), ENGLISH).mark == "good"


def test_two_runs_of_a_day_are_told_apart() -> None:
    assert "earlier that day" in better(session_of(95.0), [session_of(90.0)], ENGLISH).says


# What next?


def programme_of(progress: Progress, now: float = TODAY, *, enabled: bool = True) -> ProgrammeState:
    return programme_state(progress, ProgrammeSettings(enabled=enabled), "steady", now)


def next_of(progress: Progress, lift_deg: float = 98.0, *, enabled: bool = True) -> Answer:
    return following(session_of(lift_deg), programme_of(progress, enabled=enabled), ENGLISH)


def test_the_programme_says_what_is_next() -> None:
    answer = next_of(Progress(3, last_day=TODAY - 2))

    assert answer.big == "Session 4 of 8"
    assert answer.says.startswith("Today or in the next days: ")
    assert "practising 4° more heel lift" in answer.says


def test_after_today_s_session_comes_a_night() -> None:
    answer = next_of(Progress(3, last_day=TODAY))

    assert answer.big == "Session 4 of 8"
    assert answer.says.startswith("Tomorrow or the day after: ")


def test_a_session_without_a_step_asks_for_nothing_new() -> None:
    assert "nothing new is asked" in next_of(Progress(3, failed=3, last_day=TODAY - 2)).says


@pytest.mark.parametrize(
    ("progress", "big", "says"),
    [
        (Progress(8), "Run freely", "All 8 sessions are done."),
        (Progress(3, paused=True), "Run freely", "coach programme resume"),
        (Progress(3, trouble=True), "Only observed", "coach programme well"),
    ],
)
def test_a_programme_that_rests_is_told(progress: Progress, big: str, says: str) -> None:
    answer = next_of(progress)

    assert answer.big == big
    assert says in answer.says


def test_without_a_programme_the_run_itself_says_what_is_next() -> None:
    assert next_of(Progress(), 98.0, enabled=False).big == "As today"
    assert "Heel up under you" in next_of(Progress(), 85.0, enabled=False).says
    assert "Relax" in next_of(Progress(), 115.0, enabled=False).says


def test_who_was_below_takes_a_cue_along_and_who_was_inside_does_not() -> None:
    below, inside = (session_of(lift, cue_times=(20.0,)) for lift in (85.0, 98.0))
    programme = programme_of(Progress(3))

    assert following(below, programme, ENGLISH).more == "Take along: “Heel up, quick and light”"
    assert following(inside, programme, ENGLISH).more == ""
    assert remember_text(inside.summary, ENGLISH) is None
    assert inside.summary.lift.standing is Standing.INSIDE


def test_what_could_not_be_judged_is_measured_better_first() -> None:
    programme = programme_of(Progress(3))
    blind, short = SessionBuilder(CAMERA).finish(), session_of(95.0, duration_s=8.0)

    assert following(blind, programme, ENGLISH).big == "A better look"
    assert "at least a minute" in following(short, programme, ENGLISH).says
    unjudged = session_of(95.0, belt=None, band=None)
    assert "--height" in following(unjudged, programme, ENGLISH).says
    told_by_hand = tuple(replace(s, value="typed") if s.key == "speed.trust" else s for s in unjudged.settings)
    assert "--height" not in following(replace(unjudged, settings=told_by_hand), programme, ENGLISH).says
    assert following(short, programme, ENGLISH).more.startswith("Session 4 of 8: ")


def test_who_was_hurt_rests() -> None:
    builder = SessionBuilder(CAMERA)
    for update in kept.run(60.0, 25.0):
        builder.add(update)
    builder.event(50.0, "hurts")

    answer = following(builder.finish(), programme_of(Progress(3)), ENGLISH)
    assert answer.big == "Rest"
    assert "no more coaching today" in answer.says


# On the page


@pytest.mark.parametrize(
    ("before_deg", "lift_deg", "duration_s", "bigs", "says"),
    [
        (85.0, 95.0, 90.0, ("95°", "+10°", "Session 2 of 8"), ("inside your band", "Yes: 85° on 3 Nov, 95° now")),
        (95.0, 95.0, 90.0, ("95°", "=", "Session 2 of 8"), ("inside your band 92–107°", "The same: 95° on 3 Nov")),
        (95.0, 85.0, 90.0, ("85°", "−10°", "Session 2 of 8"), ("7° below your band 92–107°", "Not this time: 95°")),
        (95.0, 85.0, 8.0, ("85°", "–", "A better look"), ("too few for a verdict", "Too few trusted strides")),
        (None, 95.0, 90.0, ("95°", "–", "Session 2 of 8"), ("inside your band 92–107°", "nothing to compare with yet")),
    ],
    ids=["improved", "same", "worse", "too little", "first run"],
)
def test_the_three_answers_stand_first_on_the_page(
    before_deg: float | None, lift_deg: float, duration_s: float, bigs: tuple[str, ...], says: tuple[str, ...]
) -> None:
    earlier = [] if before_deg is None else [session_of(before_deg, 3)]
    session = session_of(lift_deg, duration_s=duration_s, scatter_deg=0.2)
    page = session_page(session, ENGLISH, earlier=earlier, programme=programme_of(Progress(1, last_day=TODAY)))

    assert tuple(answer.big for answer in page.answers) == bigs
    assert [said in answer.says for said, answer in zip(says, page.answers, strict=False)] == [True, True]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (CAMERA, "Run, Thursday 5 November 2026, 18:00"),
        (SourceFacts("demo", "demo", 640, 480), "Demo, Thursday 5 November 2026, 18:00"),
        (SourceFacts("video", "garage run.mp4", 640, 480), "garage run, Thursday 5 November 2026, 18:00"),
    ],
)
def test_a_title_says_what_and_when(source: SourceFacts, title: str) -> None:
    assert session_page(session_of(95.0, source=source), ENGLISH).title == title


def test_runs_are_held_against_the_last_of_their_kind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(session_of(80.0, 4, source=SourceFacts("demo", "demo", 640, 480)))
    store.keep(session_of(90.0, 3))
    store.keep(session_of(95.0, 5))
    store.keep(session_of(99.0, 2))  # an older run, kept last

    pages = {n: written_report(str(n), tmp_path, Settings()).read_text("utf-8") for n in (3, 4)}

    assert "90° on 3 Nov, 95° now" in pages[3]
    assert "nothing to compare with yet" in pages[4]
    assert math.isfinite(store.load(1).summary.lift.lift_deg)
