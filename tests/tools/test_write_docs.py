"""Pages of docs that are made from the code say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.write_docs import generated

PAGES = generated()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_generated_is_what_stands_there(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path], "run `python -m tools.write_docs`"
