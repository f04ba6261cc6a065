"""FIT files, read back by a library that shares nothing with the one that wrote them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import fitdecode
import pytest

from coach.core.heart import HeartOrigin, HeartRate
from coach.core.session.session import Session, SessionBuilder, SourceFacts
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.errors import ConfigError
from coach.review.activity_track import FIT_COLUMNS, activity_of
from coach.review.fit import APPLICATION_ID, FIT_EPOCH_S, _own_field, fit_bytes
from tests import kept

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
Message = tuple[str, dict[str, Any]]


def intervals() -> Session:
    """A minute with two speeds and a pause in the second; the band is not known in the warm-up."""
    builder = SessionBuilder(SourceFacts("camera", "front room", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(
        60.0, first_s=500.0, belt=lambda t_s: BeltSpeed(2.5 if t_s < 20 else 3.25, SpeedOrigin.PLAN, incline_pct=-1.5),
        peak_deg=lambda t_s: 90.0 + t_s / 10,
    ):  # fmt: skip
        builder.note_heart(update.t_s, HeartRate(140 + (update.t_s - 500) / 2, HeartOrigin.MONITOR))
        builder.add(update)
    builder.event(535.0, "paused")
    builder.event(545.0, "resumed")
    return builder.finish()


def read_back(content: bytes) -> list[Message]:
    """Every message with its known fields, in the file's order; a damaged file raises."""
    with fitdecode.FitReader(
        io.BytesIO(content), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    ) as reader:
        return [
            (frame.name, {field.name: field.value for field in frame.fields if field.value is not None})
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage)
        ]


@pytest.fixture(scope="module")
def session() -> Session:
    return intervals()


@pytest.fixture(scope="module")
def messages(session: Session) -> list[Message]:
    return read_back(fit_bytes(session))


def of(messages: list[Message], name: str) -> list[dict[str, Any]]:
    return [fields for kind, fields in messages if kind == name]


def test_it_opens_with_a_file_id_and_closes_with_the_activity(messages: list[Message]) -> None:
    kinds = [kind for kind, _ in messages]
    assert kinds[0] == "file_id"
    assert kinds[-2:] == ["session", "activity"]
    assert [kinds.count(kind) for kind in ("file_id", "session", "activity", "developer_data_id")] == [1, 1, 1, 1]
    assert messages[0][1] == {
        "type": "activity", "manufacturer": "development", "product": 0, "serial_number": 1, "time_created": START,
    }  # fmt: skip


def test_times_never_go_back_and_the_timer_frames_the_records(messages: list[Message]) -> None:
    timed = [(kind, fields["timestamp"]) for kind, fields in messages if "timestamp" in fields]
    times = [at for _, at in timed]
    assert times == sorted(times)
    kinds = [kind for kind, _ in timed]
    first, last = kinds.index("record"), len(kinds) - 1 - kinds[::-1].index("record")
    assert "event" in kinds[:first]
    assert "event" in kinds[last:]
    events = [(e["event"], e["event_type"], (e["timestamp"] - START).total_seconds()) for e in of(messages, "event")]
    assert events == [
        ("timer", "start", 0), ("timer", "stop", 35), ("timer", "start", 45), ("timer", "stop_all", 60),
    ]  # fmt: skip


def test_one_record_a_second_field_by_field(messages: list[Message], session: Session) -> None:
    records, points = of(messages, "record"), activity_of(session).points
    assert len(records) == len(points) == 61 - 9
    for record, point in zip(records, points, strict=True):
        assert record["timestamp"] == START + timedelta(seconds=point.second)
        assert record["distance"] == pytest.approx(point.distance_m, abs=0.01)
        assert record["speed"] == record["enhanced_speed"] == pytest.approx(point.speed_mps, abs=0.001)
        assert record["grade"] == point.incline_pct == -1.5
        cadence = record["cadence"] + record["fractional_cadence"]
        assert 2 * cadence == pytest.approx(point.cadence_spm, abs=0.01)
        assert record["stance_time"] == pytest.approx(1000 * point.contact_time_s, abs=0.1)
        assert record["peak_knee_flexion"] == pytest.approx(point.values["peak_knee_flexion_deg"], abs=0.01)
        assert record["target_knee_flexion"] == pytest.approx(point.values["target_deg"], abs=0.01)
        assert record["contact_time"] == pytest.approx(1000 * point.contact_time_s, abs=0.01)


def test_the_developer_fields_are_described_before_they_are_used(messages: list[Message]) -> None:
    kinds = [kind for kind, _ in messages]
    assert max(i for i, kind in enumerate(kinds) if kind == "field_description") < kinds.index("record")
    assert bytes(of(messages, "developer_data_id")[0]["application_id"]) == APPLICATION_ID
    described = of(messages, "field_description")
    known = {(d["field_definition_number"], d["field_name"], d["units"]) for d in described}
    for_ever = {(0, "peak_knee_flexion", "deg"), (1, "target_knee_flexion", "deg"), (2, "contact_time", "ms")}
    assert for_ever <= known
    assert len({number for number, _, _ in known}) == len(described) == len(FIT_COLUMNS)
    assert {d["fit_base_type_id"] for d in described} == {"float32"}


def test_two_speeds_are_two_laps(messages: list[Message]) -> None:
    laps = of(messages, "lap")
    assert [lap["message_index"] for lap in laps] == [0, 1]
    assert [(lap["start_time"] - START).total_seconds() for lap in laps] == [0, 20]
    assert [lap["timestamp"] for lap in laps] == [START + timedelta(seconds=20), START + timedelta(seconds=60)]
    assert [lap["total_elapsed_time"] for lap in laps] == [20, 40]
    assert [lap["total_timer_time"] for lap in laps] == [20, 30]
    assert [lap["total_distance"] for lap in laps] == pytest.approx([50, 97.5], abs=0.02)
    assert [lap["avg_speed"] for lap in laps] == pytest.approx([2.5, 3.25], abs=0.002)
    assert [lap["lap_trigger"] for lap in laps] == ["manual", "session_end"]
    assert {(lap["sport"], lap["sub_sport"]) for lap in laps} == {("running", "treadmill")}


def test_the_session_is_a_treadmill_run_and_sums_up_the_laps(messages: list[Message]) -> None:
    (whole,), laps = of(messages, "session"), of(messages, "lap")
    assert (whole["sport"], whole["sub_sport"]) == ("running", "treadmill")
    assert (whole["first_lap_index"], whole["num_laps"]) == (0, len(laps))
    assert whole["start_time"] == START
    for name in ("total_elapsed_time", "total_timer_time", "total_distance"):
        assert whole[name] == pytest.approx(sum(lap[name] for lap in laps), abs=0.02)
    assert whole["max_speed"] == pytest.approx(3.25, abs=0.001)
    cadence = whole["avg_running_cadence"] + whole["avg_fractional_cadence"]
    assert 2 * cadence == pytest.approx(120 / kept.STRIDE_S, abs=0.01)


def test_the_activity_knows_the_runner_s_own_time_of_day(messages: list[Message]) -> None:
    (activity,) = of(messages, "activity")
    assert activity["num_sessions"] == 1
    assert activity["total_timer_time"] == 50
    local = activity["local_timestamp"]
    seconds = local if isinstance(local, int) else int(local.replace(tzinfo=UTC).timestamp()) - FIT_EPOCH_S
    assert seconds == int((START + timedelta(hours=1, seconds=60)).timestamp()) - FIT_EPOCH_S


def test_what_is_not_known_is_left_out() -> None:
    builder = SessionBuilder(SourceFacts("camera", "dark", 640, 480), started_at="2026-03-01T07:00:00+01:00")
    for update in kept.run(5.0, belt=lambda t_s: None, band=None):
        builder.add(update)
    records = of(read_back(fit_bytes(builder.finish())), "record")

    assert not any("speed" in record or "target_knee_flexion" in record for record in records)
    assert "cadence" in records[3]


def test_a_session_without_a_time_of_day_is_told_so() -> None:
    with pytest.raises(ConfigError, match="time of day"):
        fit_bytes(SessionBuilder(SourceFacts("poses", "x", 640, 480)).finish())


def test_the_heart_rate_of_a_monitor_goes_along(messages: list[Message]) -> None:
    rates = [record["heart_rate"] for record in of(messages, "record")]
    assert (rates[0], max(rates)) == (140, 170)
    (session,) = of(messages, "session")
    assert session["max_heart_rate"] == 170
    assert 150 < session["avg_heart_rate"] < 160


def test_the_vendors_own_decoder_takes_it_whole(session: Session) -> None:
    """Garmin's SDK, which sets the format."""
    sdk = pytest.importorskip("garmin_fit_sdk", reason="the vendor's decoder is in the extra dev")
    content = bytearray(fit_bytes(session))
    assert sdk.Decoder(sdk.Stream.from_byte_array(content)).check_integrity()
    found, errors = sdk.Decoder(sdk.Stream.from_byte_array(content)).read()
    assert errors == []
    assert [len(found[name]) for name in ("file_id_mesgs", "session_mesgs", "activity_mesgs")] == [1, 1, 1]
    whole = found["session_mesgs"][0]
    assert (whole["sport"], whole["sub_sport"]) == ("running", "treadmill")
    records = found["record_mesgs"]
    assert len(records) == len(activity_of(session).points)
    own = {field["field_name"]: field for field in found["field_description_mesgs"]}
    assert own["peak_knee_flexion"]["units"] == "deg"
    assert any(record["developer_fields"] for record in records)


def test_a_bounce_in_leg_lengths_keeps_its_digits() -> None:
    bounce = next(column.note.fit for column in FIT_COLUMNS if column.name == "vertical_oscillation_ll")
    assert bounce is not None
    assert _own_field(bounce, 0.08345).get_value(0) == pytest.approx(0.0834, abs=1e-4)
