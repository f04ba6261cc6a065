"""The loop that README shows is the one that runs, and the board tells each notice by the ways of its kind."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

import pytest

import coach
from coach.app.loop import NoticeBoard, loop
from coach.core.notices import WAYS, Notice, NoticeKind, Word
from coach.languages import load_words

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


ENGLISH = load_words("en")


class Ears:
    """Where a board tells."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.printed: list[str] = []
        self.board = NoticeBoard(
            ENGLISH,
            "imperial",
            say=self.said.append,
            keep=lambda notice, text: self.kept.append((notice.kind, text)),
            print=lambda _notice, text: self.printed.append(text),
        )


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_takes_the_ways_of_its_row_and_no_other(kind: NoticeKind) -> None:
    ears = Ears()
    ears.board.tell(Notice(kind, "screen.slept", "3600 s"))
    words, whole = "computer slept, on we go", "computer slept, on we go: 3600 s"
    ways = WAYS[kind]
    assert ears.board.shown() == (((kind, whole if ways.detail else words),) if ways.shown else ())
    assert ears.said == ([words] if ways.said else []), "the voice says no more than the words"
    assert ears.printed == ([whole] if ways.printed else [])
    assert ears.kept == ([(str(kind), whole)] if ways.kept else [])


def test_every_kind_has_its_row() -> None:
    assert set(WAYS) == set(NoticeKind)


def test_a_notice_without_words_is_only_kept() -> None:
    ears = Ears()
    ears.board.tell(Notice(NoticeKind.SOURCE_LOST))
    assert (ears.kept, ears.said, ears.printed, ears.board.shown()) == ([("source_lost", "")], [], [], ())


def test_what_was_shown_is_not_shown_again() -> None:
    ears = Ears()
    ears.board.tell(Notice(NoticeKind.WINDOW, "screen.window_lost"))
    assert ears.board.shown() == ((NoticeKind.WINDOW, "window gone, on we go"),)
    assert ears.board.shown() == ()


def test_values_are_words_or_speeds_in_the_runners_units() -> None:
    values = (("given", Word("belt.given.manual")), ("speed", 10 * 0.44704), ("seen", 8 * 0.44704))
    notice = Notice(NoticeKind.BELT_SPEED, "belt.disagrees", Word("belt.wrong_unit"), values)
    said = "you typed 10.0 mph, the picture says 8.0 mph"
    assert notice.text(ENGLISH, "imperial", detail=False) == said
    assert notice.text(ENGLISH, "imperial") == f"{said}: set treadmill.unit, it seems to mix km and miles"
    assert notice.text(ENGLISH, "metric", detail=False) == "you typed 16.1 km/h, the picture says 12.9 km/h"
