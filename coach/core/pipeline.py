"""The pure pipeline: one pose in, one update out.

kinematics → gait cycle → strides → belt speed → target → cues
"""

from __future__ import annotations

from dataclasses import dataclass

from coach.core.coaching import Advice, CoachedStride
from coach.core.cues import Cue
from coach.core.gait import GaitUpdate
from coach.core.pose import Pose
from coach.core.speed import BeltSpeed


@dataclass(frozen=True, slots=True)
class Update:
    """Everything that one frame changed; what the screen shows and the recorder keeps."""

    t_s: float
    pose: Pose | None
    gait: GaitUpdate
    belt: BeltSpeed | None
    advice: Advice
    strides: tuple[CoachedStride, ...]

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What is to be said now; at most one."""
        return self.advice.cues
