"""How near the truth the pose front end comes, clip by clip.

    python -m bench.front_end                       # clips of COACH_TEST_DATA, and the demo's runner
    python -m bench.front_end --seconds 4 CLIP…     # some clips, their first seconds
    python -m bench.front_end --mediapipe           # plain MediaPipe beside it, which sends usage data to Google

One reading a picture, as live on most machines, and two, as for a file. The highest knee flexion of each swing straight
from the keypoints, no filter and nothing rejected, against the truth (drawn clips, demo) or another network (real
clip). `bench.file_costs` says what it costs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from coach.config import cache_dir
from coach.core.gait.kinematics import knee_flexion_deg
from coach.core.pose import LEG_ROWS, SIDES, Side, other
from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.pose_estimators import open_estimator
from coach.edges.pose.pose_model import ensure_model
from coach.ports import Frame, ImageBGR, SourceInfo
from coach.settings import PoseSettings

NEAR_PEAK_S: Final = 0.15
DEMOS: Final[tuple[tuple[Side, float], ...]] = (("right", 2.5), ("left", 3.5), ("right", 4.5))
READERS: Final = {"one reading": PoseSettings(effort="fast"), "two": PoseSettings(effort="accurate")}
MEDIAPIPE: Final = {"mediapipe": PoseSettings(backend="mediapipe", mediapipe_may_report=True)}


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames with what is known of them. peaks: (t_s, degrees) of each whole swing. flexion_deg: per frame."""

    name: str
    info: SourceInfo
    frames: list[Frame]
    facing: Side
    peaks: dict[Side, list[tuple[float, float]]]
    flexion_deg: dict[Side, FloatArray]
    present: FloatArray


@dataclass(frozen=True, slots=True)
class Reading:
    """What an estimator made of a clip. xy_px: (n, 13, 2)."""

    xy_px: FloatArray

    def flexion_deg(self, side: Side) -> FloatArray:
        """(n,)"""
        hip, knee, ankle = (self.xy_px[:, row] for row in LEG_ROWS[side][:3])
        return knee_flexion_deg(hip, knee, ankle)


def clips(paths: list[Path], seconds: float) -> Iterator[Clip]:
    for path in paths:
        truth, reference = path.with_suffix(".truth.json"), path.with_suffix(".reference.json")
        if truth.exists() or reference.exists():
            known = _of_truth(json.loads(truth.read_text())) if truth.exists() else _of_reference(reference)
            yield _filmed(path, seconds, known)
    yield from (_demo(facing, speed_mps, seconds) for facing, speed_mps in DEMOS)


def _of_truth(truth: dict[str, Any]) -> dict[str, Any]:
    frame = truth["per_frame"]
    whole = [stride for stride in truth["strides"] if stride["complete"] and stride["in_frame"] == 1]
    return {
        "facing": truth["facing"],
        "peaks": [(s["side"], s["peak_knee_flexion_s"], s["peak_knee_flexion_deg"]) for s in whole],
        "flexion": {side: frame[f"knee_flexion_{side}_deg"] for side in SIDES},
        "present": frame["present"],
    }


def _of_reference(path: Path) -> dict[str, Any]:
    reference = json.loads(path.read_text())
    column = {name: k for k, name in enumerate(reference["columns"])}
    return {
        "facing": reference["facing"],
        "peaks": [(p["side"], p["t_s"], p["peak_knee_flexion_deg"]) for p in reference["peaks"] if p["whole"]],
        "flexion": {side: [row[column[f"knee_flexion_{side}_deg"]] for row in reference["rows"]] for side in SIDES},
        "present": [1.0] * len(reference["rows"]),
    }


def _filmed(path: Path, seconds: float, known: dict[str, Any]) -> Clip:
    video = cv2.VideoCapture(str(path))
    fps, width, height = (video.get(key) for key in (cv2.CAP_PROP_FPS, 3, 4))
    images = islice(_images(video), round(seconds * fps))
    frames = [Frame(k, k / fps, image) for k, image in enumerate(images)]
    last_s, count = frames[-1].t_s - NEAR_PEAK_S, len(frames)
    peaks = {side: [(t, deg) for s, t, deg in known["peaks"] if s == side and t < last_s] for side in SIDES}
    flexion = {side: np.array(values[:count], dtype=float) for side, values in known["flexion"].items()}
    info = SourceInfo("video", path.stem, int(width), int(height), fps, live=False)
    return Clip(path.stem, info, frames, known["facing"], peaks, flexion, np.array(known["present"][:count], float))


def _images(video: cv2.VideoCapture) -> Iterator[ImageBGR]:
    while (picture := video.read())[0]:
        yield np.asarray(picture[1], np.uint8)


def _demo(facing: Side, speed_mps: float, seconds: float) -> Clip:
    source = DemoSource(DemoRunner(facing=facing, speed_mps=speed_mps, heel_lift=0.0))
    times = np.arange(round(seconds * 30)) / 30
    frames = [Frame(k, float(t), source.picture(float(t))) for k, t in enumerate(times)]
    strides = source.truth.strides(0.0, seconds - NEAR_PEAK_S)
    peaks = {
        side: [(s.peak_knee_flexion_s, s.peak_knee_flexion_deg) for s in strides if s.side == side] for side in SIDES
    }
    truths = [source.truth.frame(frame.t_s) for frame in frames]
    flexion = {side: np.array([truth.knee_flexion_deg[side] for truth in truths]) for side in SIDES}
    return Clip(f"demo {speed_mps} m/s", source.info, frames, facing, peaks, flexion, np.ones(len(frames)))


def read(clip: Clip, settings: PoseSettings, bundle: Path) -> Reading:
    estimator = open_estimator(settings, bundle, clip.info)
    xy_px = np.full((len(clip.frames), 13, 2), np.nan)
    for k, frame in enumerate(clip.frames):
        pose = estimator.estimate(frame)
        if pose is not None:
            xy_px[k] = pose.xy_px
    estimator.close()
    return Reading(xy_px)


def peak_errors_deg(clip: Clip, reading: Reading, side: Side) -> FloatArray:
    """(strides,): read minus true peak; NaN for a swing that was not seen."""
    t_s, flexion = np.array([frame.t_s for frame in clip.frames]), reading.flexion_deg(side)
    errors = []
    for at_s, true_deg in clip.peaks[side]:
        near = flexion[(np.abs(t_s - at_s) <= NEAR_PEAK_S) & np.isfinite(flexion)]
        errors.append(near.max() - true_deg if near.size > 2 else math.nan)
    return np.array(errors)


def row(clip: Clip, reading: Reading) -> str:
    seen, there = np.isfinite(reading.xy_px[:, 3, 0]), clip.present == 1
    parts = [f"{100 * seen[there].mean():4.0f}% {seen[clip.present == 0].sum():5d}"]
    for side in (clip.facing, other(clip.facing)):
        errors = peak_errors_deg(clip, reading, side)
        errors = errors[np.isfinite(errors)]
        curve = (reading.flexion_deg(side) - clip.flexion_deg[side])[there]
        rmse = math.sqrt(float(np.nanmean(curve**2)))
        spread = errors.std(ddof=1) if errors.size > 1 else math.nan
        mean = errors.mean() if errors.size else math.nan
        parts.append(f"{mean:+6.1f} ±{spread:4.1f} {rmse:6.1f}")
    return "  ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=12.0, help="so much of each clip (default 12)")
    parser.add_argument("--model", default="full")
    parser.add_argument("--mediapipe", action="store_true", help="plain MediaPipe, too (an extra)")
    chosen = parser.parse_args()
    readers = READERS | MEDIAPIPE if chosen.mediapipe else READERS
    data = os.environ.get("COACH_TEST_DATA")
    paths = chosen.clips or (sorted(Path(data).glob("r*/*.mp4")) if data else [])
    bundle = ensure_model(chosen.model, cache_dir())
    print("peaks: read minus true, mean ± SD in degrees; curve: RMSE in degrees")
    legs = f"{'near peak':>11} curve  {'far peak':>13} curve"
    print(f"{'clip':24}{'front end':11}  seen  away  {legs}")
    for clip in clips(paths, chosen.seconds):
        for name, settings in readers.items():
            print(f"{clip.name:24}{name:11} {row(clip, read(clip, settings, bundle))}", flush=True)


if __name__ == "__main__":
    main()
