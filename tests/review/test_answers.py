"""The three answers at the head of a page, for runs that are known: improved, same, worse, too little, the first."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coach.app.kept_sessions import written_report
from coach.core.coach_settings import ProgrammeSettings
from coach.core.coaching.cues import CueKind
from coach.core.coaching.programme import Extent, ProgrammeState, Progress, programme_state
from coach.core.coaching.stride_record import Stage
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.session.summary import Standing
from coach.edges.store import Store
from coach.review.answers import Answer, better, enough, following, reasons
from coach.review.history_page import at_a_glance
from coach.review.sentences import remember_text
from coach.review.session_page import session_page
from coach.settings import Settings
from tests import kept
from tests.review.answered import CAMERA, ENGLISH, session_of
from tests.review.test_pages import of_day

TODAY = 20_000.0
"""A day of the programme."""


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


def test_a_mean_inside_the_band_is_no_tick_where_most_strides_were_outside_theirs() -> None:
    """Two minutes 4° below the floor of a fast belt, one amid the band of a slow one: the mean lies inside the mean."""
    slow, fast = kept.BAND, replace(kept.BAND, low_deg=102.0, target_deg=107.0, high_deg=117.0)
    builder = SessionBuilder(CAMERA)
    for update in kept.run(180.0, 15.0, peak_deg=lambda t_s: 106.0 if t_s < 60.0 else 98.0, cue_times=(100.0, 140.0)):
        band = slow if update.t_s < 60.0 else fast
        strides = (
            replace(s, target_low_deg=band.low_deg, target_deg=band.target_deg, target_high_deg=band.high_deg)
            for s in update.strides
        )
        builder.add(replace(update, strides=tuple(strides)))
    run = builder.finish()

    answer, coming = enough(run, ENGLISH), following(run, None, ENGLISH)

    assert answer.says == "inside your band 99–114° on average, but most strides were outside it"
    assert answer.mark == "plain"
    assert (coming.big, coming.says) == ("One cue", "Take along: “Heel up, quick and light”")


@pytest.mark.parametrize(("before_deg", "big"), [(84.0, "+18°"), (106.0, "−4°"), (120.0, "−18°")])
def test_where_most_strides_lay_outside_the_band_the_mean_makes_the_run_neither_better_nor_worse(
    before_deg: float, big: str
) -> None:
    scattered = session_of(102.0, duration_s=180.0, scatter_deg=48.0)
    assert scattered.summary.lift.leans is Standing.ABOVE

    answer = better(scattered, [session_of(before_deg, 3, scatter_deg=0.2)], ENGLISH, "metric")

    assert (answer.big, answer.mark) == (big, "plain")
    assert answer.says == f"{before_deg:.0f}° on 3 Nov, 102° now, but most strides were outside your band."


def test_a_run_without_a_stride_and_without_a_reason_is_told_what_to_do_next() -> None:
    coming = following(SessionBuilder(CAMERA).finish(), None, ENGLISH)

    assert (coming.big, coming.says) == (
        "A better look",
        "Run for at least a minute in one go, whole body in the picture.",
    )


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


def test_a_session_that_comes_again_says_what_the_last_one_lacked() -> None:
    short = replace(Progress(3, last_day=TODAY - 2), uncounted=Extent(TODAY, 20.0, 9.5, 9.0))

    assert next_of(short).says.endswith(
        "Your last practice does not count: it ran 9 of its 20 minutes, and 10 are needed."
    )
    away = next_of(replace(short, sessions_done=7, last_day=TODAY - 30)).says
    assert ("count" in away, "two weeks away" in away) == (False, True)
    (alone,) = reasons(programme_state(short, ProgrammeSettings(), "steady", TODAY, room_deg=2.0), ENGLISH)
    assert alone.startswith("Your last"), "and not the ceiling, too: on a tall window both have no room"


def test_after_today_s_session_comes_a_night() -> None:
    answer = next_of(Progress(3, last_day=TODAY))

    assert answer.big == "Session 4 of 8"
    assert answer.says.startswith("Tomorrow or the day after: ")


def test_a_session_without_a_step_asks_for_nothing_new() -> None:
    assert "nothing new is asked" in next_of(Progress(3, failed=3, last_day=TODAY - 2)).says


def test_next_after_a_month_is_a_session_that_comes_again() -> None:
    assert next_of(Progress(7, last_day=TODAY - 30)).says.endswith("it begins again with full feedback.")
    assert "again" not in next_of(Progress(7, last_day=TODAY - 2)).says


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
    assert remember_text(inside, ENGLISH) is None
    assert inside.summary.lift.standing is Standing.INSIDE


def fading(last_deg: float, *channels: str, praised: bool = False) -> Session:
    """Two minutes amid the band and one at the end at another lift, in which it is cued; the mean stays inside."""
    builder = SessionBuilder(CAMERA)
    for update in kept.run(
        180.0, 15.0, peak_deg=lambda t_s: 104.0 if t_s < 120 else last_deg, cue_times=(130.0, 150.0)
    ):
        builder.add(update)
        for cue in update.cues if channels else ():
            builder.delivered(cue, *channels)
    if praised:
        builder.cues.append(replace(builder.cues[-1], t_s=160.0, kind=CueKind.RECOVERED))
    return builder.finish()


def test_a_run_inside_its_band_that_ended_below_it_unanswered_does_not_end_with_as_today() -> None:
    dragged, answered = fading(86.0, "speech"), fading(97.0, "speech")
    assert dragged.summary.lift.standing is answered.summary.lift.standing is Standing.INSIDE

    free, programme = following(dragged, None, ENGLISH), following(dragged, programme_of(Progress(3)), ENGLISH)

    assert free.big == "One cue"
    assert free.says == "The last cue was not answered before the end. Take along: “Heel up, quick and light”"
    assert programme.more == free.says
    assert following(answered, None, ENGLISH).big == "As today"


def test_a_cue_that_nobody_heard_or_that_was_praised_is_not_told_as_unanswered() -> None:
    for run in (fading(86.0), fading(86.0, "speech", praised=True)):
        assert following(run, None, ENGLISH).says == "Take along: “Heel up, quick and light”"


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


@pytest.mark.parametrize("enabled", [True, False])
def test_on_a_day_that_hurt_every_run_of_it_says_to_rest_and_none_to_run_longer(enabled: bool) -> None:
    programme = programme_state(Progress(3).hurt(TODAY), ProgrammeSettings(enabled=enabled), "steady", TODAY + 0.2)

    for session in (session_of(98.0), session_of(85.0), session_of(95.0, duration_s=8.0)):
        answer = following(session, programme, ENGLISH)
        key = "answer.hurt" if enabled else "answer.hurt_free"
        assert (answer.big, answer.says, answer.more) == ("Rest", ENGLISH.line(key), "")
    glance = at_a_glance([of_day("2026-01-05", 1)], None, programme, date(2026, 1, 5), ENGLISH)[-1]
    assert glance.big == "Rest"
    assert ("3 of 8" in glance.more) is enabled


def test_where_no_step_was_held_or_asked_none_is_said_to_be_taken_back() -> None:
    hurting = SessionBuilder(CAMERA)
    for update in kept.run(60.0, 25.0):
        hurting.add(update)
    hurting.event(50.0, "hurts")
    states = {
        "no programme": (None, False),
        "free": (programme_of(Progress().hurt(TODAY), enabled=False), False),
        "free, one of two steps held": (programme_of(Progress(held_deg=8.0).hurt(TODAY), enabled=False), True),
        "observed": (programme_of(replace(Progress(held_deg=8.0), trouble=True).hurt(TODAY)), False),
        "practising": (programme_of(Progress().hurt(TODAY)), True),
    }

    said = {name: following(hurting.finish(), state, ENGLISH).says for name, (state, _) in states.items()}

    assert {name: "one step less" in text for name, text in said.items()} == {
        n: less for n, (_, less) in states.items()
    }


def test_who_was_hurt_rests_and_no_mark_and_no_cue_asks_for_more() -> None:
    builder = SessionBuilder(CAMERA)
    for update in kept.run(60.0, peak_deg=lambda _t_s: 85.0):
        builder.add(update)
    assert enough(builder.finish(), ENGLISH).mark == "below"
    assert remember_text(builder.finish(), ENGLISH)
    builder.event(50.0, "hurts")
    session = builder.finish()
    answer = following(session, programme_of(Progress(3)), ENGLISH)
    assert (answer.big, "no more coaching today" in answer.says) == ("Rest", True)
    assert (enough(session, ENGLISH).mark, remember_text(session, ENGLISH)) == ("plain", None)


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
    page = session_page(
        session, ENGLISH, "metric", earlier=earlier, programme=programme_of(Progress(1, last_day=TODAY))
    )

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
    assert session_page(session_of(95.0, source=source), ENGLISH, "metric").title == title


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
