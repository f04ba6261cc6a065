"""Whether the finder of people finds what MediaPipe's pose landmarker finds, and what each costs.

    python -m bench.people                    # demo pictures, and clips of COACH_TEST_DATA
    python -m bench.people --record FILE      # write MediaPipe's answers, which the tests compare with

Needs the extra `mediapipe`, which sends usage data to Google while it runs (docs/people-finder.md). The two look at
each picture in turns. Distances between their landmarks, and milliseconds a picture by the clock and of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from bench.measured import data_folder
from coach.config import cache_dir
from coach.core.units import FloatArray
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.pose.people_finder import PeopleFinder, Person
from coach.edges.pose.pose_estimators import load_networks
from coach.edges.pose.pose_model import ensure_model
from coach.ports import ImageBGR

MOST_PEOPLE: Final = 3
PER_CLIP: Final = 6
"""Pictures of each clip that the tests look at."""
ROUNDING_PX: Final = 0.5


def demo_pictures() -> dict[str, ImageBGR]:
    """Pictures that need no data: nobody, one runner, several of different size."""
    right, left = (DemoSource(DemoRunner(facing=facing, heel_lift=0.0)) for facing in ("right", "left"))
    tall = DemoSource(DemoRunner(facing="left", heel_lift=-14.0), width=540, height=960)
    close = [source.picture(t_s)[:, 150:470] for source, t_s in ((left, 0.2), (right, 0.6), (left, 0.8))]
    small = np.full((480, 320, 3), 190, np.uint8)
    small[110:470, 40:280] = cv2.resize(close[0], (240, 360), interpolation=cv2.INTER_AREA)
    return {
        "nobody": np.full((480, 640, 3), 190, np.uint8),
        "facing right": right.picture(0.3),
        "facing left": left.picture(1.1),
        "upright picture": tall.picture(0.7),
        "one far to the left": np.hstack([close[1], np.full((480, 500, 3), 190, np.uint8)]),
        "two": np.hstack(close[:2]),
        "two, one small": np.hstack([small, close[1]]),
        "three": np.hstack(close),
    }


def clip_pictures(folder: Path, every: int | None = None) -> Iterator[tuple[str, ImageBGR]]:
    """Pictures of every measured clip, spread over its length; or every so many frames."""
    for path in sorted(folder.glob("r*/*.mp4")):
        video = cv2.VideoCapture(str(path))
        count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        wanted = set(range(0, count, every)) if every else set(np.linspace(0, count - 1, PER_CLIP + 2, dtype=int)[1:-1])
        for index in range(max(wanted) + 1):
            if not video.grab():
                break
            if index in wanted:
                yield f"{path.stem} {index}", np.asarray(video.retrieve()[1], np.uint8)


def open_finder(bundle: Path) -> PeopleFinder:
    """The finder as a session has it."""
    return PeopleFinder(*load_networks(bundle, 1), MOST_PEOPLE)


def distances_px(found: list[Person], answers: FloatArray) -> FloatArray:
    """(people, 33) between each of the answers and whoever was found nearest. answers: (people, 33, 2).

    Raises ValueError where not as many were found.
    """
    if len(found) != len(answers):
        raise ValueError(f"{len(found)} people instead of {len(answers)}")
    offs = [[np.linalg.norm(person.xy_px - answer, axis=1) for person in found] for answer in answers]
    return np.array([min(row, key=np.median) for row in offs]).reshape(-1, 33)


def recorded(people: list[Person]) -> list[Any]:
    """As the tests keep them: pixels to two places."""
    return [np.round(person.xy_px, 2).tolist() for person in people]


class _Cost:
    """Milliseconds a call."""

    def __init__(self) -> None:
        self.clock_s: list[float] = []
        self.processor_s: list[float] = []

    def of(self, finder: Any, picture: ImageBGR) -> list[Person]:
        began_s, began_processor_s = time.perf_counter(), time.process_time()
        people: list[Person] = finder.find(picture)
        self.clock_s.append(time.perf_counter() - began_s)
        self.processor_s.append(time.process_time() - began_processor_s)
        return people

    def ms(self) -> FloatArray:
        """(2,): medians by the clock and of the processor."""
        return 1000 * np.median([self.clock_s[2:], self.processor_s[2:]], axis=1)


def compare(pictures: Iterator[tuple[str, ImageBGR]], own: PeopleFinder, task: Any) -> None:
    """Print a line a clip, then the costs."""
    own_cost, task_cost = _Cost(), _Cost()
    by_clip: dict[str, list[FloatArray]] = {}
    miscounted: dict[str, int] = {}
    for name, picture in pictures:
        answers, found = task_cost.of(task, picture), own_cost.of(own, picture)
        clip = name.split()[0]
        offs = by_clip.setdefault(clip, [])
        try:
            offs.append(distances_px(found, np.array([person.xy_px for person in answers])))
        except ValueError:
            miscounted[clip] = miscounted.get(clip, 0) + 1
    print("| clip | people | other count | median, px | within 0.5 px | largest, px |\n|---|---|---|---|---|---|")
    for clip, offs in by_clip.items():
        all_px = np.concatenate(offs)
        within = 100 * np.mean(all_px <= ROUNDING_PX)
        print(
            f"| {clip} | {len(all_px)} | {miscounted.get(clip, 0)} | {np.median(all_px):.3f} "
            f"| {within:.2f} % | {all_px.max():.1f} |"
        )
    for what, cost in (("MediaPipe", task_cost), ("own finder, one thread", own_cost)):
        clock_ms, processor_ms = cost.ms()
        print(f"{what}: {clock_ms:.1f} ms a picture by the clock, {processor_ms:.1f} of the processor")
    print("own / MediaPipe: {:.2f} by the clock, {:.2f} of the processor".format(*(own_cost.ms() / task_cost.ms())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", type=Path, metavar="FILE")
    parser.add_argument("--every", type=int, default=10, help="look at every so many frames of the clips (default 10)")
    chosen = parser.parse_args()
    from coach.edges.pose.mediapipe_pose import MediaPipeFinder  # noqa: PLC0415 - reports home: only when asked for

    bundle = ensure_model("full", cache_dir())
    task = MediaPipeFinder(bundle, MOST_PEOPLE)
    data = os.environ.get("COACH_TEST_DATA")
    if chosen.record is None:
        clips = clip_pictures(Path(data), chosen.every) if data else iter(demo_pictures().items())
        compare(clips, open_finder(bundle), task)
    else:
        answers = {
            "demo": {name: recorded(task.find(picture)) for name, picture in demo_pictures().items()},
            "clips": {name: recorded(task.find(picture)) for name, picture in clip_pictures(data_folder())},
        }
        chosen.record.write_text(json.dumps(answers, separators=(",", ":")) + "\n", "utf-8")
    task.close()


if __name__ == "__main__":
    main()
