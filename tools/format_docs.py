"""What docs say of the formats, made from the records: the JSON Schema of `coach.session/1` and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

from coach.core.coaching.cues import CueKind
from coach.core.coaching.stride_record import STRIDE_COLUMNS, SUMMED
from coach.core.columns import GROUPS, UNITS, Column, Group
from coach.core.gait.camera_view import CameraView
from coach.core.gait.quality import RejectReason
from coach.core.heart import HeartOrigin
from coach.core.pose import SIDES
from coach.core.session.cycles import CYCLE_POINTS
from coach.core.session.running_time import OTHER_THAN_RUNNING
from coach.core.speed.belt_speed import SpeedOrigin
from coach.review.session_json import SCHEMA

Schema = dict[str, Any]

SOURCE_KINDS: Final = ("camera", "video", "stream", "demo", "poses")
_EVENTS: Final = (
    "paused, resumed, hurts, standing, walking, away, running, source, source_cut, source_lost, source_returned"
)
_CAMERA: Final = {
    "yaw_deg": "degrees the camera stands ahead of the runner; null: not known, and angles are the picture's own",
    "pitch_deg": "degrees it looks down",
    "roll_deg": "degrees its picture's right side hangs down",
    "yaw_sd_deg": "one standard deviation of yaw_deg",
    "pitch_sd_deg": "one standard deviation of pitch_deg",
    "roll_sd_deg": "one standard deviation of roll_deg",
}
_TEXT: Final[Schema] = {"type": "string"}


def session_schema() -> Schema:
    """A JSON Schema (draft 2020-12) of a whole session."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:coach:session:1",
        "title": f"{SCHEMA}: a session",
        **_object(
            "Unknown values are null, never 0 and never NaN. Times are seconds on the run's own monotonic clock, "
            "angles degrees, lengths leg lengths (_ll), speeds m/s.",
            {
                "schema": {"const": SCHEMA},
                "session_id": {"type": ["integer", "null"], "description": "its number in the store"},
                "runner": {"type": ["string", "null"], "description": "whose it is; null where nobody was named"},
                "note": {"type": ["string", "null"], "description": "what somebody wrote about it"},
                "started_at": {
                    "type": ["string", "null"],
                    "description": "wall-clock time of the start (of a clip: of its filming), ISO 8601 with zone",
                },
                "complete": {"type": "boolean", "description": "false for a run that was cut short and recovered"},
                "source": _object(
                    "Where the frames came from.",
                    {
                        "kind": {"enum": list(SOURCE_KINDS)},
                        "name": _TEXT,
                        "width": _count(),
                        "height": _count(),
                        "nominal_fps": _number("what the source promises"),
                        "measured_fps": _number("new pictures a second; repeats are not counted"),
                    },
                ),
                "view": _object(
                    "How the camera saw the runner; in a run with a turn, the leg of most valid near strides.",
                    {
                        "facing": _ref("side_or_null"),
                        "near_side": _ref("side_or_null"),
                        **{each.name: _number(_CAMERA[each.name]) for each in fields(CameraView)},
                        "seen_instead": {
                            "type": "object",
                            "description": "what was seen in place of running, and for how many seconds",
                            "propertyNames": {"enum": list(OTHER_THAN_RUNNING)},
                            "additionalProperties": _number("seconds"),
                        },
                        "time_scale": _number("slower than life by so much, as it seems; null without a sign of it"),
                    },
                ),
                "start_s": _number("first frame, s"),
                "end_s": _number("last frame, s"),
                "frames_total": {**_count(), "description": "new pictures that were looked at; repeats are none"},
                "frames_with_pose": _count(),
                "strides": _list("stride"),
                "cues": _list("cue"),
                "speeds": {**_list("speed"), "description": "each holds until the next"},
                "heart_rates": {**_list("heart_rate"), "description": "each holds until the next; empty: none heard"},
                "events": _list("event"),
                "cycle": _object("Mean knee curve of each leg.", {side: _ref("cycle") for side in SIDES}),
                "curves": {**_list("curve_block"), "description": "mean knee curves block by block through the run"},
                "settings": {
                    "type": "object",
                    "description": "every setting by its key in config.toml",
                    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
                },
                "summary": _ref("summary"),
            },
        ),
        "$defs": {
            "side": {"enum": list(SIDES)},
            "side_or_null": {"enum": [*SIDES, None]},
            "speed_source": {"enum": [*map(str, SpeedOrigin), None]},
            "stride": _stride(),
            "cue": _object(
                "One cue.",
                {
                    "t_s": _number("s", known=True),
                    "kind": {"enum": list(map(str, CueKind))},
                    "side": _ref("side_or_null"),
                    "text": _TEXT,
                    "channels": {"type": "array", "items": _TEXT, "description": "how it really reached the runner"},
                },
            ),
            "speed": _object(
                "The belt speed from a moment on.",
                {
                    "t_s": _number("s", known=True),
                    "speed_mps": _number("m/s; null from where it was unknown", least=0),
                    "source": _ref("speed_source"),
                    "incline_pct": _number("per cent"),
                },
            ),
            "heart_rate": _object(
                "The heart rate from a moment on; nothing is coached by it.",
                {
                    "t_s": _number("s", known=True),
                    "bpm": _number("beats a minute; null from where it was lost", least=0),
                    "source": {"enum": [*map(str, HeartOrigin), None]},
                },
            ),
            "event": _object(
                "Something that happened around the run.",
                {
                    "t_s": _number("s", known=True),
                    "kind": {"type": "string", "description": f"such as {_EVENTS}"},
                    "detail": _TEXT,
                },
            ),
            "cycle": _object(
                "Mean knee curve over the gait cycle, from initial contact to the next.",
                {"mean_deg": _curve(), "sd_deg": _curve(), "n": _count()},
            ),
            "curve_block": _object(
                "Mean knee curve of one leg over the valid strides that began within some seconds.",
                {
                    "side": _ref("side"),
                    "start_s": _number("s", known=True),
                    "mean_deg": _curve(),
                    "sd_deg": _curve(),
                    "n": _count(),
                },
            ),
            "spread": _object(
                "Mean and SD over valid strides, and how many there were.",
                {
                    "mean": _number("mean"),
                    "sd": _number("standard deviation; null for a single stride", least=0),
                    "n": _count(),
                },
            ),
            "summary": _summary(),
        },
    }


def _stride() -> Schema:
    """One stride, column by column; a valid one has no reason, and a rejected one has."""
    of_valid = {"properties": {"valid": {"const": True}}}
    return {
        **_object(
            "One stride: initial contact to the next initial contact of the same foot. Rejected ones stay in the list.",
            {column.key: _value(column) for column in STRIDE_COLUMNS},
        ),
        "allOf": [
            {
                "if": of_valid,
                "then": {"properties": {"reject_reason": {"const": None}}},
                "else": {"properties": {"reject_reason": {"type": "string"}}},
            }
        ],
    }


def _value(column: Column) -> Schema:
    """What a column may hold."""
    about = column.note.about
    if column.kind == "number":
        unit = f" [{UNITS[column.note.unit]}]" if column.note.unit else ""
        return _number(about + unit, least=column.note.least, known=not column.nullable)
    if column.kind == "flag":
        return {"type": ["boolean", "null"] if column.nullable else "boolean", "description": about}
    return {"enum": [*map(str, column.words), *([None] if column.nullable else [])], "description": about}


def _summary() -> Schema:
    return _object(
        "The run in a few numbers; valid strides only.",
        {
            "duration_s": _number("first frame to last", least=0),
            "running_s": _number("the same without pauses, standing, walking and being away", least=0),
            "cadence_spm": _number("steps per minute", least=0),
            "peak_knee_flexion_deg": _object(
                "Means; `near` is of `view.near_side` while it was near.",
                {leg: _number(f"{leg} leg") for leg in ("near", *SIDES)},
            ),
            "peak_knee_flexion_near_sd_deg": _number("SD between strides", least=0),
            "target_deg": _number("mean target"),
            "in_band_pct": {
                **_number(
                    "share of the near leg's strides within the band, after the baseline where it was taken in the run",
                    least=0,
                ),
                "maximum": 100,
            },
            "strides_valid": _count(),
            "strides_valid_near": _count(),
            "strides_rejected": _counts(map(str, RejectReason)),
            "speed": _object(
                "Belt speed over the running time, weighted by time.",
                {
                    "mean_mps": _number("m/s"),
                    "lowest_mps": _number("m/s"),
                    "highest_mps": _number("m/s"),
                    "distance_m": _number(
                        "belt length that passed in the running time, while the speed was known", least=0
                    ),
                    "sources": {"type": "array", "items": {"enum": list(map(str, SpeedOrigin))}},
                },
            ),
            "heart_rate": _object(
                "Heart rate over the running time, second by second.",
                {
                    "mean_bpm": _number("beats a minute; null where none was heard"),
                    "highest_bpm": _number("beats a minute"),
                    "sources": {"type": "array", "items": {"enum": list(map(str, HeartOrigin))}},
                },
            ),
            **{column.key: _ref("spread") for column in SUMMED},
            "cues": _counts(map(str, CueKind)),
            "remember": {
                "anyOf": [
                    {"type": "null"},
                    _object(
                        "The cue to remember.",
                        {"kind": {"enum": list(map(str, CueKind))}, "text": {"type": ["string", "null"]}},
                    ),
                ]
            },
            "quality": _object(
                "What stands behind the numbers.",
                {
                    "measured_fps": _number("frames a second"),
                    "frames_total": _count(),
                    "frames_with_pose": _count(),
                    "frames_dropped": {"type": ["integer", "null"], "minimum": 0},
                    "latencies": {
                        "type": "object",
                        "additionalProperties": _object(
                            "One way through the machine.",
                            {"p50_ms": _number("median"), "p95_ms": _number("95th percentile")},
                        ),
                    },
                },
            ),
        },
    )


def _object(about: str, properties: Schema) -> Schema:
    """An object with exactly these keys."""
    return {
        "type": "object",
        "description": about,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _number(about: str, *, least: float | None = None, known: bool = False) -> Schema:
    bounds = {} if least is None else {"minimum": least}
    return {"type": "number" if known else ["number", "null"], "description": about, **bounds}


def _count() -> Schema:
    return {"type": "integer", "minimum": 0}


def _counts(names: Iterable[str]) -> Schema:
    return {"type": "object", "propertyNames": {"enum": list(names)}, "additionalProperties": _count()}


def _curve() -> Schema:
    return {
        "type": ["array", "null"],
        "items": {"type": ["number", "null"]},
        "minItems": CYCLE_POINTS,
        "maxItems": CYCLE_POINTS,
        "description": "knee flexion in degrees at 0, 1, … 100 % of the gait cycle",
    }


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_TITLES: Final[dict[Group, str]] = {
    "leg": "Which leg",
    "measured": "What was measured",
    "belt": "The belt when it ended",
    "band": "The band that held",
    "trust": "Whether it is trusted",
}
_HEAD: Final = """# Data dictionary: the columns of a stride

Made by `python -m tools.write_docs` from the notes that stand with the fields of `StrideRecord`
([gait/stride.py](../coach/core/gait/stride.py), [stride_record.py](../coach/core/coaching/stride_record.py)); change
them there. A stride runs from one initial contact to the next of the same foot. What is not known is null (JSON,
Parquet, SQL) or an empty cell (CSV), never 0 and never NaN.

One name everywhere: SQL table `stride`, Parquet table `strides`, JSON `strides` and the CSV of `coach export`; where
JSON and CSV keep an older key it stands in brackets. JSON and CSV are rounded to the decimals given, the others are
exact. What is marked *derived* follows from other columns and is not in SQL.
"""
_FOOT: Final = """## Means over a run
The summary of a session (JSON) has `mean`, `sd` and `n`, and the Parquet table `sessions` the mean, of
{summed}.
Those marked *near leg* count the near leg alone; the others too where it has three valid strides, and both legs where
not. The near leg of a run with a turn is the one with most valid near strides.
"""


def data_dictionary() -> str:
    """Markdown: every column by its group, then what is summed up over a run."""
    parts = [_HEAD]
    for group in GROUPS:
        rows = [_row(column) for column in STRIDE_COLUMNS if column.note.group == group]
        head = "| column | what | unit | decimals | where else |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## {_TITLES[group]}", head, *rows]) + "\n")
    names = ", ".join(f"`{column.name}`" for column in SUMMED)
    return "\n".join([*parts, _FOOT.format(summed=names)])


def _row(column: Column) -> str:
    note = column.note
    name = f"`{column.name}`" + (f" (`{column.key}`)" if column.key != column.name else "")
    words = f": {', '.join(f'`{word}`' for word in column.words)}" if column.words else ""
    number = column.kind == "number"
    unit = UNITS[note.unit] if number else {"flag": "true or false", "word": "a word"}[column.kind]
    return f"| {name} | {note.about}{words} | {unit} | {note.digits if number else ''} | {_elsewhere(column)} |"


def _elsewhere(column: Column) -> str:
    note = column.note
    said = ["derived"] if column.derived else []
    said += ["near leg"] if note.near_only else []
    if note.shown is not None:
        said.append(f"page: {note.shown.label}")
    if note.fit is not None:
        said.append(f"FIT developer field {note.fit.number} `{note.fit.name}`, {note.fit.units}")
    return "; ".join(said)
