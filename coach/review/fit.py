"""A session as a FIT activity file: a run on a treadmill, for Garmin Connect, Strava and training diaries.

Built after Garmin's rules for activity files: file id first, timer events around the records, times that rise,
laps, one session and the activity at the end, developer fields described before they are used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from fit_tool.base_type import BaseType
from fit_tool.data_message import DataMessage
from fit_tool.developer_field import DeveloperField
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.activity_message import ActivityMessage
from fit_tool.profile.messages.developer_data_id_message import DeveloperDataIdMessage
from fit_tool.profile.messages.device_info_message import DeviceInfoMessage
from fit_tool.profile.messages.event_message import EventMessage
from fit_tool.profile.messages.field_description_message import FieldDescriptionMessage
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.lap_message import LapMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.messages.session_message import SessionMessage
from fit_tool.profile.profile_type import (
    Activity as ActivityType,
)
from fit_tool.profile.profile_type import (
    Event,
    EventType,
    FileType,
    LapTrigger,
    Manufacturer,
    SessionTrigger,
    Sport,
    SubSport,
)

from coach.core.columns import FitField
from coach.core.session.session import Session
from coach.errors import ConfigError
from coach.review.activity_track import FIT_COLUMNS, Activity, Lap, Point, activity_of

APPLICATION_ID: Final = bytes.fromhex("6f1c5d1e0b5f4c0aa6b8f6f2c57a9d41")
"""Names Coach's developer fields, in every file the same."""
FIT_EPOCH_S: Final = 631_065_600
"""1989-12-31T00:00:00Z in Unix time, from which FIT counts seconds."""
FRACTION: Final = 128
"""FIT keeps the fraction of a cadence in 128ths."""


_LOCAL: Final = {"record": 1, "lap": 2, "session": 3, "event": 4, "activity": 5, "other": 0}
"""Local message numbers: records keep theirs, so that their definition is written once."""


def fit_bytes(session: Session) -> bytes:
    """The session as a FIT activity. Raises ConfigError for a session that does not say when it was run."""
    if session.started_at is None:
        raise ConfigError("a FIT file needs the time of day at which the run began, and this session has none")
    started = datetime.fromisoformat(session.started_at)
    activity = activity_of(session)
    builder = FitFileBuilder(auto_define=True)
    for message in _messages(session, activity, started):
        builder.add(message)
    return bytes(builder.build_bytes())


def _messages(session: Session, activity: Activity, started: datetime) -> Iterator[DataMessage]:
    start_s = round(started.timestamp())
    end_s = start_s + activity.total.end
    yield from _preamble(session, start_s)
    timed: list[tuple[int, int, DataMessage]] = [(start_s, 0, _timer(start_s, EventType.START))]
    timed += [(start_s + point.second, 1, _record(start_s, point)) for point in activity.points]
    for paused, resumed in activity.pauses:
        # A pause that lasts to the end is ended by the stop that ends everything.
        timed.append((start_s + paused, 2, _timer(start_s + paused, EventType.STOP)))
        if resumed < activity.total.end:
            timed.append((start_s + resumed, 0, _timer(start_s + resumed, EventType.START)))
    timed.append((end_s, 3, _timer(end_s, EventType.STOP_ALL)))
    for index, lap in enumerate(activity.laps):
        timed.append((start_s + lap.end, 4, _lap(start_s, index, lap, last=index == len(activity.laps) - 1)))
    yield from (message for _, _, message in sorted(timed, key=lambda entry: entry[:2]))
    yield _session(start_s, activity)
    yield _closing(end_s, activity, started)


def _preamble(session: Session, start_s: int) -> Iterator[DataMessage]:
    """Who made the file, and what its own fields mean."""
    file_id = FileIdMessage(local_id=_LOCAL["other"])
    file_id.type = FileType.ACTIVITY
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 0
    file_id.serial_number = 1 + (session.session_id or 0)
    file_id.time_created = start_s * 1000
    yield file_id
    device = DeviceInfoMessage(local_id=_LOCAL["other"])
    device.timestamp = start_s * 1000
    device.device_index = 0
    device.manufacturer = Manufacturer.DEVELOPMENT.value
    device.product = 0
    device.product_name = "Coach"
    yield device
    developer = DeveloperDataIdMessage(local_id=_LOCAL["other"])
    developer.application_id = APPLICATION_ID
    developer.developer_data_index = 0
    yield developer
    for own in (column.note.fit for column in FIT_COLUMNS):
        if own is None:
            continue
        described = FieldDescriptionMessage(local_id=_LOCAL["other"])
        described.developer_data_index = 0
        described.field_definition_number = own.number
        described.fit_base_type_id = BaseType.FLOAT32
        described.field_name = own.name
        described.units = own.units
        yield described


def _timer(at_s: int, what: EventType) -> DataMessage:
    event = EventMessage(local_id=_LOCAL["event"])
    event.timestamp = at_s * 1000
    event.event = Event.TIMER
    event.event_type = what
    return event


def _record(start_s: int, point: Point) -> DataMessage:
    known = [
        _own_field(column.note.fit, value)
        for column in FIT_COLUMNS
        if column.note.fit is not None and math.isfinite(value := point.values[column.name])
    ]
    record = RecordMessage(local_id=_LOCAL["record"], developer_fields=known)
    record.timestamp = (start_s + point.second) * 1000
    if math.isfinite(point.distance_m):
        record.distance = round(point.distance_m, 2)
    if math.isfinite(point.speed_mps):
        record.speed = record.enhanced_speed = round(point.speed_mps, 3)
    if math.isfinite(point.incline_pct):
        record.grade = round(point.incline_pct, 2)
    if math.isfinite(point.cadence_spm):
        record.cadence, record.fractional_cadence = _one_foot_rpm(point.cadence_spm)
    if math.isfinite(point.heart_bpm):
        record.heart_rate = round(point.heart_bpm)
    if math.isfinite(point.contact_time_s):
        record.stance_time = round(point.contact_time_s * 1000, 1)
    return record


_DIGITS: Final = 4
"""Of own fields: some are in leg lengths, of which a bounce is less than a tenth."""


def _own_field(own: FitField, value: float) -> DeveloperField:
    field = DeveloperField(
        developer_data_index=0,
        field_id=own.number,
        name=own.name,
        units=own.units,
        base_type=BaseType.FLOAT32,
        size=4,
    )
    field.set_value(0, round(own.scale * value, _DIGITS))
    return field


def _lap(start_s: int, index: int, lap: Lap, *, last: bool) -> DataMessage:
    message = LapMessage(local_id=_LOCAL["lap"])
    _put_stretch(message, start_s, lap)
    message.message_index = index
    message.event = Event.LAP
    message.lap_trigger = LapTrigger.SESSION_END if last else LapTrigger.MANUAL
    return message


def _session(start_s: int, activity: Activity) -> DataMessage:
    message = SessionMessage(local_id=_LOCAL["session"])
    _put_stretch(message, start_s, activity.total)
    message.message_index = 0
    message.event = Event.SESSION
    message.trigger = SessionTrigger.ACTIVITY_END
    message.first_lap_index = 0
    message.num_laps = len(activity.laps)
    return message


def _put_stretch(message: Any, start_s: int, lap: Lap) -> None:  # lap or session: they share these fields
    message.timestamp = (start_s + lap.end) * 1000
    message.start_time = (start_s + lap.start) * 1000
    message.event_type = EventType.STOP
    message.sport = Sport.RUNNING
    message.sub_sport = SubSport.TREADMILL
    message.total_elapsed_time = round(lap.elapsed_s, 3)
    message.total_timer_time = round(lap.timer_s, 3)
    if math.isfinite(lap.distance_m):
        message.total_distance = round(lap.distance_m, 2)
    if math.isfinite(lap.speed_mps):
        message.avg_speed = message.enhanced_avg_speed = round(lap.speed_mps, 3)
    if math.isfinite(lap.top_speed_mps):
        message.max_speed = message.enhanced_max_speed = round(lap.top_speed_mps, 3)
    if math.isfinite(lap.cadence_spm):
        message.avg_cadence, message.avg_fractional_cadence = _one_foot_rpm(lap.cadence_spm)
    if math.isfinite(lap.heart.mean_bpm):
        message.avg_heart_rate, message.max_heart_rate = round(lap.heart.mean_bpm), round(lap.heart.highest_bpm)


def _closing(end_s: int, activity: Activity, started: datetime) -> DataMessage:
    away_s = 0.0 if (offset := started.utcoffset()) is None else offset.total_seconds()
    message = ActivityMessage(local_id=_LOCAL["activity"])
    message.timestamp = end_s * 1000
    message.local_timestamp = round(end_s + away_s) - FIT_EPOCH_S
    message.total_timer_time = round(activity.total.timer_s, 3)
    message.num_sessions = 1
    message.type = ActivityType.MANUAL
    message.event = Event.ACTIVITY
    message.event_type = EventType.STOP
    return message


def _one_foot_rpm(cadence_spm: float) -> tuple[int, float]:
    """Strides per minute of one foot, as FIT has a runner's cadence, and the fraction beyond it."""
    in_parts = round(cadence_spm / 2 * FRACTION)
    return in_parts // FRACTION, (in_parts % FRACTION) / FRACTION
