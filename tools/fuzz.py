"""Feed the doors with bad input, for long: everything that comes in is taken and makes sense, or is refused clearly.

    python -m tools.fuzz [--inputs 50000] [--door plan --door speed] [--minutes 5]
        [--engine random|hypothesis|atheris] [--seed 1]

The doors are the rows of `tests/fuzz/doors.py`. Three engines make bad input of good: random changes such as people,
programs and disks make, by the ten thousand; Hypothesis, which searches among the same changes and shrinks what fails;
and atheris (pip install '.[fuzz]', where it runs), which changes bytes and follows what the code covers. Prints a
table; the exit status is 1 where something failed. Each failure becomes a test in `tests/fuzz/test_doors.py`.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.doors import DOORS, Door
from tests.fuzz.mutations import Place, changed, changed_at_random

BLOCK: Final = 2_000
"""Inputs of one seed: what Hypothesis remembers of them stays small."""
MOST_FAILURES: Final = 5
"""Of one door; then it is left."""


@dataclass(slots=True)
class Tally:
    """What became of one door's inputs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Where it was raised → what, and the smallest input that raises it."""
    seconds: float = 0.0

    @property
    def inputs(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())


def by_chance(door: Door, inputs: int, first_seed: int, most_s: float) -> Tally:
    """Try so many inputs, or as many as the time allows.

    What fails is tried again with fewer changes, and the fewest that fail are kept.
    """
    tally, began_s = Tally(), time.monotonic()
    rng = random.Random(f"{door.name} {first_seed}")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(inputs):
            usual, places = changed_at_random(door.usual(), rng)
            try:
                tally.outcomes[door.attempt(changed(usual, places), Path(folder))] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                tally.outcomes["failed"] += 1
                if (where := _place(error)) not in tally.failures:
                    tally.failures[where] = _said(error), _fewest(door, usual, places, Path(folder))
            if len(tally.failures) >= MOST_FAILURES or time.monotonic() - began_s > most_s:
                break
    tally.seconds = time.monotonic() - began_s
    return tally


def _fewest(door: Door, usual: bytes, places: list[Place], folder: Path) -> bytes:
    """The input with no change that it fails without."""
    for number in range(len(places) - 1, -1, -1):
        fewer = places[:number] + places[number + 1 :]
        try:
            door.attempt(changed(usual, fewer), folder)
        except Exception:  # noqa: BLE001 - it still fails
            places = fewer
    return changed(usual, places)


def by_hypothesis(door: Door, inputs: int, first_seed: int, most_s: float) -> Tally:
    """The same, a block after the other."""
    tally, began_s = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number, left in enumerate(range(inputs, 0, -BLOCK)):
            _block(door, min(BLOCK, left), first_seed + number, Path(folder), tally)
            if len(tally.failures) >= MOST_FAILURES or time.monotonic() - began_s > most_s:
                break
    tally.seconds = time.monotonic() - began_s
    return tally


def _block(door: Door, inputs: int, number: int, folder: Path, tally: Tally) -> None:
    last = b""

    @seed(number)
    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(door.inputs)
    def try_one(content: bytes) -> None:
        nonlocal last
        last = content
        tally.outcomes[door.attempt(content, folder)] += 1

    try:
        try_one()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        tally.failures.setdefault(_place(error), (_said(error), last))


def _place(error: BaseException) -> str:
    """Where it was raised: the same for all inputs that fail alike."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


def by_atheris(door: Door, inputs: int, first_seed: int, most_s: float) -> Tally:
    """The same in a process of its own, which atheris ends as it likes."""
    tally, began_s = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        asked: tuple[str, ...] = "--door", door.name, "--inputs", str(inputs), "--seed", str(first_seed)
        asked += ("--minutes", f"{most_s / 60:g}") if math.isfinite(most_s) else ()
        ran = subprocess.run(
            [sys.executable, "-m", "tools.fuzz", "--atheris-child", folder, *asked],
            capture_output=True,
            check=False,
        )
        tried = Path(folder) / "tried"
        tally.outcomes["tried"] = int(tried.read_text("ascii")) if tried.exists() else 0
        for crash in Path(folder).glob("crash-*"):
            said = ran.stdout.decode("utf-8", "replace").partition("Uncaught Python exception")[2]
            tally.failures[crash.name] = " ".join(said.split())[-300:], crash.read_bytes()
        if ran.returncode and not tally.failures:
            tally.failures["atheris itself"] = ran.stderr.decode("utf-8", "replace")[-300:], b""
    tally.seconds = time.monotonic() - began_s
    return tally


def atheris_child(door: Door, inputs: int, first_seed: int, folder: Path, most_s: float) -> None:
    """Never returns: libFuzzer leaves the process."""
    import atheris  # noqa: PLC0415 - an optional extra, and it must come before what it follows

    usual, place = folder / "usual", folder / "read"
    usual.mkdir()
    place.mkdir()
    for number, content in enumerate(door.usual()):
        (usual / str(number)).write_bytes(content)
    atheris.instrument_all()
    count = 0

    def try_one(content: bytes) -> None:
        nonlocal count
        count += 1
        if count % 500 == 0 or count >= inputs:
            (folder / "tried").write_text(str(count), "ascii")
        door.attempt(content, place)

    options = [f"-runs={inputs}", f"-seed={first_seed}", f"-artifact_prefix={folder}/", "-max_len=4096"]
    options += [f"-max_total_time={most_s:.0f}"] if math.isfinite(most_s) else []
    atheris.Setup([sys.argv[0], str(usual), *options], try_one)
    atheris.Fuzz()


ENGINES: Final = {"random": by_chance, "hypothesis": by_hypothesis, "atheris": by_atheris}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=50_000, help="of a door that is quickly gone through")
    parser.add_argument("--door", action="append", choices=[door.name for door in DOORS], help="default: all")
    parser.add_argument("--minutes", type=float, default=math.inf, help="so long a door at the most")
    parser.add_argument("--share", type=int, default=1, help="try one of so many inputs, as slower engines do")
    parser.add_argument("--engine", choices=ENGINES, default="random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris-child", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    doors = [door for door in DOORS if asked.door is None or door.name in asked.door]
    if asked.atheris_child is not None:
        atheris_child(doors[0], asked.inputs, asked.seed, asked.atheris_child, 60 * asked.minutes)
    if asked.engine == "atheris" and importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed: pip install 'atheris>=3' (Linux, x86; Python 3.11 to 3.13)")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    inputs = asked.inputs // asked.share
    sys.exit(1 if feed(doors, inputs, asked.engine, asked.seed, 60 * asked.minutes) else 0)


def feed(doors: list[Door], inputs: int, engine: str, first_seed: int, most_s: float = math.inf) -> int:
    """Feed one door after the other and print what came of it; how many failures there were."""
    print(f"| door | inputs ({engine}) | taken | refused clearly | failures | s |\n|---|--:|--:|--:|--:|--:|")
    whole, failures = 0, 0
    for door in doors:
        tally = ENGINES[engine](door, max(inputs // door.cost, 1), first_seed, most_s)
        counts = tally.outcomes
        print(
            f"| {door.name} | {tally.inputs} | {counts['taken']} | {counts['refused']} | {len(tally.failures)} "
            f"| {tally.seconds:.0f} |",
            flush=True,
        )
        for where, (said, content) in tally.failures.items():
            print(f"    {where} {said}\n    {content[:400]!r}", file=sys.stderr, flush=True)
        whole, failures = whole + tally.inputs, failures + len(tally.failures)
    print(f"\n{whole} inputs, {failures} failures")
    return failures


if __name__ == "__main__":
    main()
