"""The belt's speed read from the picture: the stance foot rides on the belt.

Stance slopes in leg lengths per second, pooled robustly over the last strides, times the runner's leg in metres.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from typing import Final

import numpy as np

from coach.core.belt.belt_scale import BeltScale, scale_from_height, scale_from_speed
from coach.core.belt.foot_gain import FootGain
from coach.core.belt.speed import BeltSpeed, SpeedOrigin
from coach.core.belt.stance import FootFrame, StanceReader, StanceSpeed
from coach.core.gait import GaitUpdate
from coach.core.pose import SIDES, Pose, Side
from coach.core.units import FloatArray

_KEEP_S: Final = 20.0
"""Stances pooled at a steady speed: about 50."""
_HALF_LIFE_S: Final = 6.0
_MIN_STANCES: Final = 3
_GONE_S: Final = 6.0
"""Nothing seen for so long: the speed is unknown again."""

_CHANGES: Final = ((4, 4.0, 0.07), (8, 3.5, 0.03))
"""(stances in a row, sigmas, share): the newest so many that differ clearly by so much are a change of speed.
A step of 1 m/s is seen after 4 stances, 1.2–1.6 s of running; a slow drift after 8."""
_STANCE_SD_SHARE: Final = 0.03
"""The least that single stances scatter (about 3 % at 30 fps with 1 % noise), where few are there to tell."""
_TRUSTED_SHARE: Final = 0.10
"""Stances that scatter so much that their mean is not known within 10 % are no stances: no speed is told."""
_HUBER: Final = 1.5
_SIDE_SD_SHARE: Final = 0.015
"""Near and far foot are seen at scales of their own: 4 cm off the middle at 2.5 m."""

_SIDES_AGREE: Final = 0.2
"""Both feet ride on one belt; where they differ by more, the far one is not seen as it is."""

_STILL_S: Final = 0.8
_STILL_X_LL: Final = 0.10
_STILL_Y_LL: Final = 0.08
"""Feet that stay within this (p10–p90) do not walk; a running foot travels ten times as far."""
_STILL_SEEN: Final = 0.6
_STILL_EVERY_S: Final = 0.1
_STILL_SD_MPS: Final = 0.05

_STEEPEST_DEG: Final = 20.0
_LEVEL_RAD: Final = math.radians(6.0)
"""A smaller lean changes the speed by less than 0.6 %, and networks are not surer of it than that."""
_ROLL_MEMORY: Final = 60

_CALIBRATION_STANCES: Final = (16, 32, 64, 96)
"""The scale is taken from so many stances, first after 6 s of running, and refined at each of these counts."""
_CALIBRATION_LAG_S: Final = 3.0
"""A belt needs seconds to reach what its console already says."""
_SLOWEST_CALIBRATION_MPS: Final = 1.2


class VideoSpeed:
    """Reads the belt speed from poses and gait events.

    Without the runner's height and without a calibration there is no absolute speed: `step` gives None, and
    `speed_ll_s` still follows every change. A remembered `scale` goes over the height.
    """

    def __init__(self, height_cm: float | None = None, scale: BeltScale | None = None) -> None:
        self._first_scale = scale_from_height(height_cm) if height_cm else None
        self._scale = scale or self._first_scale
        self._remembered = scale is not None
        self._reader = StanceReader()
        self._gain = FootGain()
        self._near: Side | None = None
        self._stances: deque[StanceSpeed] = deque()
        self._descents: deque[float] = deque(maxlen=_ROLL_MEMORY)
        self._seen_s = -math.inf
        self._still = False
        self._looked_s = -math.inf
        self._known_mps = math.nan
        self._known_since_s = math.nan
        self._now_s = -math.inf
        self._refused = False
        self._calibration: list[StanceSpeed] = []
        self._calibrated_with = 0
        self._pooled = (math.nan, math.nan)

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
    def speed_ll_s(self) -> float:
        """Belt speed in leg lengths per second; NaN when unknown."""
        return 0.0 if self._still else self._pooled[0]

    @property
    def belt_angle_deg(self) -> float:
        """How far the belt's line leans in the image, + where its front end is higher: camera roll and incline."""
        return math.degrees(self._angle_rad())

    def step(self, t_s: float, pose: Pose | None, gait: GaitUpdate) -> BeltSpeed | None:
        """Take one frame; the belt's speed now, None while it cannot be told in metres."""
        self._now_s = t_s
        self._near = gait.view.near_side
        for stance in self._reader.step(t_s, pose, gait):
            self._take(stance)
        if t_s - self._looked_s >= _STILL_EVERY_S:
            self._looked_s = t_s
            self._look_whether_still(t_s)
        return self._belt(t_s)

    def calibrate(self, known: BeltSpeed) -> None:
        """Take the runner's leg from a belt speed that is known; call it with every frame.

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
        speed_ll_s, sd_ll_s = self._pool(self._calibration, half_life_s=math.inf)
        scale = scale_from_speed(known, speed_ll_s, sd_ll_s, self._first_scale)
        self._refused = scale is None
        if scale is not None:
            self._scale, self._calibrated_with = scale, len(self._calibration)

    def _belt(self, t_s: float) -> BeltSpeed | None:
        age_s = t_s - self._seen_s
        if self._scale is None or age_s > _GONE_S:
            return None
        if self._still:
            return BeltSpeed(0.0, SpeedOrigin.VIDEO, _STILL_SD_MPS, max(0.0, age_s))
        speed_ll_s, sd_ll_s = self._pooled
        if not sd_ll_s <= _TRUSTED_SHARE * speed_ll_s:
            return None
        speed_mps = speed_ll_s * self._scale.leg_m
        sd_mps = math.hypot(speed_mps * self._scale.speed_sd_share, sd_ll_s * self._scale.leg_m)
        return BeltSpeed(speed_mps, SpeedOrigin.VIDEO, sd_mps, max(0.0, age_s))

    def _take(self, stance: StanceSpeed) -> None:
        if math.isfinite(stance.descent_rad) and stance.ankle_ll_s > 1.0:
            self._descents.append(stance.descent_rad)
        if stance.t_s <= self._seen_s and self._still:
            return
        self._still = False
        self._gain.add(stance, self._near)
        self._seen_s = max(self._seen_s, stance.t_s)
        self._stances.append(stance)
        if stance.t_s >= self._known_since_s + _CALIBRATION_LAG_S and len(self._calibration) < _CALIBRATION_STANCES[-1]:
            self._calibration.append(stance)
        while stance.t_s - self._stances[0].t_s > _KEEP_S:
            self._stances.popleft()
        self._forget_the_old_speed()
        self._pooled = self._pool(self._stances)

    def _forget_the_old_speed(self) -> None:
        speeds = self._along(self._stances)
        for newest, sigmas, share in _CHANGES:
            if len(speeds) >= 2 * newest - 1 and _changed(speeds[-newest:], speeds[:-newest], sigmas, share):
                while len(self._stances) > newest - 1:
                    self._stances.popleft()
                self._calibration.clear()
                self._calibrated_with = _CALIBRATION_STANCES[-1] if self._calibrated_with else 0
                return

    def _pool(self, stances: Collection[StanceSpeed], half_life_s: float = _HALF_LIFE_S) -> tuple[float, float]:
        """(speed, its sd) in leg lengths per second; NaN while too few stances are there."""
        if len(stances) < _MIN_STANCES:
            return math.nan, math.nan
        speeds = self._along(stances)
        t_s = np.array([stance.t_s for stance in stances])
        weights = 0.5 ** ((t_s.max() - t_s) / half_life_s)
        sides = np.array([SIDES.index(stance.side) for stance in stances])
        scatter = _scatter(speeds)
        parts = [_robust_mean(speeds[sides == i], weights[sides == i], scatter) for i in (0, 1) if i in sides]
        if len(parts) == 2 and abs(math.log(parts[0][0] / parts[1][0])) > _SIDES_AGREE:
            parts = [parts[0 if self._near == SIDES[0] else 1]]
        sd = np.array([math.hypot(sd, _SIDE_SD_SHARE * mean) for mean, sd in parts])
        share = sd**-2 / (sd**-2).sum()
        mean = float((share * [mean for mean, _ in parts]).sum())
        return max(mean, 0.0), math.hypot(float((sd**-2).sum() ** -0.5), mean * self._gain.sd_share)

    def _along(self, stances: Collection[StanceSpeed]) -> FloatArray:
        """Speeds along the belt's line, as it lies in the image."""
        gain = self._gain.gains(self._near)
        angle_rad = self._angle_rad()
        level = abs(angle_rad) < _LEVEL_RAD
        return np.array([s.speed_ll_s * gain(s.side) for s in stances]) / (1.0 if level else math.cos(angle_rad))

    def _angle_rad(self) -> float:
        if len(self._descents) < 2 * _MIN_STANCES:
            return 0.0
        limit = math.radians(_STEEPEST_DEG)
        return float(np.clip(np.median(self._descents), -limit, limit))

    def _look_whether_still(self, t_s: float) -> None:
        recent = [frame for frame in self._reader.frames if t_s - frame.t_s <= _STILL_S]
        if recent and t_s - recent[-1].t_s < 2 * _STILL_EVERY_S and _feet_still(recent):
            self._still = True
            self._seen_s = t_s
            self._stances.clear()
            self._pooled = (math.nan, math.nan)


def _feet_still(frames: list[FootFrame]) -> bool:
    """Whether every foot that is seen stays where it is; False where none is seen well enough."""
    if frames[-1].t_s - frames[0].t_s < 0.8 * _STILL_S:
        return False
    feet = np.sort(np.array([frame.feet_px / frame.leg_px for frame in frames]).reshape(len(frames), -1), axis=0)
    count = np.isfinite(feet).sum(axis=0)  # NaN are sorted to the end
    seen = count >= _STILL_SEEN * len(frames)
    if not seen.any():
        return False
    column = np.arange(feet.shape[1])
    spread = feet[(0.9 * (count - 1)).astype(int), column] - feet[(0.1 * (count - 1)).astype(int), column]
    limit = np.resize([_STILL_X_LL, _STILL_Y_LL], feet.shape[1])
    return bool((spread[seen] <= limit[seen]).all())


def _changed(new: FloatArray, old: FloatArray, sigmas: float, share: float) -> bool:
    """Whether the medians differ by more than chance and by enough to matter."""
    middle = float(np.median(old))
    error = _scatter(old) * math.sqrt(math.pi / 2 * (1 / len(new) + 1 / len(old)))
    return bool(abs(float(np.median(new)) - middle) > max(sigmas * error, share * abs(middle)))


def _scatter(speeds: FloatArray) -> float:
    """Robust SD of single stances, never less than what single stances scatter at best."""
    middle = np.median(speeds)
    return float(max(1.4826 * np.median(np.abs(speeds - middle)), _STANCE_SD_SHARE * abs(middle), 1e-6))


def _robust_mean(speeds: FloatArray, weights: FloatArray, scatter: float) -> tuple[float, float]:
    """Weighted mean, in which a speed far from the median counts for less the farther it is (Huber), and its sd."""
    off = np.abs(speeds - np.median(speeds)) / (_HUBER * scatter)
    weights = weights / np.maximum(off, 1.0)
    total = float(weights.sum())
    return float((weights * speeds).sum() / total), scatter * float(np.sqrt((weights**2).sum())) / total
