"""Watches: has the belt changed speed, is its speed to be believed, and does the runner drift to its rear?"""

from __future__ import annotations

import math
import statistics
from typing import Final

from coach.core.gait import Activity, GaitUpdate
from coach.core.gait.quality import Trust
from coach.core.speed.belt_speed import BeltSpeed

CHANGE_MPS: Final = 0.12
"""0.43 km/h: the target moves by about 1.3° (the norm's slope). Consoles step by 0.1–0.5 km/h."""
CHANGE_VIDEO_MPS: Final = 0.3
"""A speed read from the picture wanders by itself, by 2–4 % and in dim light by 6 % (`python -m bench.speed`): 0.18 m/s
at 3 m/s, with room."""
VIDEO_STEP_MPS: Final = 0.05
"""A speed read from the picture flickers; the band follows it in steps of about half a degree (the norm's slope)."""
SETTLE_S: Final = 6.0
"""Belt and gait need some strides after a change: a window, and a little (an engineering choice)."""

DOUBTED_SHARE: Final = 0.12
"""A given speed that the feet contradict by more is no longer believed (they err by 2–4 %, in dim light by 6 %)."""
DOUBTED_FOR_S: Final = 1.5
"""Two strides: one of them may have been misread (an engineering choice)."""
LEARNED_FROM: Final = 12
"""Readings at new strides from which the runner's leg is learned: about 5 s of running."""

DRIFTED_LL: Final = -0.5
"""Half a leg length (about 45 cm) behind the usual place; runners wander by 4–8 cm."""
GONE_LL: Final = -1.3
"""Further back, 1.1 m behind the usual place, lies no belt: the runner is stepping off (an engineering choice)."""
BACK_AGAIN_LL: Final = -0.25
"""Half of the way back, so that one drift is not told twice (an engineering choice)."""
DRIFTED_FOR_S: Final = 2.0
"""Who leaves the belt passes these places in less."""


class SpeedMonitor:
    """Whether the belt runs at one speed."""

    def __init__(self) -> None:
        self._held_mps = math.nan
        self._settled_s = -math.inf

    def changed(self, t_s: float, belt: BeltSpeed | None) -> bool:
        """Whether the speed has just become another one; losing it or finding it is a change too."""
        speed_mps = belt.speed_mps if belt is not None else math.nan
        if math.isnan(speed_mps) and math.isnan(self._held_mps):
            return False
        limit_mps = CHANGE_VIDEO_MPS if belt is not None and belt.traits.from_picture else CHANGE_MPS
        if abs(speed_mps - self._held_mps) <= limit_mps:
            return False
        first = math.isnan(self._held_mps) and math.isinf(self._settled_s)
        self._held_mps = speed_mps
        self._settled_s = t_s if first else t_s + SETTLE_S
        return not first

    def settled(self, t_s: float) -> bool:
        """Whether the last change lies far enough back."""
        return t_s >= self._settled_s


class SpeedDoubtMonitor:
    """Whether the feet on the belt contradict the speed that was given, as when nobody typed the change.

    Speed over leg lengths a second is the runner's leg: it stays the same whatever the belt does.
    """

    def __init__(self) -> None:
        self._legs_m: list[float] = []
        self._given_mps = math.nan
        self._since_s = math.nan
        self._leg_m = math.nan

    def restart(self) -> None:
        """Learn anew: the runner says that the speed is right."""
        self._legs_m.clear()
        self._leg_m = self._since_s = math.nan

    def doubted(self, t_s: float, belt: BeltSpeed | None, seen_ll_s: float, *, new_stride: bool) -> bool:
        """Whether the given speed has been contradicted for some time. seen_ll_s: what the feet say; NaN unknown."""
        if belt is None or belt.traits.from_picture or not (belt.speed_mps > 0 and seen_ll_s > 0):
            self._since_s = math.nan
            return False
        leg_m = belt.speed_mps / seen_ll_s
        if math.isnan(self._leg_m):
            self._learn(leg_m, belt.speed_mps, new_stride=new_stride)
            return False
        if abs(leg_m / self._leg_m - 1) <= DOUBTED_SHARE:
            self._since_s = math.nan
            return False
        self._since_s = t_s if math.isnan(self._since_s) else self._since_s
        return t_s - self._since_s >= DOUBTED_FOR_S

    def _learn(self, leg_m: float, given_mps: float, *, new_stride: bool) -> None:
        if given_mps != self._given_mps:
            self._given_mps = given_mps
            self._legs_m.clear()
        if new_stride:
            self._legs_m.append(leg_m)
        if len(self._legs_m) >= LEARNED_FROM:
            self._leg_m = statistics.median(self._legs_m)


class BeltWatch:
    """The belt as the coach takes it: how fast, since when, and whether to believe it."""

    def __init__(self) -> None:
        self._change, self._doubt = SpeedMonitor(), SpeedDoubtMonitor()
        self.belt: BeltSpeed | None = None
        self.doubted = False
        """Whether the feet contradict it."""

    def step(self, t_s: float, belt: BeltSpeed | None, seen_ll_s: float, *, new_stride: bool) -> tuple[bool, bool]:
        """Whether strides until now are no evidence, and whether the belt is another one than a moment ago."""
        before = self.doubted
        changed = self._change.changed(t_s, belt)
        self.belt = belt
        self.doubted = self._doubt.doubted(t_s, belt, seen_ll_s, new_stride=new_stride)
        return changed or self.doubted or before, changed or self.doubted != before

    def believe(self) -> None:
        """The runner says that the speed is right."""
        self._doubt.restart()

    def settled(self, t_s: float) -> bool:
        """Whether its last change lies far enough back."""
        return self._change.settled(t_s)

    @property
    def speed_mps(self) -> float:
        """NaN where it is not known."""
        return self.belt.speed_mps if self.belt is not None else math.nan

    @property
    def band_mps(self) -> float:
        """The speed the band is for: steady where the picture flickers, NaN where it is doubted or not known."""
        if self.belt is None or self.doubted:
            return math.nan
        speed_mps = self.belt.speed_mps
        if self.belt.traits.from_picture and math.isfinite(speed_mps):
            return round(speed_mps / VIDEO_STEP_MPS) * VIDEO_STEP_MPS
        return speed_mps


class DriftMonitor:
    """Whether the runner has stayed too far back on the belt for too long. Says so once for each time."""

    def __init__(self) -> None:
        self._since_s = math.nan
        self._warned = False

    def step(self, gait: GaitUpdate) -> bool:
        """Whether to warn now."""
        position = gait.position_ll
        seen = gait.trust is Trust.MEASURING and gait.activity in {Activity.RUNNING, Activity.WALKING}
        if not seen or not GONE_LL < position <= DRIFTED_LL:
            self._since_s = math.nan
            self._warned = self._warned and not position > BACK_AGAIN_LL
            return False
        if math.isnan(self._since_s):
            self._since_s = gait.t_s
        if self._warned or gait.t_s - self._since_s < DRIFTED_FOR_S:
            return False
        self._warned = True
        return True
