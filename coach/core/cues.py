"""Cues: what is said to the runner, and when. Policy lives here; the edges only play."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from coach.core.pose import Side


class CueKind(StrEnum):
    """What a cue is about. The value is stored, and names its words in assets/cues."""

    HEEL_LIFT_LOW = "heel_lift_low"
    HEEL_LIFT_HIGH = "heel_lift_high"
    SIDE_LEFT = "side_left"
    SIDE_RIGHT = "side_right"
    RECOVERED = "recovered"
    PROGRAMME = "programme"
    BASELINE_READY = "baseline_ready"
    STEPPED_BACK = "stepped_back"


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say. It is dropped, never said late, once `expires_s` has passed."""

    t_s: float
    kind: CueKind
    side: Side | None
    text: str
    """What is spoken, in the runner's language."""
    banner: str
    """What the banner shows: at most four words."""
    expires_s: float
    priority: int
    """Higher goes first; safety is highest."""
