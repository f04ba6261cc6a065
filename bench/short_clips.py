"""What four seconds of a clip carry: how many of its whole strides are measured, and how near to the whole clip's.

    COACH_TEST_DATA=DATA python -m bench.short_clips [--seconds 4] [--cuts 3] [--live-like] [CLIP …]

Each clip is cut by ffmpeg at places spread over it; a cut is analysed as a file of its own, networks included. Its
whole strides are those of the whole clip's near leg that are valid and lie inside. `--live-like`: the filter looks back
only, in the cut; the whole clip is measured both ways.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.measured import data_folder
from coach.app.offline import analyze
from coach.app.parts import looking_ahead
from coach.core.coaching.stride_record import StrideRecord
from coach.core.gait.stride import Stride
from coach.errors import NoRunnerError
from coach.settings import Settings

_MATCH_S = 0.15
_WITHIN_DEG = 1.5
_EDGE_S = 0.05
"""A stride that ends with the last frame is not whole."""


def near(video: Path, settings: Settings) -> list[StrideRecord]:
    """The near leg's strides."""
    try:
        return [stride for stride in analyze(video, settings).strides if stride.near]
    except NoRunnerError:
        return []


def cut(video: Path, from_s: float, seconds: float, folder: Path) -> Path:
    """A piece of a clip, its pictures bit by bit as they were: a codec's loss would be read as one of the cut."""
    out = folder / f"{video.stem}-{from_s:.1f}.mp4"
    command = ["ffmpeg", "-v", "error", "-y", "-ss", f"{from_s:.3f}", "-t", f"{seconds:g}", "-i", str(video)]
    subprocess.run([*command, "-qp", "0", "-preset", "ultrafast", "-an", str(out)], check=True)
    return out


def places(whole: list[StrideRecord], seconds: float, cuts: int) -> Iterator[float]:
    """Where to cut: spread over the time in which the clip was measured."""
    first_s, last_s = whole[0].start_s, whole[-1].end_s
    yield from np.linspace(first_s, max(last_s - seconds, first_s), cuts).tolist()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("clips", nargs="*", type=Path)
    ask.add_argument("--seconds", type=float, default=4.0)
    ask.add_argument("--cuts", type=int, default=3)
    ask.add_argument("--live-like", action="store_true")
    o = ask.parse_args()
    clips = o.clips or sorted(data_folder().glob("r*/*.mp4"))
    columns = f"difference, deg   within {_WITHIN_DEG:g} deg %   of a cut's mean, at most"
    print(f"{'clip':28s} whole strides  valid %  worst cut %  {columns}")
    for clip in clips:
        whole = [stride for stride in near(clip, Settings()) if stride.valid]
        shares: list[float] = []
        cuts: list[list[float]] = []
        strides = 0
        with tempfile.TemporaryDirectory() as folder:
            for from_s in places(whole, o.seconds, o.cuts):
                inside = [s for s in whole if from_s <= s.start_s and s.end_s <= from_s + o.seconds - _EDGE_S]
                if not inside:
                    continue
                piece = cut(clip, from_s, o.seconds, Path(folder))
                seen = [s for s in near(piece, looking_ahead(Settings(), not o.live_like)) if s.valid]
                found = [_apart(stride, seen, from_s) for stride in inside]
                cuts.append([deg for deg in found if deg is not None])
                shares.append(len(cuts[-1]) / len(inside))
                strides += len(inside)
        print(_row(clip.stem, strides, shares, cuts), flush=True)


def _apart(stride: Stride, seen: list[StrideRecord], from_s: float) -> float | None:
    """How much higher the cut's peak of this stride is; None where it was not measured."""
    for other in seen:
        if abs(other.peak_knee_flexion_s + from_s - stride.peak_knee_flexion_s) < _MATCH_S:
            return other.peak_knee_flexion_deg - stride.peak_knee_flexion_deg
    return None


def _row(name: str, strides: int, shares: list[float], cuts: list[list[float]]) -> str:
    apart = np.concatenate(cuts)
    farthest = max((float(np.mean(cut)) for cut in cuts if cut), key=abs)
    within = 100 * np.mean(np.abs(apart) <= _WITHIN_DEG)
    return (
        f"{name:28s} {strides:13d} {100 * len(apart) / strides:8.0f} {100 * min(shares):12.0f}"
        f"     {apart.mean():+.1f} ± {apart.std():.1f} {within:16.0f} {farthest:+26.1f}"
    )


if __name__ == "__main__":
    main()
