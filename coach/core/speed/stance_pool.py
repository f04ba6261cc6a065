"""What the last stances say together: the belt's speed in leg lengths per second, and whether it has changed.

What each foot's slope is worth is told by the near ankle, which pose networks see best. On rendered runners its slope
is right within 2 %, while heel and toe of the near foot read 4–15 % fast (the network bends the foot along with the
shank) and the far foot 2–18 % slow. These errors are the runner's and the camera's and hardly change during a run. So
all points are used together, which follows a change of speed quickly, and their level is set by the near ankle over
the last minute.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from coach.core.pose import SIDES, Side
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


_KEEP_S: Final = 20.0
"""Stances pooled at a steady speed: about 50."""
_HALF_LIFE_S: Final = 6.0
MIN_STANCES: Final = 3
_HUBER: Final = 1.5
_OWN_SD_SHARE: Final = 0.05
"""Keeps a few stances that were seen well from speaking for all: where an event is put and how the runner stepped are
not in a stance's own error."""
_SIDE_SD_SHARE: Final = 0.015
"""Near and far foot are seen at scales of their own: 4 cm off the middle at 2.5 m."""
_SIDES_AGREE: Final = 0.2
"""Both feet ride on one belt; where they differ by more, the far one is not seen as it is."""

_NOISE_MEMORY: Final = 32
_NOISE_PRIOR: Final = 8
"""So many imaginary stances say that stances scatter as a dim 30 fps picture makes them."""
_LEAST_NOISE: Final = 0.4

_FEWEST_NEW: Final = 3
_MOST_NEW: Final = 14
"""A change is looked for among so many of the newest stances."""
_FEWEST_OLD: Final = 3
_EVIDENCE: Final = 10.0
"""Log-likelihood ratio at which a change is believed."""
_WORTH_A_LOOK: Final = 2.0
"""Sigmas by which the mean of the newest three must be off before the evidence is weighed at all, which costs time."""
_FAR_OFF: Final = 3.0
"""Sigmas beyond which a stance is a mistake, and however far off adds no more to the evidence: so no two mistakes
make a change, nor do several that agree on nothing."""
_WANDER_SHARE: Final = 0.008
"""The belt slows under each step and a camera sways: the level itself may move by so much without being another."""

_STEEPEST_RAD: Final = math.radians(20.0)
_LEVEL_RAD: Final = math.radians(6.0)
"""A smaller lean changes the speed by less than 0.6 %, and networks are not surer of it than that."""
_ROLL_MEMORY: Final = 60


@dataclass(frozen=True, slots=True)
class Level:
    """A speed in leg lengths per second and its one sigma; NaN while unknown."""

    ll_s: float = math.nan
    sd_ll_s: float = math.nan


UNSEEN: Final = Level()


class _Reading(NamedTuple):
    """One stance as it counts now: its speed along the belt's line, its one sigma as a share, its side and time."""

    t_s: float
    side: Side
    speed_ll_s: float
    sd_share: float


class StancePool:
    """The stances at the belt's present speed."""

    def __init__(self) -> None:
        self.near: Side | None = None
        self._gain = FootGain()
        self._descents: deque[float] = deque(maxlen=_ROLL_MEMORY)
        self._stances: deque[StanceSpeed] = deque()
        self._off: dict[Side, deque[float]] = {side: deque(maxlen=_NOISE_MEMORY) for side in SIDES}
        self.level = UNSEEN

    def add(self, stance: StanceSpeed) -> bool:
        """Take one stance; whether the belt turns out to have changed its speed, and older stances are forgotten."""
        if math.isfinite(stance.descent_rad) and stance.ankle_ll_s > 1.0:
            self._descents.append(stance.descent_rad)
        self._gain.add(stance, self.near)
        self._learn_noise(stance)
        self._stances.append(stance)
        while stance.t_s - self._stances[0].t_s > _KEEP_S:
            self._stances.popleft()
        readings = self._readings(self._stances)
        new = _newly_changed(readings) if _leaves(self.level.ll_s, readings) else 0
        if new:
            for _ in range(len(readings) - new):
                self._stances.popleft()
            readings = readings[-new:]
        self.level = self._pooled(readings, _HALF_LIFE_S)
        return new > 0

    def clear(self) -> None:
        """Forget the speed, not what was learned of camera and feet."""
        self._stances.clear()
        self.level = UNSEEN

    def mean(self, stances: Collection[StanceSpeed]) -> Level:
        """The level of some stances, all of one speed, as gains and roll are known now."""
        return self._pooled(self._readings(stances), math.inf)

    @property
    def angle_rad(self) -> float:
        """How far the belt's line leans in the image, + where its front end is higher."""
        if len(self._descents) < 2 * MIN_STANCES:
            return 0.0
        return min(max(median(self._descents), -_STEEPEST_RAD), _STEEPEST_RAD)

    def _readings(self, stances: Collection[StanceSpeed]) -> list[_Reading]:
        gain, angle_rad = self._gain.gains(self.near), self.angle_rad
        lean = 1.0 if abs(angle_rad) < _LEVEL_RAD else math.cos(angle_rad)
        factor = {side: gain(side) / lean for side in SIDES}
        noise = {side: self._noise(side) for side in SIDES}
        return [_Reading(s.t_s, s.side, s.speed_ll_s * factor[s.side], s.sd_share * noise[s.side]) for s in stances]

    def _learn_noise(self, stance: StanceSpeed) -> None:
        """How far a stance lies from the last of the same foot, in units of what it was given."""
        before = next((s for s in reversed(self._stances) if s.side == stance.side), None)
        if before is not None:
            off = math.log(stance.speed_ll_s / before.speed_ll_s) / math.hypot(stance.sd_share, before.sd_share)
            self._off[stance.side].append(abs(off))

    def _noise(self, side: Side) -> float:
        off = self._off[side]
        seen = 1.4826 * median(off) if off else 1.0
        square = (len(off) * seen**2 + _NOISE_PRIOR) / (len(off) + _NOISE_PRIOR)
        return max(math.sqrt(square), _LEAST_NOISE)

    def _pooled(self, readings: Sequence[_Reading], half_life_s: float) -> Level:
        if len(readings) < MIN_STANCES:
            return UNSEEN
        newest_s = readings[-1].t_s
        parts: dict[Side, Level] = {}
        for side in SIDES:
            mine = [r for r in readings if r.side == side]
            if mine:
                mean, sd = _robust_mean(mine, [0.5 ** ((newest_s - r.t_s) / half_life_s) for r in mine])
                parts[side] = Level(mean, math.hypot(sd, _SIDE_SD_SHARE * mean))
        used = list(parts.values())
        apart = abs(math.log(used[0].ll_s / used[1].ll_s)) if len(used) == 2 else 0.0
        if apart > _SIDES_AGREE:
            used = [parts[self.near or SIDES[1]]]
        weights = [part.sd_ll_s**-2 for part in used]
        mean = sum(w * part.ll_s for w, part in zip(weights, used, strict=True)) / sum(weights)
        # One belt under both feet: by half of what they differ either may be wrong, each by itself however sure.
        shares = (self._gain.sd_share, 0.5 * apart)
        return Level(max(mean, 0.0), math.hypot(sum(weights) ** -0.5, *(mean * share for share in shares)))


def _robust_mean(readings: Sequence[_Reading], weights: Sequence[float]) -> tuple[float, float]:
    """Mean weighted by certainty too, in which a reading far off counts for less (Huber), and its one sigma."""
    middle = median([r.speed_ll_s for r in readings])
    total = product = square = 0.0
    for r, weight in zip(readings, weights, strict=True):
        sd = r.sd_share * middle
        w = weight / (sd**2 + (_OWN_SD_SHARE * middle) ** 2) / max(abs(r.speed_ll_s - middle) / (_HUBER * sd), 1.0)
        total += w
        product += w * r.speed_ll_s
        square += (w * sd) ** 2
    return product / total, math.sqrt(square) / total


def _leaves(level_ll_s: float, readings: Sequence[_Reading]) -> bool:
    newest = readings[-_FEWEST_NEW:]
    if not level_ll_s > 0:
        return False
    off = sum(math.log(r.speed_ll_s / level_ll_s) / r.sd_share for r in newest)
    return abs(off) > _WORTH_A_LOOK * math.sqrt(len(newest))


def _newly_changed(readings: Sequence[_Reading]) -> int:
    """How many of the newest readings are of another speed than those before; 0 where there is no such change."""
    best, found = _EVIDENCE, 0
    for new in range(_FEWEST_NEW, min(_MOST_NEW, len(readings) - _FEWEST_OLD) + 1):
        evidence = _evidence(readings[:-new], readings[-new:])
        if evidence > best:
            best, found = evidence, new
    return found


def _evidence(old: Sequence[_Reading], new: Sequence[_Reading]) -> float:
    before, before_sd = _robust_mean(old, [1.0] * len(old))
    after, _ = _robust_mean(new, [1.0] * len(new))
    before_share = math.hypot(before_sd / before, _WANDER_SHARE)
    off = [math.log(r.speed_ll_s / before) for r in new]
    sds = [r.sd_share for r in new]
    step = math.log(after / before)
    weight = sum(sd**-2 for sd in sds)
    shared = step * weight / (weight + before_share**-2)
    if 3 * sum(abs(x - step) > _FAR_OFF * sd for x, sd in zip(off, sds, strict=True)) > len(new):
        return 0.0  # they agree on no speed
    stays = min(_misfit(off, sds, 0.0), _misfit(off, sds, shared) + 0.5 * (shared / before_share) ** 2)
    return stays - _misfit(off, sds, step)


def _misfit(off: Sequence[float], sds: Sequence[float], level: float) -> float:
    return sum(min(0.5 * ((x - level) / sd) ** 2, 0.5 * _FAR_OFF**2) for x, sd in zip(off, sds, strict=True))
