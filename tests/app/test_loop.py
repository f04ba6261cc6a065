"""The loop that README and package show is the code itself."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

import coach
from coach.app.loop import loop

README = Path(__file__).parents[2] / "README.md"


def lines(code: str) -> list[str]:
    """Code as it is compared: without blank lines, what stands before a comment evened out."""
    return [re.sub(r"\s+#", "  #", line).rstrip() for line in textwrap.dedent(code).splitlines() if line.strip()]


def the_code() -> list[str]:
    source = textwrap.dedent(inspect.getsource(loop))
    body = source[source.index("    for frame in") :]
    return lines("\n".join(line for line in body.splitlines() if "# fmt:" not in line))


def test_the_readme_shows_the_loop_as_it_is() -> None:
    block = re.search(r"```python\n(for frame in .*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert lines(block[1]) == the_code()


def test_the_package_shows_the_loop_as_it_is() -> None:
    assert coach.__doc__ is not None
    block = re.search(r"^    for frame in .*?(?=^`Coach`)", coach.__doc__, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert lines(block[0]) == the_code()
