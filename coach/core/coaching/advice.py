"""Advice: what the coach makes of one frame, as screen, speech and record get it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from coach.core.coaching.cues import Cue, CueKind
from coach.core.coaching.programme import SessionPlan
from coach.core.coaching.stride_record import Stage
from coach.core.coaching.target import HeelLiftTarget
from coach.core.pose import Side

__all__ = ["ONLY_UPWARD", "Advice", "HeelLift", "Hold", "Stage", "Zone"]


class Zone(StrEnum):
    """Where the mean heel lift lies in the band."""

    BELOW = "below"
    IN_BAND = "in_band"
    ABOVE = "above"


class Hold(StrEnum):
    """Why the coach is silent although coaching is on. The value names its line of words."""

    PAUSED = "hold_paused"
    SPEED_UNKNOWN = "hold_speed_unknown"
    UNSURE = "hold_unsure"
    NOT_RUNNING = "hold_not_running"
    SPEED_CHANGED = "hold_speed_changed"
    SPEED_DOUBTED = "hold_speed_doubted"
    UNFED = "hold_unfed"
    FLICKED = "hold_flicked"
    CADENCE_FELL = "hold_cadence_fell"
    BOUNCE_ROSE = "hold_bounce_rose"
    QUIET = "hold_quiet"


ONLY_UPWARD: Final = frozenset({Hold.FLICKED, Hold.CADENCE_FELL, Hold.BOUNCE_ROSE, Hold.QUIET})
"""These forbid to ask for more, and nothing else."""
_ALL: Final = frozenset(CueKind)
_NOT_ABOUT_LIFT: Final = frozenset(kind for kind in CueKind if not kind.traits.about_lift)
_NOT_UPWARD: Final = frozenset(kind for kind in CueKind if not kind.traits.upward)


def allowed_kinds(stage: Stage, hold: Hold | None) -> frozenset[CueKind]:
    """Which kinds may be said now. Quiet is each leg's own matter: it withholds nothing else."""
    if hold is Hold.PAUSED:
        return frozenset()
    if stage is not Stage.COACHING or (hold is not None and hold not in ONLY_UPWARD):
        return _NOT_ABOUT_LIFT
    return _ALL if hold in {None, Hold.QUIET} else _NOT_UPWARD


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
    """Why the coach is silent although coaching is on: the key of its line of words."""
    hold: Hold | None = None
    """The same as a kind."""
    plan: SessionPlan | None = None
    """Today's session of the programme; None on a free run."""
