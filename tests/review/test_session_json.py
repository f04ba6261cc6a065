"""`coach.session/1`: what other programs read, without a NaN and without loss."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from coach.core.coaching.stride_record import stride_record
from coach.core.session.records import Latency, settings_facts
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.errors import FormatError
from coach.review.session_json import session_from_json, session_to_json
from coach.settings import Settings
from tests import kept


@pytest.fixture(scope="module")
def session() -> Session:
    builder = SessionBuilder(
        SourceFacts("video", "run.mp4", 720, 1280, math.nan), settings_facts(Settings()), "2026-01-05T18:00:00+01:00"
    )
    for update in kept.run(30.0, cue_times=(20.0,)):
        strides = update.strides
        if strides and strides[0].start_s > 25:
            strides = (stride_record(kept.rejected(strides[0].start_s), None, None, None),)
        builder.add(replace(update, strides=strides))
        for cue in update.cues:
            builder.delivered(cue, "speech", "screen")
    builder.event(12.0, "paused", "by the runner")
    return builder.finish(frames_dropped=2, latencies=(Latency("grab to decision", 21.0, 35.5),))


def test_there_is_no_nan_anywhere(session: Session) -> None:
    text = json.dumps(session_to_json(session), allow_nan=False)

    assert json.loads(text)["source"]["nominal_fps"] is None


def test_the_contract_s_keys_are_all_there(session: Session) -> None:
    data = session_to_json(session)

    assert data["schema"] == "coach.session/1"
    angles = {"yaw_deg", "pitch_deg", "roll_deg"}
    sds = {"yaw_sd_deg", "pitch_sd_deg", "roll_sd_deg"}
    assert set(data["view"]) == {"facing", "near_side", "seen_instead", "time_scale"} | angles | sds
    assert {"left", "right"} == set(data["cycle"])
    assert len(data["cycle"]["left"]["mean_deg"]) == len(data["cycle"]["left"]["sd_deg"]) == 101
    assert set(data["cues"][0]) == {"t_s", "kind", "side", "text", "channels"}
    asked = (
        "side near start_s end_s initial_contact_s toe_off_s peak_knee_flexion_deg peak_knee_flexion_s min_hip_heel_ll"
    )
    asked += " heel_rise_ll cadence_spm contact_time_s speed_mps speed_source target_deg valid reject_reason"
    assert set(asked.split()) <= set(data["strides"][0])
    assert {"duration_s", "cadence_spm", "peak_knee_flexion_deg", "in_band_pct"} <= set(data["summary"])
    assert data["strides"][0]["speed_source"] == "manual"


def test_a_rejected_stride_stays_with_its_reason(session: Session) -> None:
    last = session_to_json(session)["strides"][-1]

    assert (last["valid"], last["reject_reason"]) == (False, "swing leg hidden by the stance leg")
    assert (last["speed_mps"], last["target_deg"], last["in_band"]) == (None, None, None)


def test_reading_back_and_writing_again_changes_nothing(session: Session) -> None:
    data = json.loads(json.dumps(session_to_json(session)))

    again = session_to_json(session_from_json(data))

    assert {**again, "summary": None} == {**data, "summary": None}
    assert again["summary"]["cadence_spm"] == pytest.approx(data["summary"]["cadence_spm"], abs=0.01)
    assert again["summary"]["quality"] == data["summary"]["quality"]


def test_an_empty_session_survives_as_well() -> None:
    data = session_to_json(SessionBuilder(SourceFacts("camera", "0", 640, 480)).finish())

    assert data["cycle"]["left"] == {"mean_deg": None, "sd_deg": None, "n": 0}
    assert session_to_json(session_from_json(data)) == data


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data.update(schema="coach.poses/1"), "not a session file"),
        (lambda data: data.pop("strides"), "lacks 'strides'"),
        (lambda data: data["strides"][0].update(speed_source="guess"), "not possible"),
        (lambda data: data["strides"][0].update(peak_knee_flexion_deg="high"), "not possible"),
    ],
)
def test_a_damaged_file_is_one_clear_line(session: Session, spoil: object, said: str) -> None:
    data = json.loads(json.dumps(session_to_json(session)))
    spoil(data)  # type: ignore[operator]

    with pytest.raises(FormatError, match=said):
        session_from_json(data)
