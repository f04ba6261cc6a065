"""A live run on this machine: rates, drops, latencies, gaps of the picture, CPU and memory.

    python -m bench.live [--seconds 40] [--only live|60|naive|costs|hours] [--hours 2]

Everything is opened as `coach run` opens it: a 720p video file in real time, the window (under Xvfb where there is no
display), sound, and a session store; a cue is said every 5 s. Beside it stands the naive loop, which reads, estimates,
draws and speaks in one thread. The process is held to two cores. Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.costs import costs
from bench.endurance import endurance
from bench.live_rig import CUE_EVERY_S, Rig, demo_video, display, open_rig, status
from coach.app.live_screen import LiveScreen
from coach.app.live_stages import LiveStages
from coach.config import cache_dir
from coach.ports import Frame

CORES: Final = 2
POSE_WAYS: Final = ("pose and coach", "pose and coach, with a core", "waiting for a core")
PHRASE_S: Final = 1.5
"""Engines that speak by themselves come back when they are done."""
NAMES: Final = ("live", "60", "naive", "costs", "hours")


@dataclass(frozen=True, slots=True)
class Result:
    """One run. Milliseconds and shares are of the whole run, start included."""

    seconds: float
    poses: int
    delivered: int
    dropped: int
    skipped: int
    """Frames that the source left out because nobody came for them in time."""
    pictures: int
    latencies_ms: dict[str, tuple[float, float]]
    """Median and 95th percentile by way."""
    worst_gap_ms: float
    worst_gap_speaking_ms: float
    cues: int
    cpu_pct: float
    """Of one core."""
    cpu_halves_pct: tuple[float, float]
    """The same without the first quarter, earlier and later half."""
    memory_mb: tuple[float, float]
    """A quarter into the run, and at its end."""

    @property
    def poses_per_s(self) -> float:
        """Of the whole run."""
        return self.poses / self.seconds

    @property
    def dropped_pct(self) -> float:
        """Delivered and never analysed."""
        return 100 * self.dropped / max(self.delivered, 1)

    @property
    def skipped_pct(self) -> float:
        """Of what the file holds."""
        return 100 * self.skipped / max(self.delivered + self.skipped, 1)


def side_by_side(video: Path, folder: Path) -> Result:
    """The application's own stages and screen."""
    rig = open_rig(video, folder)
    stages = LiveStages(rig.parts, shows=True)
    live_screen = LiveScreen(stages, rig.screen, rig.parts, rig.settings, folder / "snapshots")
    began_s, cpu_began_s = time.monotonic(), time.process_time()
    try:
        live_screen.watch()
        ways = {way.name: (way.p50_ms, way.p95_ms) for way in stages.meter.latencies()}
        seconds, spent_s = time.monotonic() - began_s, time.process_time() - cpu_began_s
        return _result(rig, seconds, spent_s, stages.delivered, stages.dropped, ways)
    finally:
        rig.close()


def naive(video: Path, folder: Path) -> Result:
    """What a first program does: everything in one loop, and a phrase is waited for."""
    rig = open_rig(video, folder)
    parts = rig.parts
    to_picture_ms, to_sound_ms = [], []
    began_s, cpu_began_s = time.monotonic(), time.process_time()
    try:
        for item in rig.source.frames():
            if not isinstance(item, Frame):
                continue
            grabbed_s = time.monotonic()
            update = parts.coach.step(item.t_s, parts.estimator.estimate(item), parts.speed.current(item.t_s))
            parts.writer.append(item, update)
            rig.screen.show(item, update, status(item))
            to_picture_ms.append(1000 * (time.monotonic() - grabbed_s))
            for cue in update.cues:
                parts.speaker.say(cue, item.t_s)
                to_sound_ms.append(1000 * (time.monotonic() - rig.kept.given_s[-1]))
                time.sleep(PHRASE_S)
        seconds, spent_s = time.monotonic() - began_s, time.process_time() - cpu_began_s
        ways = {"grab to picture": _ways(to_picture_ms), "decision to sound": _ways(to_sound_ms)}
        return _result(rig, seconds, spent_s, len(rig.kept.indices), 0, ways)
    finally:
        rig.close()


def _ways(ms: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(ms, 50)), float(np.percentile(ms, 95))


def _result(
    rig: Rig, seconds: float, spent_s: float, delivered: int, dropped: int, ways: dict[str, tuple[float, float]]
) -> Result:
    kept = rig.kept
    return Result(
        seconds=seconds,
        poses=len(kept.indices),
        delivered=delivered,
        dropped=dropped,
        skipped=kept.indices[-1] + 1 - delivered,
        pictures=len(rig.screen.shown_s),
        latencies_ms={
            **ways,
            "pose and coach, with a core": _ways(kept.pose_ms),
            "waiting for a core": _ways(kept.waited_ms),
        },
        worst_gap_ms=float(rig.screen.gaps_ms().max()),
        worst_gap_speaking_ms=float(rig.screen.gaps_ms(kept.given_s).max(initial=0.0)),
        cues=len(kept.given_s),
        cpu_pct=100 * spent_s / seconds,
        cpu_halves_pct=_halves_pct(kept.cpu_s[len(kept.cpu_s) // 4 :]),
        memory_mb=(kept.memory_mb[len(kept.memory_mb) // 4], kept.memory_mb[-1]),
    )


def _halves_pct(cpu_s: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """CPU share of the earlier and of the later half of such a series."""
    middle = len(cpu_s) // 2
    parts = (cpu_s[0], cpu_s[middle]), (cpu_s[middle], cpu_s[-1])
    earlier, later = (100 * (end[1] - begin[1]) / max(end[0] - begin[0], 1e-9) for begin, end in parts)
    return earlier, later


def table(results: dict[str, Result]) -> str:
    """One column a run."""
    columns = [_column(result) for result in results.values()]
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(column[name] for column in columns) + " |" for name in columns[0]]
    return "\n".join(lines)


def _column(result: Result) -> dict[str, str]:
    cells = {
        "poses/s": f"{result.poses_per_s:.1f}",
        "frames dropped": f"{result.dropped_pct:.1f} %",
        "frames skipped by the source": f"{result.skipped_pct:.1f} %",
        "pictures/s": f"{result.pictures / result.seconds:.1f}",
        "longest gap of the picture": f"{result.worst_gap_ms:.0f} ms",
        "… while speaking": f"{result.worst_gap_speaking_ms:.0f} ms",
        "cues said": str(result.cues),
        "CPU, of one core": f"{result.cpu_pct:.0f} %",
        "… earlier → later half": f"{result.cpu_halves_pct[0]:.0f} → {result.cpu_halves_pct[1]:.0f} %",
        "CPU a pose": f"{10 * result.cpu_pct / result.poses_per_s:.1f} ms",
        "memory, a quarter in → end": f"{result.memory_mb[0]:.0f} → {result.memory_mb[1]:.0f} MB",
    }
    for way in ("grab to decision", "grab to picture", "decision to sound", *POSE_WAYS):
        known = result.latencies_ms.get(way)
        cells[f"{way}, p50 / p95"] = f"{known[0]:.1f} / {known[1]:.1f} ms" if known else "–"
    return cells


def verdicts(results: dict[str, Result]) -> list[tuple[str, bool]]:
    """What is asked of the machine at 720p30 and at 60 fps, and whether it held."""
    found: list[tuple[str, bool]] = []
    if (live := results.get("side by side, 30 fps")) is not None:
        found += [
            ("30 fps: at least 29 poses/s", live.poses_per_s >= 29),
            ("30 fps: at most 1 % of frames dropped", live.dropped_pct <= 1),
            ("grab to picture, p95 at most 80 ms", live.latencies_ms["grab to picture"][1] <= 80),
            ("decision to sound, p95 at most 50 ms", live.latencies_ms["decision to sound"][1] <= 50),
            ("no gap of the picture above 100 ms while speaking", live.worst_gap_speaking_ms <= 100),
            ("CPU share flat within 5 %", live.cpu_halves_pct[1] <= 1.05 * live.cpu_halves_pct[0]),
            ("memory flat within 5 %", live.memory_mb[1] <= 1.05 * live.memory_mb[0]),
        ]
    if (fast := results.get("side by side, 60 fps")) is not None:
        found.append(("60 fps: at least 40 poses/s", fast.poses_per_s >= 40))
    return found


def _told_load() -> None:
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {CORES} used; load {load:.1f}; a cue every {CUE_EVERY_S:g} s")
    if load > 0.5:
        print("other programs are at work: rates and latencies are theirs as well as ours", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0, help="length of the video")
    parser.add_argument("--only", choices=NAMES, action="append", help="part of the whole; may be given again")
    parser.add_argument("--hours", type=float, default=2.0, help="length of the accelerated long run")
    options = parser.parse_args(arguments)
    wanted = options.only or NAMES
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    videos = cache_dir() / "bench"
    videos.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    with display(), tempfile.TemporaryDirectory() as folder:
        _told_load()
        if "live" in wanted:
            results["side by side, 30 fps"] = side_by_side(demo_video(videos, 30, options.seconds), Path(folder))
        if "60" in wanted:
            results["side by side, 60 fps"] = side_by_side(demo_video(videos, 60, options.seconds / 2), Path(folder))
        if "naive" in wanted:
            results["naive loop, 30 fps"] = naive(demo_video(videos, 30, options.seconds), Path(folder))
        if results:
            print("\n" + table(results))
        found = verdicts(results)
        if "costs" in wanted:
            found += costs(demo_video(videos, 30, options.seconds), Path(folder))
        if "hours" in wanted:
            found += endurance(options.hours, demo_video(videos, 30, options.seconds), Path(folder))
    print()
    for what, held in found:
        print(f"{'✓' if held else '✗'} {what}")
    return int(not all(held for _, held in found))


if __name__ == "__main__":
    sys.exit(main())
