"""The belt's speed read from the picture: the stance foot rides on the belt.

Stance slopes in leg lengths per second, pooled robustly over the last strides, times the runner's leg in metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from coach.core.gait import GaitUpdate
from coach.core.pose import Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.stance import StanceSpeed
from coach.core.speed.stance_pool import Level, StancePool
from coach.core.speed.stance_reader import STILL_EVERY_S, StanceReader, feet_still

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


_GONE_S: Final = 6.0
"""Nothing seen for so long: the speed is unknown again."""
_TRUSTED_SHARE: Final = 0.10
"""Stances that scatter so much that their mean is not known within 10 % are no stances: no speed is told."""
_STILL_SD_MPS: Final = 0.05

_CALIBRATION_STANCES: Final = (16, 32, 64, 96)
"""The scale is taken from so many stances, first after 6 s of running, and refined at each of these counts."""
_CALIBRATION_LAG_S: Final = 3.0
"""A belt needs seconds to reach what its console already says."""
_SLOWEST_CALIBRATION_MPS: Final = 1.2


class VideoSpeed:
    """Reads the belt speed from poses and gait events.

    Without the runner's height and without a calibration there is no absolute speed: `step` gives None, and
    `level` still follows every change. A remembered `scale` goes over the height.
    """

    def __init__(self, height_cm: float | None = None, scale: BeltScale | None = None) -> None:
        self._first_scale = scale_from_height(height_cm) if height_cm else None
        self._scale = scale or self._first_scale
        self._remembered = scale is not None
        self._reader = StanceReader()
        self._pool = StancePool()
        self._seen_s = -math.inf
        self._still = False
        self._looked_s = -math.inf
        self._known_mps = math.nan
        self._known_since_s = math.nan
        self._now_s = -math.inf
        self._refused = False
        self._calibration: list[StanceSpeed] = []
        self._calibrated_with = 0

    @property
    def scale(self) -> BeltScale | None:
        """The runner's leg; keep it per runner and camera set-up once its origin is `calibrated`."""
        return self._scale

    @property
    def learned(self) -> BeltScale | None:
        """The scale that a known speed has given in this session; worth remembering."""
        return self._scale if self._calibrated_with and not self._refused else None

    @property
    def calibration_refused(self) -> bool:
        """Whether a known speed was offered that no leg can explain, such as miles for kilometres."""
        return self._refused

    @property
    def level(self) -> Level:
        """Belt speed in leg lengths per second, and how surely; NaN when unknown."""
        return Level(0.0, 0.0) if self._still else self._pool.level

    @property
    def belt_angle_deg(self) -> float:
        """How far the belt's line leans in the image, + where its front end is higher: camera roll and incline."""
        return math.degrees(self._pool.angle_rad)

    def step(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> BeltSpeed | None:
        """Take one frame; the belt's speed now, None while it cannot be told in metres."""
        self.see(t_s, pose, gait)
        return self.now()

    def see(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> None:
        """Take one frame."""
        self._now_s = t_s
        self._pool.near = gait.view.near_side
        for stance in self._reader.step(t_s, pose, gait):
            self._take(stance)
        if t_s - self._looked_s >= STILL_EVERY_S:
            self._looked_s = t_s
            if feet_still(t_s, reversed(self._reader.frames)):
                self._still, self._seen_s = True, t_s
                self._pool.clear()

    def calibrate(self, known: BeltSpeed) -> None:
        """Take the runner's leg from a belt speed that is known; call it as long as it is known.

        It waits until that speed has been steady for long enough, refines the scale for the first half minute at
        one speed, and then leaves it alone. A speed that no leg explains is refused.
        """
        if known.speed_mps != self._known_mps:
            self._known_mps, self._known_since_s, self._refused = known.speed_mps, self._now_s, False
            self._calibration.clear()
        if len(self._calibration) not in _CALIBRATION_STANCES or self._calibrated_with >= len(self._calibration):
            return
        if self._refused or self._remembered or not known.speed_mps >= _SLOWEST_CALIBRATION_MPS:
            return
        seen = self._pool.mean(self._calibration)
        scale = scale_from_speed(known, seen.ll_s, seen.sd_ll_s, self._first_scale)
        self._refused = scale is None
        if scale is not None:
            self._scale, self._calibrated_with = scale, len(self._calibration)

    def now(self) -> BeltSpeed | None:
        """The belt's speed at the last frame; None while it cannot be told in metres."""
        age_s = self._now_s - self._seen_s
        if self._scale is None or age_s > _GONE_S:
            return None
        if self._still:
            return BeltSpeed(0.0, SpeedOrigin.VIDEO, _STILL_SD_MPS, max(0.0, age_s))
        seen = self._pool.level
        if not seen.sd_ll_s <= _TRUSTED_SHARE * seen.ll_s:
            return None
        speed_mps = seen.ll_s * self._scale.leg_m
        sd_mps = math.hypot(speed_mps * self._scale.speed_sd_share, seen.sd_ll_s * self._scale.leg_m)
        return BeltSpeed(speed_mps, SpeedOrigin.VIDEO, sd_mps, max(0.0, age_s))

    def _take(self, stance: StanceSpeed) -> None:
        if stance.t_s <= self._seen_s and self._still:
            return
        self._still = False
        self._seen_s = max(self._seen_s, stance.t_s)
        if stance.t_s >= self._known_since_s + _CALIBRATION_LAG_S and len(self._calibration) < _CALIBRATION_STANCES[-1]:
            self._calibration.append(stance)
        if self._pool.add(stance):
            self._calibration.clear()
            self._calibrated_with = _CALIBRATION_STANCES[-1] if self._calibrated_with else 0
