"""Accuracy of the gait tracker alone, on measured runners filmed with known faults.

    COACH_TEST_DATA=DATA python -m bench.kinematics [--every 3] [--seed 1] [--conditions hard30] [--placed] [--json OUT]

Drives the tracker in this process, frame by frame, with the recordings and the rules of the scoring scripts that
lie beside the data (`../eval` of COACH_TEST_DATA), which is faster than `coach replay` for every case. The camera is
taken for one exactly at the side, which it is; `--placed`: its place is sought, as `coach replay` does. The figures
are the same then; `coach replay` adds reading and writing files.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.measured import POSE_ROWS, scoring, trials_of
from coach.core.gait import GaitUpdate, Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import PictureSize
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import Pose, empty_keypoints


def poses(recording: dict[str, Any]) -> Iterator[tuple[float, Pose | None]]:
    """A filmed recording as the tracker gets it."""
    for t, xy, sure in zip(recording["t_s"].tolist(), recording["xy"], recording["confidence"], strict=True):
        if np.isnan(xy).all():
            yield t, None
            continue
        points, confidence = empty_keypoints()
        points[POSE_ROWS], confidence[POSE_ROWS] = xy, sure
        yield t, Pose(t, points, confidence)


def run(recording: dict[str, Any], lens: Lens | None = None) -> tuple[list[GaitUpdate], list[Stride], list[float]]:
    """The tracker's updates, all strides, and the seconds each frame cost."""
    tracker = GaitTracker(lens=lens, picture=PictureSize(lens.width_px, lens.height_px) if lens else PictureSize())
    updates: list[GaitUpdate] = []
    costs_s: list[float] = []
    for t, pose in poses(recording):
        began = time.thread_time()  # processor time: other programs on the machine do not count
        updates.append(tracker.step(t, pose))
        costs_s.append(time.thread_time() - began)
    strides = [s for u in updates for s in u.strides]
    return updates, strides + list(tracker.finish()), costs_s


def session(updates: list[GaitUpdate], strides: list[Stride]) -> dict[str, Any]:
    """What the scoring rules read of a session."""
    told = []
    for s in strides:
        row = {k: (None if isinstance(v, float) and math.isnan(v) else v) for k, v in dataclasses.asdict(s).items()}
        told.append({**row, "valid": s.valid})
    view = updates[-1].view
    cadence = [s.cadence_spm for s in strides if s.valid]
    return {
        "strides": told,
        "view": {"facing": view.facing, "near_side": view.near_side},
        "cadence_spm": float(np.mean(cadence)) if cadence else None,
    }


def table_rows(updates: list[GaitUpdate]) -> list[dict[str, str]]:
    """The per-frame table."""
    return [
        {
            "t_s": f"{u.t_s:.6f}",
            "knee_flexion_left_deg": f"{u.left.knee_flexion_deg:.4f}",
            "knee_flexion_right_deg": f"{u.right.knee_flexion_deg:.4f}",
        }
        for u in updates
    ]


def score(
    name: str, condition: str, trial: Any, seed: int, *, placed: bool = False
) -> tuple[dict[str, Any], list[float], list[Stride]]:
    """One case in the shape that the scoring rules put together."""
    rules = scoring()
    recording = rules.film_case(name, condition, trial, seed)
    truth = recording["truth"]
    header = recording["header"]
    updates, strides, costs_s = run(recording, Lens(header["width"], header["height"]) if placed else None)
    told, rows = session(updates, strides), table_rows(updates)
    near = truth["near_side"]
    case: dict[str, Any] = {"references": {}, "sides": {}, "faults": [], "exit": 0, "realtime": None}
    case["view_right"] = told["view"] == {"facing": truth["facing"], "near_side": near}
    case["cadence_error_spm"] = None if told["cadence_spm"] is None else told["cadence_spm"] - truth["cadence_spm"]
    for label, side in (("near", near), ("far", rules.OTHER[near])):
        got, count = rules.score_strides(told, trial, truth, side)
        case["sides"][label] = {"got": got, "count": count, "curve": rules.score_curve(rows, trial, side)}
    return case, costs_s, strides


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--every", type=int, default=1, help="only every so many-th trial")
    ask.add_argument("--first", type=int, default=0)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--conditions", default="clean60,typical60,typical30,hard30")
    ask.add_argument("--placed", action="store_true", help="seek the camera's place")
    ask.add_argument("--json", type=Path)
    ask.add_argument("--cases", action="store_true", help="a line for every case with false or few strides")
    o = ask.parse_args()
    rules, trials = scoring(), trials_of()
    conditions = o.conditions.split(",")
    found: dict[str, list[Any]] = {c: [] for c in conditions}
    costs_s: list[float] = []
    for name in list(trials)[o.first :: o.every]:
        trial = trials[name]()
        for c in conditions:
            case, cost_s, strides = score(name, c, trial, o.seed, placed=o.placed)
            found[c].append(case)
            costs_s += cost_s
            if o.cases:
                _tell(name, c, case, strides)
    results = {c: rules.together(cases) for c, cases in found.items()}
    rules.report(results)
    ms = 1000 * np.array(costs_s)
    print(f"cost a frame: mean {ms.mean():.3f} ms, p99 {np.percentile(ms, 99):.2f}, largest {ms.max():.2f}")
    if o.json:
        o.json.write_text(json.dumps(results, indent=1) + "\n")


def _tell(name: str, condition: str, case: dict[str, Any], strides: list[Stride]) -> None:
    for leg, s in case["sides"].items():
        n = s["count"]
        if n["off"] or n["extra"] or n["found_settled"] < 0.95 * n["true_settled"]:
            why = {str(x.reject_reason) for x in strides if x.near == (leg == "near") and not x.valid}
            print(name, condition, leg, {k: int(v) for k, v in n.items()}, *sorted(why))


if __name__ == "__main__":
    main()
