"""Belt speed: a value is nothing without its source, its age and its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class SpeedOrigin(StrEnum):
    """Where a belt speed comes from, most trusted first by default."""

    TREADMILL = "treadmill"
    TYPED = "manual"
    PLAN = "plan"
    RECORDING = "recording"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class BeltSpeed:
    """The belt's speed as far as it is known; NaN for what is not."""

    speed_mps: float
    origin: SpeedOrigin
    sd_mps: float = math.nan
    age_s: float = 0.0
    incline_pct: float = math.nan
