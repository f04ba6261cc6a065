"""How a camera is turned against the runner."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple


class CameraAngles(NamedTuple):
    """Degrees; all 0 exactly from the side.

    yaw +: it stands ahead of the runner. pitch +: it looks down. roll +: its picture's right side hangs down.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraView:
    """The camera's angles as the runner's bones and feet told them, each with its standard deviation, degrees.

    NaN while they are not known: what is measured is then the picture's own angle, right for a camera at the side.
    """

    yaw_deg: float = math.nan
    pitch_deg: float = math.nan
    roll_deg: float = math.nan
    yaw_sd_deg: float = math.nan
    pitch_sd_deg: float = math.nan
    roll_sd_deg: float = math.nan

    @property
    def known(self) -> bool:
        """Whether angles are measured in the sagittal plane."""
        return not math.isnan(self.yaw_deg)

    @property
    def angles(self) -> CameraAngles:
        """The angles alone; side-on while they are not known."""
        return CameraAngles(self.yaw_deg, self.pitch_deg, self.roll_deg) if self.known else CameraAngles()


UNKNOWN_CAMERA: Final = CameraView()


def camera_view(angles: CameraAngles, sd_deg: CameraAngles) -> CameraView:
    """Angles and their standard deviations in one."""
    return CameraView(*angles, *sd_deg)
