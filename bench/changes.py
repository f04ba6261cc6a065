"""How surely strides are told while the belt changes its speed: peaks and contact times, and what is stated of them.

    COACH_TEST_DATA=DATA python -m bench.changes [--half second] [--seed 1] [--conditions typical30,hard30] [--kinds …]

A measured runner's two trials are blended, event by event: stance with stance and flight with flight, each as long as
it is at the speed of that moment, so that contacts and peaks are known. `--half` takes every second runner only: what
is fitted on one half is told of the other. Strides from 6 s on; *within*: share within what is stated, 68 % would be
right; *beyond*: more than 2.5 of it off, 1 % would be right; *off*: more than 8° or 20 ms.
"""

from __future__ import annotations

import argparse
import zlib
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from bench.kinematics import run
from bench.measured import filming, scoring, trials_of
from coach.core.gait import Stride
from coach.core.pose import SIDES
from coach.core.units import FloatArray

_RATE_HZ: Final = 60.0
_SETTLED_S: Final = 6.0
_MATCH_S: Final = 0.15
_OFF_DEG: Final = 8.0
_OFF_S: Final = 0.02


class Change(NamedTuple):
    """From one trial's speed (label, dm/s) to another's."""

    before: str
    after: str
    starts_s: float
    lasts_s: float
    comes_back: bool = False
    """Three seconds later, as fast."""

    def share(self, t_s: FloatArray) -> FloatArray:
        """How much of the new speed the belt has, 0 to 1."""
        there = np.clip((t_s - self.starts_s) / self.lasts_s, 0, 1)
        back = np.clip((t_s - self.starts_s - self.lasts_s - 3) / self.lasts_s, 0, 1) if self.comes_back else 0.0
        return np.asarray(there - back)


KINDS: Final = {
    "steady": Change("35", "45", 99.0, 1.0),
    "+1 m/s in 0.7 s": Change("25", "35", 8.0, 0.7),
    "+1 m/s in 1 s": Change("35", "45", 8.0, 1.0),
    "+2 m/s in 0.7 s": Change("25", "45", 8.0, 0.7),
    "-2 m/s in 1 s": Change("45", "25", 8.0, 1.0),
    "+2 m/s in 4 s": Change("25", "45", 7.0, 4.0),
    "there and back": Change("25", "45", 7.0, 0.8, comes_back=True),
}


class Told(NamedTuple):
    """One valid stride against the truth."""

    near: bool
    stride: Stride
    error_deg: float
    contact_error_s: float


def _events(trial: Any) -> list[float]:
    """Contact right, toe-off right, contact left, toe-off left, and again; from the first right contact on."""
    of = {
        side: [(s["initial_contact_s"], s["toe_off_s"]) for s in trial.strides if s["side"] == side] for side in SIDES
    }
    events: list[float] = []
    for (contact, toe_off), (until, _) in pairwise(of["right"]):
        other = next((left for left in of["left"] if contact < left[0] < until), None)
        if other is None:
            break
        events += [contact, toe_off, *other]
    return events


@cache
def changed(runner: str, change: Change) -> Any:
    """The blended trial."""
    slow, fast = (trials_of()[f"{runner}_T{label}"]() for label in change[:2])
    events = [np.array(_events(trial)) for trial in (slow, fast)]
    many = min(map(len, events))
    lasting = [np.diff(of[: many // 4 * 4]).tolist() for of in events]
    t_s = [0.0]
    for before, after in zip(*lasting, strict=True):
        share = float(change.share(np.array(t_s[-1])))
        t_s.append(t_s[-1] + (1 - share) * before + share * after)
    at_s = np.arange(0, t_s[-1], 1 / _RATE_HZ)
    shares = change.share(at_s)[:, None]
    tenths = sum(
        weight * 10 * trial.spline(PchipInterpolator(t_s, of[: len(t_s)])(at_s))
        for weight, trial, of in zip((1 - shares, shares), (slow, fast), events, strict=True)
    )
    steps = [[contact, toe_off] for contact, toe_off in zip(t_s[::2], t_s[1::2], strict=False)]
    return filming().Trial(f"{runner}_T{change.after}", tenths, {"R": steps[::2], "L": steps[1::2]}, _RATE_HZ)


def told(runner: str, kind: str, condition: str, seed: int) -> tuple[list[Told], dict[bool, int]]:
    """The valid strides of one case, and how many true ones there are of the near leg and of the far one."""
    trial = changed(runner, KINDS[kind])
    drawn = zlib.crc32(f"{runner} {kind} {seed}".encode())
    camera = filming().Camera(facing=SIDES[drawn % 2], seed=drawn, **scoring().CONDITIONS[condition])
    _, strides, _ = run(filming().film(trial, camera))
    found: list[Told] = []
    true = [s for s in trial.strides if s["initial_contact_s"] >= _SETTLED_S and s["end_s"] <= trial.end_s - 0.1]
    for stride in strides:
        same = [s for s in true if s["side"] == stride.side]
        nearest = min(same, key=lambda s: abs(s["peak_knee_flexion_s"] - stride.peak_knee_flexion_s))
        if stride.valid and abs(nearest["peak_knee_flexion_s"] - stride.peak_knee_flexion_s) < _MATCH_S:
            error_deg = stride.peak_knee_flexion_deg - nearest["peak_knee_flexion_deg"]
            found.append(Told(stride.near, stride, error_deg, stride.contact_time_s - nearest["contact_time_s"]))
    return found, {near: sum((s["side"] == camera.near) == near for s in true) for near in (True, False)}


def _shares(errors: FloatArray, stated: FloatArray, off: float) -> str:
    known = np.isfinite(errors / stated)
    errors, sigmas = errors[known], np.abs(errors / stated)[known]
    within, beyond, far_off = (100 * np.mean(flags) for flags in (sigmas <= 1, sigmas > 2.5, np.abs(errors) > off))
    return f"{within:.0f} | {beyond:.1f} | {far_off:.1f}"


def _row(kind: str, near: bool, mine: list[Told], true: int) -> str:
    peak = np.array([one.error_deg for one in mine])
    stated = np.array([one.stride.peak_knee_flexion_sd_deg for one in mine])
    contact = 1000 * np.array([one.contact_error_s for one in mine])
    contact_sd = 1000 * np.array([one.stride.contact_time_sd_s for one in mine])
    of_contact = f"{np.nanmean(contact):+.0f} ± {np.nanstd(contact):.0f} | {np.sqrt(np.nanmean(contact_sd**2)):.0f}"
    return (
        f"| {kind} | {'near' if near else 'far'} | {100 * len(mine) / true:.1f} "
        f"| {peak.mean():+.1f} ± {peak.std():.1f} | {np.sqrt(np.mean(stated**2)):.1f} "
        f"| {_shares(peak, stated, _OFF_DEG)} | {of_contact} | {_shares(contact, contact_sd, 1000 * _OFF_S)} |"
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--half", choices=("first", "second"))
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--conditions", default="typical30,hard30")
    ask.add_argument("--kinds", default=",".join(KINDS))
    o = ask.parse_args()
    runners = sorted({name.split("_")[0] for name in trials_of()})
    runners = runners[o.half == "second" :: 2] if o.half else runners
    for condition in o.conditions.split(","):
        print(
            f"\n{condition}, {len(runners)} runners\n| change | leg | valid % | peak, deg | stated | within % "
            f"| beyond % | off % | contact, ms | stated | within % | beyond % | off % |\n|{'---|' * 13}"
        )
        for kind in o.kinds.split(","):
            cases = [told(runner, kind, condition, o.seed) for runner in runners]
            for near in (True, False):
                found = [one for strides, _ in cases for one in strides if one.near == near]
                print(_row(kind, near, found, sum(count[near] for _, count in cases)), flush=True)


if __name__ == "__main__":
    main()
