"""What the limits of acceptance stand on: how strides and rhythms that are right lie against them, and wrong ones.

    COACH_TEST_DATA=DATA python -m bench.limits [--every 3] [--seed 0] [--conditions typical30,hard30]

Measured runners are filmed with a network's noise and faults (the rules of `../eval`) and followed. A stride is right
where a true swing of its leg lies within 0.15 s and its peak within 8° of it. Three things are made wrong on purpose:

- a far leg that is read halfway between its own place and the near leg's, with three times the noise, as a network
  reads it that hardly sees it;
- a near knee that is read where the stance knee is while they lie within 0.2 leg lengths, as in one dark mass;
- a rhythm of two thirds, half and three halves of the true rate.

Each row: a limit, and the 1st, 50th and 99th percentile of the figure it is put on, where all is right and where it is
wrong. Below: how many of either the limits refuse together.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from bench.kinematics import poses
from bench.measured import filming, scoring, trials_of
from coach.core.gait import Stride
from coach.core.gait import quality as limits
from coach.core.gait.cadence_search import CadenceFit, search
from coach.core.gait.cycle_tracker import CycleTracker
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import Legs, any_seen
from coach.core.gait.quality import FarLegTrust, StrideEvidence
from coach.core.gait.rhythm import CadenceMonitor
from coach.core.gait.stride_measures import Measured
from coach.core.pose import SIDES, other

_WRONG_DEG: Final = 8.0
_MATCH_S: Final = 0.15
_AS_ONE_LL: Final = 0.2
_RHYTHM_S: Final = 4.0
_WRONG_RATES: Final = (2 / 3, 1 / 2, 3 / 2)

Figures = dict[str, list[float]]


@dataclass
class Seen:
    """Every figure of what was right and of what was wrong, by the limit's name."""

    right: Figures = field(default_factory=lambda: defaultdict(list))
    wrong: Figures = field(default_factory=lambda: defaultdict(list))


class WatchedTracker(GaitTracker):
    """Keeps what each stride was judged by, and every frame as the legs were normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.judged: list[tuple[Stride, StrideEvidence]] = []
        self.legs: list[Legs] = []

    def _judged(self, measured: Measured) -> Stride:
        stride = super()._judged(measured)
        self.judged.append((stride, measured[1]))
        return stride

    def _normalise(self, t_s: float, pose: Any) -> Legs | None:
        legs = super()._normalise(t_s, pose)
        if legs is not None:
            self.legs.append(legs)
        return legs


def followed(recording: dict[str, Any]) -> WatchedTracker:
    """The tracker after a whole recording."""
    tracker = WatchedTracker()
    for t_s, pose in poses(recording):
        tracker.step(t_s, pose)
    tracker.finish()
    return tracker


def stride_figures(stride: Stride, seen: StrideEvidence) -> dict[str, float]:
    """What `quality` puts its limits on."""
    period_s = stride.end_s - stride.start_s
    lever = math.cos(math.radians(stride.peak_knee_flexion_deg) / 2)
    return {
        "usable_share": seen.usable_share,
        "unread_s": min(seen.unread_s, 1.0),
        "collapsed_share": seen.collapsed_share,
        "swapped_share": seen.swapped_share,
        "peak_sd_deg": stride.peak_knee_flexion_sd_deg,
        "peak_deg": stride.peak_knee_flexion_deg,
        "period_s": period_s,
        "period off the clock's": abs(period_s / seen.expected_s - 1),
        "lever off cos(flexion/2)": abs(stride.min_hip_heel_ll - lever),
        "duty": stride.contact_time_s / period_s,
        "reading_sd_deg": seen.reading_sd_deg,
        "stretch": seen.stretch,
        "spread_ll": seen.spread_ll,
        "misfit_ll": seen.misfit_ll,
        "length_ll": seen.length_ll,
    }


def near_strides(tracker: WatchedTracker, truth: dict[str, Any], seen: Seen) -> None:
    """Each stride of the near leg, right or wrong by the true swings."""
    tops = truth["peaks"][truth["near_side"]]
    for stride, evidence in tracker.judged:
        if stride.side != truth["near_side"]:
            continue
        errors = [
            stride.peak_knee_flexion_deg - deg for t_s, deg in tops if abs(t_s - stride.peak_knee_flexion_s) <= _MATCH_S
        ]
        kind = seen.right if errors and min(map(abs, errors)) <= _WRONG_DEG else seen.wrong
        for name, value in stride_figures(stride, evidence).items():
            kind[name].append(value)
        kind["refused"].append(float(not stride.valid))


def hardly_seen(recording: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same pictures as a network reads them that puts the far leg halfway onto the near one."""
    xy, rng = recording["xy"].copy(), np.random.default_rng(seed)
    half = xy.shape[1] // 2
    near = slice(0, half) if recording["truth"]["near_side"] == "right" else slice(half, None)
    far = slice(half, None) if near.start == 0 else slice(0, half)
    noise = rng.normal(0, 0.03 * recording["truth"]["leg_length_px"], xy[:, near].shape)
    xy[:, far] = (xy[:, near] + xy[:, far]) / 2 + noise
    return {**recording, "xy": xy}


def knees_as_one(recording: dict[str, Any]) -> dict[str, Any]:
    """The same pictures as read by a network that sees one knee where two are close: a swinging near one moves."""
    xy, near_side = recording["xy"].copy(), recording["truth"]["near_side"]
    knee, other_knee, ankle, other_ankle = (
        filming().KEYPOINTS.index(f"{side}_{joint}")
        for joint in ("knee", "ankle")
        for side in (near_side, other(near_side))
    )
    close = np.linalg.norm(xy[:, knee] - xy[:, other_knee], axis=1) < _AS_ONE_LL * recording["truth"]["leg_length_px"]
    swinging = xy[:, ankle, 1] < xy[:, other_ankle, 1]
    xy[close & swinging, knee] = xy[close & swinging, other_knee]
    return {**recording, "xy": xy}


def far_legs(tracker: WatchedTracker, near_side: str, kind: Figures) -> None:
    """What the far leg's last six strides say each time, and whether it is shown."""
    trust = FarLegTrust()
    far: list[tuple[Stride, StrideEvidence]] = []
    near_deg: list[float] = []
    for stride, evidence in tracker.judged:
        trust.see(stride, evidence, stride.side == near_side)
        if stride.side == near_side:
            near_deg = [*near_deg[-5:], stride.peak_knee_flexion_deg]
            continue
        far = [*far[-5:], (stride, evidence)]
        if len(far) < 2 or not near_deg:
            continue
        for name in ("usable_share", "reading_sd_deg", "spread_ll", "length_ll"):
            kind[f"far {name}"].append(float(np.median([getattr(e, name) for _, e in far])))
        kind["far below near_deg"].append(
            float(np.median(near_deg) - np.median([s.peak_knee_flexion_deg for s, _ in far]))
        )
        kind["far usable_share of one"].append(evidence.usable_share)
        kind["far hidden"].append(float(not trust.trusted))


class WatchedMonitor(CadenceMonitor):
    """Tells what it goes by."""

    def figures(self) -> dict[str, float]:
        """As `lost` and `doubtful` take them."""
        return {
            "stray": self._stray,
            "swapped": self._swapped,
            "misfit_ll": math.sqrt(min(self._misfit_ll2)),
            "mean misfit_ll": math.sqrt(sum(self._misfit_ll2) / 2),
        }


def rhythms(frames: list[Legs], near: int, seen: Seen) -> None:
    """The monitor's largest figures over four seconds of a right rhythm, and of wrong ones."""
    window = [f for f in frames if f.t_s - frames[0].t_s <= 1.8]
    fit = _searched(window)
    if fit is None:
        return
    used = [f for f in frames if fit.start_s <= f.t_s <= fit.start_s + _RHYTHM_S]
    _hold(fit, used, near, seen.right)
    for share in _WRONG_RATES:
        _hold(replace(fit, rate_rad_s=share * fit.rate_rad_s), used, near, seen.wrong)


def _searched(window: list[Legs]) -> CadenceFit | None:
    work = search(window)
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: CadenceFit | None = done.value
            return found


def _hold(fit: CadenceFit, frames: Iterable[Legs], near: int, kind: Figures) -> None:
    cycle, watch = CycleTracker(fit, near), WatchedMonitor()
    largest: dict[str, float] = {}
    lost = False
    for legs in frames:
        lost = watch.lost(cycle.step(legs), any_seen(legs.points_ll)) or lost
        largest = {name: max(value, largest.get(name, 0.0)) for name, value in watch.figures().items()}
    for name, value in largest.items():
        kind[f"rhythm {name}"].append(value)
    kind["rhythm lost"].append(float(lost))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--every", type=int, default=3, help="only every so many-th trial")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--conditions", default="typical30,hard30")
    o = ask.parse_args()
    rules, trials = scoring(), trials_of()
    for condition in o.conditions.split(","):
        seen, merged = Seen(), Seen()
        for name in list(trials)[:: o.every]:
            recording = rules.film_case(name, condition, trials[name](), o.seed)
            near_side = recording["truth"]["near_side"]
            tracker = followed(recording)
            near_strides(tracker, recording["truth"], seen)
            near_strides(followed(knees_as_one(recording)), recording["truth"], merged)
            far_legs(tracker, near_side, seen.right)
            far_legs(followed(hardly_seen(recording, o.seed)), near_side, seen.wrong)
            rhythms(tracker.legs, SIDES.index(near_side), seen)
        for name, values in merged.wrong.items():
            seen.wrong[name] += values
        _tell(condition, seen)


LIMITS: Final[dict[str, tuple[float | tuple[float, float], ...]]] = {
    "usable_share": (limits._MIN_USABLE, limits._YOUNG_USABLE),
    "unread_s": (limits._MAX_UNREAD_S,),
    "collapsed_share": (limits._HIDDEN, limits._YOUNG_COLLAPSED),
    "swapped_share": (limits._MAX_SWAPPED, limits._YOUNG_SWAPPED),
    "peak_sd_deg": (limits._MAX_PEAK_SD_DEG,),
    "peak_deg": (limits._PEAK_DEG,),
    "period_s": (limits._PERIOD_S,),
    "period off the clock's": (limits._PERIOD_SHARE,),
    "lever off cos(flexion/2)": (limits._LEVER_LL,),
    "duty": (limits._MAX_DUTY,),
    "stretch": (limits._MAX_STRETCH,),
    "spread_ll": (limits._EDGE_SPREAD_LL, limits._MAX_SPREAD_LL),
    "misfit_ll": (limits._MAX_MISFIT_LL,),
    "far usable_share": (FarLegTrust._MIN_USABLE,),
    "far usable_share of one": (FarLegTrust._MIN_USABLE_ONCE,),
    "far below near_deg": (FarLegTrust._MAX_BELOW_DEG,),
    "far reading_sd_deg": (FarLegTrust._MAX_READING_SD_DEG,),
    "far spread_ll": (FarLegTrust._MAX_SPREAD_LL,),
    "far length_ll": (FarLegTrust._MIN_LENGTH_LL,),
    "rhythm stray": (CadenceMonitor._MAX_STRAY,),
    "rhythm swapped": (CadenceMonitor._MAX_SWAPPED,),
    "rhythm misfit_ll": (CadenceMonitor._MAX_MISFIT_LL,),
    "rhythm mean misfit_ll": (CadenceMonitor._DOUBT_LL,),
}


def _tell(condition: str, seen: Seen) -> None:
    print(f"\n{condition}\n| figure | limit | right: n | 1 % | 50 % | 99 % | wrong: n | 1 % | 50 % | 99 % |")
    print(f"|{'---|' * 10}")
    for name, values in LIMITS.items():
        limit = " / ".join(f"{v[0]:g}–{v[1]:g}" if isinstance(v, tuple) else f"{v:g}" for v in values)
        print(f"| {name} | {limit} | {_cells(seen.right[name])} | {_cells(seen.wrong[name])} |")
    for name, told in (
        ("refused", "strides refused"),
        ("far hidden", "far leg hidden"),
        ("rhythm lost", "rhythm let go"),
    ):
        shares = (
            f"{np.mean(kind[name]):.1%} of {len(kind[name])}" if kind[name] else "none"
            for kind in (seen.right, seen.wrong)
        )
        print(f"{told}: right {next(shares)}, wrong {next(shares)}")


def _cells(values: list[float]) -> str:
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return "0 | | |"
    return " | ".join([str(len(known)), *(f"{p:.3g}" for p in np.percentile(known, (1, 50, 99)))])


if __name__ == "__main__":
    main()
