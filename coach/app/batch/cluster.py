"""A Dask cluster for the batch: of this machine's own, or one that is there already."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final

from coach.edges.files.dataset import MISSING
from coach.errors import CoachError, ConfigError

WORKER_BYTES: Final = 1_500_000_000
"""What one worker is given at least: network, OpenCV and a 4K frame or two came to 0.5 GB."""
CONNECT_S: Final = 20.0
FIRST_WORKER_S: Final = 60.0


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
    with _local_cluster(where.workers or fitting_workers()) as cluster, _client(cluster.scheduler_address) as client:
        yield client


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    """One task a process; a worker whose memory runs over is ended and begun anew.

    Loopback and free ports only, and nothing to look at there: no dashboard and no pages. What scheduler and
    workers put aside, and look for modules in, is a folder that nobody else can open.
    """
    from dask import config  # noqa: PLC0415

    no_pages: dict[str, Any] = {f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker")}
    with (
        TemporaryDirectory(prefix="coach-batch-", ignore_cleanup_errors=True) as scratch,
        config.set(no_pages | {"temporary-directory": scratch}),
        dask_distributed().LocalCluster(
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
