"""The whole batch on a real cluster of two worker processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coach.app import batch_run, offline
from coach.app.archive import Archive
from coach.app.batch_run import BatchCounts, Where, connected, run_batch
from coach.app.speed_sources import BeltInput
from coach.cli import run
from coach.edges.files.dataset import Dataset
from coach.edges.files.dataset_rows import VideoRecord
from coach.edges.store.live_session import SessionLock
from coach.errors import CoachError, ConfigError, StoreError
from coach.settings import Settings
from tests.app.archives import damaged, recording

dask = pytest.importorskip("dask", reason="coach batch needs the extra [batch]")
distributed = pytest.importorskip("distributed", reason="coach batch needs the extra [batch]")
pytest.importorskip("pyarrow", reason="coach batch needs the extra [batch]")

BELT = BeltInput(3.0)
RUNS = 4


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as started:
        yield started


@pytest.fixture(scope="module")
def threads() -> Iterator[Any]:
    """A cluster whose workers are threads of this process: enough where it does not matter whether one can die."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as started:
        yield started


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for seed in range(RUNS):
        recording(folder / f"run{seed}.jsonl", seed=seed)
    (folder / "older").mkdir()
    damaged(folder / "older" / "broken.jsonl.gz")
    return folder


def names(dataset: Path) -> Counter[str]:
    return Counter(row["name"] for row in Dataset.open(dataset).rows("sessions"))


@pytest.mark.slow
def test_an_archive_is_done_once_and_the_damaged_file_is_a_row_with_its_reason(
    cluster: Any, archive: Path, tmp_path: Path
) -> None:
    where = Where(scheduler=cluster.scheduler_address)
    told: list[VideoRecord | None] = []
    counts = run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", where, lambda row, _: told.append(row))

    assert counts == BatchCounts(files=RUNS + 1, done=RUNS, failed=1, there=0, copies=0)
    assert len(told) == RUNS + 1
    assert names(tmp_path / "out") == Counter([f"run{seed}.jsonl" for seed in range(RUNS)] + ["older/broken.jsonl.gz"])
    rows = {row["name"]: row for row in Dataset.open(tmp_path / "out").rows("sessions")}
    assert rows["older/broken.jsonl.gz"]["status"] == "failed"
    assert "is not a pose recording" in rows["older/broken.jsonl.gz"]["reason"]
    assert rows["older/broken.jsonl.gz"]["cadence_spm"] is None

    # A worker finds what the plain loop finds.
    session = offline.replay(archive / "run0.jsonl", Settings(), BELT)
    assert rows["run0.jsonl"]["strides_valid"] == session.summary.strides_valid > 0
    assert rows["run0.jsonl"]["cadence_spm"] == session.summary.cadence_spm
    content = rows["run0.jsonl"]["content_sha256"]
    strides = [row for row in Dataset.open(tmp_path / "out").rows("strides") if row["content_sha256"] == content]
    assert [row["peak_knee_flexion_deg"] for row in strides] == [kept.peak_knee_flexion_deg for kept in session.strides]

    # The same again asks no cluster for anything: none answers at this address.
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}
    nowhere = Where(scheduler="tcp://127.0.0.1:9")
    again = run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", nowhere)
    assert again == BatchCounts(files=RUNS + 1, done=0, failed=0, there=RUNS + 1, copies=0)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}


@pytest.mark.slow
def test_what_a_killed_worker_was_at_is_done_elsewhere_and_counted_once(
    cluster: Any, archive: Path, tmp_path: Path
) -> None:
    lost: list[str] = []

    def kill_one_at_work(_record: VideoRecord | None, _files: int) -> None:
        if lost:
            return
        for state in list(cluster.scheduler.workers.values()):
            if state.processing:
                lost.extend(task.key for task in state.processing)
                os.kill(cluster.workers[state.name].pid, signal.SIGKILL)
                return

    counts = run_batch(
        Archive(archive, Settings(), BELT),
        tmp_path / "out",
        Where(scheduler=cluster.scheduler_address),
        kill_one_at_work,
    )

    assert lost, "a worker was killed with a task on it"
    assert (counts.done, counts.failed) == (RUNS, 1)
    assert set(names(tmp_path / "out").values()) == {1}
    assert len(names(tmp_path / "out")) == RUNS + 1
    strides = Counter((row["content_sha256"], row["number"]) for row in Dataset.open(tmp_path / "out").rows("strides"))
    assert max(strides.values()) == 1
    assert len({content for content, _ in strides}) == RUNS


def test_a_stopped_batch_goes_on_where_it_was(threads: Any, archive: Path, tmp_path: Path) -> None:
    where = Where(scheduler=threads.scheduler_address)
    kept: list[VideoRecord] = []

    def stop_after_two(record: VideoRecord | None, _files: int) -> None:
        if record is not None:
            kept.append(record)
        if len(kept) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", where, stop_after_two)
    counts = run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", where)
    assert counts.there == 2
    assert counts.done + counts.failed == RUNS - 1
    assert set(names(tmp_path / "out").values()) == {1}


def test_other_settings_replace_a_result_and_a_copy_is_no_second_run(
    threads: Any, archive: Path, tmp_path: Path
) -> None:
    where = Where(scheduler=threads.scheduler_address)
    small = tmp_path / "small"
    small.mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (small / name).write_bytes((archive / "run0.jsonl").read_bytes())
    first = run_batch(Archive(small, Settings(), BELT), tmp_path / "out", where)
    assert (first.done, first.copies) == (1, 1)
    second = run_batch(Archive(small, Settings(), BeltInput(3.2)), tmp_path / "out", where)
    assert (second.done, second.there) == (1, 0)
    (row,) = Dataset.open(tmp_path / "out").rows("sessions")
    assert row["speed_mean_mps"] == pytest.approx(3.2)


def test_a_scheduler_that_does_not_answer_is_said(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.app.batch_run.CONNECT_S", 0.5)
    with pytest.raises(ConfigError, match="no Dask scheduler answers at"):
        run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", Where(scheduler="tcp://127.0.0.1:9"))


@pytest.mark.slow
def test_workers_that_all_go_and_do_not_come_back_are_replaced(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of somebody else's cluster it is said; one of our own is begun anew, and no file is done twice."""
    monkeypatch.setattr("coach.app.batch_run.DESERTED_S", 0.5)
    clusters: list[Any] = []
    local_cluster = batch_run.local_cluster

    @contextmanager
    def watched(workers: int) -> Iterator[Any]:
        with local_cluster(workers) as cluster:
            clusters.append(cluster)
            yield cluster

    def send_home(record: VideoRecord | None, _files: int) -> None:
        if len(clusters) == 1 and record is not None:
            clusters[0].scale(0)

    monkeypatch.setattr("coach.app.batch_run.local_cluster", watched)
    counts = run_batch(Archive(archive, Settings(), BELT), tmp_path / "out", Where(workers=1), send_home)
    assert len(clusters) == 2
    assert (counts.done, counts.failed) == (RUNS, 1)
    assert set(names(tmp_path / "out").values()) == {1}

    with watched(1) as lab:
        alone = Where(scheduler=lab.scheduler_address)

        def leave(_record: VideoRecord | None, _files: int) -> None:
            lab.scale(0)

        with pytest.raises(CoachError, match="run the same command again to go on"):
            run_batch(Archive(archive, Settings(), BELT), tmp_path / "other", alone, leave)
    assert 0 < len(names(tmp_path / "other")) <= RUNS


def test_one_batch_at_a_time_writes_to_a_dataset(archive: Path, tmp_path: Path) -> None:
    Dataset.create(tmp_path / "out")
    other = SessionLock(tmp_path / "out" / "writing.lock")
    with pytest.raises(StoreError, match="another coach batch"):
        run_batch(Archive(archive, Settings(), BELT), tmp_path / "out")
    other.release()


@pytest.mark.slow
def test_a_mended_file_has_one_row(cluster: Any, tmp_path: Path) -> None:
    where = Where(scheduler=cluster.scheduler_address)
    small = tmp_path / "small"
    small.mkdir()
    damaged(small / "a.jsonl")
    assert run_batch(Archive(small, Settings(), BELT), tmp_path / "out", where).failed == 1
    recording(small / "a.jsonl", duration_s=6.0)
    assert run_batch(Archive(small, Settings(), BELT), tmp_path / "out", where).done == 1
    assert [row["status"] for row in Dataset.open(tmp_path / "out").rows("sessions")] == ["done"]


@pytest.mark.slow
def test_a_file_that_costs_every_worker_its_life_is_a_row(tmp_path: Path) -> None:
    """Here the test itself is what ends the worker; the first death counts already, to be quick."""
    small = tmp_path / "small"
    small.mkdir()
    recording(small / "long.jsonl", duration_s=40.0)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as own,
    ):
        killer = threading.Thread(target=kill_at_work, args=(own,))
        killer.start()
        counts = run_batch(Archive(small, Settings(), BELT), tmp_path / "out", Where(scheduler=own.scheduler_address))
        killer.join()
    assert (counts.done, counts.failed) == (0, 1)
    (row,) = Dataset.open(tmp_path / "out").rows("sessions")
    assert row["failure_kind"] == "worker_died"
    assert "died" in row["reason"]
    assert row["seconds"] is None


def kill_at_work(cluster: Any) -> None:
    """End the first worker that has a task."""
    until_s = time.monotonic() + 60
    while time.monotonic() < until_s:
        for state in list(cluster.scheduler.workers.values()):
            if state.processing:
                os.kill(cluster.workers[state.name].pid, signal.SIGKILL)
                return
        time.sleep(0.01)


def addresses_listened_on() -> set[str]:
    """Of this process and all that it has started."""
    psutil = pytest.importorskip("psutil")
    own = psutil.Process()
    sockets = [socket for one in (own, *own.children(recursive=True)) for socket in one.net_connections("inet")]
    return {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}


pytest.importorskip("distributed", reason="coach batch needs the extra [batch]")


@pytest.mark.slow
def test_a_cluster_of_its_own_has_no_dashboard_no_pages_and_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its workers keep the memory of one picture for the next.

    Dask has it handed back each time, by a variable that it sets here and for the workers: it costs a quarter.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    before = os.umask(0)
    try:
        with connected(Where(workers=1)) as client:
            assert addresses_listened_on() == {"127.0.0.1"}, "scheduler, nannies and workers, each on loopback alone"
            services = client.scheduler_info()["services"]
            for page in ("health", "metrics", "status", "info/main/workers.html", "json/counts.json"):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://127.0.0.1:{services['dashboard']}/{page}", timeout=60)
            assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]
            (environment,) = client.run(lambda: dict(os.environ)).values()
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == []
    assert environment["OMP_NUM_THREADS"] == "1"
    assert "MALLOC_TRIM_THRESHOLD_" not in environment
    assert "MALLOC_TRIM_THRESHOLD_" not in os.environ


@contextlib.contextmanager
def by_hand(folder: Path) -> Iterator[str]:
    """A scheduler and a worker as docs/batch.md starts them, in processes of their own; the scheduler's address."""
    place = folder / "scheduler.json"
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask_command = [sys.executable, "-m", "dask"]
    scheduler = [*dask_command, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with subprocess.Popen([*scheduler, "--scheduler-file", str(place)], **quiet) as first:
        try:
            while not place.is_file():
                assert first.poll() is None, "the scheduler ended"
                time.sleep(0.1)
            address = str(json.loads(place.read_text())["address"])
            worker = [*dask_command, "worker", address, "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1"]
            with subprocess.Popen([*worker, "--no-dashboard"], **quiet) as second:
                try:
                    yield address
                finally:
                    second.terminate()
        finally:
            first.terminate()


@pytest.mark.slow
def test_a_cluster_that_was_started_by_hand(archive: Path, tmp_path: Path) -> None:
    with by_hand(tmp_path) as address:
        asked = ["batch", str(archive), "--out", str(tmp_path / "out"), "--speed", "3m/s", "--scheduler", address]
        assert run(asked) == 0
        with distributed.Client(address, set_as_default=False) as client:
            assert len(client.scheduler_info()["workers"]) == 1, "the cluster is left as it was"
    assert set(names(tmp_path / "out").values()) == {1}
    assert len(names(tmp_path / "out")) == RUNS + 1
