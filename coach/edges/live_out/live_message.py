"""What a run tells other programs, message by message: frames, events, strides and cues.

Names and order are the contract (docs/live-out.md); they are the same for every output. A number that is not trusted or
not known is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from coach.core.coaching.cues import Cue
from coach.core.coaching.stride_record import STRIDE_COLUMNS, StrideRecord
from coach.core.heart import HeartRate
from coach.core.pipeline import Update
from coach.core.units import none_if_nan
from coach.plain_records import plain_row
from coach.ports import LiveMessage, LiveValue

FRAME_NUMBERS: Final = (
    "knee_flexion_left_deg",
    "knee_flexion_right_deg",
    "phase_left",
    "phase_right",
    "cadence_spm",
    "speed_mps",
    "heart_bpm",
)
"""The numbers of a frame, which come at the picture's rate."""
STRIDE_NAMES: Final = (
    "side",
    "near",
    "valid",
    "start_s",
    "end_s",
    "peak_knee_flexion_deg",
    "peak_knee_flexion_sd_deg",
    "target_deg",
    "cadence_spm",
    "contact_time_s",
    "speed_mps",
)
_STRIDE_COLUMNS: Final = tuple(next(column for column in STRIDE_COLUMNS if column.key == name) for name in STRIDE_NAMES)


def messages_of(update: Update, heart: HeartRate | None, ago_s: float) -> Iterator[LiveMessage]:
    """What one frame told: itself, the events and strides that it revealed, and what is said now.

    `ago_s`: how long ago the frame was grabbed. Events and strides lie before it.
    """
    yield LiveMessage("frame", update.t_s, ago_s, _frame(update, heart))
    for event in update.gait.events:
        values: Mapping[str, LiveValue] = {"side": event.side, "event": str(event.kind)}
        yield LiveMessage("event", event.t_s, ago_s + update.t_s - event.t_s, values)
    for stride in update.strides:
        yield LiveMessage("stride", stride.end_s, ago_s + update.t_s - stride.end_s, _stride(stride))
    for cue in update.cues:
        yield LiveMessage("cue", cue.t_s, ago_s + update.t_s - cue.t_s, _cue(cue))


def _frame(update: Update, heart: HeartRate | None) -> Mapping[str, LiveValue]:
    gait, belt = update.gait, update.belt
    numbers = (
        none_if_nan(gait.left.knee_flexion_deg, 2),
        none_if_nan(gait.right.knee_flexion_deg, 2),
        none_if_nan(gait.left.phase, 4),
        none_if_nan(gait.right.phase, 4),
        none_if_nan(gait.cadence_spm, 2),
        None if belt is None else none_if_nan(belt.believed_mps, 4),
        None if heart is None else none_if_nan(heart.bpm, 1),
    )
    return dict(zip(FRAME_NUMBERS, numbers, strict=True)) | {
        "activity": str(gait.activity),
        "trust": str(gait.trust),
    }


def _stride(stride: StrideRecord) -> Mapping[str, LiveValue]:
    return plain_row(stride, _STRIDE_COLUMNS)


def _cue(cue: Cue) -> Mapping[str, LiveValue]:
    return {"cue": str(cue.kind), "side": cue.side, "text": cue.text}
