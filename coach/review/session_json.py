"""`coach.session/1`: a session as the JSON that other programs read, and back again; its strides as CSV.

Unknown values are null, never 0 and never NaN. Rounding keeps more than is known: 0.1 ms, 0.01°.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from coach.core.bounds import COUNT, DAY_S, SESSION_ID, TIME_S, Bounds, bounds_of, shown
from coach.core.coaching.stride_record import STORED, STRIDE_COLUMNS, SUMMED, StrideRecord
from coach.core.gait import View
from coach.core.gait.camera_view import CameraView
from coach.core.heart import HeartChange
from coach.core.pose import SIDES, Side
from coach.core.session.cycles import CYCLE_POINTS
from coach.core.session.near_leg import view_of
from coach.core.session.records import (
    CurveBlock,
    Cycle,
    FrameFacts,
    KeptCue,
    Latency,
    SessionEvent,
    Setting,
    SettingValue,
    SourceFacts,
    SpeedChange,
)
from coach.core.session.running_time import SpeedFacts
from coach.core.session.session import Session
from coach.core.session.summary import DataQuality, SessionSummary, summarise
from coach.core.units import none_if_nan
from coach.errors import FormatError
from coach.plain_records import DIGITS, plain, plain_fields, plain_row, record_from_keys, record_of

SCHEMA: Final = "coach.session/1"

Json = dict[str, Any]
"""A JSON object; it lives no longer than the reading or writing of a file."""

_SPEED_DIGITS: Final = 4
_CURVE_DEG: Final = bounds_of("mean_deg")


def session_to_json(session: Session) -> Json:
    """The session as `coach.session/1`, ready for `json.dumps(…, allow_nan=False)`."""
    source, frames = session.source, session.frames
    return {
        "schema": SCHEMA,
        "session_id": session.session_id,
        "started_at": session.started_at,
        "runner": session.runner or None,
        "note": session.note or None,
        "complete": session.complete,
        "source": {
            "kind": source.kind,
            "name": source.name,
            "width": source.width,
            "height": source.height,
            "nominal_fps": none_if_nan(source.nominal_fps, 3),
            "measured_fps": none_if_nan(frames.measured_fps, 3),
        },
        "view": {
            "facing": session.view.facing,
            "near_side": session.view.near_side,
            **{name: none_if_nan(value, 2) for name, value in asdict(session.view.camera).items()},
            "seen_instead": {kind: none_if_nan(seconds, 2) for kind, seconds in session.seen_instead},
            "time_scale": none_if_nan(session.time_scale, 2),
        },
        "start_s": none_if_nan(frames.first_s, 4),
        "end_s": none_if_nan(frames.last_s, 4),
        "frames_total": frames.total,
        "frames_with_pose": frames.with_pose,
        "strides": [plain_row(stride, STRIDE_COLUMNS) for stride in session.strides],
        "cues": [plain_fields(cue) for cue in session.cues],
        "speeds": [plain_fields(change) for change in session.speeds],
        "heart_rates": [plain_fields(change) for change in session.heart],
        "events": [
            {"t_s": plain(event.t_s, DIGITS), "kind": event.kind, "detail": event.detail} for event in session.events
        ],
        "cycle": {side: _cycle_to_json(session.cycles.get(side)) for side in SIDES},
        "curves": [
            {"side": block.side, "start_s": none_if_nan(block.start_s, 4), **_cycle_to_json(block.cycle)}
            for block in session.curves
        ],
        "settings": {setting.key: setting.value for setting in session.settings},
        "summary": summary_to_json(session.summary),
    }


def summary_to_json(summary: SessionSummary) -> Json:
    """The few numbers."""
    peak = summary.peak_knee_flexion_deg
    return {
        "duration_s": none_if_nan(summary.duration_s, 3),
        "running_s": none_if_nan(summary.running_s, 3),
        "cadence_spm": none_if_nan(summary.cadence_spm, 2),
        "peak_knee_flexion_deg": {
            "near": none_if_nan(peak.near, 2),
            "left": none_if_nan(peak.left, 2),
            "right": none_if_nan(peak.right, 2),
        },
        "peak_knee_flexion_near_sd_deg": none_if_nan(summary.peak_knee_flexion_near.sd, 2),
        "target_deg": none_if_nan(summary.target_deg, 2),
        "in_band_pct": none_if_nan(summary.in_band_pct, 1),
        "strides_valid": summary.strides_valid,
        "strides_valid_near": summary.strides_valid_near,
        "strides_rejected": {str(reason): n for reason, n in summary.strides_rejected},
        "speed": _speed_facts_to_json(summary.speed),
        "heart_rate": {
            "mean_bpm": none_if_nan(summary.heart.mean_bpm, 1),
            "highest_bpm": none_if_nan(summary.heart.highest_bpm, 1),
            "sources": list(summary.heart.sources),
        },
        **{column.key: plain_fields(summary.spreads[column.name]) for column in SUMMED},
        "cues": {str(kind): n for kind, n in summary.cues},
        "remember": None
        if summary.remember is None
        else {"kind": str(summary.remember.kind), "text": summary.remember.text},
        "quality": _quality_to_json(summary.quality),
    }


def session_from_json(data: Mapping[str, Any]) -> Session:
    """The session of a `coach.session/1` object; its summary is derived again from the records.

    Raises FormatError for another schema, a missing key or a value of the wrong type.
    """
    schema = data.get("schema")
    if schema != SCHEMA:
        raise FormatError(f"this is not a session file: its schema is {schema!r}, expected {SCHEMA!r}")
    try:
        return _session(data)
    except KeyError as error:
        raise FormatError(f"the session lacks {error.args[0]!r}; export it again with `coach export`") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"the session holds a value that is not possible: {error}") from None


def _session(data: Mapping[str, Any]) -> Session:
    source, quality = data["source"], data["summary"].get("quality") or {}
    frames = record_of(
        FrameFacts,
        {
            "total": data["frames_total"],
            "with_pose": data["frames_with_pose"],
            "first_s": data.get("start_s"),
            "last_s": data.get("end_s"),
            "measured_fps": source.get("measured_fps"),
        },
    )
    if frames.duration_s > DAY_S or frames.duration_s < 0:
        raise ValueError(f"a run of {frames.duration_s:.10g} s; none lasts longer than a day")
    strides = tuple(record_from_keys(StrideRecord, row, STORED) for row in data["strides"])
    cues = tuple(record_of(KeptCue, row) for row in data["cues"])
    events = tuple(record_of(SessionEvent, row) for row in data.get("events", ()))
    speeds = tuple(record_of(SpeedChange, row) for row in data.get("speeds", ()))
    heart = tuple(record_of(HeartChange, row) for row in data.get("heart_rates", ()))
    latencies = tuple(
        record_of(Latency, {"name": name, **value}) for name, value in (quality.get("latencies") or {}).items()
    )
    cycles = {side: _cycle(data["cycle"][side]) for side in SIDES if (data["cycle"].get(side) or {}).get("n")}
    return Session(
        source=record_of(SourceFacts, source),
        view=view_of(View(_side(data["view"]["facing"]), record_of(CameraView, data["view"])), strides),
        frames=frames,
        strides=strides,
        cues=cues,
        speeds=speeds,
        events=events,
        curves=tuple(_curve(row) for row in data.get("curves", ())),
        cycles=cycles,
        settings=tuple(Setting(key, _setting(key, value)) for key, value in data.get("settings", {}).items()),
        summary=summarise(
            frames,
            strides,
            cues,
            speeds,
            events,
            heart,
            frames_dropped=_whole(quality.get("frames_dropped"), COUNT),
            latencies=latencies,
        ),
        started_at=_text(data, "started_at") or None,
        session_id=_whole(data.get("session_id"), SESSION_ID),
        runner=_text(data, "runner"),
        note=_text(data, "note"),
        complete=data.get("complete") is not False,
        heart=heart,
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    """The text of a key; empty where it is null or lacking."""
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} = {shown(value)} is no text")
    return value or ""


def _side(value: object) -> Side | None:
    sides: dict[object, Side | None] = {None: None, **{side: side for side in SIDES}}
    if isinstance(value, float | list | dict) or value not in sides:
        raise ValueError(f"{shown(value)} is no side; it is left or right")
    return sides[value]


def _setting(key: str, value: Any) -> SettingValue:
    if not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{key} = {shown(value)} is no setting")
    return value


def _speed_facts_to_json(speed: SpeedFacts) -> Json:
    return {
        "mean_mps": none_if_nan(speed.mean_mps, _SPEED_DIGITS),
        "lowest_mps": none_if_nan(speed.lowest_mps, _SPEED_DIGITS),
        "highest_mps": none_if_nan(speed.highest_mps, _SPEED_DIGITS),
        "distance_m": none_if_nan(speed.distance_m, 1),
        "sources": list(speed.sources),
    }


def _quality_to_json(quality: DataQuality) -> Json:
    return {
        "measured_fps": none_if_nan(quality.measured_fps, 3),
        "frames_total": quality.frames_total,
        "frames_with_pose": quality.frames_with_pose,
        "frames_dropped": quality.frames_dropped,
        "latencies": {
            latency.name: {"p50_ms": none_if_nan(latency.p50_ms, 1), "p95_ms": none_if_nan(latency.p95_ms, 1)}
            for latency in quality.latencies
        },
    }


def _cycle_to_json(cycle: Cycle | None) -> Json:
    if cycle is None:
        return {"mean_deg": None, "sd_deg": None, "n": 0}
    return {
        "mean_deg": [none_if_nan(float(value), 2) for value in cycle.mean_deg],
        "sd_deg": [none_if_nan(float(value), 2) for value in cycle.sd_deg],
        "n": cycle.n,
    }


def _curve(row: Mapping[str, Any]) -> CurveBlock:
    return CurveBlock(row["side"], TIME_S.given(row["start_s"]), _cycle(row))


def _whole(value: object, bounds: Bounds) -> int | None:
    return None if value is None else bounds.given_whole(value)


def _cycle(row: Mapping[str, Any]) -> Cycle:
    mean_deg, sd_deg = (
        np.array([_CURVE_DEG.given_or_nan(value) for value in row[name]]) for name in ("mean_deg", "sd_deg")
    )
    if not mean_deg.size == sd_deg.size == CYCLE_POINTS:
        raise ValueError(f"a curve of {mean_deg.size} points; it has {CYCLE_POINTS}, 0 % to 100 %")
    return Cycle(mean_deg, sd_deg, COUNT.given_whole(row["n"]))


def session_json_text(session: Session) -> str:
    """`coach.session/1`, readable and yet small: one line a key, and one a stride, cue, speed or curve."""
    return (
        "{"
        + ",".join(f"\n{_dumped(key)}: {_lines(value)}" for key, value in session_to_json(session).items())
        + "\n}\n"
    )


def strides_csv_text(session: Session) -> str:
    """One row a stride, rejected ones too; the columns are the keys of `strides` in the JSON. Empty where unknown."""
    table = io.StringIO()
    writer = csv.DictWriter(table, [column.key for column in STRIDE_COLUMNS], lineterminator="\n")
    writer.writeheader()
    for stride in session.strides:
        writer.writerow({key: _cell(value) for key, value in plain_row(stride, STRIDE_COLUMNS).items()})
    return table.getvalue()


def _lines(value: object) -> str:
    """A list with one line an entry; anything else on one line."""
    if isinstance(value, list) and value:
        return "[" + ",".join(f"\n {_dumped(entry)}" for entry in value) + "\n]"
    return _dumped(value)


def _dumped(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _cell(value: object) -> object:
    """JSON's words for truth, so that both files say the same."""
    return str(value).lower() if isinstance(value, bool) else value
