"""What is kept of a run, and what its summary may say."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coach.core.coaching.coaching import Stage
from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import stride_record
from coach.core.gait.quality import RejectReason
from coach.core.session.records import Latency, settings_facts
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.settings import Settings
from tests import kept

SOURCE = SourceFacts("demo", "a metronome", 640, 480, 30.0)


def session_of(**how: object) -> Session:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(**how):  # type: ignore[arg-type]
        builder.add(update)
    return builder.finish()


def test_a_run_is_kept_stride_by_stride() -> None:
    session = session_of(duration_s=30.0)

    assert [s.side for s in session.strides[:3]] == ["left", "right", "left"]
    assert session.summary.strides_valid == len(session.strides)
    assert session.view.near_side == "left"
    assert session.summary.duration_s == pytest.approx(30.0)
    assert session.summary.cadence_spm == pytest.approx(120 / 0.7)
    assert session.summary.peak_knee_flexion_deg.near == pytest.approx(98.0)
    assert session.summary.in_band_pct == 100.0


def test_a_first_frame_at_time_zero_is_an_ordinary_frame() -> None:
    early, late = session_of(first_s=0.0), session_of(first_s=5000.0)

    assert early.frames.first_s == 0.0
    assert early.summary.duration_s == pytest.approx(late.summary.duration_s)
    assert early.frames.measured_fps == pytest.approx(late.frames.measured_fps)


def test_nothing_seen_is_said_to_be_unknown_never_zero() -> None:
    session = SessionBuilder(SOURCE).finish()

    numbers = (
        session.summary.duration_s,
        session.summary.cadence_spm,
        session.summary.peak_knee_flexion_deg.near,
        session.summary.in_band_pct,
        session.summary.speed.mean_mps,
        session.summary.spreads["contact_time_s"].mean,
        session.frames.measured_fps,
    )
    assert all(math.isnan(number) for number in numbers)
    assert session.summary.remember is None
    assert session.cycles == {}


def test_rejected_strides_stay_with_their_reason_and_out_of_the_means() -> None:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(20.0):
        bad = tuple(
            replace(c, reject_reason=RejectReason.LEG_COLLAPSED)
            for c in update.strides
            if c.side == "left" and c.start_s > 10
        )
        builder.add(replace(update, strides=bad or update.strides))
    session = builder.finish()

    reasons = dict(session.summary.strides_rejected)
    assert reasons == {RejectReason.LEG_COLLAPSED: sum(not s.valid for s in session.strides)}
    assert reasons[RejectReason.LEG_COLLAPSED] > 5
    assert session.summary.peak_knee_flexion_deg.left == pytest.approx(98.0)


def test_a_cue_carries_the_ways_in_which_it_really_arrived() -> None:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(20.0, peak_deg=lambda _: 88.0, cue_times=(5.0, 12.0)):
        builder.add(update)
        for cue in update.cues:
            if cue.t_s < 10:
                builder.delivered(cue, "speech")
                builder.delivered(cue, "screen", "speech")
    session = builder.finish()

    assert [cue.channels for cue in session.cues] == [("speech", "screen"), ()]
    assert session.summary.cues == ((CueKind.HEEL_LIFT_LOW, 2),)
    assert session.summary.remember is not None
    assert session.summary.remember.text == "Heel up, quick and light"


def test_the_reminder_without_a_cue_follows_the_band() -> None:
    low = session_of(peak_deg=lambda t_s: 85.0).summary.remember
    high = session_of(peak_deg=lambda t_s: 120.0).summary.remember

    assert low is not None
    assert (low.kind, low.text) == (CueKind.HEEL_LIFT_LOW, None)
    assert high is not None
    assert high.kind is CueKind.HEEL_LIFT_HIGH
    assert session_of(band=None).summary.remember is None


def test_speed_changes_are_kept_once_and_weighted_by_time() -> None:
    def belt(t_s: float) -> BeltSpeed | None:
        if t_s < 10:
            return None
        return BeltSpeed(2.0 if t_s < 20 else 4.0, SpeedOrigin.TYPED, age_s=t_s)

    session = session_of(duration_s=30.0, belt=belt)

    assert [change.speed_mps for change in session.speeds] == [2.0, 4.0]
    assert session.summary.speed.mean_mps == pytest.approx(3.0, abs=0.02)
    assert session.summary.speed.distance_m == pytest.approx(60.0, abs=0.2)
    assert math.isnan(session.strides[0].speed_mps)
    assert session.strides[0].speed_source is None


def test_cadence_counts_every_stride_whose_rhythm_is_known_trusted_or_not() -> None:
    """What hides a peak hides no footfall; a walk, a turn and a stride out of rhythm do."""
    steady = [kept.stride(0.7 * n) for n in range(20)]
    hidden = [kept.rejected(14 + 0.6 * n) for n in range(20)]
    hidden = [replace(stride, end_s=stride.start_s + 0.6, cadence_spm=200.0) for stride in hidden]
    walked = [
        replace(stride, reject_reason=reason, cadence_spm=100.0)
        for stride, reason in zip(steady, [RejectReason.NOT_RUNNING, RejectReason.IRREGULAR] * 10, strict=True)
    ]
    builder = SessionBuilder(SOURCE)
    builder.add_strides(
        tuple(stride_record(stride, kept.TYPED_10, kept.BAND, Stage.COACHING) for stride in (*steady, *hidden, *walked))
    )

    assert builder.finish().summary.cadence_spm == pytest.approx((120 / 0.7 + 200) / 2)


def test_a_lost_belt_speed_is_unknown_from_then_on() -> None:
    session = session_of(belt=lambda t_s: kept.TYPED_10 if t_s < 10 else None)

    assert math.isnan(session.speeds[-1].speed_mps)
    assert session.summary.speed.distance_m == pytest.approx(10 * 10 / 3.6, abs=0.2)


def test_a_pause_of_the_source_does_not_spoil_the_measured_frame_rate() -> None:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(10.0):
        builder.add(update)
    for update in kept.run(10.0, first_s=60.0):
        builder.add(update)

    assert builder.frames.measured_fps == pytest.approx(30.0, abs=0.01)


def test_the_mean_cycle_follows_the_curve_that_was_shown() -> None:
    session = session_of(duration_s=40.0)
    left = session.cycles["left"]
    truth = [kept.flexion_deg(percent / 100, 98.0) for percent in range(101)]

    assert left.n > 50
    assert abs(left.mean_deg - truth).max() < 1.0
    assert left.mean_deg.argmax() in (67, 68, 69)
    assert left.sd_deg.max() < 1.0


def test_blocks_of_the_cycle_show_a_change_that_the_whole_hides() -> None:
    session = session_of(duration_s=40.0, peak_deg=lambda t_s: 100.0 if t_s < 20 else 80.0)
    left = [block for block in session.curves if block.side == "left"]

    assert left[0].cycle.mean_deg.max() - left[-1].cycle.mean_deg.max() == pytest.approx(20.0, abs=0.5)
    assert sum(block.cycle.n for block in left) == session.cycles["left"].n


def test_stages_and_latencies_are_kept() -> None:
    builder = SessionBuilder(SOURCE)
    for update in kept.run(20.0, stage=lambda t_s: Stage.BASELINE if t_s < 10 else Stage.COACHING):
        builder.add(update)
    session = builder.finish(frames_dropped=3, latencies=(Latency("grab to picture", 30.0, 55.0),))

    assert {s.stage for s in session.strides} == {Stage.BASELINE, Stage.COACHING}
    assert session.summary.quality.frames_dropped == 3
    assert session.summary.quality.latencies[0].p95_ms == 55.0


def test_settings_are_kept_by_the_names_of_the_configuration_file() -> None:
    facts = {setting.key: setting.value for setting in settings_facts(Settings())}

    assert facts["treadmill.correction_deg"] == 3.0
    assert facts["session.mode"] == "treadmill"
    assert facts["units"] == "metric"
    assert not any(key.startswith("coach") for key in facts)
