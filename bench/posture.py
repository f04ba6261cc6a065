"""How the thigh is held at peak knee flexion: its norm by speed, and how well the tracker measures it.

    COACH_TEST_DATA=DATA python -m bench.posture [--norms] [--every 3] [--seed 1] [--conditions typical30,hard30]

Truth is markers and joint centres of the measured runners; a stride belongs to the true one whose peak lies
within 150 ms.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.kinematics import run
from bench.measured import scoring, trials_of
from coach.core.gait import Stride
from coach.core.pose import Side
from coach.core.units import FloatArray

MATCH_S = 0.15
CONDITIONS = "clean60,typical60,typical30,hard30"


def thigh_deg(trial: Any, t_s: FloatArray, side: str) -> FloatArray:
    """The true thigh ahead of vertical; runners face +x."""
    points = trial.points(t_s, side)
    ahead, up = (points["knee"] - points["hip"]).T
    return np.asarray(np.degrees(np.arctan2(ahead, -up)))


def strides_thigh_deg(trial: Any, side: str) -> tuple[FloatArray, FloatArray]:
    """Times of peak flexion in whole strides, and the true thigh at each."""
    peaks = np.array([s["peak_knee_flexion_s"] for s in trial.strides if s["side"] == side])
    return peaks, thigh_deg(trial, peaks, side)


def norms() -> None:
    """Mean and spread between runners, legs averaged, and within one, by speed."""
    means, within = defaultdict(list), defaultdict(list)
    for build in trials_of().values():
        trial = build()
        legs = [strides_thigh_deg(trial, side)[1] for side in ("left", "right")]
        means[trial.speed_mps].append(np.mean([leg.mean() for leg in legs]))
        within[trial.speed_mps].append(np.mean([leg.std(ddof=1) for leg in legs]))
    print("| speed | runners | thigh at peak flexion, mean ± SD between runners | SD within one |\n|---|---|---|---|")
    for speed in sorted(means):
        own = np.array(means[speed])
        print(
            f"| {speed} m/s | {len(own)} | {own.mean():.1f} ± {own.std(ddof=1):.1f}° | {np.mean(within[speed]):.1f}° |"
        )


def errors(trial: Any, strides: list[Stride], side: Side) -> Iterator[tuple[float, float]]:
    """(reported minus true, stated uncertainty) of the valid strides of a leg."""
    peaks, thighs = strides_thigh_deg(trial, side)
    for stride in strides:
        if stride.side == side and stride.valid and np.isfinite(stride.thigh_at_peak_deg):
            i = int(np.abs(peaks - stride.peak_knee_flexion_s).argmin())
            if abs(peaks[i] - stride.peak_knee_flexion_s) <= MATCH_S:
                yield stride.thigh_at_peak_deg - float(thighs[i]), stride.thigh_at_peak_sd_deg


def accuracy(conditions: list[str], every: int, seed: int) -> None:
    """Bias, SD and stated SD over all strides, by condition and leg."""
    rules = scoring()
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    biases: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, build in list(trials_of().items())[::every]:
        trial = build()
        for condition in conditions:
            recording = rules.film_case(name, condition, trial, seed)
            _, strides, _ = run(recording)
            near = recording["truth"]["near_side"]
            for label, side in (("near", near), ("far", rules.OTHER[near])):
                own = list(errors(trial, strides, side))
                found[condition, label] += own
                if own:
                    biases[condition, label].append(float(np.mean([e for e, _ in own])))
    print("| condition | leg | strides | bias | SD of trials | SD a stride | stated |\n|---|---|---|---|---|---|---|")
    for (condition, label), pairs in sorted(
        found.items(), key=lambda kv: (kv[0][1] == "far", conditions.index(kv[0][0]))
    ):
        error, stated = np.array(pairs).T
        trials = np.std(biases[condition, label])
        print(
            f"| {condition} | {label} | {len(error)} | {error.mean():+.2f}° | {trials:.2f}° "
            f"| {error.std():.2f}° | {np.sqrt(np.mean(stated**2)):.2f}° |"
        )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--norms", action="store_true", help="only the norms")
    ask.add_argument("--every", type=int, default=1, help="only every so many-th trial")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--conditions", default=CONDITIONS)
    o = ask.parse_args()
    if o.norms:
        norms()
    else:
        accuracy(o.conditions.split(","), o.every, o.seed)


if __name__ == "__main__":
    main()
