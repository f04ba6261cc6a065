"""Many videos: all of them once with a worker killed on the way, against the plain loop, and from 10 to 200.

    python -m bench.batch [--clips 40] [--seconds 4] [--recordings 10,50,200] [--ratio-alone] [--killing 300]

Clips are rendered by the demo, one more is damaged; recordings are replayed, since pixels would take too long. Two
worker processes on this machine. `--killing` does so many recordings while a worker is killed after every few
results, and looks that each file is there once. Prints the figures of docs/batch.md.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2
import psutil

from bench.live_rig import memory_mb
from coach.app import offline
from coach.app.archive import Archive
from coach.app.batch_run import Where, local_cluster, run_batch
from coach.app.speed_sources import BeltInput
from coach.core.pose import Pose
from coach.edges.demo import DemoSource
from coach.edges.demo.runner import DemoRunner
from coach.edges.files.dataset import Dataset
from coach.edges.files.dataset_rows import VideoRecord
from coach.edges.files.poses_file import PoseRecorder
from coach.ports import Frame, SourceInfo
from coach.settings import PoseSettings, Settings
from tests.synth import synthetic_run

WORKERS: Final = 2
SIZE: Final = (640, 480)
FPS: Final = 30.0
BELT: Final = BeltInput(3.0)
RECORDING_S: Final = 10.0
MEGABYTE: Final = 1e6
RESULTS_A_KILL: Final = (2, 8)
"""After so many results, drawn anew each time, a worker is killed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a clip")
    parser.add_argument("--recordings", default="10,50,200", help="sizes of the archives of recordings; empty for none")
    parser.add_argument("--ratio-alone", action="store_true", help="only the clips against the loop")
    parser.add_argument("--killing", type=int, default=0, help="recordings to do while workers are killed at random")
    asked = parser.parse_args()
    if asked.killing:
        with tempfile.TemporaryDirectory() as folder:
            killing(Path(folder), asked.killing)
    if not (asked.recordings or asked.clips):
        return
    with tempfile.TemporaryDirectory() as folder, local_cluster(WORKERS) as cluster:
        if asked.recordings:
            flat(cluster, Path(folder), [int(size) for size in asked.recordings.split(",")])
        if asked.clips:
            clips = rendered(Path(folder) / "clips", asked.clips, asked.seconds)
        if asked.clips and not asked.ratio_alone:
            killed(cluster, clips, Path(folder) / "killed")
        if asked.clips:
            against_the_loop(cluster, clips, Path(folder) / "dataset")


def flat(cluster: Any, folder: Path, sizes: list[int]) -> None:
    """Cost per recording, and of doing the same again, as the archive grows."""
    print(f"recordings of {RECORDING_S:.0f} s")
    print(f"{'files':>6} {'s':>7} {'ms a file':>10} {'again s':>8} {'largest worker MB':>18}")
    poses = synthetic_run(speed_mps=3.0, duration_s=RECORDING_S, fps=FPS, noise_ll=0.01).poses
    # Workers that have loaded what they need: else the smallest archive bears it all.
    for number in range(2 * WORKERS):
        recorded(folder / "warm" / f"{number}.jsonl", poses, f"warm/{number}")
    timed(cluster, folder / "warm", folder / "dataset_warm")
    for size in sizes:
        archive = folder / f"recordings{size}"
        for number in range(size):
            recorded(archive / f"run{number:03d}.jsonl", poses, f"{size}/{number}")
        seconds = timed(cluster, archive, folder / f"dataset{size}")
        again = timed(cluster, archive, folder / f"dataset{size}")
        assert once(folder / f"dataset{size}") == size
        print(
            f"{size:6d} {seconds:7.2f} {1000 * seconds / size:10.1f} {again:8.2f} {largest_mb(cluster):18.0f}",
            flush=True,
        )


def killed(cluster: Any, clips: Path, out: Path) -> None:
    """One worker is ended with a video on it after the third result."""
    told: list[VideoRecord] = []
    lost: list[str] = []

    def kill_at_the_third(record: VideoRecord | None, _files: int) -> None:
        if record is not None:
            told.append(record)
        if len(told) < 3 or lost:
            return
        state = next((state for state in cluster.scheduler.workers.values() if state.processing), None)
        if state is not None:
            lost.extend(task.key for task in state.processing)
            os.kill(cluster.workers[state.name].pid, signal.SIGKILL)

    begun = time.perf_counter()
    counts = run_batch(
        Archive(clips, Settings(), BELT), out, Where(scheduler=cluster.scheduler_address), kill_at_the_third
    )
    seconds = time.perf_counter() - begun
    print(f"one worker killed with {len(lost)} video on it: {counts}, {seconds:.1f} s")
    print(f"rows in sessions/: {once(out)}, none twice; strides: {sum(1 for _ in Dataset.open(out).rows('strides'))}")
    for row in Dataset.open(out).rows("sessions", ("name", "status", "reason")):
        if row["status"] == "failed":
            print(f"failed: {row['name']}: {row['reason'].removeprefix(f'{clips}{os.sep}')}")
    begun = time.perf_counter()
    print(f"again: {run_batch(Archive(clips, Settings(), BELT), out)}, {time.perf_counter() - begun:.2f} s", flush=True)


def killing(folder: Path, files: int) -> None:
    """Workers die at random, most with a file on them; every file is there once, whole, and memory stays flat."""
    archive, rng = folder / "killing", random.Random(1)
    poses = synthetic_run(speed_mps=3.0, duration_s=RECORDING_S, fps=FPS, noise_ll=0.01).poses
    for number in range(files):
        recorded(archive / f"run{number:03d}.jsonl", poses, f"killing/{number}")
    deaths, memory = list[int](), list[float]()
    due = rng.randint(*RESULTS_A_KILL)

    def kill_when_due(_record: VideoRecord | None, _files: int) -> None:
        nonlocal due
        memory.append(memory_mb())
        if len(memory) >= due and (workers := worker_processes()):
            due = len(memory) + rng.randint(*RESULTS_A_KILL)
            deaths.append(rng.choice(workers))
            os.kill(deaths[-1], signal.SIGKILL)

    begun = time.perf_counter()
    counts = run_batch(Archive(archive, Settings(), BELT), folder / "dataset", Where(workers=WORKERS), kill_when_due)
    print(
        f"{files} recordings of {RECORDING_S:.0f} s in {time.perf_counter() - begun:.0f} s, "
        f"{len(deaths)} workers killed: {counts.done} done, {counts.failed} failed, "
        f"{once(folder / 'dataset')} rows, none twice"
    )
    quarter = max(len(memory) // 4, 1)
    early, late = (sum(part) / len(part) for part in (memory[quarter : 2 * quarter], memory[-quarter:]))
    print(f"the batch's own memory: second quarter {early:.0f} MB, last {late:.0f} MB", flush=True)
    assert once(folder / "dataset") == files == counts.done


def worker_processes() -> list[int]:
    """The workers that this process has now, whether they are at work or only begin."""
    own = psutil.Process().children(recursive=True)
    return [one.pid for one in own if any("spawn_main" in word for word in one.cmdline())]


def against_the_loop(cluster: Any, clips: Path, out: Path) -> None:
    """The same clips one after the other in this process, in two bare processes at once, and on the workers.

    The two bare processes are what the machine can do at all: cores share caches, memory and, where they are threads of
    one, themselves. Where other programs use the cores too, the wall clock flatters whoever has more processes; what a
    clip costs in processor time does not depend on that, so it is printed as well.
    """
    whole = [path for path in sorted(clips.iterdir()) if path.name != "damaged.mp4"]
    (clips / "damaged.mp4").unlink()
    for threads in (2, 1):
        loop_s, loop_cpu_s = one_by_one(whole, threads)
        told(f"plain loop, {threads} threads a network", loop_s, loop_cpu_s, len(whole))
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        beside = list(pool.map(one_by_one, [whole[part::WORKERS] for part in range(WORKERS)]))
    bare_s, bare_cpu_s = max(seconds for seconds, _ in beside), sum(cpu_s for _, cpu_s in beside)
    told(f"{WORKERS} bare processes at once", bare_s, bare_cpu_s, len(whole))
    timed(cluster, clips, out.with_name("warm"))
    workers = [psutil.Process(worker.pid) for worker in cluster.workers.values()]
    spent = sum(sum(worker.cpu_times()[:2]) for worker in workers)
    batch_s = timed(cluster, clips, out)
    batch_cpu_s = sum(sum(worker.cpu_times()[:2]) for worker in workers) - spent
    told(f"{WORKERS} workers", batch_s, batch_cpu_s, len(whole))
    print(
        f"throughput against the loop with one thread: workers × {loop_s / batch_s:.2f}, bare processes × "
        f"{loop_s / bare_s:.2f}; processor time × {batch_cpu_s / loop_cpu_s:.2f}, × {bare_cpu_s / loop_cpu_s:.2f}"
    )
    print(f"largest worker {largest_mb(cluster):.0f} MB, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def one_by_one(paths: Sequence[Path], threads: int = 1) -> tuple[float, float]:
    """Analyse one after the other, the first once before that; seconds, and seconds of processor."""
    cv2.setNumThreads(1)
    settings = Settings(pose=PoseSettings(threads=threads))
    offline.analyze(paths[0], settings, BELT)
    begun, spent = time.perf_counter(), time.process_time()
    for path in paths:
        offline.analyze(path, settings, BELT)
    return time.perf_counter() - begun, time.process_time() - spent


def told(what: str, seconds: float, cpu_s: float, clips: int) -> None:
    """One line of the comparison."""
    print(f"{what}: {seconds / clips:.2f} s a clip, {cpu_s / clips:.2f} s of processor", flush=True)


def timed(cluster: Any, archive: Path, out: Path) -> float:
    """Seconds for one batch on the running cluster."""
    begun = time.perf_counter()
    run_batch(Archive(archive, Settings(), BELT), out, Where(scheduler=cluster.scheduler_address))
    return time.perf_counter() - begun


def once(dataset: Path) -> int:
    """How many videos there are, after a check that none is there twice."""
    names = Counter(row["name"] for row in Dataset.open(dataset).rows("sessions", ("name",)))
    strides = Counter((row["content_sha256"], row["number"]) for row in Dataset.open(dataset).rows("strides"))
    assert set(names.values()) == {1}, "a video is there twice"
    assert not strides or set(strides.values()) == {1}, "a stride is there twice"
    return len(names)


def largest_mb(cluster: Any) -> float:
    """Memory of the largest worker process."""
    return float(max(state.metrics["memory"] for state in cluster.scheduler.workers.values()) / MEGABYTE)


def rendered(folder: Path, clips: int, seconds: float) -> Path:
    """Clips of different runners, and one cut in the middle."""
    folder.mkdir()
    for number in range(clips):
        path = folder / f"clip{number:02d}.mp4"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE)
        runner = DemoRunner(speed_mps=2.5 + 1.5 * number / clips, seed=number)
        for frame in DemoSource(runner, width=SIZE[0], height=SIZE[1], fps=FPS, duration_s=seconds).frames():
            assert isinstance(frame, Frame)
            writer.write(frame.image_bgr)
        writer.release()
    whole = (folder / "clip00.mp4").read_bytes()
    (folder / "damaged.mp4").write_bytes(whole[: len(whole) // 2])
    return folder


def recorded(path: Path, poses: list[Pose], source: str) -> None:
    """A recording; the source's name makes its content its own."""
    recorder = PoseRecorder(path, SourceInfo("poses", source, *SIZE, FPS, live=False))
    for pose in poses:
        recorder.append(pose.t_s, pose, None)
    recorder.close()


if __name__ == "__main__":
    main()
