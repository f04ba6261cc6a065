"""Better than last time? Only of two runs that can be held against each other, and where the runner surely changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from coach.core.gait.camera_view import CameraView
from coach.core.session.session import Session, SourceFacts
from coach.review.answers import better
from coach.review.side_by_side import compare_page
from tests import kept
from tests.review.answered import CAMERA, ENGLISH, READ_ONCE, session_of


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
    answer = better(session_of(after_deg), [session_of(before_deg, 3)], ENGLISH, "metric")

    assert (answer.big, answer.says, answer.mark) == (big, says, mark)
    assert "95 % interval" in answer.caveat
    assert "95 %" not in answer.says


def test_the_change_adds_up_with_the_angles_beside_it() -> None:
    answer = better(session_of(99.6, scatter_deg=0.2), [session_of(95.4, 3, scatter_deg=0.2)], ENGLISH, "metric")

    assert (answer.big, answer.says) == ("+5°", "Yes: 95° on 3 Nov, 100° now.")


FORM: dict[str, Any] = {
    "thigh_at_peak_deg": 19.0,
    "cadence_spm": 170.0,
    "vertical_oscillation_ll": 0.1,
    "foot_ahead_ll": 0.24,
    "trunk_lean_deg": 7.0,
}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"thigh_at_peak_deg": 12.0}, "a heel flicked up behind"),
        ({"cadence_spm": 153.0}, "slower steps"),
        ({"vertical_oscillation_ll": 0.13}, "more bounce"),
        ({"foot_ahead_ll": 0.30}, "a foot that lands farther ahead"),
        ({"trunk_lean_deg": 14.0}, "a trunk that leans more"),
    ],
)
def test_a_rise_that_was_bought_is_no_better_here_than_side_by_side(changed: dict[str, Any], what: str) -> None:
    before, folded, bought = (
        replace(session, strides=tuple(replace(kept, **FORM | more) for kept in session.strides))
        for session, more in ((session_of(90.0, 3), {}), (session_of(95.0), {}), (session_of(95.0), changed))
    )
    answer = better(bought, [before], ENGLISH, "metric")

    assert (answer.big, answer.mark) == ("+5°", "plain")
    assert answer.says == f"Higher, but bought with {what}: 90° on 3 Nov, 95° now."
    assert f"bought with {what}" in compare_page(before, bought, ENGLISH, "metric").headline
    assert better(folded, [before], ENGLISH, "metric").mark == "good"


def test_what_may_be_chance_is_called_so() -> None:
    loose = {"scatter_deg": 60.0, "duration_s": 30.0}
    answer = better(session_of(95.0, **loose), [session_of(94.0, 3, **loose)], ENGLISH, "metric")

    assert answer.big == "≈"
    assert answer.says.startswith("Too close to tell from chance")


def test_the_first_run_has_nothing_to_compare_with() -> None:
    answer = better(session_of(95.0), [], ENGLISH, "metric")

    assert (answer.big, answer.mark) == ("–", "plain")
    assert answer.says == "There is nothing to compare with yet. Your next run will tell."


def test_too_little_is_not_compared() -> None:
    assert (
        "Too few trusted strides"
        in better(session_of(95.0, duration_s=8.0), [session_of(90.0, 3)], ENGLISH, "metric").says
    )


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

    assert why in better(session, [last], ENGLISH, "metric").says
    assert better(session, [last, older], ENGLISH, "metric").says == "Yes: 90° on 1 Nov, 95° now."


def test_a_run_whose_speed_nobody_knew_is_not_said_to_have_had_another() -> None:
    known, unknown = session_of(95.0), session_of(90.0, 3, belt=None, band=None)

    for before, after in ((unknown, known), (known, unknown)):
        assert "The belt speed of one of the two is not known" in better(after, [before], ENGLISH, "metric").says
        assert "of one of the two runs is not known" in compare_page(before, after, ENGLISH, "metric").headline


def test_side_by_side_says_so_too() -> None:
    once, twice = session_of(95.0), session_of(90.0, 3, pose=replace(READ_ONCE, effort="accurate"))

    assert "read in different ways" in compare_page(once, twice, ENGLISH, "metric").headline
    assert "read in different ways" not in compare_page(once, session_of(90.0, 3), ENGLISH, "metric").headline


def test_a_run_that_does_not_tell_how_it_was_read_may_be_compared() -> None:
    before = session_of(90.0, 3, pose=replace(READ_ONCE, effort="auto"))

    assert better(session_of(95.0), [before], ENGLISH, "metric").says.startswith("Yes")


def clip_of(lift_deg: float, day: int, shared_sd_deg: float = 1.2) -> Session:
    """A clip of whose peaks so much is said to be the camera's place."""
    session = session_of(lift_deg, day, source=SourceFacts("video", f"{day}.mp4", 640, 480))
    strides = (replace(kept, peak_knee_flexion_shared_sd_deg=shared_sd_deg) for kept in session.strides)
    return replace(session, strides=tuple(strides), summary=replace(session.summary, near_shared_sd_deg=shared_sd_deg))


def test_two_clips_of_one_runner_may_be_compared() -> None:
    assert better(clip_of(95.0, 5), [clip_of(90.0, 3)], ENGLISH, "metric").says.startswith("Yes")


def test_two_clips_differ_only_by_more_than_two_places_of_a_camera_do() -> None:
    answer = better(clip_of(95.0, 5), [clip_of(92.0, 3)], ENGLISH, "metric")

    assert answer.big == "≈"
    assert answer.says == "Too close to tell from another place of the camera: 92° on 3 Nov, 95° now."
    assert "Most of that width is where the camera stood" in answer.caveat
    told = compare_page(clip_of(92.0, 3), clip_of(95.0, 5), ENGLISH, "metric").headline
    assert told == "Your heel lift was 92° and 95°: too close to tell from another place of the camera."


def test_a_live_camera_that_was_not_moved_shows_smaller_changes() -> None:
    turned = [
        replace(run, view=replace(run.view, camera=CameraView(yaw_deg=yaw_deg)))
        for run, yaw_deg in ((session_of(92.0, 3), 5.0), (session_of(95.0), 7.0), (session_of(95.0), 15.0))
    ]

    assert better(turned[1], turned[:1], ENGLISH, "metric").says.startswith("Yes: 92° on 3 Nov")
    assert better(turned[2], turned[:1], ENGLISH, "metric").says.startswith(
        "Too close to tell from another place of the camera"
    )


def test_no_run_is_loaded_once_one_was_found() -> None:
    def runs() -> Iterator[Session]:
        yield session_of(90.0, 3)
        raise AssertionError("one was enough")

    assert better(session_of(95.0), runs(), ENGLISH, "metric").mark == "good"


def test_two_runs_of_a_day_are_told_apart() -> None:
    assert "earlier that day" in better(session_of(95.0), [session_of(90.0)], ENGLISH, "metric").says


def test_why_a_hill_is_not_compared_is_told() -> None:
    hill = session_of(101.0)
    hill = replace(hill, strides=tuple(replace(stride, incline_pct=8.0) for stride in hill.strides))
    level = session_of(95.0, 3)

    answer, page = better(hill, [level], ENGLISH, "metric"), compare_page(level, hill, ENGLISH, "metric")

    assert answer.big == "–"
    assert answer.says.startswith("The run on 3 Nov was on another incline, which changes how the knee bends")
    assert page.headline.startswith("The two runs were on different inclines")
