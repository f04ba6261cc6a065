"""The coach's judgement: gait and belt speed in; target, stage and cues out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from coach.core.cues import Cue
from coach.core.gait import Stride
from coach.core.pose import Side
from coach.core.speed import BeltSpeed
from coach.core.target import HeelLiftTarget


class Stage(StrEnum):
    """Where the session stands."""

    WARM_UP = "warm_up"
    BASELINE = "baseline"
    COACHING = "coaching"
    OBSERVING = "observing"


class Zone(StrEnum):
    """Where the mean heel lift lies in the band."""

    BELOW = "below"
    IN_BAND = "in_band"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class HeelLift:
    """The one big number: mean peak flexion of the last valid strides of the coached leg."""

    side: Side
    mean_deg: float
    strides: int
    zone: Zone | None
    """None without a target, as while the belt speed is unknown."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the coach makes of one frame. `target` and `lift` are None while they cannot be trusted."""

    stage: Stage
    stage_remaining_s: float
    """Seconds left of warm-up or baseline; NaN where the stage has no end."""
    target: HeelLiftTarget | None
    lift: HeelLift | None
    cues: tuple[Cue, ...]
    hold_reason: str | None
    """Why the coach is silent although coaching is on, in words for the screen."""


@dataclass(frozen=True, slots=True)
class CoachedStride:
    """A stride with the belt speed and the target that held when it ended."""

    stride: Stride
    belt: BeltSpeed | None
    target: HeelLiftTarget | None
