"""Two coaches on one data folder, somebody who reads meanwhile, and at the end: is all of both runs there?

    python -m bench.together [--minutes 60]

Two processes of `coach demo` with pose network, store, recording, table and JSON; a third one asks for history and page
again and again. At the end what lies in the store is held against the JSON that each run has written itself, byte by
byte. Exit status 1 where anything differs, or a coach said that it could not keep something.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coach.edges.files.poses_file import POSES_FILE, read_poses
from coach.edges.store import STORE_FILE, Store
from coach.review.session_json import session_json_text

NAMES: Final = ("first", "second")
READ_EVERY_S: Final = 5.0
ENDS_WITHIN_S: Final = 300.0
"""The demo waits for a slow machine: so much later than asked it may end."""
READERS: Final = (("history",), ("report", "last"), ("export", "last", "--format", "csv"))


@dataclass(frozen=True, slots=True)
class Coached:
    """One coach at work and what it writes."""

    name: str
    process: subprocess.Popen[str]
    json: Path
    frames: Path
    record: Path


def started(name: str, folder: Path, seconds: float) -> Coached:
    """A coach of its own."""
    json, frames, record = (folder / f"{name}.{ending}" for ending in ("json", "csv", "jsonl"))
    files = ["--json", str(json), "--frames", str(frames), "--record", str(record), "--data-dir", str(folder / "data")]
    process = coach("demo", "--headless", "--no-sound", "--duration", f"{seconds:g}", *files)
    return Coached(name, process, json, frames, record)


def coach(*arguments: str) -> subprocess.Popen[str]:
    """A command, both of its outputs in one pipe."""
    command = [sys.executable, "-m", "coach", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_meanwhile(coaches: list[Coached], data: Path, until_s: float) -> Iterator[tuple[str, int]]:
    """Ask again and again until both have ended: what was asked, and the status."""
    asked = 0
    while any(one.process.poll() is None for one in coaches) and time.monotonic() < until_s:
        time.sleep(READ_EVERY_S)
        if (data / STORE_FILE).exists():
            reader = coach(*READERS[asked % len(READERS)], "--data-dir", str(data))
            reader.communicate()
            yield READERS[asked % len(READERS)][0], reader.returncode
            asked += 1


def differences(one: Coached, store: Store) -> Iterator[str]:
    """What is not as it was measured."""
    if not one.json.is_file():
        yield "no JSON"
        return
    measured = json.loads(one.json.read_text("utf-8"))
    number = int(measured["session_id"])
    kept = store.load(number)
    if session_json_text(kept) != one.json.read_text("utf-8"):
        yield "the store holds something else than the JSON"
    frames = kept.frames.total
    for what, path in (("its own recording", one.record), ("the store's", store.folder(number) / POSES_FILE)):
        if (recorded := sum(1 for _ in read_poses(path)[1])) != frames:
            yield f"{what} has {recorded} of {frames} pictures"
    with one.frames.open(encoding="utf-8", newline="") as table:
        if (rows := sum(1 for _ in csv.reader(table)) - 1) != frames:
            yield f"its table has {rows} of {frames} pictures"
    print(f"{one.name}: session {number}, {frames} pictures, {len(kept.strides)} strides, {len(kept.cues)} cues")


def together(seconds: float) -> bool:
    """Run it; whether nothing was lost."""
    with tempfile.TemporaryDirectory() as place:
        folder, wrong = Path(place), list[str]()
        coaches = [started(name, folder, seconds) for name in NAMES]
        answers = list(read_meanwhile(coaches, folder / "data", time.monotonic() + seconds + ENDS_WITHIN_S))
        store = Store(folder / "data")
        for one in coaches:
            told = one.process.communicate(timeout=ENDS_WITHIN_S)[0]
            if one.process.returncode:
                wrong.append(f"{one.name}: status {one.process.returncode}: {told.strip().splitlines()[-1:]}")
            wrong += [f"{one.name}: said {line!r}" for line in told.splitlines() if "cannot save" in line]
            wrong += [f"{one.name}: {difference}" for difference in differences(one, store)]
        wrong += sorted({f"{what}: status {status}" for what, status in answers if status not in {0, 1}})
        with closing(sqlite3.connect(folder / "data" / STORE_FILE)) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            wrong.append(f"store: {sound}")
    print(
        f"{seconds / 60:g} minutes, {len(answers)} readers meanwhile, {sum(not status for _, status in answers)} served"
    )
    print("\n".join(wrong) or "nothing was lost")
    return not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    sys.exit(0 if together(60 * parser.parse_args().minutes) else 1)


if __name__ == "__main__":
    main()
