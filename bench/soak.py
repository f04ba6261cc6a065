"""A live run in which something breaks every few seconds while other programs take the cores: does all come back?

    python -m bench.soak [--minutes 10] [--hours 2] [--every 5] [--seed 1] [--without "machine asleep"]
        [--only "window destroyed"] [--trace] [--known-runner] [--burners 2]

Camera, network, coach, window (under Xvfb), sound, speech, treadmill link and store are opened as `coach run` opens
them; `bench/soak_faults.py` says what stands behind them and what is broken. Each fault is ended again, and from then
on it is measured how long it takes until what was broken works and pictures are analysed. Faults overlap. At the end
what lies in the store and in the recording is held against what was measured. Prints a table; exit status 1 where
anything was lost, never came back or grew. Linux.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.live_rig import burning, display, memory_mb
from bench.soak_faults import (
    SPEED_MPS,
    Fault,
    FilmedCamera,
    Hands,
    Stand,
    Treadmill,
    drawn,
    faults,
    small_disk,
)
from coach.app.analysis_stage import Listeners, LiveParts
from coach.app.live_screen import LiveScreen
from coach.app.live_stages import LiveStages
from coach.app.loop import NoticeBoard
from coach.app.parts import Outputs, open_coach, open_pose_estimator, words_of
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources
from coach.config import load_settings
from coach.core.pipeline import Update
from coach.core.session.session import Session
from coach.edges.audio.sound import CueSpeaker, open_speaker
from coach.edges.files.poses_file import POSES_FILE, read_poses
from coach.edges.frames.camera import CameraSource
from coach.edges.frames.live_reader import Patience
from coach.edges.frames.new_pictures import NewPictures
from coach.edges.screen import open_screen
from coach.edges.speed.typed_speed import TypedSpeed
from coach.edges.store import STORE_FILE, Store
from coach.settings import CameraSettings, Settings
from tests.app.live_bench import KnownRunner

PATIENCE: Final = Patience(stuck_after_s=8.0)
LOOP_S: Final = 20.0
LOOK_S: Final = 0.05
SETTLED_AFTER: Final = 30
"""Pictures until everything is open that a run opens."""
SAMPLE_S: Final = 2.0
BURNERS: Final = 2
TRACED: Final = 12
FLAT: Final = 1.05
FLAT_FROM_S: Final = 300.0
"""A shorter soak is over before memory has settled."""
MORE_HANDLES: Final = 2
"""Threads and file handles may differ by this much: speech is being rendered, a worker of the camera is ending."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    seconds: float
    every_s: float
    seed: int
    without: tuple[str, ...]
    only: tuple[str, ...]
    trace: bool
    known_runner: bool
    burners: int
    """Programs that take every core meanwhile."""


@dataclass(slots=True)
class Book:
    """What is noted while it runs; threads only ever append."""

    back_s: dict[str, list[float]] = field(default_factory=dict)
    """Fault → seconds from its end until all was well."""
    never: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[float, int, Counter[str]]] = field(default_factory=list)
    """Memory in MB, threads, file handles by what they lead to."""
    seen_s: float = 0.0
    """When a picture was last analysed, on the monotonic clock."""
    pictures: int = 0
    """Analysed so far."""
    now_s: float = 0.0
    """The session's time of that picture."""
    told: Counter[str] = field(default_factory=Counter)
    """Notices by kind."""
    looking: threading.Lock = field(default_factory=threading.Lock)
    """One looks into the store at a time: SQLite keeps the handle of each connection that was open beside another."""
    grown: str = ""
    """What memory was taken for from the middle to the end, where that is asked for."""


@dataclass
class Run:
    """The open run."""

    stages: LiveStages
    live_screen: LiveScreen
    parts: LiveParts
    stand: Stand
    book: Book


def open_run(stack: ExitStack, settings: Settings, folder: Path, asked: Asked) -> Run:
    """Open all of it; the stack closes it again."""
    data = folder / "data"
    on_its_own = stack.enter_context(small_disk(data))
    camera, treadmill, book = (
        FilmedCamera(drawn(2.0 if asked.known_runner else LOOP_S)),
        Treadmill(folder / "treadmill.json"),
        Book(),
    )
    stack.callback(treadmill.close)
    source = NewPictures(
        CameraSource("4", CameraSettings(), patience=PATIENCE, opening=camera.opening, listing=camera.listing)
    )
    stack.callback(source.close)
    words = words_of(settings)
    estimator = KnownRunner() if asked.known_runner else open_pose_estimator(settings, source.info)
    stack.callback(estimator.close)
    typed = TypedSpeed(SPEED_MPS)
    speed = SpeedSources([treadmill.link, typed], settings.coach.speed, typed)
    stack.callback(speed.close)
    speaker = open_speaker(settings.sound, folder / "cache", words)
    stack.callback(speaker.close)
    if isinstance(speaker, CueSpeaker):
        speaker.settle(60)
    board = NoticeBoard(words, "metric", say=speaker.say_line, print=lambda notice, _: book.told.update([notice.kind]))
    writer = stack.enter_context(SessionWriter(Outputs(data_dir=data), source.info, settings, board.tell))
    coach = open_coach(settings, source.info, words=words)
    parts = LiveParts(source, estimator, speed, coach, writer, speaker, board)

    def seen(update: Update) -> None:
        book.seen_s, book.now_s = time.monotonic(), update.t_s
        book.pictures += 1

    stages = LiveStages(parts, Listeners(update=seen), shows=True)
    hands = Hands(open_screen(settings.screen, settings.units, words))
    stack.callback(hands.close)
    stand = Stand(camera, treadmill, hands, speaker, data, on_its_own, lambda: _behind_s(data, book))
    return Run(stages, LiveScreen(stages, hands, parts, settings, folder / "snapshots"), parts, stand, book)


def _behind_s(data: Path, book: Book) -> float:
    """How much of the session is not in the store yet."""
    try:
        with book.looking, closing(sqlite3.connect(data / STORE_FILE, timeout=0.05)) as connection:
            (last_s,) = connection.execute("SELECT last_s FROM session ORDER BY id DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return float("inf")
    return book.now_s - (last_s or 0.0)


def breaking(run: Run, asked: Asked) -> None:
    """The schedule: something else every few seconds, all of it as often; then wait until all is well, and finish."""
    rng, deck, open_faults = random.Random(asked.seed), list[Fault](), list[threading.Thread]()
    known = [fault for fault in faults(run.stand) if fault.name not in asked.without]
    known = [fault for fault in known if not asked.only or fault.name in asked.only]
    while run.book.pictures < SETTLED_AFTER and run.stages.running:
        time.sleep(LOOK_S)
    ends_s, next_s = time.monotonic() + asked.seconds, time.monotonic() + asked.every_s
    middle_s, middle = ends_s - asked.seconds / 2, None
    try:
        # What was begun of the deck is gone through: a machine that stands still for a while leaves nothing out.
        while (time.monotonic() < ends_s or deck) and run.stages.running:
            _sample(run.book)
            if asked.trace and middle is None and time.monotonic() >= middle_s:
                middle = tracemalloc.take_snapshot()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + asked.every_s
                deck = deck or rng.sample(known, len(known))
                hand = threading.Thread(target=_break, args=(run, deck.pop()), daemon=True)
                hand.start()
                open_faults.append(hand)
            time.sleep(min(SAMPLE_S, max(next_s - time.monotonic(), LOOK_S)))
        for hand in open_faults:
            hand.join()
        _sample(run.book)
        if middle is not None:
            growth = tracemalloc.take_snapshot().compare_to(middle, "lineno")
            run.book.grown = "\n".join(map(str, growth[:TRACED]))
    finally:
        run.live_screen.finish()


def _break(run: Run, fault: Fault) -> None:
    """Begin it, end it, and wait until all is well."""
    book = run.book
    book.begun[fault.name] += 1
    print(f"{book.now_s:8.1f} s  {fault.name}", file=sys.stderr, flush=True)
    try:
        fault.begin()
        time.sleep(fault.lasts_s)
    finally:
        fault.end()
    ended_s = time.monotonic()
    while not (book.seen_s > ended_s and fault.well()):
        if time.monotonic() - ended_s > fault.limit_s or not run.stages.running:
            book.never[fault.name] += 1
            return
        time.sleep(LOOK_S)
    book.back_s.setdefault(fault.name, []).append(time.monotonic() - ended_s)


def _sample(book: Book) -> None:
    handles = Counter[str]()
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            handles[str(handle.readlink()).partition(":[")[0]] += 1
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    book.samples.append((memory_mb(), threads, handles))


def soak(asked: Asked) -> bool:
    """Run it all and print what came of it; whether nothing was lost."""
    overrides = {"pose.effort": "fast", "session.warm_up_s": 20, "baseline.duration_s": 20}
    settings = load_settings(None, overrides)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(display())
        run = open_run(stack, settings, folder, asked)
        stack.enter_context(burning(asked.burners))
        schedule = threading.Thread(target=breaking, args=(run, asked), name="schedule")
        schedule.start()
        try:
            run.live_screen.watch()
        finally:
            run.live_screen.finish()
            schedule.join()
        writer, stages = run.parts.writer, run.stages
        session = writer.finish(run.parts.coach.finish(), stages.dropped, stages.meter.latencies())
        return report(run, session, asked)


def report(run: Run, session: Session, asked: Asked) -> bool:
    """The table."""
    book = run.book
    minutes = asked.seconds / 60
    print(f"\n{minutes:.1f} minutes, a fault every {asked.every_s:g} s, seed {asked.seed}, {asked.burners} burners\n")
    print("| what was broken | times | well again after s (median) | at the latest | never |\n|---|--:|--:|--:|--:|")
    for name in sorted(book.begun):
        back_s = book.back_s.get(name, [])
        median, worst = (f"{statistics.median(back_s):.1f}", f"{max(back_s):.1f}") if back_s else ("–", "–")
        print(f"| {name} | {book.begun[name]} | {median} | {worst} | {book.never[name]} |")
    checks = [("every fault mended", not book.never), *_kept(run, session), *_flat(book, asked)]
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(book.told.items()))
    strides, cues = session.summary.strides_valid, len(session.cues)
    print(f"\n{session.frames.total} pictures analysed, {strides} valid strides, {cues} cues")
    print(book.grown, end="\n" if book.grown else "")
    print(f"told: {told}\n\n| what must hold | |\n|---|---|")
    for what, holds in checks:
        print(f"| {what} | {'yes' if holds else '**NO**'} |")
    return all(holds for _, holds in checks)


def _kept(run: Run, session: Session) -> list[tuple[str, bool]]:
    """What lies in the store and in the recording, against what was measured."""
    store = Store(run.stand.folder)
    kept = store.load("last")
    pairs: list[tuple[str, Callable[[Session], int]]] = [
        ("strides", lambda one: len(one.strides)),
        ("cues", lambda one: len(one.cues)),
        ("speed changes", lambda one: len(one.speeds)),
        ("events", lambda one: len(one.events)),
        ("pictures counted", lambda one: one.frames.total),
    ]
    found = [
        (f"{what} kept: {count(kept)} of {count(session)}", count(kept) == count(session)) for what, count in pairs
    ]
    recorded = sum(1 for _ in read_poses(store.folder(kept.session_id or 0) / POSES_FILE)[1])
    total = session.frames.total
    whole = (f"poses recorded: {recorded} of {total}", recorded == total)
    return [("the session is finished", kept.complete), *found, whole]


def _flat(book: Book, asked: Asked) -> list[tuple[str, bool]]:
    """Memory of the last quarter against the second; threads and handles before the first fault and after the last."""
    quarter = len(book.samples) // 4
    memory = [sample[0] for sample in book.samples]
    early_mb, late_mb = statistics.median(memory[quarter : 2 * quarter + 1]), statistics.median(memory[-quarter - 1 :])
    (_, threads, handles), (_, threads_after, handles_after) = book.samples[0], book.samples[-1]
    settled = asked.seconds >= FLAT_FROM_S
    more = ", ".join(f"{count} {what}" for what, count in (handles_after - handles).items())
    before, after = handles.total(), handles_after.total()
    return [
        (f"memory flat: {early_mb:.0f} → {late_mb:.0f} MB", not settled or late_mb <= FLAT * early_mb),
        (f"threads flat: {threads} → {threads_after}", threads_after <= threads + MORE_HANDLES),
        (f"file handles flat: {before} → {after}" + (f" ({more})" if more else ""), after <= before + MORE_HANDLES),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--hours", type=float, default=0.0, help="in place of minutes")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one fault to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", action="append", default=[], help="leave this fault out")
    parser.add_argument("--only", action="append", default=[], help="break nothing but this")
    parser.add_argument("--known-runner", action="store_true", help="no network: the pose of every moment is known")
    parser.add_argument("--burners", type=int, default=BURNERS, help="programs that take every core meanwhile")
    parser.add_argument("--trace", action="store_true", help="say which lines took memory in the second half; slow")
    given = parser.parse_args()
    if given.trace:
        tracemalloc.start()
    faulthandler.enable()  # what ends the whole process says where
    seconds = 3600 * given.hours or 60 * given.minutes
    asked = Asked(
        seconds=seconds,
        every_s=given.every,
        seed=given.seed,
        without=tuple(given.without),
        only=tuple(given.only),
        trace=given.trace,
        known_runner=given.known_runner,
        burners=given.burners,
    )
    sys.exit(0 if soak(asked) else 1)


if __name__ == "__main__":
    main()
