"""What the coach goes by: the last strides of each leg, whether the belt's speed holds, where on it the runner is.

Single strides are only partly knowable: a runner's own scatter (1.65°) and the error of
measurement are of one size. So nothing is decided on fewer than a window of strides.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from coach.core.coaching.baseline import NATURAL_STRIDE_SD_DEG, POSE_STRIDE_SD_DEG
from coach.core.coaching.fold import FoldMean, fold_mean
from coach.core.coaching.guards import Means, stand
from coach.core.gait import Activity, GaitUpdate, Stride
from coach.core.gait.quality import Trust
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.stance_pool import Level

SHARED_USUAL: Final = 0.2
SHARED_SCENE: Final = 0.55
"""What the strides of a window err by together does not average out, and comes and goes over a minute: light, blur,
place on the belt, a rail before the leg. Of the error that every picture has (up to POSE_STRIDE_SD_DEG) it is a small
share; of what a poor picture adds it is the larger half, since what makes a picture poor lasts (engineering choices;
the false and missed cues they lead to stand in docs/coaching.md)."""
LONGEST_GAP_S: Final = 8.0
"""Strides further apart than this do not belong together: the runner may have changed in between (an engineering
choice: about a window)."""
LONGEST_WINDOW_S: Final = 9.0
"""Eight strides take 5.6 s at 170 steps a minute, at half of them lost 11 s: a little less (an engineering choice)."""
FEWEST_STRIDES: Final = 5
"""Where strides are lost a window is what 9 s brought, if that is five strides: their mean is known to 1° (natural
scatter and the pose's error over √5), and fewer are less sure by themselves."""


@dataclass(frozen=True, slots=True)
class WindowMean:
    """Mean heel lift of consecutive valid strides of one leg."""

    mean_deg: float
    se_deg: float
    """One-sigma uncertainty of the mean, from the strides' spread or from what is usual, whichever is larger."""
    shared_deg: float
    """One-sigma error that all its strides have in common; more strides do not make it smaller."""
    strides: int
    end_s: float
    """When the last of the strides ended."""
    stand: Means
    """How the runner steps and stands over the same strides."""
    fold: FoldMean


class StrideWindow:
    """The last valid strides of one leg, read as one window or as two in a row. Memory is bounded."""

    def __init__(self, strides: int) -> None:
        self._size = strides
        self._strides: deque[Stride] = deque(maxlen=2 * strides)
        self._since_s = math.inf
        self._means: dict[tuple[float, float], WindowMean] = {}
        self._latest: dict[tuple[float, int | None], WindowMean | None] = {}

    def __len__(self) -> int:
        return len(self._strides)

    def add(self, stride: Stride) -> None:
        """Take one more valid stride; a long gap before it starts the windows anew."""
        if self._strides and stride.end_s - self._strides[-1].end_s > LONGEST_GAP_S:
            self._strides.clear()
        if not self._strides:
            self._since_s = stride.start_s
        self._strides.append(stride)
        self._latest.clear()

    def clear(self) -> None:
        """Forget, as after a change of speed."""
        self._strides.clear()
        self._means.clear()
        self._latest.clear()

    def latest(self, since_s: float = -math.inf, at_least: int | None = None) -> WindowMean | None:
        """Mean of the newest window after `since_s`; None while it is not full (or has not `at_least` strides)."""
        asked = since_s, at_least
        if asked not in self._latest:
            strides = self._after(since_s)
            newest = self._newest(strides)
            enough = len(newest) >= at_least if at_least else self._full(newest, strides, since_s)
            self._latest[asked] = self._mean(newest) if enough else None
        return self._latest[asked]

    def pair(self, since_s: float = -math.inf) -> tuple[WindowMean, WindowMean] | None:
        """The two newest windows in a row, older first, both after `since_s`; None while they are not full."""
        strides = self._after(since_s)
        newer = self._newest(strides)
        before = strides[: len(strides) - len(newer)]
        older = self._newest(before)
        if not (self._full(newer, strides, since_s) and self._full(older, before, since_s)):
            return None
        return self._mean(older), self._mean(newer)

    def _mean(self, window: list[Stride]) -> WindowMean:
        """The same window is asked for often: now as the newest, later as the one before it."""
        key = (window[0].start_s, window[-1].end_s)
        if key not in self._means:
            self._means[key] = window_mean(window)
            if len(self._means) > 3 * self._size:
                del self._means[next(iter(self._means))]
        return self._means[key]

    def _after(self, since_s: float) -> list[Stride]:
        return [stride for stride in self._strides if stride.start_s >= since_s]

    def _newest(self, strides: list[Stride]) -> list[Stride]:
        """The last strides that make one window."""
        if not strides:
            return []
        from_s = strides[-1].end_s - LONGEST_WINDOW_S
        return [stride for stride in strides[-self._size :] if stride.start_s >= from_s]

    def _full(self, window: list[Stride], strides: list[Stride], since_s: float) -> bool:
        """Whether it has all its strides, or all its time and enough strides."""
        if len(window) >= self._size:
            return True
        if len(window) < FEWEST_STRIDES:
            return False
        return strides[-1].end_s - max(since_s, self._since_s) >= LONGEST_WINDOW_S


def window_mean(strides: Sequence[Stride]) -> WindowMean:
    """The mean lift over at least one stride."""
    n = len(strides)
    peaks = [stride.peak_knee_flexion_deg for stride in strides]
    mean = sum(peaks) / n
    error = sum([_error_deg(stride) ** 2 for stride in strides]) / n
    spread = sum([(peak - mean) ** 2 for peak in peaks]) / (n - 1) if n > 1 else 0.0
    own = max(NATURAL_STRIDE_SD_DEG**2 + error, spread) / n
    return WindowMean(
        mean_deg=mean,
        se_deg=math.sqrt(own),
        shared_deg=_shared_error_deg(error),
        strides=n,
        end_s=strides[-1].end_s,
        stand=stand(strides),
        fold=fold_mean(strides, _shared_error_deg),
    )


def _shared_error_deg(error_deg2: float) -> float:
    """What strides of this mean square error have in common."""
    usual = min(error_deg2, POSE_STRIDE_SD_DEG**2)
    return math.sqrt(SHARED_USUAL**2 * usual + SHARED_SCENE**2 * (error_deg2 - usual))


def _error_deg(stride: Stride) -> float:
    """Its own: what all strides of a run share was there before a change as well."""
    error = stride.own_peak_sd_deg
    return error if math.isfinite(error) else POSE_STRIDE_SD_DEG


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
BELIEVED_SHARE: Final = 0.08
"""What is doubted already must come clearly nearer to be believed again (an engineering choice: what dim light errs by,
and a little)."""
SURE_SIGMA: Final = 2.0
"""Readings that are less sure, as where both feet tell another speed, contradict nothing within so many of theirs."""
TEACHES_SHARE: Final = 0.06
"""A reading less sure than dim light's teaches no leg."""
DOUBTED_FOR_S: Final = 1.5
"""Two strides: one of them may have been misread (an engineering choice)."""
LEARNED_FROM: Final = 12
"""Readings at new strides from which the runner's leg is learned: about 5 s of running."""
FROM_HEIGHT_SHARE: Final = 0.08
"""So much more while the leg is known from the height alone: legs are 3 % longer or shorter than usual, a foot slides
by 2 % less or more, 5 cm of height are 3 %, and a camera 30° to the side slows a belt by 10 % until its place is known.
Of 65 places and runs (`bench.camera_places`) none had a right speed doubted, with a height wrong by 5 cm either way."""
_ANSWERS: Final = frozenset({SpeedOrigin.TYPED, SpeedOrigin.RECORDING})
"""A person answers the question; a plan goes on by itself."""

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

    Speed over leg lengths a second is the runner's leg: it stays the same whatever the belt does. It is learned from
    what is given first; where the body height tells it roughly, only from what it does not contradict. Who is asked
    and tells another speed is believed, even against the feet: then what was given before was wrong, and the leg with
    it, or the height.
    """

    def __init__(self, expected_leg_m: float = math.nan) -> None:
        """`expected_leg_m`: thigh and shank as the body height tells them; NaN where that is not known."""
        self._legs_m: list[float] = []
        self._learned = False
        self._leg_m, self._leg_sd_share = expected_leg_m, 0.0
        self._given_mps = self._given_since_s = math.nan
        self._since_s = math.nan
        self._sure_since_s = math.nan

    def restart(self) -> None:
        """Learn anew, whatever the height tells: the runner says that the speed is right."""
        self._legs_m.clear()
        self._learned = False
        self._leg_m, self._leg_sd_share = math.nan, 0.0
        self._believe()

    @property
    def contradicted(self) -> bool:
        """Whether the feet contradict the given speed now, be it for how short a time."""
        return not math.isnan(self._since_s)

    def doubted(
        self, t_s: float, belt: BeltSpeed | None, seen: Level, *, new_stride: bool, settled: bool = True
    ) -> bool:
        """Whether the given speed has been contradicted for some time. seen: what the feet say, and how surely.

        settled: whether belt and feet have had the time to follow what was given; no doubt begins before. While the
        feet say nothing one lasts as long as the same speed is given.
        """
        if belt is None or belt.traits.from_picture or not belt.speed_mps > 0:
            self._believe()
            return False
        if belt.speed_mps != self._given_mps:
            self._given_mps, self._given_since_s = belt.speed_mps, t_s
            self._legs_m.clear()
        if seen.ll_s > 0:
            self._compare(t_s, belt, seen, new_stride=new_stride, settled=settled)
        elif not self._given_since_s <= self._sure_since_s:
            self._believe()
        return not math.isnan(self._sure_since_s)

    def _compare(self, t_s: float, belt: BeltSpeed, seen: Level, *, new_stride: bool, settled: bool) -> None:
        leg_m, sd_share = belt.speed_mps / seen.ll_s, seen.sd_ll_s / seen.ll_s
        if not self._contradicts(leg_m, sd_share):
            self._believe()
            if new_stride and sd_share <= TEACHES_SHARE:
                self._learn(leg_m, sd_share)
        elif not self.contradicted:
            self._since_s = t_s if settled else math.nan
        elif self._answered(t_s, belt):
            self.restart()
        elif math.isnan(self._sure_since_s) and t_s - self._since_s >= DOUBTED_FOR_S:
            self._sure_since_s = t_s

    def _contradicts(self, leg_m: float, sd_share: float) -> bool:
        """Whether no such leg can be this runner's; False while nothing is known of it."""
        share = BELIEVED_SHARE if self._given_since_s <= self._sure_since_s else DOUBTED_SHARE
        may_err = SURE_SIGMA * math.hypot(sd_share, self._leg_sd_share)
        return abs(leg_m / self._leg_m - 1) > max(share if self._learned else share + FROM_HEIGHT_SHARE, may_err)

    def _learn(self, leg_m: float, sd_share: float) -> None:
        if self._learned:
            return
        self._legs_m.append(leg_m)
        if len(self._legs_m) >= LEARNED_FROM:
            self._learned, self._leg_m, self._leg_sd_share = True, statistics.median(self._legs_m), sd_share

    def _answered(self, t_s: float, belt: BeltSpeed) -> bool:
        """Whether the runner has told a speed since it was doubted, and left it at that."""
        told = belt.origin in _ANSWERS and self._given_since_s > self._sure_since_s
        return told and t_s - self._given_since_s >= SETTLE_S

    def _believe(self) -> None:
        self._since_s = self._sure_since_s = math.nan


class BeltWatch:
    """The belt as the coach takes it: how fast, since when, and whether to believe it."""

    def __init__(self, expected_leg_m: float = math.nan) -> None:
        """`expected_leg_m`: the runner's thigh and shank as the body height tells them; NaN where that is not known."""
        self._change, self._doubt = SpeedMonitor(), SpeedDoubtMonitor(expected_leg_m)
        self._told: BeltSpeed | None = None
        self.doubted = False
        """Whether the feet contradict it."""

    def step(self, t_s: float, belt: BeltSpeed | None, seen: Level, *, new_stride: bool) -> tuple[bool, bool]:
        """Whether strides until now are no evidence, and whether the belt is another one than a moment ago."""
        before = self.doubted
        changed = self._change.changed(t_s, belt)
        self._told = belt
        settled = self._change.settled(t_s)
        self.doubted = self._doubt.doubted(t_s, belt, seen, new_stride=new_stride, settled=settled)
        return changed or self.doubted or before, changed or self.doubted != before

    def believe(self) -> None:
        """The runner says that the speed is right."""
        self._doubt.restart()

    def settled(self, t_s: float) -> bool:
        """Whether its last change lies far enough back."""
        return self._change.settled(t_s)

    @property
    def belt(self) -> BeltSpeed | None:
        """As it was told, marked where it is doubted; None where nothing is known."""
        return self._marked(self.doubted)

    @property
    def belt_of_stride(self) -> BeltSpeed | None:
        """The same for a stride that has just ended, marked before a contradiction is sure: it was run in it."""
        return self._marked(self.doubted or self._doubt.contradicted)

    def _marked(self, doubted: bool) -> BeltSpeed | None:
        # A device is checked by rules of its own (`SpeedChoice`), and believed or not used at all.
        if self._told is None or not doubted or self._told.traits.overruled:
            return self._told
        return replace(self._told, doubted=True)

    @property
    def speed_mps(self) -> float:
        """As it was told, doubted or not; NaN where nothing is known."""
        return self._told.speed_mps if self._told is not None else math.nan

    @property
    def band_mps(self) -> float:
        """The speed the band is for: steady where the picture flickers, NaN where it is doubted or not known."""
        if self._told is None or self.doubted:
            return math.nan
        speed_mps = self._told.speed_mps
        if self._told.traits.from_picture and math.isfinite(speed_mps):
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
