"""How few pictures a second carry a stride: peaks, their uncertainty, and the moments of contact, by frame rate.

    COACH_TEST_DATA=DATA python -m bench.few_pictures [--every 3] [--fps 10,12,15,20,30,60] [--seed 1] [--hard]
    COACH_TEST_DATA=DATA python -m bench.few_pictures --in-step 7,7.5,8,9,10

Measured runners are filmed with the noise of `typical30` (1 % of the leg, wandering 40 mm) at each rate; `--hard` adds
the faults of `hard30`. Near leg, valid strides. *honest*: share of errors within the peak's own reported SD; 68 % is
right; *beyond*: of those more than 2.5 of it off; 1 % is right. Coverage leaves out the first 4 s. `--in-step`: so many
pictures to each runner's own stride, whatever rate that is.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np

from bench.kinematics import run, session
from bench.measured import scoring, trials_of
from coach.core.gait import Stride

_MATCH_S = 0.15


def condition(fps: float, hard: bool) -> str:
    """The name under which the scoring rules know the rate; it is made known to them."""
    rules = scoring()
    name = f"{'hard' if hard else 'typical'}{fps:g}"
    like = rules.CONDITIONS["hard30" if hard else "typical30"]
    rules.CONDITIONS[name] = {**like, "fps": fps}
    return name


def sigmas(strides: list[Stride], truth: dict[str, Any]) -> list[float]:
    """Error of each valid near peak in units of the SD that was reported with it."""
    true = [s for s in truth["strides"] if s["near"]]
    found: list[float] = []
    for stride in strides:
        if not (stride.valid and stride.near):
            continue
        nearest = min(true, key=lambda s: abs(s["peak_knee_flexion_s"] - stride.peak_knee_flexion_s))
        if abs(nearest["peak_knee_flexion_s"] - stride.peak_knee_flexion_s) < _MATCH_S:
            error_deg = stride.peak_knee_flexion_deg - nearest["peak_knee_flexion_deg"]
            found.append(error_deg / stride.peak_knee_flexion_sd_deg)
    return found


def _strides_a_second(trial: Any) -> float:
    return float(np.mean([stride["cadence_spm"] for stride in trial.strides])) / 120


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--every", type=int, default=1, help="only every so many-th trial")
    ask.add_argument("--fps", default="10,12,15,20,30,60")
    ask.add_argument("--in-step", help="pictures a stride, in place of pictures a second")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--hard", action="store_true")
    ask.add_argument("--why", action="store_true", help="count the reasons of strides left out")
    o = ask.parse_args()
    rules, trials = scoring(), trials_of()
    print(
        "fps  cases  bias    SD  cover %  false %  honest %  beyond %  cadence RMS  contact ms       toe-off ms"
        "       withheld %"
    )
    for fps in map(float, (o.in_step or o.fps).split(",")):
        got: dict[str, list[float]] = {key: [] for key in ("peak", "ic", "to", "sigma", "cadence")}
        count = {"true": 0, "found": 0, "valid": 0, "false": 0, "timed": 0}
        reasons: dict[str, int] = {}
        cases = list(trials)[:: o.every]
        for trial_name in cases:
            trial = trials[trial_name]()
            name = condition(fps * _strides_a_second(trial) if o.in_step else fps, o.hard)
            recording = rules.film_case(trial_name, name, trial, o.seed)
            truth = recording["truth"]
            updates, strides, _ = run(recording)
            told = session(updates, strides)
            marks, n = rules.score_strides(told, trial, truth, truth["near_side"])
            got["peak"] += marks["peak"]
            got["ic"] += [x for x in marks["ic_ms"] if x is not None]
            got["to"] += [x for x in marks["to_ms"] if x is not None]
            got["sigma"] += sigmas(strides, truth)
            if told["cadence_spm"] is not None:
                got["cadence"].append(told["cadence_spm"] - truth["cadence_spm"])
            near = [s for s in strides if s.near]
            count["true"] += n["true_settled"]
            count["found"] += n["found_settled"]
            count["false"] += n["off"] + n["extra"]
            count["valid"] += sum(s.valid for s in near)
            count["timed"] += sum(s.valid and not math.isnan(s.contact_time_s) for s in near)
            for s in near:
                if not s.valid:
                    reasons[str(s.reject_reason)] = reasons.get(str(s.reject_reason), 0) + 1
        print(_row(fps, len(cases), got, count), flush=True)
        if o.why:
            print("     ", reasons)


def _row(fps: float, cases: int, got: dict[str, list[float]], count: dict[str, int]) -> str:
    peak, sigma = np.array(got["peak"]), np.array(got["sigma"])
    honest, beyond = (100 * np.mean([abs(sigma) <= 1, abs(sigma) > 2.5], axis=1)) if len(sigma) else [math.nan] * 2
    cadence = math.sqrt(np.mean(np.square(got["cadence"]))) if got["cadence"] else math.nan
    valid = max(count["valid"], 1)
    return (
        f"{fps:3g}  {cases:5d}  {_mean(peak):+4.1f}  {_sd(peak):4.1f}  {100 * count['found'] / count['true']:7.1f}"
        f"  {100 * count['false'] / valid:7.1f}  {honest:8.0f}  {beyond:8.1f}  {cadence:11.2f}"
        f"  {_mean(got['ic']):+6.0f} ± {_sd(got['ic']):4.0f}  {_mean(got['to']):+6.0f} ± {_sd(got['to']):4.0f}"
        f"  {100 * count['timed'] / valid:6.0f}"
    )


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _sd(values: Any) -> float:
    return float(np.std(values)) if len(values) else math.nan


if __name__ == "__main__":
    main()
