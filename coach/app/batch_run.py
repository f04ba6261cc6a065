"""The batch itself: hand out tasks, take results, write each one once."""

from __future__ import annotations

import importlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from coach.app.archive import Archive, Sieve, Sifted, Task, analyse, is_video, record_of
from coach.app.parts import fetch_model
from coach.edges.files.dataset import MISSING, Dataset
from coach.edges.files.dataset_rows import Failure, VideoRecord
from coach.edges.store.live_session import SessionLock
from coach.errors import CoachError, ConfigError, PoseModelError, StoreError

WORKER_BYTES: Final = 1_500_000_000
"""What one worker is given at least: network, OpenCV and a 4K frame or two came to 0.5 GB."""
CONNECT_S: Final = 20.0
FIRST_WORKER_S: Final = 60.0
DESERTED_S: Final = 60.0
"""Without any worker for so long none comes back: Dask begins a dead worker anew, but not one that died as it began."""
_LOOK_S: Final = 0.01
_COUNT_WORKERS_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Where:
    """Where the tasks run."""

    workers: int | None = None
    """Processes of a local cluster; None fits them to the machine."""
    scheduler: str | None = None
    """Address of a cluster that is there, such as `tcp://lab:8786`; None starts a local one."""


def dask_distributed() -> Any:
    """The module `distributed`. Raises ConfigError, with the way to mend it, where the extra is not installed."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ConfigError(MISSING) from None


@contextmanager
def connected(where: Where) -> Iterator[Any]:
    """A `distributed.Client` with at least one worker. Raises ConfigError where none answers."""
    if where.scheduler is not None:
        with _client(where.scheduler) as client:
            yield client
        return
    with local_cluster(where.workers or fitting_workers()) as cluster, _client(cluster.scheduler_address) as client:
        yield client


_UNWATCHED: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
}
"""Dask watches itself, for a dashboard that is not served: a profiler stops every worker a hundred times a second, and
other clocks took 2 % of a core in each worker and 5 % here; so it is below 1 %. And it has the C library hand back
memory after each picture (`MALLOC_TRIM_THRESHOLD_`), which costs a video a quarter of its time; that is left out."""


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """One task a process; a worker whose memory runs over is ended and begun anew.

    Loopback and free ports only, and nothing to look at there: no dashboard and no pages. What scheduler and
    workers put aside, and look for modules in, is a folder that nobody else can open.
    """
    from dask import config  # noqa: PLC0415

    distributed = dask_distributed()  # first: its defaults would be added to what is set here
    quiet: dict[str, Any] = {f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker")}
    quiet |= _UNWATCHED
    with (
        TemporaryDirectory(prefix="coach-batch-", ignore_cleanup_errors=True) as scratch,
        config.set(quiet | {"temporary-directory": scratch}),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            # None would have the port that everybody knows, and a warning where it is taken.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


def fitting_workers() -> int:
    """As many processes as cores, and no more than memory holds; both as this process may use them."""
    from dask.system import CPU_COUNT  # noqa: PLC0415
    from distributed.system import MEMORY_LIMIT  # noqa: PLC0415

    return max(1, min(int(CPU_COUNT), int(MEMORY_LIMIT // WORKER_BYTES)))


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        client = dask_distributed().Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}); check --scheduler, or leave it away"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=FIRST_WORKER_S)
        except TimeoutError:
            raise CoachError(f"the cluster at {address} has no worker; start one with: dask worker {address}") from None
        yield client


OnResult = Callable[[VideoRecord | None, int], None]
"""OnResult each result as it is kept, None where a file needed nothing, and how many files there are."""


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """What a batch came to."""

    files: int
    done: int
    failed: int
    there: int
    """In the dataset already, with the same settings."""
    copies: int
    """Of the same content as another file."""


def tell_nobody(_record: VideoRecord | None, _files: int) -> None:
    """Keep it quiet."""


def run_batch(archive: Archive, out: Path, where: Where | None = None, tell: OnResult = tell_nobody) -> BatchCounts:
    """Analyse what of the archive is not in the dataset yet.

    Raises ConfigError without the extra, for a folder without videos or a scheduler that does not answer,
    PoseModelError without a pose model, StoreError where results cannot be kept. Whatever happens, what was kept
    stays, and the same call goes on from there.
    """
    dask_distributed()
    files = archive.files(without=out)
    dataset = Dataset.create(out)
    with _alone(dataset):
        dataset.tidy()
        sieve = Sieve(archive, dataset.known())
        book = _Book(dataset, sieve, len(files), tell)
        to_do = book.tasks(files)
        first = next(to_do, None)
        if first is not None:
            where = where or Where()
            if where.scheduler is None and any(is_video(path) for path in files):
                fetch_model(archive.settings)  # once, and before several processes want it at the same time
            _work_through(where, chain([first], to_do), book)
        for content in sieve.gone():
            dataset.drop(content)
    return book.counts


@contextmanager
def _alone(dataset: Dataset) -> Iterator[None]:
    """Hold the dataset, so that no second batch takes this one's half-written files for what a crash has left."""
    try:
        lock = SessionLock(dataset.folder / "writing.lock")
    except OSError:
        raise StoreError(f"another coach batch is writing to {dataset.folder}; wait for it to end") from None
    try:
        yield
    finally:
        lock.release()


class _Book:
    """Keeps results and counts them. A video is kept under its content, so twice is once."""

    def __init__(self, dataset: Dataset, sieve: Sieve, files: int, tell: OnResult) -> None:
        self._dataset = dataset
        self._sieve = sieve
        self._files = files
        self._tell = tell
        self._told = 0
        self._done = 0
        self._failed = 0

    def tasks(self, files: list[Path]) -> Iterator[Task]:
        """What is to do; what fails before it can be tried is kept at once."""
        for item in self._sieve.tasks(files):
            self._tell_passed()
            if isinstance(item, Task):
                yield item
            else:
                self.keep(item)
        self._tell_passed()

    def keep(self, record: VideoRecord) -> None:
        """Write a result."""
        self._dataset.put(record)
        if record.failure:
            self._failed += 1
        else:
            self._done += 1
        self._tell(record, self._files)

    @property
    def counts(self) -> BatchCounts:
        """So far."""
        sifted = self._sieve.sifted
        return BatchCounts(self._files, self._done, self._failed, sifted.there, sifted.copies)

    def _tell_passed(self) -> None:
        sifted: Sifted = self._sieve.sifted
        for _ in range(sifted.there + sifted.copies - self._told):
            self._told += 1
            self._tell(None, self._files)


def _work_through(where: Where, tasks: Iterator[Task], book: _Book) -> None:
    """Do all tasks. A cluster of our own whose workers are all gone is begun anew; CoachError where that is in vain."""
    left: Iterator[Task] | None = tasks
    while left is not None:
        before = book.counts
        with connected(where) as client:
            left = _run(client, left, book)
        if left is not None and (where.scheduler is not None or book.counts == before):
            raise CoachError(
                "all workers died and none came back; what is done is kept. See whether memory is short (--workers 1), "
                "then run the same command again to go on"
            )


def _run(client: Any, tasks: Iterator[Task], book: _Book) -> Iterator[Task] | None:
    """Keep every worker busy with one task, and one task ready: memory does not grow with the archive.

    Gives what is left to do where all workers went for good, else None.
    """
    running: dict[str, Task] = {}
    results = dask_distributed().as_completed(loop=client.loop)
    ready = next(tasks, None)
    came: tuple[Any, Task] | None = None
    while ready is not None or running or came:
        # A worker may have gone or come: ask anew. A clip that ends its worker then takes no neighbour with it.
        while ready is not None and len(running) < max(1, sum(client.nthreads().values())):
            key = f"coach-{ready.content_sha256}-{ready.settings_sha256}"
            running[key] = ready
            results.add(client.submit(analyse, ready, key=key))
            ready = next(tasks, None)
        if came:
            # Written while its worker is at the next task already.
            book.keep(_record(*came))
            came[0].release()
        if running and not _answers(client, results):
            return chain(running.values(), [] if ready is None else [ready], tasks)
        future = next(results) if running else None
        came = (future, running.pop(future.key)) if future else None
    return None


def _answers(client: Any, results: Any) -> bool:
    """Wait for the next result; False once there has been no worker for so long that none will come."""
    worked_s = asked_s = time.monotonic()
    while not results.has_ready():
        time.sleep(_LOOK_S)
        now_s = time.monotonic()
        if now_s - asked_s < _COUNT_WORKERS_S or client.status != "running":
            continue  # a connection that is lost ends the futures themselves
        asked_s = now_s
        if client.nthreads():
            worked_s = now_s
        elif now_s - worked_s > DESERTED_S:
            return False
    return True


def _record(future: Any, task: Task) -> VideoRecord:
    """What came of a task. Raises CoachError for what would befall every other task too."""
    if future.status == "cancelled":
        raise CoachError("the connection to the Dask scheduler was lost; run the same command again to go on")
    error = future.exception()
    if error is None:
        result: VideoRecord = future.result()
        return result
    if isinstance(error, dask_distributed().KilledWorker):
        reason = f"{task.path}: the workers that tried it died; see whether it needs more memory, then use --retry"
        return record_of(task, Failure("worker_died", reason), math.nan)
    if isinstance(error, PoseModelError):
        raise error
    said = " ".join(f"{type(error).__name__}: {error}".split())
    raise CoachError(f"the cluster's workers cannot run coach ({said}); install the same version there")
