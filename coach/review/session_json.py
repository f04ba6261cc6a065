"""`coach.session/1`: a session as the JSON that other programs read, and back again.

Unknown values are null, never 0 and never NaN. Rounding keeps more than is known: 0.1 ms, 0.01°.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from coach.core.coaching.advice import Stage
from coach.core.coaching.cues import CueKind
from coach.core.gait import Stride, View
from coach.core.gait.quality import RejectReason
from coach.core.pose import SIDES
from coach.core.session.records import (
    CurveBlock,
    Cycle,
    FrameFacts,
    KeptCue,
    KeptStride,
    Latency,
    SessionEvent,
    Setting,
    SourceFacts,
    SpeedChange,
)
from coach.core.session.session import Session
from coach.core.session.summary import DataQuality, SessionSummary, SpeedFacts, Spread, summarise
from coach.core.speed.belt_speed import SpeedOrigin
from coach.errors import FormatError

SCHEMA: Final = "coach.session/1"

Json = dict[str, Any]
"""A JSON object; it lives no longer than the reading or writing of a file."""

_STRIDE_DIGITS: Final = {
    "start_s": 4,
    "end_s": 4,
    "initial_contact_s": 4,
    "toe_off_s": 4,
    "peak_knee_flexion_deg": 2,
    "peak_knee_flexion_s": 4,
    "peak_knee_flexion_sd_deg": 2,
    "min_hip_heel_ll": 4,
    "heel_rise_ll": 4,
    "cadence_spm": 3,
    "contact_time_s": 4,
    "contact_time_sd_s": 4,
    "flight_time_s": 4,
    "bounce_ll": 4,
}
_SPEED_DIGITS: Final = 4


def session_to_json(session: Session) -> Json:
    """The session as `coach.session/1`, ready for `json.dumps(…, allow_nan=False)`."""
    source, frames = session.source, session.frames
    return {
        "schema": SCHEMA,
        "session_id": session.session_id,
        "started_at": session.started_at,
        "complete": session.complete,
        "source": {
            "kind": source.kind,
            "name": source.name,
            "width": source.width,
            "height": source.height,
            "nominal_fps": _rounded(source.nominal_fps, 3),
            "measured_fps": _rounded(frames.measured_fps, 3),
        },
        "view": {"facing": session.view.facing, "near_side": session.view.near_side},
        "start_s": _rounded(frames.first_s, 4),
        "end_s": _rounded(frames.last_s, 4),
        "frames_total": frames.total,
        "frames_with_pose": frames.with_pose,
        "strides": [stride_to_json(kept) for kept in session.strides],
        "cues": [cue_to_json(cue) for cue in session.cues],
        "speeds": [_speed_to_json(change) for change in session.speeds],
        "events": [{"t_s": _rounded(e.t_s, 4), "kind": e.kind, "detail": e.detail} for e in session.events],
        "cycle": {side: _cycle_to_json(session.cycles.get(side)) for side in SIDES},
        "curves": [
            {"side": block.side, "start_s": _rounded(block.start_s, 4), **_cycle_to_json(block.cycle)}
            for block in session.curves
        ],
        "settings": {setting.key: setting.value for setting in session.settings},
        "summary": summary_to_json(session.summary),
    }


def stride_to_json(kept: KeptStride) -> Json:
    """One stride, rejected ones too; flat, so that it is a row of a table as well."""
    stride = kept.stride
    return {
        "side": stride.side,
        "near": stride.near,
        **{name: _rounded(getattr(stride, name), digits) for name, digits in _STRIDE_DIGITS.items()},
        "speed_mps": _rounded(kept.speed_mps, _SPEED_DIGITS),
        "speed_source": _text(kept.speed_source),
        "incline_pct": _rounded(kept.incline_pct, 2),
        "target_deg": _rounded(kept.target_deg, 2),
        "target_low_deg": _rounded(kept.low_deg, 2),
        "target_high_deg": _rounded(kept.high_deg, 2),
        "in_band": kept.in_band,
        "stage": _text(kept.stage),
        "valid": stride.valid,
        "reject_reason": _text(stride.reject_reason),
    }


def cue_to_json(cue: KeptCue) -> Json:
    """One cue with the ways in which it reached the runner."""
    return {
        "t_s": _rounded(cue.t_s, 4),
        "kind": str(cue.kind),
        "side": cue.side,
        "text": cue.text,
        "channels": list(cue.channels),
    }


def summary_to_json(summary: SessionSummary) -> Json:
    """The few numbers."""
    peak = summary.peak_knee_flexion_deg
    return {
        "duration_s": _rounded(summary.duration_s, 3),
        "cadence_spm": _rounded(summary.cadence_spm, 2),
        "peak_knee_flexion_deg": {
            "near": _rounded(peak.near, 2),
            "left": _rounded(peak.left, 2),
            "right": _rounded(peak.right, 2),
        },
        "peak_knee_flexion_near_sd_deg": _rounded(summary.peak_knee_flexion_near.sd, 2),
        "target_deg": _rounded(summary.target_deg, 2),
        "in_band_pct": _rounded(summary.in_band_pct, 1),
        "strides_valid": summary.strides_valid,
        "strides_valid_near": summary.strides_valid_near,
        "strides_rejected": {str(reason): n for reason, n in summary.strides_rejected},
        "speed": _speed_facts_to_json(summary.speed),
        "contact_time_s": _spread_to_json(summary.contact_time_s),
        "flight_time_s": _spread_to_json(summary.flight_time_s),
        "bounce_ll": _spread_to_json(summary.bounce_ll),
        "min_hip_heel_ll": _spread_to_json(summary.min_hip_heel_ll),
        "heel_rise_ll": _spread_to_json(summary.heel_rise_ll),
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
    frames = FrameFacts(
        total=data["frames_total"],
        with_pose=data["frames_with_pose"],
        first_s=_number(data.get("start_s")),
        last_s=_number(data.get("end_s")),
        measured_fps=_number(source.get("measured_fps")),
    )
    strides = tuple(_stride(row) for row in data["strides"])
    cues = tuple(_cue(row) for row in data["cues"])
    speeds = tuple(_speed(row) for row in data.get("speeds", ()))
    latencies = tuple(
        Latency(name, _number(value["p50_ms"]), _number(value["p95_ms"]))
        for name, value in (quality.get("latencies") or {}).items()
    )
    cycles = {side: _cycle(data["cycle"][side]) for side in SIDES if (data["cycle"].get(side) or {}).get("n")}
    return Session(
        source=SourceFacts(
            source["kind"], source["name"], source["width"], source["height"], _number(source["nominal_fps"])
        ),
        view=View(data["view"]["facing"]),
        frames=frames,
        strides=strides,
        cues=cues,
        speeds=speeds,
        events=tuple(SessionEvent(row["t_s"], row["kind"], row["detail"]) for row in data.get("events", ())),
        curves=tuple(CurveBlock(row["side"], row["start_s"], _cycle(row)) for row in data.get("curves", ())),
        cycles=cycles,
        settings=tuple(Setting(key, value) for key, value in data.get("settings", {}).items()),
        summary=summarise(
            frames, strides, cues, speeds, frames_dropped=quality.get("frames_dropped"), latencies=latencies
        ),
        started_at=data.get("started_at"),
        session_id=data.get("session_id"),
        complete=data.get("complete", True),
    )


def _stride(row: Mapping[str, Any]) -> KeptStride:
    reason = row["reject_reason"]
    source, stage = row["speed_source"], row.get("stage")
    return KeptStride(
        stride=Stride(
            side=row["side"],
            near=row["near"],
            **{name: _number(row.get(name)) for name in _STRIDE_DIGITS},
            reject_reason=None if reason is None else RejectReason(reason),
        ),
        speed_mps=_number(row["speed_mps"]),
        speed_source=None if source is None else SpeedOrigin(source),
        incline_pct=_number(row.get("incline_pct")),
        low_deg=_number(row.get("target_low_deg")),
        target_deg=_number(row["target_deg"]),
        high_deg=_number(row.get("target_high_deg")),
        stage=None if stage is None else Stage(stage),
    )


def _cue(row: Mapping[str, Any]) -> KeptCue:
    return KeptCue(row["t_s"], CueKind(row["kind"]), row["side"], row["text"], tuple(row["channels"]))


def _speed(row: Mapping[str, Any]) -> SpeedChange:
    source = row["source"]
    return SpeedChange(
        t_s=row["t_s"],
        speed_mps=_number(row["speed_mps"]),
        source=None if source is None else SpeedOrigin(source),
        incline_pct=_number(row.get("incline_pct")),
    )


def _speed_to_json(change: SpeedChange) -> Json:
    return {
        "t_s": _rounded(change.t_s, 4),
        "speed_mps": _rounded(change.speed_mps, _SPEED_DIGITS),
        "source": _text(change.source),
        "incline_pct": _rounded(change.incline_pct, 2),
    }


def _speed_facts_to_json(speed: SpeedFacts) -> Json:
    return {
        "mean_mps": _rounded(speed.mean_mps, _SPEED_DIGITS),
        "lowest_mps": _rounded(speed.lowest_mps, _SPEED_DIGITS),
        "highest_mps": _rounded(speed.highest_mps, _SPEED_DIGITS),
        "distance_m": _rounded(speed.distance_m, 1),
        "sources": list(speed.sources),
    }


def _quality_to_json(quality: DataQuality) -> Json:
    return {
        "measured_fps": _rounded(quality.measured_fps, 3),
        "frames_total": quality.frames_total,
        "frames_with_pose": quality.frames_with_pose,
        "frames_dropped": quality.frames_dropped,
        "latencies": {
            latency.name: {"p50_ms": _rounded(latency.p50_ms, 1), "p95_ms": _rounded(latency.p95_ms, 1)}
            for latency in quality.latencies
        },
    }


def _spread_to_json(spread: Spread) -> Json:
    return {"mean": _rounded(spread.mean, 4), "sd": _rounded(spread.sd, 4), "n": spread.n}


def _cycle_to_json(cycle: Cycle | None) -> Json:
    if cycle is None:
        return {"mean_deg": None, "sd_deg": None, "n": 0}
    return {
        "mean_deg": [_rounded(float(value), 2) for value in cycle.mean_deg],
        "sd_deg": [_rounded(float(value), 2) for value in cycle.sd_deg],
        "n": cycle.n,
    }


def _cycle(row: Mapping[str, Any]) -> Cycle:
    return Cycle(np.array(row["mean_deg"], dtype=np.float64), np.array(row["sd_deg"], dtype=np.float64), row["n"])


def _rounded(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)
