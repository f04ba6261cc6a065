"""Where a command may write: into a folder that is there, over nothing that it reads, each result to its own file.

Asked before anything is opened: a video that was written over cannot be filmed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

from coach.app.parts import STANDARD_OUTPUT
from coach.errors import ConfigError
from coach.paths import is_file
from coach.private import why_no_file


def check_outputs(asked: Mapping[str, Path | None], reads: Iterable[Path | None]) -> None:
    """Refuse files that cannot be written as they were asked for, by option; `--json -` is standard output.

    reads: the files that the command reads. Raises ConfigError, which says what to do.
    """
    files = {option: path for option, path in asked.items() if path is not None}
    if files.get("--json") == STANDARD_OUTPUT:
        del files["--json"]
    read = [path for path in reads if path is not None and is_file(path)]
    for option, path in files.items():
        check_place(path)
        if any(_are_one(source, path) for source in read):
            raise ConfigError(f"{option} {path} would be written over a file that is read; give another name")
    for (one, path), (two, other) in combinations(files.items(), 2):
        if _are_one(path, other):
            raise ConfigError(f"{one} and {two} are one file, {path}; give each its own name")


def check_place(path: Path) -> None:
    """Raises ConfigError where a file cannot be written: its folder is missing, or it is a folder itself."""
    if problem := why_no_file(path):
        raise ConfigError(problem)


def _are_one(one: Path, two: Path) -> bool:
    """Whether two names lead to one file, through links too; a device such as /dev/null takes from many."""
    if one.exists() and two.exists():
        return one.is_file() and one.samefile(two)
    return one.resolve() == two.resolve()
