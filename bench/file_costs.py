"""What reading a video file costs beside the bare landmark network, on the same clips in one run.

    python -m bench.file_costs                # clips of COACH_TEST_DATA
    python -m bench.file_costs CLIP…          # others

The bare network is MediaPipe's as it is shipped, all outputs, two threads, its input ready, run as often as the front
end reads a picture: twice, or once with `--effort fast`. Front end: finding, cutting, network, reading. Analyze:
`coach.app.offline.analyze` from opening the file to the finished session. Command: `coach analyze` with the start of
Python, the store and the page. The bare network runs in turns with each of them, so that a machine that slows down
slows both. Milliseconds a frame by the clock, and times the bare network; in brackets the same for processor time,
which other programs disturb less.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from bench.measured import data_folder
from coach.app.offline import analyze
from coach.app.parts import Outputs, fetch_model
from coach.edges.frames.sources import open_source
from coach.edges.pose.landmark_network import CROP_PX
from coach.edges.pose.model_bundle import landmark_model
from coach.edges.pose.pose_estimators import open_estimator
from coach.ports import Frame
from coach.settings import PoseSettings, Settings

THREADS: Final = 2
TURN: Final = 30
"""Frames in a row; then it is the other's turn."""
MOST_FRAMES: Final = 360
"""Pictures of a clip that are held in memory for the front end's turns."""
FRONT_END_GOAL: Final = 1.3
ANALYZE_GOAL: Final = 1.6


@dataclass(slots=True)
class Spent:
    """Seconds over a number of frames, by the clock and of the processor."""

    clock_s: float = 0.0
    processor_s: float = 0.0
    frames: int = 0

    def run(self, work: Callable[[], object], frames: int) -> None:
        """Do the work that these frames need, and count it."""
        began_s, began_processor_s = time.perf_counter(), time.process_time()
        work()
        self.clock_s += time.perf_counter() - began_s
        self.processor_s += time.process_time() - began_processor_s
        self.frames += frames

    def beside(self, bare: Spent) -> str:
        """Milliseconds a frame and times the bare network."""
        own_ms = 1000 * self.clock_s / self.frames
        return f"{own_ms:5.1f} {self.over(bare):4.2f} × ({self.processor_over(bare):4.2f})"

    def over(self, bare: Spent) -> float:
        """Times the bare network, by the clock."""
        return self.clock_s / self.frames / (bare.clock_s / bare.frames)

    def processor_over(self, bare: Spent) -> float:
        """Times the bare network, in processor time."""
        return self.processor_s / self.frames / (bare.processor_s / bare.frames)


class BareNetwork:
    """The landmark network as it is shipped, given its picture each time, as often as a picture is read."""

    def __init__(self, bundle: Path, threads: int, readings: int = 1) -> None:
        self._readings = readings
        self._network: Any = Interpreter(model_content=landmark_model(bundle), num_threads=threads)
        self._network.allocate_tensors()
        self._input: int = self._network.get_input_details()[0]["index"]
        self._crop = np.random.default_rng(0).random((1, CROP_PX, CROP_PX, 3), dtype=np.float32)
        self.run(TURN)

    def run(self, frames: int) -> None:
        """Run for each of so many frames."""
        for _ in range(frames * self._readings):
            self._network.set_tensor(self._input, self._crop)
            self._network.invoke()


def front_end(clip: Path, settings: Settings, bundle: Path, bare: BareNetwork) -> tuple[Spent, Spent]:
    """(front end, bare network) in turns over the first frames of a clip."""
    source = open_source(str(clip), realtime=False, camera=settings.camera)
    frames = [item for item, _ in zip(_pictures(source.frames()), range(MOST_FRAMES), strict=False)]
    source.close()
    estimator = open_estimator(settings.pose, bundle, source.info)
    own, other = Spent(), Spent()
    for first in range(0, len(frames), TURN):
        turn = frames[first : first + TURN]
        other.run(lambda turn=turn: bare.run(len(turn)), len(turn))  # type: ignore[misc]
        own.run(lambda turn=turn: [estimator.estimate(frame) for frame in turn], len(turn))  # type: ignore[misc]
    estimator.close()
    return own, other


def _pictures(items: Iterator[object]) -> Iterator[Frame]:
    return (item for item in items if isinstance(item, Frame))


def analysis(clip: Path, settings: Settings, bare: BareNetwork, frames: int) -> tuple[Spent, Spent]:
    """(`analyze`, bare network): the network before and after."""
    own, other = Spent(), Spent()
    other.run(lambda: bare.run(frames // 2), frames // 2)
    own.run(lambda: analyze(clip, settings, outputs=Outputs()), frames)
    other.run(lambda: bare.run(frames // 2), frames // 2)
    return own, other


def command(clip: Path, settings: Settings, bare: BareNetwork, frames: int) -> tuple[float, float]:
    """(ms a frame, times the bare network) of `coach analyze` with everything that a user waits for."""
    own, other = Spent(), Spent()
    with TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(f'[pose]\neffort = "{settings.pose.effort}"\n')
        words = [sys.executable, "-m", "coach", "analyze", str(clip), "--data-dir", folder, "--config", str(config)]
        other.run(lambda: bare.run(frames // 2), frames // 2)
        own.run(lambda: subprocess.run(words, check=True, capture_output=True), frames)
        other.run(lambda: bare.run(frames // 2), frames // 2)
    return 1000 * own.clock_s / frames, own.over(other)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--effort", default="accurate", choices=("fast", "accurate"))
    chosen = parser.parse_args()
    settings = Settings(pose=PoseSettings(effort=chosen.effort))
    bundle = fetch_model(settings)
    bare = BareNetwork(bundle, THREADS, readings=2 if chosen.effort == "accurate" else 1)
    ratios = []
    print("| clip | frames | bare, ms | front end | analyze | command |\n|---|---|---|---|---|---|")
    for clip in chosen.clips or sorted(data_folder().glob("r*/*.mp4")):
        frames = int(cv2.VideoCapture(str(clip)).get(cv2.CAP_PROP_FRAME_COUNT))
        own, beside = front_end(clip, settings, bundle, bare)
        whole, beside_whole = analysis(clip, settings, bare, frames)
        command_ms, command_over = command(clip, settings, bare, frames)
        ratios.append((own.over(beside), whole.over(beside_whole)))
        bare_ms = 1000 * beside.clock_s / beside.frames
        cells = [
            f"{bare_ms:.1f}",
            own.beside(beside),
            whole.beside(beside_whole),
            f"{command_ms:.1f} {command_over:.2f} ×",
        ]
        print(f"| {clip.stem} | {frames} | {' | '.join(cells)} |", flush=True)
    front, whole_ratio = np.max(ratios, axis=0)
    for name, ratio, goal in (("front end", front, FRONT_END_GOAL), ("analyze", whole_ratio, ANALYZE_GOAL)):
        print(f"{'✓' if ratio <= goal else '✗'} {name}: at most {goal} × the bare network (the worst clip {ratio:.2f})")


if __name__ == "__main__":
    main()
