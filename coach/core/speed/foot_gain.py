"""What each foot's slope is worth, told by the near ankle.

Pose networks see the near ankle best. On rendered runners its slope is right within 2 %, while heel and toe of the
near foot read 4–15 % fast (the network bends the foot along with the shank) and the far foot 2–18 % slow. These
errors are the runner's and the camera's and hardly change during a run. So all points are used together, which
follows a change of speed quickly, and their level is set by the near ankle over the last minute.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Final

from coach.core.pose import Side
from coach.core.speed.stance import StanceSpeed

_MEMORY: Final = 64
_PRIOR: Final = 2
"""So many imaginary stances say that all points agree, until real ones have shown how they differ."""
_PRIOR_SD: Final = 0.06
"""How differently single points of a foot travel, where nothing is known of the network yet."""
_NEIGHBOUR_S: Final = 0.6
_MOST: Final = 0.35
"""A ratio farther from 1 is a mistake in a stance, not a bias."""


class FootGain:
    """Learns, stance by stance, by what the near and the far foot's speed is to be multiplied."""

    def __init__(self) -> None:
        self._near: deque[float] = deque(maxlen=_MEMORY)
        self._far: deque[float] = deque(maxlen=_MEMORY)
        self._last_near: StanceSpeed | None = None

    def add(self, stance: StanceSpeed, near: Side | None) -> None:
        """Take one stance; nothing is learned while the near side is unknown."""
        if near is None or not stance.speed_ll_s > 0:
            return
        if stance.side == near:
            _keep(self._near, stance.ankle_ll_s / stance.speed_ll_s)
            self._last_near = stance
        elif self._last_near is not None and abs(stance.t_s - self._last_near.t_s) < _NEIGHBOUR_S:
            _keep(self._far, self._last_near.speed_ll_s / stance.speed_ll_s)

    def gains(self, near: Side | None) -> Callable[[Side], float]:
        """What a side's speed is to be multiplied by."""
        near_gain = _centre(self._near)
        far_gain = near_gain * _centre(self._far)
        return lambda side: near_gain if near is None or side == near else far_gain

    @property
    def sd_share(self) -> float:
        """How well the near foot's gain is known, one sigma."""
        count = len(self._near) + _PRIOR
        centre = _centre(self._near)
        scatter = 1.4826 * median([abs(ratio - centre) for ratio in self._near]) if self._near else 0.0
        return math.hypot(1.25 * scatter, _PRIOR_SD * math.sqrt(_PRIOR / count)) / math.sqrt(count)


def _keep(ratios: deque[float], ratio: float) -> None:
    if math.isfinite(ratio) and abs(ratio - 1) < _MOST:
        ratios.append(ratio)


def _centre(ratios: deque[float]) -> float:
    """Median, drawn towards 1 while there are few."""
    if not ratios:
        return 1.0
    return 1.0 + (median(ratios) - 1.0) * len(ratios) / (len(ratios) + _PRIOR)
