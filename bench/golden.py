"""Sessions that must not change: every clip and twenty recordings, written once and compared after each step.

    python -m bench.golden record FOLDER     before the change
    python -m bench.golden compare FOLDER    after it: each difference by its path in the JSON, each page's by its line
    python -m bench.golden fields FOLDER     of what was compared: each field of the JSON that differs, and by how much

A clip's poses are read by the network once, when they are recorded; from then on a clip is replayed from them, so that
a comparison shows what the pipeline does and takes minutes. What differs from run to run (the session's name, when it
was made, the program's version) is left out.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.measured import data_folder, filming, trials_of

_CONDITIONS = ("typical60", "typical30", "hard30", "clean60")
_RECORDINGS = 20
_SPEED_OF_CLIPS = "10"
_PASSING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"
    r"|\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d"
)
_PLACE = re.compile(r"\[\d+\]")
_SAME_S = 0.2
"""Strides of one leg that begin within this are the same one."""
_OWN_TIME = frozenset({"id", "session_id", "created", "started_at", "ended_at", "version", "coach_version", "source"})


def main() -> None:
    """Record or compare, as the command line says."""
    if len(sys.argv) != 3 or sys.argv[1] not in {"record", "compare", "fields"}:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[2])
    if sys.argv[1] == "record":
        _film(folder / "poses")
        _replay_all(folder / "poses", folder / "before")
        return
    if not (folder / "before").is_dir():
        raise SystemExit(f"nothing was recorded in {folder}; first: python -m bench.golden record {folder}")
    if sys.argv[1] == "fields":
        _print_fields(folder)
        return
    _replay_all(folder / "poses", folder / "after")
    differing = sum(
        _compare(before, folder / "after" / before.name) for before in sorted((folder / "before").iterdir())
    )
    print(f"{differing} files differ")
    raise SystemExit(1 if differing else 0)


def _film(poses: Path) -> None:
    """The recordings that are replayed: clips by the network, measured runners by the filming script."""
    poses.mkdir(parents=True, exist_ok=True)
    for clip in sorted(data_folder().glob("r*/*.mp4")):
        _coach("analyze", clip, "--speed", _SPEED_OF_CLIPS, "--record", poses / f"{clip.stem}.jsonl", "--no-store")
    script = Path(filming().__file__)
    rbds = data_folder() / "rbds"
    data: list[str | Path] = ["--data", rbds / "keypoints_60hz.npz", "--events", rbds / "events.json"]
    names = sorted(trials_of())
    for i in range(_RECORDINGS):
        name, condition = names[i * len(names) // _RECORDINGS], _CONDITIONS[i % len(_CONDITIONS)]
        made = poses / "made"
        how = _filmed_as(condition)
        _run([sys.executable, script, *data, "--trial", name, "--out", made, "--seed", str(i), *how])
        shutil.move(next(made.rglob("poses.jsonl")), poses / f"{name}-{condition}.jsonl")
        shutil.rmtree(made)


def _filmed_as(condition: str) -> list[str]:
    """The filming script's options for a condition of the scoring script."""
    if condition == "clean60":
        return ["--fps", "60", "--noise-px", "0"]
    if condition == "hard30":
        return [
            "--fps",
            "30",
            "--drift",
            "80",
            "--dropout",
            "0.04",
            "--swap",
            "0.03",
            "--collapse",
            "0.15",
            "--jitter-ms",
            "8",
        ]
    return ["--fps", condition.removeprefix("typical"), "--drift", "40"]


def _replay_all(poses: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for recording in sorted(poses.glob("*.jsonl")):
        store = out / "store"
        _coach(
            "replay",
            recording,
            "--speed",
            _SPEED_OF_CLIPS,
            "--json",
            out / f"{recording.stem}.json",
            "--data-dir",
            store,
        )
        _coach("report", "last", "--data-dir", store)
        shutil.move(
            next(page for page in store.rglob("*.html") if page.stem != "index"), out / f"{recording.stem}.html"
        )
        shutil.rmtree(store)


def _coach(*args: str | Path) -> None:
    _run([sys.executable, "-m", "coach", *args])


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 4}:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")


def _compare(before: Path, after: Path) -> int:
    """Print what differs; 1 where anything does."""
    if not after.exists():
        print(f"{after.name}: is not made any more")
        return 1
    if before.suffix == ".json":
        found = [f"{one.path} {one.how}{one.detail}" for one in _changes(*_both(before, after), "")]
    else:
        old, new = (_PASSING.sub("…", path.read_text()).splitlines() for path in (before, after))
        found = [f"line {i + 1}" for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b]
        if len(old) != len(new):
            found.append(f"{len(old)} -> {len(new)} lines")
    if found:
        print(f"{before.name}: {len(found)} differences, as {'; '.join(found[:3])}")
    return int(bool(found))


def _print_fields(folder: Path) -> None:
    """One line a field, whatever the place in its list."""
    files = sorted((folder / "before").glob("*.json"))
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for before in files:
        for one in _changes(*_both(before, folder / "after" / before.name), ""):
            field = _PLACE.sub("[]", one.path), one.how
            found.setdefault(field, {}).setdefault(before.name, []).append(one.by)
    for (path, how), by_file in sorted(found.items()):
        sizes = [by for each in by_file.values() for by in each if not math.isnan(by)]
        size = (
            f"; {len(sizes)} numbers, by {median(sizes):.3g} in the median, {max(sizes):.3g} at most" if sizes else ""
        )
        print(f"{path} {how} in {len(by_file)} of {len(files)} files{size}")


def _both(before: Path, after: Path) -> tuple[Any, Any]:
    return json.loads(before.read_text()), json.loads(after.read_text())


class _Change(NamedTuple):
    path: str
    how: str
    by: float = math.nan
    """By how much a number, or a list's length, is another."""
    detail: str = ""


def _changes(old: Any, new: Any, path: str) -> Iterator[_Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted((old.keys() | new.keys()) - _OWN_TIME):
            if key not in old or key not in new:
                yield _Change(f"{path}.{key}", "added" if key in new else "gone")
            else:
                yield from _changes(old[key], new[key], f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield _Change(f"{path}[]", "of another length", abs(len(new) - len(old)), f": {len(old)} -> {len(new)}")
        for i, (a, b) in enumerate(_paired(old, new)):
            yield from _changes(a, b, f"{path}[{i}]")
    elif old != new:
        numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (old, new))
        by = abs(new - old) if numbers else math.nan
        yield _Change(path, "changed", by, f": {str(old)[:40]} -> {str(new)[:40]}")


def _paired(old: list[Any], new: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Of two lists, what belongs together: strides by leg and when they begin, all else by place."""
    if not (old and new and all(isinstance(each, dict) and {"start_s", "side"} <= each.keys() for each in old + new)):
        yield from zip(old, new, strict=False)
        return
    for one in old:
        same = [other for other in new if other["side"] == one["side"]]
        nearest = min(same, key=lambda other: abs(other["start_s"] - one["start_s"]), default=None)
        if nearest is not None and abs(nearest["start_s"] - one["start_s"]) < _SAME_S:
            yield one, nearest


if __name__ == "__main__":
    main()
