"""Whether a session depends on who found the runner: the same clips with MediaPipe's finder, and with a nudged one.

    python -m bench.people_sessions [CLIP ...]      # clips of COACH_TEST_DATA

Each clip is analysed three times: as it is; with everything that is found moved at random by 0.01 px (SD); with
MediaPipe's pose landmarker in the finder's place. It needs the extra `mediapipe`, which sends usage data to Google
while it runs (docs/people-finder.md). Printed: cadence and median near peak of the three.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from bench.measured import data_folder
from coach.app.offline import analyze
from coach.config import cache_dir
from coach.edges.pose.people_finder import PeopleFinder, Person
from coach.edges.pose.pose_model import ensure_model
from coach.ports import ImageBGR

NUDGE_PX: Final = 0.01

Find = Callable[[PeopleFinder, ImageBGR], list[Person]]


def nudged(find: Find) -> Find:
    """A finder whose answers are moved a little."""
    noise = np.random.default_rng(1)

    def find_and_move(self: PeopleFinder, picture: ImageBGR) -> list[Person]:
        found = find(self, picture)
        return [Person(p.xy_px + noise.normal(0, NUDGE_PX, p.xy_px.shape), p.visibility) for p in found]

    return find_and_move


def by_mediapipe() -> Find:
    """MediaPipe's finder."""
    from coach.edges.pose.mediapipe_pose import MediaPipeFinder  # noqa: PLC0415 - reports home: only when asked for

    task = MediaPipeFinder(ensure_model("full", cache_dir()), 3)
    return lambda _self, picture: task.find(picture)


@contextmanager
def finding(find: Find) -> Iterator[None]:
    """Sessions find people so."""
    usual = PeopleFinder.find
    PeopleFinder.find = find  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        PeopleFinder.find = usual  # type: ignore[method-assign]


def figures(clip: Path) -> tuple[float, float]:
    """Cadence in spm and the median of the valid near peaks in degrees."""
    session = analyze(clip)
    peaks = [stride.peak_knee_flexion_deg for stride in session.strides if stride.near and stride.valid]
    return session.summary.cadence_spm, float(np.median(peaks))


def main() -> None:
    clips = [Path(name) for name in sys.argv[1:]] or sorted(data_folder().glob("r*/*.mp4"))
    usual = PeopleFinder.find
    print(
        "| clip | cadence, spm: own, nudged, MediaPipe | median near peak, °: own, nudged, MediaPipe |\n|---|---|---|"
    )
    for clip in clips:
        found = []
        for find in (usual, nudged(usual), by_mediapipe()):
            with finding(find):
                found.append(figures(clip))
        cadence, peak = ([f"{value:.2f}" for value in column] for column in zip(*found, strict=True))
        print(f"| {clip.stem} | {', '.join(cadence)} | {', '.join(peak)} |", flush=True)


if __name__ == "__main__":
    main()
