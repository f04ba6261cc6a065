"""How the gait tracker follows change and stands faults, on the measured runners.

    COACH_TEST_DATA=DATA python -m bench.response [--every 3] [--seed 1]

step       true swing flexion changes by 12 % from one stride to the next: error of the 1st to 6th stride after it
slope      reported on true stride-to-stride change of the peak
collapse   half of all near swings lie on the stance leg
swap       30 % of the frames of the first 2.4 s have the legs exchanged: share of right strides after 5 s
gap        nothing is seen for 5 s: strides invented, seconds until the next valid stride
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.kinematics import run, session
from bench.measured import data_folder, filming, scoring, trials_of

_STEP_S = 10.0
_JOINTS = 5
_RATE_HZ = 60.0
"""Of the measured trials."""


def bent(tenths_mm: NDArray[np.int16], factor: float, from_s: float) -> NDArray[np.float64]:
    """A trial's keypoints with swing flexion scaled from `from_s` on; shank and foot turn, lengths stay."""
    points = tenths_mm.astype(float).reshape(len(tenths_mm), 2, _JOINTS, 2).copy()
    hip, knee, ankle = points[:, :, 0], points[:, :, 1], points[:, :, 2]
    flexion = np.radians(filming().flexion(hip, knee, ankle))
    # Stance stays as it is: flexion there is below 50°.
    swing = np.clip((np.degrees(flexion) - 50) / 25, 0, 1)
    later = (np.arange(len(points)) / _RATE_HZ >= from_s)[:, None]
    turn = -np.where(later, swing * (factor - 1) * flexion, 0.0)
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    arm = points[:, :, 2:] - knee[:, :, None]
    x, y = arm[..., 0], arm[..., 1]
    points[:, :, 2:] = np.stack([cos * x - sin * y, sin * x + cos * y], -1) + knee[:, :, None]
    return points.reshape(len(points), -1)


def changed_trial(name: str, factor: float) -> tuple[Any, float]:
    """The trial with a step, and when it comes: in mid-stance of the leg asked for."""
    make = filming()
    folder = data_folder() / "rbds"
    with np.load(folder / "keypoints_60hz.npz") as arrays:
        tenths = arrays[name]
    plain = trials_of()[name]()
    events: dict[str, list[list[float]]] = {side: [] for side in "RL"}
    for s in plain.strides:
        events[s["side"][0].upper()].append([s["initial_contact_s"], s["toe_off_s"]])
    for side, word in (("R", "right"), ("L", "left")):
        last = [s for s in plain.strides if s["side"] == word][-1]
        events[side].append([last["end_s"], last["end_s"] + 0.25])
    return make.Trial(name, bent(tenths, factor, _STEP_S), events, _RATE_HZ), _STEP_S


def camera(condition: str, facing: str, seed: int, **more: Any) -> Any:
    return filming().Camera(facing=facing, seed=seed, **{**scoring().CONDITIONS[condition], **more})


def near_errors(strides: list[Any], trial: Any, near: str) -> list[tuple[float, float, float]]:
    """(time, reported, true) of valid near strides; true is NaN where there was no swing."""
    found = []
    for s in strides:
        if not s.valid or s.side != near:
            continue
        at, deg = min(trial.peaks[near], key=lambda p: abs(p[0] - s.peak_knee_flexion_s))
        right = abs(at - s.peak_knee_flexion_s) <= 0.15
        found.append((s.peak_knee_flexion_s, s.peak_knee_flexion_deg, deg if right else np.nan))
    return found


def step(names: list[str], seed: int, factor: float, condition: str) -> str:
    after: list[list[float]] = [[] for _ in range(6)]
    for i, name in enumerate(names):
        trial, at_s = changed_trial(name, factor)
        near = ("left", "right")[i % 2]
        _, strides, _ = run(filming().film(trial, camera(condition, near, seed + i)))
        tops = [t for t, _ in trial.peaks[near] if t > at_s + 0.05]
        for t, said, true in near_errors(strides, trial, near):
            for k, top in enumerate(tops[:6]):
                if abs(t - top) < 0.15:
                    after[k].append(said - true)
    told = "  ".join(f"{np.mean(e):+5.1f} ({np.mean(np.abs(e)):.1f}, n {len(e)})" if e else "–" for e in after)
    return f"step {100 * (factor - 1):+.0f} % {condition}: mean (mean size) of strides 1–6: {told}"


def slope(names: list[str], seed: int, condition: str) -> str:
    said: list[float] = []
    true: list[float] = []
    for i, name in enumerate(names):
        trial, near = trials_of()[name](), ("left", "right")[i % 2]
        _, strides, _ = run(filming().film(trial, camera(condition, near, seed + i)))
        rows = [r for r in near_errors(strides, trial, near) if r[0] > 4]
        for a, b in pairwise(rows):
            if b[0] - a[0] < 1.0:
                said.append(b[1] - a[1])
                true.append(b[2] - a[2])
    x, y = np.array(true), np.array(said)
    gain, correlation = np.sum(x * y) / np.sum(x * x), np.corrcoef(x, y)[0, 1]
    return f"slope {condition}: {gain:.2f} (correlation {correlation:.2f}, n {len(x)})"


def collapse(names: list[str], seed: int, condition: str) -> str:
    valid = false = true = 0
    for i, name in enumerate(names):
        trial, near = trials_of()[name](), ("left", "right")[i % 2]
        recording = filming().film(trial, camera(condition, near, seed + i, collapse=0.5))
        updates, strides, _ = run(recording)
        _, count = scoring().score_strides(session(updates, strides), trial, recording["truth"], near)
        valid, false, true = valid + count["valid"], false + count["off"] + count["extra"], true + count["true"]
    return f"half collapsed, {condition}: valid {valid} of {true}, false {false} = {100 * false / max(valid, 1):.1f} %"


def swap(names: list[str], seed: int, condition: str) -> str:
    right = wrong = true = early = 0
    for i, name in enumerate(names):
        trial, near = trials_of()[name](), ("left", "right")[i % 2]
        recording = filming().film(trial, camera(condition, near, seed + i))
        t = recording["t_s"]
        first = t <= 2.4
        rng = np.random.default_rng([seed, i])
        _, rows = filming().bursts(rng, t[first], 0.3, 0.06, 0.2)
        at = np.flatnonzero(first)[rows]
        recording["xy"][at] = np.concatenate([recording["xy"][at, _JOINTS:], recording["xy"][at, :_JOINTS]], 1)
        _, strides, _ = run(recording)
        for when, said, deg in near_errors(strides, trial, near):
            ok = abs(said - deg) <= 8
            right += ok and when > 5
            wrong += not ok
            early += when <= 5
        true += sum(5 < p[0] < trial.end_s - 0.6 for p in trial.peaks[near])
    return f"first frames swapped, {condition}: right after 5 s {right} of {true}, before {early}, false in all {wrong}"


def gap(names: list[str], seed: int, condition: str, start_s: float = 8.0, length_s: float = 5.0) -> str:
    invented = wrong = shown = 0
    back: list[float] = []
    for i, name in enumerate(names):
        trial, near = trials_of()[name](), ("left", "right")[i % 2]
        recording = filming().film(trial, camera(condition, near, seed + i))
        t = recording["t_s"]
        recording["xy"][(t >= start_s) & (t < start_s + length_s)] = np.nan
        updates, strides, _ = run(recording)
        found = near_errors(strides, trial, near)
        invented += sum(start_s + 0.1 < f[0] < start_s + length_s - 0.1 for f in found)
        wrong += sum(not abs(f[1] - f[2]) <= 8 for f in found)
        later = [u.t_s for u in updates for s in u.strides if s.valid and s.side == near and u.t_s > start_s + length_s]
        back.append(min(later, default=np.inf) - start_s - length_s)
        inside = [u for u in updates if start_s + 1 < u.t_s < start_s + length_s]
        shown += sum(not np.isnan((u.left if near == "left" else u.right).knee_flexion_deg) for u in inside)
    return (
        f"gap of {length_s:g} s, {condition}: invented {invented}, false {wrong}, values shown inside {shown}, "
        f"first stride after {np.median(back):.1f} s (latest {max(back):.1f})"
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--every", type=int, default=1)
    ask.add_argument("--seed", type=int, default=100)
    o = ask.parse_args()
    names = list(trials_of())[:: o.every]
    for factor in (0.88, 1.12):
        print(step(names, o.seed, factor, "typical30"), flush=True)
    print(step(names, o.seed, 0.88, "hard30"), flush=True)
    for condition in ("typical60", "typical30", "hard30"):
        print(slope(names, o.seed, condition), flush=True)
    for condition in ("typical30", "hard30"):
        print(collapse(names, o.seed, condition), flush=True)
        print(swap(names, o.seed, condition), flush=True)
        print(gap(names, o.seed, condition), flush=True)


if __name__ == "__main__":
    main()
