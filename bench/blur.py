"""What motion blur does: a drawn runner filmed with the shutter open for so long, from picture to stride.

    python -m bench.blur [--seconds 8] [--speeds 2.5,3.5,4.5,5.5] [--exposures 30,60,125,250] [--fps 30]
        [--effort accurate] [--keep FOLDER]
    COACH_TEST_DATA=… python -m bench.blur --runners RBDS022,RBDS001 …

A blurred picture is the mean of sharp ones over the exposure (1/30 s: the shutter never closes at 30 a second). Near
leg, whole strides after the first two seconds: how many are valid, their peak against the truth (mean ± SD), the stated
SD, and how many errors lie within it; last, the same of all together. `--effort accurate` reads each picture twice, as
a file's are read. `--runners`: legs of measured runners in place of the demo's. `--keep` keeps the poses read
(`coach.poses/1`), for a look at them.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.measured import trials_of
from coach.config import cache_dir
from coach.core.gait import Stride
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import HEEL, TOE, PictureSize, ahead_deg
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import Pose, Side
from coach.edges.demo import BodyPose, DemoRunner, DemoSource
from coach.edges.demo.motion import LegPose, Point, posed_leg
from coach.edges.files.poses_file import PoseRecorder
from coach.edges.pose.pose_estimators import open_estimator
from coach.edges.pose.pose_model import ensure_model
from coach.ports import Frame, ImageBGR, SourceInfo
from coach.settings import Effort, PoseSettings

_STEP_S = 1 / 360
"""Between the sharp pictures that make a blurred one: a swinging ankle moves 3 % of the leg meanwhile."""
_FROM_S = 2.0
_MATCH_S = 0.15
_SIZE = 960, 720


Peaks = list[tuple[float, float]]
"""When the near knee was bent most, s, and how far, degrees."""
Judged = list[tuple[float, float]]
"""Error of a stride's peak, and its stated SD, degrees."""
_DEMO_FROM: Final = 6
"""A contact of the demo's near foot after time 0."""
_FLAT: Final = 0.4
"""Of a stance: the foot lies flat."""


class MeasuredRunner(DemoRunner):
    """The angles of a measured runner's legs on the demo's bones; trunk and arms are the demo's, in step with them.

    Faster than was measured, it is the fastest trial played faster.
    """

    def __init__(self, name: str, speed_mps: float) -> None:
        super().__init__(speed_mps=speed_mps, heel_lift=0.0)
        measured_mps = min((2.5, 3.5, 4.5), key=lambda each: abs(each - speed_mps))
        self._trial: Any = trials_of()[f"{name}_T{10 * measured_mps:.0f}"]()
        self._hurry = speed_mps / measured_mps
        strides = sorted(self._trial.strides, key=lambda each: each["initial_contact_s"])
        self._contacts_s = np.array([each["initial_contact_s"] for each in strides]) / self._hurry
        first = _DEMO_FROM + (strides[0]["side"] != self.near_side)
        self._demo_contacts_s = [self.footfalls.contact_s(first + i) for i in range(len(strides))]
        flat_s = [s["initial_contact_s"] + _FLAT * (s["toe_off_s"] - s["initial_contact_s"]) for s in strides]
        feet = [self._joints(each["side"], at_s) for each, at_s in zip(strides, flat_s, strict=True)]
        self._flat_deg = float(np.median([_rise_deg(foot) for foot in feet]))

    @property
    def peaks(self) -> Peaks:
        """Of its near leg."""
        return [(t_s / self._hurry, deg) for t_s, deg in self._trial.peaks[self.near_side]]

    def at(self, t_s: float) -> BodyPose:
        """The whole runner at a time."""
        body = super().at(float(np.interp(t_s, self._contacts_s, self._demo_contacts_s)))
        near, far = (self._leg(side, t_s * self._hurry, body.hip) for side in ("right", "left"))
        return replace(body, near=near, far=far)

    def _leg(self, side: Side, trial_s: float, hip: Point) -> LegPose:
        joints = self._joints(side, trial_s)
        thigh_deg, shank_deg = ahead_deg(joints[1] - joints[0]), ahead_deg(joints[2] - joints[1])
        return posed_leg(hip, thigh_deg, thigh_deg - shank_deg, _rise_deg(joints) - self._flat_deg)

    def _joints(self, side: Side, trial_s: float) -> list[complex]:
        """Hip, knee, ankle, heel and toe, mm."""
        x_y = self._trial.spline(trial_s).reshape(2, 5, 2)[0 if side == "right" else 1]
        return [complex(*point) for point in x_y.tolist()]


def _rise_deg(joints: list[complex]) -> float:
    """From heel to toe."""
    foot = joints[TOE] - joints[HEEL]
    return math.degrees(math.atan2(foot.imag, foot.real))


def blurred(source: DemoSource, t_s: float, exposure_s: float) -> ImageBGR:
    """What the camera sees while its shutter is open, half of it before `t_s`."""
    count = max(round(exposure_s / _STEP_S), 1)
    moments = t_s + (np.arange(count) - (count - 1) / 2) * exposure_s / count
    total = np.zeros((_SIZE[1], _SIZE[0], 3))
    for moment in moments.clip(0.0):
        total += source.picture(float(moment))
    return (total / count + 0.5).astype(np.uint8)


def read(
    source: DemoSource, fps: float, seconds: float, exposure_s: float, effort: Effort
) -> list[tuple[float, Pose | None]]:
    """The runner as the network finds him."""
    bundle = ensure_model("full", cache_dir())
    estimator = open_estimator(PoseSettings(effort=effort), bundle, source.info)
    seen = []
    for index in range(round(seconds * fps)):
        t_s = index / fps
        seen.append((t_s, estimator.estimate(Frame(index, t_s, blurred(source, t_s, exposure_s)))))
    estimator.close()
    return seen


def measured(seen: list[tuple[float, Pose | None]]) -> list[Stride]:
    """Its near strides."""
    tracker = GaitTracker(lens=Lens(*_SIZE), picture=PictureSize(*_SIZE))
    strides = [stride for t_s, pose in seen for stride in tracker.step(t_s, pose).strides]
    return [stride for stride in (*strides, *tracker.finish()) if stride.near]


def keep(folder: Path, name: str, seen: list[tuple[float, Pose | None]], fps: float) -> None:
    """Write the poses down."""
    recorder = PoseRecorder(folder / f"{name}.jsonl", SourceInfo("demo", name, *_SIZE, fps, live=False))
    for t_s, pose in seen:
        recorder.append(t_s, pose, None)
    recorder.close()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seconds", type=float, default=8.0)
    ask.add_argument("--speeds", default="2.5,3.5,4.5,5.5")
    ask.add_argument("--exposures", default="30,60,125,250")
    ask.add_argument("--fps", type=float, default=30.0)
    ask.add_argument("--runners", default="demo", help="measured ones, such as RBDS022,RBDS001")
    ask.add_argument("--effort", default="accurate", choices=("fast", "accurate"))
    ask.add_argument("--keep", type=Path)
    o = ask.parse_args()
    print("runner   m/s  1/exposure  strides  valid       error, deg  stated SD  within it %  left out for")
    everything: Judged = []
    for name, speed_mps, share in product(
        o.runners.split(","), map(float, o.speeds.split(",")), map(float, o.exposures.split(","))
    ):
        runner = DemoRunner(speed_mps=speed_mps, heel_lift=0.0) if name == "demo" else MeasuredRunner(name, speed_mps)
        source = DemoSource(runner, width=_SIZE[0], height=_SIZE[1])
        seen = read(source, o.fps, o.seconds, 1 / share, o.effort)
        if o.keep:
            keep(o.keep, f"{name}-{speed_mps:g}mps-1_{share:g}", seen, o.fps)
        judged, why = against(true_peaks(source, o.seconds), measured(seen))
        everything += judged
        print(f"{name:8s} {speed_mps:3.1f} {share:11.0f}", _row(judged, why), flush=True)
    print(f"{'all together':24s}", _row(everything, Counter()))


def true_peaks(source: DemoSource, seconds: float) -> Peaks:
    """Of whole strides of the near leg."""
    if isinstance(source.runner, MeasuredRunner):
        # Their swing ends 0.25 s after the peak.
        return [(t_s, deg) for t_s, deg in source.runner.peaks if _FROM_S + 0.5 <= t_s <= seconds - 0.35]
    strides = source.truth.strides(_FROM_S, seconds - 0.1)
    return [(true.peak_knee_flexion_s, true.peak_knee_flexion_deg) for true in strides if true.near]


def against(peaks: Peaks, strides: list[Stride]) -> tuple[Judged, Counter[str]]:
    """Each valid stride's error with its stated SD; why the others were left out."""
    judged: Judged = []
    why = Counter[str]()
    for true_s, true_deg in peaks:
        found = [s for s in strides if abs(s.peak_knee_flexion_s - true_s) < _MATCH_S]
        if found and found[0].valid:
            judged.append((found[0].peak_knee_flexion_deg - true_deg, found[0].peak_knee_flexion_sd_deg))
        else:
            why[str(found[0].reject_reason) if found else "not seen"] += 1
    return judged, why


def _row(judged: Judged, why: Counter[str]) -> str:
    counts = f"{len(judged) + why.total():8d} {len(judged):6d}"
    if not judged:
        return f"{counts}{'':42s}{dict(why)}"
    off, sd = np.array(judged).T
    within = 100 * np.mean(np.abs(off) <= sd)
    return f"{counts}     {off.mean():+5.1f} ± {_sd(off):3.1f} {sd.mean():10.1f} {within:12.0f}  {dict(why) or ''}"


def _sd(values: np.ndarray) -> float:
    return float(values.std()) if len(values) > 1 else math.nan


if __name__ == "__main__":
    main()
