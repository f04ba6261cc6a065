"""What the person is doing: away, standing, walking or running; and where on the belt."""

from __future__ import annotations

import cmath
import math
from collections import deque
from typing import Final

import numpy as np

from coach.core.gait import Activity
from coach.core.gait.events import ROWS
from coach.core.gait.kinematics import ANKLE, HIP, BothLegs, Legs, PictureSize
from coach.core.gait.mean_cycle import (
    ANKLE_FROM_HIP,
    FLEXION,
    FLEXION_UNIT_DEG,
    HIP_UP,
    MeanCycle,
)
from coach.core.gait.stride import Stride
from coach.core.pose import SIDES

_AWAY_AFTER_S: Final = 0.5
_STILL_WINDOW_S: Final = 1.0
_JUDGE_EVERY_S: Final = 0.09
_STILL_LL: Final = 0.05
"""Feet whose distance varies less (standard deviation) are standing; a walker's varies by 0.2."""


def bounces(template: MeanCycle) -> float:
    """Correlation over the cycle of hip height with the distance of the feet: above 0 in running, below in walking.

    A runner is highest in flight with the feet apart and lowest over the stance foot; a walker vaults
    over the stance leg and is lowest with the feet apart (Cavagna's two mechanisms of gait).
    """
    left, right = template.coefficients[:, :, 0]
    hip, apart = np.stack([left[HIP_UP] + right[HIP_UP], left[ANKLE_FROM_HIP] - right[ANKLE_FROM_HIP]]) @ ROWS.T
    apart = np.abs(apart)
    hip, apart = hip - hip.sum() / len(ROWS), apart - apart.sum() / len(ROWS)
    size = math.sqrt(float(np.vdot(hip, hip) * np.vdot(apart, apart)))
    return float(np.vdot(hip, apart)) / size if size > 0 else 0.0


def is_running(template: MeanCycle, rate_rad_s: float) -> bool:
    """Whether the rhythm is a run: by how the hips move, how far the knee folds and how fast the strides come.

    Walkers fold 60–65° and take 0.8–1.1 strides a second, runners 80–120° and 1.2–1.7 (E: the two doubtful
    ranges between weigh half as much as the hips each).
    """
    peak_deg = float((template.coefficients[:, FLEXION, 0] @ ROWS.T).max()) * FLEXION_UNIT_DEG
    hz = rate_rad_s / (2 * math.pi)
    return bounces(template) + 0.5 * _side((peak_deg - 75) / 15) + 0.5 * _side((hz - 1.15) / 0.15) > 0


def _side(value: float) -> float:
    return min(max(value, -1.0), 1.0)


class ActivityWatch:
    """Tells the activity from whether there is a pose, whether it moves, and how its rhythm bounces."""

    def __init__(self) -> None:
        self._last_pose_s = -math.inf
        self._steps_ll: deque[tuple[float, float]] = deque()
        self._judged_s = -math.inf
        self._still = False

    def see(self, t_s: float, present: bool, legs: Legs | None) -> None:
        """Take one frame; `present`: somebody was seen; legs None where they could not be made out."""
        if present:
            self._last_pose_s = t_s
        if legs is None:
            return
        # Without its sign: legs that are exchanged for some frames must not look like motion.
        step = abs((legs.points_ll[0][ANKLE] - legs.points_ll[1][ANKLE]).real)
        if not math.isnan(step):
            self._steps_ll.append((t_s, step))
        while self._steps_ll and t_s - self._steps_ll[0][0] > _STILL_WINDOW_S:
            self._steps_ll.popleft()

    def away(self, t_s: float) -> bool:
        """Whether nobody has been seen for half a second."""
        return t_s - self._last_pose_s > _AWAY_AFTER_S

    @property
    def still(self) -> bool:
        """Whether the feet have not moved against each other for most of a second."""
        steps = self._steps_ll
        if not steps or steps[-1][0] - steps[0][0] < 0.8 * _STILL_WINDOW_S or len(steps) < 8:
            return False
        if steps[-1][0] - self._judged_s >= _JUDGE_EVERY_S:
            self._judged_s = steps[-1][0]
            self._still = _deviation([step for _, step in steps]) < _STILL_LL
        return self._still

    def without_rhythm(self, t_s: float) -> Activity:
        """The activity while no rhythm is followed."""
        if self.away(t_s):
            return Activity.AWAY
        return Activity.STANDING if self.still else Activity.UNKNOWN


def _deviation(values: list[float]) -> float:
    """Standard deviation."""
    mean = sum(values) / len(values)
    return math.sqrt(sum([(value - mean) ** 2 for value in values]) / len(values))


class PictureEdge:
    """Whose foot came to a side edge of the picture. A network draws one that is cut off at the edge, or inside it."""

    _AT_LL: Final = 0.02
    _MEMORY_S: Final = 10.0
    _READ_AT_ONCE: Final = 64
    """Frames: a stride's end asks what they show."""

    def __init__(self, picture: PictureSize) -> None:
        self._picture = picture
        self._unread: list[tuple[float, BothLegs, float]] = []
        self._there_s: tuple[deque[float], deque[float]] = deque(), deque()

    def see(self, t_s: float, legs: BothLegs, leg_px: float) -> None:
        """One more frame, as the camera saw it."""
        self._unread.append((t_s, legs, leg_px))
        if len(self._unread) >= self._READ_AT_ONCE:
            self._read()

    def reached(self, stride: Stride) -> bool:
        """Whether this leg's foot was at the edge, or beyond it, during its stride."""
        self._read()
        return any(stride.start_s <= t_s <= stride.end_s for t_s in self._there_s[SIDES.index(stride.side)])

    def _read(self) -> None:
        for t_s, legs, leg_px in self._unread:
            for there_s, leg in zip(self._there_s, legs, strict=True):
                if self._picture.cuts(leg, self._AT_LL * leg_px):
                    there_s.append(t_s)
                    while t_s - there_s[0] > self._MEMORY_S:
                        there_s.popleft()
        self._unread.clear()


class BeltPlace:
    """Mid-hip along the belt against its usual place, in leg lengths, + forward.

    Who is elsewhere all at once, and stays, has not left the belt: the camera was turned. A runner drifts more slowly.
    """

    FAR_LL: Final = 0.8
    """From its usual place: no longer on the belt."""
    _MEMORY_S: Final = 20.0
    _ALL_AT_ONCE_S: Final = 0.5
    """From half as far to far; a runner who drifts back takes longer, and is warned."""
    _STAYS_S: Final = 1.5

    def __init__(self) -> None:
        self._usual = math.nan
        self._seen_s = self._halfway_s = self._far_s = 0.0
        self._last_s = math.nan
        self.position_ll = math.nan

    def step(self, legs: Legs) -> float:
        """Take one frame; the position, NaN where no hip was seen."""
        hips = [leg[HIP].real for leg in legs.points_ll if not cmath.isnan(leg[HIP])]
        if not hips:
            self.position_ll = math.nan
            return math.nan
        x = sum(hips) / len(hips)
        dt_s = 0.0 if math.isnan(self._last_s) else min(legs.t_s - self._last_s, 0.1)
        self._last_s = legs.t_s
        self._seen_s = min(self._seen_s + dt_s, self._MEMORY_S)
        if math.isnan(self._usual):
            self._usual = x
        else:
            self._usual += (x - self._usual) * min(1.0, dt_s / max(self._seen_s, dt_s, 1e-3))
        self.position_ll = x - self._usual
        if self._moved_camera(dt_s):
            self._usual, self._seen_s, self.position_ll = x, 0.0, 0.0
        return self.position_ll

    def _moved_camera(self, dt_s: float) -> bool:
        away_ll = abs(self.position_ll)
        if away_ll <= self.FAR_LL / 2:
            self._halfway_s = self._far_s = 0.0
        elif away_ll <= self.FAR_LL:
            self._halfway_s, self._far_s = self._halfway_s + dt_s, 0.0
        else:
            self._far_s += dt_s
        return self._far_s >= self._STAYS_S and self._halfway_s < self._ALL_AT_ONCE_S
