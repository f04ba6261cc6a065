"""The three lines that the terminal says after a run, and the page's first sentence, figure by figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coach.core.coaching.cues import CueKind
from coach.core.gait import View
from coach.core.gait.quality import RejectReason
from coach.core.session.change import over_the_run
from coach.core.session.records import KeptCue, SessionEvent, Setting
from coach.core.session.session import Session
from coach.core.session.summary import LiftInBand, Reminder, SessionSummary, Spread
from coach.languages import load_words
from coach.review import sentences
from coach.settings import Units
from tests.kept import kept_stride
from tests.review.told import run, session_of

ENGLISH = load_words("en")


def ran(**figures: Any) -> Session:
    """Forty even strides in the band of a ten-minute run; `figures` of its summary are replaced."""
    session = session_of(run(np.full(40, 98.0)))
    known: dict[str, Any] = {
        "running_s": 600.0,
        "cadence_spm": 171.4,
        "speed": replace(session.summary.speed, mean_mps=10 / 3.6),
        "peak_knee_flexion_near": Spread(97.6, 2.4, 40),
        "in_band_pct": 87.4,
    }
    return replace(session, summary=replace(session.summary, **(known | figures)))


def lines(session: Session, units: Units = "metric") -> tuple[str, str, str]:
    return sentences.summary_lines(session, units, ENGLISH)


def with_seen(session: Session, *spans: tuple[str, float]) -> Session:
    """The run that began with other things than running, each for so many seconds."""
    events, t_s = [], 0.0
    for kind, seconds in (*spans, ("running", 0.0)):
        events.append(SessionEvent(t_s, kind))
        t_s += seconds
    return replace(session, events=tuple(events))


# What was run


@pytest.mark.parametrize(
    ("seconds", "told"), [(42.0, "42 s"), (59.4, "59 s"), (60.0, "1:00 min"), (65.0, "1:05 min"), (3725.0, "62:05 min")]
)
def test_time_of_running_in_minutes_once_there_is_one(seconds: float, told: str) -> None:
    assert lines(ran(running_s=seconds))[0].startswith(f"{told} of running seen · ")


def test_the_first_line_holds_time_cadence_and_speed_with_its_pace_in_the_runners_units() -> None:
    assert lines(ran())[0] == "10:00 min of running seen · 171 steps/min · 10.0 km/h (6:00/km)"
    assert lines(ran(), "imperial")[0] == "10:00 min of running seen · 171 steps/min · 6.2 mph (9:39/mi)"


def test_what_is_not_known_of_the_run_is_left_out_of_the_line() -> None:
    no_speed = replace(ran().summary.speed, mean_mps=math.nan)
    assert lines(ran(speed=no_speed))[0] == "10:00 min of running seen · 171 steps/min"
    assert lines(ran(cadence_spm=math.nan, speed=no_speed))[0] == "10:00 min of running seen"


# How the heels were lifted


def test_the_second_line_says_lift_leg_and_share_in_the_band() -> None:
    assert lines(ran())[1] == "heel lift 98° ± 2° on the left leg over 40 strides, 87 % of them in the band"
    right = replace(ran(), view=View("right"))
    assert lines(right)[1].startswith("heel lift 98° ± 2° on the right leg")
    assert lines(replace(ran(), view=View()))[1].startswith("heel lift 98° ± 2° on the near leg")


def test_where_practice_alone_is_judged_the_second_line_says_so() -> None:
    practised = ran(lift=LiftInBand(97.6, 92.0, 107.0, 30, practised=True))
    assert lines(practised)[1].endswith("on the left leg over 40 strides, after warm-up and baseline 87 % in the band")


def test_where_some_strides_have_no_band_the_second_line_says_how_many_have_one() -> None:
    judged = LiftInBand(97.6, 92.0, 107.0, 10, unbanded=30)
    assert lines(ran(lift=judged))[1].endswith("over 40 strides, 10 of them with a band: 87 % in it")
    practised = lines(ran(lift=replace(judged, practised=True)))[1]
    assert practised.endswith("over 40 strides, after warm-up and baseline 10 with a band: 87 % in it")


def test_one_stride_has_no_spread_and_no_band_no_share() -> None:
    single = ran(peak_knee_flexion_near=Spread(97.6, 2.4, 1), in_band_pct=math.nan)
    assert lines(single)[1] == "heel lift 98° on the left leg over 1 stride"
    two = ran(peak_knee_flexion_near=Spread(97.6, 2.4, 2), in_band_pct=math.nan)
    assert lines(two)[1] == "heel lift 98° ± 2° on the left leg over 2 strides"


def test_without_a_stride_the_line_says_what_was_seen_instead_the_longest_first() -> None:
    nothing = ran(peak_knee_flexion_near=Spread(math.nan, math.nan, 0), strides_valid=0)
    assert lines(nothing)[1] == "heel lift: no stride could be trusted"
    walked = with_seen(nothing, ("standing", 5.0), ("walking", 40.0))
    assert lines(walked)[1] == "heel lift: no stride could be trusted: somebody walked"


# What was said


def with_strides_left_out(reasons: dict[RejectReason, int], cues: int = 0, valid: int = 4) -> Session:
    """A run in which strides were left out, and so many cues said."""
    spoilt = [kept_stride(n * 0.7, reject_reason=reason) for reason, count in reasons.items() for n in range(count)]
    good = [kept_stride(100 + n * 0.7) for n in range(valid)]
    said = tuple(KeptCue(10.0 * n, CueKind.HEEL_LIFT_LOW, "left", "Lift") for n in range(cues))
    return session_of([*spoilt, *good], cues=said)


def test_the_third_line_counts_cues_in_words() -> None:
    assert lines(with_strides_left_out({}, cues=0))[2] == "no cues"
    assert lines(with_strides_left_out({}, cues=1))[2] == "1 cue"
    assert lines(with_strides_left_out({}, cues=2))[2] == "2 cues"


def test_strides_that_were_left_out_are_counted_with_their_reason_where_there_were_many() -> None:
    few = with_strides_left_out({RejectReason.IRREGULAR: 1}, cues=2, valid=20)
    assert lines(few)[2] == "2 cues; 1 stride left out as not trusted"
    many = with_strides_left_out({RejectReason.IRREGULAR: 4}, valid=4)
    assert lines(many)[2] == (
        "no cues; 4 strides left out as not trusted (4 strides left out: they came in no even rhythm)"
    )


def test_strides_of_a_pause_are_no_strides_that_were_not_trusted() -> None:
    assert lines(with_strides_left_out({RejectReason.PAUSED: 9}))[2] == "no cues"


# The one cue to take home


def remembering(reminder: Reminder | None) -> Session:
    return ran(remember=reminder)


def test_the_cue_to_remember_is_what_was_said_else_the_pages_own_words() -> None:
    said = remembering(Reminder(CueKind.HEEL_LIFT_LOW, "Heels up"))
    assert sentences.remember_line(said, ENGLISH) == "To remember: Heels up"
    never_said = sentences.remember_line(remembering(Reminder(CueKind.HEEL_LIFT_LOW, None)), ENGLISH)
    assert never_said is not None
    assert never_said.startswith("To remember: ")
    assert "page.remember" not in never_said
    assert sentences.remember_line(remembering(None), ENGLISH) is None


# The page's first sentence


def test_the_page_begins_with_what_changed_or_with_what_was_seen_instead_of_a_run() -> None:
    session = session_of(run(np.full(400, 98.0)))
    change = over_the_run(session.strides)
    steady = "Your heel lift held steady"

    assert sentences.headline_sentence(session, change, ENGLISH).startswith(steady)
    stood = with_seen(session, ("standing", 9.0))
    assert sentences.headline_sentence(stood, change, ENGLISH).startswith(steady), "a run with a rest is a run"
    nobody_ran = replace(stood, summary=replace(session.summary, strides_valid=0))
    assert sentences.headline_sentence(nobody_ran, change, ENGLISH) == "No running was measured: somebody stood."
    unseen = replace(nobody_ran, events=())
    assert sentences.headline_sentence(unseen, change, ENGLISH).startswith(steady)


# What stands behind the numbers


def quality(session: Session) -> tuple[str, ...]:
    return sentences.quality_sentences(session, ENGLISH)


def summary(session: Session) -> SessionSummary:
    return session.summary


def test_what_was_seen_instead_is_told_from_a_second_on() -> None:
    seen = with_seen(ran(), ("squatting", 0.9), ("walking", 61.0), ("standing", 1.0))
    told = [sentence for sentence in quality(seen) if sentence.startswith("For ")]
    assert told == ["For 1 min 1 s somebody walked.", "For 1 s somebody stood."]


def test_a_film_that_is_slow_in_part_is_to_be_cut_and_not_to_be_given_one_scale() -> None:
    slow = with_seen(ran(), ("slow_motion", 12.0))
    told = sentences.odd_time_sentence(slow, ENGLISH)
    assert told.startswith("For 12 s it looks like slow motion, and the rest does not; cut it into a film of its own")
    assert told in quality(slow)
    assert not sentences.odd_time_sentence(with_seen(ran(), ("standing", 12.0), ("slow_motion", 0.9)), ENGLISH)


def test_a_film_that_is_slow_as_a_whole_is_told_so_where_no_stride_was_measured() -> None:
    nothing = with_seen(
        ran(peak_knee_flexion_near=Spread(math.nan, math.nan, 0), strides_valid=0), ("slow_motion", 9.0)
    )
    assert "until then nothing of it counts" in lines(nothing)[1]
    assert not sentences.odd_time_sentence(nothing, ENGLISH)


@pytest.mark.parametrize(("fps", "dim"), [(10.0, True), (11.9, True), (12.0, False), (30.0, False), (math.nan, False)])
def test_a_body_without_a_stride_in_few_pictures_is_told_to_need_light_wherever_it_is_told(
    fps: float, dim: bool
) -> None:
    nothing = ran(peak_knee_flexion_near=Spread(math.nan, math.nan, 0), strides_valid=0)
    seen = with_seen(replace(nothing, frames=replace(nothing.frames, measured_fps=fps)), ("no_rhythm", 6.0))
    change = over_the_run(seen.strides)
    told = (lines(seen)[1], sentences.headline_sentence(seen, change, ENGLISH), " ".join(quality(seen)))
    for sentence in told:
        assert "somebody was seen, but no stride; " in sentence
        assert ("more light or a shorter exposure helps" in sentence) is dim
        assert "the whole body from the side" in sentence


@pytest.mark.parametrize("kind", ["few_pictures", "no_rhythm"])
@pytest.mark.parametrize(("fps", "dropped", "slow"), [(6.0, 500, True), (6.0, 20, False), (20.0, 500, False)])
def test_a_machine_that_left_most_pictures_out_is_why_there_were_few(
    kind: str, fps: float, dropped: int, slow: bool
) -> None:
    nothing = ran(peak_knee_flexion_near=Spread(math.nan, math.nan, 0), strides_valid=0)
    quality_seen = replace(nothing.summary.quality, frames_dropped=dropped)
    frames = replace(nothing.frames, measured_fps=fps, total=300)
    session = replace(nothing, frames=frames, summary=replace(nothing.summary, quality=quality_seen))
    assert ("this computer could not keep up" in lines(with_seen(session, (kind, 6.0)))[1]) is slow
    left_out = replace(session.summary, strides_rejected=((RejectReason.TOO_FEW_FRAMES, 9),))
    sentence = sentences.left_out_sentence(replace(session, summary=left_out), ENGLISH)
    assert ("this computer could not keep up" in sentence) is slow


def test_few_pictures_change_no_other_thing_that_is_seen() -> None:
    assert sentences.seen_sentence("standing", ENGLISH, fps=10.0) == "somebody stood"


def test_contact_that_was_never_told_is_explained_and_only_where_strides_were_measured() -> None:
    explained = "Contact and flight are not told: they need feet that are seen, and 24 pictures a second."
    whole = ran()
    unfooted = {**summary(whole).spreads, "contact_time_s": Spread(math.nan, math.nan, 0)}
    assert explained not in quality(whole)
    assert explained in quality(ran(spreads=unfooted))
    assert explained not in quality(ran(spreads=unfooted, strides_valid=0))


def test_every_stride_that_was_left_out_counts_whatever_its_reason() -> None:
    rejected = ((RejectReason.FAR_LEG, 30), (RejectReason.IRREGULAR, 2))
    assert "40 strides were trusted and 32 left out." in quality(ran(strides_rejected=rejected))


def test_one_dropped_frame_and_none_are_told_as_such() -> None:
    for dropped, told in ((0, "0 frames were dropped to keep up."), (1, "1 frame was dropped to keep up.")):
        counted = replace(summary(ran()).quality, frames_dropped=dropped)
        assert told in quality(ran(quality=counted))


def test_the_side_that_the_camera_saw_is_named() -> None:
    assert any("your right side" in sentence for sentence in quality(replace(ran(), view=View("right"))))


# The treadmill's correction


def with_settings(*settings: Setting) -> str:
    return sentences.correction_sentence(session_of([], settings=settings), ENGLISH)


def test_overground_nothing_was_added_whatever_the_correction_would_be() -> None:
    added = Setting("treadmill.correction_deg", 3.0)
    assert with_settings(Setting("session.mode", "overground"), added).startswith("Overground mode: nothing was added")
    assert with_settings(Setting("session.mode", "treadmill"), added).startswith("Treadmill mode adds 3° to the target")
    assert with_settings(Setting("treadmill.correction_deg", "much")) == ""
