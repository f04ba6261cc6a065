"""How a camera is turned against the runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class CameraAngles(NamedTuple):
    """How the camera is turned against the runner, degrees; all 0 exactly from the side.

    yaw +: it stands ahead of the runner. pitch +: it looks down. roll +: its picture's right side hangs down.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraView:
    """How the camera is turned against the runner, and the standard deviation of each angle."""

    angles: CameraAngles
    sd_deg: CameraAngles
