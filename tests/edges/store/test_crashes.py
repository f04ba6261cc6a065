"""A run that is killed loses two seconds at most, and its session can be finished."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from coach.core.session.records import SessionEvent
from coach.core.session.session import SessionBuilder
from coach.edges.store import STORE_FILE, Store, salvage
from coach.edges.store.schema import connect
from tests.edges.store.runs import CHECKOUT, SOURCE, builder_of

RUN_AND_TELL = """
import os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from types import SimpleNamespace
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.edges.store import Store, live_session
from tests import kept

def run_and_tell(data_dir, updates, told):
    now_s = [0.0]
    live_session.time = SimpleNamespace(monotonic=lambda: now_s[0])
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480), started_at="2026-01-05T18:00:00+01:00")
    live = Store(data_dir).begin(builder)
    os.write(told, f"{live.session_id} 0 0.0\\n".encode())
    for update in updates:
        now_s[0] = update.t_s
        builder.add(update)
        live.write()
        os.write(told, f"{live.session_id} {len(builder.strides)} {update.t_s}\\n".encode())
"""
"""A run that says after every frame how many strides it has. The store's clock is the run's own: it goes as fast as the
machine can, and what is lost is counted in seconds that were run, not in those that a busy machine took."""

RUNNER = (
    RUN_AND_TELL
    + """
run_and_tell(Path(sys.argv[1]), kept.run(600.0, fps=10.0), 1)
"""
)


def killed_run(data_dir: Path, after_frames: int) -> list[tuple[int, float]]:
    """(strides so far, at which second) as a run told them until it was killed, so many frames after its first."""
    command = [sys.executable, "-c", RUNNER, str(data_dir), str(CHECKOUT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        said = [run.stdout.readline() for _ in range(after_frames)]
        run.kill()  # on POSIX that is SIGKILL: nothing can be tidied up
        said += run.stdout.readlines()
    whole = [line.split() for line in said if line.endswith("\n")]
    return [(int(strides), float(at_s)) for _, strides, at_s in whole]


def test_a_killed_run_loses_at_most_two_seconds_and_can_be_finished(tmp_path: Path) -> None:
    said = killed_run(tmp_path, after_frames=400)

    store = Store(tmp_path)
    assert [line.state for line in store.sessions()] == ["cut short"]
    stored, end_s = len(store.load("last").strides), said[-1][1]
    lost_from_s = next((at_s for strides, at_s in said if strides > stored), end_s)
    assert stored > 0
    assert end_s - lost_from_s < 2.0

    (recovered,) = store.recover()

    assert not recovered.complete
    assert [line.state for line in store.sessions()] == ["recovered"]
    assert recovered.summary.strides_valid == len(recovered.strides)
    assert store.recover() == ()


@pytest.mark.parametrize("how", ["recovered", "salvaged"])
def test_a_run_that_is_recovered_begins_again_where_a_finished_one_does(tmp_path: Path, how: str) -> None:
    """What was noted while it went on knows of no stride that was measured later."""
    builder = builder_of()
    start_s = builder.strides[12].start_s
    builder.event(start_s - 0.1, "walking")
    builder.event(start_s + 2.0, "running")
    live = Store(tmp_path).begin(builder)
    live.write()
    live.close()

    if how == "recovered":
        Store(tmp_path).recover()
    else:
        with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection, connection:
            connection.execute("UPDATE session SET duration_s = 'long'")
        assert salvage(tmp_path) is not None

    recovered, whole = Store(tmp_path).load("last"), builder.finish()
    assert SessionEvent(start_s, "running") in whole.events
    assert recovered.events == whole.events
    assert recovered.summary.running_s == whole.summary.running_s
    assert Store(tmp_path).sessions()[0].running_s == pytest.approx(whole.summary.running_s)


KILLED_RUNS = (
    RUN_AND_TELL
    + """
import random, signal
import scipy.interpolate
updates, chance, data_dir = list(kept.run(60.0, fps=10.0)), random.Random(5), Path(sys.argv[1])

for kill in range(50):
    ear, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            run_and_tell(data_dir, updates, told)
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(ear) as heard:
        lines = [heard.readline() for _ in range(chance.randrange(20, 260))]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        lines += heard.readlines()
    said = [line.split() for line in lines if line.endswith("\\n")]
    stored = len(Store(data_dir).load(int(said[0][0])).strides)
    lost = [float(at_s) for _, strides, at_s in said if int(strides) > stored]
    print(float(said[-1][2]) - lost[0] if lost else 0.0)
Store(data_dir).recover()
"""
)
"""Fifty runs, each killed at a moment of its own; prints how many seconds of running each lost."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fifty_killed_runs_lose_at_most_two_seconds_each(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_RUNS, str(tmp_path), str(CHECKOUT)]
    told = subprocess.run(command, check=True, timeout=280, capture_output=True, text=True)

    lost_s = [float(line) for line in told.stdout.split()]
    assert len(lost_s) == 50
    assert max(lost_s) < 2.0
    assert any(lost_s)
    assert {line.state for line in Store(tmp_path).sessions()} <= {"recovered"}


KILLER = """
import os, random, signal, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from coach.core.session.session import SessionBuilder, SourceFacts
from coach.edges.store import Store
from tests import kept
import scipy.interpolate
updates, chance = list(kept.run(60.0, fps=10.0)), random.Random(11)

def write_without_a_pause(begun):
    builder = SessionBuilder(SourceFacts("camera", "0", 640, 480))
    live = Store(Path(sys.argv[1])).begin(builder)
    for update in updates:
        builder.add(update)
        live._due_s = 0.0
        live.write()
        if begun is not None:
            os.close(begun)
            begun = None

for kill in range(50):
    wait_for, begun = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            write_without_a_pause(begun)
        finally:
            os._exit(0)
    os.close(begun)
    os.read(wait_for, 1)
    os.close(wait_for)
    time.sleep(0.06 * chance.random())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if kill % 10 == 9:
        Store(Path(sys.argv[1])).recover()
"""
"""Fifty runs, each killed at a random moment of a write that never rests."""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fifty_kills_at_random_moments_leave_a_store_that_opens(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLER, str(tmp_path), str(CHECKOUT)], check=True, timeout=280)

    connection = connect(tmp_path / "sessions.db")
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
    store = Store(tmp_path)
    assert len(store.sessions()) == 50
    assert {line.state for line in store.sessions()} == {"recovered"}
    for line in store.sessions():
        strides = store.load(line.session_id).strides
        assert [s.start_s for s in strides] == sorted(s.start_s for s in strides)
        assert line.strides_total == len(strides)


def test_a_run_that_died_before_its_first_frame_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.begin(SessionBuilder(SOURCE)).close()

    assert store.sessions()[0].state == "cut short"
    assert [(gone.session_id, gone.frames.total) for gone in store.recover()] == [(1, 0)]
    assert store.sessions() == ()
    assert store.recover() == ()


def test_a_run_that_still_goes_on_is_not_recovered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    live = store.begin(builder_of())
    live.write()

    assert store.recover() == ()
    assert store.sessions()[0].state == "running"
    live.close()
    assert len(store.recover()) == 1
