"""How well the belt speed is read from the picture, on measured runners filmed with known faults.

    COACH_TEST_DATA=DATA python -m bench.speed [--every 1] [--conditions clean60,hard30] [--clips DIR] [--seed 1]

Steady running, changes of speed by 1 m/s, and a runner who stops. With `--clips`, also the pose recordings NAME.jsonl
of that folder whose truth lies in `rendered/` beside the data. Prints the tables of docs/speed.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.kinematics import poses
from bench.measured import data_folder, filming, scoring, trials_of
from coach.core.coaching.evidence import SpeedMonitor
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.pose import LEG_ROWS, Pose
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.belt_video import VideoSpeed
from coach.edges.files.poses_file import read_poses

Frames = Sequence[tuple[float, Pose | None]]

SETTLED_S: Final = 4.0
STANDS_S: Final = 5.0
KNOWN_SD_SHARE: Final = 0.005
"""The speed used for calibration is the belt's own, measured."""
SEEN_WITHIN_MPS: Final = 0.3
ORDERS: Final = ((25, 35, 45), (45, 35, 25), (35, 0), (45, 0))
"""Labels of the belt speeds run one after the other, in dm/s; 0 stands still."""


@dataclass(slots=True)
class Steady:
    """One condition of steady running: shares of the true speed, one a trial."""

    error: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    calibrated_error: list[float] = field(default_factory=list)
    calibrated_covered: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    cost_ms: list[float] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    """How often a trial's reading left its level by so much that cues would be held."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at a moment; NaN while unknown."""

    t_s: float
    speed_mps: float
    sd_mps: float


def runners() -> dict[str, dict[str, str]]:
    """Rows of runners.csv by trial."""
    with (data_folder() / "rbds" / "runners.csv").open(newline="") as file:
        return {row["trial"]: row for row in csv.DictReader(file)}


def readings(frames: Frames, *videos: tuple[VideoSpeed, float | None]) -> tuple[list[list[Reading]], float]:
    """The estimators' word at every frame, and what one costs a frame in ms, tracker not counted.

    With each estimator the speed that it is calibrated with, or None; its word counts once it is.
    """
    tracker, told, spent_s = GaitTracker(), [list[Reading]() for _ in videos], 0.0
    for t_s, pose in frames:
        gait = tracker.step(t_s, pose)
        began = time.perf_counter()
        for (video, known_mps), rows in zip(videos, told, strict=True):
            speed = video.step(t_s, pose, gait)
            if known_mps is not None:
                video.calibrate(BeltSpeed(known_mps, SpeedOrigin.TYPED, KNOWN_SD_SHARE * known_mps))
                speed = speed if video.learned is not None else None
            rows.append(Reading(t_s, *((speed.speed_mps, speed.sd_mps) if speed else (math.nan, math.nan))))
        spent_s += time.perf_counter() - began
    return told, 1000 * spent_s / len(frames) / len(videos)


def film(trial: Any, condition: str, seed: int, facing: str) -> list[tuple[float, Pose | None]]:
    """The trial as poses."""
    camera = filming().Camera(facing=facing, seed=seed, **scoring().CONDITIONS[condition])
    return list(poses(filming().film(trial, camera)))


def judge(told: list[Reading], true_mps: float, since_s: float) -> tuple[float, float]:
    """(median error as a share, share of the time within ± 2 sd) of what was read from `since_s` on."""
    rows = [r for r in told if r.t_s >= since_s and math.isfinite(r.speed_mps)]
    if not rows:
        return math.nan, 0.0
    off = np.array([r.speed_mps - true_mps for r in rows])
    return float(np.median(off)) / true_mps, float(np.mean(np.abs(off) <= 2 * np.array([r.sd_mps for r in rows])))


def held(told: list[Reading]) -> int:
    """How often cues are held for a change of speed, though there is none."""
    watch = SpeedMonitor()
    return sum(watch.changed(r.t_s, _belt(r)) for r in told)


def _belt(reading: Reading) -> BeltSpeed | None:
    if math.isnan(reading.speed_mps):
        return None
    return BeltSpeed(reading.speed_mps, SpeedOrigin.VIDEO, reading.sd_mps)


def steady(condition: str, every: int, seed: int) -> Steady:
    """All trials of one condition."""
    result, rows = Steady(), runners()
    for i, (name, build) in enumerate(list(trials_of().items())[::every]):
        true_mps, height_cm = float(rows[name]["heel_marker_speed_mps"]), float(rows[name]["height_cm"])
        frames = film(build(), condition, seed + i, ("left", "right")[i % 2])
        (told, known), cost_ms = readings(frames, (VideoSpeed(height_cm), None), (VideoSpeed(height_cm), true_mps))
        error, covered = judge(told, true_mps, SETTLED_S)
        result.error.append(error)
        result.covered.append(covered)
        result.cost_ms.append(cost_ms)
        result.held.append(held(told))
        result.first_s.append(next((r.t_s for r in told if math.isfinite(r.speed_mps)), math.nan))
        error, covered = judge(known, true_mps, 0.0)
        result.calibrated_error.append(error)
        result.calibrated_covered.append(covered)
    return result


def spliced(
    runner: str, order: Sequence[int], condition: str, seed: int, piece_s: float = 10.0
) -> tuple[Frames, list[tuple[float, float]]]:
    """One runner at one speed after the other, cut at right foot strikes; and (start, true speed) of each piece."""
    frames: list[tuple[float, Pose | None]] = []
    pieces: list[tuple[float, float]] = []
    start_s = 0.0
    for k, label in enumerate(order):
        if not label:
            piece, length_s, true_mps = list(_standing(frames, seed)), STANDS_S, 0.0
        else:
            name = f"{runner}_T{label}"
            trial = trials_of()[name]()
            strikes = [s["initial_contact_s"] for s in trial.strides if s["side"] == "right"]
            from_s = strikes[0] if k else 0.0
            length_s = max(t for t in strikes if t < from_s + piece_s) - from_s
            filmed = film(trial, condition, seed + k, "right")
            piece = [(t - from_s, pose) for t, pose in filmed if from_s <= t < from_s + length_s]
            true_mps = float(runners()[name]["heel_marker_speed_mps"])
        frames += [(start_s + t, None if p is None else Pose(start_s + t, p.xy_px, p.confidence)) for t, p in piece]
        pieces.append((start_s, true_mps))
        start_s += length_s
    return frames, [*pieces, (start_s, math.nan)]


def _standing(frames: Frames, seed: int) -> Iterator[tuple[float, Pose | None]]:
    """The runner of the last whole frame, both feet side by side, with 2 px of noise."""
    rng = np.random.default_rng(seed)
    legs = [row for rows in LEG_ROWS.values() for row in rows]
    last = next(p for _, p in reversed(frames) if p is not None and np.isfinite(p.xy_px[legs]).all())
    still = last.xy_px.copy()
    for left, right in zip(LEG_ROWS["left"], LEG_ROWS["right"], strict=True):
        still[right] = still[left] + [0, 3]
    for i in range(round(30 * STANDS_S)):
        yield i / 30, Pose(i / 30, still + rng.normal(0, 2, still.shape), last.confidence)


def transfer(condition: str, every: int, seed: int) -> list[float]:
    """Errors at 3.5 and 4.5 m/s, as shares, after a calibration at 2.5 m/s alone; without any height."""
    errors: list[float] = []
    names = sorted({name.rsplit("_", 1)[0] for name in trials_of()})[::every]
    for i, runner in enumerate(names):
        frames, pieces = spliced(runner, (25, 35, 45), condition, seed + 10 * i, piece_s=20.0)
        tracker, video, told = GaitTracker(), VideoSpeed(), list[Reading]()
        for t_s, pose in frames:
            speed = video.step(t_s, pose, tracker.step(t_s, pose))
            if t_s < pieces[1][0]:
                video.calibrate(BeltSpeed(pieces[0][1], SpeedOrigin.TYPED, KNOWN_SD_SHARE * pieces[0][1]))
            told.append(Reading(t_s, *((speed.speed_mps, speed.sd_mps) if speed else (math.nan, math.nan))))
        for (at_s, true_mps), (until_s, _) in pairwise(pieces[1:]):
            errors.append(judge([r for r in told if r.t_s < until_s], true_mps, at_s + SETTLED_S)[0])
    return errors


def changes(condition: str, every: int, seed: int) -> dict[str, list[float]]:
    """Seconds until a change is seen, by kind; infinite where it never was."""
    seen: dict[str, list[float]] = {"faster by 1 m/s": [], "slower by 1 m/s": [], "stops or steps on the rails": []}
    names = sorted({name.rsplit("_", 1)[0] for name in trials_of()})[::every]
    for i, runner in enumerate(names):
        for order in ORDERS:
            frames, pieces = spliced(runner, order, condition, seed + 10 * i)
            height_cm = float(runners()[f"{runner}_T25"]["height_cm"])
            (told,), _ = readings(frames, (VideoSpeed(height_cm), None))
            for (_, before), (at_s, after), (until_s, _) in zip(pieces, pieces[1:], pieces[2:], strict=False):
                kind = "stops or steps on the rails" if not after else "faster by 1 m/s"
                kind = "slower by 1 m/s" if 0 < after < before else kind
                seen[kind].append(_latency(told, at_s, until_s, before, after))
    return seen


def _latency(told: list[Reading], at_s: float, until_s: float, before: float, after: float) -> float:
    """Seconds until the reading has arrived at the new speed, on the scale it had before the change."""
    old = [r.speed_mps for r in told if at_s - 3 <= r.t_s < at_s and math.isfinite(r.speed_mps)]
    scale = float(np.median(old)) / before if old else math.nan
    arrived = [
        r.t_s - at_s
        for r in told
        if at_s < r.t_s < until_s and abs(r.speed_mps - scale * after) < (SEEN_WITHIN_MPS if after else 0.05)
    ]
    return arrived[0] if arrived else math.inf


def clips(folder: Path) -> Iterator[tuple[str, float, float, float]]:
    """(clip at its speed, true speed, error as a share, share of time covered) of rendered clips with known truth."""
    for path in sorted(folder.glob("*.jsonl*")):
        truth_path = data_folder() / "rendered" / f"{path.name.split('.')[0]}.truth.json"
        if not truth_path.exists():
            continue
        truth = json.loads(truth_path.read_text())
        runner = truth["trial"].rsplit("_", 1)[0]
        frames = [(t_s, pose) for t_s, pose, _ in read_poses(path)[1]]
        height_cm = float(runners()[truth["trial"]]["height_cm"])
        (told,), _ = readings(frames, (VideoSpeed(height_cm), None))
        starts = [*truth["belt_speed"], {"t_s": frames[-1][0]}]
        for now, following in pairwise(starts):
            label = round(10 * now["speed_mps"])
            true_mps = float(runners()[f"{runner}_T{label}"]["heel_marker_speed_mps"])
            part = [r for r in told if now["t_s"] + SETTLED_S <= r.t_s < following["t_s"]]
            yield f"{truth_path.name.split('.')[0]} ({now['speed_mps']})", true_mps, *judge(part, true_mps, 0.0)


def percent(values: Sequence[float], q: float) -> str:
    """A percentile of magnitudes, in per cent."""
    return f"{100 * np.nanpercentile(np.abs(values), q):.1f}"


def main() -> None:
    """Print the tables."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    ask.add_argument("--every", type=int, default=1, help="every n-th trial or runner")
    ask.add_argument("--conditions", default=",".join(scoring().CONDITIONS))
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--clips", type=Path, help="folder with pose recordings of the rendered clips")
    options = ask.parse_args()
    conditions = options.conditions.split(",")
    print("| condition | trials | median, p90 error % | bias % | in ± % | calibrated: median, p90 % | in ± % |", end="")
    print(" first value s | false holds a trial | ms a frame |\n|---|---|---|---|---|---|---|---|---|---|")
    for condition in conditions:
        s = steady(condition, options.every, options.seed)
        print(
            f"| {condition} | {len(s.error)} | {percent(s.error, 50)}, {percent(s.error, 90)} "
            f"| {100 * np.nanmean(s.error):+.1f} | {100 * np.mean(s.covered):.0f} "
            f"| {percent(s.calibrated_error, 50)}, {percent(s.calibrated_error, 90)} "
            f"| {100 * np.mean(s.calibrated_covered):.0f} | {np.nanmedian(s.first_s):.1f} | {np.mean(s.held):.2f} "
            f"| {np.mean(s.cost_ms):.2f} |",
            flush=True,
        )
    print("\n| condition | change | n | seen within 3 s % | median s | slowest s |\n|---|---|---|---|---|---|")
    for condition in conditions:
        for kind, seconds in changes(condition, options.every, options.seed).items():
            within = 100 * np.mean(np.array(seconds) <= 3)
            print(
                f"| {condition} | {kind} | {len(seconds)} | {within:.0f} | {np.median(seconds):.1f} "
                f"| {max(seconds):.1f} |",
                flush=True,
            )
    for condition in [c for c in conditions if c.endswith("30")]:
        errors = transfer(condition, options.every, options.seed)
        print(
            f"\n{condition}: calibrated at 2.5 m/s, read at 3.5 and 4.5 m/s: median, p90 error "
            f"{percent(errors, 50)}, {percent(errors, 90)} % ({len(errors)} cases)",
            flush=True,
        )
    if options.clips is not None:
        found = list(clips(options.clips))
        print("\n| clip (label m/s) | true m/s | error % | in ± % |\n|---|---|---|---|")
        for name, true_mps, error, covered in found:
            print(f"| {name} | {true_mps:.2f} | {100 * error:+.1f} | {100 * covered:.0f} |")
        errors = [error for _, _, error, _ in found]
        print(f"| median, p90 of magnitudes | | {percent(errors, 50)}, {percent(errors, 90)} | |")


if __name__ == "__main__":
    main()
