"""Watches: has the belt changed speed, and does the runner drift to its rear?"""

from __future__ import annotations

import math
from typing import Final

from coach.core.gait import Activity, GaitUpdate
from coach.core.quality import Trust
from coach.core.speed import BeltSpeed, SpeedOrigin

CHANGE_MPS: Final = 0.12
"""0.43 km/h: the target moves by about 1.3°. Consoles step by 0.1–0.5 km/h."""
CHANGE_VIDEO_MPS: Final = 0.3
"""A speed read from the picture wanders by itself."""
SETTLE_S: Final = 6.0
"""Belt and gait need some strides after a change."""

DRIFTED_LL: Final = -0.5
"""Half a leg length (about 45 cm) behind the usual place; runners wander by 4–8 cm."""
GONE_LL: Final = -1.3
"""Further back lies no belt: the runner is stepping off."""
BACK_AGAIN_LL: Final = -0.25
DRIFTED_FOR_S: Final = 2.0
"""Who leaves the belt passes these places in less."""


class SpeedWatch:
    """Whether the belt runs at one speed."""

    def __init__(self) -> None:
        self._held_mps = math.nan
        self._settled_s = -math.inf

    def changed(self, t_s: float, belt: BeltSpeed | None) -> bool:
        """Whether the speed has just become another one; losing it or finding it is a change too."""
        speed_mps = belt.speed_mps if belt is not None else math.nan
        if math.isnan(speed_mps) and math.isnan(self._held_mps):
            return False
        limit_mps = CHANGE_VIDEO_MPS if belt is not None and belt.origin is SpeedOrigin.VIDEO else CHANGE_MPS
        if abs(speed_mps - self._held_mps) <= limit_mps:
            return False
        first = math.isnan(self._held_mps) and math.isinf(self._settled_s)
        self._held_mps = speed_mps
        self._settled_s = t_s if first else t_s + SETTLE_S
        return not first

    def settled(self, t_s: float) -> bool:
        """Whether the last change lies far enough back."""
        return t_s >= self._settled_s


class DriftWatch:
    """Whether the runner has stayed too far back on the belt for too long. Says so once for each time."""

    def __init__(self) -> None:
        self._since_s = math.nan
        self._told = False

    def step(self, gait: GaitUpdate) -> bool:
        """Whether to warn now."""
        position = gait.position_ll
        seen = gait.trust is Trust.MEASURING and gait.activity in {Activity.RUNNING, Activity.WALKING}
        if not seen or not GONE_LL < position <= DRIFTED_LL:
            self._since_s = math.nan
            self._told = self._told and not position > BACK_AGAIN_LL
            return False
        if math.isnan(self._since_s):
            self._since_s = gait.t_s
        if self._told or gait.t_s - self._since_s < DRIFTED_FOR_S:
            return False
        self._told = True
        return True
