"""What one picture of the window costs, by state and size, with the display that is there.

CPU time of the drawing thread tells what drawing takes from the other stages; wall time what it
waits besides, on a machine that may be busy with other things.

    python -m bench.drawing                                   (SDL's dummy display)
    xvfb-run -a -s "-screen 0 3840x2160x24" python -m bench.drawing --driver x11
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Final

import cv2
import numpy as np

from bench.screens import Clip, take
from coach.edges.screen import open_screen
from coach.languages import load_words
from coach.ports import Frame, LiveStatus
from coach.settings import ScreenSettings

SIZES: Final = ((640, 480), (1280, 720), (1920, 1080), (720, 1280), (3840, 2160))
SHOWS: Final = 150


def main() -> None:
    """Print a table: what `show` takes, in milliseconds."""
    parser = argparse.ArgumentParser(description="Cost of one picture of the window")
    parser.add_argument("--driver", default="dummy", help="SDL's video driver: dummy, x11, wayland, windows, cocoa")
    parser.add_argument("--threads", type=int, default=1, help="OpenCV's threads; the pose network wants the others")
    options = parser.parse_args()
    os.environ["SDL_VIDEODRIVER"] = options.driver
    cv2.setNumThreads(options.threads)
    clips = {False: Clip.film((1280, 720), 0.0), True: Clip.film((720, 1280), 0.0)}
    print(f"{'window':>11} {'state':>10} {'cpu p50':>8} {'cpu p95':>8} {'wall p50':>9}  ms, camera 1280×720")
    for size in SIZES:
        for name in ("in_band", "curve", "numbers", "setup_good"):
            cpu_ms, wall_ms = _measure(size, name, clips[size[1] > size[0]])
            p50, p95 = np.percentile(cpu_ms, (50, 95))
            print(f"{size[0]:>6}×{size[1]:<4} {name:>10} {p50:8.2f} {p95:8.2f} {np.median(wall_ms):9.2f}")


def _measure(size: tuple[int, int], name: str, clip: Clip) -> tuple[list[float], list[float]]:
    window = open_screen(ScreenSettings(), "metric", load_words("en"))
    window.resize(*size)
    take(window, name, clip)
    cpu_ms, wall_ms = [], []
    for i in range(SHOWS):
        moment = clip.moments[i % len(clip.moments)]
        elapsed_s = i / 30
        status = LiveStatus(elapsed_s, paused=False, muted=False, source_lost=False, mode="treadmill")
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        window.show(Frame(i, moment.t_s, clip.image_bgr), moment, status)
        cpu_ms.append(1e3 * (time.thread_time() - cpu_s))
        wall_ms.append(1e3 * (time.perf_counter() - wall_s))
    window.close()
    return cpu_ms, wall_ms


if __name__ == "__main__":
    main()
