"""The set-up check: ticks what is right, says in a number and a remedy what is not, and goes on by itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coach.core.gait import View
from coach.core.gait.camera_view import CameraView
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.notices import NoticeKind
from coach.core.pose import Pose
from coach.core.setup.setup_check import (
    BEGINS_ANYWAY,
    FULL_STRIDE_S,
    LENIENT_AFTER_S,
    READY_AFTER_S,
    PictureStats,
    SetupCheck,
    SetupItem,
    SetupResult,
    SetupState,
    Verdict,
)
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.units import FloatArray
from coach.languages import load_words
from tests.core import movers
from tests.core.before_the_camera import FPS, GOOD, Figure, runner

PICTURE = PictureStats(1280, 720, measured_fps=29.9, brightness=110.0, sharpness=0.2)
BELT = BeltSpeed(2.8, SpeedOrigin.TYPED)


def watch(
    check: SetupCheck,
    seconds: float = 3.0,
    start_s: float = 0.0,
    picture: PictureStats = PICTURE,
    belt: BeltSpeed | None = BELT,
    unheard: NoticeKind | None = None,
    figure: Figure = GOOD,
) -> list[SetupState]:
    """The check's states while it watches a runner."""
    times = start_s + np.arange(0, seconds, 1 / FPS)
    return [check.step(float(t), runner(float(t), figure), None, picture, belt, unheard) for t in times]


def verdicts(state: SetupState) -> dict[SetupItem, Verdict]:
    return {result.item: result.verdict for result in state.items}


def test_a_good_picture_is_ticked_item_by_item_and_goes_on_by_itself() -> None:
    states = watch(SetupCheck(), seconds=1.0 + READY_AFTER_S)
    assert set(verdicts(states[-1]).values()) == {Verdict.OK}
    assert tuple(verdicts(states[-1])) == tuple(SetupItem)
    assert not states[0].done
    assert states[-1].done
    measured = {r.item: r.value for r in states[-1].items}
    assert measured[SetupItem.SIZE] == pytest.approx(240, rel=0.25)
    assert measured[SetupItem.LIGHT] == 29.9
    assert measured[SetupItem.SPEED] == 2.8


@pytest.mark.parametrize(
    ("yaw_deg", "sd_deg", "told", "verdict"),
    [
        (18.0, 3.0, "ahead", Verdict.OK),
        (-30.0, 3.0, "behind", Verdict.OK),
        (4.0, 3.0, "", Verdict.OK),
        (18.0, 9.0, "", Verdict.OK),
        (41.0, 3.0, "", Verdict.MEND),
    ],
)
def test_an_oblique_camera_is_told_as_corrected_once_it_surely_is(
    yaw_deg: float, sd_deg: float, told: str, verdict: Verdict
) -> None:
    tracker, check = GaitTracker(), SetupCheck(corrects=True)
    view = View("right", CameraView(yaw_deg, 5.0, 0.0, sd_deg, 2.0, 2.0))
    for t_s in np.arange(0, 3, 1 / FPS):
        pose = runner(float(t_s))
        gait = tracker.step(pose.t_s, pose)._replace(view=view)
        state = check.step(pose.t_s, pose, gait, PICTURE, BELT, None)
    side_on = next(result for result in state.items if result.item is SetupItem.SIDE_ON)
    assert (side_on.verdict, side_on.told) == (verdict, told)
    if sd_deg < 5:
        assert side_on.value == pytest.approx(abs(yaw_deg))


def test_until_legs_move_the_trunk_says_how_far_the_camera_is_turned() -> None:
    oblique = Figure(turned_deg=30.0)
    corrected = watch(SetupCheck(corrects=True), figure=oblique)[-1]
    uncorrected = watch(SetupCheck(), figure=oblique)[-1]
    assert verdicts(corrected)[SetupItem.SIDE_ON] is Verdict.OK
    assert verdicts(uncorrected)[SetupItem.SIDE_ON] is Verdict.MEND


def test_nothing_is_said_before_a_full_stride_was_seen() -> None:
    states = watch(SetupCheck(), seconds=0.5)
    assert verdicts(states[-1])[SetupItem.WHOLE_BODY] is Verdict.WAITING
    assert math.isnan(states[-1].starts_in_s)


def test_nobody_on_the_belt() -> None:
    check = SetupCheck()
    states = [check.step(i / FPS, None, None, PICTURE, BELT, None) for i in range(60)]
    first = states[-1].first_to_mend
    assert first is not None
    assert (first.item, first.value, first.remedy) == (SetupItem.RUNNER, 0.0, "remedy.step_on")
    assert verdicts(states[-1])[SetupItem.SIDE_ON] is Verdict.WAITING
    assert not states[-1].done


def seen_now_and_then(seen_share: float, figure: Figure, seconds: float = 3.0) -> list[SetupState]:
    """The check's states where the network finds the runner in a share of the pictures only."""
    check, states = SetupCheck(), []
    for i, t_s in enumerate(np.arange(0, seconds, 1 / FPS).tolist()):
        is_seen = (i * seen_share) % 1 < seen_share
        states.append(check.step(t_s, runner(t_s, figure) if is_seen else None, None, PICTURE, BELT, None))
    return states


@pytest.mark.parametrize("seen_share", [0.3, 0.46, 0.78, 0.82])
def test_whoever_is_cut_off_is_told_so_and_not_to_step_on_the_belt(seen_share: float) -> None:
    states = seen_now_and_then(seen_share, Figure(leg_px=420.0))
    assert {state.say for state in states if state.say} == {"screen.remedy.whole_body"}
    assert not states[-1].done


@pytest.mark.parametrize(("seen_share", "figure"), [(0.5, GOOD), (0.1, Figure(leg_px=420.0))])
def test_whoever_is_whole_or_hardly_there_is_asked_onto_the_belt(seen_share: float, figure: Figure) -> None:
    first = seen_now_and_then(seen_share, figure)[-1].first_to_mend
    assert first is not None
    assert first.remedy == "remedy.step_on"


def test_whoever_is_still_not_found_hears_what_else_it_may_be() -> None:
    check = SetupCheck()
    states = [check.step(i / FPS, None, None, PICTURE, BELT, None) for i in range(round(30 * FPS))]
    assert [state.say for state in states if state.say] == [
        "screen.remedy.step_on",
        "screen.remedy.whole_body",
        "screen.remedy.step_on",
    ]


@pytest.mark.parametrize("lies", [movers.upside_down, movers.on_its_side])
def test_a_turned_picture_is_the_one_thing_to_mend(lies: Callable[[float], FloatArray]) -> None:
    """Size, place and level of a body that lies say nothing of how the camera should stand."""
    check = SetupCheck()
    times_s = np.arange(0, 3, 1 / FPS).tolist()
    states = [check.step(t, Pose(t, lies(t), np.ones(13)), None, PICTURE, BELT, None) for t in times_s]

    assert [(r.item, r.remedy) for r in states[-1].items if r.verdict is Verdict.MEND] == [
        (SetupItem.RUNNER, "remedy.upright")
    ]
    assert {state.say for state in states} == {None, "screen.remedy.upright"}
    assert not states[-1].done


@pytest.mark.parametrize(
    ("figure", "item", "remedy"),
    [
        (Figure(turned_deg=40.0), SetupItem.SIDE_ON, "remedy.side_on"),
        (Figure(leg_px=80.0), SetupItem.SIZE, "remedy.closer"),
        (Figure(leg_px=420.0), SetupItem.WHOLE_BODY, "remedy.whole_body"),
        (Figure(roll_deg=12.0), SetupItem.LEVEL, "remedy.level"),
    ],
)
def test_a_camera_that_stands_wrong_is_told_what_to_do(figure: Figure, item: SetupItem, remedy: str) -> None:
    state = watch(SetupCheck(), figure=figure)[-1]
    wrong = [r for r in state.items if r.verdict is Verdict.MEND]
    assert [(r.item, r.remedy) for r in wrong] == [(item, remedy)]
    assert math.isfinite(wrong[0].value)


@pytest.mark.parametrize(
    ("picture", "remedy"),
    [
        (replace(PICTURE, brightness=20.0), "remedy.brighter"),
        (replace(PICTURE, measured_fps=14.8), "remedy.faster_camera"),
        (replace(PICTURE, measured_fps=10.2, analysed_fps=9.9), "remedy.faster_camera"),
        (replace(PICTURE, measured_fps=14.8, streamed=True), "remedy.faster_stream"),
        (replace(PICTURE, measured_fps=15.0, repeated_pct=50.0), "remedy.repeats"),
        (replace(PICTURE, sharpness=0.001), "remedy.sharper"),
    ],
)
def test_too_little_light_shows_in_brightness_rate_or_blur(picture: PictureStats, remedy: str) -> None:
    state = watch(SetupCheck(), picture=picture)[-1]
    assert state.first_to_mend is not None
    assert state.first_to_mend.remedy == remedy
    assert not state.done


@pytest.mark.parametrize("facing", [1.0, -1.0])
def test_a_belt_that_says_how_far_it_climbs_is_no_tilted_camera(facing: float) -> None:
    climbing = Figure(facing=facing, roll_deg=facing * math.degrees(math.atan(0.15)))

    def level(figure: Figure, incline_pct: float) -> SetupResult:
        state = watch(SetupCheck(), figure=figure, belt=replace(BELT, incline_pct=incline_pct))[-1]
        return next(result for result in state.items if result.item is SetupItem.LEVEL)

    assert level(climbing, math.nan).verdict is Verdict.MEND
    assert level(climbing, 15.0).verdict is Verdict.OK
    assert abs(level(climbing, 15.0).value) < 1.5
    assert level(Figure(facing=facing), 15.0).verdict is Verdict.MEND, "a belt that climbs seen level: a tilted camera"


@pytest.mark.parametrize("belt", [None, BELT])
def test_an_incline_that_was_typed_is_known_before_any_speed_is(belt: BeltSpeed | None) -> None:
    climbing = Figure(roll_deg=math.degrees(math.atan(0.15)))
    state = watch(SetupCheck(incline_pct=15.0), figure=climbing, belt=belt)[-1]

    assert verdicts(state)[SetupItem.LEVEL] is Verdict.OK


@pytest.mark.parametrize(("facing", "side"), [(1.0, "right"), (-1.0, "left")])
def test_facing_is_known_before_the_first_stride(facing: float, side: str) -> None:
    state = watch(SetupCheck(), figure=Figure(facing=facing))[-1]
    assert next(r.word for r in state.items if r.item is SetupItem.FACING) == side


def test_without_speed_sound_and_level_it_goes_on_after_a_while() -> None:
    check = SetupCheck()
    states = watch(
        check, seconds=LENIENT_AFTER_S + 2.0, belt=None, unheard=NoticeKind.SOUND, figure=Figure(roll_deg=12.0)
    )
    assert verdicts(states[-1])[SetupItem.SPEED] is Verdict.MEND
    ready_s = next(i for i, state in enumerate(states) if state.done) / FPS
    assert LENIENT_AFTER_S < ready_s < LENIENT_AFTER_S + 2.0


def test_all_is_called_good_only_where_nothing_is_left_to_mend() -> None:
    states = watch(SetupCheck(), seconds=LENIENT_AFTER_S + 2.0, belt=None)
    assert [state.say for state in states if state.say] == ["screen.remedy.speed", BEGINS_ANYWAY]
    slow = watch(SetupCheck(), seconds=LENIENT_AFTER_S + 2.0, picture=replace(PICTURE, measured_fps=20.0))
    assert [state.say for state in slow if state.say] == ["screen.remedy.faster_camera", BEGINS_ANYWAY]


def test_a_machine_that_is_too_slow_is_not_taken_for_too_little_light_and_holds_nobody_up_for_long() -> None:
    picture = replace(PICTURE, analysed_fps=4.0)
    states = watch(SetupCheck(), seconds=LENIENT_AFTER_S + 2.0, picture=picture)
    assert [state.say for state in states if state.say] == ["screen.remedy.slow_computer", BEGINS_ANYWAY]
    assert {item.told for item in states[-1].items if item.item is SetupItem.LIGHT} == {"pictures"}
    assert states[-1].done


@pytest.mark.parametrize("ends_after_s", [1.5, 3.0, 8.0])
def test_a_runner_who_can_be_coached_is_before_the_wait_is_over(ends_after_s: float) -> None:
    states = watch(SetupCheck(ends_after_s=ends_after_s), seconds=ends_after_s, belt=None)
    ready_s = next(i for i, state in enumerate(states) if state.done) / FPS
    assert FULL_STRIDE_S <= ready_s < ends_after_s - 0.5


def test_a_camera_that_stands_wrong_holds_the_run_up_however_short_the_wait_is() -> None:
    states = watch(SetupCheck(ends_after_s=3.0), seconds=3.0, figure=Figure(leg_px=80.0))
    assert not any(state.done for state in states)


def test_where_there_is_no_key_the_remedy_for_the_speed_is_another() -> None:
    states = watch(SetupCheck(speed_remedy="remedy.speed_option"), seconds=4.0, belt=None)
    assert {state.say for state in states if state.say} == {"screen.remedy.speed_option"}


def test_a_speed_that_the_picture_will_tell_is_asked_of_nobody() -> None:
    states = watch(SetupCheck(speed_remedy=None), seconds=4.0, belt=None)
    speed = next(result for result in states[-1].items if result.item is SetupItem.SPEED)
    assert (speed.verdict, speed.remedy, speed.told) == (Verdict.OK, None, "speed_seen")
    assert {state.say for state in states if state.say} == {"screen.setup.all_good"}
    assert states[-1].done


def test_tones_without_a_voice_are_told_and_hold_nothing_up() -> None:
    states = watch(SetupCheck(), seconds=FULL_STRIDE_S + READY_AFTER_S + 1.0, unheard=NoticeKind.SPEECH)
    sound = next(result for result in states[-1].items if result.item is SetupItem.SOUND)
    assert (sound.verdict, sound.remedy, sound.told) == (Verdict.OK, None, "tones_only")
    assert states[-1].done
    assert "screen.remedy.sound" not in {state.say for state in states}


def test_what_breaks_again_starts_the_countdown_anew() -> None:
    check = SetupCheck()
    assert math.isfinite(watch(check, seconds=2.0)[-1].starts_in_s)
    gone = [check.step(2.0 + i / FPS, None, None, PICTURE, BELT, None) for i in range(60)]
    assert math.isnan(gone[-1].starts_in_s)
    again = watch(check, seconds=4.0, start_s=4.0)
    assert again[0].starts_in_s != again[0].starts_in_s
    assert again[-1].done


def test_a_key_skips_the_rest() -> None:
    check = SetupCheck()
    check.step(0.0, None, None, PICTURE, None, None)
    check.skip()
    skipped = check.step(0.1, None, None, PICTURE, None, None)
    assert skipped.done
    assert skipped.say is None, "not everything is good"


def test_a_remedy_is_spoken_once_and_again_only_after_a_while() -> None:
    states = watch(SetupCheck(), seconds=16.0, figure=Figure(turned_deg=40.0))
    said_s = [i / FPS for i, state in enumerate(states) if state.say == "screen.remedy.side_on"]
    assert len(said_s) == 2
    assert said_s[0] > 1.0
    assert said_s[1] - said_s[0] == pytest.approx(12.0, abs=0.5)


def test_the_end_is_announced() -> None:
    states = watch(SetupCheck(), seconds=4.0)
    assert [state.say for state in states if state.say] == ["screen.setup.all_good"]


def test_what_is_spoken_are_words_and_no_keys() -> None:
    lines = load_words("de")
    said = {state.say for state in watch(SetupCheck(), seconds=8.0, figure=Figure(leg_px=80.0)) if state.say}
    assert said == {"screen.remedy.closer"}
    assert all(lines.line(key) != key for key in said)


def test_every_remedy_has_at_most_five_words_in_english() -> None:
    lines = load_words("en").lines
    remedies = {key: text for key, text in lines.items() if key.startswith("screen.remedy.")}
    assert len(remedies) >= 11
    assert [text for text in remedies.values() if len(text.replace("+ ", "").split()) > 5] == []
