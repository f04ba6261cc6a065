"""Runs made by hand for the tests of keeping and reviewing: every number in them is chosen, none measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from coach.core.coaching.coaching import Advice, Stage
from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.stride_record import StrideRecord, stride_record
from coach.core.coaching.target import HeelLiftTarget, TargetPart
from coach.core.gait import Activity, GaitUpdate, LegState, Stride, View
from coach.core.gait.quality import RejectReason, Trust
from coach.core.pipeline import Update
from coach.core.pose import Pose, Side
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin

NAN = math.nan
TYPED_10 = BeltSpeed(10 / 3.6, SpeedOrigin.TYPED)
BAND = HeelLiftTarget(
    speed_mps=10 / 3.6,
    low_deg=92.0,
    target_deg=97.0,
    high_deg=107.0,
    parts=(TargetPart("norm", 95.0, "runners at this pace"), TargetPart("treadmill", 3.0, "a coaching preference")),
)
STRIDE_S = 0.7


def stride(start_s: float, peak_deg: float = 98.0, side: Side = "left", **changed: object) -> Stride:
    """A stride of 0.7 s that looks like easy running; `changed` replaces any of its values."""
    values: dict[str, object] = {
        "side": side,
        "near": side == "left",
        "start_s": start_s,
        "end_s": start_s + STRIDE_S,
        "initial_contact_s": start_s,
        "toe_off_s": start_s + 0.26,
        "peak_knee_flexion_deg": peak_deg,
        "peak_knee_flexion_s": start_s + 0.68 * STRIDE_S,
        "peak_knee_flexion_sd_deg": 1.2,
        "min_hip_heel_ll": math.cos(math.radians(peak_deg) / 2),
        "heel_rise_ll": 0.55,
        "cadence_spm": 120 / STRIDE_S,
        "contact_time_s": 0.26,
        "contact_time_sd_s": 0.01,
        "flight_time_s": 0.09,
        "vertical_oscillation_ll": 0.1,
        "reject_reason": None,
    }
    return Stride(**{**values, **changed})  # type: ignore[arg-type]


def kept_stride(start_s: float, peak_deg: float = 98.0, **changed: object) -> StrideRecord:
    """The same as a record, without speed and band."""
    return stride_record(stride(start_s, peak_deg, **changed), None, None, None)  # type: ignore[arg-type]


def rejected(start_s: float, reason: RejectReason = RejectReason.LEG_COLLAPSED, side: Side = "left") -> Stride:
    """A stride that may not be believed."""
    return stride(start_s, 60.0, side, reject_reason=reason)


def low_cue(t_s: float, side: Side | None = None) -> Cue:
    """The cue that everything is about."""
    return Cue(t_s, CueKind.HEEL_LIFT_LOW, side, "Heel up, quick and light", "Heel up, light", t_s + 2)


def flexion_deg(phase: float, peak_deg: float) -> float:
    """A knee that is straight at contact, bends a little in stance and most at 68 % of the cycle."""
    swing = (peak_deg - 10) * math.exp(-(((phase - 0.68) / 0.13) ** 2))
    stance = 25 * math.exp(-(((phase - 0.16) / 0.09) ** 2))
    return 10 + swing + stance


def leg_state(t_s: float, peak_deg: float, side: Side) -> LegState:
    """One leg of a metronome: the left foot touches down at 0, 0.7, 1.4 …, the right half a stride later."""
    phase = (t_s / STRIDE_S + (0.5 if side == "right" else 0.0)) % 1.0
    flexion = flexion_deg(phase, peak_deg)
    return LegState(flexion, math.cos(math.radians(flexion) / 2), phase)


_PLACES_PX = np.column_stack([np.arange(13) * 10.0 + 100, np.arange(13) * 20.0 + 50])
_SEEN = np.full(13, 0.9)


def pose_at(t_s: float) -> Pose:
    """All keypoints seen, each at a place of its own."""
    return Pose(t_s, _PLACES_PX.copy(), _SEEN.copy())


def run(
    duration_s: float = 30.0,
    fps: float = 30.0,
    *,
    first_s: float = 0.0,
    peak_deg: Callable[[float], float] = lambda t_s: 98.0,
    belt: Callable[[float], BeltSpeed | None] = lambda t_s: TYPED_10,
    stage: Callable[[float], Stage] = lambda t_s: Stage.COACHING,
    cue_times: tuple[float, ...] = (),
    band: HeelLiftTarget | None = BAND,
    facing: Side = "left",
) -> Iterator[Update]:
    """The updates of a metronome runner; times in the arguments count from the first frame."""
    waiting = sorted(cue_times)
    done: dict[Side, int] = {"left": 0, "right": 0}
    feet: tuple[tuple[Side, float], ...] = (("left", 0.0), ("right", STRIDE_S / 2))
    for frame in range(round(duration_s * fps) + 1):
        since_s = frame / fps
        strides = []
        for side, late in feet:
            start_s = done[side] * STRIDE_S + late
            if since_s >= start_s + STRIDE_S + 0.1:
                done[side] += 1
                one = stride(first_s + start_s, peak_deg(start_s), side, near=side == facing)
                strides.append(stride_record(one, belt(since_s), band, stage(since_s)))
        cues: tuple[Cue, ...] = ()
        if waiting and since_s >= waiting[0]:
            cues = (low_cue(first_s + waiting.pop(0)),)
        yield Update(
            t_s=first_s + since_s,
            pose=pose_at(first_s + since_s),
            gait=gait(first_s + since_s, peak_deg(since_s), tuple(strides), facing, first_s),
            belt=belt(since_s),
            advice=Advice(stage(since_s), NAN, band, None, cues, None),
            strides=tuple(strides),
        )


def gait(t_s: float, peak_deg: float, strides: tuple[Stride, ...], facing: Side, first_s: float = 0.0) -> GaitUpdate:
    """What the tracker would say of the metronome at one frame."""
    return GaitUpdate(
        t_s=t_s,
        view=View(facing),
        left=leg_state(t_s - first_s, peak_deg, "left"),
        right=leg_state(t_s - first_s, peak_deg, "right"),
        activity=Activity.RUNNING,
        trust=Trust.MEASURING,
        events=(),
        strides=strides,
        cadence_spm=120 / STRIDE_S,
        leg_length_px=200.0,
        position_ll=0.0,
        far_leg_trusted=True,
    )
