"""When the coach keeps silent and why; two legs, safety and the programme in a running session."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.coach_settings import (
    CueSettings,
    ProgrammeSettings,
    SessionSettings,
)
from coach.core.coaching.coaching import Hold, Stage
from coach.core.coaching.cues import CueKind
from coach.core.gait import Activity
from coach.core.gait.quality import Trust
from coach.core.speed.belt_speed import SpeedOrigin
from tests.coached_session import BEGUN, FREE, LOW, Session, coached
from tests.virtual_runner import stride_at

# Silence with a reason: each of these forbids a cue that would come otherwise


def silent(session: Session, hold: Hold, deg: float = 80.0) -> None:
    """Low heels for two minutes, and no word about them."""
    assert LOW not in session.run(120, deg)
    assert session.now.hold is hold


def test_no_cue_without_trust() -> None:
    session = coached()
    session.trust = Trust.UNSURE
    silent(session, Hold.UNSURE)
    assert session.now.lift is None


def test_no_cue_on_rejected_strides() -> None:
    session = coached()
    session.rejected = True

    assert session.run(120, deg=80.0) == []
    assert session.now.lift is None


def test_no_cue_and_no_target_without_a_speed() -> None:
    session = coached()
    session.speed_mps = None
    silent(session, Hold.SPEED_UNKNOWN)
    assert session.now.target is None
    assert session.now.lift is not None
    assert session.now.lift.zone is None


def test_no_cue_on_a_belt_that_stands() -> None:
    session = coached()
    session.speed_mps = 0.0
    silent(session, Hold.SPEED_UNKNOWN)


@pytest.mark.parametrize("activity", [Activity.WALKING, Activity.STANDING, Activity.AWAY])
def test_no_cue_unless_running(activity: Activity) -> None:
    session = coached()
    session.activity = activity
    silent(session, Hold.NOT_RUNNING)


def test_no_cue_during_a_change_of_speed_and_fresh_windows_after_it() -> None:
    session = coached()
    assert session.run(6, deg=85.0) == []
    session.speed_mps = 3.3

    assert session.run(5, deg=85.0) == []
    assert session.now.hold is Hold.SPEED_CHANGED
    assert session.run(11, deg=85.0) == []
    assert LOW in session.run(15, deg=85.0)


def test_after_a_change_of_speed_the_number_is_back_within_seconds() -> None:
    session = coached()
    session.speed_mps = 3.3
    session.run(3.5, deg=99.0)

    assert session.now.hold is Hold.SPEED_CHANGED
    assert session.now.lift is not None
    assert session.now.lift.mean_deg == pytest.approx(99.0, abs=1)


def test_small_corrections_of_the_speed_do_not_interrupt() -> None:
    session = coached()
    session.run(6, deg=85.0)
    session.speed_mps = 3.05

    assert session.run(7, deg=85.0) == [LOW]


def test_the_band_does_not_flicker_with_a_speed_that_was_read_from_the_picture() -> None:
    session = coached()
    session.origin = SpeedOrigin.VIDEO
    bands = set()
    for speed_mps in (3.0, 2.98, 3.02, 2.99):
        session.speed_mps = speed_mps
        session.run(1.0)
        bands.add(session.now.target)

    assert len(bands) == 1


def test_a_typed_speed_that_the_feet_contradict_is_doubted() -> None:
    """Nobody pressed + when the belt was sped up: the band would be that of another pace."""
    session = Session()
    session.seen_ll_s = 3.0 / 0.85
    session.run(60)
    session.seen_ll_s = 4.0 / 0.85

    assert session.run(60, deg=125.0) == []
    assert session.now.hold is Hold.SPEED_DOUBTED
    assert session.now.target is None
    assert session.now.lift is not None
    assert session.now.lift.zone is None

    session.speed_mps = 4.0
    session.run(10, deg=107.0)
    assert session.now.hold is None


def test_a_new_typed_speed_that_the_feet_confirm_is_not_doubted() -> None:
    session = Session()
    session.seen_ll_s = 3.0 / 0.85
    session.run(60)
    session.speed_mps, session.seen_ll_s = 3.5, 3.5 / 0.85

    session.run(10)

    assert session.now.hold is None


def test_no_more_lift_is_asked_when_cadence_has_fallen() -> None:
    session = coached()
    session.cadence = 160.0
    silent(session, Hold.CADENCE_FELL)


def test_a_runner_who_keeps_the_cadence_at_a_faster_speed_is_not_held_back_for_it() -> None:
    session = coached()
    session.speed_mps = 4.0
    session.run(10, deg=107.0)

    assert session.now.hold is None


def test_no_more_lift_is_asked_when_bounce_has_risen() -> None:
    session = coached()
    session.bounce_ll = 0.101
    silent(session, Hold.BOUNCE_ROSE)


def test_relaxing_is_advised_even_then() -> None:
    session = coached()
    session.bounce_ll = 0.12

    assert CueKind.HEEL_LIFT_HIGH in session.run(30, deg=120.0)


def test_paused_nothing_is_said_and_the_clocks_stand_still() -> None:
    session = Session(FREE)
    session.run(60)
    session.coaching.pause(session.t_s, paused=True)
    session.position_ll = -0.8

    assert session.run(300, deg=70.0) == []
    assert session.now.hold is Hold.PAUSED
    assert session.now.stage_remaining_s == pytest.approx(60, abs=2)

    session.position_ll = 0.0
    session.coaching.pause(session.t_s, paused=False)
    session.run(50)
    assert session.now.stage is Stage.WARM_UP


def test_after_a_pause_both_windows_are_fresh() -> None:
    session = coached()
    assert session.run(6, deg=85.0) == []
    session.coaching.pause(session.t_s, paused=True)
    session.coaching.pause(session.t_s, paused=False)

    assert session.run(10, deg=85.0) == []
    assert session.run(4, deg=85.0) == [LOW]


# Two legs


def test_a_stride_that_began_in_a_pause_is_neither_kept_nor_shown() -> None:
    session = coached()
    session.coaching.pause(session.t_s, paused=True)
    session.run(10, deg=120.0)
    session.coaching.pause(session.t_s + 0.3, paused=False)
    session.run(0.8, deg=120.0)

    session.run(3, deg=95.0)

    assert session.now.lift is not None
    assert session.now.lift.mean_deg == pytest.approx(95.0, abs=0.5)


def test_a_far_leg_that_is_not_trusted_is_not_coached() -> None:
    session = coached()
    session.far_deg = 70.0

    assert session.run(120) == []


def test_the_far_leg_needs_a_baseline_of_its_own() -> None:
    session = coached()
    session.far_deg, session.far_trusted = 70.0, True

    assert session.run(120) == []


def two_legged() -> Session:
    session = Session()
    session.far_deg, session.far_trusted = 95.0, True
    session.run(40)
    return session


def test_a_trusted_far_leg_is_coached_too() -> None:
    session = two_legged()
    session.far_deg = 88.0

    assert session.run(20) == [LOW]


def test_the_runner_chooses_the_leg() -> None:
    session = two_legged()
    session.coaching.coach_side("right")
    session.far_deg = 88.0
    assert session.run(60) == []

    session.coaching.coach_side("left")
    assert LOW in session.run(30)
    assert session.now.lift is not None
    assert session.now.lift.side == "left"


def test_a_new_difference_between_the_legs_is_named() -> None:
    session = two_legged()
    session.far_deg = 108.0

    assert session.run(30) == [CueKind.SIDE_RIGHT]


def test_nor_is_the_lower_leg_asked_for_more_while_more_lift_would_be_bought() -> None:
    session = two_legged()
    session.bounce_ll = 0.11
    session.far_deg = 108.0

    assert session.run(120) == []
    assert session.now.hold is Hold.BOUNCE_ROSE


def test_up_to_9_degrees_a_difference_is_not_named() -> None:
    session = two_legged()
    session.far_deg = 103.0

    assert session.run(300) == []


# Safety


def test_who_drifts_to_the_rear_of_the_belt_is_called_forward_in_every_stage() -> None:
    session = Session(FREE)
    session.run(30)
    session.position_ll = -0.6

    assert session.run(60) == [CueKind.STEPPED_BACK]
    session.position_ll = 0.0
    session.run(5)
    session.position_ll = -0.6
    assert session.run(10) == [CueKind.STEPPED_BACK]


def test_stepping_off_is_not_drifting() -> None:
    session = Session(FREE)
    session.run(30)
    cues = []
    for position_ll in (-0.4, -0.8, -1.2, -1.6, -2.0):
        session.position_ll = position_ll
        cues += session.run(0.6)

    assert cues == []


def test_outside_there_is_no_belt_to_fall_off() -> None:
    session = Session(replace(FREE, session=SessionSettings(mode="overground")))
    session.run(30)
    session.position_ll = -0.6

    assert session.run(60) == []


# The programme


def test_in_a_block_without_feedback_there_is_silence() -> None:
    settings = replace(BEGUN, programme=ProgrammeSettings(feedback_pct=(0.0, 0.0)))
    session = coached(settings)
    silent(session, Hold.UNFED)


def test_a_line_every_five_minutes_if_wished() -> None:
    session = Session(replace(FREE, cues=CueSettings(spoken_every_min=5)))

    assert session.run(1000).count(CueKind.STATUS) == 3


@pytest.mark.parametrize(
    ("every_min", "minutes"), [(0.5, "12345"), (1.0, "12345"), (1.5, "134"), (2.5, "25"), (0.3, "12345")]
)
def test_only_minutes_that_have_passed_are_told_and_each_once(every_min: float, minutes: str) -> None:
    session, told = Session(replace(FREE, cues=CueSettings(spoken_every_min=every_min))), []
    while session.t_s < 330:
        session.t_s += 120 / session.cadence
        told += [(cue, session.t_s) for cue in session.step(95.0).cues if cue.kind is CueKind.STATUS]

    assert "".join(dict(cue.values)["minutes"] for cue, _ in told) == minutes
    assert all(60 * int(dict(cue.values)["minutes"]) <= t_s for cue, t_s in told)
    assert [cue.words for cue, _ in told] == ["status_one" if one == "1" else "" for one in minutes]


# Bookkeeping


def test_strides_are_kept_with_the_speed_and_the_target_that_held() -> None:
    session = coached()
    strides = (stride_at(session.t_s, 95.0), stride_at(session.t_s, 95.0, side="left", near=False))

    near, far = session.coaching.coached(strides)

    target = session.now.target
    assert target is not None
    assert near.speed_mps == 3.0
    assert (near.target_low_deg, near.target_deg, near.target_high_deg) == (
        target.low_deg,
        target.target_deg,
        target.high_deg,
    )
    assert near.stage is Stage.COACHING
    assert math.isnan(far.target_deg)


def test_before_the_runner_is_seen_there_is_nothing_to_say() -> None:
    session = Session()
    session.near = None

    assert session.run(60, deg=60.0) == []
    assert session.now.target is None
    assert session.now.lift is None
