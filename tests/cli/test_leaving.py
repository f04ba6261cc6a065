"""Signals × moments × commands, closed outputs, terminals that hang up, alphabets: real processes, and how they end.

Whatever happens: no traceback, no process left behind, and what was run is kept or can be recovered.
"""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import pytest

from coach.app import offline
from coach.app.parts import Outputs
from coach.edges.demo import DemoRunner, DemoSource
from coach.edges.store import Store
from coach.ports import Frame
from coach.settings import RecordSettings, Settings
from tests.synth import recorded, synthetic_run

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")

ROOT = Path(__file__).parents[2]
PATIENCE_S = 200.0
"""For a machine that does much else: on an idle one a cell takes one second or two."""
STOPPED = "coach: stopped"


@dataclass(frozen=True)
class Place:
    """What the commands work on: a recording, a film of two seconds, and a folder with a session."""

    poses: Path
    film: Path
    drawn_out: Path
    """The same pictures in fifteen seconds: a machine that stands still for some is not at its end."""
    data: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("leaving")
    recorded(folder / "poses.jsonl", synthetic_run(speed_mps=3.0, duration_s=6, fps=30, seed=4))
    source = DemoSource(DemoRunner(speed_mps=2.8), realtime=False)
    (folder / "films").mkdir()
    films = folder / "films" / "film.mp4", folder / "drawn_out.mp4"
    pictures = [
        cv2.resize(item.image_bgr, (640, 360)) for item in islice(source.frames(), 45) if isinstance(item, Frame)
    ]
    for path, fps in zip(films, (30, 3), strict=True):
        film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (640, 360))
        for picture in pictures:
            film.write(picture)
        film.release()
    settings = Settings(record=RecordSettings(poses=False))
    offline.replay(folder / "poses.jsonl", settings, outputs=Outputs(data_dir=folder / "data"))
    return Place(folder / "poses.jsonl", *films, folder / "data")


def arguments(command: str, place: Place, data: Path) -> list[str]:
    """A command as somebody types it; what it keeps lies in `data`."""
    kept = ["--data-dir", str(place.data)]
    own = ["--data-dir", str(data)]
    return {
        "demo": ["demo", "--headless", "--no-sound", "--duration", "8", *own],
        "speaking": ["demo", "--headless", "--duration", "8", *own],
        "run": ["run", "--source", str(place.film), "--headless", "--no-sound", *own],
        "long run": ["run", "--source", str(place.drawn_out), "--headless", "--no-sound", *own],
        "replay": ["replay", str(place.poses), "--speed", "3m/s", "--json", str(data.with_suffix(".json")), *own],
        "analyze": ["analyze", str(place.film), "--speed", "10", *own],
        "batch": ["batch", str(place.film.parent), "--out", str(data.with_suffix(".set")), "--workers", "1"],
        "history": ["history", *kept],
        "report": ["report", "last", *kept],
        "export": ["export", "last", *kept],
        "frames": ["export", "last", "--format", "csv", *kept],
        "target": ["target", "--speed", "10", *kept],
        "config": ["config"],
        "programme": ["programme", *kept],
        "recover": ["recover", *own],
    }[command]


@contextmanager
def nothing_left() -> Iterator[dict[str, str]]:
    """An environment by which the processes of a command are known; afterwards none of them is there."""
    mark = f"COACH_TEST_{uuid.uuid4().hex}"
    yield {**os.environ, mark: "1", "PYTHONPATH": str(ROOT)}
    ends_s = time.monotonic() + 60
    while (left := _marked(mark)) and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert not left


def _marked(mark: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return [command for command in found if command]  # what has ended and is not waited for has none


def in_order(said: str) -> bool:
    return not any(sign in said for sign in ("Traceback", "Exception ignored", "unforeseen", "Error:"))


def kept_or_recoverable(data: Path) -> bool:
    """Whether every session in the folder is finished, or can be."""
    if not data.exists():
        return True
    store = Store(data)
    store.recover()
    return all(line.state in {"finished", "recovered"} for line in store.sessions())


def signalled(names: str, moment: str, command: Sequence[str]) -> tuple[int, str]:
    with nothing_left() as environment:
        done = subprocess.run(  # noqa: PLW1510 - the status is looked at
            [sys.executable, "-m", "tests.cli.signal_moments", names, moment, "--", *command],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    return done.returncode, done.stderr


SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def cells(*moments: tuple[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """Signal, moment, command. Every signal goes to one command, every moment and command get one in turn.

    One piece of code serves the three signals, whatever runs: a cell that is left out has a neighbour in either row.
    """
    pairs = [(moment, command) for moment, commands in moments for command in commands]
    turn = cycle(SIGNALS)
    every = [(name, *pairs[0]) for name in SIGNALS]
    return every + [(next(turn), *pair) for pair in pairs[1:]]


EARLY = [
    pytest.param(*cell, marks=() if cell[2] in {"demo", "analyze"} else pytest.mark.slow)
    for cell in cells(
        # Before the command line is read every command is the same program.
        ("first", ("demo",)),
        ("imports", ("analyze", "history", "report")),
    )
]


@pytest.mark.parametrize(("name", "moment", "command"), EARLY)
def test_a_signal_while_the_program_loads(name: str, moment: str, command: str, place: Place, tmp_path: Path) -> None:
    status, said = signalled(name, moment, arguments(command, place, tmp_path / "data"))
    assert status == 128 + getattr(signal, name)
    assert said.strip() == STOPPED
    assert not (tmp_path / "data").exists()


LATE = cells(
    *(("mid-run", ("long run", "demo", "speaking", "replay", "analyze")), ("model", ("run",))),
    *(("finishing", ("run", "replay")), ("writing", ("report",)), ("batch", ("batch",))),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "moment", "command"), LATE)
def test_a_signal_while_it_works(name: str, moment: str, command: str, place: Place, tmp_path: Path) -> None:
    status, said = signalled(name, moment, arguments(command, place, tmp_path / "data"))
    finishes = command in {"demo", "run", "long run", "speaking"} and moment in {"mid-run", "finishing"}
    # A film of so few pictures may hold no stride yet: then nothing is kept, which is said.
    assert status in ({0, 4} if finishes else {128 + getattr(signal, name)}), said
    assert in_order(said), said
    assert kept_or_recoverable(tmp_path / "data")
    if finishes:
        assert [line.state for line in Store(tmp_path / "data").sessions()] == ([] if status else ["finished"])
    assert not (tmp_path / "data.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "command"), [("mid-run", "speaking"), ("mid-run", "long run"), ("finishing", "run")]
)
def test_a_second_interrupt_leaves_at_once(moment: str, command: str, place: Place, tmp_path: Path) -> None:
    status, said = signalled("SIGINT+SIGINT", moment, arguments(command, place, tmp_path / "data"))
    assert status == 128 + signal.SIGINT
    assert in_order(said), said
    assert [line.state for line in Store(tmp_path / "data").sessions()] == ["cut short"]
    assert kept_or_recoverable(tmp_path / "data")


def some_of(commands: Sequence[str], *at_once: str) -> list[Any]:
    """Commands that end alike: some of them are tried at once, all of them among the slow ones."""
    return [pytest.param(command, marks=() if command in at_once else pytest.mark.slow) for command in commands]


# One piece of code serves whoever reads, whatever runs: every command meets one of the three, and each meets some.


@pytest.mark.parametrize("command", some_of(["history", "replay", "run", "report", "config"], "history", "replay"))
def test_whoever_reads_the_output_may_go(command: str, place: Place, tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with nothing_left() as environment:
        done = subprocess.run(  # noqa: PLW1510 - the status is looked at
            [sys.executable, "-m", "coach", *arguments(command, place, tmp_path / "data")],
            env=environment,
            stdout=writes,
            stderr=writes,
            timeout=PATIENCE_S,
        )
    os.close(writes)
    assert done.returncode in ({0, 4} if command == "run" else {0})  # the short film may hold no stride
    assert kept_or_recoverable(tmp_path / "data")


@pytest.mark.parametrize("command", some_of(["export", "frames", "target", "replay"], "export"))
def test_no_standard_stream_need_be_open(command: str, place: Place, tmp_path: Path) -> None:
    closed = 'exec "$@" <&- >&- 2>&-'
    with nothing_left() as environment:
        called = [sys.executable, "-m", "coach", *arguments(command, place, tmp_path / "data")]
        done = subprocess.run(["sh", "-c", closed, "sh", *called], check=False, env=environment, timeout=PATIENCE_S)
    assert done.returncode == 0
    assert kept_or_recoverable(tmp_path / "data")


@pytest.mark.parametrize(
    ("command", "alphabet"),
    [
        *(("history", "ascii"), ("export", "ascii")),
        *(pytest.param(name, "ascii", marks=pytest.mark.slow) for name in ("report", "programme", "target")),
        # One piece of code makes every stream one that cannot fail.
        pytest.param("export", "latin-1", marks=pytest.mark.slow),
    ],
)
def test_any_alphabet_will_do(command: str, alphabet: str, place: Place, tmp_path: Path) -> None:
    with nothing_left() as environment:
        done = subprocess.run(  # noqa: PLW1510 - the status is looked at
            [sys.executable, "-m", "coach", *arguments(command, place, tmp_path / "data")],
            env={**environment, "LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": alphabet, "PYTHONUTF8": "0"},
            capture_output=True,
            timeout=PATIENCE_S,
        )
    assert done.returncode == 0, done.stderr
    assert in_order(done.stderr.decode(alphabet, "replace"))
    assert done.stdout
    if command == "export":
        done.stdout.decode("utf-8")


@pytest.mark.parametrize("command", some_of(["demo", "run", "replay"], "replay"))
def test_a_terminal_that_hangs_up(command: str, place: Place, tmp_path: Path) -> None:
    """The window of the terminal is closed while the command runs: the kernel sends SIGHUP and takes the terminal."""
    with nothing_left() as environment:
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(ROOT)
            called = [sys.executable, "-m", "coach", *arguments(command, place, tmp_path / "data")]
            os.execve(sys.executable, called, environment)
        _read_until(terminal, b"\n")
        time.sleep(2.0 if command == "demo" else 0.1)
        os.close(terminal)
        ends_s = time.monotonic() + PATIENCE_S
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            assert time.monotonic() < ends_s, "the command went on"
            time.sleep(0.05)
    assert kept_or_recoverable(tmp_path / "data")


def _read_until(terminal: int, what: bytes) -> None:
    said = b""
    while what not in said:
        said += os.read(terminal, 1024)


def test_too_little_memory_is_called_so(tmp_path: Path) -> None:
    limited = 'ulimit -v 400000; exec "$@"'
    called = [sys.executable, "-m", "coach", "demo", "--headless", "--no-sound", "--data-dir", str(tmp_path / "data")]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: PLW1510 - the status is looked at
        ["sh", "-c", limited, "sh", *called], env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 1
    assert "too little memory" in done.stderr
    assert in_order(done.stderr), done.stderr


def test_an_output_that_cannot_be_written_to_its_end_is_said(place: Place) -> None:
    with Path("/dev/full").open("w") as full:
        called = [sys.executable, "-m", "coach", "export", "last", "--data-dir", str(place.data)]
        done = subprocess.run(called, check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
    assert done.returncode != 0
    assert "disk" in done.stderr
    assert in_order(done.stderr), done.stderr
