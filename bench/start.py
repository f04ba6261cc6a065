"""How long `coach demo` takes to its window, to its first picture and to its first valid stride.

    python -m bench.start [--times 3] [--tree DIR]

Each start is a process of its own under Xvfb, with a warm disk: one start before the first is not counted. Printed are
seconds on the clock, and the processor's seconds in that process, which on a machine with other work tell more.
`--tree` measures the package of another working tree.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from coach.core.pipeline import Update
    from coach.core.pose import Pose
    from coach.core.speed.belt_speed import Told
    from coach.edges.screen import Window
    from coach.ports import Frame, LiveStatus

POINTS: Final = ("window", "picture", "valid stride")
_AFTER: Final = 30
"""Seconds of the demo: its runner needs some for a rhythm to be found."""


def _started(began_s: float) -> None:
    """In the child: run the demo and print when each point was reached, in seconds after `began_s` (Unix time)."""
    from coach.app.opening import Opening  # noqa: PLC0415 - that they load is part of what is measured
    from coach.app.parts import SpeakingCoach  # noqa: PLC0415
    from coach.cli import run  # noqa: PLC0415

    reached: set[str] = set()

    def note(point: str) -> None:
        if point not in reached:
            reached.add(point)
            print(json.dumps({point: (time.time() - began_s, time.process_time())}), flush=True)

    step, open_window = SpeakingCoach.step, Opening._open_window

    def stepped(self: SpeakingCoach, t_s: float, pose: Pose | None, given: Told = None) -> Update:
        update = step(self, t_s, pose, given)
        if any(stride.valid for stride in update.strides):
            note(POINTS[2])
        return update

    def opened(self: Opening) -> Window | None:
        window = open_window(self)
        if window is None:
            return None
        note(POINTS[0])
        show = window.show

        def shown(frame: Frame, update: Update | None, status: LiveStatus) -> None:
            show(frame, update, status)
            note(POINTS[1])

        window.show = shown  # type: ignore[method-assign]
        return window

    SpeakingCoach.step = stepped  # type: ignore[method-assign]
    Opening._open_window = opened  # type: ignore[method-assign]
    sys.exit(run(["demo", "--duration", str(_AFTER), "--no-sound", "--no-store"]))


def once(tree: Path, display: str) -> dict[str, tuple[float, float]]:
    """One start; seconds on the clock and of the processor to each point that was reached."""
    environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11", "PYTHONPATH": str(tree)}
    call = [sys.executable, str(Path(__file__).resolve()), "--child", str(time.time())]
    reached: dict[str, tuple[float, float]] = {}
    with subprocess.Popen(
        call, env=environment, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("{"):
                reached |= json.loads(line)
            if POINTS[2] in reached:
                child.terminate()
    return reached


def main() -> None:
    """Print the median of each point."""
    parser = argparse.ArgumentParser(description="Times from the command to window, picture and stride")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--tree", type=Path, default=Path.cwd())
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        _started(options.child)
    read_end, write_end = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write_end)
        with os.fdopen(read_end) as number:
            display = f":{number.readline().strip()}"
        starts = [once(options.tree.resolve(), display) for _ in range(options.times + 1)][1:]
        server.terminate()
    for point in POINTS:
        reached = [start[point] for start in starts if point in start]
        clock, processor = (
            (f"{statistics.median(each):6.1f} s" for each in zip(*reached, strict=True)) if reached else ("", "")
        )
        print(f"{point:14}", f"{clock} on the clock, {processor} of the processor" if reached else "not reached")


if __name__ == "__main__":
    main()
