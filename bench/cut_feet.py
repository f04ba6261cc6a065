"""A camera so near, or so far to one side, that the leg leaves the picture: what is believed of it, and how far off.

    COACH_TEST_DATA=DATA python -m bench.cut_feet [--cuts=-0.1,0,0.1,0.2,0.3,0.4] [--ahead] [CLIP …]

ffmpeg cuts the picture off behind the runner (or ahead), so that the near leg's farthest point lies so many leg lengths
beyond its edge. Near strides against the same ones of the whole picture: how many are valid, by how much they differ
(mean ± SD, and the farthest), what is stated of them, and why the others are left out.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from bench.measured import data_folder
from bench.short_clips import near
from coach.app.offline import analyze
from coach.app.parts import open_pose_estimator
from coach.core.coaching.stride_record import StrideRecord
from coach.core.pose import LEG_ROWS, Side, other
from coach.core.units import FloatArray
from coach.edges.frames.sources import open_source
from coach.ports import Frame
from coach.settings import Settings

_MATCH_S: Final = 0.15
_CLIPS: Final = ("treadmill_garage_30fps", "easy_right_30fps", "left_60fps")


def near_leg_px(clip: Path, side: Side) -> FloatArray:
    """(frames, 5, 2): as the network reads it."""
    source = open_source(str(clip), realtime=False, camera=Settings().camera)
    network = open_pose_estimator(Settings(), source.info)
    poses = [network.estimate(item) for item in source.frames() if isinstance(item, Frame)]
    network.close()
    source.close()
    return np.array([pose.xy_px[list(LEG_ROWS[side])] for pose in poses if pose is not None])


def edge_px(leg_px: FloatArray, at: Side, beyond_ll: float) -> float:
    """Where the picture has to end on this side, for knee and foot to reach so far beyond it."""
    length_px = float(np.median(np.linalg.norm(np.diff(leg_px[:, :3], axis=1), axis=2).sum(1)))
    x_px = leg_px[:, 1:, 0]
    if at == "left":
        return float(np.percentile(x_px.min(1), 2)) + beyond_ll * length_px
    return float(np.percentile(x_px.max(1), 98)) - beyond_ll * length_px


def cut(clip: Path, edge_px: float, at: Side, folder: Path) -> Path:
    """The clip without what lies beyond an edge on this side."""
    capture = cv2.VideoCapture(str(clip))
    width, height = (int(capture.get(each)) for each in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    capture.release()
    even = 2 * round(edge_px / 2)
    left, right = (even, width) if at == "left" else (0, even)
    out = folder / f"{clip.stem}-{even}.mp4"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-vf", f"crop={right - left}:{height}:{left}:0"]
    subprocess.run([*command, "-qp", "0", "-preset", "ultrafast", "-an", str(out)], check=True)
    return out


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("clips", nargs="*", type=Path)
    ask.add_argument("--cuts", default="-0.1,0,0.1,0.2,0.3,0.4", help="leg lengths")
    ask.add_argument("--ahead", action="store_true", help="cut off ahead of the runner")
    o = ask.parse_args()
    clips = o.clips or [next(data_folder().glob(f"r*/{name}.mp4")) for name in _CLIPS]
    print(f"{'clip':28s} cut, ll  valid    difference, deg  farthest  stated SD  left out for")
    for clip in clips:
        whole = analyze(clip, Settings())
        facing = whole.view.facing
        if facing is None:
            continue
        known = [stride for stride in whole.strides if stride.near and stride.valid]
        at = facing if o.ahead else other(facing)
        leg_px = near_leg_px(clip, facing)
        with tempfile.TemporaryDirectory() as folder:
            for cut_ll in map(float, o.cuts.split(",")):
                found = near(cut(clip, edge_px(leg_px, at, cut_ll), at, Path(folder)), Settings())
                print(f"{clip.stem:28s} {cut_ll:+7.2f}", _row(known, found), flush=True)


def _row(known: list[StrideRecord], found: list[StrideRecord]) -> str:
    pairs = [
        (again, stride)
        for stride in known
        for again in found
        if abs(again.peak_knee_flexion_s - stride.peak_knee_flexion_s) < _MATCH_S
    ]
    why = dict(Counter(str(again.reject_reason) for again, _ in pairs if not again.valid))
    valid = [(again, stride) for again, stride in pairs if again.valid]
    count = f"{len(valid):3d} of {len(known):2d}"
    if not valid:
        return f"{count}{'':38s}  {why}"
    off = np.array([again.peak_knee_flexion_deg - stride.peak_knee_flexion_deg for again, stride in valid])
    stated = np.mean([again.peak_knee_flexion_sd_deg for again, _ in valid])
    farthest = max(off.tolist(), key=abs)
    return f"{count}     {off.mean():+5.1f} ± {off.std():3.1f} {farthest:+9.1f} {stated:10.1f}  {why or ''}"


if __name__ == "__main__":
    main()
