"""The house keeps its shape: files of a readable size, and no name that stands for two of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "coach"
MODULES = [path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")]
MOST_LINES = 400


def test_no_file_name_stands_for_two_files() -> None:
    assert [name for name, n in Counter(path.name for path in MODULES).items() if n > 1] == []


def test_no_file_is_longer_than_can_be_read_in_one_go() -> None:
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert len(lines) > 100
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}
