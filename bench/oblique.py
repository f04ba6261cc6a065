"""Pictures of measured runners, filmed from anywhere: what the network and the camera's place make of them together.

    COACH_TEST_DATA=DATA python -m bench.oblique [--cases 4] [--seconds 8] [--yaws=-30,-15,0,15,30]
    … [--effort fast] [--keep FOLDER]

`bench.camera_places` films keypoints, which err alike wherever the camera stands. Here a body is drawn around the
measured legs (`bench.drawn_body`), the pose network reads it as it reads a file, and the near leg's peaks are held
against the sagittal truth. Joints are told apart, too: by how much, in the direction of running, a hip is read beside
its true place, in % of the leg as the picture shows it. `--keep` writes one picture of each place.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from bench.camera_places import Watched, between, chosen, peak_errors, trials, views
from bench.drawn_body import Studio, body
from bench.measured import filming
from coach.app.parts import first_look
from coach.config import cache_dir
from coach.core.gait.camera_view import CameraView
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.gait.kinematics import PictureSize
from coach.core.gait.sagittal_view import Lens
from coach.core.pose import Keypoint, Pose, Side
from coach.core.units import FloatArray
from coach.edges.pose.pose_estimators import open_estimator
from coach.edges.pose.pose_model import ensure_model
from coach.ports import Frame, ImageBGR, SourceInfo
from coach.settings import CameraSettings, Effort, PoseSettings

SIZE: Final = (1280, 720)
FPS: Final = 30.0
FROM_S: Final = 8.0
"""Of the trial: by then it runs evenly."""
JOINTS: Final = ("hip", "knee", "ankle")


@dataclass(frozen=True)
class Film:
    """A trial as a camera at a place shows it; who faces left is seen in a mirror."""

    trial: Any
    place: Any
    seconds: float
    facing: Side

    @property
    def info(self) -> SourceInfo:
        """As of a file."""
        return SourceInfo("video", self.trial.flat.name, *SIZE, FPS, live=False)

    @property
    def times_s(self) -> FloatArray:
        """Of the pictures."""
        return np.arange(round(self.seconds * FPS)) / FPS

    def joints_mm(self) -> FloatArray:
        """(pictures, keypoints, 3). Near is the runner's right side; in the mirror it is the left one."""
        points: FloatArray = self.trial.points(FROM_S + self.times_s)
        return points * [1, 1, -1] if self.facing == "left" else points

    def pictures(self) -> Iterator[ImageBGR]:
        """One by one."""
        studio, noise = Studio(self.place, *SIZE), np.random.default_rng(0)
        room = studio.room()
        for points in self.joints_mm():
            picture = studio.picture(body(dict(zip(filming().KEYPOINTS, points, strict=True))), room, noise)
            yield np.ascontiguousarray(picture[:, ::-1]) if self.facing == "left" else picture

    def recording(self) -> dict[str, Any]:
        """The near leg's whole strides, as `camera_places` takes them."""
        ends_s = FROM_S + self.times_s[-1]
        strides = [
            {**s, "peak_knee_flexion_s": s["peak_knee_flexion_s"] - FROM_S}
            for s in self.trial.flat.strides
            if s["side"] == self.facing and s["initial_contact_s"] >= FROM_S and s["end_s"] <= ends_s
        ]
        return {"strides": strides}

    def joints_px(self) -> dict[str, FloatArray]:
        """Where they are in the pictures, (pictures, 2) each."""
        xy = self.place.picture(self.joints_mm(), *SIZE)
        if self.facing == "left":
            xy[..., 0] = SIZE[0] - xy[..., 0]
        return {name: xy[:, i] for i, name in enumerate(filming().KEYPOINTS)}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a film."""

    trial: str
    yaw_deg: float
    plain_deg: float
    """Mean error of peaks taken as seen from the side."""
    errors_deg: FloatArray
    stated_deg: FloatArray
    whole_strides: int
    camera: CameraView
    beside_pct: tuple[float, ...]
    """Of hip, knee and ankle of the near leg, + toward where the runner looks."""
    hips_apart: float
    """In that direction, of what they are."""

    @property
    def bias_deg(self) -> float:
        """Mean error of the peaks."""
        return float(self.errors_deg.mean())


def read(film: Film, effort: Effort = "auto") -> list[tuple[float, Pose | None]]:
    """The runner as the network finds him: `auto` as in a file, `fast` as live on most machines."""
    estimator = open_estimator(PoseSettings(effort=effort), ensure_model("full", cache_dir()), film.info)
    try:
        return [
            (t_s, estimator.estimate(Frame(index, t_s, picture)))
            for index, (t_s, picture) in enumerate(zip(film.times_s.tolist(), film.pictures(), strict=True))
        ]
    finally:
        estimator.close()


def measured(seen: list[tuple[float, Pose | None]], info: SourceInfo, *, corrects: bool) -> Watched:
    """Its strides, both ways as of a file, and where the camera was found to stand at last; the belt is not read."""
    known = first_look(((t_s, pose, None) for t_s, pose in seen), info, CameraSettings(), corrects=corrects)
    tracker = GaitTracker(lens=Lens(*SIZE) if corrects else None, picture=PictureSize(*SIZE), hindsight=known)
    updates = [tracker.step(t_s, pose) for t_s, pose in seen]
    strides = [*(stride for update in updates for stride in update.strides), *tracker.finish()]
    return Watched(strides, updates[-1].view.camera, math.nan)


def judge(film: Film, effort: Effort = "auto") -> Result:
    """Film, read, measure."""
    seen, truth = read(film, effort), film.recording()
    plain, corrected = (measured(seen, film.info, corrects=corrects) for corrects in (False, True))
    errors_deg, stated_deg = peak_errors(truth, film.facing, corrected).T
    beside_pct, hips_apart = _joints(seen, film)
    return Result(
        trial=film.trial.flat.name,
        yaw_deg=film.place.yaw_deg,
        plain_deg=float(peak_errors(truth, film.facing, plain)[:, 0].mean()),
        errors_deg=errors_deg,
        stated_deg=stated_deg,
        whole_strides=len(truth["strides"]),
        camera=corrected.camera,
        beside_pct=beside_pct,
        hips_apart=hips_apart,
    )


def _joints(seen: list[tuple[float, Pose | None]], film: Film) -> tuple[tuple[float, ...], float]:
    """Where the near leg's joints are read, and how far apart the hips are."""
    there = [i for i, (_, pose) in enumerate(seen) if pose is not None]
    poses = np.array([pose.xy_px for _, pose in seen if pose is not None])
    true_px = {name: px[there] for name, px in film.joints_px().items()}
    read_px = {name: poses[:, Keypoint[name.upper()]] for name in true_px}
    hip, knee, ankle = (true_px[f"{film.facing}_{joint}"] for joint in JOINTS)
    leg_px = np.median(np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1))
    ahead = 100.0 if film.facing == "right" else -100.0
    near = [f"{film.facing}_{joint}" for joint in JOINTS]
    beside = tuple(ahead * float(np.nanmean((read_px[name] - true_px[name])[:, 0]) / leg_px) for name in near)
    apart = [float(np.nanmean((px["left_hip"] - px["right_hip"])[:, 0])) for px in (read_px, true_px)]
    return beside, apart[0] / apart[1]


def films(cases: int, seconds: float, yaws_deg: list[float]) -> Iterator[Film]:
    """Each trial from places at these yaws, at heights and distances of laptops, facing left and right in turns."""
    solids = trials()
    for k, name in enumerate(chosen(list(solids), cases)):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        for yaw_deg in yaws_deg:
            place = views().any_place(rng, yaw_deg)
            # Nearer, the head or the feet are out of the picture at some heights.
            place.distance_m = max(place.distance_m, 2.2)
            yield Film(solids[name], place, seconds, ("right", "left")[k % 2])


def report(results: list[Result]) -> None:
    """A row for each yaw."""
    print("yaw, deg  films  strides measured %  as from the side, deg  corrected, deg  within stated %", end="  ")
    print("yaw's error, deg  stated  hip, knee, ankle beside, %  hips apart, of what they are")
    for yaw_deg in dict.fromkeys(result.yaw_deg for result in results):
        rows = [result for result in results if result.yaw_deg == yaw_deg]
        errors, stated = (np.concatenate([getattr(r, n) for r in rows]) for n in ("errors_deg", "stated_deg"))
        apart = np.array([r.camera.yaw_deg - yaw_deg for r in rows])
        beside = np.mean([r.beside_pct for r in rows], axis=0)
        print(
            f"{yaw_deg:+8.0f} {len(rows):6d} {100 * len(errors) / sum(r.whole_strides for r in rows):19.0f}"
            f" {np.mean([r.plain_deg for r in rows]):+22.1f} {errors.mean():+9.1f} ± {errors.std():.1f}"
            f" {100 * np.mean(abs(errors) <= stated):16.0f} {apart.mean():+13.1f} ± {apart.std():.1f}"
            f" {np.mean([r.camera.yaw_sd_deg for r in rows]):7.1f}  " + ", ".join(f"{share:+.1f}" for share in beside),
            f"{np.median([r.hips_apart for r in rows]):9.2f}" if yaw_deg else "",
        )
    plain, own = between(results, "plain_deg"), between(results, "bias_deg")
    print(f"same run, SD between places: {plain:.1f} → {own:.1f} deg")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--cases", type=int, default=4, help="trials")
    ask.add_argument("--seconds", type=float, default=8.0)
    ask.add_argument("--yaws", default="-30,-15,0,15,30", help="where the camera stands, + ahead of the runner")
    ask.add_argument("--effort", default="auto", choices=("auto", "fast"), help="how often a picture is read")
    ask.add_argument("--keep", type=Path, metavar="FOLDER", help="for one picture of each place")
    o = ask.parse_args()
    results = []
    for film in films(o.cases, o.seconds, [float(yaw) for yaw in o.yaws.split(",")]):
        if o.keep:
            o.keep.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(o.keep / f"{film.trial.flat.name}{film.place.yaw_deg:+.0f}.jpg"), next(film.pictures()))
        results.append(judge(film, o.effort))
    report(results)


if __name__ == "__main__":
    main()
