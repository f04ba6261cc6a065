"""From leg lengths per second to metres per second: how long the runner's leg is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from coach.core.speed.belt_speed import BeltSpeed

ScaleOrigin = Literal["height", "calibrated"]

LEG_PER_HEIGHT: Final = 0.478
LEG_PER_HEIGHT_SD_SHARE: Final = 0.032
"""Hip-knee-ankle length over body height, 0.478 ± 0.015: 26 treadmill runners (Fukuchi 2017, joint centres)."""
FOOT_SD_SHARE: Final = 0.02
"""Between runners the foot's slope differs from the belt by 1.7 % (SD, 39 trials); rounded up for real cameras."""
SAME_FOOT_SD_SHARE: Final = 0.0115
"""The same within one runner, from speed to speed: what calibration leaves."""
SHORTEST_LEG_M: Final = 0.45
LONGEST_LEG_M: Final = 1.10
"""0.478 of 100 and 230 cm, the heights that the configuration takes."""
MOST_OFF_SHARE: Final = 0.12
"""A calibration that wants a leg this far from the height's is a wrong speed (km/h for mph), not a leg."""


@dataclass(frozen=True, slots=True)
class BeltScale:
    """The runner's leg (thigh + shank) as this camera set-up sees it; worth remembering once calibrated."""

    leg_m: float
    sd_share: float
    """One sigma as a share of `leg_m`."""
    origin: ScaleOrigin

    @property
    def speed_sd_share(self) -> float:
        """What the scale adds to a speed's uncertainty, the runner's own way of rolling over the foot included."""
        foot = FOOT_SD_SHARE if self.origin == "height" else SAME_FOOT_SD_SHARE
        return math.hypot(self.sd_share, foot)


@dataclass(frozen=True, slots=True)
class SeenLeg:
    """A calibrated scale as it is remembered, for the camera set-up that it holds for."""

    day: float
    """Days since 1970-01-01."""
    camera: str
    leg_m: float
    sd_share: float

    @property
    def scale(self) -> BeltScale:
        """The scale to begin the next session with."""
        return BeltScale(self.leg_m, self.sd_share, "calibrated")

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def scale_from_height(height_cm: float) -> BeltScale:
    """What is known of the leg before any speed is known."""
    return BeltScale(LEG_PER_HEIGHT * height_cm / 100, LEG_PER_HEIGHT_SD_SHARE, "height")


def scale_from_speed(known: BeltSpeed, speed_ll_s: float, sd_ll_s: float, before: BeltScale | None) -> BeltScale | None:
    """The leg that makes the picture agree with a known belt speed, weighed against what was known before.

    None where such a leg does not exist, so the speed given cannot be right.
    """
    leg_m = known.speed_mps / speed_ll_s
    known_share = known.sd_mps / known.speed_mps if known.sd_mps > 0 else 0.0
    sd_share = math.hypot(known_share, sd_ll_s / speed_ll_s)
    if before is None:
        possible = SHORTEST_LEG_M <= leg_m <= LONGEST_LEG_M
        return BeltScale(leg_m, sd_share, "calibrated") if possible else None
    if abs(leg_m / before.leg_m - 1) > MOST_OFF_SHARE:
        return None
    weight = 1 / max(sd_share, 1e-4) ** 2
    before_weight = 1 / before.speed_sd_share**2
    mean = math.exp((weight * math.log(leg_m) + before_weight * math.log(before.leg_m)) / (weight + before_weight))
    return BeltScale(mean, (weight + before_weight) ** -0.5, "calibrated")
