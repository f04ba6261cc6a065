"""The same measured run filmed from anywhere: what the camera's place does, and what is left of it.

    COACH_TEST_DATA=DATA python -m bench.camera_places [--cases 12] [--seed 0] [--pause] [--heights 1.6,2.2]
    COACH_TEST_DATA=DATA python -m bench.camera_places --moved [--cases 4]
    COACH_TEST_DATA=DATA python -m bench.camera_places --means

Films three-dimensional trials with the rules of `score_views.py`, which lies beside the data, and drives tracker and
belt reading in this process. `--pause`: the runner is out of the picture for some seconds on the way, and what counts
comes after it. `--moved`: in a pause of 5 s somebody moves the camera. `--means` prints the mean curves of bones that
`coach.core.gait.sagittal_fit` expects.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.kinematics import poses
from bench.measured import data_folder, filming
from coach.core.gait import Stride
from coach.core.gait.camera_view import CameraView
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.sagittal_view import Lens
from coach.core.speed.belt_video import VideoSpeed
from coach.core.units import FloatArray

MATCH_S = 0.15
PAUSE_S = (9.0, 12.3)
MOVES_DEG = ((0, 25), (25, -5), (-25, -10), (5, -30))
MOVED_IN_S = 5.0
LOOKED_S = (5.0, 10.0, 15.0)
"""After the pause."""
Yaws = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of one recording."""

    strides: list[Stride]
    camera: CameraView
    belt_ll_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """One recording against the truth: near peaks, camera, belt (the runner's leg in metres taken as known)."""

    trial: str
    yaws: Yaws
    plain_deg: float
    bias_deg: float
    sd_deg: float
    said: float
    """Share of the peaks that lie within what is stated of them."""
    cover: float
    yaw_error_deg: float
    yaw_sd_deg: float
    plain_belt: float
    belt: float


def views() -> Any:
    """The module `score_views`."""
    filming()
    return importlib.import_module("score_views")


def trials() -> dict[str, Any]:
    """{name: three-dimensional trial}."""
    folder = data_folder() / "rbds"
    contacts = json.loads((folder / "events.json").read_text())
    with np.load(folder / "keypoints3d_60hz.npz") as archive:
        points = {name: archive[name] for name in sorted(archive.files)}
    return {n: views().Solid(n, p, contacts[n], 60.0 if len(p) == 1200 else 150.0) for n, p in points.items()}


def chosen(names: list[str], cases: int) -> list[str]:
    """So many of them, evenly spread."""
    at = np.unique(np.linspace(0, len(names) - 1, min(cases, len(names))).round().astype(int))
    return [names[i] for i in at]


def recordings(
    trial: Any, seed: int, heights_m: tuple[float, float] | None = None
) -> Iterator[tuple[Yaws, Any, Any, dict[str, Any]]]:
    """The trial filmed from one place in each range of yaw: range, place, camera, recording.

    heights_m: of the camera over the belt, where they are not those of laptops.
    """
    rules, rng = views(), np.random.default_rng([seed, zlib.crc32(trial.flat.name.encode())])
    for low, high in rules.YAW_BINS:
        place = rules.any_place(rng, rng.uniform(low, high))
        if heights_m:
            place = replace(place, height_m=rng.uniform(*heights_m))
        width, height = rules.SIZES[rng.integers(3)]
        facing = ("left", "right")[rng.integers(2)]
        camera = filming().Camera(
            fps=30, width=width, height=height, facing=facing, noise_ll=0.01, seed=int(rng.integers(1 << 30))
        )
        yield (low, high), place, camera, rules.film(trial, camera, place)


def watch(recording: dict[str, Any], lens: Lens | None, *, pause: bool = False) -> Watched:
    """Show a recording to a tracker, and to the eye for belts; with a pause, the strides after it."""
    tracker, belt, strides = GaitTracker(lens=lens), VideoSpeed(), list[Stride]()
    camera = CameraView()
    for t_s, seen in poses(recording):
        pose = None if pause and PAUSE_S[0] < t_s < PAUSE_S[1] else seen
        if pause and t_s < PAUSE_S[1]:
            strides.clear()
        update = tracker.step(t_s, pose)
        belt.see(t_s, pose, update)
        strides += update.strides
        camera = update.view.camera
    return Watched(strides + list(tracker.finish()), camera, belt.level.ll_s)


def judge(
    trial: Any, seed: int, *, pause: bool = False, heights_m: tuple[float, float] | None = None
) -> Iterator[Result]:
    """Every place of one trial."""
    to_speed = trial.flat.leg_mm / 1000 / trial.flat.speed_mps
    for yaws, place, camera, recording in recordings(trial, seed, heights_m):
        plain, seen = (watch(recording, lens, pause=pause) for lens in (None, Lens(camera.width, camera.height)))
        errors, stated = peak_errors(recording, camera.near, seen).T
        yield Result(
            trial=trial.flat.name,
            yaws=yaws,
            plain_deg=_mean_of(peak_errors(recording, camera.near, plain)[:, 0]),
            bias_deg=_mean_of(errors),
            sd_deg=float(errors.std()) if len(errors) else math.nan,
            said=_mean_of(abs(errors) <= stated),
            cover=len(errors) / max(1, len(recording["strides"])),
            yaw_error_deg=seen.camera.yaw_deg - place.yaw_deg,
            yaw_sd_deg=seen.camera.yaw_sd_deg,
            plain_belt=plain.belt_ll_s * to_speed - 1,
            belt=seen.belt_ll_s * to_speed - 1,
        )


def _mean_of(values: FloatArray) -> float:
    """NaN where there are none: from some places no stride is valid."""
    return float(values.mean()) if len(values) else math.nan


def peak_errors(recording: dict[str, Any], near: str, seen: Watched) -> FloatArray:
    """(n, 2): reported minus true peaks of the near leg's valid strides, and what is stated of each."""
    own = [stride for stride in seen.strides if stride.valid and stride.side == near]
    found = [
        (stride.peak_knee_flexion_deg - true["peak_knee_flexion_deg"], stride.peak_knee_flexion_sd_deg)
        for true in recording["strides"]
        for stride in own
        if abs(stride.peak_knee_flexion_s - true["peak_knee_flexion_s"]) < MATCH_S
    ]
    return np.array(found).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a camera that was moved in a pause."""

    name: str
    yaw_errors_deg: list[float]
    """At `LOOKED_S` after the pause."""
    valid_s: float
    """When the first valid near stride after it ended; infinite where none did."""


def moved(trial: Any, seed: int) -> Iterator[Moved]:
    """Every move, other distance and height included."""
    rules, rng = views(), np.random.default_rng([seed, zlib.crc32(trial.flat.name.encode())])
    for yaws_deg in MOVES_DEG:
        camera = filming().Camera(fps=30, width=1280, height=720, facing="right", noise_ll=0.01, seed=seed)
        there, here = (rules.any_place(rng, yaw_deg) for yaw_deg in yaws_deg)
        first, then = (list(poses(rules.film(trial, camera, place))) for place in (there, here))
        tracker = GaitTracker(lens=Lens(camera.width, camera.height))
        for t_s, pose in first:
            tracker.step(t_s, pose)
        again_s = first[-1][0] + MOVED_IN_S
        seen = [tracker.step(t_s + again_s, pose) for t_s, pose in then]
        valid_s = (s.end_s - again_s for u in seen for s in u.strides if s.near and s.valid and s.start_s > again_s)
        at = np.searchsorted([t_s for t_s, _ in then], LOOKED_S)
        yield Moved(
            f"{trial.flat.name} {yaws_deg[0]:+d} → {yaws_deg[1]:+d}, {there.distance_m:.1f} → {here.distance_m:.1f} m",
            [seen[i].view.camera.yaw_deg - here.yaw_deg for i in at],
            min(valid_s, default=math.inf),
        )


def report_moved(rows: list[Moved]) -> None:
    """The table of moved cameras."""
    print("yaw's error, deg: 5, 10 and 15 s after the pause; first valid stride, s")
    for row in rows:
        print(row.name.ljust(40), *(f"{error:+6.1f}" for error in row.yaw_errors_deg), f"{row.valid_s:6.1f}")
    within = [sum(abs(row.yaw_errors_deg[k]) <= 5 for row in rows) for k in range(len(LOOKED_S))]
    valid_s = np.sort([row.valid_s for row in rows])
    print(
        f"{len(rows)} moves: within 5 deg",
        *within,
        f"; first valid stride {np.median(valid_s):.1f} s, {valid_s[-1]:.1f} s",
    )


def report(results: list[Result]) -> None:
    """The table."""
    print("yaw, deg    n  plain: bias p90|b|  corrected: bias p90|b|  SD in run", end="  ")
    print("within said %  cover %  yaw error   within said %  belt |e| %")
    for yaws in dict.fromkeys(result.yaws for result in results):
        rows = [result for result in results if result.yaws == yaws]
        plain, bias, error, sd = (
            np.array([getattr(r, name) for r in rows])
            for name in ("plain_deg", "bias_deg", "yaw_error_deg", "yaw_sd_deg")
        )
        plain_belt, belt = (
            100 * np.nanmedian([abs(getattr(r, name)) for r in rows]) for name in ("plain_belt", "belt")
        )
        print(
            f"{yaws[0]:+d}…{yaws[1]:+d}".ljust(10),
            f"{len(rows):3d}  {np.nanmean(plain):+11.1f} {np.nanpercentile(abs(plain), 90):6.1f}"
            f"  {np.nanmean(bias):+15.1f} {np.nanpercentile(abs(bias), 90):6.1f}  {_mean(rows, 'sd_deg'):9.1f}"
            f"  {100 * _mean(rows, 'said'):13.0f}  {100 * _mean(rows, 'cover'):7.1f}"
            f"  {np.nanmean(error):+4.1f} ± {np.nanstd(error):3.1f}"
            f"  {100 * np.mean(abs(error) < sd):13.0f}  {plain_belt:.1f} → {belt:.1f}",
        )
    print(f"same run, SD between places: {between(results, 'plain_deg'):.2f} → {between(results, 'bias_deg'):.2f} deg")
    own = math.sqrt(np.nanmean([result.plain_deg**2 for result in results]))
    print(f"a picture's own peak, from anywhere, root mean square: {own:.1f} deg off")


def _mean(results: list[Result], name: str) -> float:
    return float(np.nanmean([getattr(result, name) for result in results]))


def between(results: Iterable[Any], name: str) -> float:
    """SD of a figure between the places of a trial, mean of all trials."""
    by_trial: dict[str, list[float]] = {}
    for result in results:
        by_trial.setdefault(result.trial, []).append(getattr(result, name))
    return float(np.mean([np.nanstd(values) for values in by_trial.values()]))


def print_means(solids: Iterable[Any]) -> None:
    """Hips, and mean curves over the cycle, as constant, cosine and sine of 1, 2, 3 times the phase after contact."""
    share = np.linspace(0, 1, 40, endpoint=False)
    angle = 2 * math.pi * share
    basis = np.column_stack([np.ones(40), *(wave(k * angle) for k in (1, 2, 3) for wave in (np.cos, np.sin))])
    curves: dict[str, list[FloatArray]] = {}
    hips: list[FloatArray] = []
    for solid in solids:
        left, right = (filming().KEYPOINTS.index(f"{side}_hip") for side in ("left", "right"))
        points = solid.points(np.arange(6.0, 18.0, 0.01))
        hips.append((points[:, right] - points[:, left]).mean(axis=0) / solid.flat.leg_mm)
        for side, outward in (("left", -1.0), ("right", 1.0)):
            for stride in [s for s in solid.flat.strides if s["side"] == side][2:12]:
                start, end = stride["initial_contact_s"], stride["end_s"]
                points = solid.points(start + share * (end - start))
                for bone, (a, b) in {"thigh": ("hip", "knee"), "shank": ("knee", "ankle")}.items():
                    at = [filming().KEYPOINTS.index(f"{side}_{joint}") for joint in (a, b)]
                    span = points[:, at[1]] - points[:, at[0]]
                    length = np.hypot(span[:, 0], span[:, 1])
                    curves.setdefault(f"{bone} outward", []).append(outward * span[:, 2] / np.linalg.norm(span, axis=1))
                    curves.setdefault(f"{bone} longer", []).append(np.log(length / length.mean()))
    forward, _, right = np.transpose(hips)
    askew = np.degrees(np.arctan2(forward, right))
    print(f"hips apart {right.mean():.3f} ± {right.std():.3f} ll, askew {askew.mean():+.1f} ± {askew.std():.1f} deg")
    for name, rows in curves.items():
        print(name, np.linalg.lstsq(basis, np.mean(rows, axis=0), rcond=None)[0].round(4).tolist())


def _span(text: str) -> tuple[float, float]:
    low, high = map(float, text.split(","))
    return low, high


def main() -> None:
    """Print the table, or the mean curves."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    ask.add_argument("--cases", type=int, default=12, help="trials, each filmed from five places")
    ask.add_argument("--seed", type=int, default=0)
    of_laptops = "laptops stand 0.25 to 1.15"
    ask.add_argument("--heights", type=_span, metavar="LOW,HIGH", help=f"of the camera over the belt, m; {of_laptops}")
    ask.add_argument("--pause", action="store_true", help="the runner is away for some seconds on the way")
    ask.add_argument("--moved", action="store_true", help="the camera is moved in a pause")
    ask.add_argument("--means", action="store_true", help="print what is expected of bones instead")
    options = ask.parse_args()
    found = trials()
    if options.means:
        print_means(found.values())
        return
    names = chosen(list(found), options.cases)
    if options.moved:
        report_moved([row for name in names for row in moved(found[name], options.seed)])
        return
    report([r for n in names for r in judge(found[n], options.seed, pause=options.pause, heights_m=options.heights)])


if __name__ == "__main__":
    main()
